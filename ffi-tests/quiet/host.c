/* host MODE, run by ../quiet.sh: uses the library and says what it saw on descriptor 3 only. */
#include "../c/check.h"

#include <fcntl.h>

static FILE *said;

static void log_line(void *data, int32_t level, const char *line) { (void)data, (void)level, (void)line; }

/* One of everything that might print; the statistics go to descriptor 3. */
static int use(bool other) {
  anser_formula *formula = random_3sat(150, 640, 12), *read = NULL, *hard = pigeons(6);
  anser_solver *solver = NULL;
  anser_budget *budget = NULL;
  anser_log_callback log = ANSER_LOG_CALLBACK_INIT;
  struct host host = {0};
  anser_sink sink = sink_to(&host);
  int32_t result = 0;
  int64_t values[64] = {0};
  size_t count = 0;
  log.log = log_line;
  anser_formula *formulas[] = {formula, hard};
  anser_solver_num_statistics(&count);
  anser_budget_new(&budget);
  anser_budget_set_seed(budget, 3);
  for (int i = 0; i < 2; i++) {
    if (anser_solver_new(formulas[i], &solver) != ANSER_STATUS_OK) return 1;
    anser_solver_set_log(solver, &log, ANSER_LOG_LEVEL_DEBUG);
    anser_solver_set_option(solver, "verbose", 3);
    anser_solver_set_option(solver, "log", 1);
    anser_solver_set_proof_sink(solver, ANSER_PROOF_FORMAT_LRAT, &sink);
    if (other) anser_solver_set_option(solver, "restartint", 1000);
    if (anser_solver_solve(solver, NULL, 0, budget, &result) != ANSER_STATUS_OK) {
      fprintf(said, "%s\n", anser_last_error());
      return 1;
    }
    anser_solver_get_statistics(solver, values, count);
    fprintf(said, "result %d:", (int)result);
    for (size_t j = 0; j < count; j++) fprintf(said, " %" PRId64, values[j]);
    fprintf(said, "\n");
    anser_solver_free(solver);
  }
  fprintf(said, "proofs: %zu bytes\n", host.length);
  host_clear(&host);
  /* Errors of all kinds are told through the error slot alone. */
  anser_formula_read_dimacs("/nonexistent/x", NULL, &read);
  anser_formula_read_dimacs_memory((const uint8_t *)"p cnf x\n", 8, NULL, &read);
  anser_formula_add_clause(formula, NULL, 9, NULL);
  anser_formula_write_dimacs(formula, "/nonexistent/x", NULL);
  anser_formula_set_memory_limit(formula, 1);
  anser_formula_add_clause(formula, (const int32_t[]){1}, 1, NULL);
  anser_budget_set_time_limit(budget, -1);
  anser_budget_free(budget);
  anser_formula_free(formula);
  anser_formula_free(hard);
  return 0;
}

/* A solve with the variable set answers INVALID_STATE and names it; unset, the same solver works. */
static int traced(const char *variable, const char *path) {
  anser_formula *formula = pigeons(3);
  anser_solver *solver = NULL;
  int32_t result = 77;
  anser_solver_new(formula, &solver);
  anser_status status = anser_solver_solve(solver, NULL, 0, NULL, &result);
  bool named = strstr(anser_last_error(), variable) != NULL;
  fprintf(said, "%s: %s\n", anser_status_name(status), anser_last_error());
  if (status != ANSER_STATUS_INVALID_STATE || !named || result != 77 || access(path, F_OK) == 0) return 1;
  unsetenv(variable);
  status = anser_solver_solve(solver, NULL, 0, NULL, &result);
  fprintf(said, "unset: %s, result %d\n", anser_status_name(status), (int)result);
  anser_solver_free(solver);
  anser_formula_free(formula);
  return status != ANSER_STATUS_OK || result != ANSER_RESULT_UNSAT || access(path, F_OK) == 0;
}

int main(int argc, char **argv) {
  said = fdopen(3, "w");
  if (!said) return 2;
  int wrong = argc > 3 && strcmp(argv[1], "traced") == 0 ? traced(argv[2], argv[3]) : use(argc > 1 && strcmp(argv[1], "other") == 0);
  fclose(said);
  return wrong;
}
