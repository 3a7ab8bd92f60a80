/* What each host asks of the probe, of the other Rust library and of Anser, all linked statically. */
#include <anser.h>
#include <stdio.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif
int probe_panics(void);
int probe_threads(void);
int probe_throws(int depth);
int probe_solve(int holes);
const char *probe_cadical(void);
int other_answer(void);
#ifdef __cplusplus
}
#endif

static int expect(const char *what, int got, int wanted) {
  if (got != wanted) fprintf(stderr, "%s: %d, expected %d\n", what, got, wanted);
  return got != wanted;
}

/* The pigeons again, by Anser itself: the result, or a negative status. `sink` takes the proof. */
static int anser_pigeons(int holes, const anser_sink *sink) {
  anser_formula *formula = NULL;
  anser_solver *solver = NULL;
  int32_t clause[64];
  anser_result result = ANSER_RESULT_UNKNOWN;
  anser_status status = anser_formula_new(&formula);
  for (int p = 0; p <= holes && status == ANSER_STATUS_OK; p++) {
    for (int h = 0; h < holes; h++) clause[h] = p * holes + h + 1;
    status = anser_formula_add_clause(formula, clause, (size_t)holes, NULL);
    for (int other = 0; other < p; other++) {
      for (int h = 0; h < holes && status == ANSER_STATUS_OK; h++) {
        clause[0] = -(p * holes + h + 1);
        clause[1] = -(other * holes + h + 1);
        status = anser_formula_add_clause(formula, clause, 2, NULL);
      }
    }
  }
  if (status == ANSER_STATUS_OK) status = anser_solver_new(formula, &solver);
  if (status == ANSER_STATUS_OK && sink != NULL) status = anser_solver_set_proof_sink(solver, ANSER_PROOF_FORMAT_DRAT, sink);
  if (status == ANSER_STATUS_OK) status = anser_solver_solve(solver, NULL, 0, NULL, &result);
  anser_solver_free(solver);
  anser_formula_free(formula);
  return status == ANSER_STATUS_OK ? (int)result : -(int)status;
}

static int check_libraries(void) {
  int bad = 0;
  bad += expect("pigeons, Anser", anser_pigeons(6, NULL), ANSER_RESULT_UNSAT);
  bad += expect("an error reported", anser_formula_new(NULL), ANSER_STATUS_NULL_ARGUMENT);
  bad += expect("anser_version_number", (int)anser_version_number(), (int)ANSER_VERSION_NUMBER);
  bad += expect("a panic caught", probe_panics(), 7);
  bad += expect("thread-locals", probe_threads(), 3);
  bad += expect("an exception caught", probe_throws(5), 5);
  bad += expect("CaDiCaL 3 inside", strncmp(probe_cadical(), "cadical-3.", 10), 0);
  bad += expect("pigeons, probe", probe_solve(6), 20);
  bad += expect("the other Rust library", other_answer(), 42);
  return bad;
}
