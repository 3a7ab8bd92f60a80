/* run: plain */
/* Short of memory: a status, never an abort. Each case is a child process of its own, this program run again with an
 * argument, under RLIMIT_AS or a limit of the library. (Sanitizers and valgrind need address space of their own.) */
#include "nets.h"

#include <sys/resource.h>
#include <sys/wait.h>

/* ---- In the child: exits 0 where every call answered what it may ---- */

static int answered; /* how many calls answered OUT_OF_MEMORY */

static bool allowed(const char *what, anser_status status) {
  if (status == ANSER_STATUS_OUT_OF_MEMORY) answered++;
  if (status == ANSER_STATUS_OK || status == ANSER_STATUS_OUT_OF_MEMORY) return true;
  printf("  %s answered %s: %s\n", what, anser_status_name(status), anser_last_error());
  exit(3);
}

static void limit(size_t megabytes) {
  struct rlimit as = {megabytes << 20, megabytes << 20};
  if (megabytes && setrlimit(RLIMIT_AS, &as) != 0) exit(4);
}

static size_t filled; /* how long the formula became */
static void build(anser_formula *formula) {
  const int32_t clause[] = {1, -2, 3, 4, -5, 6, 7, 8};
  for (filled = 0; filled < 40000000; filled++)
    if (!allowed("add_clause", anser_formula_add_clause(formula, clause, 8, NULL)) || answered) return;
}

static int child_build(size_t megabytes) {
  anser_formula *formula = NULL, *copy = NULL;
  limit(megabytes);
  if (!allowed("new", anser_formula_new(&formula)) || !formula) return 0;
  build(formula);
  uint64_t count = 0;
  allowed("num_clauses", anser_formula_num_clauses(formula, &count));
  if (count != filled) return 5; /* nothing was lost */
  /* A second one of the same size; a copy that is then changed; names; a solver. */
  int before = answered;
  allowed("clone", anser_formula_clone(formula, &copy));
  if (copy) {
    const int32_t one[] = {1};
    anser_status status = anser_formula_add_clause(copy, one, 1, NULL);
    allowed("add_clause to a copy", status);
    allowed("num_clauses", anser_formula_num_clauses(copy, &count));
    if (count != filled + (status == ANSER_STATUS_OK)) return 5;
  }
  anser_formula_free(copy);
  anser_solver *solver = NULL;
  if (allowed("solver_new", anser_solver_new(formula, &solver)) && solver) {
    int32_t result = 77;
    anser_status status = anser_solver_solve(solver, NULL, 0, NULL, &result);
    allowed("solve", status);
    if ((status == ANSER_STATUS_OK) != (result == ANSER_RESULT_SAT)) return 6;
    int64_t value = 0;
    allowed("get_statistic", anser_solver_get_statistic(solver, "conflicts", &value));
  }
  anser_solver_free(solver);
  size_t length = 0;
  allowed("write_dimacs_memory", anser_formula_write_dimacs_memory(formula, NULL, NULL, 0, &length));
  anser_formula_free(formula);
  printf("  %zu clauses, %d refusals (%d while building)\n", filled, answered, before);
  return megabytes && !answered ? 7 : 0;
}

static char *text_of(size_t clauses, size_t *length) {
  char *text = malloc(clauses * 24 + 64), *at = text;
  if (!text) exit(4);
  at += sprintf(at, "p cnf 1000000 %zu\n", clauses);
  for (size_t i = 0; i < clauses; i++)
    at += sprintf(at, "%u -%u %u 0\n", 1 + random_below(1000000), 1 + random_below(1000000), 1 + random_below(1000000));
  *length = (size_t)(at - text);
  return text;
}

static int child_read(size_t megabytes) {
  size_t length = 0;
  char *text = text_of(2000000, &length); /* 2 million clauses: 48 MB of text room, 40 MB of formula */
  const char *path = getenv("ANSER_TEST_FILE");
  limit(megabytes);
  for (int from_file = 0; from_file < 2; from_file++) {
    anser_formula *formula = (anser_formula *)(void *)&formula;
    anser_status status = from_file ? anser_formula_read_dimacs(path, NULL, &formula)
                                    : anser_formula_read_dimacs_memory((const uint8_t *)text, length, NULL, &formula);
    allowed("read", status);
    if ((formula != NULL) != (status == ANSER_STATUS_OK)) return 5;
    /* In bulk, as far as there is room. */
    if (!formula) allowed("new", anser_formula_new(&formula));
    static int32_t literals[300000];
    static size_t offsets[100001];
    for (size_t i = 0; i < 300000; i++) literals[i] = (int32_t)i + 1;
    for (size_t i = 0; i <= 100000; i++) offsets[i] = 3 * i;
    uint64_t count = 0, now_ = 0;
    allowed("num_clauses", anser_formula_num_clauses(formula, &count));
    for (int i = 0; formula && i < 2000; i++) {
      status = anser_formula_add_clauses(formula, literals, 300000, offsets, 100000, NULL);
      allowed("add_clauses", status);
      allowed("num_clauses", anser_formula_num_clauses(formula, &now_));
      if (now_ != count + (status == ANSER_STATUS_OK ? 100000 : 0)) return 5; /* all or none */
      count = now_;
      if (status != ANSER_STATUS_OK) break;
      if (!megabytes && i == 20) break;
    }
    anser_formula_free(formula);
  }
  free(text);
  printf("  %d refusals\n", answered);
  return megabytes && !answered ? 7 : 0;
}

/* Constraints of every kind and numbers in bulk, until there is no room. */
static int child_constraints(size_t megabytes) {
  enum { ROWS = 50000 };
  static int32_t literals[2 * ROWS], kinds[ROWS], when[ROWS], relations[ROWS], variables[ROWS];
  static int64_t weights[2 * ROWS], bounds[ROWS];
  static double reals[2 * ROWS];
  static uint32_t numbers[ROWS];
  static size_t two[ROWS + 1], one[ROWS + 1];
  static uint8_t rhs[ROWS];
  for (int i = 0; i < 2 * ROWS; i++) literals[i] = i % ROWS + 1, weights[i] = 1, reals[i] = 1;
  for (int i = 0; i < ROWS; i++) kinds[i] = 1, when[i] = -1, relations[i] = 1, two[i + 1] = 2 * (size_t)i + 2, one[i + 1] = (size_t)i + 1;
  for (int i = 0; i < ROWS; i++) variables[i] = i + 1;
  anser_linear_rows rows = ANSER_LINEAR_ROWS_INIT;
  rows.num_rows = ROWS;
  rows.numbers = numbers, rows.coefficients = reals, rows.num_numbers = ROWS, rows.number_offsets = one;
  rows.literals = literals, rows.weights = reals, rows.num_literals = 2 * ROWS, rows.literal_offsets = two;
  rows.relations = relations, rows.rhs = reals, rows.conditions = kinds, rows.condition_literals = when;
  anser_formula *formula = NULL, *copy = NULL;
  anser_formula_statistics s = ANSER_FORMULA_STATISTICS_INIT, t = ANSER_FORMULA_STATISTICS_INIT;
  if (anser_formula_new(&formula)) return 4;
  limit(megabytes);
  uint64_t done[7] = {0};
  for (int round = 0; round < 7 * 60 && answered < 20; round++) {
    uint32_t number = 77;
    int what = round % 7;
    anser_status status =
        what == 0   ? anser_formula_new_reals(formula, reals, reals, ROWS, &number)
        : what == 1 ? anser_formula_add_xors(formula, literals, 2 * ROWS, two, rhs, ROWS, NULL)
        : what == 2 ? anser_formula_add_cardinalities(formula, literals, 2 * ROWS, two, bounds, kinds, when, ROWS, NULL)
        : what == 3 ? anser_formula_add_pseudo_booleans(formula, literals, weights, 2 * ROWS, two, bounds, kinds, when, ROWS, NULL)
        : what == 4 ? (done[0] ? anser_formula_add_linears(formula, &rows, NULL) : ANSER_STATUS_OK)
        : what == 5 ? anser_formula_new_integers(formula, bounds, bounds, ROWS, &number)
                    : (done[1] ? anser_formula_set_sampling_set(formula, variables, ROWS) : ANSER_STATUS_OK);
    allowed("constraints", status);
    if (status == ANSER_STATUS_OK && (what != 4 || done[0])) done[what]++;
  }
  if (anser_formula_get_statistics(formula, &s)) return 6;
  if (s.xors != ROWS * done[1] || s.cardinalities != ROWS * done[2] || s.pseudo_booleans != ROWS * done[3] ||
      s.linears != ROWS * done[4] || s.numbers != ROWS * (done[0] + done[5]))
    return 5; /* all or none */
  anser_constraint c = ANSER_CONSTRAINT_INIT;
  uint64_t total = s.xors + s.cardinalities + s.pseudo_booleans + s.linears;
  if (total && anser_formula_get_constraint(formula, total - 1, &c)) return 6;
  allowed("clone", anser_formula_clone(formula, &copy));
  anser_status status = anser_formula_add_xor(copy, literals, 2, 1, NULL); /* changes a copy, if there is room */
  if (copy) allowed("add_xor to a copy", status);
  if (copy && anser_formula_get_statistics(copy, &t)) return 6;
  if (copy && t.xors != s.xors + (status == ANSER_STATUS_OK)) return 5;
  anser_formula_free(copy);
  anser_formula_free(formula);
  printf("  %" PRIu64 " constraints, %" PRIu64 " bytes, %d refusals\n", total, s.bytes, answered);
  return megabytes && !answered ? 7 : 0;
}

/* A million variables, loaded and searched for a while. */
static int child_solve(size_t megabytes) {
  anser_formula *formula = random_3sat(1000000, 3700000, 1);
  anser_budget *budget = NULL;
  anser_solver *solver = NULL;
  int32_t result = 77;
  if (!formula) return 4;
  limit(megabytes);
  if (!allowed("budget_new", anser_budget_new(&budget)) || !budget) return 0;
  anser_budget_set_conflict_limit(budget, 2000);
  anser_budget_set_time_limit(budget, 4);
  if (!allowed("solver_new", anser_solver_new(formula, &solver)) || !solver) return 0;
  anser_status status = anser_solver_solve(solver, NULL, 0, budget, &result);
  allowed("solve", status);
  printf("  %s, result %d: %s\n", anser_status_name(status), (int)result, anser_last_error());
  if ((status == ANSER_STATUS_OK) != (result != 77)) return 5;
  /* Used again it answers, too: it is out of order, or goes on. */
  result = 77;
  status = anser_solver_solve(solver, NULL, 0, budget, &result);
  if (status != ANSER_STATUS_INVALID_STATE) allowed("solve again", status);
  int64_t value = 0;
  size_t n = 0;
  if (anser_solver_get_statistic(solver, "conflicts", &value) != ANSER_STATUS_OK) return 6;
  if (anser_solver_num_core(solver, &n) == ANSER_STATUS_OK && result != ANSER_RESULT_UNSAT) return 6;
  anser_solver_free(solver);
  anser_budget_free(budget);
  anser_formula_free(formula);
  return 0;
}

/* Learns and learns, until there is no room. */
static int child_learn(size_t megabytes) {
  anser_formula *formula = random_3sat(600, 2550, 77);
  anser_budget *budget = NULL;
  anser_solver *solver = NULL;
  int32_t result = 77;
  if (!formula) return 4;
  limit(megabytes);
  if (!allowed("budget_new", anser_budget_new(&budget)) || !budget) return 0;
  anser_budget_set_time_limit(budget, 3);
  if (!allowed("solver_new", anser_solver_new(formula, &solver)) || !solver) return 0;
  /* Keep what is learned. */
  anser_solver_set_option(solver, "reduce", 0);
  anser_status status = anser_solver_solve(solver, NULL, 0, budget, &result);
  allowed("solve", status);
  printf("  %s, result %d: %s\n", anser_status_name(status), (int)result, anser_last_error());
  anser_solver_free(solver);
  anser_budget_free(budget);
  anser_formula_free(formula);
  return 0;
}

/* The most variables there can be, and one clause. */
static int child_widest(size_t megabytes) {
  anser_formula *formula = NULL;
  anser_solver *solver = NULL;
  anser_budget *budget = NULL;
  const int32_t clause[] = {MAX_VAR, -1};
  int32_t result = 77;
  limit(megabytes);
  if (anser_formula_new(&formula) || anser_budget_new(&budget)) return 4;
  if (anser_formula_add_clause(formula, clause, 2, NULL)) return 4;
  anser_budget_set_memory_limit(budget, UINT64_C(1) << 40); /* the machine's own memory is the limit */
  for (int i = 0; i < 2; i++) {
    if (anser_solver_new(formula, &solver)) return 4;
    anser_status status = anser_solver_solve(solver, NULL, 0, i ? budget : NULL, &result);
    allowed("solve", status);
    printf("  %s: %s\n", anser_status_name(status), anser_last_error());
    if ((status == ANSER_STATUS_OK) != (result == ANSER_RESULT_SAT)) return 5;
    uint32_t vars = 0;
    if (anser_solver_num_vars(solver, &vars) || vars != (uint32_t)MAX_VAR) return 6;
    anser_solver_free(solver);
    result = 77;
  }
  anser_budget_free(budget);
  anser_formula_free(formula);
  return 0;
}

/* One wide layer of rectifiers into one formula, again and again, and smaller boxes of it. */
static int child_encode(size_t megabytes) {
  enum { IN = 500, WIDE = 1000 };
  static float weights[IN * WIDE];
  static double lower[IN], upper[IN];
  for (int i = 0; i < IN * WIDE; i++) weights[i] = (float)((int)random_below(64) - 32) / 16;
  for (int i = 0; i < IN; i++) lower[i] = -1, upper[i] = 1;
  anser_network *network = new_network();
  const uint32_t x = add_input(network, "x", SHAPE(1, IN)), w = add_weights(network, weights, SHAPE(WIDE, IN));
  if (anser_network_add_output(network, add_layer(network, LAYER(RELU, add_layer(network, LAYER(LINEAR, x, w)))))) return 4;
  anser_formula *formula = new_formula();
  limit(megabytes);
  int done = 0;
  for (int round = 0; round < (megabytes ? 24 : 3) && answered < 6; round++) {
    anser_relu_options options = ANSER_RELU_OPTIONS_INIT;
    options.form = round % 2;
    options.tightening = ANSER_RELU_TIGHTENING_INTERVAL;
    anser_relu_encoder *encoder = NULL;
    anser_relu_encoding *encoding = NULL;
    allowed("encoder_new", anser_relu_encoder_new(network, &options, NULL, &encoder));
    if (!encoder) continue;
    const anser_status status = anser_relu_encoder_encode(encoder, formula, lower, upper, IN, NULL, &encoding);
    allowed("encode", status);
    if ((encoding != NULL) != (status == ANSER_STATUS_OK)) return 5;
    if (encoding) {
      int32_t literal = 77;
      const anser_status then = anser_relu_encoding_restrict(encoding, formula, lower, lower, IN, NULL, &literal);
      allowed("restrict", then);
      if ((literal != 77) != (then == ANSER_STATUS_OK)) return 5;
      done++;
    }
    anser_relu_encoding_free(encoding);
    anser_relu_encoder_free(encoder);
  }
  uint32_t vars = 0;
  if (anser_formula_num_vars(formula, &vars) || vars < (uint32_t)(done * WIDE)) return 6;
  anser_formula_free(formula);
  anser_network_free(network);
  printf("  %d encodings, %d refusals\n", done, answered);
  return megabytes && !answered ? 7 : 0;
}

/* The library's own limits: the handles stay usable. */
static int child_limits(size_t megabytes) {
  (void)megabytes;
  anser_formula *formula = new_formula(), *read = NULL;
  anser_budget *budget = new_budget();
  OK(anser_formula_set_memory_limit(formula, 1 << 20));
  build(formula);
  CHECK(answered == 1 && filled > 1000 && filled < (1 << 20) / 40);
  OK(anser_formula_set_memory_limit(formula, UINT64_MAX));
  ADD(formula, 1);
  size_t length = 0;
  char *text = text_of(200000, &length);
  OK(anser_budget_set_memory_limit(budget, 1 << 20));
  FAILS(ANSER_STATUS_OUT_OF_MEMORY, anser_formula_read_dimacs_memory((const uint8_t *)text, length, budget, &read), "limit", "1048576");
  CHECK(read == NULL);
  anser_solver *solver = new_solver(formula);
  int32_t result = 77;
  OK(anser_budget_set_memory_limit(budget, 1 << 10));
  for (int i = 0; i < 3; i++) {
    FAILS(ANSER_STATUS_OUT_OF_MEMORY, anser_solver_solve(solver, NULL, 0, budget, &result), "limit", "1024");
    CHECK(result == 77);
  }
  OK(anser_solver_add_clause(solver, (const int32_t[]){2}, 1, NULL));
  OK(anser_budget_set_memory_limit(budget, UINT64_MAX));
  OK(anser_solver_solve(solver, NULL, 0, budget, &result));
  CHECK(result == ANSER_RESULT_SAT);
  OK(anser_budget_set_memory_limit(budget, UINT64_C(1) << 30));
  OK(anser_formula_read_dimacs_memory((const uint8_t *)text, length, budget, &read));
  free(text);
  anser_solver_free(solver);
  anser_formula_free(read);
  anser_formula_free(formula);
  anser_budget_free(budget);
  return check_bad;
}

static const struct {
  const char *name;
  int (*run)(size_t megabytes);
  size_t megabytes[8]; /* 0 ends the list, but for a case without a limit */
} cases[] = {{"limits", child_limits, {0}},
             {"build", child_build, {24, 32, 48, 128, 512, 0}},
             {"read", child_read, {110, 128, 150, 200, 300, 600, 0}},
             {"constraints", child_constraints, {24, 40, 64, 130, 250, 0}},
             {"solve", child_solve, {110, 250, 450, 600, 0}},
             {"learn", child_learn, {24, 28, 40, 0}},
             {"widest", child_widest, {100, 2000, 0}},
             {"encode", child_encode, {50, 62, 66, 74, 76, 90, 120, 150}}};

/* ---- In the parent ---- */

static char *self;
static size_t at;

static void run_case(void) {
  for (size_t i = 0; i == 0 || (i < 8 && cases[at].megabytes[i]); i++) {
    char number[24];
    int status = 0;
    double begin = now();
    snprintf(number, sizeof number, "%zu", cases[at].megabytes[i]);
    printf("  %s under %s MiB:\n", cases[at].name, number);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
      execl(self, self, cases[at].name, number, (char *)NULL);
      _exit(127);
    }
    CHECK(waitpid(child, &status, 0) == child);
    if (!CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0))
      printf("  %s under %s MiB: %s %d\n", cases[at].name, number, WIFSIGNALED(status) ? "signal" : "exit",
             WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    CHECK(now() - begin < 100);
  }
}
static void memory_limits(void) { at = 0, run_case(); }
static void building(void) { at = 1, run_case(); }
static void reading(void) { at = 2, run_case(); }
static void adding_constraints(void) { at = 3, run_case(); }
static void solving(void) { at = 4, run_case(); }
static void learning(void) { at = 5, run_case(); }
static void the_widest_formula(void) { at = 6, run_case(); }
static void encoding_networks(void) { at = 7, run_case(); }

int main(int argc, char **argv) {
  if (argc > 2)
    for (size_t i = 0; i < COUNT(cases); i++)
      if (strcmp(argv[1], cases[i].name) == 0) return cases[i].run(strtoull(argv[2], NULL, 10));
  char path[256];
  static char own[4096];
  self = realpath("/proc/self/exe", own);
  snprintf(path, sizeof path, "%s", temporary(0, ".cnf"));
  size_t length = 0;
  char *text = text_of(2000000, &length);
  FILE *file = fopen(path, "wb");
  if (!self || !file || fwrite(text, 1, length, file) != length || fclose(file)) return 4;
  free(text);
  setenv("ANSER_TEST_FILE", path, 1);
  RUN(memory_limits);
  RUN(building);
  RUN(reading);
  RUN(adding_constraints);
  RUN(solving);
  RUN(learning);
  RUN(the_widest_formula);
  RUN(encoding_networks);
  unlink(path);
  return report();
}
