/* anser_formula, every function: what it does, what it refuses, and that a refusal changes nothing. */
#include "check.h"

static void made_and_freed(void) {
  anser_formula *formula = (anser_formula *)(void *)&formula;
  OK(anser_formula_new(&formula));
  CHECK(formula != NULL);
  anser_formula_free(formula);
  anser_formula_free(NULL);
  NULL_ARGUMENT(anser_formula_new(NULL), "out_formula");
}

static void the_error_slot(void) {
  anser_formula *formula = new_formula();
  NULL_ARGUMENT(anser_formula_num_vars(formula, NULL), "out_vars");
  char *text = strdup(anser_last_error());
  /* Reading it and freeing leave it as it is. */
  CHECK(anser_last_error_index() == -1 && anser_last_error_line() == 0 && anser_last_error_column() == 0);
  anser_formula_free(NULL);
  anser_formula_free(formula);
  anser_budget_free(NULL);
  anser_interrupt_free(NULL);
  anser_solver_free(NULL);
  anser_interrupt_trigger(NULL);
  CHECK(anser_interrupt_is_triggered(NULL) == 0);
  CHECK(strcmp(text, anser_last_error()) == 0);
  CHECK(*anser_version_string() && strcmp(text, anser_last_error()) == 0);
  formula = NULL;
  OK(anser_formula_new(&formula));
  CHECK(strcmp(anser_last_error(), "") == 0);
  anser_formula_free(formula);
  free(text);
}

static uint32_t vars_of(const anser_formula *formula) {
  uint32_t vars = 4242;
  OK(anser_formula_num_vars(formula, &vars));
  return vars;
}
static uint64_t clauses_of(const anser_formula *formula) {
  uint64_t clauses = 4242;
  OK(anser_formula_num_clauses(formula, &clauses));
  return clauses;
}

static void variables(void) {
  anser_formula *formula = new_formula();
  int32_t first = -7;
  uint32_t vars = 77;
  CHECK(vars_of(formula) == 0);
  OK(anser_formula_new_vars(formula, 3, &first));
  CHECK(first == 1 && vars_of(formula) == 3);
  OK(anser_formula_new_vars(formula, 2, &first));
  CHECK(first == 4 && vars_of(formula) == 5);
  OK(anser_formula_new_vars(formula, 0, &first));
  CHECK(vars_of(formula) == 5);
  OK(anser_formula_ensure_vars(formula, 3));
  CHECK(vars_of(formula) == 5);
  OK(anser_formula_ensure_vars(formula, 0));
  OK(anser_formula_ensure_vars(formula, 9));
  CHECK(vars_of(formula) == 9);

  first = -7;
  INVALID(anser_formula_new_vars(formula, (uint32_t)MAX_VAR - 8, &first), "1073741824", "");
  INVALID(anser_formula_new_vars(formula, UINT32_MAX, &first), "4294967304", "");
  INVALID(anser_formula_ensure_vars(formula, (uint32_t)MAX_VAR + 1), "1073741824", "");
  INVALID(anser_formula_ensure_vars(formula, UINT32_MAX), "4294967295", "");
  NULL_ARGUMENT(anser_formula_new_vars(NULL, 1, &first), "formula");
  NULL_ARGUMENT(anser_formula_new_vars(formula, 1, NULL), "out_first");
  NULL_ARGUMENT(anser_formula_ensure_vars(NULL, 1), "formula");
  NULL_ARGUMENT(anser_formula_num_vars(NULL, &vars), "formula");
  NULL_ARGUMENT(anser_formula_num_vars(formula, NULL), "out_vars");
  CHECK(first == -7 && vars == 77 && vars_of(formula) == 9);

  OK(anser_formula_new_vars(formula, (uint32_t)MAX_VAR - 9, &first));
  CHECK(first == 10 && vars_of(formula) == (uint32_t)MAX_VAR);
  OK(anser_formula_ensure_vars(formula, (uint32_t)MAX_VAR));
  INVALID(anser_formula_new_vars(formula, 1, &first), "1073741824", "");
  anser_formula_free(formula);
}

static bool has_clause(const anser_formula *formula, uint64_t id, const int32_t *wanted) {
  const int32_t *literals = NULL;
  size_t length = 99, n = 0;
  while (wanted[n]) n++;
  OK(anser_formula_get_clause(formula, id, &literals, &length));
  return length == n && (n == 0 || memcmp(literals, wanted, n * sizeof *wanted) == 0);
}
#define HAS(formula, id, ...) CHECK(has_clause((formula), (id), (const int32_t[]){__VA_ARGS__}))

static void clauses(void) {
  anser_formula *formula = new_formula();
  uint64_t id = 77, count = 77;
  const int32_t good[] = {3, -1, 3};
  OK(anser_formula_add_clause(formula, good, 3, &id));
  CHECK(id == 0 && vars_of(formula) == 3);
  OK(anser_formula_add_clause(formula, NULL, 0, &id)); /* the empty clause */
  CHECK(id == 1);
  OK(anser_formula_add_clause(formula, good, 0, NULL));
  OK(anser_formula_add_clause(formula, good + 1, 1, &id));
  CHECK(id == 3 && clauses_of(formula) == 4);
  HAS(formula, 0, 3, -1, 3, 0);
  HAS(formula, 1, 0);
  HAS(formula, 2, 0);
  HAS(formula, 3, -1, 0);

  static const struct {
    int32_t literal;
    const char *text;
  } bad[] = {{0, "literal 0"},
             {INT32_MIN, "-2147483648"},
             {INT32_MAX, "2147483647"},
             {-INT32_MAX, "-2147483647"},
             {MAX_VAR + 1, "1073741824"},
             {-MAX_VAR - 1, "-1073741824"}};
  id = 77;
  for (size_t i = 0; i < COUNT(bad); i++)
    for (int at = 0; at < 3; at++) {
      int32_t literals[] = {8, -9, 10};
      literals[at] = bad[i].literal;
      INVALID(anser_formula_add_clause(formula, literals, 3, &id), bad[i].text, "");
      CHECK(anser_last_error_index() == at && anser_last_error_line() == 0);
    }
  NULL_ARGUMENT(anser_formula_add_clause(NULL, good, 3, &id), "formula");
  NULL_ARGUMENT(anser_formula_add_clause(formula, NULL, 3, &id), "literals");
  INVALID(anser_formula_add_clause(formula, good, SIZE_MAX, &id), "literals", "18446744073709551615");
  INVALID(anser_formula_add_clause(formula, good, SIZE_MAX / 4, &id), "literals", "4611686018427387903");
  _Alignas(8) char bytes[16] = {0};
  INVALID(anser_formula_add_clause(formula, (const int32_t *)(const void *)(bytes + 1), 2, &id), "literals", "aligned");
  INVALID(anser_formula_add_clause(formula, good, 3, (uint64_t *)(void *)(bytes + 4)), "out_id", "aligned");
  NULL_ARGUMENT(anser_formula_num_clauses(NULL, &count), "formula");
  NULL_ARGUMENT(anser_formula_num_clauses(formula, NULL), "out_clauses");
  CHECK(id == 77 && count == 77 && clauses_of(formula) == 4 && vars_of(formula) == 3);

  const int32_t widest[] = {MAX_VAR, -MAX_VAR};
  OK(anser_formula_add_clause(formula, widest, 2, &id));
  CHECK(id == 4 && vars_of(formula) == (uint32_t)MAX_VAR);
  anser_formula_free(formula);
}

static void clauses_in_bulk(void) {
  anser_formula *formula = new_formula();
  uint64_t id = 77;
  const int32_t literals[] = {1, 2, -5, 3};
  const size_t offsets[] = {0, 2, 2, 4};
  ADD(formula, 1);
  OK(anser_formula_add_clauses(formula, literals, 4, offsets, 3, &id));
  CHECK(id == 1 && clauses_of(formula) == 4 && vars_of(formula) == 5);
  HAS(formula, 1, 1, 2, 0);
  HAS(formula, 2, 0);
  HAS(formula, 3, -5, 3, 0);
  OK(anser_formula_add_clauses(formula, NULL, 0, offsets, 0, &id)); /* none: one offset, 0 */
  CHECK(id == 4 && clauses_of(formula) == 4);
  OK(anser_formula_add_clauses(formula, literals, 4, offsets, 3, NULL));
  CHECK(clauses_of(formula) == 7);

  id = 77;
  static const struct {
    size_t offsets[4];
    int64_t index;
    const char *text;
  } bad[] = {{{1, 2, 2, 4}, 0, "offset 1"}, {{0, 2, 1, 4}, 2, "offset 1"},        {{0, 2, 2, 3}, 3, "offset 3"},
             {{0, 2, 2, 5}, 3, "offset 5"}, {{0, 9, 2, 4}, 2, "offset 2"},        {{0, 0, 0, 0}, 3, "offset 0"},
             {{0, 2, 4, SIZE_MAX}, 3, "18446744073709551615"}, {{SIZE_MAX, 2, 3, 4}, 0, "18446744073709551615"}};
  for (size_t i = 0; i < COUNT(bad); i++) {
    INVALID(anser_formula_add_clauses(formula, literals, 4, bad[i].offsets, 3, &id), bad[i].text, "");
    CHECK(anser_last_error_index() == bad[i].index);
  }
  int32_t zero[] = {7, 8, 0, 9};
  INVALID(anser_formula_add_clauses(formula, zero, 4, offsets, 3, &id), "literal 0", "index 2");
  CHECK(anser_last_error_index() == 2);
  NULL_ARGUMENT(anser_formula_add_clauses(NULL, literals, 4, offsets, 3, &id), "formula");
  NULL_ARGUMENT(anser_formula_add_clauses(formula, NULL, 4, offsets, 3, &id), "literals");
  NULL_ARGUMENT(anser_formula_add_clauses(formula, literals, 4, NULL, 3, &id), "offsets");
  NULL_ARGUMENT(anser_formula_add_clauses(formula, NULL, 0, NULL, 0, &id), "offsets");
  INVALID(anser_formula_add_clauses(formula, literals, 4, offsets, SIZE_MAX, &id), "num_clauses", "18446744073709551615");
  INVALID(anser_formula_add_clauses(formula, literals, 4, offsets, SIZE_MAX - 1, &id), "offsets", "");
  INVALID(anser_formula_add_clauses(formula, literals, SIZE_MAX, offsets, 3, &id), "literals", "18446744073709551615");
  CHECK(id == 77 && clauses_of(formula) == 7 && vars_of(formula) == 5);
  anser_formula_free(formula);
}

static void reading_clauses(void) {
  anser_formula *formula = new_formula();
  ADD(formula, 1, -2, 3);
  ADD(formula, 2);
  const int32_t *literals = (const int32_t *)(const void *)&formula, *again = NULL;
  const int32_t *untouched = literals;
  size_t length = 77;
  INVALID(anser_formula_get_clause(formula, 2, &literals, &length), "id", "2");
  INVALID(anser_formula_get_clause(formula, UINT64_MAX, &literals, &length), "id", "18446744073709551615");
  NULL_ARGUMENT(anser_formula_get_clause(NULL, 0, &literals, &length), "formula");
  NULL_ARGUMENT(anser_formula_get_clause(formula, 0, NULL, &length), "out_literals");
  NULL_ARGUMENT(anser_formula_get_clause(formula, 0, &literals, NULL), "out_num_literals");
  CHECK(literals == untouched && length == 77);

  /* Borrowed until the formula is changed: calls that only read leave it as it is. */
  OK(anser_formula_get_clause(formula, 0, &literals, &length));
  CHECK(length == 3 && literals[0] == 1 && literals[1] == -2 && literals[2] == 3);
  anser_formula_statistics statistics = ANSER_FORMULA_STATISTICS_INIT;
  anser_formula *copy = NULL;
  OK(anser_formula_clone(formula, &copy));
  anser_solver *solver = new_solver(formula);
  int32_t result = -1;
  OK(anser_solver_solve(solver, NULL, 0, NULL, &result));
  CHECK(result == ANSER_RESULT_SAT);
  OK(anser_formula_get_statistics(formula, &statistics));
  OK(anser_formula_get_clause(formula, 0, &again, &length));
  CHECK(again == literals && literals[2] == 3);
  ADD(copy, 7, 8); /* changes the copy, not this one */
  anser_formula_free(copy);
  anser_solver_free(solver);
  CHECK(literals[0] == 1 && literals[2] == 3);
  anser_formula_free(formula);
}

/* A call that fails changes nothing: what was borrowed stays valid, also where the clauses were shared and the other
 * owner goes. */
static void a_failed_call_keeps_what_was_borrowed(void) {
  anser_formula *formula = new_formula(), *copy = NULL;
  ADD(formula, 1, -2, 3);
  OK(anser_formula_clone(formula, &copy));
  const int32_t *literals = NULL, zero[] = {0};
  size_t length = 0;
  OK(anser_formula_get_clause(formula, 0, &literals, &length));
  INVALID(anser_formula_add_clause(formula, zero, 1, NULL), "literal 0", "");
  anser_formula_free(copy);
  const int32_t *again = NULL;
  OK(anser_formula_get_clause(formula, 0, &again, &length));
  CHECK(again == literals); /* else `literals` dangles */
  anser_formula_free(formula);
}

static bool same(const anser_formula *a, const anser_formula *b) {
  if (vars_of(a) != vars_of(b) || clauses_of(a) != clauses_of(b)) return false;
  for (uint64_t i = 0; i < clauses_of(a); i++) {
    const int32_t *p = NULL, *q = NULL;
    size_t m = 0, n = 0;
    OK(anser_formula_get_clause(a, i, &p, &m));
    OK(anser_formula_get_clause(b, i, &q, &n));
    if (m != n || (m && memcmp(p, q, m * sizeof *p))) return false;
  }
  return true;
}

/* All clauses at once, and back. */
static void clauses_read_in_bulk(void) {
  anser_formula *formula = new_formula();
  uint64_t count = 77, id = 77;
  int32_t literals[8];
  size_t offsets[8];
  memset(literals, 0x77, sizeof literals);
  memset(offsets, 0x77, sizeof offsets);
  const int32_t rest = literals[0];
  const size_t far = offsets[0];
  OK(anser_formula_num_literals(formula, &count));
  CHECK(count == 0);
  OK(anser_formula_get_clauses(formula, NULL, 0, offsets, 1)); /* none: one offset, 0 */
  CHECK(offsets[0] == 0 && offsets[1] == far);
  OK(anser_formula_get_clauses(formula, literals, 8, offsets, 8));
  CHECK(literals[0] == rest && offsets[1] == far);

  OK(anser_formula_add_clause(formula, NULL, 0, NULL));
  ADD(formula, 3, -1, 3);
  ADD(formula, -5);
  OK(anser_formula_add_clause(formula, NULL, 0, NULL));
  OK(anser_formula_num_literals(formula, &count));
  CHECK(count == 4);
  count = 77;
  offsets[0] = far;
  NULL_ARGUMENT(anser_formula_num_literals(NULL, &count), "formula");
  NULL_ARGUMENT(anser_formula_num_literals(formula, NULL), "out_literals");
  NULL_ARGUMENT(anser_formula_get_clauses(NULL, literals, 4, offsets, 5), "formula");
  NULL_ARGUMENT(anser_formula_get_clauses(formula, NULL, 4, offsets, 5), "out_literals");
  NULL_ARGUMENT(anser_formula_get_clauses(formula, literals, 4, NULL, 5), "out_offsets");
  SHORT(anser_formula_get_clauses(formula, literals, 3, offsets, 5), "num_literals: 3", "4 are needed");
  SHORT(anser_formula_get_clauses(formula, NULL, 0, offsets, 5), "num_literals: 0", "4 are needed");
  SHORT(anser_formula_get_clauses(formula, literals, 4, offsets, 4), "num_offsets: 4", "5 are needed");
  SHORT(anser_formula_get_clauses(formula, literals, 4, NULL, 0), "num_offsets: 0", "5 are needed");
  _Alignas(8) char bytes[64] = {0};
  INVALID(anser_formula_get_clauses(formula, (int32_t *)(void *)(bytes + 1), 4, offsets, 5), "out_literals", "aligned");
  INVALID(anser_formula_get_clauses(formula, literals, 4, (size_t *)(void *)(bytes + 4), 5), "out_offsets", "aligned");
  CHECK(count == 77 && literals[0] == rest && offsets[0] == far); /* nothing was written */

  static const int32_t wanted[] = {3, -1, 3, -5};
  static const size_t at[] = {0, 0, 3, 4, 4};
  for (size_t more = 0; more < 3; more++) { /* room for just as many, and for more: the rest stays */
    memset(literals, 0x77, sizeof literals);
    memset(offsets, 0x77, sizeof offsets);
    OK(anser_formula_get_clauses(formula, literals, 4 + more, offsets, 5 + more));
    CHECK(memcmp(literals, wanted, sizeof wanted) == 0 && memcmp(offsets, at, sizeof at) == 0);
    CHECK(literals[4] == rest && offsets[5] == far);
  }
  anser_formula *again = new_formula();
  OK(anser_formula_add_clauses(again, literals, 4, offsets, 4, &id));
  CHECK(id == 0 && same(formula, again));
  anser_formula_free(again);
  anser_formula_free(formula);

  /* A large one, there and back. */
  formula = random_3sat(100, 5000, 7);
  again = new_formula();
  int32_t *many = calloc(15001, sizeof *many);
  size_t *starts = calloc(5001, sizeof *starts);
  if (!many || !starts) abort();
  OK(anser_formula_get_clauses(formula, many, 15001, starts, 5001));
  CHECK(many[15000] == 0 && starts[5000] == 15000);
  OK(anser_formula_add_clauses(again, many, 15000, starts, 5000, NULL));
  CHECK(same(formula, again));
  free(many);
  free(starts);
  anser_formula_free(again);
  anser_formula_free(formula);
}

/* A call that fails leaves what was borrowed, whatever it is that fails, also while the clauses are shared. */
static void failed_changes_of_a_shared_formula(void) {
  for (int shared = 0; shared < 3; shared++) { /* by nobody, a copy, a solver */
    anser_formula *formula = random_3sat(20, 200, 2), *copy = NULL;
    anser_solver *solver = NULL;
    OK(anser_formula_set_name(formula, 1, "x"));
    if (shared == 1) OK(anser_formula_clone(formula, &copy));
    if (shared == 2) solver = new_solver(formula);
    const int32_t *literals = NULL, *again = NULL, zero[] = {1, 0}, fine[] = {1, 2};
    const size_t down[] = {0, 2, 1}, up[] = {0, 1};
    size_t length = 0;
    int32_t first = 77;
    OK(anser_formula_set_memory_limit(formula, 1));
    OK(anser_formula_get_clause(formula, 100, &literals, &length));
    INVALID(anser_formula_add_clause(formula, zero, 2, NULL), "literal 0", "");
    INVALID(anser_formula_add_clauses(formula, fine, 2, down, 2, NULL), "offset", "");
    INVALID(anser_formula_add_clauses(formula, fine, 2, up, 1, NULL), "offset", "");
    INVALID(anser_formula_new_vars(formula, UINT32_MAX, &first), "", "");
    INVALID(anser_formula_ensure_vars(formula, UINT32_MAX), "", "");
    INVALID(anser_formula_set_name(formula, 2, "x"), "another variable", "");
    INVALID(anser_formula_set_name(formula, 21, "y"), "21", "");
    FAILS(ANSER_STATUS_OUT_OF_MEMORY, anser_formula_add_clause(formula, fine, 2, NULL), "limit", "");
    anser_formula_free(copy);
    anser_solver_free(solver);
    OK(anser_formula_get_clause(formula, 100, &again, &length));
    CHECK(again == literals && length == 3 && first == 77 && clauses_of(formula) == 200);
    CHECK(literals[0] && literals[1] && literals[2]); /* under valgrind and the sanitizer: still there */
    anser_formula_free(formula);
  }
}

static void clones_are_independent(void) {
  anser_formula *formula = new_formula(), *copy = (anser_formula *)(void *)&copy;
  ADD(formula, 1, 2);
  OK(anser_formula_set_name(formula, 1, "x"));
  NULL_ARGUMENT(anser_formula_clone(NULL, &copy), "formula");
  CHECK(copy == NULL);
  NULL_ARGUMENT(anser_formula_clone(formula, NULL), "out_formula");
  OK(anser_formula_clone(formula, &copy));
  CHECK(copy != NULL && copy != formula);
  ADD(copy, -7);
  OK(anser_formula_set_name(copy, 1, "y"));
  CHECK(clauses_of(formula) == 1 && vars_of(formula) == 2 && clauses_of(copy) == 2 && vars_of(copy) == 7);
  int32_t var = -1;
  OK(anser_formula_find_name(formula, "x", &var));
  CHECK(var == 1);
  OK(anser_formula_find_name(copy, "x", &var));
  CHECK(var == 0);
  ADD(formula, 3);
  CHECK(clauses_of(formula) == 2 && clauses_of(copy) == 2);
  HAS(formula, 1, 3, 0);
  HAS(copy, 1, -7, 0);
  anser_formula_free(formula);
  HAS(copy, 0, 1, 2, 0);
  anser_formula *third = NULL;
  OK(anser_formula_clone(copy, &third));
  anser_formula_free(copy);
  HAS(third, 1, -7, 0);
  OK(anser_formula_find_name(third, "y", &var));
  CHECK(var == 1);
  anser_formula_free(third);
}

static void names(void) {
  anser_formula *formula = new_formula();
  char buffer[32];
  size_t length = 77;
  int32_t var = 77;
  OK(anser_formula_ensure_vars(formula, 3));
  OK(anser_formula_set_name(formula, 2, "h\xc3\xa9llo[0]"));
  memset(buffer, 'z', sizeof buffer);
  OK(anser_formula_get_name(formula, 2, buffer, sizeof buffer, &length));
  CHECK(length == 9 && strcmp(buffer, "h\xc3\xa9llo[0]") == 0 && buffer[10] == 'z');
  memset(buffer, 'z', sizeof buffer);
  OK(anser_formula_get_name(formula, 2, buffer, 10, NULL)); /* just enough */
  CHECK(buffer[9] == 0 && buffer[10] == 'z');
  OK(anser_formula_get_name(formula, 2, NULL, 0, &length));
  CHECK(length == 9);
  OK(anser_formula_get_name(formula, 2, NULL, 0, NULL));
  OK(anser_formula_get_name(formula, 1, buffer, sizeof buffer, &length)); /* has none */
  CHECK(length == 0 && buffer[0] == 0);
  OK(anser_formula_find_name(formula, "h\xc3\xa9llo[0]", &var));
  CHECK(var == 2);
  OK(anser_formula_find_name(formula, "nobody", &var));
  CHECK(var == 0);
  OK(anser_formula_find_name(formula, "", &var));
  CHECK(var == 0);

  memset(buffer, 'z', sizeof buffer);
  length = 77;
  var = 77;
  SHORT(anser_formula_get_name(formula, 2, buffer, 9, &length), "capacity", "10");
  CHECK(length == 9 && buffer[0] == 'z'); /* how long it is, all the same */
  length = 77;
  SHORT(anser_formula_get_name(formula, 2, buffer, 1, &length), "capacity", "1");
  SHORT(anser_formula_get_name(formula, 2, buffer, 1, NULL), "capacity", "1");
  CHECK(length == 9);
  length = 77;
  NULL_ARGUMENT(anser_formula_get_name(formula, 2, NULL, 32, &length), "buffer");
  NULL_ARGUMENT(anser_formula_get_name(NULL, 2, buffer, 32, &length), "formula");
  NULL_ARGUMENT(anser_formula_find_name(NULL, "x", &var), "formula");
  NULL_ARGUMENT(anser_formula_find_name(formula, NULL, &var), "name");
  NULL_ARGUMENT(anser_formula_find_name(formula, "x", NULL), "out_var");
  NULL_ARGUMENT(anser_formula_set_name(NULL, 1, "x"), "formula");
  INVALID(anser_formula_find_name(formula, "\xff", &var), "name", "UTF-8");
  static const int32_t bad[] = {0, -1, 4, MAX_VAR, INT32_MAX, INT32_MIN};
  for (size_t i = 0; i < COUNT(bad); i++) {
    char text[16];
    snprintf(text, sizeof text, "%" PRId32, bad[i]);
    INVALID(anser_formula_set_name(formula, bad[i], "x"), text, "");
    INVALID(anser_formula_set_name(formula, bad[i], NULL), text, "");
    INVALID(anser_formula_get_name(formula, bad[i], buffer, 32, &length), text, "");
  }
  INVALID(anser_formula_set_name(formula, 1, ""), "empty", "");
  INVALID(anser_formula_set_name(formula, 1, "a\tb"), "control", "");
  INVALID(anser_formula_set_name(formula, 1, "a\nb"), "control", "");
  INVALID(anser_formula_set_name(formula, 1, "\xc3"), "name", "UTF-8");
  INVALID(anser_formula_set_name(formula, 1, "h\xc3\xa9llo[0]"), "another variable", "");
  CHECK(buffer[0] == 'z' && length == 77 && var == 77);
  OK(anser_formula_get_name(formula, 1, NULL, 0, &length));
  CHECK(length == 0);

  OK(anser_formula_set_name(formula, 2, "h\xc3\xa9llo[0]")); /* the same again */
  OK(anser_formula_set_name(formula, 2, "b"));
  OK(anser_formula_find_name(formula, "h\xc3\xa9llo[0]", &var));
  CHECK(var == 0);
  OK(anser_formula_set_name(formula, 1, "h\xc3\xa9llo[0]"));
  OK(anser_formula_set_name(formula, 2, NULL));
  OK(anser_formula_set_name(formula, 2, NULL));
  OK(anser_formula_find_name(formula, "b", &var));
  CHECK(var == 0);
  char *longest = malloc(100001);
  if (!longest) abort();
  memset(longest, 'n', 100000);
  longest[100000] = 0;
  OK(anser_formula_set_name(formula, 3, longest));
  OK(anser_formula_get_name(formula, 3, NULL, 0, &length));
  CHECK(length == 100000);
  free(longest);
  anser_formula_free(formula);
}

static void statistics(void) {
  anser_formula *formula = new_formula();
  anser_formula_statistics s = ANSER_FORMULA_STATISTICS_INIT;
  OK(anser_formula_get_statistics(formula, &s));
  CHECK(s.variables == 0 && s.clauses == 0 && s.longest == 0);
  OK(anser_formula_add_clause(formula, NULL, 0, NULL));
  ADD(formula, 1);
  ADD(formula, 1, 2);
  ADD(formula, -1, 3);
  ADD(formula, 1, 2, 3);
  ADD(formula, 1, 2, 3, 4, 5);
  OK(anser_formula_get_statistics(formula, &s));
  CHECK(s.struct_size == sizeof s && s.variables == 5 && s.clauses == 6 && s.literals == 13);
  CHECK(s.empty == 1 && s.unit == 1 && s.binary == 2 && s.ternary == 1 && s.longest == 5);
  CHECK(s.bytes >= 13 * 4 + 6 * 8 && s.bytes < 4096);

  NULL_ARGUMENT(anser_formula_get_statistics(NULL, &s), "formula");
  NULL_ARGUMENT(anser_formula_get_statistics(formula, NULL), "out_statistics");
  static const size_t bad[] = {0, 1, 8, 79, 4097, SIZE_MAX};
  for (size_t i = 0; i < COUNT(bad); i++) {
    char text[24];
    anser_formula_statistics t = {0};
    snprintf(text, sizeof text, "%zu", bad[i]);
    t.struct_size = bad[i];
    t.clauses = 99;
    FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_formula_get_statistics(formula, &t), "struct_size", text);
    CHECK(t.struct_size == bad[i] && t.clauses == 99);
  }
  /* An older host's struct, as it was before there were constraints other than clauses: what it has room for is written,
   * and nothing beyond it is touched. */
  anser_formula_statistics older;
  memset(&older, 0xee, sizeof older);
  older.struct_size = offsetof(anser_formula_statistics, xors);
  OK(anser_formula_get_statistics(formula, &older));
  CHECK(older.struct_size == 80 && older.clauses == 6 && older.bytes == s.bytes);
  CHECK(older.xors == UINT64_C(0xeeeeeeeeeeeeeeee) && older.sampling_set == UINT64_C(0xeeeeeeeeeeeeeeee));
  /* A newer host's struct: what this library does not know is zeroed, and nothing beyond it is touched. */
  struct {
    anser_formula_statistics s;
    uint64_t newer[4], beyond;
  } large;
  memset(&large, 0xee, sizeof large);
  large.s.struct_size = offsetof(__typeof__(large), beyond);
  OK(anser_formula_get_statistics(formula, &large.s));
  CHECK(large.s.struct_size == offsetof(__typeof__(large), beyond) && large.s.clauses == 6);
  CHECK(!large.newer[0] && !large.newer[3] && large.beyond == UINT64_C(0xeeeeeeeeeeeeeeee));
  anser_formula_free(formula);
}

static void models(void) {
  anser_formula *formula = new_formula();
  int8_t values[8] = {0};
  int32_t satisfied = 77;
  uint64_t violated = 77;
  OK(anser_formula_check(formula, NULL, 0, &satisfied, &violated));
  CHECK(satisfied == 1 && violated == UINT64_MAX);
  ADD(formula, 1, 2);
  ADD(formula, -1, 3);
  values[0] = 1, values[1] = -1, values[2] = 1;
  OK(anser_formula_check(formula, values, 3, &satisfied, &violated));
  CHECK(satisfied == 1 && violated == UINT64_MAX);
  OK(anser_formula_check(formula, values, 8, &satisfied, NULL));
  CHECK(satisfied == 1);
  values[2] = 0; /* open: satisfies nothing */
  OK(anser_formula_check(formula, values, 3, &satisfied, &violated));
  CHECK(satisfied == 0 && violated == 1);
  values[0] = 0;
  OK(anser_formula_check(formula, values, 3, &satisfied, &violated));
  CHECK(satisfied == 0 && violated == 0);

  satisfied = 77, violated = 77;
  INVALID(anser_formula_check(formula, values, 2, &satisfied, &violated), "2", "3");
  INVALID(anser_formula_check(formula, NULL, 0, &satisfied, &violated), "0", "3");
  NULL_ARGUMENT(anser_formula_check(NULL, values, 3, &satisfied, &violated), "formula");
  NULL_ARGUMENT(anser_formula_check(formula, NULL, 3, &satisfied, &violated), "values");
  NULL_ARGUMENT(anser_formula_check(formula, values, 3, NULL, &violated), "out_satisfied");
  CHECK(satisfied == 77 && violated == 77);
  OK(anser_formula_add_clause(formula, NULL, 0, NULL));
  values[0] = 1, values[2] = 1;
  OK(anser_formula_check(formula, values, 3, &satisfied, &violated));
  CHECK(satisfied == 0 && violated == 2);
  anser_formula_free(formula);
}

static void memory_limits(void) {
  anser_formula *formula = new_formula();
  NULL_ARGUMENT(anser_formula_set_memory_limit(NULL, 1), "formula");
  OK(anser_formula_set_memory_limit(formula, 4096));
  uint64_t id = 0, added = 0;
  const int32_t clause[] = {1, 2, 3};
  anser_status status;
  while ((status = anser_formula_add_clause(formula, clause, 3, &id)) == ANSER_STATUS_OK && added < 10000)
    CHECK(id == added++);
  CHECK(status == ANSER_STATUS_OUT_OF_MEMORY && added > 50 && added < 300);
  id = 77;
  FAILS(ANSER_STATUS_OUT_OF_MEMORY, anser_formula_add_clause(formula, clause, 3, &id), "4096", "limit");
  int32_t many[300];
  size_t offsets[] = {0, 300};
  for (int i = 0; i < 300; i++) many[i] = i + 1;
  FAILS(ANSER_STATUS_OUT_OF_MEMORY, anser_formula_add_clauses(formula, many, 300, offsets, 1, &id), "4096", "limit");
  char name[4097];
  memset(name, 'n', sizeof name - 1);
  name[4096] = 0;
  FAILS(ANSER_STATUS_OUT_OF_MEMORY, anser_formula_set_name(formula, 1, name), "limit", "");
  CHECK(id == 77 && clauses_of(formula) == added && vars_of(formula) == 3);
  anser_formula_statistics s = ANSER_FORMULA_STATISTICS_INIT;
  OK(anser_formula_get_statistics(formula, &s));
  CHECK(s.bytes <= 4096);
  /* It is usable, and a larger limit lets it go on. */
  OK(anser_formula_set_memory_limit(formula, UINT64_MAX));
  OK(anser_formula_add_clause(formula, clause, 3, &id));
  CHECK(id == added);
  OK(anser_formula_set_memory_limit(formula, 0)); /* less than it holds: nothing more, but what is there stays */
  CHECK(clauses_of(formula) == added + 1);
  anser_formula_free(formula);
}

/* ---- DIMACS ---- */

static anser_formula *small(void) {
  anser_formula *formula = new_formula();
  OK(anser_formula_ensure_vars(formula, 6));
  ADD(formula, 1, -2);
  OK(anser_formula_add_clause(formula, NULL, 0, NULL));
  ADD(formula, 5, 3, -4);
  return formula;
}

static void written_to_memory(void) {
  anser_formula *formula = small(), *back = NULL;
  size_t length = 0, same_length = 0;
  OK(anser_formula_write_dimacs_memory(formula, NULL, NULL, 0, &length));
  OK(anser_formula_write_dimacs_memory(formula, NULL, NULL, 0, NULL));
  CHECK(length > 20 && length < 100);
  char text[128];
  memset(text, 'z', sizeof text);
  OK(anser_formula_write_dimacs_memory(formula, NULL, text, length + 1, &same_length));
  CHECK(same_length == length && strlen(text) == length && text[length + 1] == 'z');
  CHECK(strstr(text, "p cnf 6 3\n") != NULL && strstr(text, "\n1 -2 0\n0\n5 3 -4 0\n") != NULL);
  OK(anser_formula_read_dimacs_memory((const uint8_t *)text, length, NULL, &back));
  CHECK(back && same(formula, back));
  anser_formula_free(back);

  memset(text, 'z', sizeof text);
  length = 77;
  SHORT(anser_formula_write_dimacs_memory(formula, NULL, text, same_length, &length), "capacity", "");
  CHECK(length == same_length && text[0] == 'z'); /* how long it is, all the same */
  length = 77;
  SHORT(anser_formula_write_dimacs_memory(formula, NULL, text, 1, &length), "capacity", "1");
  SHORT(anser_formula_write_dimacs_memory(formula, NULL, text, 1, NULL), "capacity", "1");
  CHECK(length == same_length);
  length = 77;
  NULL_ARGUMENT(anser_formula_write_dimacs_memory(formula, NULL, NULL, 128, &length), "buffer");
  NULL_ARGUMENT(anser_formula_write_dimacs_memory(NULL, NULL, text, 128, &length), "formula");
  CHECK(length == 77 && text[0] == 'z' && text[127] == 'z');
  anser_budget *budget = new_budget();
  anser_interrupt *token = NULL;
  OK(anser_interrupt_new(&token));
  OK(anser_budget_set_interrupt(budget, token));
  OK(anser_formula_write_dimacs_memory(formula, budget, text, sizeof text, &length));
  CHECK(length == same_length && strlen(text) == length);
  anser_interrupt_trigger(token);
  length = 77;
  FAILS(ANSER_STATUS_STOPPED, anser_formula_write_dimacs_memory(formula, budget, text, sizeof text, &length),
        "interrupt", "");
  CHECK(anser_last_error_stop_reason() == ANSER_STOP_REASON_INTERRUPTED && length == 77);
  anser_interrupt_free(token);
  anser_budget_free(budget);
  anser_formula_free(formula);
}

static void written_to_a_sink(void) {
  anser_formula *formula = small(), *back = NULL;
  struct host host = {0};
  anser_sink sink = sink_to(&host);
  OK(anser_formula_write_dimacs_sink(formula, &sink, NULL));
  CHECK(host.destroyed == 1 && host.calls > 0 && host.text && strstr(host.text, "p cnf 6 3\n"));
  OK(anser_formula_read_dimacs_memory((const uint8_t *)host.text, host.length, NULL, &back));
  CHECK(back && same(formula, back));
  anser_formula_free(back);
  host_clear(&host);

  /* A refusing host: no more pieces come, and the call fails. */
  host.answer = 5;
  FAILS(ANSER_STATUS_IO, anser_formula_write_dimacs_sink(formula, &sink, NULL), "5", "");
  CHECK(host.destroyed == 1 && host.calls == 1);
  host_clear(&host);
  anser_formula *large = random_3sat(1000, 40000, 1);
  host.answer = -1, host.answer_after = 1;
  FAILS(ANSER_STATUS_IO, anser_formula_write_dimacs_sink(large, &sink, NULL), "-1", "");
  CHECK(host.destroyed == 1 && host.calls == 2);
  host_clear(&host);
  OK(anser_formula_write_dimacs_sink(large, &sink, NULL));
  OK(anser_formula_read_dimacs_memory((const uint8_t *)host.text, host.length, NULL, &back));
  CHECK(back && same(large, back));
  anser_formula_free(back);
  anser_formula_free(large);
  host_clear(&host);

  /* Let go of exactly once, also where it was refused; not where its size is wrong. */
  NULL_ARGUMENT(anser_formula_write_dimacs_sink(NULL, &sink, NULL), "formula");
  CHECK(host.destroyed == 1 && host.calls == 0);
  host_clear(&host);
  NULL_ARGUMENT(anser_formula_write_dimacs_sink(formula, NULL, NULL), "sink");
  sink.write = NULL;
  NULL_ARGUMENT(anser_formula_write_dimacs_sink(formula, &sink, NULL), "write");
  CHECK(host.destroyed == 1);
  host_clear(&host);
  sink = sink_to(&host);
  sink.destroy = NULL;
  OK(anser_formula_write_dimacs_sink(formula, &sink, NULL));
  host_clear(&host);
  static const size_t bad[] = {0, 1, 8, sizeof sink - 1, 4097, SIZE_MAX};
  for (size_t i = 0; i < COUNT(bad); i++) {
    char number[24];
    snprintf(number, sizeof number, "%zu", bad[i]);
    sink = sink_to(&host);
    sink.struct_size = bad[i];
    FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_formula_write_dimacs_sink(formula, &sink, NULL), "struct_size", number);
  }
  CHECK(host.destroyed == 0 && host.calls == 0);
  struct {
    anser_sink sink;
    uint64_t newer[2];
  } larger = {sink_to(&host), {0, 0}};
  larger.sink.struct_size = sizeof larger;
  OK(anser_formula_write_dimacs_sink(formula, &larger.sink, NULL)); /* newer, but sets nothing unknown */
  CHECK(host.destroyed == 1);
  larger.newer[1] = UINT64_C(1) << 63;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_formula_write_dimacs_sink(formula, &larger.sink, NULL), "struct_size",
        "newer");
  CHECK(host.destroyed == 1);
  host_clear(&host);
  anser_formula_free(formula);
}

static void written_to_files(void) {
  static const char *const endings[] = {".cnf", ".cnf.gz", ".cnf.xz"};
  for (size_t i = 0; i < COUNT(endings); i++) {
    anser_formula *formula = i ? random_3sat(500, 3000, i) : small(), *back = NULL;
    const char *path = temporary((int)i, endings[i]);
    OK(anser_formula_write_dimacs(formula, path, NULL));
    size_t length = 0;
    char *bytes = read_whole(path, &length);
    CHECK(bytes && length > 0);
    if (bytes && i == 0) CHECK(strstr(bytes, "p cnf 6 3\n") != NULL);
    if (bytes && i == 1) CHECK(memcmp(bytes, "\x1f\x8b", 2) == 0);
    if (bytes && i == 2) CHECK(memcmp(bytes, "\xfd" "7zXZ", 6) == 0);
    OK(anser_formula_read_dimacs(path, NULL, &back));
    CHECK(back && same(formula, back));
    anser_formula_free(back);
    back = NULL;
    if (bytes) OK(anser_formula_read_dimacs_memory((const uint8_t *)bytes, length, NULL, &back));
    if (bytes && i == 0) CHECK(back && same(formula, back));
    anser_formula_free(back);
    free(bytes);
    unlink(path);
    anser_formula_free(formula);
  }
  anser_formula *formula = small(), *out = formula;
  FAILS(ANSER_STATUS_IO, anser_formula_write_dimacs(formula, "/nonexistent/x.cnf", NULL), "/nonexistent/x.cnf", "");
  FAILS(ANSER_STATUS_IO, anser_formula_write_dimacs(formula, "/", NULL), "", "");
  NULL_ARGUMENT(anser_formula_write_dimacs(NULL, "x.cnf", NULL), "formula");
  NULL_ARGUMENT(anser_formula_write_dimacs(formula, NULL, NULL), "path");
  INVALID(anser_formula_write_dimacs(formula, "", NULL), "path", "empty");
  FAILS(ANSER_STATUS_IO, anser_formula_read_dimacs("/nonexistent/x.cnf", NULL, &out), "/nonexistent/x.cnf", "");
  CHECK(out == NULL);
  out = formula;
  FAILS(ANSER_STATUS_IO, anser_formula_read_dimacs("/tmp", NULL, &out), "/tmp", "");
  CHECK(out == NULL);
  out = formula;
  NULL_ARGUMENT(anser_formula_read_dimacs(NULL, NULL, &out), "path");
  CHECK(out == NULL);
  INVALID(anser_formula_read_dimacs("", NULL, &out), "path", "empty");
  NULL_ARGUMENT(anser_formula_read_dimacs("x", NULL, NULL), "out_formula");
  anser_formula_free(formula);
}

static void a_budget_ends_reading_and_writing(void) {
  anser_formula *formula = random_3sat(1000, 60000, 3), *out = formula;
  anser_budget *budget = new_budget();
  anser_interrupt *token = NULL;
  struct host host = {0}, progress = {0};
  anser_sink sink = sink_to(&host);
  OK(anser_formula_write_dimacs_sink(formula, &sink, NULL));
  OK(anser_interrupt_new(&token));
  OK(anser_budget_set_interrupt(budget, token));
  anser_interrupt_trigger(token);
  FAILS(ANSER_STATUS_STOPPED, anser_formula_read_dimacs_memory((uint8_t *)host.text, host.length, budget, &out),
        "interrupt", "");
  CHECK(anser_last_error_stop_reason() == ANSER_STOP_REASON_INTERRUPTED && out == NULL);
  struct host second = {0};
  anser_sink other = sink_to(&second);
  FAILS(ANSER_STATUS_STOPPED, anser_formula_write_dimacs_sink(formula, &other, budget), "interrupt", "");
  CHECK(anser_last_error_stop_reason() == ANSER_STOP_REASON_INTERRUPTED && second.destroyed == 1);
  const char *path = temporary(3, ".cnf");
  FAILS(ANSER_STATUS_STOPPED, anser_formula_write_dimacs(formula, path, budget), "interrupt", "");
  CHECK(access(path, F_OK) != 0); /* the file appears only when it is whole */
  OK(anser_interrupt_reset(token));
  OK(anser_budget_set_interrupt(budget, NULL));

  OK(anser_budget_set_time_limit(budget, 0));
  FAILS(ANSER_STATUS_STOPPED, anser_formula_read_dimacs_memory((uint8_t *)host.text, host.length, budget, &out), "time",
        "");
  CHECK(anser_last_error_stop_reason() == ANSER_STOP_REASON_TIME && out == NULL);
  OK(anser_budget_set_time_limit(budget, 1e300));

  progress.answer = 42;
  anser_progress_callback callback = progress_to(&progress);
  OK(anser_budget_set_progress(budget, &callback, 0));
  FAILS(ANSER_STATUS_STOPPED, anser_formula_read_dimacs_memory((uint8_t *)host.text, host.length, budget, &out), "42",
        "");
  CHECK(anser_last_error_stop_reason() == ANSER_STOP_REASON_CALLBACK && out == NULL && progress.calls == 1);
  CHECK(progress.last.phase == ANSER_PHASE_READ && progress.last.struct_size == sizeof(anser_progress));
  CHECK(progress.last.done <= progress.last.total && progress.last.total == host.length);
  progress.answer = 0;
  OK(anser_formula_read_dimacs_memory((uint8_t *)host.text, host.length, budget, &out));
  CHECK(out && same(formula, out) && progress.calls > 1);
  anser_formula_free(out);
  host_clear(&second);
  OK(anser_formula_write_dimacs_sink(formula, &other, budget));
  CHECK(progress.last.phase == ANSER_PHASE_WRITE && second.length == host.length);
  OK(anser_budget_set_progress(budget, NULL, 0));
  CHECK(progress.destroyed == 1);

  OK(anser_budget_set_memory_limit(budget, 10000));
  FAILS(ANSER_STATUS_OUT_OF_MEMORY, anser_formula_read_dimacs_memory((uint8_t *)host.text, host.length, budget, &out),
        "10000", "limit");
  CHECK(out == NULL);
  anser_budget_free(budget);
  anser_interrupt_free(token);
  host_clear(&host);
  host_clear(&second);
  anser_formula_free(formula);
}

static void what_is_malformed(void) {
  static const struct {
    const char *text;
    uint64_t line, column; /* column 0: not looked at */
  } bad[] = {{"", 1, 0},
             {"c only\n", 2, 0},
             {"1 2 0\n", 1, 1},
             {"p cnf 2\n", 1, 0},
             {"p cnf x 1\n1 0\n", 1, 7},
             {"p cnf 2 1\n1 3 0\n", 2, 3},
             {"p cnf 2 1\n1 -3 0\n", 2, 3},
             {"p cnf 2 1\n1 abc 0\n", 2, 3},
             {"p cnf 2 1\n1 99999999999999999999 0\n", 2, 3},
             {"p cnf 2 1\n1 2\n", 3, 0},
             {"p cnf 2 2\n1 2 0\n", 3, 0},
             {"p cnf 2 1\n1 2 0\n-1 0\n", 3, 1},
             {"p cnf 1073741824 1\n1 0\n", 1, 7},
             {"p sat 2 1\n1 0\n", 1, 0},
             {"p cnf 2 1\np cnf 3 1\n1 0\n", 2, 1}}; /* the same header again is read */
  for (size_t i = 0; i < COUNT(bad); i++) {
    anser_formula *out = (anser_formula *)(void *)&out;
    anser_status status =
        anser_formula_read_dimacs_memory((const uint8_t *)bad[i].text, strlen(bad[i].text), NULL, &out);
    bool good = status == ANSER_STATUS_PARSE && out == NULL && anser_last_error_line() == bad[i].line &&
                (!bad[i].column || anser_last_error_column() == bad[i].column) &&
                strncmp(anser_last_error(), "anser_formula_read_dimacs_memory: ", 34) == 0;
    if (!CHECK(good))
      printf("    text %zu: %s at %" PRIu64 ":%" PRIu64 "\n", i, anser_status_name(status), anser_last_error_line(),
             anser_last_error_column());
    if (status == ANSER_STATUS_OK) anser_formula_free(out);
  }
  anser_formula *out = NULL;
  const char *path = temporary(0, "-bad.cnf");
  FILE *file = fopen(path, "w");
  fputs("c hello\np cnf 2 1\n1 x 0\n", file);
  fclose(file);
  FAILS(ANSER_STATUS_PARSE, anser_formula_read_dimacs(path, NULL, &out), path, "x");
  CHECK(anser_last_error_line() == 3 && anser_last_error_column() == 3 && out == NULL);
  unlink(path);
  NULL_ARGUMENT(anser_formula_read_dimacs_memory(NULL, 5, NULL, &out), "bytes");
  NULL_ARGUMENT(anser_formula_read_dimacs_memory((const uint8_t *)"p", 1, NULL, NULL), "out_formula");
  FAILS(ANSER_STATUS_PARSE, anser_formula_read_dimacs_memory(NULL, 0, NULL, &out), "", "");
  static const char good[] = "c x\np cnf 3 2\n1\n 2 0 -3\n0\n%\n0\n\n";
  OK(anser_formula_read_dimacs_memory((const uint8_t *)good, sizeof good - 1, NULL, &out));
  CHECK(out && vars_of(out) == 3 && clauses_of(out) == 2);
  HAS(out, 0, 1, 2, 0);
  HAS(out, 1, -3, 0);
  anser_formula_free(out);
}

int main(void) {
  RUN(made_and_freed);
  RUN(the_error_slot);
  RUN(variables);
  RUN(clauses);
  RUN(clauses_in_bulk);
  RUN(reading_clauses);
  RUN(a_failed_call_keeps_what_was_borrowed);
  RUN(clauses_read_in_bulk);
  RUN(failed_changes_of_a_shared_formula);
  RUN(clones_are_independent);
  RUN(names);
  RUN(statistics);
  RUN(models);
  RUN(memory_limits);
  RUN(written_to_memory);
  RUN(written_to_a_sink);
  RUN(written_to_files);
  RUN(a_budget_ends_reading_and_writing);
  RUN(what_is_malformed);
  return report();
}
