/* Scores from a host, every form of them: what a search finds does not depend on slots, threads, element types, layouts,
 * several scorers, own threads or memory of the host, nor on how calls cut it; the graph; what hosts do wrong, each of which
 * ends with a code and a text and leaks nothing of the library's; a run recorded and replayed without the host. */
#include "scorer_host.h"

#include "../../examples-c/scorer_recorder.h"

static anser_search *made(const anser_formula *formula, const anser_search_options *options, struct scorer_host *hosts,
                          size_t count) {
  anser_scorer scorers[4];
  const anser_scorer *pointers[4];
  for (size_t i = 0; i < count; i++) {
    scorers[i] = scorer_of(&hosts[i]);
    pointers[i] = &scorers[i];
  }
  anser_search *search = NULL;
  OK(anser_search_new_with_scorers(formula, options, pointers, count, NULL, &search));
  return search;
}

/* What a search came to. */
static uint64_t trace(anser_search *search) {
  anser_search_statistics s = ANSER_SEARCH_STATISTICS_INIT;
  OK(anser_search_get_statistics(search, &s));
  size_t n = 0;
  OK(anser_search_num_vars(search, &n, NULL));
  int8_t *values = malloc(n);
  uint64_t violated = 0;
  OK(anser_search_get_best(search, values, n, &violated));
  const uint64_t all[] = {s.tries, s.flips, s.walk, s.undo, s.upwards, s.sideways, s.downwards, violated};
  uint64_t hash = 1469598103934665603u;
  for (size_t i = 0; i < COUNT(all); i++) hash = (hash ^ all[i]) * 1099511628211u;
  for (size_t v = 0; v < n; v++) hash = (hash ^ (uint64_t)(values[v] > 0)) * 1099511628211u;
  free(values);
  return hash;
}

static int32_t run(anser_search *search, uint64_t flips) {
  int32_t end = 77;
  OK(flips ? anser_search_step(search, flips, NULL, &end) : anser_search_run(search, NULL, &end));
  return end;
}

static void checked(const struct scorer_host *h) {
  CHECK(h->wrong == 0);
  CHECK(h->plans == 1 && h->prepared == 1 && h->releases == 1 && h->destroyed == 1 && h->drains >= 1);
  CHECK(h->allocated == 0);
}

/* Clauses, a parity, a cardinality and a pseudo-Boolean constraint, reified ones, an integer. */
static anser_formula *mixed(void) {
  anser_formula *f = random_3sat(24, 60, 5);
  const int32_t odd[] = {1, -2, 3, 4, 5}, some[] = {6, 7, -8, 9, 10, 11}, heavy[] = {12, -13, 14, 15};
  const int64_t weights[] = {3, 2, 5, 1};
  OK(anser_formula_add_xor(f, odd, 5, 1, NULL));
  OK(anser_formula_add_cardinality(f, some, 6, 3, ANSER_CONDITION_PLAIN, 0, NULL));
  OK(anser_formula_add_pseudo_boolean(f, heavy, weights, 4, 6, ANSER_CONDITION_PLAIN, 0, NULL));
  OK(anser_formula_add_cardinality(f, some, 6, 2, ANSER_CONDITION_REIFIED, 16, NULL));
  OK(anser_formula_add_pseudo_boolean(f, heavy, weights, 4, 4, ANSER_CONDITION_IMPLIED, -17, NULL));
  return f;
}

static uint64_t one(const anser_formula *f, struct scorer_host settings, uint32_t threads, size_t scorers, uint64_t step) {
  anser_search_options options = ANSER_SEARCH_OPTIONS_INIT;
  struct scorer_host hosts[4] = {settings, settings, settings, settings};
  options.walkers = 13;
  options.flips = 60;
  options.tries = 3;
  options.seed = 11;
  options.threads = threads;
  anser_search *search = made(f, &options, hosts, scorers);
  int32_t end = run(search, step);
  for (int i = 0; step && i < 1000 && end == ANSER_SEARCH_END_OVER; i++) {
    anser_search_statistics before = ANSER_SEARCH_STATISTICS_INIT, after = ANSER_SEARCH_STATISTICS_INIT;
    OK(anser_search_get_statistics(search, &before));
    end = run(search, step);
    OK(anser_search_get_statistics(search, &after));
    if (before.flips == after.flips) break;
  }
  CHECK(end == ANSER_SEARCH_END_OVER || end == ANSER_SEARCH_END_MODEL);
  uint64_t hash = trace(search);
  anser_search_free(search);
  for (size_t i = 0; i < scorers; i++) checked(&hosts[i]);
  return hash;
}

static void all_forms_are_one(void) {
  anser_formula *formulas[] = {random_3sat(20, 110, 3), mixed()};
  for (size_t i = 0; i < COUNT(formulas); i++) {
    const anser_formula *f = formulas[i];
    const struct scorer_host plain = {0};
    const uint64_t wanted = one(f, plain, 1, 1, 0);
    struct scorer_host h = plain;
    for (uint32_t full = 0; full < 2; full++)
      for (int32_t order = 0; order < 2; order++)
        for (uint32_t align = 4; align <= 4096; align *= 32) {
          h = plain, h.order = order, h.align = align, h.flags = full ? ANSER_SCORER_FULL_BITS : 0;
          CHECK(one(f, h, 1, 1, 0) == wanted);
        }
    for (int32_t dtype = ANSER_ELEMENT_TYPE_F32; dtype <= ANSER_ELEMENT_TYPE_BF16; dtype++) {
      h = plain, h.dtype = dtype, h.own_memory = true;
      CHECK(one(f, h, 1, 1, 0) == wanted);
      h.output = ANSER_SCORER_TOPK, h.k = 5;
      CHECK(one(f, h, 1, 1, 0) == wanted);
    }
    h = plain, h.output = ANSER_SCORER_FLIPS, h.k = 1, h.flags = ANSER_SCORER_DETERMINISTIC;
    CHECK(one(f, h, 1, 1, 0) == wanted);
    h.flags |= ANSER_SCORER_KEEPS_FLIPS;
    CHECK(one(f, h, 1, 1, 0) == wanted);
    for (uint32_t slots = 1; slots <= 8; slots++) {
      h = plain, h.slots = slots, h.workers = slots > 3 ? 3 : 1, h.dawdle_ns = slots == 3 ? 20000 : 0;
      CHECK(one(f, h, 1, 1, 0) == wanted);
    }
    for (size_t scorers = 2; scorers <= 4; scorers++) {
      h = plain, h.slots = 2, h.workers = 1;
      CHECK(one(f, h, 2, scorers, 0) == wanted);
    }
    CHECK(one(f, plain, 4, 1, 0) == wanted);
  }
  for (size_t i = 0; i < COUNT(formulas); i++) anser_formula_free(formulas[i]);
}

/* Calls that cut a search, and steps that the host makes by itself. */
static void cut_is_whole(void) {
  anser_formula *f = random_3sat(20, 120, 8); /* without a model, or with few */
  struct scorer_host h = {0};
  h.slots = 2, h.workers = 2;
  const uint64_t plain = one(f, h, 1, 1, 0);
  for (uint64_t step = 1; step < 30; step += 7) CHECK(one(f, h, 1, 1, step) == plain);
  h.output = ANSER_SCORER_FLIPS, h.k = 7;
  const uint64_t seven = one(f, h, 1, 1, 0);
  CHECK(seven != plain);
  for (uint64_t step = 1; step < 30; step += 7) CHECK(one(f, h, 1, 1, step) == seven);
  h.flags = ANSER_SCORER_KEEPS_FLIPS;
  for (uint64_t step = 0; step < 30; step += 7) CHECK(one(f, h, 1, 1, step) == seven);
  anser_formula_free(f);
}

/* A threaded walk through long rows. */
static void many_threads(void) {
  anser_formula *f = random_3sat(1500, 6600, 8);
  anser_search_options options = ANSER_SEARCH_OPTIONS_INIT;
  options.walkers = 40;
  options.flips = 3;
  options.tries = 1;
  uint64_t wanted = 0;
  for (uint32_t threads = 1; threads <= 3; threads++) {
    struct scorer_host h = {0};
    options.threads = threads;
    anser_search *search = made(f, &options, &h, 1);
    CHECK(run(search, 0) == ANSER_SEARCH_END_OVER);
    const uint64_t hash = trace(search);
    CHECK(threads == 1 || hash == wanted);
    wanted = hash;
    anser_search_free(search);
    checked(&h);
  }
  anser_formula_free(f);
}

static void models_and_assignments(void) {
  anser_formula *f = random_3sat(60, 200, 2);
  anser_search_options options = ANSER_SEARCH_OPTIONS_INIT;
  struct scorer_host h = {0};
  h.slots = 2, h.workers = 1;
  options.walkers = 4;
  anser_search *search = made(f, &options, &h, 1);
  CHECK(run(search, 0) == ANSER_SEARCH_END_MODEL);
  int8_t model[60];
  int32_t satisfied = 77;
  OK(anser_search_get_model(search, model, 60));
  OK(anser_formula_check(f, model, 60, &satisfied, NULL));
  CHECK(satisfied == 1);
  CHECK(run(search, 0) == ANSER_SEARCH_END_MODEL); /* it stays */
  const int submits = h.submits;
  model[0] = (int8_t)-model[0];
  OK(anser_search_set_assignment(search, 3, model, 60));
  CHECK(run(search, 1) != ANSER_SEARCH_END_REFUTED);
  CHECK(h.submits >= submits);
  INVALID(anser_search_set_assignment(search, 4, model, 60), "walker 4", "there are 4");
  anser_search_free(search);
  checked(&h);
  anser_formula_free(f);
}

/* A budget that ends calls, while answers are on their way and while a walker has not made all flips that were answered. */
static void stopped(struct scorer_host settings, double walk) {
  anser_formula *f = random_3sat(20, 120, 8);
  anser_search_options options = ANSER_SEARCH_OPTIONS_INIT;
  options.walkers = 5;
  options.flips = 50;
  options.tries = 4;
  options.walk = walk;
  options.has_walk = 1;
  uint64_t wanted = 0;
  for (int cut = 0; cut < 4; cut++) {
    struct scorer_host h = settings;
    anser_search *search = made(f, &options, &h, 1);
    anser_search_statistics before = ANSER_SEARCH_STATISTICS_INIT, after = ANSER_SEARCH_STATISTICS_INIT;
    int calls = 0, unknown = 0;
    do {
      int32_t end = 77;
      anser_budget *budget = new_budget();
      before = after;
      if (cut == 1) OK(anser_budget_set_work_limit(budget, 17));
      if (cut == 2) OK(anser_budget_set_time_limit(budget, 0.0005));
      if (cut == 3) OK(anser_budget_set_work_limit(budget, 4));
      OK(cut == 3 ? anser_search_step(search, 2, budget, &end) : anser_search_run(search, budget, &end));
      OK(anser_search_get_statistics(search, &after));
      unknown += end == ANSER_SEARCH_END_UNKNOWN;
      calls = end == ANSER_SEARCH_END_UNKNOWN || before.flips != after.flips ? calls + 1 : 0;
      anser_budget_free(budget);
    } while (calls && calls < 5000);
    CHECK((cut == 0) == (unknown == 0) && after.flips == 1000);
    const uint64_t hash = trace(search);
    CHECK(cut == 0 || hash == wanted);
    wanted = hash;
    anser_search_free(search);
    checked(&h);
  }
  anser_formula_free(f);
}
static void stopped_and_gone_on(void) {
  struct scorer_host h = {0};
  h.slots = 2, h.workers = 2, h.dawdle_ns = 1000;
  stopped(h, 0.5);
  h.output = ANSER_SCORER_FLIPS, h.k = 7;
  stopped(h, 0.5);
  h.flags = ANSER_SCORER_KEEPS_FLIPS;
  stopped(h, 0.0);
  stopped(h, 0.5);
}

static void plans(void) {
  anser_formula *f = random_3sat(20, 60, 1);
  anser_search_options options = ANSER_SEARCH_OPTIONS_INIT;
  anser_scorer_plan plan = ANSER_SCORER_PLAN_INIT;
  options.walkers = 10;
  struct scorer_host h = {0};
  h.slots = 3, h.per_slot = 2, h.workers = 1, h.timeout_ns = 5000000000;
  anser_search *search = made(f, &options, &h, 1);
  size_t walkers = 77;
  OK(anser_search_num_walkers(search, &walkers));
  CHECK(walkers == 6);
  OK(anser_search_get_scorer_plan(search, 0, &plan));
  CHECK(plan.num_vars == 20 && plan.num_constraints == 60 && plan.nnz == 180 && plan.num_walkers == 6);
  CHECK(plan.num_slots == 3 && plan.walkers_per_slot == 2 && plan.walk == 0.5 && plan.timeout_ns == 5000000000);
  CHECK(plan.flips == 0 && plan.row_align == 128 && memcmp(&plan, &h.plan, sizeof plan) == 0);
  INVALID(anser_search_get_scorer_plan(search, 1, &plan), "scorer", "no scorer 1");
  NULL_ARGUMENT(anser_search_get_scorer_plan(NULL, 0, &plan), "search");
  NULL_ARGUMENT(anser_search_get_scorer_plan(search, 0, NULL), "out_plan");
  NULL_ARGUMENT(anser_search_num_walkers(NULL, &walkers), "search");
  NULL_ARGUMENT(anser_search_num_walkers(search, NULL), "out_walkers");
  int32_t code = 77;
  NULL_ARGUMENT(anser_search_get_callback_code(NULL, &code), "search");
  NULL_ARGUMENT(anser_search_get_callback_code(search, NULL), "out_code");
  STATE(anser_search_get_callback_code(search, &code), "not ended by a callback");
  anser_search_free(search);
  anser_search *other = NULL;
  OK(anser_search_new(f, NULL, NULL, &other));
  INVALID(anser_search_get_scorer_plan(other, 0, &plan), "scorer", "no scorer 0");
  anser_search_free(other);
  options.temperature = 1.0;
  INVALID(anser_search_new(f, &options, NULL, &other), "temperature = 1", "from a host");
  options.temperature = -1.0;
  anser_scorer s = scorer_of(&h);
  const anser_scorer *pointer = &s;
  INVALID(anser_search_new_with_scorers(f, &options, &pointer, 1, NULL, &other), "temperature = -1", "0 or more");
  options.temperature = NAN;
  INVALID(anser_search_new_with_scorers(f, &options, &pointer, 1, NULL, &other), "temperature = NaN", "0 or more");
  CHECK(h.destroyed == 3);
  anser_formula_free(f);
}

/* A search cannot be made: all that was made is undone, and `destroy` is called once. */
static void refused(const char *needle, const char *second, anser_status status, struct scorer_host h) {
  anser_formula *f = random_3sat(20, 60, 1);
  anser_search_options options = ANSER_SEARCH_OPTIONS_INIT;
  options.walkers = 10;
  anser_scorer s = scorer_of(&h);
  const anser_scorer *pointer = &s;
  anser_search *search = (anser_search *)(void *)&s;
  FAILS(status, anser_search_new_with_scorers(f, &options, &pointer, 1, NULL, &search), needle, second);
  CHECK(search == NULL && h.destroyed == 1 && h.releases == h.prepared && h.allocated == 0);
  anser_formula_free(f);
}

static int32_t no_memory(void *data, size_t bytes, size_t align, void **out) {
  (void)data, (void)bytes, (void)align, (void)out;
  return 12;
}
static int32_t crooked_memory(void *data, size_t bytes, size_t align, void **out) {
  (void)bytes, (void)align;
  static _Alignas(4096) char memory[1 << 20];
  ((struct scorer_host *)data)->allocated++;
  *out = memory + 1;
  return 0;
}
static int32_t null_memory(void *data, size_t bytes, size_t align, void **out) {
  (void)data, (void)bytes, (void)align, (void)out;
  return 0;
}
static void count_memory(void *data, void *memory, size_t bytes) {
  (void)memory, (void)bytes;
  ((struct scorer_host *)data)->allocated--;
}

static void bad_plans(void) {
  const anser_status failed = ANSER_STATUS_CALLBACK_FAILED;
  refused("plan: num_slots = 9", "between 1 and 8", failed, (struct scorer_host){.slots = 9, .workers = 1});
  refused("plan: num_slots = 2", "no collect", failed, (struct scorer_host){.slots = 2});
  refused("walkers_per_slot = 11", "num_walkers", failed, (struct scorer_host){.per_slot = 11});
  refused("row_align = 96", "power of two", failed, (struct scorer_host){.align = 96});
  refused("row_align = 8192", "power of two", failed, (struct scorer_host){.align = 8192});
  refused("k = 21", "TOPK", failed, (struct scorer_host){.output = ANSER_SCORER_TOPK, .k = 21});
  refused("k = 1048577", "FLIPS", failed, (struct scorer_host){.output = ANSER_SCORER_FLIPS, .k = 1048577});
  refused("plan: output 3", "anser_scorer_output", failed, (struct scorer_host){.output = 3});
  refused("plan: dtype 5", "anser_element_type", failed, (struct scorer_host){.dtype = 5});
  refused("plan: bit_order 2", "anser_bit_order", failed, (struct scorer_host){.order = 2});
  refused("plan: flags 8", "anser_scorer_flag", failed, (struct scorer_host){.flags = 8});
  refused("KEEPS_FLIPS", "plan", failed, (struct scorer_host){.flags = ANSER_SCORER_KEEPS_FLIPS});
  refused("plan answered -3", "on fire", failed, (struct scorer_host){.fail_plan = -3});
  refused("prepare answered 4", "on fire", failed, (struct scorer_host){.fail_prepare = 4, .own_memory = true});

  anser_formula *f = random_3sat(20, 60, 1);
  struct scorer_host h = {0};
  anser_scorer s = scorer_of(&h);
  const anser_scorer *pointers[] = {&s, NULL};
  anser_search *search = NULL;
  s.alloc = no_memory;
  NULL_ARGUMENT(anser_search_new_with_scorers(f, NULL, pointers, 1, NULL, &search), "alloc or dealloc");
  s.dealloc = count_memory;
  FAILS(failed, anser_search_new_with_scorers(f, NULL, pointers, 1, NULL, &search), "alloc answered 12", "on fire");
  s.alloc = null_memory;
  FAILS(failed, anser_search_new_with_scorers(f, NULL, pointers, 1, NULL, &search), "alloc", "NULL");
  s.alloc = crooked_memory;
  FAILS(failed, anser_search_new_with_scorers(f, NULL, pointers, 1, NULL, &search), "alloc", "not aligned");
  CHECK(h.allocated == 0 && h.releases == 0 && h.destroyed == 4 && h.wrong == 0);
  s = scorer_of(&h);
  s.submit = NULL;
  NULL_ARGUMENT(anser_search_new_with_scorers(f, NULL, pointers, 1, NULL, &search), "scorers[0].submit");
  s = scorer_of(&h);
  NULL_ARGUMENT(anser_search_new_with_scorers(f, NULL, pointers, 2, NULL, &search), "scorers[1]");
  NULL_ARGUMENT(anser_search_new_with_scorers(f, NULL, NULL, 1, NULL, &search), "scorers");
  INVALID(anser_search_new_with_scorers(f, NULL, NULL, 0, NULL, &search), "scorers = 0", "between 1 and 64");
  NULL_ARGUMENT(anser_search_new_with_scorers(f, NULL, pointers, 1, NULL, NULL), "out_search");
  NULL_ARGUMENT(anser_search_new_with_scorers(NULL, NULL, pointers, 1, NULL, &search), "formula");
  CHECK(h.destroyed == 8);
  const anser_scorer *many[65];
  for (size_t i = 0; i < COUNT(many); i++) many[i] = &s;
  search = (anser_search *)(void *)&s;
  INVALID(anser_search_new_with_scorers(f, NULL, many, 65, NULL, &search), "scorers = 65", "between 1 and 64");
  CHECK(h.destroyed == 8 + 65 && search == NULL);
  h.destroyed = 8;
  s.struct_size = 8;
  FAILS(ANSER_STATUS_BAD_STRUCT_SIZE, anser_search_new_with_scorers(f, NULL, pointers, 1, NULL, &search), "scorers[0]", "8");
  CHECK(h.destroyed == 8);
  s = scorer_of(&h);
  anser_budget *budget = new_budget();
  OK(anser_budget_set_memory_limit(budget, 20000));
  FAILS(ANSER_STATUS_OUT_OF_MEMORY, anser_search_new_with_scorers(f, &(anser_search_options){sizeof(anser_search_options), 0, 1, 1000, 0, 0, 0, 0, 0, 0, 0}, pointers, 1, budget, &search), "memory limit", "");
  anser_budget_free(budget);
  CHECK(h.destroyed == 9 && h.prepared == 0);
  anser_formula_free(f);
}

static void spoil_nan(struct scorer_host *h, const anser_batch *b, uint32_t row) {
  const float bad = NAN;
  if (h->submits == 3 && row == 1) memcpy((uint8_t *)b->out + row * b->out_stride + 4 * 7, &bad, 4);
}
static void spoil_infinity(struct scorer_host *h, const anser_batch *b, uint32_t row) {
  const double bad = (double)INFINITY;
  if (h->submits == 3 && row == 1) memcpy((uint8_t *)b->out + row * b->out_stride + 8 * 7, &bad, 8);
}
static void spoil_index(struct scorer_host *h, const anser_batch *b, uint32_t row) {
  if (h->submits == 3 && row == 1) *(uint32_t *)(void *)((uint8_t *)b->out_index + row * b->out_index_stride) = 20;
}
static void spoil_limit(struct scorer_host *h, const anser_batch *b, uint32_t row) {
  (void)h;
  uint32_t *index = (uint32_t *)(void *)((uint8_t *)b->out_index + row * b->out_index_stride);
  for (uint32_t i = 0; i < 6; i++) index[i] = 0;
}
static void bar_all(struct scorer_host *h, const anser_batch *b, uint32_t row) {
  const float bad = -INFINITY;
  for (uint32_t v = 0; v < h->graph->num_vars; v++) memcpy((uint8_t *)b->out + row * b->out_stride + 4 * v, &bad, 4);
}

/* A search fails while it runs: the code, the text, and that nothing but looking at it and freeing it works. */
static void fails(const char *needle, const char *second, int32_t wanted, struct scorer_host h, double *seconds) {
  anser_formula *f = random_3sat(20, 120, 8);
  anser_search_options options = ANSER_SEARCH_OPTIONS_INIT;
  options.walkers = 4;
  options.flips = 5; /* of a try */
  h.own_memory = true;
  anser_search *search = made(f, &options, &h, 1);
  int32_t end = 77, code = 77;
  const double begin = now();
  FAILS(ANSER_STATUS_CALLBACK_FAILED, anser_search_run(search, NULL, &end), needle, second);
  if (seconds) *seconds = now() - begin;
  CHECK(end == 77);
  OK(anser_search_get_callback_code(search, &code));
  CHECK(code == wanted);
  STATE(anser_search_run(search, NULL, &end), "failed");
  STATE(anser_search_step(search, 5, NULL, &end), "failed");
  (void)trace(search);
  anser_search_free(search);
  CHECK(h.wrong == 0 && h.releases == 1 && h.destroyed == 1 && h.drains >= 1);
  CHECK(h.allocated == (h.fail_drain ? (int)h.num_slots : 0));
  anser_formula_free(f);
}

static void bad_answers(void) {
  fails("score of variable 7", "walker 1 is NaN", 0, (struct scorer_host){.spoil = spoil_nan}, NULL);
  fails("score of variable 7", "walker 1 is inf", 0,
        (struct scorer_host){.spoil = spoil_infinity, .dtype = ANSER_ELEMENT_TYPE_F64}, NULL);
  fails("variable 20", "walker 1: they end before 20", 0,
        (struct scorer_host){.spoil = spoil_index, .output = ANSER_SCORER_TOPK, .k = 3}, NULL);
  fails("variable 20 at place 0", "walker 1", 0,
        (struct scorer_host){.spoil = spoil_index, .output = ANSER_SCORER_FLIPS, .k = 1}, NULL);
  fails("more than 5 flips", "walker 0", 0,
        (struct scorer_host){.spoil = spoil_limit, .output = ANSER_SCORER_FLIPS, .k = 8}, NULL);
  fails("submit answered 5", "on fire", 5, (struct scorer_host){.fail_submit = 5}, NULL);
  fails("collect answered -7", "on fire", -7, (struct scorer_host){.fail_collect = -7, .workers = 1}, NULL);
  fails("scorer 0: no answer for slot 0 within 0.001 s", "", 0,
        (struct scorer_host){.dawdle_ns = 5000000, .timeout_ns = 1000000}, NULL);
  double seconds = 0;
  fails("no answer for slot 0 within 0.2 s", "", 0,
        (struct scorer_host){.hang = true, .timeout_ns = 200000000, .workers = 1, .slots = 2}, &seconds);
  CHECK(seconds > 0.19 && seconds < 20);
}

/* All variables barred: random steps are made instead. */
static void barred(void) {
  anser_formula *f = random_3sat(20, 120, 8);
  anser_search_options options = ANSER_SEARCH_OPTIONS_INIT;
  struct scorer_host h = {0};
  h.spoil = bar_all;
  options.flips = 30;
  options.tries = 1;
  options.walkers = 3;
  anser_search *search = made(f, &options, &h, 1);
  CHECK(run(search, 0) == ANSER_SEARCH_END_OVER);
  anser_search_statistics s = ANSER_SEARCH_STATISTICS_INIT;
  OK(anser_search_get_statistics(search, &s));
  CHECK(s.flips == 90 && s.walk == 90 && h.rows > 0);
  anser_search_free(search);
  checked(&h);
  anser_formula_free(f);
}

/* A host that does not answer, and a budget that ends: the call ends, and the search goes on later. */
static void hangs_within_a_budget(void) {
  anser_formula *f = random_3sat(20, 120, 8);
  struct scorer_host h = {0};
  h.workers = 1, h.hang = true;
  anser_search *search = made(f, NULL, &h, 1);
  anser_budget *budget = new_budget();
  OK(anser_budget_set_time_limit(budget, 0.1));
  int32_t end = 77, reason = 77;
  const double begin = now();
  OK(anser_search_run(search, budget, &end));
  CHECK(end == ANSER_SEARCH_END_UNKNOWN && now() - begin < 20);
  OK(anser_search_get_stop_reason(search, &reason));
  CHECK(reason == ANSER_STOP_REASON_TIME && h.drains == 1);
  pthread_mutex_lock(&h.lock);
  h.hang = false;
  pthread_mutex_unlock(&h.lock);
  CHECK(run(search, 20) != ANSER_SEARCH_END_UNKNOWN);
  anser_search_free(search);
  checked(&h);
  anser_budget_free(budget);
  anser_formula_free(f);
}

/* The device is lost: what it may still write to is not freed. The test keeps hold of it, or it would seem to be leaked. */
static void *kept[64];
static size_t num_kept;
static const anser_graph *volatile kept_graphs[2];
static const anser_batch *volatile kept_slots[2];
static int32_t keep_alloc(void *data, size_t bytes, size_t align, void **out) {
  const int32_t answer = host_alloc(data, bytes, align, out);
  if (num_kept < COUNT(kept)) kept[num_kept++] = *out;
  return answer;
}
static void lost_device(void) {
  anser_formula *f = random_3sat(20, 120, 8);
  anser_search_options options = ANSER_SEARCH_OPTIONS_INIT;
  options.walkers = 6;
  struct scorer_host h = {0};
  h.workers = 1, h.slots = 2, h.own_memory = true, h.fail_drain = 99, h.hang = true, h.timeout_ns = 10000000;
  anser_scorer s = scorer_of(&h);
  s.alloc = keep_alloc;
  const anser_scorer *pointer = &s;
  anser_search *search = NULL;
  OK(anser_search_new_with_scorers(f, &options, &pointer, 1, NULL, &search));
  int32_t end = 77, code = 77;
  FAILS(ANSER_STATUS_CALLBACK_FAILED, anser_search_run(search, NULL, &end), "no answer for slot 0", "");
  OK(anser_search_get_callback_code(search, &code));
  CHECK(code == 0);
  const anser_batch *seen = h.shown;
  const anser_graph *graph = h.graph;
  kept_graphs[0] = graph;
  kept_slots[0] = seen;
  anser_search_free(search);
  CHECK(h.wrong == 0 && h.releases == 1 && h.destroyed == 1 && h.allocated == 2);
  /* All of it is still there. */
  CHECK(graph->num_vars == 20 && row_begin(&graph->con_to_lit, 120) == 360 && seen[1].slot == 1);
  memset(seen[0].out, 7, seen[0].out_stride * 3);
  for (size_t i = 0; i < num_kept; i++) free(kept[i]);
  /* Lost in drain alone. */
  h = (struct scorer_host){.workers = 1, .slots = 2, .fail_drain = 98, .hang = true};
  search = made(f, &options, &h, 1);
  kept_graphs[1] = h.graph;
  kept_slots[1] = h.shown;
  anser_budget *budget = new_budget();
  OK(anser_budget_set_time_limit(budget, 0.05));
  FAILS(ANSER_STATUS_CALLBACK_FAILED, anser_search_run(search, budget, &end), "drain answered 98", "on fire");
  OK(anser_search_get_callback_code(search, &code));
  CHECK(code == 98);
  STATE(anser_search_run(search, NULL, &end), "failed");
  anser_search_free(search);
  anser_budget_free(budget);
  anser_formula_free(f);
}

/* Misuse from inside, and an interrupt from inside. */
static anser_search *inside;
static anser_interrupt *token;
static anser_status said;
static void call_inside(struct scorer_host *h, const anser_batch *b, uint32_t row) {
  (void)h, (void)b, (void)row;
  int32_t end = 77;
  said = anser_search_run(inside, NULL, &end);
  anser_interrupt_trigger(token);
}
static void from_inside(void) {
  anser_formula *f = random_3sat(20, 120, 8);
  struct scorer_host h = {0};
  h.spoil = call_inside;
  OK(anser_interrupt_new(&token));
  inside = made(f, NULL, &h, 1);
  anser_budget *budget = new_budget();
  OK(anser_budget_set_interrupt(budget, token));
  int32_t end = 77, reason = 77;
  OK(anser_search_run(inside, budget, &end));
  OK(anser_search_get_stop_reason(inside, &reason));
  CHECK(end == ANSER_SEARCH_END_UNKNOWN && reason == ANSER_STOP_REASON_INTERRUPTED);
  CHECK(said == ANSER_STATUS_INVALID_STATE);
  anser_search_free(inside);
  anser_interrupt_free(token);
  anser_budget_free(budget);
  checked(&h);
  anser_formula_free(f);
}

static void odd_formulas(void) {
  struct scorer_host h = {0};
  anser_formula *f = new_formula();
  anser_search *search = made(f, NULL, &h, 1);
  CHECK(run(search, 0) == ANSER_SEARCH_END_MODEL && h.submits == 0);
  anser_search_free(search);
  checked(&h);
  OK(anser_formula_add_clause(f, NULL, 0, NULL));
  h = (struct scorer_host){0};
  search = made(f, NULL, &h, 1);
  CHECK(run(search, 0) == ANSER_SEARCH_END_REFUTED && h.submits == 0);
  anser_search_free(search);
  checked(&h);
  anser_formula_free(f);
  /* More random steps between two questions than are told one by one. */
  f = random_3sat(20, 120, 8);
  anser_search_options options = ANSER_SEARCH_OPTIONS_INIT;
  options.has_walk = 1;
  options.tries = 1;
  options.flips = 20000;
  for (int i = 0; i < 2; i++) {
    options.walk = i ? 0.98 : 1.0;
    h = (struct scorer_host){.flags = ANSER_SCORER_FULL_BITS};
    search = made(f, &options, &h, 1);
    CHECK(run(search, 0) == ANSER_SEARCH_END_OVER && (h.submits > 0) == (i == 1));
    anser_search_free(search);
    checked(&h);
  }
  anser_formula_free(f);
}

/* Twice the same run: once with the host, and once from what was recorded. */
static void recorded(void) {
  anser_formula *f = random_3sat(20, 120, 8), *g = random_3sat(20, 119, 8);
  for (int form = 0; form < 4; form++) {
    FILE *log = tmpfile();
    anser_search_options options = ANSER_SEARCH_OPTIONS_INIT;
    options.walkers = 7;
    options.flips = 40;
    options.tries = 2;
    struct scorer_host h = {0};
    h.workers = form % 2, h.slots = form % 2 ? 2 : 1;
    h.output = form % 3, h.k = 4;
    uint64_t hash[2];
    anser_search *search = NULL;
    for (int replay = 0; replay < 2; replay++) {
      anser_scorer inner = scorer_of(&h), s;
      CHECK((replay ? scorer_replay(log, &s) : scorer_record(&inner, log, &s)) == 0);
      const anser_scorer *pointer = &s;
      OK(anser_search_new_with_scorers(f, &options, &pointer, 1, NULL, &search));
      (void)run(search, 0);
      hash[replay] = trace(search);
      anser_search_free(search);
      CHECK(h.destroyed == 1);
      rewind(log);
    }
    CHECK(hash[0] == hash[1]);
    checked(&h);
    /* Another formula, and another seed, are noticed. */
    anser_scorer s;
    const anser_scorer *pointer = &s;
    CHECK(scorer_replay(log, &s) == 0);
    FAILS(ANSER_STATUS_CALLBACK_FAILED, anser_search_new_with_scorers(g, &options, &pointer, 1, NULL, &search), "prepare",
          "another formula");
    rewind(log);
    CHECK(scorer_replay(log, &s) == 0);
    options.seed = 5;
    OK(anser_search_new_with_scorers(f, &options, &pointer, 1, NULL, &search));
    int32_t end = 77;
    FAILS(ANSER_STATUS_CALLBACK_FAILED, anser_search_run(search, NULL, &end), "scorer 0", "another question");
    anser_search_free(search);
    /* A log that breaks off. */
    FILE *cut = tmpfile();
    rewind(log);
    char bytes[600];
    const size_t length = fread(bytes, 1, sizeof bytes, log);
    CHECK(fwrite(bytes, 1, length, cut) == length);
    rewind(cut);
    CHECK(scorer_replay(cut, &s) == 0);
    options.seed = 0;
    OK(anser_search_new_with_scorers(f, &options, &pointer, 1, NULL, &search));
    FAILS(ANSER_STATUS_CALLBACK_FAILED, anser_search_run(search, NULL, &end), "scorer 0", "ends");
    anser_search_free(search);
    rewind(cut);
    CHECK(ftruncate(fileno(cut), 20) == 0);
    CHECK(scorer_replay(cut, &s) != 0); /* no log at all */
    fclose(cut);
    fclose(log);
  }
  anser_formula_free(f);
  anser_formula_free(g);
}

int main(void) {
  RUN(all_forms_are_one);
  RUN(cut_is_whole);
  RUN(many_threads);
  RUN(models_and_assignments);
  RUN(stopped_and_gone_on);
  RUN(plans);
  RUN(bad_plans);
  RUN(bad_answers);
  RUN(barred);
  RUN(hangs_within_a_budget);
  RUN(lost_device);
  RUN(from_inside);
  RUN(odd_formulas);
  RUN(recorded);
  return report();
}
