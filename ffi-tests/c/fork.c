/* A forked child: a solver made before is refused and can be freed; plain data and new handles work; the parent goes on
 * as if nothing had happened. */
#include "check.h"

#include <sys/wait.h>

static anser_formula *formula;
static anser_budget *budget;
static anser_interrupt *token;
static anser_solver *fresh, *solved;
static struct host proof;

static void the_solvers_are_refused(void) {
  anser_solver *both[] = {fresh, solved};
  for (size_t i = 0; i < 2; i++) {
    anser_solver *solver = both[i];
    const int32_t literal = 1;
    int32_t value = 77;
    uint32_t vars = 77;
    uint64_t clauses = 77;
    int64_t number = 77, numbers[64];
    size_t n = 77;
    int8_t model[64];
    struct host host = {0};
    anser_sink sink = sink_to(&host);
    anser_log_callback log = log_to(&host);
    STATE(anser_solver_solve(solver, NULL, 0, NULL, &value), "another process");
    STATE(anser_solver_num_vars(solver, &vars), "another process");
    STATE(anser_solver_num_clauses(solver, &clauses), "another process");
    STATE(anser_solver_new_vars(solver, 1, &value), "another process");
    STATE(anser_solver_add_clause(solver, &literal, 1, NULL), "another process");
    STATE(anser_solver_add_clauses(solver, &literal, 1, (const size_t[]){0, 1}, 1, NULL), "another process");
    STATE(anser_solver_set_phases(solver, &literal, 1), "another process");
    STATE(anser_solver_clear_phase(solver, 1), "another process");
    STATE(anser_solver_set_option(solver, "seed", 1), "another process");
    STATE(anser_solver_get_option(solver, "seed", &number), "another process");
    STATE(anser_solver_get_statistic(solver, "conflicts", &number), "another process");
    STATE(anser_solver_get_statistics(solver, numbers, 1), "another process");
    STATE(anser_solver_get_stop_reason(solver, &value), "another process");
    STATE(anser_solver_get_callback_code(solver, &value), "another process");
    STATE(anser_solver_get_value(solver, 1, &value), "another process");
    STATE(anser_solver_get_model(solver, model, 1), "another process");
    STATE(anser_solver_num_core(solver, &n), "another process");
    STATE(anser_solver_get_core(solver, &value, 1), "another process");
    STATE(anser_solver_is_failed(solver, 1, &value), "another process");
    STATE(anser_solver_set_proof_sink(solver, ANSER_PROOF_FORMAT_DRAT, &sink), "another process");
    STATE(anser_solver_set_proof_file(solver, ANSER_PROOF_FORMAT_DRAT, "/nonexistent/x"), "another process");
    STATE(anser_solver_set_log(solver, &log, 1), "another process");
    CHECK(host.destroyed == 2 && value == 77 && vars == 77 && clauses == 77 && number == 77 && n == 77);
  }
}

static void plain_data_works(void) {
  const int32_t clause[] = {1, 2};
  uint64_t id = 0;
  int32_t result = 77;
  OK(anser_formula_add_clause(formula, clause, 2, &id));
  OK(anser_budget_set_conflict_limit(budget, 100000));
  anser_interrupt_trigger(token);
  CHECK(anser_interrupt_is_triggered(token) == 1);
  anser_solver *solver = new_solver(formula);
  OK(anser_solver_solve(solver, NULL, 0, budget, &result));
  CHECK(result == ANSER_RESULT_UNKNOWN);
  OK(anser_interrupt_reset(token));
  OK(anser_solver_solve(solver, NULL, 0, budget, &result));
  CHECK(result == ANSER_RESULT_UNSAT);
  anser_solver_free(solver);
}

static void all_can_be_freed(void) {
  size_t length = proof.length;
  anser_solver_free(fresh);
  anser_solver_free(solved);
  CHECK(proof.destroyed == 1 && proof.length == length); /* the child's copy; nothing more is written */
  anser_formula_free(formula);
  anser_budget_free(budget);
  anser_interrupt_free(token);
  host_clear(&proof);
}

static int wait_for(pid_t child) {
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_child(void) {
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    check_run = check_failed = 0;
    RUN(the_solvers_are_refused);
    RUN(plain_data_works);
    RUN(all_can_be_freed);
    exit(report()); /* not _exit: a leak checker looks now */
  }
  CHECK(wait_for(child) == 0);
}

static void the_parent_goes_on(void) {
  int32_t result = 77;
  uint64_t count = 77;
  CHECK(proof.destroyed == 0);
  OK(anser_formula_num_clauses(formula, &count));
  CHECK(count == 81 && anser_interrupt_is_triggered(token) == 0);
  OK(anser_solver_solve(fresh, NULL, 0, budget, &result));
  CHECK(result == ANSER_RESULT_UNSAT);
  OK(anser_solver_solve(solved, NULL, 0, budget, &result));
  CHECK(result == ANSER_RESULT_UNSAT);
}

/* Forked from inside a callback: the child leaves at once, the parent's solve goes on. */
static int32_t forking(void *data, const anser_progress *progress) {
  struct host *host = data;
  (void)progress;
  if (host->calls++) return 0;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    uint32_t vars = 77;
    _exit(anser_solver_num_vars(fresh, &vars) == ANSER_STATUS_INVALID_STATE ? 0 : 1);
  }
  host->answer = wait_for(child);
  return 0;
}
static void from_inside_a_callback(void) {
  struct host host = {.answer = 77};
  anser_progress_callback callback = ANSER_PROGRESS_CALLBACK_INIT;
  anser_formula *hard = pigeons(6);
  anser_solver *solver = new_solver(hard), *before = fresh;
  anser_budget *watched = new_budget();
  int32_t result = 77;
  callback.user_data = &host;
  callback.report = forking;
  fresh = solver;
  OK(anser_budget_set_progress(watched, &callback, 0));
  OK(anser_solver_solve(solver, NULL, 0, watched, &result));
  CHECK(result == ANSER_RESULT_UNSAT && host.answer == 0 && host.calls > 1);
  fresh = before;
  anser_solver_free(solver);
  anser_budget_free(watched);
  anser_formula_free(hard);
}

int main(void) {
  int32_t result = 77;
  anser_sink sink = sink_to(&proof);
  formula = pigeons(5);
  budget = new_budget();
  OK(anser_interrupt_new(&token));
  OK(anser_budget_set_interrupt(budget, token));
  fresh = new_solver(formula);
  solved = new_solver(formula);
  OK(anser_solver_set_proof_sink(solved, ANSER_PROOF_FORMAT_DRAT, &sink));
  OK(anser_solver_solve(solved, NULL, 0, NULL, &result));
  RUN(a_child);
  RUN(the_parent_goes_on);
  RUN(from_inside_a_callback);
  RUN(all_can_be_freed);
  return report();
}
