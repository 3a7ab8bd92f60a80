/* Networks through the C ABI: building and reading back, evaluation, gradients, files, and every wrong argument. */
#include "nets.h"

#include <pthread.h>
#include <stdatomic.h>

/* ---- NULL ---- */

static void made_and_freed(void) {
  anser_network *network = (anser_network *)(void *)&network;
  NULL_ARGUMENT(anser_network_new(NULL), "out_network");
  anser_network_free(NULL);
  network = new_network();
  CHECK(num_layers(network) == 0 && num_tensors(network) == 0 && input_length(network) == 0 &&
        output_length(network) == 0);
  anser_network_free(network);
}

static void null_networks(void) {
  anser_layer layer = ANSER_LAYER_INIT;
  anser_tensor tensor = ANSER_TENSOR_INIT;
  anser_constant_view view = ANSER_CONSTANT_VIEW_INIT;
  anser_network *out = (anser_network *)(void *)&out;
  anser_sink sink = ANSER_SINK_INIT;
  struct host host = {0};
  const float f = 0;
  const double d = 0;
  float fo = 0;
  double dd = 0;
  uint32_t u = 77;
  uint64_t big = 77;
  size_t n = 77;
  NULL_ARGUMENT(anser_network_clone(NULL, &out), "network");
  CHECK(out == NULL);
  out = (anser_network *)(void *)&out;
  NULL_ARGUMENT(anser_network_fuse(NULL, NULL, &out), "network");
  CHECK(out == NULL);
  NULL_ARGUMENT(anser_network_set_memory_limit(NULL, 1), "network");
  NULL_ARGUMENT(anser_network_add_input(NULL, NULL, NULL, 0, &u), "network");
  NULL_ARGUMENT(anser_network_add_constant(NULL, NULL, NULL, 0, ANSER_ELEMENT_TYPE_F32, &f, 1, &u), "network");
  NULL_ARGUMENT(anser_network_add_layer(NULL, &layer, &u), "network");
  NULL_ARGUMENT(anser_network_add_output(NULL, 0), "network");
  NULL_ARGUMENT(anser_network_num_tensors(NULL, &u), "network");
  NULL_ARGUMENT(anser_network_num_layers(NULL, &u), "network");
  NULL_ARGUMENT(anser_network_num_inputs(NULL, &n), "network");
  NULL_ARGUMENT(anser_network_num_outputs(NULL, &n), "network");
  NULL_ARGUMENT(anser_network_num_parameters(NULL, &big), "network");
  NULL_ARGUMENT(anser_network_input_length(NULL, &n), "network");
  NULL_ARGUMENT(anser_network_output_length(NULL, &n), "network");
  NULL_ARGUMENT(anser_network_get_inputs(NULL, &u, 1), "network");
  NULL_ARGUMENT(anser_network_get_outputs(NULL, &u, 1), "network");
  NULL_ARGUMENT(anser_network_get_tensor(NULL, 0, &tensor), "network");
  NULL_ARGUMENT(anser_network_find_tensor(NULL, "x", &u), "network");
  NULL_ARGUMENT(anser_network_get_constant(NULL, 0, &view), "network");
  NULL_ARGUMENT(anser_network_get_layer(NULL, 0, &layer), "network");
  NULL_ARGUMENT(anser_network_num_layer_nodes(NULL, 0, &n), "network");
  NULL_ARGUMENT(anser_network_get_layer_node(NULL, 0, 0, &n, NULL, NULL), "network");
  NULL_ARGUMENT(anser_network_write_onnx(NULL, "x", NULL), "network");
  sink = sink_to(&host);
  NULL_ARGUMENT(anser_network_write_onnx_sink(NULL, &sink, NULL), "network");
  CHECK(host.destroyed == 1 && host.calls == 0);
  NULL_ARGUMENT(anser_network_write_onnx_memory(NULL, NULL, NULL, 0, &n), "network");
  NULL_ARGUMENT(anser_network_evaluate_f32(NULL, 1, &f, 1, NULL, &fo, 1), "network");
  NULL_ARGUMENT(anser_network_evaluate_f64(NULL, 1, &d, 1, NULL, &dd, 1), "network");
  NULL_ARGUMENT(anser_network_evaluate_tensors_f32(NULL, 1, &f, 1, &u, 1, NULL, &fo, 1), "network");
  NULL_ARGUMENT(anser_network_evaluate_tensors_f64(NULL, 1, &d, 1, &u, 1, NULL, &dd, 1), "network");
  NULL_ARGUMENT(anser_network_vjp_f32(NULL, 1, &f, 1, &f, 1, NULL, &fo, 1, NULL, 0), "network");
  NULL_ARGUMENT(anser_network_vjp_f64(NULL, 1, &d, 1, &d, 1, NULL, &dd, 1, NULL, 0), "network");
  CHECK(u == 77 && big == 77 && n == 77);
}

static void null_outputs(void) {
  anser_network *network = small_network();
  const float x[2] = {0, 0};
  const double xd[2] = {0, 0};
  uint32_t t = 4;
  NULL_ARGUMENT(anser_network_clone(network, NULL), "out_network");
  NULL_ARGUMENT(anser_network_fuse(network, NULL, NULL), "out_network");
  NULL_ARGUMENT(anser_network_add_layer(network, NULL, NULL), "layer");
  NULL_ARGUMENT(anser_network_num_tensors(network, NULL), "out_tensors");
  NULL_ARGUMENT(anser_network_num_layers(network, NULL), "out_layers");
  NULL_ARGUMENT(anser_network_num_inputs(network, NULL), "out_inputs");
  NULL_ARGUMENT(anser_network_num_outputs(network, NULL), "out_outputs");
  NULL_ARGUMENT(anser_network_num_parameters(network, NULL), "out_parameters");
  NULL_ARGUMENT(anser_network_input_length(network, NULL), "out_length");
  NULL_ARGUMENT(anser_network_output_length(network, NULL), "out_length");
  NULL_ARGUMENT(anser_network_get_inputs(network, NULL, 1), "out_tensors");
  NULL_ARGUMENT(anser_network_get_outputs(network, NULL, 1), "out_tensors");
  NULL_ARGUMENT(anser_network_get_tensor(network, 0, NULL), "out_tensor");
  NULL_ARGUMENT(anser_network_find_tensor(network, "x", NULL), "out_tensor");
  NULL_ARGUMENT(anser_network_find_tensor(network, NULL, &t), "name");
  NULL_ARGUMENT(anser_network_get_constant(network, 1, NULL), "out_view");
  NULL_ARGUMENT(anser_network_get_layer(network, 0, NULL), "out_layer");
  NULL_ARGUMENT(anser_network_num_layer_nodes(network, 0, NULL), "out_nodes");
  NULL_ARGUMENT(anser_network_write_onnx(network, NULL, NULL), "path");
  NULL_ARGUMENT(anser_network_write_onnx_sink(network, NULL, NULL), "sink");
  NULL_ARGUMENT(anser_network_write_onnx_memory(network, NULL, NULL, 1, NULL), "buffer");
  float y[2];
  double yd[2];
  NULL_ARGUMENT(anser_network_evaluate_f32(network, 1, NULL, 2, NULL, y, 2), "inputs");
  NULL_ARGUMENT(anser_network_evaluate_f32(network, 1, x, 2, NULL, NULL, 2), "out_outputs");
  NULL_ARGUMENT(anser_network_evaluate_f64(network, 1, NULL, 2, NULL, yd, 2), "inputs");
  NULL_ARGUMENT(anser_network_evaluate_f64(network, 1, xd, 2, NULL, NULL, 2), "out_outputs");
  NULL_ARGUMENT(anser_network_evaluate_tensors_f32(network, 1, NULL, 2, &t, 1, NULL, y, 2), "inputs");
  NULL_ARGUMENT(anser_network_evaluate_tensors_f32(network, 1, x, 2, NULL, 1, NULL, y, 2), "tensors");
  NULL_ARGUMENT(anser_network_evaluate_tensors_f64(network, 1, xd, 2, &t, 1, NULL, NULL, 2), "out_values");
  NULL_ARGUMENT(anser_network_vjp_f32(network, 1, NULL, 2, x, 2, NULL, y, 2, NULL, 0), "inputs");
  NULL_ARGUMENT(anser_network_vjp_f32(network, 1, x, 2, NULL, 2, NULL, y, 2, NULL, 0), "cotangents");
  NULL_ARGUMENT(anser_network_vjp_f64(network, 1, xd, 2, xd, 2, NULL, NULL, 2, NULL, 0), "out_gradients");
  anser_network *out = (anser_network *)(void *)&out;
  NULL_ARGUMENT(anser_network_read_onnx(NULL, NULL, NULL, &out), "path");
  CHECK(out == NULL);
  NULL_ARGUMENT(anser_network_read_onnx("x", NULL, NULL, NULL), "out_network");
  NULL_ARGUMENT(anser_network_read_onnx_memory(NULL, 1, NULL, NULL, NULL, &out), "bytes");
  NULL_ARGUMENT(anser_network_read_onnx_memory((const uint8_t *)"x", 1, NULL, NULL, NULL, NULL), "out_network");
  anser_network_free(network);
}

/* ---- Building ---- */

static void tensors(void) {
  anser_network *network = new_network();
  uint32_t x = 77;
  OK(anser_network_add_input(network, "x", SHAPE(2, 3), &x));
  CHECK(x == 0);
  OK(anser_network_add_input(network, NULL, NULL, 0, NULL)); /* a scalar without a name */
  const double doubles[2] = {0.1, -3};
  OK(anser_network_add_constant(network, "w", SHAPE(2, 1), ANSER_ELEMENT_TYPE_F64, doubles, 2, &x));
  CHECK(x == 2 && num_tensors(network) == 3 && input_length(network) == 7);
  uint64_t parameters = 0;
  OK(anser_network_num_parameters(network, &parameters));
  CHECK(parameters == 2);
  anser_tensor tensor = ANSER_TENSOR_INIT;
  OK(anser_network_get_tensor(network, 0, &tensor));
  CHECK(tensor.struct_size == sizeof tensor && strcmp(tensor.name, "x") == 0 && tensor.rank == 2 &&
        tensor.shape[0] == 2 && tensor.shape[1] == 3 && tensor.length == 6 &&
        tensor.source == ANSER_TENSOR_SOURCE_INPUT && tensor.element_type == 0 && tensor.index == 0);
  OK(anser_network_get_tensor(network, 1, &tensor));
  CHECK(!tensor.name && tensor.rank == 0 && !tensor.shape && tensor.length == 1 &&
        tensor.source == ANSER_TENSOR_SOURCE_INPUT && tensor.index == 1);
  OK(anser_network_get_tensor(network, 2, &tensor));
  CHECK(strcmp(tensor.name, "w") == 0 && tensor.source == ANSER_TENSOR_SOURCE_CONSTANT &&
        tensor.element_type == ANSER_ELEMENT_TYPE_F64);
  anser_layer layer = LAYER(ADD, 0, 2);
  layer.name = "s";
  CHECK(add_layer(network, layer) == 3);
  OK(anser_network_get_tensor(network, 3, &tensor));
  CHECK(strcmp(tensor.name, "s") == 0 && tensor.source == ANSER_TENSOR_SOURCE_LAYER && tensor.index == 0 &&
        tensor.length == 6);
  uint32_t found = 77;
  OK(anser_network_find_tensor(network, "w", &found));
  CHECK(found == 2);
  OK(anser_network_find_tensor(network, "nobody", &found));
  CHECK(found == UINT32_MAX);
  OK(anser_network_find_tensor(network, "", &found));
  CHECK(found == UINT32_MAX);
  /* Outputs, the same one twice. */
  OK(anser_network_add_output(network, 3));
  OK(anser_network_add_output(network, 1));
  OK(anser_network_add_output(network, 3));
  size_t inputs = 0, outputs = 0;
  uint32_t ids[4] = {77, 77, 77, 77};
  OK(anser_network_num_inputs(network, &inputs));
  OK(anser_network_num_outputs(network, &outputs));
  CHECK(inputs == 2 && outputs == 3 && output_length(network) == 13);
  SHORT(anser_network_get_outputs(network, ids, 2), "num_tensors", "3");
  SHORT(anser_network_get_inputs(network, ids, 1), "num_tensors", "2");
  OK(anser_network_get_outputs(network, ids, 4));
  CHECK(ids[0] == 3 && ids[1] == 1 && ids[2] == 3 && ids[3] == 77);
  OK(anser_network_get_inputs(network, ids, 2));
  CHECK(ids[0] == 0 && ids[1] == 1);
  INVALID(anser_network_get_tensor(network, 4, &tensor), "tensor 4", "there are 4");
  INVALID(anser_network_get_constant(network, 0, &(anser_constant_view)ANSER_CONSTANT_VIEW_INIT), "tensor 0",
          "no constant");
  INVALID(anser_network_add_output(network, 4), "tensor 4", "there are 4");
  INVALID(anser_network_get_layer(network, 1, &layer), "layer 1", "there are 1");
  INVALID(anser_network_num_layer_nodes(network, 1, &inputs), "layer 1", "");
  INVALID(anser_network_get_layer_node(network, 1, 0, NULL, NULL, NULL), "layer 1", "");
  INVALID(anser_network_get_layer_node(network, 0, 0, NULL, NULL, NULL), "node 0", "there are 0");
  OK(anser_network_num_layer_nodes(network, 0, &inputs));
  CHECK(inputs == 0);
  anser_network_free(network);
}

static void constants(void) {
  anser_network *network = new_network();
  const float floats[6] = {1, 2, 3, 4, 5, 6};
  const uint16_t halves[4] = {0x3C00, 0xC000, 0x0001, 0x7BFF};  /* 1, -2, 2^-24, 65504 */
  const uint16_t brains[3] = {0x3F80, 0xC040, 0x7F7F};          /* 1, -3, the greatest */
  const double doubles[1] = {0.1};
  uint32_t f, h, b, d, none, scalar;
  OK(anser_network_add_constant(network, "f", SHAPE(1, 2, 3), ANSER_ELEMENT_TYPE_F32, floats, 6, &f));
  OK(anser_network_add_constant(network, "h", SHAPE(4), ANSER_ELEMENT_TYPE_F16, halves, 4, &h));
  OK(anser_network_add_constant(network, "b", SHAPE(3, 1), ANSER_ELEMENT_TYPE_BF16, brains, 3, &b));
  OK(anser_network_add_constant(network, "d", SHAPE(1), ANSER_ELEMENT_TYPE_F64, doubles, 1, &d));
  OK(anser_network_add_constant(network, "0", SHAPE(3, 0, 2), ANSER_ELEMENT_TYPE_F32, NULL, 0, &none));
  OK(anser_network_add_constant(network, "s", NULL, 0, ANSER_ELEMENT_TYPE_F32, floats, 1, &scalar));
  anser_constant_view v = ANSER_CONSTANT_VIEW_INIT;
  OK(anser_network_get_constant(network, f, &v));
  CHECK(v.element_type == ANSER_ELEMENT_TYPE_F32 && v.reserved == 0 && v.length == 6 && v.rank == 3 &&
        v.shape[0] == 1 && v.shape[1] == 2 && v.shape[2] == 3 && v.strides[0] == 6 && v.strides[1] == 3 &&
        v.strides[2] == 1 && v.elements != floats && memcmp(v.elements, floats, sizeof floats) == 0);
  OK(anser_network_get_constant(network, h, &v));
  const float *e = v.elements;
  CHECK(v.element_type == ANSER_ELEMENT_TYPE_F32 && v.length == 4 && e[0] == 1 && e[1] == -2 &&
        e[2] == ldexpf(1, -24) && e[3] == 65504);
  OK(anser_network_get_constant(network, b, &v));
  e = v.elements;
  CHECK(v.length == 3 && v.strides[0] == 1 && v.strides[1] == 1 && e[0] == 1 && e[1] == -3 &&
        e[2] == ldexpf(255, 120));
  OK(anser_network_get_constant(network, d, &v));
  CHECK(v.element_type == ANSER_ELEMENT_TYPE_F64 && *(const double *)v.elements == 0.1);
  OK(anser_network_get_constant(network, none, &v));
  CHECK(v.length == 0 && v.elements == NULL && v.rank == 3 && v.shape[1] == 0);
  OK(anser_network_get_constant(network, scalar, &v));
  CHECK(v.length == 1 && v.rank == 0 && !v.shape && !v.strides && *(const float *)v.elements == 1);

  uint32_t before = num_tensors(network);
  uint32_t out = 77;
  INVALID(anser_network_add_constant(network, NULL, SHAPE(7), ANSER_ELEMENT_TYPE_F32, floats, 6, &out), "length", "7");
  INVALID(anser_network_add_constant(network, NULL, SHAPE(5), ANSER_ELEMENT_TYPE_F32, floats, 6, &out), "length", "5");
  INVALID(anser_network_add_constant(network, NULL, SHAPE(6), 0, floats, 6, &out), "element_type", "0");
  INVALID(anser_network_add_constant(network, NULL, SHAPE(6), 5, floats, 6, &out), "element_type", "5");
  INVALID(anser_network_add_constant(network, "f", SHAPE(6), ANSER_ELEMENT_TYPE_F32, floats, 6, &out), "name", "\"f\"");
  INVALID(anser_network_add_constant(network, "\xff", SHAPE(6), ANSER_ELEMENT_TYPE_F32, floats, 6, &out), "name",
          "UTF-8");
  INVALID(anser_network_add_constant(network, NULL, SHAPE(5), ANSER_ELEMENT_TYPE_F32, (const char *)floats + 2, 5, &out),
          "data", "aligned");
  INVALID(anser_network_add_constant(network, NULL, SHAPE(2), ANSER_ELEMENT_TYPE_F64, (const char *)floats + 4, 2, &out),
          "data", "aligned");
  INVALID(anser_network_add_constant(network, NULL, SHAPE(2), ANSER_ELEMENT_TYPE_F16, (const char *)halves + 1, 2, &out),
          "data", "aligned");
  INVALID(anser_network_add_constant(network, NULL, SHAPE(SIZE_MAX, 2), ANSER_ELEMENT_TYPE_F32, floats, 6, &out),
          "shape", "large");
  INVALID(anser_network_add_constant(network, NULL, floats == NULL ? NULL : (const size_t *)(const void *)floats, 17,
                                     ANSER_ELEMENT_TYPE_F32, floats, 6, &out),
          "rank", "17");
  NULL_ARGUMENT(anser_network_add_constant(network, NULL, NULL, 1, ANSER_ELEMENT_TYPE_F32, floats, 6, &out), "shape");
  NULL_ARGUMENT(anser_network_add_constant(network, NULL, SHAPE(6), ANSER_ELEMENT_TYPE_F32, NULL, 6, &out), "data");
  const float odd[3] = {1, INFINITY, 2};
  INVALID(anser_network_add_constant(network, NULL, SHAPE(3), ANSER_ELEMENT_TYPE_F32, odd, 3, &out), "data", "inf");
  INVALID(anser_network_add_constant(network, NULL, SHAPE(3), ANSER_ELEMENT_TYPE_F32, odd, 3, &out), "element 1", "");
  CHECK(anser_last_error_index() == 1);
  const uint16_t nan[1] = {0x7E00};
  INVALID(anser_network_add_constant(network, NULL, SHAPE(1), ANSER_ELEMENT_TYPE_F16, nan, 1, &out), "data", "NaN");
  INVALID(anser_network_add_input(network, "f", SHAPE(1), &out), "name", "already");
  INVALID(anser_network_add_input(network, "z", SHAPE(1 << 20, 1 << 20), &out), "shape", "large");
  NULL_ARGUMENT(anser_network_add_input(network, "z", NULL, 2, &out), "shape");
  CHECK(num_tensors(network) == before && out == 77);
  /* A limit on weights: 4 bytes an element, halves too. */
  OK(anser_network_set_memory_limit(network, 0));
  FAILS(ANSER_STATUS_OUT_OF_MEMORY,
        anser_network_add_constant(network, NULL, SHAPE(1), ANSER_ELEMENT_TYPE_F32, floats, 1, &out), "limit", "");
  const uint64_t held = 4 * (6 + 4 + 3 + 1) + 8;
  OK(anser_network_set_memory_limit(network, held + 7));
  FAILS(ANSER_STATUS_OUT_OF_MEMORY,
        anser_network_add_constant(network, NULL, SHAPE(1), ANSER_ELEMENT_TYPE_F64, doubles, 1, &out), "limit", "");
  OK(anser_network_add_constant(network, NULL, SHAPE(1), ANSER_ELEMENT_TYPE_F16, halves, 1, &out));
  FAILS(ANSER_STATUS_OUT_OF_MEMORY,
        anser_network_add_constant(network, NULL, SHAPE(1), ANSER_ELEMENT_TYPE_F16, halves, 1, &out), "limit", "");
  anser_network *copy = NULL; /* which keeps the limit */
  OK(anser_network_clone(network, &copy));
  FAILS(ANSER_STATUS_OUT_OF_MEMORY,
        anser_network_add_constant(copy, NULL, SHAPE(1), ANSER_ELEMENT_TYPE_F16, halves, 1, &out), "limit", "");
  OK(anser_network_set_memory_limit(copy, UINT64_MAX));
  OK(anser_network_add_constant(copy, NULL, SHAPE(1), ANSER_ELEMENT_TYPE_F16, halves, 1, &out));
  anser_network_free(copy);
  anser_network_free(network);
}

/* ---- Every kind of layer: added, read back field by field, and computed ---- */

static bool same_array(const size_t *a, const size_t *b, size_t n) {
  return n == 0 ? a == NULL : !a == !b && (!a || memcmp(a, b, n * sizeof *a) == 0);
}
static bool same_layer(const anser_layer *a, const anser_layer *b) {
  size_t n = b->num_axes;
  return a->kind == b->kind && a->pad_mode == b->pad_mode && !a->name == !b->name &&
         (!a->name || strcmp(a->name, b->name) == 0) && a->num_inputs == b->num_inputs &&
         memcmp(a->inputs, b->inputs, b->num_inputs * sizeof *b->inputs) == 0 && a->ceil == b->ceil &&
         a->count_padding == b->count_padding && a->keep_dims == b->keep_dims && a->num_axes == n &&
         same_array(a->kernel, b->kernel, n) && same_array(a->strides, b->strides, n) &&
         same_array(a->dilations, b->dilations, n) && same_array(a->pads_begin, b->pads_begin, n) &&
         same_array(a->pads_end, b->pads_end, n) && same_array(a->output_padding, b->output_padding, n) &&
         same_array(a->starts, b->starts, n) &&
         same_array((const size_t *)(const void *)a->steps, (const size_t *)(const void *)b->steps, n) &&
         same_array(a->lengths, b->lengths, n) && same_array(a->axes, b->axes, n) &&
         same_array(a->shape, b->shape, n) && a->num_indices == b->num_indices &&
         same_array(a->indices, b->indices, b->num_indices) && a->axis == b->axis && a->axis_count == b->axis_count &&
         a->groups == b->groups && a->epsilon == b->epsilon && a->slope == b->slope && a->min == b->min &&
         a->max == b->max && a->pad_value == b->pad_value;
}

static bool near(double a, double b, double most) { return a == b || fabs(a - b) <= most * (1 + fabs(b)); }

/* Adds `given` to a network whose inputs are there; the layer is read back as `full`, and maps x to y. */
static void computes(anser_network *network, const char *name, const anser_layer *given, const anser_layer *full,
                     const double *x, const double *y, size_t length) {
  uint32_t out = NO_TENSOR;
  anser_layer back = ANSER_LAYER_INIT, again = ANSER_LAYER_INIT;
  bool good = OK(anser_network_add_layer(network, given, &out));
  good &= OK(anser_network_get_layer(network, num_layers(network) - 1, &back));
  good &= CHECK(same_layer(&back, full) && back.output == out && back.struct_size == sizeof back);
  /* What was read back can be added. */
  uint32_t copy = NO_TENSOR;
  back.name = NULL;
  good &= OK(anser_network_add_layer(network, &back, &copy));
  good &= OK(anser_network_get_layer(network, num_layers(network) - 1, &again));
  anser_layer nameless = *full;
  nameless.name = NULL;
  good &= CHECK(same_layer(&again, &nameless));
  good &= OK(anser_network_add_output(network, out));
  size_t in = input_length(network), n = output_length(network);
  good &= CHECK(n == length);
  /* A batch of two: the second sample is negated, and so must be nothing else. */
  double xd[128], yd[128];
  float xf[128], yf[128];
  if (in > 64 || n > 64) abort();
  for (size_t i = 0; i < in; i++) {
    xd[i] = x[i];
    xd[in + i] = x[i];
    xf[i] = (float)x[i];
    xf[in + i] = (float)x[i];
  }
  good &= OK(anser_network_evaluate_f64(network, 2, xd, 2 * in, NULL, yd, 2 * n));
  good &= OK(anser_network_evaluate_f32(network, 2, xf, 2 * in, NULL, yf, 2 * n));
  for (size_t i = 0; i < n; i++) {
    good &= CHECK(near(yd[i], y[i], 1e-12) && yd[n + i] == yd[i]);
    good &= CHECK(near((double)yf[i], y[i], 2e-6) && yf[n + i] == yf[i]);
    if (!good) {
      printf("  %s: output %zu is %.17g and %.9g, not %.17g\n", name, i, yd[i], (double)yf[i], y[i]);
      break;
    }
  }
  if (!good) printf("  of %s\n", name);
  anser_network_free(network);
}
#define VALUES(...) (const double[]){__VA_ARGS__}
#define ITEMS(...) (const double[]){__VA_ARGS__}, COUNT(((const double[]){__VA_ARGS__}))
static anser_network *with_input(const size_t *shape, size_t rank) {
  anser_network *network = new_network();
  add_input(network, "x", shape, rank);
  return network;
}

static void linear_kinds(void) {
  anser_network *n = with_input(SHAPE(1, 2));
  uint32_t w = add_weights(n, (const float[]){1, 2, 3, 4, -1, 0.5f}, SHAPE(3, 2));
  uint32_t b = add_weights(n, (const float[]){0.5f, 0, 1}, SHAPE(3));
  anser_layer l = LAYER(LINEAR, 0, w, b);
  l.name = "out";
  l.axis = l.groups = l.num_indices = 9; /* not looked at, and not kept */
  l.min = 3;
  anser_layer full = LAYER(LINEAR, 0, w, b);
  full.name = "out";
  computes(n, "linear", &l, &full, VALUES(1, 2), ITEMS(5.5, 11, 1));
  n = with_input(SHAPE(1, 2));
  w = add_weights(n, (const float[]){1, 2}, SHAPE(1, 2));
  l = LAYER(LINEAR, 0, w);
  computes(n, "linear without a bias", &l, &l, VALUES(1, 2), ITEMS(5));
  n = with_input(SHAPE(2, 2));
  l = LAYER(MAT_MUL, 0, 0);
  computes(n, "matmul", &l, &l, VALUES(1, 2, 3, 4), ITEMS(7, 10, 15, 22));
  n = with_input(SHAPE(1, 2));
  uint32_t scale = add_weights(n, (const float[]){2, 1}, SHAPE(2)), bias = add_weights(n, (const float[]){0, 1}, SHAPE(2));
  uint32_t mean = add_weights(n, (const float[]){0, 2}, SHAPE(2)), var = add_weights(n, (const float[]){3, 1}, SHAPE(2));
  l = LAYER(BATCH_NORM, 0, scale, bias, mean, var);
  l.epsilon = 1;
  computes(n, "batch norm", &l, &l, VALUES(1, 2), ITEMS(1, 1));
}

static void convolutions(void) {
  anser_network *n = with_input(SHAPE(1, 1, 3, 3));
  uint32_t w = add_weights(n, (const float[]){1, 0, 0, -1}, SHAPE(1, 1, 2, 2));
  uint32_t b = add_weights(n, (const float[]){10}, SHAPE(1));
  anser_layer l = LAYER(CONV, 0, w, b), full = l; /* all defaults */
  full.num_axes = 2;
  full.kernel = (const size_t[]){2, 2};
  full.strides = full.dilations = (const size_t[]){1, 1};
  full.pads_begin = full.pads_end = (const size_t[]){0, 0};
  full.groups = 1;
  computes(n, "conv", &l, &full, VALUES(1, 2, 3, 4, 5, 6, 7, 8, 9), ITEMS(6, 6, 6, 6));
  n = with_input(SHAPE(1, 1, 3, 3));
  w = add_weights(n, (const float[]){1, 0, 0, -1}, SHAPE(1, 1, 2, 2));
  b = add_weights(n, (const float[]){10}, SHAPE(1));
  full.strides = (const size_t[]){2, 2};
  full.pads_begin = (const size_t[]){1, 1};
  l = full;
  l.pads_end = l.dilations = l.kernel = NULL;
  l.num_axes = 2;
  computes(n, "conv with strides and padding", &l, &full, VALUES(1, 2, 3, 4, 5, 6, 7, 8, 9), ITEMS(9, 7, 3, 6));
  n = with_input(SHAPE(1, 2, 3)); /* one axis, two groups */
  w = add_weights(n, (const float[]){2, 3}, SHAPE(2, 1, 1));
  l = LAYER(CONV, 0, w);
  l.groups = 2;
  full = l;
  full.num_axes = 1;
  full.kernel = full.strides = full.dilations = (const size_t[]){1};
  full.pads_begin = full.pads_end = (const size_t[]){0};
  computes(n, "conv in groups", &l, &full, VALUES(1, 2, 3, 4, 5, 6), ITEMS(2, 4, 6, 12, 15, 18));
  n = with_input(SHAPE(1, 1, 4)); /* dilated */
  w = add_weights(n, (const float[]){1, 10}, SHAPE(1, 1, 2));
  l = LAYER(CONV, 0, w);
  l.num_axes = 1;
  l.dilations = (const size_t[]){2};
  full = l;
  full.groups = 1;
  full.kernel = (const size_t[]){2};
  full.strides = (const size_t[]){1};
  full.pads_begin = full.pads_end = (const size_t[]){0};
  computes(n, "conv, dilated", &l, &full, VALUES(1, 2, 3, 4), ITEMS(31, 42));
  for (size_t padding = 0; padding < 2; padding++) {
    n = with_input(SHAPE(1, 1, 2));
    w = add_weights(n, (const float[]){1, 10}, SHAPE(1, 1, 2));
    l = LAYER(CONV_TRANSPOSE, 0, w);
    l.num_axes = 1;
    l.strides = (const size_t[]){2};
    if (padding) l.output_padding = &padding;
    full = l;
    full.groups = 1;
    full.kernel = (const size_t[]){2};
    full.dilations = (const size_t[]){1};
    full.pads_begin = full.pads_end = (const size_t[]){0};
    full.output_padding = &padding;
    computes(n, "transposed conv", &l, &full, VALUES(1, 2), VALUES(1, 10, 2, 20, 0), 4 + padding);
  }
}

static void pools(void) {
  anser_network *n = with_input(SHAPE(1, 1, 4));
  anser_layer l = LAYER(MAX_POOL, 0);
  l.num_axes = 1;
  l.kernel = l.strides = (const size_t[]){2};
  anser_layer full = l;
  full.dilations = (const size_t[]){1};
  full.pads_begin = full.pads_end = (const size_t[]){0};
  computes(n, "max pool", &l, &full, VALUES(1, 3, 2, -5), ITEMS(3, 2));
  n = with_input(SHAPE(1, 1, 5));
  l.ceil = full.ceil = 1;
  computes(n, "max pool, ceil", &l, &full, VALUES(1, 3, 2, -5, -7), ITEMS(3, 2, -7));
  for (int32_t count = 0; count < 2; count++) {
    n = with_input(SHAPE(1, 1, 3));
    l = LAYER(AVERAGE_POOL, 0);
    l.num_axes = 1;
    l.kernel = l.strides = (const size_t[]){2};
    l.pads_end = (const size_t[]){1};
    l.count_padding = count;
    full = l;
    full.dilations = (const size_t[]){1};
    full.pads_begin = (const size_t[]){0};
    computes(n, "average pool", &l, &full, VALUES(2, 4, 6), VALUES(3, count ? 3 : 6), 2);
  }
}

static void arithmetic(void) {
  static const struct {
    int32_t kind;
    double y[2];
  } two[] = {{ANSER_LAYER_KIND_ADD, {5, 12}},
             {ANSER_LAYER_KIND_SUB, {1, 4}},
             {ANSER_LAYER_KIND_MUL, {6, 32}},
             {ANSER_LAYER_KIND_DIV, {1.5, 2}}};
  for (size_t i = 0; i < COUNT(two); i++) {
    anser_network *n = with_input(SHAPE(1, 2));
    uint32_t c = add_weights(n, (const float[]){2, 4}, SHAPE(2));
    anser_layer l = layer_of(two[i].kind, (const uint32_t[]){0, c}, 2);
    computes(n, anser_layer_kind_name(two[i].kind), &l, &l, VALUES(3, 8), two[i].y, 2);
  }
  static const struct {
    int32_t kind;
    double y[3];
  } one[] = {{ANSER_LAYER_KIND_NEG, {2, 0, -3}},
             {ANSER_LAYER_KIND_ABS, {2, 0, 3}},
             {ANSER_LAYER_KIND_RELU, {0, 0, 3}},
             {ANSER_LAYER_KIND_SIGN, {-1, 0, 1}},
             {ANSER_LAYER_KIND_LEAKY_RELU, {-0.25, 0, 3}},
             {ANSER_LAYER_KIND_CLIP, {-1, 0, 2}}};
  for (size_t i = 0; i < COUNT(one); i++) {
    anser_network *n = with_input(SHAPE(3));
    anser_layer l = layer_of(one[i].kind, (const uint32_t[]){0}, 1);
    if (one[i].kind == ANSER_LAYER_KIND_LEAKY_RELU) l.slope = 0.125;
    if (one[i].kind == ANSER_LAYER_KIND_CLIP) l.min = -1, l.max = 2;
    computes(n, anser_layer_kind_name(one[i].kind), &l, &l, VALUES(-2, 0, 3), one[i].y, 3);
  }
  anser_network *n = with_input(SHAPE(3));
  uint32_t slope = add_weights(n, (const float[]){0.5f}, SHAPE(1));
  anser_layer l = LAYER(P_RELU, 0, slope);
  computes(n, "prelu", &l, &l, VALUES(-2, 0, 3), ITEMS(-1, 0, 3));
  l = LAYER(SIGMOID, 0);
  computes(with_input(SHAPE(2)), "sigmoid", &l, &l, VALUES(0, -2), ITEMS(0.5, 1 / (1 + exp(2))));
  l = LAYER(TANH, 0);
  computes(with_input(SHAPE(2)), "tanh", &l, &l, VALUES(0, 0.75), ITEMS(0, tanh(0.75)));
  l = LAYER(CLIP, 0);
  l.min = -INFINITY, l.max = 0;
  computes(with_input(SHAPE(2)), "clip at one end", &l, &l, VALUES(-1e30, 2), ITEMS(-1e30, 0));
  l = LAYER(SOFTMAX, 0);
  l.axis = 1;
  anser_layer full = l;
  full.axis_count = 1;
  double sum = exp(1) + exp(2);
  computes(with_input(SHAPE(2, 2)), "softmax", &l, &full, VALUES(1, 2, 5, 5),
           ITEMS(exp(1) / sum, exp(2) / sum, 0.5, 0.5));
}

static void shapes(void) {
  anser_layer l = LAYER(REDUCE_SUM, 0), full;
  l.num_axes = 1;
  l.axes = (const size_t[]){1};
  l.keep_dims = 1;
  computes(with_input(SHAPE(2, 2)), "sum", &l, &l, VALUES(1, 2, 3, 4), ITEMS(3, 7));
  l.kind = ANSER_LAYER_KIND_REDUCE_MEAN;
  l.axes = (const size_t[]){0};
  l.keep_dims = 0;
  computes(with_input(SHAPE(2, 2)), "mean", &l, &l, VALUES(1, 2, 3, 4), ITEMS(2, 3));
  l = LAYER(RESHAPE, 0);
  l.num_axes = 2;
  l.shape = (const size_t[]){3, 2};
  computes(with_input(SHAPE(2, 3)), "reshape", &l, &l, VALUES(1, 2, 3, 4, 5, 6), ITEMS(1, 2, 3, 4, 5, 6));
  l = LAYER(RESHAPE, 0); /* to a scalar */
  computes(with_input(SHAPE(1, 1)), "reshape to a scalar", &l, &l, VALUES(4), ITEMS(4));
  l = LAYER(TRANSPOSE, 0);
  l.num_axes = 2;
  l.axes = (const size_t[]){1, 0};
  computes(with_input(SHAPE(2, 3)), "transpose", &l, &l, VALUES(1, 2, 3, 4, 5, 6), ITEMS(1, 4, 2, 5, 3, 6));
  l = LAYER(CONCAT, 0, 0);
  l.axis = 1;
  computes(with_input(SHAPE(2, 2)), "concat", &l, &l, VALUES(1, 2, 3, 4), ITEMS(1, 2, 1, 2, 3, 4, 3, 4));
  l = LAYER(SLICE, 0);
  l.num_axes = 1;
  l.starts = (const size_t[]){4};
  l.steps = (const int64_t[]){-2};
  l.lengths = (const size_t[]){3};
  computes(with_input(SHAPE(5)), "slice", &l, &l, VALUES(1, 2, 3, 4, 5), ITEMS(5, 3, 1));
  l.starts = (const size_t[]){1};
  full = l;
  l.steps = NULL;
  full.steps = (const int64_t[]){1};
  computes(with_input(SHAPE(5)), "slice", &l, &full, VALUES(1, 2, 3, 4, 5), ITEMS(2, 3, 4));
  l = LAYER(GATHER, 0);
  l.num_axes = 1;
  l.shape = (const size_t[]){2};
  l.num_indices = 2;
  l.indices = (const size_t[]){2, 0};
  computes(with_input(SHAPE(3)), "gather", &l, &l, VALUES(1, 2, 3), ITEMS(3, 1));
  l.num_axes = 0;
  l.shape = NULL;
  l.num_indices = 1;
  l.indices = (const size_t[]){1};
  computes(with_input(SHAPE(3)), "gather one", &l, &l, VALUES(1, 2, 3), ITEMS(2));
  l = LAYER(PAD, 0);
  l.num_axes = 1;
  l.pads_begin = l.pads_end = (const size_t[]){1};
  l.pad_value = 7;
  computes(with_input(SHAPE(3)), "pad", &l, &l, VALUES(1, 2, 3), ITEMS(7, 1, 2, 3, 7));
  l.pad_value = 0;
  l.pad_mode = ANSER_PAD_MODE_REFLECT;
  computes(with_input(SHAPE(3)), "pad, reflected", &l, &l, VALUES(1, 2, 3), ITEMS(2, 1, 2, 3, 2));
  l.pad_mode = ANSER_PAD_MODE_EDGE;
  full = l;
  full.pads_end = (const size_t[]){0};
  l.pads_end = NULL;
  computes(with_input(SHAPE(3)), "pad at the edge", &l, &full, VALUES(1, 2, 3), ITEMS(1, 1, 2, 3));
}

static void wrong_layers(void) {
  anser_network *n = with_input(SHAPE(1, 1, 4));
  uint32_t w = add_weights(n, (const float[]){1, 2}, SHAPE(1, 1, 2));
  uint32_t out = 77;
  anser_layer l = LAYER(RELU, 0);
  l.struct_size = 8;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_network_add_layer(n, &l, &out), "layer", "8");
  l = LAYER(RELU, 0);
  struct { anser_layer layer; size_t newer[2]; } larger = {l, {0, 0}};
  larger.layer.struct_size = sizeof larger;
  OK(anser_network_add_layer(n, &larger.layer, NULL));
  larger.layer.struct_size = 8;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_network_get_layer(n, 0, &larger.layer), "out_layer", "8");
  larger.layer.struct_size = sizeof larger;
  larger.newer[1] = 1;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_network_add_layer(n, &larger.layer, &out), "layer", "newer");
  larger.layer.struct_size = sizeof larger;
  OK(anser_network_get_layer(n, 0, &larger.layer)); /* the unknown tail is zeroed */
  CHECK(larger.newer[0] == 0 && larger.newer[1] == 0 && larger.layer.struct_size == sizeof larger);
  static const int32_t no_kinds[] = {-1, 0, 30, INT32_MAX};
  for (size_t i = 0; i < COUNT(no_kinds); i++) {
    l.kind = no_kinds[i];
    INVALID(anser_network_add_layer(n, &l, &out), "layer.kind", "anser_layer_kind");
  }
  l.kind = INT32_MIN;
  INVALID(anser_network_add_layer(n, &l, &out), "layer.kind", "-2147483648");
  l = LAYER(RELU, 99);
  INVALID(anser_network_add_layer(n, &l, &out), "layer", "tensor 99");
  l = LAYER(ADD, 0, 99);
  INVALID(anser_network_add_layer(n, &l, &out), "layer", "index 1");
  CHECK(anser_last_error_index() == 1);
  l = LAYER(ADD, 0);
  INVALID(anser_network_add_layer(n, &l, &out), "Add", "2");
  l = LAYER(RELU, 0, 0);
  INVALID(anser_network_add_layer(n, &l, &out), "Relu", "1");
  l = LAYER(RELU, 0);
  l.inputs = NULL;
  NULL_ARGUMENT(anser_network_add_layer(n, &l, &out), "layer.inputs");
  l.num_inputs = 0;
  INVALID(anser_network_add_layer(n, &l, &out), "Relu", "0 operands");
  l = LAYER(RELU, 0);
  l.name = "x";
  INVALID(anser_network_add_layer(n, &l, &out), "\"x\"", "already");
  l.name = "\xc3(";
  INVALID(anser_network_add_layer(n, &l, &out), "layer.name", "UTF-8");
  l = LAYER(MAX_POOL, 0);
  l.num_axes = 1;
  NULL_ARGUMENT(anser_network_add_layer(n, &l, &out), "layer.kernel");
  l.kernel = (const size_t[]){5};
  INVALID(anser_network_add_layer(n, &l, &out), "MaxPool", "");
  l.num_axes = 17;
  INVALID(anser_network_add_layer(n, &l, &out), "num_axes", "17");
  l.num_axes = SIZE_MAX;
  INVALID(anser_network_add_layer(n, &l, &out), "num_axes", "");
  l.num_axes = 1;
  l.kernel = (const size_t[]){2};
  l.ceil = 2;
  INVALID(anser_network_add_layer(n, &l, &out), "layer.ceil", "2");
  l.ceil = 0;
  l.strides = (const size_t[]){0};
  INVALID(anser_network_add_layer(n, &l, &out), "MaxPool", "");
  l.strides = (const size_t[]){SIZE_MAX};
  INVALID(anser_network_add_layer(n, &l, &out), "MaxPool", "");
  l.strides = NULL;
  l.kind = ANSER_LAYER_KIND_AVERAGE_POOL;
  l.count_padding = -1;
  INVALID(anser_network_add_layer(n, &l, &out), "layer.count_padding", "-1");
  l = LAYER(CONV, 0);
  INVALID(anser_network_add_layer(n, &l, &out), "Conv", "");
  l = LAYER(CONV, 0, 0);
  INVALID(anser_network_add_layer(n, &l, &out), "Conv", "constant");
  l = LAYER(CONV, 0, w);
  l.groups = 3;
  INVALID(anser_network_add_layer(n, &l, &out), "Conv", "3 groups");
  l.groups = 1;
  l.num_axes = 2;
  NULL_ARGUMENT(anser_network_add_layer(n, &l, &out), "layer.kernel");
  l = LAYER(CONV_TRANSPOSE, 0, w);
  l.output_padding = (const size_t[]){5};
  INVALID(anser_network_add_layer(n, &l, &out), "ConvTranspose", "");
  l = LAYER(CLIP, 0);
  l.min = 1;
  INVALID(anser_network_add_layer(n, &l, &out), "Clip", "1");
  l.min = NAN;
  INVALID(anser_network_add_layer(n, &l, &out), "Clip", "NaN");
  l = LAYER(LEAKY_RELU, 0);
  l.slope = INFINITY;
  INVALID(anser_network_add_layer(n, &l, &out), "LeakyRelu", "inf");
  l = LAYER(SOFTMAX, 0);
  l.axis = 3;
  INVALID(anser_network_add_layer(n, &l, &out), "Softmax", "");
  l.axis = SIZE_MAX;
  l.axis_count = SIZE_MAX;
  INVALID(anser_network_add_layer(n, &l, &out), "Softmax", "");
  l = LAYER(REDUCE_SUM, 0);
  l.num_axes = 1;
  NULL_ARGUMENT(anser_network_add_layer(n, &l, &out), "layer.axes");
  l.axes = (const size_t[]){3};
  INVALID(anser_network_add_layer(n, &l, &out), "ReduceSum", "3");
  l.axes = (const size_t[]){2};
  l.keep_dims = 7;
  INVALID(anser_network_add_layer(n, &l, &out), "layer.keep_dims", "7");
  l = LAYER(RESHAPE, 0);
  l.num_axes = 1;
  NULL_ARGUMENT(anser_network_add_layer(n, &l, &out), "layer.shape");
  l.shape = (const size_t[]){5};
  INVALID(anser_network_add_layer(n, &l, &out), "Reshape", "5");
  l.shape = (const size_t[]){SIZE_MAX};
  INVALID(anser_network_add_layer(n, &l, &out), "large", "");
  l = LAYER(TRANSPOSE, 0);
  l.num_axes = 3;
  l.axes = (const size_t[]){0, 1, 1};
  INVALID(anser_network_add_layer(n, &l, &out), "Transpose", "permutation");
  l = LAYER(CONCAT, 0);
  l.axis = 5;
  INVALID(anser_network_add_layer(n, &l, &out), "Concat", "5");
  l = LAYER(SLICE, 0);
  l.num_axes = 3;
  NULL_ARGUMENT(anser_network_add_layer(n, &l, &out), "layer.starts");
  l.starts = (const size_t[]){0, 0, 3};
  NULL_ARGUMENT(anser_network_add_layer(n, &l, &out), "layer.lengths");
  l.lengths = (const size_t[]){1, 1, 2};
  INVALID(anser_network_add_layer(n, &l, &out), "Slice", "");
  l.steps = (const int64_t[]){1, 1, INT64_MIN};
  INVALID(anser_network_add_layer(n, &l, &out), "Slice", "");
  l = LAYER(GATHER, 0);
  l.axis = 2;
  l.num_axes = 1;
  l.shape = (const size_t[]){2};
  l.num_indices = 2;
  NULL_ARGUMENT(anser_network_add_layer(n, &l, &out), "layer.indices");
  l.indices = (const size_t[]){0, 4};
  INVALID(anser_network_add_layer(n, &l, &out), "Gather", "4");
  l.indices = (const size_t[]){0, 3};
  l.num_indices = 1;
  INVALID(anser_network_add_layer(n, &l, &out), "Gather", "");
  l = LAYER(PAD, 0);
  l.num_axes = 3;
  l.pad_mode = 3;
  INVALID(anser_network_add_layer(n, &l, &out), "layer.pad_mode", "3");
  l.pad_mode = 0;
  l.pad_value = NAN;
  INVALID(anser_network_add_layer(n, &l, &out), "Pad", "NaN");
  l.pad_value = 0;
  l.pads_end = (const size_t[]){0, 0, SIZE_MAX};
  INVALID(anser_network_add_layer(n, &l, &out), "", "large");
  CHECK(out == 77 && num_layers(n) == 1);
  anser_network_free(n);
}

/* ---- Evaluation ---- */

/* What small_network computes, in double. */
static void small(const double x[2], double y[2]) {
  double h0 = fmax(x[0] + x[1] - 1, 0), h1 = fmax(x[0] - x[1], 0);
  y[0] = h0 + 2 * h1;
  y[1] = -h0;
}

static void batches(void) {
  anser_network *network = small_network();
  enum { BATCH = 257 };
  double x[2 * BATCH], y[2 * BATCH + 1];
  float xf[2 * BATCH], yf[2 * BATCH + 1];
  for (size_t i = 0; i < 2 * BATCH; i++) {
    xf[i] = (float)((int32_t)random_below(2001) - 1000) / 256; /* exact in either precision */
    x[i] = (double)xf[i];
  }
  y[2 * BATCH] = 77;
  yf[2 * BATCH] = 77;
  OK(anser_network_evaluate_f64(network, BATCH, x, COUNT(x), NULL, y, COUNT(y)));
  OK(anser_network_evaluate_f32(network, BATCH, xf, COUNT(xf), NULL, yf, COUNT(yf)));
  for (size_t i = 0; i < BATCH; i++) {
    double want[2];
    small(x + 2 * i, want);
    CHECK(y[2 * i] == want[0] && y[2 * i + 1] == want[1]);
    CHECK((double)yf[2 * i] == want[0] && (double)yf[2 * i + 1] == want[1]);
  }
  CHECK(y[2 * BATCH] == 77 && yf[2 * BATCH] == 77);
  /* No samples. */
  OK(anser_network_evaluate_f64(network, 0, NULL, 0, NULL, NULL, 0));
  OK(anser_network_evaluate_tensors_f64(network, 0, NULL, 0, NULL, 0, NULL, NULL, 0));
  OK(anser_network_vjp_f64(network, 0, NULL, 0, NULL, 0, NULL, NULL, 0, NULL, 0));
  /* In place: what is given is read before anything is written. */
  double both[2] = {2, 1};
  OK(anser_network_evaluate_f64(network, 1, both, 2, NULL, both, 2));
  CHECK(both[0] == 4 && both[1] == -2);
  INVALID(anser_network_evaluate_f64(network, 2, x, 3, NULL, y, 4), "inputs_length", "needed are 4");
  INVALID(anser_network_evaluate_f64(network, 1, x, 4, NULL, y, 4), "inputs_length", "needed are 2");
  SHORT(anser_network_evaluate_f64(network, 2, x, 4, NULL, y, 3), "outputs_length", "4");
  INVALID(anser_network_evaluate_f64(network, SIZE_MAX, x, 4, NULL, y, 3), "batch", "memory");
  INVALID(anser_network_evaluate_f32(network, SIZE_MAX / 8, xf, 4, NULL, yf, 3), "batch", "memory");
  INVALID(anser_network_evaluate_f64(network, 1, (const double *)(const void *)((const char *)x + 4), 2, NULL, y, 2),
          "inputs", "aligned");
  anser_network_free(network);
}

static void tensors_inside(void) {
  anser_network *network = small_network();
  const double x[4] = {2, 0.5, -1, 3};
  double values[20];
  values[16] = 77;
  /* The hidden layer before its ReLU, a weight matrix, the input, and the hidden layer again. */
  const uint32_t asked[] = {4, 2, 0, 4, 6};
  OK(anser_network_evaluate_tensors_f64(network, 2, x, 4, asked, COUNT(asked), NULL, values, COUNT(values)));
  CHECK(values[0] == 1.5 && values[1] == 1.5 && values[2] == 1 && values[3] == -4);
  CHECK(values[4] == -1 && values[5] == 0 && values[6] == -1 && values[7] == 0);
  CHECK(values[8] == 2 && values[9] == 0.5 && values[10] == -1 && values[11] == 3);
  CHECK(memcmp(values, values + 12, 4 * sizeof *values) == 0);
  CHECK(values[16] == 4.5 && values[17] == -1.5 && values[18] == 1 && values[19] == -1);
  float xf[4], vf[20];
  for (size_t i = 0; i < 4; i++) xf[i] = (float)x[i];
  OK(anser_network_evaluate_tensors_f32(network, 2, xf, 4, asked, COUNT(asked), NULL, vf, COUNT(vf)));
  for (size_t i = 0; i < COUNT(vf); i++) CHECK((double)vf[i] == values[i]);
  const uint32_t wrong[] = {4, 99};
  INVALID(anser_network_evaluate_tensors_f64(network, 2, x, 4, wrong, 2, NULL, values, COUNT(values)), "tensors", "99");
  CHECK(anser_last_error_index() == 1);
  SHORT(anser_network_evaluate_tensors_f64(network, 2, x, 4, asked, COUNT(asked), NULL, values, 19), "values_length",
        "20");
  anser_network_free(network);
}

/* Two inputs, a convolution with a residual, both outputs: a network with something of everything. */
static anser_network *residual_network(void) {
  anser_network *n = new_network();
  float w[2 * 2 * 3 * 3], d[3 * 2 * 16];
  for (size_t i = 0; i < COUNT(w); i++) w[i] = (float)((int32_t)random_below(201) - 100) / 200;
  for (size_t i = 0; i < COUNT(d); i++) d[i] = (float)((int32_t)random_below(201) - 100) / 300;
  uint32_t image = add_input(n, "image", SHAPE(1, 2, 4, 4));
  uint32_t gain = add_input(n, "gain", SHAPE(2, 1, 1));
  uint32_t kernel = add_weights(n, w, SHAPE(2, 2, 3, 3)), dense = add_weights(n, d, SHAPE(3, 32));
  anser_layer conv = LAYER(CONV, image, kernel);
  conv.num_axes = 2;
  conv.pads_begin = conv.pads_end = (const size_t[]){1, 1};
  uint32_t h = add_layer(n, LAYER(TANH, add_layer(n, conv)));
  uint32_t sum = add_layer(n, LAYER(ADD, h, image));
  uint32_t scaled = add_layer(n, LAYER(MUL, sum, gain));
  anser_layer flat = LAYER(RESHAPE, scaled);
  flat.num_axes = 2;
  flat.shape = (const size_t[]){1, 32};
  uint32_t logits = add_layer(n, LAYER(LINEAR, add_layer(n, flat), dense));
  anser_layer pool = LAYER(AVERAGE_POOL, scaled);
  pool.num_axes = 2;
  pool.kernel = pool.strides = (const size_t[]){2, 2};
  uint32_t pooled = add_layer(n, LAYER(SIGMOID, add_layer(n, pool)));
  OK(anser_network_add_output(n, logits));
  OK(anser_network_add_output(n, pooled));
  return n;
}

static void gradients(void) {
  anser_network *n = residual_network();
  size_t in = input_length(n), out = output_length(n);
  CHECK(in == 34 && out == 11);
  enum { BATCH = 3, IN = 34, OUT = 11 };
  double x[BATCH * IN], c[BATCH * OUT], g[BATCH * IN], y[BATCH * OUT], direct[BATCH * OUT];
  for (size_t i = 0; i < COUNT(x); i++) x[i] = ((double)random_below(2001) - 1000) / 1000;
  for (size_t i = 0; i < COUNT(c); i++) c[i] = ((double)random_below(2001) - 1000) / 1000;
  OK(anser_network_vjp_f64(n, BATCH, x, COUNT(x), c, COUNT(c), NULL, g, COUNT(g), y, COUNT(y)));
  OK(anser_network_evaluate_f64(n, BATCH, x, COUNT(x), NULL, direct, COUNT(direct)));
  for (size_t i = 0; i < COUNT(y); i++) CHECK(near(y[i], direct[i], 1e-12));
  size_t moving = 0;
  for (size_t s = 0; s < BATCH; s++)
    for (size_t i = 0; i < IN; i++) {
      moving += g[s * IN + i] != 0;
      const double step = 1e-5;
      double moved[IN], up[OUT], down[OUT], slope = 0;
      memcpy(moved, x + s * IN, sizeof moved);
      moved[i] += step;
      OK(anser_network_evaluate_f64(n, 1, moved, IN, NULL, up, OUT));
      moved[i] -= 2 * step;
      OK(anser_network_evaluate_f64(n, 1, moved, IN, NULL, down, OUT));
      for (size_t j = 0; j < OUT; j++) slope += c[s * OUT + j] * (up[j] - down[j]) / (2 * step);
      CHECK(fabs(slope - g[s * IN + i]) < 1e-8); /* third derivatives times step^2, and rounding over step */
    }
  CHECK(moving == BATCH * IN);
  float xf[BATCH * IN], cf[BATCH * OUT], gf[BATCH * IN];
  for (size_t i = 0; i < COUNT(x); i++) xf[i] = (float)x[i];
  for (size_t i = 0; i < COUNT(c); i++) cf[i] = (float)c[i];
  OK(anser_network_vjp_f32(n, BATCH, xf, COUNT(xf), cf, COUNT(cf), NULL, gf, COUNT(gf), NULL, 0));
  for (size_t i = 0; i < COUNT(g); i++) CHECK(near((double)gf[i], g[i], 1e-5));
  INVALID(anser_network_vjp_f64(n, 1, x, IN, c, OUT - 1, NULL, g, IN, NULL, 0), "cotangents_length", "11");
  INVALID(anser_network_vjp_f64(n, 1, x, IN - 1, c, OUT, NULL, g, IN, NULL, 0), "inputs_length", "34");
  SHORT(anser_network_vjp_f64(n, 1, x, IN, c, OUT, NULL, g, IN - 1, NULL, 0), "gradients_length", "34");
  SHORT(anser_network_vjp_f64(n, 1, x, IN, c, OUT, NULL, g, IN, y, OUT - 1), "outputs_length", "11");
  anser_network_free(n);
}

static void half_weights(void) {
  anser_network *n = new_network();
  const uint16_t w[4] = {0x3C00, 0xB800, 0x4200, 0x3555}; /* 1, -0.5, 3, 0.333251953125 */
  uint32_t weights, x = add_input(n, "x", SHAPE(1, 2));
  OK(anser_network_add_constant(n, NULL, SHAPE(2, 2), ANSER_ELEMENT_TYPE_F16, w, 4, &weights));
  OK(anser_network_add_output(n, add_layer(n, LAYER(LINEAR, x, weights))));
  double y[2];
  OK(anser_network_evaluate_f64(n, 1, (const double[]){4, 8}, 2, NULL, y, 2));
  CHECK(y[0] == 0 && y[1] == 12 + 8 * 0.333251953125);
  anser_network_free(n);
}

/* What a host borrows stays where it is while others read, and a clone's changes do not reach it. */
static void borrowed(void) {
  anser_network *n = small_network(), *copy = NULL;
  anser_layer before = ANSER_LAYER_INIT, after = ANSER_LAYER_INIT;
  anser_tensor tensor = ANSER_TENSOR_INIT, same = ANSER_TENSOR_INIT;
  anser_constant_view view = ANSER_CONSTANT_VIEW_INIT, seen = ANSER_CONSTANT_VIEW_INIT;
  double y[2];
  OK(anser_network_get_layer(n, 2, &before));
  OK(anser_network_get_tensor(n, 6, &tensor));
  OK(anser_network_get_constant(n, 1, &view));
  OK(anser_network_clone(n, &copy));
  OK(anser_network_evaluate_f64(n, 1, (const double[]){1, 1}, 2, NULL, y, 2));
  add_layer(copy, LAYER(RELU, 6));
  OK(anser_network_add_output(copy, 7));
  CHECK(num_layers(n) == 3 && num_layers(copy) == 4 && output_length(n) == 2 && output_length(copy) == 4);
  /* A change that fails keeps them, too. */
  anser_layer wrong = LAYER(ADD, 0, 1, 2);
  INVALID(anser_network_add_layer(n, &wrong, NULL), "Add", "");
  OK(anser_network_get_layer(n, 2, &after));
  OK(anser_network_get_tensor(n, 6, &same));
  OK(anser_network_get_constant(n, 1, &seen));
  CHECK(memcmp(&before, &after, sizeof before) == 0 && memcmp(&tensor, &same, sizeof same) == 0 &&
        memcmp(&view, &seen, sizeof seen) == 0);
  CHECK(strcmp(before.name, "y") == 0 && before.inputs[0] == 5 && before.inputs[1] == 3);
  anser_network_free(n);
  double z[4];
  OK(anser_network_evaluate_f64(copy, 1, (const double[]){2, 1}, 2, NULL, z, 4));
  CHECK(z[0] == 4 && z[1] == -2 && z[2] == 4 && z[3] == 0);
  anser_network_free(copy);
}

/* Evaluation after a change is of what is there now. */
static void changes_are_seen(void) {
  anser_network *n = small_network();
  double y[4] = {0};
  OK(anser_network_evaluate_f64(n, 1, (const double[]){2, 1}, 2, NULL, y, 2));
  OK(anser_network_add_output(n, 0));
  OK(anser_network_evaluate_f64(n, 1, (const double[]){2, 1}, 2, NULL, y, 4));
  CHECK(y[0] == 4 && y[1] == -2 && y[2] == 2 && y[3] == 1);
  anser_network_free(n);
}

/* ---- Threads, interrupts ---- */

static atomic_int wrong;
static void *evaluates(void *argument) {
  const anser_network *n = argument;
  for (int round = 0; round < 50; round++) {
    double x[2] = {round * 0.25 - 3, 1.5}, y[2], want[2], g[2];
    float xf[2] = {(float)x[0], (float)x[1]}, yf[2];
    anser_layer layer = ANSER_LAYER_INIT;
    small(x, want);
    wrong += anser_network_evaluate_f64(n, 1, x, 2, NULL, y, 2) != ANSER_STATUS_OK || y[0] != want[0] || y[1] != want[1];
    wrong += anser_network_evaluate_f32(n, 1, xf, 2, NULL, yf, 2) != ANSER_STATUS_OK || (double)yf[0] != want[0];
    wrong += anser_network_vjp_f64(n, 1, x, 2, (const double[]){0, 1}, 2, NULL, g, 2, NULL, 0) != ANSER_STATUS_OK ||
             g[0] != (x[0] + x[1] > 1 ? -1 : 0);
    wrong += anser_network_get_layer(n, 2, &layer) != ANSER_STATUS_OK || strcmp(layer.name, "y") != 0;
  }
  return NULL;
}
static void many_threads(void) {
  anser_network *n = small_network();
  pthread_t threads[4];
  for (size_t i = 0; i < COUNT(threads); i++)
    if (pthread_create(&threads[i], NULL, evaluates, n)) abort();
  for (size_t i = 0; i < COUNT(threads); i++) pthread_join(threads[i], NULL);
  CHECK(wrong == 0);
  anser_network_free(n);
}

static anser_network *busy;
static int32_t phase_seen;
static int32_t meddles(void *data, const anser_progress *progress) {
  int *calls = data;
  phase_seen = progress->phase;
  ++*calls;
  wrong += anser_network_add_output(busy, 0) != ANSER_STATUS_INVALID_STATE;
  return 9;
}
static void stopped(void) {
  anser_network *n = small_network();
  anser_budget *budget = new_budget();
  anser_interrupt *token = NULL;
  const double x[2] = {2, 1};
  double y[2] = {77, 77}, g[2] = {77, 77};
  const uint32_t t = 4;
  OK(anser_interrupt_new(&token));
  OK(anser_budget_set_interrupt(budget, token));
  OK(anser_network_evaluate_f64(n, 1, x, 2, budget, g, 2));
  g[0] = g[1] = 77;
  anser_interrupt_trigger(token);
  FAILS(ANSER_STATUS_STOPPED, anser_network_evaluate_f64(n, 1, x, 2, budget, y, 2), "interrupt", "");
  CHECK(anser_last_error_stop_reason() == ANSER_STOP_REASON_INTERRUPTED);
  FAILS(ANSER_STATUS_STOPPED, anser_network_evaluate_tensors_f64(n, 1, x, 2, &t, 1, budget, y, 2), "interrupt", "");
  FAILS(ANSER_STATUS_STOPPED, anser_network_vjp_f64(n, 1, x, 2, x, 2, budget, g, 2, y, 2), "interrupt", "");
  CHECK(y[0] == 77 && y[1] == 77 && g[0] == 77 && g[1] == 77);
  size_t length = 77;
  FAILS(ANSER_STATUS_STOPPED, anser_network_write_onnx_memory(n, budget, NULL, 0, &length), "interrupt", "");
  CHECK(length == 77);
  OK(anser_interrupt_reset(token));
  OK(anser_budget_set_time_limit(budget, 0));
  FAILS(ANSER_STATUS_STOPPED, anser_network_evaluate_f64(n, 1, x, 2, budget, y, 2), "time", "");
  anser_interrupt_free(token);
  anser_budget_free(budget);
  /* A progress callback that has enough, and may not change the network at work. */
  anser_progress_callback callback = ANSER_PROGRESS_CALLBACK_INIT;
  int calls = 0;
  enum { MANY = 300000 };
  double *many = calloc(2 * MANY, sizeof *many);
  callback.user_data = &calls;
  callback.report = meddles;
  budget = new_budget();
  OK(anser_budget_set_progress(budget, &callback, 0));
  busy = n;
  FAILS(ANSER_STATUS_STOPPED, anser_network_evaluate_f64(n, MANY, many, 2 * MANY, budget, many, 2 * MANY), "", "");
  CHECK(anser_last_error_stop_reason() == ANSER_STOP_REASON_CALLBACK && calls == 1 && wrong == 0);
  CHECK(phase_seen == ANSER_PHASE_EVALUATE);
  anser_budget_free(budget);
  free(many);
  anser_network_free(n);
}

/* ---- Files ---- */

static uint8_t *written(const anser_network *n, size_t *length) {
  OK(anser_network_write_onnx_memory(n, NULL, NULL, 0, length));
  uint8_t *bytes = malloc(*length + 1);
  size_t again = 0;
  bytes[*length] = 0xAB;
  if (*length > 0) SHORT(anser_network_write_onnx_memory(n, NULL, bytes, *length - 1, &again), "capacity", "needed");
  CHECK(again == *length);
  OK(anser_network_write_onnx_memory(n, NULL, bytes, *length, &again));
  CHECK(again == *length && bytes[*length] == 0xAB);
  return bytes;
}

static void same_function(const anser_network *a, const anser_network *b) {
  size_t in = input_length(a), out = output_length(a);
  CHECK(input_length(b) == in && output_length(b) == out);
  double *x = malloc(in * sizeof *x), *y = malloc(out * sizeof *y), *z = malloc(out * sizeof *z);
  for (int round = 0; round < 4; round++) {
    for (size_t i = 0; i < in; i++) x[i] = ((double)random_below(2001) - 1000) / 500;
    OK(anser_network_evaluate_f64(a, 1, x, in, NULL, y, out));
    OK(anser_network_evaluate_f64(b, 1, x, in, NULL, z, out));
    for (size_t i = 0; i < out; i++) CHECK(near(y[i], z[i], 1e-9));
  }
  free(x);
  free(y);
  free(z);
}

static void files(void) {
  anser_network *n = residual_network(), *back = NULL;
  size_t length = 0, whole = 0;
  uint8_t *bytes = written(n, &length);
  CHECK(length > 0);
  anser_network_options options = ANSER_NETWORK_OPTIONS_INIT;
  options.keep_layers = 1;
  if (OK(anser_network_read_onnx_memory(bytes, length, NULL, &options, NULL, &back))) {
    same_function(n, back);
    CHECK(num_layers(back) == num_layers(n));
    size_t nodes = 0, index = 77;
    const char *name = NULL, *op = NULL;
    OK(anser_network_num_layer_nodes(back, 0, &nodes));
    CHECK(nodes >= 1);
    OK(anser_network_get_layer_node(back, 0, 0, &index, &name, &op));
    CHECK(index == 0 && name && op && strcmp(op, "Conv") == 0);
    uint32_t image = 77;
    OK(anser_network_find_tensor(back, "image", &image));
    CHECK(image == 0);
    anser_network_free(back);
  }
  static const char *const endings[] = {".onnx", ".onnx.gz", ".onnx.xz"};
  for (size_t i = 0; i < COUNT(endings); i++) {
    const char *path = temporary(0, endings[i]);
    OK(anser_network_write_onnx(n, path, NULL));
    if (OK(anser_network_read_onnx(path, NULL, NULL, &back))) {
      same_function(n, back);
      anser_network_free(back);
    }
    if (i == 0) {
      char *text = read_whole(path, &whole);
      CHECK(whole == length && memcmp(text, bytes, length) == 0);
      free(text);
    }
    remove(path);
  }
  struct host host = {0};
  anser_sink sink = sink_to(&host);
  OK(anser_network_write_onnx_sink(n, &sink, NULL));
  CHECK(host.destroyed == 1 && host.length == length && memcmp(host.text, bytes, length) == 0);
  host_clear(&host);
  host.answer = 5;
  sink = sink_to(&host);
  FAILS(ANSER_STATUS_IO, anser_network_write_onnx_sink(n, &sink, NULL), "5", "");
  CHECK(host.destroyed == 1);
  host_clear(&host);
  FAILS(ANSER_STATUS_IO, anser_network_read_onnx("/no/where.onnx", NULL, NULL, &back), "/no/where.onnx", "");
  CHECK(back == NULL);
  FAILS(ANSER_STATUS_IO, anser_network_write_onnx(n, "/no/where.onnx", NULL), "/no/where.onnx", "");
  INVALID(anser_network_read_onnx("", NULL, NULL, &back), "path", "empty");
  /* Options. */
  options.keep_layers = 2;
  INVALID(anser_network_read_onnx_memory(bytes, length, NULL, &options, NULL, &back), "keep_layers", "2");
  options.keep_layers = 0;
  options.num_dims = 1;
  NULL_ARGUMENT(anser_network_read_onnx_memory(bytes, length, NULL, &options, NULL, &back), "dim_names");
  const char *dims[] = {"batch", "\xff"};
  options.dim_names = dims;
  NULL_ARGUMENT(anser_network_read_onnx_memory(bytes, length, NULL, &options, NULL, &back), "dim_sizes");
  options.dim_sizes = (const size_t[]){1, 1};
  options.num_dims = 2;
  INVALID(anser_network_read_onnx_memory(bytes, length, NULL, &options, NULL, &back), "dim_names", "UTF-8");
  CHECK(anser_last_error_index() == 1);
  options.struct_size = 3;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_network_read_onnx_memory(bytes, length, NULL, &options, NULL, &back),
        "options", "3");
  free(bytes);
  anser_network_free(n);
}

static void fused(void) {
  anser_network *n = with_input(SHAPE(1, 2)), *less = NULL;
  uint32_t w = add_weights(n, (const float[]){1, 2, 3, 4}, SHAPE(2, 2)), b = add_weights(n, (const float[]){1, 2}, SHAPE(2));
  uint32_t v = add_weights(n, (const float[]){3, 1}, SHAPE(2));
  anser_layer norm = LAYER(BATCH_NORM, add_layer(n, LAYER(LINEAR, 0, w, b)), b, b, v, v);
  norm.epsilon = 1e-5;
  OK(anser_network_add_output(n, add_layer(n, norm)));
  OK(anser_network_fuse(n, NULL, &less));
  CHECK(num_layers(n) == 2 && num_layers(less) == 1);
  same_function(n, less);
  anser_network_free(less);
  anser_network_free(n);
}

/* No bytes do harm: each is read, or refused with a text. */
static void hostile_bytes(void) {
  anser_network *n = residual_network(), *back = NULL;
  size_t length = 0, read = 0, refused = 0;
  uint8_t *bytes = written(n, &length), *copy = malloc(length);
  for (size_t round = 0; round < 400; round++) {
    size_t cut = length;
    memcpy(copy, bytes, length);
    if (round % 2) cut = random_below((uint32_t)length);
    for (uint32_t i = random_below(6); i < 6 && cut; i++) copy[random_below((uint32_t)cut)] = (uint8_t)random_next();
    anser_status status = anser_network_read_onnx_memory(copy, cut, NULL, NULL, NULL, &back);
    if (status == ANSER_STATUS_OK) {
      read++;
      anser_network_free(back);
    } else {
      refused++;
      CHECK(back == NULL && anser_last_error()[0] != 0 && status != ANSER_STATUS_PANIC &&
            status != ANSER_STATUS_INTERNAL);
    }
  }
  CHECK(read + refused == 400 && refused > 100);
  FAILS(ANSER_STATUS_PARSE, anser_network_read_onnx_memory(NULL, 0, NULL, NULL, NULL, &back), "", "");
  FAILS(ANSER_STATUS_PARSE, anser_network_read_onnx_memory((const uint8_t *)"p cnf 1 1", 9, NULL, NULL, NULL, &back), "",
        "");
  free(copy);
  free(bytes);
  anser_network_free(n);
}

int main(void) {
  RUN(made_and_freed);
  RUN(null_networks);
  RUN(null_outputs);
  RUN(tensors);
  RUN(constants);
  RUN(linear_kinds);
  RUN(convolutions);
  RUN(pools);
  RUN(arithmetic);
  RUN(shapes);
  RUN(wrong_layers);
  RUN(batches);
  RUN(tensors_inside);
  RUN(gradients);
  RUN(half_weights);
  RUN(borrowed);
  RUN(changes_are_seen);
  RUN(many_threads);
  RUN(stopped);
  RUN(files);
  RUN(fused);
  RUN(hostile_bytes);
  return report();
}
