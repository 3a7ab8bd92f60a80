// What src/sat/cadical.rs calls. Every function but the destructor answers a code: 0 went well, 1 out of
// memory, 2 another C++ exception (its text behind anser_cadical_error). After 1 or 2 the solver must not be
// used again, not even deleted: CaDiCaL gives no guarantee about its state after an exception.
#ifndef ANSER_CADICAL_SHIM_HPP
#define ANSER_CADICAL_SHIM_HPP

#include <cstddef>
#include <cstdint>

extern "C" {

struct anser_cadical;

struct anser_cadical_option {
  const char *name;
  const char *doc;
  int32_t def, lo, hi;
};

// Called from inside solve; nonzero ends it. Must not unwind.
typedef int32_t (*anser_cadical_poll) (void *context);
// Takes bytes of a proof; nonzero means they could not be kept. Must not unwind.
typedef int32_t (*anser_cadical_sink) (void *context, const uint8_t *bytes, size_t length);

// What CaDiCaL says to propagators and asks them. `context` comes first; none may unwind. Arrays that are answered stay
// valid until the next call of the function that answered them.
struct anser_cadical_propagator {
  void (*assigned) (void *context, const int32_t *literals, size_t length);
  void (*new_level) (void *context);
  void (*backtrack) (void *context, size_t level);
  int32_t (*propagate) (void *context);
  void (*reason) (void *context, int32_t literal, const int32_t **out_literals, size_t *out_length);
  int32_t (*decide) (void *context);
  // 1 takes the model, 0 refuses it with a clause that comes next, -1 - l refuses it and goes back to level l.
  int32_t (*check) (void *context, const anser_cadical *, const int32_t *model, size_t length);
  int32_t (*next_clause) (void *context, const int32_t **out_literals, size_t *out_length, int32_t *out_forgettable);
  void (*fixed) (void *context, int32_t literal);
  void (*learned) (void *context, const int32_t *literals, size_t length);
  int32_t (*ended) (void *context); // nonzero ends the search
};

int32_t anser_cadical_new (anser_cadical **out);
void anser_cadical_delete (anser_cadical *);
const char *anser_cadical_error (const anser_cadical *);
// Name of an environment variable that would make CaDiCaL write files on its own, or null.
const char *anser_cadical_unwanted_environment ();

size_t anser_cadical_num_options ();
void anser_cadical_get_option (size_t index, anser_cadical_option *out);
int32_t anser_cadical_set_option (anser_cadical *, size_t index, int32_t value);

int32_t anser_cadical_proof (anser_cadical *, int32_t lrat, int32_t binary, int64_t original_clauses,
                             anser_cadical_sink, void *context);
int32_t anser_cadical_flush_proof (anser_cadical *, int32_t *out_failed);

int32_t anser_cadical_resize (anser_cadical *, int32_t max_var);
// Clause i is literals[ends[i-1]..ends[i]]; the first begins at `begin`.
int32_t anser_cadical_add (anser_cadical *, const int32_t *literals, size_t begin, const size_t *ends,
                           size_t clauses);
int32_t anser_cadical_phase (anser_cadical *, int32_t literal);
int32_t anser_cadical_unphase (anser_cadical *, int32_t literal);

// Connects propagators, all behind one table, or disconnects them where `calls` is null; both between searches only.
int32_t anser_cadical_connect (anser_cadical *, const anser_cadical_propagator *calls, void *context);
// Whether to tell of fixed literals, and up to which length of learned clauses. Only where propagators are connected.
int32_t anser_cadical_listen (anser_cadical *, int32_t fixed, size_t learned);
// Declared variables. Clauses that went when one of them was eliminated come back.
int32_t anser_cadical_observe (anser_cadical *, const int32_t *variables, size_t length);
int32_t anser_cadical_unobserve (anser_cadical *, const int32_t *variables, size_t length);
// Forgets the last answer and undoes every decision.
int32_t anser_cadical_retract (anser_cadical *);
// Inside `check` only: values of variables 1..length as 1 and -1.
int32_t anser_cadical_found (const anser_cadical *, int8_t *out, size_t length);

// Negative limits are none. `interrupt`, which may be null, is read atomically: not 0 makes the next look a poll. The
// answer of solve is 0, 10 or 20.
int32_t anser_cadical_solve (anser_cadical *, const int32_t *assumptions, size_t length, int64_t conflicts,
                             int64_t ticks, const uint8_t *interrupt, anser_cadical_poll, void *context,
                             int32_t *out_result);
// After 10: values of variables 1..length as 1 and -1.
int32_t anser_cadical_model (anser_cadical *, int8_t *out, size_t length);
// After 20: out[i] is 1 where assumption i is part of the core.
int32_t anser_cadical_failed (anser_cadical *, const int32_t *assumptions, size_t length, uint8_t *out);

size_t anser_cadical_num_statistics ();
const char *anser_cadical_statistic_name (size_t index);
const char *anser_cadical_statistic_doc (size_t index);
// May be called from inside poll.
void anser_cadical_statistics (const anser_cadical *, int64_t *out);
// Bytes that will be held at least, at first.
uint64_t anser_cadical_least_bytes (uint64_t variables, uint64_t clauses, uint64_t literals);
// Bytes held, estimated. Linear in the number of clauses. May be called from inside poll.
uint64_t anser_cadical_bytes (const anser_cadical *);
}

#endif
