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

static int check_libraries(void) {
  int bad = 0;
  bad += expect("anser_version_number", (int)anser_version_number(), (int)ANSER_VERSION_NUMBER);
  bad += expect("a panic caught", probe_panics(), 7);
  bad += expect("thread-locals", probe_threads(), 3);
  bad += expect("an exception caught", probe_throws(5), 5);
  bad += expect("CaDiCaL 3 inside", strncmp(probe_cadical(), "cadical-3.", 10), 0);
  bad += expect("pigeons, probe", probe_solve(6), 20);
  bad += expect("the other Rust library", other_answer(), 42);
  return bad;
}
