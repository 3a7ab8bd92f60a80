/* run: plain valgrind */
/* cflags: -Ofast */
/* A host whose start-up (crtfastmath.o, linked in by -Ofast) sets flush-to-zero and denormals-are-zero: the library
 * works, its answers are the same, and the floating-point control word is the same before and after every call, also
 * seen from inside callbacks. (AddressSanitizer links other start-up files.) */
#include "check.h"

#include <pthread.h>
#include <xmmintrin.h>

enum { FTZ = 0x8000, DAZ = 0x0040, FLAGS = 0x3f };

static unsigned control(void) { return _mm_getcsr() & ~(unsigned)FLAGS; } /* the sticky flags may change */
static unsigned at_start, seen_inside;

#define SAME(call)                        \
  do {                                    \
    unsigned before = control();          \
    OK(call);                             \
    CHECK(control() == before);           \
  } while (0)

static int32_t looks(void *data, const anser_progress *progress) {
  (void)data, (void)progress;
  seen_inside |= control() ^ at_start;
  return 0;
}

static void run(unsigned mode) {
  anser_formula *formula = random_3sat(120, 511, 3), *copy = NULL;
  anser_budget *budget = NULL;
  anser_interrupt *token = NULL;
  anser_solver *solver = NULL;
  anser_progress_callback callback = ANSER_PROGRESS_CALLBACK_INIT;
  int32_t result = 77, satisfied = 0;
  int8_t model[120];
  static int64_t first[64];
  int64_t values[64];
  size_t count = 0, length = 0;
  char *text;
  _mm_setcsr((_mm_getcsr() & ~(unsigned)(FTZ | DAZ)) | mode);
  at_start = control();
  seen_inside = 0;
  callback.report = looks;
  SAME(anser_budget_new(&budget));
  SAME(anser_interrupt_new(&token));
  SAME(anser_budget_set_interrupt(budget, token));
  SAME(anser_budget_set_time_limit(budget, 1e3));
  SAME(anser_budget_set_progress(budget, &callback, 0));
  SAME(anser_formula_clone(formula, &copy));
  SAME(anser_formula_write_dimacs_memory(formula, NULL, NULL, 0, &length));
  text = malloc(length + 1);
  SAME(anser_formula_write_dimacs_memory(formula, NULL, text, length + 1, NULL));
  anser_formula_free(copy);
  SAME(anser_formula_read_dimacs_memory((const uint8_t *)text, length, budget, &copy));
  SAME(anser_solver_new(copy, &solver));
  SAME(anser_solver_solve(solver, NULL, 0, budget, &result));
  CHECK(result == ANSER_RESULT_SAT || result == ANSER_RESULT_UNSAT);
  if (result == ANSER_RESULT_SAT) {
    SAME(anser_solver_get_model(solver, model, 120));
    SAME(anser_formula_check(formula, model, 120, &satisfied, NULL));
    CHECK(satisfied == 1);
  }
  /* The search does not depend on the host's mode. */
  SAME(anser_solver_num_statistics(&count));
  SAME(anser_solver_get_statistics(solver, values, count));
  if (!first[0]) memcpy(first, values, sizeof values);
  if (!(at_start & 0x6000u)) CHECK(memcmp(first, values, count * sizeof *values) == 0);
  unsigned before = control();
  anser_solver_free(solver);
  anser_formula_free(copy);
  anser_formula_free(formula);
  anser_budget_free(budget);
  anser_interrupt_free(token);
  CHECK(control() == before && seen_inside == 0);
  free(text);
}

static unsigned as_started;
static void the_host_is_fast_and_loose(void) {
#ifdef __FAST_MATH__
  if (getenv("VALGRIND") || (getenv("LD_PRELOAD") && strstr(getenv("LD_PRELOAD"), "valgrind")))
    printf("skipped: ofast.c: valgrind does not keep FTZ and DAZ\n");
  else
    CHECK((as_started & (FTZ | DAZ)) == (FTZ | DAZ)); /* else this tests nothing */
#else
  CHECK(!"compiled with -Ofast");
#endif
}
static void as_the_host_started(void) { run(as_started & (FTZ | DAZ)); }
static void with_all_denormals(void) { run(0); }
static void flushing(void) { run(FTZ); }
static void fast_and_loose(void) { run(FTZ | DAZ); }

static void *elsewhere(void *argument) {
  (void)argument;
  run(FTZ | DAZ);
  return NULL;
}
static void in_a_thread(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, elsewhere, NULL)) abort();
  pthread_join(thread, NULL);
}

/* Rounding upwards, say, stays as well. */
static void rounding(void) {
  _mm_setcsr((_mm_getcsr() & ~0x6000u) | 0x4000u);
  run(0);
  CHECK((_mm_getcsr() & 0x6000u) == 0x4000u);
  _mm_setcsr(_mm_getcsr() & ~0x6000u);
}

int main(void) {
  as_started = _mm_getcsr();
  RUN(the_host_is_fast_and_loose);
  RUN(as_the_host_started);
  RUN(with_all_denormals);
  RUN(flushing);
  RUN(fast_and_loose);
  RUN(in_a_thread);
  RUN(rounding);
  return report();
}
