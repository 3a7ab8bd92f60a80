/* anser_solver, every function: the order of calls, models, cores, proofs, options, statistics, logs; what is refused,
 * and that a refusal changes nothing. */
#include "check.h"

#include <unwind.h>

static int32_t solve_under(anser_solver *solver, const int32_t *assumptions, size_t n, const anser_budget *budget) {
  int32_t result = 77;
  OK(anser_solver_solve(solver, assumptions, n, budget, &result));
  return result;
}
static int32_t solve(anser_solver *solver) { return solve_under(solver, NULL, 0, NULL); }
static int64_t statistic(const anser_solver *solver, const char *name) {
  int64_t value = -77;
  OK(anser_solver_get_statistic(solver, name, &value));
  return value;
}
static int32_t value_of(const anser_solver *solver, int32_t literal) {
  int32_t value = 77;
  OK(anser_solver_get_value(solver, literal, &value));
  return value;
}
static int32_t reason_of(const anser_solver *solver) {
  int32_t reason = 77;
  OK(anser_solver_get_stop_reason(solver, &reason));
  return reason;
}

static uint64_t num_clauses(const anser_solver *solver) {
  uint64_t count = 4242;
  OK(anser_solver_num_clauses(solver, &count));
  return count;
}

static void made_and_freed(void) {
  anser_formula *formula = new_formula();
  anser_solver *solver = (anser_solver *)(void *)&solver;
  NULL_ARGUMENT(anser_solver_new(NULL, &solver), "formula");
  CHECK(solver == NULL);
  NULL_ARGUMENT(anser_solver_new(formula, NULL), "out_solver");
  OK(anser_solver_new(formula, &solver));
  CHECK(solver != NULL);
  anser_solver_free(solver);
  anser_solver_free(NULL);
  OK(anser_solver_new(formula, &solver));
  anser_formula_free(formula);
  CHECK(solve(solver) == ANSER_RESULT_SAT); /* the empty formula */
  anser_solver_free(solver);
}

static void null_solvers(void) {
  const int32_t literal = 1;
  const size_t offsets[] = {0, 1};
  int32_t i = 77;
  uint32_t u = 77;
  int64_t l = 77;
  uint64_t id = 77;
  size_t n = 77;
  int8_t model = 77;
  struct host host = {0};
  anser_log_callback log = log_to(&host);
  anser_sink sink = sink_to(&host);
  NULL_ARGUMENT(anser_solver_set_option(NULL, "seed", 1), "solver");
  NULL_ARGUMENT(anser_solver_get_option(NULL, "seed", &l), "solver");
  NULL_ARGUMENT(anser_solver_get_statistics(NULL, &l, 1), "solver");
  NULL_ARGUMENT(anser_solver_get_statistic(NULL, "conflicts", &l), "solver");
  NULL_ARGUMENT(anser_solver_set_log(NULL, &log, 1), "solver");
  CHECK(host.destroyed == 1);
  NULL_ARGUMENT(anser_solver_set_log(NULL, NULL, 1), "solver");
  NULL_ARGUMENT(anser_solver_set_proof_sink(NULL, ANSER_PROOF_FORMAT_DRAT, &sink), "solver");
  CHECK(host.destroyed == 2);
  NULL_ARGUMENT(anser_solver_set_proof_file(NULL, ANSER_PROOF_FORMAT_DRAT, "/nonexistent/x"), "solver");
  NULL_ARGUMENT(anser_solver_num_vars(NULL, &u), "solver");
  NULL_ARGUMENT(anser_solver_num_clauses(NULL, &id), "solver");
  NULL_ARGUMENT(anser_solver_new_vars(NULL, 1, &i), "solver");
  NULL_ARGUMENT(anser_solver_add_clause(NULL, &literal, 1, &id), "solver");
  NULL_ARGUMENT(anser_solver_add_clauses(NULL, &literal, 1, offsets, 1, &id), "solver");
  NULL_ARGUMENT(anser_solver_set_phases(NULL, &literal, 1), "solver");
  NULL_ARGUMENT(anser_solver_clear_phase(NULL, 1), "solver");
  NULL_ARGUMENT(anser_solver_set_local_search(NULL, 1), "solver");
  NULL_ARGUMENT(anser_solver_solve(NULL, NULL, 0, NULL, &i), "solver");
  NULL_ARGUMENT(anser_solver_get_stop_reason(NULL, &i), "solver");
  NULL_ARGUMENT(anser_solver_get_callback_code(NULL, &i), "solver");
  NULL_ARGUMENT(anser_solver_get_value(NULL, 1, &i), "solver");
  NULL_ARGUMENT(anser_solver_get_model(NULL, &model, 1), "solver");
  NULL_ARGUMENT(anser_solver_num_core(NULL, &n), "solver");
  NULL_ARGUMENT(anser_solver_get_core(NULL, &i, 1), "solver");
  NULL_ARGUMENT(anser_solver_is_failed(NULL, 1, &i), "solver");
  CHECK(i == 77 && u == 77 && l == 77 && id == 77 && n == 77 && model == 77);
}

static void null_arguments(void) {
  anser_formula *formula = new_formula();
  ADD(formula, 1, 2);
  anser_solver *solver = new_solver(formula);
  const size_t offsets[] = {0, 1};
  int64_t l = 77;
  NULL_ARGUMENT(anser_solver_set_option(solver, NULL, 1), "name");
  NULL_ARGUMENT(anser_solver_get_option(solver, NULL, &l), "name");
  NULL_ARGUMENT(anser_solver_get_option(solver, "seed", NULL), "out_value");
  NULL_ARGUMENT(anser_solver_get_statistic(solver, NULL, &l), "name");
  NULL_ARGUMENT(anser_solver_get_statistic(solver, "conflicts", NULL), "out_value");
  NULL_ARGUMENT(anser_solver_set_proof_sink(solver, ANSER_PROOF_FORMAT_DRAT, NULL), "sink");
  NULL_ARGUMENT(anser_solver_set_proof_file(solver, ANSER_PROOF_FORMAT_DRAT, NULL), "path");
  INVALID(anser_solver_set_proof_file(solver, ANSER_PROOF_FORMAT_DRAT, ""), "path", "empty");
  NULL_ARGUMENT(anser_solver_num_vars(solver, NULL), "out_vars");
  NULL_ARGUMENT(anser_solver_num_clauses(solver, NULL), "out_clauses");
  NULL_ARGUMENT(anser_solver_new_vars(solver, 1, NULL), "out_first");
  NULL_ARGUMENT(anser_solver_add_clause(solver, NULL, 1, NULL), "literals");
  NULL_ARGUMENT(anser_solver_add_clauses(solver, NULL, 1, offsets, 1, NULL), "literals");
  NULL_ARGUMENT(anser_solver_add_clauses(solver, (const int32_t[]){1}, 1, NULL, 1, NULL), "offsets");
  NULL_ARGUMENT(anser_solver_set_phases(solver, NULL, 1), "literals");
  NULL_ARGUMENT(anser_solver_solve(solver, NULL, 0, NULL, NULL), "out_result");
  int32_t i = 77;
  NULL_ARGUMENT(anser_solver_solve(solver, NULL, 1, NULL, &i), "assumptions");
  NULL_ARGUMENT(anser_solver_get_stop_reason(solver, NULL), "out_reason");
  NULL_ARGUMENT(anser_solver_get_callback_code(solver, NULL), "out_code");
  NULL_ARGUMENT(anser_solver_num_options(NULL), "out_options");
  NULL_ARGUMENT(anser_solver_num_statistics(NULL), "out_statistics");
  NULL_ARGUMENT(anser_solver_get_option_info(0, NULL), "out_info");
  NULL_ARGUMENT(anser_solver_get_statistic_info(0, NULL), "out_info");
  CHECK(solve(solver) == ANSER_RESULT_SAT);
  NULL_ARGUMENT(anser_solver_get_value(solver, 1, NULL), "out_value");
  NULL_ARGUMENT(anser_solver_get_model(solver, NULL, 2), "out_values");
  const int32_t both[] = {-1, -2};
  CHECK(solve_under(solver, both, 2, NULL) == ANSER_RESULT_UNSAT);
  NULL_ARGUMENT(anser_solver_num_core(solver, NULL), "out_literals");
  NULL_ARGUMENT(anser_solver_get_core(solver, NULL, 2), "out_literals");
  NULL_ARGUMENT(anser_solver_is_failed(solver, 1, NULL), "out_failed");
  anser_solver_free(solver);
  anser_formula_free(formula);
}

static void a_model(void) {
  anser_formula *formula = new_formula();
  ADD(formula, 1, 2);
  ADD(formula, -1);
  ADD(formula, -2, 3);
  OK(anser_formula_ensure_vars(formula, 5));
  anser_solver *solver = new_solver(formula);
  int32_t value = 77;
  size_t n = 77;
  int8_t model[6] = {9, 9, 9, 9, 9, 9};
  STATE(anser_solver_get_value(solver, 1, &value), "no model");
  STATE(anser_solver_get_model(solver, model, 5), "no model");
  STATE(anser_solver_num_core(solver, &n), "no core");
  STATE(anser_solver_get_core(solver, &value, 1), "no core");
  STATE(anser_solver_is_failed(solver, 1, &value), "no core");
  STATE(anser_solver_get_stop_reason(solver, &value), "nothing was solved");
  STATE(anser_solver_get_callback_code(solver, &value), "nothing was solved");
  CHECK(solve(solver) == ANSER_RESULT_SAT && reason_of(solver) == ANSER_STOP_REASON_SOLVED);
  CHECK(value_of(solver, 1) == -1 && value_of(solver, -1) == 1 && value_of(solver, 2) == 1 && value_of(solver, 3) == 1);
  static const int32_t bad[] = {0, 6, -6, MAX_VAR, INT32_MAX, INT32_MIN};
  for (size_t i = 0; i < COUNT(bad); i++) {
    char text[16];
    snprintf(text, sizeof text, "%" PRId32, bad[i]);
    INVALID(anser_solver_get_value(solver, bad[i], &value), "literal", text);
  }
  SHORT(anser_solver_get_model(solver, model, 4), "num_values: 4", "5 are needed");
  SHORT(anser_solver_get_model(solver, NULL, 0), "num_values: 0", "5 are needed");
  CHECK(value == 77 && n == 77 && model[0] == 9);
  OK(anser_solver_get_model(solver, model, 5));
  CHECK(model[0] == -1 && model[1] == 1 && model[2] == 1 && abs(model[3]) == 1 && abs(model[4]) == 1 && model[5] == 9);
  memset(model, 9, sizeof model);
  OK(anser_solver_get_model(solver, model, 6)); /* a longer buffer: the rest stays */
  CHECK(model[0] == -1 && abs(model[4]) == 1 && model[5] == 9);
  STATE(anser_solver_num_core(solver, &n), "no core");
  STATE(anser_solver_get_callback_code(solver, &value), "callback");
  anser_solver_free(solver);
  anser_formula_free(formula);
}

static void cores(void) {
  anser_formula *formula = new_formula();
  ADD(formula, -1, -3);
  OK(anser_formula_ensure_vars(formula, 5));
  anser_solver *solver = new_solver(formula);
  const int32_t assumptions[] = {5, 3, 2, 1, -4};
  int32_t core[5] = {9, 9, 9, 9, 9}, failed = 77;
  size_t n = 77;
  CHECK(solve_under(solver, assumptions, 5, NULL) == ANSER_RESULT_UNSAT);
  CHECK(reason_of(solver) == ANSER_STOP_REASON_SOLVED);
  OK(anser_solver_num_core(solver, &n));
  CHECK(n == 2);
  SHORT(anser_solver_get_core(solver, core, 1), "num_literals: 1", "2 are needed");
  SHORT(anser_solver_get_core(solver, NULL, 0), "num_literals: 0", "2 are needed");
  CHECK(core[0] == 9);
  OK(anser_solver_get_core(solver, core, 2));
  CHECK(core[0] == 3 && core[1] == 1 && core[2] == 9); /* in the order in which they were given */
  core[0] = core[1] = 9;
  OK(anser_solver_get_core(solver, core, 5)); /* a longer buffer: the rest stays */
  CHECK(core[0] == 3 && core[1] == 1 && core[2] == 9 && core[4] == 9);
  static const int32_t bad[] = {0, 6, -6, MAX_VAR, -MAX_VAR, INT32_MAX, INT32_MIN};
  for (size_t i = 0; i < COUNT(bad); i++) {
    char text[16];
    snprintf(text, sizeof text, "%" PRId32, bad[i]);
    INVALID(anser_solver_is_failed(solver, bad[i], &failed), "literal", text);
  }
  CHECK(failed == 77);
  static const int32_t literals[] = {5, 3, 2, 1, -4, -1, -3, -5, 4};
  for (size_t i = 0; i < COUNT(literals); i++) {
    OK(anser_solver_is_failed(solver, literals[i], &failed));
    CHECK(failed == (literals[i] == 3 || literals[i] == 1));
  }
  int8_t model[5];
  STATE(anser_solver_get_model(solver, model, 5), "no model");
  /* Assumptions hold for one call only. */
  CHECK(solve(solver) == ANSER_RESULT_SAT);
  CHECK(solve_under(solver, assumptions, 3, NULL) == ANSER_RESULT_SAT);
  CHECK(value_of(solver, 5) == 1 && value_of(solver, 3) == 1 && value_of(solver, 2) == 1);
  /* Contradictory assumptions, and one given twice. */
  const int32_t against[] = {2, 4, -2, 2};
  CHECK(solve_under(solver, against, 4, NULL) == ANSER_RESULT_UNSAT);
  OK(anser_solver_num_core(solver, &n));
  CHECK(n == 2); /* each once */
  memset(core, 0, sizeof core);
  OK(anser_solver_get_core(solver, core, 5));
  CHECK(core[0] == 2 && core[1] == -2 && core[2] == 0);
  const int32_t twice[] = {3, 3, 2, 1, 3, 1};
  CHECK(solve_under(solver, twice, 6, NULL) == ANSER_RESULT_UNSAT);
  OK(anser_solver_num_core(solver, &n));
  OK(anser_solver_get_core(solver, core, 5));
  CHECK(n == 2 && core[0] == 3 && core[1] == 1);
  CHECK(solve_under(solver, against, 4, NULL) == ANSER_RESULT_UNSAT);
  OK(anser_solver_is_failed(solver, 4, &failed));
  CHECK(failed == 0);
  OK(anser_solver_is_failed(solver, -2, &failed));
  CHECK(failed == 1);
  /* The clauses alone are contradictory: an empty core. */
  OK(anser_solver_add_clause(solver, NULL, 0, NULL));
  STATE(anser_solver_num_core(solver, &n), "changed");
  CHECK(solve_under(solver, assumptions, 5, NULL) == ANSER_RESULT_UNSAT);
  OK(anser_solver_num_core(solver, &n));
  CHECK(n == 0);
  OK(anser_solver_get_core(solver, NULL, 0));
  OK(anser_solver_get_core(solver, core, 0));
  anser_solver_free(solver);
  anser_formula_free(formula);
}

static void bad_literals(void) {
  anser_formula *formula = new_formula();
  ADD(formula, 1, 2);
  anser_solver *solver = new_solver(formula);
  int32_t result = 77;
  uint64_t id = 77;
  uint32_t vars = 0;
  static const int32_t never[] = {0, INT32_MIN, INT32_MAX, MAX_VAR + 1, -MAX_VAR - 1};
  static const int32_t unknown[] = {3, -3, MAX_VAR};
  for (int after = 0; after < 2; after++) {
    for (size_t i = 0; i < COUNT(never) + COUNT(unknown); i++) {
      int32_t bad = i < COUNT(never) ? never[i] : unknown[i - COUNT(never)], list[] = {1, bad};
      char text[16];
      snprintf(text, sizeof text, "%" PRId32, bad < 0 && i >= COUNT(never) ? -bad : bad);
      if (bad == INT32_MAX || bad == MAX_VAR + 1 || bad == -MAX_VAR - 1) snprintf(text, sizeof text, "%u", (unsigned)labs((long)bad));
      INVALID(anser_solver_solve(solver, list, 2, NULL, &result), text, "");
      INVALID(anser_solver_set_phases(solver, list, 2), text, "");
      if (i < COUNT(never)) {
        INVALID(anser_solver_add_clause(solver, list, 2, &id), text, "");
        CHECK(anser_last_error_index() == 1);
        INVALID(anser_solver_add_clauses(solver, list, 2, (const size_t[]){0, 2}, 1, &id), text, "");
        CHECK(anser_last_error_index() == 1);
      }
      if (bad != 1) INVALID(anser_solver_clear_phase(solver, bad), "", "");
    }
    INVALID(anser_solver_clear_phase(solver, -1), "var", "-1");
    INVALID(anser_solver_solve(solver, &result, SIZE_MAX, NULL, &result), "assumptions", "");
    INVALID(anser_solver_add_clause(solver, &result, SIZE_MAX / 2, &id), "literals", "");
    INVALID(anser_solver_add_clauses(solver, (const int32_t[]){1, 2}, 2, (const size_t[]){0, 1}, 1, &id), "offset 1", "");
    CHECK(anser_last_error_index() == 1);
    INVALID(anser_solver_add_clauses(solver, (const int32_t[]){1, 2}, 2, (const size_t[]){0, 3, 2}, 2, &id), "offset", "");
    INVALID(anser_solver_add_clauses(solver, (const int32_t[]){1}, 1, (const size_t[]){0, 1}, SIZE_MAX, &id), "num_clauses", "");
    OK(anser_solver_num_vars(solver, &vars));
    CHECK(id == 77 && result == 77 && vars == 2 && statistic(solver, "clauses") == 1);
    if (after == 0) {
      CHECK(solve(solver) == ANSER_RESULT_SAT);
      result = 77;
    }
  }
  CHECK(reason_of(solver) == ANSER_STOP_REASON_SOLVED); /* what failed took the model away at most */
  anser_solver_free(solver);
  anser_formula_free(formula);
}

static void a_refused_solve_keeps_the_model(void) {
  anser_formula *formula = new_formula();
  ADD(formula, 1, 2);
  anser_solver *solver = new_solver(formula);
  int32_t result = 77;
  const int32_t bad[] = {3};
  CHECK(solve(solver) == ANSER_RESULT_SAT);
  INVALID(anser_solver_solve(solver, bad, 1, NULL, &result), "3", "");
  CHECK(abs(value_of(solver, 1)) == 1 && result == 77);
  anser_solver_free(solver);
  anser_formula_free(formula);
}

static void a_snapshot(void) {
  anser_formula *formula = new_formula();
  ADD(formula, 1);
  anser_solver *before = new_solver(formula);
  ADD(formula, -1);
  anser_solver *after = new_solver(formula);
  anser_formula_free(formula);
  CHECK(solve(before) == ANSER_RESULT_SAT && solve(after) == ANSER_RESULT_UNSAT);
  CHECK(statistic(before, "clauses") == 1 && statistic(after, "clauses") == 2);
  anser_solver_free(before);
  anser_solver_free(after);
}

static void incremental(void) {
  anser_formula *formula = new_formula();
  ADD(formula, 1, 2);
  ADD(formula, 1, -2);
  anser_solver *solver = new_solver(formula);
  uint64_t id = 77;
  int32_t first = 77;
  uint32_t vars = 77;
  OK(anser_solver_add_clause(solver, (const int32_t[]){-1, 3}, 2, &id));
  CHECK(id == 2 && num_clauses(solver) == 3);
  CHECK(solve(solver) == ANSER_RESULT_SAT && value_of(solver, 3) == 1);
  OK(anser_solver_num_vars(solver, &vars));
  CHECK(vars == 3);
  OK(anser_solver_new_vars(solver, 2, &first));
  CHECK(first == 4);
  OK(anser_solver_new_vars(solver, 0, &first));
  OK(anser_solver_add_clauses(solver, (const int32_t[]){-3, 4, -4, 5, 8}, 5, (const size_t[]){0, 2, 4, 5}, 3, &id));
  CHECK(id == 3 && num_clauses(solver) == 6);
  OK(anser_solver_num_vars(solver, &vars));
  CHECK(vars == 8);
  int32_t value = 77;
  STATE(anser_solver_get_value(solver, 1, &value), "changed");
  CHECK(solve(solver) == ANSER_RESULT_SAT && value_of(solver, 4) == 1 && value_of(solver, 5) == 1 && value_of(solver, 8) == 1);
  OK(anser_solver_add_clauses(solver, NULL, 0, (const size_t[]){0}, 0, &id));
  CHECK(id == 6 && num_clauses(solver) == 6);
  INVALID(anser_solver_new_vars(solver, UINT32_MAX, &first), "4294967303", "");
  INVALID(anser_solver_new_vars(solver, (uint32_t)MAX_VAR, &first), "1073741831", "");
  OK(anser_solver_add_clause(solver, (const int32_t[]){-5}, 1, NULL));
  CHECK(solve(solver) == ANSER_RESULT_UNSAT && solve(solver) == ANSER_RESULT_UNSAT);
  OK(anser_solver_add_clause(solver, (const int32_t[]){1}, 1, NULL));
  CHECK(solve(solver) == ANSER_RESULT_UNSAT);
  CHECK(statistic(solver, "solves") == 5 && statistic(solver, "clauses") == 8 && statistic(solver, "variables") == 8);
  uint64_t in_formula = 77;
  OK(anser_formula_num_clauses(formula, &in_formula));
  OK(anser_formula_num_vars(formula, &vars));
  CHECK(in_formula == 2 && vars == 2); /* the formula stays as it was */
  anser_solver_free(solver);
  anser_formula_free(formula);
}

/* Asking for new variables, be it for none, forgets the model and the core. */
/* What is added to the solver has a limit of its own, and what exceeds it changes nothing. */
static void a_memory_limit_on_what_is_added(void) {
  anser_formula *formula = new_formula();
  ADD(formula, 1, 2);
  anser_solver *solver = new_solver(formula);
  NULL_ARGUMENT(anser_solver_set_memory_limit(NULL, 1), "solver");
  OK(anser_solver_set_memory_limit(solver, 4096));
  const int32_t clause[] = {1, 2, 3};
  uint64_t id = 77, added = 0, clauses = 0;
  anser_status status;
  while ((status = anser_solver_add_clause(solver, clause, 3, &id)) == ANSER_STATUS_OK && added < 10000) added++;
  CHECK(status == ANSER_STATUS_OUT_OF_MEMORY && added > 50 && added < 300 && id == added);
  OK(anser_solver_num_clauses(solver, &clauses));
  CHECK(clauses == added + 1 && solve(solver) == ANSER_RESULT_SAT);
  OK(anser_solver_set_memory_limit(solver, UINT64_MAX));
  OK(anser_solver_add_clause(solver, clause, 3, &id));
  CHECK(solve(solver) == ANSER_RESULT_SAT);
  anser_solver_free(solver);
  anser_formula_free(formula);
}

static void new_variables_and_the_model(void) {
  anser_formula *formula = new_formula();
  ADD(formula, 1, 2);
  anser_solver *solver = new_solver(formula);
  int32_t first = 77, value = 77;
  uint32_t vars = 0;
  int8_t model[8];
  CHECK(solve(solver) == ANSER_RESULT_SAT);
  INVALID(anser_solver_new_vars(solver, UINT32_MAX, &first), "", "");
  OK(anser_solver_get_model(solver, model, 2)); /* what failed changed nothing */
  OK(anser_solver_new_vars(solver, 2, &first));
  OK(anser_solver_num_vars(solver, &vars));
  CHECK(first == 3 && vars == 4);
  STATE(anser_solver_get_model(solver, model, vars), "changed");
  STATE(anser_solver_get_value(solver, 1, &value), "changed");
  STATE(anser_solver_get_stop_reason(solver, &value), "changed");
  CHECK(value == 77 && solve(solver) == ANSER_RESULT_SAT);
  OK(anser_solver_get_model(solver, model, vars));
  const int32_t both[] = {-1, -2};
  size_t n = 77;
  CHECK(solve_under(solver, both, 2, NULL) == ANSER_RESULT_UNSAT);
  OK(anser_solver_new_vars(solver, 1, &first));
  STATE(anser_solver_num_core(solver, &n), "changed");
  STATE(anser_solver_is_failed(solver, 1, &value), "changed");
  CHECK(solve(solver) == ANSER_RESULT_SAT);
  OK(anser_solver_new_vars(solver, 0, &first));
  STATE(anser_solver_get_value(solver, 1, &value), "changed");
  CHECK(n == 77 && value == 77);
  anser_solver_free(solver);
  anser_formula_free(formula);
}

static void new_variables_with_factor(void) {
  anser_formula *formula = new_formula();
  ADD(formula, 1, 2);
  anser_solver *solver = new_solver(formula);
  int32_t first = 77;
  OK(anser_solver_set_option(solver, "factor", 1));
  OK(anser_solver_new_vars(solver, 1, &first));
  CHECK(solve(solver) == ANSER_RESULT_SAT);
  first = 77;
  STATE(anser_solver_new_vars(solver, 1, &first), "factor");
  STATE(anser_solver_add_clause(solver, (const int32_t[]){9}, 1, NULL), "factor");
  CHECK(first == 77 && statistic(solver, "variables") == 3);
  OK(anser_solver_add_clause(solver, (const int32_t[]){-1}, 1, NULL));
  CHECK(solve(solver) == ANSER_RESULT_SAT);
  anser_solver_free(solver);
  anser_formula_free(formula);
}

static void phases(void) {
  anser_formula *formula = new_formula();
  OK(anser_formula_ensure_vars(formula, 20));
  ADD(formula, 1, 2, 3);
  for (int sign = -1; sign <= 1; sign += 2) {
    anser_solver *solver = new_solver(formula);
    int32_t wanted[20];
    for (int v = 0; v < 20; v++) wanted[v] = (v % 3 ? sign : -sign) * (v + 1);
    OK(anser_solver_set_option(solver, "lucky", 0)); /* it guesses without deciding */
    OK(anser_solver_set_phases(solver, wanted, 20));
    OK(anser_solver_set_phases(solver, NULL, 0));
    CHECK(solve(solver) == ANSER_RESULT_SAT);
    int agree = 0;
    for (int v = 0; v < 20; v++) agree += value_of(solver, wanted[v]) == 1;
    CHECK(agree >= 19);
    for (int v = 0; v < 20; v++) wanted[v] = -wanted[v]; /* changed between solves */
    OK(anser_solver_set_phases(solver, wanted, 20));
    CHECK(solve(solver) == ANSER_RESULT_SAT);
    agree = 0;
    for (int v = 0; v < 20; v++) agree += value_of(solver, wanted[v]) == 1;
    CHECK(agree >= 19);
    for (int v = 1; v <= 20; v++) OK(anser_solver_clear_phase(solver, v));
    OK(anser_solver_clear_phase(solver, 1)); /* twice is once */
    CHECK(solve(solver) == ANSER_RESULT_SAT);
    INVALID(anser_solver_clear_phase(solver, 21), "21", "20");
    INVALID(anser_solver_clear_phase(solver, 0), "var", "0");
    anser_solver_free(solver);
  }
  anser_formula_free(formula);
}

/* Local search beside: the engine's answers where it has none, and an assignment of a search as phases. */
static void local_search(void) {
  anser_formula *formula = random_3sat(2000, 7800, 3), *pigeon = pigeons(6);
  anser_solver *s = new_solver(formula);
  int32_t result = 77;
  INVALID(anser_solver_set_local_search(s, 2), "is_on: 2", "neither 0 nor 1");
  OK(anser_solver_set_local_search(s, 1));
  OK(anser_solver_set_local_search(s, 1));
  OK(anser_solver_solve(s, NULL, 0, NULL, &result));
  CHECK(result == ANSER_RESULT_SAT);
  int8_t *model = malloc(2000);
  int32_t satisfied = 77;
  OK(anser_solver_get_model(s, model, 2000));
  OK(anser_formula_check(formula, model, 2000, &satisfied, NULL));
  CHECK(satisfied == 1);
  anser_solver_free(s);
  s = new_solver(pigeon);
  OK(anser_solver_set_local_search(s, 1));
  OK(anser_solver_solve(s, NULL, 0, NULL, &result));
  CHECK(result == ANSER_RESULT_UNSAT);
  anser_solver_free(s);
  /* By hand: the best assignment of a search as phases of a solver. */
  anser_search *search = NULL;
  int32_t end = 77, *phases = malloc(2000 * sizeof *phases);
  OK(anser_search_new(formula, NULL, NULL, &search));
  OK(anser_search_run(search, NULL, &end));
  OK(anser_search_get_best(search, model, 2000, NULL));
  for (int32_t v = 1; v <= 2000; v++) phases[v - 1] = model[v - 1] > 0 ? v : -v;
  s = new_solver(formula);
  OK(anser_solver_set_phases(s, phases, 2000));
  OK(anser_solver_solve(s, NULL, 0, NULL, &result));
  CHECK(result == ANSER_RESULT_SAT);
  anser_search_free(search);
  anser_solver_free(s);
  free(phases);
  free(model);
  anser_formula_free(formula);
  anser_formula_free(pigeon);
}

static void options(void) {
  anser_formula *formula = new_formula();
  ADD(formula, 1, 2);
  anser_solver *solver = new_solver(formula);
  size_t count = 0;
  int64_t value = 77;
  char last[64] = "";
  OK(anser_solver_num_options(&count));
  CHECK(count > 200);
  for (size_t i = 0; i < count; i++) {
    anser_option_info info = ANSER_OPTION_INFO_INIT, again = ANSER_OPTION_INFO_INIT;
    OK(anser_solver_get_option_info(i, &info));
    OK(anser_solver_get_option_info(i, &again));
    CHECK(info.struct_size == sizeof info && info.name == again.name && info.doc == again.doc); /* static */
    CHECK(strcmp(last, info.name) < 0 && *info.doc);
    CHECK(info.min_value <= info.default_value && info.default_value <= info.max_value);
    snprintf(last, sizeof last, "%s", info.name);
    OK(anser_solver_get_option(solver, info.name, &value));
    CHECK(value == info.default_value);
    OK(anser_solver_set_option(solver, info.name, info.max_value));
    OK(anser_solver_get_option(solver, info.name, &value));
    CHECK(value == info.max_value);
    OK(anser_solver_set_option(solver, info.name, info.min_value));
    INVALID(anser_solver_set_option(solver, info.name, info.max_value + 1), info.name, "");
    INVALID(anser_solver_set_option(solver, info.name, info.min_value - 1), info.name, "");
    INVALID(anser_solver_set_option(solver, info.name, INT64_MIN), info.name, "-9223372036854775808");
    INVALID(anser_solver_set_option(solver, info.name, INT64_MAX), info.name, "9223372036854775807");
    OK(anser_solver_get_option(solver, info.name, &value));
    CHECK(value == info.min_value);
    OK(anser_solver_set_option(solver, info.name, info.default_value));
  }
  anser_option_info info = ANSER_OPTION_INFO_INIT;
  INVALID(anser_solver_get_option_info(count, &info), "index", "");
  INVALID(anser_solver_get_option_info(SIZE_MAX, &info), "index", "18446744073709551615");
  static const size_t sizes[] = {0, 8, sizeof info - 1, 4097, SIZE_MAX};
  for (size_t i = 0; i < COUNT(sizes); i++) {
    info.struct_size = sizes[i];
    FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_solver_get_option_info(0, &info), "struct_size", "");
  }
  CHECK(info.name == NULL && info.doc == NULL && info.max_value == 0);
  static const char *const unknown[] = {"", "nothing", "Seed", "seed ", "check", "report", "\xc3\xa9"};
  value = 77;
  for (size_t i = 0; i < COUNT(unknown); i++) {
    INVALID(anser_solver_set_option(solver, unknown[i], 0), "option", unknown[i]);
    INVALID(anser_solver_get_option(solver, unknown[i], &value), "option", unknown[i]);
  }
  INVALID(anser_solver_set_option(solver, "\xff", 0), "name", "UTF-8");
  CHECK(value == 77);
  OK(anser_solver_set_option(solver, "seed", 5));
  CHECK(solve(solver) == ANSER_RESULT_SAT);
  STATE(anser_solver_set_option(solver, "seed", 6), "before the first solve");
  OK(anser_solver_get_option(solver, "seed", &value));
  CHECK(value == 5);
  anser_solver_free(solver);
  anser_formula_free(formula);
}

static void statistics(void) {
  anser_formula *formula = pigeons(6);
  anser_solver *solver = new_solver(formula);
  size_t count = 0;
  OK(anser_solver_num_statistics(&count));
  CHECK(count > 10 && count < 64);
  int64_t values[64], one = 77;
  values[0] = 77;
  SHORT(anser_solver_get_statistics(solver, values, count - 1), "num_values", "needed");
  SHORT(anser_solver_get_statistics(solver, NULL, 0), "num_values: 0", "needed");
  NULL_ARGUMENT(anser_solver_get_statistics(solver, NULL, count), "out_values");
  CHECK(values[0] == 77);
  OK(anser_solver_get_statistics(solver, values, count)); /* before the first solve */
  values[count] = 77;
  OK(anser_solver_get_statistics(solver, values, count + 1)); /* a longer buffer: the rest stays */
  CHECK(values[count] == 77);
  CHECK(solve(solver) == ANSER_RESULT_UNSAT);
  OK(anser_solver_get_statistics(solver, values, count));
  for (size_t i = 0; i < count; i++) {
    anser_statistic_info info = ANSER_STATISTIC_INFO_INIT;
    OK(anser_solver_get_statistic_info(i, &info));
    CHECK(info.struct_size == sizeof info && *info.name && *info.doc && statistic(solver, info.name) == values[i]);
    CHECK(values[i] >= 0);
  }
  CHECK(statistic(solver, "conflicts") > 10 && statistic(solver, "solves") == 1 && statistic(solver, "ticks") > 0);
  anser_statistic_info info = ANSER_STATISTIC_INFO_INIT;
  INVALID(anser_solver_get_statistic_info(count, &info), "index", "");
  INVALID(anser_solver_get_statistic(solver, "nothing", &one), "name", "nothing");
  info.struct_size = 23;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_solver_get_statistic_info(0, &info), "struct_size", "23");
  CHECK(one == 77 && !info.name);
  anser_solver_free(solver);
  anser_formula_free(formula);
}

static void two_runs_are_the_same(void) {
  anser_formula *formula = random_3sat(150, 640, 11);
  anser_budget *budget = new_budget();
  int64_t values[4][64];
  int8_t models[4][150];
  int32_t results[4];
  size_t count = 0;
  OK(anser_solver_num_statistics(&count));
  OK(anser_budget_set_work_limit(budget, 300000));
  memset(values, 0, sizeof values);
  memset(models, 0, sizeof models);
  for (int run = 0; run < 4; run++) { /* seeds 1, 1, 2, and option seed 1 */
    OK(anser_budget_set_seed(budget, run < 2 ? 1 : run == 2 ? 2 : 99));
    anser_solver *solver = new_solver(formula);
    if (run == 3) OK(anser_solver_set_option(solver, "seed", 1));
    results[run] = solve_under(solver, NULL, 0, budget);
    OK(anser_solver_get_statistics(solver, values[run], count));
    if (results[run] == ANSER_RESULT_SAT) OK(anser_solver_get_model(solver, models[run], 150));
    anser_solver_free(solver);
  }
  CHECK(results[0] == results[1] && !memcmp(values[0], values[1], sizeof values[0]) && !memcmp(models[0], models[1], 150));
  CHECK(results[0] == results[3] && !memcmp(values[0], values[3], sizeof values[0]) && !memcmp(models[0], models[3], 150));
  anser_budget_free(budget);
  anser_formula_free(formula);
}

static void logs(void) {
  anser_formula *formula = pigeons(4);
  anser_solver *solver = new_solver(formula);
  struct host first = {0}, second = {0};
  anser_log_callback log = log_to(&first);
  OK(anser_solver_set_log(solver, &log, ANSER_LOG_LEVEL_DEBUG));
  CHECK(solve(solver) == ANSER_RESULT_UNSAT);
  CHECK(first.calls >= 2 && first.worst_level == ANSER_LOG_LEVEL_DEBUG && first.answer == 0 && first.destroyed == 0);
  log = log_to(&second);
  OK(anser_solver_set_log(solver, &log, ANSER_LOG_LEVEL_INFO)); /* also between solves */
  CHECK(first.destroyed == 1);
  int calls = first.calls;
  CHECK(solve(solver) == ANSER_RESULT_UNSAT);
  CHECK(first.calls == calls && second.calls > 0 && second.worst_level <= ANSER_LOG_LEVEL_INFO);
  OK(anser_solver_set_log(solver, NULL, 0));
  CHECK(second.destroyed == 1);
  calls = second.calls;
  CHECK(solve(solver) == ANSER_RESULT_UNSAT && second.calls == calls);

  memset(&first, 0, sizeof first);
  log = log_to(&first);
  static const int32_t bad[] = {0, 4, -1, INT32_MAX, INT32_MIN};
  for (size_t i = 0; i < COUNT(bad); i++) {
    char text[16];
    snprintf(text, sizeof text, "%" PRId32, bad[i]);
    INVALID(anser_solver_set_log(solver, &log, bad[i]), "level", text);
    CHECK(first.destroyed == (int)i + 1);
  }
  memset(&first, 0, sizeof first);
  log.log = NULL;
  NULL_ARGUMENT(anser_solver_set_log(solver, &log, 1), "log");
  CHECK(first.destroyed == 1);
  static const size_t sizes[] = {0, 8, sizeof log - 1, 4097, SIZE_MAX};
  for (size_t i = 0; i < COUNT(sizes); i++) {
    log = log_to(&first);
    log.struct_size = sizes[i];
    FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_solver_set_log(solver, &log, 1), "struct_size", "");
  }
  CHECK(first.destroyed == 1);
  log = log_to(&second);
  second.destroyed = 0;
  OK(anser_solver_set_log(solver, &log, ANSER_LOG_LEVEL_WARNING));
  anser_solver_free(solver);
  CHECK(second.destroyed == 1);
  anser_formula_free(formula);
}

/* ---- Proofs ---- */

/* Whether the text's last lemma is the empty clause: DRAT "0", LRAT "ID 0 ...". */
static bool ends_empty(char *text, size_t length, bool lrat) {
  char *end = text + length;
  if (length < 2 || end[-1] != '\n') return false;
  for (;;) { /* lines from the last one backwards; deletions may follow */
    char *begin = end - 1;
    while (begin > text && begin[-1] != '\n') begin--;
    char line[4096];
    size_t n = (size_t)(end - begin) < sizeof line ? (size_t)(end - begin) : sizeof line - 1;
    memcpy(line, begin, n);
    line[n] = 0;
    bool deletion = lrat ? strstr(line, " d ") != NULL : line[0] == 'd';
    if (!deletion) {
      char *rest = line;
      if (lrat) strtoll(line, &rest, 10);
      return strtoll(rest, NULL, 10) == 0 && strchr(rest, '0') != NULL;
    }
    if (begin == text) return false;
    end = begin;
  }
}

static void proofs(void) {
  anser_formula *formula = pigeons(5), *satisfiable = new_formula();
  ADD(satisfiable, 1, 2);
  for (int32_t format = ANSER_PROOF_FORMAT_DRAT; format <= ANSER_PROOF_FORMAT_LRAT_BINARY; format++) {
    bool lrat = format == ANSER_PROOF_FORMAT_LRAT || format == ANSER_PROOF_FORMAT_LRAT_BINARY;
    bool binary = format == ANSER_PROOF_FORMAT_DRAT_BINARY || format == ANSER_PROOF_FORMAT_LRAT_BINARY;
    struct host host = {0};
    anser_sink sink = sink_to(&host);
    anser_solver *solver = new_solver(formula);
    OK(anser_solver_set_proof_sink(solver, format, &sink));
    memset(&sink, 0xff, sizeof sink); /* it was copied */
    CHECK(solve(solver) == ANSER_RESULT_UNSAT);
    CHECK(host.length > 100 && host.destroyed == 0);
    if (host.text && !binary) CHECK(ends_empty(host.text, host.length, lrat));
    if (host.text && binary) CHECK(host.text[0] == 'a' && host.text[host.length - 1] == 0);
    if (host.text && format == ANSER_PROOF_FORMAT_DRAT_BINARY) CHECK(memmem(host.text, host.length, "\0a\0", 3) || !memcmp(host.text, "a\0", 2));
    STATE(anser_solver_set_proof_file(solver, format, "/nonexistent/x"), "before the first solve");
    struct host late = {0};
    anser_sink another = sink_to(&late);
    STATE(anser_solver_set_proof_sink(solver, format, &another), "before the first solve");
    CHECK(late.destroyed == 1 && late.calls == 0);
    if (lrat) STATE(anser_solver_add_clause(solver, (const int32_t[]){1}, 1, NULL), "LRAT");
    if (lrat) STATE(anser_solver_add_clauses(solver, (const int32_t[]){1}, 1, (const size_t[]){0, 1}, 1, NULL), "LRAT");
    if (!lrat) OK(anser_solver_add_clause(solver, (const int32_t[]){1}, 1, NULL));
    anser_solver_free(solver);
    CHECK(host.destroyed == 1);

    /* Into a file: the same bytes. */
    const char *path = temporary(0, ".proof");
    solver = new_solver(formula);
    OK(anser_solver_set_proof_file(solver, format, path));
    CHECK(access(path, F_OK) == 0); /* created now */
    CHECK(solve(solver) == ANSER_RESULT_UNSAT);
    size_t length = 0;
    char *text = read_whole(path, &length);
    CHECK(text && length == host.length && !memcmp(text, host.text, length));
    free(text);
    anser_solver_free(solver);
    unlink(path);
    host_clear(&host);

    /* A host that refuses: the call fails, no more pieces come. */
    sink = sink_to(&host);
    host.answer = 3;
    solver = new_solver(formula);
    int32_t result = 77;
    OK(anser_solver_set_proof_sink(solver, format, &sink));
    FAILS(ANSER_STATUS_IO, anser_solver_solve(solver, NULL, 0, NULL, &result), "proof", "3");
    CHECK(result == 77 && host.calls == 1 && host.destroyed == 0);
    FAILS(ANSER_STATUS_IO, anser_solver_solve(solver, NULL, 0, NULL, &result), "proof", "");
    CHECK(result == 77 && host.calls == 1);
    anser_solver_free(solver);
    CHECK(host.destroyed == 1);
    host_clear(&host);

    /* A satisfiable formula, then unsatisfiable under assumptions. */
    solver = new_solver(satisfiable);
    OK(anser_solver_set_proof_sink(solver, format, &sink));
    CHECK(solve(solver) == ANSER_RESULT_SAT);
    size_t before = host.length;
    CHECK(solve_under(solver, (const int32_t[]){-1, -2}, 2, NULL) == ANSER_RESULT_UNSAT);
    CHECK(host.length > before);
    anser_solver_free(solver);
    CHECK(host.destroyed == 1);
    host_clear(&host);
  }
  anser_formula_free(formula);
  anser_formula_free(satisfiable);
}

static void proofs_that_are_refused(void) {
  anser_formula *formula = pigeons(4);
  anser_solver *solver = new_solver(formula);
  struct host host = {0}, second = {0};
  anser_sink sink = sink_to(&host), other = sink_to(&second);
  static const int32_t bad[] = {0, 6, -1, INT32_MAX, INT32_MIN};
  for (size_t i = 0; i < COUNT(bad); i++) {
    char text[16];
    snprintf(text, sizeof text, "%" PRId32, bad[i]);
    INVALID(anser_solver_set_proof_sink(solver, bad[i], &sink), "format", text);
    CHECK(host.destroyed == (int)i + 1);
    INVALID(anser_solver_set_proof_file(solver, bad[i], "/nonexistent/x"), "format", text);
  }
  FAILS(ANSER_STATUS_IO, anser_solver_set_proof_file(solver, ANSER_PROOF_FORMAT_DRAT, "/nonexistent/x"), "path", "/nonexistent/x");
  memset(&host, 0, sizeof host);
  sink.write = NULL;
  NULL_ARGUMENT(anser_solver_set_proof_sink(solver, ANSER_PROOF_FORMAT_DRAT, &sink), "write");
  CHECK(host.destroyed == 1);
  static const size_t sizes[] = {0, 8, sizeof sink - 1, 4097, SIZE_MAX};
  for (size_t i = 0; i < COUNT(sizes); i++) {
    sink = sink_to(&host);
    sink.struct_size = sizes[i];
    FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_solver_set_proof_sink(solver, ANSER_PROOF_FORMAT_DRAT, &sink), "struct_size", "");
  }
  CHECK(host.destroyed == 1);
  /* Another proof takes the place of one. */
  memset(&host, 0, sizeof host);
  sink = sink_to(&host);
  OK(anser_solver_set_proof_sink(solver, ANSER_PROOF_FORMAT_DRAT, &sink));
  OK(anser_solver_set_proof_sink(solver, ANSER_PROOF_FORMAT_LRAT, &other));
  CHECK(host.destroyed == 1 && host.calls == 0);
  CHECK(solve(solver) == ANSER_RESULT_UNSAT && second.length > 0 && host.calls == 0);
  anser_solver_free(solver);
  CHECK(host.destroyed == 1 && second.destroyed == 1);
  host_clear(&second);
  /* Freed before it was ever used. */
  solver = new_solver(formula);
  memset(&host, 0, sizeof host);
  OK(anser_solver_set_proof_sink(solver, ANSER_PROOF_FORMAT_DRAT, &sink));
  anser_solver_free(solver);
  CHECK(host.destroyed == 1 && host.calls == 0);
  anser_formula_free(formula);
}

/* A full disk is a status. */
static void a_full_disk(void) {
  if (access("/dev/full", W_OK) != 0) {
    printf("skipped: solver.c: a_full_disk: no /dev/full\n");
    return;
  }
  anser_formula *formula = pigeons(5);
  anser_solver *solver = new_solver(formula);
  int32_t result = 77;
  OK(anser_solver_set_proof_file(solver, ANSER_PROOF_FORMAT_DRAT, "/dev/full"));
  FAILS(ANSER_STATUS_IO, anser_solver_solve(solver, NULL, 0, NULL, &result), "proof", "");
  CHECK(result == 77);
  anser_solver_free(solver);
  anser_formula_free(formula);
}

/* ---- Callbacks that call in, and callbacks that throw ---- */

struct inside {
  anser_solver *solver;
  int calls, destroyed;
};
static void inside_destroy(void *data) {
  struct inside *inside = data;
  uint32_t vars = 0;
  inside->destroyed++;
  if (inside->solver) OK(anser_solver_num_vars(inside->solver, &vars)); /* nobody is inside the handle any more */
}
static void inside_log(void *data, int32_t level, const char *line) {
  struct inside *inside = data;
  uint32_t vars = 77;
  (void)level, (void)line;
  inside->calls++;
  STATE(anser_solver_num_vars(inside->solver, &vars), "in use");
}
static int32_t inside_write(void *data, const uint8_t *bytes, size_t length) {
  struct inside *inside = data;
  uint32_t vars = 77;
  (void)bytes, (void)length;
  inside->calls++;
  STATE(anser_solver_num_vars(inside->solver, &vars), "in use");
  return 0;
}

static void calling_back_in(void) {
  anser_formula *formula = pigeons(5);
  anser_solver *solver = new_solver(formula);
  struct inside inside = {.solver = solver};
  anser_log_callback log = ANSER_LOG_CALLBACK_INIT;
  anser_sink sink = ANSER_SINK_INIT;
  log.user_data = sink.user_data = &inside;
  log.destroy = sink.destroy = inside_destroy;
  log.log = inside_log;
  sink.write = inside_write;
  OK(anser_solver_set_log(solver, &log, ANSER_LOG_LEVEL_DEBUG));
  OK(anser_solver_set_log(solver, &log, ANSER_LOG_LEVEL_DEBUG));
  CHECK(inside.destroyed == 1);
  OK(anser_solver_set_proof_sink(solver, ANSER_PROOF_FORMAT_DRAT, &sink));
  CHECK(solve(solver) == ANSER_RESULT_UNSAT && inside.calls > 2);
  inside.solver = NULL;
  anser_solver_free(solver);
  CHECK(inside.destroyed == 3);
  anser_formula_free(formula);
}

static void a_proof_replaced(void) {
  anser_formula *formula = pigeons(3);
  anser_solver *solver = new_solver(formula);
  struct inside inside = {.solver = NULL};
  anser_sink sink = ANSER_SINK_INIT;
  sink.user_data = &inside;
  sink.destroy = inside_destroy;
  sink.write = inside_write;
  OK(anser_solver_set_proof_sink(solver, ANSER_PROOF_FORMAT_DRAT, &sink));
  OK(anser_solver_set_proof_sink(solver, ANSER_PROOF_FORMAT_DRAT, &sink));
  CHECK(inside.destroyed == 1);
  anser_solver_free(solver);
  CHECK(inside.destroyed == 2);
  anser_formula_free(formula);
}

/* An exception of another language, as C++ would throw it. */
static struct _Unwind_Exception exceptions[8];
static int thrown;
static void caught(_Unwind_Reason_Code reason, struct _Unwind_Exception *exception) { (void)reason, (void)exception; }
static void throw_now(void) {
  struct _Unwind_Exception *exception = &exceptions[thrown++ % 8];
  memset(exception, 0, sizeof *exception);
  exception->exception_class = 0x414e534552544553; /* "ANSERTES" */
  exception->exception_cleanup = caught;
  _Unwind_RaiseException(exception);
  abort(); /* nobody catches it */
}
static int32_t throwing_report(void *data, const anser_progress *progress) {
  (void)data, (void)progress;
  throw_now();
  return 0;
}
static int32_t throwing_write(void *data, const uint8_t *bytes, size_t length) {
  (void)data, (void)bytes, (void)length;
  throw_now();
  return 0;
}
static void throwing_log(void *data, int32_t level, const char *line) {
  (void)data, (void)level, (void)line;
  throw_now();
}
static void throwing_destroy(void *data) {
  ((struct host *)data)->destroyed++;
  throw_now();
}

/* Runs a solve of its own, in which its callback throws. */
static int32_t nesting_report(void *data, const anser_progress *progress) {
  struct host *host = data;
  (void)progress;
  if (host->calls++) return 0;
  anser_formula *formula = pigeons(4);
  anser_solver *solver = new_solver(formula);
  anser_budget *budget = new_budget();
  anser_progress_callback callback = ANSER_PROGRESS_CALLBACK_INIT;
  int32_t result = 77;
  callback.report = throwing_report;
  OK(anser_budget_set_progress(budget, &callback, 0));
  FAILS(ANSER_STATUS_CALLBACK_FAILED, anser_solver_solve(solver, NULL, 0, budget, &result), "exception", "");
  anser_budget_free(budget);
  anser_solver_free(solver);
  anser_formula_free(formula);
  return 0;
}

static void callbacks_that_throw(void) {
  anser_formula *formula = pigeons(5);
  anser_solver *solver = new_solver(formula);
  anser_budget *budget = new_budget();
  struct host host = {0};
  anser_progress_callback progress = progress_to(&host);
  int32_t result = 77;
  progress.report = throwing_report;
  progress.destroy = throwing_destroy;
  OK(anser_budget_set_progress(budget, &progress, 0));
  FAILS(ANSER_STATUS_CALLBACK_FAILED, anser_solver_solve(solver, NULL, 0, budget, &result), "exception", "");
  CHECK(result == 77 && thrown == 1);
  int32_t code = 77;
  OK(anser_solver_get_callback_code(solver, &code));
  CHECK(code == INT32_MIN && reason_of(solver) == ANSER_STOP_REASON_CALLBACK);
  OK(anser_budget_set_progress(budget, NULL, 0));
  CHECK(host.destroyed == 1 && thrown == 2);
  /* The solver can still be used. */
  CHECK(solve_under(solver, NULL, 0, budget) == ANSER_RESULT_UNSAT);
  anser_solver_free(solver);

  anser_log_callback log = log_to(&host);
  log.log = throwing_log;
  log.destroy = throwing_destroy;
  solver = new_solver(formula);
  OK(anser_solver_set_log(solver, &log, ANSER_LOG_LEVEL_DEBUG));
  FAILS(ANSER_STATUS_CALLBACK_FAILED, anser_solver_solve(solver, NULL, 0, NULL, &result), "exception", "");
  anser_solver_free(solver);

  anser_sink sink = sink_to(&host);
  sink.write = throwing_write;
  sink.destroy = throwing_destroy;
  solver = new_solver(formula);
  OK(anser_solver_set_proof_sink(solver, ANSER_PROOF_FORMAT_DRAT, &sink));
  FAILS(ANSER_STATUS_CALLBACK_FAILED, anser_solver_solve(solver, NULL, 0, NULL, &result), "exception", "");
  anser_solver_free(solver);
  FAILS(ANSER_STATUS_CALLBACK_FAILED, anser_formula_write_dimacs_sink(formula, &sink, NULL), "exception", "");
  CHECK(host.destroyed == 4 && result == 77);

  /* What a nested call caught is that call's, not this one's. */
  memset(&host, 0, sizeof host);
  progress = progress_to(&host);
  progress.report = nesting_report;
  OK(anser_budget_set_progress(budget, &progress, 0));
  solver = new_solver(formula);
  CHECK(solve_under(solver, NULL, 0, budget) == ANSER_RESULT_UNSAT && host.calls > 1);
  anser_solver_free(solver);
  anser_budget_free(budget);
  anser_formula_free(formula);
}

/* Work of the library's own size: a satisfiable and an unsatisfiable random formula, the model checked from outside. */
static void random_formulas(void) {
  int sat = 0, unsat = 0;
  for (uint64_t seed = 1; seed <= 40; seed++) {
    anser_formula *formula = random_3sat(60, 256, seed);
    anser_solver *solver = new_solver(formula);
    int32_t result = solve(solver), satisfied = 77;
    if (result == ANSER_RESULT_SAT) {
      int8_t model[60];
      uint64_t violated = 77;
      OK(anser_solver_get_model(solver, model, 60));
      OK(anser_formula_check(formula, model, 60, &satisfied, &violated));
      CHECK(satisfied == 1 && violated == UINT64_MAX);
      sat++;
    } else {
      unsat++;
    }
    anser_solver_free(solver);
    anser_formula_free(formula);
  }
  CHECK(sat > 3 && unsat > 3);
}

int main(void) {
  RUN(made_and_freed);
  RUN(null_solvers);
  RUN(null_arguments);
  RUN(a_model);
  RUN(cores);
  RUN(bad_literals);
  RUN(a_refused_solve_keeps_the_model);
  RUN(a_snapshot);
  RUN(incremental);
  RUN(a_memory_limit_on_what_is_added);
  RUN(new_variables_and_the_model);
  RUN(new_variables_with_factor);
  RUN(phases);
  RUN(local_search);
  RUN(options);
  RUN(statistics);
  RUN(two_runs_are_the_same);
  RUN(logs);
  RUN(proofs);
  RUN(proofs_that_are_refused);
  RUN(a_full_disk);
  RUN(calling_back_in);
  RUN(a_proof_replaced);
  RUN(callbacks_that_throw);
  RUN(random_formulas);
  return report();
}
