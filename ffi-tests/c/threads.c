/* What the header says of threads: const reads side by side, handles that move, an interrupt from elsewhere, misuse that
 * is noticed, an error slot for each thread. Also run by tsan.sh. */
#include "check.h"

#include <pthread.h>
#include <stdatomic.h>

/* CHECK and its kin count without a lock: threads count into this, main checks that it is 0. */
static atomic_int wrong;
#define GOOD(condition) ((condition) ? (void)0 : (void)(atomic_fetch_add(&wrong, 1), printf("  %d: does not hold: %s\n", __LINE__, #condition)))

static void all(int n, void *(*work)(void *), void *argument) {
  pthread_t threads[8];
  for (int i = 0; i < n; i++)
    if (pthread_create(&threads[i], NULL, work, argument)) abort();
  for (int i = 0; i < n; i++) pthread_join(threads[i], NULL);
}

static void *reads(void *argument) {
  const anser_formula *formula = argument;
  int8_t values[200];
  memset(values, 1, sizeof values);
  for (int round = 0; round < 20; round++) {
    uint32_t vars = 0;
    uint64_t clauses = 0, violated = 0, all = 0;
    int32_t every[2100];
    size_t offsets[701];
    const int32_t *literals = NULL;
    size_t n = 0, length = 0;
    int32_t satisfied = 7, var = 7;
    char name[8];
    anser_formula_statistics s = ANSER_FORMULA_STATISTICS_INIT;
    anser_formula *copy = NULL;
    anser_solver *solver = NULL;
    GOOD(anser_formula_num_vars(formula, &vars) == ANSER_STATUS_OK && vars == 200);
    GOOD(anser_formula_num_clauses(formula, &clauses) == ANSER_STATUS_OK && clauses == 700);
    GOOD(anser_formula_num_literals(formula, &all) == ANSER_STATUS_OK && all == 2100);
    GOOD(anser_formula_get_clauses(formula, every, COUNT(every), offsets, COUNT(offsets)) == ANSER_STATUS_OK);
    GOOD(offsets[700] == 2100 && every[2099] != 0);
    GOOD(anser_formula_get_clause(formula, 350, &literals, &n) == ANSER_STATUS_OK && n == 3 && literals[2] != 0);
    GOOD(anser_formula_get_statistics(formula, &s) == ANSER_STATUS_OK && s.ternary == 700);
    GOOD(anser_formula_check(formula, values, 200, &satisfied, &violated) == ANSER_STATUS_OK && satisfied == 0);
    GOOD(anser_formula_find_name(formula, "x", &var) == ANSER_STATUS_OK && var == 1);
    GOOD(anser_formula_get_name(formula, 1, name, sizeof name, NULL) == ANSER_STATUS_OK && name[0] == 'x');
    GOOD(anser_formula_write_dimacs_memory(formula, NULL, NULL, 0, &length) == ANSER_STATUS_OK && length > 700);
    GOOD(anser_formula_clone(formula, &copy) == ANSER_STATUS_OK);
    const int32_t clause[] = {1};
    GOOD(anser_formula_add_clause(copy, clause, 1, NULL) == ANSER_STATUS_OK); /* shared, so it is copied first */
    GOOD(anser_solver_new(formula, &solver) == ANSER_STATUS_OK);
    anser_solver_free(solver);
    anser_formula_free(copy);
  }
  return NULL;
}

static void const_reads_side_by_side(void) {
  anser_formula *formula = random_3sat(200, 700, 3);
  OK(anser_formula_set_name(formula, 1, "x"));
  all(4, reads, formula);
  CHECK(atomic_exchange(&wrong, 0) == 0);
  anser_formula_free(formula);
}

/* Networks and properties: read, evaluated and checked side by side; what is made at the first use is made once. */
struct questions {
  const anser_network *network;
  const anser_property *property;
};
static __attribute__((noinline)) void *asks(void *argument) {
  const struct questions *q = argument;
  for (int round = 0; round < 20; round++) {
    const double x[2] = {round - 10, 1};
    const float xf[2] = {(float)(round - 10), 1};
    double y[2], g[2];
    float yf[2];
    int32_t holds = 77, found = 77;
    anser_layer layer = ANSER_LAYER_INIT;
    anser_tensor tensor = ANSER_TENSOR_INIT;
    anser_network *copy = NULL;
    anser_disjuncts *d = NULL;
    GOOD(anser_network_evaluate_f64(q->network, 1, x, 2, NULL, y, 2) == ANSER_STATUS_OK);
    GOOD(y[0] == (x[0] > 0 ? x[0] : 0) && y[1] == 1);
    GOOD(anser_network_evaluate_f32(q->network, 1, xf, 2, NULL, yf, 2) == ANSER_STATUS_OK && (double)yf[0] == y[0]);
    GOOD(anser_network_vjp_f64(q->network, 1, x, 2, x, 2, NULL, g, 2, NULL, 0) == ANSER_STATUS_OK && g[1] == 1);
    GOOD(anser_network_get_layer(q->network, 0, &layer) == ANSER_STATUS_OK && strcmp(layer.name, "y") == 0);
    GOOD(anser_network_get_tensor(q->network, 0, &tensor) == ANSER_STATUS_OK && strcmp(tensor.name, "x") == 0);
    GOOD(anser_network_clone(q->network, &copy) == ANSER_STATUS_OK);
    GOOD(anser_network_add_output(copy, 0) == ANSER_STATUS_OK);
    anser_network_free(copy);
    GOOD(anser_property_check(q->property, x, 2, y, 2, &holds) == ANSER_STATUS_OK && holds == (x[0] >= 0));
    GOOD(anser_property_check_network(q->property, q->network) == ANSER_STATUS_OK);
    GOOD(anser_disjuncts_new(q->property, NULL, &d) == ANSER_STATUS_OK);
    GOOD(anser_disjuncts_next(d, NULL, &found) == ANSER_STATUS_OK && found == 1);
    anser_disjuncts_free(d);
  }
  return NULL;
}

/* The first evaluations, which make the network ready: ordered by atomics, so that tsan.sh leaves them out. */
static volatile int first_asked;
static __attribute__((noinline)) void *asks_first(void *argument) {
  asks(argument);
  first_asked = 1; /* so that this frame is there while the other runs */
  return NULL;
}

static void networks_and_properties(bool ready) {
  anser_network *network = NULL;
  anser_property *property = NULL;
  const size_t shape[2] = {1, 2};
  const uint32_t input = 0;
  const double lower[2] = {0, -1}, upper[2] = {10, 1};
  anser_layer layer = ANSER_LAYER_INIT;
  layer.kind = ANSER_LAYER_KIND_RELU;
  layer.inputs = &input;
  layer.num_inputs = 1;
  layer.name = "y";
  OK(anser_network_new(&network));
  OK(anser_network_add_input(network, "x", shape, 2, NULL));
  OK(anser_network_add_layer(network, &layer, NULL));
  OK(anser_network_add_output(network, 1));
  OK(anser_property_new(2, 2, &property));
  OK(anser_property_add_box(property, lower, upper, 2));
  struct questions questions = {network, property};
  if (ready) asks(&questions);
  all(4, ready ? asks : asks_first, &questions);
  CHECK(atomic_exchange(&wrong, 0) == 0);
  anser_property_free(property);
  anser_network_free(network);
}
static void first_evaluations(void) { networks_and_properties(false); }
static void evaluations(void) { networks_and_properties(true); }

static void *solves(void *argument) {
  int32_t result = 77;
  GOOD(anser_solver_solve(argument, NULL, 0, NULL, &result) == ANSER_STATUS_OK);
  GOOD(result == ANSER_RESULT_SAT || result == ANSER_RESULT_UNSAT);
  const int32_t clause[] = {1, -2};
  GOOD(anser_solver_add_clause(argument, clause, 2, NULL) == ANSER_STATUS_OK);
  return NULL;
}
static void *frees(void *argument) {
  anser_solver_free(argument);
  return NULL;
}

static void a_solver_moves(void) {
  anser_formula *formula = random_3sat(100, 420, 4);
  anser_solver *solver = new_solver(formula);
  struct host host = {0};
  anser_sink sink = sink_to(&host);
  OK(anser_solver_set_proof_sink(solver, ANSER_PROOF_FORMAT_DRAT, &sink));
  for (int i = 0; i < 4; i++) all(1, solves, solver);
  all(1, frees, solver);
  CHECK(host.destroyed == 1 && atomic_exchange(&wrong, 0) == 0);
  host_clear(&host);
  anser_formula_free(formula);
}

static void *triggers(void *argument) {
  usleep(30000);
  anser_interrupt_trigger(argument);
  return NULL;
}

static void an_interrupt_from_elsewhere(void) {
  anser_formula *formula = pigeons(12);
  anser_solver *solver = new_solver(formula);
  anser_budget *budget = new_budget();
  anser_interrupt *token = NULL;
  pthread_t thread;
  int32_t result = 77, reason = 77;
  OK(anser_interrupt_new(&token));
  OK(anser_budget_set_interrupt(budget, token));
  if (pthread_create(&thread, NULL, triggers, token)) abort();
  OK(anser_solver_solve(solver, NULL, 0, budget, &result));
  OK(anser_solver_get_stop_reason(solver, &reason));
  CHECK(result == ANSER_RESULT_UNKNOWN && reason == ANSER_STOP_REASON_INTERRUPTED);
  pthread_join(thread, NULL);
  anser_budget_free(budget);
  anser_interrupt_free(token);
  anser_solver_free(solver);
  anser_formula_free(formula);
}

/* Two threads on one solver: while one solves, the other is turned away. */
struct shared {
  anser_solver *solver;
  anser_budget *budget;
  anser_formula *formula;
  atomic_int inside, refused, allowed;
};
static int32_t inside(void *data, const anser_progress *progress) {
  struct shared *shared = data;
  (void)progress;
  atomic_store(&shared->inside, 1);
  return atomic_load(&shared->refused) >= 20 ? 1 : 0;
}
static void *misuses(void *argument) {
  struct shared *shared = argument;
  while (!atomic_load(&shared->inside)) usleep(1000);
  for (int i = 0; i < 20; i++) {
    int32_t result = 77;
    uint32_t vars = 77;
    GOOD(anser_solver_solve(shared->solver, NULL, 0, NULL, &result) == ANSER_STATUS_INVALID_STATE && result == 77);
    GOOD(strstr(anser_last_error(), "in use") != NULL);
    GOOD(anser_solver_num_vars(shared->solver, &vars) == ANSER_STATUS_INVALID_STATE && vars == 77);
    atomic_fetch_add(&shared->refused, 1);
  }
  return NULL;
}

static void misuse_of_a_solver(void) {
  struct shared shared = {.formula = pigeons(12), .budget = new_budget()};
  anser_progress_callback callback = ANSER_PROGRESS_CALLBACK_INIT;
  pthread_t thread;
  int32_t result = 77, reason = 77;
  shared.solver = new_solver(shared.formula);
  callback.user_data = &shared;
  callback.report = inside;
  OK(anser_budget_set_progress(shared.budget, &callback, 0));
  OK(anser_budget_set_time_limit(shared.budget, 100));
  if (pthread_create(&thread, NULL, misuses, &shared)) abort();
  OK(anser_solver_solve(shared.solver, NULL, 0, shared.budget, &result));
  pthread_join(thread, NULL);
  OK(anser_solver_get_stop_reason(shared.solver, &reason));
  CHECK(reason == ANSER_STOP_REASON_CALLBACK && atomic_load(&shared.refused) == 20 && atomic_exchange(&wrong, 0) == 0);
  anser_solver_free(shared.solver);
  anser_budget_free(shared.budget);
  anser_formula_free(shared.formula);
}

/* Readers and writers of one formula in disorder: each call is whole or refused. */
static void *adds(void *argument) {
  struct shared *shared = argument;
  for (int i = 0; i < 300; i++) {
    const int32_t clause[] = {1, -2, 3};
    uint64_t count = 0;
    anser_status status = anser_formula_add_clause(shared->formula, clause, 3, NULL);
    GOOD(status == ANSER_STATUS_OK || status == ANSER_STATUS_INVALID_STATE);
    if (status == ANSER_STATUS_OK) atomic_fetch_add(&shared->allowed, 1);
    status = anser_formula_num_clauses(shared->formula, &count);
    GOOD(status == ANSER_STATUS_OK || status == ANSER_STATUS_INVALID_STATE);
    GOOD(status != ANSER_STATUS_OK || count <= 1200);
  }
  return NULL;
}
static void misuse_of_a_formula(void) {
  struct shared shared = {.formula = new_formula()};
  uint64_t count = 0;
  all(4, adds, &shared);
  OK(anser_formula_num_clauses(shared.formula, &count));
  CHECK(count == (uint64_t)atomic_load(&shared.allowed) && count > 0 && atomic_exchange(&wrong, 0) == 0);
  anser_formula_free(shared.formula);
}

static void *own_error(void *argument) {
  static atomic_int next;
  char text[16];
  int32_t own = 5000 + atomic_fetch_add(&next, 1);
  GOOD(strcmp(anser_last_error(), "") == 0); /* a new thread begins with none */
  snprintf(text, sizeof text, "%" PRId32, own);
  for (int i = 0; i < 200; i++) {
    GOOD(anser_solver_get_option(argument, text, NULL) == ANSER_STATUS_NULL_ARGUMENT);
    anser_budget *budget = NULL;
    GOOD(anser_budget_new(&budget) == ANSER_STATUS_OK && !*anser_last_error());
    GOOD(anser_budget_set_time_limit(budget, -own) == ANSER_STATUS_INVALID_ARGUMENT);
    anser_budget_free(budget);
    if (i % 16 == 0) usleep(100);
    GOOD(strstr(anser_last_error(), text) != NULL);
  }
  return NULL;
}
static void an_error_for_each_thread(void) {
  NULL_ARGUMENT(anser_formula_new(NULL), "out_formula");
  all(4, own_error, NULL);
  CHECK(strstr(anser_last_error(), "out_formula") != NULL && atomic_exchange(&wrong, 0) == 0);
}

/* Many solvers at once: each run is the same as alone. */
static int64_t alone[64];
static size_t statistics_count;
static void *solves_its_own(void *argument) {
  anser_formula *formula = argument;
  int64_t values[64];
  for (int i = 0; i < 3; i++) {
    anser_solver *solver = NULL;
    int32_t result = 77;
    GOOD(anser_solver_new(formula, &solver) == ANSER_STATUS_OK);
    GOOD(anser_solver_solve(solver, NULL, 0, NULL, &result) == ANSER_STATUS_OK && result != ANSER_RESULT_UNKNOWN);
    GOOD(anser_solver_get_statistics(solver, values, statistics_count) == ANSER_STATUS_OK);
    GOOD(memcmp(values, alone, statistics_count * sizeof *values) == 0);
    anser_solver_free(solver);
  }
  return NULL;
}
static void many_solvers(void) {
  anser_formula *formula = random_3sat(80, 341, 9);
  anser_solver *solver = new_solver(formula);
  int32_t result = 77;
  OK(anser_solver_num_statistics(&statistics_count));
  OK(anser_solver_solve(solver, NULL, 0, NULL, &result));
  OK(anser_solver_get_statistics(solver, alone, statistics_count));
  anser_solver_free(solver);
  all(8, solves_its_own, formula);
  CHECK(atomic_exchange(&wrong, 0) == 0);
  anser_formula_free(formula);
}

/* First use of the library, from many threads at once: tables are made once. */
static void *looks_up(void *argument) {
  size_t count = 0;
  anser_option_info info = ANSER_OPTION_INFO_INIT;
  anser_statistic_info statistic = ANSER_STATISTIC_INFO_INIT;
  (void)argument;
  GOOD(anser_solver_num_options(&count) == ANSER_STATUS_OK && count > 200);
  GOOD(anser_solver_get_option_info(count - 1, &info) == ANSER_STATUS_OK && *info.name);
  GOOD(anser_solver_get_statistic_info(0, &statistic) == ANSER_STATUS_OK && *statistic.name);
  GOOD(anser_budget_new(NULL) == ANSER_STATUS_NULL_ARGUMENT);
  return NULL;
}
static void first_use(void) {
  all(8, looks_up, NULL);
  CHECK(atomic_exchange(&wrong, 0) == 0);
}

int main(void) {
  RUN(first_use);
  RUN(const_reads_side_by_side);
  RUN(first_evaluations);
  RUN(evaluations);
  RUN(a_solver_moves);
  RUN(an_interrupt_from_elsewhere);
  RUN(misuse_of_a_solver);
  RUN(misuse_of_a_formula);
  RUN(an_error_for_each_thread);
  RUN(many_solvers);
  return report();
}
