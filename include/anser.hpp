/*
 * Anser: an embeddable solver engine. The C++17 layer over anser.h: header-only, nothing to link beside the C library.
 *
 * HANDLES. anser::formula, anser::solver, anser::enumerator, anser::counter, anser::sampler, anser::search,
 * anser::arch_space, anser::network, anser::property, anser::disjuncts, anser::bounds, anser::relu_encoder,
 * anser::relu_encoding, anser::verifier, anser::budget and anser::interrupt each own one handle of the C library and free it. They move and do not copy (formulas, networks, properties and bounds have clone()). get() lends the C
 * handle, release() gives it away, and a constructor takes one over. A handle that was moved from or released can be destroyed and
 * assigned to; whatever else is asked of it throws an error with ANSER_STATUS_INVALID_STATE. Handles may be destroyed
 * in any order.
 *
 * ERRORS. What a C function answers with a status other than ANSER_STATUS_OK, the function here throws as anser::error,
 * with the text, line, column, index and stop reason that the library tells of it. How a *search* ended is no error:
 * solve() answers anser::result::unknown where its budget ended it. Containers may throw std::bad_alloc.
 *
 * CALLBACKS are std::functions. A std::function handed over is moved or copied to where the library keeps it, and is
 * destroyed when the library lets go of it: when another is set, or with the handle, or at once where registering
 * failed. Each says on which calls it runs; it runs on the thread inside that call, and, where several threads make
 * such calls at once, at once on each. From inside it, the handle at work answers ANSER_STATUS_INVALID_STATE.
 * An anser::scorer is an object with virtual functions instead, handed over by std::unique_ptr; the same holds of it.
 *
 * EXCEPTIONS FROM CALLBACKS. A callback may throw anything. The exception does not cross the library: the adapter
 * catches it, keeps it with std::exception_ptr, and tells the library to stop; when the library has come back, the call
 * of this header that the callback ran inside rethrows it, instead of whatever it would have answered or thrown.
 *   - A progress function, a sink, a propagator or a scorer that throws ends the call at once. A log function has no say
 *     over the call: it goes on to its next report of progress, if its budget has a progress function, else to its end.
 *   - After one exception no callback runs any more in that call, but what a scorer undoes: drain(), release() and
 *     deallocate(). The first exception is the one that is rethrown.
 *   - The handle stays usable as the C library says: a solver can solve again, unless its proof sink refused bytes or a
 *     propagator's reason() threw. A search whose scorer threw can only be looked at and destroyed.
 *     After a progress function threw, stop_reason() is stop_reason::callback.
 *   - Where no call of this header is under way - a C function was called on get(), a destructor runs, or the call was
 *     made by another shared library that hides its own copy of this header - there is nobody to rethrow: then the
 *     exception ends in the library, which answers ANSER_STATUS_CALLBACK_FAILED if it can answer at all.
 *   - What a scorer throws while its search is destroyed, or undone because it cannot be made, goes nowhere.
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
#include <type_traits>
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
  unsat = ANSER_RESULT_UNSAT,
  /** There is a model, it was checked, and no other one has a smaller objective: of solver::minimize(). */
  optimum = ANSER_RESULT_OPTIMUM
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
  callback = ANSER_STOP_REASON_CALLBACK,
  /** Not the budget: the backend gave up on its own. */
  incomplete = ANSER_STOP_REASON_INCOMPLETE
};

/** How a call that looks for models ended. */
enum class enumeration : std::int32_t {
  /** The budget ended it: see enumerator::stop_reason(). The next call goes on. */
  unknown = ANSER_ENUMERATION_UNKNOWN,
  /** One more model, or as many as were asked for. There may be more. */
  model = ANSER_ENUMERATION_MODEL,
  /** All models have been told. */
  complete = ANSER_ENUMERATION_COMPLETE
};

/** How a call that draws samples ended. */
enum class sampling : std::int32_t {
  /** The budget ended it: see sampler::stop_reason(). The next call goes on. */
  unknown = ANSER_SAMPLING_UNKNOWN,
  /** One more sample, or as many as were asked for. */
  sample = ANSER_SAMPLING_SAMPLE,
  /** There are no models; or, where none is told twice, all have been told. */
  exhausted = ANSER_SAMPLING_EXHAUSTED,
  /** The draw failed, or very many in a row. The next call draws anew. */
  failed = ANSER_SAMPLING_FAILED
};

/** How a call that counts ended. */
enum class counting : std::int32_t {
  /** The budget ended it: see counter::stop_reason(). The next call goes on. */
  unknown = ANSER_COUNTING_UNKNOWN,
  /** The count is exact. */
  exact = ANSER_COUNTING_EXACT,
  /** The count is within its tolerance with the probability asked for. */
  approximate = ANSER_COUNTING_APPROXIMATE
};

/** How a call that searches locally ended. */
enum class search_end : std::int32_t {
  /** The budget ended it; the next call goes on. */
  unknown = ANSER_SEARCH_END_UNKNOWN,
  /** There is a model. */
  model = ANSER_SEARCH_END_MODEL,
  /** All tries are over, or as many flips as were asked for are made. */
  over = ANSER_SEARCH_END_OVER,
  /** There is no model. */
  refuted = ANSER_SEARCH_END_REFUTED
};

/** How a local search chooses what it flips. See anser_search_method. */
enum class search_method : std::int32_t {
  /** probSAT. */
  probsat = ANSER_SEARCH_PROBSAT,
  /** WalkSAT, as the baseline of learned local search. */
  walksat = ANSER_SEARCH_WALKSAT,
  /** WalkSAT with free moves. */
  skc = ANSER_SEARCH_SKC,
  /** Weights that move between clauses. */
  ddfw = ANSER_SEARCH_DDFW
};

/** What a scorer answers about each walker. See anser_scorer_output. */
enum class scorer_output : std::int32_t {
  /** A score for each variable. */
  scores = ANSER_SCORER_SCORES,
  /** Some variables, each with a score. */
  topk = ANSER_SCORER_TOPK,
  /** Variables to flip, one after the other. */
  flips = ANSER_SCORER_FLIPS
};

/** How assignments are laid out for a scorer. See anser_bit_order. */
enum class bit_order : std::int32_t {
  /** A row a walker. */
  walker_major = ANSER_BIT_ORDER_WALKER_MAJOR,
  /** A row a variable. */
  var_major = ANSER_BIT_ORDER_VAR_MAJOR
};

/** Flags of a scorer's plan, to be combined by `|`. See anser_scorer_flag. */
namespace scorer_flag {
/** The same questions get the same answers. */
inline constexpr std::uint32_t deterministic = ANSER_SCORER_DETERMINISTIC;
/** All rows of `bits` are kept up to date. */
inline constexpr std::uint32_t full_bits = ANSER_SCORER_FULL_BITS;
/** The scorer's copy already has the flips that it answers. */
inline constexpr std::uint32_t keeps_flips = ANSER_SCORER_KEEPS_FLIPS;
} // namespace scorer_flag

/** How samples are drawn. See anser_sampling_method for what each guarantees. */
enum class sampling_method : std::int32_t {
  /** Almost uniform (DAC 2014, TACAS 2015). */
  unigen = ANSER_SAMPLING_UNIGEN,
  /** Near-uniform (CAV 2013). */
  uniwit13 = ANSER_SAMPLING_UNIWIT13,
  /** UniWit without the draw that its guarantee needs. */
  uniwit = ANSER_SAMPLING_UNIWIT,
  /** Exactly uniform, by counting exactly first. */
  exact = ANSER_SAMPLING_EXACT
};

/** Hash functions that cut a space into cells. See anser_hash_family. */
enum class hash_family : std::int32_t {
  /** Those of the method's guarantee. */
  automatic = ANSER_HASH_AUTO,
  /** Every variable with probability 1/2. */
  dense = ANSER_HASH_DENSE,
  /** A window of random bits that moves from row to row. */
  shifted = ANSER_HASH_SHIFTED,
  /** Every variable with a probability that is given. */
  sparse = ANSER_HASH_SPARSE
};

/** How a question about a network is answered. See anser_procedure. */
enum class procedure : std::int32_t {
  /** An attack, then whatever splitting suits the network. */
  automatic = ANSER_PROCEDURE_AUTO,
  /** Random points only. */
  fuzz = ANSER_PROCEDURE_FUZZ,
  /** Random points and projected gradient descent. */
  gradient = ANSER_PROCEDURE_GRADIENT,
  /** Bounds of the whole box only. */
  bounds = ANSER_PROCEDURE_BOUNDS,
  /** Splitting of the box. */
  input_split = ANSER_PROCEDURE_INPUT_SPLIT,
  /** Splitting of neurons. */
  relu_split = ANSER_PROCEDURE_RELU_SPLIT,
  /** Each disjunct whole, as a mixed integer program. Throws where the library was built without HiGHS. */
  milp = ANSER_PROCEDURE_MILP,
  /** The same as a formula for an SMT solver. Throws where the library was built without Z3. */
  smt = ANSER_PROCEDURE_SMT,
  /** All of them in turn, and those that a host adds. */
  portfolio = ANSER_PROCEDURE_PORTFOLIO
};

/** How a slice of a portfolio ended. See anser_slice_end. */
enum class slice_end : std::int32_t {
  /** It was used up. */
  paused = ANSER_SLICE_END_PAUSED,
  /** With a witness. */
  sat = ANSER_SLICE_END_SAT,
  /** With nothing open. */
  unsat = ANSER_SLICE_END_UNSAT,
  /** The procedure has done what it can. */
  exhausted = ANSER_SLICE_END_EXHAUSTED,
  /** The procedure cannot go on. */
  failed = ANSER_SLICE_END_FAILED
};

/** Why a verifier answered result::unknown. */
enum class unknown_reason : std::int32_t {
  /** It did not. */
  none = ANSER_UNKNOWN_REASON_NONE,
  /** The budget ran out; another call goes on. */
  stopped = ANSER_UNKNOWN_REASON_STOPPED,
  /** What is left open is within rounding. */
  rounding = ANSER_UNKNOWN_REASON_ROUNDING,
  /** The procedure does not decide it. */
  incomplete = ANSER_UNKNOWN_REASON_INCOMPLETE,
  /** An input has no bound on one side. */
  unbounded = ANSER_UNKNOWN_REASON_UNBOUNDED
};

/** How constraints that are no clauses are handled. */
enum class backend : std::int32_t {
  /** As the constraints and what else is asked for suggest. */
  automatic = ANSER_BACKEND_AUTO,
  /** By propagators in the search. */
  native = ANSER_BACKEND_NATIVE,
  /** As clauses: those of formula::encode(). A proof is about these. */
  encode = ANSER_BACKEND_ENCODE,
  /** The whole formula by Z3, reals included, where the library was built with it. */
  z3 = ANSER_BACKEND_Z3,
  /** The whole formula by branch and bound over linear programs of HiGHS, reals included, where the library was built with it. */
  milp = ANSER_BACKEND_MILP,
  /** The whole formula by cutting planes. */
  pb = ANSER_BACKEND_PB
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
  lrat_binary = ANSER_PROOF_FORMAT_LRAT_BINARY,
  /** VeriPB, version 3.0: by cutting planes. See anser_solver_set_proof_sink. */
  veripb = ANSER_PROOF_FORMAT_VERIPB
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
  check = ANSER_PHASE_CHECK,
  /** Evaluating a network, or its gradients. */
  evaluate = ANSER_PHASE_EVALUATE,
  /** Bounding what a network computes. */
  bound = ANSER_PHASE_BOUND,
  /** Verifying a property of a network. */
  verify = ANSER_PHASE_VERIFY,
  /** Making an objective least: a better model or a better bound was found. */
  minimize = ANSER_PHASE_MINIMIZE
};

/** The kinds of constraints. */
enum class constraint_kind : std::int32_t {
  /** A disjunction of literals. */
  clause = ANSER_CONSTRAINT_KIND_CLAUSE,
  /** A parity of literals. */
  xor_ = ANSER_CONSTRAINT_KIND_XOR,
  /** At least so many literals. */
  cardinality = ANSER_CONSTRAINT_KIND_CARDINALITY,
  /** A weighted sum of literals. */
  pseudo_boolean = ANSER_CONSTRAINT_KIND_PSEUDO_BOOLEAN,
  /** A sum over integers, reals and literals. */
  linear = ANSER_CONSTRAINT_KIND_LINEAR
};

/** Formats that formulas are written in. */
enum class text_format : std::int32_t {
  /** DIMACS CNF. */
  dimacs = ANSER_FORMAT_DIMACS,
  /** Pseudo-Boolean constraints. */
  opb = ANSER_FORMAT_OPB,
  /** SMT-LIB 2.6. */
  smt_lib = ANSER_FORMAT_SMT_LIB,
  /** CPLEX LP. */
  lp = ANSER_FORMAT_LP,
  /** Free MPS. */
  mps = ANSER_FORMAT_MPS
};

/** How a sum compares with its right-hand side. */
enum class relation : std::int32_t {
  /** The sum is at least the right-hand side. */
  at_least = ANSER_RELATION_AT_LEAST,
  /** The sum is at most the right-hand side. */
  at_most = ANSER_RELATION_AT_MOST,
  /** The sum is the right-hand side. */
  equal = ANSER_RELATION_EQUAL,
  /** The sum is greater than the right-hand side. */
  greater = ANSER_RELATION_GREATER,
  /** The sum is less than the right-hand side. */
  less = ANSER_RELATION_LESS
};

/** What values a number has. */
enum class number_kind : std::int32_t {
  /** Integers. */
  integer = ANSER_NUMBER_KIND_INTEGER,
  /** Reals. */
  real = ANSER_NUMBER_KIND_REAL
};

/** How elements of a constant are stored or given. */
enum class element_type : std::int32_t {
  /** float. */
  f32 = ANSER_ELEMENT_TYPE_F32,
  /** double. */
  f64 = ANSER_ELEMENT_TYPE_F64,
  /** IEEE 754 binary16, as the bits of a uint16_t. */
  f16 = ANSER_ELEMENT_TYPE_F16,
  /** bfloat16, as the bits of a uint16_t. */
  bf16 = ANSER_ELEMENT_TYPE_BF16
};

/** What a layer of a network computes. In brackets its inputs; W, b and the like must be constants. */
enum class layer_kind : std::int32_t {
  /** (x (..., n), W (m, n), b (m)): x times W transposed, plus b. b may be missing. ONNX's Gemm. */
  linear = ANSER_LAYER_KIND_LINEAR,
  /** (a, b): the matrix product, with numpy's broadcasting over leading axes and its rules for vectors. */
  mat_mul = ANSER_LAYER_KIND_MAT_MUL,
  /** (x (n, c, ...), W (m, c / groups, kernel...), b (m)): cross-correlation. b may be missing. */
  conv = ANSER_LAYER_KIND_CONV,
  /** (x (n, c, ...), W (c, m / groups, kernel...), b (m)): the transpose of a convolution. b may be missing. */
  conv_transpose = ANSER_LAYER_KIND_CONV_TRANSPOSE,
  /**
   * (x (n, c, ...), scale (c), bias (c), mean (c), variance (c)): scale (x - mean) / sqrt(variance + epsilon) +
   * bias. x may also be (n, c) or (c).
   */
  batch_norm = ANSER_LAYER_KIND_BATCH_NORM,
  /** (a, b), broadcast: a + b. */
  add = ANSER_LAYER_KIND_ADD,
  /** (a, b), broadcast: a - b. */
  sub = ANSER_LAYER_KIND_SUB,
  /** (a, b), broadcast: a b. */
  mul = ANSER_LAYER_KIND_MUL,
  /** (a, b), broadcast: a / b. */
  div = ANSER_LAYER_KIND_DIV,
  /** (x): -x. */
  neg = ANSER_LAYER_KIND_NEG,
  /** (x): its absolute value. */
  abs = ANSER_LAYER_KIND_ABS,
  /** (x): max(x, 0). */
  relu = ANSER_LAYER_KIND_RELU,
  /** (x): x where it is not negative, else slope x. */
  leaky_relu = ANSER_LAYER_KIND_LEAKY_RELU,
  /** (x, slope): x where it is not negative, else slope x. The slope is a constant that broadcasts to x. */
  p_relu = ANSER_LAYER_KIND_P_RELU,
  /** (x): -1, 0 or 1. */
  sign = ANSER_LAYER_KIND_SIGN,
  /** (x): 1 / (1 + exp(-x)). */
  sigmoid = ANSER_LAYER_KIND_SIGMOID,
  /** (x). */
  tanh = ANSER_LAYER_KIND_TANH,
  /** (x): min(max(x, min), max). */
  clip = ANSER_LAYER_KIND_CLIP,
  /** (x): exp(x) / sum(exp(x)) over axis_count axes from axis on, taken together. */
  softmax = ANSER_LAYER_KIND_SOFTMAX,
  /** (x (n, c, ...)): the largest in each window; padding never wins. */
  max_pool = ANSER_LAYER_KIND_MAX_POOL,
  /** (x (n, c, ...)): the mean of each window. */
  average_pool = ANSER_LAYER_KIND_AVERAGE_POOL,
  /** (x): the sum over some axes. */
  reduce_sum = ANSER_LAYER_KIND_REDUCE_SUM,
  /** (x): the mean over some axes. */
  reduce_mean = ANSER_LAYER_KIND_REDUCE_MEAN,
  /** (x): the same elements in another shape. */
  reshape = ANSER_LAYER_KIND_RESHAPE,
  /** (x): axis i of the output is axis `axes[i]` of the input. */
  transpose = ANSER_LAYER_KIND_TRANSPOSE,
  /** (x, ...): one after the other along an axis. */
  concat = ANSER_LAYER_KIND_CONCAT,
  /** (x): of each axis, lengths elements from starts on in steps. */
  slice = ANSER_LAYER_KIND_SLICE,
  /** (x): these slices along an axis, which is replaced by the axes of shape. */
  gather = ANSER_LAYER_KIND_GATHER,
  /** (x): elements added before and after each axis. */
  pad = ANSER_LAYER_KIND_PAD
};

/** What stands where layer_kind::pad adds elements. */
enum class pad_mode : std::int32_t {
  /** The number pad_value. */
  constant = ANSER_PAD_MODE_CONSTANT,
  /** The tensor mirrored at its first or last element, which is not repeated. */
  reflect = ANSER_PAD_MODE_REFLECT,
  /** The first or last element. */
  edge = ANSER_PAD_MODE_EDGE
};

/** Where the elements of a tensor come from. */
enum class tensor_source : std::int32_t {
  /** From outside: it is an input. */
  input = ANSER_TENSOR_SOURCE_INPUT,
  /** They are known. */
  constant = ANSER_TENSOR_SOURCE_CONSTANT,
  /** From a layer. */
  layer = ANSER_TENSOR_SOURCE_LAYER
};

/** When a constraint must hold: always, unless a literal says otherwise. */
class condition {
public:
  /** Always. */
  constexpr condition() noexcept = default;
  /** Where `literal` is true; where it is false, the constraint may hold or not. */
  static constexpr condition implied_by(std::int32_t literal) noexcept {
    return condition(ANSER_CONDITION_IMPLIED, literal);
  }
  /** Where `literal` is true, and only there. */
  static constexpr condition reified_by(std::int32_t literal) noexcept {
    return condition(ANSER_CONDITION_REIFIED, literal);
  }
  /** As the C library gives it; only for what it gave. */
  static constexpr condition from(std::int32_t kind, std::int32_t literal) noexcept { return condition(kind, literal); }

  /** One of anser_condition. */
  constexpr std::int32_t kind() const noexcept { return kind_; }
  /** The literal; 0 where the constraint always holds. */
  constexpr std::int32_t literal() const noexcept { return literal_; }
  /** Whether the constraint always holds. */
  constexpr bool is_plain() const noexcept { return kind_ == ANSER_CONDITION_PLAIN; }
  friend constexpr bool operator==(condition a, condition b) noexcept {
    return a.kind_ == b.kind_ && a.literal_ == b.literal_;
  }
  friend constexpr bool operator!=(condition a, condition b) noexcept { return !(a == b); }

private:
  constexpr condition(std::int32_t kind, std::int32_t literal) noexcept : kind_(kind), literal_(literal) {}
  std::int32_t kind_ = ANSER_CONDITION_PLAIN;
  std::int32_t literal_ = 0;
};

/** The enumerator's name, such as "sat"; "?" for a value that is none. Static. */
inline const char *to_string(result value) noexcept {
  switch (value) {
  case result::unknown: return "unknown";
  case result::sat: return "sat";
  case result::unsat: return "unsat";
  case result::optimum: return "optimum";
  }
  return "?";
}

/** The enumerator's name, such as "complete"; "?" for a value that is none. Static. */
inline const char *to_string(enumeration value) noexcept {
  switch (value) {
  case enumeration::unknown: return "unknown";
  case enumeration::model: return "model";
  case enumeration::complete: return "complete";
  }
  return "?";
}

/** The enumerator's name, such as "sample"; "?" for a value that is none. Static. */
inline const char *to_string(sampling value) noexcept {
  switch (value) {
  case sampling::unknown: return "unknown";
  case sampling::sample: return "sample";
  case sampling::exhausted: return "exhausted";
  case sampling::failed: return "failed";
  }
  return "?";
}

/** The enumerator's name, such as "exact"; "?" for a value that is none. Static. */
inline const char *to_string(search_end value) noexcept {
  switch (value) {
  case search_end::unknown: return "unknown";
  case search_end::model: return "model";
  case search_end::over: return "over";
  case search_end::refuted: return "refuted";
  }
  return "?";
}

/** The enumerator's name, such as "scores"; "?" for a value that is none. Static. */
inline const char *to_string(scorer_output value) noexcept {
  switch (value) {
  case scorer_output::scores: return "scores";
  case scorer_output::topk: return "topk";
  case scorer_output::flips: return "flips";
  }
  return "?";
}

/** The enumerator's name, such as "var_major"; "?" for a value that is none. Static. */
inline const char *to_string(bit_order value) noexcept {
  switch (value) {
  case bit_order::walker_major: return "walker_major";
  case bit_order::var_major: return "var_major";
  }
  return "?";
}

/** The enumerator's name. */
inline const char *to_string(counting value) noexcept {
  switch (value) {
  case counting::unknown: return "unknown";
  case counting::exact: return "exact";
  case counting::approximate: return "approximate";
  }
  return "?";
}

/** The enumerator's name, such as "native"; "?" for a value that is none. Static. */
inline const char *to_string(backend value) noexcept {
  switch (value) {
  case backend::automatic: return "automatic";
  case backend::native: return "native";
  case backend::encode: return "encode";
  case backend::z3: return "z3";
  case backend::milp: return "milp";
  case backend::pb: return "pb";
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
  case stop_reason::incomplete: return "incomplete";
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
  case phase::evaluate: return "evaluate";
  case phase::bound: return "bound";
  case phase::verify: return "verify";
  case phase::minimize: return "minimize";
  }
  return "?";
}

/** The enumerator's name, such as "linear"; "?" for a value that is none. Static. */
inline const char *to_string(layer_kind value) noexcept {
  switch (value) {
  case layer_kind::linear: return "linear";
  case layer_kind::mat_mul: return "mat_mul";
  case layer_kind::conv: return "conv";
  case layer_kind::conv_transpose: return "conv_transpose";
  case layer_kind::batch_norm: return "batch_norm";
  case layer_kind::add: return "add";
  case layer_kind::sub: return "sub";
  case layer_kind::mul: return "mul";
  case layer_kind::div: return "div";
  case layer_kind::neg: return "neg";
  case layer_kind::abs: return "abs";
  case layer_kind::relu: return "relu";
  case layer_kind::leaky_relu: return "leaky_relu";
  case layer_kind::p_relu: return "p_relu";
  case layer_kind::sign: return "sign";
  case layer_kind::sigmoid: return "sigmoid";
  case layer_kind::tanh: return "tanh";
  case layer_kind::clip: return "clip";
  case layer_kind::softmax: return "softmax";
  case layer_kind::max_pool: return "max_pool";
  case layer_kind::average_pool: return "average_pool";
  case layer_kind::reduce_sum: return "reduce_sum";
  case layer_kind::reduce_mean: return "reduce_mean";
  case layer_kind::reshape: return "reshape";
  case layer_kind::transpose: return "transpose";
  case layer_kind::concat: return "concat";
  case layer_kind::slice: return "slice";
  case layer_kind::gather: return "gather";
  case layer_kind::pad: return "pad";
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
  /** Variables fixed at the root; when verifying, millionths of the question that are closed for good. */
  std::uint64_t fixed;
  /**
   * When verifying, the best bound: at each point of each open subproblem some halfspace of its disjunct is missed by at least
   * so much; at most 0, -infinity where nothing is known yet. Else 0.
   */
  double bound;
  /** At phase::minimize, the objective of the best model so far; INT64_MAX before there is one. Else 0. */
  std::int64_t value;
  /** At phase::minimize, what no model's objective is less than. Else 0. */
  std::int64_t least;
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

/**
 * Takes a model, valid until it returns: values[v - 1] is 1 where variable v is true, -1 where it is false. Answers
 * whether to go on. May throw: see the head of this file.
 */
using model_function = std::function<bool(const std::int8_t *values, std::size_t length)>;

/**
 * Takes a sample, valid until it returns: bit p % 64 of words[p / 64] is the value of the p-th variable of the sampling set.
 * Answers whether to go on. May throw: see the head of this file.
 */
using sample_function = std::function<bool(const std::uint64_t *words, std::size_t num_words)>;

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
 * A host that computes the scores of a local search, on a device if it has one: derive from it, and hand it to anser::search.
 * See anser_scorer for what each function is told and must do, and in which order they are called. All but the destructor may
 * throw, which ends the search for good: see the head of this file.
 */
class scorer {
public:
  scorer() = default;
  scorer(const scorer &) = delete;
  scorer &operator=(const scorer &) = delete;
  /** The search let go of it: called exactly once, also where making the search failed. */
  virtual ~scorer() = default;

  /** Whether `collect` is to be called; else the answer is there when `submit` returns. Asked once, as is `allocates`. */
  virtual bool is_asynchronous() const { return false; }
  /** Whether memory comes from `allocate`; else the library allocates. */
  virtual bool allocates() const { return false; }

  /** Changes what it likes of the plan, of what anser_scorer_plan says is the host's. */
  virtual void plan([[maybe_unused]] anser_scorer_plan &proposed) {}
  /** Memory for the arrays of a slot; a null pointer is refused. */
  virtual void *allocate([[maybe_unused]] std::size_t bytes, [[maybe_unused]] std::size_t align) { return nullptr; }
  /** Takes memory back. */
  virtual void deallocate([[maybe_unused]] void *memory, [[maybe_unused]] std::size_t bytes) {}
  /** The graph, the plan as it was settled, and the slots. Graph and slots stay where they are until `release` returns. */
  virtual void prepare([[maybe_unused]] const anser_graph &graph, [[maybe_unused]] const anser_scorer_plan &settled,
                       [[maybe_unused]] const anser_batch *slots, [[maybe_unused]] std::uint32_t num_slots) {}
  /** Asks. An asynchronous scorer takes notice of what it needs and returns; another one answers now. */
  virtual void submit(const anser_batch &batch) = 0;
  /** Whether the answer is there. Waits for it, but no longer than `timeout`, some milliseconds. */
  virtual bool collect([[maybe_unused]] const anser_batch &batch, [[maybe_unused]] std::chrono::nanoseconds timeout) {
    return true;
  }
  /**
   * Comes back when no slot is read or written any more: what was asked is given up. Where it throws, a device may still be
   * writing: then the library keeps memory and graph for ever, and does not call `deallocate`.
   */
  virtual void drain() {}
  /** The graph and the slots are about to go. */
  virtual void release() {}
};

/** What a host's procedure answers. */
struct host_answer {
  /** Unknown where it did not find out. */
  anser::result result = anser::result::unknown;
  /** For result::sat: the input, a number for each. */
  std::vector<double> input;
};

/**
 * A procedure of the host's for verifier::add_procedure(): tries to decide one disjunct, within question.seconds. That it has
 * no witness is taken on trust. It may throw, which ends the run: see the head of this file. See anser_host_procedure.
 */
using host_procedure = std::function<host_answer(const anser_question &question)>;

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

/** Parities in bulk: number i is over literals[offsets[i]] .. literals[offsets[i + 1] - 1]. */
struct xor_list {
  /** All literals. */
  std::vector<std::int32_t> literals;
  /** One more than there are constraints: from 0, not decreasing, the last one literals.size(). */
  std::vector<std::size_t> offsets;
  /** A right-hand side for each: 0 or 1. */
  std::vector<std::uint8_t> rhs;
};

/** Cardinality or pseudo-Boolean constraints in bulk: number i is over literals[offsets[i]] .. literals[offsets[i + 1] - 1]. */
struct sum_list {
  /** All literals. */
  std::vector<std::int32_t> literals;
  /** A weight for each literal; empty for cardinality constraints. */
  std::vector<std::int64_t> weights;
  /** One more than there are constraints: from 0, not decreasing, the last one literals.size(). */
  std::vector<std::size_t> offsets;
  /** What each sum must reach. */
  std::vector<std::int64_t> bounds;
  /** When each must; empty where every one always must. */
  std::vector<condition> conditions;
};

/** A literal and its weight in a sum. */
struct weighted_literal {
  /** Counts where the literal is true. */
  std::int64_t weight;
  /** The literal. */
  std::int32_t literal;
};

/** A linear constraint: the sum of coefficient * number and of the weights of true literals, against a right-hand side. */
struct linear_row {
  /** Numbers, as formula::new_integer() and formula::new_real() answer them. */
  std::vector<std::uint32_t> numbers;
  /** A coefficient for each number. */
  std::vector<double> coefficients;
  /** Literals: 1 where true, 0 where false. */
  std::vector<std::int32_t> literals;
  /** A weight for each literal. */
  std::vector<double> weights;
  /** How the sum compares. */
  anser::relation relation = anser::relation::at_least;
  /** With what. */
  double rhs = 0.0;
  /** When it must: always, or implied by a literal. */
  anser::condition condition = {};
};

/** A constraint of any kind, as written. See anser_constraint. */
struct constraint {
  /** Its kind. */
  constraint_kind kind;
  /** How its sum compares: at_least, but for xor_ (equal) and linear. */
  anser::relation relation;
  /** When it must hold. */
  anser::condition condition;
  /** Its literals. */
  std::vector<std::int32_t> literals;
  /** Pseudo-Boolean: a weight for each literal. */
  std::vector<std::int64_t> weights;
  /** 1 for a clause, 0 or 1 for xor_, else the bound of a sum; 0 for linear. */
  std::int64_t bound;
  /** Linear: its numbers. */
  std::vector<std::uint32_t> numbers;
  /** Linear: a coefficient for each number. */
  std::vector<double> coefficients;
  /** Linear: a weight for each literal. */
  std::vector<double> literal_weights;
  /** Linear: the right-hand side. */
  double rhs;
};

/** What values a number has; the ends are included. */
struct number_domain {
  /** Integers or reals. */
  number_kind kind;
  /** The least value. */
  double min;
  /** The greatest value. */
  double max;
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
  /** Parity constraints. */
  std::uint64_t xors;
  /** Cardinality constraints. */
  std::uint64_t cardinalities;
  /** Pseudo-Boolean constraints. */
  std::uint64_t pseudo_booleans;
  /** Linear constraints. */
  std::uint64_t linears;
  /** Literals and numbers of all constraints that are not clauses, but for the literals of conditions. */
  std::uint64_t terms;
  /** Integers and reals. */
  std::uint64_t numbers;
  /** Variables of the sampling set; 0 where there is none. */
  std::uint64_t sampling_set;
};

/** A sum that is to become least: weights of literals that are true, and an offset. */
struct objective {
  std::vector<std::int32_t> literals;
  std::vector<std::int64_t> weights;
  std::int64_t offset;
};

/** What is known of an objective's least value. */
struct objective_bounds {
  /** That of the best model, if there is one. */
  std::optional<std::int64_t> value;
  /** No model is less. */
  std::int64_t bound;
};

/** What a solver chose for constraints that are no clauses. */
struct backend_choice {
  /** Whether parities are handled natively; else they are encoded. */
  bool native_xors;
  /** Whether cardinality and pseudo-Boolean constraints are. */
  bool native_sums;
  /** Why. */
  std::string why;
};

/** Models in bulk: number i is values[i * width] .. values[(i + 1) * width - 1], for the variables projected on. */
struct model_list {
  /** 1 where the variable is true, -1 where it is false. */
  std::vector<std::int8_t> values;
  /** How many variables a model has. */
  std::size_t width = 0;
  /** How many models there are. */
  std::size_t count = 0;
  /** How the call ended: enumeration::model where there was no more room. */
  enumeration end = enumeration::unknown;
};

/** Samples in bulk: number i is words[i * width] .. words[(i + 1) * width - 1]. */
struct sample_list {
  /** Bit p % 64 of word p / 64 of a sample is the value of the p-th variable of the sampling set. */
  std::vector<std::uint64_t> words;
  /** How many words a sample takes. */
  std::size_t width = 0;
  /** How many samples there are. */
  std::size_t count = 0;
  /** How the call ended: sampling::sample where there was no more room. */
  sampling end = sampling::unknown;

  /** The value of the p-th variable of the sampling set in sample i. */
  bool value(std::size_t i, std::size_t p) const { return (words.at(i * width + p / 64) >> (p % 64) & 1U) != 0; }
};

/** What a sampler is to do. See anser_sampler_options. */
struct sampler_options {
  /** How samples are drawn. */
  sampling_method method = sampling_method::unigen;
  /** The hash functions. */
  hash_family family = hash_family::automatic;
  /** Of sparse ones: above 0 and at most 0.5. */
  double density = 0;
  /** The tolerance of UniGen: above 1.71; 0 stands for 6. */
  double epsilon = 0;
  /** Of UniGen: samples of a cell; SIZE_MAX for as many as any cell has that is taken. */
  std::size_t per_cell = 1;
  /** Whether no sample is told twice. */
  bool distinct = false;
  /** How many threads draw, the calling one included. Samples do not depend on it. */
  std::uint32_t threads = 1;
  /** Decides every random choice. */
  std::uint64_t seed = 0;
};

/** What a sampler has done. See anser_sampler_statistics. */
struct sampler_statistics {
  /** Samples told. */
  std::uint64_t samples = 0;
  /** Draws made, each from one cell. */
  std::uint64_t draws = 0;
  /** Draws that failed. */
  std::uint64_t failed = 0;
  /** Samples that were told before, and so were not told again. */
  std::uint64_t repeated = 0;
  /** Cells looked into. */
  std::uint64_t cells = 0;
  /** The most parities that make a cell. */
  std::uint64_t rows = 0;
};

/** What a local search is to do. See anser_search_options. */
struct search_options {
  /** How it chooses what it flips. */
  search_method method = search_method::probsat;
  /** How many threads the walkers are divided among, the calling one included; 0 stands for 1. */
  std::uint32_t threads = 0;
  /** How many walkers there are; 0 stands for 1. */
  std::size_t walkers = 0;
  /** Flips of a try; 0 stands for no limit. */
  std::uint64_t flips = 0;
  /** Tries of each walker; 0 stands for no limit. */
  std::uint64_t tries = 0;
  /** Decides every random choice. */
  std::uint64_t seed = 0;
  /** Probability of a random step of WalkSAT, or before each question to a scorer; below 0 for the method's own. */
  double walk = -1;
  /** How a scorer's scores become a choice: 0 for the highest one, else at random by exp(score / temperature). */
  double temperature = 0;
};

/** What the walkers of a local search did. See anser_search_statistics. */
struct search_statistics {
  /** Tries begun. */
  std::uint64_t tries = 0;
  /** Flips. */
  std::uint64_t flips = 0;
  /** Those that were random steps; what follows is about the others. */
  std::uint64_t walk = 0;
  /** Of a variable that was flipped before in the same try. */
  std::uint64_t undo = 0;
  /** To more violated constraints. */
  std::uint64_t upwards = 0;
  /** To as many. */
  std::uint64_t sideways = 0;
  /** To fewer. */
  std::uint64_t downwards = 0;
};

/** An assignment that is no model yet. */
struct best_assignment {
  /** 1 where variable v is true, -1 where it is false, at v - 1. */
  std::vector<std::int8_t> values;
  /** How many constraints it violates. */
  std::uint64_t violated = 0;
};

/** How well to count. See anser_counter_options. */
struct counter_options {
  /** The count is between n / (1 + epsilon) and n (1 + epsilon); 0 stands for 0.8. */
  double epsilon = 0;
  /** How likely it may be further off; 0 stands for 0.2. */
  double delta = 0;
  /** Whether to count exactly; then nothing else here matters. */
  bool exact = false;
  /** The hash functions. */
  hash_family family = hash_family::automatic;
  /** Of sparse ones: above 0 and at most 0.5. */
  double density = 0;
  /** Decides every random choice. */
  std::uint64_t seed = 0;
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

/** How a network is read from ONNX. */
struct network_options {
  /** Whether layers are kept as the file has them; else normalization is fused into the weights before it. */
  bool keep_layers = false;
  /** Sizes of symbolic dimensions of the file's inputs, by name. Of the others a first axis is of size 1. */
  std::vector<std::pair<std::string, std::size_t>> dims = {};
};

/** A tensor of a network. */
struct tensor_info {
  /** Its name; empty where it has none. */
  std::string name;
  /** The size of each axis; empty for a scalar. */
  std::vector<std::size_t> shape;
  /** How many elements there are: the product of the shape. */
  std::size_t length;
  /** Where they come from. */
  tensor_source source;
  /** How a constant's are stored; none for other tensors. */
  std::optional<element_type> type;
  /** Which input or which layer they come from, from 0; 0 for a constant. */
  std::size_t index;
};

/**
 * A layer of a network, to be added or as it was added. Which members a kind has, and what an empty array means, is told
 * by anser_layer; arrays that have an item for each axis must be of one length.
 */
struct layer {
  /** What it computes. */
  layer_kind kind;
  /** The tensors that it takes, constants included. */
  std::vector<std::uint32_t> inputs = {};
  /** The name of the output; empty for none. */
  std::string name = {};
  /** The tensor that it answers. Not looked at where a layer is added. */
  std::uint32_t output = 0;
  /** Windows: the size. */
  std::vector<std::size_t> kernel = {};
  /** Windows: steps between positions. */
  std::vector<std::size_t> strides = {};
  /** Windows: steps between elements of the window. */
  std::vector<std::size_t> dilations = {};
  /** Windows and pad: elements added before. */
  std::vector<std::size_t> pads_begin = {};
  /** Windows and pad: elements added after. */
  std::vector<std::size_t> pads_end = {};
  /** Transposed convolution: added to the end of each axis of the output. */
  std::vector<std::size_t> output_padding = {};
  /** Slice: the first element that is taken. */
  std::vector<std::size_t> starts = {};
  /** Slice: steps, which may be negative. */
  std::vector<std::int64_t> steps = {};
  /** Slice: how many elements are taken. */
  std::vector<std::size_t> lengths = {};
  /** Transpose: a permutation. Reductions: the axes, ascending. */
  std::vector<std::size_t> axes = {};
  /** Reshape: the shape. Gather: the shape of the indices. */
  std::vector<std::size_t> shape = {};
  /** Gather: the indices, row-major. */
  std::vector<std::size_t> indices = {};
  /** Concat, gather: the axis. Softmax: the first axis. */
  std::size_t axis = 0;
  /** Softmax: how many axes. */
  std::size_t axis_count = 1;
  /** Convolutions: channels are split into so many groups. */
  std::size_t groups = 1;
  /** Pools: whether a window may reach beyond the padding. */
  bool ceil = false;
  /** Average pool: whether padding counts as zeros. */
  bool count_padding = false;
  /** Reductions: whether the axes stay, with size 1. */
  bool keep_dims = false;
  /** Pad: what stands there. */
  pad_mode mode = pad_mode::constant;
  /** Batch normalization: added to the variance. */
  double epsilon = 0.0;
  /** Leaky ReLU: the slope on the negative side. */
  double slope = 0.0;
  /** Clip: the least. */
  double min = 0.0;
  /** Clip: the greatest. */
  double max = 0.0;
  /** Pad with pad_mode::constant: the number. */
  double pad_value = 0.0;
};

/** A node of the ONNX graph that went into a layer. */
struct layer_node {
  /** Its place in the file's list of nodes, from 0. */
  std::size_t index;
  /** Its name, often empty. */
  std::string name;
  /** Its operator. */
  std::string op;
};

/** Gradients of many samples, and the outputs that were computed on the way. */
template <class T> struct gradients {
  /** Laid out as the samples are. */
  std::vector<T> inputs;
  /** Laid out as network::evaluate() answers them. */
  std::vector<T> outputs;
};

/** Halfspaces in rows: row i is over columns[offsets[i]] .. columns[offsets[i + 1] - 1]; inputs first, then outputs. */
struct halfspaces {
  /** The columns of all rows. */
  std::vector<std::uint32_t> columns = {};
  /** A coefficient for each column. */
  std::vector<double> coefficients = {};
  /** One more than there are rows: from 0, not decreasing, the last one columns.size(). */
  std::vector<std::size_t> offsets = {0};
  /** What each row's sum is at most. */
  std::vector<double> bounds = {};
  /** 1 where the bound itself is excluded, else 0: one a row. */
  std::vector<std::uint8_t> strict = {};

  /** Adds a row: the sum of coefficient * column is at most `bound`, or less. Answers this, so that it can be chained. */
  halfspaces &add(std::initializer_list<std::pair<std::uint32_t, double>> terms, double bound, bool less = false) {
    for (const std::pair<std::uint32_t, double> &term : terms) {
      columns.push_back(term.first);
      coefficients.push_back(term.second);
    }
    offsets.push_back(columns.size());
    bounds.push_back(bound);
    strict.push_back(less ? 1 : 0);
    return *this;
  }
  /** How many rows there are. */
  std::size_t size() const noexcept { return bounds.size(); }
};

/** What inputs lie between, ends included. */
struct input_box {
  /** The least values. */
  std::vector<double> lower;
  /** The greatest values. */
  std::vector<double> upper;
};

/** Halfspaces as a dense matrix over the outputs: A y at most b, or less where strict. */
struct dense_rows {
  /** A, row after row. */
  std::vector<double> a;
  /** One a row. */
  std::vector<double> b;
  /** 1 where the bound itself is excluded, else 0: one a row. */
  std::vector<std::uint8_t> strict;
};

/** How the canonical form of a property is made. */
struct disjuncts_options {
  /** The most disjuncts that are told; 0 is taken as 2^20. */
  std::uint64_t limit = 0;
  /** Whether disjuncts without a point that only linear programming would find out are dropped. */
  bool lp = true;
};

/** What an iterator over disjuncts did so far. */
struct disjuncts_statistics {
  /** Alternatives that were entered. */
  std::uint64_t nodes;
  /** Disjuncts that were told. */
  std::uint64_t produced;
  /** Alternatives that contradicted the bounds. */
  std::uint64_t dropped_by_interval;
  /** Disjuncts without a point that only linear programming found out. */
  std::uint64_t dropped_by_lp;
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
  /** To be called inside a catch block. The first one is kept. */
  void keep() noexcept {
    if (thrown_ == nullptr) {
      thrown_ = std::current_exception();
    }
  }

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
 * After an exception only functions run that undo something.
 */
template <class Body> bool contained(Body &&body, bool undoes = false) {
  call_scope *const scope = call_scope::innermost();
  if (scope == nullptr) {
    body();
    return true;
  }
  if (scope->threw() && !undoes) {
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

/** Runs a host's function whose exceptions go nowhere: true where it came back. */
template <class Body> bool quietly(Body &&body) noexcept {
  try {
    body();
    return true;
  } catch (...) {
    return false;
  }
}

/** What a callback that threw answers, so that the library stops. */
constexpr std::int32_t stop_code = INT32_MIN;

inline std::int32_t report(void *user_data, const anser_progress *p) {
  std::int32_t answer = stop_code;
  contained([&] {
    const progress seen{static_cast<phase>(p->phase), p->seconds,   p->done,      p->total, p->conflicts, p->decisions,
                        p->propagations,              p->irredundant, p->redundant, p->fixed,      p->bound,
                        p->value,                     p->least};
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

inline std::int32_t take_model(void *user_data, const std::int8_t *values, std::size_t length) {
  bool more = false;
  contained([&] { more = (*static_cast<const model_function *>(user_data))(values, length); });
  return more ? 0 : stop_code;
}

inline std::int32_t take_sample(void *user_data, const std::uint64_t *words, std::size_t num_words) {
  bool more = false;
  contained([&] { more = (*static_cast<const sample_function *>(user_data))(words, num_words); });
  return more ? 0 : stop_code;
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

/** Throws where arrays that belong together differ in length. */
inline void same_length(const char *function, const char *argument, std::size_t given, std::size_t needed) {
  if (given != needed) {
    throw error(ANSER_STATUS_INVALID_ARGUMENT, std::string(function) + ": argument " + argument + " has " +
                                                   std::to_string(given) + " items, " + std::to_string(needed) +
                                                   " are needed");
  }
}

/** Conditions as C takes them: NULL where there are none. */
class split_conditions {
public:
  split_conditions(const char *function, const sum_list &list) {
    same_length(function, "offsets", list.offsets.size(), list.bounds.size() + 1);
    if (!list.conditions.empty()) {
      same_length(function, "conditions", list.conditions.size(), list.bounds.size());
    }
    for (const condition &when : list.conditions) {
      kinds_.push_back(when.kind());
      literals_.push_back(when.literal());
    }
  }
  const std::int32_t *kinds() const noexcept { return kinds_.empty() ? nullptr : kinds_.data(); }
  const std::int32_t *literals() const noexcept { return literals_.empty() ? nullptr : literals_.data(); }

private:
  std::vector<std::int32_t> kinds_;
  std::vector<std::int32_t> literals_;
};

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

/** A host's procedure, called. */
inline std::int32_t solve(void *user_data, const anser_question *question, std::int32_t *result, double *input) {
  const bool went_well = contained([&] {
    const host_answer answer = (*static_cast<host_procedure *>(user_data))(*question);
    if (answer.result == anser::result::sat) {
      same_length("anser::host_procedure", "input", answer.input.size(), question->num_inputs);
      for (std::size_t index = 0; index < answer.input.size(); index++) {
        input[index] = answer.input[index];
      }
    }
    *result = static_cast<std::int32_t>(answer.result);
  });
  return went_well ? 0 : stop_code;
}

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

/** A scorer that was handed over. */
struct scorer_host {
  std::unique_ptr<scorer> owned;
  /** What owns this host while its search is being made; then the library does. */
  std::unique_ptr<scorer_host> *place;
  /** Whether something was asked since `drain`; where nothing was, `drain` is called to undo the search. */
  bool asked;

  static scorer_host &of(void *user_data) { return *static_cast<scorer_host *>(user_data); }
  template <class Body> static std::int32_t run(Body &&body) {
    return contained(std::forward<Body>(body)) ? 0 : stop_code;
  }

  static void destroy(void *self) {
    if (of(self).place != nullptr) {
      of(self).place->reset();
    } else {
      delete static_cast<scorer_host *>(self);
    }
  }
  static std::int32_t plan(void *self, anser_scorer_plan *proposed) {
    return run([&] { of(self).owned->plan(*proposed); });
  }
  static std::int32_t alloc(void *self, std::size_t bytes, std::size_t align, void **memory) {
    return run([&] { *memory = of(self).owned->allocate(bytes, align); });
  }
  static void dealloc(void *self, void *memory, std::size_t bytes) {
    quietly([&] { of(self).owned->deallocate(memory, bytes); });
  }
  static std::int32_t prepare(void *self, const anser_graph *graph, const anser_scorer_plan *settled,
                              const anser_batch *slots, std::uint32_t num_slots) {
    return run([&] { of(self).owned->prepare(*graph, *settled, slots, num_slots); });
  }
  static std::int32_t submit(void *self, const anser_batch *batch) {
    of(self).asked = true;
    return run([&] { of(self).owned->submit(*batch); });
  }
  static std::int32_t collect(void *self, const anser_batch *batch, std::uint64_t timeout_ns) {
    bool there = false;
    const std::chrono::nanoseconds timeout(static_cast<std::chrono::nanoseconds::rep>(timeout_ns));
    const bool went_well = contained([&] { there = of(self).owned->collect(*batch, timeout); });
    return !went_well ? stop_code : there ? ANSER_SCORER_DONE : ANSER_SCORER_NOT_YET;
  }
  static std::int32_t drain(void *self) {
    const auto body = [&] { of(self).owned->drain(); };
    return (std::exchange(of(self).asked, false) ? contained(body, true) : quietly(body)) ? 0 : stop_code;
  }
  static void release(void *self) {
    quietly([&] { of(self).owned->release(); });
  }
};

inline anser_scorer scorer_struct(scorer_host &host) {
  anser_scorer made = ANSER_SCORER_INIT;
  made.user_data = &host;
  made.destroy = scorer_host::destroy;
  made.plan = scorer_host::plan;
  if (host.owned->allocates()) {
    made.alloc = scorer_host::alloc;
    made.dealloc = scorer_host::dealloc;
  }
  made.prepare = scorer_host::prepare;
  made.submit = scorer_host::submit;
  made.collect = host.owned->is_asynchronous() ? scorer_host::collect : nullptr;
  made.drain = scorer_host::drain;
  made.release = scorer_host::release;
  return made;
}

/** Frees a search; what its scorers throw is not for a call that is under way around this. */
inline void free_search(anser_search *raw) {
  call_scope scope;
  anser_search_free(raw);
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
  friend class enumerator;
  friend class counter;
  friend class sampler;
  friend class search;
  friend class network;
  friend class property;
  friend class disjuncts;
  friend class bounds;
  friend class relu_encoder;
  friend class relu_encoding;
  friend class verifier;

  static anser_budget *make() {
    anser_budget *raw = nullptr;
    detail::check(anser_budget_new(&raw));
    return raw;
  }
};

/**
 * A formula: variables 1..num_vars(), and constraints over their literals in DIMACS convention (v for a variable, -v for
 * its negation), all of which must hold: clauses, parities, cardinality and pseudo-Boolean constraints, and linear
 * constraints over integers and reals. Every constraint has an id: 0 for the first one added, and so on. Where a budget can be given, it limits the call; its progress function and token are
 * asked while the call is under way, and what it ends throws an error with ANSER_STATUS_STOPPED.
 */
class formula : public detail::handle<anser_formula, anser_formula_free> {
public:
  using handle::handle;
  /** An empty formula. */
  formula() : handle(make([](anser_formula **out) { return anser_formula_new(out); }).release()) {}

  /** Reads DIMACS CNF from a file, plain or compressed. See anser_formula_read_dimacs. */
  static formula read_dimacs(const std::string &path) {
    return read(anser_formula_read_dimacs, "anser::formula::read_dimacs", path, nullptr);
  }
  /** Reads DIMACS CNF from a file, within a budget. */
  static formula read_dimacs(const std::string &path, const budget &limits) {
    const char *const who = "anser::formula::read_dimacs";
    return read(anser_formula_read_dimacs, who, path, limits.mine(who));
  }
  /** Reads DIMACS CNF from memory. */
  static formula parse_dimacs(const std::string &text) {
    return parse(anser_formula_read_dimacs_memory, text.data(), text.size(), nullptr);
  }
  /** Reads DIMACS CNF from memory, within a budget. */
  static formula parse_dimacs(const std::string &text, const budget &limits) {
    return parse(anser_formula_read_dimacs_memory, text.data(), text.size(),
                 limits.mine("anser::formula::parse_dimacs"));
  }
  /** Reads DIMACS CNF from `length` bytes of memory, plain or compressed. */
  static formula parse_dimacs(const std::uint8_t *bytes, std::size_t length) {
    return parse(anser_formula_read_dimacs_memory, bytes, length, nullptr);
  }
  /** Reads DIMACS CNF from `length` bytes of memory, plain or compressed, within a budget. */
  static formula parse_dimacs(const std::uint8_t *bytes, std::size_t length, const budget &limits) {
    return parse(anser_formula_read_dimacs_memory, bytes, length, limits.mine("anser::formula::parse_dimacs"));
  }
  /** Reads OPB from a file, plain or compressed. See anser_formula_read_opb. */
  static formula read_opb(const std::string &path) {
    return read(anser_formula_read_opb, "anser::formula::read_opb", path, nullptr);
  }
  /** Reads OPB from a file, within a budget. */
  static formula read_opb(const std::string &path, const budget &limits) {
    const char *const who = "anser::formula::read_opb";
    return read(anser_formula_read_opb, who, path, limits.mine(who));
  }
  /** Reads OPB from memory. */
  static formula parse_opb(const std::string &text) {
    return parse(anser_formula_read_opb_memory, text.data(), text.size(), nullptr);
  }
  /** Reads OPB from memory, within a budget. */
  static formula parse_opb(const std::string &text, const budget &limits) {
    return parse(anser_formula_read_opb_memory, text.data(), text.size(), limits.mine("anser::formula::parse_opb"));
  }
  /** Reads OPB from `length` bytes of memory, plain or compressed. */
  static formula parse_opb(const std::uint8_t *bytes, std::size_t length) {
    return parse(anser_formula_read_opb_memory, bytes, length, nullptr);
  }
  /** Reads OPB from `length` bytes of memory, plain or compressed, within a budget. */
  static formula parse_opb(const std::uint8_t *bytes, std::size_t length, const budget &limits) {
    return parse(anser_formula_read_opb_memory, bytes, length, limits.mine("anser::formula::parse_opb"));
  }

  /** A copy, independent of the original; what it holds is shared until one of the two is changed. */
  formula clone() const {
    const anser_formula *const self = mine("anser::formula::clone");
    return make([&](anser_formula **out) { return anser_formula_clone(self, out); });
  }

  /**
   * A formula of clauses that says the same: variables 1..num_vars() are those of this one, the auxiliary ones follow.
   * See anser_formula_encode.
   */
  formula encode() const {
    const anser_formula *const self = mine("anser::formula::encode");
    return make([&](anser_formula **out) { return anser_formula_encode(self, nullptr, out); });
  }
  /** A formula of clauses that says the same, within a budget. */
  formula encode(const budget &limits) const {
    const char *const who = "anser::formula::encode";
    const anser_formula *const self = mine(who);
    const anser_budget *const within = limits.mine(who);
    return make([&](anser_formula **out) { return anser_formula_encode(self, within, out); });
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
  /** How many clauses there are. Where there are no other constraints, their ids are 0..num_clauses()-1. */
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

  /** How many constraints there are, of all kinds. Their ids are 0..num_constraints()-1. */
  std::uint64_t num_constraints() const {
    std::uint64_t count = 0;
    detail::check(anser_formula_num_constraints(mine("anser::formula::num_constraints"), &count));
    return count;
  }
  /** The kind of a constraint. */
  constraint_kind kind(std::uint64_t id) const {
    std::int32_t code = 0;
    detail::check(anser_formula_get_constraint_kind(mine("anser::formula::kind"), id, &code));
    return static_cast<constraint_kind>(code);
  }
  /** The kinds of all constraints, in the order of their ids. */
  std::vector<constraint_kind> kinds() const {
    const anser_formula *const self = mine("anser::formula::kinds");
    std::vector<std::int32_t> codes(static_cast<std::size_t>(num_constraints()));
    detail::check(anser_formula_get_constraint_kinds(self, codes.data(), codes.size()));
    std::vector<constraint_kind> all;
    all.reserve(codes.size());
    for (const std::int32_t code : codes) {
      all.push_back(static_cast<constraint_kind>(code));
    }
    return all;
  }
  /** A constraint of any kind, as written. */
  anser::constraint constraint(std::uint64_t id) const {
    anser_constraint c = ANSER_CONSTRAINT_INIT;
    detail::check(anser_formula_get_constraint(mine("anser::formula::constraint"), id, &c));
    const auto copy = [](auto *items, std::size_t count) {
      using item = std::remove_const_t<std::remove_pointer_t<decltype(items)>>;
      return items == nullptr ? std::vector<item>() : std::vector<item>(items, items + count);
    };
    return {static_cast<constraint_kind>(c.kind),
            static_cast<relation>(c.relation),
            condition::from(c.condition, c.condition_literal),
            copy(c.literals, c.num_literals),
            copy(c.weights, c.num_literals),
            c.bound,
            copy(c.numbers, c.num_numbers),
            copy(c.coefficients, c.num_numbers),
            copy(c.literal_weights, c.num_literals),
            c.rhs};
  }

  /** Adds literal 1 XOR ... XOR literal n = rhs, kept as written, and answers its id. See anser_formula_add_xor. */
  std::uint64_t add_xor(const std::int32_t *literals, std::size_t num_literals, bool rhs) {
    std::uint64_t id = 0;
    detail::check(anser_formula_add_xor(mine("anser::formula::add_xor"), literals, num_literals, rhs ? 1 : 0, &id));
    return id;
  }
  /** Adds literal 1 XOR ... XOR literal n = rhs and answers its id. */
  std::uint64_t add_xor(const std::vector<std::int32_t> &literals, bool rhs) {
    return add_xor(literals.data(), literals.size(), rhs);
  }
  /** Adds literal 1 XOR ... XOR literal n = rhs and answers its id. */
  std::uint64_t add_xor(std::initializer_list<std::int32_t> literals, bool rhs) {
    return add_xor(literals.begin(), literals.size(), rhs);
  }
  /** Adds many parities at once, all or none. Answers the first one's id; the others follow it. */
  std::uint64_t add_xors(const xor_list &list) {
    anser_formula *const self = mine("anser::formula::add_xors");
    detail::same_length("anser::formula::add_xors", "offsets", list.offsets.size(), list.rhs.size() + 1);
    std::uint64_t id = 0;
    detail::check(anser_formula_add_xors(self, list.literals.data(), list.literals.size(), list.offsets.data(),
                                         list.rhs.data(), list.rhs.size(), &id));
    return id;
  }
  /** All parities, as written, at once. */
  xor_list xors() const {
    const anser_formula *const self = mine("anser::formula::xors");
    const auto [rows, literals, numbers] = sizes(constraint_kind::xor_);
    static_cast<void>(numbers);
    xor_list all;
    all.literals.resize(literals);
    all.offsets.resize(rows + 1);
    all.rhs.resize(rows);
    detail::check(anser_formula_get_xors(self, all.literals.data(), literals, all.offsets.data(), all.rhs.data(), rows));
    return all;
  }

  /**
   * Adds: at least `bound` of the literals are true, where the condition says so. Answers the constraint's id. A literal
   * that occurs more than once counts as often. See anser_formula_add_cardinality.
   */
  std::uint64_t add_at_least(const std::int32_t *literals, std::size_t num_literals, std::int64_t bound,
                             condition when = {}) {
    std::uint64_t id = 0;
    detail::check(anser_formula_add_cardinality(mine("anser::formula::add_at_least"), literals, num_literals, bound,
                                                when.kind(), when.literal(), &id));
    return id;
  }
  /** Adds: at least `bound` of the literals are true, where the condition says so. */
  std::uint64_t add_at_least(const std::vector<std::int32_t> &literals, std::int64_t bound, condition when = {}) {
    return add_at_least(literals.data(), literals.size(), bound, when);
  }
  /** Adds: at least `bound` of the literals are true, where the condition says so. */
  std::uint64_t add_at_least(std::initializer_list<std::int32_t> literals, std::int64_t bound, condition when = {}) {
    return add_at_least(literals.begin(), literals.size(), bound, when);
  }
  /**
   * Adds: at most `bound` of the literals are true, where the condition says so. Kept as its like in negations: at least
   * n - bound of them are.
   */
  std::uint64_t add_at_most(const std::int32_t *literals, std::size_t num_literals, std::int64_t bound,
                            condition when = {}) {
    const std::vector<std::int32_t> negated = negations(literals, num_literals);
    return add_at_least(negated.data(), negated.size(), left_over(num_literals, bound), when);
  }
  /** Adds: at most `bound` of the literals are true, where the condition says so. */
  std::uint64_t add_at_most(const std::vector<std::int32_t> &literals, std::int64_t bound, condition when = {}) {
    return add_at_most(literals.data(), literals.size(), bound, when);
  }
  /** Adds: at most `bound` of the literals are true, where the condition says so. */
  std::uint64_t add_at_most(std::initializer_list<std::int32_t> literals, std::int64_t bound, condition when = {}) {
    return add_at_most(literals.begin(), literals.size(), bound, when);
  }
  /**
   * Adds: exactly `count` of the literals are true, always or where a literal implies it: two constraints, at least and
   * at most, both or none. Answers the first one's id; the other follows it. A reified one is no pair of constraints:
   * reify each with a variable of its own.
   */
  std::uint64_t add_exactly(const std::int32_t *literals, std::size_t num_literals, std::int64_t count,
                            condition when = {}) {
    anser_formula *const self = mine("anser::formula::add_exactly");
    if (when.kind() == ANSER_CONDITION_REIFIED) {
      throw error(ANSER_STATUS_INVALID_ARGUMENT, "anser::formula::add_exactly: argument when is reified");
    }
    std::vector<std::int32_t> both = negations(literals, num_literals);
    both.insert(both.begin(), literals, literals + num_literals);
    const std::size_t offsets[] = {0, num_literals, both.size()};
    const std::int64_t bounds[] = {count, left_over(num_literals, count)};
    const std::int32_t kinds[] = {when.kind(), when.kind()};
    const std::int32_t condition_literals[] = {when.literal(), when.literal()};
    std::uint64_t id = 0;
    detail::check(anser_formula_add_cardinalities(self, both.data(), both.size(), offsets, bounds, kinds,
                                                  condition_literals, 2, &id));
    return id;
  }
  /** Adds: exactly `count` of the literals are true, always or where a literal implies it: two constraints. */
  std::uint64_t add_exactly(const std::vector<std::int32_t> &literals, std::int64_t count, condition when = {}) {
    return add_exactly(literals.data(), literals.size(), count, when);
  }
  /** Adds: exactly `count` of the literals are true, always or where a literal implies it: two constraints. */
  std::uint64_t add_exactly(std::initializer_list<std::int32_t> literals, std::int64_t count, condition when = {}) {
    return add_exactly(literals.begin(), literals.size(), count, when);
  }
  /** Adds many cardinality constraints at once, all or none; the list has no weights. Answers the first one's id. */
  std::uint64_t add_cardinalities(const sum_list &list) {
    anser_formula *const self = mine("anser::formula::add_cardinalities");
    detail::same_length("anser::formula::add_cardinalities", "weights", list.weights.size(), 0);
    const detail::split_conditions split("anser::formula::add_cardinalities", list);
    std::uint64_t id = 0;
    detail::check(anser_formula_add_cardinalities(self, list.literals.data(), list.literals.size(), list.offsets.data(),
                                                  list.bounds.data(), split.kinds(), split.literals(),
                                                  list.bounds.size(), &id));
    return id;
  }
  /** All cardinality constraints, as written, at once. */
  sum_list cardinalities() const {
    const anser_formula *const self = mine("anser::formula::cardinalities");
    return sums(constraint_kind::cardinality, [&](sum_list &all, std::int32_t *kinds, std::int32_t *literals) {
      return anser_formula_get_cardinalities(self, all.literals.data(), all.literals.size(), all.offsets.data(),
                                             all.bounds.data(), kinds, literals, all.bounds.size());
    });
  }

  /**
   * Adds: the weights of the true literals add up to at least `bound`, where the condition says so. Answers the
   * constraint's id. The magnitudes of weights and bound must add up to less than 2^63. See
   * anser_formula_add_pseudo_boolean.
   */
  std::uint64_t add_pseudo_boolean(const std::int32_t *literals, const std::int64_t *weights, std::size_t num_literals,
                                   std::int64_t bound, condition when = {}) {
    std::uint64_t id = 0;
    detail::check(anser_formula_add_pseudo_boolean(mine("anser::formula::add_pseudo_boolean"), literals, weights,
                                                   num_literals, bound, when.kind(), when.literal(), &id));
    return id;
  }
  /** Adds: the weights of the true literals add up to at least `bound`, where the condition says so. */
  std::uint64_t add_pseudo_boolean(const std::vector<std::int32_t> &literals, const std::vector<std::int64_t> &weights,
                                   std::int64_t bound, condition when = {}) {
    detail::same_length("anser::formula::add_pseudo_boolean", "weights", weights.size(), literals.size());
    return add_pseudo_boolean(literals.data(), weights.data(), literals.size(), bound, when);
  }
  /** Adds: the weights of the true literals add up to at least `bound`: `{{2, 1}, {-1, 3}}` is 2*x1 - x3. */
  std::uint64_t add_pseudo_boolean(std::initializer_list<weighted_literal> terms, std::int64_t bound,
                                   condition when = {}) {
    std::vector<std::int32_t> literals;
    std::vector<std::int64_t> weights;
    for (const weighted_literal &term : terms) {
      literals.push_back(term.literal);
      weights.push_back(term.weight);
    }
    return add_pseudo_boolean(literals, weights, bound, when);
  }
  /** Adds many pseudo-Boolean constraints at once, all or none. Answers the first one's id; the others follow it. */
  std::uint64_t add_pseudo_booleans(const sum_list &list) {
    anser_formula *const self = mine("anser::formula::add_pseudo_booleans");
    detail::same_length("anser::formula::add_pseudo_booleans", "weights", list.weights.size(), list.literals.size());
    const detail::split_conditions split("anser::formula::add_pseudo_booleans", list);
    std::uint64_t id = 0;
    detail::check(anser_formula_add_pseudo_booleans(self, list.literals.data(), list.weights.data(),
                                                    list.literals.size(), list.offsets.data(), list.bounds.data(),
                                                    split.kinds(), split.literals(), list.bounds.size(), &id));
    return id;
  }
  /** All pseudo-Boolean constraints, as written, at once. */
  sum_list pseudo_booleans() const {
    const anser_formula *const self = mine("anser::formula::pseudo_booleans");
    return sums(constraint_kind::pseudo_boolean, [&](sum_list &all, std::int32_t *kinds, std::int32_t *literals) {
      all.weights.resize(all.literals.size());
      return anser_formula_get_pseudo_booleans(self, all.literals.data(), all.weights.data(), all.literals.size(),
                                               all.offsets.data(), all.bounds.data(), kinds, literals,
                                               all.bounds.size());
    });
  }

  /** An integer with the values min..max, within 2^53 either way; the formula's first number is 0. */
  std::uint32_t new_integer(std::int64_t min, std::int64_t max) {
    std::uint32_t number = 0;
    detail::check(anser_formula_new_integer(mine("anser::formula::new_integer"), min, max, &number));
    return number;
  }
  /** Integers with the values min[i]..max[i], all or none: the first one is answered, the others follow it. */
  std::uint32_t new_integers(const std::vector<std::int64_t> &min, const std::vector<std::int64_t> &max) {
    detail::same_length("anser::formula::new_integers", "max", max.size(), min.size());
    std::uint32_t first = 0;
    detail::check(
        anser_formula_new_integers(mine("anser::formula::new_integers"), min.data(), max.data(), min.size(), &first));
    return first;
  }
  /** A real with the values min..max, finite; the formula's first number is 0. */
  std::uint32_t new_real(double min, double max) {
    std::uint32_t number = 0;
    detail::check(anser_formula_new_real(mine("anser::formula::new_real"), min, max, &number));
    return number;
  }
  /** Reals with the values min[i]..max[i], all or none: the first one is answered, the others follow it. */
  std::uint32_t new_reals(const std::vector<double> &min, const std::vector<double> &max) {
    detail::same_length("anser::formula::new_reals", "max", max.size(), min.size());
    std::uint32_t first = 0;
    detail::check(anser_formula_new_reals(mine("anser::formula::new_reals"), min.data(), max.data(), min.size(), &first));
    return first;
  }
  /** How many numbers there are, integers and reals. */
  std::uint32_t num_numbers() const {
    std::uint32_t count = 0;
    detail::check(anser_formula_num_numbers(mine("anser::formula::num_numbers"), &count));
    return count;
  }
  /** What values a number has. */
  number_domain domain(std::uint32_t number) const {
    std::int32_t kind = 0;
    number_domain d{number_kind::integer, 0.0, 0.0};
    detail::check(anser_formula_get_number_domain(mine("anser::formula::domain"), number, &kind, &d.min, &d.max));
    d.kind = static_cast<number_kind>(kind);
    return d;
  }
  /** What values all numbers have, in order. */
  std::vector<number_domain> domains() const {
    const anser_formula *const self = mine("anser::formula::domains");
    const std::size_t count = num_numbers();
    std::vector<std::int32_t> kinds(count);
    std::vector<double> min(count);
    std::vector<double> max(count);
    detail::check(anser_formula_get_number_domains(self, kinds.data(), min.data(), max.data(), count));
    std::vector<number_domain> all;
    all.reserve(count);
    for (std::size_t i = 0; i < count; i++) {
      all.push_back({static_cast<number_kind>(kinds[i]), min[i], max[i]});
    }
    return all;
  }

  /** Adds a linear constraint and answers its id. See anser_formula_add_linear. */
  std::uint64_t add_linear(const linear_row &row) {
    anser_formula *const self = mine("anser::formula::add_linear");
    detail::same_length("anser::formula::add_linear", "coefficients", row.coefficients.size(), row.numbers.size());
    detail::same_length("anser::formula::add_linear", "weights", row.weights.size(), row.literals.size());
    std::uint64_t id = 0;
    detail::check(anser_formula_add_linear(self, row.numbers.data(), row.coefficients.data(), row.numbers.size(),
                                           row.literals.data(), row.weights.data(), row.literals.size(),
                                           static_cast<std::int32_t>(row.relation), row.rhs, row.condition.kind(),
                                           row.condition.literal(), &id));
    return id;
  }
  /** Adds many linear constraints at once, all or none. Answers the first one's id; the others follow it. */
  std::uint64_t add_linears(const std::vector<linear_row> &rows) {
    anser_formula *const self = mine("anser::formula::add_linears");
    linear_row flat; // of all rows, one after the other
    std::vector<std::size_t> number_offsets{0};
    std::vector<std::size_t> literal_offsets{0};
    std::vector<std::int32_t> relations;
    std::vector<double> rhs;
    std::vector<std::int32_t> conditions;
    std::vector<std::int32_t> condition_literals;
    const auto append = [](auto &to, const auto &from) { to.insert(to.end(), from.begin(), from.end()); };
    for (const linear_row &row : rows) {
      detail::same_length("anser::formula::add_linears", "coefficients", row.coefficients.size(), row.numbers.size());
      detail::same_length("anser::formula::add_linears", "weights", row.weights.size(), row.literals.size());
      append(flat.numbers, row.numbers);
      append(flat.coefficients, row.coefficients);
      append(flat.literals, row.literals);
      append(flat.weights, row.weights);
      number_offsets.push_back(flat.numbers.size());
      literal_offsets.push_back(flat.literals.size());
      relations.push_back(static_cast<std::int32_t>(row.relation));
      rhs.push_back(row.rhs);
      conditions.push_back(row.condition.kind());
      condition_literals.push_back(row.condition.literal());
    }
    anser_linear_rows all = ANSER_LINEAR_ROWS_INIT;
    all.num_rows = rows.size();
    all.numbers = flat.numbers.data();
    all.coefficients = flat.coefficients.data();
    all.num_numbers = flat.numbers.size();
    all.number_offsets = number_offsets.data();
    all.literals = flat.literals.data();
    all.weights = flat.weights.data();
    all.num_literals = flat.literals.size();
    all.literal_offsets = literal_offsets.data();
    all.relations = relations.data();
    all.rhs = rhs.data();
    all.conditions = rows.empty() ? nullptr : conditions.data();
    all.condition_literals = rows.empty() ? nullptr : condition_literals.data();
    return add_linears(self, all);
  }
  /** Adds many linear constraints at once, all or none, from flat arrays. Answers the first one's id. */
  std::uint64_t add_linears(const anser_linear_rows &rows) {
    return add_linears(mine("anser::formula::add_linears"), rows);
  }
  /** All linear constraints, as written, in order. */
  std::vector<linear_row> linears() const {
    const anser_formula *const self = mine("anser::formula::linears");
    const auto [rows, literals, numbers] = sizes(constraint_kind::linear);
    linear_row flat;
    flat.numbers.resize(numbers);
    flat.coefficients.resize(numbers);
    flat.literals.resize(literals);
    flat.weights.resize(literals);
    std::vector<std::size_t> number_offsets(rows + 1);
    std::vector<std::size_t> literal_offsets(rows + 1);
    std::vector<std::int32_t> relations(rows);
    std::vector<double> rhs(rows);
    std::vector<std::int32_t> conditions(rows);
    std::vector<std::int32_t> condition_literals(rows);
    anser_linear_buffers to = ANSER_LINEAR_BUFFERS_INIT;
    to.num_rows = rows;
    to.numbers = flat.numbers.data();
    to.coefficients = flat.coefficients.data();
    to.num_numbers = numbers;
    to.number_offsets = number_offsets.data();
    to.literals = flat.literals.data();
    to.weights = flat.weights.data();
    to.num_literals = literals;
    to.literal_offsets = literal_offsets.data();
    to.relations = relations.data();
    to.rhs = rhs.data();
    to.conditions = conditions.data();
    to.condition_literals = condition_literals.data();
    detail::check(anser_formula_get_linears(self, &to));
    std::vector<linear_row> all(rows);
    for (std::size_t i = 0; i < rows; i++) {
      const auto part = [i](const auto &items, const std::vector<std::size_t> &offsets) {
        const auto begin = items.begin();
        return std::decay_t<decltype(items)>(begin + static_cast<std::ptrdiff_t>(offsets[i]),
                                             begin + static_cast<std::ptrdiff_t>(offsets[i + 1]));
      };
      all[i] = {part(flat.numbers, number_offsets),
                part(flat.coefficients, number_offsets),
                part(flat.literals, literal_offsets),
                part(flat.weights, literal_offsets),
                static_cast<relation>(relations[i]),
                rhs[i],
                condition::from(conditions[i], condition_literals[i])};
    }
    return all;
  }

  /**
   * Declares the variables whose values make a witness: what samplers, counters and enumeration project on. Takes the
   * place of the set before; an empty one is one all the same. See anser_formula_set_sampling_set.
   */
  void set_sampling_set(const std::vector<std::int32_t> &variables) {
    detail::check(anser_formula_set_sampling_set(mine("anser::formula::set_sampling_set"), variables.data(),
                                                 variables.size()));
  }
  /** Takes the sampling set away: all variables count. */
  void clear_sampling_set() {
    detail::check(anser_formula_clear_sampling_set(mine("anser::formula::clear_sampling_set")));
  }
  /** The sampling set, ascending, where one was declared. */
  std::optional<std::vector<std::int32_t>> sampling_set() const {
    const anser_formula *const self = mine("anser::formula::sampling_set");
    std::int32_t has = 0;
    std::size_t count = 0;
    detail::check(anser_formula_has_sampling_set(self, &has));
    if (has == 0) {
      return std::nullopt;
    }
    detail::check(anser_formula_num_sampling_set(self, &count));
    std::vector<std::int32_t> variables(count);
    detail::check(anser_formula_get_sampling_set(self, variables.data(), count));
    return variables;
  }

  /**
   * What solver::minimize() makes least: the weights of the literals that are true, and the offset. Takes the place of the one
   * before. See anser_formula_set_objective.
   */
  void set_objective(const std::vector<std::int32_t> &literals, const std::vector<std::int64_t> &weights,
                     std::int64_t offset = 0) {
    anser_formula *const self = mine("anser::formula::set_objective");
    detail::same_length("anser::formula::set_objective", "weights", weights.size(), literals.size());
    detail::check(anser_formula_set_objective(self, literals.data(), weights.data(), literals.size(), offset));
  }
  /** Takes the objective away. */
  void clear_objective() {
    detail::check(anser_formula_clear_objective(mine("anser::formula::clear_objective")));
  }
  /** The objective, ascending by variable, where there is one; a variable occurs once. */
  std::optional<anser::objective> objective() const {
    const anser_formula *const self = mine("anser::formula::objective");
    std::int32_t has = 0;
    std::size_t count = 0;
    anser::objective all{};
    detail::check(anser_formula_has_objective(self, &has, &count, &all.offset));
    if (has == 0) {
      return std::nullopt;
    }
    all.literals.resize(count);
    all.weights.resize(count);
    detail::check(anser_formula_get_objective(self, all.literals.data(), all.weights.data(), count));
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
    return {s.variables, s.clauses, s.literals, s.empty, s.unit, s.binary, s.ternary, s.longest, s.bytes,
            s.xors,      s.cardinalities, s.pseudo_booleans, s.linears, s.terms, s.numbers, s.sampling_set};
  }

  /**
   * The id of the first constraint that a model violates, if it violates any. No solver takes part.
   *
   * @param values values[v - 1] is 1 where variable v is true, -1 where it is false, 0 where it is open: what depends on
   *   it is then not satisfied. At least num_vars() of them.
   */
  std::optional<std::uint64_t> find_violated(const std::int8_t *values, std::size_t num_values) const {
    std::int32_t satisfied = 0;
    std::uint64_t violated = 0;
    detail::check(anser_formula_check(mine("anser::formula::find_violated"), values, num_values, &satisfied, &violated));
    return satisfied != 0 ? std::nullopt : std::optional<std::uint64_t>(violated);
  }
  /** The id of the first constraint that a model violates, if it violates any. */
  std::optional<std::uint64_t> find_violated(const std::vector<std::int8_t> &values) const {
    return find_violated(values.data(), values.size());
  }
  /** The same for a formula with integers and reals: `numbers` has a value for each, inside its domain. */
  std::optional<std::uint64_t> find_violated(const std::vector<std::int8_t> &values,
                                             const std::vector<double> &numbers) const {
    std::int32_t satisfied = 0;
    std::uint64_t violated = 0;
    detail::check(anser_formula_check_with_numbers(mine("anser::formula::find_violated"), values.data(), values.size(),
                                                   numbers.data(), numbers.size(), &satisfied, &violated));
    return satisfied != 0 ? std::nullopt : std::optional<std::uint64_t>(violated);
  }
  /** Whether a model satisfies every constraint. */
  bool is_satisfied_by(const std::vector<std::int8_t> &values) const { return !find_violated(values).has_value(); }
  /** Whether a model satisfies every constraint of a formula with integers and reals. */
  bool is_satisfied_by(const std::vector<std::int8_t> &values, const std::vector<double> &numbers) const {
    return !find_violated(values, numbers).has_value();
  }

  /** Writes DIMACS CNF to a file, compressed where its name ends in .gz or .xz. */
  void write_dimacs(const std::string &path) const {
    write(anser_formula_write_dimacs, "anser::formula::write_dimacs", path, nullptr);
  }
  /** Writes DIMACS CNF to a file, within a budget. */
  void write_dimacs(const std::string &path, const budget &limits) const {
    const char *const who = "anser::formula::write_dimacs";
    write(anser_formula_write_dimacs, who, path, limits.mine(who));
  }
  /** Writes DIMACS CNF, uncompressed, into a function, which is destroyed before this returns. */
  void write_dimacs(sink_function sink) const {
    write(anser_formula_write_dimacs_sink, "anser::formula::write_dimacs", std::move(sink), nullptr);
  }
  /** Writes DIMACS CNF, uncompressed, into a function, within a budget. */
  void write_dimacs(sink_function sink, const budget &limits) const {
    const char *const who = "anser::formula::write_dimacs";
    write(anser_formula_write_dimacs_sink, who, std::move(sink), limits.mine(who));
  }
  /** The formula in DIMACS CNF. */
  std::string to_dimacs() const {
    return text_of(anser_formula_write_dimacs_memory, mine("anser::formula::to_dimacs"));
  }
  /** Writes OPB to a file, compressed where its name ends in .gz or .xz. */
  void write_opb(const std::string &path) const {
    write(anser_formula_write_opb, "anser::formula::write_opb", path, nullptr);
  }
  /** Writes OPB to a file, within a budget. */
  void write_opb(const std::string &path, const budget &limits) const {
    const char *const who = "anser::formula::write_opb";
    write(anser_formula_write_opb, who, path, limits.mine(who));
  }
  /** Writes OPB, uncompressed, into a function, which is destroyed before this returns. */
  void write_opb(sink_function sink) const {
    write(anser_formula_write_opb_sink, "anser::formula::write_opb", std::move(sink), nullptr);
  }
  /** Writes OPB, uncompressed, into a function, within a budget. */
  void write_opb(sink_function sink, const budget &limits) const {
    const char *const who = "anser::formula::write_opb";
    write(anser_formula_write_opb_sink, who, std::move(sink), limits.mine(who));
  }
  /** The formula in OPB. */
  std::string to_opb() const {
    return text_of(anser_formula_write_opb_memory, mine("anser::formula::to_opb"));
  }
  /** Writes a file in a format, compressed where its name ends in .gz or .xz. See anser_formula_write. */
  void write_text(text_format format, const std::string &path) const { write_as(format, path, nullptr); }
  /** Writes a file in a format, within a budget. */
  void write_text(text_format format, const std::string &path, const budget &limits) const {
    write_as(format, path, limits.mine("anser::formula::write_text"));
  }
  /** Writes in a format, uncompressed, into a function, which is destroyed before this returns. */
  void write_text(text_format format, sink_function sink) const { write_as(format, std::move(sink), nullptr); }
  /** Writes in a format, uncompressed, into a function, within a budget. */
  void write_text(text_format format, sink_function sink, const budget &limits) const {
    write_as(format, std::move(sink), limits.mine("anser::formula::write_text"));
  }
  /** The formula in a format. */
  std::string to_text(text_format format) const {
    const anser_formula *const self = mine("anser::formula::to_text");
    const std::int32_t code = static_cast<std::int32_t>(format);
    std::size_t length = 0;
    detail::check(anser_formula_write_memory(self, code, nullptr, nullptr, 0, &length));
    std::string text(length + 1, '\0');
    detail::check(anser_formula_write_memory(self, code, nullptr, text.data(), text.size(), &length));
    text.resize(length);
    return text;
  }

private:
  friend class solver;
  friend class enumerator;
  friend class counter;
  friend class sampler;
  friend class search;
  friend class relu_encoder;
  friend class relu_encoding;

  struct room {
    std::size_t constraints;
    std::size_t literals;
    std::size_t numbers;
  };
  room sizes(constraint_kind kind) const {
    std::uint64_t constraints = 0;
    std::uint64_t literals = 0;
    std::uint64_t numbers = 0;
    detail::check(anser_formula_num_of_kind(get(), static_cast<std::int32_t>(kind), &constraints, &literals, &numbers));
    return {static_cast<std::size_t>(constraints), static_cast<std::size_t>(literals),
            static_cast<std::size_t>(numbers)};
  }
  template <class Get> sum_list sums(constraint_kind kind, Get &&read_into) const {
    const room needed = sizes(kind);
    sum_list all;
    all.literals.resize(needed.literals);
    all.offsets.resize(needed.constraints + 1);
    all.bounds.resize(needed.constraints);
    std::vector<std::int32_t> kinds(needed.constraints);
    std::vector<std::int32_t> literals(needed.constraints);
    detail::check(read_into(all, kinds.data(), literals.data()));
    for (std::size_t i = 0; i < needed.constraints; i++) {
      all.conditions.push_back(condition::from(kinds[i], literals[i]));
    }
    return all;
  }
  static std::uint64_t add_linears(anser_formula *self, const anser_linear_rows &rows) {
    std::uint64_t id = 0;
    detail::check(anser_formula_add_linears(self, &rows, &id));
    return id;
  }
  static std::vector<std::int32_t> negations(const std::int32_t *literals, std::size_t count) {
    std::vector<std::int32_t> negated(literals, literals + count);
    for (std::int32_t &literal : negated) {
      literal = literal == INT32_MIN ? literal : -literal; // no literal either way
    }
    return negated;
  }
  /** How many of `count` literals are false at least where at most `bound` are true. One below 0 cannot be met. */
  static std::int64_t left_over(std::size_t count, std::int64_t bound) noexcept {
    const auto all = static_cast<std::int64_t>(count);
    return bound < 0 ? all + 1 : all - bound;
  }

  template <class Make> static formula make(Make &&construct) {
    anser_formula *raw = nullptr;
    detail::call_scope scope;
    const anser_status status = construct(&raw);
    formula made(raw); // freed where a callback threw in a call that went well
    scope.finish(status);
    return made;
  }
  static formula read(decltype(anser_formula_read_dimacs) *from, const char *who, const std::string &path,
                      const anser_budget *limits) {
    const char *const file = detail::text(path, who);
    return make([&](anser_formula **out) { return from(file, limits, out); });
  }
  static formula parse(decltype(anser_formula_read_dimacs_memory) *from, const void *bytes, std::size_t length,
                       const anser_budget *limits) {
    const std::uint8_t *const begin = static_cast<const std::uint8_t *>(bytes);
    return make([&](anser_formula **out) { return from(begin, length, limits, out); });
  }
  void write(decltype(anser_formula_write_dimacs) *into, const char *who, const std::string &path,
             const anser_budget *limits) const {
    const char *const file = detail::text(path, who);
    const anser_formula *const self = mine(who);
    detail::call([&] { return into(self, file, limits); });
  }
  void write(decltype(anser_formula_write_dimacs_sink) *into, const char *who, sink_function sink,
             const anser_budget *limits) const {
    const anser_formula *const self = mine(who);
    if (!sink) {
      throw error(ANSER_STATUS_NULL_ARGUMENT, std::string(who) + ": argument sink is empty");
    }
    detail::hand_over(std::move(sink), [&](void *user_data) {
      const anser_sink made = detail::sink_struct(user_data);
      return into(self, &made, limits);
    });
  }
  void write_as(text_format format, const std::string &path, const anser_budget *limits) const {
    const char *const who = "anser::formula::write_text";
    const char *const file = detail::text(path, who);
    const anser_formula *const self = mine(who);
    detail::call([&] { return anser_formula_write(self, static_cast<std::int32_t>(format), file, limits); });
  }
  void write_as(text_format format, sink_function sink, const anser_budget *limits) const {
    const char *const who = "anser::formula::write_text";
    const anser_formula *const self = mine(who);
    if (!sink) {
      throw error(ANSER_STATUS_NULL_ARGUMENT, std::string(who) + ": argument sink is empty");
    }
    detail::hand_over(std::move(sink), [&](void *user_data) {
      const anser_sink made = detail::sink_struct(user_data);
      return anser_formula_write_sink(self, static_cast<std::int32_t>(format), &made, limits);
    });
  }
  static std::string text_of(decltype(anser_formula_write_dimacs_memory) *into, const anser_formula *self) {
    std::size_t length = 0;
    detail::check(into(self, nullptr, nullptr, 0, &length));
    std::string text(length + 1, '\0');
    detail::check(into(self, nullptr, text.data(), text.size(), &length));
    text.resize(length);
    return text;
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

  /** Adds many parities at once, all or none, to the solver. Answers the first one's id. See formula::add_xors. */
  std::uint64_t add_xors(const xor_list &list) {
    anser_solver *const self = mine("anser::solver::add_xors");
    detail::same_length("anser::solver::add_xors", "offsets", list.offsets.size(), list.rhs.size() + 1);
    std::uint64_t id = 0;
    detail::check(anser_solver_add_xors(self, list.literals.data(), list.literals.size(), list.offsets.data(),
                                        list.rhs.data(), list.rhs.size(), &id));
    return id;
  }
  /** Adds many cardinality constraints at once, all or none, to the solver; the list has no weights. */
  std::uint64_t add_cardinalities(const sum_list &list) {
    anser_solver *const self = mine("anser::solver::add_cardinalities");
    detail::same_length("anser::solver::add_cardinalities", "weights", list.weights.size(), 0);
    const detail::split_conditions split("anser::solver::add_cardinalities", list);
    std::uint64_t id = 0;
    detail::check(anser_solver_add_cardinalities(self, list.literals.data(), list.literals.size(), list.offsets.data(),
                                                 list.bounds.data(), split.kinds(), split.literals(),
                                                 list.bounds.size(), &id));
    return id;
  }
  /** Adds many pseudo-Boolean constraints at once, all or none, to the solver. */
  std::uint64_t add_pseudo_booleans(const sum_list &list) {
    anser_solver *const self = mine("anser::solver::add_pseudo_booleans");
    detail::same_length("anser::solver::add_pseudo_booleans", "weights", list.weights.size(), list.literals.size());
    const detail::split_conditions split("anser::solver::add_pseudo_booleans", list);
    std::uint64_t id = 0;
    detail::check(anser_solver_add_pseudo_booleans(self, list.literals.data(), list.weights.data(),
                                                   list.literals.size(), list.offsets.data(), list.bounds.data(),
                                                   split.kinds(), split.literals(), list.bounds.size(), &id));
    return id;
  }
  /** Adds all constraints of another formula, all or none. See anser_solver_add_formula. */
  std::uint64_t add_formula(const formula &addition) {
    anser_solver *const self = mine("anser::solver::add_formula");
    std::uint64_t id = 0;
    detail::check(anser_solver_add_formula(self, addition.mine("anser::solver::add_formula"), &id));
    return id;
  }
  /** How many constraints the solver has, of all kinds: those of its formula, and those added since. */
  std::uint64_t num_constraints() const {
    std::uint64_t count = 0;
    detail::check(anser_solver_num_constraints(mine("anser::solver::num_constraints"), &count));
    return count;
  }
  /** Fresh integers with the values min[i]..max[i], all or none: the first one is answered, the others follow it. */
  std::uint32_t new_integers(const std::vector<std::int64_t> &min, const std::vector<std::int64_t> &max) {
    detail::same_length("anser::solver::new_integers", "max", max.size(), min.size());
    std::uint32_t first = 0;
    detail::check(
        anser_solver_new_integers(mine("anser::solver::new_integers"), min.data(), max.data(), min.size(), &first));
    return first;
  }
  /** How many integers and reals the solver has. */
  std::uint32_t num_numbers() const {
    std::uint32_t count = 0;
    detail::check(anser_solver_num_numbers(mine("anser::solver::num_numbers"), &count));
    return count;
  }
  /** After result::sat: the values of all numbers. */
  std::vector<double> numbers() const {
    const anser_solver *const self = mine("anser::solver::numbers");
    std::vector<double> values(num_numbers());
    detail::check(anser_solver_get_numbers(self, values.data(), values.size()));
    return values;
  }
  /** After result::sat: the exact value of a number, as text: "-3", or "1/3" in lowest terms. */
  std::string exact_number(std::uint32_t number) const { return exact_text("anser::solver::exact_number", {number}); }
  /** After result::sat: the exact values of some numbers, as text. */
  std::vector<std::string> exact_numbers(const std::vector<std::uint32_t> &numbers) const {
    const std::string all = exact_text("anser::solver::exact_numbers", numbers);
    std::vector<std::string> texts;
    texts.reserve(numbers.size());
    for (std::size_t at = 0; texts.size() < numbers.size();) {
      const std::size_t end = all.find(' ', at);
      texts.push_back(all.substr(at, end - at));
      at = end + 1;
    }
    return texts;
  }

  /** Says how constraints that are no clauses are handled, before the first solve. */
  void set_backend(anser::backend how) {
    detail::check(anser_solver_set_backend(mine("anser::solver::set_backend"), static_cast<std::int32_t>(how)));
  }
  /** What was chosen when the first solve began. */
  backend_choice backend() const {
    std::int32_t xors = 0;
    std::int32_t sums = 0;
    const char *why = nullptr;
    detail::check(anser_solver_get_backend(mine("anser::solver::backend"), &xors, &sums, &why));
    return {xors != 0, sums != 0, why};
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
  /** Whether local search looks for a model as well, on a second thread. See anser_solver_set_local_search. */
  void set_local_search(bool is_on) {
    detail::check(anser_solver_set_local_search(mine("anser::solver::set_local_search"), is_on ? 1 : 0));
  }

  /** Looks for a model. */
  result solve() { return search(nullptr, 0, nullptr); }
  /**
   * Looks for the model with the least value of the formula's objective: result::optimum, or result::sat where the budget ended
   * it with a model. By cutting planes. See anser_solver_minimize.
   */
  result minimize(const std::vector<std::int32_t> &assumptions = {}) { return least(assumptions, nullptr); }
  /** The same within limits; their progress function is told of each better model and bound. */
  result minimize(const std::vector<std::int32_t> &assumptions, const budget &limits) {
    return least(assumptions, limits.mine("anser::solver::minimize"));
  }
  /** What minimize() makes least from now on, in place of the formula's objective. */
  void set_objective(const std::vector<std::int32_t> &literals, const std::vector<std::int64_t> &weights,
                     std::int64_t offset = 0) {
    anser_solver *const self = mine("anser::solver::set_objective");
    detail::same_length("anser::solver::set_objective", "weights", weights.size(), literals.size());
    detail::check(anser_solver_set_objective(self, literals.data(), weights.data(), literals.size(), offset));
  }
  /** What is known after minimize(), until the solver is used otherwise or changed. */
  objective_bounds bounds() const {
    std::int64_t value = 0, bound = 0;
    detail::check(anser_solver_get_objective(mine("anser::solver::bounds"), &value, &bound));
    return {value == INT64_MAX ? std::nullopt : std::optional<std::int64_t>(value), bound};
  }
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
  std::string exact_text(const char *who, const std::vector<std::uint32_t> &numbers) const {
    const anser_solver *const self = mine(who);
    std::size_t length = 0;
    detail::check(anser_solver_get_exact_numbers(self, numbers.data(), numbers.size(), nullptr, 0, &length));
    std::string text(length + 1, '\0');
    detail::check(
        anser_solver_get_exact_numbers(self, numbers.data(), numbers.size(), text.data(), text.size(), &length));
    text.resize(length);
    return text;
  }
  static anser_solver *make(const formula &of) {
    anser_solver *raw = nullptr;
    detail::check(anser_solver_new(of.mine("anser::solver::solver"), &raw));
    return raw;
  }
  result least(const std::vector<std::int32_t> &assumptions, const anser_budget *limits) {
    anser_solver *const self = mine("anser::solver::minimize");
    anser_result answer = ANSER_RESULT_UNKNOWN;
    detail::call(
        [&] { return anser_solver_minimize(self, assumptions.data(), assumptions.size(), limits, &answer); });
    return static_cast<result>(answer);
  }
  result search(const std::int32_t *assumptions, std::size_t count, const anser_budget *limits) {
    anser_solver *const self = mine("anser::solver::solve");
    anser_result answer = ANSER_RESULT_UNKNOWN;
    detail::call([&] { return anser_solver_solve(self, assumptions, count, limits, &answer); });
    return static_cast<result>(answer);
  }
};

/**
 * The models of a formula, projected on some of its variables: each projected model once, in no particular order.
 * Projection, backend and options come first; then next(), next_models() and for_each(), again and again. A call that its
 * budget ended can be made again and goes on. See anser_enumerator.
 */
class enumerator : public detail::handle<anser_enumerator, anser_enumerator_free> {
public:
  using handle::handle;
  /**
   * An enumerator for a formula as it is now: later changes of the formula do not reach it. It projects on the formula's
   * sampling set, or on all variables where there is none.
   */
  explicit enumerator(const formula &of) : handle(make(of)) {}

  /** Sets the variables that two models must differ in; decided in this order. */
  void set_projection(const std::vector<std::uint32_t> &variables) {
    detail::check(anser_enumerator_set_projection(mine("anser::enumerator::set_projection"), variables.data(),
                                                  variables.size()));
  }
  /** The variables that two models differ in, in the order in which they are decided. */
  std::vector<std::uint32_t> projection() const {
    const anser_enumerator *const self = mine("anser::enumerator::projection");
    std::vector<std::uint32_t> variables(width(self));
    detail::check(anser_enumerator_get_projection(self, variables.data(), variables.size()));
    return variables;
  }
  /** Says how constraints that are no clauses are handled. */
  void set_backend(anser::backend how) {
    detail::check(
        anser_enumerator_set_backend(mine("anser::enumerator::set_backend"), static_cast<std::int32_t>(how)));
  }
  /** Sets an option of the solver inside. See solver::options(). */
  void set_option(const std::string &name, std::int64_t value) {
    const char *const text = detail::text(name, "anser::enumerator::set_option");
    detail::check(anser_enumerator_set_option(mine("anser::enumerator::set_option"), text, value));
  }

  /** Looks for the next model. */
  enumeration next() { return step(nullptr); }
  /** Looks for the next model within a budget. */
  enumeration next(const budget &limits) { return step(limits.mine("anser::enumerator::next")); }

  /** Looks for up to `capacity` more models. */
  model_list next_models(std::size_t capacity) { return chunk(capacity, nullptr); }
  /** Looks for up to `capacity` more models within a budget. */
  model_list next_models(std::size_t capacity, const budget &limits) {
    return chunk(capacity, limits.mine("anser::enumerator::next_models"));
  }

  /**
   * Hands models to `function`, up to `limit` of them: enumeration::model where there were as many, or where it answered
   * false. It is destroyed before this returns. What it throws comes out of here; its model counts as told.
   */
  enumeration for_each(model_function function, std::uint64_t limit = UINT64_MAX) {
    return run(std::move(function), limit, nullptr);
  }
  /** Hands models to `function`, up to `limit` of them, within a budget. */
  enumeration for_each(model_function function, std::uint64_t limit, const budget &limits) {
    return run(std::move(function), limit, limits.mine("anser::enumerator::for_each"));
  }

  /** How many variables the formula has: the values of a model. */
  std::uint32_t num_vars() const {
    std::uint32_t count = 0;
    detail::check(anser_enumerator_num_vars(mine("anser::enumerator::num_vars"), &count));
    return count;
  }
  /** The last model told: item v - 1 is 1 where variable v is true, -1 where it is false, for all variables. */
  std::vector<std::int8_t> model() const {
    const anser_enumerator *const self = mine("anser::enumerator::model");
    std::vector<std::int8_t> values(num_vars());
    detail::check(anser_enumerator_get_model(self, values.data(), values.size()));
    return values;
  }
  /** The values of numbers in the last model told. */
  std::vector<double> numbers() const {
    const anser_enumerator *const self = mine("anser::enumerator::numbers");
    std::uint32_t count = 0;
    detail::check(anser_enumerator_num_numbers(self, &count));
    std::vector<double> values(count);
    detail::check(anser_enumerator_get_numbers(self, values.data(), values.size()));
    return values;
  }
  /** How many models have been told. */
  std::uint64_t num_models() const {
    std::uint64_t count = 0;
    detail::check(anser_enumerator_num_models(mine("anser::enumerator::num_models"), &count));
    return count;
  }
  /** Why the last call that looked for models ended; stop_reason::solved where no budget ended it. */
  anser::stop_reason stop_reason() const {
    anser_stop_reason reason = ANSER_STOP_REASON_SOLVED;
    detail::check(anser_enumerator_get_stop_reason(mine("anser::enumerator::stop_reason"), &reason));
    return static_cast<anser::stop_reason>(reason);
  }

private:
  static anser_enumerator *make(const formula &of) {
    anser_enumerator *raw = nullptr;
    detail::check(anser_enumerator_new(of.mine("anser::enumerator::enumerator"), &raw));
    return raw;
  }
  static std::size_t width(const anser_enumerator *self) {
    std::size_t count = 0;
    detail::check(anser_enumerator_num_projection(self, &count));
    return count;
  }
  enumeration step(const anser_budget *limits) {
    anser_enumerator *const self = mine("anser::enumerator::next");
    anser_enumeration end = ANSER_ENUMERATION_UNKNOWN;
    detail::call([&] { return anser_enumerator_next(self, limits, &end); });
    return static_cast<enumeration>(end);
  }
  model_list chunk(std::size_t capacity, const anser_budget *limits) {
    anser_enumerator *const self = mine("anser::enumerator::next_models");
    model_list all;
    all.width = width(self);
    if (all.width > 0 && capacity > all.values.max_size() / all.width) {
      throw error(ANSER_STATUS_INVALID_ARGUMENT, "anser::enumerator::next_models: argument capacity: " +
                                                     std::to_string(capacity) + " models exceed memory");
    }
    all.values.resize(capacity * all.width);
    anser_enumeration end = ANSER_ENUMERATION_UNKNOWN;
    detail::call(
        [&] { return anser_enumerator_next_models(self, limits, all.values.data(), capacity, &all.count, &end); });
    all.values.resize(all.count * all.width);
    all.end = static_cast<enumeration>(end);
    return all;
  }
  enumeration run(model_function function, std::uint64_t limit, const anser_budget *limits) {
    anser_enumerator *const self = mine("anser::enumerator::for_each");
    if (!function) {
      throw error(ANSER_STATUS_NULL_ARGUMENT, "anser::enumerator::for_each: argument function is empty");
    }
    anser_enumeration end = ANSER_ENUMERATION_UNKNOWN;
    detail::hand_over(std::move(function), [&](void *user_data) {
      anser_model_callback callback = ANSER_MODEL_CALLBACK_INIT;
      callback.user_data = user_data;
      callback.model = detail::take_model;
      callback.destroy = detail::destroy<model_function>;
      return anser_enumerator_run(self, limit, limits, &callback, &end);
    });
    return static_cast<enumeration>(end);
  }
};

/** How many models a formula has, projected on its sampling set. See anser_counter. */
class counter : public detail::handle<anser_counter, anser_counter_free> {
public:
  using handle::handle;
  /** A counter for a formula as it is now: later changes of the formula do not reach it. */
  explicit counter(const formula &of, const counter_options &options = {}) : handle(make(of, options)) {}

  /** Counts, or goes on with counting. */
  counting run() { return go(nullptr); }
  /** Counts within a budget. */
  counting run(const budget &limits) { return go(limits.mine("anser::counter::run")); }

  /** The count as decimal digits, once it is known. */
  std::string count() const {
    const anser_counter *const self = mine("anser::counter::count");
    std::size_t length = 0;
    detail::check(anser_counter_get_count(self, nullptr, 0, &length));
    std::vector<char> digits(length + 1);
    detail::check(anser_counter_get_count(self, digits.data(), digits.size(), &length));
    return std::string(digits.data(), length);
  }
  /** How many cells were looked into, or components counted. */
  std::uint64_t num_cells() const {
    std::uint64_t cells = 0;
    detail::check(anser_counter_num_cells(mine("anser::counter::num_cells"), &cells));
    return cells;
  }
  /** Why the last run ended; stop_reason::solved where no budget ended it. */
  anser::stop_reason stop_reason() const {
    anser_stop_reason reason = ANSER_STOP_REASON_SOLVED;
    detail::check(anser_counter_get_stop_reason(mine("anser::counter::stop_reason"), &reason));
    return static_cast<anser::stop_reason>(reason);
  }

private:
  static anser_counter *make(const formula &of, const counter_options &options) {
    anser_counter_options raw = ANSER_COUNTER_OPTIONS_INIT;
    raw.epsilon = options.epsilon;
    raw.delta = options.delta;
    raw.exact = options.exact ? 1 : 0;
    raw.hash_family = static_cast<std::int32_t>(options.family);
    raw.hash_density = options.density;
    raw.seed = options.seed;
    anser_counter *made = nullptr;
    detail::check(anser_counter_new(of.mine("anser::counter::counter"), &raw, &made));
    return made;
  }
  counting go(const anser_budget *limits) {
    anser_counter *const self = mine("anser::counter::run");
    anser_counting end = ANSER_COUNTING_UNKNOWN;
    detail::call([&] { return anser_counter_run(self, limits, &end); });
    return static_cast<counting>(end);
  }
};

/** Models of a formula, looked for by local search. See anser_search. */
class search : public detail::handle<anser_search, detail::free_search> {
public:
  using handle::handle;
  /** A search in a formula as it is now: later changes of the formula do not reach it. */
  explicit search(const formula &of, const search_options &options = {}) : handle(make(of, options, nullptr)) {}
  /** The same, within a budget and its memory. */
  search(const formula &of, const search_options &options, const budget &limits)
      : handle(make(of, options, limits.mine("anser::search::search"))) {}
  /** A search whose scores come from a host, which it owns: see anser_search_new_with_scorers. */
  search(const formula &of, const search_options &options, std::unique_ptr<scorer> host)
      : handle(make(of, options, several(std::move(host)), nullptr)) {}
  /** The same, within a budget and its memory. */
  search(const formula &of, const search_options &options, std::unique_ptr<scorer> host, const budget &limits)
      : handle(make(of, options, several(std::move(host)), limits.mine("anser::search::search"))) {}
  /** The same with several scorers, among which walkers are divided evenly: one a device, say. */
  search(const formula &of, const search_options &options, std::vector<std::unique_ptr<scorer>> scorers)
      : handle(make(of, options, std::move(scorers), nullptr)) {}
  /** The same, within a budget and its memory. */
  search(const formula &of, const search_options &options, std::vector<std::unique_ptr<scorer>> scorers,
         const budget &limits)
      : handle(make(of, options, std::move(scorers), limits.mine("anser::search::search"))) {}

  /** Searches until there is a model or all tries are over. */
  search_end run() { return go(nullptr); }
  /** Searches within a budget. */
  search_end run(const budget &limits) { return go(limits.mine("anser::search::run")); }
  /** Lets every walker make at most so many flips more. */
  search_end step(std::uint64_t flips) { return go(flips, nullptr); }
  /** Lets every walker make at most so many flips more, within a budget. */
  search_end step(std::uint64_t flips, const budget &limits) {
    return go(flips, limits.mine("anser::search::step"));
  }

  /** The model: 1 where variable v is true, -1 where it is false, at v - 1. */
  std::vector<std::int8_t> model() const {
    const anser_search *const self = mine("anser::search::model");
    std::vector<std::int8_t> values(sizes(self).first);
    detail::check(anser_search_get_model(self, values.data(), values.size()));
    return values;
  }
  /** The values of the formula's integers in the model. */
  std::vector<double> numbers() const {
    const anser_search *const self = mine("anser::search::numbers");
    std::vector<double> values(sizes(self).second);
    detail::check(anser_search_get_numbers(self, values.data(), values.size()));
    return values;
  }
  /** The assignment with the fewest violated constraints that any walker came to. */
  best_assignment best() {
    anser_search *const self = mine("anser::search::best");
    best_assignment found;
    found.values.resize(sizes(self).first);
    detail::check(anser_search_get_best(self, found.values.data(), found.values.size(), &found.violated));
    return found;
  }
  /** The next try of a walker begins from these values, one a variable, positive for true. */
  void set_assignment(std::size_t walker, const std::vector<std::int8_t> &values) {
    detail::check(anser_search_set_assignment(mine("anser::search::set_assignment"), walker, values.data(), values.size()));
  }

  /** What the walkers did. */
  search_statistics statistics() const {
    anser_search_statistics raw = ANSER_SEARCH_STATISTICS_INIT;
    detail::check(anser_search_get_statistics(mine("anser::search::statistics"), &raw));
    search_statistics all;
    all.tries = raw.tries;
    all.flips = raw.flips;
    all.walk = raw.walk;
    all.undo = raw.undo;
    all.upwards = raw.upwards;
    all.sideways = raw.sideways;
    all.downwards = raw.downwards;
    return all;
  }
  /** Why the last call that searched ended; stop_reason::solved where no budget ended it. */
  anser::stop_reason stop_reason() const {
    anser_stop_reason reason = ANSER_STOP_REASON_SOLVED;
    detail::check(anser_search_get_stop_reason(mine("anser::search::stop_reason"), &reason));
    return static_cast<anser::stop_reason>(reason);
  }
  /** How many walkers there are: as many as the options say, or fewer where scorers have no room for more. */
  std::size_t num_walkers() const {
    std::size_t walkers = 0;
    detail::check(anser_search_num_walkers(mine("anser::search::num_walkers"), &walkers));
    return walkers;
  }
  /** What was agreed upon with a scorer: its number, from 0. */
  anser_scorer_plan scorer_plan(std::size_t number) const {
    anser_scorer_plan settled = ANSER_SCORER_PLAN_INIT;
    detail::check(anser_search_get_scorer_plan(mine("anser::search::scorer_plan"), number, &settled));
    return settled;
  }
  /**
   * What the progress function answered that ended the last call that searched; INT32_MIN where it or a scorer threw, 0 where
   * a scorer's answer was none.
   */
  std::int32_t callback_code() const {
    std::int32_t code = 0;
    detail::check(anser_search_get_callback_code(mine("anser::search::callback_code"), &code));
    return code;
  }

private:
  static anser_search_options raw_options(const search_options &options) noexcept {
    anser_search_options raw = ANSER_SEARCH_OPTIONS_INIT;
    raw.method = static_cast<std::int32_t>(options.method);
    raw.threads = options.threads;
    raw.walkers = options.walkers;
    raw.flips = options.flips;
    raw.tries = options.tries;
    raw.seed = options.seed;
    if (!(options.walk < 0)) { // what is no number is refused below
      raw.walk = options.walk;
      raw.has_walk = 1;
    }
    raw.temperature = options.temperature;
    return raw;
  }
  static anser_search *make(const formula &of, const search_options &options, const anser_budget *limits) {
    const anser_search_options raw = raw_options(options);
    const anser_formula *const from = of.mine("anser::search::search");
    anser_search *made = nullptr;
    detail::call_scope scope;
    const anser_status status = anser_search_new(from, &raw, limits, &made);
    search guarded(made); // freed where a callback threw in a call that went well
    scope.finish(status);
    return guarded.release();
  }
  static std::vector<std::unique_ptr<scorer>> several(std::unique_ptr<scorer> one) {
    std::vector<std::unique_ptr<scorer>> all;
    all.push_back(std::move(one));
    return all;
  }
  static anser_search *make(const formula &of, const search_options &options,
                            std::vector<std::unique_ptr<scorer>> scorers, const anser_budget *limits) {
    const char *const who = "anser::search::search";
    const anser_search_options raw = raw_options(options);
    const anser_formula *const from = of.mine(who);
    // Where the call fails, the library lets go of those that it took over, which empties their places here.
    std::vector<std::unique_ptr<detail::scorer_host>> hosts(scorers.size());
    std::vector<anser_scorer> structs;
    std::vector<const anser_scorer *> pointers;
    structs.reserve(hosts.size());
    for (std::size_t i = 0; i < hosts.size(); i++) {
      if (scorers[i] == nullptr) {
        throw error(ANSER_STATUS_NULL_ARGUMENT, std::string(who) + ": scorer " + std::to_string(i) + " is empty");
      }
      hosts[i] = std::make_unique<detail::scorer_host>(detail::scorer_host{std::move(scorers[i]), &hosts[i], false});
      structs.push_back(detail::scorer_struct(*hosts[i]));
      pointers.push_back(&structs[i]);
    }
    anser_search *made = nullptr;
    detail::call_scope scope;
    const anser_status status =
        anser_search_new_with_scorers(from, &raw, pointers.data(), pointers.size(), limits, &made);
    if (made != nullptr) {
      for (std::unique_ptr<detail::scorer_host> &host : hosts) {
        host->place = nullptr;
        static_cast<void>(host.release());
      }
    }
    search guarded(made); // freed where a callback threw in a call that went well
    scope.finish(status);
    return guarded.release();
  }
  static std::pair<std::size_t, std::size_t> sizes(const anser_search *self) {
    std::size_t vars = 0;
    std::size_t numbers = 0;
    detail::check(anser_search_num_vars(self, &vars, &numbers));
    return {vars, numbers};
  }
  search_end go(const anser_budget *limits) {
    anser_search *const self = mine("anser::search::run");
    anser_search_end end = ANSER_SEARCH_END_UNKNOWN;
    detail::call([&] { return anser_search_run(self, limits, &end); });
    return static_cast<search_end>(end);
  }
  search_end go(std::uint64_t flips, const anser_budget *limits) {
    anser_search *const self = mine("anser::search::step");
    anser_search_end end = ANSER_SEARCH_END_UNKNOWN;
    detail::call([&] { return anser_search_step(self, flips, limits, &end); });
    return static_cast<search_end>(end);
  }
};

/**
 * A stream of samples: models of a formula, projected on its sampling set and drawn at random. The same formula, sampling set,
 * options and seed give the same samples in the same order, whatever the number of threads. See anser_sampler.
 */
class sampler : public detail::handle<anser_sampler, anser_sampler_free> {
public:
  using handle::handle;
  /** A sampler for a formula as it is now: later changes of the formula do not reach it. */
  explicit sampler(const formula &of, const sampler_options &options = {}) : handle(make(of, options)) {}

  /** Whether the method's theorem holds with the hash functions chosen. */
  bool is_guaranteed() const {
    std::int32_t guaranteed = 0;
    detail::check(anser_sampler_is_guaranteed(mine("anser::sampler::is_guaranteed"), &guaranteed));
    return guaranteed != 0;
  }
  /** Sets the variables that samples are about, before the first one is drawn. */
  void set_projection(const std::vector<std::uint32_t> &variables) {
    detail::check(
        anser_sampler_set_projection(mine("anser::sampler::set_projection"), variables.data(), variables.size()));
  }
  /** The variables that samples are about, in the order of a sample's bits. */
  std::vector<std::uint32_t> projection() const {
    const anser_sampler *const self = mine("anser::sampler::projection");
    std::size_t count = 0;
    detail::check(anser_sampler_num_projection(self, &count));
    std::vector<std::uint32_t> variables(count);
    detail::check(anser_sampler_get_projection(self, variables.data(), variables.size()));
    return variables;
  }

  /** Draws once. */
  sampling next() { return step(nullptr); }
  /** Draws once, within a budget. */
  sampling next(const budget &limits) { return step(limits.mine("anser::sampler::next")); }

  /** Draws up to `capacity` samples. */
  sample_list next_samples(std::size_t capacity) { return chunk(capacity, nullptr); }
  /** Draws up to `capacity` samples within a budget. */
  sample_list next_samples(std::size_t capacity, const budget &limits) {
    return chunk(capacity, limits.mine("anser::sampler::next_samples"));
  }

  /**
   * Hands samples to `function`, up to `limit` of them: sampling::sample where there were as many, or where it answered
   * false. It is destroyed before this returns. What it throws comes out of here; its sample counts as told.
   */
  sampling for_each(sample_function function, std::uint64_t limit) { return run(std::move(function), limit, nullptr); }
  /** Hands samples to `function`, up to `limit` of them, within a budget. */
  sampling for_each(sample_function function, std::uint64_t limit, const budget &limits) {
    return run(std::move(function), limit, limits.mine("anser::sampler::for_each"));
  }

  /** The last sample drawn: bit p % 64 of word p / 64 is the value of the p-th variable of the sampling set. */
  std::vector<std::uint64_t> sample() const {
    const anser_sampler *const self = mine("anser::sampler::sample");
    std::vector<std::uint64_t> words(width(self));
    detail::check(anser_sampler_get_sample(self, words.data(), words.size()));
    return words;
  }
  /** The last sample drawn as literals, in the order of the sampling set. */
  std::vector<std::int32_t> literals() const {
    const anser_sampler *const self = mine("anser::sampler::literals");
    std::size_t count = 0;
    detail::check(anser_sampler_num_projection(self, &count));
    std::vector<std::int32_t> all(count);
    detail::check(anser_sampler_get_literals(self, all.data(), all.size()));
    return all;
  }

  /** What the sampler has done. */
  sampler_statistics statistics() const {
    anser_sampler_statistics raw = ANSER_SAMPLER_STATISTICS_INIT;
    detail::check(anser_sampler_get_statistics(mine("anser::sampler::statistics"), &raw));
    sampler_statistics all;
    all.samples = raw.samples;
    all.draws = raw.draws;
    all.failed = raw.failed;
    all.repeated = raw.repeated;
    all.cells = raw.cells;
    all.rows = raw.rows;
    return all;
  }
  /** Why the last call that drew ended; stop_reason::solved where no budget ended it. */
  anser::stop_reason stop_reason() const {
    anser_stop_reason reason = ANSER_STOP_REASON_SOLVED;
    detail::check(anser_sampler_get_stop_reason(mine("anser::sampler::stop_reason"), &reason));
    return static_cast<anser::stop_reason>(reason);
  }

  /** The stream's place, for restore(). */
  std::vector<std::uint8_t> save() const {
    const anser_sampler *const self = mine("anser::sampler::save");
    std::size_t length = 0;
    detail::check(anser_sampler_save_memory(self, nullptr, nullptr, 0, &length));
    std::vector<std::uint8_t> bytes(length);
    detail::check(anser_sampler_save_memory(self, nullptr, bytes.data(), bytes.size(), &length));
    return bytes;
  }
  /** Goes on where a sampler of the same formula, sampling set, options and seed was saved. */
  void restore(const std::vector<std::uint8_t> &bytes) {
    detail::check(
        anser_sampler_restore_memory(mine("anser::sampler::restore"), bytes.data(), bytes.size(), nullptr));
  }

private:
  static anser_sampler *make(const formula &of, const sampler_options &options) {
    anser_sampler_options raw = ANSER_SAMPLER_OPTIONS_INIT;
    raw.method = static_cast<std::int32_t>(options.method);
    raw.hash_family = static_cast<std::int32_t>(options.family);
    raw.hash_density = options.density;
    raw.epsilon = options.epsilon;
    raw.per_cell = options.per_cell;
    raw.distinct = options.distinct ? 1 : 0;
    raw.threads = options.threads;
    raw.seed = options.seed;
    anser_sampler *made = nullptr;
    detail::check(anser_sampler_new(of.mine("anser::sampler::sampler"), &raw, &made));
    return made;
  }
  static std::size_t width(const anser_sampler *self) {
    std::size_t words = 0;
    detail::check(anser_sampler_num_words(self, &words));
    return words;
  }
  sampling step(const anser_budget *limits) {
    anser_sampler *const self = mine("anser::sampler::next");
    anser_sampling end = ANSER_SAMPLING_UNKNOWN;
    detail::call([&] { return anser_sampler_next(self, limits, &end); });
    return static_cast<sampling>(end);
  }
  sample_list chunk(std::size_t capacity, const anser_budget *limits) {
    anser_sampler *const self = mine("anser::sampler::next_samples");
    sample_list all;
    all.width = width(self);
    if (capacity > all.words.max_size() / all.width) {
      throw error(ANSER_STATUS_INVALID_ARGUMENT, "anser::sampler::next_samples: argument capacity: " +
                                                     std::to_string(capacity) + " samples exceed memory");
    }
    all.words.resize(capacity * all.width);
    anser_sampling end = ANSER_SAMPLING_UNKNOWN;
    detail::call(
        [&] { return anser_sampler_next_samples(self, limits, all.words.data(), capacity, &all.count, &end); });
    all.words.resize(all.count * all.width);
    all.end = static_cast<sampling>(end);
    return all;
  }
  sampling run(sample_function function, std::uint64_t limit, const anser_budget *limits) {
    anser_sampler *const self = mine("anser::sampler::for_each");
    if (!function) {
      throw error(ANSER_STATUS_NULL_ARGUMENT, "anser::sampler::for_each: argument function is empty");
    }
    anser_sampling end = ANSER_SAMPLING_UNKNOWN;
    detail::hand_over(std::move(function), [&](void *user_data) {
      anser_sample_callback callback = ANSER_SAMPLE_CALLBACK_INIT;
      callback.user_data = user_data;
      callback.sample = detail::take_sample;
      callback.destroy = detail::destroy<sample_function>;
      return anser_sampler_run(self, limit, limits, &callback, &end);
    });
    return static_cast<sampling>(end);
  }
};

/**
 * A neural network: a list of layers over tensors of fixed shapes, each made only from tensors before it. It is read from
 * ONNX or built: inputs and constants, then layer by layer, then the outputs are named. See anser_network for what a sample
 * is and how it is laid out.
 */
class network : public detail::handle<anser_network, anser_network_free> {
public:
  using handle::handle;
  /** A network without anything. */
  network() : handle(make([](anser_network **out) { return anser_network_new(out); }).release()) {}

  /** Reads ONNX from a file, plain or compressed. See anser_network_read_onnx. */
  static network read_onnx(const std::string &path, const network_options &options = {}) {
    return read(path, options, nullptr);
  }
  /** Reads ONNX from a file, within a budget. */
  static network read_onnx(const std::string &path, const network_options &options, const budget &limits) {
    return read(path, options, limits.mine("anser::network::read_onnx"));
  }
  /** Reads ONNX from `length` bytes of memory; data in other files is looked for in `folder`, if it is not empty. */
  static network parse_onnx(const std::uint8_t *bytes, std::size_t length, const network_options &options = {},
                            const std::string &folder = {}) {
    return parse(bytes, length, options, folder, nullptr);
  }
  /** Reads ONNX from `length` bytes of memory, within a budget. */
  static network parse_onnx(const std::uint8_t *bytes, std::size_t length, const network_options &options,
                            const std::string &folder, const budget &limits) {
    return parse(bytes, length, options, folder, limits.mine("anser::network::parse_onnx"));
  }

  /** A copy, independent of the original; weights are shared. */
  network clone() const {
    const anser_network *const self = mine("anser::network::clone");
    return make([&](anser_network **out) { return anser_network_clone(self, out); });
  }
  /** A network with fewer layers that computes the same, but for rounding. See anser_network_fuse. */
  network fuse() const { return fuse_within(nullptr); }
  /** fuse(), within a budget. */
  network fuse(const budget &limits) const { return fuse_within(limits.mine("anser::network::fuse")); }
  /** Bytes that the network's constants may take from now on; UINT64_MAX for no limit. */
  void set_memory_limit(std::uint64_t bytes) {
    detail::check(anser_network_set_memory_limit(mine("anser::network::set_memory_limit"), bytes));
  }

  /** Adds an input tensor. An empty name is none. */
  std::uint32_t add_input(const std::string &name, const std::vector<std::size_t> &shape) {
    const char *const who = "anser::network::add_input";
    anser_network *const self = mine(who);
    std::uint32_t tensor = 0;
    detail::check(anser_network_add_input(self, detail::text(name, who), shape.data(), shape.size(), &tensor));
    return tensor;
  }
  /** Adds a tensor of known numbers, in row-major order. An empty name is none. */
  std::uint32_t add_constant(const std::vector<std::size_t> &shape, const std::vector<float> &data,
                             const std::string &name = {}) {
    return add_constant(shape, element_type::f32, data.data(), data.size(), name);
  }
  /** Adds a tensor of known numbers, in row-major order. An empty name is none. */
  std::uint32_t add_constant(const std::vector<std::size_t> &shape, const std::vector<double> &data,
                             const std::string &name = {}) {
    return add_constant(shape, element_type::f64, data.data(), data.size(), name);
  }
  /** Adds a tensor of `length` known numbers of any type, in row-major order. An empty name is none. */
  std::uint32_t add_constant(const std::vector<std::size_t> &shape, element_type type, const void *data,
                             std::size_t length, const std::string &name = {}) {
    const char *const who = "anser::network::add_constant";
    anser_network *const self = mine(who);
    std::uint32_t tensor = 0;
    detail::check(anser_network_add_constant(self, detail::text(name, who), shape.data(), shape.size(),
                                             static_cast<std::int32_t>(type), data, length, &tensor));
    return tensor;
  }
  /** Adds a layer; answers its output. */
  std::uint32_t add_layer(const layer &what) {
    const char *const who = "anser::network::add_layer";
    anser_network *const self = mine(who);
    const anser_layer raw = raw_layer(what, who);
    std::uint32_t tensor = 0;
    detail::check(anser_network_add_layer(self, &raw, &tensor));
    return tensor;
  }
  /** Adds a layer that has nothing but inputs; answers its output. */
  std::uint32_t add_layer(layer_kind kind, const std::vector<std::uint32_t> &inputs, const std::string &name = {}) {
    layer what{kind};
    what.inputs = inputs;
    what.name = name;
    return add_layer(what);
  }
  /** Makes a tensor an output; the same one may be several. */
  void add_output(std::uint32_t tensor) {
    detail::check(anser_network_add_output(mine("anser::network::add_output"), tensor));
  }

  /** How many tensors there are. */
  std::uint32_t num_tensors() const {
    std::uint32_t count = 0;
    detail::check(anser_network_num_tensors(mine("anser::network::num_tensors"), &count));
    return count;
  }
  /** How many layers there are. */
  std::uint32_t num_layers() const {
    std::uint32_t count = 0;
    detail::check(anser_network_num_layers(mine("anser::network::num_layers"), &count));
    return count;
  }
  /** How many weights there are. */
  std::uint64_t num_parameters() const {
    std::uint64_t count = 0;
    detail::check(anser_network_num_parameters(mine("anser::network::num_parameters"), &count));
    return count;
  }
  /** How many numbers a sample has. */
  std::size_t input_length() const {
    std::size_t length = 0;
    detail::check(anser_network_input_length(mine("anser::network::input_length"), &length));
    return length;
  }
  /** How many numbers a sample's outputs have. */
  std::size_t output_length() const {
    std::size_t length = 0;
    detail::check(anser_network_output_length(mine("anser::network::output_length"), &length));
    return length;
  }
  /** The input tensors, in order. */
  std::vector<std::uint32_t> inputs() const {
    const anser_network *const self = mine("anser::network::inputs");
    std::size_t count = 0;
    detail::check(anser_network_num_inputs(self, &count));
    std::vector<std::uint32_t> tensors(count);
    detail::check(anser_network_get_inputs(self, tensors.data(), count));
    return tensors;
  }
  /** The output tensors, in order. */
  std::vector<std::uint32_t> outputs() const {
    const anser_network *const self = mine("anser::network::outputs");
    std::size_t count = 0;
    detail::check(anser_network_num_outputs(self, &count));
    std::vector<std::uint32_t> tensors(count);
    detail::check(anser_network_get_outputs(self, tensors.data(), count));
    return tensors;
  }
  /** A tensor. */
  tensor_info tensor(std::uint32_t number) const {
    anser_tensor raw = ANSER_TENSOR_INIT;
    detail::check(anser_network_get_tensor(mine("anser::network::tensor"), number, &raw));
    tensor_info info{raw.name == nullptr ? std::string() : std::string(raw.name), array(raw.shape, raw.rank), raw.length,
                     static_cast<tensor_source>(raw.source), std::nullopt, raw.index};
    if (raw.element_type != 0) {
      info.type = static_cast<element_type>(raw.element_type);
    }
    return info;
  }
  /** The tensor of this name, if there is one. */
  std::optional<std::uint32_t> find_tensor(const std::string &name) const {
    const char *const who = "anser::network::find_tensor";
    std::uint32_t found = UINT32_MAX;
    detail::check(anser_network_find_tensor(mine(who), detail::text(name, who), &found));
    return found == UINT32_MAX ? std::nullopt : std::optional<std::uint32_t>(found);
  }
  /** The elements of a constant where they are stored: valid until the network is next changed or destroyed. */
  anser_constant_view view(std::uint32_t tensor) const {
    anser_constant_view raw = ANSER_CONSTANT_VIEW_INIT;
    detail::check(anser_network_get_constant(mine("anser::network::view"), tensor, &raw));
    return raw;
  }
  /** The elements of a constant, copied; exact. */
  std::vector<double> constant(std::uint32_t tensor) const {
    anser_constant_view raw = ANSER_CONSTANT_VIEW_INIT;
    detail::check(anser_network_get_constant(mine("anser::network::constant"), tensor, &raw));
    if (raw.element_type == ANSER_ELEMENT_TYPE_F64) {
      return array(static_cast<const double *>(raw.elements), raw.length);
    }
    const std::vector<float> narrow = array(static_cast<const float *>(raw.elements), raw.length);
    std::vector<double> wide;
    wide.reserve(narrow.size());
    for (const float value : narrow) {
      wide.push_back(static_cast<double>(value));
    }
    return wide;
  }
  /** A layer as it was added, or as it was read. */
  layer get_layer(std::uint32_t number) const {
    anser_layer raw = ANSER_LAYER_INIT;
    detail::check(anser_network_get_layer(mine("anser::network::get_layer"), number, &raw));
    const std::size_t n = raw.num_axes;
    layer made{static_cast<layer_kind>(raw.kind)};
    made.inputs = array(raw.inputs, raw.num_inputs);
    made.name = raw.name == nullptr ? std::string() : std::string(raw.name);
    made.output = raw.output;
    made.kernel = array(raw.kernel, n);
    made.strides = array(raw.strides, n);
    made.dilations = array(raw.dilations, n);
    made.pads_begin = array(raw.pads_begin, n);
    made.pads_end = array(raw.pads_end, n);
    made.output_padding = array(raw.output_padding, n);
    made.starts = array(raw.starts, n);
    made.steps = array(raw.steps, n);
    made.lengths = array(raw.lengths, n);
    made.axes = array(raw.axes, n);
    made.shape = array(raw.shape, n);
    made.indices = array(raw.indices, raw.num_indices);
    made.axis = raw.axis;
    made.axis_count = raw.axis_count;
    made.groups = raw.groups;
    made.ceil = raw.ceil != 0;
    made.count_padding = raw.count_padding != 0;
    made.keep_dims = raw.keep_dims != 0;
    made.mode = static_cast<pad_mode>(raw.pad_mode);
    made.epsilon = raw.epsilon;
    made.slope = raw.slope;
    made.min = raw.min;
    made.max = raw.max;
    made.pad_value = raw.pad_value;
    return made;
  }
  /** The nodes of the ONNX graph that went into a layer, in the file's order. */
  std::vector<layer_node> layer_nodes(std::uint32_t number) const {
    const anser_network *const self = mine("anser::network::layer_nodes");
    std::size_t count = 0;
    detail::check(anser_network_num_layer_nodes(self, number, &count));
    std::vector<layer_node> nodes;
    for (std::size_t i = 0; i < count; i++) {
      std::size_t index = 0;
      const char *name = nullptr;
      const char *op = nullptr;
      detail::check(anser_network_get_layer_node(self, number, i, &index, &name, &op));
      nodes.push_back({index, name, op});
    }
    return nodes;
  }

  /** What the network answers for `batch` samples, computed in float. See anser_network_evaluate_f32. */
  std::vector<float> evaluate(const std::vector<float> &samples, std::size_t batch = 1) const {
    return values(anser_network_evaluate_f32, samples, batch, nullptr);
  }
  /** What the network answers for `batch` samples, computed in float, within a budget. */
  std::vector<float> evaluate(const std::vector<float> &samples, std::size_t batch, const budget &limits) const {
    return values(anser_network_evaluate_f32, samples, batch, limits.mine("anser::network::evaluate"));
  }
  /** What the network answers for `batch` samples, computed in double. */
  std::vector<double> evaluate(const std::vector<double> &samples, std::size_t batch = 1) const {
    return values(anser_network_evaluate_f64, samples, batch, nullptr);
  }
  /** What the network answers for `batch` samples, computed in double, within a budget. */
  std::vector<double> evaluate(const std::vector<double> &samples, std::size_t batch, const budget &limits) const {
    return values(anser_network_evaluate_f64, samples, batch, limits.mine("anser::network::evaluate"));
  }
  /** The values of any tensors for `batch` samples: a block for each tensor, in float. */
  std::vector<float> evaluate_tensors(const std::vector<float> &samples, const std::vector<std::uint32_t> &tensors,
                                      std::size_t batch = 1) const {
    return inner(anser_network_evaluate_tensors_f32, samples, tensors, batch, nullptr);
  }
  /** The values of any tensors for `batch` samples, in float, within a budget. */
  std::vector<float> evaluate_tensors(const std::vector<float> &samples, const std::vector<std::uint32_t> &tensors,
                                      std::size_t batch, const budget &limits) const {
    const char *const who = "anser::network::evaluate_tensors";
    return inner(anser_network_evaluate_tensors_f32, samples, tensors, batch, limits.mine(who));
  }
  /** The values of any tensors for `batch` samples: a block for each tensor, in double. */
  std::vector<double> evaluate_tensors(const std::vector<double> &samples, const std::vector<std::uint32_t> &tensors,
                                       std::size_t batch = 1) const {
    return inner(anser_network_evaluate_tensors_f64, samples, tensors, batch, nullptr);
  }
  /** The values of any tensors for `batch` samples, in double, within a budget. */
  std::vector<double> evaluate_tensors(const std::vector<double> &samples, const std::vector<std::uint32_t> &tensors,
                                       std::size_t batch, const budget &limits) const {
    const char *const who = "anser::network::evaluate_tensors";
    return inner(anser_network_evaluate_tensors_f64, samples, tensors, batch, limits.mine(who));
  }
  /** Gradients of the sum of cotangent * output for `batch` samples, in float. See anser_network_vjp_f32. */
  gradients<float> vjp(const std::vector<float> &samples, const std::vector<float> &cotangents,
                       std::size_t batch = 1) const {
    return slopes(anser_network_vjp_f32, samples, cotangents, batch, nullptr);
  }
  /** Gradients of the sum of cotangent * output for `batch` samples, in float, within a budget. */
  gradients<float> vjp(const std::vector<float> &samples, const std::vector<float> &cotangents, std::size_t batch,
                       const budget &limits) const {
    return slopes(anser_network_vjp_f32, samples, cotangents, batch, limits.mine("anser::network::vjp"));
  }
  /** Gradients of the sum of cotangent * output for `batch` samples, in double. */
  gradients<double> vjp(const std::vector<double> &samples, const std::vector<double> &cotangents,
                        std::size_t batch = 1) const {
    return slopes(anser_network_vjp_f64, samples, cotangents, batch, nullptr);
  }
  /** Gradients of the sum of cotangent * output for `batch` samples, in double, within a budget. */
  gradients<double> vjp(const std::vector<double> &samples, const std::vector<double> &cotangents, std::size_t batch,
                        const budget &limits) const {
    return slopes(anser_network_vjp_f64, samples, cotangents, batch, limits.mine("anser::network::vjp"));
  }

  /** Writes ONNX to a file, compressed where its name ends in .gz or .xz. */
  void write_onnx(const std::string &path) const { write(path, nullptr); }
  /** Writes ONNX to a file, within a budget. */
  void write_onnx(const std::string &path, const budget &limits) const {
    write(path, limits.mine("anser::network::write_onnx"));
  }
  /** Writes ONNX, uncompressed, into a function, which is destroyed before this returns. */
  void write_onnx(sink_function sink) const { write(std::move(sink), nullptr); }
  /** Writes ONNX, uncompressed, into a function, within a budget. */
  void write_onnx(sink_function sink, const budget &limits) const {
    write(std::move(sink), limits.mine("anser::network::write_onnx"));
  }
  /** The network in ONNX. */
  std::vector<std::uint8_t> to_onnx() const {
    const anser_network *const self = mine("anser::network::to_onnx");
    std::size_t length = 0;
    detail::check(anser_network_write_onnx_memory(self, nullptr, nullptr, 0, &length));
    std::vector<std::uint8_t> bytes(length);
    detail::check(anser_network_write_onnx_memory(self, nullptr, bytes.data(), bytes.size(), &length));
    bytes.resize(length);
    return bytes;
  }

private:
  friend class property;
  friend class bounds;
  friend class relu_encoder;
  friend class verifier;

  network fuse_within(const anser_budget *limits) const {
    const anser_network *const self = mine("anser::network::fuse");
    return make([&](anser_network **out) { return anser_network_fuse(self, limits, out); });
  }
  template <class Make> static network make(Make &&construct) {
    anser_network *raw = nullptr;
    detail::call_scope scope;
    const anser_status status = construct(&raw);
    network made(raw); // freed where a callback threw in a call that went well
    scope.finish(status);
    return made;
  }
  /** Options as C takes them. */
  class split_options {
  public:
    split_options(const char *function, const network_options &options) {
      for (const std::pair<std::string, std::size_t> &dim : options.dims) {
        names_.push_back(detail::text(dim.first, function));
        sizes_.push_back(dim.second);
      }
      raw_.keep_layers = options.keep_layers ? 1 : 0;
      raw_.dim_names = names_.data();
      raw_.dim_sizes = sizes_.data();
      raw_.num_dims = names_.size();
    }
    const anser_network_options *raw() const noexcept { return &raw_; }

  private:
    std::vector<const char *> names_;
    std::vector<std::size_t> sizes_;
    anser_network_options raw_ = ANSER_NETWORK_OPTIONS_INIT;
  };
  static network read(const std::string &path, const network_options &options, const anser_budget *limits) {
    const char *const who = "anser::network::read_onnx";
    const char *const file = detail::text(path, who);
    const split_options with(who, options);
    return make([&](anser_network **out) { return anser_network_read_onnx(file, with.raw(), limits, out); });
  }
  static network parse(const std::uint8_t *bytes, std::size_t length, const network_options &options,
                       const std::string &folder, const anser_budget *limits) {
    const char *const who = "anser::network::parse_onnx";
    const char *const where = folder.empty() ? nullptr : detail::text(folder, who);
    const split_options with(who, options);
    return make([&](anser_network **out) {
      return anser_network_read_onnx_memory(bytes, length, where, with.raw(), limits, out);
    });
  }
  void write(const std::string &path, const anser_budget *limits) const {
    const char *const who = "anser::network::write_onnx";
    const char *const file = detail::text(path, who);
    const anser_network *const self = mine(who);
    detail::call([&] { return anser_network_write_onnx(self, file, limits); });
  }
  void write(sink_function sink, const anser_budget *limits) const {
    const char *const who = "anser::network::write_onnx";
    const anser_network *const self = mine(who);
    if (!sink) {
      throw error(ANSER_STATUS_NULL_ARGUMENT, std::string(who) + ": argument sink is empty");
    }
    detail::hand_over(std::move(sink), [&](void *user_data) {
      const anser_sink made = detail::sink_struct(user_data);
      return anser_network_write_onnx_sink(self, &made, limits);
    });
  }
  /** What C lends, copied. */
  template <class T> static std::vector<T> array(const T *items, std::size_t count) {
    return items == nullptr ? std::vector<T>() : std::vector<T>(items, items + count);
  }
  /** A layer as C takes it; it borrows from `what`. Empty arrays are NULL. */
  static anser_layer raw_layer(const layer &what, const char *who) {
    anser_layer raw = ANSER_LAYER_INIT;
    raw.kind = static_cast<std::int32_t>(what.kind);
    raw.pad_mode = static_cast<std::int32_t>(what.mode);
    raw.name = what.name.empty() ? nullptr : detail::text(what.name, who);
    raw.inputs = what.inputs.data();
    raw.num_inputs = what.inputs.size();
    raw.ceil = what.ceil ? 1 : 0;
    raw.count_padding = what.count_padding ? 1 : 0;
    raw.keep_dims = what.keep_dims ? 1 : 0;
    const auto lend = [&](const auto &items, const char *member) {
      if (!items.empty() && raw.num_axes != 0 && items.size() != raw.num_axes) {
        detail::same_length(who, member, items.size(), raw.num_axes);
      }
      raw.num_axes = items.empty() ? raw.num_axes : items.size();
      return items.empty() ? nullptr : items.data();
    };
    raw.kernel = lend(what.kernel, "kernel");
    raw.strides = lend(what.strides, "strides");
    raw.dilations = lend(what.dilations, "dilations");
    raw.pads_begin = lend(what.pads_begin, "pads_begin");
    raw.pads_end = lend(what.pads_end, "pads_end");
    raw.output_padding = lend(what.output_padding, "output_padding");
    raw.starts = lend(what.starts, "starts");
    raw.steps = lend(what.steps, "steps");
    raw.lengths = lend(what.lengths, "lengths");
    raw.axes = lend(what.axes, "axes");
    raw.shape = lend(what.shape, "shape");
    raw.indices = what.indices.data();
    raw.num_indices = what.indices.size();
    raw.axis = what.axis;
    raw.axis_count = what.axis_count;
    raw.groups = what.groups;
    raw.epsilon = what.epsilon;
    raw.slope = what.slope;
    raw.min = what.min;
    raw.max = what.max;
    raw.pad_value = what.pad_value;
    return raw;
  }
  /** Room for `batch` times `each` numbers; a product that overflows is left to C, which refuses the batch. */
  template <class T> static std::vector<T> room(std::size_t batch, std::size_t each) {
    return each != 0 && batch > std::vector<T>().max_size() / each ? std::vector<T>() : std::vector<T>(batch * each);
  }
  template <class T, class Call>
  std::vector<T> values(Call *function, const std::vector<T> &samples, std::size_t batch,
                        const anser_budget *limits) const {
    const anser_network *const self = mine("anser::network::evaluate");
    std::vector<T> answer = room<T>(batch, output_length());
    detail::call([&] {
      return function(self, batch, samples.data(), samples.size(), limits, answer.data(), answer.size());
    });
    return answer;
  }
  template <class T, class Call>
  std::vector<T> inner(Call *function, const std::vector<T> &samples, const std::vector<std::uint32_t> &tensors,
                       std::size_t batch, const anser_budget *limits) const {
    const anser_network *const self = mine("anser::network::evaluate_tensors");
    std::size_t each = 0;
    for (const std::uint32_t number : tensors) {
      anser_tensor raw = ANSER_TENSOR_INIT;
      detail::check(anser_network_get_tensor(self, number, &raw));
      each += raw.length;
    }
    std::vector<T> answer = room<T>(batch, each);
    detail::call([&] {
      return function(self, batch, samples.data(), samples.size(), tensors.data(), tensors.size(), limits, answer.data(),
                      answer.size());
    });
    return answer;
  }
  template <class T, class Call>
  gradients<T> slopes(Call *function, const std::vector<T> &samples, const std::vector<T> &cotangents, std::size_t batch,
                      const anser_budget *limits) const {
    const anser_network *const self = mine("anser::network::vjp");
    gradients<T> answer{room<T>(batch, input_length()), room<T>(batch, output_length())};
    detail::call([&] {
      return function(self, batch, samples.data(), samples.size(), cotangents.data(), cotangents.size(), limits,
                 answer.inputs.data(), answer.inputs.size(), answer.outputs.data(), answer.outputs.size());
    });
    return answer;
  }
};

/**
 * A property: a formula over the inputs and outputs of a network, which says what is unsafe: an input with which it holds is
 * a counterexample. See anser_property.
 */
class property : public detail::handle<anser_property, anser_property_free> {
public:
  using handle::handle;
  /** The property that always holds, for networks with so many inputs and outputs (numbers, not tensors). */
  property(std::size_t num_inputs, std::size_t num_outputs)
      : handle(make([&](anser_property **out) { return anser_property_new(num_inputs, num_outputs, out); }).release()) {}

  /** Reads VNN-LIB from a file, plain or compressed. See anser_property_read_vnnlib. */
  static property read_vnnlib(const std::string &path) { return read(path, nullptr); }
  /** Reads VNN-LIB from a file, within a budget. */
  static property read_vnnlib(const std::string &path, const budget &limits) {
    return read(path, limits.mine("anser::property::read_vnnlib"));
  }
  /** Reads VNN-LIB from memory. */
  static property parse_vnnlib(const std::string &text) { return parse(text, nullptr); }
  /** Reads VNN-LIB from memory, within a budget. */
  static property parse_vnnlib(const std::string &text, const budget &limits) {
    return parse(text, limits.mine("anser::property::parse_vnnlib"));
  }
  /** A copy, independent of the original; what it holds is shared until one of the two is changed. */
  property clone() const {
    const anser_property *const self = mine("anser::property::clone");
    return make([&](anser_property **out) { return anser_property_clone(self, out); });
  }
  /** Bytes that the property may hold from now on; UINT64_MAX for no limit. */
  void set_memory_limit(std::uint64_t bytes) {
    detail::check(anser_property_set_memory_limit(mine("anser::property::set_memory_limit"), bytes));
  }

  /** How many inputs there are: numbers of all input tensors together. */
  std::size_t num_inputs() const {
    std::size_t count = 0;
    detail::check(anser_property_num_inputs(mine("anser::property::num_inputs"), &count));
    return count;
  }
  /** How many outputs there are: numbers of all output tensors together. */
  std::size_t num_outputs() const {
    std::size_t count = 0;
    detail::check(anser_property_num_outputs(mine("anser::property::num_outputs"), &count));
    return count;
  }
  /** How many assertions there are. */
  std::size_t num_assertions() const {
    std::size_t count = 0;
    detail::check(anser_property_num_assertions(mine("anser::property::num_assertions"), &count));
    return count;
  }
  /** Asserts that every input lies between its bounds, both included; infinite ones are none. */
  void add_box(const std::vector<double> &lower, const std::vector<double> &upper) {
    anser_property *const self = mine("anser::property::add_box");
    detail::same_length("anser::property::add_box", "upper", upper.size(), lower.size());
    detail::check(anser_property_add_box(self, lower.data(), upper.data(), lower.size()));
  }
  /** Asserts one of `disjuncts`: each is a conjunction of halfspaces. */
  void add_assertion(const std::vector<halfspaces> &disjuncts) {
    const char *const who = "anser::property::add_assertion";
    anser_property *const self = mine(who);
    halfspaces all;
    std::vector<std::size_t> parts{0};
    for (const halfspaces &part : disjuncts) {
      detail::same_length(who, "offsets", part.offsets.size(), part.size() + 1);
      detail::same_length(who, "strict", part.strict.size(), part.size());
      detail::same_length(who, "coefficients", part.coefficients.size(), part.columns.size());
      const std::size_t before = all.columns.size();
      all.columns.insert(all.columns.end(), part.columns.begin(), part.columns.end());
      all.coefficients.insert(all.coefficients.end(), part.coefficients.begin(), part.coefficients.end());
      all.bounds.insert(all.bounds.end(), part.bounds.begin(), part.bounds.end());
      all.strict.insert(all.strict.end(), part.strict.begin(), part.strict.end());
      for (std::size_t i = 1; i < part.offsets.size(); i++) {
        all.offsets.push_back(before + part.offsets[i]);
      }
      parts.push_back(all.bounds.size());
    }
    anser_halfspaces raw = ANSER_HALFSPACES_INIT;
    raw.num_rows = all.bounds.size();
    raw.columns = all.columns.data();
    raw.coefficients = all.coefficients.data();
    raw.num_terms = all.columns.size();
    raw.offsets = all.offsets.data();
    raw.bounds = all.bounds.data();
    raw.strict = all.strict.data();
    detail::check(anser_property_add_assertion(self, &raw, parts.data(), disjuncts.size()));
  }
  /** Whether the property holds at this very point: nothing is rounded. */
  bool check(const std::vector<double> &x, const std::vector<double> &y) const {
    std::int32_t holds = 0;
    detail::check(
        anser_property_check(mine("anser::property::check"), x.data(), x.size(), y.data(), y.size(), &holds));
    return holds != 0;
  }
  /** Throws where the property does not speak of this network. */
  void check_network(const network &of) const {
    const char *const who = "anser::property::check_network";
    const anser_property *const self = mine(who);
    detail::check(anser_property_check_network(self, of.mine(who)));
  }

  /** Writes VNN-LIB to a file, compressed where its name ends in .gz or .xz. */
  void write_vnnlib(const std::string &path) const { write(path, nullptr); }
  /** Writes VNN-LIB to a file, within a budget. */
  void write_vnnlib(const std::string &path, const budget &limits) const {
    write(path, limits.mine("anser::property::write_vnnlib"));
  }
  /** Writes VNN-LIB, uncompressed, into a function, which is destroyed before this returns. */
  void write_vnnlib(sink_function sink) const { write(std::move(sink), nullptr); }
  /** Writes VNN-LIB, uncompressed, into a function, within a budget. */
  void write_vnnlib(sink_function sink, const budget &limits) const {
    write(std::move(sink), limits.mine("anser::property::write_vnnlib"));
  }
  /** The property in VNN-LIB. */
  std::string to_vnnlib() const {
    const anser_property *const self = mine("anser::property::to_vnnlib");
    std::size_t length = 0;
    detail::check(anser_property_write_vnnlib_memory(self, nullptr, nullptr, 0, &length));
    std::string text(length + 1, '\0');
    detail::check(anser_property_write_vnnlib_memory(self, nullptr, text.data(), text.size(), &length));
    text.resize(length);
    return text;
  }

private:
  friend class disjuncts;
  friend class verifier;

  template <class Make> static property make(Make &&construct) {
    anser_property *raw = nullptr;
    detail::call_scope scope;
    const anser_status status = construct(&raw);
    property made(raw); // freed where a callback threw in a call that went well
    scope.finish(status);
    return made;
  }
  static property read(const std::string &path, const anser_budget *limits) {
    const char *const file = detail::text(path, "anser::property::read_vnnlib");
    return make([&](anser_property **out) { return anser_property_read_vnnlib(file, limits, out); });
  }
  static property parse(const std::string &text, const anser_budget *limits) {
    const auto *const bytes = reinterpret_cast<const std::uint8_t *>(text.data());
    return make([&](anser_property **out) {
      return anser_property_read_vnnlib_memory(bytes, text.size(), limits, out);
    });
  }
  void write(const std::string &path, const anser_budget *limits) const {
    const char *const who = "anser::property::write_vnnlib";
    const char *const file = detail::text(path, who);
    const anser_property *const self = mine(who);
    detail::call([&] { return anser_property_write_vnnlib(self, file, limits); });
  }
  void write(sink_function sink, const anser_budget *limits) const {
    const char *const who = "anser::property::write_vnnlib";
    const anser_property *const self = mine(who);
    if (!sink) {
      throw error(ANSER_STATUS_NULL_ARGUMENT, std::string(who) + ": argument sink is empty");
    }
    detail::hand_over(std::move(sink), [&](void *user_data) {
      const anser_sink made = detail::sink_struct(user_data);
      return anser_property_write_vnnlib_sink(self, &made, limits);
    });
  }
};

/**
 * The canonical form of a property: a disjunction, each part of which is a box of inputs and halfspaces, told one at a time.
 * `while (d.next())` goes through them; the other members read the one that it stands at. See anser_disjuncts.
 */
class disjuncts : public detail::handle<anser_disjuncts, anser_disjuncts_free> {
public:
  using handle::handle;
  /** The disjuncts of a property as it is now: later changes do not reach it. It stands before the first. */
  explicit disjuncts(const property &of, const disjuncts_options &options = {}) : handle(make(of, options)) {}

  /** Goes to the next disjunct; false after the last. */
  bool next() { return step(nullptr); }
  /** Goes to the next disjunct, within a budget. Where that ends the call, it can be made again and goes on. */
  bool next(const budget &limits) { return step(limits.mine("anser::disjuncts::next")); }

  /** How many inputs the property has. */
  std::size_t num_inputs() const {
    std::size_t count = 0;
    detail::check(anser_disjuncts_num_inputs(mine("anser::disjuncts::num_inputs"), &count));
    return count;
  }
  /** How many outputs the property has. */
  std::size_t num_outputs() const {
    std::size_t count = 0;
    detail::check(anser_disjuncts_num_outputs(mine("anser::disjuncts::num_outputs"), &count));
    return count;
  }
  /** The box of the disjunct. */
  input_box box() const {
    const anser_disjuncts *const self = mine("anser::disjuncts::box");
    const std::size_t n = num_inputs();
    input_box made{std::vector<double>(n), std::vector<double>(n)};
    detail::check(anser_disjuncts_get_box(self, made.lower.data(), made.upper.data(), n));
    return made;
  }
  /** How many halfspaces the disjunct has. */
  std::size_t num_rows() const {
    std::size_t count = 0;
    detail::check(anser_disjuncts_num_rows(mine("anser::disjuncts::num_rows"), &count));
    return count;
  }
  /** The halfspaces of the disjunct over the outputs. Where rows_have_inputs(), input_coefficients() has the rest. */
  dense_rows rows() const {
    const anser_disjuncts *const self = mine("anser::disjuncts::rows");
    const std::size_t n = num_rows();
    dense_rows made{std::vector<double>(n * num_outputs()), std::vector<double>(n), std::vector<std::uint8_t>(n)};
    detail::check(anser_disjuncts_get_rows(self, made.a.data(), made.a.size(), made.b.data(), made.strict.data(), n));
    return made;
  }
  /** Whether a halfspace of the disjunct speaks of inputs. */
  bool rows_have_inputs() const {
    std::int32_t have = 0;
    detail::check(anser_disjuncts_rows_have_inputs(mine("anser::disjuncts::rows_have_inputs"), &have));
    return have != 0;
  }
  /** The coefficients of the inputs in the halfspaces, row after row. */
  std::vector<double> input_coefficients() const {
    const anser_disjuncts *const self = mine("anser::disjuncts::input_coefficients");
    std::vector<double> made(num_rows() * num_inputs());
    detail::check(anser_disjuncts_get_input_coefficients(self, made.data(), made.size()));
    return made;
  }
  /** The halfspaces of the disjunct, in the form in which property::add_assertion() takes them. */
  anser::halfspaces halfspaces() const {
    anser_halfspaces raw = ANSER_HALFSPACES_INIT;
    detail::check(anser_disjuncts_get_halfspaces(mine("anser::disjuncts::halfspaces"), &raw));
    anser::halfspaces made;
    made.columns.assign(raw.columns, raw.columns + raw.num_terms);
    made.coefficients.assign(raw.coefficients, raw.coefficients + raw.num_terms);
    made.offsets.assign(raw.offsets, raw.offsets + raw.num_rows + 1);
    made.bounds.assign(raw.bounds, raw.bounds + raw.num_rows);
    made.strict.assign(raw.strict, raw.strict + raw.num_rows);
    return made;
  }
  /**
   * The first variable (inputs, then outputs) that the assertions leave no value, whatever the choices; SIZE_MAX where
   * there is none. Known once next() found no disjunct.
   */
  std::size_t contradiction() const {
    std::size_t variable = 0;
    detail::check(anser_disjuncts_get_contradiction(mine("anser::disjuncts::contradiction"), &variable));
    return variable;
  }
  /** Whether the points of the disjunct are exactly those of its part of the property; else there may be a few more. */
  bool is_exact() const {
    std::int32_t exact = 0;
    detail::check(anser_disjuncts_is_exact(mine("anser::disjuncts::is_exact"), &exact));
    return exact != 0;
  }
  /** Whether a point lies in the disjunct: nothing is rounded. */
  bool contains(const std::vector<double> &x, const std::vector<double> &y) const {
    std::int32_t inside = 0;
    detail::check(
        anser_disjuncts_contains(mine("anser::disjuncts::contains"), x.data(), x.size(), y.data(), y.size(), &inside));
    return inside != 0;
  }
  /** What was done so far, for all disjuncts. */
  disjuncts_statistics statistics() const {
    anser_disjuncts_statistics raw = ANSER_DISJUNCTS_STATISTICS_INIT;
    detail::check(anser_disjuncts_get_statistics(mine("anser::disjuncts::statistics"), &raw));
    return {raw.nodes, raw.produced, raw.dropped_by_interval, raw.dropped_by_lp};
  }

private:
  static anser_disjuncts *make(const property &of, const disjuncts_options &options) {
    anser_disjuncts_options raw = ANSER_DISJUNCTS_OPTIONS_INIT;
    raw.limit = options.limit;
    raw.without_lp = options.lp ? 0 : 1;
    anser_disjuncts *made = nullptr;
    detail::check(anser_disjuncts_new(of.mine("anser::disjuncts::disjuncts"), &raw, &made));
    return made;
  }
  bool step(const anser_budget *limits) {
    anser_disjuncts *const self = mine("anser::disjuncts::next");
    std::int32_t found = 0;
    detail::call([&] { return anser_disjuncts_next(self, limits, &found); });
    return found != 0;
  }
};

/** How rows are bounded. */
enum class bounds_method : std::int32_t {
  /** Linear bounds by backward substitution. */
  crown = ANSER_BOUNDS_METHOD_CROWN,
  /** Interval arithmetic. */
  interval = ANSER_BOUNDS_METHOD_INTERVAL,
  /** As crown, with slopes and multipliers of splits found by gradients. */
  alpha = ANSER_BOUNDS_METHOD_ALPHA
};

/** A set of neurons: all elements of a tensor. */
struct neuron_set {
  /** The number of the first one. */
  std::size_t first = 0;
  /** How many there are. */
  std::size_t count = 0;
  /** The tensor. */
  std::uint32_t tensor = 0;
  /** Whether they may be split. */
  bool splittable = false;
};

/** A batch of boxes and what is asked of them. See anser_bounds_query for the shapes. */
struct bounds_query {
  /** Lower bounds of the inputs, [box][input]. */
  std::vector<double> lower;
  /** Upper bounds of the inputs, [box][input]. */
  std::vector<double> upper;
  /** Where the splits of each box begin, one more than there are boxes; empty where no box has splits. */
  std::vector<std::size_t> split_offsets;
  /** Neurons that are split. */
  std::vector<std::uint32_t> split_neurons;
  /** 1: at least 0; -1: at most 0. */
  std::vector<std::int8_t> split_phases;
  /** Lower bounds of neurons that are known to hold, [box][neuron]; empty where none are. */
  std::vector<double> known_lower;
  /** Upper bounds of neurons that are known to hold. */
  std::vector<double> known_upper;
  /** Coefficients of outputs, [row][output]. */
  std::vector<double> outputs;
  /** Coefficients of inputs, [row][input]; empty for zeros. */
  std::vector<double> inputs;
  /** How rows are bounded. */
  bounds_method method = bounds_method::crown;
  /** Whether intervals are computed as well. */
  bool intersect = false;
  /** Of alpha: steps for each row. */
  std::uint32_t iterations = 20;
  /** Of alpha: steps for each neuron. */
  std::uint32_t neuron_iterations = 0;
};

/** What bounds::compute() is to find besides bounds of rows. */
struct bounds_wanted {
  /** Linear functions below the rows. */
  bool lower_functions = false;
  /** Linear functions above the rows. */
  bool upper_functions = false;
  /** Where the functions below are least. */
  bool points = false;
  /** Bounds of neurons. */
  bool neurons = false;
};

/** Linear functions of the inputs, one a box and row. */
struct linear_functions {
  /** [box][row][input]. */
  std::vector<double> coefficients;
  /** [box][row]. */
  std::vector<double> constants;
};

/** What bounds::compute() found; what was not wanted is empty. */
struct bounds_results {
  /** Lower bounds of rows, [box][row]. */
  std::vector<double> lower;
  /** Upper bounds of rows, [box][row]. */
  std::vector<double> upper;
  /** Functions below the rows. */
  linear_functions below;
  /** Functions above the rows. */
  linear_functions above;
  /** Where the functions below are least, [box][row][input]. */
  std::vector<double> points;
  /** Lower bounds of neurons, [box][neuron]. */
  std::vector<double> neuron_lower;
  /** Upper bounds of neurons. */
  std::vector<double> neuron_upper;
  /** 1 where the box turned out to be empty. */
  std::vector<std::uint8_t> empty;
};

/** What bounds::contract() left. */
struct bounds_contraction {
  /** Lower bounds of the inputs, [box][input]. */
  std::vector<double> lower;
  /** Upper bounds of the inputs. */
  std::vector<double> upper;
  /** Lower bounds of neurons, [box][neuron]. */
  std::vector<double> neuron_lower;
  /** Upper bounds of neurons. */
  std::vector<double> neuron_upper;
  /** 1 where the box has no such point. */
  std::vector<std::uint8_t> empty;
};

/**
 * The bounding kernel: a network made ready for all boxes within a root box. const members may be called from several
 * threads at once. See anser_bounds.
 */
class bounds : public detail::handle<anser_bounds, anser_bounds_free> {
public:
  using handle::handle;
  /** For all boxes within this one. With `intervals_only` its neurons are bounded by intervals alone. */
  bounds(const network &of, const std::vector<double> &lower, const std::vector<double> &upper, bool intervals_only = false)
      : handle(make(of, lower, upper, intervals_only, nullptr).release()) {}
  /** For all boxes within this one, within a budget. */
  bounds(const network &of, const std::vector<double> &lower, const std::vector<double> &upper, bool intervals_only,
         const budget &limits)
      : handle(make(of, lower, upper, intervals_only, limits.mine("anser::bounds::bounds")).release()) {}

  /** A second handle for the same. */
  bounds clone() const {
    const anser_bounds *const self = mine("anser::bounds::clone");
    return construct([&](anser_bounds **out) { return anser_bounds_clone(self, out); });
  }
  /** The same network for the boxes within another box. */
  bounds within(const std::vector<double> &lower, const std::vector<double> &upper, bool intervals_only = false) const {
    return within_box(lower, upper, intervals_only, nullptr);
  }
  /** The same network for the boxes within another box, within a budget. */
  bounds within(const std::vector<double> &lower, const std::vector<double> &upper, bool intervals_only,
                const budget &limits) const {
    return within_box(lower, upper, intervals_only, limits.mine("anser::bounds::within"));
  }

  /** How many inputs the network has. */
  std::size_t input_length() const { return count(anser_bounds_input_length, "anser::bounds::input_length"); }
  /** How many outputs the network has. */
  std::size_t output_length() const { return count(anser_bounds_output_length, "anser::bounds::output_length"); }
  /** How many neurons there are. */
  std::size_t num_neurons() const { return count(anser_bounds_num_neurons, "anser::bounds::num_neurons"); }
  /** The neurons, set by set. */
  std::vector<neuron_set> neurons() const {
    const anser_bounds *const self = mine("anser::bounds::neurons");
    std::size_t sets = 0;
    detail::check(anser_bounds_num_neuron_sets(self, &sets));
    std::vector<neuron_set> all;
    for (std::size_t set = 0; set < sets; set++) {
      anser_neurons raw = ANSER_NEURONS_INIT;
      detail::check(anser_bounds_get_neurons(self, set, &raw));
      all.push_back({raw.first, raw.count, raw.tensor, raw.splittable != 0});
    }
    return all;
  }
  /** The root box. */
  input_box box() const { return ends(anser_bounds_get_box, "anser::bounds::box", input_length()); }
  /** Bounds of all neurons in the root box. */
  input_box neuron_bounds() const {
    return ends(anser_bounds_get_neuron_bounds, "anser::bounds::neuron_bounds", num_neurons());
  }
  /** Bounds of the outputs in the root box: intervals. */
  input_box output_bounds() const {
    return ends(anser_bounds_get_output_bounds, "anser::bounds::output_bounds", output_length());
  }

  /** Bounds a batch of boxes. */
  bounds_results compute(const bounds_query &query, const bounds_wanted &wanted = {}) const {
    return compute_within(query, wanted, nullptr);
  }
  /** Bounds a batch of boxes, within a budget. */
  bounds_results compute(const bounds_query &query, const bounds_wanted &wanted, const budget &limits) const {
    return compute_within(query, wanted, limits.mine("anser::bounds::compute"));
  }
  /** What rows at most `right_sides` leave of boxes; where `strict` is 1, less than. An empty `strict` is all 0. */
  bounds_contraction contract(const bounds_query &query, const std::vector<double> &right_sides,
                              const std::vector<std::uint8_t> &strict = {}) const {
    return contract_within(query, right_sides, strict, nullptr);
  }
  /** What rows leave of boxes, within a budget. */
  bounds_contraction contract(const bounds_query &query, const std::vector<double> &right_sides,
                              const std::vector<std::uint8_t> &strict, const budget &limits) const {
    return contract_within(query, right_sides, strict, limits.mine("anser::bounds::contract"));
  }

private:
  template <class Make> static bounds construct(Make &&call) {
    anser_bounds *raw = nullptr;
    detail::call_scope scope;
    const anser_status status = call(&raw);
    bounds made(raw); // freed where a callback threw in a call that went well
    scope.finish(status);
    return made;
  }
  static anser_bounds_options raw_options(bool intervals_only) noexcept {
    anser_bounds_options raw = ANSER_BOUNDS_OPTIONS_INIT;
    raw.intervals_only = intervals_only ? 1 : 0;
    return raw;
  }
  static bounds make(const network &of, const std::vector<double> &lower, const std::vector<double> &upper,
                     bool intervals_only, const anser_budget *limits) {
    const char *const who = "anser::bounds::bounds";
    const anser_network *const from = of.mine(who);
    detail::same_length(who, "upper", upper.size(), lower.size());
    const anser_bounds_options raw = raw_options(intervals_only);
    return construct([&](anser_bounds **out) {
      return anser_bounds_new(from, lower.data(), upper.data(), lower.size(), &raw, limits, out);
    });
  }
  bounds within_box(const std::vector<double> &lower, const std::vector<double> &upper, bool intervals_only,
                    const anser_budget *limits) const {
    const char *const who = "anser::bounds::within";
    const anser_bounds *const self = mine(who);
    detail::same_length(who, "upper", upper.size(), lower.size());
    const anser_bounds_options raw = raw_options(intervals_only);
    return construct([&](anser_bounds **out) {
      return anser_bounds_within(self, lower.data(), upper.data(), lower.size(), &raw, limits, out);
    });
  }
  template <class Call> std::size_t count(Call *function, const char *who) const {
    std::size_t found = 0;
    detail::check(function(mine(who), &found));
    return found;
  }
  template <class Call> input_box ends(Call *function, const char *who, std::size_t length) const {
    input_box made{std::vector<double>(length), std::vector<double>(length)};
    detail::check(function(mine(who), made.lower.data(), made.upper.data(), length));
    return made;
  }
  static std::size_t parts(const char *who, const char *argument, std::size_t given, std::size_t each) {
    if (each == 0 || given % each != 0) {
      throw error(ANSER_STATUS_INVALID_ARGUMENT, std::string(who) + ": argument " + argument + " has " +
                                                     std::to_string(given) + " items, which are not so many times " +
                                                     std::to_string(each));
    }
    return given / each;
  }
  /** The query as C takes it; it points into `query`. */
  anser_bounds_query raw_query(const bounds_query &query, const char *who) const {
    anser_bounds_query raw = ANSER_BOUNDS_QUERY_INIT;
    raw.num_boxes = parts(who, "query.lower", query.lower.size(), input_length());
    raw.num_rows = parts(who, "query.outputs", query.outputs.size(), output_length());
    detail::same_length(who, "query.upper", query.upper.size(), query.lower.size());
    detail::same_length(who, "query.split_phases", query.split_phases.size(), query.split_neurons.size());
    detail::same_length(who, "query.known_upper", query.known_upper.size(), query.known_lower.size());
    if (!query.split_offsets.empty()) {
      detail::same_length(who, "query.split_offsets", query.split_offsets.size(), raw.num_boxes + 1);
      raw.split_offsets = query.split_offsets.data();
    }
    if (!query.known_lower.empty()) {
      detail::same_length(who, "query.known_lower", query.known_lower.size(), raw.num_boxes * num_neurons());
      raw.known_lower = query.known_lower.data();
      raw.known_upper = query.known_upper.data();
    }
    if (!query.inputs.empty()) {
      detail::same_length(who, "query.inputs", query.inputs.size(), raw.num_rows * input_length());
      raw.inputs = query.inputs.data();
    }
    raw.lower = query.lower.data();
    raw.upper = query.upper.data();
    raw.split_neurons = query.split_neurons.data();
    raw.split_phases = query.split_phases.data();
    raw.num_splits = query.split_neurons.size();
    raw.outputs = query.outputs.data();
    raw.method = static_cast<std::int32_t>(query.method);
    raw.intersect = query.intersect ? 1 : 0;
    raw.iterations = query.iterations;
    raw.neuron_iterations = query.neuron_iterations;
    return raw;
  }
  static double *room(std::vector<double> &to, std::size_t length) {
    to.resize(length);
    return to.data();
  }
  bounds_results compute_within(const bounds_query &query, const bounds_wanted &wanted, const anser_budget *limits) const {
    const char *const who = "anser::bounds::compute";
    const anser_bounds *const self = mine(who);
    const anser_bounds_query asked = raw_query(query, who);
    const std::size_t rows = asked.num_boxes * asked.num_rows;
    const std::size_t functions = rows * input_length();
    bounds_results found;
    anser_bounds_results raw = ANSER_BOUNDS_RESULTS_INIT;
    raw.lower = room(found.lower, rows);
    raw.upper = room(found.upper, rows);
    if (wanted.lower_functions) {
      raw.lower_coefficients = room(found.below.coefficients, functions);
      raw.lower_constants = room(found.below.constants, rows);
    }
    if (wanted.upper_functions) {
      raw.upper_coefficients = room(found.above.coefficients, functions);
      raw.upper_constants = room(found.above.constants, rows);
    }
    if (wanted.points) {
      raw.points = room(found.points, functions);
    }
    if (wanted.neurons) {
      raw.neuron_lower = room(found.neuron_lower, asked.num_boxes * num_neurons());
      raw.neuron_upper = room(found.neuron_upper, asked.num_boxes * num_neurons());
    }
    found.empty.resize(asked.num_boxes);
    raw.empty = found.empty.data();
    detail::call([&] { return anser_bounds_compute(self, &asked, limits, &raw); });
    return found;
  }
  bounds_contraction contract_within(const bounds_query &query, const std::vector<double> &right_sides,
                                     const std::vector<std::uint8_t> &strict, const anser_budget *limits) const {
    const char *const who = "anser::bounds::contract";
    const anser_bounds *const self = mine(who);
    const anser_bounds_query asked = raw_query(query, who);
    detail::same_length(who, "right_sides", right_sides.size(), asked.num_rows);
    if (!strict.empty()) {
      detail::same_length(who, "strict", strict.size(), asked.num_rows);
    }
    bounds_contraction left;
    anser_bounds_contraction raw = ANSER_BOUNDS_CONTRACTION_INIT;
    raw.lower = room(left.lower, query.lower.size());
    raw.upper = room(left.upper, query.lower.size());
    raw.neuron_lower = room(left.neuron_lower, asked.num_boxes * num_neurons());
    raw.neuron_upper = room(left.neuron_upper, asked.num_boxes * num_neurons());
    left.empty.resize(asked.num_boxes);
    raw.empty = left.empty.data();
    const std::uint8_t *const flags = strict.empty() ? nullptr : strict.data();
    detail::call([&] { return anser_bounds_contract(self, &asked, right_sides.data(), flags, limits, &raw); });
    return left;
  }
};

/** How a verifier goes about it. */
struct verifier_options {
  anser::procedure procedure = anser::procedure::automatic;
  /** How many threads work on subproblems, the calling one included. */
  std::uint32_t threads = 1;
  /** How many subproblems are bounded together; 0 for the default. */
  std::uint32_t batch = 0;
  /** Which procedures a portfolio has; empty for all that suit the question. */
  std::vector<anser::procedure> procedures;
};

/** What a slice of a portfolio did. See anser_slice_info. */
struct slice {
  /** Whose it was. */
  std::string procedure;
  /** Why it failed or was exhausted; empty otherwise. */
  std::string why;
  std::uint32_t round = 0;
  slice_end end = slice_end::paused;
  std::uint64_t granted = 0;
  std::uint64_t work = 0;
  std::uint64_t bounded = 0;
  std::uint64_t closed = 0;
  std::uint64_t open = 0;
  double seconds = 0;
  std::uint64_t adopted = 0;
};

/** An input that has a property, and what the network answers to it in 32 bits. */
struct witness {
  std::vector<float> input;
  std::vector<float> output;
};

/**
 * Whether some input of a network has a property. Each run goes on from where the one before ended. See anser_verifier.
 */
class verifier : public detail::handle<anser_verifier, anser_verifier_free> {
public:
  using handle::handle;
  /** Of a network and a property as they are now: later changes do not reach it. */
  verifier(const network &of, const property &asked, const verifier_options &options = {})
      : handle(make(of, asked, options, nullptr)) {}
  /** The same, within a budget. */
  verifier(const network &of, const property &asked, const verifier_options &options, const budget &limits)
      : handle(make(of, asked, options, limits.mine("anser::verifier::verifier"))) {}

  /** One that goes on where write_frontier() wrote another one down, of the same network and property. */
  static verifier read_frontier(const network &of, const property &asked, const std::vector<std::uint8_t> &bytes,
                                const verifier_options &options = {}) {
    const char *const who = "anser::verifier::read_frontier";
    const anser_network *const net = of.mine(who);
    const anser_property *const question = asked.mine(who);
    const anser_verifier_options raw = plain(options);
    anser_verifier *made = nullptr;
    detail::check(
        anser_verifier_read_frontier_memory(net, question, &raw, bytes.data(), bytes.size(), nullptr, &made));
    return verifier(made);
  }

  /** Adds a procedure of the host's to a portfolio. It runs inside run(). See anser_verifier_add_procedure. */
  void add_procedure(const std::string &name, host_procedure function) {
    const char *const who = "anser::verifier::add_procedure";
    anser_verifier *const self = mine(who);
    const char *const called = detail::text(name, who);
    if (!function) {
      throw error(ANSER_STATUS_NULL_ARGUMENT, std::string(who) + ": argument function is empty");
    }
    detail::hand_over(std::move(function), [&](void *user_data) {
      anser_host_procedure made = ANSER_HOST_PROCEDURE_INIT;
      made.user_data = user_data;
      made.destroy = detail::destroy<host_procedure>;
      made.name = called;
      made.solve = detail::solve;
      return anser_verifier_add_procedure(self, &made);
    });
  }
  /** What each slice of a portfolio did so far, in their order; empty for other procedures. */
  std::vector<slice> slices() const {
    const anser_verifier *const self = mine("anser::verifier::slices");
    std::size_t count = 0;
    detail::check(anser_verifier_num_slices(self, &count));
    std::vector<slice> all;
    for (std::size_t index = 0; index < count; index++) {
      anser_slice_info info = ANSER_SLICE_INFO_INIT;
      detail::check(anser_verifier_get_slice(self, index, &info));
      all.push_back({info.procedure, info.why == nullptr ? "" : info.why, info.round, static_cast<slice_end>(info.end),
                     info.granted, info.work, info.bounded, info.closed, info.open, info.seconds,
                     info.adopted});
    }
    return all;
  }

  /** Goes on until there is a verdict. */
  anser::result run() { return go_on(nullptr); }
  /** Goes on until there is a verdict or the budget ends; the next call goes on from there. */
  anser::result run(const budget &limits) { return go_on(limits.mine("anser::verifier::run")); }

  /** Why the last run answered result::unknown. */
  anser::unknown_reason unknown_reason() const {
    anser_unknown_reason reason = ANSER_UNKNOWN_REASON_NONE;
    detail::check(anser_verifier_get_unknown_reason(mine("anser::verifier::unknown_reason"), &reason));
    return static_cast<anser::unknown_reason>(reason);
  }
  /** What of the budget ended the last run; stop_reason::solved where nothing did. */
  anser::stop_reason stop_reason() const {
    anser_stop_reason reason = ANSER_STOP_REASON_SOLVED;
    detail::check(anser_verifier_get_stop_reason(mine("anser::verifier::stop_reason"), &reason));
    return static_cast<anser::stop_reason>(reason);
  }
  /** After stop_reason::callback: what the progress function answered. */
  std::int32_t callback_code() const {
    std::int32_t code = 0;
    detail::check(anser_verifier_get_callback_code(mine("anser::verifier::callback_code"), &code));
    return code;
  }
  /** How many inputs the network has. */
  std::size_t num_inputs() const {
    std::size_t count = 0;
    detail::check(anser_verifier_num_inputs(mine("anser::verifier::num_inputs"), &count));
    return count;
  }
  /** How many outputs the network has. */
  std::size_t num_outputs() const {
    std::size_t count = 0;
    detail::check(anser_verifier_num_outputs(mine("anser::verifier::num_outputs"), &count));
    return count;
  }
  /** After result::sat: an input that has the property. */
  anser::witness witness() const {
    const anser_verifier *const self = mine("anser::verifier::witness");
    anser::witness made{std::vector<float>(num_inputs()), std::vector<float>(num_outputs())};
    detail::check(anser_verifier_get_witness(self, made.input.data(), made.input.size(), made.output.data(),
                                             made.output.size()));
    return made;
  }
  /** A statistic by its name: see anser_verifier_get_statistic_info. */
  double statistic(const std::string &name) const {
    const char *const who = "anser::verifier::statistic";
    double value = 0;
    detail::check(anser_verifier_get_statistic(mine(who), detail::text(name, who), &value));
    return value;
  }
  /** How far the run has come, for read_frontier(). */
  std::vector<std::uint8_t> write_frontier() const {
    const anser_verifier *const self = mine("anser::verifier::write_frontier");
    std::size_t length = 0;
    detail::check(anser_verifier_write_frontier_memory(self, nullptr, nullptr, 0, &length));
    std::vector<std::uint8_t> bytes(length);
    detail::check(anser_verifier_write_frontier_memory(self, nullptr, bytes.data(), bytes.size(), &length));
    return bytes;
  }

private:
  static anser_verifier_options plain(const verifier_options &options) {
    anser_verifier_options raw = ANSER_VERIFIER_OPTIONS_INIT;
    raw.procedure = static_cast<std::int32_t>(options.procedure);
    raw.threads = options.threads;
    raw.batch = options.batch;
    for (const anser::procedure has : options.procedures) {
      raw.procedures |= 1U << static_cast<std::uint32_t>(has);
    }
    return raw;
  }
  static anser_verifier *make(const network &of, const property &asked, const verifier_options &options,
                              const anser_budget *limits) {
    const char *const who = "anser::verifier::verifier";
    const anser_network *const net = of.mine(who);
    const anser_property *const question = asked.mine(who);
    const anser_verifier_options raw = plain(options);
    anser_verifier *made = nullptr;
    detail::call([&] { return anser_verifier_new(net, question, &raw, limits, &made); });
    return made;
  }
  anser::result go_on(const anser_budget *limits) {
    anser_verifier *const self = mine("anser::verifier::run");
    anser_result answer = ANSER_RESULT_UNKNOWN;
    detail::call([&] { return anser_verifier_run(self, limits, &answer); });
    return static_cast<anser::result>(answer);
  }
};

/** How the choice between the pieces of a neuron is said. */
enum class relu_form : std::int32_t {
  /** By rows that hold always: for mixed integer programming. */
  big_m = ANSER_RELU_FORM_BIG_M,
  /** By rows that hang on the phase: for SMT solvers. */
  smt = ANSER_RELU_FORM_SMT
};

/** What bounds neurons before they are encoded. */
enum class relu_tightening : std::int32_t {
  /** Linear bounds by backward substitution. */
  crown = ANSER_RELU_TIGHTENING_CROWN,
  /** Interval arithmetic. */
  interval = ANSER_RELU_TIGHTENING_INTERVAL,
  /** As crown, with slopes found by gradients. */
  alpha = ANSER_RELU_TIGHTENING_ALPHA
};

/** How a network is encoded. */
struct relu_options {
  /** How choices are said. */
  relu_form form = relu_form::big_m;
  /** What bounds neurons. */
  relu_tightening tightening = relu_tightening::crown;
  /** Of alpha: steps of gradients for each neuron; 0 for the default. */
  std::uint32_t iterations = 0;
};

/** A piece of a network that has a bend. See anser_relu_encoding. */
struct relu_neuron {
  /** The layer that it belongs to, from 0 up. */
  std::uint32_t layer;
  /** The number of the formula that is its operand. */
  std::uint32_t pre;
  /** The number that is its answer. */
  std::uint32_t post;
  /** A literal that is true where the operand is above the bend, false where it is below. */
  std::int32_t phase;
  /** 1 where the phase is always true, -1 where it is always false, 0 where it is open. */
  int decided;
  /** Between what the operand lies. */
  double pre_lower, pre_upper;
  /** Between what the answer lies. */
  double post_lower, post_upper;
};

/** Numbers of a formula, and between what they lie. */
struct relu_numbers {
  /** The numbers. */
  std::vector<std::uint32_t> numbers;
  /** What they are at least. */
  std::vector<double> lower;
  /** What they are at most. */
  std::vector<double> upper;
};

/** Where a network is in a formula. const members may be called from several threads at once. See anser_relu_encoding. */
class relu_encoding : public detail::handle<anser_relu_encoding, anser_relu_encoding_free> {
public:
  using handle::handle;

  /** The inputs, and the box that was encoded. */
  relu_numbers inputs() const {
    const char *const who = "anser::relu_encoding::inputs";
    return numbered(who, count(anser_relu_encoding_input_length, who), anser_relu_encoding_get_inputs);
  }
  /** The outputs, and what bounds say of them in the box. */
  relu_numbers outputs() const {
    const char *const who = "anser::relu_encoding::outputs";
    return numbered(who, count(anser_relu_encoding_output_length, who), anser_relu_encoding_get_outputs);
  }
  /** How many neurons there are, those that bounds decide included. */
  std::size_t num_neurons() const {
    return count(anser_relu_encoding_num_neurons, "anser::relu_encoding::num_neurons");
  }
  /** All neurons, layer by layer. */
  std::vector<relu_neuron> neurons() const {
    const anser_relu_encoding *const self = mine("anser::relu_encoding::neurons");
    const std::size_t n = num_neurons();
    std::vector<std::uint32_t> layers(n), pre(n), post(n);
    std::vector<std::int32_t> phases(n);
    std::vector<std::int8_t> decided(n);
    std::vector<double> pre_lower(n), pre_upper(n), post_lower(n), post_upper(n);
    anser_relu_neurons raw = ANSER_RELU_NEURONS_INIT;
    raw.num_neurons = n;
    raw.layers = layers.data();
    raw.pre = pre.data();
    raw.post = post.data();
    raw.phases = phases.data();
    raw.decided = decided.data();
    raw.pre_lower = pre_lower.data();
    raw.pre_upper = pre_upper.data();
    raw.post_lower = post_lower.data();
    raw.post_upper = post_upper.data();
    detail::check(anser_relu_encoding_get_neurons(self, &raw));
    std::vector<relu_neuron> all;
    all.reserve(n);
    for (std::size_t i = 0; i < n; i++) {
      all.push_back({layers[i], pre[i], post[i], phases[i], decided[i], pre_lower[i], pre_upper[i], post_lower[i],
                     post_upper[i]});
    }
    return all;
  }

  /** A literal under which the inputs lie in a smaller box, with what that says of neurons. */
  std::int32_t restrict_to(formula &in, const std::vector<double> &lower, const std::vector<double> &upper) const {
    return restrict_within(in, lower, upper, nullptr);
  }
  /** The same, within a budget. */
  std::int32_t restrict_to(formula &in, const std::vector<double> &lower, const std::vector<double> &upper,
                           const budget &limits) const {
    return restrict_within(in, lower, upper, limits.mine("anser::relu_encoding::restrict_to"));
  }

private:
  template <class Call> std::size_t count(Call *function, const char *who) const {
    std::size_t found = 0;
    detail::check(function(mine(who), &found));
    return found;
  }
  template <class Call> relu_numbers numbered(const char *who, std::size_t n, Call *function) const {
    relu_numbers all{std::vector<std::uint32_t>(n), std::vector<double>(n), std::vector<double>(n)};
    detail::check(function(mine(who), all.numbers.data(), all.lower.data(), all.upper.data(), n));
    return all;
  }
  std::int32_t restrict_within(formula &in, const std::vector<double> &lower, const std::vector<double> &upper,
                               const anser_budget *limits) const {
    const char *const who = "anser::relu_encoding::restrict_to";
    const anser_relu_encoding *const self = mine(who);
    anser_formula *const to = in.mine(who);
    detail::same_length(who, "upper", upper.size(), lower.size());
    std::int32_t literal = 0;
    detail::call([&] {
      return anser_relu_encoding_restrict(self, to, lower.data(), upper.data(), lower.size(), limits, &literal);
    });
    return literal;
  }
};

/**
 * Encodes one piecewise linear network into as many formulas and for as many boxes as one likes. const members may be called
 * from several threads at once. See anser_relu_encoder.
 */
class relu_encoder : public detail::handle<anser_relu_encoder, anser_relu_encoder_free> {
public:
  using handle::handle;
  /** An encoder of a network as it is now. */
  explicit relu_encoder(const network &of, const relu_options &options = {}) : handle(make(of, options, nullptr)) {}
  /** The same, within a budget. */
  relu_encoder(const network &of, const relu_options &options, const budget &limits)
      : handle(make(of, options, limits.mine("anser::relu_encoder::relu_encoder"))) {}

  /** How many inputs the network has. */
  std::size_t input_length() const { return count(anser_relu_encoder_input_length, "anser::relu_encoder::input_length"); }
  /** How many outputs the network has. */
  std::size_t output_length() const {
    return count(anser_relu_encoder_output_length, "anser::relu_encoder::output_length");
  }

  /** Adds the network to a formula, for the inputs of a box. */
  relu_encoding encode(formula &into, const std::vector<double> &lower, const std::vector<double> &upper) const {
    return encode_within(into, lower, upper, nullptr);
  }
  /** The same, within a budget. */
  relu_encoding encode(formula &into, const std::vector<double> &lower, const std::vector<double> &upper,
                       const budget &limits) const {
    return encode_within(into, lower, upper, limits.mine("anser::relu_encoder::encode"));
  }

private:
  static anser_relu_encoder *make(const network &of, const relu_options &options, const anser_budget *limits) {
    const anser_network *const net = of.mine("anser::relu_encoder::relu_encoder");
    anser_relu_options raw = ANSER_RELU_OPTIONS_INIT;
    raw.form = static_cast<std::int32_t>(options.form);
    raw.tightening = static_cast<std::int32_t>(options.tightening);
    raw.iterations = options.iterations;
    anser_relu_encoder *made = nullptr;
    detail::call([&] { return anser_relu_encoder_new(net, &raw, limits, &made); });
    return made;
  }
  template <class Call> std::size_t count(Call *function, const char *who) const {
    std::size_t found = 0;
    detail::check(function(mine(who), &found));
    return found;
  }
  relu_encoding encode_within(formula &into, const std::vector<double> &lower, const std::vector<double> &upper,
                              const anser_budget *limits) const {
    const char *const who = "anser::relu_encoder::encode";
    const anser_relu_encoder *const self = mine(who);
    anser_formula *const to = into.mine(who);
    detail::same_length(who, "upper", upper.size(), lower.size());
    anser_relu_encoding *raw = nullptr;
    detail::call_scope scope;
    const anser_status status =
        anser_relu_encoder_encode(self, to, lower.data(), upper.data(), lower.size(), limits, &raw);
    relu_encoding made(raw); // freed where a callback threw in a call that went well
    scope.finish(status);
    return made;
  }
};

/** A layer of an architecture: kernel and stride in each dimension. */
struct arch_layer {
  std::vector<std::uint32_t> kernel;
  std::vector<std::uint32_t> stride;
};

/** An architecture: its layers from input to output. */
using architecture = std::vector<arch_layer>;

/** How architectures are drawn. See anser_arch_method. */
enum class arch_method : std::int32_t {
  programme = ANSER_ARCH_METHOD_PROGRAMME,
  unigen = ANSER_ARCH_METHOD_UNIGEN,
  uniwit = ANSER_ARCH_METHOD_UNIWIT,
  uniwit13 = ANSER_ARCH_METHOD_UNIWIT13,
  enumerate = ANSER_ARCH_METHOD_ENUMERATE,
};

/** What a space of architectures is to hold. See anser_arch_description. */
struct arch_description {
  std::vector<std::uint32_t> input;
  std::vector<std::uint32_t> output;
  std::uint32_t min_layers = 1;
  std::uint32_t max_layers = 1;
  std::vector<std::uint32_t> padding{};
  std::uint32_t min_kernel = 0, max_kernel = 0, min_stride = 0, max_stride = 0;
  std::uint32_t fixed_kernel = 0, fixed_stride = 0;
  /** Of anser_arch_rule. */
  std::uint32_t rules = 0;
  std::vector<std::uint32_t> channels{};
  std::uint64_t max_parameters = 0, max_multiply_adds = 0;
  std::uint64_t min_receptive_field = 0, max_receptive_field = 0;
};

/**
 * A space of convolutional architectures. One thread at a time may use it. See anser_arch_space. Budgets limit the call; what they
 * end throws an error with ANSER_STATUS_STOPPED.
 */
class arch_space : public detail::handle<anser_arch_space, anser_arch_space_free> {
public:
  /** A space. */
  explicit arch_space(const arch_description &of)
      : handle(make(of)), dimensions_(of.input.size()), layers_(of.max_layers) {}

  /** How many members there are, as a decimal number. */
  std::string count() { return count_within(nullptr); }
  /** The same, within a budget. */
  std::string count(const budget &limits) { return count_within(limits.get()); }

  /** Up to `number` members from number `first` on. See anser_arch_space_list. */
  std::vector<architecture> list(std::uint64_t first, std::size_t number) {
    arrays room(number, layers_, dimensions_);
    std::size_t found = 0;
    detail::call([&] { return anser_arch_space_list(mine("anser::arch_space::list"), first, nullptr, &room.raw, &found); });
    return room.members(found);
  }

  /** Draws up to `number` members with the budget's seed. See anser_arch_space_draw. */
  std::vector<architecture> draw(std::size_t number, const budget &limits, arch_method method = arch_method::programme,
                                 bool distinct = true) {
    const char *const who = "anser::arch_space::draw";
    anser_arch_space *const self = mine(who);
    arrays room(number, layers_, dimensions_);
    std::size_t found = 0;
    detail::call([&] {
      return anser_arch_space_draw(self, static_cast<std::int32_t>(method), distinct ? 1 : 0, limits.get(), &room.raw,
                                   &found);
    });
    return room.members(found);
  }

  /** Whether an architecture belongs to the space, judged from the definition alone. */
  bool contains(const architecture &member) const {
    if (member.size() > layers_) {
      return false;
    }
    arrays room(1, layers_, dimensions_);
    room.layers[0] = static_cast<std::uint32_t>(member.size());
    for (std::size_t l = 0; l < member.size(); l++) {
      if (member[l].kernel.size() != dimensions_ || member[l].stride.size() != dimensions_) {
        return false;
      }
      for (std::size_t k = 0; k < dimensions_; k++) {
        room.kernels[l * dimensions_ + k] = member[l].kernel[k];
        room.strides[l * dimensions_ + k] = member[l].stride[k];
      }
    }
    std::int8_t is_member = 0;
    detail::check(anser_arch_space_check(mine("anser::arch_space::contains"), &room.raw, &is_member));
    return is_member == 1;
  }

  /** The space as a formula whose sampling set tells members. See anser_arch_space_formula. */
  formula to_formula() {
    anser_arch_space *const self = mine("anser::arch_space::to_formula");
    anser_formula *raw = nullptr;
    detail::call([&] { return anser_arch_space_formula(self, nullptr, &raw); });
    return formula(raw);
  }

  /** Variables of the formula that are the bits of a kernel, the lowest first; layers and dimensions count from 0. */
  std::vector<std::int32_t> kernel_bits(std::uint32_t layer, std::uint32_t dimension) const {
    return bits(layer, dimension, true);
  }
  /** The same for a stride. */
  std::vector<std::int32_t> stride_bits(std::uint32_t layer, std::uint32_t dimension) const {
    return bits(layer, dimension, false);
  }

  /** The member that a model of the formula is: values[v - 1] is positive where variable v is true. */
  architecture decode(const std::vector<std::int8_t> &values) const {
    arrays room(1, layers_, dimensions_);
    detail::check(anser_arch_space_decode(mine("anser::arch_space::decode"), values.data(), values.size(), &room.raw));
    return room.members(1).front();
  }

private:
  std::size_t dimensions_;
  std::size_t layers_;

  struct arrays {
    std::vector<std::uint32_t> layers, kernels, strides;
    std::size_t most, dimensions;
    anser_arch_members raw = ANSER_ARCH_MEMBERS_INIT;
    arrays(std::size_t number, std::size_t most_layers, std::size_t num_dimensions)
        : layers(number), kernels(number * most_layers * num_dimensions), strides(kernels.size()), most(most_layers),
          dimensions(num_dimensions) {
      raw.num_members = number;
      raw.layers = layers.data();
      raw.kernels = kernels.data();
      raw.strides = strides.data();
    }
    arrays(const arrays &) = delete;
    arrays &operator=(const arrays &) = delete;
    std::vector<architecture> members(std::size_t number) const {
      std::vector<architecture> all(number);
      for (std::size_t i = 0; i < number; i++) {
        for (std::size_t l = 0; l < layers[i]; l++) {
          const auto at = static_cast<std::ptrdiff_t>((i * most + l) * dimensions);
          const auto end = at + static_cast<std::ptrdiff_t>(dimensions);
          all[i].push_back({{kernels.begin() + at, kernels.begin() + end}, {strides.begin() + at, strides.begin() + end}});
        }
      }
      return all;
    }
  };

  static anser_arch_space *make(const arch_description &of) {
    const char *const who = "anser::arch_space::arch_space";
    detail::same_length(who, "output", of.output.size(), of.input.size());
    if (!of.padding.empty()) {
      detail::same_length(who, "padding", of.padding.size(), of.input.size());
    }
    anser_arch_description raw = ANSER_ARCH_DESCRIPTION_INIT;
    raw.num_dimensions = of.input.size();
    raw.input = of.input.data();
    raw.output = of.output.data();
    raw.padding = of.padding.empty() ? nullptr : of.padding.data();
    raw.min_layers = of.min_layers;
    raw.max_layers = of.max_layers;
    raw.min_kernel = of.min_kernel;
    raw.max_kernel = of.max_kernel;
    raw.min_stride = of.min_stride;
    raw.max_stride = of.max_stride;
    raw.fixed_kernel = of.fixed_kernel;
    raw.fixed_stride = of.fixed_stride;
    raw.rules = of.rules;
    raw.channels = of.channels.data();
    raw.num_channels = of.channels.size();
    raw.max_parameters = of.max_parameters;
    raw.max_multiply_adds = of.max_multiply_adds;
    raw.min_receptive_field = of.min_receptive_field;
    raw.max_receptive_field = of.max_receptive_field;
    anser_arch_space *made = nullptr;
    detail::check(anser_arch_space_new(&raw, &made));
    return made;
  }
  std::string count_within(const anser_budget *limits) {
    anser_arch_space *const self = mine("anser::arch_space::count");
    const char *digits = nullptr;
    detail::call([&] { return anser_arch_space_count(self, limits, &digits); });
    return digits;
  }
  std::vector<std::int32_t> bits(std::uint32_t layer, std::uint32_t dimension, bool of_kernel) const {
    std::uint32_t first[2] = {0, 0}, number[2] = {0, 0};
    detail::check(anser_arch_space_bits(mine("anser::arch_space::bits"), layer, dimension, &first[0], &number[0], &first[1],
                                        &number[1]));
    const std::size_t which = of_kernel ? 0 : 1;
    std::vector<std::int32_t> all;
    for (std::uint32_t bit = 0; bit < number[which]; bit++) {
      all.push_back(static_cast<std::int32_t>(first[which] + bit));
    }
    return all;
  }
};

} // namespace anser

#endif /* ANSER_HPP */
