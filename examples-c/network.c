/*
 * network: looks for an input with which a neural network does what a property forbids.
 *
 * What it shows: networks and properties. A network is read from ONNX and looked at, layer by layer; a property is read
 * from VNN-LIB and taken apart into boxes with halfspaces; the network is evaluated on many samples at once, and its
 * gradients lead from the samples towards a counterexample, which is checked exactly, in double and in float.
 *
 *   cc -std=c11 network.c -o network $(pkg-config --cflags --libs anser) -lm
 *   ./network NETWORK.onnx PROPERTY.vnnlib
 *   ./network
 *
 * Without arguments it builds a small network and a property itself, writes both to files in a folder of its own, and
 * reads them back.
 *
 * What it prints: the layers, how many disjuncts it looked at, and a counterexample or that it found none, which proves
 * nothing. It exits with 0 in both cases, or with 1 after any error.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* for mkdtemp */
#endif
#include <anser.h>

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SAMPLES = 256, STEPS = 40 };

/* Tells what went wrong in the last call: the text names the function, the argument and the value. */
static int complain(anser_status status) {
  fprintf(stderr, "%s: %s\n", anser_status_name(status), anser_last_error());
  return 1;
}

/* Every call answers a status; the first that is not ANSER_STATUS_OK ends the function that it is made in. */
#define TRY(call)                                                                                \
  do {                                                                                           \
    const anser_status try_status = (call);                                                      \
    if (try_status != ANSER_STATUS_OK) {                                                         \
      return try_status;                                                                         \
    }                                                                                            \
  } while (0)

/* ---- A network and a property of our own ---- */

/* Three inputs, a layer of four neurons with a residual, two outputs. */
static anser_status build_network(anser_network *network) {
  static const float first[4 * 3] = {1, -1, 0.5f, -0.5f, 1, 1, 0.25f, 0.5f, -1, -1, -0.25f, 0.75f};
  static const float bias[4] = {0.1f, -0.2f, 0, 0.3f};
  static const float second[2 * 4] = {1, -0.5f, 0.75f, -1, -1, 0.5f, 0.25f, 1};
  const size_t first_shape[] = {4, 3}, second_shape[] = {2, 4}, input_shape[] = {1, 3}, bias_shape[] = {4};
  uint32_t x, w, b, v, hidden, output;
  /* Tensors are numbered as they are added; a layer takes tensors that are there. */
  TRY(anser_network_add_input(network, "x", input_shape, 2, &x));
  TRY(anser_network_add_constant(network, "w", first_shape, 2, ANSER_ELEMENT_TYPE_F32, first, 12, &w));
  TRY(anser_network_add_constant(network, "b", bias_shape, 1, ANSER_ELEMENT_TYPE_F32, bias, 4, &b));
  TRY(anser_network_add_constant(network, "v", second_shape, 2, ANSER_ELEMENT_TYPE_F32, second, 8, &v));
  uint32_t inputs[3] = {x, w, b};
  anser_layer layer = ANSER_LAYER_INIT;
  layer.kind = ANSER_LAYER_KIND_LINEAR;
  layer.inputs = inputs;
  layer.num_inputs = 3;
  TRY(anser_network_add_layer(network, &layer, &hidden));
  inputs[0] = hidden;
  layer.kind = ANSER_LAYER_KIND_TANH;
  layer.num_inputs = 1;
  TRY(anser_network_add_layer(network, &layer, &inputs[1]));
  layer.kind = ANSER_LAYER_KIND_ADD; /* hidden + tanh(hidden) */
  layer.num_inputs = 2;
  TRY(anser_network_add_layer(network, &layer, &inputs[0]));
  layer.kind = ANSER_LAYER_KIND_RELU;
  layer.num_inputs = 1;
  TRY(anser_network_add_layer(network, &layer, &inputs[0]));
  inputs[1] = v;
  layer.kind = ANSER_LAYER_KIND_LINEAR;
  layer.num_inputs = 2;
  layer.name = "y";
  TRY(anser_network_add_layer(network, &layer, &output));
  return anser_network_add_output(network, output);
}

/* Unsafe: an input between -1 and 1 each, with y0 at least y1 + 6.8, or y1 at least 4. */
static anser_status build_property(anser_property *property) {
  static const double lower[3] = {-1, -1, -1}, upper[3] = {1, 1, 1};
  /* Columns are the inputs, then the outputs: 3 is y0. "At least" is "at most" of the negations. */
  static const uint32_t columns[] = {3, 4, 4};
  static const double coefficients[] = {-1, 1, -1}, bounds[] = {-6.8, -4};
  static const size_t row_offsets[] = {0, 2, 3}, disjunct_offsets[] = {0, 1, 2};
  anser_halfspaces rows = ANSER_HALFSPACES_INIT;
  rows.num_rows = 2;
  rows.columns = columns;
  rows.coefficients = coefficients;
  rows.num_terms = 3;
  rows.offsets = row_offsets;
  rows.bounds = bounds;
  TRY(anser_property_add_box(property, lower, upper, 3));
  return anser_property_add_assertion(property, &rows, disjunct_offsets, 2);
}

/* Builds both, writes them to files, and reads them back. */
static anser_status through_files(anser_network **network, anser_property **property) {
  char folder[] = "/tmp/anser-example-XXXXXX", onnx[64], vnnlib[64];
  anser_network *built = NULL;
  anser_property *asked = NULL;
  if (!mkdtemp(folder)) {
    perror(folder);
    exit(1);
  }
  snprintf(onnx, sizeof onnx, "%s/network.onnx", folder);
  snprintf(vnnlib, sizeof vnnlib, "%s/property.vnnlib", folder);
  anser_status status = anser_network_new(&built);
  if (status == ANSER_STATUS_OK) status = build_network(built);
  if (status == ANSER_STATUS_OK) status = anser_network_write_onnx(built, onnx, NULL);
  if (status == ANSER_STATUS_OK) status = anser_property_new(3, 2, &asked);
  if (status == ANSER_STATUS_OK) status = build_property(asked);
  if (status == ANSER_STATUS_OK) status = anser_property_write_vnnlib(asked, vnnlib, NULL);
  if (status == ANSER_STATUS_OK) status = anser_network_read_onnx(onnx, NULL, NULL, network);
  if (status == ANSER_STATUS_OK) status = anser_property_read_vnnlib(vnnlib, NULL, property);
  anser_network_free(built); /* freeing leaves the error where it is */
  anser_property_free(asked);
  unlink(onnx);
  unlink(vnnlib);
  rmdir(folder);
  return status;
}

/* ---- A look at the network ---- */

static anser_status print_network(const anser_network *network) {
  uint32_t layers = 0;
  uint64_t parameters = 0;
  TRY(anser_network_num_layers(network, &layers));
  TRY(anser_network_num_parameters(network, &parameters));
  printf("%" PRIu32 " layers, %" PRIu64 " parameters\n", layers, parameters);
  for (uint32_t i = 0; i < layers; i++) {
    anser_layer layer = ANSER_LAYER_INIT;
    anser_tensor output = ANSER_TENSOR_INIT;
    TRY(anser_network_get_layer(network, i, &layer));
    TRY(anser_network_get_tensor(network, layer.output, &output));
    printf("  %-12s ->", anser_layer_kind_name(layer.kind) + strlen("ANSER_LAYER_KIND_"));
    for (size_t axis = 0; axis < output.rank; axis++) {
      printf(" %zu", output.shape[axis]);
    }
    printf("%s%s\n", output.name ? "  " : "", output.name ? output.name : "");
  }
  return ANSER_STATUS_OK;
}

/* ---- The search ---- */

/* What the search works with; all arrays are for SAMPLES samples at once. */
struct search {
  const anser_network *network;
  const anser_property *property;
  size_t inputs, outputs;
  double *lower, *upper;     /* the box */
  double *x, *y;             /* samples and their outputs */
  double *weights, *slopes;  /* cotangents and gradients */
  double *a, *c, *b;         /* halfspaces: a y + c x <= b */
  size_t rows;
  float *single_x, *single_y;
};

/* xorshift64*, between 0 and 1: the same samples in every run. */
static double uniform(void) {
  static uint64_t state = 88172645463325252u;
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (double)((state * 2685821657736338717u) >> 11) / 9007199254740992.0;
}

static double *array(size_t items, size_t each) {
  double *made = each == 0 || items <= SIZE_MAX / sizeof(double) / each ? calloc(items * each + 1, sizeof(double)) : NULL;
  if (!made) {
    fprintf(stderr, "out of memory\n");
    exit(1);
  }
  return made;
}

/* Whether sample i is a counterexample, after so many steps; its outputs were computed in double. If so it is shown, and computed in float as
   well, rounded to what a host of floats would be given. */
static anser_status judge(struct search *s, size_t i, int step, int *found) {
  const double *x = s->x + i * s->inputs, *y = s->y + i * s->outputs;
  int32_t holds = 0, holds_in_float = 0;
  TRY(anser_property_check(s->property, x, s->inputs, y, s->outputs, &holds));
  if (!holds) {
    return ANSER_STATUS_OK;
  }
  for (size_t j = 0; j < s->inputs; j++) {
    s->single_x[j] = (float)x[j];
  }
  TRY(anser_network_evaluate_f32(s->network, 1, s->single_x, s->inputs, NULL, s->single_y, s->outputs));
  double *wide_x = array(1, s->inputs), *wide_y = array(1, s->outputs);
  for (size_t j = 0; j < s->inputs; j++) wide_x[j] = (double)s->single_x[j];
  for (size_t j = 0; j < s->outputs; j++) wide_y[j] = (double)s->single_y[j];
  const anser_status status =
      anser_property_check(s->property, wide_x, s->inputs, wide_y, s->outputs, &holds_in_float);
  free(wide_x);
  free(wide_y);
  TRY(status);
  *found = 1;
  printf("counterexample after %d steps, in double%s\n", step, holds_in_float ? " and in float" : ", not in float");
  for (size_t j = 0; j < s->inputs && j < 8; j++) printf("  x%zu = %.9g\n", j, x[j]);
  for (size_t j = 0; j < s->outputs && j < 8; j++) printf("  y%zu = %.9g\n", j, y[j]);
  return ANSER_STATUS_OK;
}

/* Samples of the disjunct that `d` stands at, and what they become by going against the worst violated halfspace. */
static anser_status attack(struct search *s, const anser_disjuncts *d, int *found) {
  const size_t n = s->inputs, m = s->outputs;
  TRY(anser_disjuncts_get_box(d, s->lower, s->upper, n));
  TRY(anser_disjuncts_num_rows(d, &s->rows));
  s->a = array(s->rows, m);
  s->c = array(s->rows, n);
  s->b = array(s->rows, 1);
  TRY(anser_disjuncts_get_rows(d, s->a, s->rows * m, s->b, NULL, s->rows));
  TRY(anser_disjuncts_get_input_coefficients(d, s->c, s->rows * n));
  for (size_t i = 0; i < SAMPLES * n; i++) {
    s->x[i] = s->lower[i % n] + uniform() * (s->upper[i % n] - s->lower[i % n]);
  }
  for (int step = 0; step <= STEPS && !*found; step++) {
    /* All samples in one call. */
    TRY(anser_network_evaluate_f64(s->network, SAMPLES, s->x, SAMPLES * n, NULL, s->y, SAMPLES * m));
    for (size_t i = 0; i < SAMPLES && !*found; i++) {
      TRY(judge(s, i, step, found));
    }
    if (*found || step == STEPS || s->rows == 0) {
      break;
    }
    /* The weights of the outputs are the row that is violated most; the gradient of its sum says where to go. */
    for (size_t i = 0; i < SAMPLES; i++) {
      const double *x = s->x + i * n, *y = s->y + i * m;
      size_t worst = 0;
      double most = 0;
      for (size_t row = 0; row < s->rows; row++) {
        double sum = -s->b[row];
        for (size_t j = 0; j < m; j++) sum += s->a[row * m + j] * y[j];
        for (size_t j = 0; j < n; j++) sum += s->c[row * n + j] * x[j];
        if (row == 0 || sum > most) {
          most = sum;
          worst = row;
        }
      }
      memcpy(s->weights + i * m, s->a + worst * m, m * sizeof(double));
      memcpy(s->slopes + i * n, s->c + worst * n, n * sizeof(double)); /* what the inputs add themselves */
    }
    double *direct = array(SAMPLES, n);
    memcpy(direct, s->slopes, SAMPLES * n * sizeof(double));
    const anser_status status = anser_network_vjp_f64(s->network, SAMPLES, s->x, SAMPLES * n, s->weights, SAMPLES * m,
                                                      NULL, s->slopes, SAMPLES * n, NULL, 0);
    for (size_t i = 0; i < SAMPLES * n && status == ANSER_STATUS_OK; i++) {
      const size_t j = i % n;
      const double slope = s->slopes[i] + direct[i];
      const double size = 0.1 * (s->upper[j] - s->lower[j]) * (1 - (double)step / STEPS);
      const double moved = s->x[i] - (slope > 0 ? size : slope < 0 ? -size : 0);
      s->x[i] = moved < s->lower[j] ? s->lower[j] : moved > s->upper[j] ? s->upper[j] : moved;
    }
    free(direct);
    TRY(status);
  }
  return ANSER_STATUS_OK;
}

static anser_status search(const anser_network *network, const anser_property *property) {
  struct search s = {.network = network, .property = property};
  anser_disjuncts *d = NULL;
  int32_t more = 0;
  int found = 0, looked_at = 0;
  TRY(anser_property_check_network(property, network));
  TRY(anser_network_input_length(network, &s.inputs));
  TRY(anser_network_output_length(network, &s.outputs));
  s.lower = array(1, s.inputs);
  s.upper = array(1, s.inputs);
  s.x = array(SAMPLES, s.inputs);
  s.y = array(SAMPLES, s.outputs);
  s.weights = array(SAMPLES, s.outputs);
  s.slopes = array(SAMPLES, s.inputs);
  s.single_x = (float *)array(1, s.inputs);
  s.single_y = (float *)array(1, s.outputs);
  /* The property holds where one of its disjuncts does: a box of inputs, and halfspaces. There may be very many, so they
     come one at a time. */
  anser_status status = anser_disjuncts_new(property, NULL, &d);
  while (status == ANSER_STATUS_OK && !found) {
    status = anser_disjuncts_next(d, NULL, &more);
    if (status != ANSER_STATUS_OK || !more) {
      break;
    }
    looked_at++;
    status = attack(&s, d, &found);
    free(s.a);
    free(s.b);
    free(s.c);
    s.a = s.b = s.c = NULL;
  }
  if (status == ANSER_STATUS_OK) {
    printf("%d disjunct%s looked at%s\n", looked_at, looked_at == 1 ? "" : "s",
           found ? "" : ", no counterexample found");
  }
  anser_disjuncts_free(d);
  free(s.lower);
  free(s.upper);
  free(s.x);
  free(s.y);
  free(s.weights);
  free(s.slopes);
  free(s.single_x);
  free(s.single_y);
  return status;
}

int main(int argc, char **argv) {
  anser_network *network = NULL;
  anser_property *property = NULL;
  if (argc != 1 && argc != 3) {
    fprintf(stderr, "usage: %s [NETWORK.onnx PROPERTY.vnnlib]\n", argv[0]);
    return 1;
  }
  anser_status status;
  if (argc == 3) {
    status = anser_network_read_onnx(argv[1], NULL, NULL, &network);
    if (status == ANSER_STATUS_OK) status = anser_property_read_vnnlib(argv[2], NULL, &property);
  } else {
    status = through_files(&network, &property);
  }
  if (status == ANSER_STATUS_OK) status = print_network(network);
  if (status == ANSER_STATUS_OK) status = search(network, property);
  const int failed = status == ANSER_STATUS_OK ? 0 : complain(status);
  anser_property_free(property);
  anser_network_free(network);
  return failed;
}
