/* Portfolios through the C ABI: slices, and procedures of a host's. */
#include "nets.h"

/* |x0| + |x1| over [-1, 1]^2, and whether it reaches `least`: it does up to 2. */
static anser_verifier *portfolio(double least, int32_t procedure, uint32_t procedures) {
  static const float first[] = {1, 0, -1, 0, 0, 1, 0, -1}, second[] = {1, 1, 1, 1};
  const double lower[] = {-1, -1}, upper[] = {1, 1}, coefficient[] = {-1}, bound[] = {-least};
  const uint32_t column[] = {2};
  const size_t offsets[] = {0, 1};
  anser_network *network = new_network();
  anser_property *property = NULL;
  anser_halfspaces rows = ANSER_HALFSPACES_INIT;
  anser_verifier_options options = ANSER_VERIFIER_OPTIONS_INIT;
  anser_verifier *verifier = NULL;
  uint32_t x = add_input(network, "x", SHAPE(1, 2));
  uint32_t w = add_weights(network, first, SHAPE(4, 2)), v = add_weights(network, second, SHAPE(1, 4));
  x = add_layer(network, LAYER(LINEAR, x, w));
  x = add_layer(network, LAYER(RELU, x));
  x = add_layer(network, LAYER(LINEAR, x, v));
  OK(anser_network_add_output(network, x));
  rows.num_rows = 1;
  rows.columns = column;
  rows.coefficients = coefficient;
  rows.num_terms = 1;
  rows.offsets = offsets;
  rows.bounds = bound;
  OK(anser_property_new(2, 1, &property));
  OK(anser_property_add_box(property, lower, upper, 2));
  OK(anser_property_add_assertion(property, &rows, offsets, 1));
  options.procedure = procedure;
  options.procedures = procedures;
  OK(anser_verifier_new(network, property, &options, NULL, &verifier));
  anser_network_free(network);
  anser_property_free(property);
  return verifier;
}

/* What a host is to answer, and what it was asked. */
struct asker {
  int32_t answer, result;
  double input[2];
  double least;
  int asked, destroyed;
};

static int32_t solve(void *user_data, const anser_question *question, int32_t *out_result, double *out_input) {
  struct asker *host = user_data;
  size_t inputs = 0;
  host->asked++;
  CHECK(question->struct_size >= sizeof *question && question->num_inputs == 2 && question->num_outputs == 1);
  CHECK(question->lower[0] >= -1 && question->upper[1] <= 1 && question->seconds > 0 && question->number == 0);
  CHECK(question->num_rows == 1 && question->row_offsets[0] == 0 && question->row_offsets[1] == 1);
  CHECK(question->columns[0] == 2 && question->coefficients[0] == -1 && question->bounds[0] == -host->least);
  CHECK(question->strict[0] == 0 && *out_result == ANSER_RESULT_UNKNOWN);
  OK(anser_network_input_length(question->network, &inputs));
  CHECK(inputs == 2);
  *out_result = host->result;
  out_input[0] = host->input[0];
  out_input[1] = host->input[1];
  return host->answer;
}

static void destroy(void *user_data) { ((struct asker *)user_data)->destroyed++; }

static anser_host_procedure calls(struct asker *host, const char *name) {
  anser_host_procedure made = ANSER_HOST_PROCEDURE_INIT;
  made.user_data = host;
  made.destroy = destroy;
  made.name = name;
  made.solve = solve;
  return made;
}

static void slices(void) {
  for (int sat = 0; sat < 2; sat++) {
    anser_verifier *verifier = portfolio(sat ? 1.5 : 2.5, ANSER_PROCEDURE_PORTFOLIO, 0);
    anser_result result = ANSER_RESULT_UNKNOWN;
    anser_slice_info info = ANSER_SLICE_INFO_INIT;
    size_t count = 9;
    OK(anser_verifier_num_slices(verifier, &count));
    CHECK(count == 0);
    INVALID(anser_verifier_get_slice(verifier, 0, &info), "no slice 0", "there are 0");
    OK(anser_verifier_run(verifier, NULL, &result));
    CHECK(result == (sat ? ANSER_RESULT_SAT : ANSER_RESULT_UNSAT));
    OK(anser_verifier_num_slices(verifier, &count));
    CHECK(count > 0);
    for (size_t i = 0; i < count; i++) {
      OK(anser_verifier_get_slice(verifier, i, &info));
      CHECK(info.struct_size == sizeof info && info.procedure[0] != 0 && info.granted > 0 && info.seconds >= 0);
      CHECK((info.why != NULL) == (info.end >= ANSER_SLICE_END_EXHAUSTED));
    }
    CHECK(info.end == (sat ? ANSER_SLICE_END_SAT : ANSER_SLICE_END_UNSAT));
    INVALID(anser_verifier_get_slice(verifier, count, &info), "no slice", "there are");
    NULL_ARGUMENT(anser_verifier_get_slice(verifier, 0, NULL), "out_info");
    NULL_ARGUMENT(anser_verifier_num_slices(NULL, &count), "verifier");
    NULL_ARGUMENT(anser_verifier_num_slices(verifier, NULL), "out_slices");
    info.struct_size = 3;
    FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_verifier_get_slice(verifier, 0, &info), "out_info", "struct_size");
    STATE(anser_verifier_write_frontier_memory(verifier, NULL, NULL, 0, &count), "frontier");
    anser_verifier_free(verifier);
  }
}

/* Where random points are all that the library has, the host decides what has no witness. */
static void hosts(void) {
  static const struct {
    double least;
    int32_t result;
    double input[2];
    anser_result expected;
  } all[] = {
    {2.5, ANSER_RESULT_UNSAT, {0, 0}, ANSER_RESULT_UNSAT},  {1.999999, ANSER_RESULT_SAT, {1, 1}, ANSER_RESULT_SAT},
    {2.5, ANSER_RESULT_SAT, {1, 1}, ANSER_RESULT_UNKNOWN},  {2.5, ANSER_RESULT_UNKNOWN, {0, 0}, ANSER_RESULT_UNKNOWN},
    {2.5, ANSER_RESULT_SAT, {NAN, 1}, ANSER_RESULT_UNKNOWN}, {2.5, 77, {0, 0}, ANSER_RESULT_UNKNOWN},
  };
  for (size_t i = 0; i < COUNT(all); i++) {
    struct asker host = {0, all[i].result, {all[i].input[0], all[i].input[1]}, all[i].least, 0, 0};
    anser_verifier *verifier = portfolio(all[i].least, ANSER_PROCEDURE_PORTFOLIO, 1u << ANSER_PROCEDURE_FUZZ);
    const anser_host_procedure procedure = calls(&host, "mine");
    anser_result result = ANSER_RESULT_UNKNOWN;
    anser_budget *budget = NULL;
    anser_slice_info last = ANSER_SLICE_INFO_INIT;
    size_t count = 0;
    OK(anser_verifier_add_procedure(verifier, &procedure));
    OK(anser_budget_new(&budget));
    OK(anser_budget_set_work_limit(budget, 50000000));
    OK(anser_verifier_run(verifier, budget, &result));
    CHECK(result == all[i].expected);
    OK(anser_verifier_num_slices(verifier, &count));
    OK(anser_verifier_get_slice(verifier, count - 1, &last));
    if (all[i].least > 2) {
      CHECK(host.asked > 0 && strcmp(last.procedure, "mine") == 0);
    }
    if (all[i].result == 77) {
      CHECK(last.end == ANSER_SLICE_END_FAILED && strstr(last.why, "77") != NULL && host.asked == 1);
    }
    CHECK(host.destroyed == 0);
    anser_verifier_free(verifier);
    anser_budget_free(budget);
    CHECK(host.destroyed == 1);
  }
}

static void a_code_ends_the_run(void) {
  struct asker host = {42, ANSER_RESULT_UNSAT, {0, 0}, 2.5, 0, 0};
  anser_verifier *verifier = portfolio(2.5, ANSER_PROCEDURE_PORTFOLIO, 1u << ANSER_PROCEDURE_FUZZ);
  const anser_host_procedure procedure = calls(&host, "mine");
  anser_result result = ANSER_RESULT_SAT;
  anser_stop_reason stop = ANSER_STOP_REASON_SOLVED;
  int32_t code = 0;
  OK(anser_verifier_add_procedure(verifier, &procedure));
  OK(anser_verifier_run(verifier, NULL, &result));
  OK(anser_verifier_get_stop_reason(verifier, &stop));
  OK(anser_verifier_get_callback_code(verifier, &code));
  CHECK(result == ANSER_RESULT_UNKNOWN && stop == ANSER_STOP_REASON_CALLBACK && code == 42);
  /* The same question comes again. */
  host.answer = 0;
  OK(anser_verifier_run(verifier, NULL, &result));
  CHECK(result == ANSER_RESULT_UNSAT && host.asked == 2);
  anser_verifier_free(verifier);
}

static void arguments(void) {
  struct asker host = {0, ANSER_RESULT_UNKNOWN, {0, 0}, 2.5, 0, 0};
  anser_verifier *verifier = portfolio(2.5, ANSER_PROCEDURE_PORTFOLIO, 0);
  anser_host_procedure procedure = calls(&host, "mine");
  NULL_ARGUMENT(anser_verifier_add_procedure(verifier, NULL), "procedure");
  CHECK(host.destroyed == 0);
  procedure.struct_size = 8;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_verifier_add_procedure(verifier, &procedure), "procedure", "struct_size");
  CHECK(host.destroyed == 0); /* where user_data is cannot be told */
  procedure.struct_size = sizeof procedure;
  NULL_ARGUMENT(anser_verifier_add_procedure(NULL, &procedure), "verifier");
  CHECK(host.destroyed == 1);
  procedure.solve = NULL;
  NULL_ARGUMENT(anser_verifier_add_procedure(verifier, &procedure), "solve");
  CHECK(host.destroyed == 2);
  procedure = calls(&host, NULL);
  NULL_ARGUMENT(anser_verifier_add_procedure(verifier, &procedure), "name");
  CHECK(host.destroyed == 3);
  procedure = calls(&host, "\xff\xfe");
  INVALID(anser_verifier_add_procedure(verifier, &procedure), "name", "UTF-8");
  CHECK(host.destroyed == 4);
  anser_verifier_free(verifier);
  verifier = portfolio(2.5, ANSER_PROCEDURE_AUTO, 0);
  procedure = calls(&host, "mine");
  STATE(anser_verifier_add_procedure(verifier, &procedure), "ANSER_PROCEDURE_PORTFOLIO");
  CHECK(host.destroyed == 5);
  anser_verifier_free(verifier);
}

int main(void) {
  RUN(slices);
  RUN(hosts);
  RUN(a_code_ends_the_run);
  RUN(arguments);
  return report();
}
