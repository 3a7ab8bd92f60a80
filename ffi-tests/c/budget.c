/* anser_budget, every function: what it refuses, how it ends a search, and what a progress callback sees and may do. */
#include "check.h"

#include <math.h>

static void made_and_freed(void) {
  anser_budget *budget = (anser_budget *)(void *)&budget;
  OK(anser_budget_new(&budget));
  CHECK(budget != NULL);
  anser_budget_free(budget);
  anser_budget_free(NULL);
  NULL_ARGUMENT(anser_budget_new(NULL), "out_budget");
}

static void arguments(void) {
  anser_budget *budget = new_budget();
  NULL_ARGUMENT(anser_budget_set_time_limit(NULL, 1), "budget");
  NULL_ARGUMENT(anser_budget_set_work_limit(NULL, 1), "budget");
  NULL_ARGUMENT(anser_budget_set_conflict_limit(NULL, 1), "budget");
  NULL_ARGUMENT(anser_budget_set_memory_limit(NULL, 1), "budget");
  NULL_ARGUMENT(anser_budget_set_seed(NULL, 1), "budget");
  NULL_ARGUMENT(anser_budget_set_interrupt(NULL, NULL), "budget");
  NULL_ARGUMENT(anser_budget_set_progress(NULL, NULL, 1), "budget");
  static const double good[] = {0, -0.0, 1e-300, 1, 1e18, 1e300, INFINITY};
  for (size_t i = 0; i < COUNT(good); i++) OK(anser_budget_set_time_limit(budget, good[i]));
  INVALID(anser_budget_set_time_limit(budget, -1), "seconds", "-1");
  INVALID(anser_budget_set_time_limit(budget, -1e-300), "seconds", "-");
  INVALID(anser_budget_set_time_limit(budget, -INFINITY), "seconds", "-inf");
  INVALID(anser_budget_set_time_limit(budget, NAN), "seconds", "NaN");
  static const uint64_t numbers[] = {0, 1, UINT64_MAX / 2, UINT64_MAX - 1, UINT64_MAX};
  for (size_t i = 0; i < COUNT(numbers); i++) {
    OK(anser_budget_set_work_limit(budget, numbers[i]));
    OK(anser_budget_set_conflict_limit(budget, numbers[i]));
    OK(anser_budget_set_memory_limit(budget, numbers[i]));
    OK(anser_budget_set_seed(budget, numbers[i]));
  }
  OK(anser_budget_set_interrupt(budget, NULL));
  OK(anser_budget_set_progress(budget, NULL, NAN)); /* no callback: the time does not matter */
  anser_budget_free(budget);
}

/* Solves afresh and checks how it ended. */
static int64_t conflicts_at_end; /* of the last search of `stopped` */
static anser_stop_reason stopped(const anser_formula *formula, const anser_budget *budget, int32_t wanted,
                                 int32_t *code) {
  anser_solver *solver = new_solver(formula);
  int32_t result = 77, reason = 77;
  OK(anser_solver_solve(solver, NULL, 0, budget, &result));
  CHECK(result == wanted);
  OK(anser_solver_get_stop_reason(solver, &reason));
  if (code) OK(anser_solver_get_callback_code(solver, code));
  if (!code) STATE(anser_solver_get_callback_code(solver, &result), "callback");
  OK(anser_solver_get_statistic(solver, "conflicts", &conflicts_at_end));
  anser_solver_free(solver);
  return reason;
}

static void limits_end_a_search(void) {
  anser_formula *formula = pigeons(11);
  anser_budget *budget = new_budget();
  double begin = now();
  OK(anser_budget_set_time_limit(budget, 0));
  CHECK(stopped(formula, budget, ANSER_RESULT_UNKNOWN, NULL) == ANSER_STOP_REASON_TIME);
  OK(anser_budget_set_time_limit(budget, 0.2));
  CHECK(stopped(formula, budget, ANSER_RESULT_UNKNOWN, NULL) == ANSER_STOP_REASON_TIME);
  CHECK(now() - begin < 30 && now() - begin > 0.15);
  OK(anser_budget_set_time_limit(budget, INFINITY));

  OK(anser_budget_set_conflict_limit(budget, 0));
  CHECK(stopped(formula, budget, ANSER_RESULT_UNKNOWN, NULL) == ANSER_STOP_REASON_CONFLICTS);
  OK(anser_budget_set_conflict_limit(budget, 100));
  CHECK(stopped(formula, budget, ANSER_RESULT_UNKNOWN, NULL) == ANSER_STOP_REASON_CONFLICTS);
  OK(anser_budget_set_conflict_limit(budget, UINT64_MAX));

  OK(anser_budget_set_work_limit(budget, 0));
  CHECK(stopped(formula, budget, ANSER_RESULT_UNKNOWN, NULL) == ANSER_STOP_REASON_WORK);
  OK(anser_budget_set_work_limit(budget, 10000));
  CHECK(stopped(formula, budget, ANSER_RESULT_UNKNOWN, NULL) == ANSER_STOP_REASON_WORK);
  OK(anser_budget_set_work_limit(budget, UINT64_MAX));
  anser_formula_free(formula);

  /* Huge limits are none; and limits count anew for each call. */
  formula = pigeons(5);
  OK(anser_budget_set_conflict_limit(budget, UINT64_MAX - 1));
  OK(anser_budget_set_work_limit(budget, UINT64_MAX - 1));
  OK(anser_budget_set_time_limit(budget, 1e12));
  CHECK(stopped(formula, budget, ANSER_RESULT_UNSAT, NULL) == ANSER_STOP_REASON_SOLVED);
  OK(anser_budget_set_conflict_limit(budget, 10));
  anser_solver *solver = new_solver(formula);
  int32_t result = 0, calls = 0;
  int64_t conflicts = -1;
  while (result == 0 && calls++ < 10000) OK(anser_solver_solve(solver, NULL, 0, budget, &result));
  OK(anser_solver_get_statistic(solver, "conflicts", &conflicts));
  CHECK(result == ANSER_RESULT_UNSAT && calls > 1 && conflicts > 10 && conflicts <= 20 * calls); /* CaDiCaL looks between conflicts */
  anser_solver_free(solver);
  anser_budget_free(budget);
  anser_formula_free(formula);
}

static void a_memory_limit_ends_a_search(void) {
  anser_formula *formula = random_3sat(100, 426, 5), *more = pigeons(11);
  anser_budget *budget = new_budget();
  anser_solver *solver = new_solver(formula);
  int32_t result = 77;
  OK(anser_budget_set_memory_limit(budget, 1000));
  FAILS(ANSER_STATUS_OUT_OF_MEMORY, anser_solver_solve(solver, NULL, 0, budget, &result), "1000", "limit");
  CHECK(result == 77);
  STATE(anser_solver_get_stop_reason(solver, &result), "");
  OK(anser_budget_set_memory_limit(budget, UINT64_MAX)); /* a larger limit, and it goes on */
  OK(anser_solver_solve(solver, NULL, 0, budget, &result));
  CHECK(result == ANSER_RESULT_SAT || result == ANSER_RESULT_UNSAT);
  anser_solver_free(solver);

  /* Reached in the midst of a search. */
  solver = new_solver(more);
  OK(anser_budget_set_conflict_limit(budget, 1));
  OK(anser_solver_solve(solver, NULL, 0, budget, &result));
  OK(anser_budget_set_conflict_limit(budget, 1000));
  OK(anser_budget_set_memory_limit(budget, 1000));
  result = 77;
  FAILS(ANSER_STATUS_OUT_OF_MEMORY, anser_solver_solve(solver, NULL, 0, budget, &result), "1000", "limit");
  CHECK(result == 77);
  OK(anser_budget_set_memory_limit(budget, UINT64_MAX));
  OK(anser_solver_solve(solver, NULL, 0, budget, &result));
  CHECK(result == ANSER_RESULT_UNKNOWN);
  anser_solver_free(solver);
  anser_formula_free(formula);
  anser_formula_free(more);
  anser_budget_free(budget);
}

static void progress_is_told(void) {
  anser_formula *formula = pigeons(11);
  anser_budget *budget = new_budget();
  struct host host = {0};
  anser_progress_callback callback = progress_to(&host);
  int32_t code = 0;
  OK(anser_budget_set_conflict_limit(budget, 2000));
  OK(anser_budget_set_progress(budget, &callback, 0));
  memset(&callback, 0xff, sizeof callback); /* it was copied */
  CHECK(stopped(formula, budget, ANSER_RESULT_UNKNOWN, NULL) == ANSER_STOP_REASON_CONFLICTS);
  CHECK(host.calls > 100 && host.last.struct_size == sizeof(anser_progress) && host.last.reserved == 0);
  CHECK(host.last.phase == ANSER_PHASE_SEARCH && host.last.seconds > 0 && host.last.seconds < 100);
  /* What was told last is no more than what the solver itself counted in the end. */
  CHECK(host.last.conflicts > 1000 && host.last.conflicts <= (uint64_t)conflicts_at_end && host.last.decisions > 0);
  CHECK(host.last.propagations > 0 && host.last.irredundant > 0 && host.destroyed == 0);

  static const int32_t answers[] = {1, -1, 4711, INT32_MAX, INT32_MIN + 1};
  for (size_t i = 0; i < COUNT(answers); i++) {
    host.answer = answers[i];
    host.answer_after = 3;
    host.calls = 0;
    code = 0;
    CHECK(stopped(formula, budget, ANSER_RESULT_UNKNOWN, &code) == ANSER_STOP_REASON_CALLBACK);
    CHECK(code == answers[i] && host.calls == 4);
  }
  host.answer = 0;
  host.calls = 0;
  static const double never[] = {1e6, INFINITY};
  for (int i = 0; i < 2; i++) { /* never due; and the old one is let go of */
    callback = progress_to(&host);
    OK(anser_budget_set_progress(budget, &callback, never[i]));
    CHECK(host.destroyed == i + 1);
    CHECK(stopped(formula, budget, ANSER_RESULT_UNKNOWN, NULL) == ANSER_STOP_REASON_CONFLICTS);
    CHECK(host.calls == 0);
  }
  anser_budget_free(budget);
  CHECK(host.destroyed == 3);
  anser_formula_free(formula);
}

/* INT32_MIN is an answer like any other. */
static void every_answer_is_kept(void) {
  anser_formula *formula = pigeons(8);
  anser_budget *budget = new_budget();
  struct host host = {.answer = INT32_MIN};
  anser_progress_callback callback = progress_to(&host);
  int32_t code = 0;
  OK(anser_budget_set_progress(budget, &callback, 0));
  CHECK(stopped(formula, budget, ANSER_RESULT_UNKNOWN, &code) == ANSER_STOP_REASON_CALLBACK);
  CHECK(code == INT32_MIN);
  anser_budget_free(budget);
  anser_formula_free(formula);
}

static void progress_is_let_go_of_once(void) {
  anser_budget *budget = new_budget();
  struct host host = {0};
  anser_progress_callback callback = progress_to(&host);
  /* Refused, and let go of at once. */
  NULL_ARGUMENT(anser_budget_set_progress(NULL, &callback, 1), "budget");
  CHECK(host.destroyed == 1);
  static const double bad[] = {-1, NAN, -INFINITY, -1e-9};
  for (size_t i = 0; i < COUNT(bad); i++) {
    host.destroyed = 0;
    INVALID(anser_budget_set_progress(budget, &callback, bad[i]), "every_seconds", "");
    CHECK(host.destroyed == 1);
  }
  host.destroyed = 0;
  callback.report = NULL;
  NULL_ARGUMENT(anser_budget_set_progress(budget, &callback, 1), "report");
  CHECK(host.destroyed == 1);
  /* A wrong size: nothing of it is read. */
  host.destroyed = 0;
  static const size_t sizes[] = {0, 1, 8, sizeof callback - 1, 4097, SIZE_MAX};
  for (size_t i = 0; i < COUNT(sizes); i++) {
    char number[24];
    snprintf(number, sizeof number, "%zu", sizes[i]);
    callback = progress_to(&host);
    callback.struct_size = sizes[i];
    FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_budget_set_progress(budget, &callback, 1), "struct_size", number);
  }
  CHECK(host.destroyed == 0);
  struct {
    anser_progress_callback callback;
    uint64_t newer[3];
  } larger = {progress_to(&host), {0, 0, 0}};
  larger.callback.struct_size = sizeof larger;
  larger.newer[2] = 1;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_budget_set_progress(budget, &larger.callback, 1), "struct_size", "newer");
  CHECK(host.destroyed == 0);
  larger.newer[2] = 0;
  OK(anser_budget_set_progress(budget, &larger.callback, 1));
  CHECK(host.destroyed == 0);
  OK(anser_budget_set_progress(budget, NULL, 0));
  CHECK(host.destroyed == 1);
  callback = progress_to(&host);
  callback.destroy = NULL;
  OK(anser_budget_set_progress(budget, &callback, 0));
  anser_budget_free(budget);
  CHECK(host.destroyed == 1);
}

/* ---- A callback that calls back in ---- */

struct nosy {
  anser_solver *solver;
  anser_budget *budget;
  anser_formula *formula;
  anser_interrupt *token;
  int calls, destroyed, freed;
  const char *act;
};
static void nosy_destroy(void *data) { ((struct nosy *)data)->destroyed++; }
static int32_t nosy_report(void *data, const anser_progress *progress) {
  struct nosy *nosy = data;
  int32_t value = 77, first = 77;
  uint32_t vars = 77;
  uint64_t clauses = 77;
  size_t n = 77;
  int64_t number = 77;
  int8_t model[1] = {7};
  const int32_t clause[] = {1};
  (void)progress;
  if (nosy->calls++) return 0;
  switch (nosy->act[0]) {
  case 'u': /* use what is busy: every function refuses */
    STATE(anser_solver_num_vars(nosy->solver, &vars), "in use");
    STATE(anser_solver_num_clauses(nosy->solver, &clauses), "in use");
    STATE(anser_solver_new_vars(nosy->solver, 1, &first), "in use");
    STATE(anser_solver_add_clause(nosy->solver, clause, 1, NULL), "in use");
    STATE(anser_solver_add_clauses(nosy->solver, clause, 1, (const size_t[]){0, 1}, 1, NULL), "in use");
    STATE(anser_solver_set_phases(nosy->solver, clause, 1), "in use");
    STATE(anser_solver_clear_phase(nosy->solver, 1), "in use");
    STATE(anser_solver_set_option(nosy->solver, "seed", 1), "in use");
    STATE(anser_solver_get_option(nosy->solver, "seed", &number), "in use");
    STATE(anser_solver_get_statistic(nosy->solver, "conflicts", &number), "in use");
    STATE(anser_solver_get_statistics(nosy->solver, &number, 1), "in use");
    STATE(anser_solver_set_log(nosy->solver, NULL, 1), "in use");
    STATE(anser_solver_set_proof_file(nosy->solver, ANSER_PROOF_FORMAT_DRAT, "/nonexistent/x"), "in use");
    STATE(anser_solver_solve(nosy->solver, NULL, 0, NULL, &value), "in use");
    STATE(anser_solver_get_stop_reason(nosy->solver, &value), "in use");
    STATE(anser_solver_get_callback_code(nosy->solver, &value), "in use");
    STATE(anser_solver_get_value(nosy->solver, 1, &value), "in use");
    STATE(anser_solver_get_model(nosy->solver, model, 1), "in use");
    STATE(anser_solver_num_core(nosy->solver, &n), "in use");
    STATE(anser_solver_get_core(nosy->solver, &value, 1), "in use");
    STATE(anser_solver_is_failed(nosy->solver, 1, &value), "in use");
    CHECK(value == 77 && first == 77 && vars == 77 && clauses == 77 && n == 77 && number == 77 && model[0] == 7);
    return 0;
  case 'o': { /* other handles are free to use: solve another formula in here */
    anser_formula *formula = pigeons(4);
    anser_solver *solver = new_solver(formula);
    OK(anser_solver_solve(solver, NULL, 0, NULL, &value));
    CHECK(value == ANSER_RESULT_UNSAT);
    anser_solver_free(solver);
    anser_formula_free(formula);
    return 0;
  }
  case 'b': /* the budget was copied: change it, let go of this callback, free it */
    OK(anser_budget_set_conflict_limit(nosy->budget, 1));
    OK(anser_budget_set_progress(nosy->budget, NULL, 0));
    CHECK(nosy->destroyed == 0); /* not from under a call under way */
    anser_budget_free(nosy->budget);
    anser_formula_free(nosy->formula);
    return 0;
  case 'f': /* free the solver: it goes when the call returns */
    anser_solver_free(nosy->solver);
    return 0;
  case 'i': anser_interrupt_trigger(nosy->token); return 0;
  default: return 99;
  }
}

static void calling_back_in(void) {
  for (const char *act = "uobfi"; *act; act++) {
    struct nosy nosy = {.act = act};
    anser_progress_callback callback = ANSER_PROGRESS_CALLBACK_INIT;
    int32_t result = 77, reason = 77;
    callback.user_data = &nosy;
    callback.report = nosy_report;
    callback.destroy = nosy_destroy;
    nosy.formula = pigeons(11);
    nosy.budget = new_budget();
    nosy.solver = new_solver(nosy.formula);
    OK(anser_interrupt_new(&nosy.token));
    OK(anser_budget_set_interrupt(nosy.budget, nosy.token));
    OK(anser_budget_set_conflict_limit(nosy.budget, 500));
    OK(anser_budget_set_progress(nosy.budget, &callback, 0));
    anser_status status = anser_solver_solve(nosy.solver, NULL, 0, nosy.budget, &result);
    CHECK(status == ANSER_STATUS_OK && result == ANSER_RESULT_UNKNOWN && nosy.calls > 0);
    /* What failed inside the callback is not this call's error. */
    CHECK(strcmp(anser_last_error(), "") == 0);
    if (*act == 'f') {
      nosy.solver = NULL;
    } else {
      OK(anser_solver_get_stop_reason(nosy.solver, &reason));
      CHECK(reason == (*act == 'i' ? ANSER_STOP_REASON_INTERRUPTED : ANSER_STOP_REASON_CONFLICTS));
    }
    if (*act == 'b') {
      CHECK(nosy.destroyed == 1 && nosy.calls > 1); /* the old limits and callback held to the end */
    } else {
      CHECK(nosy.destroyed == 0);
      anser_budget_free(nosy.budget);
      anser_formula_free(nosy.formula);
      CHECK(nosy.destroyed == 1);
    }
    anser_solver_free(nosy.solver);
    anser_interrupt_free(nosy.token);
  }
}

/* A destroy that calls in, and fails there, does not spoil the success of the call that let go. */
static void destroy_and_fail(void *data) {
  (*(int *)data)++;
  NULL_ARGUMENT(anser_formula_new(NULL), "out_formula");
}
static void destroy_may_call_in(void) {
  int destroyed = 0;
  anser_budget *budget = new_budget();
  anser_progress_callback callback = ANSER_PROGRESS_CALLBACK_INIT;
  callback.user_data = &destroyed;
  callback.report = nosy_report;
  callback.destroy = destroy_and_fail;
  OK(anser_budget_set_progress(budget, &callback, 1));
  OK(anser_budget_set_progress(budget, &callback, 1));
  CHECK(destroyed == 1);
  INVALID(anser_budget_set_progress(budget, &callback, -1), "every_seconds", "-1");
  CHECK(destroyed == 2);
  OK(anser_budget_set_progress(budget, NULL, 1));
  CHECK(destroyed == 3);
  anser_budget_free(budget);
}

int main(void) {
  RUN(made_and_freed);
  RUN(arguments);
  RUN(limits_end_a_search);
  RUN(a_memory_limit_ends_a_search);
  RUN(progress_is_told);
  RUN(every_answer_is_kept);
  RUN(progress_is_let_go_of_once);
  RUN(calling_back_in);
  RUN(destroy_may_call_in);
  return report();
}
