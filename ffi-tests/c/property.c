/* Properties and their canonical form through the C ABI. */
#include "nets.h"

static anser_property *new_property(size_t inputs, size_t outputs) {
  anser_property *property = NULL;
  OK(anser_property_new(inputs, outputs, &property));
  return property;
}
static size_t assertions(const anser_property *property) {
  size_t count = 77777;
  OK(anser_property_num_assertions(property, &count));
  return count;
}
static bool holds(const anser_property *property, const double *x, const double *y) {
  size_t inputs = 0, outputs = 0;
  int32_t answer = 77;
  OK(anser_property_num_inputs(property, &inputs));
  OK(anser_property_num_outputs(property, &outputs));
  OK(anser_property_check(property, x, inputs, y, outputs, &answer));
  CHECK(answer == 0 || answer == 1);
  return answer == 1;
}
#define AT(...) (const double[]){__VA_ARGS__}
static anser_property *parsed(const char *text) {
  anser_property *property = NULL;
  OK(anser_property_read_vnnlib_memory((const uint8_t *)text, strlen(text), NULL, &property));
  return property;
}
static anser_disjuncts *disjuncts_of(const anser_property *property) {
  anser_disjuncts *d = NULL;
  OK(anser_disjuncts_new(property, NULL, &d));
  return d;
}
static bool next(anser_disjuncts *d) {
  int32_t found = 77;
  OK(anser_disjuncts_next(d, NULL, &found));
  CHECK(found == 0 || found == 1);
  return found == 1;
}

/* x in [0,1] x [-1,1], and (y0 - y1 <= 0 and y0 < 2) or y1 + 0.5 x0 <= -3. */
static const uint32_t columns[] = {2, 3, 2, 3, 0};
static const double coefficients[] = {1, -1, 1, 1, 0.5};
static const size_t offsets[] = {0, 2, 3, 5};
static const double bounds[] = {0, 2, -3};
static const uint8_t strict[] = {0, 1, 0};
static const size_t parts[] = {0, 2, 3};
static anser_halfspaces rows_of(void) {
  anser_halfspaces rows = ANSER_HALFSPACES_INIT;
  rows.num_rows = 3;
  rows.columns = columns;
  rows.coefficients = coefficients;
  rows.num_terms = COUNT(columns);
  rows.offsets = offsets;
  rows.bounds = bounds;
  rows.strict = strict;
  return rows;
}
static anser_property *built(void) {
  anser_property *property = new_property(2, 2);
  anser_halfspaces rows = rows_of();
  OK(anser_property_add_box(property, AT(0, -1), AT(1, 1), 2));
  OK(anser_property_add_assertion(property, &rows, parts, 2));
  return property;
}
static bool by_hand(const double *x, const double *y) {
  return x[0] >= 0 && x[0] <= 1 && x[1] >= -1 && x[1] <= 1 &&
         ((y[0] - y[1] <= 0 && y[0] < 2) || y[1] + 0.5 * x[0] <= -3);
}

/* ---- NULL ---- */

static void null_arguments(void) {
  anser_property *property = (anser_property *)(void *)&property, *good = built();
  anser_disjuncts *d = (anser_disjuncts *)(void *)&d;
  anser_network *network = small_network();
  anser_halfspaces rows = rows_of();
  anser_sink sink = ANSER_SINK_INIT;
  anser_disjuncts_statistics statistics = ANSER_DISJUNCTS_STATISTICS_INIT;
  struct host host = {0};
  size_t n = 77;
  int32_t i = 77;
  double x[2] = {77, 77};
  NULL_ARGUMENT(anser_property_new(1, 1, NULL), "out_property");
  anser_property_free(NULL);
  anser_disjuncts_free(NULL);
  NULL_ARGUMENT(anser_property_clone(NULL, &property), "property");
  CHECK(property == NULL);
  NULL_ARGUMENT(anser_property_clone(good, NULL), "out_property");
  NULL_ARGUMENT(anser_property_set_memory_limit(NULL, 1), "property");
  NULL_ARGUMENT(anser_property_num_inputs(NULL, &n), "property");
  NULL_ARGUMENT(anser_property_num_inputs(good, NULL), "out_inputs");
  NULL_ARGUMENT(anser_property_num_outputs(NULL, &n), "property");
  NULL_ARGUMENT(anser_property_num_outputs(good, NULL), "out_outputs");
  NULL_ARGUMENT(anser_property_num_assertions(NULL, &n), "property");
  NULL_ARGUMENT(anser_property_num_assertions(good, NULL), "out_assertions");
  NULL_ARGUMENT(anser_property_add_box(NULL, x, x, 2), "property");
  NULL_ARGUMENT(anser_property_add_box(good, NULL, x, 2), "lower");
  NULL_ARGUMENT(anser_property_add_box(good, x, NULL, 2), "upper");
  NULL_ARGUMENT(anser_property_add_assertion(NULL, &rows, parts, 2), "property");
  NULL_ARGUMENT(anser_property_add_assertion(good, NULL, parts, 2), "rows");
  NULL_ARGUMENT(anser_property_add_assertion(good, &rows, NULL, 2), "disjunct_offsets");
#define WITHOUT(field)                                                                     \
  rows = rows_of(), rows.field = NULL;                                                     \
  NULL_ARGUMENT(anser_property_add_assertion(good, &rows, parts, 2), "rows." #field)
  WITHOUT(columns);
  WITHOUT(coefficients);
  WITHOUT(offsets);
  WITHOUT(bounds);
  NULL_ARGUMENT(anser_property_check(NULL, x, 2, x, 2, &i), "property");
  NULL_ARGUMENT(anser_property_check(good, NULL, 2, x, 2, &i), "x");
  NULL_ARGUMENT(anser_property_check(good, x, 2, NULL, 2, &i), "y");
  NULL_ARGUMENT(anser_property_check(good, x, 2, x, 2, NULL), "out_holds");
  NULL_ARGUMENT(anser_property_check_network(NULL, network), "property");
  NULL_ARGUMENT(anser_property_check_network(good, NULL), "network");
  NULL_ARGUMENT(anser_property_read_vnnlib(NULL, NULL, &property), "path");
  NULL_ARGUMENT(anser_property_read_vnnlib("x", NULL, NULL), "out_property");
  NULL_ARGUMENT(anser_property_read_vnnlib_memory(NULL, 1, NULL, &property), "bytes");
  NULL_ARGUMENT(anser_property_write_vnnlib(NULL, "x", NULL), "property");
  NULL_ARGUMENT(anser_property_write_vnnlib(good, NULL, NULL), "path");
  sink = sink_to(&host);
  NULL_ARGUMENT(anser_property_write_vnnlib_sink(NULL, &sink, NULL), "property");
  CHECK(host.destroyed == 1);
  NULL_ARGUMENT(anser_property_write_vnnlib_sink(good, NULL, NULL), "sink");
  NULL_ARGUMENT(anser_property_write_vnnlib_memory(NULL, NULL, NULL, 0, &n), "property");
  NULL_ARGUMENT(anser_property_write_vnnlib_memory(good, NULL, NULL, 5, &n), "buffer");
  NULL_ARGUMENT(anser_disjuncts_new(NULL, NULL, &d), "property");
  CHECK(d == NULL);
  NULL_ARGUMENT(anser_disjuncts_new(good, NULL, NULL), "out_disjuncts");
  NULL_ARGUMENT(anser_disjuncts_next(NULL, NULL, &i), "disjuncts");
  NULL_ARGUMENT(anser_disjuncts_get_box(NULL, x, x, 2), "disjuncts");
  NULL_ARGUMENT(anser_disjuncts_num_rows(NULL, &n), "disjuncts");
  NULL_ARGUMENT(anser_disjuncts_num_inputs(NULL, &n), "disjuncts");
  NULL_ARGUMENT(anser_disjuncts_num_outputs(NULL, &n), "disjuncts");
  NULL_ARGUMENT(anser_disjuncts_get_rows(NULL, x, 2, x, NULL, 2), "disjuncts");
  NULL_ARGUMENT(anser_disjuncts_rows_have_inputs(NULL, &i), "disjuncts");
  NULL_ARGUMENT(anser_disjuncts_get_input_coefficients(NULL, x, 2), "disjuncts");
  NULL_ARGUMENT(anser_disjuncts_get_halfspaces(NULL, &rows), "disjuncts");
  NULL_ARGUMENT(anser_disjuncts_is_exact(NULL, &i), "disjuncts");
  NULL_ARGUMENT(anser_disjuncts_get_contradiction(NULL, &n), "disjuncts");
  NULL_ARGUMENT(anser_disjuncts_contains(NULL, x, 2, x, 2, &i), "disjuncts");
  NULL_ARGUMENT(anser_disjuncts_get_statistics(NULL, &statistics), "disjuncts");
  d = disjuncts_of(good);
  NULL_ARGUMENT(anser_disjuncts_next(d, NULL, NULL), "out_found");
  NULL_ARGUMENT(anser_disjuncts_get_statistics(d, NULL), "out_statistics");
  NULL_ARGUMENT(anser_disjuncts_get_contradiction(d, NULL), "out_variable");
  CHECK(next(d));
  NULL_ARGUMENT(anser_disjuncts_get_box(d, NULL, x, 2), "out_lower");
  NULL_ARGUMENT(anser_disjuncts_get_box(d, x, NULL, 2), "out_upper");
  NULL_ARGUMENT(anser_disjuncts_num_rows(d, NULL), "out_rows");
  NULL_ARGUMENT(anser_disjuncts_num_inputs(d, NULL), "out_inputs");
  NULL_ARGUMENT(anser_disjuncts_num_outputs(d, NULL), "out_outputs");
  NULL_ARGUMENT(anser_disjuncts_get_rows(d, NULL, 9, x, NULL, 9), "out_coefficients");
  NULL_ARGUMENT(anser_disjuncts_get_input_coefficients(d, NULL, 9), "out_coefficients");
  NULL_ARGUMENT(anser_disjuncts_rows_have_inputs(d, NULL), "out_have");
  NULL_ARGUMENT(anser_disjuncts_get_halfspaces(d, NULL), "out_rows");
  NULL_ARGUMENT(anser_disjuncts_is_exact(d, NULL), "out_exact");
  NULL_ARGUMENT(anser_disjuncts_contains(d, x, 2, x, 2, NULL), "out_inside");
  NULL_ARGUMENT(anser_disjuncts_contains(d, NULL, 2, x, 2, &i), "x");
  CHECK(n == 77 && i == 77 && x[0] == 77 && x[1] == 77);
  anser_disjuncts_free(d);
  anser_network_free(network);
  anser_property_free(good);
}

/* ---- Building and checking ---- */

static void checks(void) {
  anser_property *property = built();
  CHECK(assertions(property) == 2);
  for (int round = 0; round < 2000; round++) {
    double x[2], y[2];
    for (int i = 0; i < 2; i++) {
      x[i] = (double)random_below(13) / 4 - 1.5;
      y[i] = (double)random_below(33) / 4 - 4;
    }
    CHECK(holds(property, x, y) == by_hand(x, y));
  }
  /* Exact: 0.1 + 0.2 is more than 0.3 in doubles, and what is compared here are the doubles themselves. */
  anser_property *sum = new_property(2, 1);
  anser_halfspaces rows = ANSER_HALFSPACES_INIT;
  rows.num_rows = 1;
  rows.columns = (const uint32_t[]){0, 1};
  rows.coefficients = AT(1, 1);
  rows.num_terms = 2;
  rows.offsets = (const size_t[]){0, 2};
  rows.bounds = AT(0.30000000000000004);
  rows.strict = NULL;
  OK(anser_property_add_assertion(sum, &rows, (const size_t[]){0, 1}, 1));
  CHECK(holds(sum, AT(0.1, 0.2), AT(0)));
  rows.strict = (const uint8_t[]){1};
  OK(anser_property_add_assertion(sum, &rows, (const size_t[]){0, 1}, 1));
  CHECK(holds(sum, AT(0.1, 0.2), AT(0))); /* the real sum is less than the rounded one */
  CHECK(!holds(sum, AT(0.1, 0.2000000000000001), AT(0)));
  anser_property_free(sum);
  /* No disjunct: it cannot hold. One without a row: it always does. */
  anser_property *empty = new_property(1, 1);
  CHECK(holds(empty, AT(0), AT(0)) && assertions(empty) == 0);
  anser_halfspaces none = ANSER_HALFSPACES_INIT;
  none.offsets = (const size_t[]){0};
  OK(anser_property_add_assertion(empty, &none, (const size_t[]){0, 0}, 1));
  CHECK(holds(empty, AT(0), AT(0)));
  OK(anser_property_add_assertion(empty, &none, (const size_t[]){0}, 0));
  CHECK(!holds(empty, AT(0), AT(0)));
  anser_property_free(empty);
  anser_property_free(property);
}

static void wrong_values(void) {
  anser_property *property = built(), *out = (anser_property *)(void *)&out;
  anser_halfspaces rows;
  int32_t i = 77;
  INVALID(anser_property_new(0, 1, &out), "num_inputs", "0");
  CHECK(out == NULL);
  INVALID(anser_property_new(1, 0, &out), "num_outputs", "0");
  INVALID(anser_property_new(SIZE_MAX, 2, &out), "num_inputs", "many");
  INVALID(anser_property_add_box(property, AT(0), AT(1), 1), "num_inputs", "needed are 2");
  INVALID(anser_property_add_box(property, AT(0, NAN), AT(1, 1), 2), "lower", "NaN");
  CHECK(anser_last_error_index() == 1);
  INVALID(anser_property_add_box(property, AT(0, INFINITY), AT(1, INFINITY), 2), "lower", "inf");
  INVALID(anser_property_add_box(property, AT(0, 2), AT(1, 1), 2), "lower", "greater than the upper bound 1");
  INVALID(anser_property_check(property, AT(0), 1, AT(0, 0), 2, &i), "num_inputs", "needed are 2");
  INVALID(anser_property_check(property, AT(0, 0), 2, AT(0, 0, 0), 3, &i), "num_outputs", "needed are 2");
  INVALID(anser_property_check(property, AT(0, INFINITY), 2, AT(0, 0), 2, &i), "x", "inf");
  CHECK(anser_last_error_index() == 1);
  INVALID(anser_property_check(property, AT(0, 0), 2, AT(NAN, 0), 2, &i), "y", "NaN");
  CHECK(anser_last_error_index() == 0 && i == 77);
#define WRONG(field, value, first, second, index)                                                      \
  do {                                                                                                 \
    rows = rows_of();                                                                                  \
    rows.field = value;                                                                                \
    INVALID(anser_property_add_assertion(property, &rows, parts, 2), first, second);                   \
    CHECK(anser_last_error_index() == (index));                                                        \
  } while (0)
  const uint32_t beyond[] = {2, 3, 4, 3, 0};
  const double odd[] = {1, -1, 1, NAN, 0.5};
  const double endless[] = {0, INFINITY, 0};
  const size_t falling[] = {0, 3, 2, 5}, late[] = {1, 2, 3, 5}, early[] = {0, 2, 3, 4};
  const uint8_t flags[] = {0, 1, 2};
  WRONG(columns, beyond, "columns", "4", 2);
  WRONG(coefficients, odd, "coefficients", "NaN", 3);
  WRONG(bounds, endless, "bounds", "inf", 1);
  WRONG(offsets, falling, "offsets", "2", 2);
  WRONG(offsets, late, "offsets", "1", 0);
  WRONG(offsets, early, "offsets", "4", 3);
  WRONG(strict, flags, "rows.strict", "2", 2);
  rows = rows_of();
  INVALID(anser_property_add_assertion(property, &rows, (const size_t[]){0, 4, 3}, 2), "disjuncts", "4");
  rows.num_rows = SIZE_MAX;
  CHECK(anser_property_add_assertion(property, &rows, parts, 2) != ANSER_STATUS_OK);
  rows = rows_of();
  rows.struct_size = 9;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_property_add_assertion(property, &rows, parts, 2), "rows", "9");
  rows = rows_of();
  INVALID(anser_property_add_assertion(property, &rows, parts, SIZE_MAX), "num_disjuncts", "");
  CHECK(assertions(property) == 2);
  /* A memory limit: what might exceed it is refused. */
  OK(anser_property_set_memory_limit(property, 0));
  FAILS(ANSER_STATUS_OUT_OF_MEMORY, anser_property_add_box(property, AT(0, 0), AT(1, 1), 2), "limit", "");
  rows = rows_of();
  FAILS(ANSER_STATUS_OUT_OF_MEMORY, anser_property_add_assertion(property, &rows, parts, 2), "limit", "");
  OK(anser_property_set_memory_limit(property, UINT64_MAX));
  OK(anser_property_add_box(property, AT(0, -INFINITY), AT(INFINITY, 1), 2));
  CHECK(assertions(property) == 3);
  anser_property_free(property);
}

static void clones(void) {
  anser_property *property = built(), *copy = NULL;
  anser_disjuncts *d = disjuncts_of(property);
  OK(anser_property_clone(property, &copy));
  OK(anser_property_add_box(copy, AT(0.5, -1), AT(1, 1), 2));
  CHECK(assertions(property) == 2 && assertions(copy) == 3);
  CHECK(holds(property, AT(0.25, 0), AT(0, 0)) && !holds(copy, AT(0.25, 0), AT(0, 0)));
  OK(anser_property_add_box(property, AT(5, 5), AT(6, 6), 2)); /* which contradicts the box; the iterator does not see it */
  anser_property_free(property);
  CHECK(next(d) && next(d) && !next(d) && !next(d));
  size_t variable = 0;
  OK(anser_disjuncts_get_contradiction(d, &variable));
  CHECK(variable == SIZE_MAX);
  anser_disjuncts_free(d);
  anser_property_free(copy);
}

/* A box whose bounds cross by several assertions: no disjunct, and the input is named. */
static void contradictions(void) {
  anser_property *property = new_property(2, 1);
  size_t variable = 0;
  OK(anser_property_add_box(property, AT(0, 0), AT(1, 1), 2));
  OK(anser_property_add_box(property, AT(0, 2), AT(1, 3), 2));
  anser_disjuncts *d = disjuncts_of(property);
  OK(anser_disjuncts_get_contradiction(d, &variable));
  CHECK(variable == SIZE_MAX); /* not looked for as yet */
  CHECK(!next(d));
  OK(anser_disjuncts_get_contradiction(d, &variable));
  CHECK(variable == 1);
  anser_disjuncts_free(d);
  anser_property_free(property);
}

static void networks(void) {
  anser_property *property = built(), *other = new_property(3, 2), *third = new_property(2, 1);
  anser_network *network = small_network();
  OK(anser_property_check_network(property, network));
  INVALID(anser_property_check_network(other, network), "network", "3");
  INVALID(anser_property_check_network(third, network), "network", "1");
  anser_network_free(network);
  anser_property_free(third);
  anser_property_free(other);
  anser_property_free(property);
}

/* ---- The canonical form ---- */

static void canonical(void) {
  anser_property *property = built();
  anser_disjuncts *d = disjuncts_of(property);
  double lower[2], upper[2], a[8], b[4], inputs[8];
  uint8_t strict_out[4];
  size_t rows = 77;
  int32_t have = 77, exact = 77, inside = 77;
  STATE(anser_disjuncts_num_rows(d, &rows), "anser_disjuncts_next");
  STATE(anser_disjuncts_get_box(d, lower, upper, 2), "anser_disjuncts_next");
  CHECK(rows == 77);
  size_t inputs_of = 77, outputs_of = 77;
  OK(anser_disjuncts_num_inputs(d, &inputs_of));
  OK(anser_disjuncts_num_outputs(d, &outputs_of));
  CHECK(inputs_of == 2 && outputs_of == 2);
  CHECK(next(d));
  OK(anser_disjuncts_get_box(d, lower, upper, 2));
  CHECK(lower[0] == 0 && lower[1] == -1 && upper[0] == 1 && upper[1] == 1);
  OK(anser_disjuncts_num_rows(d, &rows));
  OK(anser_disjuncts_rows_have_inputs(d, &have));
  OK(anser_disjuncts_is_exact(d, &exact));
  CHECK(rows == 2 && have == 0 && exact == 1);
  SHORT(anser_disjuncts_get_box(d, lower, upper, 1), "num_inputs", "2");
  SHORT(anser_disjuncts_get_rows(d, a, 3, b, strict_out, 2), "num_coefficients", "4");
  SHORT(anser_disjuncts_get_rows(d, a, 4, b, strict_out, 1), "num_rows", "2");
  SHORT(anser_disjuncts_get_input_coefficients(d, inputs, 3), "num_coefficients", "4");
  OK(anser_disjuncts_get_rows(d, a, 8, b, strict_out, 4));
  OK(anser_disjuncts_get_rows(d, a, 4, b, NULL, 2));
  OK(anser_disjuncts_get_input_coefficients(d, inputs, 4));
  for (size_t i = 0; i < 4; i++) CHECK(inputs[i] == 0);
  /* In either order: y0 - y1 <= 0, and y0 < 2. */
  size_t first = strict_out[0] ? 1 : 0, second = 1 - first;
  CHECK(a[2 * first] == 1 && a[2 * first + 1] == -1 && b[first] == 0 && strict_out[first] == 0);
  CHECK(a[2 * second] == 1 && a[2 * second + 1] == 0 && b[second] == 2 && strict_out[second] == 1);
  OK(anser_disjuncts_contains(d, AT(0, 0), 2, AT(1, 1), 2, &inside));
  CHECK(inside == 1);
  OK(anser_disjuncts_contains(d, AT(0, 0), 2, AT(2, 2), 2, &inside));
  CHECK(inside == 0);
  INVALID(anser_disjuncts_contains(d, AT(0), 1, AT(2, 2), 2, &inside), "x", "1");
  INVALID(anser_disjuncts_contains(d, AT(0, NAN), 2, AT(2, 2), 2, &inside), "x", "NaN");
  /* The other one speaks of an input as well. */
  CHECK(next(d));
  OK(anser_disjuncts_num_rows(d, &rows));
  OK(anser_disjuncts_rows_have_inputs(d, &have));
  CHECK(rows == 1 && have == 1);
  OK(anser_disjuncts_get_rows(d, a, 2, b, strict_out, 1));
  OK(anser_disjuncts_get_input_coefficients(d, inputs, 2));
  CHECK(a[0] == 0 && a[1] == 1 && b[0] == -3 && strict_out[0] == 0 && inputs[0] == 0.5 && inputs[1] == 0);
  /* What is read sparsely makes the same property. */
  anser_halfspaces view = ANSER_HALFSPACES_INIT;
  OK(anser_disjuncts_get_halfspaces(d, &view));
  CHECK(view.num_rows == 1 && view.num_terms == 2 && view.offsets[1] == 2 && view.bounds[0] == -3 &&
        view.strict[0] == 0);
  anser_property *again = new_property(2, 2);
  OK(anser_property_add_assertion(again, &view, (const size_t[]){0, 1}, 1));
  CHECK(holds(again, AT(0, 0), AT(0, -3)) && !holds(again, AT(1, 0), AT(0, -3)));
  anser_property_free(again);
  CHECK(!next(d));
  STATE(anser_disjuncts_is_exact(d, &exact), "anser_disjuncts_next");
  anser_disjuncts_statistics s = ANSER_DISJUNCTS_STATISTICS_INIT;
  OK(anser_disjuncts_get_statistics(d, &s));
  CHECK(s.struct_size == sizeof s && s.produced == 2 && s.nodes >= 2);
  anser_disjuncts_free(d);
  anser_property_free(property);
}

/* The property holds exactly where some disjunct does. */
static void same_points(void) {
  for (int round = 0; round < 60; round++) {
    anser_property *property = new_property(2, 2);
    OK(anser_property_add_box(property, AT(-2, -2), AT(2, 2), 2));
    for (int assertion = 0; assertion < 3; assertion++) {
      uint32_t c[12];
      double v[12], b[6];
      uint8_t s[6];
      size_t o[7] = {0}, p[4] = {0, 2, 4, 6};
      for (size_t row = 0; row < 6; row++) {
        c[2 * row] = random_below(2);
        c[2 * row + 1] = 2 + random_below(2);
        for (size_t k = 2 * row; k < 2 * row + 2; k++) v[k] = (double)random_below(5) - 2;
        b[row] = (double)random_below(9) - 4;
        s[row] = (uint8_t)random_below(2);
        o[row + 1] = 2 * row + 2;
      }
      anser_halfspaces rows = ANSER_HALFSPACES_INIT;
      rows.num_rows = 6, rows.columns = c, rows.coefficients = v, rows.num_terms = 12, rows.offsets = o;
      rows.bounds = b, rows.strict = s;
      OK(anser_property_add_assertion(property, &rows, p, 3));
    }
    enum { POINTS = 60 };
    double x[POINTS][2], y[POINTS][2];
    bool somewhere[POINTS] = {false};
    for (size_t i = 0; i < POINTS; i++)
      for (size_t j = 0; j < 2; j++) {
        x[i][j] = (double)random_below(11) / 2 - 2.5;
        y[i][j] = (double)random_below(11) - 5;
      }
    anser_disjuncts *d = disjuncts_of(property);
    while (next(d))
      for (size_t i = 0; i < POINTS; i++) {
        int32_t inside = 77;
        OK(anser_disjuncts_contains(d, x[i], 2, y[i], 2, &inside));
        somewhere[i] |= inside == 1;
      }
    for (size_t i = 0; i < POINTS; i++) CHECK(somewhere[i] == holds(property, x[i], y[i]));
    anser_disjuncts_free(d);
    anser_property_free(property);
  }
}

/* x in [0,1]^n; a choice in each of n assertions: 2^n disjuncts. */
static anser_property *choices(size_t n) {
  anser_property *property = new_property(1, n);
  OK(anser_property_add_box(property, AT(0), AT(1), 1));
  for (size_t i = 0; i < n; i++) {
    anser_halfspaces rows = ANSER_HALFSPACES_INIT;
    const uint32_t c[2] = {(uint32_t)i + 1, (uint32_t)i + 1};
    rows.num_rows = rows.num_terms = 2;
    rows.columns = c;
    rows.coefficients = AT(1, -1);
    rows.offsets = (const size_t[]){0, 1, 2};
    rows.bounds = AT(-1, -1);
    OK(anser_property_add_assertion(property, &rows, (const size_t[]){0, 1, 2}, 2));
  }
  return property;
}

static void options_and_limits(void) {
  anser_property *property = choices(5);
  anser_disjuncts *d = NULL;
  anser_disjuncts_options options = ANSER_DISJUNCTS_OPTIONS_INIT;
  int32_t found = 77;
  options.limit = 7;
  OK(anser_disjuncts_new(property, &options, &d));
  for (int i = 0; i < 7; i++) CHECK(next(d));
  FAILS(ANSER_STATUS_UNSUPPORTED, anser_disjuncts_next(d, NULL, &found), "7", "");
  FAILS(ANSER_STATUS_UNSUPPORTED, anser_disjuncts_next(d, NULL, &found), "7", "");
  size_t rows = 77;
  STATE(anser_disjuncts_num_rows(d, &rows), "anser_disjuncts_next");
  anser_disjuncts_free(d);
  options.limit = 0;
  options.without_lp = 1;
  OK(anser_disjuncts_new(property, &options, &d));
  int count = 0;
  while (next(d)) count++;
  CHECK(count == 32);
  anser_disjuncts_free(d);
  options.without_lp = 2;
  INVALID(anser_disjuncts_new(property, &options, &d), "without_lp", "2");
  CHECK(d == NULL);
  options.struct_size = 1;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_disjuncts_new(property, &options, &d), "options", "1");
  anser_property_free(property);

  /* An input without a bound. */
  property = new_property(2, 1);
  OK(anser_property_add_box(property, AT(0, 0), AT(1, INFINITY), 2));
  d = disjuncts_of(property);
  FAILS(ANSER_STATUS_UNSUPPORTED, anser_disjuncts_next(d, NULL, &found), "X_1", "upper");
  CHECK(anser_last_error_index() == 1 && found == 77);
  anser_disjuncts_free(d);
  anser_property_free(property);
}

static void stopped(void) {
  anser_property *property = choices(60), *back = NULL;
  anser_budget *budget = new_budget();
  anser_interrupt *token = NULL;
  int32_t found = 77;
  OK(anser_interrupt_new(&token));
  OK(anser_budget_set_interrupt(budget, token));
  anser_disjuncts *d = disjuncts_of(property);
  anser_interrupt_trigger(token);
  FAILS(ANSER_STATUS_STOPPED, anser_disjuncts_next(d, budget, &found), "interrupt", "");
  CHECK(anser_last_error_stop_reason() == ANSER_STOP_REASON_INTERRUPTED && found == 77);
  OK(anser_interrupt_reset(token));
  OK(anser_disjuncts_next(d, budget, &found)); /* goes on */
  CHECK(found == 1);
  anser_interrupt_trigger(token);
  static const char text[] = "(declare-const X_0 Real)(declare-const Y_0 Real)(assert (<= X_0 1))";
  FAILS(ANSER_STATUS_STOPPED, anser_property_read_vnnlib_memory((const uint8_t *)text, strlen(text), budget, &back),
        "interrupt", "");
  CHECK(back == NULL);
  size_t length = 77;
  FAILS(ANSER_STATUS_STOPPED, anser_property_write_vnnlib_memory(property, budget, NULL, 0, &length), "interrupt", "");
  CHECK(length == 77);
  anser_interrupt_free(token);
  anser_budget_free(budget);
  budget = new_budget();
  OK(anser_budget_set_memory_limit(budget, 100));
  char *large = malloc(200000);
  size_t at = (size_t)sprintf(large, "(declare-const X_0 Real)(declare-const Y_0 Real)");
  while (at < 190000) at += (size_t)sprintf(large + at, "(assert (<= (+ X_0 Y_0) %zu))", at);
  FAILS(ANSER_STATUS_OUT_OF_MEMORY, anser_property_read_vnnlib_memory((const uint8_t *)large, at, budget, &back), "limit",
        "");
  free(large);
  anser_budget_free(budget);
  anser_disjuncts_free(d);
  anser_property_free(property);
}

/* ---- Files ---- */

static const char example[] =
    "; a comment\n"
    "(declare-const X_0 Real)\n(declare-const X_1 Real)\n(declare-const Y_0 Real)\n(declare-const Y_1 Real)\n"
    "(assert (>= X_0 0))\n(assert (<= X_0 1))\n(assert (>= X_1 -1))\n(assert (<= X_1 1))\n"
    "(assert (or (and (<= Y_0 Y_1) (< Y_0 2)) (<= (+ Y_1 (* 0.5 X_0)) -3)))\n";

static void same_as_built(const anser_property *property) {
  for (int round = 0; round < 300; round++) {
    double x[2], y[2];
    for (int i = 0; i < 2; i++) {
      x[i] = (double)random_below(13) / 4 - 1.5;
      y[i] = (double)random_below(33) / 4 - 4;
    }
    CHECK(holds(property, x, y) == by_hand(x, y));
  }
}

static void files(void) {
  anser_property *property = parsed(example), *back = NULL;
  same_as_built(property);
  size_t length = 0, again = 0, whole = 0;
  OK(anser_property_write_vnnlib_memory(property, NULL, NULL, 0, &length));
  char *text = malloc(length + 1);
  SHORT(anser_property_write_vnnlib_memory(property, NULL, text, length, &again), "capacity", "needed");
  CHECK(again == length);
  OK(anser_property_write_vnnlib_memory(property, NULL, text, length + 1, &again));
  CHECK(again == length && strlen(text) == length && strstr(text, "(assert"));
  back = parsed(text);
  same_as_built(back);
  anser_property_free(back);
  anser_property *hand = built(); /* what is built is written as well */
  const char *path = temporary(0, ".vnnlib");
  OK(anser_property_write_vnnlib(hand, path, NULL));
  if (OK(anser_property_read_vnnlib(path, NULL, &back))) same_as_built(back);
  anser_property_free(back);
  anser_property_free(hand);
  OK(anser_property_write_vnnlib(property, path, NULL));
  char *file = read_whole(path, &whole);
  CHECK(whole == length && strcmp(file, text) == 0);
  free(file);
  remove(path);
  struct host host = {0};
  anser_sink sink = sink_to(&host);
  OK(anser_property_write_vnnlib_sink(property, &sink, NULL));
  CHECK(host.destroyed == 1 && host.length == length && strcmp(host.text, text) == 0);
  host_clear(&host);
  host.answer = 5;
  sink = sink_to(&host);
  FAILS(ANSER_STATUS_IO, anser_property_write_vnnlib_sink(property, &sink, NULL), "5", "");
  host_clear(&host);
  FAILS(ANSER_STATUS_IO, anser_property_read_vnnlib("/no/where", NULL, &back), "/no/where", "");
  CHECK(back == NULL);
  FAILS(ANSER_STATUS_IO, anser_property_write_vnnlib(property, "/no/where", NULL), "/no/where", "");
  free(text);
  anser_property_free(property);
}

static void malformed(void) {
  static const struct {
    const char *text;
    anser_status status;
    uint64_t line, column;
  } bad[] = {
      {"(declare-const X_0 Real)\n(declare-const Y_0 Real)\n(assert (<= X_0 Z))", ANSER_STATUS_PARSE, 3, 17},
      {"(declare-const X_0 Real)\n(declare-const Y_0 Real)\n(assert (<= X_0 1)", ANSER_STATUS_PARSE, 3, 19},
      {"(declare-const X_0 Real)\n(declare-const Y_0 Real)\n  (assert (<= (* X_0 Y_0) 1))", ANSER_STATUS_UNSUPPORTED, 3, 0},
      {"", ANSER_STATUS_PARSE, 0, 0},
      {"\xff\xfe", ANSER_STATUS_PARSE, 1, 1},
  };
  anser_property *property = NULL;
  for (size_t i = 0; i < COUNT(bad); i++) {
    FAILS(bad[i].status,
          anser_property_read_vnnlib_memory((const uint8_t *)bad[i].text, strlen(bad[i].text), NULL, &property), "", "");
    CHECK(property == NULL);
    CHECK(!bad[i].line || anser_last_error_line() == bad[i].line);
    CHECK(!bad[i].column || anser_last_error_column() == bad[i].column);
  }
  size_t length = strlen(example);
  char *copy = malloc(length);
  for (int round = 0; round < 2000; round++) {
    memcpy(copy, example, length);
    size_t cut = round % 2 ? length : random_below((uint32_t)length) + 1;
    for (uint32_t n = random_below(4); n < 4; n++) copy[random_below((uint32_t)cut)] = "()<=+-*01Xx_ \n;"[random_below(15)];
    anser_status status = anser_property_read_vnnlib_memory((const uint8_t *)copy, cut, NULL, &property);
    if (status == ANSER_STATUS_OK) {
      anser_property_free(property);
    } else {
      CHECK((status == ANSER_STATUS_PARSE || status == ANSER_STATUS_UNSUPPORTED) && anser_last_error_line() > 0);
    }
  }
  free(copy);
}

int main(void) {
  RUN(null_arguments);
  RUN(checks);
  RUN(wrong_values);
  RUN(clones);
  RUN(contradictions);
  RUN(networks);
  RUN(canonical);
  RUN(same_points);
  RUN(options_and_limits);
  RUN(stopped);
  RUN(files);
  RUN(malformed);
  return report();
}
