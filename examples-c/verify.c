/*
 * verify: decides whether some input of a neural network does what a property forbids, or proves that none does.
 *
 * What it shows: a verifier. It runs in slices of work, so that the host may do something else in between; between two
 * slices how far it has come is written down, and another verifier goes on from there, as another process could. A witness
 * is copied out at the end.
 *
 *   cc -std=c11 verify.c -o verify $(pkg-config --cflags --libs anser)
 *   ./verify NETWORK.onnx PROPERTY.vnnlib [SECONDS]
 *   ./verify
 *
 * Without arguments it builds a small network itself, |x0| + |x1| of ten ReLUs, and asks it two questions.
 *
 * What it prints: sat with a witness, unsat, or unknown with the reason. It exits with 0, or with 1 after any error.
 */
#include <anser.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static int complain(anser_status status) {
  fprintf(stderr, "%s: %s\n", anser_status_name(status), anser_last_error());
  return 1;
}

#define TRY(call)                                                                                \
  do {                                                                                           \
    const anser_status try_status = (call);                                                      \
    if (try_status != ANSER_STATUS_OK) {                                                         \
      return try_status;                                                                         \
    }                                                                                            \
  } while (0)

/* Two inputs, |x0| + |x1| as relu(x0) + relu(-x0) + relu(x1) + relu(-x1), twice: the second layer takes the first's sum. */
static anser_status build_network(anser_network *network) {
  static const float first[4 * 2] = {1, 0, -1, 0, 0, 1, 0, -1};
  static const float second[6 * 4] = {1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0};
  static const float third[6] = {0.5f, 0.5f, 0.25f, 0.25f, 0.25f, 0.25f};
  const size_t input[] = {1, 2}, a[] = {4, 2}, b[] = {6, 4}, c[] = {1, 6};
  uint32_t x, weights[3];
  TRY(anser_network_add_input(network, "x", input, 2, &x));
  TRY(anser_network_add_constant(network, "a", a, 2, ANSER_ELEMENT_TYPE_F32, first, 8, &weights[0]));
  TRY(anser_network_add_constant(network, "b", b, 2, ANSER_ELEMENT_TYPE_F32, second, 24, &weights[1]));
  TRY(anser_network_add_constant(network, "c", c, 2, ANSER_ELEMENT_TYPE_F32, third, 6, &weights[2]));
  for (int i = 0; i < 3; i++) {
    const uint32_t operands[2] = {x, weights[i]};
    anser_layer layer = ANSER_LAYER_INIT;
    layer.kind = ANSER_LAYER_KIND_LINEAR;
    layer.inputs = operands;
    layer.num_inputs = 2;
    TRY(anser_network_add_layer(network, &layer, &x));
    if (i < 2) {
      const uint32_t one[1] = {x};
      layer.kind = ANSER_LAYER_KIND_RELU;
      layer.inputs = one;
      layer.num_inputs = 1;
      TRY(anser_network_add_layer(network, &layer, &x));
    }
  }
  return anser_network_add_output(network, x);
}

/* Inputs between -1 and 1 each, with an output of `least` or more. */
static anser_status build_property(anser_property *property, double least) {
  static const double lower[2] = {-1, -1}, upper[2] = {1, 1};
  const uint32_t column[] = {2}; /* columns are the inputs, then the outputs */
  const double coefficient[] = {-1}, bound[] = {-least};
  const size_t offsets[] = {0, 1};
  anser_halfspaces rows = ANSER_HALFSPACES_INIT;
  rows.num_rows = 1;
  rows.columns = column;
  rows.coefficients = coefficient;
  rows.num_terms = 1;
  rows.offsets = offsets;
  rows.bounds = bound;
  TRY(anser_property_add_box(property, lower, upper, 2));
  return anser_property_add_assertion(property, &rows, offsets, 1);
}

/* Writes down how far the run has come, and lets another verifier go on from there. */
static anser_status hand_over(const anser_network *network, const anser_property *property, anser_verifier **verifier) {
  size_t length = 0;
  TRY(anser_verifier_write_frontier_memory(*verifier, NULL, NULL, 0, &length));
  uint8_t *bytes = malloc(length);
  anser_verifier *next = NULL;
  if (!bytes) {
    fprintf(stderr, "out of memory\n");
    exit(1);
  }
  anser_status status = anser_verifier_write_frontier_memory(*verifier, NULL, bytes, length, &length);
  if (status == ANSER_STATUS_OK) {
    status = anser_verifier_read_frontier_memory(network, property, NULL, bytes, length, NULL, &next);
  }
  free(bytes);
  TRY(status);
  anser_verifier_free(*verifier);
  *verifier = next;
  return ANSER_STATUS_OK;
}

/* Where there is one: what was found. */
static anser_status print_witness(const anser_verifier *verifier) {
  size_t inputs = 0, outputs = 0;
  TRY(anser_verifier_num_inputs(verifier, &inputs));
  TRY(anser_verifier_num_outputs(verifier, &outputs));
  float *x = calloc(inputs + 1, sizeof *x), *y = calloc(outputs + 1, sizeof *y);
  if (!x || !y) {
    fprintf(stderr, "out of memory\n");
    exit(1);
  }
  const anser_status status = anser_verifier_get_witness(verifier, x, inputs, y, outputs);
  if (status == ANSER_STATUS_OK) {
    for (size_t i = 0; i < inputs; i++) printf("  x%zu = %.9g\n", i, (double)x[i]);
    for (size_t i = 0; i < outputs; i++) printf("  y%zu = %.9g\n", i, (double)y[i]);
  }
  free(x);
  free(y);
  return status;
}

/* Runs until there is a verdict: in slices of so much work each, or in one slice of some seconds. */
static anser_status verify(const anser_network *network, const anser_property *property, anser_budget *budget,
                           int slices) {
  anser_verifier *verifier = NULL;
  anser_result result = ANSER_RESULT_UNKNOWN;
  anser_unknown_reason why = ANSER_UNKNOWN_REASON_NONE;
  double bounded = 0;
  int slice = 0;
  anser_status status = anser_verifier_new(network, property, NULL, budget, &verifier);
  while (status == ANSER_STATUS_OK) {
    status = anser_verifier_run(verifier, budget, &result);
    if (status == ANSER_STATUS_OK) status = anser_verifier_get_unknown_reason(verifier, &why);
    if (status != ANSER_STATUS_OK || why != ANSER_UNKNOWN_REASON_STOPPED || ++slice >= slices) {
      break;
    }
    status = hand_over(network, property, &verifier);
  }
  if (status == ANSER_STATUS_OK) status = anser_verifier_get_statistic(verifier, "bounded", &bounded);
  if (status == ANSER_STATUS_OK) {
    printf("%s%s%s, %.0f subproblems bounded\n",
           result == ANSER_RESULT_SAT     ? "sat"
           : result == ANSER_RESULT_UNSAT ? "unsat"
                                          : "unknown",
           result == ANSER_RESULT_UNKNOWN ? ": " : "",
           result != ANSER_RESULT_UNKNOWN            ? ""
           : why == ANSER_UNKNOWN_REASON_STOPPED    ? "out of time"
           : why == ANSER_UNKNOWN_REASON_UNBOUNDED ? "an input has no bounds"
                                                     : "not decided",
           bounded);
  }
  if (status == ANSER_STATUS_OK && result == ANSER_RESULT_SAT) status = print_witness(verifier);
  anser_verifier_free(verifier);
  return status;
}

int main(int argc, char **argv) {
  anser_network *network = NULL;
  anser_property *property = NULL;
  anser_budget *budget = NULL;
  if (argc == 2 || argc > 4) {
    fprintf(stderr, "usage: %s [NETWORK.onnx PROPERTY.vnnlib [SECONDS]]\n", argv[0]);
    return 1;
  }
  anser_status status = anser_budget_new(&budget);
  if (argc > 2) {
    const double seconds = argc > 3 ? atof(argv[3]) : 60;
    if (status == ANSER_STATUS_OK) status = anser_network_read_onnx(argv[1], NULL, NULL, &network);
    if (status == ANSER_STATUS_OK) status = anser_property_read_vnnlib(argv[2], NULL, &property);
    if (status == ANSER_STATUS_OK) status = anser_budget_set_time_limit(budget, seconds);
    if (status == ANSER_STATUS_OK) status = verify(network, property, budget, 1);
  } else {
    static const double least[2] = {1.9, 2.1}; /* 2 is the most that it answers */
    if (status == ANSER_STATUS_OK) status = anser_network_new(&network);
    if (status == ANSER_STATUS_OK) status = build_network(network);
    if (status == ANSER_STATUS_OK) status = anser_budget_set_work_limit(budget, 1);
    for (int i = 0; i < 2 && status == ANSER_STATUS_OK; i++) {
      printf("an output of %g or more?\n", least[i]);
      status = anser_property_new(2, 1, &property);
      if (status == ANSER_STATUS_OK) status = build_property(property, least[i]);
      if (status == ANSER_STATUS_OK) status = verify(network, property, budget, 10000);
      anser_property_free(property);
      property = NULL;
    }
  }
  const int failed = status == ANSER_STATUS_OK ? 0 : complain(status);
  anser_property_free(property);
  anser_network_free(network);
  anser_budget_free(budget);
  return failed;
}
