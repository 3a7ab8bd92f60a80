/* anser_interrupt, every function: from a signal handler, sticky, reference counted. */
#include "check.h"

#include <signal.h>
#include <sys/time.h>

static anser_interrupt *token;

static void made_and_freed(void) {
  anser_interrupt *one = (anser_interrupt *)(void *)&one;
  OK(anser_interrupt_new(&one));
  CHECK(one != NULL && anser_interrupt_is_triggered(one) == 0);
  anser_interrupt_free(one);
  anser_interrupt_free(NULL);
  NULL_ARGUMENT(anser_interrupt_new(NULL), "out_interrupt");
  NULL_ARGUMENT(anser_interrupt_reset(NULL), "interrupt");
  anser_interrupt_trigger(NULL);
  CHECK(anser_interrupt_is_triggered(NULL) == 0);
}

static void sticky_until_reset(void) {
  OK(anser_interrupt_new(&token));
  NULL_ARGUMENT(anser_interrupt_new(NULL), "out_interrupt");
  anser_interrupt_trigger(token);
  CHECK(anser_interrupt_is_triggered(token) == 1 && anser_last_error()[0] != 0); /* the slot stays */
  anser_interrupt_trigger(token);
  CHECK(anser_interrupt_is_triggered(token) == 1);
  OK(anser_interrupt_reset(token));
  CHECK(anser_interrupt_is_triggered(token) == 0);
  OK(anser_interrupt_reset(token));

  anser_formula *formula = pigeons(4);
  anser_solver *solver = new_solver(formula);
  anser_budget *budget = new_budget();
  int32_t result = 77, reason = 77;
  OK(anser_budget_set_interrupt(budget, token));
  anser_interrupt_trigger(token);
  for (int i = 0; i < 3; i++) {
    OK(anser_solver_solve(solver, NULL, 0, budget, &result));
    OK(anser_solver_get_stop_reason(solver, &reason));
    CHECK(result == ANSER_RESULT_UNKNOWN && reason == ANSER_STOP_REASON_INTERRUPTED);
  }
  OK(anser_interrupt_reset(token));
  OK(anser_solver_solve(solver, NULL, 0, budget, &result));
  OK(anser_solver_get_stop_reason(solver, &reason));
  CHECK(result == ANSER_RESULT_UNSAT && reason == ANSER_STOP_REASON_SOLVED);
  /* Freed before the budget, which goes on with it; its state lives on. */
  anser_interrupt_trigger(token);
  anser_interrupt_free(token);
  OK(anser_solver_solve(solver, NULL, 0, budget, &result));
  CHECK(result == ANSER_RESULT_UNKNOWN);
  OK(anser_budget_set_interrupt(budget, NULL));
  OK(anser_solver_solve(solver, NULL, 0, budget, &result));
  CHECK(result == ANSER_RESULT_UNSAT);
  anser_budget_free(budget);
  anser_solver_free(solver);
  anser_formula_free(formula);
}

static void one_token_for_many_budgets(void) {
  anser_formula *formula = pigeons(4);
  anser_budget *budgets[3];
  OK(anser_interrupt_new(&token));
  for (int i = 0; i < 3; i++) {
    budgets[i] = new_budget();
    OK(anser_budget_set_interrupt(budgets[i], token));
    OK(anser_budget_set_interrupt(budgets[i], token));
  }
  anser_interrupt_trigger(token);
  for (int i = 0; i < 3; i++) {
    anser_solver *solver = new_solver(formula);
    int32_t result = 77;
    OK(anser_solver_solve(solver, NULL, 0, budgets[i], &result));
    CHECK(result == ANSER_RESULT_UNKNOWN);
    anser_solver_free(solver);
    anser_budget_free(budgets[i]);
  }
  anser_interrupt_free(token); /* after the budgets */
  anser_formula_free(formula);
}

static void on_alarm(int signal) {
  (void)signal;
  anser_interrupt_trigger(token);
  if (!anser_interrupt_is_triggered(token)) _exit(98);
}

static void from_a_signal_handler(void) {
  struct sigaction before, now_, action;
  anser_formula *formula = pigeons(12);
  anser_solver *solver = new_solver(formula);
  anser_budget *budget = new_budget();
  OK(anser_interrupt_new(&token));
  OK(anser_budget_set_interrupt(budget, token));
  memset(&action, 0, sizeof action);
  action.sa_handler = on_alarm;
  CHECK(sigaction(SIGALRM, &action, &before) == 0);
  for (int i = 0; i < 3; i++) {
    int32_t result = 77, reason = 77;
    struct itimerval timer = {{0, 0}, {0, 50000}};
    OK(anser_interrupt_reset(token));
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
    double begin = now();
    OK(anser_solver_solve(solver, NULL, 0, budget, &result));
    OK(anser_solver_get_stop_reason(solver, &reason));
    CHECK(result == ANSER_RESULT_UNKNOWN && reason == ANSER_STOP_REASON_INTERRUPTED);
    CHECK(now() - begin < 20);
  }
  /* The library installs no handler of its own: this one is still there, the others are the defaults. */
  CHECK(sigaction(SIGALRM, &before, &now_) == 0 && now_.sa_handler == on_alarm);
  static const int signals[] = {SIGINT, SIGTERM, SIGSEGV, SIGABRT, SIGBUS, SIGXCPU, SIGUSR1};
  for (size_t i = 0; i < COUNT(signals); i++) {
#ifdef __SANITIZE_ADDRESS__
    if (signals[i] == SIGSEGV || signals[i] == SIGBUS) continue; /* the sanitizer's own */
#endif
    CHECK(sigaction(signals[i], NULL, &now_) == 0 && now_.sa_handler == SIG_DFL);
  }
  anser_budget_free(budget);
  anser_interrupt_free(token);
  anser_solver_free(solver);
  anser_formula_free(formula);
}

int main(void) {
  RUN(made_and_freed);
  RUN(sticky_until_reset);
  RUN(one_token_for_many_budgets);
  RUN(from_a_signal_handler);
  return report();
}
