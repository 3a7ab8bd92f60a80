/* anser_propagator: a host's part of the search. A host that knows exclusive ors, against brute force; what each function
 * may do and must not; letting go. */
#include "check.h"

#define FIELD(field, at, bytes)                                                                                        \
  _Static_assert(offsetof(anser_propagator, field) == (at) && sizeof(((anser_propagator *)0)->field) == (bytes),        \
                 "the layout of anser_propagator: " #field)
FIELD(struct_size, 0, 8);
FIELD(user_data, 8, 8);
FIELD(destroy, 16, 8);
FIELD(notify_assignment, 24, 8);
FIELD(notify_new_level, 32, 8);
FIELD(notify_backtrack, 40, 8);
FIELD(decide, 48, 8);
FIELD(propagate, 56, 8);
FIELD(reason, 64, 8);
FIELD(check_model, 72, 8);
FIELD(next_clause, 80, 8);
FIELD(fixed, 88, 8);
FIELD(learned, 96, 8);
FIELD(max_learned, 104, 8);
_Static_assert(sizeof(anser_propagator) == 112, "the size of anser_propagator");

enum { MOST = 64 };

/* An odd number of these literals is true. */
struct xor {
  int length;
  int32_t literals[5];
};

/* What the host knows: exclusive ors, and a trail. */
struct known {
  struct xor xors[MOST];
  int num_xors, lazy;
  int32_t trail[MOST];
  int length, level, starts[MOST]; /* where each level begins on the trail */
  signed char value[MOST];         /* 1, -1, 0 */
  int32_t clause[8];
  struct xor *of[2 * MOST]; /* which constraint a literal was propagated for */
  struct xor *refusing;
  int notified, asked, explained, checked, refused, wrong, destroyed, fixed, learned;
  int32_t fixed_literals[MOST];
};

static int value(const struct known *k, int32_t l) { return l > 0 ? k->value[l] : -k->value[-l]; }

static void known_destroy(void *data) { ((struct known *)data)->destroyed++; }
static int32_t known_assignment(void *data, const int32_t *literals, size_t n) {
  struct known *k = data;
  k->notified++;
  if (!n) k->wrong = __LINE__;
  for (size_t i = 0; i < n; i++) {
    if (value(k, literals[i])) k->wrong = __LINE__; /* each once */
    k->value[abs(literals[i])] = literals[i] > 0 ? 1 : -1;
    k->trail[k->length++] = literals[i];
  }
  return 0;
}
static int32_t known_level(void *data) {
  struct known *k = data;
  k->starts[k->level++] = k->length;
  return 0;
}
static int32_t known_backtrack(void *data, size_t level) {
  struct known *k = data;
  if ((int)level >= k->level) k->wrong = __LINE__;
  while (k->length > k->starts[level]) k->value[abs(k->trail[--k->length])] = 0;
  k->level = (int)level;
  return 0;
}
/* What the constraint says: 0, or a literal that must hold; where it is false, that is a conflict. */
static int32_t says(const struct known *k, const struct xor *x) {
  int32_t open = 0;
  int odd = 0;
  for (int i = 0; i < x->length; i++) {
    int v = value(k, x->literals[i]);
    if (!v && open) return 0;
    if (!v) open = x->literals[i];
    odd ^= v > 0;
  }
  if (open) return odd ? -open : open;
  int32_t first = x->literals[0];
  return odd ? 0 : value(k, first) > 0 ? -first : first;
}
static int32_t known_propagate(void *data, int32_t *out) {
  struct known *k = data;
  k->asked++;
  for (int i = 0; i < k->num_xors; i++) {
    int32_t l = says(k, &k->xors[i]);
    if (l && value(k, l) <= 0) {
      k->of[abs(l) * 2 + (l < 0)] = &k->xors[i];
      *out = l;
      return 0;
    }
  }
  return 0;
}
static size_t explain(struct known *k, const struct xor *x, int32_t literal) {
  for (int i = 0; i < x->length; i++) {
    int32_t l = x->literals[i];
    k->clause[i] = abs(l) == abs(literal) ? literal : value(k, l) > 0 ? -l : l;
  }
  return (size_t)x->length;
}
static int32_t known_reason(void *data, int32_t literal, const int32_t **out, size_t *n) {
  struct known *k = data;
  k->explained++;
  *n = explain(k, k->of[abs(literal) * 2 + (literal < 0)], literal);
  *out = k->clause;
  return 0;
}
static int32_t known_check(void *data, const int32_t *literals, size_t n, int32_t *accept) {
  struct known *k = data;
  k->checked++;
  for (size_t i = 0; i < n; i++) {
    if (i && abs(literals[i - 1]) >= abs(literals[i])) k->wrong = __LINE__;
    if (value(k, literals[i]) != 1) k->wrong = __LINE__;
  }
  if (*accept != 1) k->wrong = __LINE__;
  for (int i = 0; i < k->num_xors; i++)
    if (says(k, &k->xors[i])) {
      *accept = 0;
      k->refused++;
      k->refusing = &k->xors[i];
    }
  if (!k->lazy && !*accept) k->wrong = __LINE__; /* an eager host has said all before */
  return 0;
}
static int32_t known_clause(void *data, const int32_t **out, size_t *n, int32_t *forgettable) {
  struct known *k = data;
  if (*out || *n || *forgettable) k->wrong = __LINE__;
  if (!k->refusing) return 0;
  *n = explain(k, k->refusing, says(k, k->refusing));
  *out = k->clause;
  *forgettable = (int32_t)random_below(2);
  k->refusing = NULL;
  return 0;
}
static int32_t known_fixed(void *data, int32_t literal) {
  struct known *k = data;
  k->fixed_literals[k->fixed++] = literal;
  return 0;
}
static int32_t known_learned(void *data, const int32_t *literals, size_t n) {
  struct known *k = data;
  if (n > 4 || (n && !literals[0])) k->wrong = __LINE__;
  k->learned++;
  return 0;
}

static anser_propagator propagator_of(struct known *k) {
  anser_propagator p = ANSER_PROPAGATOR_INIT;
  p.user_data = k;
  p.destroy = known_destroy;
  p.notify_assignment = known_assignment;
  p.notify_new_level = known_level;
  p.notify_backtrack = known_backtrack;
  if (!k->lazy) p.propagate = known_propagate;
  if (!k->lazy) p.reason = known_reason;
  p.check_model = known_check;
  p.next_clause = known_clause;
  p.fixed = known_fixed;
  p.learned = known_learned;
  p.max_learned = 4;
  return p;
}

static bool holds(uint32_t model, int32_t l) { return (model >> (abs(l) - 1) & 1) == (l > 0); }
static bool xor_holds(uint32_t model, const struct xor *x) {
  int odd = 0;
  for (int i = 0; i < x->length; i++) odd ^= holds(model, x->literals[i]);
  return odd;
}

/* Two hundred formulas of clauses that the solver knows, some of them only later, and exclusive ors that two hosts know,
 * under assumptions, against brute force. */
static void exclusive_ors_against_brute_force(void) {
  int sat = 0, unsat = 0, explained = 0, refused = 0, fixed = 0, learned = 0;
  for (int round = 0; round < 200; round++) {
    int vars = 4 + (int)random_below(8), clauses = (int)random_below((uint32_t)(3 * vars));
    int32_t all[64][3];
    anser_formula *formula = new_formula();
    OK(anser_formula_ensure_vars(formula, (uint32_t)vars));
    for (int i = 0; i < clauses; i++) {
      for (int j = 0; j < 3; j++) {
        all[i][j] = 1 + (int32_t)random_below((uint32_t)vars);
        if (random_below(2)) all[i][j] = -all[i][j];
      }
      if (i < clauses / 2) OK(anser_formula_add_clause(formula, all[i], 3, NULL));
    }
    anser_solver *solver = new_solver(formula);
    anser_formula_free(formula);
    static struct known hosts[2];
    memset(hosts, 0, sizeof hosts);
    int32_t observed[MOST];
    for (int h = 0; h < 2; h++) {
      hosts[h].lazy = round % 3 == h;
      hosts[h].num_xors = (int)random_below(4);
      int n = 0;
      for (int i = 0; i < hosts[h].num_xors; i++) {
        struct xor *x = &hosts[h].xors[i];
        x->length = 1 + (int)random_below(4);
        for (int j = 0; j < x->length; j++) {
        again:
          x->literals[j] = 1 + (int32_t)random_below((uint32_t)vars);
          for (int m = 0; m < j; m++)
            if (x->literals[m] == x->literals[j]) goto again;
          observed[n++] = x->literals[j];
        }
        if (random_below(2)) x->literals[0] = -x->literals[0];
      }
      anser_propagator p = propagator_of(&hosts[h]);
      uint32_t id = 77;
      if (h == 0 || round % 2) {
        OK(anser_solver_add_propagator(solver, &p, observed, (size_t)n, &id));
      } else { /* observed later, one by one */
        OK(anser_solver_add_propagator(solver, &p, NULL, 0, &id));
        for (int i = 0; i < n; i++) OK(anser_solver_observe(solver, id, observed + i, 1));
      }
      CHECK(id == (uint32_t)h);
    }
    int given = clauses / 2;
    for (int call = 0; call < 4; call++) {
      if (call == 2)
        for (; given < clauses; given++) OK(anser_solver_add_clause(solver, all[given], 3, NULL));
      int32_t assumptions[2];
      size_t n = random_below(3);
      for (size_t i = 0; i < n; i++) {
        assumptions[i] = 1 + (int32_t)random_below((uint32_t)vars);
        if (random_below(2)) assumptions[i] = -assumptions[i];
      }
      bool expected = false;
      for (uint32_t model = 0; model < 1u << vars && !expected; model++) {
        bool good = true;
        for (size_t i = 0; i < n; i++) good = good && holds(model, assumptions[i]);
        for (int i = 0; i < given; i++)
          good = good && (holds(model, all[i][0]) || holds(model, all[i][1]) || holds(model, all[i][2]));
        for (int h = 0; h < 2; h++)
          for (int i = 0; i < hosts[h].num_xors; i++) good = good && xor_holds(model, &hosts[h].xors[i]);
        expected = good;
      }
      int32_t result = 77;
      OK(anser_solver_solve(solver, assumptions, n, NULL, &result));
      CHECK(result == (expected ? ANSER_RESULT_SAT : ANSER_RESULT_UNSAT));
      (expected ? sat++ : unsat++);
      if (result == ANSER_RESULT_SAT) {
        int8_t values[MOST];
        OK(anser_solver_get_model(solver, values, MOST));
        uint32_t model = 0;
        for (int v = 0; v < vars; v++) model |= (uint32_t)(values[v] > 0) << v;
        for (int h = 0; h < 2; h++)
          for (int i = 0; i < hosts[h].num_xors; i++) CHECK(xor_holds(model, &hosts[h].xors[i]));
      }
    }
    anser_solver_free(solver);
    for (int h = 0; h < 2; h++) {
      CHECK(hosts[h].destroyed == 1);
      if (!CHECK(hosts[h].wrong == 0)) printf("  line %d\n", hosts[h].wrong);
      explained += hosts[h].explained;
      refused += hosts[h].refused;
      fixed += hosts[h].fixed;
      learned += hosts[h].learned;
    }
  }
  CHECK(sat > 100 && unsat > 100 && explained > 50 && refused > 50 && fixed > 100 && learned > 20);
}

/* ---- What a function does, one at a time ---------------------------------------------------------------------------- */

/* Observes 1 to 4 of six variables, with the clauses (1 or 2 or 3) and (4 or 5 or 6). */
struct script {
  anser_solver *solver;
  int32_t decisions[4];  /* those that are open are proposed in turn */
  int32_t propagated;    /* once `when` is true */
  int32_t when;
  int32_t reason[4];
  size_t reason_length;
  int32_t clause[4];
  size_t clause_length;
  int gives, takes, null, answer; /* what is answered by the function that `fails` names */
  const char *fails;
  signed char value[8];
  int32_t trail[8];
  int length, level, starts[8], calls, destroyed, reentries;
};

/* Every call of a handle that is in use answers so. */
static void reenter(struct script *s) {
  int32_t i = 77, one = 1;
  uint32_t u = 77;
  int64_t l = 77;
  int8_t model[8];
  s->reentries++;
#define BUSY(call) STATE(call, "in use by another call")
  BUSY(anser_solver_solve(s->solver, NULL, 0, NULL, &i));
  BUSY(anser_solver_add_clause(s->solver, &one, 1, NULL));
  BUSY(anser_solver_new_vars(s->solver, 1, &i));
  BUSY(anser_solver_observe(s->solver, 0, &one, 1));
  BUSY(anser_solver_remove_propagator(s->solver, 0));
  BUSY(anser_solver_get_value(s->solver, 1, &i));
  BUSY(anser_solver_get_model(s->solver, model, 8));
  BUSY(anser_solver_get_statistic(s->solver, "conflicts", &l));
  BUSY(anser_solver_num_vars(s->solver, &u));
  anser_propagator p = ANSER_PROPAGATOR_INIT;
  BUSY(anser_solver_add_propagator(s->solver, &p, NULL, 0, NULL));
  CHECK(i == 77 && u == 77 && l == 77);
}
static int32_t enter(struct script *s, const char *function) {
  s->calls++;
  if (s->reentries < 20) reenter(s);
  return s->fails && strcmp(s->fails, function) == 0 ? s->answer : 0;
}
static void script_destroy(void *data) { ((struct script *)data)->destroyed++; }
static int32_t script_assignment(void *data, const int32_t *literals, size_t n) {
  struct script *s = data;
  for (size_t i = 0; i < n; i++) {
    s->value[abs(literals[i])] = literals[i] > 0 ? 1 : -1;
    s->trail[s->length++] = literals[i];
  }
  return enter(s, "notify_assignment");
}
static int32_t script_level(void *data) {
  struct script *s = data;
  s->starts[s->level++] = s->length;
  return enter(s, "notify_new_level");
}
static int32_t script_backtrack(void *data, size_t level) {
  struct script *s = data;
  while (s->length > s->starts[level]) s->value[abs(s->trail[--s->length])] = 0;
  s->level = (int)level;
  return enter(s, "notify_backtrack");
}
static bool far(int32_t l) { return l > 4 || l < -4; }
static int32_t script_decide(void *data, int32_t *out) {
  struct script *s = data;
  for (int i = 0; i < 4 && !*out; i++) {
    int32_t l = s->decisions[i];
    if (l && (far(l) || !s->value[abs(l)] || s->takes == 2)) *out = l;
  }
  return enter(s, "decide");
}
static int32_t script_propagate(void *data, int32_t *out) {
  struct script *s = data;
  if (s->propagated && (!s->when || s->value[abs(s->when)] == (s->when > 0 ? 1 : -1)) &&
      (far(s->propagated) || s->value[abs(s->propagated)] != (s->propagated > 0 ? 1 : -1) || s->takes == 3))
    *out = s->propagated;
  return enter(s, "propagate");
}
static int32_t script_reason(void *data, int32_t literal, const int32_t **out, size_t *n) {
  struct script *s = data;
  (void)literal;
  *out = s->null ? NULL : s->reason;
  *n = s->reason_length;
  return enter(s, "reason");
}
static int32_t script_check(void *data, const int32_t *literals, size_t n, int32_t *accept) {
  struct script *s = data;
  CHECK(n == 4 && abs(literals[3]) == 4);
  *accept = s->takes != 1;
  return enter(s, "check_model");
}
static int32_t script_clause(void *data, const int32_t **out, size_t *n, int32_t *forgettable) {
  struct script *s = data;
  (void)forgettable;
  if (s->gives > 0) {
    s->gives--;
    *out = s->null ? NULL : s->clause;
    *n = s->clause_length;
  }
  return enter(s, "next_clause");
}
static int32_t script_fixed(void *data, int32_t literal) {
  (void)literal;
  return enter(data, "fixed");
}
static int32_t script_learned(void *data, const int32_t *literals, size_t n) {
  (void)literals, (void)n;
  return enter(data, "learned");
}

static anser_propagator scripted(struct script *s) {
  anser_propagator p = ANSER_PROPAGATOR_INIT;
  p.user_data = s;
  p.destroy = script_destroy;
  p.notify_assignment = script_assignment;
  p.notify_new_level = script_level;
  p.notify_backtrack = script_backtrack;
  p.decide = script_decide;
  p.propagate = script_propagate;
  p.reason = script_reason;
  p.check_model = script_check;
  p.next_clause = script_clause;
  p.fixed = script_fixed;
  p.learned = script_learned;
  p.max_learned = 100;
  return p;
}

static const int32_t first_four[] = {1, 2, 3, 4};

/* A solver with the script as its second propagator. Deciding 3, 4 and either 5 or 6 is a conflict. */
static void start(struct script *s) {
  anser_formula *formula = new_formula();
  ADD(formula, 1, 2, 3);
  ADD(formula, 4, 5, 6);
  ADD(formula, -3, -4, 5, 6);
  ADD(formula, -3, -4, 5, -6);
  ADD(formula, -3, -4, -5, 6);
  ADD(formula, -3, -4, -5, -6);
  s->solver = new_solver(formula);
  anser_formula_free(formula);
  anser_propagator idle = ANSER_PROPAGATOR_INIT, p = scripted(s);
  uint32_t id = 77;
  OK(anser_solver_add_propagator(s->solver, &idle, first_four, 3, &id));
  OK(anser_solver_add_propagator(s->solver, &p, first_four, 4, &id));
  CHECK(id == 1);
}

static void finish(struct script *s) {
  anser_solver_free(s->solver);
  CHECK(s->destroyed == 1);
  CHECK(s->reentries > 0);
}

/* The solve fails with this text, and only a free is left. */
static void breaks(struct script s, const char *text) {
  start(&s);
  int32_t result = 77;
  FAILS(ANSER_STATUS_CALLBACK_FAILED, anser_solver_solve(s.solver, NULL, 0, NULL, &result), "propagator 1", text);
  STATE(anser_solver_solve(s.solver, NULL, 0, NULL, &result), "cannot be used any more");
  CHECK(result == 77);
  finish(&s);
}

static void what_must_not_be_done_is_named(void) {
  static const struct {
    int32_t literal;
    const char *text;
  } foreign[] = {{5, "5, which is no literal of an observed"},
                 {-6, "-6, which is no literal of an observed"},
                 {7, "7, which is no literal of an observed"},
                 {INT32_MAX, "2147483647, which is no"},
                 {INT32_MIN, "-2147483648, which is no"}};
  for (size_t i = 0; i < COUNT(foreign); i++) {
    int32_t l = foreign[i].literal;
    breaks((struct script){.propagated = l}, foreign[i].text);
    breaks((struct script){.decisions = {l}}, foreign[i].text);
    breaks((struct script){.gives = 1, .clause = {1, l}, .clause_length = 2}, foreign[i].text);
    breaks((struct script){.takes = 1, .gives = 1, .clause = {1, l}, .clause_length = 2}, foreign[i].text);
  }
  breaks((struct script){.propagated = 5}, "it propagated 5");
  breaks((struct script){.decisions = {5}}, "it decided on 5");
  breaks((struct script){.decisions = {1, 2, -1}, .takes = 2}, "it decided on 1, the variable of which is assigned");
  breaks((struct script){.gives = 1, .clause = {1, 5}, .clause_length = 2}, "it gave a clause with 5");
  breaks((struct script){.gives = 1, .clause = {1, 0}, .clause_length = 2}, "it gave a clause with 0");
  breaks((struct script){.takes = 1}, "it refused an assignment without giving a clause that is false in it");
}

static struct script with_reason(size_t n, int32_t a, int32_t b, int32_t c, int32_t d) {
  return (struct script){
      .decisions = {1, 2, 4}, .propagated = 3, .when = 2, .reason = {a, b, c, d}, .reason_length = n};
}

static void illegal_reasons_are_named(void) {
  breaks(with_reason(2, -1, -2, 0, 0), "its reason of 3 does not contain 3");
  breaks(with_reason(0, 0, 0, 0, 0), "its reason of 3 does not contain 3");
  breaks(with_reason(2, 3, 2, 0, 0), "its reason of 3 contains 2, which is not false");
  breaks(with_reason(3, -1, 3, -4, 0), "its reason of 3 contains -4, which became false after 3 was propagated");
  breaks(with_reason(3, -2, 3, 5, 0), "its reason of 3 contains 5, which is no literal of an observed variable");
  breaks(with_reason(3, -2, 3, -9, 0), "its reason of 3 contains -9, which is no literal of an observed variable");
  breaks(with_reason(3, -2, 3, 0, 0), "its reason of 3 contains 0, which is no literal of an observed variable");
  breaks(with_reason(3, -2, 3, INT32_MIN, 0), "contains -2147483648, which is no literal");
  struct script s = with_reason(2, 3, -2, 0, 0);
  s.null = 1;
  breaks(s, "no array");
  /* At once: -2 is false when it is propagated. */
  struct script t = {.decisions = {1, 2}, .propagated = -2, .when = 2, .reason = {-2, 1}, .reason_length = 2};
  breaks(t, "its reason of -2 contains 1, which is not false");
}

/* Clauses that are no arrays, and a host that never stops propagating what is true: the solver stays usable. */
static void what_leaves_the_solver_usable(void) {
  struct script scripts[] = {{.gives = 1, .null = 1, .clause_length = 2}, {.propagated = 1, .reason = {1}, .reason_length = 1, .takes = 3}};
  static const char *const texts[] = {"no array", "again and again what is true"};
  for (size_t i = 0; i < COUNT(scripts); i++) {
    struct script *s = &scripts[i];
    start(s);
    int32_t result = 77;
    FAILS(ANSER_STATUS_CALLBACK_FAILED, anser_solver_solve(s->solver, NULL, 0, NULL, &result), "propagator 1", texts[i]);
    s->gives = s->takes = 0;
    OK(anser_solver_solve(s->solver, NULL, 0, NULL, &result));
    CHECK(result == ANSER_RESULT_SAT);
    finish(s);
  }
}

/* Legal reasons, clauses and refusals lead to the answers that they must. */
static void what_is_legal_counts(void) {
  static const struct {
    struct script script;
    int32_t result;
    int32_t three; /* the value of 3 where there is a model */
  } cases[] = {
      {{.decisions = {1, 2, 4}, .propagated = 3, .when = 2, .reason = {-2, 3}, .reason_length = 2}, ANSER_RESULT_SAT, 0},
      {{.propagated = 3, .reason = {3}, .reason_length = 1}, ANSER_RESULT_SAT, 1},
      {{.propagated = -3, .reason = {-3, -3}, .reason_length = 2}, ANSER_RESULT_SAT, -1},
      {{.gives = 1, .clause = {-3}, .clause_length = 1}, ANSER_RESULT_SAT, -1},
      {{.gives = 1, .clause = {3, 3}, .clause_length = 2}, ANSER_RESULT_SAT, 1},
      {{.gives = 1, .clause_length = 0}, ANSER_RESULT_UNSAT, 0}, /* the empty clause */
      {{.decisions = {-3, 1, -2, -4}}, ANSER_RESULT_SAT, -1},
      {{.decisions = {3, -1, -2, -4}}, ANSER_RESULT_SAT, 1},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct script s = cases[i].script;
    start(&s);
    int32_t result = 77, value = 77;
    OK(anser_solver_solve(s.solver, NULL, 0, NULL, &result));
    if (!CHECK(result == cases[i].result)) printf("  case %zu\n", i);
    if (result == ANSER_RESULT_SAT) {
      OK(anser_solver_get_value(s.solver, 3, &value));
      if (!CHECK(!cases[i].three || value == cases[i].three)) printf("  case %zu\n", i);
    }
    finish(&s);
  }
}

/* Each function may end the search; the answer is kept. After all but `reason` the search can go on. */
static void every_function_may_stop(void) {
  static const char *const names[] = {"notify_assignment", "notify_new_level", "notify_backtrack", "decide", "propagate",
                                      "reason",            "check_model",      "next_clause",      "fixed",  "learned"};
  for (size_t i = 0; i < COUNT(names); i++) {
    struct script s = {.decisions = {1, 2, 4}, .propagated = 3, .when = 2, .reason = {-2, 3}, .reason_length = 2};
    s.fails = names[i];
    s.answer = 40 + (int)i;
    int32_t result = 77, reason = 77, code = 77;
    start(&s);
    if (i == 8) { /* something to be fixed */
      const int32_t unit = 1;
      OK(anser_solver_add_clause(s.solver, &unit, 1, NULL));
    }
    if (i == 9) /* something to learn */
      for (int c = 0; c < 215; c++) {
        int32_t clause[3];
        for (int j = 0; j < 3; j++) {
          clause[j] = 7 + (int32_t)random_below(50);
          if (random_below(2)) clause[j] = -clause[j];
        }
        OK(anser_solver_add_clause(s.solver, clause, 3, NULL));
      }
    OK(anser_solver_solve(s.solver, NULL, 0, NULL, &result));
    if (!CHECK(result == ANSER_RESULT_UNKNOWN)) printf("  %s\n", names[i]);
    OK(anser_solver_get_stop_reason(s.solver, &reason));
    CHECK(reason == ANSER_STOP_REASON_CALLBACK);
    OK(anser_solver_get_callback_code(s.solver, &code));
    CHECK(code == s.answer);
    s.fails = NULL;
    if (i == 5) {
      STATE(anser_solver_solve(s.solver, NULL, 0, NULL, &result), "cannot be used any more");
    } else {
      OK(anser_solver_solve(s.solver, NULL, 0, NULL, &result));
      CHECK(result == ANSER_RESULT_SAT || (i == 9 && result == ANSER_RESULT_UNSAT));
    }
    finish(&s);
  }
}

static void arguments(void) {
  struct script s = {0};
  start(&s);
  struct script other = {0};
  anser_propagator p = scripted(&other);
  uint32_t id = 77;
  NULL_ARGUMENT(anser_solver_add_propagator(NULL, &p, first_four, 4, &id), "solver");
  CHECK(other.destroyed == 1);
  NULL_ARGUMENT(anser_solver_add_propagator(s.solver, NULL, first_four, 4, &id), "propagator");
  NULL_ARGUMENT(anser_solver_add_propagator(s.solver, &p, NULL, 4, &id), "variables");
  CHECK(other.destroyed == 2);
  static const int32_t bad[] = {1, 0}, negative[] = {1, 2, -3}, unknown[] = {6, 7};
  INVALID(anser_solver_add_propagator(s.solver, &p, bad, 2, &id), "variables", "0 is not a variable");
  CHECK(anser_last_error_index() == 1 && other.destroyed == 3);
  INVALID(anser_solver_add_propagator(s.solver, &p, negative, 3, &id), "variables", "-3 is not a variable");
  INVALID(anser_solver_add_propagator(s.solver, &p, unknown, 2, &id), "7", "6");
  CHECK(other.destroyed == 5);
  p.reason = NULL;
  NULL_ARGUMENT(anser_solver_add_propagator(s.solver, &p, first_four, 4, &id), "reason");
  p.propagate = NULL;
  p.next_clause = NULL;
  NULL_ARGUMENT(anser_solver_add_propagator(s.solver, &p, first_four, 4, &id), "next_clause");
  CHECK(other.destroyed == 7);
  p.struct_size = 8;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_solver_add_propagator(s.solver, &p, first_four, 4, &id), "struct_size", "8");
  CHECK(other.destroyed == 7 && id == 77);
  NULL_ARGUMENT(anser_solver_observe(NULL, 0, first_four, 4), "solver");
  NULL_ARGUMENT(anser_solver_observe(s.solver, 1, NULL, 4), "variables");
  INVALID(anser_solver_observe(s.solver, 2, first_four, 4), "propagator", "2");
  INVALID(anser_solver_observe(s.solver, 1, unknown, 2), "7", "6");
  NULL_ARGUMENT(anser_solver_remove_propagator(NULL, 0), "solver");
  INVALID(anser_solver_remove_propagator(s.solver, 2), "propagator", "2");
  struct host sink_host = {0};
  anser_sink sink = sink_to(&sink_host);
  STATE(anser_solver_set_proof_sink(s.solver, ANSER_PROOF_FORMAT_DRAT, &sink), "propagator");
  CHECK(sink_host.destroyed == 1);
  int32_t result = 77;
  OK(anser_solver_solve(s.solver, NULL, 0, NULL, &result));
  finish(&s);
  /* The other way round. */
  anser_formula *formula = new_formula();
  ADD(formula, 1, 2);
  anser_solver *solver = new_solver(formula);
  OK(anser_solver_set_proof_sink(solver, ANSER_PROOF_FORMAT_DRAT, &sink));
  p = scripted(&other);
  STATE(anser_solver_add_propagator(solver, &p, first_four, 2, &id), "proof");
  CHECK(other.destroyed == 8);
  anser_solver_free(solver);
  anser_formula_free(formula);
  host_clear(&sink_host);
}

/* Before and after a solve; a removed one binds no more, and its number stays free. */
static void removal(void) {
  for (int solved = 0; solved < 2; solved++) {
    struct script s = {.gives = 1, .clause = {3}, .clause_length = 1};
    if (!solved) s.propagated = -1, s.reason[0] = -1, s.reason_length = 1;
    start(&s);
    int32_t result = 77;
    if (solved) {
      OK(anser_solver_solve(s.solver, NULL, 0, NULL, &result));
      CHECK(result == ANSER_RESULT_SAT);
    }
    int destroyed = s.destroyed;
    OK(anser_solver_remove_propagator(s.solver, 1));
    CHECK(destroyed == 0 && s.destroyed == 1);
    STATE(anser_solver_get_value(s.solver, 1, &result), "no model");
    INVALID(anser_solver_remove_propagator(s.solver, 1), "propagator", "1");
    INVALID(anser_solver_observe(s.solver, 1, first_four, 1), "propagator", "1");
    const int32_t one = 1;
    OK(anser_solver_solve(s.solver, &one, 1, NULL, &result));
    CHECK(result == ANSER_RESULT_SAT); /* -1 was never learned */
    uint32_t id = 77;
    struct script again = {.propagated = -1, .reason = {-1}, .reason_length = 1, .solver = s.solver};
    anser_propagator p = scripted(&again);
    OK(anser_solver_add_propagator(s.solver, &p, first_four, 4, &id));
    CHECK(id == 2);
    OK(anser_solver_solve(s.solver, &one, 1, NULL, &result));
    CHECK(result == ANSER_RESULT_UNSAT);
    if (!solved) s.reentries = 1;
    finish(&s);
    CHECK(again.destroyed == 1);
  }
}

/* A host with all of its functions NULL changes nothing. */
static void nothing_at_all(void) {
  anser_formula *formula = random_3sat(60, 240, 3);
  anser_solver *solver = new_solver(formula);
  anser_propagator p = ANSER_PROPAGATOR_INIT;
  int32_t observed[60], result = 77;
  for (int i = 0; i < 60; i++) observed[i] = i + 1;
  OK(anser_solver_add_propagator(solver, &p, observed, 60, NULL));
  OK(anser_solver_solve(solver, NULL, 0, NULL, &result));
  anser_solver *alone = new_solver(formula);
  int32_t expected = 78;
  OK(anser_solver_solve(alone, NULL, 0, NULL, &expected));
  CHECK(result == expected);
  anser_solver_free(solver);
  anser_solver_free(alone);
  anser_formula_free(formula);
}

/* A propagator may trigger the token of the budget. */
static int32_t trigger(void *data, int32_t *out) {
  (void)out;
  anser_interrupt_trigger(data);
  return 0;
}
static void a_callback_may_interrupt(void) {
  anser_formula *formula = pigeons(9);
  anser_solver *solver = new_solver(formula);
  anser_budget *budget = new_budget();
  anser_interrupt *interrupt = NULL;
  OK(anser_interrupt_new(&interrupt));
  OK(anser_budget_set_interrupt(budget, interrupt));
  anser_propagator p = ANSER_PROPAGATOR_INIT;
  p.user_data = interrupt;
  p.decide = trigger;
  OK(anser_solver_add_propagator(solver, &p, first_four, 4, NULL));
  int32_t result = 77, reason = 77;
  OK(anser_solver_solve(solver, NULL, 0, budget, &result));
  OK(anser_solver_get_stop_reason(solver, &reason));
  CHECK(result == ANSER_RESULT_UNKNOWN && reason == ANSER_STOP_REASON_INTERRUPTED);
  anser_interrupt_free(interrupt);
  anser_budget_free(budget);
  anser_solver_free(solver);
  anser_formula_free(formula);
}

int main(void) {
  RUN(exclusive_ors_against_brute_force);
  RUN(what_must_not_be_done_is_named);
  RUN(illegal_reasons_are_named);
  RUN(what_leaves_the_solver_usable);
  RUN(what_is_legal_counts);
  RUN(every_function_may_stop);
  RUN(arguments);
  RUN(removal);
  RUN(nothing_at_all);
  RUN(a_callback_may_interrupt);
  return report();
}
