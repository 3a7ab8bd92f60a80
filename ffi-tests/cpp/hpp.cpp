// Tests of anser.hpp: every wrapper, moves, errors with their fields, callbacks that throw, who owns what.
//
// Prints `ok NAME` for every test that passes and `FAILED NAME: why` for one that does not; exits 1 then. Writes into
// its first argument, a folder, or else into one of its own.
#include "anser.hpp"

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <unistd.h>
#include <vector>

namespace {

std::string folder;

struct failure {
  std::string why;
};

void expect(bool holds, const char *what, int line) {
  if (!holds) {
    throw failure{std::string(what) + " (line " + std::to_string(line) + ")"};
  }
}
#define EXPECT(condition) expect((condition), #condition, __LINE__)

/** The anser::error that `body` throws; a failure where it throws none. */
template <class Body> anser::error error_of(Body &&body, int line) {
  try {
    body();
  } catch (const anser::error &e) {
    return e;
  }
  throw failure{"no anser::error was thrown (line " + std::to_string(line) + ")"};
}
#define ERROR_OF(...) error_of([&] { __VA_ARGS__; }, __LINE__)

/** Whether `body` throws exactly an E. */
template <class E, class Body> bool throws(Body &&body) {
  try {
    body();
  } catch (const E &) {
    return true;
  }
  return false;
}

bool mentions(const anser::error &e, const char *text) { return std::string(e.what()).find(text) != std::string::npos; }

/** Counts how often it was copied to somewhere and let go of there: a live one is one that nobody destroyed yet. */
struct counted {
  std::atomic<int> *live;
  explicit counted(std::atomic<int> &counter) : live(&counter) { ++*live; }
  counted(const counted &other) : live(other.live) { ++*live; }
  counted &operator=(const counted &) = default;
  ~counted() { --*live; }
};

/** `pigeons` into one hole less: unsatisfiable, and hard from 10 on. */
anser::formula pigeonhole(int pigeons) {
  const int holes = pigeons - 1;
  anser::formula f;
  const auto in = [&](int p, int h) { return static_cast<std::int32_t>(p * holes + h + 1); };
  for (int p = 0; p < pigeons; p++) {
    std::vector<std::int32_t> somewhere;
    for (int h = 0; h < holes; h++) {
      somewhere.push_back(in(p, h));
    }
    f.add_clause(somewhere);
  }
  for (int h = 0; h < holes; h++) {
    for (int p = 0; p < pigeons; p++) {
      for (int q = p + 1; q < pigeons; q++) {
        f.add_clause({-in(p, h), -in(q, h)});
      }
    }
  }
  return f;
}

// ---------------------------------------------------------------------------------------------------------- types

template <class T> constexpr bool is_handle() {
  return std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T> &&
         !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> && std::is_default_constructible_v<T> ==
         !(std::is_same_v<T, anser::solver> || std::is_same_v<T, anser::enumerator> ||
           std::is_same_v<T, anser::sampler> || std::is_same_v<T, anser::counter> ||
           std::is_same_v<T, anser::search>);
}
static_assert(is_handle<anser::sampler>() && is_handle<anser::counter>() && is_handle<anser::search>());
static_assert(is_handle<anser::formula>() && is_handle<anser::solver>() && is_handle<anser::enumerator>() && is_handle<anser::budget>() &&
              is_handle<anser::interrupt>());
static_assert(std::is_nothrow_copy_constructible_v<anser::error>);
static_assert(std::is_base_of_v<std::runtime_error, anser::error>);
static_assert(!std::is_convertible_v<anser_formula *, anser::formula> &&
              std::is_constructible_v<anser::formula, anser_formula *>);
static_assert(!std::is_convertible_v<anser::formula, bool> && !std::is_convertible_v<anser::formula, anser::solver>);

// -------------------------------------------------------------------------------------------------------- version

void version() {
  EXPECT(anser::version_number() == ANSER_VERSION_NUMBER);
  const std::string text = std::to_string(ANSER_VERSION_MAJOR) + "." + std::to_string(ANSER_VERSION_MINOR) + "." +
                           std::to_string(ANSER_VERSION_PATCH);
  EXPECT(text == anser::version_string());
  anser::check_version();
  static_assert(anser::is_compatible(1002003, 1002003) && anser::is_compatible(1002003, 1003000) &&
                anser::is_compatible(1002003, 1002000));
  static_assert(!anser::is_compatible(1002003, 1001009) && !anser::is_compatible(1000000, 2000000));
  static_assert(anser::is_compatible(1000, 1009) && !anser::is_compatible(1000, 2000) &&
                !anser::is_compatible(2000, 1000) && !anser::is_compatible(1000, 1000000));
}

void names_of_enumerators() {
  EXPECT(!std::strcmp(anser::to_string(anser::result::unknown), "unknown"));
  EXPECT(!std::strcmp(anser::to_string(anser::result::sat), "sat"));
  EXPECT(!std::strcmp(anser::to_string(anser::result::unsat), "unsat"));
  EXPECT(!std::strcmp(anser::to_string(anser::stop_reason::solved), "solved"));
  EXPECT(!std::strcmp(anser::to_string(anser::stop_reason::callback), "callback"));
  EXPECT(!std::strcmp(anser::to_string(anser::phase::load), "load"));
  EXPECT(!std::strcmp(anser::to_string(anser::log_level::debug), "debug"));
  EXPECT(!std::strcmp(anser::to_string(static_cast<anser::result>(7)), "?"));
  EXPECT(!std::strcmp(anser::to_string(static_cast<anser::phase>(77)), "?"));
}

// --------------------------------------------------------------------------------------------------------- errors

void error_fields() {
  anser::formula f;
  const anser::error e = ERROR_OF(f.add_clause({1, 2, 0}));
  EXPECT(e.status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(!std::strcmp(e.status_name(), "ANSER_STATUS_INVALID_ARGUMENT"));
  EXPECT(e.index() == 2 && e.line() == 0 && e.column() == 0 && e.stop() == anser::stop_reason::solved);
  EXPECT(mentions(e, "anser_formula_add_clause"));
  EXPECT(f.num_clauses() == 0 && f.num_vars() == 0);

  const anser::error offsets = ERROR_OF(f.add_clauses({1, 2, 3}, {0, 2, 1, 3}));
  EXPECT(offsets.status() == ANSER_STATUS_INVALID_ARGUMENT && offsets.index() >= 0);
  EXPECT(ERROR_OF(f.add_clauses({1}, {})).status() == ANSER_STATUS_INVALID_ARGUMENT);

  const anser::error own(ANSER_STATUS_UNSUPPORTED, "mine");
  std::int8_t none = 0;
  anser::solver one(anser::formula::parse_dimacs("p cnf 1 0\n"));
  EXPECT(one.solve() == anser::result::sat);
  const anser_status status = anser_solver_get_model(one.get(), &none, 0);
  const anser::error small = anser::error::last(status);
  EXPECT(small.status() == ANSER_STATUS_BUFFER_TOO_SMALL && mentions(small, "1 are needed"));
  EXPECT(!std::strcmp(small.status_name(), "ANSER_STATUS_BUFFER_TOO_SMALL"));
  EXPECT(own.status() == ANSER_STATUS_UNSUPPORTED && own.index() == -1 && !std::strcmp(own.what(), "mine"));
  EXPECT(throws<std::runtime_error>([&] { throw own; }));
}

void parse_errors() {
  const anser::error e = ERROR_OF(anser::formula::parse_dimacs("p cnf 2 2\n1 2 0\n1 x 0\n"));
  EXPECT(e.status() == ANSER_STATUS_PARSE);
  EXPECT(e.line() == 3 && e.column() == 3);
  const anser::error io = ERROR_OF(anser::formula::read_dimacs(folder + "/there is no such file.cnf"));
  EXPECT(io.status() == ANSER_STATUS_IO && mentions(io, "there is no such file"));
  const anser::error nul = ERROR_OF(anser::formula::read_dimacs(std::string("a\0b", 3)));
  EXPECT(nul.status() == ANSER_STATUS_INVALID_ARGUMENT);

  anser::interrupt token;
  anser::budget limits;
  limits.set_interrupt(token);
  token.trigger();
  const anser::error stopped = ERROR_OF(anser::formula::parse_dimacs("p cnf 1 1\n1 0\n", limits));
  EXPECT(stopped.status() == ANSER_STATUS_STOPPED && stopped.stop() == anser::stop_reason::interrupted);
}

// ------------------------------------------------------------------------------------------------------ interrupt

void interrupts() {
  anser::interrupt token;
  EXPECT(!token.is_triggered());
  token.trigger();
  token.trigger();
  EXPECT(token.is_triggered());
  token.reset();
  EXPECT(!token.is_triggered());

  anser::interrupt moved = std::move(token);
  EXPECT(!token && moved);
  token.trigger(); // nothing
  EXPECT(!token.is_triggered() && !moved.is_triggered());
  EXPECT(ERROR_OF(token.reset()).status() == ANSER_STATUS_INVALID_STATE);
  anser::budget limits;
  EXPECT(ERROR_OF(limits.set_interrupt(token)).status() == ANSER_STATUS_INVALID_STATE);
}

void interrupt_from_another_thread() {
  anser::solver s(pigeonhole(12));
  anser::budget limits;
  anser::interrupt token;
  limits.set_interrupt(token);
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    token.trigger();
  });
  const anser::result answer = s.solve(limits);
  other.join();
  EXPECT(answer == anser::result::unknown && s.stop_reason() == anser::stop_reason::interrupted);
  EXPECT(s.solve(limits) == anser::result::unknown); // sticky
  limits.clear_interrupt().set_conflict_limit(10);
  EXPECT(s.solve(limits) == anser::result::unknown && s.stop_reason() == anser::stop_reason::conflicts);
}

// --------------------------------------------------------------------------------------------------------- budget

void budgets() {
  anser::budget limits;
  limits.set_time_limit(1.5)
      .set_time_limit(std::chrono::milliseconds(20))
      .set_work_limit(UINT64_MAX)
      .set_conflict_limit(UINT64_MAX)
      .set_memory_limit(UINT64_MAX)
      .set_seed(7);
  anser::solver s(pigeonhole(12));
  EXPECT(s.solve(limits) == anser::result::unknown && s.stop_reason() == anser::stop_reason::time);
  EXPECT(ERROR_OF(limits.set_time_limit(-1.0)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  limits.set_time_limit(60.0).set_work_limit(1000);
  EXPECT(s.solve(limits) == anser::result::unknown && s.stop_reason() == anser::stop_reason::work);
  limits.set_memory_limit(1);
  anser::solver fresh(pigeonhole(5));
  EXPECT(ERROR_OF(fresh.solve(limits)).status() == ANSER_STATUS_OUT_OF_MEMORY);
  EXPECT(fresh.solve() == anser::result::unsat);
}

// -------------------------------------------------------------------------------------------------------- formula

void formulas() {
  anser::formula f;
  EXPECT(f.num_vars() == 0 && f.num_clauses() == 0);
  EXPECT(f.new_var() == 1 && f.new_vars(3) == 2 && f.num_vars() == 4);
  f.ensure_vars(6);
  EXPECT(f.num_vars() == 6);
  const std::int32_t raw[] = {4, -5};
  EXPECT(f.add_clause({1, -2}) == 0);
  EXPECT(f.add_clause(std::vector<std::int32_t>{3}) == 1);
  EXPECT(f.add_clause(raw, 2) == 2);
  EXPECT(f.add_clauses({1, 2, 3, -1, -2}, {0, 3, 5}) == 3);
  const std::size_t offsets[] = {0, 1, 2};
  EXPECT(f.add_clauses(raw, 2, offsets, 2) == 5);
  EXPECT(f.num_clauses() == 7);
  EXPECT((f.clause(3) == std::vector<std::int32_t>{1, 2, 3}));
  EXPECT((f.clause(6) == std::vector<std::int32_t>{-5}));
  EXPECT(ERROR_OF(f.clause(7)).status() == ANSER_STATUS_INVALID_ARGUMENT);

  const anser::formula_statistics s = f.statistics();
  EXPECT(s.variables == 6 && s.clauses == 7 && s.literals == 12 && s.empty == 0 && s.unit == 3 && s.binary == 3 &&
         s.ternary == 1 && s.longest == 3 && s.bytes > 0);

  EXPECT(f.num_literals() == 12);
  const anser::clause_list all = f.clauses();
  EXPECT((all.literals == std::vector<std::int32_t>{1, -2, 3, 4, -5, 1, 2, 3, -1, -2, 4, -5}));
  EXPECT((all.offsets == std::vector<std::size_t>{0, 2, 3, 5, 8, 10, 11, 12}));
  anser::formula again;
  EXPECT(again.num_literals() == 0 && again.clauses().literals.empty() && again.clauses().offsets.size() == 1);
  again.ensure_vars(6);
  EXPECT(again.add_clauses(all.literals, all.offsets) == 0 && again.to_dimacs() == f.to_dimacs());

  const anser::formula copy = f.clone();
  f.add_clause({});
  EXPECT(f.clause(7).empty() && f.num_clauses() == 8 && copy.num_clauses() == 7);

  f.set_memory_limit(1);
  EXPECT(ERROR_OF(f.add_clause({1, 2})).status() == ANSER_STATUS_OUT_OF_MEMORY);
  EXPECT(f.num_clauses() == 8);
  f.set_memory_limit(UINT64_MAX);
  EXPECT(f.add_clause({1, 2}) == 8);
}

void parities() {
  anser::formula f;
  const std::int32_t raw[] = {4, -5};
  EXPECT(f.add_xor({1, -2}, true) == 0);
  EXPECT(f.add_xor(std::vector<std::int32_t>{3}, false) == 1);
  EXPECT(f.add_xor(raw, 2, true) == 2);
  EXPECT(f.add_xors({{1, 2, 3, -1}, {0, 3, 3, 4}, {1, 0, 1}}) == 3);
  EXPECT(f.num_constraints() == 6 && f.num_clauses() == 0 && f.num_vars() == 5);
  EXPECT(f.kind(5) == anser::constraint_kind::xor_ && f.kinds().size() == 6);
  const anser::constraint c = f.constraint(3);
  EXPECT(c.kind == anser::constraint_kind::xor_ && c.relation == anser::relation::equal && c.condition.is_plain());
  EXPECT((c.literals == std::vector<std::int32_t>{1, 2, 3}) && c.bound == 1 && c.weights.empty() && c.numbers.empty());
  EXPECT(f.constraint(4).literals.empty() && f.constraint(4).bound == 0);
  const anser::xor_list all = f.xors();
  EXPECT((all.literals == std::vector<std::int32_t>{1, -2, 3, 4, -5, 1, 2, 3, -1}));
  EXPECT((all.offsets == std::vector<std::size_t>{0, 2, 3, 5, 8, 8, 9}));
  EXPECT((all.rhs == std::vector<std::uint8_t>{1, 0, 1, 1, 0, 1}));
  anser::formula again;
  EXPECT(again.xors().offsets.size() == 1 && again.add_xors(again.xors()) == 0 && again.add_xors(all) == 0);
  EXPECT(again.num_constraints() == 6 && again.constraint(3).literals == c.literals);
  EXPECT(ERROR_OF(f.add_xor({1, 0}, true)).index() == 1);
  EXPECT(ERROR_OF(f.add_xors({{1}, {0, 1}, {}})).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(ERROR_OF(f.add_xors({{1}, {}, {}})).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(ERROR_OF(f.add_xors({{1}, {0, 1}, {2}})).index() == 0);
  EXPECT(ERROR_OF(f.constraint(6)).status() == ANSER_STATUS_INVALID_ARGUMENT && f.num_constraints() == 6);
}

/** Every assignment of `vars` variables, as a model. */
template <class Body> void each_model(int vars, Body &&body) {
  for (unsigned bits = 0; bits < 1u << vars; bits++) {
    std::vector<std::int8_t> values;
    int count = 0;
    for (int v = 0; v < vars; v++) {
      values.push_back((bits >> v & 1) != 0 ? 1 : -1);
      count += v < 3 && values.back() > 0 ? 1 : 0;
    }
    body(values, count);
  }
}

void cardinalities() {
  using anser::condition;
  const std::int32_t raw[] = {1, 2, 3};
  const std::vector<std::int32_t> three(raw, raw + 3);
  static_assert(condition().is_plain() && condition::implied_by(4).literal() == 4 && condition() == condition{} &&
                condition::reified_by(-4) != condition::implied_by(-4));
  for (const condition when : {condition(), condition::implied_by(4), condition::reified_by(-4)}) {
    for (std::int64_t bound = -2; bound <= 5; bound++) {
      for (int way = 0; way < 3; way++) { // each overload
        anser::formula least;
        anser::formula most;
        anser::formula exact;
        for (anser::formula *f : {&least, &most, &exact}) {
          f->ensure_vars(4);
        }
        EXPECT(0 == (way == 0   ? least.add_at_least({1, 2, 3}, bound, when)
                     : way == 1 ? least.add_at_least(three, bound, when)
                                : least.add_at_least(raw, 3, bound, when)));
        EXPECT(0 == (way == 0   ? most.add_at_most({1, 2, 3}, bound, when)
                     : way == 1 ? most.add_at_most(three, bound, when)
                                : most.add_at_most(raw, 3, bound, when)));
        const bool reified = when.kind() == ANSER_CONDITION_REIFIED;
        if (reified) {
          EXPECT(ERROR_OF(exact.add_exactly(three, bound, when)).status() == ANSER_STATUS_INVALID_ARGUMENT);
        } else {
          EXPECT(0 == (way == 0   ? exact.add_exactly({1, 2, 3}, bound, when)
                       : way == 1 ? exact.add_exactly(three, bound, when)
                                  : exact.add_exactly(raw, 3, bound, when)));
          EXPECT(exact.num_constraints() == 2);
        }
        each_model(4, [&](const std::vector<std::int8_t> &values, int count) {
          const bool on = values[3] > 0;
          const auto wanted = [&](bool holds) {
            return when.is_plain() ? holds : reified ? holds == !on : holds || !on;
          };
          EXPECT(least.is_satisfied_by(values) == wanted(count >= bound));
          EXPECT(most.is_satisfied_by(values) == wanted(count <= bound));
          EXPECT(reified || exact.is_satisfied_by(values) == wanted(count == bound));
        });
      }
    }
  }
  anser::formula f;
  EXPECT(f.add_at_most(three, INT64_MIN) == 0 && f.constraint(0).bound == 4); // can never be
  EXPECT(f.add_at_most(three, INT64_MAX) == 1 && f.constraint(1).bound < 0); // always is
  EXPECT(ERROR_OF(f.add_at_least(three, INT64_MAX)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(ERROR_OF(f.add_at_most({1, INT32_MIN}, 1)).index() == 1);
  EXPECT(ERROR_OF(f.add_at_least({1}, 1, condition::implied_by(0))).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(f.num_constraints() == 2);
  EXPECT(f.add_cardinalities({{1, 2, 3}, {}, {0, 2, 3}, {1, 0}, {condition::implied_by(5), condition()}}) == 2);
  EXPECT(f.add_cardinalities({{1, 2, 3}, {}, {0, 2, 3}, {1, 0}, {}}) == 4);
  const anser::sum_list all = f.cardinalities();
  EXPECT(all.bounds.size() == 6 && all.conditions[2] == condition::implied_by(5) && all.conditions[4].is_plain());
  anser::formula again;
  EXPECT(again.add_cardinalities(all) == 0 && again.cardinalities().literals == all.literals);
  EXPECT(ERROR_OF(f.add_cardinalities({{1}, {1}, {0, 1}, {1}, {}})).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(ERROR_OF(f.add_cardinalities({{1}, {}, {}, {}, {}})).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(ERROR_OF(f.add_cardinalities({{1}, {}, {0, 1}, {1}, {{}, {}}})).status() == ANSER_STATUS_INVALID_ARGUMENT);
}

void pseudo_booleans() {
  using anser::condition;
  anser::formula f;
  const std::int32_t raw[] = {1, -2};
  const std::int64_t weights[] = {3, -2};
  EXPECT(f.add_pseudo_boolean({{3, 1}, {-2, -2}}, 1) == 0);
  EXPECT(f.add_pseudo_boolean(std::vector<std::int32_t>{1, -2}, {3, -2}, 1, condition::reified_by(3)) == 1);
  EXPECT(f.add_pseudo_boolean(raw, weights, 2, 1, condition::implied_by(-3)) == 2);
  each_model(3, [&](const std::vector<std::int8_t> &values, int) {
    const bool holds = (values[0] > 0 ? 3 : 0) - (values[1] < 0 ? 2 : 0) >= 1;
    const bool on = values[2] > 0;
    EXPECT(f.find_violated(values) == (!holds       ? std::optional<std::uint64_t>(0)
                                       : holds != on ? std::optional<std::uint64_t>(1)
                                                     : std::nullopt));
  });
  const anser::constraint c = f.constraint(2);
  EXPECT(c.kind == anser::constraint_kind::pseudo_boolean && c.relation == anser::relation::at_least && c.bound == 1);
  EXPECT((c.weights == std::vector<std::int64_t>{3, -2}) && c.condition == condition::implied_by(-3));
  EXPECT(f.add_pseudo_booleans({{1, 2, 3}, {4, 5, 6}, {0, 1, 3}, {4, 6}, {}}) == 3);
  const anser::sum_list all = f.pseudo_booleans();
  EXPECT((all.weights == std::vector<std::int64_t>{3, -2, 3, -2, 3, -2, 4, 5, 6}));
  anser::formula again;
  EXPECT(again.add_pseudo_booleans(all) == 0 && again.num_constraints() == 5);
  EXPECT(again.constraint(1).condition == condition::reified_by(3));
  const anser::error large = ERROR_OF(f.add_pseudo_booleans({{1, 2}, {1, INT64_MAX}, {0, 1, 2}, {0, 1}, {}}));
  EXPECT(large.status() == ANSER_STATUS_INVALID_ARGUMENT && large.index() == 1 && mentions(large, "2^63"));
  EXPECT(ERROR_OF(f.add_pseudo_boolean(std::vector<std::int32_t>{1}, {1, 2}, 1)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(ERROR_OF(f.add_pseudo_booleans({{1}, {}, {0, 1}, {1}, {}})).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(f.num_constraints() == 5);
}

void numbers_and_linear_constraints() {
  using anser::condition;
  using anser::relation;
  anser::formula f;
  EXPECT(f.num_numbers() == 0 && f.domains().empty() && f.linears().empty());
  const std::uint32_t n = f.new_integer(-3, 9);
  const std::uint32_t x = f.new_real(0.5, 2.5);
  EXPECT(n == 0 && x == 1 && f.new_integers({0, 1}, {1, 1}) == 2 && f.new_reals({0}, {1}) == 4 && f.num_numbers() == 5);
  const anser::number_domain d = f.domain(x);
  EXPECT(d.kind == anser::number_kind::real && d.min == 0.5 && d.max == 2.5);
  EXPECT(f.domains().size() == 5 && f.domains()[0].min == -3 && f.domains()[0].kind == anser::number_kind::integer);
  EXPECT(ERROR_OF(f.new_integer(1, 0)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(ERROR_OF(f.new_reals({0, 1}, {1, 0})).index() == 1);
  EXPECT(ERROR_OF(f.new_reals({0, 1}, {1})).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(ERROR_OF(f.domain(5)).status() == ANSER_STATUS_INVALID_ARGUMENT);

  // n + 2x - [1] >= 4 where 2 is true; n < 9.
  anser::linear_row row;
  row.numbers = {n, x};
  row.coefficients = {1, 2};
  row.literals = {1};
  row.weights = {-1};
  row.rhs = 4;
  row.condition = condition::implied_by(2);
  EXPECT(f.add_linear(row) == 0);
  EXPECT(f.add_linears({{{n}, {1}, {}, {}, relation::less, 9, {}}, row}) == 1 && f.num_constraints() == 3);
  EXPECT(f.add_linears(std::vector<anser::linear_row>()) == 3);
  const std::vector<double> rest = {0, 1, 0};
  const auto check = [&](double first, double second, std::vector<std::int8_t> values) {
    return f.find_violated(values, {first, second, rest[0], rest[1], rest[2]});
  };
  EXPECT(!check(0, 2, {-1, 1}).has_value() && !check(0, 0.5, {-1, -1}).has_value());
  EXPECT(check(0, 2, {1, 1}) == 0u && check(9, 2, {1, 1}) == 1u);
  EXPECT(ERROR_OF(check(0.5, 2, {1, 1})).index() == 0);
  EXPECT(f.is_satisfied_by({-1, 1}, {0, 2, 0, 1, 0}) && !f.is_satisfied_by({-1, 1}, {9, 2, 0, 1, 0}));
  EXPECT(ERROR_OF(f.is_satisfied_by({-1, 1})).status() == ANSER_STATUS_INVALID_ARGUMENT);

  const std::vector<anser::linear_row> all = f.linears();
  EXPECT(all.size() == 3 && all[1].numbers == std::vector<std::uint32_t>{n} && all[1].relation == relation::less);
  EXPECT(all[2].literals == row.literals && all[2].weights == row.weights && all[2].condition == row.condition &&
         all[2].rhs == 4 && all[2].coefficients == row.coefficients);
  const anser::constraint c = f.constraint(2);
  EXPECT(c.kind == anser::constraint_kind::linear && c.numbers == row.numbers && c.coefficients == row.coefficients &&
         c.literal_weights == row.weights && c.rhs == 4 && c.bound == 0);
  anser_linear_rows flat = ANSER_LINEAR_ROWS_INIT;
  const std::size_t offsets[] = {0};
  flat.number_offsets = offsets;
  EXPECT(f.add_linears(flat) == 3);
  row.condition = condition::reified_by(2);
  EXPECT(ERROR_OF(f.add_linear(row)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  row.condition = {};
  row.weights.clear();
  EXPECT(ERROR_OF(f.add_linear(row)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(ERROR_OF(f.add_linears({row})).status() == ANSER_STATUS_INVALID_ARGUMENT && f.num_constraints() == 3);
}

void sampling_sets() {
  anser::formula f;
  f.ensure_vars(5);
  EXPECT(!f.sampling_set().has_value());
  f.set_sampling_set({5, 2, 5});
  EXPECT(f.sampling_set() == (std::vector<std::int32_t>{2, 5}) && f.statistics().sampling_set == 2);
  EXPECT(ERROR_OF(f.set_sampling_set({1, 6})).index() == 1 && f.sampling_set()->size() == 2);
  f.set_sampling_set({});
  EXPECT(f.sampling_set().has_value() && f.sampling_set()->empty());
  f.clear_sampling_set();
  EXPECT(!f.sampling_set().has_value());
}

void kinds_mixed() {
  anser::formula f;
  f.new_integer(0, 1);
  f.add_clause({1, 2});
  f.add_xor({1, 2}, true);
  f.add_at_least({1, 2, 3}, 2);
  f.add_pseudo_boolean({{2, 1}, {3, 3}}, 3);
  f.add_linear({{0}, {1}, {}, {}, anser::relation::at_most, 1, {}});
  f.add_clause({-4});
  using kind = anser::constraint_kind;
  EXPECT((f.kinds() == std::vector<kind>{kind::clause, kind::xor_, kind::cardinality, kind::pseudo_boolean, kind::linear,
                                         kind::clause}));
  EXPECT(f.num_clauses() == 2 && (f.clause(5) == std::vector<std::int32_t>{-4}));
  EXPECT(ERROR_OF(f.clause(1)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(f.constraint(5).kind == kind::clause && f.constraint(5).bound == 1);
  const anser::formula_statistics s = f.statistics();
  EXPECT(s.xors == 1 && s.cardinalities == 1 && s.pseudo_booleans == 1 && s.linears == 1 && s.clauses == 2);
  EXPECT(s.terms == 2 + 3 + 2 + 1 && s.numbers == 1 && s.sampling_set == 0);
}

void names() {
  anser::formula f;
  f.ensure_vars(2);
  EXPECT(!f.name(1).has_value());
  f.set_name(1, "x");
  f.set_name(2, "größer als jedes kleine Feld, in dem ein kurzer Text gleich Platz fände");
  EXPECT(f.name(1) == "x" && f.name(2)->size() > 64 && f.name(2)->back() == 'e');
  EXPECT(f.find_name("x") == 1 && !f.find_name("y").has_value());
  EXPECT(ERROR_OF(f.set_name(2, "x")).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(ERROR_OF(f.set_name(2, std::string("x\0y", 3))).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(ERROR_OF(f.set_name(3, "z")).status() == ANSER_STATUS_INVALID_ARGUMENT);
  f.clear_name(1);
  EXPECT(!f.name(1).has_value() && !f.find_name("x").has_value());
}

void checks() {
  anser::formula f;
  f.add_clause({1, 2});
  f.add_clause({-1, 2});
  EXPECT(f.is_satisfied_by({-1, 1}));
  EXPECT(!f.find_violated({-1, 1}).has_value());
  EXPECT(f.find_violated({1, -1}) == 1u);
  EXPECT(f.find_violated({0, 0}) == 0u);
  EXPECT(!f.is_satisfied_by({1, -1}));
  EXPECT(ERROR_OF(f.find_violated({1})).status() == ANSER_STATUS_INVALID_ARGUMENT);
}

void dimacs() {
  anser::formula f;
  f.add_clause({1, -2});
  f.add_clause({2, 3, -1});
  const std::string text = f.to_dimacs();
  EXPECT(text.find("p cnf 3 2\n") != std::string::npos && text.back() == '\n');

  std::string sunk;
  f.write_dimacs([&](const std::uint8_t *bytes, std::size_t length) {
    sunk.append(reinterpret_cast<const char *>(bytes), length);
  });
  EXPECT(sunk == text);
  sunk.clear();
  f.write_dimacs(
      [&](const std::uint8_t *bytes, std::size_t length) {
        sunk.append(reinterpret_cast<const char *>(bytes), length);
      },
      anser::budget());
  EXPECT(sunk == text);

  for (const char *name : {"/hpp-test.cnf", "/hpp-test.cnf.gz", "/hpp-test.cnf.xz"}) {
    f.write_dimacs(folder + name);
    EXPECT(anser::formula::read_dimacs(folder + name).to_dimacs() == text);
    f.write_dimacs(folder + name, anser::budget());
    EXPECT(anser::formula::read_dimacs(folder + name, anser::budget()).to_dimacs() == text);
    std::remove((folder + name).c_str());
  }
  EXPECT(anser::formula::parse_dimacs(text).to_dimacs() == text);
  EXPECT(anser::formula::parse_dimacs(text, anser::budget()).to_dimacs() == text);
  const auto *bytes = reinterpret_cast<const std::uint8_t *>(text.data());
  EXPECT(anser::formula::parse_dimacs(bytes, text.size()).to_dimacs() == text);
  EXPECT(anser::formula::parse_dimacs(bytes, text.size(), anser::budget()).to_dimacs() == text);
  EXPECT(ERROR_OF(f.write_dimacs(folder + "/no such folder/x.cnf")).status() == ANSER_STATUS_IO);
  EXPECT(ERROR_OF(f.write_dimacs(anser::sink_function())).status() == ANSER_STATUS_NULL_ARGUMENT);
}

void opb() {
  anser::formula f;
  f.add_clause({1, -2});
  f.add_at_least({1, 2, 3}, 2, anser::condition::reified_by(4));
  f.add_pseudo_boolean({1, 2}, {3, -2}, 1);
  const std::string text = f.to_opb();
  EXPECT(text.rfind("* #variable= 4 #constraint= 4\n", 0) == 0 && text.back() == '\n');
  const auto append = [](std::string &to) {
    return [&to](const std::uint8_t *bytes, std::size_t length) {
      to.append(reinterpret_cast<const char *>(bytes), length);
    };
  };
  std::string sunk, again;
  f.write_opb(append(sunk));
  f.write_opb(append(again), anser::budget());
  EXPECT(sunk == text && again == text);
  for (const char *name : {"/hpp-test.opb", "/hpp-test.opb.gz", "/hpp-test.opb.xz"}) {
    f.write_opb(folder + name);
    EXPECT(anser::formula::read_opb(folder + name).to_opb() == text);
    f.write_opb(folder + name, anser::budget());
    EXPECT(anser::formula::read_opb(folder + name, anser::budget()).to_opb() == text);
    std::remove((folder + name).c_str());
  }
  const auto *bytes = reinterpret_cast<const std::uint8_t *>(text.data());
  EXPECT(anser::formula::parse_opb(text).to_opb() == text);
  EXPECT(anser::formula::parse_opb(text, anser::budget()).to_opb() == text);
  EXPECT(anser::formula::parse_opb(bytes, text.size()).to_opb() == text);
  EXPECT(anser::formula::parse_opb(bytes, text.size(), anser::budget()).to_opb() == text);
  const anser::error e = ERROR_OF(anser::formula::parse_opb("\nmax: +1 x1 ;\n"));
  EXPECT(e.status() == ANSER_STATUS_UNSUPPORTED && e.line() == 2 && e.column() == 1);
  EXPECT(ERROR_OF(f.to_dimacs()).status() == ANSER_STATUS_UNSUPPORTED && ERROR_OF(f.to_dimacs()).index() == 1);
  EXPECT(ERROR_OF(f.write_opb(anser::sink_function())).status() == ANSER_STATUS_NULL_ARGUMENT);
}

void objectives() {
  anser::formula f;
  for (std::int32_t v = 1; v <= 5; v++) f.add_clause({v, v % 5 + 1});
  EXPECT(!f.objective());
  f.set_objective({1, 2, 3, 4, 5, 2}, {4, 1, 3, 2, 5, 0}, 100);
  const auto objective = f.objective();
  EXPECT(objective && objective->literals == std::vector<std::int32_t>({1, 2, 3, 4, 5}) && objective->offset == 100);
  EXPECT(objective && objective->weights == std::vector<std::int64_t>({4, 1, 3, 2, 5}));
  EXPECT(ERROR_OF(f.set_objective({1}, {})).status() == ANSER_STATUS_INVALID_ARGUMENT);
  anser::solver s(f);
  EXPECT(ERROR_OF(s.bounds()).status() == ANSER_STATUS_INVALID_STATE);
  std::vector<std::int64_t> values;
  anser::budget limits;
  limits.set_progress(
      [&](const anser::progress &p) {
        if (p.phase == anser::phase::minimize) values.push_back(p.value);
        return 0;
      },
      0.0);
  EXPECT(s.minimize({}, limits) == anser::result::optimum);
  EXPECT(s.bounds().value == 107 && s.bounds().bound == 107 && !values.empty() && values.back() == 107);
  EXPECT(s.minimize({-2, -3}) == anser::result::unsat && !s.bounds().value);
  s.set_objective({1}, {-1});
  EXPECT(s.minimize() == anser::result::optimum && s.bounds().value == -1);
  EXPECT(ERROR_OF(s.set_objective({1}, {})).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(std::string(anser::to_string(anser::result::optimum)) == "optimum");
  f.clear_objective();
  EXPECT(!f.objective());
}

void text_formats() {
  using anser::text_format;
  anser::formula f;
  f.add_clause({1, -2});
  f.add_at_least({1, 2, 3}, 2);
  EXPECT(f.to_text(text_format::opb) == f.to_opb());
  const std::string lp = f.to_text(text_format::lp);
  EXPECT(lp.find("\nSubject To\n c0: b1 - b2 >= 0\n c1: b1 + b2 + b3 >= 2\n") != std::string::npos);
  EXPECT(f.to_text(text_format::mps).rfind("NAME anser\n", 0) == 0);
  EXPECT(f.to_text(text_format::smt_lib).rfind("(set-logic QF_LIA)\n", 0) == 0);
  std::string sunk, again;
  const auto append = [](std::string &to) {
    return [&to](const std::uint8_t *bytes, std::size_t length) {
      to.append(reinterpret_cast<const char *>(bytes), length);
    };
  };
  f.write_text(text_format::lp, append(sunk));
  f.write_text(text_format::lp, append(again), anser::budget());
  EXPECT(sunk == lp && again == lp);
  const std::string path = folder + "/hpp-test.lp.gz";
  f.write_text(text_format::lp, path);
  EXPECT(std::remove(path.c_str()) == 0);
  f.write_text(text_format::lp, path, anser::budget());
  EXPECT(std::remove(path.c_str()) == 0);
  EXPECT(ERROR_OF(f.to_text(text_format::dimacs)).index() == 1);
  EXPECT(ERROR_OF(f.write_text(text_format::lp, folder + "/no such folder/x.lp")).status() == ANSER_STATUS_IO);
  EXPECT(ERROR_OF(f.write_text(text_format::lp, anser::sink_function())).status() == ANSER_STATUS_NULL_ARGUMENT);
}

// --------------------------------------------------------------------------------------------------------- solver

void solving() {
  anser::formula f;
  f.add_clause({1, 2});
  f.add_clause({-1, 3});
  anser::solver s(f);
  EXPECT(s.num_vars() == 3 && s.num_clauses() == 2);
  EXPECT(ERROR_OF(s.model()).status() == ANSER_STATUS_INVALID_STATE);
  EXPECT(s.solve() == anser::result::sat && s.stop_reason() == anser::stop_reason::solved);
  const std::vector<std::int8_t> model = s.model();
  EXPECT(model.size() == 3 && f.is_satisfied_by(model));
  for (std::int32_t v = 1; v <= 3; v++) {
    EXPECT(s.value(v) == (model[static_cast<std::size_t>(v - 1)] == 1) && s.value(-v) != s.value(v));
  }
  EXPECT(ERROR_OF(s.value(4)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(ERROR_OF(s.core()).status() == ANSER_STATUS_INVALID_STATE);
  EXPECT(ERROR_OF(s.callback_code()).status() == ANSER_STATUS_INVALID_STATE);

  EXPECT(s.solve({-2, -3}) == anser::result::unsat);
  EXPECT((s.core() == std::vector<std::int32_t>{-2, -3}));
  EXPECT(ERROR_OF(s.is_failed(0)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(ERROR_OF(s.is_failed(4)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(s.is_failed(-2) && s.is_failed(-3) && !s.is_failed(1));
  EXPECT(s.solve(std::vector<std::int32_t>{-2}) == anser::result::sat && s.value(1) && s.value(3));
  const std::int32_t raw[] = {-3, -2};
  EXPECT(s.solve(raw, 2) == anser::result::unsat);
  const anser::budget limits;
  EXPECT(s.solve(limits) == anser::result::sat && s.solve(raw, 2, limits) == anser::result::unsat);
  EXPECT(s.solve({-1}, limits) == anser::result::sat && !s.value(1));
  EXPECT(s.solve(std::vector<std::int32_t>{-2, -3}, limits) == anser::result::unsat);
  EXPECT(s.solve({}) == anser::result::sat);
  const anser::error e = ERROR_OF(s.solve({1, 0}));
  EXPECT(e.status() == ANSER_STATUS_INVALID_ARGUMENT && e.index() == 1);

  EXPECT(s.add_clause({-3}) == 2 && s.add_clause(std::vector<std::int32_t>{2, 3}) == 3 && s.add_clause(raw, 1) == 4);
  EXPECT(s.solve() == anser::result::sat && !s.value(1) && s.value(2) && !s.value(3));
  EXPECT(s.add_clauses({1, -2, 1, 3}, {0, 2, 4}) == 5 && s.num_clauses() == 7);
  EXPECT(s.solve() == anser::result::unsat && s.core().empty());
  EXPECT(f.num_clauses() == 2);
}

void more_variables_and_phases() {
  anser::formula f;
  f.ensure_vars(20);
  anser::solver s(f);
  s.set_option("factor", 0); // lets variables be added after the first solve
  s.set_option("lucky", 0);  // tries all false and all true before any decision
  std::vector<std::int32_t> some;
  for (std::int32_t v = 1; v <= 20; v++) {
    some.push_back(v % 3 == 0 ? v : -v);
  }
  s.set_phases(some);
  s.set_phases({1, 2});
  s.set_phases(some.data(), 1);
  EXPECT(s.solve() == anser::result::sat);
  for (std::int32_t v = 1; v <= 20; v++) {
    EXPECT(s.value(v) == (v == 2 || v % 3 == 0));
  }
  s.clear_phase(3);
  s.set_local_search(true);
  s.set_local_search(false);
  EXPECT(ERROR_OF(s.set_phases({21})).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(ERROR_OF(s.clear_phase(0)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(s.new_var() == 21 && s.new_vars(2) == 22 && s.num_vars() == 23);
  const std::size_t offsets[] = {0, 1};
  const std::int32_t last[] = {23};
  s.add_clauses(last, 1, offsets, 1);
  EXPECT(s.solve() == anser::result::sat && s.value(23));
  EXPECT(ERROR_OF(s.add_clauses({1}, {})).status() == ANSER_STATUS_INVALID_ARGUMENT);
}

void options_and_statistics() {
  const std::vector<anser::option> all = anser::solver::options();
  EXPECT(all.size() > 100);
  const anser::option *seed = nullptr;
  for (const anser::option &o : all) {
    EXPECT(!o.name.empty() && !o.doc.empty() && o.min_value <= o.default_value && o.default_value <= o.max_value);
    seed = o.name == "seed" ? &o : seed;
  }
  EXPECT(seed != nullptr);
  anser::solver s{anser::formula()};
  EXPECT(s.get_option("seed") == seed->default_value);
  s.set_option("seed", 42);
  EXPECT(s.get_option("seed") == 42);
  EXPECT(ERROR_OF(s.set_option("seed", seed->max_value + 1)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(ERROR_OF(s.set_option("no such option", 1)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(s.solve() == anser::result::sat);
  EXPECT(ERROR_OF(s.set_option("seed", 43)).status() == ANSER_STATUS_INVALID_STATE);

  anser::solver hard(pigeonhole(6));
  EXPECT(hard.solve() == anser::result::unsat);
  bool seen = false;
  for (const anser::statistic &statistic : hard.statistics()) {
    EXPECT(!statistic.name.empty() && !statistic.doc.empty());
    EXPECT(statistic.value == hard.get_statistic(statistic.name));
    seen = seen || (statistic.name == "conflicts" && statistic.value > 0);
  }
  EXPECT(seen && hard.get_statistic("solves") == 1);
  EXPECT(ERROR_OF(hard.get_statistic("no such statistic")).status() == ANSER_STATUS_INVALID_ARGUMENT);
}

void proofs() {
  std::string sunk;
  {
    anser::solver s(pigeonhole(4));
    s.set_proof(anser::proof_format::lrat, [&](const std::uint8_t *bytes, std::size_t length) {
      sunk.append(reinterpret_cast<const char *>(bytes), length);
    });
    EXPECT(s.solve() == anser::result::unsat);
    EXPECT(ERROR_OF(s.add_clause({1})).status() == ANSER_STATUS_INVALID_STATE);
    EXPECT(ERROR_OF(s.set_proof(anser::proof_format::drat, folder + "/x")).status() == ANSER_STATUS_INVALID_STATE);
  }
  EXPECT(sunk.find(" 0 ") != std::string::npos); // the empty clause, and why
  const std::string path = folder + "/hpp-test.lrat";
  {
    anser::solver s(pigeonhole(4));
    s.set_proof(anser::proof_format::lrat, path);
    EXPECT(s.solve() == anser::result::unsat);
    std::ifstream file(path, std::ios::binary);
    EXPECT(std::string(std::istreambuf_iterator<char>(file), {}) == sunk);
  }
  std::remove(path.c_str());
  anser::solver s{anser::formula()};
  EXPECT(ERROR_OF(s.set_proof(anser::proof_format::drat, folder + "/no such folder/x")).status() == ANSER_STATUS_IO);
  EXPECT(ERROR_OF(s.set_proof(static_cast<anser::proof_format>(9), folder + "/x")).status() ==
         ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(ERROR_OF(s.set_proof(anser::proof_format::drat, anser::sink_function())).status() ==
         ANSER_STATUS_NULL_ARGUMENT);
}

void logs() {
  anser::solver s(pigeonhole(5));
  std::vector<std::string> lines;
  s.set_log([&](anser::log_level level, const char *line) {
    lines.push_back(std::string(anser::to_string(level)) + ": " + line);
  });
  EXPECT(s.solve() == anser::result::unsat);
  EXPECT(!lines.empty() && lines[0].rfind("info: ", 0) == 0);
  const std::size_t before = lines.size();
  s.set_log(anser::log_function());
  EXPECT(s.solve() == anser::result::unsat && lines.size() == before);
  EXPECT(ERROR_OF(s.set_log([](anser::log_level, const char *) {}, static_cast<anser::log_level>(9))).status() ==
         ANSER_STATUS_INVALID_ARGUMENT);
}

void progress_reports() {
  anser::solver s(pigeonhole(9));
  anser::budget limits;
  int loads = 0;
  std::uint64_t conflicts = 0;
  double seconds = 0.0;
  limits.set_progress(
      [&](const anser::progress &p) {
        loads += p.phase == anser::phase::load;
        conflicts = p.conflicts;
        EXPECT(p.seconds >= seconds);
        seconds = p.seconds;
        return p.phase == anser::phase::search && p.conflicts > 20 ? 77 : 0;
      },
      0.0);
  EXPECT(s.solve(limits) == anser::result::unknown);
  EXPECT(s.stop_reason() == anser::stop_reason::callback && s.callback_code() == 77);
  EXPECT(loads > 0 && conflicts > 20);
  limits.set_progress(nullptr).set_conflict_limit(1);
  EXPECT(s.solve(limits) == anser::result::unknown && s.stop_reason() == anser::stop_reason::conflicts);
  EXPECT(ERROR_OF(limits.set_progress([](const anser::progress &) { return 0; }, -1.0)).status() ==
         ANSER_STATUS_INVALID_ARGUMENT);
  limits.set_progress([](const anser::progress &) { return 5; }, std::chrono::nanoseconds(0));
  EXPECT(s.solve(limits) == anser::result::unknown && s.callback_code() == 5);
}

// --------------------------------------------------------------------------------------------------- moves, owners

template <class T> void moves_of(T first) {
  auto *const raw = first.get();
  EXPECT(raw != nullptr && first);
  T second = std::move(first);
  EXPECT(first.get() == nullptr && !first && second.get() == raw);
  first = std::move(second);
  EXPECT(first.get() == raw && !second);
  T &itself = first;
  first = std::move(itself);
  EXPECT(first.get() == raw);
  auto *const given = first.release();
  EXPECT(given == raw && first.get() == nullptr && first.release() == nullptr);
  T taken(given);
  EXPECT(taken.get() == raw);
  std::swap(taken, first);
  EXPECT(first.get() == raw && !taken);
  const T nothing(nullptr);
  EXPECT(!nothing);
}

void moves() {
  moves_of(anser::interrupt());
  moves_of(anser::budget());
  moves_of(anser::formula());
  moves_of(anser::solver(anser::formula()));
  anser::formula f;
  f.add_clause({1});
  f = anser::formula(); // frees the old one
  EXPECT(f.num_clauses() == 0);
  std::vector<anser::formula> many;
  for (int i = 0; i < 20; i++) {
    many.push_back(pigeonhole(3));
  }
  EXPECT(many[3].num_clauses() == 9);
}

#define EXPECT_GONE(...)                                                                                               \
  do {                                                                                                                 \
    const anser::error gone = ERROR_OF(__VA_ARGS__);                                                                   \
    EXPECT(gone.status() == ANSER_STATUS_INVALID_STATE && mentions(gone, "moved from") && mentions(gone, "anser::"));  \
  } while (0)

void use_after_move() {
  anser::budget b;
  anser::formula f;
  anser::solver s(f);
  anser::budget kept_b = std::move(b);
  anser::formula kept_f = std::move(f);
  anser::solver kept_s = std::move(s);
  const auto report = [](const anser::progress &) { return 0; };
  const auto line = [](anser::log_level, const char *) {};
  const auto sink = [](const std::uint8_t *, std::size_t) {};
  EXPECT_GONE(b.set_time_limit(1.0));
  EXPECT_GONE(b.set_time_limit(std::chrono::seconds(1)));
  EXPECT_GONE(b.set_work_limit(1));
  EXPECT_GONE(b.set_conflict_limit(1));
  EXPECT_GONE(b.set_memory_limit(1));
  EXPECT_GONE(b.set_seed(1));
  EXPECT_GONE(b.set_interrupt(anser::interrupt()));
  EXPECT_GONE(b.clear_interrupt());
  EXPECT_GONE(b.set_progress(report));
  EXPECT_GONE(b.clear_progress());
  EXPECT_GONE(f.clone());
  EXPECT_GONE(f.set_memory_limit(1));
  EXPECT_GONE(f.num_vars());
  EXPECT_GONE(f.num_clauses());
  EXPECT_GONE(f.num_literals());
  EXPECT_GONE(f.clauses());
  EXPECT_GONE(f.new_var());
  EXPECT_GONE(f.ensure_vars(1));
  EXPECT_GONE(f.add_clause({1}));
  EXPECT_GONE(f.add_clauses({1}, {0, 1}));
  EXPECT_GONE(f.clause(0));
  EXPECT_GONE(f.num_constraints());
  EXPECT_GONE(f.kind(0));
  EXPECT_GONE(f.kinds());
  EXPECT_GONE(f.constraint(0));
  EXPECT_GONE(f.add_xor({1}, true));
  EXPECT_GONE(f.add_xors({{1}, {0, 1}, {1}}));
  EXPECT_GONE(f.xors());
  EXPECT_GONE(f.add_at_least({1}, 1));
  EXPECT_GONE(f.add_at_most({1}, 1));
  EXPECT_GONE(f.add_exactly({1}, 1));
  EXPECT_GONE(f.add_cardinalities({{1}, {}, {0, 1}, {1}, {}}));
  EXPECT_GONE(f.cardinalities());
  EXPECT_GONE(f.add_pseudo_boolean({{1, 1}}, 1));
  EXPECT_GONE(f.add_pseudo_booleans({{1}, {1}, {0, 1}, {1}, {}}));
  EXPECT_GONE(f.pseudo_booleans());
  EXPECT_GONE(f.new_integer(0, 1));
  EXPECT_GONE(f.new_integers({0}, {1}));
  EXPECT_GONE(f.new_real(0, 1));
  EXPECT_GONE(f.new_reals({0}, {1}));
  EXPECT_GONE(f.num_numbers());
  EXPECT_GONE(f.domain(0));
  EXPECT_GONE(f.domains());
  EXPECT_GONE(f.add_linear({}));
  EXPECT_GONE(f.add_linears(std::vector<anser::linear_row>()));
  EXPECT_GONE(f.linears());
  EXPECT_GONE(f.set_sampling_set({1}));
  EXPECT_GONE(f.clear_sampling_set());
  EXPECT_GONE(f.sampling_set());
  EXPECT_GONE(f.find_violated({1}, {1}));
  EXPECT_GONE(f.set_name(1, "x"));
  EXPECT_GONE(f.clear_name(1));
  EXPECT_GONE(f.name(1));
  EXPECT_GONE(f.find_name("x"));
  EXPECT_GONE(f.statistics());
  EXPECT_GONE(f.find_violated({1}));
  EXPECT_GONE(f.write_dimacs("x"));
  EXPECT_GONE(f.write_dimacs(sink));
  EXPECT_GONE(f.to_dimacs());
  EXPECT_GONE(anser::solver{f});
  EXPECT_GONE(kept_f.write_dimacs("x", b));
  EXPECT_GONE(anser::formula::read_dimacs("x", b));
  EXPECT_GONE(anser::formula::parse_dimacs("x", b));
  EXPECT_GONE(s.set_option("seed", 1));
  EXPECT_GONE(s.get_option("seed"));
  EXPECT_GONE(s.statistics());
  EXPECT_GONE(s.get_statistic("solves"));
  EXPECT_GONE(s.set_log(line));
  EXPECT_GONE(s.set_log(nullptr));
  EXPECT_GONE(s.set_proof(anser::proof_format::drat, "x"));
  EXPECT_GONE(s.set_proof(anser::proof_format::drat, sink));
  EXPECT_GONE(s.num_vars());
  EXPECT_GONE(s.num_clauses());
  EXPECT_GONE(s.new_var());
  EXPECT_GONE(s.add_clause({1}));
  EXPECT_GONE(s.add_clauses({1}, {0, 1}));
  EXPECT_GONE(s.set_phases({1}));
  EXPECT_GONE(s.clear_phase(1));
  EXPECT_GONE(s.set_local_search(true));
  EXPECT_GONE(s.solve());
  EXPECT_GONE(s.solve({1}));
  EXPECT_GONE(kept_s.solve(b));
  EXPECT_GONE(s.stop_reason());
  EXPECT_GONE(s.callback_code());
  EXPECT_GONE(s.value(1));
  EXPECT_GONE(s.model());
  EXPECT_GONE(s.core());
  EXPECT_GONE(s.is_failed(1));
  s = anser::solver(kept_f); // a new life
  EXPECT(s.solve() == anser::result::sat);
}

void functions_are_let_go_of() {
  std::atomic<int> live{0};
  {
    const counted c(live);
    const auto report = [c](const anser::progress &) { return c.live == nullptr ? 1 : 0; };
    const auto line = [c](anser::log_level, const char *) { static_cast<void>(c.live); };
    const auto sink = [c](const std::uint8_t *, std::size_t) { static_cast<void>(c.live); };
    const int here = live; // c, and those in the three closures
    EXPECT(here == 4);
    {
      anser::budget b;
      b.set_progress(report);
      EXPECT(live == here + 1);
      b.set_progress(report); // the old one goes
      EXPECT(live == here + 1);
      b.clear_progress();
      EXPECT(live == here);
      b.set_progress(report);
      EXPECT(throws<anser::error>([&] { b.set_progress(report, -1.0); })); // refused, and destroyed
      EXPECT(live == here + 1);
    }
    EXPECT(live == here);
    {
      anser::formula f = pigeonhole(4);
      anser::solver s(f);
      s.set_log(line);
      EXPECT(live == here + 1);
      EXPECT(throws<anser::error>([&] { s.set_log(line, static_cast<anser::log_level>(0)); }));
      EXPECT(live == here + 1);
      s.set_log(line, anser::log_level::debug);
      EXPECT(live == here + 1);
      s.set_proof(anser::proof_format::drat, sink);
      EXPECT(live == here + 2);
      s.set_proof(anser::proof_format::lrat, sink);
      EXPECT(live == here + 2);
      EXPECT(throws<anser::error>([&] { s.set_proof(static_cast<anser::proof_format>(0), sink); }));
      EXPECT(live == here + 2);
      EXPECT(s.solve() == anser::result::unsat);
      EXPECT(live == here + 2);
      EXPECT(throws<anser::error>([&] { s.set_proof(anser::proof_format::lrat, sink); })); // too late
      EXPECT(live == here + 2);
      f.write_dimacs(sink);
      EXPECT(live == here + 2);
      const anser::solver moved = std::move(s);
      EXPECT(live == here + 2);
    }
    EXPECT(live == here);
    {
      // A budget that is gone lets go of its function only after the call that still uses it.
      auto b = std::make_unique<anser::budget>();
      anser::solver s(pigeonhole(8));
      int calls = 0;
      b->set_progress(
          [&, c](const anser::progress &) {
            b.reset();
            EXPECT(live > here - 1 && c.live == &live);
            return calls++ == 0 ? 0 : 3;
          },
          0.0);
      const anser::budget &lent = *b;
      EXPECT(s.solve(lent) == anser::result::unknown && calls == 2);
    }
    EXPECT(live == here);
  }
  EXPECT(live == 0);
}

// ------------------------------------------------------------------------------------------- callbacks that throw

struct odd {
  int number;
};

void progress_throws() {
  anser::solver s(pigeonhole(9));
  anser::budget limits;
  int calls = 0;
  limits.set_progress(
      [&](const anser::progress &p) -> std::int32_t {
        calls++;
        if (p.phase == anser::phase::search) {
          throw std::out_of_range("from inside");
        }
        return 0;
      },
      0.0);
  std::string what;
  try {
    s.solve(limits);
  } catch (const std::out_of_range &e) {
    what = e.what();
  }
  EXPECT(what == "from inside");
  EXPECT(s.stop_reason() == anser::stop_reason::callback && s.callback_code() == INT32_MIN);
  const int before = calls;
  EXPECT(throws<std::out_of_range>([&] { s.solve(limits); }) && calls > before); // and again
  limits.set_progress([](const anser::progress &) -> std::int32_t { throw odd{5}; }, 0.0);
  EXPECT(throws<odd>([&] { s.solve(limits); }));
  limits.set_progress([](const anser::progress &) -> std::int32_t { throw 5; }, 0.0);
  EXPECT(throws<int>([&] { s.solve(limits); }));
  limits.clear_progress();
  EXPECT(s.solve({1, 2}, limits) == anser::result::unsat); // as good as new
}

void progress_throws_while_reading_and_writing() {
  std::string text = "p cnf 2 400000\n";
  for (int i = 0; i < 400000; i++) {
    text += "1 2 0\n";
  }
  anser::budget limits;
  limits.set_progress([](const anser::progress &) -> std::int32_t { throw odd{1}; }, 0.0);
  EXPECT(throws<odd>([&] { anser::formula::parse_dimacs(text, limits); }));
  const anser::formula f = anser::formula::parse_dimacs(text);
  EXPECT(f.num_clauses() == 400000);
  EXPECT(throws<odd>([&] { f.write_dimacs(folder + "/hpp-test-thrown.cnf", limits); }));
  EXPECT(!std::ifstream(folder + "/hpp-test-thrown.cnf"));
  limits.set_progress([](const anser::progress &) { return 9; }, 0.0);
  const anser::error e = ERROR_OF(anser::formula::parse_dimacs(text, limits));
  EXPECT(e.status() == ANSER_STATUS_STOPPED && e.stop() == anser::stop_reason::callback);
}

void log_throws() {
  anser::solver s(pigeonhole(6));
  int lines = 0;
  s.set_log(
      [&](anser::log_level, const char *) {
        lines++;
        throw odd{2};
      },
      anser::log_level::debug);
  EXPECT(throws<odd>([&] { s.solve(); }) && lines == 1); // none after the first exception
  s.set_log(nullptr);
  EXPECT(s.solve() == anser::result::unsat);

  // With a progress function the call ends at its next report.
  anser::solver hard(pigeonhole(12));
  anser::budget limits;
  int reports = 0;
  limits.set_progress([&](const anser::progress &p) {
    reports += p.phase == anser::phase::search;
    return 0;
  }, 0.0);
  hard.set_log([](anser::log_level, const char *) { throw odd{3}; }, anser::log_level::debug);
  EXPECT(throws<odd>([&] { hard.solve(limits); }) && reports == 0);
}

void sink_throws() {
  const anser::formula f = pigeonhole(6);
  std::atomic<int> live{0};
  const counted c(live);
  EXPECT(throws<odd>([&] { f.write_dimacs([c](const std::uint8_t *, std::size_t) { throw odd{4}; }); }));
  EXPECT(live == 1);
  {
    anser::solver s(f);
    s.set_proof(anser::proof_format::drat, [c](const std::uint8_t *, std::size_t) { throw std::bad_alloc(); });
    EXPECT(throws<std::bad_alloc>([&] { s.solve(); }));
    try {
      s.solve(); // may answer, or say why not
    } catch (const anser::error &) {
    } catch (const std::bad_alloc &) {
    }
    EXPECT(live == 2);
  }
  EXPECT(live == 1);
}

void callbacks_that_call() {
  anser::solver s(pigeonhole(8));
  anser::budget outer;
  anser::budget inner;
  inner.set_progress([](const anser::progress &) -> std::int32_t { throw odd{7}; }, 0.0);
  anser_status refused = ANSER_STATUS_OK;
  bool went_through = false;
  int calls = 0;
  outer.set_progress(
      [&](const anser::progress &) -> std::int32_t {
        if (calls++ == 0) {
          refused = ERROR_OF(s.solve()).status(); // the handle at work
          anser::solver other(pigeonhole(4));
          EXPECT(other.solve() == anser::result::unsat); // another one
          try {
            anser::solver(pigeonhole(4)).solve(inner);
          } catch (const odd &o) { // an exception of the inner call is the inner call's
            went_through = o.number == 7;
          }
          return 0;
        }
        anser::solver(pigeonhole(4)).solve(inner); // through both
        return 0;
      },
      0.0);
  EXPECT(throws<odd>([&] { s.solve(outer); }));
  EXPECT(refused == ANSER_STATUS_INVALID_STATE && went_through && calls == 2);
}

/** Called through the C functions nobody can rethrow: the library answers its own status. */
void throwing_under_c_calls() {
  anser::solver s(pigeonhole(6));
  anser::budget limits;
  limits.set_progress([](const anser::progress &) -> std::int32_t { throw odd{8}; }, 0.0);
  anser_result result = static_cast<anser_result>(99);
  EXPECT(anser_solver_solve(s.get(), nullptr, 0, limits.get(), &result) == ANSER_STATUS_CALLBACK_FAILED);
  EXPECT(result == 99);
  EXPECT(throws<odd>([&] { s.solve(limits); }));
}

void several_threads() {
  const anser::formula f = pigeonhole(6);
  anser::budget limits;
  std::atomic<int> reports{0};
  limits.set_progress(
      [&](const anser::progress &) {
        reports++;
        return 0;
      },
      0.0);
  anser::budget throwing;
  throwing.set_progress([](const anser::progress &) -> std::int32_t { throw odd{9}; }, 0.0);
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; i++) {
    threads.emplace_back([&, i] {
      anser::solver s(f);
      if (i % 2 == 0) {
        right += s.solve(limits) == anser::result::unsat;
      } else {
        right += throws<odd>([&] { s.solve(throwing); }); // each on its own thread
      }
    });
  }
  for (std::thread &t : threads) {
    t.join();
  }
  EXPECT(right == 4 && reports > 0);
}

// --------------------------------------------------------------------------------------- backends, enumerators

/** Parities and sums over six variables. */
anser::formula mixed() {
  anser::formula f;
  f.add_clause({1, 2});
  f.add_xor({1, 2, 3, 4, 5, 6}, true);
  f.add_at_least({1, 2, 3, 4, 5, 6}, 3, anser::condition::implied_by(1));
  f.add_pseudo_boolean({{1, 1}, {2, -2}, {3, 3}}, 1);
  return f;
}

/** How many of the 2^6 assignments satisfy it. */
std::uint64_t by_brute_force(const anser::formula &f) {
  std::uint64_t count = 0;
  for (unsigned a = 0; a < 64; a++) {
    std::vector<std::int8_t> values;
    for (unsigned v = 0; v < 6; v++) {
      values.push_back((a >> v & 1U) != 0 ? 1 : -1);
    }
    count += f.is_satisfied_by(values) ? 1 : 0;
  }
  return count;
}

void backends() {
  const anser::formula f = mixed();
  for (const anser::backend how : {anser::backend::automatic, anser::backend::native, anser::backend::encode}) {
    anser::solver s(f);
    EXPECT(ERROR_OF(s.backend()).status() == ANSER_STATUS_INVALID_STATE);
    s.set_backend(how);
    EXPECT(s.solve() == anser::result::sat && f.is_satisfied_by(s.model()));
    const anser::backend_choice choice = s.backend();
    EXPECT(!choice.why.empty());
    EXPECT(how == anser::backend::automatic ||
           (choice.native_xors == (how == anser::backend::native) && choice.native_sums == choice.native_xors));
    EXPECT(ERROR_OF(s.set_backend(how)).status() == ANSER_STATUS_INVALID_STATE);
    EXPECT(s.num_constraints() == 4);
    anser::xor_list xors;
    xors.literals = {1, 2, 3, 7};
    xors.offsets = {0, 2, 4};
    xors.rhs = {1, 0};
    EXPECT(s.add_xors(xors) == 4 && s.num_constraints() == 6 && s.num_vars() == 7);
    anser::sum_list sums;
    sums.literals = {-1, -2, 7};
    sums.offsets = {0, 3};
    sums.bounds = {2};
    sums.conditions = {anser::condition::implied_by(5)};
    EXPECT(s.add_cardinalities(sums) == 6);
    EXPECT(ERROR_OF(s.add_pseudo_booleans(sums)).status() == ANSER_STATUS_INVALID_ARGUMENT);
    sums.weights = {2, 2, 3};
    EXPECT(ERROR_OF(s.add_cardinalities(sums)).status() == ANSER_STATUS_INVALID_ARGUMENT);
    EXPECT(s.add_pseudo_booleans(sums) == 7);
    xors.rhs.pop_back();
    EXPECT(mentions(ERROR_OF(s.add_xors(xors)), "offsets"));
    anser::formula more;
    more.add_xor({7, 8}, true);
    EXPECT(s.add_formula(more) == 8 && s.num_constraints() == 9);
    EXPECT(s.new_integers({1, 3}, {2, 3}) == 0 && s.num_numbers() == 2);
    EXPECT(ERROR_OF(s.numbers()).status() == ANSER_STATUS_INVALID_STATE);
    EXPECT(s.solve() == anser::result::sat && s.value(7) != s.value(8) && s.value(1) != s.value(2));
    const std::vector<double> numbers = s.numbers();
    EXPECT(numbers.size() == 2 && (numbers[0] == 1 || numbers[0] == 2) && numbers[1] == 3);
  }
  EXPECT(!std::strcmp(anser::to_string(anser::backend::native), "native"));
  EXPECT(!std::strcmp(anser::to_string(static_cast<anser::backend>(9)), "?"));
}

void encoding() {
  const anser::formula f = mixed();
  const anser::formula clauses = f.encode();
  EXPECT(clauses.num_clauses() == clauses.num_constraints() && clauses.num_vars() > 6);
  EXPECT(clauses.sampling_set() == std::vector<std::int32_t>({1, 2, 3, 4, 5, 6}));
  anser::enumerator e(clauses);
  EXPECT(e.for_each([](const std::int8_t *, std::size_t) { return true; }) == anser::enumeration::complete);
  EXPECT(e.num_models() == by_brute_force(f));
  anser::budget limits;
  limits.set_time_limit(0);
  EXPECT(ERROR_OF(f.encode(limits)).stop() == anser::stop_reason::time);
  anser::formula real;
  real.new_real(0, 1);
  EXPECT(ERROR_OF(real.encode()).status() == ANSER_STATUS_UNSUPPORTED);
}

void enumerators() {
  const anser::formula f = mixed();
  const std::uint64_t count = by_brute_force(f);
  EXPECT(count > 4);
  anser::enumerator e(f);
  e.set_backend(anser::backend::native);
  e.set_option("seed", 3);
  EXPECT(e.projection() == std::vector<std::uint32_t>({1, 2, 3, 4, 5, 6}) && e.num_vars() == 6);
  EXPECT(ERROR_OF(e.model()).status() == ANSER_STATUS_INVALID_STATE);
  EXPECT(ERROR_OF(e.set_projection({7})).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(ERROR_OF(e.set_option("sed", 3)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(e.next() == anser::enumeration::model && f.is_satisfied_by(e.model()) && e.numbers().empty());
  const anser::model_list two = e.next_models(2);
  EXPECT(two.count == 2 && two.width == 6 && two.values.size() == 12 && two.end == anser::enumeration::model);
  EXPECT(ERROR_OF(e.next_models(SIZE_MAX)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  int told = 0;
  EXPECT(e.for_each([&](const std::int8_t *, std::size_t) { return ++told < 1; }) == anser::enumeration::model);
  EXPECT(told == 1 && e.num_models() == 4);
  const anser::model_list rest = e.next_models(1000);
  EXPECT(rest.count == count - 4 && rest.end == anser::enumeration::complete && rest.values.size() == 6 * rest.count);
  EXPECT(e.next() == anser::enumeration::complete && e.stop_reason() == anser::stop_reason::solved);
  EXPECT(ERROR_OF(e.set_projection({1})).status() == ANSER_STATUS_INVALID_STATE);
  EXPECT(ERROR_OF(e.for_each(nullptr)).status() == ANSER_STATUS_NULL_ARGUMENT);

  anser::enumerator narrow(f);
  narrow.set_projection({4, 2, 4});
  EXPECT(narrow.projection() == std::vector<std::uint32_t>({4, 2}));
  EXPECT(narrow.for_each([](const std::int8_t *, std::size_t n) { return n == 6; }, 2) != anser::enumeration::unknown);
  EXPECT(narrow.num_models() == 2);

  anser::interrupt token;
  anser::budget limits;
  limits.set_interrupt(token);
  anser::formula free_ones;
  free_ones.ensure_vars(40);
  anser::enumerator many(free_ones);
  EXPECT(many.for_each(
             [&](const std::int8_t *, std::size_t) {
               if (many && ++told == 50) {
                 token.trigger();
               }
               return true;
             },
             UINT64_MAX, limits) == anser::enumeration::unknown);
  EXPECT(many.stop_reason() == anser::stop_reason::interrupted && told == 50);
  EXPECT(many.next(limits) == anser::enumeration::unknown && many.next_models(3, limits).count == 0);
  token.reset();
  EXPECT(many.next(limits) == anser::enumeration::model);
  EXPECT(!std::strcmp(anser::to_string(anser::enumeration::complete), "complete"));
  EXPECT(!std::strcmp(anser::to_string(static_cast<anser::enumeration>(9)), "?"));

  anser::enumerator moved = std::move(many);
  EXPECT(moved.next() == anser::enumeration::model && !many);
  EXPECT(ERROR_OF(many.next()).status() == ANSER_STATUS_INVALID_STATE);
  EXPECT(ERROR_OF(anser::enumerator(anser::formula(nullptr))).status() == ANSER_STATUS_INVALID_STATE);
}

void samplers() {
  anser::formula f;
  f.ensure_vars(66);
  f.add_clause({1, 66});
  f.add_xor({2, 3, 65}, true);
  anser::sampler_options options;
  options.seed = 5;
  options.threads = 2;
  anser::sampler s(f, options);
  EXPECT(s.is_guaranteed() && s.projection().size() == 66 && s.projection().back() == 66);
  EXPECT(ERROR_OF(s.sample()).status() == ANSER_STATUS_INVALID_STATE);
  EXPECT(ERROR_OF(s.set_projection({67})).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(ERROR_OF(s.next_samples(SIZE_MAX)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(s.next() == anser::sampling::sample && s.stop_reason() == anser::stop_reason::solved);
  EXPECT(s.sample().size() == 2 && s.literals().size() == 66 && (s.literals()[0] > 0 || s.literals()[65] > 0));
  const anser::sample_list some = s.next_samples(9);
  EXPECT(some.count == 9 && some.width == 2 && some.words.size() == 18 && some.end == anser::sampling::sample);
  for (std::size_t i = 0; i < some.count; i++) {
    EXPECT(some.value(i, 0) || some.value(i, 65));
    EXPECT(some.value(i, 1) ^ some.value(i, 2) ^ some.value(i, 64));
  }
  const std::vector<std::uint8_t> saved = s.save();
  std::vector<std::uint64_t> here;
  std::vector<std::uint64_t> there;
  const auto into = [](std::vector<std::uint64_t> &all) {
    return [&all](const std::uint64_t *words, std::size_t n) {
      all.insert(all.end(), words, words + n);
      return true;
    };
  };
  EXPECT(s.for_each(into(here), 6) == anser::sampling::sample && s.statistics().samples == 16);
  anser::sampler again(f, options);
  again.restore(saved);
  EXPECT(again.for_each(into(there), 6) == anser::sampling::sample && here == there && here.size() == 12);
  EXPECT(ERROR_OF(again.restore({1, 2, 3})).status() == ANSER_STATUS_PARSE);
  EXPECT(ERROR_OF(s.for_each(nullptr, 3)).status() == ANSER_STATUS_NULL_ARGUMENT);
  EXPECT(throws<odd>([&] { s.for_each([](const std::uint64_t *, std::size_t) -> bool { throw odd(); }, 5); }));
  EXPECT(s.statistics().samples == 17); // its sample counts as told

  options.method = anser::sampling_method::uniwit;
  options.family = anser::hash_family::sparse;
  options.density = 0.1;
  options.distinct = true;
  anser::sampler narrow(f, options);
  narrow.set_projection({2, 3, 65});
  const anser::sample_list all = narrow.next_samples(100);
  EXPECT(!narrow.is_guaranteed() && all.count == 4 && all.end == anser::sampling::exhausted);
  options.density = 1;
  EXPECT(ERROR_OF(anser::sampler(f, options)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  anser::interrupt token;
  token.trigger();
  anser::budget limits;
  limits.set_interrupt(token);
  EXPECT(s.next(limits) == anser::sampling::unknown && s.stop_reason() == anser::stop_reason::interrupted);
  EXPECT(!std::strcmp(anser::to_string(anser::sampling::failed), "failed"));
  EXPECT(ERROR_OF(anser::sampler(anser::formula(nullptr))).status() == ANSER_STATUS_INVALID_STATE);
}

void searches() {
  anser::formula f;
  f.ensure_vars(40);
  for (std::int32_t v = 1; v < 40; v += 3) {
    f.add_clause({v, v + 1});
    f.add_xor({v, v + 1, v % 39 + 2}, true);
  }
  f.add_at_least({1, 5, 9, 13, 17}, 3);
  anser::search_options options;
  options.walkers = 3;
  options.threads = 2;
  options.seed = 5;
  anser::search s(f, options);
  EXPECT(ERROR_OF(s.model()).status() == ANSER_STATUS_INVALID_STATE);
  EXPECT(ERROR_OF(s.best()).status() == ANSER_STATUS_INVALID_STATE);
  EXPECT(s.run() == anser::search_end::model && s.stop_reason() == anser::stop_reason::solved);
  const std::vector<std::int8_t> model = s.model();
  EXPECT(model.size() == 40 && f.is_satisfied_by(model) && s.numbers().empty());
  EXPECT(s.best().violated == 0 && s.statistics().tries >= 1);
  s.set_assignment(1, model);
  EXPECT(s.step(5) == anser::search_end::model && s.model() == model);
  EXPECT(ERROR_OF(s.set_assignment(3, model)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(ERROR_OF(s.set_assignment(0, {1, -1})).status() == ANSER_STATUS_INVALID_ARGUMENT);
  options.method = anser::search_method::ddfw;
  EXPECT(ERROR_OF(anser::search(f, options)).status() == ANSER_STATUS_UNSUPPORTED);
  EXPECT(anser::search(f.encode(), options).run() == anser::search_end::model);
  options.walk = std::nan("");
  EXPECT(ERROR_OF(anser::search(f, options)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  options = {};
  options.temperature = 1; // is for scorers: see scorer.cpp
  EXPECT(mentions(ERROR_OF(anser::search(f, options)), "temperature = 1"));
  EXPECT(s.num_walkers() == 3 && ERROR_OF(s.scorer_plan(0)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  anser::interrupt token;
  token.trigger();
  anser::budget limits;
  limits.set_interrupt(token);
  options = {};
  EXPECT(ERROR_OF(anser::search(f, options, limits)).stop() == anser::stop_reason::interrupted);
  anser::search again(f);
  EXPECT(again.run(limits) == anser::search_end::unknown && again.stop_reason() == anser::stop_reason::interrupted);
  EXPECT(ERROR_OF(again.callback_code()).status() == ANSER_STATUS_INVALID_STATE);
  EXPECT(!std::strcmp(anser::to_string(anser::search_end::refuted), "refuted"));
  EXPECT(!std::strcmp(anser::to_string(anser::scorer_output::scores), "scores"));
  EXPECT(!std::strcmp(anser::to_string(anser::scorer_output::topk), "topk"));
  EXPECT(!std::strcmp(anser::to_string(anser::scorer_output::flips), "flips"));
  EXPECT(!std::strcmp(anser::to_string(static_cast<anser::scorer_output>(3)), "?"));
  EXPECT(!std::strcmp(anser::to_string(anser::bit_order::walker_major), "walker_major"));
  EXPECT(!std::strcmp(anser::to_string(anser::bit_order::var_major), "var_major"));
  EXPECT(!std::strcmp(anser::to_string(static_cast<anser::bit_order>(2)), "?"));
  EXPECT(ERROR_OF(anser::search(anser::formula(nullptr))).status() == ANSER_STATUS_INVALID_STATE);
}

void counters() {
  anser::formula f;
  f.ensure_vars(4);
  f.add_clause({1, 2});
  anser::counter c(f);
  EXPECT(ERROR_OF(c.count()).status() == ANSER_STATUS_INVALID_STATE);
  EXPECT(c.run() == anser::counting::exact && c.count() == "12" && c.num_cells() > 0);
  anser::formula free_ones;
  free_ones.ensure_vars(90);
  anser::counter_options options;
  options.epsilon = 0.5;
  options.delta = 0.3;
  options.seed = 3;
  anser::counter many(free_ones, options);
  anser::budget limits;
  limits.set_time_limit(std::chrono::seconds(0));
  EXPECT(many.run(limits) == anser::counting::unknown && many.stop_reason() == anser::stop_reason::time);
  EXPECT(many.run() == anser::counting::approximate);
  const double ratio = std::stod(many.count()) / std::ldexp(1.0, 90);
  EXPECT(ratio > 1 / 1.5 && ratio < 1.5);
  options.exact = true;
  anser::counter exactly(free_ones, options);
  EXPECT(exactly.run() == anser::counting::exact && exactly.count() == "1237940039285380274899124224"); // 2^90
  options.exact = false;
  options.delta = 2;
  EXPECT(ERROR_OF(anser::counter(f, options)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(!std::strcmp(anser::to_string(anser::counting::approximate), "approximate"));
}

void model_function_throws() {
  anser::formula f;
  f.ensure_vars(5);
  anser::enumerator e(f);
  std::atomic<int> live{0};
  for (int i = 0; i < 3; i++) {
    int told = 0;
    const counted data(live);
    EXPECT(throws<odd>([&] {
      e.for_each([&told, data](const std::int8_t *, std::size_t) -> bool {
        if (++told == 3) {
          throw odd();
        }
        return true;
      });
    }));
    EXPECT(told == 3 && live == 1 && e.num_models() == 3 * static_cast<std::uint64_t>(i + 1)); // its model counts as told
  }
  // Progress functions too; and from inside, the enumerator itself is at work.
  EXPECT(e.for_each([&](const std::int8_t *, std::size_t) {
    EXPECT(ERROR_OF(e.next()).status() == ANSER_STATUS_INVALID_STATE);
    anser::enumerator other(f);
    EXPECT(other.next() == anser::enumeration::model);
    return true;
  }) == anser::enumeration::complete);
  EXPECT(e.num_models() == 32);
  anser::enumerator hard(pigeonhole(10));
  anser::budget limits;
  limits.set_progress([](const anser::progress &) -> std::int32_t { throw odd(); }, 0.0);
  EXPECT(throws<odd>([&] { hard.next(limits); }));
}

} // namespace

int main(int argc, char **argv) {
  char own[] = "/tmp/anser-hpp-XXXXXX";
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
      {"version", version},
      {"names_of_enumerators", names_of_enumerators},
      {"error_fields", error_fields},
      {"parse_errors", parse_errors},
      {"interrupts", interrupts},
      {"interrupt_from_another_thread", interrupt_from_another_thread},
      {"budgets", budgets},
      {"formulas", formulas},
      {"parities", parities},
      {"cardinalities", cardinalities},
      {"pseudo_booleans", pseudo_booleans},
      {"numbers_and_linear_constraints", numbers_and_linear_constraints},
      {"sampling_sets", sampling_sets},
      {"kinds_mixed", kinds_mixed},
      {"names", names},
      {"checks", checks},
      {"dimacs", dimacs},
      {"opb", opb},
      {"objectives", objectives},
      {"text_formats", text_formats},
      {"solving", solving},
      {"more_variables_and_phases", more_variables_and_phases},
      {"options_and_statistics", options_and_statistics},
      {"proofs", proofs},
      {"logs", logs},
      {"progress_reports", progress_reports},
      {"moves", moves},
      {"use_after_move", use_after_move},
      {"functions_are_let_go_of", functions_are_let_go_of},
      {"progress_throws", progress_throws},
      {"progress_throws_while_reading_and_writing", progress_throws_while_reading_and_writing},
      {"log_throws", log_throws},
      {"sink_throws", sink_throws},
      {"callbacks_that_call", callbacks_that_call},
      {"throwing_under_c_calls", throwing_under_c_calls},
      {"several_threads", several_threads},
      {"backends", backends},
      {"encoding", encoding},
      {"enumerators", enumerators},
      {"samplers", samplers},
      {"searches", searches},
      {"counters", counters},
      {"model_function_throws", model_function_throws},
  };
  int failed = 0;
  for (const auto &test : tests) {
    try {
      test.run();
      std::printf("ok %s\n", test.name);
      continue;
    } catch (const failure &f) {
      std::printf("FAILED %s: %s\n", test.name, f.why.c_str());
    } catch (const std::exception &e) {
      std::printf("FAILED %s: it threw: %s\n", test.name, e.what());
    } catch (...) {
      std::printf("FAILED %s: it threw\n", test.name);
    }
    failed++;
  }
  if (argc <= 1) {
    rmdir(own);
  }
  return failed == 0 ? 0 : 1;
}
