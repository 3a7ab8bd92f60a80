/* anser_formula, constraints that are not clauses, numbers and the sampling set: every function, what it does, what it
 * refuses, and that a refusal changes nothing. */
#include "check.h"

#include <math.h>

static uint32_t vars_of(const anser_formula *formula) {
  uint32_t vars = 4242;
  OK(anser_formula_num_vars(formula, &vars));
  return vars;
}
static uint64_t constraints_of(const anser_formula *formula) {
  uint64_t count = 4242;
  OK(anser_formula_num_constraints(formula, &count));
  return count;
}
static anser_constraint constraint_of(const anser_formula *formula, uint64_t id) {
  anser_constraint c = ANSER_CONSTRAINT_INIT;
  int32_t kind = 77;
  OK(anser_formula_get_constraint(formula, id, &c));
  OK(anser_formula_get_constraint_kind(formula, id, &kind));
  CHECK(kind == c.kind && c.struct_size == sizeof c);
  return c;
}
static bool same_literals(const anser_constraint *c, const int32_t *wanted, size_t n) {
  return c->num_literals == n && (n ? memcmp(c->literals, wanted, n * sizeof *wanted) == 0 : c->literals == NULL);
}
static bool is_sum(const anser_formula *formula, uint64_t id, int32_t kind, const int32_t *literals,
                   const int64_t *weights, size_t n, int64_t bound, int32_t condition, int32_t condition_literal) {
  anser_constraint c = constraint_of(formula, id);
  bool weighed = weights && n ? c.weights && memcmp(c.weights, weights, n * sizeof *weights) == 0 : !c.weights;
  return c.kind == kind && c.relation == ANSER_RELATION_AT_LEAST && same_literals(&c, literals, n) && weighed &&
         c.bound == bound && c.condition == condition && c.condition_literal == condition_literal && !c.numbers &&
         !c.coefficients && !c.literal_weights && c.num_numbers == 0 && c.rhs == 0;
}
static bool is_cardinality(const anser_formula *formula, uint64_t id, const int32_t *literals, size_t n, int64_t bound,
                           int32_t condition, int32_t condition_literal) {
  return is_sum(formula, id, ANSER_CONSTRAINT_KIND_CARDINALITY, literals, NULL, n, bound, condition, condition_literal);
}
static bool is_xor(const anser_formula *formula, uint64_t id, const int32_t *literals, size_t n, int64_t rhs) {
  anser_constraint c = constraint_of(formula, id);
  return c.kind == ANSER_CONSTRAINT_KIND_XOR && c.relation == ANSER_RELATION_EQUAL && c.bound == rhs &&
         same_literals(&c, literals, n) && !c.weights && !c.numbers && c.condition == 0 && c.condition_literal == 0;
}
#define LITERALS(...) (const int32_t[]){__VA_ARGS__}, COUNT(((const int32_t[]){__VA_ARGS__}))

/* What no function takes for a literal. */
static const struct {
  int32_t literal;
  const char *text;
} bad_literals[] = {{0, "literal 0"},
                    {INT32_MIN, "-2147483648"},
                    {INT32_MAX, "2147483647"},
                    {MAX_VAR + 1, "1073741824"},
                    {-MAX_VAR - 1, "-1073741824"}};
static _Alignas(8) char unaligned[64];

static void xors(void) {
  anser_formula *formula = new_formula();
  uint64_t id = 77;
  const int32_t literals[] = {3, -1, 3};
  OK(anser_formula_add_xor(formula, literals, 3, 1, &id));
  CHECK(id == 0 && vars_of(formula) == 3);
  OK(anser_formula_add_xor(formula, NULL, 0, 1, &id)); /* a contradiction */
  CHECK(id == 1);
  OK(anser_formula_add_xor(formula, literals + 1, 1, 0, NULL));
  CHECK(constraints_of(formula) == 3);
  CHECK(is_xor(formula, 0, literals, 3, 1) && is_xor(formula, 1, NULL, 0, 1) && is_xor(formula, 2, literals + 1, 1, 0));

  id = 77;
  for (size_t i = 0; i < COUNT(bad_literals); i++)
    for (int at = 0; at < 3; at++) {
      int32_t bad[] = {8, -9, 10};
      bad[at] = bad_literals[i].literal;
      INVALID(anser_formula_add_xor(formula, bad, 3, 1, &id), bad_literals[i].text, "");
      CHECK(anser_last_error_index() == at);
    }
  static const int32_t no_rhs[] = {2, -1, INT32_MIN, INT32_MAX};
  for (size_t i = 0; i < COUNT(no_rhs); i++) {
    char text[16];
    snprintf(text, sizeof text, "%" PRId32, no_rhs[i]);
    INVALID(anser_formula_add_xor(formula, literals, 3, no_rhs[i], &id), "argument rhs", text);
  }
  NULL_ARGUMENT(anser_formula_add_xor(NULL, literals, 3, 1, &id), "formula");
  NULL_ARGUMENT(anser_formula_add_xor(formula, NULL, 3, 1, &id), "literals");
  INVALID(anser_formula_add_xor(formula, literals, SIZE_MAX, 1, &id), "literals", "18446744073709551615");
  INVALID(anser_formula_add_xor(formula, (const int32_t *)(const void *)(unaligned + 1), 2, 1, &id), "literals", "aligned");
  INVALID(anser_formula_add_xor(formula, literals, 3, 1, (uint64_t *)(void *)(unaligned + 4)), "out_id", "aligned");
  CHECK(id == 77 && constraints_of(formula) == 3 && vars_of(formula) == 3);
  anser_formula_free(formula);
}

static void xors_in_bulk(void) {
  anser_formula *formula = new_formula();
  uint64_t id = 77;
  const int32_t literals[] = {1, 2, -5, 3};
  const size_t offsets[] = {0, 2, 2, 4};
  const uint8_t rhs[] = {1, 0, 1};
  ADD(formula, 1);
  OK(anser_formula_add_xors(formula, literals, 4, offsets, rhs, 3, &id));
  CHECK(id == 1 && constraints_of(formula) == 4 && vars_of(formula) == 5);
  CHECK(is_xor(formula, 1, LITERALS(1, 2), 1) && is_xor(formula, 2, NULL, 0, 0) && is_xor(formula, 3, LITERALS(-5, 3), 1));
  OK(anser_formula_add_xors(formula, NULL, 0, offsets, NULL, 0, &id)); /* none: one offset, 0 */
  CHECK(id == 4 && constraints_of(formula) == 4);
  OK(anser_formula_add_xors(formula, literals, 4, offsets, rhs, 3, NULL));
  CHECK(constraints_of(formula) == 7);

  id = 77;
  static const struct {
    size_t offsets[4];
    int64_t index;
  } bad[] = {{{1, 2, 2, 4}, 0}, {{0, 2, 1, 4}, 2}, {{0, 2, 2, 3}, 3}, {{0, 2, 2, 5}, 3}, {{0, 2, 4, SIZE_MAX}, 3}};
  for (size_t i = 0; i < COUNT(bad); i++) {
    INVALID(anser_formula_add_xors(formula, literals, 4, bad[i].offsets, rhs, 3, &id), "offset", "number of literals, 4");
    CHECK(anser_last_error_index() == bad[i].index);
  }
  for (int at = 0; at < 3; at++) {
    uint8_t two[] = {0, 1, 0};
    two[at] = at ? 2 : 255;
    INVALID(anser_formula_add_xors(formula, literals, 4, offsets, two, 3, &id), "argument rhs", at ? "2" : "255");
    CHECK(anser_last_error_index() == at);
  }
  const int32_t zero[] = {7, 8, 0, 9};
  INVALID(anser_formula_add_xors(formula, zero, 4, offsets, rhs, 3, &id), "literal 0", "index 2");
  CHECK(anser_last_error_index() == 2);
  NULL_ARGUMENT(anser_formula_add_xors(NULL, literals, 4, offsets, rhs, 3, &id), "formula");
  NULL_ARGUMENT(anser_formula_add_xors(formula, NULL, 4, offsets, rhs, 3, &id), "literals");
  NULL_ARGUMENT(anser_formula_add_xors(formula, literals, 4, NULL, rhs, 3, &id), "offsets");
  NULL_ARGUMENT(anser_formula_add_xors(formula, literals, 4, offsets, NULL, 3, &id), "rhs");
  INVALID(anser_formula_add_xors(formula, literals, 4, offsets, rhs, SIZE_MAX, &id), "num_xors", "18446744073709551615");
  INVALID(anser_formula_add_xors(formula, literals, SIZE_MAX, offsets, rhs, 3, &id), "literals", "");
  CHECK(id == 77 && constraints_of(formula) == 7 && vars_of(formula) == 5);
  anser_formula_free(formula);
}

static const struct {
  int32_t condition, literal;
  const char *argument, *text;
} bad_conditions[] = {{3, 1, "argument condition:", "3"},
                      {-1, 1, "argument condition:", "-1"},
                      {INT32_MIN, 0, "argument condition:", "-2147483648"},
                      {ANSER_CONDITION_PLAIN, 1, "argument condition_literal:", "1 must be 0"},
                      {ANSER_CONDITION_PLAIN, INT32_MIN, "argument condition_literal:", "-2147483648 must be 0"},
                      {ANSER_CONDITION_IMPLIED, 0, "argument condition_literal:", "0 is no literal"},
                      {ANSER_CONDITION_REIFIED, 0, "argument condition_literal:", "0 is no literal"},
                      {ANSER_CONDITION_IMPLIED, INT32_MIN, "argument condition_literal:", "-2147483648 is no literal"},
                      {ANSER_CONDITION_REIFIED, MAX_VAR + 1, "argument condition_literal:", "1073741824 is no literal"}};

static void cardinalities(void) {
  anser_formula *formula = new_formula();
  uint64_t id = 77;
  const int32_t literals[] = {3, -1, 3};
  OK(anser_formula_add_cardinality(formula, literals, 3, 2, ANSER_CONDITION_PLAIN, 0, &id));
  CHECK(id == 0 && vars_of(formula) == 3);
  OK(anser_formula_add_cardinality(formula, literals, 3, 1, ANSER_CONDITION_REIFIED, -7, &id));
  CHECK(id == 1 && vars_of(formula) == 7); /* the condition's variable comes into being, too */
  OK(anser_formula_add_cardinality(formula, literals, 2, -5, ANSER_CONDITION_IMPLIED, 1, NULL));
  OK(anser_formula_add_cardinality(formula, NULL, 0, INT64_MAX, ANSER_CONDITION_PLAIN, 0, &id));
  OK(anser_formula_add_cardinality(formula, NULL, 0, -INT64_MAX, ANSER_CONDITION_PLAIN, 0, &id));
  CHECK(id == 4 && constraints_of(formula) == 5);
  CHECK(is_cardinality(formula, 0, literals, 3, 2, ANSER_CONDITION_PLAIN, 0));
  CHECK(is_cardinality(formula, 1, literals, 3, 1, ANSER_CONDITION_REIFIED, -7));
  CHECK(is_cardinality(formula, 2, literals, 2, -5, ANSER_CONDITION_IMPLIED, 1));
  CHECK(is_cardinality(formula, 3, NULL, 0, INT64_MAX, ANSER_CONDITION_PLAIN, 0));

  id = 77;
  INVALID(anser_formula_add_cardinality(formula, literals, 1, INT64_MAX, 0, 0, &id), "row 0", "2^63");
  CHECK(anser_last_error_index() == 0);
  INVALID(anser_formula_add_cardinality(formula, literals, 1, INT64_MIN, 0, 0, &id), "row 0", "2^63");
  INVALID(anser_formula_add_cardinality(formula, NULL, 0, INT64_MIN, 0, 0, &id), "row 0", "2^63");
  for (size_t i = 0; i < COUNT(bad_literals); i++)
    for (int at = 0; at < 3; at++) {
      int32_t bad[] = {8, -9, 10};
      bad[at] = bad_literals[i].literal;
      INVALID(anser_formula_add_cardinality(formula, bad, 3, 1, 0, 0, &id), bad_literals[i].text, "");
      CHECK(anser_last_error_index() == at);
    }
  for (size_t i = 0; i < COUNT(bad_conditions); i++)
    INVALID(anser_formula_add_cardinality(formula, literals, 3, 1, bad_conditions[i].condition,
                                          bad_conditions[i].literal, &id), bad_conditions[i].argument, bad_conditions[i].text);
  NULL_ARGUMENT(anser_formula_add_cardinality(NULL, literals, 3, 1, 0, 0, &id), "formula");
  NULL_ARGUMENT(anser_formula_add_cardinality(formula, NULL, 3, 1, 0, 0, &id), "literals");
  INVALID(anser_formula_add_cardinality(formula, literals, SIZE_MAX / 4, 1, 0, 0, &id), "literals", "4611686018427387903");
  INVALID(anser_formula_add_cardinality(formula, literals, 3, 1, 0, 0, (uint64_t *)(void *)(unaligned + 4)), "out_id",
          "aligned");
  CHECK(id == 77 && constraints_of(formula) == 5 && vars_of(formula) == 7);
  anser_formula_free(formula);
}

static void cardinalities_in_bulk(void) {
  anser_formula *formula = new_formula();
  uint64_t id = 77;
  const int32_t literals[] = {1, 2, -5, 3};
  const size_t offsets[] = {0, 2, 2, 4};
  const int64_t bounds[] = {1, 0, 2};
  const int32_t kinds[] = {ANSER_CONDITION_IMPLIED, ANSER_CONDITION_PLAIN, ANSER_CONDITION_REIFIED};
  const int32_t when[] = {-6, 0, 2};
  OK(anser_formula_add_cardinalities(formula, literals, 4, offsets, bounds, kinds, when, 3, &id));
  CHECK(id == 0 && constraints_of(formula) == 3 && vars_of(formula) == 6);
  CHECK(is_cardinality(formula, 0, LITERALS(1, 2), 1, ANSER_CONDITION_IMPLIED, -6));
  CHECK(is_cardinality(formula, 1, NULL, 0, 0, ANSER_CONDITION_PLAIN, 0));
  CHECK(is_cardinality(formula, 2, LITERALS(-5, 3), 2, ANSER_CONDITION_REIFIED, 2));
  OK(anser_formula_add_cardinalities(formula, literals, 4, offsets, bounds, NULL, NULL, 3, &id)); /* all plain */
  CHECK(id == 3 && is_cardinality(formula, 5, LITERALS(-5, 3), 2, ANSER_CONDITION_PLAIN, 0));
  OK(anser_formula_add_cardinalities(formula, NULL, 0, offsets, NULL, NULL, NULL, 0, &id));
  OK(anser_formula_add_cardinalities(formula, NULL, 0, offsets, NULL, kinds, when, 0, &id));
  CHECK(id == 6 && constraints_of(formula) == 6);
  OK(anser_formula_add_cardinalities(formula, literals, 4, offsets, bounds, kinds, when, 3, NULL));

  id = 77;
  const size_t down[] = {0, 2, 1, 4};
  INVALID(anser_formula_add_cardinalities(formula, literals, 4, down, bounds, kinds, when, 3, &id), "offset 1", "index 2");
  CHECK(anser_last_error_index() == 2);
  const int32_t zero[] = {7, 8, 0, 9};
  INVALID(anser_formula_add_cardinalities(formula, zero, 4, offsets, bounds, kinds, when, 3, &id), "literal 0", "index 2");
  const int64_t large[] = {1, INT64_MAX, INT64_MAX - 1};
  INVALID(anser_formula_add_cardinalities(formula, literals, 4, offsets, large, kinds, when, 3, &id), "row 2", "2^63");
  CHECK(anser_last_error_index() == 2);
  for (size_t i = 0; i < COUNT(bad_conditions); i++) {
    int32_t bad_kinds[] = {1, 0, 2}, bad_when[] = {-6, 0, 2};
    bad_kinds[1] = bad_conditions[i].condition, bad_when[1] = bad_conditions[i].literal;
    INVALID(anser_formula_add_cardinalities(formula, literals, 4, offsets, bounds, bad_kinds, bad_when, 3, &id),
            "at index 1", "argument condition");
    CHECK(anser_last_error_index() == 1);
  }
  NULL_ARGUMENT(anser_formula_add_cardinalities(NULL, literals, 4, offsets, bounds, kinds, when, 3, &id), "formula");
  NULL_ARGUMENT(anser_formula_add_cardinalities(formula, NULL, 4, offsets, bounds, kinds, when, 3, &id), "literals");
  NULL_ARGUMENT(anser_formula_add_cardinalities(formula, literals, 4, NULL, bounds, kinds, when, 3, &id), "offsets");
  NULL_ARGUMENT(anser_formula_add_cardinalities(formula, literals, 4, offsets, NULL, kinds, when, 3, &id), "bounds");
  NULL_ARGUMENT(anser_formula_add_cardinalities(formula, literals, 4, offsets, bounds, kinds, NULL, 3, &id),
                "condition_literals");
  INVALID(anser_formula_add_cardinalities(formula, literals, 4, offsets, bounds, NULL, when, 3, &id),
          "condition_literals", "NULL where conditions is");
  INVALID(anser_formula_add_cardinalities(formula, literals, 4, offsets, bounds, kinds, when, SIZE_MAX, &id), "num_rows",
          "18446744073709551615");
  INVALID(anser_formula_add_cardinalities(formula, literals, 4, offsets, bounds, kinds, when, SIZE_MAX / 16, &id), "", "");
  CHECK(id == 77 && constraints_of(formula) == 9 && vars_of(formula) == 6);
  anser_formula_free(formula);
}

static void pseudo_booleans(void) {
  anser_formula *formula = new_formula();
  uint64_t id = 77;
  const int32_t kind = ANSER_CONSTRAINT_KIND_PSEUDO_BOOLEAN, literals[] = {3, -1, 3};
  const int64_t weights[] = {5, -2, 0}, largest[] = {INT64_MAX - 3, -3}, too_large[] = {INT64_MAX, -1, INT64_MIN};
  OK(anser_formula_add_pseudo_boolean(formula, literals, weights, 3, -4, ANSER_CONDITION_REIFIED, 9, &id));
  CHECK(id == 0 && vars_of(formula) == 9);
  CHECK(is_sum(formula, 0, kind, literals, weights, 3, -4, ANSER_CONDITION_REIFIED, 9));
  OK(anser_formula_add_pseudo_boolean(formula, literals, largest, 2, 0, ANSER_CONDITION_PLAIN, 0, NULL));
  OK(anser_formula_add_pseudo_boolean(formula, NULL, NULL, 0, 1, ANSER_CONDITION_IMPLIED, 9, &id));
  CHECK(id == 2 && is_sum(formula, 2, kind, NULL, NULL, 0, 1, ANSER_CONDITION_IMPLIED, 9));

  id = 77;
  INVALID(anser_formula_add_pseudo_boolean(formula, literals, largest, 2, 1, 0, 0, &id), "row 0", "2^63");
  INVALID(anser_formula_add_pseudo_boolean(formula, literals, too_large, 2, 0, 0, 0, &id), "row 0", "2^63");
  INVALID(anser_formula_add_pseudo_boolean(formula, literals, too_large + 2, 1, 0, 0, 0, &id), "row 0", "2^63");
  INVALID(anser_formula_add_pseudo_boolean(formula, literals, weights, 3, INT64_MIN, 0, 0, &id), "row 0", "2^63");
  for (size_t i = 0; i < COUNT(bad_literals); i++) {
    int32_t bad[] = {8, -9, 10};
    bad[i % 3] = bad_literals[i].literal;
    INVALID(anser_formula_add_pseudo_boolean(formula, bad, weights, 3, 1, 0, 0, &id), bad_literals[i].text, "");
    CHECK(anser_last_error_index() == (int64_t)(i % 3));
  }
  for (size_t i = 0; i < COUNT(bad_conditions); i++)
    INVALID(anser_formula_add_pseudo_boolean(formula, literals, weights, 3, 1, bad_conditions[i].condition,
                                             bad_conditions[i].literal, &id), bad_conditions[i].argument, bad_conditions[i].text);
  NULL_ARGUMENT(anser_formula_add_pseudo_boolean(NULL, literals, weights, 3, 1, 0, 0, &id), "formula");
  NULL_ARGUMENT(anser_formula_add_pseudo_boolean(formula, NULL, weights, 3, 1, 0, 0, &id), "literals");
  NULL_ARGUMENT(anser_formula_add_pseudo_boolean(formula, literals, NULL, 3, 1, 0, 0, &id), "weights");
  INVALID(anser_formula_add_pseudo_boolean(formula, literals, (const int64_t *)(const void *)(unaligned + 4), 3, 1, 0, 0, &id),
          "weights", "aligned");
  INVALID(anser_formula_add_pseudo_boolean(formula, literals, weights, SIZE_MAX / 8, 1, 0, 0, &id), "weights", "address");
  CHECK(id == 77 && constraints_of(formula) == 3 && vars_of(formula) == 9);
  anser_formula_free(formula);
}

static void pseudo_booleans_in_bulk(void) {
  anser_formula *formula = new_formula();
  uint64_t id = 77;
  const int32_t kind = ANSER_CONSTRAINT_KIND_PSEUDO_BOOLEAN, literals[] = {1, 2, -5, 3};
  const int64_t weights[] = {4, -3, 2, -1}, bounds[] = {1, 0, -2};
  const size_t offsets[] = {0, 2, 2, 4};
  const int32_t kinds[] = {ANSER_CONDITION_IMPLIED, ANSER_CONDITION_PLAIN, ANSER_CONDITION_REIFIED};
  const int32_t when[] = {-6, 0, 2};
  OK(anser_formula_add_pseudo_booleans(formula, literals, weights, 4, offsets, bounds, kinds, when, 3, &id));
  CHECK(id == 0 && constraints_of(formula) == 3 && vars_of(formula) == 6);
  CHECK(is_sum(formula, 0, kind, literals, weights, 2, 1, ANSER_CONDITION_IMPLIED, -6));
  CHECK(is_sum(formula, 1, kind, NULL, NULL, 0, 0, ANSER_CONDITION_PLAIN, 0));
  CHECK(is_sum(formula, 2, kind, literals + 2, weights + 2, 2, -2, ANSER_CONDITION_REIFIED, 2));
  OK(anser_formula_add_pseudo_booleans(formula, literals, weights, 4, offsets, bounds, NULL, NULL, 3, &id));
  CHECK(id == 3 && is_sum(formula, 5, kind, literals + 2, weights + 2, 2, -2, ANSER_CONDITION_PLAIN, 0));
  OK(anser_formula_add_pseudo_booleans(formula, NULL, NULL, 0, offsets, NULL, NULL, NULL, 0, &id));
  CHECK(id == 6 && constraints_of(formula) == 6);

  id = 77;
  const int64_t heavy[] = {4, -3, INT64_MAX - 2, -1};
  const size_t up[] = {0, 2, 2, 5};
  INVALID(anser_formula_add_pseudo_booleans(formula, literals, heavy, 4, offsets, bounds, NULL, NULL, 3, &id), "row 2", "2^63");
  CHECK(anser_last_error_index() == 2);
  INVALID(anser_formula_add_pseudo_booleans(formula, literals, weights, 4, up, bounds, NULL, NULL, 3, &id), "offset 5", "");
  CHECK(anser_last_error_index() == 3);
  NULL_ARGUMENT(anser_formula_add_pseudo_booleans(NULL, literals, weights, 4, offsets, bounds, kinds, when, 3, &id), "formula");
  NULL_ARGUMENT(anser_formula_add_pseudo_booleans(formula, NULL, weights, 4, offsets, bounds, kinds, when, 3, &id), "literals");
  NULL_ARGUMENT(anser_formula_add_pseudo_booleans(formula, literals, NULL, 4, offsets, bounds, kinds, when, 3, &id), "weights");
  NULL_ARGUMENT(anser_formula_add_pseudo_booleans(formula, literals, weights, 4, NULL, bounds, kinds, when, 3, &id), "offsets");
  NULL_ARGUMENT(anser_formula_add_pseudo_booleans(formula, literals, weights, 4, offsets, NULL, kinds, when, 3, &id), "bounds");
  NULL_ARGUMENT(anser_formula_add_pseudo_booleans(formula, literals, weights, 4, offsets, bounds, kinds, NULL, 3, &id),
                "condition_literals");
  INVALID(anser_formula_add_pseudo_booleans(formula, literals, weights, 4, offsets, bounds, NULL, when, 3, &id),
          "condition_literals", "");
  INVALID(anser_formula_add_pseudo_booleans(formula, literals, weights, 4, offsets, bounds, NULL, NULL, SIZE_MAX, &id),
          "num_rows", "");
  CHECK(id == 77 && constraints_of(formula) == 6 && vars_of(formula) == 6);
  anser_formula_free(formula);
}

static uint32_t numbers_of(const anser_formula *formula) {
  uint32_t numbers = 4242;
  OK(anser_formula_num_numbers(formula, &numbers));
  return numbers;
}

static void numbers(void) {
  anser_formula *formula = new_formula();
  const int64_t most = INT64_C(1) << 53;
  uint32_t number = 77;
  int32_t kind = 77;
  double min = 77, max = 77;
  OK(anser_formula_new_integer(formula, -3, 5, &number));
  CHECK(number == 0);
  OK(anser_formula_new_real(formula, -0.5, 1e300, &number));
  CHECK(number == 1);
  OK(anser_formula_new_integer(formula, -most, most, &number));
  OK(anser_formula_new_real(formula, 2, 2, &number));
  CHECK(number == 3 && numbers_of(formula) == 4);
  const int64_t least[] = {0, -1, 7}, greatest[] = {0, 1, 7};
  OK(anser_formula_new_integers(formula, least, greatest, 3, &number));
  CHECK(number == 4);
  const double low[] = {-1, 0}, high[] = {-1, 1};
  OK(anser_formula_new_reals(formula, low, high, 2, &number));
  CHECK(number == 7 && numbers_of(formula) == 9);
  OK(anser_formula_new_integers(formula, NULL, NULL, 0, &number));
  CHECK(number == 9);
  OK(anser_formula_new_reals(formula, NULL, NULL, 0, &number));
  CHECK(number == 9 && numbers_of(formula) == 9 && vars_of(formula) == 0 && constraints_of(formula) == 0);

  static const struct {
    int32_t kind;
    double min, max;
  } wanted[] = {{1, -3, 5}, {2, -0.5, 1e300}, {1, -9007199254740992., 9007199254740992.}, {2, 2, 2}, {1, 0, 0},
                {1, -1, 1}, {1, 7, 7},        {2, -1, -1},                                {2, 0, 1}};
  int32_t kinds[10];
  double mins[10], maxs[10];
  kinds[9] = 77, mins[9] = maxs[9] = 77;
  OK(anser_formula_get_number_domains(formula, kinds, mins, maxs, 9));
  OK(anser_formula_get_number_domains(formula, kinds, mins, maxs, 10));
  CHECK(kinds[9] == 77 && mins[9] == 77 && maxs[9] == 77); /* the rest stays */
  for (uint32_t i = 0; i < 9; i++) {
    OK(anser_formula_get_number_domain(formula, i, &kind, &min, &max));
    CHECK(kind == wanted[i].kind && min == wanted[i].min && max == wanted[i].max);
    CHECK(kinds[i] == kind && mins[i] == min && maxs[i] == max);
  }

  number = 77, kind = 77, min = max = 77, kinds[0] = 77;
  INVALID(anser_formula_new_integer(formula, 1, 0, &number), "from 1 to 0", "exceeds");
  INVALID(anser_formula_new_integer(formula, 0, most + 1, &number), "9007199254740993", "2^53");
  INVALID(anser_formula_new_integer(formula, INT64_MIN, INT64_MAX, &number), "-9223372036854775808", "2^53");
  INVALID(anser_formula_new_real(formula, 1, 0.5, &number), "from 1.0 to 0.5", "exceeds");
  INVALID(anser_formula_new_real(formula, -INFINITY, 0, &number), "-inf", "finite");
  INVALID(anser_formula_new_real(formula, 0, NAN, &number), "NaN", "finite");
  const int64_t low_last[] = {0, -1, -1};
  INVALID(anser_formula_new_integers(formula, least, low_last, 3, &number), "index 2", "from 7 to -1");
  CHECK(anser_last_error_index() == 2);
  const double infinite[] = {INFINITY, 2};
  INVALID(anser_formula_new_reals(formula, low, infinite, 2, &number), "index 0", "finite");
  CHECK(anser_last_error_index() == 0);
  NULL_ARGUMENT(anser_formula_new_integer(NULL, 0, 1, &number), "formula");
  NULL_ARGUMENT(anser_formula_new_integer(formula, 0, 1, NULL), "out_number");
  NULL_ARGUMENT(anser_formula_new_real(NULL, 0, 1, &number), "formula");
  NULL_ARGUMENT(anser_formula_new_real(formula, 0, 1, NULL), "out_number");
  NULL_ARGUMENT(anser_formula_new_integers(NULL, least, greatest, 3, &number), "formula");
  NULL_ARGUMENT(anser_formula_new_integers(formula, NULL, greatest, 3, &number), "min");
  NULL_ARGUMENT(anser_formula_new_integers(formula, least, NULL, 3, &number), "max");
  NULL_ARGUMENT(anser_formula_new_integers(formula, least, greatest, 3, NULL), "out_first");
  INVALID(anser_formula_new_integers(formula, least, greatest, SIZE_MAX, &number), "min", "18446744073709551615");
  NULL_ARGUMENT(anser_formula_new_reals(NULL, low, high, 2, &number), "formula");
  NULL_ARGUMENT(anser_formula_new_reals(formula, NULL, high, 2, &number), "min");
  NULL_ARGUMENT(anser_formula_new_reals(formula, low, NULL, 2, &number), "max");
  NULL_ARGUMENT(anser_formula_new_reals(formula, low, high, 2, NULL), "out_first");
  NULL_ARGUMENT(anser_formula_num_numbers(NULL, &number), "formula");
  NULL_ARGUMENT(anser_formula_num_numbers(formula, NULL), "out_numbers");
  INVALID(anser_formula_get_number_domain(formula, 9, &kind, &min, &max), "number 9", "there are 9");
  INVALID(anser_formula_get_number_domain(formula, UINT32_MAX, &kind, &min, &max), "4294967295", "");
  NULL_ARGUMENT(anser_formula_get_number_domain(NULL, 0, &kind, &min, &max), "formula");
  NULL_ARGUMENT(anser_formula_get_number_domain(formula, 0, NULL, &min, &max), "out_kind");
  NULL_ARGUMENT(anser_formula_get_number_domain(formula, 0, &kind, NULL, &max), "out_min");
  NULL_ARGUMENT(anser_formula_get_number_domain(formula, 0, &kind, &min, NULL), "out_max");
  SHORT(anser_formula_get_number_domains(formula, kinds, mins, maxs, 8), "num_numbers: 8", "9 are needed");
  NULL_ARGUMENT(anser_formula_get_number_domains(NULL, kinds, mins, maxs, 9), "formula");
  NULL_ARGUMENT(anser_formula_get_number_domains(formula, NULL, mins, maxs, 9), "out_kinds");
  NULL_ARGUMENT(anser_formula_get_number_domains(formula, kinds, NULL, maxs, 9), "out_min");
  NULL_ARGUMENT(anser_formula_get_number_domains(formula, kinds, mins, NULL, 9), "out_max");
  CHECK(number == 77 && kind == 77 && min == 77 && max == 77 && kinds[0] == 77 && numbers_of(formula) == 9);
  anser_formula *none = new_formula();
  OK(anser_formula_get_number_domains(none, NULL, NULL, NULL, 0));
  anser_formula_free(none);
  anser_formula_free(formula);
}

static bool is_linear(const anser_formula *formula, uint64_t id, const uint32_t *numbers, const double *coefficients,
                      size_t num_numbers, const int32_t *literals, const double *weights, size_t num_literals,
                      int32_t relation, double rhs, int32_t condition, int32_t condition_literal) {
  anser_constraint c = constraint_of(formula, id);
  bool terms = num_numbers ? memcmp(c.numbers, numbers, num_numbers * sizeof *numbers) == 0 &&
                                 memcmp(c.coefficients, coefficients, num_numbers * sizeof *coefficients) == 0
                           : !c.numbers && !c.coefficients;
  bool weighed = num_literals ? memcmp(c.literal_weights, weights, num_literals * sizeof *weights) == 0 : !c.literal_weights;
  return c.kind == ANSER_CONSTRAINT_KIND_LINEAR && c.num_numbers == num_numbers && terms && weighed &&
         same_literals(&c, literals, num_literals) && c.relation == relation && c.rhs == rhs && c.condition == condition &&
         c.condition_literal == condition_literal && !c.weights && c.bound == 0;
}

static void linears(void) {
  anser_formula *formula = new_formula();
  uint64_t id = 77;
  uint32_t first = 77;
  const double low[] = {-10, -10, -10}, high[] = {10, 10, 10};
  const uint32_t which[] = {2, 0, 2};
  const double coefficients[] = {1.5, -2, 0}, weights[] = {0.25, -1};
  const int32_t literals[] = {4, -1};
  OK(anser_formula_new_reals(formula, low, high, 3, &first));
  OK(anser_formula_add_linear(formula, which, coefficients, 3, literals, weights, 2, ANSER_RELATION_AT_MOST, 0.125,
                              ANSER_CONDITION_IMPLIED, -6, &id));
  CHECK(id == 0 && vars_of(formula) == 6);
  CHECK(is_linear(formula, 0, which, coefficients, 3, literals, weights, 2, ANSER_RELATION_AT_MOST, 0.125,
                  ANSER_CONDITION_IMPLIED, -6));
  for (int32_t relation = 1; relation <= 5; relation++) {
    OK(anser_formula_add_linear(formula, which, coefficients, 1, NULL, NULL, 0, relation, -1e300, 0, 0, &id));
    CHECK(is_linear(formula, id, which, coefficients, 1, NULL, NULL, 0, relation, -1e300, 0, 0));
  }
  OK(anser_formula_add_linear(formula, NULL, NULL, 0, literals, weights, 2, ANSER_RELATION_EQUAL, 0, 0, 0, &id));
  OK(anser_formula_add_linear(formula, NULL, NULL, 0, NULL, NULL, 0, ANSER_RELATION_LESS, 0, 0, 0, NULL));
  CHECK(id == 6 && is_linear(formula, 6, NULL, NULL, 0, literals, weights, 2, ANSER_RELATION_EQUAL, 0, 0, 0));
  CHECK(is_linear(formula, 7, NULL, NULL, 0, NULL, NULL, 0, ANSER_RELATION_LESS, 0, 0, 0));

  id = 77;
  static const int32_t no_relation[] = {0, 6, -1, INT32_MIN, INT32_MAX};
  for (size_t i = 0; i < COUNT(no_relation); i++) {
    char text[16];
    snprintf(text, sizeof text, "%" PRId32, no_relation[i]);
    INVALID(anser_formula_add_linear(formula, which, coefficients, 3, literals, weights, 2, no_relation[i], 0, 0, 0, &id),
            "argument relation", text);
  }
  const uint32_t beyond[] = {0, 3};
  const double infinite[] = {1, INFINITY}, none[] = {NAN, 1};
  INVALID(anser_formula_add_linear(formula, beyond, coefficients, 2, NULL, NULL, 0, 1, 0, 0, 0, &id), "number 3", "there are 3");
  CHECK(anser_last_error_index() == 1);
  INVALID(anser_formula_add_linear(formula, which, infinite, 2, NULL, NULL, 0, 1, 0, 0, 0, &id), "coefficient inf", "index 1");
  CHECK(anser_last_error_index() == 1);
  INVALID(anser_formula_add_linear(formula, which, coefficients, 2, literals, none, 2, 1, 0, 0, 0, &id), "weight NaN", "index 0");
  INVALID(anser_formula_add_linear(formula, which, coefficients, 2, NULL, NULL, 0, 1, -INFINITY, 0, 0, &id),
          "right-hand side -inf", "");
  INVALID(anser_formula_add_linear(formula, which, coefficients, 2, NULL, NULL, 0, 1, 0, ANSER_CONDITION_REIFIED, 1, &id),
          "not reified", "row 0");
  for (size_t i = 0; i < COUNT(bad_conditions); i++)
    INVALID(anser_formula_add_linear(formula, which, coefficients, 3, literals, weights, 2, 1, 0, bad_conditions[i].condition,
                                     bad_conditions[i].literal, &id), bad_conditions[i].argument, bad_conditions[i].text);
  for (size_t i = 0; i < COUNT(bad_literals); i++) {
    int32_t bad[] = {8, -9};
    bad[i % 2] = bad_literals[i].literal;
    INVALID(anser_formula_add_linear(formula, which, coefficients, 3, bad, weights, 2, 1, 0, 0, 0, &id), bad_literals[i].text, "");
    CHECK(anser_last_error_index() == (int64_t)(i % 2));
  }
  NULL_ARGUMENT(anser_formula_add_linear(NULL, which, coefficients, 3, literals, weights, 2, 1, 0, 0, 0, &id), "formula");
  NULL_ARGUMENT(anser_formula_add_linear(formula, NULL, coefficients, 3, literals, weights, 2, 1, 0, 0, 0, &id), "numbers");
  NULL_ARGUMENT(anser_formula_add_linear(formula, which, NULL, 3, literals, weights, 2, 1, 0, 0, 0, &id), "coefficients");
  NULL_ARGUMENT(anser_formula_add_linear(formula, which, coefficients, 3, NULL, weights, 2, 1, 0, 0, 0, &id), "literals");
  NULL_ARGUMENT(anser_formula_add_linear(formula, which, coefficients, 3, literals, NULL, 2, 1, 0, 0, 0, &id), "weights");
  CHECK(id == 77 && constraints_of(formula) == 8 && vars_of(formula) == 6);
  anser_formula_free(formula);
}

static void linears_in_bulk(void) {
  anser_formula *formula = new_formula();
  uint64_t id = 77;
  uint32_t first = 77;
  const double low[] = {-10, -10, -10}, high[] = {10, 10, 10};
  OK(anser_formula_new_reals(formula, low, high, 3, &first));
  const uint32_t which[] = {2, 0, 1};
  const double coefficients[] = {1.5, -2, 3}, weights[] = {0.25, -1, 4}, rhs[] = {0.5, -1, 2};
  const size_t number_offsets[] = {0, 1, 3, 3}, literal_offsets[] = {0, 0, 1, 3}, nothing[] = {0, 0, 0, 0};
  const int32_t literals[] = {4, -1, 7}, relations[] = {1, 5, 3}, kinds[] = {1, 0, 1}, when[] = {-9, 0, 2};
  anser_linear_rows all = ANSER_LINEAR_ROWS_INIT;
  OK(anser_formula_add_linears(formula, &(anser_linear_rows){.struct_size = sizeof all, .number_offsets = nothing}, &id));
  CHECK(id == 0 && constraints_of(formula) == 0); /* no rows */
  all.num_rows = 3;
  all.numbers = which, all.coefficients = coefficients, all.num_numbers = 3, all.number_offsets = number_offsets;
  all.literals = literals, all.weights = weights, all.num_literals = 3, all.literal_offsets = literal_offsets;
  all.relations = relations, all.rhs = rhs;
  anser_linear_rows rows = all;
  OK(anser_formula_add_linears(formula, &rows, &id));
  CHECK(id == 0 && vars_of(formula) == 7 && constraints_of(formula) == 3);
  CHECK(is_linear(formula, 0, which, coefficients, 1, NULL, NULL, 0, 1, 0.5, 0, 0));
  CHECK(is_linear(formula, 1, which + 1, coefficients + 1, 2, literals, weights, 1, 5, -1, 0, 0));
  CHECK(is_linear(formula, 2, NULL, NULL, 0, literals + 1, weights + 1, 2, 3, 2, 0, 0));
  rows.conditions = kinds, rows.condition_literals = when;
  OK(anser_formula_add_linears(formula, &rows, &id));
  CHECK(id == 3 && vars_of(formula) == 9);
  CHECK(is_linear(formula, 3, which, coefficients, 1, NULL, NULL, 0, 1, 0.5, 1, -9));
  CHECK(is_linear(formula, 5, NULL, NULL, 0, literals + 1, weights + 1, 2, 3, 2, 1, 2));
  rows = all; /* no literals: their arrays may be NULL */
  rows.literals = NULL, rows.weights = NULL, rows.num_literals = 0, rows.literal_offsets = NULL;
  OK(anser_formula_add_linears(formula, &rows, NULL));
  rows.literal_offsets = nothing;
  OK(anser_formula_add_linears(formula, &rows, &id));
  CHECK(id == 9 && is_linear(formula, 10, which + 1, coefficients + 1, 2, NULL, NULL, 0, 5, -1, 0, 0));
  rows = all; /* no numbers */
  rows.numbers = NULL, rows.coefficients = NULL, rows.num_numbers = 0, rows.number_offsets = nothing;
  OK(anser_formula_add_linears(formula, &rows, &id));
  CHECK(id == 12 && constraints_of(formula) == 15);

  id = 77;
  const size_t down[] = {0, 2, 1, 3};
  const int32_t zero[] = {4, 0, 7}, no_relation[] = {1, 3, 6}, reified[] = {1, 2, 0}, reified_by[] = {1, 1, 0};
  const double infinite[] = {0, 1, INFINITY};
  const uint32_t beyond[] = {2, 3, 1};
#define REFUSED(change, first_text, second_text, index) \
  do {                                                  \
    rows = all;                                         \
    change;                                             \
    INVALID(anser_formula_add_linears(formula, &rows, &id), first_text, second_text); \
    CHECK(anser_last_error_index() == (index));         \
  } while (0)
  REFUSED(rows.number_offsets = down, "offset 1", "number of numbers, 3", 2);
  REFUSED(rows.literal_offsets = down, "offset 1", "number of literals, 3", 2);
  REFUSED(rows.number_offsets = nothing, "offset 0", "number of numbers, 3", 3);
  REFUSED(rows.literals = zero, "literal 0", "index 1", 1);
  REFUSED(rows.numbers = beyond, "number 3", "index 1", 1);
  REFUSED(rows.relations = no_relation, "rows.relations", "6 at index 2", 2);
  REFUSED(rows.rhs = infinite, "right-hand side inf", "index 2", 2);
  REFUSED(rows.coefficients = infinite, "coefficient inf", "index 2", 2);
  REFUSED(rows.weights = infinite, "weight inf", "index 2", 2);
  REFUSED((rows.conditions = reified, rows.condition_literals = reified_by), "row 1", "not reified", 1);
  REFUSED((rows.conditions = kinds, rows.condition_literals = reified_by), "condition_literals", "1 at index 1", 1);
  REFUSED(rows.condition_literals = when, "condition_literals", "NULL where", -1);
  REFUSED(rows.num_rows = SIZE_MAX, "rows.num_rows", "18446744073709551615", -1);
  REFUSED(rows.num_numbers = SIZE_MAX, "rows.numbers", "", -1);
#undef REFUSED
#define MISSES(field)                                                              \
  do {                                                                             \
    rows = all;                                                                    \
    rows.field = NULL;                                                             \
    NULL_ARGUMENT(anser_formula_add_linears(formula, &rows, &id), "rows." #field); \
  } while (0)
  MISSES(numbers);
  MISSES(coefficients);
  MISSES(number_offsets);
  MISSES(literals);
  MISSES(weights);
  MISSES(literal_offsets);
  MISSES(relations);
  MISSES(rhs);
#undef MISSES
  rows = all;
  rows.conditions = kinds;
  NULL_ARGUMENT(anser_formula_add_linears(formula, &rows, &id), "condition_literals");
  NULL_ARGUMENT(anser_formula_add_linears(NULL, &all, &id), "formula");
  NULL_ARGUMENT(anser_formula_add_linears(formula, NULL, &id), "rows");
  static const size_t bad[] = {0, 1, 8, sizeof all - 1, 4097, SIZE_MAX};
  for (size_t i = 0; i < COUNT(bad); i++) {
    rows = all;
    rows.struct_size = bad[i];
    FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_formula_add_linears(formula, &rows, &id), "struct_size", "rows");
  }
  struct {
    anser_linear_rows rows;
    uint64_t newer[2];
  } larger = {all, {0, 1}};
  larger.rows.struct_size = sizeof larger;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_formula_add_linears(formula, &larger.rows, &id), "struct_size", "newer");
  CHECK(id == 77 && constraints_of(formula) == 15 && vars_of(formula) == 9);
  larger.newer[1] = 0;
  OK(anser_formula_add_linears(formula, &larger.rows, &id));
  CHECK(id == 15);
  anser_formula_free(formula);
}

/* Constraints of all kinds, mixed. */
static anser_formula *mixed(void) {
  anser_formula *formula = new_formula();
  uint32_t number = 77;
  OK(anser_formula_new_integer(formula, 0, 9, &number));
  OK(anser_formula_new_real(formula, -1, 1, &number));
  ADD(formula, 1, -2);                                                              /* 0 */
  OK(anser_formula_add_xor(formula, LITERALS(1, 2, 3), 1, NULL));                   /* 1 */
  OK(anser_formula_add_xor(formula, NULL, 0, 0, NULL));                             /* 2 */
  OK(anser_formula_add_cardinality(formula, LITERALS(1, 2, 4), 2, ANSER_CONDITION_REIFIED, 5, NULL)); /* 3 */
  OK(anser_formula_add_clause(formula, NULL, 0, NULL));                             /* 4 */
  OK(anser_formula_add_pseudo_boolean(formula, (const int32_t[]){1, -4}, (const int64_t[]){3, -2}, 2, 1,
                                      ANSER_CONDITION_IMPLIED, -3, NULL));          /* 5 */
  OK(anser_formula_add_linear(formula, (const uint32_t[]){1, 0}, (const double[]){0.5, 2}, 2, (const int32_t[]){-1},
                              (const double[]){4}, 1, ANSER_RELATION_GREATER, 2.5, 0, 0, NULL)); /* 6 */
  OK(anser_formula_add_cardinality(formula, LITERALS(6), 0, 0, 0, NULL));           /* 7 */
  ADD(formula, 6);                                                                  /* 8 */
  return formula;
}

static void ids_are_counted_over_all_kinds(void) {
  anser_formula *formula = mixed(), *copy = NULL;
  static const int32_t kinds[] = {1, 2, 2, 3, 1, 4, 5, 3, 1};
  int32_t read[COUNT(kinds) + 1] = {0}, kind = 77;
  const int32_t *literals = NULL;
  size_t length = 77;
  uint64_t count = 77;
  CHECK(constraints_of(formula) == COUNT(kinds));
  for (int shared = 0; shared < 2; shared++) {
    read[COUNT(kinds)] = 77;
    OK(anser_formula_get_constraint_kinds(formula, read, COUNT(kinds) + (size_t)shared));
    CHECK(memcmp(read, kinds, sizeof kinds) == 0 && read[COUNT(kinds)] == 77);
    for (uint64_t id = 0; id < COUNT(kinds); id++) CHECK(constraint_of(formula, id).kind == kinds[id]);
    OK(anser_formula_num_clauses(formula, &count));
    CHECK(count == 3);
    OK(anser_formula_get_clause(formula, 8, &literals, &length));
    CHECK(length == 1 && literals[0] == 6);
    anser_constraint c = constraint_of(formula, 0);
    CHECK(same_literals(&c, (const int32_t[]){1, -2}, 2) && c.bound == 1 && c.relation == ANSER_RELATION_AT_LEAST);
    OK(anser_formula_clone(formula, &copy)); /* and once more in a copy */
    OK(anser_formula_ensure_vars(copy, 9));
    anser_formula_free(formula);
    formula = copy;
  }
  literals = NULL, length = 77, count = 77;
  anser_constraint c = ANSER_CONSTRAINT_INIT;
  INVALID(anser_formula_get_clause(formula, 1, &literals, &length), "argument id", "constraint 1 is no clause");
  INVALID(anser_formula_get_clause(formula, 9, &literals, &length), "no constraint 9", "there are 9");
  INVALID(anser_formula_get_constraint(formula, 9, &c), "no constraint 9", "there are 9");
  INVALID(anser_formula_get_constraint(formula, UINT64_MAX, &c), "18446744073709551615", "");
  INVALID(anser_formula_get_constraint_kind(formula, 9, &kind), "no constraint 9", "there are 9");
  NULL_ARGUMENT(anser_formula_get_constraint(NULL, 0, &c), "formula");
  NULL_ARGUMENT(anser_formula_get_constraint(formula, 0, NULL), "out_constraint");
  NULL_ARGUMENT(anser_formula_get_constraint_kind(NULL, 0, &kind), "formula");
  NULL_ARGUMENT(anser_formula_get_constraint_kind(formula, 0, NULL), "out_kind");
  NULL_ARGUMENT(anser_formula_num_constraints(NULL, &count), "formula");
  NULL_ARGUMENT(anser_formula_num_constraints(formula, NULL), "out_constraints");
  read[0] = 77;
  SHORT(anser_formula_get_constraint_kinds(formula, read, COUNT(kinds) - 1), "num_kinds: 8", "9 are needed");
  NULL_ARGUMENT(anser_formula_get_constraint_kinds(formula, NULL, COUNT(kinds)), "out_kinds");
  NULL_ARGUMENT(anser_formula_get_constraint_kinds(NULL, read, COUNT(kinds)), "formula");
  static const size_t bad[] = {0, 1, 8, sizeof c - 1, 4097, SIZE_MAX};
  for (size_t i = 0; i < COUNT(bad); i++) {
    c.struct_size = bad[i];
    FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_formula_get_constraint(formula, 0, &c), "struct_size", "out_constraint");
  }
  CHECK(!literals && length == 77 && count == 77 && kind == 77 && read[0] == 77 && c.kind == 0);
  struct { /* a newer host's */
    anser_constraint c;
    uint64_t newer, beyond;
  } large;
  memset(&large, 0xee, sizeof large);
  large.c.struct_size = offsetof(__typeof__(large), beyond);
  OK(anser_formula_get_constraint(formula, 6, &large.c));
  CHECK(large.c.kind == 5 && large.newer == 0 && large.beyond == UINT64_C(0xeeeeeeeeeeeeeeee));
  anser_formula_free(formula);
}

static void counted_by_kind(void) {
  anser_formula *formula = mixed();
  static const uint64_t wanted[][3] = {{3, 3, 0}, {2, 3, 0}, {2, 4, 0}, {1, 2, 0}, {1, 1, 2}};
  uint64_t c = 77, l = 77, n = 77;
  for (int32_t kind = 1; kind <= 5; kind++) {
    OK(anser_formula_num_of_kind(formula, kind, &c, &l, &n));
    CHECK(c == wanted[kind - 1][0] && l == wanted[kind - 1][1] && n == wanted[kind - 1][2]);
    OK(anser_formula_num_of_kind(formula, kind, NULL, NULL, NULL));
  }
  c = l = n = 77;
  INVALID(anser_formula_num_of_kind(formula, 0, &c, &l, &n), "argument kind", "0");
  INVALID(anser_formula_num_of_kind(formula, 6, &c, &l, &n), "argument kind", "6");
  INVALID(anser_formula_num_of_kind(formula, INT32_MIN, &c, &l, &n), "argument kind", "-2147483648");
  NULL_ARGUMENT(anser_formula_num_of_kind(NULL, 1, &c, &l, &n), "formula");
  INVALID(anser_formula_num_of_kind(formula, 1, (uint64_t *)(void *)(unaligned + 4), &l, &n), "out_constraints", "aligned");
  CHECK(c == 77 && l == 77 && n == 77);
  OK(anser_formula_set_sampling_set(formula, (const int32_t[]){1, 2}, 2));
  anser_formula_statistics s = ANSER_FORMULA_STATISTICS_INIT;
  OK(anser_formula_get_statistics(formula, &s));
  CHECK(s.variables == 6 && s.clauses == 3 && s.literals == 3 && s.empty == 1 && s.unit == 1 && s.binary == 1);
  CHECK(s.xors == 2 && s.cardinalities == 2 && s.pseudo_booleans == 1 && s.linears == 1);
  CHECK(s.terms == 3 + 4 + 2 + 3 && s.numbers == 2 && s.sampling_set == 2 && s.bytes > 200 && s.bytes < 8192);
  anser_formula_free(formula);
}

static bool same_constraint(const anser_formula *a, uint64_t i, const anser_formula *b, uint64_t j) {
  anser_constraint p = constraint_of(a, i), q = constraint_of(b, j);
  bool weights = (p.weights == NULL) == (q.weights == NULL) &&
                 (!p.weights || memcmp(p.weights, q.weights, p.num_literals * sizeof *p.weights) == 0);
  bool reals = (p.literal_weights == NULL) == (q.literal_weights == NULL) &&
               (!p.literal_weights || memcmp(p.literal_weights, q.literal_weights, p.num_literals * sizeof *p.literal_weights) == 0);
  bool terms = p.num_numbers == q.num_numbers &&
               (!p.num_numbers || (memcmp(p.numbers, q.numbers, p.num_numbers * sizeof *p.numbers) == 0 &&
                                   memcmp(p.coefficients, q.coefficients, p.num_numbers * sizeof *p.coefficients) == 0));
  return p.kind == q.kind && p.relation == q.relation && p.condition == q.condition &&
         p.condition_literal == q.condition_literal && same_literals(&p, q.literals, q.num_literals) && p.bound == q.bound &&
         p.rhs == q.rhs && weights && reals && terms;
}

/* Each kind in bulk, and into another formula. */
static void read_in_bulk(void) {
  anser_formula *formula = mixed(), *again = new_formula();
  uint32_t number = 77;
  OK(anser_formula_new_integer(again, 0, 9, &number));
  OK(anser_formula_new_real(again, -1, 1, &number));
  int32_t literals[16], conditions[8], when[8];
  int64_t weights[16], bounds[8];
  size_t offsets[8];
  uint8_t rhs[8];
  memset(literals, 0x77, sizeof literals);
  memset(offsets, 0x77, sizeof offsets);
  memset(rhs, 0x77, sizeof rhs);
  memset(bounds, 0x77, sizeof bounds);
  memset(conditions, 0x77, sizeof conditions);
  memset(when, 0x77, sizeof when);
  memset(weights, 0x77, sizeof weights);
  const int32_t rest = literals[0];
  const int64_t rest64 = bounds[0];
  const size_t far = offsets[0];

  SHORT(anser_formula_get_xors(formula, literals, 2, offsets, rhs, 2), "num_literals: 2", "3 are needed");
  SHORT(anser_formula_get_xors(formula, literals, 3, offsets, rhs, 1), "num_xors: 1", "2 are needed");
  NULL_ARGUMENT(anser_formula_get_xors(NULL, literals, 3, offsets, rhs, 2), "formula");
  NULL_ARGUMENT(anser_formula_get_xors(formula, NULL, 3, offsets, rhs, 2), "out_literals");
  NULL_ARGUMENT(anser_formula_get_xors(formula, literals, 3, NULL, rhs, 2), "out_offsets");
  NULL_ARGUMENT(anser_formula_get_xors(formula, literals, 3, offsets, NULL, 2), "out_rhs");
  SHORT(anser_formula_get_cardinalities(formula, literals, 3, offsets, bounds, conditions, when, 2), "num_literals: 3", "4");
  SHORT(anser_formula_get_cardinalities(formula, literals, 4, offsets, bounds, conditions, when, 1), "num_rows: 1", "2");
  NULL_ARGUMENT(anser_formula_get_cardinalities(NULL, literals, 4, offsets, bounds, conditions, when, 2), "formula");
  NULL_ARGUMENT(anser_formula_get_cardinalities(formula, NULL, 4, offsets, bounds, conditions, when, 2), "out_literals");
  NULL_ARGUMENT(anser_formula_get_cardinalities(formula, literals, 4, NULL, bounds, conditions, when, 2), "out_offsets");
  NULL_ARGUMENT(anser_formula_get_cardinalities(formula, literals, 4, offsets, NULL, conditions, when, 2), "out_bounds");
  NULL_ARGUMENT(anser_formula_get_cardinalities(formula, literals, 4, offsets, bounds, NULL, when, 2), "out_conditions");
  NULL_ARGUMENT(anser_formula_get_cardinalities(formula, literals, 4, offsets, bounds, conditions, NULL, 2),
                "out_condition_literals");
  SHORT(anser_formula_get_pseudo_booleans(formula, literals, weights, 1, offsets, bounds, conditions, when, 1), "num_literals: 1", "2");
  SHORT(anser_formula_get_pseudo_booleans(formula, literals, weights, 2, offsets, bounds, conditions, when, 0), "num_rows: 0", "1");
  NULL_ARGUMENT(anser_formula_get_pseudo_booleans(NULL, literals, weights, 2, offsets, bounds, conditions, when, 1), "formula");
  NULL_ARGUMENT(anser_formula_get_pseudo_booleans(formula, NULL, weights, 2, offsets, bounds, conditions, when, 1), "out_literals");
  NULL_ARGUMENT(anser_formula_get_pseudo_booleans(formula, literals, NULL, 2, offsets, bounds, conditions, when, 1), "out_weights");
  NULL_ARGUMENT(anser_formula_get_pseudo_booleans(formula, literals, weights, 2, NULL, bounds, conditions, when, 1), "out_offsets");
  NULL_ARGUMENT(anser_formula_get_pseudo_booleans(formula, literals, weights, 2, offsets, NULL, conditions, when, 1), "out_bounds");
  NULL_ARGUMENT(anser_formula_get_pseudo_booleans(formula, literals, weights, 2, offsets, bounds, NULL, when, 1), "out_conditions");
  NULL_ARGUMENT(anser_formula_get_pseudo_booleans(formula, literals, weights, 2, offsets, bounds, conditions, NULL, 1),
                "out_condition_literals");
  INVALID(anser_formula_get_pseudo_booleans(formula, literals, (int64_t *)(void *)(unaligned + 4), 2, offsets, bounds,
                                            conditions, when, 1), "out_weights", "aligned");
  CHECK(literals[0] == rest && offsets[0] == far && rhs[0] == 0x77 && bounds[0] == rest64 && conditions[0] == rest &&
        when[0] == rest && weights[0] == rest64); /* nothing was written */

  uint64_t id = 77;
  OK(anser_formula_get_xors(formula, literals, 3, offsets, rhs, 2));
  CHECK(literals[3] == rest && offsets[3] == far && rhs[2] == 0x77 && offsets[2] == 3);
  OK(anser_formula_get_xors(formula, literals, 16, offsets, rhs, 7)); /* room for more */
  CHECK(literals[3] == rest && offsets[3] == far && rhs[2] == 0x77);
  OK(anser_formula_add_xors(again, literals, 3, offsets, rhs, 2, &id));
  CHECK(same_constraint(formula, 1, again, id) && same_constraint(formula, 2, again, id + 1));

  OK(anser_formula_get_cardinalities(formula, literals, 4, offsets, bounds, conditions, when, 2));
  CHECK(literals[4] == rest && offsets[3] == far && bounds[2] == rest64 && conditions[2] == rest && when[2] == rest);
  OK(anser_formula_add_cardinalities(again, literals, 4, offsets, bounds, conditions, when, 2, &id));
  CHECK(same_constraint(formula, 3, again, id) && same_constraint(formula, 7, again, id + 1));

  OK(anser_formula_get_pseudo_booleans(formula, literals, weights, 3, offsets, bounds, conditions, when, 2));
  CHECK(weights[2] == rest64 && bounds[2] == rest64);
  OK(anser_formula_add_pseudo_booleans(again, literals, weights, 2, offsets, bounds, conditions, when, 1, &id));
  CHECK(same_constraint(formula, 5, again, id));

  uint32_t which[3] = {77, 77, 77};
  double coefficients[3] = {77, 77, 77}, reals[2] = {77, 77}, sides[2] = {77, 77};
  size_t number_offsets[3] = {77, 77, 77}, literal_offsets[3] = {77, 77, 77};
  int32_t relations[2] = {77, 77};
  literals[0] = conditions[0] = when[0] = literals[1] = 77;
  anser_linear_buffers buffers = ANSER_LINEAR_BUFFERS_INIT;
  buffers.num_rows = 1;
  buffers.numbers = which, buffers.coefficients = coefficients, buffers.num_numbers = 2;
  buffers.number_offsets = number_offsets, buffers.literal_offsets = literal_offsets;
  buffers.literals = literals, buffers.weights = reals, buffers.num_literals = 1;
  buffers.relations = relations, buffers.rhs = sides, buffers.conditions = conditions, buffers.condition_literals = when;
  anser_linear_buffers bad;
#define SHORT_OF(field, less)                                                     \
  do {                                                                            \
    bad = buffers;                                                                \
    bad.field = less;                                                             \
    SHORT(anser_formula_get_linears(formula, &bad), "buffers." #field, "needed"); \
  } while (0)
#define MISSES(field)                                                           \
  do {                                                                          \
    bad = buffers;                                                              \
    bad.field = NULL;                                                           \
    NULL_ARGUMENT(anser_formula_get_linears(formula, &bad), "buffers." #field); \
  } while (0)
  SHORT_OF(num_rows, 0);
  SHORT_OF(num_numbers, 1);
  SHORT_OF(num_literals, 0);
  MISSES(numbers);
  MISSES(coefficients);
  MISSES(number_offsets);
  MISSES(literals);
  MISSES(weights);
  MISSES(literal_offsets);
  MISSES(relations);
  MISSES(rhs);
  MISSES(conditions);
  MISSES(condition_literals);
#undef SHORT_OF
#undef MISSES
  NULL_ARGUMENT(anser_formula_get_linears(NULL, &buffers), "formula");
  NULL_ARGUMENT(anser_formula_get_linears(formula, NULL), "buffers");
  static const size_t sizes[] = {0, 1, 8, sizeof buffers - 1, 4097, SIZE_MAX};
  for (size_t i = 0; i < COUNT(sizes); i++) {
    bad = buffers;
    bad.struct_size = sizes[i];
    FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_formula_get_linears(formula, &bad), "struct_size", "buffers");
  }
  CHECK(which[0] == 77 && coefficients[0] == 77 && number_offsets[0] == 77 && literals[0] == 77 && reals[0] == 77 &&
        literal_offsets[0] == 77 && relations[0] == 77 && sides[0] == 77 && conditions[0] == 77 && when[0] == 77);
  OK(anser_formula_get_linears(formula, &buffers));
  CHECK(which[2] == 77 && coefficients[2] == 77 && number_offsets[2] == 77 && literals[1] == 77 && reals[1] == 77 &&
        literal_offsets[2] == 77 && relations[1] == 77 && sides[1] == 77);
  anser_linear_rows rows = ANSER_LINEAR_ROWS_INIT;
  rows.num_rows = 1;
  rows.numbers = which, rows.coefficients = coefficients, rows.num_numbers = 2, rows.number_offsets = number_offsets;
  rows.literals = literals, rows.weights = reals, rows.num_literals = 1, rows.literal_offsets = literal_offsets;
  rows.relations = relations, rows.rhs = sides, rows.conditions = conditions, rows.condition_literals = when;
  OK(anser_formula_add_linears(again, &rows, &id));
  CHECK(same_constraint(formula, 6, again, id));
  anser_formula_free(again);
  anser_formula_free(formula);

  formula = new_formula(); /* nothing: one offset, 0 */
  offsets[0] = offsets[1] = 77;
  OK(anser_formula_get_xors(formula, NULL, 0, offsets, NULL, 0));
  CHECK(offsets[0] == 0 && offsets[1] == 77);
  OK(anser_formula_get_cardinalities(formula, NULL, 0, offsets, NULL, NULL, NULL, 0));
  OK(anser_formula_get_pseudo_booleans(formula, NULL, NULL, 0, offsets, NULL, NULL, NULL, 0));
  OK(anser_formula_get_constraint_kinds(formula, NULL, 0));
  anser_linear_buffers none = ANSER_LINEAR_BUFFERS_INIT;
  none.number_offsets = offsets, none.literal_offsets = offsets;
  OK(anser_formula_get_linears(formula, &none));
  CHECK(offsets[0] == 0 && offsets[1] == 77);
  anser_formula_free(formula);
}

/* What get_constraint lends stays while nothing changes the formula: also where a call fails and the other owner goes. */
static void a_failed_call_keeps_what_was_borrowed(void) {
  anser_formula *formula = mixed(), *copy = NULL;
  OK(anser_formula_clone(formula, &copy));
  anser_constraint before = constraint_of(formula, 5), after;
  uint32_t number = 77;
  const int32_t zero[] = {1, 0};
  const int64_t weights[] = {1, INT64_MAX};
  INVALID(anser_formula_add_xor(formula, zero, 2, 1, NULL), "literal 0", "");
  INVALID(anser_formula_add_cardinality(formula, zero, 2, 1, 0, 0, NULL), "literal 0", "");
  INVALID(anser_formula_add_pseudo_boolean(formula, (const int32_t[]){1, 2}, weights, 2, 1, 0, 0, NULL), "2^63", "");
  INVALID(anser_formula_new_integer(formula, 1, 0, &number), "", "");
  INVALID(anser_formula_set_sampling_set(formula, zero, 2), "", "");
  anser_formula_free(copy);
  after = constraint_of(formula, 5);
  CHECK(after.literals == before.literals && after.weights == before.weights && number == 77);
  CHECK(before.literals[0] == 1 && before.weights[1] == -2);
  anser_formula_free(formula);
}

static void models(void) {
  anser_formula *formula = new_formula();
  int32_t satisfied = 77;
  uint64_t violated = 77;
  OK(anser_formula_add_cardinality(formula, LITERALS(1, 2, 3), 2, ANSER_CONDITION_REIFIED, 4, NULL));
  OK(anser_formula_add_xor(formula, LITERALS(1, 2, 3), 1, NULL));
  OK(anser_formula_add_pseudo_boolean(formula, (const int32_t[]){1, 2, 3}, (const int64_t[]){3, -2, 1}, 3, 2, 0, 0, NULL));
  for (unsigned bits = 0; bits < 16; bits++) {
    int8_t values[4];
    int sum = 0, weight[] = {3, -2, 1}, weighted = 0;
    for (int v = 0; v < 4; v++) values[v] = bits >> v & 1 ? 1 : -1;
    for (int v = 0; v < 3; v++) sum += values[v] > 0, weighted += values[v] > 0 ? weight[v] : 0;
    uint64_t wanted = (sum >= 2) != (values[3] > 0) ? 0 : sum % 2 == 0 ? 1 : weighted < 2 ? 2 : UINT64_MAX;
    OK(anser_formula_check(formula, values, 4, &satisfied, &violated));
    CHECK(violated == wanted && satisfied == (wanted == UINT64_MAX));
    OK(anser_formula_check_with_numbers(formula, values, 4, NULL, 0, &satisfied, &violated));
    CHECK(violated == wanted && satisfied == (wanted == UINT64_MAX));
  }
  uint32_t number = 77;
  OK(anser_formula_new_integer(formula, 0, 9, &number));
  OK(anser_formula_new_real(formula, 0, 1, &number));
  /* n + x >= 2.5 + [1] */
  OK(anser_formula_add_linear(formula, (const uint32_t[]){0, 1}, (const double[]){1, 1}, 2, (const int32_t[]){1},
                              (const double[]){-1}, 1, ANSER_RELATION_AT_LEAST, 2.5, 0, 0, NULL));
  const int8_t values[] = {1, -1, -1, -1};
  double numbers[] = {3, 0.5, 77};
  OK(anser_formula_check_with_numbers(formula, values, 4, numbers, 2, &satisfied, &violated));
  CHECK(satisfied == 1 && violated == UINT64_MAX);
  numbers[1] = nextafter(0.5, 0);
  OK(anser_formula_check_with_numbers(formula, values, 4, numbers, 3, &satisfied, &violated));
  CHECK(satisfied == 0 && violated == 3);
  OK(anser_formula_check_with_numbers(formula, values, 4, numbers, 3, &satisfied, NULL));
  satisfied = 77, violated = 77;
  INVALID(anser_formula_check(formula, values, 4, &satisfied, &violated), "0 numbers", "2");
  INVALID(anser_formula_check_with_numbers(formula, values, 4, numbers, 1, &satisfied, &violated), "1 numbers", "2");
  INVALID(anser_formula_check_with_numbers(formula, values, 3, numbers, 2, &satisfied, &violated), "3 values", "4");
  static const double outside[][2] = {{3.5, 0}, {10, 0}, {-1, 0}, {0, 1.5}, {0, -0.25}, {(double)NAN, 0}, {0, (double)INFINITY}};
  for (size_t i = 0; i < COUNT(outside); i++) {
    INVALID(anser_formula_check_with_numbers(formula, values, 4, outside[i], 2, &satisfied, &violated), "outside", "number");
    CHECK(anser_last_error_index() == (outside[i][0] == 0));
  }
  NULL_ARGUMENT(anser_formula_check_with_numbers(NULL, values, 4, numbers, 2, &satisfied, &violated), "formula");
  NULL_ARGUMENT(anser_formula_check_with_numbers(formula, NULL, 4, numbers, 2, &satisfied, &violated), "values");
  NULL_ARGUMENT(anser_formula_check_with_numbers(formula, values, 4, NULL, 2, &satisfied, &violated), "numbers");
  NULL_ARGUMENT(anser_formula_check_with_numbers(formula, values, 4, numbers, 2, NULL, &violated), "out_satisfied");
  CHECK(satisfied == 77 && violated == 77);
  anser_formula_free(formula);
}

static void sampling_sets(void) {
  anser_formula *formula = new_formula();
  int32_t has = 77, set[8];
  size_t count = 77;
  for (size_t i = 0; i < 8; i++) set[i] = 77;
  OK(anser_formula_ensure_vars(formula, 5));
  OK(anser_formula_has_sampling_set(formula, &has));
  OK(anser_formula_num_sampling_set(formula, &count));
  OK(anser_formula_get_sampling_set(formula, NULL, 0));
  CHECK(has == 0 && count == 0);
  OK(anser_formula_clear_sampling_set(formula)); /* none to take away */
  OK(anser_formula_set_sampling_set(formula, (const int32_t[]){5, 2, 5, 1}, 4));
  OK(anser_formula_has_sampling_set(formula, &has));
  OK(anser_formula_num_sampling_set(formula, &count));
  CHECK(has == 1 && count == 3);
  OK(anser_formula_get_sampling_set(formula, set, 8));
  CHECK(set[0] == 1 && set[1] == 2 && set[2] == 5 && set[3] == 77);

  has = 77, count = 77, set[0] = 77;
  static const int32_t bad[] = {0, -1, 6, MAX_VAR, INT32_MAX, INT32_MIN};
  for (size_t i = 0; i < COUNT(bad); i++) {
    char text[16];
    int32_t with[] = {1, 2, 3};
    with[i % 3] = bad[i];
    snprintf(text, sizeof text, " %" PRId32 " at index %zu", bad[i], i % 3);
    INVALID(anser_formula_set_sampling_set(formula, with, 3), text, "1..=5");
    CHECK(anser_last_error_index() == (int64_t)(i % 3));
  }
  NULL_ARGUMENT(anser_formula_set_sampling_set(NULL, set, 1), "formula");
  NULL_ARGUMENT(anser_formula_set_sampling_set(formula, NULL, 1), "variables");
  NULL_ARGUMENT(anser_formula_clear_sampling_set(NULL), "formula");
  NULL_ARGUMENT(anser_formula_has_sampling_set(NULL, &has), "formula");
  NULL_ARGUMENT(anser_formula_has_sampling_set(formula, NULL), "out_has");
  NULL_ARGUMENT(anser_formula_num_sampling_set(NULL, &count), "formula");
  NULL_ARGUMENT(anser_formula_num_sampling_set(formula, NULL), "out_variables");
  SHORT(anser_formula_get_sampling_set(formula, set, 2), "num_variables: 2", "3 are needed");
  NULL_ARGUMENT(anser_formula_get_sampling_set(formula, NULL, 3), "out_variables");
  NULL_ARGUMENT(anser_formula_get_sampling_set(NULL, set, 3), "formula");
  CHECK(has == 77 && count == 77 && set[0] == 77);
  OK(anser_formula_num_sampling_set(formula, &count)); /* what was refused left the one before */
  CHECK(count == 3);

  OK(anser_formula_set_sampling_set(formula, NULL, 0)); /* the empty set is one */
  OK(anser_formula_has_sampling_set(formula, &has));
  OK(anser_formula_num_sampling_set(formula, &count));
  CHECK(has == 1 && count == 0);
  OK(anser_formula_clear_sampling_set(formula));
  OK(anser_formula_has_sampling_set(formula, &has));
  CHECK(has == 0);
  anser_formula_free(formula);
}

/* At every limit a call is done whole or not at all, and what refused goes on where there is room again. */
static void memory_limits(void) {
  enum { ROWS = 50 };
  int32_t literals[2 * ROWS], conditions[ROWS], when[ROWS], relations[ROWS], variables[ROWS];
  int64_t weights[2 * ROWS], bounds[ROWS], least[ROWS], greatest[ROWS];
  double coefficients[ROWS], reals[2 * ROWS], low[ROWS], high[ROWS];
  uint32_t which[ROWS];
  size_t two[ROWS + 1], one[ROWS + 1];
  uint8_t rhs[ROWS];
  for (int i = 0; i <= ROWS; i++) two[i] = 2 * (size_t)i, one[i] = (size_t)i;
  for (int i = 0; i < 2 * ROWS; i++) literals[i] = i + 1, weights[i] = i, reals[i] = i;
  for (int i = 0; i < ROWS; i++) {
    conditions[i] = i % 3 ? 1 : 0, when[i] = i % 3 ? -i : 0, relations[i] = i % 5 + 1, bounds[i] = i, rhs[i] = i % 2;
    coefficients[i] = i, which[i] = 0, least[i] = -i, greatest[i] = i, low[i] = -i, high[i] = i, variables[i] = i + 1;
  }
  anser_linear_rows rows = ANSER_LINEAR_ROWS_INIT;
  rows.num_rows = ROWS;
  rows.numbers = which, rows.coefficients = coefficients, rows.num_numbers = ROWS, rows.number_offsets = one;
  rows.literals = literals, rows.weights = reals, rows.num_literals = 2 * ROWS, rows.literal_offsets = two;
  rows.relations = relations, rows.rhs = coefficients, rows.conditions = conditions, rows.condition_literals = when;
  for (int call = 0; call < 7; call++) {
    uint64_t refusals = 0;
    for (uint64_t limit = 0;; limit += limit < 512 ? 1 : 40) {
      anser_formula *formula = mixed(), *copy = NULL;
      uint64_t id = 77, before = constraints_of(formula);
      uint32_t number = 77, numbers_before = numbers_of(formula), vars = vars_of(formula);
      anser_formula_statistics s = ANSER_FORMULA_STATISTICS_INIT, t = ANSER_FORMULA_STATISTICS_INIT;
      if (call == 6) {
        OK(anser_formula_ensure_vars(formula, ROWS));
        vars = ROWS;
      }
      OK(anser_formula_get_statistics(formula, &s));
      OK(anser_formula_set_memory_limit(formula, s.bytes + limit));
      if (limit % 3 == 2) OK(anser_formula_clone(formula, &copy)); /* so that a copy is changed */
      anser_status status =
          call == 0   ? anser_formula_add_xors(formula, literals, 2 * ROWS, two, rhs, ROWS, &id)
          : call == 1 ? anser_formula_add_cardinalities(formula, literals, 2 * ROWS, two, bounds, conditions, when, ROWS, &id)
          : call == 2 ? anser_formula_add_pseudo_booleans(formula, literals, weights, 2 * ROWS, two, bounds, NULL, NULL, ROWS, &id)
          : call == 3 ? anser_formula_add_linears(formula, &rows, &id)
          : call == 4 ? anser_formula_new_integers(formula, least, greatest, ROWS, &number)
          : call == 5 ? anser_formula_new_reals(formula, low, high, ROWS, &number)
                      : anser_formula_set_sampling_set(formula, variables, ROWS);
      CHECK(status == ANSER_STATUS_OK || (status == ANSER_STATUS_OUT_OF_MEMORY && strstr(anser_last_error(), "limit")));
      OK(anser_formula_get_statistics(formula, &t));
      CHECK(t.bytes <= s.bytes + limit);
      if (status == ANSER_STATUS_OK) {
        CHECK(call >= 4 || (id == before && constraints_of(formula) == before + ROWS));
        CHECK(call / 2 != 2 || (number == numbers_before && numbers_of(formula) == numbers_before + ROWS));
        CHECK(call != 6 || t.sampling_set == ROWS);
      } else {
        refusals++;
        CHECK(id == 77 && number == 77 && constraints_of(formula) == before && vars_of(formula) == vars &&
              numbers_of(formula) == numbers_before && t.sampling_set == 0);
        CHECK(t.xors == s.xors && t.cardinalities == s.cardinalities && t.pseudo_booleans == s.pseudo_booleans &&
              t.linears == s.linears && t.terms == s.terms && t.literals == s.literals);
        for (uint64_t i = 0; i < before; i++) constraint_of(formula, i);
        OK(anser_formula_set_memory_limit(formula, UINT64_MAX));
        OK(anser_formula_add_xor(formula, literals, 2, 1, &id));
        CHECK(id == before && is_xor(formula, before, literals, 2, 1));
        ADD(formula, 1, 2);
        CHECK(constraint_of(formula, before + 1).kind == ANSER_CONSTRAINT_KIND_CLAUSE);
      }
      bool last = status == ANSER_STATUS_OK && !copy; /* a copy has no spare room, so more room is left in it */
      anser_formula_free(copy);
      anser_formula_free(formula);
      if (last) break;
      if (!CHECK(limit < 100000)) break;
    }
    if (!CHECK(refusals > 60)) printf("    call %d: %" PRIu64 " refusals\n", call, refusals);
  }
}

int main(void) {
  RUN(xors);
  RUN(xors_in_bulk);
  RUN(cardinalities);
  RUN(cardinalities_in_bulk);
  RUN(pseudo_booleans);
  RUN(pseudo_booleans_in_bulk);
  RUN(numbers);
  RUN(linears);
  RUN(linears_in_bulk);
  RUN(ids_are_counted_over_all_kinds);
  RUN(counted_by_kind);
  RUN(read_in_bulk);
  RUN(a_failed_call_keeps_what_was_borrowed);
  RUN(models);
  RUN(sampling_sets);
  RUN(memory_limits);
  return report();
}
