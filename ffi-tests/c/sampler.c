/* anser_sampler and anser_counter, every function: samples against brute force, one seed one stream, the order of calls,
 * buffers, budgets, callbacks, saved streams; what is refused, and that a refusal changes nothing. */
#include "check.h"

#include <math.h>

static anser_sampler *new_sampler(const anser_formula *formula, const anser_sampler_options *options) {
  anser_sampler *made = NULL;
  OK(anser_sampler_new(formula, options, &made));
  return made;
}
static anser_counter *new_counter(const anser_formula *formula, const anser_counter_options *options) {
  anser_counter *made = NULL;
  OK(anser_counter_new(formula, options, &made));
  return made;
}
static int32_t next(anser_sampler *s, const anser_budget *budget) {
  int32_t end = 77;
  OK(anser_sampler_next(s, budget, &end));
  return end;
}
static int32_t reason_of(const anser_sampler *s) {
  int32_t reason = 77;
  OK(anser_sampler_get_stop_reason(s, &reason));
  return reason;
}
static anser_sampler_statistics statistics_of(const anser_sampler *s) {
  anser_sampler_statistics all = ANSER_SAMPLER_STATISTICS_INIT;
  OK(anser_sampler_get_statistics(s, &all));
  return all;
}
static size_t draw(anser_sampler *s, uint64_t *words, size_t capacity, int32_t wanted) {
  size_t n = 77;
  int32_t end = 77;
  OK(anser_sampler_next_samples(s, NULL, words, capacity, &n, &end));
  CHECK(end == wanted && reason_of(s) == ANSER_STOP_REASON_SOLVED);
  return n;
}
static anser_formula *free_variables(uint32_t n) {
  anser_formula *formula = new_formula();
  OK(anser_formula_ensure_vars(formula, n));
  return formula;
}

/* What takes samples. */
struct taker {
  uint64_t calls, enough_at, trigger_at;
  int destroyed;
  size_t words;
  anser_interrupt *token;
  anser_sampler *own, *doomed;
};
static int32_t take(void *data, const uint64_t *words, size_t num_words) {
  struct taker *t = data;
  t->words = num_words;
  if (++t->calls == t->trigger_at) anser_interrupt_trigger(t->token);
  return t->calls == t->enough_at ? -5 : words == NULL;
}
static void let_go(void *data) { ((struct taker *)data)->destroyed++; }
static anser_sample_callback to(struct taker *t) {
  anser_sample_callback callback = ANSER_SAMPLE_CALLBACK_INIT;
  callback.user_data = t;
  callback.sample = take;
  callback.destroy = let_go;
  return callback;
}
static int32_t run(anser_sampler *s, uint64_t limit, const anser_budget *budget, struct taker *t) {
  anser_sample_callback callback = to(t);
  int32_t end = 77;
  int before = t->destroyed;
  OK(anser_sampler_run(s, limit, budget, &callback, &end));
  CHECK(t->destroyed == before + 1);
  return end;
}

/* ---- NULL, options ---- */

static void made_and_freed(void) {
  anser_formula *formula = free_variables(2);
  anser_sampler *s = (anser_sampler *)(void *)&s;
  anser_counter *c = (anser_counter *)(void *)&c;
  NULL_ARGUMENT(anser_sampler_new(NULL, NULL, &s), "formula");
  NULL_ARGUMENT(anser_counter_new(NULL, NULL, &c), "formula");
  CHECK(s == NULL && c == NULL);
  NULL_ARGUMENT(anser_sampler_new(formula, NULL, NULL), "out_sampler");
  NULL_ARGUMENT(anser_counter_new(formula, NULL, NULL), "out_counter");
  anser_sampler_free(NULL);
  anser_counter_free(NULL);
  anser_sampler_free(new_sampler(formula, NULL));
  anser_counter_free(new_counter(formula, NULL));
  anser_formula_free(formula);
}

static void null_arguments(void) {
  anser_formula *formula = free_variables(3);
  anser_sampler *s = new_sampler(formula, NULL);
  anser_counter *c = new_counter(formula, NULL);
  const uint32_t var = 1;
  uint32_t vars[3] = {77, 77, 77};
  uint64_t words[2] = {77, 77};
  int32_t i = 77, literals[3] = {77, 77, 77};
  size_t n = 77;
  uint8_t bytes[8] = {77};
  struct taker t = {0};
  anser_sample_callback callback = to(&t);
  anser_sampler_statistics statistics = ANSER_SAMPLER_STATISTICS_INIT;
  NULL_ARGUMENT(anser_sampler_is_guaranteed(NULL, &i), "sampler");
  NULL_ARGUMENT(anser_sampler_is_guaranteed(s, NULL), "out_guaranteed");
  NULL_ARGUMENT(anser_sampler_set_projection(NULL, &var, 1), "sampler");
  NULL_ARGUMENT(anser_sampler_set_projection(s, NULL, 1), "vars");
  NULL_ARGUMENT(anser_sampler_num_projection(NULL, &n), "sampler");
  NULL_ARGUMENT(anser_sampler_num_projection(s, NULL), "out_vars");
  NULL_ARGUMENT(anser_sampler_get_projection(NULL, vars, 3), "sampler");
  NULL_ARGUMENT(anser_sampler_get_projection(s, NULL, 3), "out_vars");
  SHORT(anser_sampler_get_projection(s, vars, 2), "num_vars: 2", "3 are needed");
  NULL_ARGUMENT(anser_sampler_num_words(NULL, &n), "sampler");
  NULL_ARGUMENT(anser_sampler_num_words(s, NULL), "out_words");
  NULL_ARGUMENT(anser_sampler_next(NULL, NULL, &i), "sampler");
  NULL_ARGUMENT(anser_sampler_next(s, NULL, NULL), "out_end");
  NULL_ARGUMENT(anser_sampler_next_samples(NULL, NULL, words, 1, &n, &i), "sampler");
  NULL_ARGUMENT(anser_sampler_next_samples(s, NULL, NULL, 1, &n, &i), "out_words");
  NULL_ARGUMENT(anser_sampler_next_samples(s, NULL, words, 1, NULL, &i), "out_samples");
  NULL_ARGUMENT(anser_sampler_next_samples(s, NULL, words, 1, &n, NULL), "out_end");
  INVALID(anser_sampler_next_samples(s, NULL, words, SIZE_MAX, &n, &i), "out_words", "");
  NULL_ARGUMENT(anser_sampler_run(NULL, 1, NULL, &callback, &i), "sampler");
  NULL_ARGUMENT(anser_sampler_run(s, 1, NULL, NULL, &i), "callback");
  NULL_ARGUMENT(anser_sampler_run(s, 1, NULL, &callback, NULL), "out_end");
  CHECK(t.destroyed == 2 && t.calls == 0);
  callback.sample = NULL;
  NULL_ARGUMENT(anser_sampler_run(s, 1, NULL, &callback, &i), "sample");
  CHECK(t.destroyed == 3);
  callback.struct_size = 31;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_sampler_run(s, 1, NULL, &callback, &i), "31", "32");
  CHECK(t.destroyed == 3);
  NULL_ARGUMENT(anser_sampler_get_sample(NULL, words, 1), "sampler");
  STATE(anser_sampler_get_sample(s, words, 1), "no sample");
  NULL_ARGUMENT(anser_sampler_get_literals(NULL, literals, 3), "sampler");
  STATE(anser_sampler_get_literals(s, literals, 3), "no sample");
  NULL_ARGUMENT(anser_sampler_get_statistics(NULL, &statistics), "sampler");
  NULL_ARGUMENT(anser_sampler_get_statistics(s, NULL), "out_statistics");
  statistics.struct_size = 0;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_sampler_get_statistics(s, &statistics), "out_statistics", "");
  NULL_ARGUMENT(anser_sampler_get_stop_reason(NULL, &i), "sampler");
  NULL_ARGUMENT(anser_sampler_get_stop_reason(s, NULL), "out_reason");
  NULL_ARGUMENT(anser_sampler_save_memory(NULL, NULL, bytes, 8, &n), "sampler");
  NULL_ARGUMENT(anser_sampler_save_memory(s, NULL, bytes, 8, NULL), "out_length");
  NULL_ARGUMENT(anser_sampler_restore_memory(NULL, bytes, 8, NULL), "sampler");
  NULL_ARGUMENT(anser_sampler_restore_memory(s, NULL, 8, NULL), "bytes");
  CHECK(i == 77 && n == 77 && vars[0] == 77 && words[0] == 77 && literals[0] == 77 && bytes[0] == 77);
  char digits[8] = "x";
  uint64_t cells = 77;
  NULL_ARGUMENT(anser_counter_run(NULL, NULL, &i), "counter");
  NULL_ARGUMENT(anser_counter_run(c, NULL, NULL), "out_end");
  NULL_ARGUMENT(anser_counter_get_count(NULL, digits, 8, NULL), "counter");
  STATE(anser_counter_get_count(c, digits, 8, NULL), "no count");
  NULL_ARGUMENT(anser_counter_num_cells(NULL, &cells), "counter");
  NULL_ARGUMENT(anser_counter_num_cells(c, NULL), "out_cells");
  NULL_ARGUMENT(anser_counter_get_stop_reason(NULL, &i), "counter");
  NULL_ARGUMENT(anser_counter_get_stop_reason(c, NULL), "out_reason");
  CHECK(i == 77 && cells == 77 && digits[0] == 'x');
  anser_sampler_free(s);
  anser_counter_free(c);
  anser_formula_free(formula);
}

static void odd_options(void) {
  anser_formula *formula = free_variables(3);
  anser_sampler *s = NULL;
  anser_counter *c = NULL;
  anser_sampler_options good = ANSER_SAMPLER_OPTIONS_INIT, bad = good;
#define BAD(field, value, needle)                                        \
  do {                                                                   \
    bad = good;                                                          \
    bad.field = (value);                                                 \
    INVALID(anser_sampler_new(formula, &bad, &s), needle, "");           \
    CHECK(s == NULL);                                                    \
  } while (0)
  BAD(method, 4, "method 4");
  BAD(method, -1, "method -1");
  BAD(hash_family, 4, "hash_family 4");
  BAD(hash_family, ANSER_HASH_SPARSE, "density: 0");
  BAD(distinct, 2, "distinct 2");
  BAD(threads, 257, "threads 257");
  BAD(epsilon, 1.71, "epsilon: 1.71");
  BAD(epsilon, -0.0, "epsilon");
  BAD(epsilon, NAN, "epsilon");
  BAD(epsilon, INFINITY, "epsilon");
#undef BAD
  bad = good;
  bad.hash_family = ANSER_HASH_SPARSE;
  for (int i = 0; i < 3; i++) {
    bad.hash_density = (const double[]){-0.25, 0.75, NAN}[i];
    INVALID(anser_sampler_new(formula, &bad, &s), "density", "");
  }
  bad.struct_size = 8;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_sampler_new(formula, &bad, &s), "options", "8");
  anser_counter_options fine = ANSER_COUNTER_OPTIONS_INIT, wrong = fine;
#define BAD(field, value, needle)                                        \
  do {                                                                   \
    wrong = fine;                                                        \
    wrong.field = (value);                                               \
    INVALID(anser_counter_new(formula, &wrong, &c), needle, "");         \
    CHECK(c == NULL);                                                    \
  } while (0)
  BAD(epsilon, 0.001, "epsilon");
  BAD(epsilon, NAN, "epsilon");
  BAD(delta, 1.0, "delta");
  BAD(delta, NAN, "delta");
  BAD(hash_family, -1, "hash_family -1");
  BAD(exact, 2, "exact 2");
#undef BAD
  /* What holds with what. */
  static const struct {
    int32_t method, family, guaranteed;
  } pairs[] = {
      {ANSER_SAMPLING_UNIGEN, ANSER_HASH_AUTO, 1},     {ANSER_SAMPLING_UNIGEN, ANSER_HASH_DENSE, 1},
      {ANSER_SAMPLING_UNIGEN, ANSER_HASH_SHIFTED, 0},  {ANSER_SAMPLING_UNIGEN, ANSER_HASH_SPARSE, 0},
      {ANSER_SAMPLING_UNIWIT13, ANSER_HASH_AUTO, 1},   {ANSER_SAMPLING_UNIWIT13, ANSER_HASH_SHIFTED, 1},
      {ANSER_SAMPLING_UNIWIT13, ANSER_HASH_DENSE, 1},  {ANSER_SAMPLING_UNIWIT13, ANSER_HASH_SPARSE, 0},
      {ANSER_SAMPLING_UNIWIT, ANSER_HASH_AUTO, 0},     {ANSER_SAMPLING_UNIWIT, ANSER_HASH_DENSE, 0},
      {ANSER_SAMPLING_EXACT, ANSER_HASH_AUTO, 1},      {ANSER_SAMPLING_EXACT, ANSER_HASH_SPARSE, 1},
  };
  for (size_t i = 0; i < COUNT(pairs); i++) {
    int32_t guaranteed = 77;
    anser_sampler_options options = ANSER_SAMPLER_OPTIONS_INIT;
    options.method = pairs[i].method;
    options.hash_family = pairs[i].family;
    options.hash_density = 0.25;
    s = new_sampler(formula, &options);
    OK(anser_sampler_is_guaranteed(s, &guaranteed));
    CHECK(guaranteed == pairs[i].guaranteed);
    CHECK(next(s, NULL) != ANSER_SAMPLING_EXHAUSTED);
    anser_sampler_free(s);
  }
  anser_formula_free(formula);
}

/* ---- Samples ---- */

/* Of 3 * 2^13 models, each bit is as often true as in the models, and every sample is one. */
static void samples_are_models(void) {
  anser_formula *formula = free_variables(15);
  ADD(formula, 1, 2);
  for (int32_t method = 0; method < 4; method++) {
    anser_sampler_options options = ANSER_SAMPLER_OPTIONS_INIT;
    options.method = method;
    options.seed = 3;
    anser_sampler *s = new_sampler(formula, &options);
    size_t words = 77;
    OK(anser_sampler_num_words(s, &words));
    CHECK(words == 1);
    enum { DRAWS = 250 };
    uint64_t drawn[DRAWS];
    CHECK(draw(s, drawn, DRAWS, ANSER_SAMPLING_SAMPLE) == DRAWS);
    for (unsigned bit = 0; bit < 15; bit++) {
      int ones = 0;
      for (size_t i = 0; i < DRAWS; i++) ones += drawn[i] >> bit & 1;
      double p = bit < 2 ? 2.0 / 3 : 0.5;
      CHECK(fabs(ones - DRAWS * p) < 6 * sqrt(DRAWS * p * (1 - p))); /* six standard deviations */
    }
    for (size_t i = 0; i < DRAWS; i++) CHECK((drawn[i] & 3) && drawn[i] >> 15 == 0);
    anser_sampler_statistics made = statistics_of(s);
    CHECK(made.samples == DRAWS && made.draws >= DRAWS && made.draws == DRAWS + made.failed);
    CHECK(made.repeated == 0 && (method == ANSER_SAMPLING_EXACT ? made.cells == 0 : made.cells >= made.draws));
    CHECK(method != ANSER_SAMPLING_UNIGEN || made.rows >= 5);
    int32_t literals[15] = {0};
    uint64_t word = 0;
    SHORT(anser_sampler_get_sample(s, &word, 0), "num_words: 0", "1 are needed");
    SHORT(anser_sampler_get_literals(s, literals, 14), "num_literals: 14", "15 are needed");
    OK(anser_sampler_get_sample(s, &word, 1));
    OK(anser_sampler_get_literals(s, literals, 15));
    CHECK(word == drawn[DRAWS - 1]);
    for (int32_t v = 1; v <= 15; v++) CHECK(literals[v - 1] == (word >> (v - 1) & 1 ? v : -v));
    anser_sampler_free(s);
  }
  anser_formula_free(formula);
}

static void the_sampling_set(void) {
  anser_formula *formula = free_variables(70);
  OK(anser_formula_add_xor(formula, (const int32_t[]){3, 68, 70}, 3, 1, NULL));
  OK(anser_formula_set_sampling_set(formula, (const int32_t[]){3, 68, 70}, 3));
  anser_sampler_options options = ANSER_SAMPLER_OPTIONS_INIT;
  options.distinct = 1;
  anser_sampler *s = new_sampler(formula, &options);
  uint32_t vars[3] = {0};
  size_t n = 77;
  OK(anser_sampler_num_projection(s, &n));
  OK(anser_sampler_get_projection(s, vars, 3));
  CHECK(n == 3 && vars[0] == 3 && vars[1] == 68 && vars[2] == 70);
  uint64_t words[8] = {0};
  CHECK(draw(s, words, 8, ANSER_SAMPLING_EXHAUSTED) == 4);
  for (int i = 0; i < 4; i++) {
    CHECK((words[i] & 1) + (words[i] >> 1 & 1) + (words[i] >> 2 & 1) == 1 || words[i] == 7);
    for (int j = 0; j < i; j++) CHECK(words[i] != words[j]);
  }
  CHECK(next(s, NULL) == ANSER_SAMPLING_EXHAUSTED && statistics_of(s).samples == 4);
  STATE(anser_sampler_set_projection(s, vars, 3), "before the first");
  anser_sampler_free(s);
  /* The host's own, of more than one word, in its order. */
  s = new_sampler(formula, &options);
  uint32_t all[71];
  for (uint32_t i = 0; i < 70; i++) all[i] = 70 - i;
  all[70] = 5; /* again */
  INVALID(anser_sampler_set_projection(s, (const uint32_t[]){71}, 1), "71", "");
  INVALID(anser_sampler_set_projection(s, (const uint32_t[]){0}, 1), "0", "");
  OK(anser_sampler_set_projection(s, all, 71));
  OK(anser_sampler_num_words(s, &n));
  CHECK(n == 2);
  anser_formula_free(formula);
  CHECK(draw(s, words, 4, ANSER_SAMPLING_SAMPLE) == 4);
  for (int i = 0; i < 4; i++) {
    /* 70 is bit 0, 68 bit 2, 3 bit 67. */
    CHECK(((words[2 * i] ^ words[2 * i] >> 2 ^ words[2 * i + 1] >> 3) & 1) == 1 && words[2 * i + 1] >> 6 == 0);
  }
  OK(anser_sampler_get_projection(s, all, 70));
  CHECK(all[0] == 70 && all[69] == 1);
  anser_sampler_free(s);
  /* None at all: one sample. */
  formula = free_variables(3);
  s = new_sampler(formula, &options);
  OK(anser_sampler_set_projection(s, NULL, 0));
  CHECK(draw(s, words, 8, ANSER_SAMPLING_EXHAUSTED) == 1 && words[0] == 0);
  anser_sampler_free(s);
  OK(anser_formula_add_clause(formula, NULL, 0, NULL));
  s = new_sampler(formula, NULL);
  CHECK(draw(s, words, 8, ANSER_SAMPLING_EXHAUSTED) == 0);
  anser_sampler_free(s);
  anser_formula_free(formula);
}

static void a_seed_is_a_stream(void) {
  anser_formula *formula = free_variables(20);
  ADD(formula, 1, 2, -3);
  ADD(formula, -7, 12, 20);
  anser_sampler_options options = ANSER_SAMPLER_OPTIONS_INIT;
  options.seed = UINT64_C(0x8000000000000001);
  enum { N = 60 };
  uint64_t one[N], two[N], other[N], cut[N];
  anser_sampler *s = new_sampler(formula, &options);
  draw(s, one, N, ANSER_SAMPLING_SAMPLE);
  anser_sampler_free(s);
  options.threads = 2;
  s = new_sampler(formula, &options);
  draw(s, two, N, ANSER_SAMPLING_SAMPLE);
  anser_sampler_free(s);
  CHECK(memcmp(one, two, sizeof one) == 0);
  options.seed = 1;
  s = new_sampler(formula, &options);
  draw(s, other, N, ANSER_SAMPLING_SAMPLE);
  anser_sampler_free(s);
  CHECK(memcmp(one, other, sizeof one) != 0);
  /* One by one, in chunks, by callback, and from what was saved. */
  options.seed = UINT64_C(0x8000000000000001);
  s = new_sampler(formula, &options);
  for (int i = 0; i < 10; i++) {
    CHECK(next(s, NULL) == ANSER_SAMPLING_SAMPLE);
    OK(anser_sampler_get_sample(s, cut + i, 1));
  }
  draw(s, cut + 10, 7, ANSER_SAMPLING_SAMPLE);
  CHECK(draw(s, NULL, 0, ANSER_SAMPLING_SAMPLE) == 0);
  uint8_t saved[256];
  size_t length = 0, again = 0;
  OK(anser_sampler_save_memory(s, NULL, NULL, 0, &length));
  CHECK(length > 0 && length <= sizeof saved);
  SHORT(anser_sampler_save_memory(s, NULL, saved, length - 1, &again), "capacity", "");
  CHECK(again == length);
  OK(anser_sampler_save_memory(s, NULL, saved, sizeof saved, &length));
  anser_sampler_free(s);
  s = new_sampler(formula, &options);
  for (size_t i = 0; i < length; i++)
    CHECK(anser_sampler_restore_memory(s, saved, i, NULL) == ANSER_STATUS_PARSE);
  saved[20] ^= 1;
  FAILS(ANSER_STATUS_PARSE, anser_sampler_restore_memory(s, saved, length, NULL), "damaged", "");
  saved[20] ^= 1;
  OK(anser_sampler_restore_memory(s, saved, length, NULL));
  CHECK(statistics_of(s).samples == 17);
  draw(s, cut + 17, N - 17, ANSER_SAMPLING_SAMPLE);
  CHECK(memcmp(one, cut, sizeof one) == 0);
  anser_sampler_free(s);
  options.per_cell = SIZE_MAX;
  s = new_sampler(formula, &options);
  INVALID(anser_sampler_restore_memory(s, saved, length, NULL), "another formula", "");
  draw(s, other, N, ANSER_SAMPLING_SAMPLE);
  CHECK(statistics_of(s).draws < 10); /* many of a cell */
  anser_sampler_free(s);
  anser_formula_free(formula);
}

/* ---- Budgets ---- */

static void interrupts(void) {
  anser_formula *formula = free_variables(30);
  anser_sampler *s = new_sampler(formula, NULL);
  anser_budget *budget = new_budget();
  struct taker t = {.trigger_at = 40};
  OK(anser_interrupt_new(&t.token));
  OK(anser_budget_set_interrupt(budget, t.token));
  CHECK(run(s, UINT64_MAX, budget, &t) == ANSER_SAMPLING_UNKNOWN && t.calls == 40 && t.words == 1);
  CHECK(reason_of(s) == ANSER_STOP_REASON_INTERRUPTED && statistics_of(s).samples == 40);
  uint64_t words[50];
  size_t n = 77;
  int32_t end = 77;
  OK(anser_sampler_next_samples(s, budget, words, 50, &n, &end));
  CHECK(n == 0 && end == ANSER_SAMPLING_UNKNOWN && next(s, budget) == ANSER_SAMPLING_UNKNOWN);
  OK(anser_interrupt_reset(t.token));
  CHECK(next(s, budget) == ANSER_SAMPLING_SAMPLE && reason_of(s) == ANSER_STOP_REASON_SOLVED);
  t = (struct taker){.enough_at = 3, .token = t.token};
  CHECK(run(s, UINT64_MAX, budget, &t) == ANSER_SAMPLING_SAMPLE && t.calls == 3);
  CHECK(run(s, 5, budget, &t) == ANSER_SAMPLING_SAMPLE && t.calls == 8);
  CHECK(run(s, 0, budget, &t) == ANSER_SAMPLING_SAMPLE && t.calls == 8);
  anser_interrupt_free(t.token);
  OK(anser_budget_set_time_limit(budget, 0));
  uint8_t byte = 0;
  anser_budget *none = new_budget();
  OK(anser_budget_set_time_limit(none, 0));
  CHECK(next(s, none) == ANSER_SAMPLING_UNKNOWN && reason_of(s) == ANSER_STOP_REASON_TIME);
  FAILS(ANSER_STATUS_STOPPED, anser_sampler_save_memory(s, none, &byte, 1, &n), "", "");
  anser_budget_free(none);
  anser_budget_free(budget);
  anser_sampler_free(s);
  anser_formula_free(formula);
}

/* Work limits cut a stream and do not change it; what was drawn before the limit is there. */
static void work_limits(void) {
  anser_formula *formula = free_variables(18);
  ADD(formula, 1, 2, -3);
  enum { N = 40 };
  uint64_t whole[N], parts[N];
  anser_sampler *s = new_sampler(formula, NULL);
  draw(s, whole, N, ANSER_SAMPLING_SAMPLE);
  anser_sampler_free(s);
  s = new_sampler(formula, NULL);
  anser_budget *budget = new_budget();
  size_t got = 0, calls = 0;
  for (uint64_t limit = 20000; got < N && calls < 1000; calls++, limit += limit / 8) {
    size_t n = 77;
    int32_t end = 77;
    OK(anser_budget_set_work_limit(budget, limit));
    OK(anser_sampler_next_samples(s, budget, parts + got, N - got, &n, &end));
    CHECK(end == ANSER_SAMPLING_SAMPLE || (end == ANSER_SAMPLING_UNKNOWN && reason_of(s) == ANSER_STOP_REASON_WORK));
    got += n;
  }
  CHECK(got == N && calls > 1 && memcmp(whole, parts, sizeof whole) == 0);
  anser_budget_free(budget);
  anser_sampler_free(s);
  anser_formula_free(formula);
}

/* ---- From inside the callback ---- */

static int32_t call_own(void *data, const uint64_t *words, size_t num_words) {
  struct taker *t = data;
  uint64_t room[2];
  size_t n = 77;
  int32_t end = 77;
  (void)words;
  STATE(anser_sampler_next(t->own, NULL, &end), "");
  STATE(anser_sampler_next_samples(t->own, NULL, room, 1, &n, &end), "");
  STATE(anser_sampler_get_sample(t->own, room, num_words), "");
  STATE(anser_sampler_num_words(t->own, &n), "");
  CHECK(n == 77 && end == 77);
  anser_formula *formula = free_variables(3);
  anser_sampler *other = new_sampler(formula, NULL);
  CHECK(next(other, NULL) == ANSER_SAMPLING_SAMPLE);
  anser_sampler_free(other);
  anser_formula_free(formula);
  t->calls++;
  return 0;
}
static int32_t free_own(void *data, const uint64_t *words, size_t num_words) {
  struct taker *t = data;
  anser_sampler_free(t->doomed);
  t->doomed = NULL;
  t->calls += words[num_words - 1] < 8; /* still there */
  return 0;
}
static void calls_from_inside(void) {
  anser_formula *formula = free_variables(3);
  struct taker t = {.own = new_sampler(formula, NULL)};
  anser_sample_callback callback = to(&t);
  int32_t end = 77;
  callback.sample = call_own;
  OK(anser_sampler_run(t.own, 4, NULL, &callback, &end));
  CHECK(end == ANSER_SAMPLING_SAMPLE && t.calls == 4 && t.destroyed == 1);
  anser_sampler_free(t.own);
  anser_sampler *s = t.doomed = new_sampler(formula, NULL);
  anser_formula_free(formula);
  callback.sample = free_own;
  OK(anser_sampler_run(s, 4, NULL, &callback, &end));
  CHECK(end == ANSER_SAMPLING_SAMPLE && t.calls == 8 && t.destroyed == 2);
}

/* ---- Counting ---- */

static void counts(void) {
  anser_formula *formula = free_variables(5);
  ADD(formula, 1, 2);
  char digits[40] = "";
  size_t length = 0;
  int32_t end = 77, reason = 77;
  anser_counter *c = new_counter(formula, NULL);
  for (int i = 0; i < 2; i++) {
    OK(anser_counter_run(c, NULL, &end));
    OK(anser_counter_get_count(c, digits, sizeof digits, &length));
    CHECK(end == ANSER_COUNTING_EXACT && strcmp(digits, "24") == 0 && length == 2);
  }
  OK(anser_counter_get_count(c, NULL, 0, &length));
  CHECK(length == 2);
  SHORT(anser_counter_get_count(c, digits, 2, &length), "capacity", "3 are needed");
  anser_counter_free(c);
  anser_formula_free(formula);
  /* 2^100 and more than any integer holds; one seed one count. */
  formula = free_variables(101);
  OK(anser_formula_add_xor(formula, (const int32_t[]){1, 50, 101}, 3, 0, NULL));
  anser_counter_options options = ANSER_COUNTER_OPTIONS_INIT;
  options.seed = 7;
  for (int i = 0; i < 2; i++) {
    char first[40];
    memcpy(first, digits, sizeof first);
    c = new_counter(formula, &options);
    anser_budget *budget = new_budget();
    OK(anser_budget_set_time_limit(budget, 0));
    OK(anser_counter_run(c, budget, &end));
    OK(anser_counter_get_stop_reason(c, &reason));
    CHECK(end == ANSER_COUNTING_UNKNOWN && reason == ANSER_STOP_REASON_TIME);
    STATE(anser_counter_get_count(c, digits, sizeof digits, NULL), "no count");
    anser_budget_free(budget);
    OK(anser_counter_run(c, NULL, &end));
    OK(anser_counter_get_stop_reason(c, &reason));
    OK(anser_counter_get_count(c, digits, sizeof digits, &length));
    CHECK(end == ANSER_COUNTING_APPROXIMATE && reason == ANSER_STOP_REASON_SOLVED && length == strlen(digits));
    double ratio = strtod(digits, NULL) / ldexp(1, 100);
    CHECK(ratio > 1 / 1.8 && ratio < 1.8);
    CHECK(i == 0 || strcmp(first, digits) == 0);
    /* Exactly. */
    anser_counter_options exactly = ANSER_COUNTER_OPTIONS_INIT;
    exactly.exact = 1;
    anser_counter *all = new_counter(formula, &exactly);
    char exact[40] = "";
    OK(anser_counter_run(all, NULL, &end));
    OK(anser_counter_get_count(all, exact, sizeof exact, NULL));
    CHECK(end == ANSER_COUNTING_EXACT && strcmp(exact, "1267650600228229401496703205376") == 0); /* 2^100 */
    anser_counter_free(all);
    uint64_t cells = 0;
    OK(anser_counter_num_cells(c, &cells));
    CHECK(cells > 10);
    anser_counter_free(c);
  }
  anser_formula_free(formula);
}

int main(void) {
  RUN(made_and_freed);
  RUN(null_arguments);
  RUN(odd_options);
  RUN(samples_are_models);
  RUN(the_sampling_set);
  RUN(a_seed_is_a_stream);
  RUN(interrupts);
  RUN(work_limits);
  RUN(calls_from_inside);
  RUN(counts);
  return report();
}
