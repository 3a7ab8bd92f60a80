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

void anser_callback_destroy (void (*call) (void *), void *user_data, int32_t *threw) {
  contained (threw, [&] { call (user_data); });
}
}
