/* Random calls of every function, legal and not, in any order, also from inside callbacks, against a model of what each
 * may answer. Formulas of up to ten variables are solved by brute force beside the library.
 *
 * fuzz [SEED [CALLS]]; CALLS is also read from FUZZ_CALLS. A failure prints the seed and the number of the call. */
#include "check.h"

enum { VARS = 10, ROWS = 64, TERMS = 5, NUMBERS = 3, SLOTS = 4, CALLBACK_DEPTH = 2 };

typedef struct { /* a constraint: of a clause only the masks and the length, of others all but these */
  int32_t kind;
  uint16_t pos, neg, length;
  int32_t literals[TERMS], condition, condition_literal, relation;
  int64_t weights[TERMS], bound; /* also of a linear one: the numbers here are small integers */
  uint32_t numbers[NUMBERS], num_numbers;
  int64_t coefficients[NUMBERS];
} row;
typedef struct { /* what is said; `wild` where it is too large for brute force */
  row rows[ROWS];
  uint64_t count, xors, total; /* clauses, parities, constraints of all kinds */
  uint32_t vars, numbers;
  bool wild, linear, sampled, nothing; /* it has an even parity of nothing */
  uint32_t sample; /* the variables of the sampling set: variable v is bit v - 1 */
} cnf;
typedef struct {
  anser_formula *h;
  cnf said;
  char name[VARS + 1][8];
  int readers;
  bool limited;
  unsigned age;
} formula_slot;
enum { NOTHING, SAT, UNSAT, UNKNOWN };
typedef struct {
  anser_solver *h;
  cnf said;
  int last, busy, core_count;
  int32_t assumed[8];
  size_t num_assumed;
  bool solved, proof, refusing, lrat, factor, odd, reported, native;
  uint32_t vars_then;
  unsigned age;
} solver_slot;
typedef struct {
  anser_budget *h;
  bool limited, memory, callback;
  int token;
  unsigned age;
} budget_slot;
typedef struct {
  anser_interrupt *h;
  bool triggered;
} token_slot;

static formula_slot formulas[SLOTS];
static solver_slot solvers[SLOTS];
static budget_slot budgets[SLOTS];
static token_slot tokens[SLOTS];
static uint64_t seed, calls, target, solves, answers[4], by_brute_force, deepest;
static int depth, hosts_made, hosts_destroyed;
static unsigned ages;

static _Noreturn void die(const char *what, int line) {
  printf("FAILED fuzz.c: seed %" PRIu64 ", call %" PRIu64 ", line %d: %s; last error: %s\n", seed, calls, line, what,
         anser_last_error());
  fflush(stdout);
  exit(1);
}
#define EXPECT(condition) ((condition) ? (void)0 : die(#condition, __LINE__))
#define CALL(call) checked((call), __LINE__)
static anser_status checked(anser_status status, int line) {
  const char *text = anser_last_error();
  calls++;
  if (status == ANSER_STATUS_OK && *text) die("an error text after success", line);
  if (status != ANSER_STATUS_OK && strncmp(text, "anser_", 6) != 0) die("no error text after failure", line);
  if (status == ANSER_STATUS_PANIC || status == ANSER_STATUS_INTERNAL || status < 0 || status > 14) die("status", line);
  return status;
}

static uint32_t below(uint32_t n) { return random_below(n); }
static bool one_in(uint32_t n) { return random_below(n) == 0; }

/* ---- The model ---- */

static void mention(cnf *f, int32_t literal) {
  uint32_t v = (uint32_t)abs(literal);
  if (v > f->vars) f->vars = v;
  if (v > VARS) f->wild = true;
}
static void say_row(cnf *f, const row *r) {
  for (size_t i = 0; r->kind != ANSER_CONSTRAINT_KIND_CLAUSE && i < r->length; i++) mention(f, r->literals[i]);
  if (r->condition) mention(f, r->condition_literal);
  if (r->kind == ANSER_CONSTRAINT_KIND_CLAUSE) f->count++;
  if (r->kind == ANSER_CONSTRAINT_KIND_XOR) f->xors++;
  if (r->kind == ANSER_CONSTRAINT_KIND_XOR && !r->length && !r->bound) f->nothing = true;
  if (r->kind == ANSER_CONSTRAINT_KIND_LINEAR) f->linear = true;
  if (f->total < ROWS) f->rows[f->total] = *r;
  if (++f->total > ROWS) f->wild = true;
}
static void say(cnf *f, const int32_t *literals, size_t n) {
  row r;
  memset(&r, 0, sizeof r); /* also what is between the fields: rows are compared as bytes */
  r.kind = ANSER_CONSTRAINT_KIND_CLAUSE, r.length = (uint16_t)n;
  for (size_t i = 0; i < n; i++) {
    uint32_t v = (uint32_t)abs(literals[i]);
    mention(f, literals[i]);
    if (v > VARS) continue;
    if (literals[i] > 0)
      r.pos |= (uint16_t)(1u << (v - 1));
    else
      r.neg |= (uint16_t)(1u << (v - 1));
  }
  say_row(f, &r);
}
/* Whether DIMACS CNF can say it. An even parity of nothing takes a variable to be said. */
static bool sayable(const cnf *f) {
  return f->total == f->count + f->xors && !f->numbers && !(f->nothing && f->vars == 0);
}
/* The n-th row of a kind, where it is among those that are kept. */
static const row *of_kind(const cnf *f, int32_t kind, uint64_t n) {
  for (uint64_t i = 0; i < f->total && i < ROWS; i++)
    if (f->rows[i].kind == kind && n-- == 0) return &f->rows[i];
  return NULL;
}
static bool is_on(unsigned assignment, int32_t literal) {
  return (assignment >> (abs(literal) - 1) & 1) == (literal > 0);
}
static bool row_holds(const row *r, unsigned assignment, const double *numbers) {
  if (r->kind == ANSER_CONSTRAINT_KIND_CLAUSE) return (assignment & r->pos) | (~assignment & r->neg);
  int64_t sum = 0;
  for (size_t i = 0; i < r->length; i++) sum += is_on(assignment, r->literals[i]) ? r->weights[i] : 0;
  for (size_t i = 0; i < r->num_numbers; i++) sum += r->coefficients[i] * (int64_t)numbers[r->numbers[i]];
  if (r->kind == ANSER_CONSTRAINT_KIND_XOR) return sum % 2 == r->bound;
  bool good = r->relation == ANSER_RELATION_AT_LEAST  ? sum >= r->bound
              : r->relation == ANSER_RELATION_AT_MOST ? sum <= r->bound
              : r->relation == ANSER_RELATION_EQUAL   ? sum == r->bound
              : r->relation == ANSER_RELATION_GREATER ? sum > r->bound
                                                      : sum < r->bound;
  return r->condition == ANSER_CONDITION_PLAIN     ? good
         : r->condition == ANSER_CONDITION_IMPLIED ? good || !is_on(assignment, r->condition_literal)
                                                   : good == is_on(assignment, r->condition_literal);
}
/* The first row that does not hold; UINT64_MAX where all do. */
static uint64_t violated_by(const cnf *f, unsigned assignment, const double *numbers) {
  for (uint64_t i = 0; i < f->total; i++)
    if (!row_holds(&f->rows[i], assignment, numbers)) return i;
  return UINT64_MAX;
}
static bool holds(const cnf *f, unsigned assignment) { return violated_by(f, assignment, NULL) == UINT64_MAX; }
static bool satisfiable(const cnf *f, const int32_t *units, size_t n) {
  unsigned vars = f->vars < VARS ? f->vars : VARS, on = 0, off = 0;
  by_brute_force++;
  for (size_t i = 0; i < n; i++)
    *(units[i] > 0 ? &on : &off) |= 1u << (abs(units[i]) - 1);
  for (unsigned a = 0; a < 1u << vars; a++)
    if ((a & on) == on && !(a & off) && holds(f, a)) return true;
  return false;
}

/* ---- Hosts ---- */

enum act { QUIET, NOSY, STOPS };
struct data {
  enum act act;
  int32_t code;
  bool gone;
};
static struct data *make_host(enum act act) {
  struct data *host = calloc(1, sizeof *host);
  if (!host) abort();
  host->act = act;
  host->code = (int32_t)below(2000) - 1000;
  if (!host->code) host->code = 1;
  hosts_made++;
  return host;
}
static void gone(void *data) {
  struct data *host = data;
  EXPECT(!host->gone); /* under a sanitizer a second call is a use after free as well */
  host->gone = true;
  hosts_destroyed++;
  if (one_in(4)) { /* it may call in, and fail */
    anser_interrupt *token = NULL;
    EXPECT(CALL(anser_interrupt_new(NULL)) == ANSER_STATUS_NULL_ARGUMENT);
    EXPECT(CALL(anser_interrupt_new(&token)) == ANSER_STATUS_OK);
    anser_interrupt_free(token);
  }
  free(host);
}
static void any_call(void);
static void nose_about(void) {
  if (depth >= CALLBACK_DEPTH || !one_in(3)) return;
  depth++;
  if ((uint64_t)depth > deepest) deepest = (uint64_t)depth;
  for (uint32_t i = 1 + below(3); i; i--) any_call();
  depth--;
}
static int32_t told(void *data, const anser_progress *progress) {
  struct data *host = data;
  EXPECT(!host->gone && progress->struct_size == sizeof *progress && progress->seconds >= 0);
  if (host->act == NOSY) nose_about();
  return host->act == STOPS && one_in(3) ? host->code : 0;
}
static int32_t taken(void *data, const uint8_t *bytes, size_t length) {
  struct data *host = data;
  volatile uint8_t sum = 0;
  EXPECT(!host->gone);
  for (size_t i = 0; i < length; i++) sum = (uint8_t)(sum + bytes[i]);
  if (host->act == NOSY) nose_about();
  return host->act == STOPS ? host->code : 0;
}
static void line(void *data, int32_t level, const char *text) {
  struct data *host = data;
  EXPECT(!host->gone && level >= ANSER_LOG_LEVEL_WARNING && level <= ANSER_LOG_LEVEL_DEBUG && *text && !strchr(text, '\n'));
  if (host->act == NOSY) nose_about();
}

/* ---- Picking ---- */

static formula_slot no_formula;
static solver_slot no_solver;
static budget_slot no_budget;
static token_slot no_token;
static formula_slot *some_formula(void) { return one_in(25) ? &no_formula : &formulas[below(SLOTS)]; }
static solver_slot *some_solver(void) { return one_in(25) ? &no_solver : &solvers[below(SLOTS)]; }
static budget_slot *some_budget(void) { return one_in(25) ? &no_budget : &budgets[below(SLOTS)]; }
static token_slot *some_token(void) { return one_in(25) ? &no_token : &tokens[below(SLOTS)]; }

static int32_t good_literal(void) {
  int32_t v = (int32_t)below(VARS) + 1;
  return one_in(2) ? v : -v;
}
static int32_t bad_literal(void) {
  static const int32_t bad[] = {0, INT32_MIN, INT32_MAX, MAX_VAR + 1, -MAX_VAR - 1};
  return bad[below(COUNT(bad))];
}
static size_t some_clause(int32_t *literals) {
  static const uint8_t lengths[] = {0, 1, 2, 2, 3, 3, 3, 3, 4, 5, 3, 2, 3, 3, 2, 3};
  size_t n = lengths[below(16)];
  if (n == 0 && !one_in(4)) n = 3;
  for (size_t i = 0; i < n; i++) literals[i] = good_literal();
  if (n && one_in(400)) literals[0] = (int32_t)(11 + below(50));
  return n;
}
static size_t bad_size(size_t good) {
  const size_t sizes[] = {0, 1, 8, good - 1, good - 8, 4097, SIZE_MAX, SIZE_MAX / 2};
  return sizes[below(COUNT(sizes))];
}

/* ---- Tokens and budgets ---- */

static void token_call(void) {
  token_slot *t = some_token();
  switch (below(6)) {
  case 0:
    anser_interrupt_free(t->h);
    calls++;
    for (int i = 0; i < SLOTS; i++) /* the budgets keep it as it is */
      if (t != &no_token && budgets[i].token == (int)(t - tokens)) budgets[i].token = -2, budgets[i].limited |= t->triggered;
    t->h = NULL, t->triggered = false;
    if (t == &no_token) break;
    EXPECT(CALL(anser_interrupt_new(&t->h)) == ANSER_STATUS_OK && t->h);
    break;
  case 1:
    anser_interrupt_trigger(t->h);
    calls++;
    t->triggered = t->h != NULL;
    break;
  case 2:
  case 3:
    EXPECT(CALL(anser_interrupt_reset(t->h)) == (t->h ? ANSER_STATUS_OK : ANSER_STATUS_NULL_ARGUMENT));
    t->triggered = false;
    break;
  case 4:
    EXPECT(anser_interrupt_is_triggered(t->h) == t->triggered);
    calls++;
    break;
  default: EXPECT(CALL(anser_interrupt_new(NULL)) == ANSER_STATUS_NULL_ARGUMENT);
  }
}

static void budget_call(void) {
  budget_slot *b = some_budget();
  anser_status fine = b->h ? ANSER_STATUS_OK : ANSER_STATUS_NULL_ARGUMENT;
  switch (below(10)) {
  case 0:
    anser_budget_free(b->h);
    calls++;
    memset(b, 0, sizeof *b);
    b->token = -1;
    b->age = ++ages;
    if (b == &no_budget) break;
    EXPECT(CALL(anser_budget_new(&b->h)) == ANSER_STATUS_OK && b->h);
    break;
  case 1: {
    static const double times[] = {0, 1e-4, 10, 1e300};
    EXPECT(CALL(anser_budget_set_time_limit(b->h, times[below(4)])) == fine);
    b->limited = true;
    break;
  }
  case 2:
    if (b->h) EXPECT(CALL(anser_budget_set_time_limit(b->h, one_in(2) ? -1. : 0. / (double)below(1))) == ANSER_STATUS_INVALID_ARGUMENT);
    break;
  case 3:
    EXPECT(CALL(anser_budget_set_work_limit(b->h, one_in(2) ? below(3000) : UINT64_MAX)) == fine);
    b->limited = true;
    break;
  case 4:
    EXPECT(CALL(anser_budget_set_conflict_limit(b->h, one_in(2) ? below(20) : UINT64_MAX - below(2))) == fine);
    b->limited = true;
    break;
  case 5:
    EXPECT(CALL(anser_budget_set_memory_limit(b->h, one_in(4) ? below(1 << 20) : UINT64_MAX)) == fine);
    b->memory = true;
    break;
  case 6: EXPECT(CALL(anser_budget_set_seed(b->h, random_next())) == fine); break;
  case 7: {
    token_slot *t = some_token();
    EXPECT(CALL(anser_budget_set_interrupt(b->h, t->h)) == fine);
    if (b->h) b->token = t->h ? (int)(t - tokens) : -1;
    break;
  }
  default: {
    anser_progress_callback callback = ANSER_PROGRESS_CALLBACK_INIT;
    uint32_t fault = below(8);
    if (fault == 7) {
      EXPECT(CALL(anser_budget_set_progress(b->h, NULL, 0)) == fine);
      break;
    }
    callback.user_data = make_host((enum act)below(3));
    callback.report = fault == 0 ? NULL : told;
    callback.destroy = gone;
    if (fault == 1) callback.struct_size = bad_size(sizeof callback);
    anser_status status = CALL(anser_budget_set_progress(b->h, &callback, fault == 2 ? -1. : fault == 3 ? 1. / (double)below(1) : 0.));
    EXPECT(status == (fault == 0   ? ANSER_STATUS_NULL_ARGUMENT
                      : fault == 1 ? ANSER_STATUS_BAD_STRUCT_SIZE
                      : fault == 2 ? ANSER_STATUS_INVALID_ARGUMENT
                                   : fine));
    if (fault == 1) hosts_made--, free(callback.user_data); /* it was never read */
    b->callback = true;
  }
  }
  if (b == &no_budget) memset(b, 0, sizeof *b);
}

/* ---- Formulas ---- */

static void fresh_formula(formula_slot *f) {
  anser_formula_free(f->h);
  calls++;
  memset(f, 0, sizeof *f);
  f->age = ++ages;
  if (f == &no_formula) return;
  EXPECT(CALL(anser_formula_new(&f->h)) == ANSER_STATUS_OK && f->h);
}

static bool good_for(anser_status status, anser_status fine, bool limited) {
  return status == fine || (limited && fine == ANSER_STATUS_OK && status == ANSER_STATUS_OUT_OF_MEMORY);
}

static void formula_change(void) {
  formula_slot *f = some_formula();
  anser_status fine = !f->h ? ANSER_STATUS_NULL_ARGUMENT : f->readers ? ANSER_STATUS_INVALID_STATE : ANSER_STATUS_OK;
  bool fault = f->h && !f->readers && one_in(6);
  int32_t literals[64], first = 77;
  uint64_t id = 77;
  anser_status status;
  switch (below(8)) {
  case 0:
  case 1:
  case 2: {
    size_t n = some_clause(literals);
    if (fault && n) {
      size_t at = below((uint32_t)n);
      literals[at] = bad_literal();
      EXPECT(CALL(anser_formula_add_clause(f->h, literals, n, &id)) == ANSER_STATUS_INVALID_ARGUMENT && id == 77);
      break;
    }
    if (fault) {
      EXPECT(CALL(anser_formula_add_clause(f->h, NULL, 3, &id)) == ANSER_STATUS_NULL_ARGUMENT && id == 77);
      break;
    }
    status = CALL(anser_formula_add_clause(f->h, literals, n, &id));
    EXPECT(good_for(status, fine, f->limited));
    EXPECT(id == (status == ANSER_STATUS_OK ? f->said.total : 77));
    if (status == ANSER_STATUS_OK) say(&f->said, literals, n);
    break;
  }
  case 3:
  case 4: {
    size_t offsets[9] = {0}, clauses = below(9), n = 0;
    for (size_t i = 0; i < clauses; i++) offsets[i + 1] = n += some_clause(literals + n);
    if (fault && clauses) {
      offsets[below((uint32_t)clauses + 1)] += 1 + below(3);
      status = CALL(anser_formula_add_clauses(f->h, literals, n, offsets, clauses, &id));
      /* The shift may have made other offsets that are as good. */
      EXPECT(status == ANSER_STATUS_INVALID_ARGUMENT || status == ANSER_STATUS_OK || status == ANSER_STATUS_OUT_OF_MEMORY);
    } else {
      status = CALL(anser_formula_add_clauses(f->h, literals, n, offsets, clauses, &id));
      EXPECT(good_for(status, fine, f->limited));
    }
    EXPECT(id == (status == ANSER_STATUS_OK ? f->said.total : 77));
    if (status == ANSER_STATUS_OK)
      for (size_t i = 0; i < clauses; i++) say(&f->said, literals + offsets[i], offsets[i + 1] - offsets[i]);
    break;
  }
  case 5: {
    uint32_t more = below(3);
    if (fault) {
      EXPECT(CALL(anser_formula_new_vars(f->h, UINT32_MAX - below(9), &first)) == ANSER_STATUS_INVALID_ARGUMENT && first == 77);
      EXPECT(CALL(anser_formula_ensure_vars(f->h, UINT32_MAX - below(9))) == ANSER_STATUS_INVALID_ARGUMENT);
    } else if (f->said.vars + more > VARS) {
      EXPECT(CALL(anser_formula_ensure_vars(f->h, below(VARS))) == fine);
    } else {
      EXPECT(CALL(anser_formula_new_vars(f->h, more, &first)) == fine);
      if (fine == ANSER_STATUS_OK) EXPECT(first == (int32_t)f->said.vars + 1);
      if (fine == ANSER_STATUS_OK) f->said.vars += more;
    }
    break;
  }
  case 6: {
    char name[8];
    int32_t var = (int32_t)below(VARS) + 1;
    snprintf(name, sizeof name, "x%u", (unsigned)below(14));
    bool takes = one_in(4), known = (uint32_t)var <= f->said.vars, other = false;
    for (int v = 1; v <= VARS; v++) other |= v != var && strcmp(f->name[v], name) == 0;
    status = CALL(anser_formula_set_name(f->h, var, takes ? NULL : name));
    if (fine != ANSER_STATUS_OK)
      EXPECT(status == fine);
    else
      EXPECT(good_for(status, known && (takes || !other) ? ANSER_STATUS_OK : ANSER_STATUS_INVALID_ARGUMENT, f->limited));
    if (status == ANSER_STATUS_OK) snprintf(f->name[var], sizeof f->name[var], "%s", takes ? "" : name);
    break;
  }
  default:
    EXPECT(CALL(anser_formula_set_memory_limit(f->h, one_in(3) ? below(4096) : UINT64_MAX)) == fine);
    f->limited = true;
  }
  if (f == &no_formula) memset(f, 0, sizeof *f);
}

static void formula_look(void) {
  formula_slot *f = some_formula();
  anser_status fine = f->h ? ANSER_STATUS_OK : ANSER_STATUS_NULL_ARGUMENT;
  switch (below(10)) {
  case 0: {
    uint32_t vars = 77;
    uint64_t count = 77;
    EXPECT(CALL(anser_formula_num_vars(f->h, &vars)) == fine && vars == (f->h ? f->said.vars : 77));
    EXPECT(CALL(anser_formula_num_clauses(f->h, &count)) == fine && count == (f->h ? f->said.count : 77));
    break;
  }
  case 1: {
    const int32_t *literals = NULL;
    size_t n = 77;
    uint64_t id = below((uint32_t)f->said.total + 2);
    anser_status status = CALL(anser_formula_get_clause(f->h, id, &literals, &n));
    if (!f->h || id >= f->said.total)
      EXPECT(status == (f->h ? ANSER_STATUS_INVALID_ARGUMENT : fine));
    else if (id < ROWS)
      EXPECT(status == (f->said.rows[id].kind == ANSER_CONSTRAINT_KIND_CLAUSE ? ANSER_STATUS_OK : ANSER_STATUS_INVALID_ARGUMENT));
    if (status != ANSER_STATUS_OK) {
      EXPECT(!literals && n == 77);
    } else if (id < ROWS) {
      cnf one = {0};
      say(&one, literals, n);
      EXPECT(memcmp(&one.rows[0], &f->said.rows[id], sizeof(row)) == 0);
    }
    break;
  }
  case 8: { /* all clauses, and into another formula */
    uint64_t literals = 77, id = 77;
    anser_formula *again = NULL;
    EXPECT(CALL(anser_formula_num_literals(f->h, &literals)) == fine);
    size_t room = f->h ? (size_t)literals : 3, rows = (size_t)f->said.count + 1, more = below(2), i = 0;
    int32_t *all = malloc((room + 2) * sizeof *all);
    size_t *offsets = malloc((rows + 1) * sizeof *offsets);
    if (!all || !offsets) abort();
    all[room] = 77777, offsets[rows] = 77777, offsets[0] = 77777;
    if (room) EXPECT(CALL(anser_formula_get_clauses(f->h, all, room - 1, offsets, rows)) == (f->h ? ANSER_STATUS_BUFFER_TOO_SMALL : fine));
    EXPECT(CALL(anser_formula_get_clauses(f->h, all, room, offsets, rows - 1)) == (f->h ? ANSER_STATUS_BUFFER_TOO_SMALL : fine));
    EXPECT(offsets[0] == 77777);
    EXPECT(CALL(anser_formula_get_clauses(f->h, all, room + more, offsets, rows + more)) == fine);
    EXPECT(all[room] == 77777 && offsets[rows] == 77777);
    for (; f->h && i < f->said.count; i++) {
      const row *wanted = of_kind(&f->said, ANSER_CONSTRAINT_KIND_CLAUSE, i);
      cnf one = {0};
      if (!wanted) break;
      EXPECT(offsets[i] <= offsets[i + 1] && offsets[i + 1] <= room);
      say(&one, all + offsets[i], offsets[i + 1] - offsets[i]);
      EXPECT(memcmp(&one.rows[0], wanted, sizeof(row)) == 0);
    }
    if (f->h) {
      EXPECT(offsets[0] == 0 && offsets[rows - 1] == room);
      EXPECT(CALL(anser_formula_new(&again)) == ANSER_STATUS_OK);
      EXPECT(CALL(anser_formula_add_clauses(again, all, room, offsets, rows - 1, &id)) == ANSER_STATUS_OK && id == 0);
      EXPECT(CALL(anser_formula_num_literals(again, &literals)) == ANSER_STATUS_OK && literals == room);
      anser_formula_free(again);
    }
    free(all);
    free(offsets);
    break;
  }
  case 2: {
    anser_formula_statistics s = ANSER_FORMULA_STATISTICS_INIT;
    bool fault = f->h && one_in(4);
    if (fault) s.struct_size = bad_size(offsetof(anser_formula_statistics, xors)); /* its first size */
    EXPECT(CALL(anser_formula_get_statistics(f->h, &s)) == (fault ? ANSER_STATUS_BAD_STRUCT_SIZE : fine));
    EXPECT(s.clauses == (f->h && !fault ? f->said.count : 0));
    break;
  }
  case 3: {
    char buffer[16] = "zzzzzzz";
    int32_t var = (int32_t)below(VARS + 2), found = 77;
    size_t length = 77, capacity = below(16);
    bool known = var >= 1 && (uint32_t)var <= f->said.vars;
    anser_status status = CALL(anser_formula_get_name(f->h, var, buffer, capacity, &length));
    if (!f->h)
      EXPECT(status != ANSER_STATUS_OK);
    else if (!known || var > VARS)
      EXPECT(status == (known ? ANSER_STATUS_OK : ANSER_STATUS_INVALID_ARGUMENT));
    else if (capacity && capacity <= strlen(f->name[var]))
      EXPECT(status == ANSER_STATUS_BUFFER_TOO_SMALL && length == strlen(f->name[var]) && buffer[0] == 'z');
    else
      EXPECT(status == ANSER_STATUS_OK && length == strlen(f->name[var]) && (!capacity || !strcmp(buffer, f->name[var])));
    char name[8];
    int32_t bearer = 0;
    snprintf(name, sizeof name, "x%u", (unsigned)below(14));
    for (int v = 1; v <= VARS; v++)
      if (!strcmp(f->name[v], name)) bearer = v;
    EXPECT(CALL(anser_formula_find_name(f->h, name, &found)) == fine && found == (f->h ? bearer : 77));
    break;
  }
  case 4: {
    int8_t values[64];
    unsigned assignment = below(1 << VARS);
    int32_t satisfied = 77;
    uint64_t violated = 77;
    size_t n = f->said.vars + below(2);
    if (n > 64 || !n) break;
    for (size_t v = 0; v < 64; v++) values[v] = assignment >> (v % VARS) & 1 ? 1 : -1;
    double numbers[NUMBERS];
    for (int i = 0; i < NUMBERS; i++) numbers[i] = (double)below(4) - 1;
    EXPECT(CALL(anser_formula_check(f->h, values, n, &satisfied, &violated)) ==
           (f->said.numbers ? ANSER_STATUS_INVALID_ARGUMENT : fine));
    if (f->h && !f->said.wild && !f->said.numbers)
      EXPECT(satisfied == holds(&f->said, assignment) && violated == violated_by(&f->said, assignment, NULL));
    EXPECT(CALL(anser_formula_check_with_numbers(f->h, values, n, numbers, NUMBERS, &satisfied, &violated)) == fine);
    if (f->h && !f->said.wild)
      EXPECT(violated == violated_by(&f->said, assignment, numbers) && satisfied == (violated == UINT64_MAX));
    if (f->said.numbers) {
      EXPECT(CALL(anser_formula_check_with_numbers(f->h, values, n, numbers, f->said.numbers - 1, &satisfied, NULL)) == ANSER_STATUS_INVALID_ARGUMENT);
      numbers[below(f->said.numbers)] = one_in(2) ? 0.5 : 3;
      EXPECT(CALL(anser_formula_check_with_numbers(f->h, values, n, numbers, NUMBERS, &satisfied, NULL)) == ANSER_STATUS_INVALID_ARGUMENT);
    }
    if (f->h && f->said.vars)
      EXPECT(CALL(anser_formula_check(f->h, values, f->said.vars - 1, &satisfied, NULL)) == ANSER_STATUS_INVALID_ARGUMENT);
    break;
  }
  case 5: { /* a copy into another place */
    formula_slot *to = &formulas[below(SLOTS)];
    if (to == f || to->readers) break;
    anser_formula *copy = (anser_formula *)(void *)&copy;
    EXPECT(CALL(anser_formula_clone(f->h, &copy)) == fine && (copy != NULL) == (f->h != NULL));
    if (!copy) break;
    anser_formula_free(to->h);
    *to = *f;
    to->readers = 0;
    to->h = copy;
    to->age = ++ages;
    break;
  }
  case 6: { /* out as text, bent a little, and in again */
    char text[8192];
    size_t length = 77;
    anser_formula *back = (anser_formula *)(void *)&back;
    anser_status status = CALL(anser_formula_write_dimacs_memory(f->h, NULL, text, sizeof text, &length));
    if (f->h && !sayable(&f->said)) {
      EXPECT(status == ANSER_STATUS_UNSUPPORTED && length == 77);
      break;
    }
    EXPECT(good_for(status, fine, false) || (f->said.wild && status == ANSER_STATUS_BUFFER_TOO_SMALL));
    if (status != ANSER_STATUS_OK) {
      EXPECT(status == ANSER_STATUS_BUFFER_TOO_SMALL ? length >= sizeof text : length == 77);
      break;
    }
    EXPECT(strlen(text) == length);
    uint32_t bends = below(4);
    for (uint32_t i = 0; i < bends; i++) {
      static const char with[] = "0123456789 -\n\npc%x\t\r\xff";
      text[below((uint32_t)length)] = with[below(sizeof with)];
    }
    budget_slot *b = one_in(2) ? &no_budget : some_budget();
    bool may_stop = b->limited || b->callback || b->token != -1, memory = b->memory;
    uint64_t wanted = f->said.count, all = f->said.total;
    bool sampled = f->said.sampled;
    size_t part = bends ? length - below(3) % length : length;
    status = CALL(anser_formula_read_dimacs_memory((const uint8_t *)text, part, b->h, &back));
    EXPECT(status == ANSER_STATUS_OK || (bends && (status == ANSER_STATUS_PARSE || status == ANSER_STATUS_UNSUPPORTED)) ||
           (may_stop && status == ANSER_STATUS_STOPPED) || (memory && status == ANSER_STATUS_OUT_OF_MEMORY));
    EXPECT((back != NULL) == (status == ANSER_STATUS_OK));
    if (status == ANSER_STATUS_PARSE) EXPECT(anser_last_error_line() > 0);
    if (!bends && back) {
      uint64_t count = 77;
      int32_t has = 77;
      EXPECT(CALL(anser_formula_num_clauses(back, &count)) == ANSER_STATUS_OK && count == wanted);
      EXPECT(CALL(anser_formula_num_constraints(back, &count)) == ANSER_STATUS_OK && count == all);
      EXPECT(CALL(anser_formula_has_sampling_set(back, &has)) == ANSER_STATUS_OK && has == sampled);
    }
    anser_formula_free(back);
    break;
  }
  case 7: {
    budget_slot *b = some_budget();
    anser_sink sink = ANSER_SINK_INIT;
    enum act act = (enum act)below(3);
    unsigned age = f->age;
    bool says = !f->h || sayable(&f->said);
    sink.user_data = make_host(act);
    sink.write = taken;
    sink.destroy = gone;
    bool may_stop = b->limited || b->callback || b->token != -1, memory = b->memory;
    f->readers++;
    anser_status status = CALL(anser_formula_write_dimacs_sink(f->h, &sink, b->h));
    if (f->age == age) f->readers--; /* else it was freed from inside */
    EXPECT((says ? status == fine : status == ANSER_STATUS_UNSUPPORTED) || (act == STOPS && status == ANSER_STATUS_IO) ||
           (may_stop && status == ANSER_STATUS_STOPPED) || (memory && status == ANSER_STATUS_OUT_OF_MEMORY));
    if (status == ANSER_STATUS_STOPPED) EXPECT(anser_last_error_stop_reason() != ANSER_STOP_REASON_SOLVED);
    break;
  }
  default:
    if (one_in(20) && depth == 0 && sayable(&f->said)) {
      const char *path = temporary(0, one_in(2) ? ".cnf" : ".cnf.gz");
      anser_formula *back = NULL;
      anser_status status = CALL(anser_formula_write_dimacs(f->h, path, NULL));
      EXPECT(status == fine);
      if (status == ANSER_STATUS_OK) {
        EXPECT(CALL(anser_formula_read_dimacs(path, NULL, &back)) == ANSER_STATUS_OK);
        unlink(path);
      } else {
        EXPECT(CALL(anser_formula_read_dimacs(path, NULL, &back)) == ANSER_STATUS_IO && !back);
      }
      anser_formula_free(back);
    } else if (one_in(8)) {
      fresh_formula(f); /* also while it is being read */
    }
  }
  if (f == &no_formula) memset(f, 0, sizeof *f);
}

/* ---- Constraints that are not clauses ---- */

static int64_t small(void) { return (int64_t)below(9) - 4; }

/* A random constraint of a kind; of its numbers there are so many. */
static row some_row(int32_t kind, uint32_t numbers) {
  row r;
  memset(&r, 0, sizeof r);
  r.kind = kind;
  r.length = (uint16_t)below(TERMS + 1);
  r.relation = ANSER_RELATION_AT_LEAST;
  for (size_t i = 0; i < r.length; i++) r.literals[i] = good_literal(), r.weights[i] = 1;
  r.bound = kind == ANSER_CONSTRAINT_KIND_XOR ? below(2) : kind == ANSER_CONSTRAINT_KIND_CARDINALITY ? (int64_t)below(4) : small();
  if (kind == ANSER_CONSTRAINT_KIND_XOR) {
    r.relation = ANSER_RELATION_EQUAL;
    return r;
  }
  if (kind != ANSER_CONSTRAINT_KIND_CARDINALITY)
    for (size_t i = 0; i < r.length; i++) r.weights[i] = small();
  r.condition = (int32_t)below(3);
  if (kind == ANSER_CONSTRAINT_KIND_LINEAR) {
    r.condition = (int32_t)below(2);
    r.relation = 1 + (int32_t)below(5);
    r.num_numbers = numbers ? below(NUMBERS + 1) : 0;
    for (size_t i = 0; i < r.num_numbers; i++) r.numbers[i] = below(numbers), r.coefficients[i] = small();
  }
  if (r.condition) r.condition_literal = good_literal();
  return r;
}
/* What the library says of a constraint is what was said. */
static bool is_row(const anser_constraint *c, const row *r) {
  bool weighs = r->kind == ANSER_CONSTRAINT_KIND_PSEUDO_BOOLEAN, linear = r->kind == ANSER_CONSTRAINT_KIND_LINEAR;
  if (c->kind != r->kind || c->num_literals != r->length) return false;
  if (r->kind == ANSER_CONSTRAINT_KIND_CLAUSE) return c->bound == 1 && !c->weights && !c->condition;
  if (c->relation != r->relation || c->condition != r->condition || c->condition_literal != r->condition_literal) return false;
  if (linear ? c->rhs != (double)r->bound || c->bound : c->bound != r->bound || c->rhs != 0) return false;
  if ((c->weights != NULL) != (weighs && r->length) || (c->literal_weights != NULL) != (linear && r->length)) return false;
  for (size_t i = 0; i < r->length; i++)
    if (c->literals[i] != r->literals[i] || (weighs && c->weights[i] != r->weights[i]) ||
        (linear && c->literal_weights[i] != (double)r->weights[i]))
      return false;
  if (c->num_numbers != r->num_numbers) return false;
  for (size_t i = 0; i < r->num_numbers; i++)
    if (c->numbers[i] != r->numbers[i] || c->coefficients[i] != (double)r->coefficients[i]) return false;
  return true;
}

/* Rows of one kind in the form in which many are given at once. */
enum { MOST = 8 };
struct flat {
  row rows[MOST];
  size_t count, num_literals, num_numbers;
  int32_t literals[MOST * TERMS + 1], conditions[MOST + 1], condition_literals[MOST + 1], relations[MOST + 1];
  int64_t weights[MOST * TERMS + 1], bounds[MOST + 1];
  double reals[MOST * TERMS + 1], coefficients[MOST * NUMBERS + 1], rhs[MOST + 1];
  uint32_t numbers[MOST * NUMBERS + 1];
  size_t offsets[MOST + 2], number_offsets[MOST + 2];
  uint8_t bits[MOST + 1];
};
static void flatten(struct flat *all) {
  for (size_t i = 0; i < all->count; i++) {
    const row *r = &all->rows[i];
    for (size_t j = 0; j < r->length; j++, all->num_literals++) {
      all->literals[all->num_literals] = r->literals[j];
      all->weights[all->num_literals] = r->weights[j];
      all->reals[all->num_literals] = (double)r->weights[j];
    }
    for (size_t j = 0; j < r->num_numbers; j++, all->num_numbers++) {
      all->numbers[all->num_numbers] = r->numbers[j];
      all->coefficients[all->num_numbers] = (double)r->coefficients[j];
    }
    all->conditions[i] = r->condition, all->condition_literals[i] = r->condition_literal;
    all->relations[i] = r->relation, all->bounds[i] = r->bound, all->rhs[i] = (double)r->bound;
    all->bits[i] = (uint8_t)r->bound;
    all->offsets[i + 1] = all->num_literals, all->number_offsets[i + 1] = all->num_numbers;
  }
}
static anser_linear_rows linear_rows(const struct flat *all) {
  anser_linear_rows rows = ANSER_LINEAR_ROWS_INIT;
  rows.num_rows = all->count;
  rows.numbers = all->numbers, rows.coefficients = all->coefficients, rows.num_numbers = all->num_numbers;
  rows.number_offsets = all->number_offsets;
  rows.literals = all->literals, rows.weights = all->reals, rows.num_literals = all->num_literals;
  rows.literal_offsets = all->offsets;
  rows.relations = all->relations, rows.rhs = all->rhs;
  rows.conditions = all->conditions, rows.condition_literals = all->condition_literals;
  return rows;
}
static anser_status give(anser_formula *h, int32_t kind, const struct flat *all, uint64_t *id) {
  anser_linear_rows rows = linear_rows(all);
  switch (kind) {
  case ANSER_CONSTRAINT_KIND_XOR:
    return CALL(anser_formula_add_xors(h, all->literals, all->num_literals, all->offsets, all->bits, all->count, id));
  case ANSER_CONSTRAINT_KIND_CARDINALITY:
    return CALL(anser_formula_add_cardinalities(h, all->literals, all->num_literals, all->offsets, all->bounds,
                                                all->conditions, all->condition_literals, all->count, id));
  case ANSER_CONSTRAINT_KIND_PSEUDO_BOOLEAN:
    return CALL(anser_formula_add_pseudo_booleans(h, all->literals, all->weights, all->num_literals, all->offsets,
                                                  all->bounds, all->conditions, all->condition_literals, all->count, id));
  default: return CALL(anser_formula_add_linears(h, &rows, id));
  }
}

static void constraint_change(void) {
  formula_slot *f = some_formula();
  anser_status fine = !f->h ? ANSER_STATUS_NULL_ARGUMENT : f->readers ? ANSER_STATUS_INVALID_STATE : ANSER_STATUS_OK, status;
  bool fault = fine == ANSER_STATUS_OK && one_in(5);
  int32_t kind = 2 + (int32_t)below(4);
  if (kind == ANSER_CONSTRAINT_KIND_LINEAR && !one_in(4)) kind = 2 + (int32_t)below(3); /* what can be solved more often */
  uint64_t id = 77;
  uint32_t number = 77;
  switch (below(8)) {
  case 0:
  case 1:
  case 2: { /* one */
    row r = some_row(kind, f->said.numbers);
    int32_t rhs = (int32_t)r.bound;
    if (fault) { /* something, in one place */
      if (r.length && one_in(2))
        r.literals[below(r.length)] = bad_literal();
      else if (kind == ANSER_CONSTRAINT_KIND_XOR)
        rhs = 2 + (int32_t)below(99);
      else if (one_in(2))
        r.condition = 3 + (int32_t)below(99);
      else
        r.condition_literal = r.condition ? bad_literal() : good_literal();
    }
    if (kind == ANSER_CONSTRAINT_KIND_XOR) {
      status = CALL(anser_formula_add_xor(f->h, r.literals, r.length, rhs, &id));
    } else if (kind == ANSER_CONSTRAINT_KIND_CARDINALITY) {
      status = CALL(anser_formula_add_cardinality(f->h, r.literals, r.length, r.bound, r.condition, r.condition_literal, &id));
    } else if (kind == ANSER_CONSTRAINT_KIND_PSEUDO_BOOLEAN) {
      status = CALL(anser_formula_add_pseudo_boolean(f->h, r.literals, r.weights, r.length, r.bound, r.condition,
                                                     r.condition_literal, &id));
    } else {
      double coefficients[NUMBERS], weights[TERMS];
      for (int i = 0; i < NUMBERS; i++) coefficients[i] = (double)r.coefficients[i];
      for (int i = 0; i < TERMS; i++) weights[i] = (double)r.weights[i];
      status = CALL(anser_formula_add_linear(f->h, r.numbers, coefficients, r.num_numbers, r.literals, weights, r.length,
                                             r.relation, (double)r.bound, r.condition, r.condition_literal, &id));
    }
    EXPECT(fault ? status == ANSER_STATUS_INVALID_ARGUMENT : good_for(status, fine, f->limited));
    EXPECT(id == (status == ANSER_STATUS_OK ? f->said.total : 77));
    if (status == ANSER_STATUS_OK) say_row(&f->said, &r);
    break;
  }
  case 3:
  case 4:
  case 5: { /* many */
    struct flat all;
    memset(&all, 0, sizeof all);
    all.count = one_in(3) ? below(MOST + 1) : below(3);
    for (size_t i = 0; i < all.count; i++) all.rows[i] = some_row(kind, f->said.numbers);
    flatten(&all);
    fault = fault && all.count;
    size_t at = fault ? below((uint32_t)all.count) : 0;
    if (fault) {
      uint32_t what = below(3);
      if (what == 0 && all.num_literals)
        all.literals[below((uint32_t)all.num_literals)] = bad_literal();
      else if (what == 1)
        all.offsets[all.count] += 1 + below(3); /* past the end */
      else if (kind == ANSER_CONSTRAINT_KIND_XOR)
        all.bits[at] = 2;
      else
        all.conditions[at] = one_in(2) ? -1 : 3;
    }
    status = give(f->h, kind, &all, &id);
    EXPECT(fault ? status == ANSER_STATUS_INVALID_ARGUMENT : good_for(status, fine, f->limited));
    if (fault) EXPECT(anser_last_error_index() >= 0);
    EXPECT(id == (status == ANSER_STATUS_OK ? f->said.total : 77));
    if (status == ANSER_STATUS_OK)
      for (size_t i = 0; i < all.count; i++) say_row(&f->said, &all.rows[i]);
    break;
  }
  case 6: { /* numbers: each takes -1 to 2, so that every one may be any */
    int64_t least[] = {-1, -1}, greatest[] = {2, 2};
    double low[] = {-1, -1}, high[] = {2, 2};
    size_t more = below(3);
    if (fault) {
      least[0] = INT64_MIN, high[1] = -2;
      EXPECT(CALL(anser_formula_new_integers(f->h, least, greatest, 2, &number)) == ANSER_STATUS_INVALID_ARGUMENT && number == 77);
      EXPECT(CALL(anser_formula_new_reals(f->h, low, high, 2, &number)) == ANSER_STATUS_INVALID_ARGUMENT && number == 77);
      EXPECT(CALL(anser_formula_new_integer(f->h, 3, 2, &number)) == ANSER_STATUS_INVALID_ARGUMENT && number == 77);
      EXPECT(CALL(anser_formula_new_real(f->h, 3, 2, &number)) == ANSER_STATUS_INVALID_ARGUMENT && number == 77);
      break;
    }
    if (!one_in(4) || f->said.numbers + more > NUMBERS) break; /* what has numbers is not solved here */
    status = more == 1 ? CALL(anser_formula_new_integer(f->h, -1, 2, &number))
                       : CALL(anser_formula_new_integers(f->h, least, greatest, more, &number));
    EXPECT(good_for(status, fine, f->limited) && number == (status == ANSER_STATUS_OK ? f->said.numbers : 77));
    if (status == ANSER_STATUS_OK) f->said.numbers += (uint32_t)more;
    break;
  }
  default: {
    int32_t set[4];
    size_t n = below(5);
    uint32_t sample = 0;
    bool known = true;
    if (one_in(3)) {
      EXPECT(CALL(anser_formula_clear_sampling_set(f->h)) == fine);
      if (fine == ANSER_STATUS_OK) f->said.sampled = false, f->said.sample = 0;
      break;
    }
    for (size_t i = 0; i < n; i++) {
      set[i] = (int32_t)below(VARS) + 1;
      sample |= 1u << (set[i] - 1);
      known &= (uint32_t)set[i] <= f->said.vars;
    }
    status = CALL(anser_formula_set_sampling_set(f->h, set, n));
    EXPECT(fine == ANSER_STATUS_OK && !known ? status == ANSER_STATUS_INVALID_ARGUMENT : good_for(status, fine, f->limited));
    if (status == ANSER_STATUS_OK) f->said.sampled = true, f->said.sample = sample;
  }
  }
  if (f == &no_formula) memset(f, 0, sizeof *f);
}

static void constraint_look(void) {
  formula_slot *f = some_formula();
  anser_status fine = f->h ? ANSER_STATUS_OK : ANSER_STATUS_NULL_ARGUMENT, status;
  uint64_t total = 77, count = 77, literals = 77, numbers = 77;
  EXPECT(CALL(anser_formula_num_constraints(f->h, &total)) == fine && total == (f->h ? f->said.total : 77));
  switch (below(4)) {
  case 0: {
    anser_constraint c = ANSER_CONSTRAINT_INIT;
    uint64_t id = below((uint32_t)f->said.total + 2);
    int32_t kind = 77;
    status = f->h && id >= f->said.total ? ANSER_STATUS_INVALID_ARGUMENT : fine;
    EXPECT(CALL(anser_formula_get_constraint_kind(f->h, id, &kind)) == status);
    EXPECT(CALL(anser_formula_get_constraint(f->h, id, &c)) == status);
    if (status == ANSER_STATUS_OK && id < ROWS) EXPECT(kind == c.kind && is_row(&c, &f->said.rows[id]));
    c.struct_size = bad_size(sizeof c);
    EXPECT(CALL(anser_formula_get_constraint(f->h, id, &c)) == (status == ANSER_STATUS_OK ? ANSER_STATUS_BAD_STRUCT_SIZE : status));
    break;
  }
  case 1: { /* the kinds */
    int32_t *kinds = malloc((f->said.total + 2) * sizeof *kinds);
    if (!kinds) abort();
    kinds[f->said.total] = 77;
    if (f->said.total)
      EXPECT(CALL(anser_formula_get_constraint_kinds(f->h, kinds, f->said.total - 1)) == ANSER_STATUS_BUFFER_TOO_SMALL);
    EXPECT(CALL(anser_formula_get_constraint_kinds(f->h, kinds, f->said.total + below(2))) == fine);
    for (uint64_t i = 0; i < f->said.total && i < ROWS; i++) EXPECT(kinds[i] == f->said.rows[i].kind);
    EXPECT(kinds[f->said.total] == 77);
    free(kinds);
    break;
  }
  case 2: { /* all of a kind, each beside the constraint that stands for it */
    int32_t kind = 2 + (int32_t)below(4);
    EXPECT(CALL(anser_formula_num_of_kind(f->h, one_in(2) ? 0 : 6, &count, &literals, &numbers)) == ANSER_STATUS_INVALID_ARGUMENT);
    EXPECT(CALL(anser_formula_num_of_kind(f->h, kind, &count, &literals, &numbers)) == fine);
    if (!f->h || count > MOST || literals > MOST * TERMS) break;
    struct flat all;
    memset(&all, 0x4d, sizeof all);
    size_t n = count, l = literals, more = below(2);
    anser_linear_buffers to = ANSER_LINEAR_BUFFERS_INIT;
    to.num_rows = n, to.num_numbers = numbers, to.num_literals = l + more;
    to.numbers = all.numbers, to.coefficients = all.coefficients, to.number_offsets = all.number_offsets;
    to.literals = all.literals, to.weights = all.reals, to.literal_offsets = all.offsets;
    to.relations = all.relations, to.rhs = all.rhs, to.conditions = all.conditions, to.condition_literals = all.condition_literals;
    status = kind == ANSER_CONSTRAINT_KIND_XOR
                 ? CALL(anser_formula_get_xors(f->h, all.literals, l + more, all.offsets, all.bits, n))
             : kind == ANSER_CONSTRAINT_KIND_CARDINALITY
                 ? CALL(anser_formula_get_cardinalities(f->h, all.literals, l + more, all.offsets, all.bounds, all.conditions,
                                                        all.condition_literals, n))
             : kind == ANSER_CONSTRAINT_KIND_PSEUDO_BOOLEAN
                 ? CALL(anser_formula_get_pseudo_booleans(f->h, all.literals, all.weights, l, all.offsets, all.bounds,
                                                          all.conditions, all.condition_literals, n + more))
                 : CALL(anser_formula_get_linears(f->h, &to));
    EXPECT(status == ANSER_STATUS_OK && all.offsets[0] == 0 && all.offsets[n] == l && all.literals[l] == 0x4d4d4d4d);
    for (size_t i = 0; i < n; i++) {
      const row *r = of_kind(&f->said, kind, i);
      if (!r) break;
      EXPECT(all.offsets[i + 1] - all.offsets[i] == r->length);
      EXPECT(!r->length || memcmp(all.literals + all.offsets[i], r->literals, r->length * sizeof *r->literals) == 0);
      if (kind == ANSER_CONSTRAINT_KIND_XOR) {
        EXPECT(all.bits[i] == r->bound);
        continue;
      }
      EXPECT(all.conditions[i] == r->condition && all.condition_literals[i] == r->condition_literal);
      if (kind == ANSER_CONSTRAINT_KIND_LINEAR)
        EXPECT(all.rhs[i] == (double)r->bound && all.relations[i] == r->relation &&
               all.number_offsets[i + 1] - all.number_offsets[i] == r->num_numbers);
      else
        EXPECT(all.bounds[i] == r->bound);
    }
    break;
  }
  default: {
    int32_t set[VARS + 1], has = 77, kinds[NUMBERS + 1] = {77};
    double low[NUMBERS + 1], high[NUMBERS + 1];
    size_t n = 77, size = (size_t)__builtin_popcount(f->said.sample);
    uint32_t have = 77;
    EXPECT(CALL(anser_formula_has_sampling_set(f->h, &has)) == fine && has == (f->h ? f->said.sampled : 77));
    EXPECT(CALL(anser_formula_num_sampling_set(f->h, &n)) == fine && n == (f->h ? size : 77));
    if (f->h && size) EXPECT(CALL(anser_formula_get_sampling_set(f->h, set, size - 1)) == ANSER_STATUS_BUFFER_TOO_SMALL);
    set[size] = 77;
    EXPECT(CALL(anser_formula_get_sampling_set(f->h, set, size + below(2))) == fine && set[size] == 77);
    for (size_t i = 0; f->h && i < size; i++) EXPECT(f->said.sample >> (set[i] - 1) & 1 && (!i || set[i - 1] < set[i]));
    EXPECT(CALL(anser_formula_num_numbers(f->h, &have)) == fine && have == (f->h ? f->said.numbers : 77));
    EXPECT(CALL(anser_formula_get_number_domains(f->h, kinds, low, high, f->said.numbers)) == fine);
    for (uint32_t i = 0; i < f->said.numbers; i++) {
      EXPECT(kinds[i] == ANSER_NUMBER_KIND_INTEGER && low[i] == -1 && high[i] == 2);
      EXPECT(CALL(anser_formula_get_number_domain(f->h, i, kinds, low, high)) == ANSER_STATUS_OK);
    }
    EXPECT(CALL(anser_formula_get_number_domain(f->h, f->said.numbers + below(9), kinds, low, high)) ==
           (f->h ? ANSER_STATUS_INVALID_ARGUMENT : fine));
    anser_formula_statistics s = ANSER_FORMULA_STATISTICS_INIT;
    EXPECT(CALL(anser_formula_get_statistics(f->h, &s)) == fine);
    if (f->h)
      EXPECT(s.clauses == f->said.count && s.xors + s.cardinalities + s.pseudo_booleans + s.linears == f->said.total - f->said.count &&
             s.numbers == f->said.numbers && s.sampling_set == size);
  }
  }
  if (f == &no_formula) memset(f, 0, sizeof *f);
}

/* ---- Solvers ---- */

static void fresh_solver(solver_slot *s) {
  anser_solver *old = s->h;
  formula_slot *f = some_formula();
  while (f->said.linear || f->said.numbers) f = some_formula(); /* not every one of these can be solved */
  s->h = NULL; /* what is let go of below may look here */
  memset(s, 0, sizeof *s);
  s->age = ++ages;
  anser_solver_free(old);
  calls++;
  anser_solver *made = (anser_solver *)(void *)&made;
  anser_status status = CALL(anser_solver_new(f->h, &made));
  EXPECT(status == (f->h ? ANSER_STATUS_OK : ANSER_STATUS_NULL_ARGUMENT) && (made != NULL) == (f->h != NULL));
  if (s == &no_solver) {
    anser_solver_free(made);
    return;
  }
  s->h = made;
  s->said = f->said;
}

static void solver_set_up(void) {
  solver_slot *s = some_solver();
  anser_status fine = !s->h ? ANSER_STATUS_NULL_ARGUMENT : s->busy ? ANSER_STATUS_INVALID_STATE : ANSER_STATUS_OK, status;
  bool late = s->solved && fine == ANSER_STATUS_OK; /* or not: a budget may have ended the solve before it began */
  switch (below(7)) {
  case 0: {
    size_t count = 0;
    anser_option_info info = ANSER_OPTION_INFO_INIT;
    int64_t value = 77;
    EXPECT(CALL(anser_solver_num_options(&count)) == ANSER_STATUS_OK);
    EXPECT(CALL(anser_solver_get_option_info(count + below(9), &info)) == ANSER_STATUS_INVALID_ARGUMENT && !info.name);
    EXPECT(CALL(anser_solver_get_option_info(below((uint32_t)count), &info)) == ANSER_STATUS_OK);
    int64_t range = info.max_value - info.min_value, wanted = info.min_value + (int64_t)(random_next() % (uint64_t)(range + 1));
    if (one_in(3)) wanted = one_in(2) ? info.min_value : info.max_value;
    if (one_in(8)) {
      EXPECT(CALL(anser_solver_set_option(s->h, info.name, info.max_value + 1)) == (late || fine == ANSER_STATUS_OK ? ANSER_STATUS_INVALID_ARGUMENT : fine));
      break;
    }
    status = CALL(anser_solver_set_option(s->h, info.name, wanted));
    EXPECT(status == fine || (late && status == ANSER_STATUS_INVALID_STATE));
    if (status == ANSER_STATUS_OK) {
      EXPECT(CALL(anser_solver_get_option(s->h, info.name, &value)) == ANSER_STATUS_OK && value == wanted);
      if (!strcmp(info.name, "factor")) s->factor = wanted != 0;
      s->odd = true;
    }
    break;
  }
  case 1: {
    anser_log_callback log = ANSER_LOG_CALLBACK_INIT;
    uint32_t fault = below(8);
    if (fault == 7) {
      EXPECT(CALL(anser_solver_set_log(s->h, NULL, 77)) == fine);
      break;
    }
    log.user_data = make_host((enum act)below(3));
    log.log = fault == 0 ? NULL : line;
    log.destroy = gone;
    if (fault == 1) log.struct_size = bad_size(sizeof log);
    status = CALL(anser_solver_set_log(s->h, &log, fault == 2 ? 4 + (int32_t)below(9) : 1 + (int32_t)below(3)));
    EXPECT(status == (fault == 0   ? ANSER_STATUS_NULL_ARGUMENT
                      : fault == 1 ? ANSER_STATUS_BAD_STRUCT_SIZE
                      : fault == 2 ? ANSER_STATUS_INVALID_ARGUMENT
                                   : fine));
    if (fault == 1) hosts_made--, free(log.user_data);
    break;
  }
  case 2: {
    anser_sink sink = ANSER_SINK_INIT;
    enum act act = (enum act)below(3);
    int32_t format = 1 + (int32_t)below(4);
    uint32_t fault = below(8);
    sink.user_data = make_host(act);
    sink.write = fault == 0 ? NULL : taken;
    sink.destroy = gone;
    if (fault == 1) sink.struct_size = bad_size(sizeof sink);
    if (fault == 2) format = one_in(2) ? 0 : 5;
    status = CALL(anser_solver_set_proof_sink(s->h, format, &sink));
    EXPECT(fault == 0   ? status == ANSER_STATUS_NULL_ARGUMENT
           : fault == 1 ? status == ANSER_STATUS_BAD_STRUCT_SIZE
           : fault == 2 ? status == ANSER_STATUS_INVALID_ARGUMENT
                        : status == fine || (late && status == ANSER_STATUS_INVALID_STATE));
    if (fault == 1) hosts_made--, free(sink.user_data);
    if (status == ANSER_STATUS_OK) s->proof = true, s->refusing = act == STOPS, s->lrat = format % 2 == 0;
    break;
  }
  case 4: {
    int32_t backend = one_in(5) ? 6 + (int32_t)below(8) : (int32_t)below(3);
    status = CALL(anser_solver_set_backend(s->h, backend));
    EXPECT(backend > 2 ? status == ANSER_STATUS_INVALID_ARGUMENT : status == fine || (late && status == ANSER_STATUS_INVALID_STATE));
    if (status == ANSER_STATUS_OK) s->native = backend == ANSER_BACKEND_NATIVE;
    break;
  }
  case 5: {
    const char *why = NULL;
    int32_t xors = 77, sums = 77;
    status = CALL(anser_solver_get_backend(s->h, one_in(2) ? &xors : NULL, &sums, &why));
    EXPECT(status == fine || (fine == ANSER_STATUS_OK && status == ANSER_STATUS_INVALID_STATE)); /* nothing was loaded yet */
    EXPECT((why != NULL) == (status == ANSER_STATUS_OK) && (sums == 77) == (status != ANSER_STATUS_OK));
    if (why) EXPECT(strlen(why) > 0);
    break;
  }
  default:
    status = CALL(anser_solver_set_proof_file(s->h, 1 + (int32_t)below(4), "/nonexistent/proof"));
    EXPECT(fine == ANSER_STATUS_OK ? status == ANSER_STATUS_IO || (late && status == ANSER_STATUS_INVALID_STATE) : status == fine);
  }
  if (s == &no_solver) memset(s, 0, sizeof *s);
}

static anser_status give_solver(anser_solver *h, int32_t kind, const struct flat *all, uint64_t *id) {
  if (kind == ANSER_CONSTRAINT_KIND_XOR)
    return CALL(anser_solver_add_xors(h, all->literals, all->num_literals, all->offsets, all->bits, all->count, id));
  if (kind == ANSER_CONSTRAINT_KIND_CARDINALITY)
    return CALL(anser_solver_add_cardinalities(h, all->literals, all->num_literals, all->offsets, all->bounds,
                                               all->conditions, all->condition_literals, all->count, id));
  return CALL(anser_solver_add_pseudo_booleans(h, all->literals, all->weights, all->num_literals, all->offsets,
                                               all->bounds, all->conditions, all->condition_literals, all->count, id));
}

static void solver_change(void) {
  solver_slot *s = some_solver();
  anser_status fine = !s->h ? ANSER_STATUS_NULL_ARGUMENT : s->busy ? ANSER_STATUS_INVALID_STATE : ANSER_STATUS_OK, status;
  bool refused = s->solved && (s->lrat || s->factor); /* may be */
  int32_t literals[64], first = 77;
  uint64_t id = 77;
  switch (below(7)) {
  case 5: {
    struct flat all;
    memset(&all, 0, sizeof all);
    int32_t kind = 2 + (int32_t)below(3);
    all.count = below(4);
    for (size_t i = 0; i < all.count; i++) all.rows[i] = some_row(kind, 0);
    flatten(&all);
    bool fault = fine == ANSER_STATUS_OK && all.num_literals && one_in(5);
    if (fault) all.literals[below((uint32_t)all.num_literals)] = bad_literal();
    status = give_solver(s->h, kind, &all, &id);
    EXPECT(fault ? status == ANSER_STATUS_INVALID_ARGUMENT || (refused && status == ANSER_STATUS_INVALID_STATE)
                 : status == fine || (refused && status == ANSER_STATUS_INVALID_STATE));
    EXPECT(id == (status == ANSER_STATUS_OK ? s->said.total : 77));
    if (status == ANSER_STATUS_OK) {
      for (size_t i = 0; i < all.count; i++) say_row(&s->said, &all.rows[i]);
      s->last = NOTHING, s->reported = false;
    }
    break;
  }
  case 6: { /* a whole formula */
    formula_slot *f = some_formula();
    if (f->said.linear || f->said.numbers || f->said.wild || s->said.total + f->said.total > ROWS) break;
    status = CALL(anser_solver_add_formula(s->h, f->h, &id));
    if (!f->h || !s->h)
      EXPECT(status == ANSER_STATUS_NULL_ARGUMENT);
    else
      EXPECT(status == fine || (refused && status == ANSER_STATUS_INVALID_STATE));
    EXPECT(id == (status == ANSER_STATUS_OK ? s->said.total : 77));
    if (status == ANSER_STATUS_OK) {
      for (uint64_t i = 0; i < f->said.total; i++) say_row(&s->said, &f->said.rows[i]);
      if (f->said.vars > s->said.vars) s->said.vars = f->said.vars;
      s->last = NOTHING, s->reported = false;
      uint64_t count = 77;
      EXPECT(CALL(anser_solver_num_constraints(s->h, &count)) == ANSER_STATUS_OK && count == s->said.total);
    }
    break;
  }
  case 0:
  case 1: {
    size_t n = some_clause(literals);
    if (fine == ANSER_STATUS_OK && n && one_in(6)) {
      literals[below((uint32_t)n)] = bad_literal();
      status = CALL(anser_solver_add_clause(s->h, literals, n, &id));
      EXPECT((status == ANSER_STATUS_INVALID_ARGUMENT || (refused && status == ANSER_STATUS_INVALID_STATE)) && id == 77);
      break;
    }
    status = CALL(anser_solver_add_clause(s->h, literals, n, &id));
    EXPECT(status == fine || (refused && status == ANSER_STATUS_INVALID_STATE));
    EXPECT(id == (status == ANSER_STATUS_OK ? s->said.total : 77));
    if (status == ANSER_STATUS_OK) say(&s->said, literals, n), s->last = NOTHING, s->reported = false;
    break;
  }
  case 2: {
    size_t offsets[9] = {0}, clauses = below(9), n = 0;
    for (size_t i = 0; i < clauses; i++) offsets[i + 1] = n += some_clause(literals + n);
    status = CALL(anser_solver_add_clauses(s->h, literals, n, offsets, clauses, &id));
    EXPECT(status == fine || (refused && status == ANSER_STATUS_INVALID_STATE));
    EXPECT(id == (status == ANSER_STATUS_OK ? s->said.total : 77));
    if (status == ANSER_STATUS_OK) {
      for (size_t i = 0; i < clauses; i++) say(&s->said, literals + offsets[i], offsets[i + 1] - offsets[i]);
      s->last = NOTHING, s->reported = false;
    }
    break;
  }
  case 3: {
    uint32_t more = s->said.vars < VARS ? below(2) : 0;
    status = CALL(anser_solver_new_vars(s->h, more, &first));
    EXPECT(status == fine || (refused && status == ANSER_STATUS_INVALID_STATE));
    if (status == ANSER_STATUS_OK) {
      EXPECT(first == (int32_t)s->said.vars + 1);
      s->said.vars += more;
      s->last = NOTHING, s->reported = false; /* also with none */
    }
    break;
  }
  default: {
    size_t n = below(5);
    bool known = true;
    for (size_t i = 0; i < n; i++) literals[i] = good_literal(), known &= (uint32_t)abs(literals[i]) <= s->said.vars;
    status = CALL(anser_solver_set_phases(s->h, literals, n));
    EXPECT(status == (fine == ANSER_STATUS_OK && !known ? ANSER_STATUS_INVALID_ARGUMENT : fine));
    int32_t var = (int32_t)below(VARS) + 1;
    status = CALL(anser_solver_clear_phase(s->h, var));
    EXPECT(status == (fine == ANSER_STATUS_OK && (uint32_t)var > s->said.vars ? ANSER_STATUS_INVALID_ARGUMENT : fine));
  }
  }
  if (s == &no_solver) memset(s, 0, sizeof *s);
}

static void solver_solve(void) {
  solver_slot *s = some_solver();
  budget_slot *b = one_in(2) ? &no_budget : some_budget();
  int32_t assumptions[8], result = 77;
  size_t n = one_in(2) ? 0 : below(8);
  bool known = true;
  for (size_t i = 0; i < n; i++) {
    assumptions[i] = one_in(30) ? bad_literal() : good_literal();
    known &= assumptions[i] != INT32_MIN && assumptions[i] != 0 && (uint32_t)labs((long)assumptions[i]) <= s->said.vars;
  }
  if (s->said.wild && !b->limited) n = 0; /* small all the same: nothing here is hard */
  if (n == 0) known = true;
  anser_status fine = !s->h ? ANSER_STATUS_NULL_ARGUMENT : s->busy ? ANSER_STATUS_INVALID_STATE : ANSER_STATUS_OK;
  bool may_stop = b->limited || b->callback || b->token != -1, memory = b->memory;
  if (b == &no_budget) may_stop = memory = false;
  if (fine == ANSER_STATUS_OK && !known) {
    EXPECT(CALL(anser_solver_solve(s->h, assumptions, n, b->h, &result)) == ANSER_STATUS_INVALID_ARGUMENT && result == 77);
    return;
  }
  if (fine != ANSER_STATUS_OK) {
    EXPECT(CALL(anser_solver_solve(s->h, assumptions, n, b->h, &result)) == fine && result == 77);
    return;
  }
  unsigned age = s->age;
  cnf said = s->said;
  bool refusing = s->refusing, proof = s->proof;
  /* A proof is about clauses; and option factor takes the variables that an encoding would need. */
  bool unfit = (proof && s->native) || (s->factor && s->solved);
  s->busy = 1;
  solves++;
  anser_status status = CALL(anser_solver_solve(s->h, assumptions, n, b->h, &result));
  EXPECT(status == ANSER_STATUS_OK || (memory && status == ANSER_STATUS_OUT_OF_MEMORY) ||
         (proof && refusing && status == ANSER_STATUS_IO) || (unfit && status == ANSER_STATUS_INVALID_STATE));
  EXPECT(status == ANSER_STATUS_OK || result == 77);
  if (status == ANSER_STATUS_OK) {
    answers[result == 10 ? 1 : result == 20 ? 2 : 0]++;
    EXPECT(result == ANSER_RESULT_SAT || result == ANSER_RESULT_UNSAT || (result == ANSER_RESULT_UNKNOWN && may_stop));
    if (!said.wild && result != ANSER_RESULT_UNKNOWN)
      EXPECT(satisfiable(&said, assumptions, n) == (result == ANSER_RESULT_SAT));
  }
  if (s->age != age) return; /* freed from inside */
  s->busy = 0;
  s->solved = true;
  s->last = status != ANSER_STATUS_OK ? NOTHING : result == 10 ? SAT : result == 20 ? UNSAT : UNKNOWN;
  s->reported = true;
  s->vars_then = s->said.vars;
  memcpy(s->assumed, assumptions, sizeof assumptions);
  s->num_assumed = n;
}

static void solver_look(void) {
  solver_slot *s = some_solver();
  anser_status fine = !s->h ? ANSER_STATUS_NULL_ARGUMENT : s->busy ? ANSER_STATUS_INVALID_STATE : ANSER_STATUS_OK, status;
  bool exact = fine == ANSER_STATUS_OK && (s->reported || s->last == NOTHING);
  int32_t value = 77;
  if (fine != ANSER_STATUS_OK) {
    uint32_t vars = 77;
    int64_t number = 77;
    size_t n = 77;
    uint64_t count = 77;
    EXPECT(CALL(anser_solver_num_vars(s->h, &vars)) == fine && vars == 77);
    EXPECT(CALL(anser_solver_num_clauses(s->h, &count)) == fine && count == 77);
    EXPECT(CALL(anser_solver_get_statistic(s->h, "conflicts", &number)) == fine && number == 77);
    EXPECT(CALL(anser_solver_num_core(s->h, &n)) == fine && n == 77);
    EXPECT(CALL(anser_solver_get_value(s->h, 1, &value)) == fine && value == 77);
    return;
  }
  switch (below(6)) {
  case 0: {
    int8_t model[64];
    memset(model, 9, sizeof model);
    if (s->said.vars > 63) break;
    status = CALL(anser_solver_get_model(s->h, model, s->said.vars));
    if (!exact) break;
    EXPECT(status == (s->last == SAT ? ANSER_STATUS_OK : ANSER_STATUS_INVALID_STATE));
    if (status == ANSER_STATUS_OK && !s->said.wild) {
      unsigned assignment = 0;
      for (uint32_t v = 0; v < s->said.vars; v++) {
        EXPECT(abs(model[v]) == 1);
        if (model[v] > 0) assignment |= 1u << v;
      }
      EXPECT(holds(&s->said, assignment));
      for (size_t i = 0; i < s->num_assumed; i++) EXPECT(model[abs(s->assumed[i]) - 1] == (s->assumed[i] > 0 ? 1 : -1));
    }
    EXPECT(model[s->said.vars] == 9);
    status = CALL(anser_solver_get_model(s->h, model, s->said.vars + 1)); /* one more stays as it is */
    EXPECT(status == (s->last == SAT ? ANSER_STATUS_OK : ANSER_STATUS_INVALID_STATE) && model[s->said.vars] == 9);
    if (!s->said.vars) break;
    status = CALL(anser_solver_get_model(s->h, model, s->said.vars - 1));
    EXPECT(status == (s->last == SAT ? ANSER_STATUS_BUFFER_TOO_SMALL : ANSER_STATUS_INVALID_STATE));
    break;
  }
  case 1: {
    int32_t literal = one_in(5) ? bad_literal() : good_literal();
    status = CALL(anser_solver_get_value(s->h, literal, &value));
    if (!exact) break;
    bool known = literal != 0 && literal != INT32_MIN && (uint32_t)abs(literal) <= s->said.vars;
    EXPECT(status == (s->last != SAT ? ANSER_STATUS_INVALID_STATE : known ? ANSER_STATUS_OK : ANSER_STATUS_INVALID_ARGUMENT));
    EXPECT(status == ANSER_STATUS_OK ? abs(value) == 1 : value == 77);
    break;
  }
  case 2: {
    size_t n = 77;
    int32_t core[9] = {77};
    status = CALL(anser_solver_num_core(s->h, &n));
    if (!exact) break;
    EXPECT(status == (s->last == UNSAT ? ANSER_STATUS_OK : ANSER_STATUS_INVALID_STATE));
    if (status != ANSER_STATUS_OK) {
      EXPECT(n == 77 && CALL(anser_solver_get_core(s->h, core, 1)) == ANSER_STATUS_INVALID_STATE && core[0] == 77);
      EXPECT(CALL(anser_solver_is_failed(s->h, 1, &value)) == ANSER_STATUS_INVALID_STATE && value == 77);
      break;
    }
    EXPECT(n <= s->num_assumed);
    if (n) EXPECT(CALL(anser_solver_get_core(s->h, core, n - 1)) == ANSER_STATUS_BUFFER_TOO_SMALL && core[0] == 77);
    core[n] = 77;
    EXPECT(CALL(anser_solver_get_core(s->h, core, n + below(2))) == ANSER_STATUS_OK && core[n] == 77);
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < i; j++) EXPECT(core[i] != core[j]);
    for (int i = 0; i < 2; i++) {
      int32_t literal = one_in(2) ? bad_literal() : good_literal();
      bool known = literal != 0 && literal != INT32_MIN && (uint32_t)abs(literal) <= s->said.vars;
      value = 77;
      EXPECT(CALL(anser_solver_is_failed(s->h, literal, &value)) == (known ? ANSER_STATUS_OK : ANSER_STATUS_INVALID_ARGUMENT));
      EXPECT(known ? value == 0 || value == 1 : value == 77);
    }
    for (size_t i = 0, at = 0; i < n; i++, at++) { /* a subsequence of the assumptions */
      while (at < s->num_assumed && s->assumed[at] != core[i]) at++;
      EXPECT(at < s->num_assumed);
      EXPECT(CALL(anser_solver_is_failed(s->h, core[i], &value)) == ANSER_STATUS_OK && value == 1);
    }
    if (!s->said.wild) EXPECT(!satisfiable(&s->said, core, n));
    break;
  }
  case 3: {
    int32_t reason = 77, code = 77;
    status = CALL(anser_solver_get_stop_reason(s->h, &reason));
    if (!exact) break;
    EXPECT(status == (s->last == NOTHING ? ANSER_STATUS_INVALID_STATE : ANSER_STATUS_OK));
    if (status == ANSER_STATUS_OK) EXPECT((reason == ANSER_STOP_REASON_SOLVED) == (s->last != UNKNOWN) && reason >= 0 && reason <= 5);
    EXPECT(CALL(anser_solver_get_callback_code(s->h, &code)) ==
           (reason == ANSER_STOP_REASON_CALLBACK ? ANSER_STATUS_OK : ANSER_STATUS_INVALID_STATE));
    EXPECT(reason == ANSER_STOP_REASON_CALLBACK ? code != 0 && code != 77777 : code == 77);
    break;
  }
  case 4: {
    int64_t values[64], number = 77;
    size_t count = 0;
    anser_statistic_info info = ANSER_STATISTIC_INFO_INIT;
    EXPECT(CALL(anser_solver_num_statistics(&count)) == ANSER_STATUS_OK && count < 64);
    EXPECT(CALL(anser_solver_get_statistics(s->h, values, count)) == ANSER_STATUS_OK);
    EXPECT(CALL(anser_solver_get_statistics(s->h, values, count + 1)) == ANSER_STATUS_OK);
    EXPECT(CALL(anser_solver_get_statistics(s->h, values, count - 1)) == ANSER_STATUS_BUFFER_TOO_SMALL);
    uint32_t i = below((uint32_t)count);
    EXPECT(CALL(anser_solver_get_statistic_info(i, &info)) == ANSER_STATUS_OK);
    EXPECT(CALL(anser_solver_get_statistic(s->h, info.name, &number)) == ANSER_STATUS_OK && number == values[i]);
    EXPECT(CALL(anser_solver_get_statistic(s->h, "clauses", &number)) == ANSER_STATUS_OK && number == (int64_t)s->said.count);
    EXPECT(CALL(anser_solver_get_statistic_info(count + i, &info)) == ANSER_STATUS_INVALID_ARGUMENT);
    break;
  }
  default: {
    uint32_t vars = 77;
    uint64_t count = 77;
    EXPECT(CALL(anser_solver_num_vars(s->h, &vars)) == ANSER_STATUS_OK && vars == s->said.vars);
    EXPECT(CALL(anser_solver_num_clauses(s->h, &count)) == ANSER_STATUS_OK && count == s->said.count);
  }
  }
}

/* ---- Enumerators, and formulas encoded: made and freed by one step, but for what callbacks do meanwhile ---- */

static anser_enumerator *at_work[CALLBACK_DEPTH + 2];
static struct models {
  struct data *host;
  cnf said;
  uint64_t count, enough_at;
  bool seen[1 << VARS];
} model_hosts[CALLBACK_DEPTH + 2];
static unsigned projected(const cnf *f, unsigned assignment) { return assignment & f->sample; }
static int32_t model_told(void *data, const int8_t *values, size_t length) {
  struct models *m = data;
  unsigned assignment = 0;
  EXPECT(length == m->said.vars);
  for (size_t v = 0; v < length; v++) {
    EXPECT(values[v] == 1 || values[v] == -1);
    if (v < VARS && values[v] > 0) assignment |= 1u << v;
  }
  if (!m->said.wild) {
    EXPECT(holds(&m->said, assignment) && !m->seen[projected(&m->said, assignment)]);
    m->seen[projected(&m->said, assignment)] = true;
  }
  m->count++;
  int32_t end = 77;
  if (one_in(8)) EXPECT(CALL(anser_enumerator_next(at_work[depth], NULL, &end)) == ANSER_STATUS_INVALID_STATE && end == 77);
  if (m->host->act == NOSY && one_in(16)) nose_about();
  return m->count == m->enough_at ? -1 : 0;
}
static void models_gone(void *data) { gone(((struct models *)data)->host); }

static void enumerate_call(void) {
  formula_slot *f = some_formula();
  anser_enumerator *e = (anser_enumerator *)(void *)&e;
  anser_status status = CALL(anser_enumerator_new(f->h, &e));
  EXPECT(status == (f->h ? ANSER_STATUS_OK : ANSER_STATUS_NULL_ARGUMENT) && (e != NULL) == (f->h != NULL));
  if (!e) return;
  static const uint32_t none = 0;
  struct models *m = &model_hosts[depth];
  memset(m, 0, sizeof *m);
  m->said = f->said;
  if (!m->said.sampled) m->said.sample = (1u << VARS) - 1;
  if (m->said.linear || m->said.numbers) { /* not every one of these can be solved */
    anser_enumerator_free(e);
    return;
  }
  if (one_in(2)) {
    uint32_t vars[4];
    size_t n = below(5);
    bool known = true;
    m->said.sample = 0;
    for (size_t i = 0; i < n; i++) {
      vars[i] = 1 + below(VARS);
      known &= vars[i] <= m->said.vars;
      m->said.sample |= 1u << (vars[i] - 1);
    }
    status = CALL(anser_enumerator_set_projection(e, n ? vars : &none, n));
    EXPECT(status == (known ? ANSER_STATUS_OK : ANSER_STATUS_INVALID_ARGUMENT));
    if (!known) {
      anser_enumerator_free(e);
      return;
    }
  }
  if (one_in(2)) EXPECT(CALL(anser_enumerator_set_backend(e, (int32_t)below(3))) == ANSER_STATUS_OK);
  EXPECT(CALL(anser_enumerator_set_projection(e, &none, 1)) == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(CALL(anser_enumerator_set_backend(e, 6)) == ANSER_STATUS_INVALID_ARGUMENT);
  budget_slot *b = one_in(2) ? &no_budget : some_budget();
  anser_model_callback callback = ANSER_MODEL_CALLBACK_INIT;
  callback.user_data = m;
  callback.model = model_told;
  callback.destroy = models_gone;
  m->enough_at = m->said.wild || one_in(3) ? 1 + below(40) : UINT64_MAX;
  at_work[depth] = e;
  int32_t end = 77;
  for (int turn = 0; turn < 20 && end != ANSER_ENUMERATION_COMPLETE; turn++) {
    bool may_stop = b->limited || b->callback || b->token != -1, memory = b->memory;
    uint64_t before = m->count, told_then = 77, told_now = 77;
    EXPECT(CALL(anser_enumerator_num_models(e, &told_then)) == ANSER_STATUS_OK);
    m->host = make_host(one_in(2) ? QUIET : NOSY);
    status = CALL(anser_enumerator_run(e, turn % 3 ? UINT64_MAX : 9, b->h, &callback, &end));
    EXPECT(status == ANSER_STATUS_OK || (memory && status == ANSER_STATUS_OUT_OF_MEMORY));
    if (status != ANSER_STATUS_OK) break;
    EXPECT(CALL(anser_enumerator_num_models(e, &told_now)) == ANSER_STATUS_OK && told_now - told_then == m->count - before);
    if (end == ANSER_ENUMERATION_UNKNOWN) {
      int32_t reason = 77;
      EXPECT(may_stop && CALL(anser_enumerator_get_stop_reason(e, &reason)) == ANSER_STATUS_OK && reason != ANSER_STOP_REASON_SOLVED);
      b = &no_budget; /* go on without */
    }
    if (m->count >= m->enough_at) break;
  }
  if (end == ANSER_ENUMERATION_COMPLETE && !m->said.wild) { /* all of them */
    by_brute_force++;
    for (unsigned a = 0; a < 1u << (m->said.vars < VARS ? m->said.vars : VARS); a++)
      if (!m->seen[projected(&m->said, a)]) EXPECT(!holds(&m->said, a));
  }
  anser_enumerator_free(e);
}

static void encode_call(void) {
  formula_slot *f = some_formula();
  budget_slot *b = one_in(2) ? &no_budget : some_budget();
  cnf said = f->said;
  bool may_stop = b->limited || b->callback || b->token != -1, memory = b->memory || f->limited, is = f->h != NULL;
  anser_formula *made = (anser_formula *)(void *)&made;
  anser_status status = CALL(anser_formula_encode(f->h, b->h, &made));
  EXPECT((made != NULL) == (status == ANSER_STATUS_OK));
  if (!is)
    EXPECT(status == ANSER_STATUS_NULL_ARGUMENT);
  else
    EXPECT(status == ANSER_STATUS_OK || (may_stop && status == ANSER_STATUS_STOPPED) || (memory && status == ANSER_STATUS_OUT_OF_MEMORY) ||
           ((said.linear || said.numbers) && status == ANSER_STATUS_UNSUPPORTED));
  if (!made) return;
  uint64_t clauses = 77, all = 78;
  EXPECT(CALL(anser_formula_num_clauses(made, &clauses)) == ANSER_STATUS_OK);
  EXPECT(CALL(anser_formula_num_constraints(made, &all)) == ANSER_STATUS_OK && all == clauses && clauses >= said.count);
  if (!said.wild && !said.linear && !said.numbers) {
    anser_solver *s = NULL;
    int32_t result = 77;
    EXPECT(CALL(anser_solver_new(made, &s)) == ANSER_STATUS_OK);
    EXPECT(CALL(anser_solver_solve(s, NULL, 0, NULL, &result)) == ANSER_STATUS_OK);
    EXPECT(satisfiable(&said, NULL, 0) == (result == ANSER_RESULT_SAT));
    anser_solver_free(s);
  }
  anser_formula_free(made);
}

static void any_call(void) {
  switch (below(33)) {
  case 30:
  case 31: enumerate_call(); break;
  case 32: encode_call(); break;
  case 24:
  case 25:
  case 26:
  case 27: constraint_change(); break;
  case 28:
  case 29: constraint_look(); break;
  case 0: token_call(); break;
  case 1:
  case 2: budget_call(); break;
  case 3:
  case 4:
  case 5:
  case 6:
  case 7: formula_change(); break;
  case 8:
  case 9:
  case 10: formula_look(); break;
  case 11: fresh_solver(some_solver()); break; /* also from inside its own callback */
  case 12: solver_set_up(); break;
  case 13:
  case 14:
  case 15: solver_change(); break;
  case 16:
  case 17:
  case 18: solver_solve(); break;
  case 19:
  case 20:
  case 21:
  case 22: solver_look(); break;
  default:
    if (one_in(6)) fresh_formula(some_formula());
    EXPECT(strcmp(anser_status_name((int32_t)below(15)), "ANSER_STATUS_?") != 0);
    EXPECT(!strncmp(anser_result_name((int32_t)random_next()), "ANSER_RESULT_", 13));
    EXPECT(!strncmp(anser_stop_reason_name((int32_t)below(7)), "ANSER_STOP_REASON_", 18));
    EXPECT(anser_version_number() == ANSER_VERSION_NUMBER && anser_last_error() != NULL);
  }
}

static void run(void) {
  check_random = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15);
  for (int i = 0; i < SLOTS; i++) {
    budgets[i] = (budget_slot){.token = -1};
    EXPECT(CALL(anser_budget_new(&budgets[i].h)) == ANSER_STATUS_OK);
    EXPECT(CALL(anser_interrupt_new(&tokens[i].h)) == ANSER_STATUS_OK);
    fresh_formula(&formulas[i]);
  }
  no_budget.token = -1;
  while (calls < target) any_call();
  for (int i = 0; i < SLOTS; i++) {
    anser_budget_free(budgets[i].h);
    anser_interrupt_free(tokens[i].h);
    anser_formula_free(formulas[i].h);
    anser_solver_free(solvers[i].h);
  }
  if (hosts_made != hosts_destroyed) die("every host is let go of once", __LINE__);
}

int main(int argc, char **argv) {
  const char *count = argc > 2 ? argv[2] : getenv("FUZZ_CALLS");
  seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
  target = count ? strtoull(count, NULL, 10) : 3000;
  run();
  printf("ok fuzz.c: seed %" PRIu64 ": %" PRIu64 " calls, %" PRIu64 " solves (%" PRIu64 " sat, %" PRIu64 " unsat, %" PRIu64
         " unknown), %" PRIu64 " by brute force, %d hosts, callbacks %" PRIu64 " deep\n",
         seed, calls, solves, answers[1], answers[2], answers[0], by_brute_force, hosts_made, deepest);
  return 0;
}
