/* anser_search, every function: models against the formula's own check, one seed one search, the order of calls, buffers,
 * budgets, assignments in and out; what is refused, and that a refusal changes nothing. */
#include "check.h"

#include <math.h>

static anser_search *new_search(const anser_formula *formula, const anser_search_options *options) {
  anser_search *made = NULL;
  OK(anser_search_new(formula, options, NULL, &made));
  return made;
}
static int32_t run(anser_search *s, const anser_budget *budget) {
  int32_t end = 77;
  OK(anser_search_run(s, budget, &end));
  return end;
}
static int32_t step(anser_search *s, uint64_t flips) {
  int32_t end = 77;
  OK(anser_search_step(s, flips, NULL, &end));
  return end;
}
static int32_t reason_of(const anser_search *s) {
  int32_t reason = 77;
  OK(anser_search_get_stop_reason(s, &reason));
  return reason;
}
static anser_search_statistics statistics_of(const anser_search *s) {
  anser_search_statistics all = ANSER_SEARCH_STATISTICS_INIT;
  OK(anser_search_get_statistics(s, &all));
  return all;
}
static bool is_model(const anser_formula *formula, const int8_t *values, size_t n) {
  int32_t satisfied = 77;
  OK(anser_formula_check(formula, values, n, &satisfied, NULL));
  return satisfied == 1;
}

static void made_and_freed(void) {
  anser_formula *formula = random_3sat(20, 60, 1);
  anser_search *s = (anser_search *)(void *)&s;
  NULL_ARGUMENT(anser_search_new(NULL, NULL, NULL, &s), "formula");
  CHECK(s == NULL);
  NULL_ARGUMENT(anser_search_new(formula, NULL, NULL, NULL), "out_search");
  anser_search_free(NULL);
  s = new_search(formula, NULL);
  anser_formula_free(formula);
  CHECK(run(s, NULL) == ANSER_SEARCH_END_MODEL); /* the formula is shared inside */
  anser_search_free(s);
}

static void null_arguments(void) {
  anser_formula *formula = random_3sat(20, 60, 1);
  anser_search *s = new_search(formula, NULL);
  int32_t i = 77;
  int8_t values[20] = {77};
  double numbers[1] = {77};
  size_t n = 77;
  anser_search_statistics statistics = ANSER_SEARCH_STATISTICS_INIT;
  NULL_ARGUMENT(anser_search_run(NULL, NULL, &i), "search");
  NULL_ARGUMENT(anser_search_run(s, NULL, NULL), "out_end");
  NULL_ARGUMENT(anser_search_step(NULL, 1, NULL, &i), "search");
  NULL_ARGUMENT(anser_search_step(s, 1, NULL, NULL), "out_end");
  NULL_ARGUMENT(anser_search_num_vars(NULL, &n, &n), "search");
  NULL_ARGUMENT(anser_search_num_vars(s, NULL, &n), "out_vars");
  NULL_ARGUMENT(anser_search_get_model(NULL, values, 20), "search");
  STATE(anser_search_get_model(s, values, 20), "no model");
  STATE(anser_search_get_numbers(s, numbers, 1), "no model");
  STATE(anser_search_get_best(s, values, 20, NULL), "not begun");
  NULL_ARGUMENT(anser_search_set_assignment(NULL, 0, values, 20), "search");
  NULL_ARGUMENT(anser_search_set_assignment(s, 0, NULL, 20), "values");
  INVALID(anser_search_set_assignment(s, 0, values, 19), "num_values: 19", "20");
  INVALID(anser_search_set_assignment(s, 1, values, 20), "walker 1", "there are 1");
  NULL_ARGUMENT(anser_search_get_statistics(NULL, &statistics), "search");
  NULL_ARGUMENT(anser_search_get_statistics(s, NULL), "out_statistics");
  NULL_ARGUMENT(anser_search_get_stop_reason(NULL, &i), "search");
  NULL_ARGUMENT(anser_search_get_stop_reason(s, NULL), "out_reason");
  CHECK(run(s, NULL) == ANSER_SEARCH_END_MODEL);
  NULL_ARGUMENT(anser_search_get_model(s, NULL, 20), "out_values");
  SHORT(anser_search_get_model(s, values, 19), "num_values: 19", "20 are needed");
  NULL_ARGUMENT(anser_search_get_best(s, NULL, 20, NULL), "out_values");
  NULL_ARGUMENT(anser_search_get_best(NULL, values, 20, NULL), "search");
  NULL_ARGUMENT(anser_search_get_numbers(NULL, numbers, 1), "search");
  SHORT(anser_search_get_best(s, values, 19, NULL), "num_values: 19", "20 are needed");
  OK(anser_search_get_numbers(s, NULL, 0));
  OK(anser_search_num_vars(s, &n, NULL));
  CHECK(n == 20);
  anser_search_free(s);
  anser_formula_free(formula);
}

static void options_are_checked(void) {
  anser_formula *formula = random_3sat(20, 60, 1);
  anser_search *s = NULL;
  anser_search_options fine = ANSER_SEARCH_OPTIONS_INIT, wrong = fine;
#define WRONG(field, value, needle)                                         \
  do {                                                                      \
    wrong = fine;                                                           \
    wrong.field = (value);                                                  \
    INVALID(anser_search_new(formula, &wrong, NULL, &s), needle, "");       \
    CHECK(s == NULL);                                                       \
  } while (0)
  WRONG(method, -1, "method -1");
  WRONG(method, 4, "method 4");
  WRONG(threads, 257, "threads 257");
  WRONG(walkers, SIZE_MAX, "walkers");
  WRONG(has_walk, 2, "has_walk 2");
  WRONG(reserved, 1, "reserved 1");
  fine.has_walk = 1;
  WRONG(walk, -0.5, "walk");
  WRONG(walk, 1.5, "walk");
  WRONG(walk, (double)NAN, "walk");
  wrong = fine;
  wrong.struct_size = 71;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_search_new(formula, &wrong, NULL, &s), "71", "72");
  wrong = fine;
  WRONG(temperature, 0.5, "temperature");
  fine.walk = 0;
  fine.method = ANSER_SEARCH_WALKSAT;
  s = new_search(formula, &fine);
  CHECK(step(s, 30) != ANSER_SEARCH_END_UNKNOWN && statistics_of(s).walk == 0);
  anser_search_free(s);
  anser_formula_free(formula);
}

static void models(void) {
  for (int method = ANSER_SEARCH_PROBSAT; method <= ANSER_SEARCH_DDFW; method++) {
    anser_formula *formula = random_3sat(60, 220, (uint64_t)method + 3);
    anser_search_options options = ANSER_SEARCH_OPTIONS_INIT;
    int8_t values[60], other[60];
    options.method = method;
    options.walkers = 4;
    options.seed = 11;
    anser_search *s = new_search(formula, &options);
    options.threads = 3;
    anser_search *t = new_search(formula, &options);
    CHECK(run(s, NULL) == ANSER_SEARCH_END_MODEL && run(t, NULL) == ANSER_SEARCH_END_MODEL);
    CHECK(reason_of(s) == ANSER_STOP_REASON_SOLVED);
    OK(anser_search_get_model(s, values, 60));
    OK(anser_search_get_model(t, other, 60));
    CHECK(is_model(formula, values, 60) && memcmp(values, other, 60) == 0);
    anser_search_statistics a = statistics_of(s), b = statistics_of(t);
    CHECK(memcmp(&a, &b, sizeof a) == 0 && a.tries >= 4 && a.flips == a.walk + a.upwards + a.sideways + a.downwards);
    uint64_t violated = 77;
    OK(anser_search_get_best(s, other, 60, &violated));
    CHECK(violated == 0 && is_model(formula, other, 60));
    CHECK(run(s, NULL) == ANSER_SEARCH_END_MODEL && statistics_of(s).flips == a.flips); /* it stays */
    anser_search_free(s);
    anser_search_free(t);
    anser_formula_free(formula);
  }
}

/* Every kind of constraint, and an integer. */
static void mixed(void) {
  anser_formula *formula = new_formula();
  const int32_t all[6] = {1, 2, 3, 4, 5, -6};
  const int64_t weights[6] = {5, 4, 3, 2, 1, 1};
  OK(anser_formula_ensure_vars(formula, 6));
  ADD(formula, 1, -2);
  OK(anser_formula_add_xor(formula, all, 5, 1, NULL));
  OK(anser_formula_add_cardinality(formula, all, 6, 3, ANSER_CONDITION_PLAIN, 0, NULL));
  OK(anser_formula_add_pseudo_boolean(formula, all, weights, 6, 9, ANSER_CONDITION_IMPLIED, 6, NULL));
  uint32_t number = 77;
  OK(anser_formula_new_integer(formula, -3, 9, &number));
  anser_search *s = new_search(formula, NULL);
  size_t vars = 77, numbers = 77;
  OK(anser_search_num_vars(s, &vars, &numbers));
  CHECK(vars == 6 && numbers == 1);
  CHECK(run(s, NULL) == ANSER_SEARCH_END_MODEL);
  int8_t values[6];
  double integer[1] = {77};
  OK(anser_search_get_model(s, values, 6));
  OK(anser_search_get_numbers(s, integer, 1));
  int32_t satisfied = 77;
  OK(anser_formula_check_with_numbers(formula, values, 6, integer, 1, &satisfied, NULL));
  CHECK(satisfied == 1 && integer[0] >= -3 && integer[0] <= 9 && floor(integer[0]) == integer[0]);
  anser_search_free(s);
  anser_search_options options = ANSER_SEARCH_OPTIONS_INIT;
  options.method = ANSER_SEARCH_DDFW;
  FAILS(ANSER_STATUS_UNSUPPORTED, anser_search_new(formula, &options, NULL, &s), "clauses only", "encode");
  OK(anser_formula_new_real(formula, 0, 1, &number));
  FAILS(ANSER_STATUS_UNSUPPORTED, anser_search_new(formula, NULL, NULL, &s), "number 1", "");
  CHECK(s == NULL);
  anser_formula_free(formula);
}

static void no_model(void) {
  anser_formula *formula = pigeons(3);
  anser_search_options options = ANSER_SEARCH_OPTIONS_INIT;
  options.flips = 100;
  options.tries = 5;
  options.walkers = 2;
  anser_search *s = new_search(formula, &options);
  CHECK(step(s, 10) == ANSER_SEARCH_END_OVER && statistics_of(s).flips == 20);
  CHECK(run(s, NULL) == ANSER_SEARCH_END_OVER && run(s, NULL) == ANSER_SEARCH_END_OVER);
  CHECK(statistics_of(s).flips == 1000 && statistics_of(s).tries == 10);
  int8_t best[12];
  uint64_t violated = 0;
  OK(anser_search_get_best(s, best, 12, &violated));
  CHECK(violated == 1 && !is_model(formula, best, 12));
  STATE(anser_search_get_model(s, best, 12), "no model");
  anser_search_free(s);
  OK(anser_formula_add_clause(formula, NULL, 0, NULL));
  s = new_search(formula, &options);
  CHECK(run(s, NULL) == ANSER_SEARCH_END_REFUTED && reason_of(s) == ANSER_STOP_REASON_SOLVED);
  anser_search_free(s);
  anser_formula_free(formula);
}

static void budgets(void) {
  anser_formula *formula = pigeons(6);
  anser_search *s = new_search(formula, NULL), *t = NULL;
  anser_budget *budget = new_budget();
  OK(anser_budget_set_work_limit(budget, 1000));
  CHECK(run(s, budget) == ANSER_SEARCH_END_UNKNOWN && reason_of(s) == ANSER_STOP_REASON_WORK);
  CHECK(statistics_of(s).flips >= 1000);
  anser_budget_free(budget);
  budget = new_budget();
  anser_interrupt *token = NULL;
  OK(anser_interrupt_new(&token));
  OK(anser_budget_set_interrupt(budget, token));
  anser_interrupt_trigger(token);
  CHECK(run(s, budget) == ANSER_SEARCH_END_UNKNOWN && reason_of(s) == ANSER_STOP_REASON_INTERRUPTED);
  FAILS(ANSER_STATUS_STOPPED, anser_search_new(formula, NULL, budget, &t), "interrupted", "");
  anser_interrupt_free(token);
  anser_budget_free(budget);
  budget = new_budget();
  OK(anser_budget_set_memory_limit(budget, 1000));
  FAILS(ANSER_STATUS_OUT_OF_MEMORY, anser_search_new(formula, NULL, budget, &t), "1000", "");
  CHECK(t == NULL);
  anser_budget_free(budget);
  budget = new_budget();
  OK(anser_budget_set_time_limit(budget, 0.02));
  double begin = now();
  CHECK(run(s, budget) == ANSER_SEARCH_END_UNKNOWN && reason_of(s) == ANSER_STOP_REASON_TIME);
  CHECK(now() - begin < 20);
  anser_budget_free(budget);
  budget = new_budget();
  struct host host = {.answer = 5, .answer_after = 3};
  anser_progress_callback callback = ANSER_PROGRESS_CALLBACK_INIT;
  callback.user_data = &host;
  callback.report = host_report;
  OK(anser_budget_set_progress(budget, &callback, 0));
  CHECK(run(s, budget) == ANSER_SEARCH_END_UNKNOWN && reason_of(s) == ANSER_STOP_REASON_CALLBACK);
  CHECK(host.calls == 4 && host.last.phase == ANSER_PHASE_SEARCH && host.last.done >= 1000);
  anser_budget_free(budget);
  anser_search_free(s);
  anser_formula_free(formula);
}

/* What is set is where the next try begins. */
static void assignments(void) {
  anser_formula *formula = random_3sat(50, 200, 9);
  anser_search *s = new_search(formula, NULL);
  int8_t values[50], found[50];
  CHECK(run(s, NULL) == ANSER_SEARCH_END_MODEL);
  OK(anser_search_get_model(s, values, 50));
  anser_search_free(s);
  anser_search_options options = ANSER_SEARCH_OPTIONS_INIT;
  options.walkers = 2;
  options.seed = 4;
  s = new_search(formula, &options);
  OK(anser_search_set_assignment(s, 1, values, 50));
  CHECK(step(s, 1) == ANSER_SEARCH_END_MODEL && statistics_of(s).flips <= 1);
  OK(anser_search_get_model(s, found, 50));
  CHECK(memcmp(values, found, 50) == 0);
  OK(anser_search_set_assignment(s, 1, values, 50));
  STATE(anser_search_get_model(s, found, 50), "no model");
  anser_search_free(s);
  anser_formula_free(formula);
}

int main(void) {
  RUN(made_and_freed);
  RUN(null_arguments);
  RUN(options_are_checked);
  RUN(models);
  RUN(mixed);
  RUN(no_model);
  RUN(budgets);
  RUN(assignments);
  return report();
}
