/* A host for anser_scorer: scores are how many constraints a flip would mend less how many it would break, found anew for
 * every question from its own copy of the assignments. Everything that the plan may say is a setting; every batch is checked
 * against the copy. With workers it imitates a device: threads of its own take jobs from a queue, go through rows backwards,
 * and dawdle.
 *
 * What it finds wrong is counted in `wrong`, and said. */
#ifndef ANSER_SCORER_HOST_H
#define ANSER_SCORER_HOST_H

#include "check.h"

#include <math.h>
#include <pthread.h>

struct device_job {
  const anser_batch *batch;
  bool taken, done;
};

struct scorer_host {
  /* Settings. */
  uint32_t slots, per_slot, k, align, flags;
  int32_t output, dtype, order;
  uint64_t timeout_ns;
  int workers;      /* threads that imitate a device; 0: at once */
  bool own_memory;
  long dawdle_ns;
  /* What happened. */
  int wrong, plans, prepared, submits, collects, drains, releases, destroyed, allocated;
  uint64_t rows;
  /* What it was shown. */
  const anser_graph *graph;
  anser_scorer_plan plan;
  const anser_batch *shown;
  uint32_t num_slots;
  uint8_t **values[8]; /* a copy of each walker's assignment */
  uint64_t submitted[8], collected[8], order_submitted, order_collected;
  /* The device. */
  pthread_t threads[8];
  pthread_mutex_t lock;
  pthread_cond_t more, finished;
  struct device_job jobs[8];
  int running, busy;
  /* To misbehave: called after a row was answered. */
  void (*spoil)(struct scorer_host *host, const anser_batch *batch, uint32_t row);
  int32_t fail_submit, fail_collect, fail_drain, fail_prepare, fail_plan; /* what they answer */
  bool hang;
};

#define WRONG(host, condition) \
  ((condition) ? (void)0 : ((host)->wrong++, (void)printf("  %s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition)))

static UNUSED uint64_t row_begin(const anser_csr *csr, uint64_t row) {
  return csr->offset_bits == 32 ? ((const uint32_t *)csr->offsets)[row] : ((const uint64_t *)csr->offsets)[row];
}

static bool literal_true(const uint8_t *values, uint32_t literal) { return values[literal / 2] != (literal & 1); }

static bool constraint_holds(const anser_graph *g, const uint8_t *values, uint64_t c) {
  int64_t sum = 0;
  for (uint64_t e = row_begin(&g->con_to_lit, c); e < row_begin(&g->con_to_lit, c + 1); e++)
    if (literal_true(values, g->con_to_lit.columns[e])) sum += g->con_to_lit.weights ? g->con_to_lit.weights[e] : 1;
  int64_t bound = g->bounds ? g->bounds[c] : 1;
  return g->kinds && g->kinds[c] == ANSER_CONSTRAINT_KIND_XOR ? sum % 2 == bound : sum >= bound;
}

static uint64_t violated_of(const anser_graph *g, const uint8_t *values) {
  uint64_t violated = 0;
  for (uint64_t c = 0; c < g->num_constraints; c++) violated += !constraint_holds(g, values, c);
  return violated;
}

/* How many more constraints hold after a flip. */
static int gain_of(const anser_graph *g, uint8_t *values, uint32_t v) {
  int gain = 0;
  for (uint64_t r = 2 * (uint64_t)v; r < 2 * (uint64_t)v + 2; r++)
    for (uint64_t e = row_begin(&g->lit_to_con, r); e < row_begin(&g->lit_to_con, r + 1); e++)
      gain -= constraint_holds(g, values, g->lit_to_con.columns[e]);
  values[v] ^= 1;
  for (uint64_t r = 2 * (uint64_t)v; r < 2 * (uint64_t)v + 2; r++)
    for (uint64_t e = row_begin(&g->lit_to_con, r); e < row_begin(&g->lit_to_con, r + 1); e++)
      gain += constraint_holds(g, values, g->lit_to_con.columns[e]);
  values[v] ^= 1;
  return gain;
}

static uint32_t best_of(const anser_graph *g, uint8_t *values) {
  uint32_t best = 0;
  int most = INT32_MIN;
  for (uint32_t v = 0; v < g->num_vars; v++) {
    const int gain = gain_of(g, values, v);
    if (gain > most) most = gain, best = v;
  }
  return best;
}

static bool bit_of(const struct scorer_host *h, const anser_batch *b, uint32_t walker, uint32_t v) {
  const bool by_walker = h->order == ANSER_BIT_ORDER_WALKER_MAJOR;
  const uint64_t row = by_walker ? walker : v, column = by_walker ? v : walker;
  return b->bits[row * b->bits_stride + column / 32] >> (column % 32) & 1;
}

static void put_score(const struct scorer_host *h, const anser_batch *b, uint32_t row, uint32_t place, int score) {
  uint8_t *to = (uint8_t *)b->out + row * b->out_stride;
  const float narrow = (float)score;
  const double wide = score;
  uint32_t bits;
  memcpy(&bits, &narrow, sizeof bits);
  if (h->dtype == ANSER_ELEMENT_TYPE_F64) memcpy(to + 8 * place, &wide, 8);
  if (h->dtype == ANSER_ELEMENT_TYPE_F32) memcpy(to + 4 * place, &narrow, 4);
  if (h->dtype == ANSER_ELEMENT_TYPE_BF16) {
    const uint16_t half = (uint16_t)(bits >> 16); /* exact: small integers */
    memcpy(to + 2 * place, &half, 2);
  }
  if (h->dtype == ANSER_ELEMENT_TYPE_F16) {
    const int exponent = (int)(bits >> 23 & 255) - 127 + 15;
    const uint16_t half = (uint16_t)((bits >> 16 & 0x8000) | (score ? (uint32_t)exponent << 10 | (bits >> 13 & 1023) : 0));
    memcpy(to + 2 * place, &half, 2);
  }
}

/* Brings the copy up to date, and checks what is told. */
static void take_over(struct scorer_host *h, const anser_batch *b) {
  const uint64_t n = h->graph->num_vars;
  uint8_t **values = h->values[b->slot];
  WRONG(h, b->struct_size == sizeof *b && b->slot < h->num_slots && b->size <= h->plan.walkers_per_slot);
  const anser_batch *s = &h->shown[b->slot];
  WRONG(h, s == b && b->walkers && b->bits && b->out);
  WRONG(h, b->counts[0] == b->size && b->counts[1] == b->num_reload && b->counts[2] == b->num_retired &&
               b->counts[3] == b->num_flips && b->num_flips <= b->max_flips);
  for (uint64_t i = 0; i < b->num_flips; i++) values[b->flips[i].walker][b->flips[i].var] ^= 1;
  for (uint64_t i = 0; i < b->num_reload; i++)
    for (uint32_t v = 0; v < n; v++) values[b->reload[i]][v] = bit_of(h, b, b->reload[i], v);
  if (h->flags & ANSER_SCORER_FULL_BITS)
    for (uint32_t r = 0; r < b->size; r++)
      for (uint32_t v = 0; v < n; v++) WRONG(h, values[b->walkers[r]][v] == bit_of(h, b, b->walkers[r], v));
  for (uint32_t r = 0; r < b->size; r++) {
    WRONG(h, r == 0 || b->walkers[r - 1] < b->walkers[r]);
    WRONG(h, b->num_unsat[r] == violated_of(h->graph, values[b->walkers[r]]) && b->num_unsat[r] > 0);
  }
}

static void answer_row(struct scorer_host *h, const anser_batch *b, uint32_t row) {
  uint8_t *values = h->values[b->slot][b->walkers[row]];
  const uint32_t n = (uint32_t)h->graph->num_vars;
  uint32_t *index = (uint32_t *)(void *)((uint8_t *)b->out_index + row * b->out_index_stride);
  if (h->output == ANSER_SCORER_SCORES)
    for (uint32_t v = 0; v < n; v++) put_score(h, b, row, v, gain_of(h->graph, values, v));
  if (h->output == ANSER_SCORER_TOPK) {
    /* The best one among others, which are worse, in no order. */
    const uint32_t best = best_of(h->graph, values);
    const int most = gain_of(h->graph, values, best);
    uint32_t count = 0;
    for (uint32_t v = n; v-- > 0 && count + 1 < h->k;)
      if (v != best && (v > best || gain_of(h->graph, values, v) < most)) {
        index[count] = v;
        put_score(h, b, row, count++, gain_of(h->graph, values, v));
      }
    index[count] = best;
    put_score(h, b, row, count++, most);
    if (count < h->k) index[count] = UINT32_MAX;
  }
  if (h->output == ANSER_SCORER_FLIPS) {
    uint32_t made = 0, limit = b->limits[row];
    WRONG(h, limit >= 1 && limit <= h->k);
    uint64_t key = b->rng[row];
    while (made < limit && (made == 0 || violated_of(h->graph, values))) {
      uint32_t v = best_of(h->graph, values);
      if (h->k > 1 && (key = key * UINT64_C(6364136223846793005) + 1) >> 63) { /* a step of its own in two is random */
        uint64_t c = 0;
        while (constraint_holds(h->graph, values, c)) c++;
        const uint64_t begin = row_begin(&h->graph->con_to_lit, c), end = row_begin(&h->graph->con_to_lit, c + 1);
        v = h->graph->con_to_lit.columns[begin + (key >> 32) % (end - begin)] / 2;
      }
      index[made++] = v;
      values[v] ^= 1;
    }
    if (made < h->k) index[made] = UINT32_MAX;
    if (!(h->flags & ANSER_SCORER_KEEPS_FLIPS)) /* it will be told of them */
      for (uint32_t i = made; i-- > 0;) values[index[i]] ^= 1;
  }
  if (h->spoil) h->spoil(h, b, row);
}

static void work_on(struct scorer_host *h, const anser_batch *b) {
  take_over(h, b);
  for (uint32_t row = b->size; row-- > 0;) answer_row(h, b, row);
}

static void *device(void *argument) {
  struct scorer_host *h = argument;
  pthread_mutex_lock(&h->lock);
  while (h->running) {
    struct device_job *job = NULL;
    for (int s = 8; s-- > 0;) /* the last slot first: in no order of submitting */
      if (h->jobs[s].batch && !h->jobs[s].taken) job = &h->jobs[s];
    if (!job || h->hang) {
      pthread_cond_wait(&h->more, &h->lock);
      continue;
    }
    job->taken = true;
    h->busy++;
    pthread_mutex_unlock(&h->lock);
    if (h->dawdle_ns) nanosleep(&(struct timespec){0, h->dawdle_ns}, NULL);
    work_on(h, job->batch);
    pthread_mutex_lock(&h->lock);
    job->done = true;
    h->busy--;
    pthread_cond_broadcast(&h->finished);
  }
  pthread_mutex_unlock(&h->lock);
  return NULL;
}

static int32_t host_plan(void *data, anser_scorer_plan *plan) {
  struct scorer_host *h = data;
  h->plans++;
  WRONG(h, plan->struct_size == sizeof *plan && plan->output == ANSER_SCORER_SCORES &&
               plan->dtype == ANSER_ELEMENT_TYPE_F32 && plan->flags == 0 && plan->timeout_ns == 0);
  if (h->slots) plan->num_slots = h->slots;
  if (h->per_slot) plan->walkers_per_slot = h->per_slot;
  if (h->align) plan->row_align = h->align;
  if (h->k) plan->k = h->k;
  plan->output = h->output;
  plan->dtype = h->dtype;
  plan->bit_order = h->order;
  plan->flags = h->flags;
  plan->timeout_ns = h->timeout_ns;
  return h->fail_plan;
}

static int32_t host_alloc(void *data, size_t bytes, size_t align, void **out) {
  struct scorer_host *h = data;
  h->allocated++;
  *out = aligned_alloc(align, (bytes + align - 1) / align * align);
  if (*out) memset(*out, 0xAB, bytes);
  return *out == NULL;
}
static void host_dealloc(void *data, void *memory, size_t bytes) {
  struct scorer_host *h = data;
  h->allocated--;
  memset(memory, 0xCD, bytes);
  free(memory);
}

static int32_t host_prepare(void *data, const anser_graph *graph, const anser_scorer_plan *plan, const anser_batch *slots,
                            uint32_t num_slots) {
  struct scorer_host *h = data;
  h->prepared++;
  h->graph = graph;
  h->plan = *plan;
  h->shown = slots;
  h->num_slots = num_slots;
  WRONG(h, graph->struct_size == sizeof *graph && num_slots == plan->num_slots && graph->num_vars == plan->num_vars);
  WRONG(h, row_begin(&graph->con_to_lit, graph->num_constraints) == plan->nnz && graph->lit_to_con.nnz == plan->nnz);
  for (uint32_t s = 0; s < num_slots; s++) {
    const uintptr_t all[] = {(uintptr_t)slots[s].walkers, (uintptr_t)slots[s].reload,    (uintptr_t)slots[s].retired,
                             (uintptr_t)slots[s].flips,   (uintptr_t)slots[s].bits,      (uintptr_t)slots[s].num_unsat,
                             (uintptr_t)slots[s].rng,     (uintptr_t)slots[s].limits,    (uintptr_t)slots[s].out,
                             slots[s].out_stride,         slots[s].bits_stride * 4,      slots[s].out_index_stride,
                             (uintptr_t)slots[s].out_index, (uintptr_t)slots[s].counts};
    for (size_t i = 0; i < COUNT(all); i++) WRONG(h, all[i] % plan->row_align == 0);
    h->values[s] = malloc(plan->walkers_per_slot * sizeof *h->values[s]);
    for (uint32_t w = 0; w < plan->walkers_per_slot; w++) h->values[s][w] = calloc(graph->num_vars + 1, 1);
  }
  h->running = 1;
  pthread_mutex_init(&h->lock, NULL);
  pthread_cond_init(&h->more, NULL);
  pthread_cond_init(&h->finished, NULL);
  for (int i = 0; i < h->workers; i++)
    if (pthread_create(&h->threads[i], NULL, device, h)) abort();
  return h->fail_prepare; /* release is called all the same */
}

static int32_t host_submit(void *data, const anser_batch *b) {
  struct scorer_host *h = data;
  h->submits++;
  h->rows += b->size;
  WRONG(h, b->seq == (uint64_t)h->submits && b->size > 0);
  if (h->fail_submit) return h->fail_submit;
  if (!h->workers) {
    if (h->dawdle_ns) nanosleep(&(struct timespec){0, h->dawdle_ns}, NULL);
    work_on(h, b);
    return 0;
  }
  pthread_mutex_lock(&h->lock);
  WRONG(h, h->jobs[b->slot].batch == NULL);
  h->submitted[b->slot] = ++h->order_submitted;
  h->jobs[b->slot] = (struct device_job){b, false, false};
  pthread_cond_broadcast(&h->more);
  pthread_mutex_unlock(&h->lock);
  return 0;
}

static int32_t host_collect(void *data, const anser_batch *b, uint64_t timeout_ns) {
  struct scorer_host *h = data;
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += (time_t)(timeout_ns / 1000000000);
  until.tv_nsec += (long)(timeout_ns % 1000000000);
  if (until.tv_nsec >= 1000000000) until.tv_nsec -= 1000000000, until.tv_sec++;
  h->collects++;
  if (h->fail_collect) return h->fail_collect;
  int32_t answer = ANSER_SCORER_DONE;
  pthread_mutex_lock(&h->lock);
  while (!h->jobs[b->slot].done && answer == ANSER_SCORER_DONE)
    if (pthread_cond_timedwait(&h->finished, &h->lock, &until)) answer = ANSER_SCORER_NOT_YET;
  if (h->jobs[b->slot].done) {
    answer = ANSER_SCORER_DONE;
    WRONG(h, h->submitted[b->slot] > h->order_collected); /* in the order of submitting */
    h->order_collected = h->submitted[b->slot];
    h->jobs[b->slot] = (struct device_job){NULL, false, false};
  }
  pthread_mutex_unlock(&h->lock);
  return answer;
}

static int32_t host_drain(void *data) {
  struct scorer_host *h = data;
  h->drains++;
  pthread_mutex_lock(&h->lock);
  for (int s = 0; s < 8; s++)
    if (h->jobs[s].batch && !h->jobs[s].taken) h->jobs[s].batch = NULL;
  while (h->busy) pthread_cond_wait(&h->finished, &h->lock);
  memset(h->jobs, 0, sizeof h->jobs);
  pthread_mutex_unlock(&h->lock);
  return h->fail_drain;
}

static void host_release(void *data) {
  struct scorer_host *h = data;
  h->releases++;
  pthread_mutex_lock(&h->lock);
  h->running = 0;
  pthread_cond_broadcast(&h->more);
  pthread_mutex_unlock(&h->lock);
  for (int i = 0; i < h->workers; i++) pthread_join(h->threads[i], NULL);
  pthread_mutex_destroy(&h->lock);
  pthread_cond_destroy(&h->more);
  pthread_cond_destroy(&h->finished);
  for (uint32_t s = 0; s < h->num_slots; s++) {
    for (uint32_t w = 0; w < h->plan.walkers_per_slot; w++) free(h->values[s][w]);
    free(h->values[s]);
  }
}

static void scorer_destroy(void *data) { ((struct scorer_host *)data)->destroyed++; }
static const char *host_error_text(void *data) {
  (void)data;
  return "the device is on fire";
}

static anser_scorer scorer_of(struct scorer_host *h) {
  anser_scorer s = ANSER_SCORER_INIT;
  if (!h->dtype) h->dtype = ANSER_ELEMENT_TYPE_F32;
  s.user_data = h;
  s.destroy = scorer_destroy;
  s.plan = host_plan;
  if (h->own_memory) s.alloc = host_alloc, s.dealloc = host_dealloc;
  s.prepare = host_prepare;
  s.submit = host_submit;
  if (h->workers) s.collect = host_collect;
  s.drain = host_drain;
  s.release = host_release;
  s.error_text = host_error_text;
  return s;
}

#endif
