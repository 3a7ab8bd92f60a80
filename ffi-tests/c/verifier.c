/* Verifiers through the C ABI. */
#include "nets.h"

/* |x0| + |x1|. */
static anser_network *cone(void) {
  static const float first[] = {1, 0, -1, 0, 0, 1, 0, -1}, second[] = {1, 1, 1, 1};
  anser_network *network = new_network();
  uint32_t x = add_input(network, "x", SHAPE(1, 2));
  uint32_t w = add_weights(network, first, SHAPE(4, 2)), v = add_weights(network, second, SHAPE(1, 4));
  x = add_layer(network, LAYER(LINEAR, x, w));
  x = add_layer(network, LAYER(RELU, x));
  x = add_layer(network, LAYER(LINEAR, x, v));
  OK(anser_network_add_output(network, x));
  return network;
}

/* Inputs between -1 and 1, or without a bound above, and an output of `least` or more. */
static anser_property *at_least(double least, double upper_bound) {
  anser_property *property = NULL;
  const double lower[] = {-1, -1}, upper[] = {upper_bound, upper_bound}, coefficient[] = {-1}, bound[] = {-least};
  const uint32_t column[] = {2};
  const size_t offsets[] = {0, 1};
  anser_halfspaces rows = ANSER_HALFSPACES_INIT;
  rows.num_rows = 1;
  rows.columns = column;
  rows.coefficients = coefficient;
  rows.num_terms = 1;
  rows.offsets = offsets;
  rows.bounds = bound;
  OK(anser_property_new(2, 1, &property));
  OK(anser_property_add_box(property, lower, upper, 2));
  OK(anser_property_add_assertion(property, &rows, offsets, 1));
  return property;
}

static anser_verifier *verifier_of(double least, int32_t procedure, uint32_t threads) {
  anser_network *network = cone();
  anser_property *property = at_least(least, 1);
  anser_verifier_options options = ANSER_VERIFIER_OPTIONS_INIT;
  anser_verifier *verifier = NULL;
  options.procedure = procedure;
  options.threads = threads;
  OK(anser_verifier_new(network, property, &options, NULL, &verifier));
  anser_network_free(network); /* it holds what it needs */
  anser_property_free(property);
  return verifier;
}

static void verdicts(void) {
  for (int32_t procedure = ANSER_PROCEDURE_AUTO; procedure <= ANSER_PROCEDURE_RELU_SPLIT; procedure++) {
    for (uint32_t threads = 0; threads < 4; threads += 3) {
      for (int sat = 0; sat < 2; sat++) {
        anser_verifier *verifier = verifier_of(sat ? 1.5 : 2.5, procedure, threads);
        anser_result result = ANSER_RESULT_UNKNOWN;
        anser_unknown_reason why = ANSER_UNKNOWN_REASON_STOPPED;
        anser_stop_reason stop = ANSER_STOP_REASON_TIME;
        OK(anser_verifier_run(verifier, NULL, &result));
        OK(anser_verifier_get_unknown_reason(verifier, &why));
        OK(anser_verifier_get_stop_reason(verifier, &stop));
        CHECK(stop == ANSER_STOP_REASON_SOLVED);
        const bool attack = procedure == ANSER_PROCEDURE_FUZZ || procedure == ANSER_PROCEDURE_GRADIENT;
        if ((sat && procedure == ANSER_PROCEDURE_BOUNDS) || (!sat && attack)) {
          CHECK(result == ANSER_RESULT_UNKNOWN && why == ANSER_UNKNOWN_REASON_INCOMPLETE);
        } else {
          CHECK(result == (sat ? ANSER_RESULT_SAT : ANSER_RESULT_UNSAT) && why == ANSER_UNKNOWN_REASON_NONE);
        }
        float x[2] = {9, 9}, y[1] = {9};
        if (result == ANSER_RESULT_SAT) {
          OK(anser_verifier_get_witness(verifier, x, 2, y, 1));
          CHECK(fabsf(x[0]) <= 1 && fabsf(x[1]) <= 1 && y[0] >= 1.5f && fabsf(x[0]) + fabsf(x[1]) - y[0] < 1e-5f);
          OK(anser_verifier_get_witness(verifier, x, 2, NULL, 0));
        } else {
          STATE(anser_verifier_get_witness(verifier, x, 2, y, 1), "witness");
          CHECK(x[0] == 9);
        }
        anser_verifier_free(verifier);
      }
    }
  }
}

static void arguments(void) {
  anser_network *network = cone();
  anser_property *property = at_least(1, 1), *other = NULL;
  anser_verifier_options options = ANSER_VERIFIER_OPTIONS_INIT;
  anser_verifier *verifier = (anser_verifier *)&options;
  anser_result result = ANSER_RESULT_UNKNOWN;
  anser_unknown_reason why;
  anser_stop_reason stop;
  size_t count = 0;
  double value = 0;
  int32_t code = 0;
  float x[2], y[1];
  uint8_t byte = 0;
  NULL_ARGUMENT(anser_verifier_new(network, property, NULL, NULL, NULL), "out_verifier");
  NULL_ARGUMENT(anser_verifier_new(NULL, property, NULL, NULL, &verifier), "network");
  CHECK(verifier == NULL);
  NULL_ARGUMENT(anser_verifier_new(network, NULL, NULL, NULL, &verifier), "property");
  options.procedure = 9;
  INVALID(anser_verifier_new(network, property, &options, NULL, &verifier), "procedure", "9");
  options.procedure = -1;
  INVALID(anser_verifier_new(network, property, &options, NULL, &verifier), "procedure", "-1");
  options.procedure = 0;
  options.threads = 1025;
  INVALID(anser_verifier_new(network, property, &options, NULL, &verifier), "threads", "1025");
  options.threads = 1;
  options.batch = UINT32_MAX;
  INVALID(anser_verifier_new(network, property, &options, NULL, &verifier), "batch", "4294967295");
  options.batch = 0;
  options.procedures = 1u << ANSER_PROCEDURE_PORTFOLIO;
  INVALID(anser_verifier_new(network, property, &options, NULL, &verifier), "procedures", "0x100");
  options.procedures = 0;
  options.struct_size = 3;
  CHECK(anser_verifier_new(network, property, &options, NULL, &verifier) == ANSER_STATUS_BAD_STRUCT_SIZE);
  OK(anser_property_new(3, 1, &other));
  INVALID(anser_verifier_new(network, other, NULL, NULL, &verifier), "inputs", "3");
  CHECK(verifier == NULL);
  OK(anser_verifier_new(network, property, NULL, NULL, &verifier));
  NULL_ARGUMENT(anser_verifier_run(NULL, NULL, &result), "verifier");
  NULL_ARGUMENT(anser_verifier_run(verifier, NULL, NULL), "out_result");
  STATE(anser_verifier_get_unknown_reason(verifier, &why), "verdict");
  STATE(anser_verifier_get_stop_reason(verifier, &stop), "verdict");
  STATE(anser_verifier_get_callback_code(verifier, &code), "verdict");
  STATE(anser_verifier_get_witness(verifier, x, 2, y, 1), "verdict");
  OK(anser_verifier_run(verifier, NULL, &result));
  CHECK(result == ANSER_RESULT_SAT);
  STATE(anser_verifier_get_callback_code(verifier, &code), "callback");
  NULL_ARGUMENT(anser_verifier_get_unknown_reason(verifier, NULL), "out_reason");
  NULL_ARGUMENT(anser_verifier_get_stop_reason(verifier, NULL), "out_reason");
  SHORT(anser_verifier_get_witness(verifier, x, 1, y, 1), "num_inputs", "2");
  NULL_ARGUMENT(anser_verifier_get_witness(verifier, NULL, 2, y, 1), "out_input");
  NULL_ARGUMENT(anser_verifier_get_witness(verifier, x, 2, NULL, 1), "out_output");
  OK(anser_verifier_num_inputs(verifier, &count));
  CHECK(count == 2);
  OK(anser_verifier_num_outputs(verifier, &count));
  CHECK(count == 1);
  NULL_ARGUMENT(anser_verifier_num_inputs(verifier, NULL), "out_inputs");
  NULL_ARGUMENT(anser_verifier_num_outputs(verifier, NULL), "out_outputs");
  NULL_ARGUMENT(anser_verifier_get_statistic(verifier, NULL, &value), "name");
  INVALID(anser_verifier_get_statistic(verifier, "luck", &value), "statistic", "luck");
  NULL_ARGUMENT(anser_verifier_write_frontier_memory(verifier, NULL, &byte, 1, NULL), "out_length");
  SHORT(anser_verifier_write_frontier_memory(verifier, NULL, &byte, 1, &count), "capacity", "1");
  CHECK(count > 100);
  anser_verifier_free(verifier);
  anser_verifier_free(NULL);
  anser_property_free(property);
  anser_property_free(other);
  anser_network_free(network);
}

/* With HiGHS as the others, without it the backend is unavailable. */
static void mixed_integer(void) {
  anser_network *network = cone();
  anser_property *property = at_least(1.5, 1);
  anser_verifier_options options = ANSER_VERIFIER_OPTIONS_INIT;
  anser_verifier *verifier = NULL;
  anser_result result = ANSER_RESULT_UNKNOWN;
  options.procedure = ANSER_PROCEDURE_MILP;
  anser_status status = anser_verifier_new(network, property, &options, NULL, &verifier);
  if (status == ANSER_STATUS_BACKEND_UNAVAILABLE) {
    CHECK(verifier == NULL);
  } else {
    OK(status);
    OK(anser_verifier_run(verifier, NULL, &result));
    CHECK(result == ANSER_RESULT_SAT);
  }
  anser_verifier_free(verifier);
  anser_property_free(property);
  anser_network_free(network);
}

static void statistics(void) {
  anser_verifier *verifier = verifier_of(2.5, ANSER_PROCEDURE_INPUT_SPLIT, 1);
  anser_result result = ANSER_RESULT_UNKNOWN;
  size_t count = 0;
  OK(anser_verifier_run(verifier, NULL, &result));
  OK(anser_verifier_num_statistics(&count));
  CHECK(count >= 14 && count < 100);
  double values[100], value = -1;
  SHORT(anser_verifier_get_statistics(verifier, values, 3), "num_values", "3");
  OK(anser_verifier_get_statistics(verifier, values, 100));
  for (size_t i = 0; i < count; i++) {
    anser_statistic_info info = ANSER_STATISTIC_INFO_INIT;
    OK(anser_verifier_get_statistic_info(i, &info));
    CHECK(info.name && info.name[0] && info.doc && info.doc[0]);
    OK(anser_verifier_get_statistic(verifier, info.name, &value));
    CHECK(value == values[i] && value >= 0);
  }
  anser_statistic_info info = ANSER_STATISTIC_INFO_INIT;
  INVALID(anser_verifier_get_statistic_info(count, &info), "index", "statistic");
  OK(anser_verifier_get_statistic(verifier, "covered", &value));
  CHECK(value == 1);
  OK(anser_verifier_get_statistic(verifier, "bounded", &value));
  CHECK(value >= 1);
  anser_verifier_free(verifier);
}

static void unbounded(void) {
  anser_network *network = cone();
  anser_property *property = at_least(-1, INFINITY);
  anser_verifier *verifier = NULL;
  anser_result result = ANSER_RESULT_SAT;
  anser_unknown_reason why = ANSER_UNKNOWN_REASON_NONE;
  OK(anser_verifier_new(network, property, NULL, NULL, &verifier));
  OK(anser_verifier_run(verifier, NULL, &result));
  OK(anser_verifier_get_unknown_reason(verifier, &why));
  CHECK(result == ANSER_RESULT_UNKNOWN && why == ANSER_UNKNOWN_REASON_UNBOUNDED);
  anser_verifier_free(verifier);
  anser_property_free(property);
  anser_network_free(network);
}

/* Slices of work, each written down and read back. */
static void slices(void) {
  anser_network *network = cone();
  anser_property *property = at_least(2.001, 1), *other = at_least(2.002, 1);
  anser_verifier_options options = ANSER_VERIFIER_OPTIONS_INIT;
  anser_verifier *verifier = NULL, *next = NULL;
  anser_budget *budget = new_budget();
  anser_result result = ANSER_RESULT_UNKNOWN;
  int count = 0;
  options.procedure = ANSER_PROCEDURE_INPUT_SPLIT;
  OK(anser_budget_set_work_limit(budget, 1));
  OK(anser_verifier_new(network, property, &options, NULL, &verifier));
  while (count++ < 1000) {
    anser_stop_reason stop = ANSER_STOP_REASON_SOLVED;
    OK(anser_verifier_run(verifier, budget, &result));
    if (result != ANSER_RESULT_UNKNOWN) break;
    OK(anser_verifier_get_stop_reason(verifier, &stop));
    CHECK(stop == ANSER_STOP_REASON_WORK);
    size_t length = 0;
    OK(anser_verifier_write_frontier_memory(verifier, NULL, NULL, 0, &length));
    uint8_t *bytes = malloc(length);
    OK(anser_verifier_write_frontier_memory(verifier, NULL, bytes, length, &length));
    OK(anser_verifier_read_frontier_memory(network, property, &options, bytes, length, NULL, &next));
    anser_verifier_free(verifier);
    verifier = next;
    if (count == 1) {
      INVALID(anser_verifier_read_frontier_memory(network, other, NULL, bytes, length, NULL, &next), "another", "property");
      for (size_t cut = 0; cut < length; cut++) {
        CHECK(anser_verifier_read_frontier_memory(network, property, NULL, bytes, cut, NULL, &next) == ANSER_STATUS_PARSE);
      }
      for (int round = 0; round < 200; round++) {
        size_t at = random_below((uint32_t)length);
        bytes[at] ^= (uint8_t)(1 + random_below(255));
        CHECK(anser_verifier_read_frontier_memory(network, property, NULL, bytes, length, NULL, &next) != ANSER_STATUS_OK || round > 0);
        anser_verifier_free(next);
        next = NULL;
      }
      NULL_ARGUMENT(anser_verifier_read_frontier_memory(network, property, NULL, NULL, 9, NULL, &next), "bytes");
    }
    free(bytes);
  }
  CHECK(result == ANSER_RESULT_UNSAT && count > 1);
  anser_verifier_free(verifier);
  anser_budget_free(budget);
  anser_property_free(property);
  anser_property_free(other);
  anser_network_free(network);
}

static int32_t stop_at_once(void *user_data, const anser_progress *progress) {
  CHECK(progress->bound <= 0);
  ++*(int *)user_data;
  return 7;
}

static void limits(void) {
  anser_verifier *verifier = verifier_of(2.5, ANSER_PROCEDURE_AUTO, 2);
  anser_budget *budget = new_budget();
  anser_interrupt *token = NULL;
  anser_result result = ANSER_RESULT_SAT;
  anser_stop_reason stop = ANSER_STOP_REASON_SOLVED;
  int calls = 0;
  OK(anser_interrupt_new(&token));
  anser_interrupt_trigger(token);
  OK(anser_budget_set_interrupt(budget, token));
  OK(anser_verifier_run(verifier, budget, &result));
  OK(anser_verifier_get_stop_reason(verifier, &stop));
  CHECK(result == ANSER_RESULT_UNKNOWN && stop == ANSER_STOP_REASON_INTERRUPTED);
  OK(anser_budget_set_interrupt(budget, NULL));
  OK(anser_budget_set_time_limit(budget, 0));
  OK(anser_verifier_run(verifier, budget, &result));
  OK(anser_verifier_get_stop_reason(verifier, &stop));
  CHECK(result == ANSER_RESULT_UNKNOWN && stop == ANSER_STOP_REASON_TIME);
  OK(anser_budget_set_time_limit(budget, INFINITY));
  anser_progress_callback callback = ANSER_PROGRESS_CALLBACK_INIT;
  callback.user_data = &calls;
  callback.report = stop_at_once;
  OK(anser_budget_set_progress(budget, &callback, 0));
  OK(anser_verifier_run(verifier, budget, &result));
  if (result == ANSER_RESULT_UNKNOWN) {
    int32_t code = 0;
    OK(anser_verifier_get_stop_reason(verifier, &stop));
    OK(anser_verifier_get_callback_code(verifier, &code));
    CHECK(stop == ANSER_STOP_REASON_CALLBACK && code == 7 && calls == 1);
  }
  OK(anser_budget_set_progress(budget, NULL, 0));
  OK(anser_verifier_run(verifier, budget, &result));
  CHECK(result == ANSER_RESULT_UNSAT);
  anser_verifier_free(verifier);
  anser_budget_free(budget);
  anser_interrupt_free(token);
}

int main(void) {
  RUN(verdicts);
  RUN(mixed_integer);
  RUN(arguments);
  RUN(statistics);
  RUN(unbounded);
  RUN(slices);
  RUN(limits);
  return report();
}
