/* run: plain valgrind */
/* cflags: -Ofast */
/* A host whose start-up (crtfastmath.o, linked in by -Ofast) sets flush-to-zero and denormals-are-zero: the library
 * works, its answers are the same, and the floating-point control word is the same before and after every call, also
 * seen from inside callbacks. (AddressSanitizer links other start-up files.) */
#include "check.h"

#include <pthread.h>
#include <xmmintrin.h>

enum { FTZ = 0x8000, DAZ = 0x0040, FLAGS = 0x3f };

static unsigned control(void) { return _mm_getcsr() & ~(unsigned)FLAGS; } /* the sticky flags may change */
static unsigned at_start, seen_inside, looked;

#define SAME(call)                        \
  do {                                    \
    unsigned before = control();          \
    OK(call);                             \
    CHECK(control() == before);           \
  } while (0)

static int32_t looks(void *data, const anser_progress *progress) {
  (void)data, (void)progress;
  seen_inside |= control() ^ at_start;
  looked++;
  return 0;
}

static void run(unsigned mode) {
  anser_formula *formula = random_3sat(120, 511, 3), *copy = NULL;
  anser_budget *budget = NULL;
  anser_interrupt *token = NULL;
  anser_solver *solver = NULL;
  anser_progress_callback callback = ANSER_PROGRESS_CALLBACK_INIT;
  int32_t result = 77, satisfied = 0;
  int8_t model[120];
  static int64_t first[64];
  int64_t values[64];
  size_t count = 0, length = 0;
  char *text;
  _mm_setcsr((_mm_getcsr() & ~(unsigned)(FTZ | DAZ)) | mode);
  at_start = control();
  seen_inside = 0;
  callback.report = looks;
  SAME(anser_budget_new(&budget));
  SAME(anser_interrupt_new(&token));
  SAME(anser_budget_set_interrupt(budget, token));
  SAME(anser_budget_set_time_limit(budget, 1e3));
  SAME(anser_budget_set_progress(budget, &callback, 0));
  SAME(anser_formula_clone(formula, &copy));
  SAME(anser_formula_write_dimacs_memory(formula, NULL, NULL, 0, &length));
  text = malloc(length + 1);
  SAME(anser_formula_write_dimacs_memory(formula, NULL, text, length + 1, NULL));
  anser_formula_free(copy);
  SAME(anser_formula_read_dimacs_memory((const uint8_t *)text, length, budget, &copy));
  SAME(anser_solver_new(copy, &solver));
  SAME(anser_solver_solve(solver, NULL, 0, budget, &result));
  CHECK(result == ANSER_RESULT_SAT || result == ANSER_RESULT_UNSAT);
  if (result == ANSER_RESULT_SAT) {
    SAME(anser_solver_get_model(solver, model, 120));
    SAME(anser_formula_check(formula, model, 120, &satisfied, NULL));
    CHECK(satisfied == 1);
  }
  /* The search does not depend on the host's mode. */
  SAME(anser_solver_num_statistics(&count));
  SAME(anser_solver_get_statistics(solver, values, count));
  if (!first[0]) memcpy(first, values, sizeof values);
  if (!(at_start & 0x6000u)) CHECK(memcmp(first, values, count * sizeof *values) == 0);
  unsigned before = control();
  anser_solver_free(solver);
  anser_formula_free(copy);
  anser_formula_free(formula);
  anser_budget_free(budget);
  anser_interrupt_free(token);
  CHECK(control() == before && seen_inside == 0);
  free(text);
}

/* What a network computes does not depend on the mode either: subnormal numbers come out of the call as they are. (What
 * the host itself then does with them is its own matter, so bits are compared.) */
static void networks(unsigned mode) {
  anser_network *network = NULL;
  anser_property *property = NULL;
  anser_budget *budget = NULL;
  anser_progress_callback callback = ANSER_PROGRESS_CALLBACK_INIT;
  const size_t shape[2] = {1, 2}, bias_shape[1] = {2};
  const uint32_t inputs[2] = {0, 1}, columns[1] = {2};
  const size_t offsets[2] = {0, 1};
  const double coefficients[1] = {-1};
  const uint8_t strict[1] = {1};
  anser_layer layer = ANSER_LAYER_INIT;
  uint32_t scale = 0, output = 0;
  int32_t holds = 77;
  enum { MANY = 300000 };
  double *many = calloc(2 * MANY, sizeof *many);
  /* 2^-1022 and 2^-126, the least normal numbers, as bits: a host that flushes cannot compute with what is below. */
  const uint64_t least = UINT64_C(1) << 52, half = UINT64_C(1) << 51;
  const uint32_t least_f = UINT32_C(1) << 23, half_f = UINT32_C(1) << 22;
  double x[2], y[2];
  float xf[2], yf[2];
  const float halves[2] = {0.5f, -0.5f};
  _mm_setcsr((_mm_getcsr() & ~(unsigned)(FTZ | DAZ)) | mode);
  at_start = control();
  seen_inside = 0;
  for (int i = 0; i < 2; i++) {
    memcpy(&x[i], &least, sizeof least);
    memcpy(&xf[i], &least_f, sizeof least_f);
  }
  SAME(anser_network_new(&network));
  SAME(anser_network_add_input(network, "x", shape, 2, NULL));
  SAME(anser_network_add_constant(network, NULL, bias_shape, 1, ANSER_ELEMENT_TYPE_F32, halves, 2, &scale));
  layer.kind = ANSER_LAYER_KIND_MUL;
  layer.inputs = inputs;
  layer.num_inputs = 2;
  SAME(anser_network_add_layer(network, &layer, &output));
  SAME(anser_network_add_output(network, output));
  SAME(anser_network_evaluate_f64(network, 1, x, 2, NULL, y, 2));
  SAME(anser_network_evaluate_f32(network, 1, xf, 2, NULL, yf, 2));
  CHECK(memcmp(&y[0], &half, sizeof half) == 0 && memcmp(&yf[0], &half_f, sizeof half_f) == 0);
  SAME(anser_network_vjp_f64(network, 1, x, 2, x, 2, NULL, y, 2, NULL, 0));
  CHECK(memcmp(&y[0], &half, sizeof half) == 0);
  /* -y0 < 0 holds at a subnormal y0. */
  anser_halfspaces rows = ANSER_HALFSPACES_INIT;
  const double bounds[1] = {0};
  rows.num_rows = rows.num_terms = 1;
  rows.columns = columns;
  rows.coefficients = coefficients;
  rows.offsets = offsets;
  rows.bounds = bounds;
  rows.strict = strict;
  SAME(anser_property_new(2, 2, &property));
  SAME(anser_property_add_assertion(property, &rows, offsets, 1));
  SAME(anser_property_check(property, x, 2, y, 2, &holds));
  CHECK(holds == 1);
  /* A callback in the middle sees the host's own mode. */
  callback.report = looks;
  SAME(anser_budget_new(&budget));
  SAME(anser_budget_set_progress(budget, &callback, 0));
  looked = 0;
  SAME(anser_network_evaluate_f64(network, MANY, many, 2 * MANY, budget, many, 2 * MANY));
  unsigned before = control();
  anser_budget_free(budget);
  anser_property_free(property);
  anser_network_free(network);
  CHECK(control() == before && seen_inside == 0 && looked > 0);
  free(many);
}

/* Bounds of a network whose neurons are subnormal: the same bits in every mode. Computed before, in the standard mode. */
enum { BOXES = 3, OUTS = 2, INS = 2, NEURONS = 4 };
typedef struct {
  double lower[BOXES * OUTS], upper[BOXES * OUTS], neurons[2][BOXES * NEURONS];
  double coefficients[2][BOXES * OUTS * INS], constants[2][BOXES * OUTS], points[BOXES * OUTS * INS];
  uint8_t empty[8];
} bounded;

static bounded bounds_in(unsigned mode, int32_t method) {
  bounded found;
  memset(&found, 0, sizeof found);
  anser_network *network = NULL;
  anser_bounds *bounds = NULL;
  const size_t shape[2] = {1, INS}, first[2] = {NEURONS, INS}, second[2] = {OUTS, NEURONS}, bias_shape[1] = {NEURONS};
  const uint64_t tiny_bits = UINT64_C(3) << 50; /* 0.75 of the least normal number */
  double tiny;
  memcpy(&tiny, &tiny_bits, sizeof tiny);
  double w[NEURONS * INS], v[OUTS * NEURONS], b[NEURONS];
  for (int i = 0; i < NEURONS * INS; i++) w[i] = (i % 3 - 1.25) * (i % 2 ? 0.75 : 1.375); /* exact in every mode */
  for (int i = 0; i < OUTS * NEURONS; i++) v[i] = i % 2 ? -0.9 : 1.1;
  for (int i = 0; i < NEURONS; i++) b[i] = i == 0 ? tiny : 0.125 * i - 0.25;
  /* The first neuron has nothing but its subnormal bias, the first output nothing but the first neuron. */
  w[0] = w[1] = 0;
  for (int i = 1; i < NEURONS; i++) v[i] = 0;
  v[0] = 1;
  const double low[INS] = {-1, -1}, high[INS] = {1, 1};
  const double lower[BOXES * INS] = {-1, -1, -tiny, 0, 0.3, -0.4}, upper[BOXES * INS] = {1, 1, tiny, tiny, 0.4, 0.2};
  const double rows[OUTS * OUTS] = {1, 0, 0, 1};
  uint32_t w_id, b_id, v_id, x;
  _mm_setcsr((_mm_getcsr() & ~(unsigned)(FTZ | DAZ)) | mode);
  SAME(anser_network_new(&network));
  SAME(anser_network_add_input(network, "x", shape, 2, NULL));
  SAME(anser_network_add_constant(network, NULL, first, 2, ANSER_ELEMENT_TYPE_F64, w, NEURONS * INS, &w_id));
  SAME(anser_network_add_constant(network, NULL, bias_shape, 1, ANSER_ELEMENT_TYPE_F64, b, NEURONS, &b_id));
  SAME(anser_network_add_constant(network, NULL, second, 2, ANSER_ELEMENT_TYPE_F64, v, OUTS * NEURONS, &v_id));
  const uint32_t first_inputs[3] = {0, w_id, b_id};
  anser_layer layer = ANSER_LAYER_INIT;
  layer.kind = ANSER_LAYER_KIND_LINEAR;
  layer.inputs = first_inputs;
  layer.num_inputs = 3;
  SAME(anser_network_add_layer(network, &layer, &x));
  layer.kind = ANSER_LAYER_KIND_RELU;
  layer.inputs = &x;
  layer.num_inputs = 1;
  uint32_t relu;
  SAME(anser_network_add_layer(network, &layer, &relu));
  const uint32_t last_inputs[2] = {relu, v_id};
  layer.kind = ANSER_LAYER_KIND_LINEAR;
  layer.inputs = last_inputs;
  layer.num_inputs = 2;
  SAME(anser_network_add_layer(network, &layer, &x));
  SAME(anser_network_add_output(network, x));
  SAME(anser_bounds_new(network, low, high, INS, NULL, NULL, &bounds));
  anser_bounds_query query = ANSER_BOUNDS_QUERY_INIT;
  query.num_boxes = BOXES;
  query.lower = lower;
  query.upper = upper;
  query.num_rows = OUTS;
  query.outputs = rows;
  query.method = method;
  query.iterations = 5;
  query.intersect = 1;
  anser_bounds_results results = ANSER_BOUNDS_RESULTS_INIT;
  results.lower = found.lower;
  results.upper = found.upper;
  results.lower_coefficients = found.coefficients[0];
  results.upper_coefficients = found.coefficients[1];
  results.lower_constants = found.constants[0];
  results.upper_constants = found.constants[1];
  results.points = found.points;
  results.neuron_lower = found.neurons[0];
  results.neuron_upper = found.neurons[1];
  results.empty = found.empty;
  SAME(anser_bounds_compute(bounds, &query, NULL, &results));
  anser_bounds_contraction left = ANSER_BOUNDS_CONTRACTION_INIT;
  left.empty = found.empty + 4;
  if (method == ANSER_BOUNDS_METHOD_CROWN) SAME(anser_bounds_contract(bounds, &query, high, NULL, NULL, &left));
  anser_bounds_free(bounds);
  anser_network_free(network);
  return found;
}

static void bounds_in_every_mode(void) {
  const unsigned modes[3] = {FTZ, DAZ, FTZ | DAZ};
  for (int32_t method = 0; method < 3; method++) {
    const bounded standard = bounds_in(0, method);
    for (int i = 0; i < 3; i++) {
      const bounded here = bounds_in(modes[i], method);
      CHECK(memcmp(&here, &standard, sizeof here) == 0);
    }
    /* Rounding upwards. */
    _mm_setcsr((_mm_getcsr() & ~0x6000u) | 0x4000u);
    const bounded up = bounds_in(0, method);
    _mm_setcsr(_mm_getcsr() & ~0x6000u);
    CHECK(memcmp(&up, &standard, sizeof up) == 0);
  }
}

static unsigned as_started;
static void the_host_is_fast_and_loose(void) {
#ifdef __FAST_MATH__
  if (getenv("VALGRIND") || (getenv("LD_PRELOAD") && strstr(getenv("LD_PRELOAD"), "valgrind")))
    printf("skipped: ofast.c: valgrind does not keep FTZ and DAZ\n");
  else
    CHECK((as_started & (FTZ | DAZ)) == (FTZ | DAZ)); /* else this tests nothing */
#else
  CHECK(!"compiled with -Ofast");
#endif
}
static void as_the_host_started(void) { run(as_started & (FTZ | DAZ)); }
static void with_all_denormals(void) { run(0); }
static void flushing(void) { run(FTZ); }
static void fast_and_loose(void) { run(FTZ | DAZ); }

static void networks_in_every_mode(void) {
  networks(as_started & (FTZ | DAZ));
  networks(0);
  networks(FTZ);
  networks(DAZ);
  networks(FTZ | DAZ);
}

static void *elsewhere(void *argument) {
  (void)argument;
  run(FTZ | DAZ);
  return NULL;
}
static void in_a_thread(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, elsewhere, NULL)) abort();
  pthread_join(thread, NULL);
}

/* Rounding upwards, say, stays as well. */
static void rounding(void) {
  _mm_setcsr((_mm_getcsr() & ~0x6000u) | 0x4000u);
  run(0);
  CHECK((_mm_getcsr() & 0x6000u) == 0x4000u);
  _mm_setcsr(_mm_getcsr() & ~0x6000u);
}

int main(void) {
  as_started = _mm_getcsr();
  RUN(the_host_is_fast_and_loose);
  RUN(as_the_host_started);
  RUN(with_all_denormals);
  RUN(flushing);
  RUN(fast_and_loose);
  RUN(networks_in_every_mode);
  RUN(bounds_in_every_mode);
  RUN(in_a_thread);
  RUN(rounding);
  return report();
}
