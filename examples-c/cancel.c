/*
 * cancel: ends a search from another thread, or from a signal handler.
 *
 * What it shows: anser_interrupt, which any thread and any signal handler may trigger; that being interrupted is no
 * error; that the solver goes on afterwards; and how long it takes a search to come back.
 *
 *   cc -std=c11 -pthread cancel.c -o cancel $(pkg-config --cflags --libs anser)
 *   ./cancel [SECONDS]            a second thread triggers the token after SECONDS (0.5)
 *   ./cancel --sigint [SECONDS]   Ctrl-C triggers it; without one the time limit does, after SECONDS (60)
 *
 * The instance says that 12 pigeons fit into 11 holes, each into its own. It is unsatisfiable, and clause learning
 * takes very long to see it.
 *
 * What it prints: why the search ended, after how many conflicts, and after how long, as in
 *
 *   solving (12 pigeons, 11 holes)
 *   ANSER_RESULT_UNKNOWN, ANSER_STOP_REASON_INTERRUPTED after 0.501 s and 9911 conflicts; back 0.312 ms after the trigger
 *   again, from where it was: ANSER_RESULT_UNKNOWN, ANSER_STOP_REASON_CONFLICTS after 10011 conflicts
 *
 * It exits with 0, with 1 after an error, and with 3 should the search have ended in another way than it was told to.
 */
#define _POSIX_C_SOURCE 200809L /* for sigaction, nanosleep and clock_gettime */

#include <anser.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PIGEONS = 12, HOLES = PIGEONS - 1 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Ends the program where a call failed. A real host would free its handles and go on. */
static void must(anser_status status) {
  if (status != ANSER_STATUS_OK) {
    fprintf(stderr, "%s: %s\n", anser_status_name(status), anser_last_error());
    exit(1);
  }
}

static int32_t in(int pigeon, int hole) { return pigeon * HOLES + hole + 1; }

/* The clauses in one array with offsets: one call adds them all. */
static anser_formula *pigeonhole(void) {
  enum { PAIRS = HOLES * PIGEONS * (PIGEONS - 1) / 2, CLAUSES = PIGEONS + PAIRS, LITERALS = PIGEONS * HOLES + 2 * PAIRS };
  int32_t literals[LITERALS];
  size_t offsets[CLAUSES + 1];
  size_t length = 0;
  size_t clauses = 0;
  offsets[0] = 0;
  for (int p = 0; p < PIGEONS; p++) { /* every pigeon is in some hole */
    for (int h = 0; h < HOLES; h++) {
      literals[length++] = in(p, h);
    }
    offsets[++clauses] = length;
  }
  for (int h = 0; h < HOLES; h++) { /* no two are in the same one */
    for (int p = 0; p < PIGEONS; p++) {
      for (int q = p + 1; q < PIGEONS; q++) {
        literals[length++] = -in(p, h);
        literals[length++] = -in(q, h);
        offsets[++clauses] = length;
      }
    }
  }
  anser_formula *formula = NULL;
  must(anser_formula_new(&formula));
  must(anser_formula_add_clauses(formula, literals, length, offsets, clauses, NULL));
  return formula;
}

/* What the second thread is given. The token may be freed by its owner meanwhile only if nobody triggers it later: here
   main() joins the thread first. */
struct trigger {
  const anser_interrupt *token;
  double after;
  double at; /* when it was triggered; read after the join */
};

static void *trigger_later(void *argument) {
  struct trigger *t = argument;
  struct timespec wait = {(time_t)t->after, 0};
  wait.tv_nsec = (long)(1e9 * (t->after - (double)wait.tv_sec));
  nanosleep(&wait, NULL);
  t->at = now();
  anser_interrupt_trigger(t->token);
  return NULL;
}

/* What the handler needs: the token, in a lock-free atomic, as a handler may touch nothing else. */
static _Atomic(anser_interrupt *) on_signal;

static void handle_signal(int number) {
  (void)number;
  anser_interrupt_trigger(atomic_load(&on_signal)); /* async-signal-safe: one atomic store */
}

static int64_t conflicts_of(const anser_solver *solver) {
  int64_t conflicts = 0;
  must(anser_solver_get_statistic(solver, "conflicts", &conflicts));
  return conflicts;
}

/* Prints how the last solve ended, in the library's own names, and answers why. */
static anser_stop_reason tell(const anser_solver *solver, anser_result result) {
  anser_stop_reason reason = ANSER_STOP_REASON_SOLVED;
  must(anser_solver_get_stop_reason(solver, &reason));
  printf("%s, %s", anser_result_name(result), anser_stop_reason_name(reason));
  return reason;
}

int main(int argc, char **argv) {
  const int by_signal = argc > 1 && strcmp(argv[1], "--sigint") == 0;
  const char *seconds_text = argc > 1 + by_signal ? argv[1 + by_signal] : by_signal ? "60" : "0.5";
  char *end = NULL;
  const double seconds = strtod(seconds_text, &end);
  if (end == seconds_text || *end != '\0' || !(seconds >= 0.0 && seconds < 1e6) || argc > 2 + by_signal) {
    fputs("usage: cancel [--sigint] [SECONDS]\n", stderr);
    return 1;
  }

  anser_formula *formula = pigeonhole();
  anser_solver *solver = NULL;
  must(anser_solver_new(formula, &solver));
  anser_formula_free(formula); /* the solver keeps what it needs */

  anser_interrupt *token = NULL;
  anser_budget *budget = NULL;
  must(anser_interrupt_new(&token));
  must(anser_budget_new(&budget));
  must(anser_budget_set_interrupt(budget, token));

  struct trigger trigger = {token, seconds, 0.0};
  pthread_t thread;
  if (by_signal) {
    must(anser_budget_set_time_limit(budget, seconds));
    atomic_store(&on_signal, token); /* first the token, then the handler */
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handle_signal;
    action.sa_flags = (int)(SA_RESTART | SA_RESETHAND); /* a second Ctrl-C ends the program */
    sigaction(SIGINT, &action, NULL);
  } else if (pthread_create(&thread, NULL, trigger_later, &trigger) != 0) {
    fputs("no thread could be started\n", stderr);
    return 1;
  }

  printf("solving (%d pigeons, %d holes)%s\n", PIGEONS, HOLES, by_signal ? ": press Ctrl-C" : "");
  fflush(stdout);
  const double start = now();
  anser_result result = ANSER_RESULT_UNKNOWN;
  must(anser_solver_solve(solver, NULL, 0, budget, &result));
  const double back = now();
  const anser_stop_reason reason = tell(solver, result);
  printf(" after %.3f s and %lld conflicts", back - start, (long long)conflicts_of(solver));
  if (by_signal) {
    atomic_store(&on_signal, NULL); /* the token goes soon; triggering NULL does nothing */
    puts("");
  } else {
    pthread_join(thread, NULL);
    printf("; back %.3f ms after the trigger\n", 1e3 * (back - trigger.at));
  }
  const int as_told = result == ANSER_RESULT_UNKNOWN &&
                      (reason == ANSER_STOP_REASON_INTERRUPTED || (by_signal && reason == ANSER_STOP_REASON_TIME));

  /* The token is sticky: until it is reset it ends every call that is given it. The solver has kept what it learned. */
  must(anser_interrupt_reset(token));
  must(anser_budget_set_conflict_limit(budget, 100));
  must(anser_solver_solve(solver, NULL, 0, budget, &result));
  printf("again, from where it was: ");
  tell(solver, result);
  printf(" after %lld conflicts\n", (long long)conflicts_of(solver));

  anser_budget_free(budget);
  anser_interrupt_free(token);
  anser_solver_free(solver);
  return as_told ? 0 : 3;
}
