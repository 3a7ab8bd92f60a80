/*
 * Anser: an embeddable solver engine. The C++17 layer over anser.h: header-only, nothing to link beside the C library.
 *
 * HANDLES. anser::formula, anser::solver, anser::budget and anser::interrupt each own one handle of the C library and
 * free it. They move and do not copy (a formula has clone()). get() lends the C handle, release() gives it away, and a
 * constructor takes one over. A handle that was moved from or released can be destroyed and assigned to; whatever else
 * is asked of it throws an error with ANSER_STATUS_INVALID_STATE. Handles may be destroyed in any order.
 *
 * ERRORS. What a C function answers with a status other than ANSER_STATUS_OK, the function here throws as anser::error,
 * with the text, line, column, index and stop reason that the library tells of it. How a *search* ended is no error:
 * solve() answers anser::result::unknown where its budget ended it. Containers may throw std::bad_alloc.
 *
 * CALLBACKS are std::functions. A std::function handed over is moved or copied to where the library keeps it, and is
 * destroyed when the library lets go of it: when another is set, or with the handle, or at once where registering
 * failed. Each says on which calls it runs; it runs on the thread inside that call, and, where several threads make
 * such calls at once, at once on each. From inside it, the handle at work answers ANSER_STATUS_INVALID_STATE.
 *
 * EXCEPTIONS FROM CALLBACKS. A callback may throw anything. The exception does not cross the library: the adapter
 * catches it, keeps it with std::exception_ptr, and tells the library to stop; when the library has come back, the call
 * of this header that the callback ran inside rethrows it, instead of whatever it would have answered or thrown.
 *   - A progress function, a sink or a propagator that throws ends the call at once. A log function has no say over the call: it goes
 *     on to its next report of progress, if its budget has a progress function, else to its end.
 *   - After one exception no callback runs any more in that call; the first exception is the one that is rethrown.
 *   - The handle stays usable as the C library says: a solver can solve again, unless its proof sink refused bytes or a
 *     propagator's reason() threw.
 *     After a progress function threw, stop_reason() is stop_reason::callback.
 *   - Where no call of this header is under way - a C function was called on get(), a destructor runs, or the call was
 *     made by another shared library that hides its own copy of this header - there is nobody to rethrow: then the
 *     exception ends in the library, which answers ANSER_STATUS_CALLBACK_FAILED if it can answer at all.
 *
 * THREADS. As in anser.h: const members of one object may be called from several threads at once, others by one thread
 * at a time. anser::interrupt may be used from anywhere, trigger() and is_triggered() from a signal handler as well.
 */

#ifndef ANSER_HPP
#define ANSER_HPP

#include "anser.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace anser {

/** How a search ended. */
enum class result : std::int32_t {
  /** The budget ended it: see solver::stop_reason(). */
  unknown = ANSER_RESULT_UNKNOWN,
  /** There is a model, and it was checked. */
  sat = ANSER_RESULT_SAT,
  /** There is none under the assumptions. */
  unsat = ANSER_RESULT_UNSAT
};

/** Why a search or another long call ended. */
enum class stop_reason : std::int32_t {
  /** It finished. */
  solved = ANSER_STOP_REASON_SOLVED,
  /** The wall-clock limit ran out. */
  time = ANSER_STOP_REASON_TIME,
  /** The deterministic work limit ran out. */
  work = ANSER_STOP_REASON_WORK,
  /** The conflict limit ran out. */
  conflicts = ANSER_STOP_REASON_CONFLICTS,
  /** The interrupt token was triggered. */
  interrupted = ANSER_STOP_REASON_INTERRUPTED,
  /** A callback answered nonzero, or threw. */
  callback = ANSER_STOP_REASON_CALLBACK
};

/** The format of a proof of unsatisfiability. */
enum class proof_format : std::int32_t {
  /** DRAT as text. */
  drat = ANSER_PROOF_FORMAT_DRAT,
  /** LRAT as text. */
  lrat = ANSER_PROOF_FORMAT_LRAT,
  /** DRAT, binary. */
  drat_binary = ANSER_PROOF_FORMAT_DRAT_BINARY,
  /** LRAT, binary. */
  lrat_binary = ANSER_PROOF_FORMAT_LRAT_BINARY
};

/** How important a line of a log is; less important is greater. */
enum class log_level : std::int32_t {
  /** Something is not as it should be. */
  warning = ANSER_LOG_LEVEL_WARNING,
  /** A step of a call. */
  info = ANSER_LOG_LEVEL_INFO,
  /** Details. */
  debug = ANSER_LOG_LEVEL_DEBUG
};

/** What the library is at. A newer library may be at something that is not named here. */
enum class phase : std::int32_t {
  /** Reading a file. */
  read = ANSER_PHASE_READ,
  /** Handing constraints to a backend. */
  load = ANSER_PHASE_LOAD,
  /** Searching or simplifying. */
  search = ANSER_PHASE_SEARCH,
  /** Writing a file. */
  write = ANSER_PHASE_WRITE,
  /** Checking a model. */
  check = ANSER_PHASE_CHECK
};

/** The enumerator's name, such as "sat"; "?" for a value that is none. Static. */
inline const char *to_string(result value) noexcept {
  switch (value) {
  case result::unknown: return "unknown";
  case result::sat: return "sat";
  case result::unsat: return "unsat";
  }
  return "?";
}

/** The enumerator's name, such as "time"; "?" for a value that is none. Static. */
inline const char *to_string(stop_reason value) noexcept {
  switch (value) {
  case stop_reason::solved: return "solved";
  case stop_reason::time: return "time";
  case stop_reason::work: return "work";
  case stop_reason::conflicts: return "conflicts";
  case stop_reason::interrupted: return "interrupted";
  case stop_reason::callback: return "callback";
  }
  return "?";
}

/** The enumerator's name, such as "search"; "?" for a value that is none. Static. */
inline const char *to_string(phase value) noexcept {
  switch (value) {
  case phase::read: return "read";
  case phase::load: return "load";
  case phase::search: return "search";
  case phase::write: return "write";
  case phase::check: return "check";
  }
  return "?";
}

/** The enumerator's name, such as "info"; "?" for a value that is none. Static. */
inline const char *to_string(log_level value) noexcept {
  switch (value) {
  case log_level::warning: return "warning";
  case log_level::info: return "info";
  case log_level::debug: return "debug";
  }
  return "?";
}

/**
 * A call that failed. what() names the function, the argument and the offending value; for files also name, line and
 * column. Copying does not throw.
 */
class error : public std::runtime_error {
public:
  /** An error as the library would tell it; for hosts that raise their own. */
  error(anser_status status, const std::string &what) : std::runtime_error(what), status_(status) {}

  /** What the library tells of the last call of this thread, which answered `status`. */
  static error last(anser_status status) {
    error made(status, anser_last_error());
    made.line_ = anser_last_error_line();
    made.column_ = anser_last_error_column();
    made.index_ = anser_last_error_index();
    made.stop_ = static_cast<stop_reason>(anser_last_error_stop_reason());
    return made;
  }

  /** The status: never ANSER_STATUS_OK. */
  anser_status status() const noexcept { return status_; }
  /** The status's name, such as "ANSER_STATUS_PARSE". Static. */
  const char *status_name() const noexcept { return anser_status_name(status_); }
  /** The line, from 1, that it is about; 0 if it is about none. */
  std::uint64_t line() const noexcept { return line_; }
  /** The column, from 1, in bytes, that it is about; 0 if it is about none. */
  std::uint64_t column() const noexcept { return column_; }
  /** The index, from 0, in the array argument that it is about; -1 if it is about none. */
  std::int64_t index() const noexcept { return index_; }
  /** With ANSER_STATUS_STOPPED: what ended the call; stop_reason::solved with any other. */
  stop_reason stop() const noexcept { return stop_; }

private:
  anser_status status_;
  std::uint64_t line_ = 0;
  std::uint64_t column_ = 0;
  std::int64_t index_ = -1;
  stop_reason stop_ = stop_reason::solved;
};

/** How far a call is. Counters count from when the object at work was made. */
struct progress {
  /** What is being done. */
  anser::phase phase;
  /** Seconds since the call began. */
  double seconds;
  /** Units done: bytes read or written, constraints loaded. */
  std::uint64_t done;
  /** Units in all; 0 where that is unknown. */
  std::uint64_t total;
  /** Conflicts of the search. */
  std::uint64_t conflicts;
  /** Decisions of the search. */
  std::uint64_t decisions;
  /** Literals propagated by the search. */
  std::uint64_t propagations;
  /** Irredundant clauses that are left. */
  std::uint64_t irredundant;
  /** Learned clauses that are kept. */
  std::uint64_t redundant;
  /** Variables fixed at the root. */
  std::uint64_t fixed;
};

/**
 * Told of progress. Answers 0 to go on; anything else ends the call, with stop_reason::callback, and is kept for
 * solver::callback_code(). May throw: see the head of this file.
 */
using progress_function = std::function<std::int32_t(const progress &)>;

/** Takes one line of a log, without a line end, valid until it returns. May throw: see the head of this file. */
using log_function = std::function<void(log_level, const char *line)>;

/**
 * Takes `length` bytes, valid until it returns; pieces come in order. What cannot be taken it answers by throwing: no
 * more come, and the call rethrows. See the head of this file.
 */
using sink_function = std::function<void(const std::uint8_t *bytes, std::size_t length)>;

/** A clause that a propagator gives. */
struct external_clause {
  /** Its literals, of observed variables. */
  std::vector<std::int32_t> literals;
  /** Whether the solver may forget it when it seems of little use. */
  bool forgettable = false;
};

/**
 * A part of the search that knows constraints which are not clauses, for solver::add_propagator(). See anser_propagator
 * for what each function is told and must answer. An empty function is not called, and costs nothing. All may throw, which
 * ends the solve: see the head of this file. After reason() threw, the solver can only be destroyed.
 */
struct propagator {
  /** These literals became true on the current level. */
  std::function<void(const std::int32_t *literals, std::size_t count)> notify_assignment;
  /** A new level begins. */
  std::function<void()> notify_new_level;
  /** All above this level is undone. */
  std::function<void(std::size_t level)> notify_backtrack;
  /** An open literal to decide on, or 0. */
  std::function<std::int32_t()> decide;
  /** A literal that follows, or 0; asked again until it is 0. Needs `reason`. */
  std::function<std::int32_t()> propagate;
  /** Why a propagated literal follows: a clause with it, all others of which were false before. */
  std::function<std::vector<std::int32_t>(std::int32_t literal)> reason;
  /** Whether an assignment of all observed variables is right. Needs `next_clause`, which then gives a false clause. */
  std::function<bool(const std::int32_t *literals, std::size_t count)> check_model;
  /** A clause that follows, or none; asked again until there is none. */
  std::function<std::optional<external_clause>()> next_clause;
  /** This literal holds in every model. */
  std::function<void(std::int32_t literal)> fixed;
  /** The solver learned this clause. */
  std::function<void(const std::int32_t *literals, std::size_t count)> learned;
  /** The longest clause that `learned` is called with. */
  std::size_t max_learned = 0;
};

/**
 * Clauses in bulk, in the form in which formula::add_clauses() and solver::add_clauses() take them: clause i is
 * literals[offsets[i]] .. literals[offsets[i + 1] - 1].
 */
struct clause_list {
  /** All literals. */
  std::vector<std::int32_t> literals;
  /** One more than there are clauses: from 0, not decreasing, the last one literals.size(). */
  std::vector<std::size_t> offsets;
};

/** Counts of a formula. */
struct formula_statistics {
  /** Variables, used or not. */
  std::uint64_t variables;
  /** Clauses. */
  std::uint64_t clauses;
  /** Literals of all clauses. */
  std::uint64_t literals;
  /** Clauses without a literal. */
  std::uint64_t empty;
  /** Clauses of one literal. */
  std::uint64_t unit;
  /** Clauses of two literals. */
  std::uint64_t binary;
  /** Clauses of three literals. */
  std::uint64_t ternary;
  /** Literals of the longest clause. */
  std::uint64_t longest;
  /** Bytes held. */
  std::uint64_t bytes;
};

/** One option of a solver. */
struct option {
  /** Its name. */
  std::string name;
  /** What it does. */
  std::string doc;
  /** Its value if nothing is said. All options are integers; one with the range 0..1 is a switch. */
  std::int64_t default_value;
  /** The least value. */
  std::int64_t min_value;
  /** The greatest value. */
  std::int64_t max_value;
};

/** One statistic of a solver, and its value. */
struct statistic {
  /** Its name. */
  std::string name;
  /** What it counts. */
  std::string doc;
  /** How many, since the solver was made. */
  std::int64_t value;
};

/** Version of the library at run time: major * 1000000 + minor * 1000 + patch. */
inline std::uint32_t version_number() noexcept { return anser_version_number(); }

/** Version of the library at run time, such as "0.1.0". Static. */
inline const char *version_string() noexcept { return anser_version_string(); }

/**
 * Whether a program compiled against version `header` may run with version `library`: the same major version, and no
 * older minor one; before 1.0 the same minor version.
 */
constexpr bool is_compatible(std::uint32_t header, std::uint32_t library) noexcept {
  const std::uint32_t header_minor = header / 1000 % 1000;
  const std::uint32_t library_minor = library / 1000 % 1000;
  return header / 1000000 == library / 1000000 &&
         (header / 1000000 == 0 ? header_minor == library_minor : header_minor <= library_minor);
}

/**
 * Throws an error with ANSER_STATUS_UNSUPPORTED where the library at run time does not fit the header that this was
 * compiled with. To be called once, at the start of a program.
 */
inline void check_version() {
  if (!is_compatible(ANSER_VERSION_NUMBER, anser_version_number())) {
    throw error(ANSER_STATUS_UNSUPPORTED, "anser::check_version: compiled for version " +
                                              std::to_string(ANSER_VERSION_MAJOR) + "." +
                                              std::to_string(ANSER_VERSION_MINOR) + "." +
                                              std::to_string(ANSER_VERSION_PATCH) + ", running with " +
                                              anser_version_string());
  }
}

/** What is below is no part of the interface. */
namespace detail {

/** Throws where `status` is an error. */
inline void check(anser_status status) {
  if (status != ANSER_STATUS_OK) {
    throw error::last(status);
  }
}

/**
 * One call that may run callbacks, with what they threw. Calls nest: a callback may make calls on other handles.
 * Callbacks run on the thread that is inside the call, so that the innermost scope of the thread is theirs.
 */
class call_scope {
public:
  call_scope() noexcept : outer_(innermost()) { innermost() = this; }
  call_scope(const call_scope &) = delete;
  call_scope &operator=(const call_scope &) = delete;
  ~call_scope() { innermost() = outer_; }

  static call_scope *&innermost() noexcept {
    static thread_local call_scope *scope = nullptr;
    return scope;
  }

  /** Whether a callback of this call threw. */
  bool threw() const noexcept { return thrown_ != nullptr; }
  /** To be called inside a catch block. */
  void keep() noexcept { thrown_ = std::current_exception(); }

  /** Rethrows what a callback threw; else throws where `status` is an error. */
  void finish(anser_status status) {
    if (thrown_ != nullptr) {
      std::rethrow_exception(std::exchange(thrown_, nullptr));
    }
    check(status);
  }

private:
  call_scope *outer_;
  std::exception_ptr thrown_;
};

/** Makes a call that may run callbacks. */
template <class Call> void call(Call &&make) {
  call_scope scope;
  const anser_status status = make();
  scope.finish(status);
}

/**
 * Runs a host's function: true where it came back. Without a scope exceptions go on to the library, which catches them.
 */
template <class Body> bool contained(Body &&body) {
  call_scope *const scope = call_scope::innermost();
  if (scope == nullptr) {
    body();
    return true;
  }
  if (scope->threw()) {
    return false;
  }
  try {
    body();
    return true;
  } catch (...) {
    scope->keep();
    return false;
  }
}

/** What a callback that threw answers, so that the library stops. */
constexpr std::int32_t stop_code = INT32_MIN;

inline std::int32_t report(void *user_data, const anser_progress *p) {
  std::int32_t answer = stop_code;
  contained([&] {
    const progress seen{static_cast<phase>(p->phase), p->seconds,   p->done,      p->total, p->conflicts, p->decisions,
                        p->propagations,              p->irredundant, p->redundant, p->fixed};
    answer = (*static_cast<const progress_function *>(user_data))(seen);
  });
  return answer;
}

inline void log(void *user_data, std::int32_t level, const char *line) {
  contained([&] { (*static_cast<const log_function *>(user_data))(static_cast<log_level>(level), line); });
}

inline std::int32_t write(void *user_data, const std::uint8_t *bytes, std::size_t length) {
  return contained([&] { (*static_cast<const sink_function *>(user_data))(bytes, length); }) ? 0 : stop_code;
}

template <class Function> void destroy(void *user_data) { delete static_cast<Function *>(user_data); }

/**
 * Registers a function: `make` is handed the pointer that becomes user_data. From then on it is the library's, which
 * destroys it also where it fails, but where it could not read the struct.
 */
template <class Function, class Make> void hand_over(Function &&function, Make &&make) {
  auto owned = std::make_unique<std::decay_t<Function>>(std::forward<Function>(function));
  call([&] {
    const anser_status status = make(static_cast<void *>(owned.get()));
    if (status != ANSER_STATUS_BAD_STRUCT_SIZE) {
      static_cast<void>(owned.release());
    }
    return status;
  });
}

inline anser_sink sink_struct(void *user_data) noexcept {
  anser_sink sink = ANSER_SINK_INIT;
  sink.user_data = user_data;
  sink.write = write;
  sink.destroy = destroy<sink_function>;
  return sink;
}

/** A propagator, and the clause that it answered last. */
struct propagator_host {
  propagator functions;
  std::vector<std::int32_t> clause;

  static propagator_host &of(void *user_data) { return *static_cast<propagator_host *>(user_data); }
  template <class Body> static std::int32_t run(Body &&body) {
    return contained(std::forward<Body>(body)) ? 0 : stop_code;
  }

  static std::int32_t notify_assignment(void *self, const std::int32_t *literals, std::size_t count) {
    return run([&] { of(self).functions.notify_assignment(literals, count); });
  }
  static std::int32_t notify_new_level(void *self) {
    return run([&] { of(self).functions.notify_new_level(); });
  }
  static std::int32_t notify_backtrack(void *self, std::size_t level) {
    return run([&] { of(self).functions.notify_backtrack(level); });
  }
  static std::int32_t decide(void *self, std::int32_t *literal) {
    return run([&] { *literal = of(self).functions.decide(); });
  }
  static std::int32_t propagate(void *self, std::int32_t *literal) {
    return run([&] { *literal = of(self).functions.propagate(); });
  }
  static std::int32_t reason(void *self, std::int32_t literal, const std::int32_t **literals, std::size_t *count) {
    return run([&] {
      of(self).clause = of(self).functions.reason(literal);
      *literals = of(self).clause.data();
      *count = of(self).clause.size();
    });
  }
  static std::int32_t check_model(void *self, const std::int32_t *literals, std::size_t count, std::int32_t *accept) {
    return run([&] { *accept = of(self).functions.check_model(literals, count) ? 1 : 0; });
  }
  static std::int32_t next_clause(void *self, const std::int32_t **literals, std::size_t *count,
                                  std::int32_t *forgettable) {
    static const std::int32_t none = 0; // where an empty clause is: a vector's may be nowhere
    return run([&] {
      std::optional<external_clause> given = of(self).functions.next_clause();
      if (given) {
        of(self).clause = std::move(given->literals);
        *literals = of(self).clause.empty() ? &none : of(self).clause.data();
        *count = of(self).clause.size();
        *forgettable = given->forgettable ? 1 : 0;
      }
    });
  }
  static std::int32_t fixed(void *self, std::int32_t literal) {
    return run([&] { of(self).functions.fixed(literal); });
  }
  static std::int32_t learned(void *self, const std::int32_t *literals, std::size_t count) {
    return run([&] { of(self).functions.learned(literals, count); });
  }
};

inline anser_propagator propagator_struct(void *user_data) noexcept {
  const propagator &has = propagator_host::of(user_data).functions;
  anser_propagator made = ANSER_PROPAGATOR_INIT;
  made.user_data = user_data;
  made.destroy = destroy<propagator_host>;
  made.notify_assignment = has.notify_assignment ? propagator_host::notify_assignment : nullptr;
  made.notify_new_level = has.notify_new_level ? propagator_host::notify_new_level : nullptr;
  made.notify_backtrack = has.notify_backtrack ? propagator_host::notify_backtrack : nullptr;
  made.decide = has.decide ? propagator_host::decide : nullptr;
  made.propagate = has.propagate ? propagator_host::propagate : nullptr;
  made.reason = has.reason ? propagator_host::reason : nullptr;
  made.check_model = has.check_model ? propagator_host::check_model : nullptr;
  made.next_clause = has.next_clause ? propagator_host::next_clause : nullptr;
  made.fixed = has.fixed ? propagator_host::fixed : nullptr;
  made.learned = has.learned ? propagator_host::learned : nullptr;
  made.max_learned = has.max_learned;
  return made;
}

/** A text as C takes it. */
inline const char *text(const std::string &value, const char *function) {
  if (value.find('\0') != std::string::npos) {
    throw error(ANSER_STATUS_INVALID_ARGUMENT, std::string(function) + ": the text has a NUL inside");
  }
  return value.c_str();
}

/** Owns a C handle. */
template <class C, void (*Free)(C *)> class handle {
public:
  /** Takes over a handle of the C library; NULL makes one that is as if moved from. */
  explicit handle(C *raw) noexcept : raw_(raw) {}
  handle(const handle &) = delete;
  handle &operator=(const handle &) = delete;
  handle(handle &&other) noexcept : raw_(other.release()) {}
  handle &operator=(handle &&other) noexcept {
    if (this != &other) {
      Free(std::exchange(raw_, other.release()));
    }
    return *this;
  }
  ~handle() { Free(raw_); }

  /** The C handle, which stays owned by this object; NULL after a move or a release. */
  C *get() noexcept { return raw_; }
  /** The C handle for functions that only read. */
  const C *get() const noexcept { return raw_; }
  /** The C handle, which the caller frees from now on. */
  C *release() noexcept { return std::exchange(raw_, nullptr); }
  /** False after a move or a release. */
  explicit operator bool() const noexcept { return raw_ != nullptr; }

protected:
  /** The handle, there for sure. */
  C *mine(const char *function) const {
    if (raw_ == nullptr) {
      throw error(ANSER_STATUS_INVALID_STATE, std::string(function) + ": the handle was moved from or released");
    }
    return raw_;
  }

private:
  C *raw_;
};

} // namespace detail

/**
 * A token that ends the calls it was given to, with a budget, from another thread or a signal handler. Sticky: once
 * triggered it ends every call that it is given to, until it is reset. Every member but moves may be called from any
 * thread at any time.
 */
class interrupt : public detail::handle<anser_interrupt, anser_interrupt_free> {
public:
  using handle::handle;
  /** A token that is not triggered. */
  interrupt() : handle(make()) {}

  /** Ends what this token was given to. Async-signal-safe. Does nothing after a move or a release. */
  void trigger() const noexcept { anser_interrupt_trigger(get()); }
  /** Makes a triggered token usable again. */
  void reset() const { detail::check(anser_interrupt_reset(mine("anser::interrupt::reset"))); }
  /** Whether it was triggered since the last reset. Async-signal-safe. False after a move or a release. */
  bool is_triggered() const noexcept { return anser_interrupt_is_triggered(get()) != 0; }

private:
  static anser_interrupt *make() {
    anser_interrupt *raw = nullptr;
    detail::check(anser_interrupt_new(&raw));
    return raw;
  }
};

/**
 * What a call may take. A new one has no limits and seed 0. Limits count from the start of each call that is given the
 * budget; several calls may use one budget at once. Setters answer the budget itself, so that they can be chained.
 */
class budget : public detail::handle<anser_budget, anser_budget_free> {
public:
  using handle::handle;
  /** A budget without limits, with seed 0. */
  budget() : handle(make()) {}

  /** Wall-clock seconds a call may take; infinity for no limit. */
  budget &set_time_limit(double seconds) {
    detail::check(anser_budget_set_time_limit(mine("anser::budget::set_time_limit"), seconds));
    return *this;
  }
  /** Wall-clock time a call may take. */
  template <class Rep, class Period> budget &set_time_limit(std::chrono::duration<Rep, Period> time) {
    return set_time_limit(std::chrono::duration<double>(time).count());
  }
  /** Units of work a call may take, deterministically; UINT64_MAX for no limit. See anser_budget_set_work_limit. */
  budget &set_work_limit(std::uint64_t units) {
    detail::check(anser_budget_set_work_limit(mine("anser::budget::set_work_limit"), units));
    return *this;
  }
  /** Conflicts that a search may meet; UINT64_MAX for no limit. */
  budget &set_conflict_limit(std::uint64_t conflicts) {
    detail::check(anser_budget_set_conflict_limit(mine("anser::budget::set_conflict_limit"), conflicts));
    return *this;
  }
  /** Bytes that the object at work may hold; UINT64_MAX for no limit. See anser_budget_set_memory_limit. */
  budget &set_memory_limit(std::uint64_t bytes) {
    detail::check(anser_budget_set_memory_limit(mine("anser::budget::set_memory_limit"), bytes));
    return *this;
  }
  /** The seed of every random decision. */
  budget &set_seed(std::uint64_t seed) {
    detail::check(anser_budget_set_seed(mine("anser::budget::set_seed"), seed));
    return *this;
  }
  /** The token that ends calls. The budget keeps a reference: the token may be destroyed at once. */
  budget &set_interrupt(const interrupt &token) {
    anser_budget *const self = mine("anser::budget::set_interrupt");
    if (!token) {
      throw error(ANSER_STATUS_INVALID_STATE, "anser::budget::set_interrupt: the token was moved from or released");
    }
    detail::check(anser_budget_set_interrupt(self, token.get()));
    return *this;
  }
  /** No token ends calls any more. */
  budget &clear_interrupt() {
    detail::check(anser_budget_set_interrupt(mine("anser::budget::clear_interrupt"), nullptr));
    return *this;
  }
  /**
   * The function that is told of progress, at most once in `every_seconds`; an empty one for none. It runs inside the
   * calls that are given this budget.
   */
  budget &set_progress(progress_function function, double every_seconds = 1.0) {
    anser_budget *const self = mine("anser::budget::set_progress");
    if (!function) {
      return clear_progress();
    }
    detail::hand_over(std::move(function), [&](void *user_data) {
      anser_progress_callback callback = ANSER_PROGRESS_CALLBACK_INIT;
      callback.user_data = user_data;
      callback.report = detail::report;
      callback.destroy = detail::destroy<progress_function>;
      return anser_budget_set_progress(self, &callback, every_seconds);
    });
    return *this;
  }
  /** The function that is told of progress, at most once in `every`. */
  template <class Rep, class Period>
  budget &set_progress(progress_function function, std::chrono::duration<Rep, Period> every) {
    return set_progress(std::move(function), std::chrono::duration<double>(every).count());
  }
  /** Nobody is told of progress any more. */
  budget &clear_progress() {
    detail::check(anser_budget_set_progress(mine("anser::budget::clear_progress"), nullptr, 0.0));
    return *this;
  }

private:
  friend class formula;
  friend class solver;

  static anser_budget *make() {
    anser_budget *raw = nullptr;
    detail::check(anser_budget_new(&raw));
    return raw;
  }
};

/**
 * A formula in conjunctive normal form: variables 1..num_vars(), and clauses of literals in DIMACS convention (v for a
 * variable, -v for its negation). Where a budget can be given, it limits the call; its progress function and token are
 * asked while the call is under way, and what it ends throws an error with ANSER_STATUS_STOPPED.
 */
class formula : public detail::handle<anser_formula, anser_formula_free> {
public:
  using handle::handle;
  /** An empty formula. */
  formula() : handle(make([](anser_formula **out) { return anser_formula_new(out); }).release()) {}

  /** Reads DIMACS CNF from a file, plain or compressed. See anser_formula_read_dimacs. */
  static formula read_dimacs(const std::string &path) { return read(path, nullptr); }
  /** Reads DIMACS CNF from a file, within a budget. */
  static formula read_dimacs(const std::string &path, const budget &limits) {
    return read(path, limits.mine("anser::formula::read_dimacs"));
  }
  /** Reads DIMACS CNF from memory. */
  static formula parse_dimacs(const std::string &text) { return parse(text.data(), text.size(), nullptr); }
  /** Reads DIMACS CNF from memory, within a budget. */
  static formula parse_dimacs(const std::string &text, const budget &limits) {
    return parse(text.data(), text.size(), limits.mine("anser::formula::parse_dimacs"));
  }
  /** Reads DIMACS CNF from `length` bytes of memory, plain or compressed. */
  static formula parse_dimacs(const std::uint8_t *bytes, std::size_t length) { return parse(bytes, length, nullptr); }
  /** Reads DIMACS CNF from `length` bytes of memory, plain or compressed, within a budget. */
  static formula parse_dimacs(const std::uint8_t *bytes, std::size_t length, const budget &limits) {
    return parse(bytes, length, limits.mine("anser::formula::parse_dimacs"));
  }

  /** A copy, independent of the original; clauses are shared until one of the two is changed. */
  formula clone() const {
    const anser_formula *const self = mine("anser::formula::clone");
    return make([&](anser_formula **out) { return anser_formula_clone(self, out); });
  }

  /** Bytes that the formula may hold from now on; UINT64_MAX for no limit. */
  void set_memory_limit(std::uint64_t bytes) {
    detail::check(anser_formula_set_memory_limit(mine("anser::formula::set_memory_limit"), bytes));
  }

  /** How many variables there are: the largest that was mentioned or asked for. */
  std::uint32_t num_vars() const {
    std::uint32_t count = 0;
    detail::check(anser_formula_num_vars(mine("anser::formula::num_vars"), &count));
    return count;
  }
  /** How many clauses there are. Their ids are 0..num_clauses()-1. */
  std::uint64_t num_clauses() const {
    std::uint64_t count = 0;
    detail::check(anser_formula_num_clauses(mine("anser::formula::num_clauses"), &count));
    return count;
  }
  /** How many literals all clauses have together. */
  std::uint64_t num_literals() const {
    std::uint64_t count = 0;
    detail::check(anser_formula_num_literals(mine("anser::formula::num_literals"), &count));
    return count;
  }

  /** A fresh variable. */
  std::int32_t new_var() { return new_vars(1); }
  /** `count` fresh variables: the first of them is answered, the others follow it. */
  std::int32_t new_vars(std::uint32_t count) {
    std::int32_t first = 0;
    detail::check(anser_formula_new_vars(mine("anser::formula::new_vars"), count, &first));
    return first;
  }
  /** Makes sure that the variables 1..max_var exist. */
  void ensure_vars(std::uint32_t max_var) {
    detail::check(anser_formula_ensure_vars(mine("anser::formula::ensure_vars"), max_var));
  }

  /** Adds a clause, kept as written, and answers its id. Variables that do not exist yet come into being. */
  std::uint64_t add_clause(const std::int32_t *literals, std::size_t num_literals) {
    std::uint64_t id = 0;
    detail::check(anser_formula_add_clause(mine("anser::formula::add_clause"), literals, num_literals, &id));
    return id;
  }
  /** Adds a clause and answers its id. */
  std::uint64_t add_clause(const std::vector<std::int32_t> &literals) {
    return add_clause(literals.data(), literals.size());
  }
  /** Adds a clause and answers its id. */
  std::uint64_t add_clause(std::initializer_list<std::int32_t> literals) {
    return add_clause(literals.begin(), literals.size());
  }

  /**
   * Adds many clauses at once, all or none: clause i is literals[offsets[i]] .. literals[offsets[i + 1] - 1]. Answers
   * the first one's id; the others follow it.
   *
   * @param offsets num_clauses + 1 offsets: from 0, not decreasing, the last one num_literals.
   */
  std::uint64_t add_clauses(const std::int32_t *literals, std::size_t num_literals, const std::size_t *offsets,
                            std::size_t num_clauses) {
    std::uint64_t id = 0;
    detail::check(anser_formula_add_clauses(mine("anser::formula::add_clauses"), literals, num_literals, offsets,
                                            num_clauses, &id));
    return id;
  }
  /** Adds many clauses at once. `offsets` has one item more than there are clauses, so that it is never empty. */
  std::uint64_t add_clauses(const std::vector<std::int32_t> &literals, const std::vector<std::size_t> &offsets) {
    if (offsets.empty()) {
      throw error(ANSER_STATUS_INVALID_ARGUMENT, "anser::formula::add_clauses: argument offsets is empty");
    }
    return add_clauses(literals.data(), literals.size(), offsets.data(), offsets.size() - 1);
  }

  /** The literals of a clause, as written. */
  std::vector<std::int32_t> clause(std::uint64_t id) const {
    const std::int32_t *literals = nullptr;
    std::size_t count = 0;
    detail::check(anser_formula_get_clause(mine("anser::formula::clause"), id, &literals, &count));
    return std::vector<std::int32_t>(literals, literals + count);
  }

  /** All clauses, as written, at once. */
  clause_list clauses() const {
    const anser_formula *const self = mine("anser::formula::clauses");
    std::uint64_t literals = 0;
    std::uint64_t clauses = 0;
    detail::check(anser_formula_num_literals(self, &literals));
    detail::check(anser_formula_num_clauses(self, &clauses));
    clause_list all;
    all.literals.resize(static_cast<std::size_t>(literals));
    all.offsets.resize(static_cast<std::size_t>(clauses) + 1);
    detail::check(anser_formula_get_clauses(self, all.literals.data(), all.literals.size(), all.offsets.data(),
                                            all.offsets.size()));
    return all;
  }

  /** Gives a variable a name: UTF-8 without control characters, not empty, for one variable only. */
  void set_name(std::int32_t var, const std::string &name) {
    const char *const text = detail::text(name, "anser::formula::set_name");
    detail::check(anser_formula_set_name(mine("anser::formula::set_name"), var, text));
  }
  /** Takes a variable's name away. */
  void clear_name(std::int32_t var) {
    detail::check(anser_formula_set_name(mine("anser::formula::clear_name"), var, nullptr));
  }
  /** The name of a variable, if it has one. */
  std::optional<std::string> name(std::int32_t var) const {
    const anser_formula *const self = mine("anser::formula::name");
    std::size_t length = 0;
    detail::check(anser_formula_get_name(self, var, nullptr, 0, &length));
    if (length == 0) {
      return std::nullopt;
    }
    std::string text(length + 1, '\0');
    detail::check(anser_formula_get_name(self, var, text.data(), text.size(), &length));
    text.resize(length);
    return text;
  }
  /** The variable of that name, if there is one. */
  std::optional<std::int32_t> find_name(const std::string &name) const {
    const char *const text = detail::text(name, "anser::formula::find_name");
    std::int32_t var = 0;
    detail::check(anser_formula_find_name(mine("anser::formula::find_name"), text, &var));
    return var == 0 ? std::nullopt : std::optional<std::int32_t>(var);
  }

  /** Counts. Time: linear in the number of clauses. */
  formula_statistics statistics() const {
    anser_formula_statistics s = ANSER_FORMULA_STATISTICS_INIT;
    detail::check(anser_formula_get_statistics(mine("anser::formula::statistics"), &s));
    return {s.variables, s.clauses, s.literals, s.empty, s.unit, s.binary, s.ternary, s.longest, s.bytes};
  }

  /**
   * The id of the first clause that a model violates, if it violates any. No solver takes part.
   *
   * @param values values[v - 1] is 1 where variable v is true, -1 where it is false, 0 where it is open: its literals
   *   then satisfy nothing. At least num_vars() of them.
   */
  std::optional<std::uint64_t> find_violated(const std::int8_t *values, std::size_t num_values) const {
    std::int32_t satisfied = 0;
    std::uint64_t violated = 0;
    detail::check(anser_formula_check(mine("anser::formula::find_violated"), values, num_values, &satisfied, &violated));
    return satisfied != 0 ? std::nullopt : std::optional<std::uint64_t>(violated);
  }
  /** The id of the first clause that a model violates, if it violates any. */
  std::optional<std::uint64_t> find_violated(const std::vector<std::int8_t> &values) const {
    return find_violated(values.data(), values.size());
  }
  /** Whether a model satisfies every clause. */
  bool is_satisfied_by(const std::vector<std::int8_t> &values) const { return !find_violated(values).has_value(); }

  /** Writes DIMACS CNF to a file, compressed where its name ends in .gz or .xz. */
  void write_dimacs(const std::string &path) const { write(path, nullptr); }
  /** Writes DIMACS CNF to a file, within a budget. */
  void write_dimacs(const std::string &path, const budget &limits) const {
    write(path, limits.mine("anser::formula::write_dimacs"));
  }
  /** Writes DIMACS CNF, uncompressed, into a function, which is destroyed before this returns. */
  void write_dimacs(sink_function sink) const { write(std::move(sink), nullptr); }
  /** Writes DIMACS CNF, uncompressed, into a function, within a budget. */
  void write_dimacs(sink_function sink, const budget &limits) const {
    write(std::move(sink), limits.mine("anser::formula::write_dimacs"));
  }
  /** The formula in DIMACS CNF. */
  std::string to_dimacs() const {
    const anser_formula *const self = mine("anser::formula::to_dimacs");
    std::size_t length = 0;
    detail::check(anser_formula_write_dimacs_memory(self, nullptr, nullptr, 0, &length));
    std::string text(length + 1, '\0');
    detail::check(anser_formula_write_dimacs_memory(self, nullptr, text.data(), text.size(), &length));
    text.resize(length);
    return text;
  }

private:
  friend class solver;

  template <class Make> static formula make(Make &&construct) {
    anser_formula *raw = nullptr;
    detail::call_scope scope;
    const anser_status status = construct(&raw);
    formula made(raw); // freed where a callback threw in a call that went well
    scope.finish(status);
    return made;
  }
  static formula read(const std::string &path, const anser_budget *limits) {
    const char *const file = detail::text(path, "anser::formula::read_dimacs");
    return make([&](anser_formula **out) { return anser_formula_read_dimacs(file, limits, out); });
  }
  static formula parse(const void *bytes, std::size_t length, const anser_budget *limits) {
    const std::uint8_t *const begin = static_cast<const std::uint8_t *>(bytes);
    return make([&](anser_formula **out) { return anser_formula_read_dimacs_memory(begin, length, limits, out); });
  }
  void write(const std::string &path, const anser_budget *limits) const {
    const char *const file = detail::text(path, "anser::formula::write_dimacs");
    const anser_formula *const self = mine("anser::formula::write_dimacs");
    detail::call([&] { return anser_formula_write_dimacs(self, file, limits); });
  }
  void write(sink_function sink, const anser_budget *limits) const {
    const anser_formula *const self = mine("anser::formula::write_dimacs");
    if (!sink) {
      throw error(ANSER_STATUS_NULL_ARGUMENT, "anser::formula::write_dimacs: argument sink is empty");
    }
    detail::hand_over(std::move(sink), [&](void *user_data) {
      const anser_sink made = detail::sink_struct(user_data);
      return anser_formula_write_dimacs_sink(self, &made, limits);
    });
  }
};

/**
 * An incremental solver by conflict-driven clause learning. Options, log and proof come before the first solve; then
 * solve(), again and again, with clauses, variables and phases added in between; after result::sat there is a model,
 * after result::unsat a core, until the solver is changed or solves again. What does not fit that order throws an error
 * with ANSER_STATUS_INVALID_STATE and changes nothing.
 */
class solver : public detail::handle<anser_solver, anser_solver_free> {
public:
  using handle::handle;
  /** A solver for a formula as it is now: later changes of the formula do not reach it. */
  explicit solver(const formula &of) : handle(make(of)) {}

  /** Every option, sorted by name. */
  static std::vector<option> options() {
    std::size_t count = 0;
    detail::check(anser_solver_num_options(&count));
    std::vector<option> all;
    all.reserve(count);
    for (std::size_t i = 0; i < count; i++) {
      anser_option_info info = ANSER_OPTION_INFO_INIT;
      detail::check(anser_solver_get_option_info(i, &info));
      all.push_back({info.name, info.doc, info.default_value, info.min_value, info.max_value});
    }
    return all;
  }
  /** Sets an option, before the first solve. */
  void set_option(const std::string &name, std::int64_t value) {
    const char *const text = detail::text(name, "anser::solver::set_option");
    detail::check(anser_solver_set_option(mine("anser::solver::set_option"), text, value));
  }
  /** The value of an option. */
  std::int64_t get_option(const std::string &name) const {
    const char *const text = detail::text(name, "anser::solver::get_option");
    std::int64_t value = 0;
    detail::check(anser_solver_get_option(mine("anser::solver::get_option"), text, &value));
    return value;
  }

  /** Every statistic with its value. */
  std::vector<statistic> statistics() const {
    const anser_solver *const self = mine("anser::solver::statistics");
    std::size_t count = 0;
    detail::check(anser_solver_num_statistics(&count));
    std::vector<std::int64_t> values(count);
    detail::check(anser_solver_get_statistics(self, values.data(), values.size()));
    std::vector<statistic> all;
    all.reserve(count);
    for (std::size_t i = 0; i < count; i++) {
      anser_statistic_info info = ANSER_STATISTIC_INFO_INIT;
      detail::check(anser_solver_get_statistic_info(i, &info));
      all.push_back({info.name, info.doc, values[i]});
    }
    return all;
  }
  /** One statistic by name. */
  std::int64_t get_statistic(const std::string &name) const {
    const char *const text = detail::text(name, "anser::solver::get_statistic");
    std::int64_t value = 0;
    detail::check(anser_solver_get_statistic(mine("anser::solver::get_statistic"), text, &value));
    return value;
  }

  /** Where the solver tells what it does, up to `level`; an empty function for nowhere. It runs inside solve(). */
  void set_log(log_function function, log_level level = log_level::info) {
    anser_solver *const self = mine("anser::solver::set_log");
    if (!function) {
      detail::check(anser_solver_set_log(self, nullptr, static_cast<std::int32_t>(level)));
      return;
    }
    detail::hand_over(std::move(function), [&](void *user_data) {
      anser_log_callback callback = ANSER_LOG_CALLBACK_INIT;
      callback.user_data = user_data;
      callback.log = detail::log;
      callback.destroy = detail::destroy<log_function>;
      return anser_solver_set_log(self, &callback, static_cast<std::int32_t>(level));
    });
  }
  /**
   * Adds a propagator that observes these variables, and answers its number. Its functions run inside solve() and
   * remove_propagator(). See anser_solver_add_propagator.
   */
  std::uint32_t add_propagator(propagator functions, const std::vector<std::int32_t> &variables) {
    anser_solver *const self = mine("anser::solver::add_propagator");
    std::uint32_t id = 0;
    detail::hand_over(detail::propagator_host{std::move(functions), {}}, [&](void *user_data) {
      const anser_propagator made = detail::propagator_struct(user_data);
      return anser_solver_add_propagator(self, &made, variables.data(), variables.size(), &id);
    });
    return id;
  }
  /** Lets a propagator observe more variables. */
  void observe(std::uint32_t propagator_id, const std::vector<std::int32_t> &variables) {
    anser_solver *const self = mine("anser::solver::observe");
    detail::check(anser_solver_observe(self, propagator_id, variables.data(), variables.size()));
  }
  /** Removes a propagator. What was learned from it stays. */
  void remove_propagator(std::uint32_t propagator_id) {
    anser_solver *const self = mine("anser::solver::remove_propagator");
    detail::call([&] { return anser_solver_remove_propagator(self, propagator_id); });
  }
  /** Writes a proof of unsatisfiability into a file, which is created or emptied now. Before the first solve. */
  void set_proof(proof_format format, const std::string &path) {
    const char *const file = detail::text(path, "anser::solver::set_proof");
    detail::check(
        anser_solver_set_proof_file(mine("anser::solver::set_proof"), static_cast<std::int32_t>(format), file));
  }
  /**
   * Writes a proof of unsatisfiability into a function, before the first solve. See anser_solver_set_proof_sink. It runs
   * inside solve(), and maybe once more when the solver is destroyed: what it throws then is lost.
   */
  void set_proof(proof_format format, sink_function sink) {
    anser_solver *const self = mine("anser::solver::set_proof");
    if (!sink) {
      throw error(ANSER_STATUS_NULL_ARGUMENT, "anser::solver::set_proof: argument sink is empty");
    }
    detail::hand_over(std::move(sink), [&](void *user_data) {
      const anser_sink made = detail::sink_struct(user_data);
      return anser_solver_set_proof_sink(self, static_cast<std::int32_t>(format), &made);
    });
  }

  /** Bytes that the clauses added to the solver may hold; UINT64_MAX for no limit. See anser_solver_set_memory_limit. */
  void set_memory_limit(std::uint64_t bytes) {
    detail::check(anser_solver_set_memory_limit(mine("anser::solver::set_memory_limit"), bytes));
  }

  /** How many clauses the solver has: those of its formula, and those added since. */
  std::uint64_t num_clauses() const {
    std::uint64_t count = 0;
    detail::check(anser_solver_num_clauses(mine("anser::solver::num_clauses"), &count));
    return count;
  }
  /** How many variables the solver has: those of its formula, and those added since. */
  std::uint32_t num_vars() const {
    std::uint32_t count = 0;
    detail::check(anser_solver_num_vars(mine("anser::solver::num_vars"), &count));
    return count;
  }
  /** A fresh variable. */
  std::int32_t new_var() { return new_vars(1); }
  /** `count` fresh variables: the first of them is answered, the others follow it. */
  std::int32_t new_vars(std::uint32_t count) {
    std::int32_t first = 0;
    detail::check(anser_solver_new_vars(mine("anser::solver::new_vars"), count, &first));
    return first;
  }

  /** Adds a clause and answers its id; ids go on from those of the formula, which stays as it was. */
  std::uint64_t add_clause(const std::int32_t *literals, std::size_t num_literals) {
    std::uint64_t id = 0;
    detail::check(anser_solver_add_clause(mine("anser::solver::add_clause"), literals, num_literals, &id));
    return id;
  }
  /** Adds a clause and answers its id. */
  std::uint64_t add_clause(const std::vector<std::int32_t> &literals) {
    return add_clause(literals.data(), literals.size());
  }
  /** Adds a clause and answers its id. */
  std::uint64_t add_clause(std::initializer_list<std::int32_t> literals) {
    return add_clause(literals.begin(), literals.size());
  }
  /** Adds many clauses at once, all or none. See formula::add_clauses. */
  std::uint64_t add_clauses(const std::int32_t *literals, std::size_t num_literals, const std::size_t *offsets,
                            std::size_t num_clauses) {
    std::uint64_t id = 0;
    detail::check(anser_solver_add_clauses(mine("anser::solver::add_clauses"), literals, num_literals, offsets,
                                           num_clauses, &id));
    return id;
  }
  /** Adds many clauses at once. `offsets` has one item more than there are clauses, so that it is never empty. */
  std::uint64_t add_clauses(const std::vector<std::int32_t> &literals, const std::vector<std::size_t> &offsets) {
    if (offsets.empty()) {
      throw error(ANSER_STATUS_INVALID_ARGUMENT, "anser::solver::add_clauses: argument offsets is empty");
    }
    return add_clauses(literals.data(), literals.size(), offsets.data(), offsets.size() - 1);
  }

  /** The values that decisions try first: those that make these literals true. They hold until cleared. */
  void set_phases(const std::int32_t *literals, std::size_t num_literals) {
    detail::check(anser_solver_set_phases(mine("anser::solver::set_phases"), literals, num_literals));
  }
  /** The values that decisions try first. */
  void set_phases(const std::vector<std::int32_t> &literals) { set_phases(literals.data(), literals.size()); }
  /** The values that decisions try first. */
  void set_phases(std::initializer_list<std::int32_t> literals) { set_phases(literals.begin(), literals.size()); }
  /** Takes back what set_phases() said of a variable. */
  void clear_phase(std::int32_t var) {
    detail::check(anser_solver_clear_phase(mine("anser::solver::clear_phase"), var));
  }

  /** Looks for a model. */
  result solve() { return search(nullptr, 0, nullptr); }
  /** Looks for a model within a budget. A call that its budget ended can be made again and goes on. */
  result solve(const budget &limits) { return search(nullptr, 0, limits.mine("anser::solver::solve")); }
  /** Looks for a model under assumptions: literals that hold for this call only. */
  result solve(const std::int32_t *assumptions, std::size_t num_assumptions) {
    return search(assumptions, num_assumptions, nullptr);
  }
  /** Looks for a model under assumptions, within a budget. */
  result solve(const std::int32_t *assumptions, std::size_t num_assumptions, const budget &limits) {
    return search(assumptions, num_assumptions, limits.mine("anser::solver::solve"));
  }
  /** Looks for a model under assumptions. */
  result solve(const std::vector<std::int32_t> &assumptions) {
    return search(assumptions.data(), assumptions.size(), nullptr);
  }
  /** Looks for a model under assumptions, within a budget. */
  result solve(const std::vector<std::int32_t> &assumptions, const budget &limits) {
    return search(assumptions.data(), assumptions.size(), limits.mine("anser::solver::solve"));
  }
  /** Looks for a model under assumptions. */
  result solve(std::initializer_list<std::int32_t> assumptions) {
    return search(assumptions.begin(), assumptions.size(), nullptr);
  }
  /** Looks for a model under assumptions, within a budget. */
  result solve(std::initializer_list<std::int32_t> assumptions, const budget &limits) {
    return search(assumptions.begin(), assumptions.size(), limits.mine("anser::solver::solve"));
  }

  /** Why the last solve ended; stop_reason::solved where it answered. */
  anser::stop_reason stop_reason() const {
    anser_stop_reason reason = ANSER_STOP_REASON_SOLVED;
    detail::check(anser_solver_get_stop_reason(mine("anser::solver::stop_reason"), &reason));
    return static_cast<anser::stop_reason>(reason);
  }
  /** After stop_reason::callback: what the progress function answered; INT32_MIN where it threw. */
  std::int32_t callback_code() const {
    std::int32_t code = 0;
    detail::check(anser_solver_get_callback_code(mine("anser::solver::callback_code"), &code));
    return code;
  }

  /** After result::sat: whether a literal is true in the model. */
  bool value(std::int32_t literal) const {
    std::int32_t value = 0;
    detail::check(anser_solver_get_value(mine("anser::solver::value"), literal, &value));
    return value > 0;
  }
  /** After result::sat: the model. Item v - 1 is 1 where variable v is true, -1 where it is false. */
  std::vector<std::int8_t> model() const {
    std::vector<std::int8_t> values(num_vars());
    detail::check(anser_solver_get_model(mine("anser::solver::model"), values.data(), values.size()));
    return values;
  }
  /**
   * After result::unsat: assumptions that cannot hold together, each once, in the order in which they were given; not
   * always the fewest. Empty where the clauses alone are contradictory.
   */
  std::vector<std::int32_t> core() const {
    const anser_solver *const self = mine("anser::solver::core");
    std::size_t count = 0;
    detail::check(anser_solver_num_core(self, &count));
    std::vector<std::int32_t> literals(count);
    detail::check(anser_solver_get_core(self, literals.data(), literals.size()));
    return literals;
  }
  /** After result::unsat: whether a literal is in the core. */
  bool is_failed(std::int32_t literal) const {
    std::int32_t failed = 0;
    detail::check(anser_solver_is_failed(mine("anser::solver::is_failed"), literal, &failed));
    return failed != 0;
  }

private:
  static anser_solver *make(const formula &of) {
    anser_solver *raw = nullptr;
    detail::check(anser_solver_new(of.mine("anser::solver::solver"), &raw));
    return raw;
  }
  result search(const std::int32_t *assumptions, std::size_t count, const anser_budget *limits) {
    anser_solver *const self = mine("anser::solver::solve");
    anser_result answer = ANSER_RESULT_UNKNOWN;
    detail::call([&] { return anser_solver_solve(self, assumptions, count, limits, &answer); });
    return static_cast<result>(answer);
  }
};

} // namespace anser

#endif /* ANSER_HPP */
