/* A host with its own, older CaDiCaL. Both solve in turn, and each must be the one it says. */
#include "host.h"

typedef struct CCaDiCaL CCaDiCaL;
const char *ccadical_signature(void);
CCaDiCaL *ccadical_init(void);
void ccadical_release(CCaDiCaL *);
void ccadical_add(CCaDiCaL *, int literal);
int ccadical_solve(CCaDiCaL *);

/* All clauses over n variables: unsatisfiable; all but the last: satisfiable. */
static int solve(int n, int drop) {
  CCaDiCaL *solver = ccadical_init();
  int answer;
  for (int bits = 0; bits < (1 << n) - drop; bits++) {
    for (int v = 0; v < n; v++) ccadical_add(solver, bits >> v & 1 ? v + 1 : -(v + 1));
    ccadical_add(solver, 0);
  }
  answer = ccadical_solve(solver);
  ccadical_release(solver);
  return answer;
}

int main(void) {
  int bad = expect("the host's CaDiCaL 1.9", strncmp(ccadical_signature(), "cadical-1.9.", 12), 0);
  for (int round = 0; round < 3; round++) {
    bad += expect("unsatisfiable, host", solve(6, 0), 20);
    bad += check_libraries();
    bad += expect("satisfiable, host", solve(6, 1), 10);
  }
  return bad != 0;
}
