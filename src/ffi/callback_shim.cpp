// Calls of a host's functions. A C++ exception must not reach Rust (it would end the process), so it ends here;
// who called is told through `threw`.
#include <cstddef>
#include <cstdint>

namespace {
template <class Body> void contained (int32_t *threw, Body body) {
  try {
    body ();
    *threw = 0;
  } catch (...) {
    *threw = 1;
  }
}
} // namespace

extern "C" {

int32_t anser_callback_report (int32_t (*call) (void *, const void *), void *user_data, const void *progress,
                               int32_t *threw) {
  int32_t answer = 0;
  contained (threw, [&] { answer = call (user_data, progress); });
  return answer;
}

void anser_callback_log (void (*call) (void *, int32_t, const char *), void *user_data, int32_t level,
                         const char *line, int32_t *threw) {
  contained (threw, [&] { call (user_data, level, line); });
}

int32_t anser_callback_write (int32_t (*call) (void *, const uint8_t *, size_t), void *user_data,
                              const uint8_t *bytes, size_t length, int32_t *threw) {
  int32_t answer = 0;
  contained (threw, [&] { answer = call (user_data, bytes, length); });
  return answer;
}

// Those of a propagator, by their arguments.
int32_t anser_callback_plain (int32_t (*call) (void *), void *user_data, int32_t *threw) {
  int32_t answer = 0;
  contained (threw, [&] { answer = call (user_data); });
  return answer;
}

int32_t anser_callback_level (int32_t (*call) (void *, size_t), void *user_data, size_t level, int32_t *threw) {
  int32_t answer = 0;
  contained (threw, [&] { answer = call (user_data, level); });
  return answer;
}

int32_t anser_callback_literal (int32_t (*call) (void *, int32_t), void *user_data, int32_t literal, int32_t *threw) {
  int32_t answer = 0;
  contained (threw, [&] { answer = call (user_data, literal); });
  return answer;
}

int32_t anser_callback_literals (int32_t (*call) (void *, const int32_t *, size_t), void *user_data,
                                 const int32_t *literals, size_t length, int32_t *threw) {
  int32_t answer = 0;
  contained (threw, [&] { answer = call (user_data, literals, length); });
  return answer;
}

int32_t anser_callback_proposal (int32_t (*call) (void *, int32_t *), void *user_data, int32_t *out_literal,
                                 int32_t *threw) {
  int32_t answer = 0;
  contained (threw, [&] { answer = call (user_data, out_literal); });
  return answer;
}

int32_t anser_callback_reason (int32_t (*call) (void *, int32_t, const int32_t **, size_t *), void *user_data,
                               int32_t literal, const int32_t **out_literals, size_t *out_length, int32_t *threw) {
  int32_t answer = 0;
  contained (threw, [&] { answer = call (user_data, literal, out_literals, out_length); });
  return answer;
}

int32_t anser_callback_check (int32_t (*call) (void *, const int32_t *, size_t, int32_t *), void *user_data,
                              const int32_t *literals, size_t length, int32_t *out_accept, int32_t *threw) {
  int32_t answer = 0;
  contained (threw, [&] { answer = call (user_data, literals, length, out_accept); });
  return answer;
}

int32_t anser_callback_clause (int32_t (*call) (void *, const int32_t **, size_t *, int32_t *), void *user_data,
                               const int32_t **out_literals, size_t *out_length, int32_t *out_forgettable,
                               int32_t *threw) {
  int32_t answer = 0;
  contained (threw, [&] { answer = call (user_data, out_literals, out_length, out_forgettable); });
  return answer;
}

int32_t anser_callback_solve (int32_t (*call) (void *, const void *, int32_t *, double *), void *user_data,
                              const void *question, int32_t *out_result, double *out_input, int32_t *threw) {
  int32_t answer = 0;
  contained (threw, [&] { answer = call (user_data, question, out_result, out_input); });
  return answer;
}

// Those of a scorer.
int32_t anser_callback_plan (int32_t (*call) (void *, void *), void *user_data, void *plan, int32_t *threw) {
  int32_t answer = 0;
  contained (threw, [&] { answer = call (user_data, plan); });
  return answer;
}

int32_t anser_callback_alloc (int32_t (*call) (void *, size_t, size_t, void **), void *user_data, size_t bytes,
                              size_t align, void **out, int32_t *threw) {
  int32_t answer = 0;
  contained (threw, [&] { answer = call (user_data, bytes, align, out); });
  return answer;
}

void anser_callback_dealloc (void (*call) (void *, void *, size_t), void *user_data, void *memory, size_t bytes,
                             int32_t *threw) {
  contained (threw, [&] { call (user_data, memory, bytes); });
}

int32_t anser_callback_prepare (int32_t (*call) (void *, const void *, const void *, const void *, uint32_t),
                                void *user_data, const void *graph, const void *plan, const void *slots,
                                uint32_t num_slots, int32_t *threw) {
  int32_t answer = 0;
  contained (threw, [&] { answer = call (user_data, graph, plan, slots, num_slots); });
  return answer;
}

int32_t anser_callback_collect (int32_t (*call) (void *, const void *, uint64_t), void *user_data, const void *batch,
                                uint64_t timeout_ns, int32_t *threw) {
  int32_t answer = 0;
  contained (threw, [&] { answer = call (user_data, batch, timeout_ns); });
  return answer;
}

const char *anser_callback_text (const char *(*call) (void *), void *user_data, int32_t *threw) {
  const char *answer = nullptr;
  contained (threw, [&] { answer = call (user_data); });
  return answer;
}

void anser_callback_destroy (void (*call) (void *), void *user_data, int32_t *threw) {
  contained (threw, [&] { call (user_data); });
}
}
