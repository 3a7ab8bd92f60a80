/* The bounding kernel: what it finds against values by hand and at points, and hostile arguments. */
#include "nets.h"

#include <pthread.h>

/* y0 = relu(x0 + x1 - 1) + 2 relu(x0 - x1), y1 = -relu(x0 + x1 - 1); neurons are both operands of ReLU. */
static void values(const double *x, double *neurons, double *y) {
  neurons[0] = x[0] + x[1] - 1;
  neurons[1] = x[0] - x[1];
  y[0] = fmax(neurons[0], 0) + 2 * fmax(neurons[1], 0);
  y[1] = -fmax(neurons[0], 0);
}

static const double LOW[2] = {-1, -1}, HIGH[2] = {1, 1}, ROWS[4] = {1, 0, 0, 1};

static anser_bounds *small_bounds(void) {
  anser_network *network = small_network();
  anser_bounds *bounds = NULL;
  OK(anser_bounds_new(network, LOW, HIGH, 2, NULL, NULL, &bounds));
  anser_network_free(network);
  return bounds;
}

static anser_bounds_query whole(void) {
  anser_bounds_query query = ANSER_BOUNDS_QUERY_INIT;
  query.num_boxes = 1;
  query.lower = LOW;
  query.upper = HIGH;
  query.num_rows = 2;
  query.outputs = ROWS;
  return query;
}

static void made_and_freed(void) {
  anser_network *network = small_network();
  anser_bounds *bounds = NULL, *copy = NULL, *within = NULL;
  anser_bounds_options options = ANSER_BOUNDS_OPTIONS_INIT;
  const double half[2] = {0.5, 0.5};
  OK(anser_bounds_new(network, LOW, HIGH, 2, &options, NULL, &bounds));
  OK(anser_bounds_clone(bounds, &copy));
  anser_network_free(network);
  anser_bounds_free(bounds);
  OK(anser_bounds_within(copy, half, HIGH, 2, NULL, NULL, &within));
  anser_bounds_free(copy);
  size_t n = 77, m = 77, total = 77, sets = 77;
  OK(anser_bounds_input_length(within, &n));
  OK(anser_bounds_output_length(within, &m));
  OK(anser_bounds_num_neurons(within, &total));
  OK(anser_bounds_num_neuron_sets(within, &sets));
  CHECK(n == 2 && m == 2 && total == 2 && sets == 1);
  anser_neurons neurons = ANSER_NEURONS_INIT;
  OK(anser_bounds_get_neurons(within, 0, &neurons));
  CHECK(neurons.first == 0 && neurons.count == 2 && neurons.splittable == 1 && neurons.tensor != 0);
  double l[3] = {77, 77, 77}, u[3] = {77, 77, 77};
  OK(anser_bounds_get_box(within, l, u, 3));
  CHECK(l[0] == 0.5 && l[1] == 0.5 && l[2] == 77 && u[0] == 1 && u[1] == 1 && u[2] == 77);
  OK(anser_bounds_get_neuron_bounds(within, l, u, 2));
  CHECK(l[0] <= 0 && l[0] > -1e-9 && u[0] >= 1 && u[0] < 1 + 1e-9 && l[1] <= -0.5 && u[1] >= 0.5);
  OK(anser_bounds_get_output_bounds(within, l, u, 2));
  CHECK(l[0] <= 0 && u[0] >= 2 && l[1] <= -1 && u[1] >= 0);
  anser_bounds_free(within);
  anser_bounds_free(NULL);
}

static void null_arguments(void) {
  anser_network *network = small_network();
  anser_bounds *bounds = small_bounds(), *out = NULL;
  anser_bounds_query query = whole();
  anser_bounds_results results = ANSER_BOUNDS_RESULTS_INIT;
  anser_bounds_contraction left = ANSER_BOUNDS_CONTRACTION_INIT;
  anser_neurons neurons = ANSER_NEURONS_INIT;
  const double right[2] = {0, 0};
  double l[2], u[2];
  size_t count;
  NULL_ARGUMENT(anser_bounds_new(NULL, LOW, HIGH, 2, NULL, NULL, &out), "network");
  NULL_ARGUMENT(anser_bounds_new(network, NULL, HIGH, 2, NULL, NULL, &out), "lower");
  NULL_ARGUMENT(anser_bounds_new(network, LOW, NULL, 2, NULL, NULL, &out), "upper");
  NULL_ARGUMENT(anser_bounds_new(network, LOW, HIGH, 2, NULL, NULL, NULL), "out_bounds");
  NULL_ARGUMENT(anser_bounds_within(NULL, LOW, HIGH, 2, NULL, NULL, &out), "bounds");
  NULL_ARGUMENT(anser_bounds_within(bounds, NULL, HIGH, 2, NULL, NULL, &out), "lower");
  NULL_ARGUMENT(anser_bounds_within(bounds, LOW, HIGH, 2, NULL, NULL, NULL), "out_bounds");
  NULL_ARGUMENT(anser_bounds_clone(NULL, &out), "bounds");
  NULL_ARGUMENT(anser_bounds_clone(bounds, NULL), "out_bounds");
  NULL_ARGUMENT(anser_bounds_input_length(NULL, &count), "bounds");
  NULL_ARGUMENT(anser_bounds_input_length(bounds, NULL), "out_length");
  NULL_ARGUMENT(anser_bounds_output_length(bounds, NULL), "out_length");
  NULL_ARGUMENT(anser_bounds_num_neurons(bounds, NULL), "out_neurons");
  NULL_ARGUMENT(anser_bounds_num_neuron_sets(bounds, NULL), "out_sets");
  NULL_ARGUMENT(anser_bounds_get_neurons(NULL, 0, &neurons), "bounds");
  NULL_ARGUMENT(anser_bounds_get_neurons(bounds, 0, NULL), "out_neurons");
  NULL_ARGUMENT(anser_bounds_get_box(NULL, l, u, 2), "bounds");
  NULL_ARGUMENT(anser_bounds_get_box(bounds, NULL, u, 2), "out_lower");
  NULL_ARGUMENT(anser_bounds_get_box(bounds, l, NULL, 2), "out_upper");
  NULL_ARGUMENT(anser_bounds_compute(NULL, &query, NULL, &results), "bounds");
  NULL_ARGUMENT(anser_bounds_compute(bounds, NULL, NULL, &results), "query");
  NULL_ARGUMENT(anser_bounds_compute(bounds, &query, NULL, NULL), "results");
  NULL_ARGUMENT(anser_bounds_contract(NULL, &query, right, NULL, NULL, &left), "bounds");
  NULL_ARGUMENT(anser_bounds_contract(bounds, NULL, right, NULL, NULL, &left), "query");
  NULL_ARGUMENT(anser_bounds_contract(bounds, &query, NULL, NULL, NULL, &left), "right_sides");
  NULL_ARGUMENT(anser_bounds_contract(bounds, &query, right, NULL, NULL, NULL), "contraction");
  query.lower = NULL;
  NULL_ARGUMENT(anser_bounds_compute(bounds, &query, NULL, &results), "query.lower");
  query = whole();
  query.outputs = NULL;
  NULL_ARGUMENT(anser_bounds_compute(bounds, &query, NULL, &results), "query.outputs");
  query = whole();
  query.num_splits = 1;
  NULL_ARGUMENT(anser_bounds_compute(bounds, &query, NULL, &results), "query.split_neurons");
  query = whole();
  query.known_lower = LOW;
  NULL_ARGUMENT(anser_bounds_compute(bounds, &query, NULL, &results), "query.known_upper");
  query = whole();
  results.lower_constants = l;
  NULL_ARGUMENT(anser_bounds_compute(bounds, &query, NULL, &results), "results.lower_coefficients");
  CHECK(out == NULL);
  anser_bounds_free(bounds);
  anser_network_free(network);
}

static void hostile_arguments(void) {
  anser_network *network = small_network();
  anser_bounds *bounds = small_bounds(), *out = NULL;
  const double nan[2] = {0, NAN}, inf[2] = {1, INFINITY}, wide[2] = {1, 1.5};
  INVALID(anser_bounds_new(network, LOW, HIGH, 1, NULL, NULL, &out), "1 elements", "needed are 2");
  INVALID(anser_bounds_new(network, nan, HIGH, 2, NULL, NULL, &out), "element 1", "NaN");
  CHECK(anser_last_error_index() == 1);
  INVALID(anser_bounds_new(network, LOW, inf, 2, NULL, NULL, &out), "element 1", "inf");
  INVALID(anser_bounds_new(network, HIGH, LOW, 2, NULL, NULL, &out), "index 0", "greater");
  anser_bounds_options options = ANSER_BOUNDS_OPTIONS_INIT;
  options.intervals_only = 2;
  INVALID(anser_bounds_new(network, LOW, HIGH, 2, &options, NULL, &out), "intervals_only", "2");
  options.struct_size = 3;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_bounds_new(network, LOW, HIGH, 2, &options, NULL, &out), "options", "3");
  INVALID(anser_bounds_get_neurons(bounds, 1, &(anser_neurons)ANSER_NEURONS_INIT), "set 1", "there are 1");
  double l[2], u[2];
  SHORT(anser_bounds_get_box(bounds, l, u, 1), "length", "2");
  SHORT(anser_bounds_get_neuron_bounds(bounds, l, u, 0), "length", "2");
  anser_bounds_results results = ANSER_BOUNDS_RESULTS_INIT;
  anser_bounds_query query = whole();
#define BAD(change, first, second)                                                      \
  do {                                                                                  \
    query = whole();                                                                    \
    change;                                                                             \
    INVALID(anser_bounds_compute(bounds, &query, NULL, &results), first, second);       \
  } while (0)
  BAD(query.upper = wide, "beyond the root box", "1.5");
  CHECK(anser_last_error_index() == 0);
  BAD(query.lower = nan, "element 1", "NaN");
  BAD(query.num_boxes = SIZE_MAX, "query.num_boxes", "exceed memory");
  BAD(query.num_boxes = SIZE_MAX / 8, "query.num_boxes", "exceed memory");
  BAD(query.num_rows = SIZE_MAX, "query.num_rows", "exceed memory");
  BAD(query.outputs = inf; query.num_rows = 1, "coefficients of outputs", "inf");
  BAD(query.inputs = nan; query.num_rows = 1, "coefficients of inputs", "NaN");
  BAD(query.known_lower = nan; query.known_upper = HIGH, "known", "NaN");
  BAD(query.method = 7, "query.method", "7");
  BAD(query.method = -1, "query.method", "-1");
  BAD(query.intersect = 2, "query.intersect", "2");
  BAD(query.method = ANSER_BOUNDS_METHOD_ALPHA; query.iterations = UINT32_MAX, "iterations", "too many");
  const size_t one[2] = {0, 1}, wrong[2] = {1, 1}, over[2] = {0, 9};
  const uint32_t neurons[1] = {1}, none[1] = {2};
  const int8_t up[1] = {1}, flat[1] = {0};
#define SPLIT(o, n, p)                                                                                       \
  query.split_offsets = o, query.split_neurons = n, query.split_phases = p, query.num_splits = 1
  BAD(SPLIT(NULL, neurons, up), "without offsets", "1 elements");
  BAD(SPLIT(wrong, neurons, up), "offset 0", "1");
  BAD(SPLIT(over, neurons, up), "offset 1", "9");
  BAD(SPLIT(one, none, up), "neuron 2", "not there");
  BAD(SPLIT(one, neurons, flat), "neuron 1", "phase");
  query = whole();
  query.struct_size = 8;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_bounds_compute(bounds, &query, NULL, &results), "query", "8");
  query = whole();
  results.struct_size = SIZE_MAX;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_bounds_compute(bounds, &query, NULL, &results), "results", "");
  results = (anser_bounds_results)ANSER_BOUNDS_RESULTS_INIT;
  results.lower = (double *)((char *)l + 1);
  INVALID(anser_bounds_compute(bounds, &query, NULL, &results), "results.lower", "aligned");
  anser_bounds_contraction left = ANSER_BOUNDS_CONTRACTION_INIT;
  const uint8_t strict[2] = {0, 2};
  INVALID(anser_bounds_contract(bounds, &query, LOW, strict, NULL, &left), "strict", "flag 1 is 2");
  INVALID(anser_bounds_contract(bounds, &query, nan, NULL, NULL, &left), "right sides", "NaN");
  query.method = ANSER_BOUNDS_METHOD_ALPHA;
  INVALID(anser_bounds_contract(bounds, &query, LOW, NULL, NULL, &left), "query.method", "CROWN");
  CHECK(out == NULL);
  anser_bounds_free(bounds);
  anser_network_free(network);
}

/* Nothing asked, nothing written; and nothing is written where a call fails. */
static void nothing(void) {
  anser_bounds *bounds = small_bounds();
  anser_bounds_query query = ANSER_BOUNDS_QUERY_INIT;
  anser_bounds_results results = ANSER_BOUNDS_RESULTS_INIT;
  OK(anser_bounds_compute(bounds, &query, NULL, &results));
  query = whole();
  OK(anser_bounds_compute(bounds, &query, NULL, &results));
  double lower[2] = {77, 77};
  results.lower = lower;
  anser_interrupt *token = NULL;
  anser_budget *budget = new_budget();
  OK(anser_interrupt_new(&token));
  OK(anser_budget_set_interrupt(budget, token));
  OK(anser_bounds_compute(bounds, &query, budget, &results));
  CHECK(lower[0] != 77);
  lower[0] = 77;
  OK(anser_budget_set_memory_limit(budget, 10));
  FAILS(ANSER_STATUS_OUT_OF_MEMORY, anser_bounds_compute(bounds, &query, budget, &results), "memory limit", "10");
  CHECK(lower[0] == 77);
  anser_interrupt_free(token);
  anser_budget_free(budget);
  anser_bounds_free(bounds);
}

/* All results of three boxes, the last one with a split, for each method, held against a grid of points. */
static void sound(void) {
  anser_bounds *bounds = small_bounds();
  enum { B = 3, R = 3, N = 2, S = 21 };
  const double lower[B * N] = {-1, -1, 0, -0.5, -1, 0}, upper[B * N] = {1, 1, 1, 0.25, 1, 1};
  const double outputs[R * 2] = {1, 0, 0, 1, 1, -1}, inputs[R * N] = {0, 0, 0.5, -1, 0, 0};
  const size_t offsets[B + 1] = {0, 0, 0, 1};
  const uint32_t neurons[1] = {0};
  const int8_t phases[1] = {1};
  for (int32_t method = 0; method < 3; method++) {
    for (int32_t intersect = 0; intersect < 2; intersect++) {
      anser_bounds_query query = ANSER_BOUNDS_QUERY_INIT;
      query.num_boxes = B;
      query.lower = lower;
      query.upper = upper;
      query.split_offsets = offsets;
      query.split_neurons = neurons;
      query.split_phases = phases;
      query.num_splits = 1;
      query.num_rows = R;
      query.outputs = outputs;
      query.inputs = inputs;
      query.method = method;
      query.intersect = intersect;
      query.iterations = 20;
      double l[B * R], u[B * R], la[B * R * N], lc[B * R], ua[B * R * N], uc[B * R], p[B * R * N], nl[B * 2], nu[B * 2];
      uint8_t empty[B] = {77, 77, 77};
      anser_bounds_results results = ANSER_BOUNDS_RESULTS_INIT;
      results.lower = l, results.upper = u;
      results.lower_coefficients = la, results.lower_constants = lc;
      results.upper_coefficients = ua, results.upper_constants = uc;
      results.points = p, results.neuron_lower = nl, results.neuron_upper = nu, results.empty = empty;
      OK(anser_bounds_compute(bounds, &query, NULL, &results));
      for (int b = 0; b < B; b++) {
        CHECK(empty[b] == 0);
        for (int i = 0; i < S * S; i++) {
          double x[2], h[2], y[2];
          for (int j = 0; j < 2; j++) {
            const int k = j == 0 ? i / S : i % S;
            x[j] = lower[b * N + j] + (upper[b * N + j] - lower[b * N + j]) * k / (S - 1);
          }
          values(x, h, y);
          if (b == 2 && h[0] < 0) continue;
          for (int j = 0; j < 2; j++) CHECK(nl[b * 2 + j] <= h[j] + 1e-12 && h[j] <= nu[b * 2 + j] + 1e-12);
          for (int r = 0; r < R; r++) {
            const int at = b * R + r;
            const double v = outputs[r * 2] * y[0] + outputs[r * 2 + 1] * y[1] + inputs[r * N] * x[0] + inputs[r * N + 1] * x[1];
            const double below = la[at * N] * x[0] + la[at * N + 1] * x[1] + lc[at];
            const double above = ua[at * N] * x[0] + ua[at * N + 1] * x[1] + uc[at];
            CHECK(l[at] <= v + 1e-12 && v <= u[at] + 1e-12);
            CHECK(below <= v + 1e-12 && v <= above + 1e-12);
          }
        }
      }
      if (method == ANSER_BOUNDS_METHOD_ALPHA) CHECK(l[0] > -0.05); /* relu's lines below may be flat */
    }
  }
  anser_bounds_free(bounds);
}

static void contracted(void) {
  anser_bounds *bounds = small_bounds();
  anser_bounds_query query = whole();
  double lower[2], upper[2], nl[2], nu[2];
  uint8_t empty[1];
  anser_bounds_contraction left = ANSER_BOUNDS_CONTRACTION_INIT;
  left.lower = lower, left.upper = upper, left.neuron_lower = nl, left.neuron_upper = nu, left.empty = empty;
  /* y1 = -relu(h0) <= -0.9 asks for h0 >= 0.9; ReLU's upper line, (h0 + 3) / 4 for h0 from -3 to 1, for h0 >= 0.6, and with
   * h0 = x0 + x1 - 1 for x0 >= 0.6. */
  const double right[2] = {100, -0.9}, never[2] = {-0.25, 0};
  OK(anser_bounds_contract(bounds, &query, right, NULL, NULL, &left));
  CHECK(empty[0] == 0 && lower[0] > 0.599 && lower[0] <= 0.9 && upper[0] == 1 && nl[0] > 0.599 && nl[0] <= 0.9);
  OK(anser_bounds_contract(bounds, &query, never, NULL, NULL, &left));
  CHECK(empty[0] == 1 && lower[0] == INFINITY && upper[1] == -INFINITY && nl[1] == INFINITY);
  left = (anser_bounds_contraction)ANSER_BOUNDS_CONTRACTION_INIT;
  left.empty = empty;
  const uint8_t strict[2] = {1, 0};
  OK(anser_bounds_contract(bounds, &query, right, strict, NULL, &left));
  CHECK(empty[0] == 0);
  anser_bounds_free(bounds);
}

/* A split that no point of the box keeps. */
static void empty_box(void) {
  anser_bounds *bounds = small_bounds();
  anser_bounds_query query = whole();
  const double low[2] = {0.5, -1}, high[2] = {1, 0};
  const size_t offsets[2] = {0, 1};
  const uint32_t neurons[1] = {1};
  const int8_t phases[1] = {-1};
  query.lower = low, query.upper = high;
  query.split_offsets = offsets, query.split_neurons = neurons, query.split_phases = phases, query.num_splits = 1;
  double lower[2], upper[2];
  uint8_t empty[1];
  anser_bounds_results results = ANSER_BOUNDS_RESULTS_INIT;
  results.lower = lower, results.upper = upper, results.empty = empty;
  OK(anser_bounds_compute(bounds, &query, NULL, &results));
  CHECK(empty[0] == 1 && lower[0] == INFINITY && upper[0] == -INFINITY);
  anser_bounds_free(bounds);
}

static int32_t phases_seen;
static int32_t sees(void *data, const anser_progress *progress) {
  (void)data;
  phases_seen |= 1 << progress->phase;
  return 9;
}

/* Large enough to be asked. */
static anser_network *wide_network(void) {
  enum { N = 64, M = 400 };
  anser_network *network = new_network();
  uint32_t x = add_input(network, "x", SHAPE(1, N));
  size_t before = N;
  for (int layer = 0; layer < 4; layer++) {
    const size_t wide = layer == 3 ? 2 : M;
    float *weights = malloc(wide * before * sizeof *weights);
    for (size_t i = 0; i < wide * before; i++) weights[i] = ((float)random_below(2001) - 1000) / 8000;
    uint32_t w = add_weights(network, weights, SHAPE(wide, before));
    free(weights);
    x = add_layer(network, LAYER(LINEAR, x, w));
    if (layer < 3) x = add_layer(network, LAYER(RELU, x));
    before = wide;
  }
  OK(anser_network_add_output(network, x));
  return network;
}

static void stopped(void) {
  anser_network *network = wide_network();
  anser_bounds *bounds = NULL, *none = NULL;
  anser_budget *budget = new_budget();
  anser_progress_callback callback = ANSER_PROGRESS_CALLBACK_INIT;
  double low[64], high[64], lower[2];
  for (int i = 0; i < 64; i++) low[i] = -1, high[i] = 1;
  anser_bounds_options fast = ANSER_BOUNDS_OPTIONS_INIT;
  fast.intervals_only = 1;
  OK(anser_bounds_new(network, low, high, 64, &fast, NULL, &bounds));
  callback.report = sees;
  OK(anser_budget_set_progress(budget, &callback, 0));
  FAILS(ANSER_STATUS_STOPPED, anser_bounds_new(network, low, high, 64, NULL, budget, &none), "callback", "9");
  CHECK(none == NULL && phases_seen == 1 << ANSER_PHASE_BOUND);
  CHECK(anser_last_error_stop_reason() == ANSER_STOP_REASON_CALLBACK);
  anser_bounds_query query = whole();
  query.lower = low, query.upper = high;
  anser_bounds_results results = ANSER_BOUNDS_RESULTS_INIT;
  results.lower = lower;
  FAILS(ANSER_STATUS_STOPPED, anser_bounds_compute(bounds, &query, budget, &results), "callback", "9");
  OK(anser_budget_set_progress(budget, NULL, 0));
  OK(anser_budget_set_work_limit(budget, 1000));
  FAILS(ANSER_STATUS_STOPPED, anser_bounds_compute(bounds, &query, budget, &results), "work limit", "");
  OK(anser_budget_set_work_limit(budget, UINT64_MAX));
  OK(anser_bounds_compute(bounds, &query, budget, &results));
  CHECK(isfinite(lower[0]) && isfinite(lower[1]));
  anser_budget_free(budget);
  anser_bounds_free(bounds);
  anser_network_free(network);
}

static double found[4][2];
static const anser_bounds *shared_bounds;
static void *thread(void *argument) {
  anser_bounds_query query = whole();
  anser_bounds_results results = ANSER_BOUNDS_RESULTS_INIT;
  query.method = ANSER_BOUNDS_METHOD_ALPHA;
  query.iterations = 10;
  results.lower = argument;
  for (int i = 0; i < 50; i++) OK(anser_bounds_compute(shared_bounds, &query, NULL, &results));
  return NULL;
}
static void many_threads(void) {
  anser_bounds *bounds = small_bounds();
  pthread_t threads[4];
  shared_bounds = bounds;
  for (int i = 0; i < 4; i++)
    if (pthread_create(&threads[i], NULL, thread, found[i])) abort();
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  for (int i = 1; i < 4; i++) CHECK(memcmp(found[0], found[i], sizeof found[0]) == 0);
  anser_bounds_free(bounds);
}

int main(void) {
  RUN(made_and_freed);
  RUN(null_arguments);
  RUN(hostile_arguments);
  RUN(nothing);
  RUN(sound);
  RUN(contracted);
  RUN(empty_box);
  RUN(stopped);
  RUN(many_threads);
  return report();
}
