// A C++ host that uses anser.h only, and whose functions throw: no exception may reach the library, end the process,
// or be printed; the call answers a status, and the handle answers one too.
//
// Prints `ok NAME` for every test that passes and `FAILED NAME: why` for one that does not; exits 1 then. Standard
// error is caught: that something was written to it is a failure. Writes into its first argument, a folder, or else
// into one of its own.
#include "anser.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace {

std::string folder;

struct failure {
  std::string why;
};

void expect(bool holds, const char *what, int line) {
  if (!holds) {
    throw failure{std::string(what) + " (line " + std::to_string(line) + "; last error: " + anser_last_error() + ")"};
  }
}
#define EXPECT(condition) expect((condition), #condition, __LINE__)
#define OK(call) expect((call) == ANSER_STATUS_OK, #call, __LINE__)

/** Derives from nothing, and is not trivial: a leaked exception object shows under valgrind. */
struct odd {
  std::string text = "an exception that is no std::exception, with text too long to be stored in place";
};

/** What a function throws. */
enum class kind { nothing, standard, number, odd_one };
constexpr kind kinds[] = {kind::standard, kind::number, kind::odd_one};

void raise(kind what) {
  switch (what) {
  case kind::nothing: return;
  case kind::standard: throw std::runtime_error("a std::exception");
  case kind::number: throw 42;
  case kind::odd_one: throw odd();
  }
}

/** A host's data. */
struct host {
  kind throws = kind::nothing;
  kind destroy_throws = kind::nothing;
  int throw_at = 0; // the first call that throws
  int only_phase = 0;
  int calls = 0;
  int destroyed = 0;
  std::string bytes;
};

int32_t report(void *user_data, const anser_progress *progress) {
  host &h = *static_cast<host *>(user_data);
  if (h.only_phase != 0 && progress->phase != h.only_phase) {
    return 0;
  }
  if (h.calls++ >= h.throw_at) {
    raise(h.throws);
  }
  return 0;
}

void log_line(void *user_data, int32_t, const char *) {
  host &h = *static_cast<host *>(user_data);
  if (h.calls++ >= h.throw_at) {
    raise(h.throws);
  }
}

int32_t write_bytes(void *user_data, const uint8_t *bytes, size_t length) {
  host &h = *static_cast<host *>(user_data);
  if (h.calls++ >= h.throw_at) {
    raise(h.throws);
  }
  h.bytes.append(reinterpret_cast<const char *>(bytes), length);
  return 0;
}

void destroy(void *user_data) {
  host &h = *static_cast<host *>(user_data);
  h.destroyed++;
  raise(h.destroy_throws);
}

anser_progress_callback progress_of(host &h) {
  anser_progress_callback made = ANSER_PROGRESS_CALLBACK_INIT;
  made.user_data = &h;
  made.report = report;
  made.destroy = destroy;
  return made;
}

anser_log_callback log_of(host &h) {
  anser_log_callback made = ANSER_LOG_CALLBACK_INIT;
  made.user_data = &h;
  made.log = log_line;
  made.destroy = destroy;
  return made;
}

anser_sink sink_of(host &h) {
  anser_sink made = ANSER_SINK_INIT;
  made.user_data = &h;
  made.write = write_bytes;
  made.destroy = destroy;
  return made;
}

int32_t take_model(void *user_data, const int8_t *values, size_t length) {
  host &h = *static_cast<host *>(user_data);
  h.bytes.append(length, values[0] > 0 ? '+' : '-');
  if (h.calls++ >= h.throw_at) {
    raise(h.throws);
  }
  return 0;
}

anser_model_callback model_of(host &h) {
  anser_model_callback made = ANSER_MODEL_CALLBACK_INIT;
  made.user_data = &h;
  made.model = take_model;
  made.destroy = destroy;
  return made;
}

int32_t take_sample(void *user_data, const uint64_t *words, size_t length) {
  host &h = *static_cast<host *>(user_data);
  h.bytes.append(length, words[0] % 2 != 0 ? '+' : '-');
  if (h.calls++ >= h.throw_at) {
    raise(h.throws);
  }
  return 0;
}

anser_sample_callback sample_of(host &h) {
  anser_sample_callback made = ANSER_SAMPLE_CALLBACK_INIT;
  made.user_data = &h;
  made.sample = take_sample;
  made.destroy = destroy;
  return made;
}

anser_formula *pigeonhole(int pigeons) {
  const int holes = pigeons - 1;
  anser_formula *f = nullptr;
  OK(anser_formula_new(&f));
  const auto in = [&](int p, int h) { return static_cast<int32_t>(p * holes + h + 1); };
  for (int p = 0; p < pigeons; p++) {
    std::vector<int32_t> somewhere;
    for (int h = 0; h < holes; h++) {
      somewhere.push_back(in(p, h));
    }
    OK(anser_formula_add_clause(f, somewhere.data(), somewhere.size(), nullptr));
  }
  for (int h = 0; h < holes; h++) {
    for (int p = 0; p < pigeons; p++) {
      for (int q = p + 1; q < pigeons; q++) {
        const int32_t clause[] = {-in(p, h), -in(q, h)};
        OK(anser_formula_add_clause(f, clause, 2, nullptr));
      }
    }
  }
  return f;
}

anser_solver *solver_of(int pigeons) {
  anser_formula *f = pigeonhole(pigeons);
  anser_solver *s = nullptr;
  OK(anser_solver_new(f, &s));
  anser_formula_free(f);
  return s;
}

/** A function of a scorer. */
enum class part { plan, alloc, dealloc, prepare, submit, collect, drain, release, error_text, destroy };
constexpr unsigned bit(part of) { return 1U << static_cast<unsigned>(of); }

/** A scorer to whom every variable is as good. */
struct scorer_data {
  kind throws = kind::nothing;
  unsigned parts = 0;     // those that throw
  int32_t refuses = 0;    // what submit answers
  bool is_silent = false; // it never has an answer
  int prepared = 0, drained = 0, released = 0, destroyed = 0;
  std::vector<void *> memory;

  static scorer_data &of(void *self) { return *static_cast<scorer_data *>(self); }
  void reach(part here) const {
    if ((parts & bit(here)) != 0) {
      raise(throws);
    }
  }
};

/** Keeps hold of what a lost device may still write to: it would seem to be leaked. */
const anser_graph *volatile lost_graphs[8];
const anser_batch *volatile lost_slots[8];
int lost = 0;

anser_scorer scorer_of(scorer_data &data) {
  anser_scorer made = ANSER_SCORER_INIT;
  made.user_data = &data;
  made.destroy = [](void *self) {
    scorer_data::of(self).destroyed++;
    scorer_data::of(self).reach(part::destroy);
  };
  made.plan = [](void *self, anser_scorer_plan *plan) {
    plan->num_slots = 1;
    scorer_data::of(self).reach(part::plan);
    return 0;
  };
  made.alloc = [](void *self, size_t bytes, size_t align, void **out) {
    scorer_data::of(self).reach(part::alloc);
    *out = std::aligned_alloc(align, (bytes + align - 1) / align * align);
    scorer_data::of(self).memory.push_back(*out);
    return 0;
  };
  made.dealloc = [](void *self, void *memory, size_t) {
    EXPECT(scorer_data::of(self).memory.size() == 1 && scorer_data::of(self).memory[0] == memory);
    scorer_data::of(self).memory.clear();
    std::free(memory);
    scorer_data::of(self).reach(part::dealloc);
  };
  made.prepare = [](void *self, const anser_graph *graph, const anser_scorer_plan *, const anser_batch *slots,
                    uint32_t) {
    scorer_data::of(self).prepared++;
    if ((scorer_data::of(self).parts & bit(part::drain)) != 0) {
      EXPECT(lost < 8);
      lost_graphs[lost] = graph;
      lost_slots[lost++] = slots;
    }
    scorer_data::of(self).reach(part::prepare);
    return 0;
  };
  made.submit = [](void *self, const anser_batch *batch) {
    scorer_data::of(self).reach(part::submit);
    std::memset(batch->out, 0, batch->size * batch->out_stride);
    return scorer_data::of(self).refuses;
  };
  made.collect = [](void *self, const anser_batch *, uint64_t) -> int32_t {
    scorer_data::of(self).reach(part::collect);
    return scorer_data::of(self).is_silent ? ANSER_SCORER_NOT_YET : ANSER_SCORER_DONE;
  };
  made.drain = [](void *self) {
    scorer_data::of(self).drained++;
    scorer_data::of(self).reach(part::drain);
    return 0;
  };
  made.release = [](void *self) {
    scorer_data::of(self).released++;
    scorer_data::of(self).reach(part::release);
  };
  made.error_text = [](void *self) -> const char * {
    scorer_data::of(self).reach(part::error_text);
    return "out of order";
  };
  return made;
}

/** A search for at most 20 flips, in vain; null where it cannot be made. */
anser_search *search_with(scorer_data &data, anser_status wanted) {
  anser_formula *f = pigeonhole(5);
  const anser_scorer scorer = scorer_of(data);
  const anser_scorer *const scorers[] = {&scorer};
  anser_search_options options = ANSER_SEARCH_OPTIONS_INIT;
  options.tries = 1;
  options.flips = 20;
  anser_search *search = nullptr;
  EXPECT(anser_search_new_with_scorers(f, &options, scorers, 1, nullptr, &search) == wanted);
  EXPECT((search == nullptr) == (wanted != ANSER_STATUS_OK));
  anser_formula_free(f);
  return search;
}

bool said(const char *text) { return std::strstr(anser_last_error(), text) != nullptr; }

// ---------------------------------------------------------------------------------------------------------- tests

void progress_of_a_search() {
  for (const kind what : kinds) {
    for (const int32_t phase : {ANSER_PHASE_LOAD, ANSER_PHASE_SEARCH}) {
      host h;
      h.throws = what;
      h.only_phase = phase;
      anser_solver *s = solver_of(7);
      anser_budget *b = nullptr;
      OK(anser_budget_new(&b));
      const anser_progress_callback callback = progress_of(h);
      OK(anser_budget_set_progress(b, &callback, 0.0));
      anser_result result = static_cast<anser_result>(99);
      EXPECT(anser_solver_solve(s, nullptr, 0, b, &result) == ANSER_STATUS_CALLBACK_FAILED);
      EXPECT(result == 99 && h.calls == 1); // no output, and not called again
      EXPECT(said("anser_solver_solve") && said("exception"));
      anser_stop_reason reason = static_cast<anser_stop_reason>(99);
      OK(anser_solver_get_stop_reason(s, &reason));
      EXPECT(reason == ANSER_STOP_REASON_CALLBACK);
      int32_t code = 99;
      OK(anser_solver_get_callback_code(s, &code));
      EXPECT(code == INT32_MIN);
      // The solver is as good as before: the search throws again, then is let finish.
      if (phase == ANSER_PHASE_SEARCH) {
        EXPECT(anser_solver_solve(s, nullptr, 0, b, &result) == ANSER_STATUS_CALLBACK_FAILED);
      }
      OK(anser_solver_solve(s, nullptr, 0, nullptr, &result));
      EXPECT(result == ANSER_RESULT_UNSAT);
      EXPECT(h.destroyed == 0);
      anser_budget_free(b);
      EXPECT(h.destroyed == 1);
      anser_solver_free(s);
    }
  }
}

void log_of_a_search() {
  for (const kind what : kinds) {
    host h;
    h.throws = what;
    anser_solver *s = solver_of(6);
    const anser_log_callback callback = log_of(h);
    OK(anser_solver_set_log(s, &callback, ANSER_LOG_LEVEL_DEBUG));
    anser_result result = static_cast<anser_result>(99);
    EXPECT(anser_solver_solve(s, nullptr, 0, nullptr, &result) == ANSER_STATUS_CALLBACK_FAILED);
    EXPECT(result == 99 && h.calls >= 1);
    OK(anser_solver_set_log(s, nullptr, ANSER_LOG_LEVEL_DEBUG));
    EXPECT(h.destroyed == 1);
    OK(anser_solver_solve(s, nullptr, 0, nullptr, &result));
    EXPECT(result == ANSER_RESULT_UNSAT);
    anser_solver_free(s);
    EXPECT(h.destroyed == 1);
  }
}

/** A callback may use other handles: what it does there must not hide an exception of an earlier callback. */
int32_t report_that_calls(void *user_data, const anser_progress *) {
  host &h = *static_cast<host *>(user_data);
  h.calls++;
  anser_formula *f = nullptr;
  const anser_status made = anser_formula_new(&f);
  anser_formula_free(f);
  return made == ANSER_STATUS_OK ? 0 : 1;
}

void log_line_that_throws_once(void *user_data, int32_t, const char *) {
  host &h = *static_cast<host *>(user_data);
  if (h.calls++ == 0) {
    raise(h.throws);
  }
}

void other_calls_do_not_hide_an_exception() {
  host throwing;
  throwing.throws = kind::odd_one;
  host calling;
  anser_solver *s = solver_of(8);
  anser_log_callback log = log_of(throwing);
  log.log = log_line_that_throws_once; // at the line about the loaded clauses
  OK(anser_solver_set_log(s, &log, ANSER_LOG_LEVEL_DEBUG));
  anser_budget *b = nullptr;
  OK(anser_budget_new(&b));
  anser_progress_callback callback = progress_of(calling);
  callback.report = report_that_calls; // while searching
  OK(anser_budget_set_progress(b, &callback, 0.0));
  OK(anser_budget_set_conflict_limit(b, 50));
  anser_result result = static_cast<anser_result>(99);
  const anser_status status = anser_solver_solve(s, nullptr, 0, b, &result);
  anser_budget_free(b);
  anser_solver_free(s);
  EXPECT(throwing.calls >= 1 && calling.calls >= 2);
  EXPECT(status == ANSER_STATUS_CALLBACK_FAILED && result == 99);
}

void sink_of_a_proof() {
  for (const kind what : kinds) {
    for (const int32_t format : {ANSER_PROOF_FORMAT_DRAT, ANSER_PROOF_FORMAT_LRAT_BINARY}) {
      host h;
      h.throws = what;
      anser_solver *s = solver_of(7);
      const anser_sink sink = sink_of(h);
      OK(anser_solver_set_proof_sink(s, format, &sink));
      anser_result result = static_cast<anser_result>(99);
      EXPECT(anser_solver_solve(s, nullptr, 0, nullptr, &result) == ANSER_STATUS_CALLBACK_FAILED);
      EXPECT(result == 99 && h.calls == 1 && *anser_last_error() != 0); // no more bytes come
      // The proof has a hole now: every solve says so.
      EXPECT(anser_solver_solve(s, nullptr, 0, nullptr, &result) == ANSER_STATUS_IO && h.calls == 1);
      anser_solver_free(s);
      EXPECT(h.destroyed == 1);
    }
  }
}

void sink_of_a_formula() {
  for (const kind what : kinds) {
    host h;
    h.throws = what;
    anser_formula *f = pigeonhole(6);
    const anser_sink sink = sink_of(h);
    EXPECT(anser_formula_write_dimacs_sink(f, &sink, nullptr) == ANSER_STATUS_CALLBACK_FAILED);
    EXPECT(h.destroyed == 1 && h.calls == 1);
    h.throws = kind::nothing;
    OK(anser_formula_write_dimacs_sink(f, &sink, nullptr));
    EXPECT(h.destroyed == 2 && h.bytes.find("p cnf") != std::string::npos);
    anser_formula_free(f);
  }
}

void progress_of_reading_and_writing() {
  std::string text = "p cnf 2 300000\n";
  for (int i = 0; i < 300000; i++) {
    text += "1 2 0\n";
  }
  const auto *bytes = reinterpret_cast<const uint8_t *>(text.data());
  for (const kind what : kinds) {
    host h;
    h.throws = what;
    anser_budget *b = nullptr;
    OK(anser_budget_new(&b));
    const anser_progress_callback callback = progress_of(h);
    OK(anser_budget_set_progress(b, &callback, 0.0));
    anser_formula *f = nullptr;
    EXPECT(anser_formula_read_dimacs_memory(bytes, text.size(), b, &f) == ANSER_STATUS_CALLBACK_FAILED);
    EXPECT(f == nullptr && h.calls == 1);
    OK(anser_formula_read_dimacs_memory(bytes, text.size(), nullptr, &f));
    const std::string path = folder + "/throwing-test.cnf";
    EXPECT(anser_formula_write_dimacs(f, path.c_str(), b) == ANSER_STATUS_CALLBACK_FAILED);
    EXPECT(h.calls == 2);
    struct stat there;
    EXPECT(stat(path.c_str(), &there) != 0); // the file appears only when it is whole
    host s;
    const anser_sink sink = sink_of(s);
    EXPECT(anser_formula_write_dimacs_sink(f, &sink, b) == ANSER_STATUS_CALLBACK_FAILED);
    EXPECT(s.destroyed == 1);
    anser_formula_free(f);
    anser_budget_free(b);
    EXPECT(h.destroyed == 1);
  }
}

void destroys() {
  for (const kind what : kinds) {
    host h;
    h.destroy_throws = what;
    anser_budget *b = nullptr;
    OK(anser_budget_new(&b));
    const anser_progress_callback callback = progress_of(h);
    OK(anser_budget_set_progress(b, &callback, 0.0));
    OK(anser_budget_set_progress(b, &callback, 0.0)); // lets go of the first
    EXPECT(h.destroyed == 1);
    EXPECT(anser_budget_set_progress(b, &callback, -1.0) == ANSER_STATUS_INVALID_ARGUMENT);
    EXPECT(h.destroyed == 2);
    anser_budget_free(b);
    EXPECT(h.destroyed == 3);

    anser_solver *s = solver_of(4);
    const anser_log_callback log = log_of(h);
    OK(anser_solver_set_log(s, &log, ANSER_LOG_LEVEL_INFO));
    EXPECT(anser_solver_set_log(s, &log, 77) == ANSER_STATUS_INVALID_ARGUMENT);
    EXPECT(h.destroyed == 4);
    const anser_sink sink = sink_of(h);
    OK(anser_solver_set_proof_sink(s, ANSER_PROOF_FORMAT_DRAT, &sink));
    anser_result result = static_cast<anser_result>(99);
    OK(anser_solver_solve(s, nullptr, 0, nullptr, &result));
    EXPECT(result == ANSER_RESULT_UNSAT);
    anser_solver_free(s);
    EXPECT(h.destroyed == 6);

    anser_formula *f = pigeonhole(3);
    OK(anser_formula_write_dimacs_sink(f, &sink, nullptr)); // every byte arrived
    EXPECT(h.destroyed == 7);
    anser_formula_free(f);
  }
}

void models_of_an_enumeration() {
  for (const kind what : kinds) {
    for (const kind then : {kind::nothing, what}) {
      host h;
      h.throws = what;
      h.throw_at = 4;
      h.destroy_throws = then;
      anser_formula *f = nullptr;
      OK(anser_formula_new(&f));
      OK(anser_formula_ensure_vars(f, 5));
      anser_enumerator *e = nullptr;
      OK(anser_enumerator_new(f, &e));
      anser_formula_free(f);
      const anser_model_callback callback = model_of(h);
      anser_enumeration end = static_cast<anser_enumeration>(99);
      EXPECT(anser_enumerator_run(e, UINT64_MAX, nullptr, &callback, &end) == ANSER_STATUS_CALLBACK_FAILED);
      EXPECT(std::strstr(anser_last_error(), "anser_enumerator_run: a callback") != nullptr);
      EXPECT(end == 99 && h.calls == 5 && h.destroyed == 1 && std::uncaught_exceptions() == 0);
      uint64_t told = 0;
      OK(anser_enumerator_num_models(e, &told));
      EXPECT(told == 5); // the model that was thrown at counts
      h.throws = kind::nothing;
      OK(anser_enumerator_run(e, UINT64_MAX, nullptr, &callback, &end)); // and it goes on
      EXPECT(end == ANSER_ENUMERATION_COMPLETE && h.calls == 32 && h.destroyed == 2);
      anser_enumerator_free(e);
    }
    // Progress functions inside every call that looks for models.
    host h;
    h.throws = what;
    anser_formula *f = pigeonhole(8);
    anser_enumerator *e = nullptr;
    OK(anser_enumerator_new(f, &e));
    anser_formula_free(f);
    anser_budget *b = nullptr;
    OK(anser_budget_new(&b));
    const anser_progress_callback progress = progress_of(h);
    OK(anser_budget_set_progress(b, &progress, 0.0));
    anser_enumeration end = static_cast<anser_enumeration>(99);
    std::size_t models = 99;
    std::vector<int8_t> room(8 * 7);
    EXPECT(anser_enumerator_next(e, b, &end) == ANSER_STATUS_CALLBACK_FAILED);
    EXPECT(anser_enumerator_next_models(e, b, room.data(), 1, &models, &end) == ANSER_STATUS_CALLBACK_FAILED);
    host taker;
    const anser_model_callback callback = model_of(taker);
    EXPECT(anser_enumerator_run(e, 1, b, &callback, &end) == ANSER_STATUS_CALLBACK_FAILED);
    EXPECT(end == 99 && models == 0 && taker.calls == 0 && taker.destroyed == 1);
    anser_budget_free(b);
    anser_enumerator_free(e);
  }
}

void samples_of_a_stream() {
  for (const kind what : kinds) {
    host h;
    h.throws = what;
    h.throw_at = 4;
    anser_formula *f = nullptr;
    OK(anser_formula_new(&f));
    OK(anser_formula_ensure_vars(f, 12));
    anser_sampler *s = nullptr;
    OK(anser_sampler_new(f, nullptr, &s));
    anser_formula_free(f);
    const anser_sample_callback callback = sample_of(h);
    anser_sampling end = static_cast<anser_sampling>(99);
    EXPECT(anser_sampler_run(s, UINT64_MAX, nullptr, &callback, &end) == ANSER_STATUS_CALLBACK_FAILED);
    EXPECT(std::strstr(anser_last_error(), "anser_sampler_run: a callback") != nullptr);
    EXPECT(end == 99 && h.calls == 5 && h.destroyed == 1 && std::uncaught_exceptions() == 0);
    anser_sampler_statistics made = ANSER_SAMPLER_STATISTICS_INIT;
    OK(anser_sampler_get_statistics(s, &made));
    EXPECT(made.samples == 5); // the sample that was thrown at counts
    h.throws = kind::nothing;
    OK(anser_sampler_run(s, 7, nullptr, &callback, &end)); // and it goes on
    EXPECT(end == ANSER_SAMPLING_SAMPLE && h.calls == 12 && h.destroyed == 2);
    anser_sampler_free(s);
  }
  // Progress functions inside every call that draws or counts.
  host h;
  h.throws = kind::odd_one;
  anser_formula *f = pigeonhole(8);
  anser_sampler *s = nullptr;
  anser_counter *c = nullptr;
  OK(anser_sampler_new(f, nullptr, &s));
  OK(anser_counter_new(f, nullptr, &c));
  anser_formula_free(f);
  anser_budget *b = nullptr;
  OK(anser_budget_new(&b));
  const anser_progress_callback progress = progress_of(h);
  OK(anser_budget_set_progress(b, &progress, 0.0));
  anser_sampling end = static_cast<anser_sampling>(99);
  anser_counting counted = static_cast<anser_counting>(99);
  std::size_t samples = 99;
  uint64_t room = 0;
  EXPECT(anser_sampler_next(s, b, &end) == ANSER_STATUS_CALLBACK_FAILED);
  EXPECT(anser_sampler_next_samples(s, b, &room, 1, &samples, &end) == ANSER_STATUS_CALLBACK_FAILED);
  EXPECT(anser_counter_run(c, b, &counted) == ANSER_STATUS_CALLBACK_FAILED);
  EXPECT(end == 99 && samples == 0 && counted == 99);
  const uint32_t input[] = {20, 20};
  const uint32_t output[] = {6, 6};
  const uint32_t channels[] = {1, 2, 3, 4};
  anser_arch_description description = ANSER_ARCH_DESCRIPTION_INIT;
  description.num_dimensions = 2;
  description.input = input;
  description.output = output;
  description.min_layers = description.max_layers = 3;
  description.channels = channels;
  description.num_channels = 4;
  description.max_parameters = 3000;
  anser_arch_space *space = nullptr;
  OK(anser_arch_space_new(&description, &space));
  const char *count = nullptr;
  uint32_t layers = 0;
  uint32_t kernels[6] = {};
  uint32_t strides[6] = {};
  anser_arch_members members = ANSER_ARCH_MEMBERS_INIT;
  members.num_members = 1;
  members.layers = &layers;
  members.kernels = kernels;
  members.strides = strides;
  EXPECT(anser_arch_space_count(space, b, &count) == ANSER_STATUS_CALLBACK_FAILED && count == nullptr);
  EXPECT(anser_arch_space_draw(space, ANSER_ARCH_METHOD_UNIGEN, 0, b, &members, &samples) ==
         ANSER_STATUS_CALLBACK_FAILED);
  anser_arch_space_free(space);
  anser_budget_free(b);
  anser_sampler_free(s);
  anser_counter_free(c);
}

/** Where a scorer throws while a search is made, all is undone. */
void scorers_while_a_search_is_made() {
  const struct {
    part where;
    const char *text;
  } places[] = {{part::plan, "plan threw"}, {part::alloc, "alloc threw"}, {part::prepare, "prepare threw"}};
  for (const kind what : kinds) {
    for (const auto &place : places) {
      for (const unsigned others : {0U, bit(part::release) | bit(part::dealloc) | bit(part::destroy)}) {
        scorer_data data;
        data.throws = what;
        data.parts = bit(place.where) | others;
        search_with(data, ANSER_STATUS_CALLBACK_FAILED);
        EXPECT(said("anser_search_new_with_scorers: scorer 0") && said(place.text) && said("exception"));
        EXPECT(data.prepared == (place.where == part::prepare ? 1 : 0) && data.memory.empty());
        EXPECT(data.drained == data.prepared && data.released == data.prepared && data.destroyed == 1);
        EXPECT(std::uncaught_exceptions() == 0 && std::current_exception() == nullptr);
      }
    }
  }
}

/** Where a scorer throws while a search runs, the search can only be looked at and freed. */
void scorers_while_a_search_runs() {
  const struct {
    part where;
    const char *text;
  } places[] = {{part::submit, "submit threw"}, {part::collect, "collect threw"}};
  for (const kind what : kinds) {
    for (const auto &place : places) {
      for (const unsigned others : {0U, bit(part::release) | bit(part::dealloc) | bit(part::destroy)}) {
        scorer_data data;
        data.throws = what;
        data.parts = bit(place.where) | others;
        anser_search *search = search_with(data, ANSER_STATUS_OK);
        anser_search_end end = ANSER_SEARCH_END_REFUTED;
        EXPECT(anser_search_run(search, nullptr, &end) == ANSER_STATUS_CALLBACK_FAILED);
        EXPECT(said("anser_search_run: scorer 0") && said(place.text) && end == ANSER_SEARCH_END_REFUTED);
        int32_t code = 99;
        OK(anser_search_get_callback_code(search, &code));
        EXPECT(code == INT32_MIN && data.drained == 1);
        data.parts = others;
        EXPECT(anser_search_run(search, nullptr, &end) == ANSER_STATUS_INVALID_STATE);
        anser_search_statistics statistics = ANSER_SEARCH_STATISTICS_INIT;
        OK(anser_search_get_statistics(search, &statistics));
        EXPECT(statistics.tries == 1 && std::uncaught_exceptions() == 0);
        anser_search_free(search);
        EXPECT(data.drained == 2 && data.released == 1 && data.destroyed == 1 && data.memory.empty());
      }
    }
  }
}

void drain_of_a_scorer() {
  for (const kind what : kinds) {
    scorer_data data;
    data.throws = what;
    data.parts = bit(part::drain);
    data.is_silent = true;
    anser_search *search = search_with(data, ANSER_STATUS_OK);
    anser_budget *b = nullptr;
    OK(anser_budget_new(&b));
    OK(anser_budget_set_time_limit(b, 0.01));
    anser_search_end end = ANSER_SEARCH_END_REFUTED;
    EXPECT(anser_search_run(search, b, &end) == ANSER_STATUS_CALLBACK_FAILED && said("drain threw"));
    EXPECT(end == ANSER_SEARCH_END_REFUTED && data.drained == 1);
    int32_t code = 99;
    OK(anser_search_get_callback_code(search, &code));
    EXPECT(code == INT32_MIN);
    EXPECT(anser_search_run(search, b, &end) == ANSER_STATUS_INVALID_STATE);
    anser_budget_free(b);
    anser_search_free(search); // where it throws again
    EXPECT(data.drained == 2 && data.released == 1 && data.destroyed == 1);
    EXPECT(data.memory.size() == 1); // is not handed back
    std::free(data.memory[0]);
  }
}

/** What is thrown where nobody could be told is ignored. */
void scorers_that_end() {
  for (const kind what : kinds) {
    scorer_data data;
    data.throws = what;
    data.parts = bit(part::release) | bit(part::dealloc) | bit(part::destroy) | bit(part::error_text);
    anser_search *search = search_with(data, ANSER_STATUS_OK);
    anser_search_end end = ANSER_SEARCH_END_REFUTED;
    OK(anser_search_run(search, nullptr, &end));
    EXPECT(end == ANSER_SEARCH_END_OVER && data.destroyed == 0);
    anser_search_free(search);
    EXPECT(data.released == 1 && data.destroyed == 1 && data.memory.empty());
    EXPECT(std::uncaught_exceptions() == 0 && std::current_exception() == nullptr);
  }
}

/** A scorer that says what is wrong, or throws when it is asked to. */
void error_text_of_a_scorer() {
  for (const kind what : {kind::nothing, kind::standard, kind::number, kind::odd_one}) {
    scorer_data data;
    data.throws = what;
    data.parts = bit(part::error_text);
    data.refuses = 5;
    anser_search *search = search_with(data, ANSER_STATUS_OK);
    anser_search_end end = ANSER_SEARCH_END_REFUTED;
    EXPECT(anser_search_run(search, nullptr, &end) == ANSER_STATUS_CALLBACK_FAILED && said("submit answered 5"));
    EXPECT(said("out of order") == (what == kind::nothing));
    int32_t code = 99;
    OK(anser_search_get_callback_code(search, &code));
    EXPECT(code == 5);
    anser_search_free(search);
    EXPECT(data.destroyed == 1 && data.memory.empty());
  }
}

void no_exception_is_left_over() {
  host h;
  h.throws = kind::odd_one;
  anser_solver *s = solver_of(6);
  anser_budget *b = nullptr;
  OK(anser_budget_new(&b));
  const anser_progress_callback callback = progress_of(h);
  OK(anser_budget_set_progress(b, &callback, 0.0));
  anser_result result = static_cast<anser_result>(99);
  EXPECT(anser_solver_solve(s, nullptr, 0, b, &result) == ANSER_STATUS_CALLBACK_FAILED);
  EXPECT(std::uncaught_exceptions() == 0 && std::current_exception() == nullptr);
  uint32_t vars = 0;
  OK(anser_solver_num_vars(s, &vars)); // the next call knows nothing of it
  EXPECT(*anser_last_error() == 0);
  try {
    throw odd();
  } catch (const odd &) { // a library call amid a host's own handler
    EXPECT(anser_solver_solve(s, nullptr, 0, b, &result) == ANSER_STATUS_CALLBACK_FAILED);
    try {
      throw;
    } catch (const odd &own) {
      EXPECT(own.text.size() > 10);
    }
  }
  anser_solver_free(s);
  anser_budget_free(b);
}

} // namespace

int main(int argc, char **argv) {
  char own[] = "/tmp/anser-throwing-XXXXXX";
  const char *const there = argc > 1 ? argv[1] : mkdtemp(own);
  if (there == nullptr) {
    std::perror("FAILED main: mkdtemp");
    return 1;
  }
  folder = there;
  const struct {
    const char *name;
    void (*run)();
  } tests[] = {
      {"progress_of_a_search", progress_of_a_search},
      {"log_of_a_search", log_of_a_search},
      {"other_calls_do_not_hide_an_exception", other_calls_do_not_hide_an_exception},
      {"sink_of_a_proof", sink_of_a_proof},
      {"sink_of_a_formula", sink_of_a_formula},
      {"progress_of_reading_and_writing", progress_of_reading_and_writing},
      {"destroys", destroys},
      {"models_of_an_enumeration", models_of_an_enumeration},
      {"samples_of_a_stream", samples_of_a_stream},
      {"scorers_while_a_search_is_made", scorers_while_a_search_is_made},
      {"scorers_while_a_search_runs", scorers_while_a_search_runs},
      {"drain_of_a_scorer", drain_of_a_scorer},
      {"scorers_that_end", scorers_that_end},
      {"error_text_of_a_scorer", error_text_of_a_scorer},
      {"no_exception_is_left_over", no_exception_is_left_over},
  };
  // Standard error goes to a file meanwhile.
  const std::string caught = folder + "/throwing-test.stderr";
  std::fflush(stderr);
  const int before = dup(2);
  const int file = open(caught.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (before < 0 || file < 0 || dup2(file, 2) < 0) {
    std::printf("FAILED main: standard error cannot be caught in %s\n", folder.c_str());
    return 1;
  }
  int failed = 0;
  for (const auto &test : tests) {
    try {
      test.run();
      std::printf("ok %s\n", test.name);
      continue;
    } catch (const failure &f) {
      std::printf("FAILED %s: %s\n", test.name, f.why.c_str());
    } catch (...) {
      std::printf("FAILED %s: an exception came through the library\n", test.name);
    }
    failed++;
  }
  struct stat written;
  const bool silent = fstat(file, &written) == 0 && written.st_size == 0;
  dup2(before, 2);
  close(before);
  close(file);
  if (silent) {
    std::remove(caught.c_str());
    std::printf("ok nothing_is_printed\n");
  } else {
    std::printf("FAILED nothing_is_printed: see %s\n", caught.c_str());
    failed++;
  }
  if (argc <= 1) {
    rmdir(own); // unless there is something to see in it
  }
  return failed == 0 ? 0 : 1;
}
