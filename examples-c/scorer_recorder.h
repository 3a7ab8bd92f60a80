/*
 * scorer_recorder.h: writes down what a scorer answers, and answers the same again without it.
 *
 *   anser_scorer inner = ..., outer;
 *   scorer_record(&inner, log, &outer);    then make a search with &outer instead of &inner
 *   scorer_replay(log, &outer);            the same search, without a device: to look for a bug on another machine
 *
 * Both answer 0, and else nothing is made: no memory, or a file that is no log. The file is the caller's, binary, and has to
 * stay open as long as the search. A run that is replayed needs the same formula, options and seed, and is then the same
 * bit for bit; what does not fit is noticed at the question at which it does not, and ends the run with a text. So does the
 * end of the log, where a limit in time ended the recorded run. For C and C++.
 *
 * The log is for machines of the same byte order. After a head of 12 words of 64 bits (a magic number, the graph's hash, the
 * plan) comes an entry for each answer that was collected: slot, rows, a hash of the question, and the answer's rows one
 * after the other without what lies between them.
 */
#ifndef SCORER_RECORDER_H
#define SCORER_RECORDER_H

#include <anser.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCORER_LOG_HEAD = 12 };
#define SCORER_LOG_MAGIC UINT64_C(0x31474f4c52435341)

struct scorer_log {
  anser_scorer inner; /* whose answers are recorded; all NULL in a replay */
  FILE *file;
  uint64_t head[SCORER_LOG_HEAD];
  size_t row_scores, row_indices; /* bytes of a row */
  const char *error;              /* what went wrong here; else the inner scorer is asked */
};

/* ---- The log ---- */

static uint64_t scorer_log_hash(const anser_batch *b) {
  uint64_t hash = UINT64_C(14695981039346656037);
  for (uint32_t r = 0; r < b->size; r++) {
    const uint64_t parts[] = {b->first_walker + b->walkers[r], b->num_unsat[r], b->rng[r]};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) hash = (hash ^ parts[i]) * UINT64_C(1099511628211);
  }
  return hash;
}

static void scorer_log_plan(struct scorer_log *log, const anser_graph *graph, const anser_scorer_plan *p) {
  const uint64_t head[SCORER_LOG_HEAD] = {
      SCORER_LOG_MAGIC, graph->hash, log->inner.collect != NULL, p->num_slots,           p->walkers_per_slot,
      p->k,             p->flags,    p->row_align,               (uint64_t)p->output, (uint64_t)p->dtype,
      p->bit_order == ANSER_BIT_ORDER_VAR_MAJOR, 0};
  memcpy(log->head, head, sizeof head);
}

static void scorer_log_rows(struct scorer_log *log, const anser_scorer_plan *p) {
  const size_t size = p->dtype == ANSER_ELEMENT_TYPE_F64 ? 8 : p->dtype == ANSER_ELEMENT_TYPE_F32 ? 4 : 2;
  log->row_scores = p->output == ANSER_SCORER_SCORES ? size * p->num_vars : p->output == ANSER_SCORER_TOPK ? size * p->k : 0;
  log->row_indices = p->output == ANSER_SCORER_SCORES ? 0 : 4 * (size_t)p->k;
}

static int32_t scorer_log_fail(struct scorer_log *log, const char *why) {
  log->error = why;
  return 1;
}

static int32_t scorer_log_write(struct scorer_log *log, const anser_batch *b) {
  const uint64_t entry[] = {b->slot, b->size, scorer_log_hash(b)};
  size_t good = fwrite(entry, sizeof entry, 1, log->file);
  for (uint32_t r = 0; good && r < b->size; r++) {
    if (log->row_scores) good = fwrite((const char *)b->out + r * b->out_stride, log->row_scores, 1, log->file);
    if (good && log->row_indices)
      good = fwrite((const char *)b->out_index + r * b->out_index_stride, log->row_indices, 1, log->file);
  }
  return good ? 0 : scorer_log_fail(log, "the log could not be written");
}

static int32_t scorer_log_read(struct scorer_log *log, const anser_batch *b) {
  uint64_t entry[3];
  if (fread(entry, sizeof entry, 1, log->file) != 1) return scorer_log_fail(log, "the log ends before the run");
  if (entry[0] != b->slot || entry[1] != b->size || entry[2] != scorer_log_hash(b))
    return scorer_log_fail(log, "the log answers another question: are options and seed the same?");
  for (uint32_t r = 0; r < b->size; r++) {
    size_t good = 1;
    if (log->row_scores) good = fread((char *)b->out + r * b->out_stride, log->row_scores, 1, log->file);
    if (good && log->row_indices)
      good = fread((char *)b->out_index + r * b->out_index_stride, log->row_indices, 1, log->file);
    if (!good) return scorer_log_fail(log, "the log ends within an answer");
  }
  return 0;
}

/* ---- Recording: each call goes on to the inner scorer ---- */

static int32_t scorer_record_plan(void *data, anser_scorer_plan *plan) {
  const anser_scorer *inner = &((struct scorer_log *)data)->inner;
  return inner->plan ? inner->plan(inner->user_data, plan) : 0;
}
static int32_t scorer_record_alloc(void *data, size_t bytes, size_t align, void **out) {
  const anser_scorer *inner = &((struct scorer_log *)data)->inner;
  return inner->alloc(inner->user_data, bytes, align, out);
}
static void scorer_record_dealloc(void *data, void *memory, size_t bytes) {
  const anser_scorer *inner = &((struct scorer_log *)data)->inner;
  inner->dealloc(inner->user_data, memory, bytes);
}
static int32_t scorer_record_prepare(void *data, const anser_graph *graph, const anser_scorer_plan *plan,
                                     const anser_batch *slots, uint32_t num_slots) {
  struct scorer_log *log = (struct scorer_log *)data;
  scorer_log_plan(log, graph, plan);
  scorer_log_rows(log, plan);
  const int32_t answer = log->inner.prepare ? log->inner.prepare(log->inner.user_data, graph, plan, slots, num_slots) : 0;
  if (answer != 0) return answer;
  if (fwrite(log->head, sizeof log->head, 1, log->file) == 1) return 0;
  /* The library calls drain and release all the same. */
  return scorer_log_fail(log, "the log could not be written");
}
static int32_t scorer_record_submit(void *data, const anser_batch *batch) {
  struct scorer_log *log = (struct scorer_log *)data;
  const int32_t answer = log->inner.submit(log->inner.user_data, batch);
  return answer == 0 && !log->inner.collect ? scorer_log_write(log, batch) : answer;
}
static int32_t scorer_record_collect(void *data, const anser_batch *batch, uint64_t timeout_ns) {
  struct scorer_log *log = (struct scorer_log *)data;
  const int32_t answer = log->inner.collect(log->inner.user_data, batch, timeout_ns);
  return answer == ANSER_SCORER_DONE && scorer_log_write(log, batch) ? -1 : answer;
}
static int32_t scorer_record_drain(void *data) {
  const anser_scorer *inner = &((struct scorer_log *)data)->inner;
  return inner->drain ? inner->drain(inner->user_data) : 0;
}
static void scorer_record_release(void *data) {
  struct scorer_log *log = (struct scorer_log *)data;
  fflush(log->file);
  if (log->inner.release) log->inner.release(log->inner.user_data);
}
static const char *scorer_log_text(void *data) {
  const struct scorer_log *log = (struct scorer_log *)data;
  if (log->error) return log->error;
  return log->inner.error_text ? log->inner.error_text(log->inner.user_data) : NULL;
}
static void scorer_log_destroy(void *data) {
  struct scorer_log *log = (struct scorer_log *)data;
  if (log->inner.destroy) log->inner.destroy(log->inner.user_data);
  free(log);
}

static struct scorer_log *scorer_log_new(FILE *file, anser_scorer *out) {
  struct scorer_log *log = (struct scorer_log *)calloc(1, sizeof *log);
  if (log) log->file = file;
  memset(out, 0, sizeof *out);
  out->struct_size = sizeof *out;
  out->user_data = log;
  out->destroy = scorer_log_destroy;
  out->error_text = scorer_log_text;
  return log;
}

/* From here on `inner` is let go of by `out`. */
static inline int scorer_record(const anser_scorer *inner, FILE *file, anser_scorer *out) {
  struct scorer_log *log = scorer_log_new(file, out);
  if (!log) return -1;
  log->inner = *inner;
  out->plan = scorer_record_plan;
  if (inner->alloc) out->alloc = scorer_record_alloc;
  if (inner->dealloc) out->dealloc = scorer_record_dealloc;
  out->prepare = scorer_record_prepare;
  if (inner->submit) out->submit = scorer_record_submit;
  if (inner->collect) out->collect = scorer_record_collect;
  out->drain = scorer_record_drain;
  out->release = scorer_record_release;
  return 0;
}

/* ---- Replay ---- */

static int32_t scorer_replay_plan(void *data, anser_scorer_plan *plan) {
  const uint64_t *head = ((struct scorer_log *)data)->head;
  plan->num_slots = (uint32_t)head[3];
  plan->walkers_per_slot = (uint32_t)head[4];
  plan->k = (uint32_t)head[5];
  plan->flags = (uint32_t)head[6];
  plan->row_align = (uint32_t)head[7];
  plan->output = (int32_t)head[8];
  plan->dtype = (int32_t)head[9];
  plan->bit_order = head[10] ? ANSER_BIT_ORDER_VAR_MAJOR : ANSER_BIT_ORDER_WALKER_MAJOR;
  return 0;
}
static int32_t scorer_replay_prepare(void *data, const anser_graph *graph, const anser_scorer_plan *plan,
                                     const anser_batch *slots, uint32_t num_slots) {
  struct scorer_log *log = (struct scorer_log *)data;
  (void)slots, (void)num_slots;
  scorer_log_rows(log, plan);
  return graph->hash == log->head[1] ? 0 : scorer_log_fail(log, "the log is of another formula");
}
/* An answer is read when it is asked for: what was given up before is not in the log. */
static int32_t scorer_replay_submit(void *data, const anser_batch *batch) {
  struct scorer_log *log = (struct scorer_log *)data;
  return log->head[2] ? 0 : scorer_log_read(log, batch);
}
static int32_t scorer_replay_collect(void *data, const anser_batch *batch, uint64_t timeout_ns) {
  (void)timeout_ns;
  return scorer_log_read((struct scorer_log *)data, batch) ? -1 : ANSER_SCORER_DONE;
}

static inline int scorer_replay(FILE *file, anser_scorer *out) {
  struct scorer_log *log = scorer_log_new(file, out);
  if (!log) return -1;
  if (fread(log->head, sizeof log->head, 1, file) != 1 || log->head[0] != SCORER_LOG_MAGIC) {
    free(log);
    memset(out, 0, sizeof *out);
    return -1;
  }
  out->plan = scorer_replay_plan;
  out->prepare = scorer_replay_prepare;
  out->submit = scorer_replay_submit;
  if (log->head[2]) out->collect = scorer_replay_collect;
  return 0;
}

#endif
