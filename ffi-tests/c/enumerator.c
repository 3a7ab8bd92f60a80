/* anser_enumerator, every function: counts against brute force, the order of calls, buffers, budgets, callbacks; what is
 * refused, and that a refusal changes nothing. */
#include "check.h"

#include <malloc.h>

static anser_enumerator *new_enumerator(const anser_formula *formula) {
  anser_enumerator *made = NULL;
  OK(anser_enumerator_new(formula, &made));
  return made;
}
static int32_t next(anser_enumerator *e, const anser_budget *budget) {
  int32_t end = 77;
  OK(anser_enumerator_next(e, budget, &end));
  return end;
}
static uint64_t told(const anser_enumerator *e) {
  uint64_t count = 77777;
  OK(anser_enumerator_num_models(e, &count));
  return count;
}
static int32_t reason_of(const anser_enumerator *e) {
  int32_t reason = 77;
  OK(anser_enumerator_get_stop_reason(e, &reason));
  return reason;
}
static size_t width_of(const anser_enumerator *e) {
  size_t width = 77777;
  OK(anser_enumerator_num_projection(e, &width));
  return width;
}
/* The next models to the last one: how many. */
static uint64_t drain(anser_enumerator *e) {
  uint64_t before = told(e);
  int32_t end = ANSER_ENUMERATION_MODEL;
  while (end == ANSER_ENUMERATION_MODEL) end = next(e, NULL);
  CHECK(end == ANSER_ENUMERATION_COMPLETE && reason_of(e) == ANSER_STOP_REASON_SOLVED);
  return told(e) - before;
}
static anser_formula *free_variables(uint32_t n) {
  anser_formula *formula = new_formula();
  OK(anser_formula_ensure_vars(formula, n));
  return formula;
}

/* What takes models. */
struct taker {
  uint64_t calls, enough_at, trigger_at;
  int destroyed;
  size_t length;
  bool odd; /* a value is neither 1 nor -1 */
  anser_interrupt *token;
  anser_enumerator *own, *doomed;
};
static int32_t take(void *data, const int8_t *values, size_t length) {
  struct taker *t = data;
  t->calls++;
  t->length = length;
  for (size_t i = 0; i < length; i++) t->odd |= values[i] != 1 && values[i] != -1;
  if (t->calls == t->trigger_at) anser_interrupt_trigger(t->token);
  return t->calls == t->enough_at ? -5 : 0;
}
static void let_go(void *data) { ((struct taker *)data)->destroyed++; }
static anser_model_callback to(struct taker *t) {
  anser_model_callback callback = ANSER_MODEL_CALLBACK_INIT;
  callback.user_data = t;
  callback.model = take;
  callback.destroy = let_go;
  return callback;
}
static int32_t run(anser_enumerator *e, uint64_t limit, const anser_budget *budget, struct taker *t) {
  anser_model_callback callback = to(t);
  int32_t end = 77;
  int before = t->destroyed;
  OK(anser_enumerator_run(e, limit, budget, &callback, &end));
  CHECK(t->destroyed == before + 1 && !t->odd);
  return end;
}

/* ---- NULL ---- */

static void made_and_freed(void) {
  anser_formula *formula = free_variables(2);
  anser_enumerator *e = (anser_enumerator *)(void *)&e;
  NULL_ARGUMENT(anser_enumerator_new(NULL, &e), "formula");
  CHECK(e == NULL);
  NULL_ARGUMENT(anser_enumerator_new(formula, NULL), "out_enumerator");
  anser_enumerator_free(NULL);
  anser_enumerator_free(new_enumerator(formula));
  e = new_enumerator(formula);
  CHECK(next(e, NULL) == ANSER_ENUMERATION_MODEL);
  anser_enumerator_free(e); /* in the middle */
  anser_formula_free(formula);
}

static void null_enumerators(void) {
  const uint32_t var = 1;
  uint32_t var_out = 77;
  int8_t value = 77;
  size_t n = 77;
  int32_t i = 77;
  uint64_t count = 77;
  double number = 77;
  struct taker t = {0};
  anser_model_callback callback = to(&t);
  NULL_ARGUMENT(anser_enumerator_set_projection(NULL, &var, 1), "enumerator");
  NULL_ARGUMENT(anser_enumerator_num_projection(NULL, &n), "enumerator");
  NULL_ARGUMENT(anser_enumerator_get_projection(NULL, &var_out, 1), "enumerator");
  NULL_ARGUMENT(anser_enumerator_set_backend(NULL, ANSER_BACKEND_NATIVE), "enumerator");
  NULL_ARGUMENT(anser_enumerator_set_option(NULL, "seed", 1), "enumerator");
  NULL_ARGUMENT(anser_enumerator_next(NULL, NULL, &i), "enumerator");
  NULL_ARGUMENT(anser_enumerator_next_models(NULL, NULL, &value, 1, &n, &i), "enumerator");
  NULL_ARGUMENT(anser_enumerator_run(NULL, 1, NULL, &callback, &i), "enumerator");
  CHECK(t.destroyed == 1 && t.calls == 0);
  NULL_ARGUMENT(anser_enumerator_get_model(NULL, &value, 1), "enumerator");
  NULL_ARGUMENT(anser_enumerator_get_numbers(NULL, &number, 1), "enumerator");
  NULL_ARGUMENT(anser_enumerator_num_models(NULL, &count), "enumerator");
  NULL_ARGUMENT(anser_enumerator_num_vars(NULL, &var_out), "enumerator");
  NULL_ARGUMENT(anser_enumerator_num_numbers(NULL, &var_out), "enumerator");
  NULL_ARGUMENT(anser_enumerator_get_stop_reason(NULL, &i), "enumerator");
  CHECK(var_out == 77 && value == 77 && n == 77 && i == 77 && count == 77 && number == 77);
}

static void null_arguments(void) {
  anser_formula *formula = free_variables(2);
  anser_enumerator *e = new_enumerator(formula);
  int8_t values[2] = {77, 77};
  size_t n = 77;
  int32_t end = 77;
  struct taker t = {0};
  anser_model_callback callback = to(&t);
  NULL_ARGUMENT(anser_enumerator_set_projection(e, NULL, 1), "vars");
  NULL_ARGUMENT(anser_enumerator_num_projection(e, NULL), "out_vars");
  NULL_ARGUMENT(anser_enumerator_get_projection(e, NULL, 2), "out_vars");
  NULL_ARGUMENT(anser_enumerator_set_option(e, NULL, 1), "name");
  NULL_ARGUMENT(anser_enumerator_next(e, NULL, NULL), "out_end");
  NULL_ARGUMENT(anser_enumerator_next_models(e, NULL, NULL, 1, &n, &end), "out_values");
  NULL_ARGUMENT(anser_enumerator_next_models(e, NULL, values, 1, NULL, &end), "out_models");
  NULL_ARGUMENT(anser_enumerator_next_models(e, NULL, values, 1, &n, NULL), "out_end");
  NULL_ARGUMENT(anser_enumerator_run(e, 1, NULL, NULL, &end), "callback");
  NULL_ARGUMENT(anser_enumerator_run(e, 1, NULL, &callback, NULL), "out_end");
  CHECK(t.destroyed == 1);
  callback.model = NULL;
  NULL_ARGUMENT(anser_enumerator_run(e, 1, NULL, &callback, &end), "model");
  CHECK(t.destroyed == 2 && t.calls == 0);
  NULL_ARGUMENT(anser_enumerator_num_models(e, NULL), "out_models");
  NULL_ARGUMENT(anser_enumerator_num_vars(e, NULL), "out_vars");
  NULL_ARGUMENT(anser_enumerator_num_numbers(e, NULL), "out_numbers");
  NULL_ARGUMENT(anser_enumerator_get_stop_reason(e, NULL), "out_reason");
  CHECK(n == 77 && end == 77 && values[0] == 77 && told(e) == 0);
  CHECK(next(e, NULL) == ANSER_ENUMERATION_MODEL);
  NULL_ARGUMENT(anser_enumerator_get_model(e, NULL, 2), "out_values");
  OK(anser_enumerator_get_numbers(e, NULL, 0)); /* it has none */
  CHECK(drain(e) == 3);
  anser_enumerator_free(e);
  anser_formula_free(formula);
}

static void bad_structs(void) {
  anser_formula *formula = free_variables(2);
  anser_enumerator *e = new_enumerator(formula);
  struct taker t = {0};
  int32_t end = 77;
  static const size_t sizes[] = {0, 1, 8, sizeof(anser_model_callback) - 1, 4097, SIZE_MAX};
  for (size_t i = 0; i < COUNT(sizes); i++) {
    anser_model_callback callback = to(&t);
    callback.struct_size = sizes[i];
    FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_enumerator_run(e, 9, NULL, &callback, &end), "callback", "struct_size");
  }
  CHECK(t.destroyed == 0 && end == 77); /* it was never read */
  struct {
    anser_model_callback known;
    void *unknown;
  } longer = {to(&t), NULL};
  longer.known.struct_size = sizeof longer;
  OK(anser_enumerator_run(e, 1, NULL, &longer.known, &end));
  CHECK(end == ANSER_ENUMERATION_MODEL && t.calls == 1 && t.destroyed == 1);
  longer.unknown = &t;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_enumerator_run(e, 1, NULL, &longer.known, &end), "callback", "");
  anser_model_callback nobody = ANSER_MODEL_CALLBACK_INIT; /* no destroy, no data */
  nobody.model = take;
  nobody.user_data = &t;
  OK(anser_enumerator_run(e, UINT64_MAX, NULL, &nobody, &end));
  CHECK(end == ANSER_ENUMERATION_COMPLETE && t.calls == 4 && t.destroyed == 1);
  anser_enumerator_free(e);
  anser_formula_free(formula);
}

/* ---- Against brute force ---- */

enum { MOST_VARS = 9, MOST_TERMS = 6, MOST_RULES = 8 };
struct rule {
  int32_t kind, literals[MOST_TERMS], condition, condition_literal;
  int64_t weights[MOST_TERMS], bound;
  size_t length;
};
static bool is_on(unsigned assignment, int32_t literal) {
  return (assignment >> (abs(literal) - 1) & 1) == (literal > 0);
}
static bool rule_holds(const struct rule *r, unsigned assignment) {
  int64_t sum = 0;
  for (size_t i = 0; i < r->length; i++) sum += is_on(assignment, r->literals[i]) ? r->weights[i] : 0;
  if (r->kind == ANSER_CONSTRAINT_KIND_XOR) return sum % 2 == r->bound;
  bool good = sum >= r->bound;
  return r->condition == ANSER_CONDITION_PLAIN     ? good
         : r->condition == ANSER_CONDITION_IMPLIED ? good || !is_on(assignment, r->condition_literal)
                                                   : good == is_on(assignment, r->condition_literal);
}
static int32_t some_literal(uint32_t vars) {
  int32_t v = (int32_t)random_below(vars) + 1;
  return random_below(2) ? v : -v;
}
static struct rule some_rule(uint32_t vars) {
  struct rule r = {.kind = 1 + (int32_t)random_below(4), .length = 1 + random_below(MOST_TERMS), .bound = 1};
  for (size_t i = 0; i < r.length; i++) r.literals[i] = some_literal(vars), r.weights[i] = 1;
  if (r.kind == ANSER_CONSTRAINT_KIND_CLAUSE) return r;
  if (r.kind == ANSER_CONSTRAINT_KIND_XOR) {
    r.bound = random_below(2);
    return r;
  }
  r.bound = 1 + random_below(3);
  r.condition = (int32_t)random_below(3);
  if (r.condition) r.condition_literal = some_literal(vars);
  if (r.kind == ANSER_CONSTRAINT_KIND_PSEUDO_BOOLEAN) {
    for (size_t i = 0; i < r.length; i++) r.weights[i] = (int64_t)random_below(9) - 4;
    r.bound = (int64_t)random_below(9) - 4;
  }
  return r;
}
static void add_rule(anser_formula *f, const struct rule *r) {
  switch (r->kind) {
  case ANSER_CONSTRAINT_KIND_CLAUSE: OK(anser_formula_add_clause(f, r->literals, r->length, NULL)); break;
  case ANSER_CONSTRAINT_KIND_XOR: OK(anser_formula_add_xor(f, r->literals, r->length, (int32_t)r->bound, NULL)); break;
  case ANSER_CONSTRAINT_KIND_CARDINALITY:
    OK(anser_formula_add_cardinality(f, r->literals, r->length, r->bound, r->condition, r->condition_literal, NULL));
    break;
  default:
    OK(anser_formula_add_pseudo_boolean(f, r->literals, r->weights, r->length, r->bound, r->condition,
                                        r->condition_literal, NULL));
  }
}

struct seen {
  unsigned mask;
  bool projected[1 << MOST_VARS];
  const struct rule *rules;
  size_t num_rules;
  uint64_t wrong, twice, count;
};
static int32_t see(void *data, const int8_t *values, size_t length) {
  struct seen *s = data;
  unsigned assignment = 0;
  for (size_t v = 0; v < length; v++) assignment |= (unsigned)(values[v] > 0) << v;
  for (size_t i = 0; i < s->num_rules; i++) s->wrong += !rule_holds(&s->rules[i], assignment);
  s->twice += s->projected[assignment & s->mask];
  s->projected[assignment & s->mask] = true;
  s->count++;
  return 0;
}

static void counts_by_brute_force(void) {
  uint64_t total = 0;
  int contradictions = 0;
  check_random = 4711;
  for (int round = 0; round < 120; round++) {
    uint32_t vars = 3 + random_below(MOST_VARS - 2), projection[MOST_VARS], back[MOST_VARS];
    struct rule rules[MOST_RULES];
    size_t num_rules = 1 + random_below(MOST_RULES), width = 0;
    static struct seen s, by_hand;
    static int8_t chunk[7 * MOST_VARS];
    memset(&s, 0, sizeof s);
    memset(&by_hand, 0, sizeof by_hand);
    anser_formula *formula = free_variables(vars);
    for (size_t i = 0; i < num_rules; i++) {
      rules[i] = some_rule(vars);
      add_rule(formula, &rules[i]);
    }
    s.rules = rules, s.num_rules = num_rules;
    for (uint32_t v = vars; v; v--)
      if (random_below(3)) projection[width++] = v, s.mask |= 1u << (v - 1);
    uint64_t wanted = 0;
    for (unsigned a = 0; a < 1u << vars; a++) {
      bool good = true;
      for (size_t i = 0; i < num_rules; i++) good &= rule_holds(&rules[i], a);
      wanted += good && !by_hand.projected[a & s.mask];
      if (good) by_hand.projected[a & s.mask] = true;
    }
    anser_enumerator *e = new_enumerator(formula), *again = new_enumerator(formula);
    for (int i = 0; i < 2; i++) {
      anser_enumerator *which = i ? again : e;
      OK(anser_enumerator_set_projection(which, projection, width));
      OK(anser_enumerator_set_backend(which, round % 3));
    }
    CHECK(width_of(e) == width);
    OK(anser_enumerator_get_projection(e, back, width));
    CHECK(memcmp(back, projection, width * sizeof *back) == 0);
    anser_model_callback callback = ANSER_MODEL_CALLBACK_INIT;
    callback.user_data = &s;
    callback.model = see;
    int32_t end = 77;
    OK(anser_enumerator_run(e, UINT64_MAX, NULL, &callback, &end));
    CHECK(end == ANSER_ENUMERATION_COMPLETE && s.count == wanted && !s.wrong && !s.twice && told(e) == wanted);
    CHECK(memcmp(s.projected, by_hand.projected, sizeof s.projected) == 0);
    CHECK(next(e, NULL) == ANSER_ENUMERATION_COMPLETE && told(e) == wanted);
    /* In chunks: the same ones. */
    uint64_t got = 0;
    do {
      size_t n = 77;
      OK(anser_enumerator_next_models(again, NULL, chunk, 7, &n, &end));
      CHECK(n <= 7 && (n == 7) == (end == ANSER_ENUMERATION_MODEL));
      for (size_t i = 0; i < n; i++) {
        unsigned a = 0;
        for (size_t j = 0; j < width; j++) a |= (unsigned)(chunk[i * width + j] > 0) << (projection[j] - 1);
        CHECK(by_hand.projected[a]);
        by_hand.projected[a] = false;
      }
      got += n;
    } while (end == ANSER_ENUMERATION_MODEL);
    CHECK(end == ANSER_ENUMERATION_COMPLETE && got == wanted);
    if (check_bad) printf("  in round %d: %" PRIu64 " and %" PRIu64 " of %" PRIu64 "\n", round, s.count, got, wanted);
    anser_enumerator_free(e);
    anser_enumerator_free(again);
    anser_formula_free(formula);
    total += wanted;
    contradictions += wanted == 0;
    if (check_bad) break;
  }
  CHECK(total > 1000 && contradictions > 10); /* else it shows nothing */
}

/* x + y = 4 of 0..3 each, x > y where 1 is true: the models differ in 1 and 2, the numbers are some that fit. */
static void numbers_in_models(void) {
  for (int32_t backend = 0; backend < 3; backend++) {
    anser_formula *formula = free_variables(2);
    uint32_t first = 77;
    OK(anser_formula_new_integers(formula, (const int64_t[]){0, 0}, (const int64_t[]){3, 3}, 2, &first));
    OK(anser_formula_add_linear(formula, (const uint32_t[]){0, 1}, (const double[]){1, 1}, 2, NULL, NULL, 0,
                                ANSER_RELATION_EQUAL, 4, ANSER_CONDITION_PLAIN, 0, NULL));
    OK(anser_formula_add_linear(formula, (const uint32_t[]){0, 1}, (const double[]){1, -1}, 2, NULL, NULL, 0,
                                ANSER_RELATION_GREATER, 0, ANSER_CONDITION_IMPLIED, 1, NULL));
    OK(anser_formula_add_linear(formula, (const uint32_t[]){0, 1}, (const double[]){1, -1}, 2, NULL, NULL, 0,
                                ANSER_RELATION_LESS, 0, ANSER_CONDITION_IMPLIED, 2, NULL));
    anser_enumerator *e = new_enumerator(formula);
    OK(anser_enumerator_set_backend(e, backend));
    uint32_t vars = 77, have = 77;
    OK(anser_enumerator_num_vars(e, &vars));
    OK(anser_enumerator_num_numbers(e, &have));
    CHECK(vars == 2 && have == 2); /* also where the backend has more */
    double numbers[3] = {77, 77, 77};
    STATE(anser_enumerator_get_numbers(e, numbers, 2), "no model");
    int models = 0;
    while (next(e, NULL) == ANSER_ENUMERATION_MODEL) {
      int8_t values[2];
      models++;
      SHORT(anser_enumerator_get_numbers(e, numbers, 1), "num_values: 1", "2 are needed");
      OK(anser_enumerator_get_numbers(e, numbers, 3));
      OK(anser_enumerator_get_model(e, values, 2));
      CHECK(numbers[0] + numbers[1] == 4 && numbers[2] == 77);
      CHECK(values[0] < 0 || numbers[0] > numbers[1]);
      CHECK(values[1] < 0 || numbers[0] < numbers[1]);
    }
    CHECK(models == 3); /* not both */
    anser_enumerator_free(e);
    anser_formula_free(formula);
  }
}

static void reals_are_not_enumerated(void) {
  anser_formula *formula = free_variables(1);
  uint32_t real = 77;
  int32_t end = 77;
  OK(anser_formula_new_real(formula, 0, 1, &real));
  OK(anser_formula_add_linear(formula, &real, (const double[]){1}, 1, (const int32_t[]){1}, (const double[]){1}, 1,
                              ANSER_RELATION_AT_LEAST, 1, ANSER_CONDITION_PLAIN, 0, NULL));
  anser_enumerator *e = new_enumerator(formula);
  FAILS(ANSER_STATUS_UNSUPPORTED, anser_enumerator_next(e, NULL, &end), "real", "");
  CHECK(end == 77 && told(e) == 0);
  anser_enumerator_free(e);
  anser_formula_free(formula);
}

/* ---- Projections ---- */

static void projections(void) {
  anser_formula *formula = free_variables(5);
  OK(anser_formula_add_xor(formula, (const int32_t[]){1, 2, 3, 4, 5}, 5, 1, NULL));
  anser_enumerator *e = new_enumerator(formula);
  uint32_t back[6] = {9, 9, 9, 9, 9, 9};
  CHECK(width_of(e) == 5);
  OK(anser_enumerator_get_projection(e, back, 6));
  for (uint32_t i = 0; i < 5; i++) CHECK(back[i] == i + 1);
  CHECK(back[5] == 9);
  INVALID(anser_enumerator_set_projection(e, (const uint32_t[]){1, 6}, 2), "6", "");
  INVALID(anser_enumerator_set_projection(e, (const uint32_t[]){0}, 1), "0", "");
  INVALID(anser_enumerator_set_projection(e, (const uint32_t[]){UINT32_MAX}, 1), "4294967295", "");
  INVALID(anser_enumerator_set_projection(e, back, SIZE_MAX), "vars", "");
  CHECK(width_of(e) == 5); /* a refusal changes nothing */
  OK(anser_enumerator_set_projection(e, (const uint32_t[]){4, 2, 4, 2, 4}, 5)); /* each once */
  CHECK(width_of(e) == 2);
  back[0] = back[1] = 9;
  SHORT(anser_enumerator_get_projection(e, back, 1), "num_vars: 1", "2 are needed");
  CHECK(back[0] == 9);
  OK(anser_enumerator_get_projection(e, back, 2));
  CHECK(back[0] == 4 && back[1] == 2);
  CHECK(drain(e) == 4);
  STATE(anser_enumerator_set_projection(e, back, 1), "projection");
  OK(anser_enumerator_get_projection(e, back, 2));
  CHECK(back[0] == 4);
  anser_enumerator_free(e);
  anser_formula_free(formula);
}

static void an_empty_projection(void) {
  anser_formula *formula = free_variables(5);
  anser_enumerator *e = new_enumerator(formula);
  size_t n = 77;
  int32_t end = 77;
  int8_t values[5];
  OK(anser_enumerator_set_projection(e, NULL, 0));
  CHECK(width_of(e) == 0);
  OK(anser_enumerator_get_projection(e, NULL, 0));
  OK(anser_enumerator_next_models(e, NULL, NULL, SIZE_MAX, &n, &end)); /* no value takes no room */
  CHECK(n == 1 && end == ANSER_ENUMERATION_COMPLETE);
  OK(anser_enumerator_get_model(e, values, 5));
  anser_enumerator_free(e);
  ADD(formula, 1);
  ADD(formula, -1);
  e = new_enumerator(formula);
  OK(anser_enumerator_set_projection(e, NULL, 0));
  CHECK(drain(e) == 0);
  anser_enumerator_free(e);
  anser_formula_free(formula);
}

static void the_sampling_set(void) {
  anser_formula *formula = free_variables(4);
  OK(anser_formula_set_sampling_set(formula, (const int32_t[]){3, 1}, 2));
  anser_enumerator *e = new_enumerator(formula), *all = new_enumerator(formula);
  CHECK(width_of(e) == 2);
  CHECK(drain(e) == 4);
  OK(anser_enumerator_set_projection(all, (const uint32_t[]){1, 2, 3, 4}, 4));
  CHECK(drain(all) == 16);
  anser_enumerator_free(e);
  anser_enumerator_free(all);
  OK(anser_formula_set_sampling_set(formula, NULL, 0)); /* an empty one is one */
  e = new_enumerator(formula);
  CHECK(width_of(e) == 0 && drain(e) == 1);
  anser_enumerator_free(e);
  anser_formula_free(formula);
}

/* ---- Odd formulas ---- */

static void no_variables(void) {
  anser_formula *formula = new_formula();
  anser_enumerator *e = new_enumerator(formula);
  STATE(anser_enumerator_get_model(e, NULL, 0), "no model");
  CHECK(next(e, NULL) == ANSER_ENUMERATION_MODEL);
  OK(anser_enumerator_get_model(e, NULL, 0));
  CHECK(next(e, NULL) == ANSER_ENUMERATION_COMPLETE && told(e) == 1);
  anser_enumerator_free(e);
  OK(anser_formula_add_clause(formula, NULL, 0, NULL));
  e = new_enumerator(formula);
  struct taker t = {0};
  CHECK(run(e, UINT64_MAX, NULL, &t) == ANSER_ENUMERATION_COMPLETE && t.calls == 0);
  STATE(anser_enumerator_get_model(e, NULL, 0), "no model");
  anser_enumerator_free(e);
  anser_formula_free(formula);
}

static void a_contradiction(void) {
  anser_formula *formula = pigeons(4);
  anser_enumerator *e = new_enumerator(formula);
  int8_t values[20] = {0};
  size_t n = 77;
  int32_t end = 77;
  CHECK(drain(e) == 0);
  STATE(anser_enumerator_get_model(e, values, 20), "no model");
  OK(anser_enumerator_next_models(e, NULL, values, 1, &n, &end));
  CHECK(n == 0 && end == ANSER_ENUMERATION_COMPLETE && values[0] == 0);
  anser_enumerator_free(e);
  anser_formula_free(formula);
}

static void the_formula_may_go(void) {
  anser_formula *formula = free_variables(3);
  anser_enumerator *e = new_enumerator(formula), *later;
  ADD(formula, 1);
  later = new_enumerator(formula);
  OK(anser_formula_ensure_vars(formula, 9));
  anser_formula_free(formula);
  CHECK(drain(e) == 8 && drain(later) == 4);
  anser_enumerator_free(e);
  anser_enumerator_free(later);
}

/* ---- The order of calls ---- */

static void models_and_buffers(void) {
  anser_formula *formula = free_variables(3);
  ADD(formula, 1, 2, 3);
  anser_enumerator *e = new_enumerator(formula);
  int8_t values[4] = {9, 9, 9, 9}, last[3];
  STATE(anser_enumerator_get_model(e, values, 3), "no model");
  CHECK(reason_of(e) == ANSER_STOP_REASON_SOLVED && told(e) == 0);
  for (uint64_t i = 1; i <= 7; i++) {
    CHECK(next(e, NULL) == ANSER_ENUMERATION_MODEL && told(e) == i);
    SHORT(anser_enumerator_get_model(e, values, 2), "num_values: 2", "3 are needed");
    SHORT(anser_enumerator_get_model(e, NULL, 0), "num_values: 0", "3 are needed");
    OK(anser_enumerator_get_model(e, values, 4));
    CHECK(values[3] == 9 && (values[0] > 0 || values[1] > 0 || values[2] > 0));
  }
  for (int i = 0; i < 3; i++) {
    CHECK(next(e, NULL) == ANSER_ENUMERATION_COMPLETE && told(e) == 7);
    OK(anser_enumerator_get_model(e, last, 3)); /* the last one told is still there */
    CHECK(memcmp(values, last, 3) == 0);
  }
  struct taker t = {0};
  CHECK(run(e, UINT64_MAX, NULL, &t) == ANSER_ENUMERATION_COMPLETE && t.calls == 0);
  anser_enumerator_free(e);
  anser_formula_free(formula);
}

static void settings_come_first(void) {
  anser_formula *formula = free_variables(3);
  OK(anser_formula_add_xor(formula, (const int32_t[]){1, 2, 3}, 3, 1, NULL));
  anser_enumerator *e = new_enumerator(formula);
  INVALID(anser_enumerator_set_backend(e, 6), "backend", "6");
  INVALID(anser_enumerator_set_backend(e, -1), "backend", "-1");
  INVALID(anser_enumerator_set_option(e, "sed", 1), "sed", "");
  INVALID(anser_enumerator_set_option(e, "seed", -1), "seed", "-1");
  OK(anser_enumerator_set_backend(e, ANSER_BACKEND_ENCODE));
  OK(anser_enumerator_set_backend(e, ANSER_BACKEND_NATIVE));
  OK(anser_enumerator_set_option(e, "seed", 9));
  OK(anser_enumerator_set_option(e, "factor", 1));
  CHECK(next(e, NULL) == ANSER_ENUMERATION_MODEL);
  for (int i = 0; i < 2; i++) {
    STATE(anser_enumerator_set_backend(e, ANSER_BACKEND_AUTO), "before the first model");
    STATE(anser_enumerator_set_option(e, "seed", 1), "before the first model");
    STATE(anser_enumerator_set_projection(e, (const uint32_t[]){1}, 1), "before the first model");
    if (!i) CHECK(drain(e) == 3);
  }
  anser_enumerator_free(e);
  anser_formula_free(formula);
}

static void chunks_are_what_next_tells(void) {
  anser_formula *formula = random_3sat(14, 30, 5);
  anser_enumerator *one = new_enumerator(formula), *many = new_enumerator(formula);
  static const uint32_t vars[] = {11, 2, 7, 3, 14, 5};
  size_t n = 77, width = COUNT(vars);
  int32_t end = 77;
  int8_t chunk[5 * COUNT(vars) + 1], model[14];
  uint64_t total = 0;
  OK(anser_enumerator_set_projection(one, vars, width));
  OK(anser_enumerator_set_projection(many, vars, width));
  do {
    memset(chunk, 9, sizeof chunk);
    OK(anser_enumerator_next_models(many, NULL, chunk, 5, &n, &end));
    CHECK(chunk[n * width] == 9 && reason_of(many) == ANSER_STOP_REASON_SOLVED);
    for (size_t i = 0; i < n; i++) {
      CHECK(next(one, NULL) == ANSER_ENUMERATION_MODEL);
      OK(anser_enumerator_get_model(one, model, 14));
      for (size_t j = 0; j < width; j++) CHECK(chunk[i * width + j] == model[vars[j] - 1]);
    }
    total += n;
    CHECK(told(many) == total);
    OK(anser_enumerator_next_models(many, NULL, NULL, 0, &n, &end)); /* no room: nothing is looked for */
    CHECK(n == 0 && end == ANSER_ENUMERATION_MODEL && told(many) == total);
    n = 5, end = 77;
    INVALID(anser_enumerator_next_models(many, NULL, chunk, SIZE_MAX, &n, &end), "capacity", "memory");
    INVALID(anser_enumerator_next_models(many, NULL, chunk, SIZE_MAX / width, &n, &end), "out_values", "");
    CHECK(n == 5 && end == 77 && told(many) == total);
  } while (next(many, NULL) == ANSER_ENUMERATION_MODEL && next(one, NULL) == ANSER_ENUMERATION_MODEL && ++total);
  CHECK(next(one, NULL) == ANSER_ENUMERATION_COMPLETE && total > 20);
  anser_enumerator_free(one);
  anser_enumerator_free(many);
  anser_formula_free(formula);
}

static void limits_of_run(void) {
  anser_formula *formula = free_variables(6);
  anser_enumerator *e = new_enumerator(formula);
  struct taker t = {0};
  CHECK(run(e, 0, NULL, &t) == ANSER_ENUMERATION_MODEL && t.calls == 0);
  CHECK(run(e, 10, NULL, &t) == ANSER_ENUMERATION_MODEL && t.calls == 10 && told(e) == 10 && t.length == 6);
  CHECK(next(e, NULL) == ANSER_ENUMERATION_MODEL);
  t.enough_at = 15;
  CHECK(run(e, UINT64_MAX, NULL, &t) == ANSER_ENUMERATION_MODEL && t.calls == 15 && told(e) == 16);
  CHECK(run(e, UINT64_MAX, NULL, &t) == ANSER_ENUMERATION_COMPLETE && t.calls == 63 && told(e) == 64);
  anser_enumerator_free(e);
  /* As many as there are: it may know that they are all, and must once it is asked for more. */
  e = new_enumerator(formula);
  t = (struct taker){0};
  int32_t end = run(e, 64, NULL, &t);
  CHECK((end == ANSER_ENUMERATION_MODEL || end == ANSER_ENUMERATION_COMPLETE) && t.calls == 64);
  CHECK(run(e, 1, NULL, &t) == ANSER_ENUMERATION_COMPLETE && t.calls == 64);
  anser_enumerator_free(e);
  anser_formula_free(formula);
}

/* ---- Budgets ---- */

static void interrupts(void) {
  anser_formula *formula = free_variables(40);
  anser_enumerator *e = new_enumerator(formula);
  anser_budget *budget = new_budget();
  struct taker t = {.trigger_at = 100};
  OK(anser_interrupt_new(&t.token));
  OK(anser_budget_set_interrupt(budget, t.token));
  /* At once, however many were found before. */
  CHECK(run(e, UINT64_MAX, budget, &t) == ANSER_ENUMERATION_UNKNOWN && t.calls == 100 && told(e) == 100);
  CHECK(reason_of(e) == ANSER_STOP_REASON_INTERRUPTED);
  CHECK(next(e, budget) == ANSER_ENUMERATION_UNKNOWN && told(e) == 100);
  int8_t values[80], model[40];
  size_t n = 77;
  int32_t end = 77;
  OK(anser_enumerator_next_models(e, budget, values, 2, &n, &end));
  CHECK(n == 0 && end == ANSER_ENUMERATION_UNKNOWN && reason_of(e) == ANSER_STOP_REASON_INTERRUPTED);
  OK(anser_enumerator_get_model(e, model, 40)); /* the last one told */
  OK(anser_interrupt_reset(t.token));
  CHECK(next(e, budget) == ANSER_ENUMERATION_MODEL && told(e) == 101 && reason_of(e) == ANSER_STOP_REASON_SOLVED);
  CHECK(run(e, 5000, budget, &t) == ANSER_ENUMERATION_MODEL && told(e) == 5101);
  anser_interrupt_free(t.token);
  anser_budget_free(budget);
  anser_enumerator_free(e);
  anser_formula_free(formula);
}

static void time_limits(void) {
  anser_formula *formula = free_variables(40);
  anser_enumerator *e = new_enumerator(formula);
  anser_budget *budget = new_budget();
  struct taker t = {0};
  OK(anser_budget_set_time_limit(budget, 0));
  CHECK(next(e, budget) == ANSER_ENUMERATION_UNKNOWN && reason_of(e) == ANSER_STOP_REASON_TIME && told(e) == 0);
  OK(anser_enumerator_set_projection(e, (const uint32_t[]){1, 2, 3}, 3)); /* nothing has been looked for */
  OK(anser_enumerator_set_projection(e, (const uint32_t[]){5, 6}, 2));
  anser_enumerator_free(e);
  e = new_enumerator(formula);
  OK(anser_budget_set_time_limit(budget, 0.1));
  for (int i = 0; i < 3; i++) {
    uint64_t before = told(e);
    CHECK(run(e, UINT64_MAX, budget, &t) == ANSER_ENUMERATION_UNKNOWN && reason_of(e) == ANSER_STOP_REASON_TIME);
    CHECK(told(e) > before && told(e) == t.calls);
  }
  CHECK(next(e, NULL) == ANSER_ENUMERATION_MODEL && reason_of(e) == ANSER_STOP_REASON_SOLVED);
  anser_budget_free(budget);
  anser_enumerator_free(e);
  anser_formula_free(formula);
}

static void work_and_conflicts(void) {
  anser_formula *formula = pigeons(6);
  for (int by_work = 0; by_work < 2; by_work++) {
    anser_enumerator *e = new_enumerator(formula);
    anser_budget *budget = new_budget();
    if (by_work)
      OK(anser_budget_set_work_limit(budget, 500));
    else
      OK(anser_budget_set_conflict_limit(budget, 20));
    int32_t end = next(e, budget);
    CHECK(end == ANSER_ENUMERATION_UNKNOWN && told(e) == 0);
    CHECK(reason_of(e) == (by_work ? ANSER_STOP_REASON_WORK : ANSER_STOP_REASON_CONFLICTS));
    OK(anser_budget_set_work_limit(budget, 50000));
    for (int i = 0; i < 1000 && end == ANSER_ENUMERATION_UNKNOWN; i++) end = next(e, budget);
    CHECK(end == ANSER_ENUMERATION_COMPLETE && told(e) == 0); /* it went on from where it was */
    anser_budget_free(budget);
    anser_enumerator_free(e);
  }
  anser_formula_free(formula);
  /* A limit is for the whole call, not for each part of the search. */
  formula = random_3sat(60, 240, 3);
  uint64_t all = 0, parts = 0;
  int calls = 0;
  struct taker t = {0};
  anser_enumerator *e = new_enumerator(formula);
  CHECK(run(e, 3000, NULL, &t) != ANSER_ENUMERATION_UNKNOWN);
  all = told(e);
  anser_enumerator_free(e);
  e = new_enumerator(formula);
  anser_budget *budget = new_budget();
  OK(anser_budget_set_conflict_limit(budget, 5));
  while (told(e) < all && calls++ < 100000) {
    int32_t end = run(e, all - told(e), budget, &t);
    if (end != ANSER_ENUMERATION_UNKNOWN) break;
    CHECK(reason_of(e) == ANSER_STOP_REASON_CONFLICTS);
    parts++;
  }
  CHECK(told(e) == all && parts > 0 && all > 100);
  anser_budget_free(budget);
  anser_enumerator_free(e);
  anser_formula_free(formula);
}

static void memory_limits(void) {
  anser_formula *formula = random_3sat(60, 200, 4);
  anser_enumerator *e = new_enumerator(formula);
  anser_budget *budget = new_budget();
  int32_t end = 77;
  OK(anser_budget_set_memory_limit(budget, 1000));
  FAILS(ANSER_STATUS_OUT_OF_MEMORY, anser_enumerator_next(e, budget, &end), "", "");
  CHECK(end == 77 && told(e) == 0 && reason_of(e) == ANSER_STOP_REASON_SOLVED);
  CHECK(next(e, NULL) == ANSER_ENUMERATION_MODEL);
  anser_budget_free(budget);
  anser_enumerator_free(e);
  anser_formula_free(formula);
}

static void progress_may_stop_it(void) {
  anser_formula *formula = pigeons(9);
  anser_enumerator *e = new_enumerator(formula);
  anser_budget *budget = new_budget();
  struct host host = {.answer = 9, .answer_after = 2};
  anser_progress_callback callback = progress_to(&host);
  OK(anser_budget_set_progress(budget, &callback, 0));
  CHECK(next(e, budget) == ANSER_ENUMERATION_UNKNOWN && reason_of(e) == ANSER_STOP_REASON_CALLBACK && host.calls == 3);
  anser_budget_free(budget);
  CHECK(host.destroyed == 1);
  anser_enumerator_free(e);
  anser_formula_free(formula);
}

static void the_same_again(void) {
  anser_formula *formula = random_3sat(30, 90, 8);
  int8_t values[2][200 * 30];
  for (int i = 0; i < 2; i++) {
    anser_enumerator *e = new_enumerator(formula);
    anser_budget *budget = new_budget();
    size_t n = 77;
    int32_t end = 77;
    OK(anser_budget_set_seed(budget, 5));
    OK(anser_enumerator_next_models(e, budget, values[i], 200, &n, &end));
    CHECK(n == 200 && end == ANSER_ENUMERATION_MODEL);
    anser_budget_free(budget);
    anser_enumerator_free(e);
  }
  CHECK(memcmp(values[0], values[1], sizeof values[0]) == 0);
  anser_formula_free(formula);
}

/* ---- From inside the callback ---- */

static int32_t call_own(void *data, const int8_t *values, size_t length) {
  struct taker *t = data;
  int8_t model[9] = {77};
  uint32_t var = 1;
  int32_t i = 77;
  size_t n = 77;
  uint64_t count = 77;
  double number = 77;
  struct taker inner = {0};
  anser_model_callback callback = to(&inner);
  (void)values;
  STATE(anser_enumerator_set_projection(t->own, &var, 1), "");
  STATE(anser_enumerator_num_projection(t->own, &n), "");
  STATE(anser_enumerator_get_projection(t->own, &var, 1), "");
  STATE(anser_enumerator_set_backend(t->own, 0), "");
  STATE(anser_enumerator_set_option(t->own, "seed", 1), "");
  STATE(anser_enumerator_next(t->own, NULL, &i), "");
  STATE(anser_enumerator_next_models(t->own, NULL, model, 1, &n, &i), "");
  STATE(anser_enumerator_run(t->own, 1, NULL, &callback, &i), "");
  STATE(anser_enumerator_get_model(t->own, model, 9), "");
  STATE(anser_enumerator_get_numbers(t->own, &number, 1), "");
  STATE(anser_enumerator_num_models(t->own, &count), "");
  STATE(anser_enumerator_get_stop_reason(t->own, &i), "");
  CHECK(var == 1 && i == 77 && n == 77 && count == 77 && number == 77 && model[0] == 77 && inner.destroyed == 1);
  /* Any other handle is free to use, also for an enumeration. */
  anser_formula *formula = free_variables((uint32_t)length);
  anser_enumerator *other = new_enumerator(formula);
  CHECK(drain(other) == UINT64_C(1) << length);
  anser_enumerator_free(other);
  anser_formula_free(formula);
  t->calls++;
  return 0;
}
static void calls_from_inside(void) {
  anser_formula *formula = free_variables(3);
  anser_enumerator *e = new_enumerator(formula);
  struct taker t = {.own = e};
  anser_model_callback callback = to(&t);
  int32_t end = 77;
  callback.model = call_own;
  OK(anser_enumerator_run(e, UINT64_MAX, NULL, &callback, &end));
  CHECK(end == ANSER_ENUMERATION_COMPLETE && t.calls == 8 && t.destroyed == 1 && told(e) == 8);
  anser_enumerator_free(e);
  anser_formula_free(formula);
}

static int32_t free_own(void *data, const int8_t *values, size_t length) {
  struct taker *t = data;
  anser_enumerator_free(t->doomed);
  t->doomed = NULL;
  t->calls++;
  for (size_t i = 0; i < length; i++) t->odd |= values[i] != 1 && values[i] != -1; /* still there */
  return 0;
}
static void freed_from_inside(void) {
  anser_formula *formula = free_variables(3);
  struct taker t = {.doomed = new_enumerator(formula)};
  anser_enumerator *e = t.doomed;
  anser_model_callback callback = to(&t);
  int32_t end = 77;
  callback.model = free_own;
  anser_formula_free(formula);
  OK(anser_enumerator_run(e, UINT64_MAX, NULL, &callback, &end));
  CHECK(end == ANSER_ENUMERATION_COMPLETE && t.calls == 8 && t.destroyed == 1 && !t.odd);
}

/* ---- Memory ---- */

static size_t allocated(void) {
  struct mallinfo2 info = mallinfo2(); /* zeros, or all the same, under the tools that take malloc's place */
  return info.uordblks + info.hblkhd;
}
static void memory_stays(void) {
  anser_formula *formula = free_variables(18);
  OK(anser_formula_add_xor(formula, (const int32_t[]){1, 2, 3, 4, 5, 6, 7, 8, 9}, 9, 1, NULL));
  OK(anser_formula_add_xor(formula, (const int32_t[]){9, 10, 11, 12, 13, 14, 15, 16, 17, 18}, 10, 0, NULL));
  anser_enumerator *e = new_enumerator(formula);
  struct taker t = {0};
  CHECK(run(e, 8192, NULL, &t) == ANSER_ENUMERATION_MODEL);
  size_t before = allocated();
  CHECK(run(e, UINT64_MAX, NULL, &t) == ANSER_ENUMERATION_COMPLETE && told(e) == 65536);
  size_t after = allocated();
  CHECK(after < before + (256 << 10)); /* a clause a model would be over 4 MiB */
  anser_enumerator_free(e);
  anser_formula_free(formula);
}

int main(void) {
  RUN(made_and_freed);
  RUN(null_enumerators);
  RUN(null_arguments);
  RUN(bad_structs);
  RUN(counts_by_brute_force);
  RUN(numbers_in_models);
  RUN(reals_are_not_enumerated);
  RUN(projections);
  RUN(an_empty_projection);
  RUN(the_sampling_set);
  RUN(no_variables);
  RUN(a_contradiction);
  RUN(the_formula_may_go);
  RUN(models_and_buffers);
  RUN(settings_come_first);
  RUN(chunks_are_what_next_tells);
  RUN(limits_of_run);
  RUN(interrupts);
  RUN(time_limits);
  RUN(work_and_conflicts);
  RUN(memory_limits);
  RUN(progress_may_stop_it);
  RUN(the_same_again);
  RUN(calls_from_inside);
  RUN(freed_from_inside);
  RUN(memory_stays);
  return report();
}
