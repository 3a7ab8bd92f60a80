/*
 * solve_dimacs: a small SAT solver program over the C library.
 *
 * What it shows: reading DIMACS files, limits on time, solving, telling why a search ended, checking a model without
 * the solver, writing a proof, and what to do with statuses.
 *
 *   cc -std=c11 solve_dimacs.c -o solve_dimacs $(pkg-config --cflags --libs anser)
 *   ./solve_dimacs [--time SECONDS] [--lrat PROOF] FILE...
 *
 * --time SECONDS limits each file's reading and each file's search. --lrat PROOF writes a proof of unsatisfiability
 * that an LRAT checker can check; it goes with one file only. Files may be plain, or compressed by gzip or xz.
 *
 * What it prints: a line for each file,
 *
 *   FILE: SATISFIABLE  120 vars  430 clauses  0.003 s
 *
 * or UNSATISFIABLE, or UNKNOWN with the reason in parentheses; errors go to standard error. It exits, where there is
 * one file, with 10, 20 or 0 in that order, as SAT solvers do; with 0 where there are more; with 1 after any error.
 */
#include <anser.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What became of a file. Unknown, satisfiable and unsatisfiable are those of the library, to be handed on. */
enum { ERROR = 1 };

static double now(void) {
  struct timespec t;
  timespec_get(&t, TIME_UTC);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Tells what went wrong in the last call. The text names the function, the argument and the value; for files also the
   place. It belongs to this thread and lasts until its next call of the library. */
static int complain(const char *file, anser_status status) {
  fprintf(stderr, "%s: %s: %s\n", file, anser_status_name(status), anser_last_error());
  return ERROR;
}

static const char *reason_text(anser_stop_reason reason) {
  switch (reason) {
  case ANSER_STOP_REASON_TIME: return "time limit";
  default: return anser_stop_reason_name(reason); /* one that a newer library has, or that no budget here causes */
  }
}

/* The solver checks every model before it answers; a host that trusts nobody checks it again. */
static anser_status check_model(const anser_formula *formula, const anser_solver *solver, uint32_t num_vars,
                                int32_t *satisfied, uint64_t *violated) {
  int8_t *model = malloc((size_t)num_vars + 1); /* one more, so that it is not empty */
  if (model == NULL) {
    return ANSER_STATUS_OUT_OF_MEMORY;
  }
  anser_status status = anser_solver_get_model(solver, model, num_vars);
  if (status == ANSER_STATUS_OK) {
    status = anser_formula_check(formula, model, num_vars, satisfied, violated);
  }
  free(model);
  return status;
}

/* Solves one file and prints its line. Answers a result of the library, or ERROR. */
static int solve_file(const char *file, const char *proof, const anser_budget *budget) {
  const double start = now();
  anser_formula *formula = NULL;
  anser_solver *solver = NULL;
  uint32_t num_vars = 0;
  uint64_t num_clauses = 0;
  int answer = ERROR;
  anser_status status;

  status = anser_formula_read_dimacs(file, budget, &formula);
  if (status == ANSER_STATUS_STOPPED) { /* calls other than a search have no result: stopped is a status */
    printf("%s: UNKNOWN (%s, while reading)\n", file, reason_text(anser_last_error_stop_reason()));
    return ANSER_RESULT_UNKNOWN;
  }
  if (status != ANSER_STATUS_OK) {
    return complain(file, status); /* on failure there is no formula, so nothing to free */
  }

  if ((status = anser_formula_num_vars(formula, &num_vars)) != ANSER_STATUS_OK ||
      (status = anser_formula_num_clauses(formula, &num_clauses)) != ANSER_STATUS_OK ||
      (status = anser_solver_new(formula, &solver)) != ANSER_STATUS_OK) {
    complain(file, status);
    goto done;
  }
  if (proof != NULL) { /* before the first solve */
    status = anser_solver_set_proof_file(solver, ANSER_PROOF_FORMAT_LRAT, proof);
    if (status != ANSER_STATUS_OK) {
      complain(proof, status);
      goto done;
    }
  }

  anser_result result = ANSER_RESULT_UNKNOWN;
  status = anser_solver_solve(solver, NULL, 0, budget, &result);
  if (status != ANSER_STATUS_OK) {
    complain(file, status);
    goto done;
  }

  if (result == ANSER_RESULT_SAT) {
    int32_t satisfied = 0;
    uint64_t violated = 0;
    status = check_model(formula, solver, num_vars, &satisfied, &violated);
    if (status != ANSER_STATUS_OK) {
      complain(file, status);
      goto done;
    }
    if (!satisfied) {
      fprintf(stderr, "%s: the model violates clause %llu\n", file, (unsigned long long)violated);
      goto done;
    }
    printf("%s: SATISFIABLE", file);
  } else if (result == ANSER_RESULT_UNSAT) {
    printf("%s: UNSATISFIABLE", file);
  } else {
    anser_stop_reason reason = ANSER_STOP_REASON_SOLVED;
    status = anser_solver_get_stop_reason(solver, &reason);
    if (status != ANSER_STATUS_OK) {
      complain(file, status);
      goto done;
    }
    printf("%s: UNKNOWN (%s)", file, reason_text(reason));
  }
  printf("  %lu vars  %llu clauses  %.3f s\n", (unsigned long)num_vars, (unsigned long long)num_clauses, now() - start);
  answer = (int)result;

done: /* NULL is ignored, and the order does not matter */
  anser_solver_free(solver);
  anser_formula_free(formula);
  return answer;
}

static int usage(void) {
  fputs("usage: solve_dimacs [--time SECONDS] [--lrat PROOF] FILE...\n", stderr);
  return ERROR;
}

int main(int argc, char **argv) {
  double seconds = INFINITY;
  const char *proof = NULL;
  int first = 1;
  for (; first < argc && strncmp(argv[first], "--", 2) == 0; first++) {
    if (strcmp(argv[first], "--") == 0) {
      first++;
      break;
    }
    if (first + 1 == argc) {
      return usage();
    }
    if (strcmp(argv[first], "--time") == 0) {
      char *end = NULL;
      errno = 0;
      seconds = strtod(argv[++first], &end);
      if (end == argv[first] || *end != '\0' || errno != 0) {
        return usage();
      }
    } else if (strcmp(argv[first], "--lrat") == 0) {
      proof = argv[++first];
    } else {
      return usage();
    }
  }
  const int files = argc - first;
  if (files < 1 || (proof != NULL && files > 1)) {
    return usage();
  }

  /* One budget serves all calls: its limits count from the start of each. */
  anser_budget *budget = NULL;
  anser_status status = anser_budget_new(&budget);
  if (status == ANSER_STATUS_OK) {
    status = anser_budget_set_time_limit(budget, seconds); /* negative or NaN is refused here */
  }
  if (status != ANSER_STATUS_OK) {
    complain("--time", status);
    anser_budget_free(budget);
    return ERROR;
  }

  int answer = ANSER_RESULT_UNKNOWN;
  int failed = 0;
  for (int i = first; i < argc; i++) {
    answer = solve_file(argv[i], proof, budget);
    failed |= answer == ERROR;
  }
  anser_budget_free(budget);
  if (fflush(stdout) != 0) {
    return ERROR;
  }
  return failed ? ERROR : files == 1 ? answer : 0;
}
