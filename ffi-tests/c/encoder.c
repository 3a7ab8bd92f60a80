/* Networks inside formulas: what a formula allows is what the network does, checked without a solver, and with Z3 where the
 * library has it; exact values of numbers; smaller boxes; hostile arguments, budgets, callbacks. */
#include "nets.h"

#include <pthread.h>

static const double LOW[2] = {-1, -1}, HIGH[2] = {1, 1};
static const int32_t FORMS[2] = {ANSER_RELU_FORM_BIG_M, ANSER_RELU_FORM_SMT};

/* The neurons of the small network are x0 + x1 - 1 and x0 - x1; y0 = relu(first) + 2 relu(second), y1 = -relu(first). */
static void values(const double *x, double *pre, double *y) {
  pre[0] = x[0] + x[1] - 1;
  pre[1] = x[0] - x[1];
  y[0] = fmax(pre[0], 0) + 2 * fmax(pre[1], 0);
  y[1] = -fmax(pre[0], 0);
}

static anser_relu_encoder *encoder_of(const anser_network *network, int32_t form) {
  anser_relu_options options = ANSER_RELU_OPTIONS_INIT;
  anser_relu_encoder *encoder = NULL;
  options.form = form;
  OK(anser_relu_encoder_new(network, &options, NULL, &encoder));
  return encoder;
}
static anser_relu_encoder *small_encoder(int32_t form) {
  anser_network *network = small_network();
  anser_relu_encoder *encoder = encoder_of(network, form);
  anser_network_free(network);
  return encoder;
}
static anser_relu_encoding *encode(const anser_relu_encoder *encoder, anser_formula *formula, const double *lower,
                                   const double *upper) {
  anser_relu_encoding *encoding = NULL;
  OK(anser_relu_encoder_encode(encoder, formula, lower, upper, 2, NULL, &encoding));
  return encoding;
}
static anser_relu_encoding *small_encoding(int32_t form, anser_formula *formula) {
  anser_relu_encoder *encoder = small_encoder(form);
  anser_relu_encoding *encoding = encode(encoder, formula, LOW, HIGH);
  anser_relu_encoder_free(encoder);
  return encoding;
}

/* How large a formula is. */
struct size {
  uint32_t vars, numbers;
  uint64_t constraints;
};
static struct size size_of(const anser_formula *formula) {
  struct size size;
  OK(anser_formula_num_vars(formula, &size.vars));
  OK(anser_formula_num_numbers(formula, &size.numbers));
  OK(anser_formula_num_constraints(formula, &size.constraints));
  return size;
}
static bool same(struct size a, struct size b) {
  return a.vars == b.vars && a.numbers == b.numbers && a.constraints == b.constraints;
}

/* All there is to read of the small network's encoding. */
struct view {
  uint32_t inputs[2], outputs[2], layers[2], pre[2], post[2];
  int32_t phases[2];
  int8_t decided[2];
  double lower[2], upper[2], out_lower[2], out_upper[2], pre_lower[2], pre_upper[2], post_lower[2], post_upper[2];
};
static struct view look(const anser_relu_encoding *encoding) {
  struct view v;
  memset(&v, 77, sizeof v);
  anser_relu_neurons neurons = ANSER_RELU_NEURONS_INIT;
  neurons.num_neurons = 2;
  neurons.layers = v.layers, neurons.pre = v.pre, neurons.post = v.post;
  neurons.phases = v.phases, neurons.decided = v.decided;
  neurons.pre_lower = v.pre_lower, neurons.pre_upper = v.pre_upper;
  neurons.post_lower = v.post_lower, neurons.post_upper = v.post_upper;
  OK(anser_relu_encoding_get_inputs(encoding, v.inputs, v.lower, v.upper, 2));
  OK(anser_relu_encoding_get_outputs(encoding, v.outputs, v.out_lower, v.out_upper, 2));
  OK(anser_relu_encoding_get_neurons(encoding, &neurons));
  return v;
}

/* Adds to the formula: the sum of coefficient * number compares with the right-hand side. */
static void add_row(anser_formula *formula, const uint32_t *numbers, const double *coefficients, size_t count,
                    int32_t relation, double rhs) {
  OK(anser_formula_add_linear(formula, numbers, coefficients, count, NULL, NULL, 0, relation, rhs, ANSER_CONDITION_PLAIN, 0,
                              NULL));
}

/* A solver of reals; NULL, and a line that says so, where the library was built without one. */
static anser_solver *real_solver(const anser_formula *formula, const char *test) {
  anser_solver *solver = new_solver(formula);
  const anser_status status = anser_solver_set_backend(solver, ANSER_BACKEND_Z3);
  if (status == ANSER_STATUS_OK) return solver;
  CHECK(status == ANSER_STATUS_BACKEND_UNAVAILABLE);
  printf("skipped: encoder.c: %s: the library was built without Z3\n", test);
  anser_solver_free(solver);
  return NULL;
}
static int32_t solve(anser_solver *solver, const int32_t *assumptions, size_t count) {
  int32_t result = 77;
  OK(anser_solver_solve(solver, assumptions, count, NULL, &result));
  return result;
}

/* ---- What is handed back ---- */

static void made_and_freed(void) {
  anser_network *network = small_network();
  anser_formula *formula = new_formula();
  anser_relu_encoder *encoder = NULL;
  OK(anser_relu_encoder_new(network, NULL, NULL, &encoder));
  anser_network_free(network);
  size_t inputs = 77, outputs = 77, neurons = 77;
  OK(anser_relu_encoder_input_length(encoder, &inputs));
  OK(anser_relu_encoder_output_length(encoder, &outputs));
  CHECK(inputs == 2 && outputs == 2);
  anser_relu_encoding *encoding = encode(encoder, formula, LOW, HIGH);
  anser_relu_encoder_free(encoder);
  anser_formula_free(formula);
  inputs = outputs = 77;
  OK(anser_relu_encoding_input_length(encoding, &inputs));
  OK(anser_relu_encoding_output_length(encoding, &outputs));
  OK(anser_relu_encoding_num_neurons(encoding, &neurons));
  CHECK(inputs == 2 && outputs == 2 && neurons == 2);
  anser_relu_encoding_free(encoding);
  anser_relu_encoder_free(NULL);
  anser_relu_encoding_free(NULL);
}

static void what_is_told(void) {
  for (int32_t tightening = 0; tightening < 3; tightening++) {
    anser_network *network = small_network();
    anser_formula *formula = new_formula();
    anser_relu_options options = ANSER_RELU_OPTIONS_INIT;
    anser_relu_encoder *encoder = NULL;
    options.tightening = tightening;
    options.iterations = tightening == ANSER_RELU_TIGHTENING_ALPHA ? 3 : 0;
    OK(anser_relu_encoder_new(network, &options, NULL, &encoder));
    /* A host's own come first and stay what they are. */
    uint32_t mine = 77;
    ADD(formula, 1, 2);
    OK(anser_formula_new_integers(formula, (const int64_t[]){0}, (const int64_t[]){9}, 1, &mine));
    anser_relu_encoding *first = encode(encoder, formula, LOW, HIGH), *second = encode(encoder, formula, LOW, HIGH);
    const struct view a = look(first), b = look(second);
    const struct size size = size_of(formula);
    for (int i = 0; i < 2; i++) {
      CHECK(a.inputs[i] > mine && a.inputs[i] < size.numbers && b.inputs[i] > a.outputs[1] && b.inputs[i] < size.numbers);
      CHECK(a.lower[i] == -1 && a.upper[i] == 1 && a.decided[i] == 0 && a.layers[i] == 1);
      CHECK(a.phases[i] > 2 && (uint32_t)a.phases[i] <= size.vars && b.phases[i] > a.phases[1]);
      CHECK(a.post_lower[i] <= 0 && a.post_lower[i] > -1e-9);
      /* The bounds are the domains of the numbers. */
      int32_t kind = 77;
      double min = 77, max = 77;
      OK(anser_formula_get_number_domain(formula, a.pre[i], &kind, &min, &max));
      CHECK(kind == ANSER_NUMBER_KIND_REAL && min == a.pre_lower[i] && max == a.pre_upper[i]);
      OK(anser_formula_get_number_domain(formula, b.outputs[i], &kind, &min, &max));
      CHECK(min == b.out_lower[i] && max == b.out_upper[i]);
    }
    CHECK(a.pre_lower[0] <= -3 && a.pre_lower[0] > -3.1 && a.pre_upper[0] >= 1 && a.pre_upper[0] < 1.1);
    CHECK(a.pre_lower[1] <= -2 && a.pre_upper[1] >= 2 && a.post_upper[1] >= 2 && a.post_upper[1] < 2.1);
    CHECK(a.out_lower[0] <= 0 && a.out_upper[0] >= 4 && a.out_upper[0] < 6 && a.out_lower[1] <= -1);
    /* Where bounds decide: x0 - x1 <= -0.5; then x0 + x1 - 1 >= 0.3 and x0 - x1 >= 0.1. */
    anser_relu_encoding *third = encode(encoder, formula, (const double[]){0.05, 0.9}, (const double[]){0.4, 1});
    const struct view c = look(third);
    CHECK(c.decided[0] == 0 && c.decided[1] == -1 && c.pre_upper[1] < -0.4 && c.post_upper[1] == 0);
    anser_relu_encoding *fourth = encode(encoder, formula, (const double[]){0.7, 0.6}, (const double[]){1, 0.6});
    const struct view d = look(fourth);
    CHECK(d.decided[0] == 1 && d.decided[1] == 1 && d.phases[0] == d.phases[1] && d.phases[0] > 0);
    CHECK(d.lower[1] == 0.6 && d.upper[1] == 0.6 && d.pre_lower[0] > 0.2);
    anser_relu_encoding_free(first), anser_relu_encoding_free(second);
    anser_relu_encoding_free(third), anser_relu_encoding_free(fourth);
    anser_relu_encoder_free(encoder);
    anser_network_free(network);
    anser_formula_free(formula);
  }
}

/* Only what is wanted is written, and nothing beyond what there is. */
static void parts_and_room(void) {
  anser_formula *formula = new_formula();
  anser_relu_encoding *encoding = small_encoding(ANSER_RELU_FORM_SMT, formula);
  uint32_t numbers[3] = {77, 77, 77};
  double ends[3] = {77, 77, 77};
  int32_t phases[3] = {77, 77, 77};
  OK(anser_relu_encoding_get_inputs(encoding, NULL, NULL, ends, 3));
  CHECK(ends[0] == 1 && ends[1] == 1 && ends[2] == 77);
  OK(anser_relu_encoding_get_outputs(encoding, numbers, NULL, NULL, 3));
  CHECK(numbers[0] != 77 && numbers[2] == 77);
  OK(anser_relu_encoding_get_outputs(encoding, NULL, NULL, NULL, 2));
  anser_relu_neurons neurons = ANSER_RELU_NEURONS_INIT;
  neurons.num_neurons = 3;
  OK(anser_relu_encoding_get_neurons(encoding, &neurons));
  neurons.phases = phases;
  OK(anser_relu_encoding_get_neurons(encoding, &neurons));
  CHECK(phases[0] > 0 && phases[1] > 0 && phases[2] == 77);
  anser_relu_encoding_free(encoding);
  anser_formula_free(formula);
}

/* ---- What it says ---- */

/* Whether the formula, which has nothing but the network, holds at x with these phases and outputs. */
static bool holds(const anser_formula *formula, const struct view *v, const double *x, const double *pre, const double *y,
                  const bool *phases) {
  double numbers[16];
  int8_t literals[16];
  int32_t satisfied = 77;
  const struct size size = size_of(formula);
  CHECK(size.numbers <= 16 && size.vars <= 16);
  for (int i = 0; i < 16; i++) numbers[i] = 0, literals[i] = 1;
  for (int i = 0; i < 2; i++) {
    numbers[v->inputs[i]] = x[i];
    numbers[v->pre[i]] = pre[i];
    numbers[v->post[i]] = fmax(pre[i], 0);
    numbers[v->outputs[i]] = y[i];
    literals[v->phases[i] - 1] = phases[i] ? 1 : -1;
  }
  OK(anser_formula_check_with_numbers(formula, literals, size.vars, numbers, size.numbers, &satisfied, NULL));
  return satisfied == 1;
}

/* At every point of a grid the formula holds of what the network does and of nothing beside it; no number is rounded here. */
static void points(void) {
  for (int f = 0; f < 2; f++) {
    anser_formula *formula = new_formula();
    anser_relu_encoding *encoding = small_encoding(FORMS[f], formula);
    const struct view v = look(encoding);
    CHECK(size_of(formula).numbers == 8); /* inputs, operands, answers, outputs: values() knows them all */
    for (int i = 0; i < 17 * 17; i++) {
      const double x[2] = {-1 + i / 17 * 0.125, -1 + i % 17 * 0.125};
      double pre[2], y[2];
      values(x, pre, y);
      for (int k = 0; k < 4; k++) {
        const bool phases[2] = {k & 1, k & 2};
        const bool fits = (pre[0] == 0 || phases[0] == (pre[0] > 0)) && (pre[1] == 0 || phases[1] == (pre[1] > 0));
        CHECK(holds(formula, &v, x, pre, y, phases) == fits);
        const double off[2] = {y[0], y[1] + (y[1] < -0.5 ? 1 : -1) * 0x1p-40};
        CHECK(!holds(formula, &v, x, pre, off, phases));
      }
    }
    anser_relu_encoding_free(encoding);
    anser_formula_free(formula);
  }
}

/* A smaller box: the literal allows its points, and no others. */
static void restricted(void) {
  for (int f = 0; f < 2; f++) {
    anser_formula *formula = new_formula();
    anser_relu_encoding *encoding = small_encoding(FORMS[f], formula);
    const struct view v = look(encoding);
    const struct size before = size_of(formula);
    int32_t within = 77;
    const double lower[2] = {0.25, -1}, upper[2] = {1, -0.5}; /* the first neuron is off, the second on */
    OK(anser_relu_encoding_restrict(encoding, formula, lower, upper, 2, NULL, &within));
    CHECK(within == (int32_t)before.vars + 1 && size_of(formula).constraints > before.constraints);
    CHECK(size_of(formula).numbers == before.numbers);
    for (int i = 0; i < 17 * 17; i++) {
      const double x[2] = {-1 + i / 17 * 0.125, -1 + i % 17 * 0.125};
      double pre[2], y[2];
      values(x, pre, y);
      /* holds() makes what it does not know true, the new literal among it. */
      const bool phases[2] = {pre[0] > 0, pre[1] > 0};
      const bool inside = x[0] >= lower[0] && x[0] <= upper[0] && x[1] >= lower[1] && x[1] <= upper[1];
      CHECK(holds(formula, &v, x, pre, y, phases) == inside);
    }
    anser_relu_encoding_free(encoding);
    anser_formula_free(formula);
  }
}

/* A clone has the encoding, and so has what grew from it; other formulas do not. */
static void formulas_of_an_encoding(void) {
  anser_formula *formula = new_formula(), *clone = NULL, *other = new_formula();
  anser_relu_encoding *encoding = small_encoding(ANSER_RELU_FORM_SMT, formula);
  const double half[2] = {0.5, 0.5};
  int32_t within = 77;
  uint32_t first = 77;
  OK(anser_formula_clone(formula, &clone));
  anser_formula_free(formula);
  OK(anser_relu_encoding_restrict(encoding, clone, half, HIGH, 2, NULL, &within));
  CHECK(within > 0);
  within = 77;
  INVALID(anser_relu_encoding_restrict(encoding, other, half, HIGH, 2, NULL, &within), "formula", "number 0");
  /* As many numbers, but others. */
  const double zeros[8] = {0}, ones[8] = {1, 1, 1, 1, 1, 1, 1, 1};
  OK(anser_formula_new_reals(other, zeros, ones, 8, &first));
  INVALID(anser_relu_encoding_restrict(encoding, other, half, HIGH, 2, NULL, &within), "formula", "number 0");
  anser_formula_free(other);
  /* The same numbers, too few variables. */
  int32_t kinds[8];
  double min[8], max[8];
  other = new_formula();
  OK(anser_formula_get_number_domains(clone, kinds, min, max, 8));
  OK(anser_formula_new_reals(other, min, max, 8, &first));
  INVALID(anser_relu_encoding_restrict(encoding, other, half, HIGH, 2, NULL, &within), "formula", "variable 2");
  CHECK(within == 77 && size_of(other).constraints == 0);
  OK(anser_formula_ensure_vars(other, 2));
  OK(anser_relu_encoding_restrict(encoding, other, half, HIGH, 2, NULL, &within));
  CHECK(within == 3 && size_of(other).constraints > 0);
  anser_relu_encoding_free(encoding);
  anser_formula_free(clone);
  anser_formula_free(other);
}

/* ---- Solved ---- */

static void solved(void) {
  for (int f = 0; f < 2; f++) {
    anser_formula *formula = new_formula();
    anser_relu_encoding *encoding = small_encoding(FORMS[f], formula);
    const struct view v = look(encoding);
    /* 4 is the most that y0 is, at (1, -1) alone. */
    add_row(formula, v.outputs, (const double[]){1}, 1, ANSER_RELATION_AT_LEAST, 4);
    anser_solver *solver = real_solver(formula, "solved");
    if (solver) {
      char text[64];
      size_t length = 77;
      int32_t value = 77;
      CHECK(solve(solver, NULL, 0) == ANSER_RESULT_SAT);
      OK(anser_solver_get_exact_numbers(solver, v.inputs, 2, text, sizeof text, &length));
      CHECK(strcmp(text, "1 -1") == 0 && length == 4);
      OK(anser_solver_get_value(solver, v.phases[1], &value));
      CHECK(value == 1);
      /* The other neuron is at -1. */
      OK(anser_solver_get_value(solver, v.phases[0], &value));
      CHECK(value == -1);
      anser_solver_free(solver);
      add_row(formula, v.outputs, (const double[]){1}, 1, ANSER_RELATION_GREATER, 4);
      solver = real_solver(formula, "solved");
      CHECK(solve(solver, NULL, 0) == ANSER_RESULT_UNSAT);
      anser_solver_free(solver);
    }
    anser_relu_encoding_free(encoding);
    anser_formula_free(formula);
  }
}

/* y0 = 1/3 on the line x0 + x1 = 1 is at x = (7/12, 5/12), which no doubles are. */
static void exact_numbers(void) {
  anser_formula *formula = new_formula();
  anser_relu_encoding *encoding = small_encoding(ANSER_RELU_FORM_SMT, formula);
  const struct view v = look(encoding);
  add_row(formula, v.inputs, (const double[]){1, 1}, 2, ANSER_RELATION_EQUAL, 1);
  add_row(formula, v.outputs, (const double[]){3}, 1, ANSER_RELATION_EQUAL, 1);
  uint32_t third = 77;
  OK(anser_formula_new_integers(formula, (const int64_t[]){-5}, (const int64_t[]){-5}, 1, &third));
  const uint32_t wanted[5] = {v.inputs[0], v.inputs[1], v.outputs[0], third, v.inputs[0]};
  char text[64];
  size_t length = 77;
  anser_solver *solver = real_solver(formula, "exact_numbers");
  if (solver) {
    STATE(anser_solver_get_exact_numbers(solver, wanted, 5, text, sizeof text, &length), "no model");
    CHECK(solve(solver, NULL, 0) == ANSER_RESULT_SAT);
    OK(anser_solver_get_exact_numbers(solver, wanted, 5, NULL, 0, &length));
    CHECK(length == 21);
    OK(anser_solver_get_exact_numbers(solver, wanted, 5, text, 22, &length));
    CHECK(length == 21 && strcmp(text, "7/12 5/12 1/3 -5 7/12") == 0);
    strcpy(text, "?");
    length = 77;
    SHORT(anser_solver_get_exact_numbers(solver, wanted, 5, text, 21, &length), "capacity", "22");
    CHECK(length == 21 && strcmp(text, "?") == 0);
    OK(anser_solver_get_exact_numbers(solver, NULL, 0, text, sizeof text, &length));
    CHECK(length == 0 && text[0] == 0);
    OK(anser_solver_get_exact_numbers(solver, wanted + 2, 1, text, sizeof text, NULL));
    CHECK(strcmp(text, "1/3") == 0);
    length = 77;
    INVALID(anser_solver_get_exact_numbers(solver, (const uint32_t[]){0, 9}, 2, text, sizeof text, &length), "number 9", "9");
    CHECK(anser_last_error_index() == 1 && length == 77);
    NULL_ARGUMENT(anser_solver_get_exact_numbers(NULL, wanted, 5, text, sizeof text, &length), "solver");
    NULL_ARGUMENT(anser_solver_get_exact_numbers(solver, NULL, 1, text, sizeof text, &length), "numbers");
    NULL_ARGUMENT(anser_solver_get_exact_numbers(solver, wanted, 5, NULL, 1, &length), "buffer");
    anser_solver_free(solver);
  }
  anser_relu_encoding_free(encoding);
  anser_formula_free(formula);
}

/* Integers are exact without a backend for reals. */
static void exact_integers(void) {
  anser_formula *formula = new_formula();
  uint32_t first = 77;
  const int64_t end[2] = {INT64_C(9007199254740992), -3};
  OK(anser_formula_new_integers(formula, end, end, 2, &first));
  anser_solver *solver = new_solver(formula);
  char text[64];
  CHECK(solve(solver, NULL, 0) == ANSER_RESULT_SAT);
  OK(anser_solver_get_exact_numbers(solver, (const uint32_t[]){0, 1}, 2, text, sizeof text, NULL));
  CHECK(strcmp(text, "9007199254740992 -3") == 0);
  anser_solver_free(solver);
  anser_formula_free(formula);
}

/* Boxes are halved and asked of one solver: each literal stands for its box, also where it came after the solver. */
static void boxes_as_assumptions(void) {
  for (int f = 0; f < 2; f++) {
    anser_formula *formula = new_formula(), *later = new_formula();
    anser_relu_encoding *encoding = small_encoding(FORMS[f], formula);
    const struct view v = look(encoding);
    int32_t left = 77, right = 77;
    uint32_t first = 77;
    OK(anser_relu_encoding_restrict(encoding, formula, LOW, (const double[]){0, 1}, 2, NULL, &left));
    add_row(formula, v.outputs, (const double[]){1}, 1, ANSER_RELATION_AT_LEAST, 2.5);
    anser_solver *solver = real_solver(formula, "boxes_as_assumptions");
    if (solver) {
      CHECK(solve(solver, NULL, 0) == ANSER_RESULT_SAT);
      CHECK(solve(solver, &left, 1) == ANSER_RESULT_UNSAT); /* y0 <= 2 there */
      /* Only what is new goes to the solver. */
      const struct size size = size_of(formula);
      int32_t kinds[8];
      double min[8], max[8], x[8];
      OK(anser_formula_get_number_domains(formula, kinds, min, max, 8));
      OK(anser_formula_new_reals(later, min, max, size.numbers, &first));
      OK(anser_formula_ensure_vars(later, size.vars));
      OK(anser_relu_encoding_restrict(encoding, later, (const double[]){0, -1}, HIGH, 2, NULL, &right));
      OK(anser_solver_add_formula(solver, later, NULL));
      CHECK(right == left + 1 && solve(solver, &right, 1) == ANSER_RESULT_SAT);
      OK(anser_solver_get_numbers(solver, x, 8));
      CHECK(x[v.inputs[0]] >= 0);
      const int32_t both[2] = {left, right};
      CHECK(solve(solver, both, 2) == ANSER_RESULT_UNSAT && solve(solver, NULL, 0) == ANSER_RESULT_SAT);
      anser_solver_free(solver);
    }
    anser_relu_encoding_free(encoding);
    anser_formula_free(formula);
    anser_formula_free(later);
  }
}

/* Two copies, and constraints of the host over both: numbers, and phases in a cardinality constraint. */
static void two_copies(void) {
  anser_formula *formula = new_formula();
  anser_relu_encoder *encoder = small_encoder(ANSER_RELU_FORM_SMT);
  anser_relu_encoding *first = encode(encoder, formula, LOW, HIGH), *second = encode(encoder, formula, LOW, HIGH);
  const struct view a = look(first), b = look(second);
  /* y0 of the first is 3 more than that of the second. */
  add_row(formula, (const uint32_t[]){a.outputs[0], b.outputs[0]}, (const double[]){1, -1}, 2, ANSER_RELATION_AT_LEAST, 3);
  /* Of the four neurons at most k are on: at least 4 - k are off. */
  const int32_t off[4] = {-a.phases[0], -a.phases[1], -b.phases[0], -b.phases[1]};
  for (int k = 1; k >= 0; k--) {
    OK(anser_formula_add_cardinality(formula, off, 4, 4 - k, ANSER_CONDITION_PLAIN, 0, NULL));
    anser_solver *solver = real_solver(formula, "two_copies");
    if (!solver) break;
    CHECK(solve(solver, NULL, 0) == (k ? ANSER_RESULT_SAT : ANSER_RESULT_UNSAT));
    anser_solver_free(solver);
  }
  anser_relu_encoding_free(first);
  anser_relu_encoding_free(second);
  anser_relu_encoder_free(encoder);
  anser_formula_free(formula);
}

/* ---- Refused ---- */

static void null_arguments(void) {
  anser_network *network = small_network();
  anser_formula *formula = new_formula();
  anser_relu_encoder *encoder = small_encoder(0), *made = (anser_relu_encoder *)(void *)&made;
  anser_relu_encoding *encoding = encode(encoder, formula, LOW, HIGH), *out = (anser_relu_encoding *)(void *)&out;
  const struct size before = size_of(formula);
  size_t count = 77;
  uint32_t numbers[2];
  int32_t literal = 77;
  NULL_ARGUMENT(anser_relu_encoder_new(NULL, NULL, NULL, &made), "network");
  CHECK(made == NULL);
  NULL_ARGUMENT(anser_relu_encoder_new(network, NULL, NULL, NULL), "out_encoder");
  NULL_ARGUMENT(anser_relu_encoder_input_length(NULL, &count), "encoder");
  NULL_ARGUMENT(anser_relu_encoder_input_length(encoder, NULL), "out_length");
  NULL_ARGUMENT(anser_relu_encoder_output_length(NULL, &count), "encoder");
  NULL_ARGUMENT(anser_relu_encoder_output_length(encoder, NULL), "out_length");
  NULL_ARGUMENT(anser_relu_encoder_encode(NULL, formula, LOW, HIGH, 2, NULL, &out), "encoder");
  CHECK(out == NULL);
  NULL_ARGUMENT(anser_relu_encoder_encode(encoder, NULL, LOW, HIGH, 2, NULL, &out), "formula");
  NULL_ARGUMENT(anser_relu_encoder_encode(encoder, formula, NULL, HIGH, 2, NULL, &out), "lower");
  NULL_ARGUMENT(anser_relu_encoder_encode(encoder, formula, LOW, NULL, 2, NULL, &out), "upper");
  NULL_ARGUMENT(anser_relu_encoder_encode(encoder, formula, LOW, HIGH, 2, NULL, NULL), "out_encoding");
  NULL_ARGUMENT(anser_relu_encoding_restrict(NULL, formula, LOW, HIGH, 2, NULL, &literal), "encoding");
  NULL_ARGUMENT(anser_relu_encoding_restrict(encoding, NULL, LOW, HIGH, 2, NULL, &literal), "formula");
  NULL_ARGUMENT(anser_relu_encoding_restrict(encoding, formula, NULL, HIGH, 2, NULL, &literal), "lower");
  NULL_ARGUMENT(anser_relu_encoding_restrict(encoding, formula, LOW, NULL, 2, NULL, &literal), "upper");
  NULL_ARGUMENT(anser_relu_encoding_restrict(encoding, formula, LOW, HIGH, 2, NULL, NULL), "out_literal");
  NULL_ARGUMENT(anser_relu_encoding_input_length(NULL, &count), "encoding");
  NULL_ARGUMENT(anser_relu_encoding_input_length(encoding, NULL), "out_length");
  NULL_ARGUMENT(anser_relu_encoding_output_length(NULL, &count), "encoding");
  NULL_ARGUMENT(anser_relu_encoding_output_length(encoding, NULL), "out_length");
  NULL_ARGUMENT(anser_relu_encoding_num_neurons(NULL, &count), "encoding");
  NULL_ARGUMENT(anser_relu_encoding_num_neurons(encoding, NULL), "out_neurons");
  NULL_ARGUMENT(anser_relu_encoding_get_inputs(NULL, numbers, NULL, NULL, 2), "encoding");
  NULL_ARGUMENT(anser_relu_encoding_get_outputs(NULL, numbers, NULL, NULL, 2), "encoding");
  NULL_ARGUMENT(anser_relu_encoding_get_neurons(NULL, &(anser_relu_neurons)ANSER_RELU_NEURONS_INIT), "encoding");
  NULL_ARGUMENT(anser_relu_encoding_get_neurons(encoding, NULL), "neurons");
  CHECK(made == NULL && out == NULL && literal == 77 && count == 77 && same(before, size_of(formula)));
  anser_relu_encoding_free(encoding);
  anser_relu_encoder_free(encoder);
  anser_formula_free(formula);
  anser_network_free(network);
}

static void hostile_arguments(void) {
  anser_network *network = small_network();
  anser_formula *formula = new_formula();
  anser_relu_encoder *encoder = small_encoder(1), *made = NULL;
  anser_relu_encoding *encoding = encode(encoder, formula, LOW, HIGH), *out = NULL;
  const struct size before = size_of(formula);
  const double nan[2] = {0, NAN}, inf[2] = {1, INFINITY}, wide[2] = {1, 1.5}, low[2] = {-1, -1.25};
  int32_t literal = 77;
  anser_relu_options options = ANSER_RELU_OPTIONS_INIT;
  options.form = 2;
  INVALID(anser_relu_encoder_new(network, &options, NULL, &made), "options.form", "2");
  options.form = -1;
  INVALID(anser_relu_encoder_new(network, &options, NULL, &made), "options.form", "-1");
  options.form = 1, options.tightening = 3;
  INVALID(anser_relu_encoder_new(network, &options, NULL, &made), "options.tightening", "3");
  options.tightening = 0, options.reserved = 5;
  INVALID(anser_relu_encoder_new(network, &options, NULL, &made), "options.reserved", "5");
  options.struct_size = 8;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_relu_encoder_new(network, &options, NULL, &made), "options", "8");
  struct { anser_relu_options options; uint64_t more; } newer = {ANSER_RELU_OPTIONS_INIT, 0};
  newer.options.struct_size = sizeof newer;
  OK(anser_relu_encoder_new(network, &newer.options, NULL, &made));
  anser_relu_encoder_free(made);
  made = NULL;
  newer.more = 1;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_relu_encoder_new(network, &newer.options, NULL, &made), "newer version", "");
  /* Boxes. */
  INVALID(anser_relu_encoder_encode(encoder, formula, LOW, HIGH, 1, NULL, &out), "1 elements", "needed are 2");
  INVALID(anser_relu_encoder_encode(encoder, formula, LOW, HIGH, 0, NULL, &out), "0 elements", "needed are 2");
  INVALID(anser_relu_encoder_encode(encoder, formula, LOW, HIGH, SIZE_MAX, NULL, &out), "lower", "address space");
  INVALID(anser_relu_encoder_encode(encoder, formula, nan, HIGH, 2, NULL, &out), "element 1", "NaN");
  CHECK(anser_last_error_index() == 1);
  INVALID(anser_relu_encoder_encode(encoder, formula, LOW, inf, 2, NULL, &out), "element 1", "inf");
  INVALID(anser_relu_encoder_encode(encoder, formula, HIGH, LOW, 2, NULL, &out), "index 0", "greater");
  CHECK(anser_last_error_index() == 0);
  const double *crooked = (const double *)(const void *)((const char *)LOW + 1);
  INVALID(anser_relu_encoder_encode(encoder, formula, crooked, HIGH, 1, NULL, &out), "lower", "aligned");
  INVALID(anser_relu_encoding_restrict(encoding, formula, LOW, HIGH, 3, NULL, &literal), "3 elements", "needed are 2");
  INVALID(anser_relu_encoding_restrict(encoding, formula, LOW, nan, 2, NULL, &literal), "element 1", "NaN");
  INVALID(anser_relu_encoding_restrict(encoding, formula, HIGH, LOW, 2, NULL, &literal), "index 0", "greater");
  INVALID(anser_relu_encoding_restrict(encoding, formula, LOW, wide, 2, NULL, &literal), "input 1", "1.5");
  CHECK(anser_last_error_index() == 1);
  INVALID(anser_relu_encoding_restrict(encoding, formula, low, HIGH, 2, NULL, &literal), "input 1", "-1.25");
  /* A network that overflows in this box. */
  const double huge[2] = {1.7e308, 1.7e308};
  anser_status status = anser_relu_encoder_encode(encoder, formula, huge, huge, 2, NULL, &out);
  CHECK(status == ANSER_STATUS_UNSUPPORTED || status == ANSER_STATUS_INVALID_ARGUMENT);
  CHECK(out == NULL && literal == 77 && same(before, size_of(formula)));
  /* Room. */
  uint32_t numbers[2] = {77, 77};
  double ends[3];
  SHORT(anser_relu_encoding_get_inputs(encoding, numbers, NULL, NULL, 1), "length", "2");
  SHORT(anser_relu_encoding_get_outputs(encoding, numbers, NULL, NULL, 0), "length", "2");
  anser_relu_neurons neurons = ANSER_RELU_NEURONS_INIT;
  neurons.pre = numbers;
  SHORT(anser_relu_encoding_get_neurons(encoding, &neurons), "neurons.num_neurons", "2");
  neurons.num_neurons = 2;
  neurons.post_lower = (double *)(void *)((char *)ends + 1);
  INVALID(anser_relu_encoding_get_neurons(encoding, &neurons), "neurons.post_lower", "aligned");
  INVALID(anser_relu_encoding_get_inputs(encoding, numbers, neurons.post_lower, NULL, 2), "out_lower", "aligned");
  neurons.struct_size = 16;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_relu_encoding_get_neurons(encoding, &neurons), "neurons", "16");
  CHECK(numbers[0] == 77 && made == NULL);
  anser_relu_encoding_free(encoding);
  anser_relu_encoder_free(encoder);
  anser_formula_free(formula);
  anser_network_free(network);
}

static void not_piecewise_linear(void) {
  anser_network *network = new_network();
  uint32_t x = add_input(network, "x", SHAPE(1, 2));
  uint32_t r = add_layer(network, LAYER(RELU, x));
  OK(anser_network_add_output(network, add_layer(network, LAYER(SIGMOID, r))));
  anser_relu_encoder *made = (anser_relu_encoder *)(void *)&made;
  FAILS(ANSER_STATUS_UNSUPPORTED, anser_relu_encoder_new(network, NULL, NULL, &made), "layer 1", "Sigmoid");
  CHECK(made == NULL && anser_last_error_index() == 1);
  anser_network_free(network);
  network = new_network();
  x = add_input(network, "x", SHAPE(1, 2));
  OK(anser_network_add_output(network, add_layer(network, LAYER(MUL, x, x))));
  FAILS(ANSER_STATUS_UNSUPPORTED, anser_relu_encoder_new(network, NULL, NULL, &made), "layer 0", "Mul");
  anser_network_free(network);
}

/* A network without layers, one whose outputs are inputs twice, one that is nothing at all. */
static void odd_networks(void) {
  anser_network *network = new_network();
  anser_formula *formula = new_formula();
  anser_relu_encoding *encoding = NULL;
  uint32_t x = add_input(network, "x", SHAPE(2)), outputs[4] = {77, 77, 77, 77};
  double lower[4], upper[4];
  size_t count = 77;
  OK(anser_network_add_output(network, x));
  OK(anser_network_add_output(network, add_weights(network, (const float[]){3, 4}, SHAPE(2))));
  anser_relu_encoder *encoder = encoder_of(network, 1);
  encoding = encode(encoder, formula, LOW, HIGH);
  OK(anser_relu_encoding_num_neurons(encoding, &count));
  OK(anser_relu_encoding_get_outputs(encoding, outputs, lower, upper, 4));
  CHECK(count == 0 && outputs[0] == 0 && outputs[1] == 1 && lower[0] == -1 && upper[3] == 4 && lower[3] == 4);
  OK(anser_relu_encoding_get_neurons(encoding, &(anser_relu_neurons)ANSER_RELU_NEURONS_INIT));
  anser_relu_encoding_free(encoding);
  anser_relu_encoder_free(encoder);
  anser_network_free(network);
  network = new_network();
  encoder = NULL;
  encoding = NULL;
  if (anser_relu_encoder_new(network, NULL, NULL, &encoder) == ANSER_STATUS_OK) { /* there is nothing wrong with it */
    OK(anser_relu_encoder_encode(encoder, formula, NULL, NULL, 0, NULL, &encoding));
    OK(anser_relu_encoding_output_length(encoding, &count));
    CHECK(count == 0);
    OK(anser_relu_encoding_get_outputs(encoding, NULL, NULL, NULL, 0));
  }
  anser_relu_encoding_free(encoding);
  anser_relu_encoder_free(encoder);
  anser_network_free(network);
  anser_formula_free(formula);
}

/* ---- Budgets, callbacks, threads ---- */

/* n inputs, one layer of m rectifiers, one output. */
static anser_network *dense(size_t n, size_t m) {
  anser_network *network = new_network();
  float *w = malloc(n * m * sizeof *w);
  if (!w) abort();
  for (size_t i = 0; i < n * m; i++) w[i] = (float)((int)random_below(64) - 32) / 16;
  const size_t in[2] = {1, n}, first[2] = {m, n}, last[2] = {1, m};
  uint32_t x = add_input(network, "x", in, 2), h = add_layer(network, LAYER(LINEAR, x, add_weights(network, w, first, 2)));
  h = add_layer(network, LAYER(RELU, h));
  OK(anser_network_add_output(network, add_layer(network, LAYER(LINEAR, h, add_weights(network, w, last, 2)))));
  free(w);
  return network;
}

enum { MANY = 400 };
static double many_low[MANY], many_high[MANY];

static void within_a_budget(void) {
  anser_network *network = dense(MANY, 200);
  anser_relu_encoder *encoder = encoder_of(network, 0), *made = NULL;
  anser_relu_encoding *encoding = NULL, *out = NULL;
  anser_formula *formula = new_formula();
  anser_budget *budget = new_budget();
  anser_interrupt *token = NULL;
  int32_t literal = 77;
  for (int i = 0; i < MANY; i++) many_low[i] = -1, many_high[i] = 1;
  OK(anser_interrupt_new(&token));
  OK(anser_budget_set_interrupt(budget, token));
  OK(anser_relu_encoder_encode(encoder, formula, many_low, many_high, MANY, budget, &encoding));
  const struct size before = size_of(formula);
#define ENCODE(status, first, second) \
  FAILS(status, anser_relu_encoder_encode(encoder, formula, many_low, many_high, MANY, budget, &out), first, second)
#define RESTRICT(status, first, second) \
  FAILS(status, anser_relu_encoding_restrict(encoding, formula, many_low, many_low, MANY, budget, &literal), first, second)
#define STOPS(why)                                                    \
  do {                                                                \
    ENCODE(ANSER_STATUS_STOPPED, "", "");                             \
    CHECK(anser_last_error_stop_reason() == ANSER_STOP_REASON_##why); \
    RESTRICT(ANSER_STATUS_STOPPED, "", "");                           \
    CHECK(anser_last_error_stop_reason() == ANSER_STOP_REASON_##why); \
    CHECK(!out && literal == 77 && same(before, size_of(formula)));   \
  } while (0)
  anser_interrupt_trigger(token);
  STOPS(INTERRUPTED);
  FAILS(ANSER_STATUS_STOPPED, anser_relu_encoder_new(network, NULL, budget, &made), "", "");
  OK(anser_interrupt_reset(token));
  OK(anser_budget_set_time_limit(budget, 0));
  STOPS(TIME);
  OK(anser_budget_set_time_limit(budget, 1e9));
  OK(anser_budget_set_work_limit(budget, 0));
  STOPS(WORK);
  OK(anser_budget_set_work_limit(budget, UINT64_MAX));
  /* A limit on what is gathered, and one on what the formula holds. */
  OK(anser_budget_set_memory_limit(budget, 50000));
  ENCODE(ANSER_STATUS_OUT_OF_MEMORY, "memory limit", "50000");
  OK(anser_budget_set_memory_limit(budget, UINT64_MAX));
  anser_formula_statistics statistics = ANSER_FORMULA_STATISTICS_INIT;
  OK(anser_formula_get_statistics(formula, &statistics));
  for (unsigned i = 0; i < 10; i++) { /* one after the other there is room for numbers, for rows, for more rows */
    OK(anser_formula_set_memory_limit(formula, statistics.bytes + statistics.bytes * i / 12));
    ENCODE(ANSER_STATUS_OUT_OF_MEMORY, "memory limit", "");
    CHECK(!out && same(before, size_of(formula)));
  }
  OK(anser_formula_set_memory_limit(formula, 1));
  RESTRICT(ANSER_STATUS_OUT_OF_MEMORY, "memory limit", "");
  CHECK(literal == 77 && same(before, size_of(formula)));
  /* And then it works. */
  OK(anser_formula_set_memory_limit(formula, UINT64_MAX));
  OK(anser_relu_encoder_encode(encoder, formula, many_low, many_high, MANY, budget, &out));
  OK(anser_relu_encoding_restrict(encoding, formula, many_low, many_low, MANY, budget, &literal));
  CHECK(out && literal != 77 && !made && size_of(formula).numbers == 2 * before.numbers);
  anser_relu_encoding_free(encoding);
  anser_relu_encoding_free(out);
  anser_relu_encoder_free(encoder);
  anser_interrupt_free(token);
  anser_budget_free(budget);
  anser_formula_free(formula);
  anser_network_free(network);
}

/* A formula without room for more variables stays as it is. */
static void too_many_variables(void) {
  anser_formula *formula = new_formula();
  anser_relu_encoder *encoder = small_encoder(0);
  anser_relu_encoding *out = NULL;
  OK(anser_formula_ensure_vars(formula, (uint32_t)MAX_VAR));
  const struct size before = size_of(formula);
  INVALID(anser_relu_encoder_encode(encoder, formula, LOW, HIGH, 2, NULL, &out), "variables", "");
  CHECK(!out && same(before, size_of(formula)));
  anser_relu_encoder_free(encoder);
  anser_formula_free(formula);
}

/* What a callback of the call may use, and what it may not. */
struct inside {
  anser_relu_encoder *encoder;
  anser_formula *formula;
  int calls, busy, free_encoder;
  int32_t answer;
};
static int32_t from_inside(void *data, const anser_progress *progress) {
  struct inside *inside = data;
  uint32_t vars;
  size_t length = 77;
  (void)progress;
  inside->busy += anser_formula_num_vars(inside->formula, &vars) == ANSER_STATUS_INVALID_STATE;
  if (inside->free_encoder && inside->calls == 0) anser_relu_encoder_free(inside->encoder);
  if (!inside->free_encoder) OK(anser_relu_encoder_input_length(inside->encoder, &length)); /* it is only read */
  return inside->calls++ >= 1 ? inside->answer : 0;
}
static void callbacks(void) {
  anser_network *network = dense(MANY, 4000);
  struct inside inside = {0};
  anser_budget *budget = new_budget();
  anser_progress_callback callback = ANSER_PROGRESS_CALLBACK_INIT;
  anser_relu_options options = ANSER_RELU_OPTIONS_INIT;
  anser_relu_encoding *out = NULL;
  options.tightening = ANSER_RELU_TIGHTENING_INTERVAL;
  OK(anser_relu_encoder_new(network, &options, NULL, &inside.encoder));
  inside.formula = new_formula();
  callback.user_data = &inside;
  callback.report = from_inside;
  OK(anser_budget_set_progress(budget, &callback, 0));
  for (int i = 0; i < MANY; i++) many_low[i] = -1, many_high[i] = 1;
  inside.answer = 5;
  FAILS(ANSER_STATUS_STOPPED,
        anser_relu_encoder_encode(inside.encoder, inside.formula, many_low, many_high, MANY, budget, &out), "", "");
  CHECK(anser_last_error_stop_reason() == ANSER_STOP_REASON_CALLBACK && inside.calls == 2 && inside.busy > 0);
  CHECK(!out && size_of(inside.formula).numbers == 0);
  /* Freed from inside its own callback. */
  inside = (struct inside){inside.encoder, inside.formula, 0, 0, 1, 0};
  OK(anser_relu_encoder_encode(inside.encoder, inside.formula, many_low, many_high, MANY, budget, &out));
  CHECK(inside.calls > 1 && out != NULL);
  anser_relu_encoding_free(out);
  anser_formula_free(inside.formula);
  anser_budget_free(budget);
  anser_network_free(network);
}

struct worker {
  const anser_relu_encoder *encoder;
  const anser_relu_encoding *encoding;
  struct view seen;
  struct size size;
};
static void *work(void *data) {
  struct worker *worker = data;
  for (int i = 0; i < 10; i++) {
    anser_formula *formula = new_formula();
    anser_relu_encoding *made = encode(worker->encoder, formula, LOW, HIGH);
    worker->seen = look(worker->encoding);
    worker->size = size_of(formula);
    anser_relu_encoding_free(made);
    anser_formula_free(formula);
  }
  return NULL;
}
static void threads(void) {
  anser_formula *formula = new_formula();
  anser_relu_encoder *encoder = small_encoder(1);
  anser_relu_encoding *encoding = encode(encoder, formula, LOW, HIGH);
  struct worker workers[3];
  pthread_t running[3];
  for (int i = 0; i < 3; i++) {
    workers[i].encoder = encoder;
    workers[i].encoding = encoding;
    CHECK(pthread_create(&running[i], NULL, work, &workers[i]) == 0);
  }
  for (int i = 0; i < 3; i++) pthread_join(running[i], NULL);
  const struct view mine = look(encoding);
  for (int i = 0; i < 3; i++) {
    CHECK(memcmp(workers[i].seen.phases, mine.phases, sizeof mine.phases) == 0);
    CHECK(same(workers[i].size, size_of(formula)));
  }
  anser_relu_encoding_free(encoding);
  anser_relu_encoder_free(encoder);
  anser_formula_free(formula);
}

int main(void) {
  RUN(made_and_freed);
  RUN(what_is_told);
  RUN(parts_and_room);
  RUN(points);
  RUN(restricted);
  RUN(formulas_of_an_encoding);
  RUN(solved);
  RUN(exact_numbers);
  RUN(exact_integers);
  RUN(boxes_as_assumptions);
  RUN(two_copies);
  RUN(null_arguments);
  RUN(hostile_arguments);
  RUN(not_piecewise_linear);
  RUN(odd_networks);
  RUN(within_a_budget);
  RUN(too_many_variables);
  RUN(callbacks);
  RUN(threads);
  return report();
}
