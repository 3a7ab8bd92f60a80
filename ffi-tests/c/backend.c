/* How constraints that are no clauses are handled, formulas encoded as clauses, and such constraints added to a solver
 * between solves; what is refused, and that a refusal changes nothing. */
#include "check.h"

static int32_t solve_under(anser_solver *solver, const int32_t *assumptions, size_t n) {
  int32_t result = 77;
  OK(anser_solver_solve(solver, assumptions, n, NULL, &result));
  return result;
}
static int32_t solve(anser_solver *solver) { return solve_under(solver, NULL, 0); }
static uint64_t constraints_of(const anser_solver *solver) {
  uint64_t count = 77777;
  OK(anser_solver_num_constraints(solver, &count));
  return count;
}
static uint32_t numbers_of(const anser_solver *solver) {
  uint32_t count = 77777;
  OK(anser_solver_num_numbers(solver, &count));
  return count;
}
static anser_formula *encoded(const anser_formula *formula) {
  anser_formula *made = NULL;
  OK(anser_formula_encode(formula, NULL, &made));
  return made;
}
static const int32_t one_to_six[] = {1, 2, 3, 4, 5, 6};
static anser_formula *some_formula(void) {
  anser_formula *formula = new_formula();
  ADD(formula, 1, 2);
  OK(anser_formula_add_xor(formula, one_to_six, 6, 1, NULL));
  OK(anser_formula_add_xor(formula, one_to_six, 3, 0, NULL));
  OK(anser_formula_add_cardinality(formula, one_to_six, 6, 3, ANSER_CONDITION_PLAIN, 0, NULL));
  OK(anser_formula_add_pseudo_boolean(formula, one_to_six, (const int64_t[]){1, -2, 3, -4, 5, -6}, 6, 2,
                                      ANSER_CONDITION_IMPLIED, 4, NULL));
  return formula;
}

/* ---- Which backend ---- */

static void the_backend(void) {
  anser_formula *formula = some_formula();
  for (int32_t backend = 0; backend < 3; backend++) {
    anser_solver *solver = new_solver(formula);
    int32_t xors = 77, sums = 77;
    const char *why = NULL;
    STATE(anser_solver_get_backend(solver, &xors, &sums, &why), "nothing was solved");
    CHECK(xors == 77 && sums == 77 && !why);
    INVALID(anser_solver_set_backend(solver, 6), "backend", "6");
    INVALID(anser_solver_set_backend(solver, -1), "backend", "-1");
    INVALID(anser_solver_set_backend(solver, INT32_MIN), "backend", "-2147483648");
    const anser_status z3 = anser_solver_set_backend(solver, ANSER_BACKEND_Z3);
    CHECK(z3 == ANSER_STATUS_OK || z3 == ANSER_STATUS_BACKEND_UNAVAILABLE); /* as the library was built */
    if (z3 != ANSER_STATUS_OK) CHECK(strstr(anser_last_error(), "built without Z3") != NULL);
    const anser_status milp = anser_solver_set_backend(solver, ANSER_BACKEND_MILP);
    CHECK(milp == ANSER_STATUS_OK || milp == ANSER_STATUS_BACKEND_UNAVAILABLE);
    if (milp != ANSER_STATUS_OK) CHECK(strstr(anser_last_error(), "built without HiGHS") != NULL);
    OK(anser_solver_set_backend(solver, 2 - backend));
    OK(anser_solver_set_backend(solver, backend)); /* the last one counts */
    CHECK(solve(solver) == ANSER_RESULT_SAT);
    OK(anser_solver_get_backend(solver, &xors, &sums, &why));
    CHECK(why && *why && strlen(why) < 1000);
    if (backend != ANSER_BACKEND_AUTO) CHECK(xors == sums && sums == (backend == ANSER_BACKEND_NATIVE));
    CHECK((xors == 0 || xors == 1) && (sums == 0 || sums == 1));
    OK(anser_solver_get_backend(solver, NULL, NULL, NULL));
    STATE(anser_solver_set_backend(solver, backend), "before the first solve");
    const char *later = NULL;
    ADD(formula, 1, 2, 3);
    OK(anser_solver_get_backend(solver, NULL, NULL, &later));
    CHECK(later == why);
    /* The model is one of the formula, whichever way. */
    int8_t model[6];
    int32_t satisfied = 77;
    OK(anser_solver_get_model(solver, model, 6));
    OK(anser_formula_check(formula, model, 6, &satisfied, NULL));
    anser_solver_free(solver);
  }
  NULL_ARGUMENT(anser_solver_set_backend(NULL, 0), "solver");
  NULL_ARGUMENT(anser_solver_get_backend(NULL, NULL, NULL, NULL), "solver");
  anser_formula_free(formula);
}

/* Every backend gives the same verdict under every assumption, with what is added on the way. */
static void the_same_verdicts(void) {
  anser_formula *formula = some_formula(), *more = new_formula();
  OK(anser_formula_add_xor(more, (const int32_t[]){2, 7}, 2, 1, NULL));
  ADD(more, 7, -3);
  static const int32_t backends[] = {ANSER_BACKEND_AUTO, ANSER_BACKEND_NATIVE, ANSER_BACKEND_ENCODE, ANSER_BACKEND_PB};
  anser_solver *solvers[COUNT(backends)];
  int sat = 0, unsat = 0;
  for (size_t i = 0; i < COUNT(backends); i++) {
    solvers[i] = new_solver(formula);
    OK(anser_solver_set_backend(solvers[i], backends[i]));
  }
  static const uint64_t counts[] = {5, 5, 7, 9, 10, 12};
  for (int step = 0; step < 6; step++) {
    for (size_t i = 0; i < COUNT(backends); i++) {
      anser_solver *s = solvers[i];
      uint64_t id = 77, before = constraints_of(s);
      CHECK(before == counts[step]);
      if (step == 1)
        OK(anser_solver_add_xors(s, (const int32_t[]){1, 4, 2, 5}, 4, (const size_t[]){0, 2, 4}, (const uint8_t[]){0, 0}, 2, &id));
      if (step == 2)
        OK(anser_solver_add_cardinalities(s, (const int32_t[]){-1, -2, -3, -4, 5, 6}, 6, (const size_t[]){0, 4, 6},
                                          (const int64_t[]){1, 2}, (const int32_t[]){0, ANSER_CONDITION_REIFIED},
                                          (const int32_t[]){0, 3}, 2, &id));
      if (step == 3)
        OK(anser_solver_add_pseudo_booleans(s, (const int32_t[]){1, 2, 6}, (const int64_t[]){2, 2, 3}, 3,
                                            (const size_t[]){0, 3}, (const int64_t[]){4}, NULL, NULL, 1, &id));
      if (step == 4) OK(anser_solver_add_formula(s, more, &id));
      if (step == 5) OK(anser_solver_add_clause(s, (const int32_t[]){-7, 6}, 2, &id));
      CHECK(id == (step ? before : 77));
    }
    for (unsigned mask = 0; mask < 64; mask++) {
      int32_t assumptions[6], wanted = 77;
      for (int v = 0; v < 6; v++) assumptions[v] = mask >> v & 1 ? v + 1 : -v - 1;
      for (size_t i = 0; i < COUNT(backends); i++) {
        int32_t result = solve_under(solvers[i], assumptions, mask % 7);
        if (i == 0) wanted = result;
        CHECK(result == wanted);
      }
      sat += wanted == ANSER_RESULT_SAT, unsat += wanted == ANSER_RESULT_UNSAT;
    }
  }
  CHECK(sat > 20 && unsat > 20);
  for (size_t i = 0; i < COUNT(backends); i++) anser_solver_free(solvers[i]);
  anser_formula_free(formula);
  anser_formula_free(more);
}

static void proofs_are_about_clauses(void) {
  anser_formula *formula = new_formula(), *clauses = pigeons(3);
  OK(anser_formula_add_xors(formula, (const int32_t[]){1, 2, 2, 3, 1, 3}, 6, (const size_t[]){0, 2, 4, 6},
                            (const uint8_t[]){1, 1, 1}, 3, NULL));
  for (int32_t backend = 0; backend < 3; backend++) {
    struct host host = {0};
    anser_sink sink = sink_to(&host);
    int32_t result = 77, xors = 77;
    anser_solver *solver = new_solver(formula);
    OK(anser_solver_set_backend(solver, backend));
    OK(anser_solver_set_proof_sink(solver, ANSER_PROOF_FORMAT_LRAT, &sink));
    if (backend == ANSER_BACKEND_NATIVE) {
      STATE(anser_solver_solve(solver, NULL, 0, NULL, &result), "proof");
      CHECK(result == 77);
    } else {
      CHECK(solve(solver) == ANSER_RESULT_UNSAT && host.length > 0);
      OK(anser_solver_get_backend(solver, &xors, NULL, NULL));
      CHECK(xors == 0);
    }
    anser_solver_free(solver);
    CHECK(host.destroyed == 1);
    host_clear(&host);
    /* Clauses have a proof also there. */
    solver = new_solver(clauses);
    sink = sink_to(&host);
    OK(anser_solver_set_backend(solver, backend));
    OK(anser_solver_set_proof_sink(solver, ANSER_PROOF_FORMAT_LRAT, &sink));
    CHECK(solve(solver) == ANSER_RESULT_UNSAT && host.length > 0);
    anser_solver_free(solver);
    host_clear(&host);
  }
  anser_formula_free(formula);
  anser_formula_free(clauses);
}

static void an_lrat_proof_takes_no_more(void) {
  anser_formula *formula = some_formula();
  anser_solver *solver = new_solver(formula);
  struct host host = {0};
  anser_sink sink = sink_to(&host);
  uint64_t id = 77;
  uint32_t first = 77;
  OK(anser_solver_set_proof_sink(solver, ANSER_PROOF_FORMAT_LRAT, &sink));
  CHECK(solve(solver) == ANSER_RESULT_SAT);
  STATE(anser_solver_add_xors(solver, one_to_six, 2, (const size_t[]){0, 2}, (const uint8_t[]){1}, 1, &id), "LRAT");
  STATE(anser_solver_add_cardinalities(solver, one_to_six, 2, (const size_t[]){0, 2}, (const int64_t[]){1}, NULL, NULL, 1, &id), "LRAT");
  STATE(anser_solver_add_formula(solver, formula, &id), "LRAT");
  STATE(anser_solver_new_integers(solver, (const int64_t[]){0}, (const int64_t[]){1}, 1, &first), "LRAT");
  CHECK(id == 77 && first == 77 && constraints_of(solver) == 5);
  int32_t value = 77;
  OK(anser_solver_get_value(solver, 1, &value)); /* a refusal keeps the model */
  anser_solver_free(solver);
  host_clear(&host);
  anser_formula_free(formula);
}

/* ---- Encoding ---- */

static void encoding(void) {
  anser_formula *formula = some_formula(), *made = (anser_formula *)(void *)&made;
  NULL_ARGUMENT(anser_formula_encode(NULL, NULL, &made), "formula");
  CHECK(made == NULL);
  NULL_ARGUMENT(anser_formula_encode(formula, NULL, NULL), "out_encoded");
  OK(anser_formula_set_name(formula, 3, "three"));
  made = encoded(formula);
  uint64_t clauses = 77, constraints = 77;
  uint32_t vars = 77;
  OK(anser_formula_num_clauses(made, &clauses));
  OK(anser_formula_num_constraints(made, &constraints));
  OK(anser_formula_num_vars(made, &vars));
  CHECK(clauses == constraints && clauses > 5 && vars > 6); /* clauses only */
  const int32_t *literals = NULL;
  size_t n = 77;
  OK(anser_formula_get_clause(made, 0, &literals, &n));
  CHECK(n == 2 && literals[0] == 1 && literals[1] == 2); /* its own clauses come first */
  int32_t found = 77, has = 77, set[6] = {0};
  OK(anser_formula_find_name(made, "three", &found));
  OK(anser_formula_has_sampling_set(made, &has));
  OK(anser_formula_num_sampling_set(made, &n));
  CHECK(found == 3 && has == 1 && n == 6);
  OK(anser_formula_get_sampling_set(made, set, 6));
  CHECK(memcmp(set, one_to_six, sizeof set) == 0);
  /* The same assignments of the six variables, by brute force, each extended or not. */
  anser_solver *solver = new_solver(made);
  for (unsigned mask = 0; mask < 64; mask++) {
    int32_t assumptions[6], satisfied = 77;
    int8_t model[6];
    for (int v = 0; v < 6; v++) {
      model[v] = mask >> v & 1 ? 1 : -1;
      assumptions[v] = model[v] * (v + 1);
    }
    OK(anser_formula_check(formula, model, 6, &satisfied, NULL));
    CHECK(solve_under(solver, assumptions, 6) == (satisfied ? ANSER_RESULT_SAT : ANSER_RESULT_UNSAT));
  }
  anser_solver_free(solver);
  anser_formula_free(made);
  /* A sampling set stays what it was. */
  OK(anser_formula_set_sampling_set(formula, (const int32_t[]){5, 2}, 2));
  made = encoded(formula);
  OK(anser_formula_num_sampling_set(made, &n));
  OK(anser_formula_get_sampling_set(made, set, 6));
  CHECK(n == 2 && set[0] == 2 && set[1] == 5);
  anser_formula_free(made);
  /* It is a copy: both go on alone. */
  made = encoded(formula);
  ADD(made, 1);
  anser_formula_free(formula);
  OK(anser_formula_num_clauses(made, &constraints));
  CHECK(constraints == clauses + 1);
  anser_formula_free(made);
}

static void encoding_of_odd_formulas(void) {
  anser_formula *formula = new_formula(), *made = encoded(formula);
  uint64_t count = 77;
  uint32_t number = 77;
  OK(anser_formula_num_constraints(made, &count));
  CHECK(count == 0);
  anser_formula_free(made);
  OK(anser_formula_add_xor(formula, NULL, 0, 1, NULL)); /* never */
  made = encoded(formula);
  anser_solver *solver = new_solver(made);
  CHECK(solve(solver) == ANSER_RESULT_UNSAT);
  anser_solver_free(solver);
  anser_formula_free(made);
  OK(anser_formula_new_real(formula, 0, 1, &number));
  made = (anser_formula *)(void *)&made;
  FAILS(ANSER_STATUS_UNSUPPORTED, anser_formula_encode(formula, NULL, &made), "real", "");
  CHECK(made == NULL);
  anser_formula_free(formula);
}

static void encoding_within_a_budget(void) {
  enum { LONG = 3000 };
  static int32_t literals[LONG];
  anser_formula *formula = new_formula(), *made = (anser_formula *)(void *)&made;
  anser_budget *budget = new_budget();
  anser_interrupt *token = NULL;
  for (int32_t i = 0; i < LONG; i++) literals[i] = i + 1;
  for (int i = 0; i < 20; i++)
    OK(anser_formula_add_cardinality(formula, literals, LONG, LONG / 2 + i, ANSER_CONDITION_PLAIN, 0, NULL));
  OK(anser_interrupt_new(&token));
  anser_interrupt_trigger(token);
  OK(anser_budget_set_interrupt(budget, token));
  FAILS(ANSER_STATUS_STOPPED, anser_formula_encode(formula, budget, &made), "", "");
  CHECK(made == NULL && anser_last_error_stop_reason() == ANSER_STOP_REASON_INTERRUPTED);
  OK(anser_budget_set_interrupt(budget, NULL));
  OK(anser_budget_set_time_limit(budget, 0));
  FAILS(ANSER_STATUS_STOPPED, anser_formula_encode(formula, budget, &made), "", "");
  CHECK(made == NULL && anser_last_error_stop_reason() == ANSER_STOP_REASON_TIME);
  OK(anser_budget_set_time_limit(budget, 1e9));
  OK(anser_budget_set_memory_limit(budget, 100000));
  FAILS(ANSER_STATUS_OUT_OF_MEMORY, anser_formula_encode(formula, budget, &made), "", "");
  CHECK(made == NULL);
  anser_interrupt_free(token);
  anser_budget_free(budget);
  anser_formula_free(formula);
}

static void solvers_of_reals(void) {
  anser_formula *formula = new_formula();
  uint32_t number = 77;
  OK(anser_formula_new_real(formula, 0, 1, &number));
  OK(anser_formula_add_linear(formula, &number, (const double[]){1}, 1, NULL, NULL, 0, ANSER_RELATION_AT_LEAST, 0.5,
                              ANSER_CONDITION_PLAIN, 0, NULL));
  for (int32_t backend = 0; backend < 3; backend++) {
    anser_solver *solver = new_solver(formula);
    int32_t result = 77;
    OK(anser_solver_set_backend(solver, backend));
    FAILS(ANSER_STATUS_UNSUPPORTED, anser_solver_solve(solver, NULL, 0, NULL, &result), "real", "");
    CHECK(result == 77);
    anser_solver_free(solver);
  }
  anser_formula_free(formula);
}

/* ---- Additions that are refused ---- */

static void null_arguments(void) {
  anser_formula *formula = some_formula();
  anser_solver *solver = new_solver(formula);
  const int32_t *l = one_to_six;
  const size_t offsets[] = {0, 2};
  const int64_t w[] = {1, 1}, bounds[] = {1};
  const uint8_t rhs[] = {1};
  uint64_t id = 77;
  uint32_t first = 77;
  double number = 77;
  NULL_ARGUMENT(anser_solver_num_constraints(NULL, &id), "solver");
  NULL_ARGUMENT(anser_solver_num_constraints(solver, NULL), "out_constraints");
  NULL_ARGUMENT(anser_solver_num_numbers(NULL, &first), "solver");
  NULL_ARGUMENT(anser_solver_num_numbers(solver, NULL), "out_numbers");
  NULL_ARGUMENT(anser_solver_get_numbers(NULL, &number, 1), "solver");
  NULL_ARGUMENT(anser_solver_add_xors(NULL, l, 2, offsets, rhs, 1, &id), "solver");
  NULL_ARGUMENT(anser_solver_add_xors(solver, NULL, 2, offsets, rhs, 1, &id), "literals");
  NULL_ARGUMENT(anser_solver_add_xors(solver, l, 2, NULL, rhs, 1, &id), "offsets");
  NULL_ARGUMENT(anser_solver_add_xors(solver, l, 2, offsets, NULL, 1, &id), "rhs");
  NULL_ARGUMENT(anser_solver_add_cardinalities(NULL, l, 2, offsets, bounds, NULL, NULL, 1, &id), "solver");
  NULL_ARGUMENT(anser_solver_add_cardinalities(solver, NULL, 2, offsets, bounds, NULL, NULL, 1, &id), "literals");
  NULL_ARGUMENT(anser_solver_add_cardinalities(solver, l, 2, NULL, bounds, NULL, NULL, 1, &id), "offsets");
  NULL_ARGUMENT(anser_solver_add_cardinalities(solver, l, 2, offsets, NULL, NULL, NULL, 1, &id), "bounds");
  NULL_ARGUMENT(anser_solver_add_cardinalities(solver, l, 2, offsets, bounds, l, NULL, 1, &id), "condition_literals");
  NULL_ARGUMENT(anser_solver_add_pseudo_booleans(NULL, l, w, 2, offsets, bounds, NULL, NULL, 1, &id), "solver");
  NULL_ARGUMENT(anser_solver_add_pseudo_booleans(solver, NULL, w, 2, offsets, bounds, NULL, NULL, 1, &id), "literals");
  NULL_ARGUMENT(anser_solver_add_pseudo_booleans(solver, l, NULL, 2, offsets, bounds, NULL, NULL, 1, &id), "weights");
  NULL_ARGUMENT(anser_solver_add_pseudo_booleans(solver, l, w, 2, NULL, bounds, NULL, NULL, 1, &id), "offsets");
  NULL_ARGUMENT(anser_solver_add_pseudo_booleans(solver, l, w, 2, offsets, NULL, NULL, NULL, 1, &id), "bounds");
  NULL_ARGUMENT(anser_solver_add_formula(NULL, formula, &id), "solver");
  NULL_ARGUMENT(anser_solver_add_formula(solver, NULL, &id), "addition");
  NULL_ARGUMENT(anser_solver_new_integers(NULL, w, w, 1, &first), "solver");
  NULL_ARGUMENT(anser_solver_new_integers(solver, NULL, w, 1, &first), "min");
  NULL_ARGUMENT(anser_solver_new_integers(solver, w, NULL, 1, &first), "max");
  NULL_ARGUMENT(anser_solver_new_integers(solver, w, w, 1, NULL), "out_first");
  CHECK(id == 77 && first == 77 && number == 77 && constraints_of(solver) == 5 && numbers_of(solver) == 0);
  OK(anser_solver_add_xors(solver, l, 2, offsets, rhs, 1, NULL)); /* the id may be nobody's business */
  OK(anser_solver_add_xors(solver, NULL, 0, (const size_t[]){0}, NULL, 0, &id));
  CHECK(id == 6 && constraints_of(solver) == 6);
  anser_solver_free(solver);
  anser_formula_free(formula);
}

static void bad_additions(void) {
  anser_formula *formula = some_formula();
  anser_solver *solver = new_solver(formula);
  const int32_t literals[] = {1, 2, 3, 0};
  const size_t offsets[] = {0, 2, 4}, past[] = {0, 2, 5};
  const int64_t weights[] = {1, INT64_MAX, INT64_MAX, 1}, bounds[] = {1, 1};
  uint64_t id = 77;
  for (int after = 0; after < 2; after++) {
    INVALID(anser_solver_add_xors(solver, literals, 4, offsets, (const uint8_t[]){0, 1}, 2, &id), "0", "");
    CHECK(anser_last_error_index() == 3);
    INVALID(anser_solver_add_xors(solver, literals, 2, (const size_t[]){0, 1, 2}, (const uint8_t[]){0, 2}, 2, &id), "rhs", "2");
    CHECK(anser_last_error_index() == 1);
    INVALID(anser_solver_add_xors(solver, literals, 4, past, (const uint8_t[]){0, 1}, 2, &id), "offset", "");
    INVALID(anser_solver_add_xors(solver, literals, 1, offsets, (const uint8_t[]){0}, SIZE_MAX, &id), "num_xors", "");
    INVALID(anser_solver_add_cardinalities(solver, literals, 4, offsets, bounds, NULL, NULL, 2, &id), "0", "");
    INVALID(anser_solver_add_cardinalities(solver, literals, 3, (const size_t[]){0, 3}, bounds, (const int32_t[]){3},
                                           (const int32_t[]){1}, 1, &id), "condition", "3");
    INVALID(anser_solver_add_cardinalities(solver, literals, 3, (const size_t[]){0, 3}, bounds, (const int32_t[]){1},
                                           (const int32_t[]){INT32_MIN}, 1, &id), "-2147483648", "");
    INVALID(anser_solver_add_pseudo_booleans(solver, literals, weights, 3, (const size_t[]){0, 3}, bounds, NULL, NULL, 1, &id), "2^63", "");
    CHECK(id == 77 && constraints_of(solver) == 5);
    if (!after) CHECK(solve(solver) == ANSER_RESULT_SAT);
  }
  int32_t value = 77;
  OK(anser_solver_get_value(solver, 1, &value)); /* a refusal keeps the model */
  OK(anser_solver_add_xors(solver, literals, 2, (const size_t[]){0, 2}, (const uint8_t[]){1}, 1, &id));
  STATE(anser_solver_get_value(solver, 1, &value), "changed"); /* an addition does not */
  anser_solver_free(solver);
  anser_formula_free(formula);
}

/* ---- Formulas and integers added between solves ---- */

static void formulas_added(void) {
  anser_formula *formula = some_formula(), *more = new_formula(), *nothing = new_formula();
  anser_solver *solver = new_solver(formula);
  uint64_t id = 77, clauses = 77;
  uint32_t vars = 77;
  OK(anser_formula_add_xor(more, (const int32_t[]){7, 9}, 2, 1, NULL));
  OK(anser_formula_add_cardinality(more, (const int32_t[]){8, 9}, 2, 2, ANSER_CONDITION_IMPLIED, 7, NULL));
  CHECK(solve(solver) == ANSER_RESULT_SAT);
  OK(anser_solver_add_formula(solver, nothing, &id));
  CHECK(id == 5 && constraints_of(solver) == 5);
  OK(anser_solver_add_formula(solver, more, &id));
  CHECK(id == 5 && constraints_of(solver) == 7);
  OK(anser_solver_num_vars(solver, &vars));
  OK(anser_formula_num_constraints(formula, &clauses));
  CHECK(vars == 9 && clauses == 5); /* the formula stays as it was */
  anser_formula_free(more);
  CHECK(solve_under(solver, (const int32_t[]){7}, 1) == ANSER_RESULT_UNSAT);
  CHECK(solve_under(solver, (const int32_t[]){9}, 1) == ANSER_RESULT_SAT);
  OK(anser_solver_add_formula(solver, formula, NULL)); /* again its own */
  CHECK(constraints_of(solver) == 12 && solve(solver) == ANSER_RESULT_SAT);
  anser_solver_free(solver);
  anser_formula_free(formula);
  anser_formula_free(nothing);
}

static void integers_added(void) {
  for (int32_t backend = 0; backend < 3; backend++) {
    anser_formula *formula = new_formula(), *more = new_formula(), *other = new_formula();
    uint32_t first = 77;
    double numbers[4] = {77, 77, 77, 77};
    OK(anser_formula_ensure_vars(formula, 1));
    OK(anser_formula_new_integer(formula, 1, 5, &first));
    anser_solver *solver = new_solver(formula);
    OK(anser_solver_set_backend(solver, backend));
    STATE(anser_solver_get_numbers(solver, numbers, 1), "no model");
    CHECK(solve(solver) == ANSER_RESULT_SAT && numbers_of(solver) == 1);
    OK(anser_solver_get_numbers(solver, numbers, 1));
    CHECK(numbers[0] >= 1 && numbers[0] <= 5);
    INVALID(anser_solver_new_integers(solver, (const int64_t[]){0, 3}, (const int64_t[]){1, 2}, 2, &first), "", "");
    CHECK(anser_last_error_index() == 1 && numbers_of(solver) == 1);
    OK(anser_solver_new_integers(solver, (const int64_t[]){-3, 10000}, (const int64_t[]){3, 20000}, 2, &first));
    CHECK(first == 1 && numbers_of(solver) == 3);
    STATE(anser_solver_get_numbers(solver, numbers, 3), "changed");
    /* Number 0 + number 1 = 8, and number 2 = 12345 where 1 is true. */
    OK(anser_formula_new_integers(more, (const int64_t[]){1, -3, 10000}, (const int64_t[]){5, 3, 20000}, 3, &first));
    OK(anser_formula_add_linear(more, (const uint32_t[]){0, 1}, (const double[]){1, 1}, 2, NULL, NULL, 0,
                                ANSER_RELATION_EQUAL, 8, ANSER_CONDITION_PLAIN, 0, NULL));
    OK(anser_formula_add_linear(more, (const uint32_t[]){2}, (const double[]){1}, 1, NULL, NULL, 0, ANSER_RELATION_EQUAL,
                                12345, ANSER_CONDITION_IMPLIED, 1, NULL));
    OK(anser_solver_add_formula(solver, more, NULL));
    CHECK(solve_under(solver, (const int32_t[]){1}, 1) == ANSER_RESULT_SAT);
    numbers[3] = 77;
    SHORT(anser_solver_get_numbers(solver, numbers, 2), "num_values: 2", "3 are needed");
    NULL_ARGUMENT(anser_solver_get_numbers(solver, NULL, 3), "out_values");
    OK(anser_solver_get_numbers(solver, numbers, 4));
    CHECK(numbers[0] == 5 && numbers[1] == 3 && numbers[2] == 12345 && numbers[3] == 77);
    /* The same number with another domain. */
    OK(anser_formula_new_integer(other, 1, 6, &first));
    INVALID(anser_solver_add_formula(solver, other, NULL), "0", "");
    OK(anser_solver_get_numbers(solver, numbers, 3)); /* a refusal keeps the model */
    anser_solver_free(solver);
    anser_formula_free(formula);
    anser_formula_free(more);
    anser_formula_free(other);
  }
}

int main(void) {
  RUN(the_backend);
  RUN(the_same_verdicts);
  RUN(proofs_are_about_clauses);
  RUN(an_lrat_proof_takes_no_more);
  RUN(encoding);
  RUN(encoding_of_odd_formulas);
  RUN(encoding_within_a_budget);
  RUN(solvers_of_reals);
  RUN(null_arguments);
  RUN(bad_additions);
  RUN(formulas_added);
  RUN(integers_added);
  return report();
}
