/* A panic is a status, with its text, and nothing else: nothing printed, the process and the library alive. */
#include "../c/check.h"

#include <fcntl.h>

anser_status probe_panic(void);
anser_status probe_panic_twice(void);
anser_status probe_index(size_t index);

static void after_a_panic(void) {
  uint32_t vars = 77;
  anser_formula *formula = new_formula();
  OK(anser_formula_num_vars(formula, &vars));
  CHECK(vars == 0);
  anser_formula_free(formula);
}

static void panics(void) {
  for (int i = 0; i < 3; i++) {
    FAILS(ANSER_STATUS_PANIC, probe_panic(), "defect, caught", "the probe panics with 42");
    after_a_panic();
    FAILS(ANSER_STATUS_PANIC, probe_index(3 + (size_t)i), "out of bounds", "the len is 3");
    CHECK(probe_index(2) == ANSER_STATUS_OK);
    FAILS(ANSER_STATUS_PANIC, probe_panic_twice(), "defect, caught", "");
    after_a_panic();
  }
}

static void nothing_is_printed(void) {
  int ends[2], out = dup(1), err = dup(2);
  char bytes[256];
  fflush(stdout);
  CHECK(pipe(ends) == 0 && dup2(ends[1], 1) == 1 && dup2(ends[1], 2) == 2);
  anser_status first = probe_panic(), second = probe_index(9), third = probe_panic_twice();
  dup2(out, 1);
  dup2(err, 2);
  CHECK(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 && read(ends[0], bytes, sizeof bytes) == -1);
  CHECK(first == ANSER_STATUS_PANIC && second == ANSER_STATUS_PANIC && third == ANSER_STATUS_PANIC);
}

int main(void) {
  RUN(panics);
  RUN(nothing_is_printed);
  return report();
}
