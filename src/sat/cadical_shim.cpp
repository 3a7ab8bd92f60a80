// C functions around CaDiCaL's C++ classes, so that no exception reaches Rust, and clauses, models and proofs
// cross the language border in bulk. CaDiCaL's `Testing` class is its own door to the statistics and limits
// that its public interface lacks.

#include "cadical_shim.hpp"

#include "internal.hpp"
#include "testing.hpp"
#include "tracer.hpp"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>
#include <unordered_set>
#include <vector>

#include <sched.h>
#include <unistd.h>

namespace {

// Writes DRAT (Wetzler, Heule and Hunt, SAT 2014) or LRAT (Cruz-Filipe et al., CADE 2017), text or binary.
//
// Clauses that elimination takes away ("weakened") may come back in a later call. They are never deleted in
// the proof, so that their return needs no step of its own: a checker keeps some clauses longer, no more.
class ProofWriter final : public CaDiCaL::Tracer {
public:
  ProofWriter (bool lrat, bool binary, int64_t original_clauses, anser_cadical_sink sink, void *context)
      : lrat (lrat), binary (binary), latest (original_clauses), sink (sink), context (context) {
    buffer.reserve (capacity + 4096);
  }

  void add_derived_clause (int64_t id, bool, int, const std::vector<int> &clause,
                           const std::vector<int64_t> &chain) override {
    add (id, clause, chain);
  }
  // The negated core of failed assumptions: a lemma like any other.
  void add_assumption_clause (int64_t id, const std::vector<int> &clause,
                              const std::vector<int64_t> &chain) override {
    add (id, clause, chain);
  }
  void weaken_minus (int64_t id, const std::vector<int> &) override { weakened.insert (id); }
  void add_original_clause (int64_t id, bool, const std::vector<int> &, bool restored) override {
    if (restored)
      weakened.erase (id);
  }
  void delete_clause (int64_t id, bool, const std::vector<int> &clause) override {
    if (weakened.count (id))
      return;
    if (lrat) {
      deleted.push_back (id); // written with the next lemma: one line for many
      return;
    }
    if (binary)
      buffer.push_back ('d');
    else
      text ("d ");
    literals (clause);
    end ();
  }
  void begin_proof (int64_t id) override { latest = id; }

  bool flush () {
    if (!buffer.empty () && !failed && sink (context, buffer.data (), buffer.size ()))
      failed = true;
    buffer.clear ();
    return !failed;
  }
  bool has_failed () const { return failed; }

private:
  static const size_t capacity = 1 << 16;
  const bool lrat, binary;
  bool failed = false;
  int64_t latest;
  anser_cadical_sink sink;
  void *context;
  std::vector<uint8_t> buffer;
  std::vector<int64_t> deleted;
  std::unordered_set<int64_t> weakened;

  void add (int64_t id, const std::vector<int> &clause, const std::vector<int64_t> &chain) {
    if (lrat && !deleted.empty ()) {
      if (binary)
        buffer.push_back ('d');
      else {
        number (latest);
        text (" d ");
      }
      ids (deleted);
      end ();
      deleted.clear ();
    }
    if (binary)
      buffer.push_back ('a');
    if (lrat) {
      latest = id;
      if (binary)
        signed_number (id);
      else {
        number (id);
        buffer.push_back (' ');
      }
    }
    literals (clause);
    if (lrat) {
      if (binary)
        buffer.push_back (0);
      else
        text ("0 ");
      ids (chain);
    }
    end ();
  }

  void literals (const std::vector<int> &clause) {
    for (int literal : clause)
      item (literal);
  }
  void ids (const std::vector<int64_t> &list) {
    for (int64_t id : list)
      item (id);
  }
  void item (int64_t value) {
    if (binary)
      signed_number (value);
    else {
      number (value);
      buffer.push_back (' ');
    }
  }
  void end () {
    if (binary)
      buffer.push_back (0);
    else
      text ("0\n");
    if (buffer.size () >= capacity)
      flush ();
  }
  void text (const char *s) { buffer.insert (buffer.end (), s, s + std::strlen (s)); }
  void number (int64_t value) {
    char digits[24], *p = digits + sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t) value : (uint64_t) value;
    do
      *--p = (char) ('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
      *--p = '-';
    buffer.insert (buffer.end (), p, digits + sizeof digits);
  }
  // 2|x| + [x < 0], seven bits a byte, the lowest first.
  void signed_number (int64_t value) {
    uint64_t rest = 2 * (value < 0 ? 0 - (uint64_t) value : (uint64_t) value) + (value < 0);
    for (; rest >= 128; rest >>= 7)
      buffer.push_back ((uint8_t) (rest | 128));
    buffer.push_back ((uint8_t) rest);
  }
};

// The one propagator that CaDiCaL has room for: forwards to a table of functions.
class Propagators final : public CaDiCaL::ExternalPropagator,
                          public CaDiCaL::Learner,
                          public CaDiCaL::FixedAssignmentListener {
public:
  Propagators (const anser_cadical *handle, CaDiCaL::External *external, const anser_cadical_propagator &calls,
               void *context)
      : handle (handle), external (external), calls (calls), context (context) {
    are_reasons_forgettable = true; // they can be asked for again
  }
  size_t most_learned = 0;
  // Of options that a propagator changes.
  int chrono = 0, ilb = 0;

  bool ended () const { return calls.ended (context) != 0; }

  void notify_assignment (const std::vector<int> &literals) override {
    calls.assigned (context, literals.data (), literals.size ());
  }
  void notify_new_decision_level () override { calls.new_level (context); }
  void notify_backtrack (size_t level) override { calls.backtrack (context, level); }
  bool cb_check_found_model (const std::vector<int> &model) override {
    const int32_t verdict = calls.check (context, handle, model.data (), model.size ());
    if (verdict < 0)
      external->force_backtrack (-1 - verdict); // calls back, so it waits until `check` has returned
    return verdict > 0;
  }
  // CaDiCaL ends the process where the variable is assigned.
  int cb_decide () override {
    const int literal = calls.decide (context);
    const int internal = literal ? external->e2i[std::abs (literal)] : 0;
    return internal && !external->internal->val (internal) ? literal : 0;
  }
  int cb_propagate () override { return calls.propagate (context); }
  int cb_add_reason_clause_lit (int literal) override {
    if (!reading)
      calls.reason (context, literal, &next, &left);
    return read ();
  }
  bool cb_has_external_clause (bool &forgettable) override {
    int32_t answer = 0;
    if (!calls.next_clause (context, &next, &left, &answer))
      return false;
    forgettable = answer != 0;
    return true;
  }
  int cb_add_external_clause_lit () override { return read (); }

  void notify_fixed_assignment (int literal) override { calls.fixed (context, literal); }
  bool learning (int size) override {
    learned.clear ();
    return (size_t) size <= most_learned;
  }
  void learn (int literal) override {
    if (literal)
      learned.push_back (literal);
    else
      calls.learned (context, learned.data (), learned.size ());
  }

private:
  const anser_cadical *const handle;
  CaDiCaL::External *const external;
  const anser_cadical_propagator calls;
  void *const context;
  // The clause that CaDiCaL reads literal by literal.
  bool reading = false;
  const int32_t *next = nullptr;
  size_t left = 0;
  std::vector<int32_t> learned;

  int read () {
    reading = left != 0;
    if (!left)
      return 0;
    left--;
    return *next++;
  }
};

// CaDiCaL asks at every look (option "terminateint" is 0), where by default it would at every tenth only: some phases
// look once in many milliseconds. The token is read every time; the clock, progress and memory wait for a tenth look.
class Poll final : public CaDiCaL::Terminator {
public:
  Poll (const uint8_t *interrupt, anser_cadical_poll call, void *context, const ProofWriter *proof,
        const Propagators *propagators)
      : interrupt (interrupt), call (call), context (context), proof (proof), propagators (propagators) {}
  bool terminate () override {
    if (propagators && propagators->ended ())
      return true;
    const bool due = looks++ % 10 == 0;
    if (!due && !(interrupt && __atomic_load_n (interrupt, __ATOMIC_RELAXED)))
      return false;
    return (proof && proof->has_failed ()) || call (context) != 0;
  }

private:
  unsigned looks = 0;
  const uint8_t *interrupt;
  anser_cadical_poll call;
  void *context;
  const ProofWriter *proof;
  const Propagators *propagators;
};

// Connected for as long as it lives, also where solve throws.
class Connected {
public:
  Connected (CaDiCaL::Solver &solver, Poll &poll) : solver (solver) { solver.connect_terminator (&poll); }
  ~Connected () { CaDiCaL::Testing (solver).external ()->terminator = nullptr; }

private:
  CaDiCaL::Solver &solver;
};

const int reportdefault = 0; // a name that one line of OPTIONS uses

const CaDiCaL::Option options[] = {
#define OPTION(N, V, L, H, O, P, R, D) {#N, (int) V, (int) L, (int) H, O, (bool) P, D},
    OPTIONS
#undef OPTION
};

// Options that this library decides itself: they make CaDiCaL abort on violated checks, choose the format of
// a proof writer that is not used here, print, change how promptly an interrupt is seen, or change what it may
// do to the numbering of variables.
const char *const hidden[] = {
    "binary",    "check",     "checkassumptions", "checkconstraint", "checkfailed",  "checkfrozen",
    "checkproof", "checkwitness", "exttracecalls", "factorcheck",    "frat",         "idrup",
    "lidrup",    "lrat",      "profile",          "realtime",        "report",       "reportall",
    "reportsolve", "stats",   "terminateint",     "veripb"};

// Calibrated against the peak resident set over random k-SAT instances of up to 10^6 variables and 4.2 * 10^6 clauses
// (tests/memory.rs): within a factor of two either way. A clause counts twice, since collecting garbage copies it.
const uint64_t bytes_per_variable = 250;
const uint64_t least_bytes_per_variable = 150;
const uint64_t bytes_per_clause = 96; // a pointer, watches and occurrences, in vectors that double
const uint64_t bytes_of_its_own = 2 << 20;

// An array and not a vector: making the table must not need memory.
struct Visible {
  const CaDiCaL::Option *list[sizeof options / sizeof *options];
  size_t size = 0;
  Visible () {
    for (const CaDiCaL::Option &option : options) {
      bool hide = false;
      for (const char *name : hidden)
        hide = hide || !std::strcmp (name, option.name);
      if (!hide)
        list[size++] = &option;
    }
  }
};

const Visible &visible () {
  static const Visible table;
  return table;
}

#define STATISTICS(S) \
  S (conflicts, stats.conflicts, "Conflicts of the search") \
  S (decisions, stats.decisions, "Decisions of the search") \
  S (propagations, stats.propagations.search, "Literals propagated by the search") \
  S (ticks, stats.ticks.search[0] + stats.ticks.search[1], "Estimated cache-line accesses of the search: the unit of work") \
  S (restarts, stats.restarts, "Restarts") \
  S (reductions, stats.reductions, "Reductions of the learned-clause database") \
  S (rephases, stats.rephased.total, "Resets of the saved phases") \
  S (learned_clauses, stats.learned.clauses, "Learned clauses") \
  S (learned_literals, stats.learned.literals, "Literals of learned clauses") \
  S (minimized_literals, stats.minimized, "Literals removed from learned clauses by minimization") \
  S (irredundant, stats.current.irredundant, "Irredundant clauses that are left") \
  S (redundant, stats.current.redundant, "Learned clauses that are kept") \
  S (fixed, stats.all.fixed, "Variables fixed at the root") \
  S (eliminated, stats.all.eliminated + stats.all.fasteliminated, "Variables eliminated") \
  S (substituted, stats.all.substituted, "Variables substituted by an equivalent literal") \
  S (active, internal->active (), "Variables that are left") \
  S (subsumed, stats.subsumed, "Clauses removed as subsumed") \
  S (strengthened, stats.strengthened, "Clauses shortened by subsumption") \
  S (vivified, stats.vivifystrs, "Clauses shortened by vivification") \
  S (failed_literals, stats.failed, "Failed literals") \
  S (walks, stats.walk.count, "Rounds of local search") \
  S (external_propagations, stats.ext_prop.eprop_prop, "Literals propagated by propagators") \
  S (external_conflicts, stats.ext_prop.eprop_conf, "Literals found by propagators that were false") \
  S (external_reasons, stats.ext_prop.eprop_expl, "Reasons asked of propagators")

} // namespace

struct anser_cadical {
  CaDiCaL::Solver *solver = nullptr;
  ProofWriter *proof = nullptr; // owned by the solver, which deletes the tracers it was given
  Propagators *propagators = nullptr;
  std::string error;

  CaDiCaL::Internal *internal () const { return CaDiCaL::Testing (solver).internal (); }
  CaDiCaL::External *external () const { return CaDiCaL::Testing (solver).external (); }
  // Leaves the state in which an answer can be read, and level 0 is all that stays of the trail.
  void retract () {
    solver->reset_assumptions ();
    external ()->reset_extended ();
    if (internal ()->level)
      internal ()->backtrack (0);
  }
  ~anser_cadical () {
    delete solver;
    delete propagators;
  }
};

namespace {

// CaDiCaL's constructor writes its process-wide table of options anew, always the same values, which setting an option
// reads: a data race between two solvers. A lock of our own around both; one whose holder stayed behind in the parent of
// a fork is taken over.
class OptionsLock {
public:
  OptionsLock () {
    const pid_t self = getpid ();
    for (pid_t holder = 0; !owner.compare_exchange_weak (holder, self, std::memory_order_acquire); holder = 0)
      if (holder && holder != self && owner.compare_exchange_strong (holder, self, std::memory_order_acquire))
        break;
      else
        sched_yield ();
  }
  ~OptionsLock () { owner.store (0, std::memory_order_release); }

private:
  static std::atomic<pid_t> owner;
};

std::atomic<pid_t> OptionsLock::owner{0};

template <class Body> int32_t guarded (anser_cadical *handle, Body body) {
  try {
    body ();
    return 0;
  } catch (const std::bad_alloc &) {
    return 1;
  } catch (const std::length_error &) {
    return 1; // a vector asked for more than the address space holds
  } catch (const std::exception &e) {
    try {
      if (handle)
        handle->error = e.what ();
    } catch (...) {
    }
    return 2;
  } catch (...) {
    return 2;
  }
}

} // namespace

extern "C" {

const char *anser_cadical_unwanted_environment () {
  for (const char *name : {"CADICAL_LIDRUP_TRACE", "CADICALLIDRUPTRACE"})
    if (std::getenv (name))
      return name;
  return nullptr;
}

int32_t anser_cadical_new (anser_cadical **out) {
  *out = nullptr;
  return guarded (nullptr, [&] {
    anser_cadical *handle = new anser_cadical;
    const OptionsLock lock;
    try {
      handle->solver = new CaDiCaL::Solver;
      // CaDiCaL reads an environment variable for each option; take that back.
      for (const CaDiCaL::Option &option : options)
        handle->solver->set (option.name, option.def);
      handle->solver->set ("terminateint", 0); // see Poll
    } catch (...) {
      delete handle;
      throw;
    }
    *out = handle;
  });
}

void anser_cadical_delete (anser_cadical *handle) { delete handle; }

const char *anser_cadical_error (const anser_cadical *handle) { return handle->error.c_str (); }

size_t anser_cadical_num_options () { return visible ().size; }

void anser_cadical_get_option (size_t index, anser_cadical_option *out) {
  const CaDiCaL::Option &option = *visible ().list[index];
  *out = {option.name, option.description, option.def, option.lo, option.hi};
}

int32_t anser_cadical_set_option (anser_cadical *handle, size_t index, int32_t value) {
  return guarded (handle, [&] {
    const OptionsLock lock;
    handle->solver->set (visible ().list[index]->name, value);
  });
}

int32_t anser_cadical_proof (anser_cadical *handle, int32_t lrat, int32_t binary, int64_t original_clauses,
                             anser_cadical_sink sink, void *context) {
  return guarded (handle, [&] {
    handle->proof = new ProofWriter (lrat, binary, original_clauses, sink, context);
    handle->solver->connect_proof_tracer (static_cast<CaDiCaL::Tracer *> (handle->proof), lrat != 0, false);
    // In LRAT the original clauses have the ids 1..m; what is derived while they are added must come later.
    handle->internal ()->reserve_ids ((int) original_clauses);
  });
}

int32_t anser_cadical_flush_proof (anser_cadical *handle, int32_t *out_failed) {
  return guarded (handle, [&] { *out_failed = handle->proof && !handle->proof->flush (); });
}

int32_t anser_cadical_resize (anser_cadical *handle, int32_t max_var) {
  return guarded (handle, [&] { handle->solver->resize (max_var); });
}

int32_t anser_cadical_add (anser_cadical *handle, const int32_t *literals, size_t begin, const size_t *ends,
                           size_t clauses) {
  return guarded (handle, [&] {
    CaDiCaL::Solver &solver = *handle->solver;
    for (size_t i = 0; i < clauses; i++) {
      for (; begin < ends[i]; begin++)
        solver.add (literals[begin]);
      solver.add (0);
    }
  });
}

int32_t anser_cadical_phase (anser_cadical *handle, int32_t literal) {
  return guarded (handle, [&] { handle->solver->phase (literal); });
}

int32_t anser_cadical_unphase (anser_cadical *handle, int32_t literal) {
  return guarded (handle, [&] { handle->solver->unphase (literal); });
}

int32_t anser_cadical_connect (anser_cadical *handle, const anser_cadical_propagator *calls, void *context) {
  return guarded (handle, [&] {
    handle->retract ();
    CaDiCaL::Internal *internal = handle->internal ();
    if (handle->propagators) {
      CaDiCaL::External *external = handle->external ();
      external->learner = nullptr;
      external->fixed_listener = nullptr;
      handle->solver->disconnect_external_propagator ();
      internal->opts.chrono = handle->propagators->chrono;
      internal->opts.ilb = handle->propagators->ilb;
      delete handle->propagators;
      handle->propagators = nullptr;
    }
    if (calls) {
      handle->propagators = new Propagators (handle, handle->external (), *calls, context);
      // Propagators see a trail in the order of its levels, and all of it is undone between searches. (The options are
      // set in this way because CaDiCaL takes them before the first clause only.)
      handle->propagators->chrono = internal->opts.chrono;
      handle->propagators->ilb = internal->opts.ilb;
      internal->opts.chrono = 0;
      internal->opts.ilb = 0;
      handle->solver->connect_external_propagator (handle->propagators);
    }
  });
}

int32_t anser_cadical_listen (anser_cadical *handle, int32_t fixed, size_t learned) {
  return guarded (handle, [&] {
    Propagators *propagators = handle->propagators;
    propagators->most_learned = learned;
    handle->external ()->learner = learned ? propagators : nullptr;
    handle->external ()->fixed_listener = fixed ? propagators : nullptr;
  });
}

int32_t anser_cadical_observe (anser_cadical *handle, const int32_t *variables, size_t length) {
  return guarded (handle, [&] {
    handle->retract ();
    CaDiCaL::External *external = handle->external ();
    bool restore = false;
    for (size_t i = 0; i < length; i++)
      if (external->is_witness (variables[i])) {
        restore = true;
        external->internalize (variables[i]);
        external->internalize (-variables[i]);
      }
    if (restore)
      handle->internal ()->restore_clauses ();
    for (size_t i = 0; i < length; i++) {
      if (external->is_witness (variables[i])) // CaDiCaL would end the process
        throw std::logic_error ("an eliminated variable did not come back");
      handle->solver->add_observed_var (variables[i]);
    }
  });
}

int32_t anser_cadical_unobserve (anser_cadical *handle, const int32_t *variables, size_t length) {
  return guarded (handle, [&] {
    handle->retract ();
    for (size_t i = 0; i < length; i++)
      handle->solver->remove_observed_var (variables[i]);
  });
}

int32_t anser_cadical_retract (anser_cadical *handle) {
  return guarded (handle, [&] { handle->retract (); });
}

int32_t anser_cadical_found (const anser_cadical *handle, int8_t *out, size_t length) {
  const CaDiCaL::External *external = handle->external ();
  for (size_t i = 0; i < length; i++)
    out[i] = external->ival ((int) i + 1) > 0 ? 1 : -1;
  return 0;
}

int32_t anser_cadical_solve (anser_cadical *handle, const int32_t *assumptions, size_t length, int64_t conflicts,
                             int64_t ticks, const uint8_t *interrupt, anser_cadical_poll call, void *context,
                             int32_t *out_result) {
  return guarded (handle, [&] {
    CaDiCaL::Solver &solver = *handle->solver;
    for (size_t i = 0; i < length; i++)
      solver.assume (assumptions[i]);
    handle->internal ()->inc.conflicts = conflicts < 0 ? -1 : conflicts;
    handle->internal ()->limit_ticks (ticks < 0 ? -1 : ticks);
    Poll poll (interrupt, call, context, handle->proof, handle->propagators);
    Connected connected (solver, poll);
    *out_result = solver.solve ();
    if (handle->proof && *out_result == 20)
      solver.conclude ();
  });
}

int32_t anser_cadical_model (anser_cadical *handle, int8_t *out, size_t length) {
  return guarded (handle, [&] {
    if (handle->solver->state () != CaDiCaL::SATISFIED) // CaDiCaL would end the process
      throw std::logic_error ("there is no model");
    for (size_t i = 0; i < length; i++)
      out[i] = handle->solver->val ((int) i + 1) > 0 ? 1 : -1;
  });
}

int32_t anser_cadical_failed (anser_cadical *handle, const int32_t *assumptions, size_t length, uint8_t *out) {
  return guarded (handle, [&] {
    if (length && handle->solver->state () != CaDiCaL::UNSATISFIED)
      throw std::logic_error ("there is no core");
    for (size_t i = 0; i < length; i++)
      out[i] = handle->solver->failed (assumptions[i]);
  });
}

size_t anser_cadical_num_statistics () {
  return 0
#define S(NAME, VALUE, DOC) +1
      STATISTICS (S)
#undef S
      ;
}

const char *anser_cadical_statistic_name (size_t index) {
  static const char *const names[] = {
#define S(NAME, VALUE, DOC) #NAME,
      STATISTICS (S)
#undef S
  };
  return names[index];
}

const char *anser_cadical_statistic_doc (size_t index) {
  static const char *const docs[] = {
#define S(NAME, VALUE, DOC) DOC,
      STATISTICS (S)
#undef S
  };
  return docs[index];
}

void anser_cadical_statistics (const anser_cadical *handle, int64_t *out) {
  const CaDiCaL::Internal *internal = handle->internal ();
  const CaDiCaL::Stats &stats = internal->stats;
#define S(NAME, VALUE, DOC) *out++ = VALUE;
  STATISTICS (S)
#undef S
}

uint64_t anser_cadical_least_bytes (uint64_t variables, uint64_t clauses, uint64_t literals) {
  // A clause is a header, its literals, a pointer, and two watches.
  const uint64_t clause = sizeof (CaDiCaL::Clause) + 8 + 2 * sizeof (CaDiCaL::Watch);
  return variables * least_bytes_per_variable + clauses * clause + literals * sizeof (int);
}

uint64_t anser_cadical_bytes (const anser_cadical *handle) {
  const CaDiCaL::Internal *internal = handle->internal ();
  uint64_t bytes = bytes_of_its_own + (uint64_t) internal->vsize * bytes_per_variable;
  for (const CaDiCaL::Clause *clause : internal->clauses)
    bytes += 2 * clause->bytes () + bytes_per_clause;
  bytes += (internal->external->extension.capacity () + internal->trail.capacity ()) * sizeof (int);
  return bytes;
}
}
