/* What the tests of the C ABI share. Include it first: it asks for POSIX.
 *
 * A test is a function `static void name(void)` run by RUN(name), which prints `ok FILE: name`, or `FAILED FILE: name`
 * after a line for each expectation that did not hold. `return report();` ends main. */
#ifndef ANSER_CHECK_H
#define ANSER_CHECK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <anser.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_VAR INT32_C(1073741823) /* 2^30 - 1 */
#define COUNT(array) (sizeof(array) / sizeof *(array))
#define UNUSED __attribute__((unused))

static int check_run, check_failed, check_bad;

#define RUN(test) check_report(#test, __FILE__, test)
static UNUSED void check_report(const char *name, const char *file, void (*test)(void)) {
  const char *base = strrchr(file, '/');
  check_bad = 0;
  test();
  check_run++;
  check_failed += check_bad != 0;
  printf("%s %s: %s\n", check_bad ? "FAILED" : "ok", base ? base + 1 : file, name);
  fflush(stdout);
}
static UNUSED int report(void) {
  if (check_failed) printf("%d of %d checks failed\n", check_failed, check_run);
  return check_failed != 0 || check_run == 0;
}

#define CHECK(condition) check_that((condition) ? true : false, __FILE__, __LINE__, #condition)
static UNUSED bool check_that(bool holds, const char *file, int line, const char *what) {
  if (!holds) {
    check_bad++;
    printf("  %s:%d: does not hold: %s   [last error: %s]\n", file, line, what, anser_last_error());
    fflush(stdout);
  }
  return holds;
}

/* The call answers OK and leaves the error slot empty. */
#define OK(call) check_ok((call), __FILE__, __LINE__, #call)
static UNUSED bool check_ok(anser_status status, const char *file, int line, const char *what) {
  if (status != ANSER_STATUS_OK) {
    check_bad++;
    printf("  %s:%d: %s answered %s: %s\n", file, line, what, anser_status_name(status), anser_last_error());
    fflush(stdout);
    return false;
  }
  return check_that(anser_last_error()[0] == 0 && anser_last_error_line() == 0 && anser_last_error_column() == 0 &&
                        anser_last_error_index() == -1 && anser_last_error_stop_reason() == ANSER_STOP_REASON_SOLVED,
                    file, line, "the error slot is empty after success");
}

/* The call fails with this status, and the last error begins with the function's name and holds both needles. */
#define FAILS(status, call, first, second) check_fails((status), (call), __FILE__, __LINE__, #call, (first), (second))
static UNUSED bool check_fails(anser_status wanted, anser_status got, const char *file, int line, const char *what,
                               const char *first, const char *second) {
  size_t name = strcspn(what, " (");
  const char *text = anser_last_error();
  bool good = true;
  if (got != wanted) {
    printf("  %s:%d: %s answered %s, not %s: %s\n", file, line, what, anser_status_name(got),
           anser_status_name(wanted), text);
    good = false;
  } else if (strncmp(text, what, name) != 0 || text[name] != ':') {
    printf("  %s:%d: %s: the last error does not begin with the function's name: %s\n", file, line, what, text);
    good = false;
  } else if (!strstr(text, first) || !strstr(text, second)) {
    printf("  %s:%d: %s: the last error lacks \"%s\" or \"%s\": %s\n", file, line, what, first, second, text);
    good = false;
  }
  check_bad += !good;
  fflush(stdout);
  return good;
}
#define NULL_ARGUMENT(call, name) FAILS(ANSER_STATUS_NULL_ARGUMENT, call, name, "NULL")
#define INVALID(call, first, second) FAILS(ANSER_STATUS_INVALID_ARGUMENT, call, first, second)
#define SHORT(call, first, second) FAILS(ANSER_STATUS_BUFFER_TOO_SMALL, call, first, second)
#define STATE(call, first) FAILS(ANSER_STATUS_INVALID_STATE, call, first, "")

/* xorshift64*, so that every run is the same. */
static uint64_t check_random = 88172645463325252u;
static UNUSED uint64_t random_next(void) {
  check_random ^= check_random >> 12;
  check_random ^= check_random << 25;
  check_random ^= check_random >> 27;
  return check_random * UINT64_C(2685821657736338717);
}
static UNUSED uint32_t random_below(uint32_t n) { return (uint32_t)((random_next() >> 33) % n); }

static UNUSED double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static UNUSED anser_formula *new_formula(void) {
  anser_formula *formula = NULL;
  OK(anser_formula_new(&formula));
  return formula;
}
static UNUSED anser_budget *new_budget(void) {
  anser_budget *budget = NULL;
  OK(anser_budget_new(&budget));
  return budget;
}
static UNUSED anser_solver *new_solver(const anser_formula *formula) {
  anser_solver *solver = NULL;
  OK(anser_solver_new(formula, &solver));
  return solver;
}

/* add(formula, 1, -2, 0): one clause. */
#define ADD(formula, ...) add_clause((formula), (const int32_t[]){__VA_ARGS__, 0})
static UNUSED void add_clause(anser_formula *formula, const int32_t *literals) {
  size_t n = 0;
  while (literals[n]) n++;
  OK(anser_formula_add_clause(formula, literals, n, NULL));
}

/* n + 1 pigeons in n holes: unsatisfiable, and hard for resolution. */
static UNUSED anser_formula *pigeons(int n) {
  anser_formula *formula = new_formula();
  int32_t clause[64];
  for (int p = 0; p <= n; p++) {
    for (int h = 0; h < n; h++) clause[h] = p * n + h + 1;
    anser_formula_add_clause(formula, clause, (size_t)n, NULL);
  }
  for (int h = 0; h < n; h++)
    for (int p = 0; p <= n; p++)
      for (int q = 0; q < p; q++) {
        clause[0] = -(p * n + h + 1);
        clause[1] = -(q * n + h + 1);
        anser_formula_add_clause(formula, clause, 2, NULL);
      }
  return formula;
}

/* Random 3-SAT, added in bulk. NULL where memory is short. */
static UNUSED anser_formula *random_3sat(uint32_t vars, size_t clauses, uint64_t seed) {
  anser_formula *formula = NULL;
  int32_t *literals = malloc(3 * clauses * sizeof *literals);
  size_t *offsets = malloc((clauses + 1) * sizeof *offsets);
  check_random = seed * 2 + 88172645463325253u;
  if (literals && offsets) {
    for (size_t i = 0; i < clauses; i++) {
      offsets[i] = 3 * i;
      int32_t *c = literals + 3 * i;
      do
        for (int j = 0; j < 3; j++) {
          int32_t v = (int32_t)random_below(vars) + 1;
          c[j] = random_next() >> 63 ? v : -v;
        }
      while (abs(c[0]) == abs(c[1]) || abs(c[0]) == abs(c[2]) || abs(c[1]) == abs(c[2]));
    }
    offsets[clauses] = 3 * clauses;
    if (anser_formula_new(&formula) == ANSER_STATUS_OK &&
        anser_formula_add_clauses(formula, literals, 3 * clauses, offsets, clauses, NULL) != ANSER_STATUS_OK) {
      anser_formula_free(formula);
      formula = NULL;
    }
  }
  free(literals);
  free(offsets);
  return formula;
}

/* A host's data behind every kind of callback. */
struct host {
  int calls, destroyed;
  int32_t answer;    /* what report and write answer */
  int answer_after;  /* ... after so many calls */
  char *text;        /* what write was given */
  size_t length, capacity;
  anser_progress last;
  int32_t worst_level;
};
static UNUSED void host_destroy(void *data) { ((struct host *)data)->destroyed++; }
static UNUSED int32_t host_report(void *data, const anser_progress *progress) {
  struct host *host = data;
  host->last = *progress;
  return host->calls++ >= host->answer_after ? host->answer : 0;
}
static UNUSED int32_t host_write(void *data, const uint8_t *bytes, size_t length) {
  struct host *host = data;
  if (host->calls++ >= host->answer_after && host->answer) return host->answer;
  if (host->length + length + 1 > host->capacity) {
    host->capacity = 2 * (host->length + length + 1);
    host->text = realloc(host->text, host->capacity);
    if (!host->text) abort();
  }
  memcpy(host->text + host->length, bytes, length);
  host->length += length;
  host->text[host->length] = 0;
  return 0;
}
static UNUSED void host_log(void *data, int32_t level, const char *line) {
  struct host *host = data;
  if (level > host->worst_level) host->worst_level = level;
  if (strchr(line, '\n')) host->answer = 1;
  host->calls++;
}
static UNUSED void host_clear(struct host *host) {
  free(host->text);
  memset(host, 0, sizeof *host);
}
static UNUSED anser_progress_callback progress_to(struct host *host) {
  anser_progress_callback callback = ANSER_PROGRESS_CALLBACK_INIT;
  callback.user_data = host;
  callback.report = host_report;
  callback.destroy = host_destroy;
  return callback;
}
static UNUSED anser_sink sink_to(struct host *host) {
  anser_sink sink = ANSER_SINK_INIT;
  sink.user_data = host;
  sink.write = host_write;
  sink.destroy = host_destroy;
  return sink;
}
static UNUSED anser_log_callback log_to(struct host *host) {
  anser_log_callback callback = ANSER_LOG_CALLBACK_INIT;
  callback.user_data = host;
  callback.log = host_log;
  callback.destroy = host_destroy;
  return callback;
}

/* A name in the directory for temporary files; gone when the test removes it. Valid until called with this n again. */
static UNUSED const char *temporary(int n, const char *ending) {
  static char names[4][256];
  const char *folder = getenv("TMPDIR");
  snprintf(names[n], sizeof names[n], "%s/anser-test-%ld-%d%s", folder && *folder ? folder : "/tmp", (long)getpid(), n,
           ending);
  return names[n];
}
static UNUSED char *read_whole(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  char *text = malloc(1 << 24);
  if (!text) abort();
  *length = fread(text, 1, (1 << 24) - 1, file);
  text[*length] = 0;
  fclose(file);
  return text;
}
#endif
