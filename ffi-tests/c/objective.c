/* Objectives, every function: set, read back, minimised, cut off; proofs of least values; what is refused, and that a refusal
 * changes nothing. */
#include "check.h"

static anser_formula *covers(void) { /* of the edges of a circle of five */
  anser_formula *formula = new_formula();
  for (int32_t v = 1; v <= 5; v++) {
    const int32_t edge[] = {v, v % 5 + 1};
    OK(anser_formula_add_clause(formula, edge, 2, NULL));
  }
  return formula;
}
static const int32_t all[] = {1, 2, 3, 4, 5};
static const int64_t costs[] = {4, 1, 3, 2, 5};

static void of_a_formula(void) {
  anser_formula *formula = covers();
  int32_t has = 7;
  size_t count = 7;
  int64_t offset = 7;
  OK(anser_formula_has_objective(formula, &has, &count, &offset));
  CHECK(has == 0 && count == 0 && offset == 0);
  OK(anser_formula_get_objective(formula, NULL, NULL, 0));
  const int32_t literals[] = {3, -1, 1, 9};
  const int64_t weights[] = {5, 2, 7, -1};
  OK(anser_formula_set_objective(formula, literals, weights, 4, 10));
  OK(anser_formula_has_objective(formula, &has, &count, &offset));
  CHECK(has == 1 && count == 3 && offset == 12);
  OK(anser_formula_has_objective(formula, NULL, NULL, NULL));
  int32_t got[4] = {0};
  int64_t weigh[4] = {0};
  OK(anser_formula_get_objective(formula, got, weigh, 4));
  CHECK(got[0] == 1 && weigh[0] == 5 && got[1] == 3 && weigh[1] == 5 && got[2] == 9 && weigh[2] == -1 && got[3] == 0);
  const int32_t zero[] = {1, 0};
  const int64_t much[] = {INT64_MAX, 1};
  FAILS(ANSER_STATUS_INVALID_ARGUMENT, anser_formula_set_objective(formula, zero, much, 2, 0), "literal 0", "index 1");
  FAILS(ANSER_STATUS_INVALID_ARGUMENT, anser_formula_set_objective(formula, all, much, 2, 0), "2^63", "magnitudes");
  NULL_ARGUMENT(anser_formula_set_objective(NULL, all, costs, 5, 0), "formula");
  NULL_ARGUMENT(anser_formula_set_objective(formula, NULL, costs, 5, 0), "literals");
  NULL_ARGUMENT(anser_formula_set_objective(formula, all, NULL, 5, 0), "weights");
  NULL_ARGUMENT(anser_formula_get_objective(formula, NULL, weigh, 4), "out_literals");
  NULL_ARGUMENT(anser_formula_clear_objective(NULL), "formula");
  NULL_ARGUMENT(anser_formula_has_objective(NULL, &has, &count, &offset), "formula");
  OK(anser_formula_has_objective(formula, &has, &count, &offset));
  CHECK(has == 1 && count == 3 && offset == 12);
  FAILS(ANSER_STATUS_BUFFER_TOO_SMALL, anser_formula_get_objective(formula, got, weigh, 2), "count", "");
  OK(anser_formula_clear_objective(formula));
  OK(anser_formula_has_objective(formula, &has, NULL, NULL));
  CHECK(has == 0);
  anser_formula_free(formula);
}

struct told {
  int calls, stop_at;
  int64_t value, least;
};
static int32_t tell(void *data, const anser_progress *progress) {
  struct told *told = data;
  CHECK(progress->phase == ANSER_PHASE_MINIMIZE && progress->value <= told->value && progress->least >= told->least);
  told->value = progress->value;
  told->least = progress->least;
  return ++told->calls == told->stop_at ? -3 : 0;
}

static void least_values(void) {
  anser_formula *formula = covers();
  OK(anser_formula_set_objective(formula, all, costs, 5, 100));
  anser_solver *solver = NULL;
  OK(anser_solver_new(formula, &solver));
  int64_t value = 7, bound = 7;
  FAILS(ANSER_STATUS_INVALID_STATE, anser_solver_get_objective(solver, &value, &bound), "anser_solver_minimize", "");
  struct told told = {0, 0, INT64_MAX, INT64_MIN};
  anser_progress_callback callback = ANSER_PROGRESS_CALLBACK_INIT;
  callback.user_data = &told;
  callback.report = tell;
  anser_budget *budget = NULL;
  OK(anser_budget_new(&budget));
  OK(anser_budget_set_progress(budget, &callback, 1e9));
  anser_result result = ANSER_RESULT_UNKNOWN;
  OK(anser_solver_minimize(solver, NULL, 0, budget, &result));
  OK(anser_solver_get_objective(solver, &value, &bound));
  /* 2, 4 and one of 1 and 5. */
  CHECK(result == ANSER_RESULT_OPTIMUM && value == 107 && bound == 107);
  CHECK(told.calls > 0 && told.value == 107 && told.least == 107);
  int32_t holds = 0;
  OK(anser_solver_get_value(solver, 1, &holds));
  CHECK(holds == 1);
  const int32_t without[] = {-2, -4};
  OK(anser_solver_minimize(solver, without, 2, NULL, &result));
  OK(anser_solver_get_objective(solver, &value, NULL));
  CHECK(result == ANSER_RESULT_OPTIMUM && value == 112);
  const int32_t neither[] = {-2, -3};
  OK(anser_solver_minimize(solver, neither, 2, NULL, &result));
  CHECK(result == ANSER_RESULT_UNSAT);
  OK(anser_solver_set_objective(solver, all, costs, 1, 0));
  OK(anser_solver_minimize(solver, NULL, 0, NULL, &result));
  OK(anser_solver_get_objective(solver, &value, &bound));
  CHECK(result == ANSER_RESULT_OPTIMUM && value == 0 && bound == 0);
  const int32_t unknown[] = {6};
  FAILS(ANSER_STATUS_INVALID_ARGUMENT, anser_solver_set_objective(solver, unknown, costs, 1, 0), "variable 6", "");
  FAILS(ANSER_STATUS_INVALID_ARGUMENT, anser_solver_minimize(solver, unknown, 1, NULL, &result), "variable 6", "");
  NULL_ARGUMENT(anser_solver_minimize(NULL, NULL, 0, NULL, &result), "solver");
  NULL_ARGUMENT(anser_solver_minimize(solver, NULL, 1, NULL, &result), "assumptions");
  NULL_ARGUMENT(anser_solver_minimize(solver, NULL, 0, NULL, NULL), "out_result");
  NULL_ARGUMENT(anser_solver_set_objective(NULL, NULL, NULL, 0, 0), "solver");
  NULL_ARGUMENT(anser_solver_get_objective(NULL, &value, &bound), "solver");
  anser_solver_free(solver);

  /* Ended by the function that is told: the best so far. */
  OK(anser_solver_new(formula, &solver));
  told = (struct told){0, 1, INT64_MAX, INT64_MIN};
  OK(anser_solver_minimize(solver, NULL, 0, budget, &result));
  anser_stop_reason reason = ANSER_STOP_REASON_SOLVED;
  OK(anser_solver_get_stop_reason(solver, &reason));
  OK(anser_solver_get_objective(solver, &value, &bound));
  CHECK((result == ANSER_RESULT_SAT && reason == ANSER_STOP_REASON_CALLBACK && bound <= 107 && value >= 107) ||
        result == ANSER_RESULT_OPTIMUM);
  anser_solver_free(solver);
  anser_budget_free(budget);
  anser_formula_free(formula);
}

struct text {
  char bytes[4096];
  size_t length;
};
static int32_t append(void *data, const uint8_t *bytes, size_t length) {
  struct text *text = data;
  if (length >= sizeof text->bytes - text->length) return 1;
  memcpy(text->bytes + text->length, bytes, length);
  text->length += length;
  text->bytes[text->length] = 0;
  return 0;
}

static void proofs(void) {
  anser_formula *formula = covers();
  OK(anser_formula_set_objective(formula, all, costs, 5, 0));
  static struct text text;
  anser_sink sink = ANSER_SINK_INIT;
  sink.user_data = &text;
  sink.write = append;
  anser_solver *solver = NULL;
  OK(anser_solver_new(formula, &solver));
  OK(anser_solver_set_proof_sink(solver, ANSER_PROOF_FORMAT_VERIPB, &sink));
  anser_result result = ANSER_RESULT_UNKNOWN;
  FAILS(ANSER_STATUS_INVALID_STATE, anser_solver_minimize(solver, all, 1, NULL, &result), "assumptions", "");
  OK(anser_solver_minimize(solver, NULL, 0, NULL, &result));
  CHECK(result == ANSER_RESULT_OPTIMUM);
  CHECK(strncmp(text.bytes, "pseudo-Boolean proof version 3.0\nf 5;\n", 38) == 0);
  CHECK(strstr(text.bytes, "\nconclusion BOUNDS 7 : ") != NULL && strstr(text.bytes, " 7;\nend pseudo-Boolean proof;\n") != NULL);
  FAILS(ANSER_STATUS_INVALID_STATE, anser_solver_add_clause(solver, all, 1, NULL), "VeriPB", "");
  anser_solver_free(solver);
  anser_formula_free(formula);
}

int main(void) {
  RUN(of_a_formula);
  RUN(least_values);
  RUN(proofs);
  return report();
}
