/* host FILE PROOF: solves a DIMACS file through libanser and prints the answer as the SAT competition wants it. An LRAT
 * proof goes to PROOF. Exits with 10, 20, or 1 and the error on stderr. tests/satlib.rs builds and runs it. */
#include "anser.h"

#include <stdio.h>
#include <stdlib.h>

static void must (anser_status status) {
  if (status == ANSER_STATUS_OK)
    return;
  fprintf (stderr, "%s: %s (line %llu, column %llu)\n", anser_status_name (status), anser_last_error (),
           (unsigned long long) anser_last_error_line (), (unsigned long long) anser_last_error_column ());
  exit (1);
}

int main (int argc, char **argv) {
  if (argc != 3)
    return 2;
  anser_formula *formula;
  must (anser_formula_read_dimacs (argv[1], NULL, &formula));
  anser_solver *solver;
  must (anser_solver_new (formula, &solver));
  anser_formula_free (formula);
  must (anser_solver_set_proof_file (solver, ANSER_PROOF_FORMAT_LRAT, argv[2]));
  int32_t result;
  must (anser_solver_solve (solver, NULL, 0, NULL, &result));
  if (result == ANSER_RESULT_SAT) {
    uint32_t vars;
    must (anser_solver_num_vars (solver, &vars));
    int8_t *values = malloc (vars);
    if (!values)
      return 1;
    must (anser_solver_get_model (solver, values, vars));
    puts ("s SATISFIABLE");
    for (uint32_t i = 0; i < vars; i++)
      printf ("v %d\n", values[i] > 0 ? (int) i + 1 : -(int) i - 1);
    puts ("v 0");
    free (values);
  } else if (result == ANSER_RESULT_UNSAT)
    puts ("s UNSATISFIABLE");
  else
    puts ("s UNKNOWN");
  anser_solver_free (solver);
  return result;
}
