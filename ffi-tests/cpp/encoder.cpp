// Tests of anser.hpp: networks inside formulas, smaller boxes, exact values; moves, errors, budgets, callbacks, threads.
//
// Prints `ok NAME` for every test that passes and `FAILED NAME: why` for one that does not; exits 1 then.
#include "anser.hpp"

#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

struct failure {
  std::string why;
};
void expect(bool holds, const char *what, int line) {
  if (!holds) {
    throw failure{std::string(what) + " (line " + std::to_string(line) + ")"};
  }
}
#define EXPECT(condition) expect((condition), #condition, __LINE__)

template <class Body> anser::error error_of(Body &&body, int line) {
  try {
    body();
  } catch (const anser::error &e) {
    return e;
  }
  throw failure{"no anser::error was thrown (line " + std::to_string(line) + ")"};
}
#define ERROR_OF(...) error_of([&] { __VA_ARGS__; }, __LINE__)
bool mentions(const anser::error &e, const char *text) { return std::string(e.what()).find(text) != std::string::npos; }

using doubles = std::vector<double>;
using numbers = std::vector<std::uint32_t>;
using kind = anser::layer_kind;

template <class T>
constexpr bool is_handle = std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T> &&
                           !std::is_copy_constructible_v<T> && !std::is_default_constructible_v<T>;
static_assert(is_handle<anser::relu_encoder> && is_handle<anser::relu_encoding>);

/** h = relu([x0 + x1 - 1, x0 - x1]), y = [h0 + 2 h1, -h0]. */
anser::network small() {
  anser::network n;
  const auto x = n.add_input("x", {1, 2});
  const auto w = n.add_constant({2, 2}, doubles{1, 1, 1, -1}, "w");
  const auto b = n.add_constant({2}, doubles{-1, 0});
  const auto v = n.add_constant({2, 2}, doubles{1, 2, -1, 0});
  const auto h = n.add_layer(kind::relu, {n.add_layer(kind::linear, {x, w, b})}, "h");
  n.add_output(n.add_layer(kind::linear, {h, v}));
  return n;
}

anser::relu_options with(anser::relu_form form) {
  anser::relu_options options;
  options.form = form;
  return options;
}

/** The row: a sum of numbers compares with a right-hand side. */
anser::linear_row row(numbers of, doubles coefficients, anser::relation relation, double rhs) {
  anser::linear_row made;
  made.numbers = std::move(of);
  made.coefficients = std::move(coefficients);
  made.relation = relation;
  made.rhs = rhs;
  return made;
}

/** Whether the library can solve formulas with reals; says so where it cannot. */
bool can_solve(const char *test) {
  anser::solver solver{anser::formula()};
  try {
    solver.set_backend(anser::backend::z3);
    return true;
  } catch (const anser::error &e) {
    EXPECT(e.status() == ANSER_STATUS_BACKEND_UNAVAILABLE);
    std::printf("skipped: encoder.cpp: %s: the library was built without Z3\n", test);
    return false;
  }
}

void accessors() {
  anser::formula formula;
  anser::relu_encoder encoder(small());
  EXPECT(encoder.input_length() == 2 && encoder.output_length() == 2);
  const anser::relu_encoder moved = std::move(encoder);
  EXPECT(!encoder && moved);
  EXPECT(ERROR_OF(encoder.input_length()).status() == ANSER_STATUS_INVALID_STATE);
  anser::relu_encoding first = moved.encode(formula, {-1, -1}, {1, 1});
  const anser::relu_encoding encoding = std::move(first);
  EXPECT(!first && encoding.num_neurons() == 2);
  EXPECT(ERROR_OF(first.neurons()).status() == ANSER_STATUS_INVALID_STATE);
  const auto inputs = encoding.inputs();
  EXPECT(inputs.numbers == (numbers{0, 1}) && inputs.lower == (doubles{-1, -1}) && inputs.upper == (doubles{1, 1}));
  const auto outputs = encoding.outputs();
  EXPECT(outputs.numbers.size() == 2 && outputs.lower[0] <= 0 && outputs.upper[0] >= 4 && outputs.upper[0] < 6);
  for (const auto &neuron : encoding.neurons()) {
    EXPECT(neuron.layer == 1 && neuron.decided == 0 && neuron.phase > 0 && neuron.post != neuron.pre);
    EXPECT(neuron.pre_lower <= -2 && neuron.pre_upper >= 1 && neuron.post_lower <= 0 && neuron.post_upper >= 1);
    EXPECT(formula.domain(neuron.pre).max == neuron.pre_upper);
  }
  const auto off = moved.encode(formula, {-1, 0}, {-0.5, 0.5}).neurons();
  EXPECT(off[0].decided == -1 && off[1].decided == -1 && off[0].phase == off[1].phase && off[0].phase < 0);
  for (const auto tightening : {anser::relu_tightening::interval, anser::relu_tightening::alpha}) {
    anser::relu_options options;
    options.tightening = tightening;
    options.iterations = 2;
    anser::formula other;
    EXPECT(anser::relu_encoder(small(), options).encode(other, {-1, -1}, {1, 1}).num_neurons() == 2);
  }
}

/** y0 = 1/3 on the line x0 + x1 = 1 is at (7/12, 5/12). */
void solves_exactly() {
  if (!can_solve("solves_exactly")) {
    return;
  }
  for (const auto form : {anser::relu_form::big_m, anser::relu_form::smt}) {
    anser::formula formula;
    const auto encoding = anser::relu_encoder(small(), with(form)).encode(formula, {-1, -1}, {1, 1});
    const auto x = encoding.inputs().numbers;
    const auto y = encoding.outputs().numbers;
    const std::int32_t right = encoding.restrict_to(formula, {0.5, -1}, {1, 1});
    const std::int32_t left = encoding.restrict_to(formula, {-1, -1}, {0.5, 1});
    formula.add_linear(row(x, {1, 1}, anser::relation::equal, 1));
    formula.add_linear(row({y[0]}, {3}, anser::relation::equal, 1));
    anser::solver solver(formula);
    solver.set_backend(anser::backend::z3);
    EXPECT(ERROR_OF(solver.exact_number(x[0])).status() == ANSER_STATUS_INVALID_STATE);
    EXPECT(solver.solve({left}) == anser::result::unsat);
    EXPECT(solver.solve({right}) == anser::result::sat);
    EXPECT(solver.exact_numbers({x[0], x[1], y[0]}) == (std::vector<std::string>{"7/12", "5/12", "1/3"}));
    EXPECT(solver.exact_numbers({}).empty() && solver.exact_number(y[0]) == "1/3");
    EXPECT(ERROR_OF(solver.exact_number(1000)).index() == 0);
    EXPECT(solver.value(right) && solver.value(encoding.neurons()[1].phase));
  }
}

/** Two copies over the same box, and phases of both in one constraint: at most one neuron of four is on. */
void counts_phases() {
  if (!can_solve("counts_phases")) {
    return;
  }
  anser::formula formula;
  const anser::relu_encoder encoder(small(), with(anser::relu_form::smt));
  const auto a = encoder.encode(formula, {-1, -1}, {1, 1});
  const auto b = encoder.encode(formula, {-1, -1}, {1, 1});
  std::vector<std::int32_t> phases;
  for (const auto *copy : {&a, &b}) {
    for (const auto &neuron : copy->neurons()) {
      phases.push_back(neuron.phase);
    }
  }
  formula.add_linear(row({a.outputs().numbers[0], b.outputs().numbers[0]}, {1, -1}, anser::relation::at_least, 3));
  formula.add_at_most(phases, 1);
  anser::solver one(formula);
  one.set_backend(anser::backend::z3);
  EXPECT(one.solve() == anser::result::sat);
  formula.add_at_most(phases, 0);
  anser::solver none(formula);
  none.set_backend(anser::backend::z3);
  EXPECT(none.solve() == anser::result::unsat);
}

void refuses() {
  anser::formula formula;
  const anser::relu_encoder encoder(small());
  EXPECT(mentions(ERROR_OF(encoder.encode(formula, {0, 0}, {1})), "upper"));
  EXPECT(ERROR_OF(encoder.encode(formula, {0, 2}, {1, 1})).index() == 1);
  EXPECT(mentions(ERROR_OF(encoder.encode(formula, {0}, {1})), "needed are 2"));
  const auto encoding = encoder.encode(formula, {0, 0}, {1, 1});
  EXPECT(ERROR_OF(encoding.restrict_to(formula, {0, 0}, {1, 2})).index() == 1);
  EXPECT(mentions(ERROR_OF(encoding.restrict_to(formula, {0, 0}, {1})), "upper"));
  anser::formula other;
  EXPECT(mentions(ERROR_OF(encoding.restrict_to(other, {0, 0}, {1, 1})), "does not have this encoding"));
  anser::relu_options options;
  options.tightening = static_cast<anser::relu_tightening>(9);
  EXPECT(mentions(ERROR_OF(anser::relu_encoder(small(), options)), "options.tightening"));
  anser::network n;
  const auto x = n.add_input("x", {1, 2});
  n.add_output(n.add_layer(kind::tanh, {x}));
  const anser::error e = ERROR_OF(anser::relu_encoder{n});
  EXPECT(e.status() == ANSER_STATUS_UNSUPPORTED && e.index() == 0 && mentions(e, "Tanh"));
}

void stops() {
  anser::formula formula;
  anser::budget limits;
  const anser::relu_encoder encoder(small());
  const auto encoding = encoder.encode(formula, {0, 0}, {1, 1}, limits);
  const auto before = formula.num_numbers();
  limits.set_work_limit(0);
  EXPECT(ERROR_OF(encoder.encode(formula, {0, 0}, {1, 1}, limits)).stop() == anser::stop_reason::work);
  EXPECT(ERROR_OF(encoding.restrict_to(formula, {0, 0}, {1, 1}, limits)).stop() == anser::stop_reason::work);
  limits.set_work_limit(UINT64_MAX);
  limits.set_memory_limit(10);
  EXPECT(ERROR_OF(encoder.encode(formula, {0, 0}, {1, 1}, limits)).status() == ANSER_STATUS_OUT_OF_MEMORY);
  EXPECT(formula.num_numbers() == before);
}

/** What a progress function throws comes back, and the formula is as it was. */
void rethrows() {
  anser::network n;
  const std::size_t in = 300, wide = 8000;
  const auto x = n.add_input("x", {1, in});
  const auto w = n.add_constant({wide, in}, doubles(wide * in, 0.25));
  n.add_output(n.add_layer(kind::relu, {n.add_layer(kind::linear, {x, w})}));
  anser::relu_options options;
  options.tightening = anser::relu_tightening::interval;
  const anser::relu_encoder encoder(n, options);
  anser::formula formula;
  anser::budget limits;
  limits.set_progress([](const anser::progress &) -> std::int32_t { throw std::runtime_error("mine"); },
                      std::chrono::seconds(0));
  bool caught = false;
  try {
    encoder.encode(formula, doubles(in, -1), doubles(in, 1), limits);
  } catch (const std::runtime_error &e) {
    caught = std::string(e.what()) == "mine";
  }
  EXPECT(caught && formula.num_numbers() == 0 && formula.num_vars() == 0);
}

void shared() {
  const anser::relu_encoder encoder(small());
  std::vector<std::uint32_t> found(4);
  std::vector<std::thread> threads;
  for (auto &to : found) {
    threads.emplace_back([&encoder, &to] {
      for (int i = 0; i < 10; i++) {
        anser::formula formula;
        encoder.encode(formula, {-1, -1}, {1, 1});
        to = formula.num_numbers();
      }
    });
  }
  for (auto &thread : threads) {
    thread.join();
  }
  EXPECT(found[0] == 8);
  for (const auto one : found) {
    EXPECT(one == found[0]);
  }
}

int bad = 0;
void run(const char *name, void (*test)()) {
  try {
    test();
    std::printf("ok encoder.cpp: %s\n", name);
  } catch (const failure &f) {
    bad++;
    std::printf("FAILED %s: %s\n", name, f.why.c_str());
  } catch (const std::exception &e) {
    bad++;
    std::printf("FAILED %s: %s\n", name, e.what());
  }
}

} // namespace

int main() {
  run("accessors", accessors);
  run("solves_exactly", solves_exactly);
  run("counts_phases", counts_phases);
  run("refuses", refuses);
  run("stops", stops);
  run("rethrows", rethrows);
  run("shared", shared);
  return bad == 0 ? 0 : 1;
}
