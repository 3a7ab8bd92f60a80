/*
 * scorer_cpu: a local search whose scores come from this program, which is all that a host needs, without a device.
 *
 * What it shows: anser_scorer, answered at once (no `collect`) and without a copy of anything (ANSER_SCORER_FULL_BITS);
 * anser_search_new_with_scorers; answers written down and replayed, by scorer_recorder.h; an interrupt from Ctrl-C.
 *
 *   cc -std=c11 scorer_cpu.c -o scorer_cpu $(pkg-config --cflags --libs anser)
 *   ./scorer_cpu [--walkers B] [--seed S] [--record LOG | --replay LOG] FILE.cnf
 *
 * --walkers B searches from so many assignments side by side (8), of which a call asks about as many as need an answer.
 * --record LOG writes down what is answered, 4 bytes a variable each time. --replay LOG answers that again, and computes
 * nothing: the file, the walkers and the seed have to be the same, and the log one of a run that came to its end.
 *
 * The score of a variable is how many clauses a flip of it would make true, less those that it would make false. Random
 * steps in between, half of all, are the library's. A device would compute the same, or what a network says, for all rows
 * at once: see scorer_async.cpp. The file may be plain, or compressed by gzip or xz; it has to have clauses only.
 *
 * What it prints:
 *
 *   c 442 flips, 232 answers in 29 calls
 *   s SATISFIABLE
 *   v -1 2 3 -4 ... 0
 *
 * or `s UNKNOWN` after 10 seconds or Ctrl-C, or `s UNSATISFIABLE` where a clause is empty, and in a replay only the flips.
 * It exits with 10, 0 or 20 in this order, and with 1 after an error.
 */
#include <anser.h>

#include "scorer_recorder.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static anser_interrupt *token;
static void on_signal(int number) {
  (void)number;
  anser_interrupt_trigger(token); /* all that it does is safe in a signal handler */
}

/* ---- The host ---- */

struct host {
  const anser_graph *graph; /* stays where it is */
  uint64_t rows, calls;
};

static int32_t plan(void *data, anser_scorer_plan *p) {
  (void)data;
  p->output = ANSER_SCORER_SCORES;
  p->dtype = ANSER_ELEMENT_TYPE_F32;
  p->bit_order = ANSER_BIT_ORDER_WALKER_MAJOR;
  p->flags = ANSER_SCORER_FULL_BITS | ANSER_SCORER_DETERMINISTIC;
  return 0;
}

static int32_t prepare(void *data, const anser_graph *graph, const anser_scorer_plan *p, const anser_batch *slots,
                       uint32_t num_slots) {
  (void)p, (void)slots, (void)num_slots;
  ((struct host *)data)->graph = graph;
  return graph->kinds != NULL; /* not all are clauses. Anything but 0 ends the call, with the text below */
}

static const char *error_text(void *data) {
  (void)data;
  return "this host knows clauses only";
}

static uint64_t row_begin(const anser_csr *matrix, uint64_t row) {
  return matrix->offset_bits == 32 ? ((const uint32_t *)matrix->offsets)[row] : ((const uint64_t *)matrix->offsets)[row];
}

/* The scores of all variables in an assignment. */
static void score(const anser_graph *graph, const uint32_t *bits, float *scores) {
  const anser_csr *clauses = &graph->con_to_lit;
  for (uint64_t v = 0; v < graph->num_vars; v++) scores[v] = 0;
  for (uint64_t c = 0, end = 0; c < clauses->num_rows; c++) {
    const uint64_t begin = end;
    uint32_t num_true = 0, last = 0;
    end = row_begin(clauses, c + 1);
    for (uint64_t e = begin; e < end; e++) {
      const uint32_t literal = clauses->columns[e], v = literal / 2;
      if ((bits[v / 32] >> v % 32 & 1) != (literal & 1)) {
        num_true++;
        last = v;
      }
    }
    if (num_true == 1) scores[last]--; /* nothing else makes it true */
    for (uint64_t e = begin; num_true == 0 && e < end; e++) scores[clauses->columns[e] / 2]++;
  }
}

/* Walkers that need an answer, one a row. */
static int32_t submit(void *data, const anser_batch *batch) {
  struct host *host = data;
  for (uint32_t row = 0; row < batch->size; row++) {
    const uint32_t *bits = batch->bits + batch->walkers[row] * batch->bits_stride;
    score(host->graph, bits, (float *)(void *)((char *)batch->out + row * batch->out_stride));
  }
  host->rows += batch->size;
  host->calls++;
  return 0;
}

/* ---- The program ---- */

/* What was asked for. */
struct arguments {
  uint64_t walkers, seed;
  const char *log, *file;
  int is_replay;
};

static int number(const char *text, uint64_t most, uint64_t *out) {
  char *end = NULL;
  errno = 0;
  const unsigned long long value = strtoull(text, &end, 10);
  *out = value;
  return isdigit((unsigned char)*text) && *end == '\0' && errno == 0 && value <= most;
}

/* 0 where they cannot be understood. */
static int understand(int argc, char **argv, struct arguments *out) {
  *out = (struct arguments){8, 0, NULL, NULL, 0};
  int i = 1;
  for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
    const char *value = argv[i + 1];
    const int is_replay = strcmp(argv[i], "--replay") == 0;
    if (strcmp(argv[i], "--walkers") == 0) {
      if (!number(value, 1 << 20, &out->walkers) || out->walkers == 0) return 0;
    } else if (strcmp(argv[i], "--seed") == 0) {
      if (!number(value, UINT64_MAX, &out->seed)) return 0;
    } else if ((is_replay || strcmp(argv[i], "--record") == 0) && out->log == NULL) {
      out->log = value;
      out->is_replay = is_replay;
    } else {
      return 0;
    }
  }
  out->file = argv[i];
  return i + 1 == argc && strncmp(out->file, "--", 2) != 0;
}

/* In lines of at most 78 characters. */
static void print_model(const int8_t *model, size_t num_vars) {
  int column = printf("v");
  for (size_t v = 1; v <= num_vars + 1; v++) {
    char word[24];
    const int length = v > num_vars ? snprintf(word, sizeof word, " 0")
                                    : snprintf(word, sizeof word, " %s%zu", model[v - 1] > 0 ? "" : "-", v);
    if (column + length > 78) column = printf("\nv") - 1;
    column += printf("%s", word);
  }
  putchar('\n');
}

/* Tells what went wrong in the last call: where the host refused something, also which function, and its text. */
static int complain(anser_status status) {
  if (status == ANSER_STATUS_STOPPED) { /* while reading, say */
    printf("s UNKNOWN\n");
    return 0;
  }
  fprintf(stderr, "%s: %s\n", anser_status_name(status), anser_last_error());
  return 1;
}

#define TRY(call)                                \
  do {                                           \
    const anser_status s = (call);               \
    if (s != ANSER_STATUS_OK) {                  \
      exit_code = complain(s);                   \
      goto done;                                 \
    }                                            \
  } while (0)

int main(int argc, char **argv) {
  struct arguments arguments;
  if (!understand(argc, argv, &arguments)) {
    fprintf(stderr, "usage: scorer_cpu [--walkers B] [--seed S] [--record LOG | --replay LOG] FILE.cnf\n");
    return 1;
  }
  anser_budget *budget = NULL;
  anser_formula *formula = NULL;
  anser_search *search = NULL;
  FILE *log = NULL;
  int8_t *model = NULL;
  int exit_code = 1;
  TRY(anser_interrupt_new(&token));
  signal(SIGINT, on_signal);
  TRY(anser_budget_new(&budget));
  TRY(anser_budget_set_time_limit(budget, 10));
  TRY(anser_budget_set_interrupt(budget, token));
  TRY(anser_formula_read_dimacs(arguments.file, budget, &formula));

  struct host host = {NULL, 0, 0};
  anser_scorer scorer = ANSER_SCORER_INIT; /* what is NULL is not needed */
  scorer.user_data = &host;
  scorer.plan = plan;
  scorer.prepare = prepare;
  scorer.submit = submit;
  scorer.error_text = error_text;
  if (arguments.log) {
    log = fopen(arguments.log, arguments.is_replay ? "rb" : "wb");
    if (log == NULL) {
      perror(arguments.log);
      goto done;
    }
    const anser_scorer inner = scorer;
    if (arguments.is_replay ? scorer_replay(log, &scorer) : scorer_record(&inner, log, &scorer)) {
      fprintf(stderr, "%s: %s\n", arguments.log, arguments.is_replay ? "this is no log" : "no memory");
      goto done;
    }
  }

  anser_search_options options = ANSER_SEARCH_OPTIONS_INIT;
  options.walkers = (size_t)arguments.walkers;
  options.seed = arguments.seed;
  options.temperature = 0.2; /* of equally good variables any one, not the first; now and then one that is worse */
  const anser_scorer *scorers[] = {&scorer};
  TRY(anser_search_new_with_scorers(formula, &options, scorers, 1, budget, &search));
  anser_search_end end = ANSER_SEARCH_END_UNKNOWN;
  anser_search_statistics statistics = ANSER_SEARCH_STATISTICS_INIT;
  TRY(anser_search_run(search, budget, &end));
  TRY(anser_search_get_statistics(search, &statistics));
  printf("c %" PRIu64 " flips", statistics.flips);
  if (!arguments.is_replay) printf(", %" PRIu64 " answers in %" PRIu64 " calls", host.rows, host.calls);
  putchar('\n');

  if (end == ANSER_SEARCH_END_MODEL) {
    size_t num_vars = 0;
    TRY(anser_search_num_vars(search, &num_vars, NULL));
    model = malloc(num_vars + 1); /* one more, so that it is not empty */
    if (model == NULL) goto done;
    TRY(anser_search_get_model(search, model, num_vars));
    printf("s SATISFIABLE\n");
    print_model(model, num_vars);
    exit_code = 10;
  } else {
    const int is_refuted = end == ANSER_SEARCH_END_REFUTED;
    printf("s %s\n", is_refuted ? "UNSATISFIABLE" : "UNKNOWN");
    exit_code = is_refuted ? 20 : 0;
  }
done:
  anser_search_free(search); /* the log has to be open until then */
  if (log) {
    const int is_bad = ferror(log);
    if ((fclose(log) != 0 || is_bad) && !arguments.is_replay) {
      fprintf(stderr, "%s: it could not be written\n", arguments.log);
      exit_code = 1;
    }
  }
  free(model);
  anser_formula_free(formula);
  anser_budget_free(budget);
  anser_interrupt_free(token);
  return exit_code;
}
