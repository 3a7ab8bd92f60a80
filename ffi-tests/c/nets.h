/* What the tests of networks and properties share. */
#ifndef ANSER_NETS_H
#define ANSER_NETS_H
#include "check.h"

#include <math.h>

#define NO_TENSOR UINT32_MAX
#define SHAPE(...) (const size_t[]){__VA_ARGS__}, COUNT(((const size_t[]){__VA_ARGS__}))

static UNUSED anser_network *new_network(void) {
  anser_network *network = NULL;
  OK(anser_network_new(&network));
  return network;
}
static UNUSED uint32_t add_input(anser_network *network, const char *name, const size_t *shape, size_t rank) {
  uint32_t tensor = NO_TENSOR;
  OK(anser_network_add_input(network, name, shape, rank, &tensor));
  return tensor;
}
static UNUSED uint32_t add_weights(anser_network *network, const float *values, const size_t *shape, size_t rank) {
  uint32_t tensor = NO_TENSOR;
  size_t length = 1;
  for (size_t i = 0; i < rank; i++) length *= shape[i];
  OK(anser_network_add_constant(network, NULL, shape, rank, ANSER_ELEMENT_TYPE_F32, values, length, &tensor));
  return tensor;
}
static UNUSED anser_layer layer_of(int32_t kind, const uint32_t *inputs, size_t num_inputs) {
  anser_layer layer = ANSER_LAYER_INIT;
  layer.kind = kind;
  layer.inputs = inputs;
  layer.num_inputs = num_inputs;
  return layer;
}
#define LAYER(kind, ...) layer_of(ANSER_LAYER_KIND_##kind, (const uint32_t[]){__VA_ARGS__}, COUNT(((const uint32_t[]){__VA_ARGS__})))
static UNUSED uint32_t add_layer(anser_network *network, anser_layer layer) {
  uint32_t tensor = NO_TENSOR;
  OK(anser_network_add_layer(network, &layer, &tensor));
  return tensor;
}
static UNUSED size_t input_length(const anser_network *network) {
  size_t length = 77777;
  OK(anser_network_input_length(network, &length));
  return length;
}
static UNUSED size_t output_length(const anser_network *network) {
  size_t length = 77777;
  OK(anser_network_output_length(network, &length));
  return length;
}
static UNUSED uint32_t num_layers(const anser_network *network) {
  uint32_t layers = 77777;
  OK(anser_network_num_layers(network, &layers));
  return layers;
}
static UNUSED uint32_t num_tensors(const anser_network *network) {
  uint32_t tensors = 77777;
  OK(anser_network_num_tensors(network, &tensors));
  return tensors;
}

/* x (2) -> W x + b -> ReLU -> V h: two inputs, two outputs.
 *   h = relu([x0 + x1 - 1, x0 - x1]),  y = [h0 + 2 h1, -h0] */
static UNUSED anser_network *small_network(void) {
  anser_network *network = new_network();
  uint32_t x = add_input(network, "x", SHAPE(1, 2));
  uint32_t w = add_weights(network, (const float[]){1, 1, 1, -1}, SHAPE(2, 2));
  uint32_t b = add_weights(network, (const float[]){-1, 0}, SHAPE(2));
  uint32_t v = add_weights(network, (const float[]){1, 2, -1, 0}, SHAPE(2, 2));
  uint32_t h = add_layer(network, LAYER(LINEAR, x, w, b));
  uint32_t r = add_layer(network, LAYER(RELU, h));
  anser_layer last = LAYER(LINEAR, r, v);
  last.name = "y";
  OK(anser_network_add_output(network, add_layer(network, last)));
  return network;
}
#endif
