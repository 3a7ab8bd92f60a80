// Tests of anser.hpp: the bounding kernel; moves, errors, budgets, threads.
//
// Prints `ok NAME` for every test that passes and `FAILED NAME: why` for one that does not; exits 1 then.
#include "anser.hpp"

#include <cmath>
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
using kind = anser::layer_kind;

static_assert(std::is_nothrow_move_constructible_v<anser::bounds> && std::is_nothrow_move_assignable_v<anser::bounds> &&
              !std::is_copy_constructible_v<anser::bounds> && !std::is_default_constructible_v<anser::bounds>);

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

anser::bounds made() {
  const anser::network n = small();
  return anser::bounds(n, {-1, -1}, {1, 1});
}

anser::bounds_query whole() {
  anser::bounds_query query;
  query.lower = {-1, -1};
  query.upper = {1, 1};
  query.outputs = {1, 0, 0, 1};
  return query;
}

void accessors() {
  anser::bounds b = made();
  const anser::bounds moved = std::move(b);
  EXPECT(!b && moved);
  EXPECT(ERROR_OF(b.num_neurons()).status() == ANSER_STATUS_INVALID_STATE);
  const anser::bounds copy = moved.clone();
  EXPECT(copy.input_length() == 2 && copy.output_length() == 2 && copy.num_neurons() == 2);
  const auto sets = copy.neurons();
  EXPECT(sets.size() == 1 && sets[0].count == 2 && sets[0].first == 0 && sets[0].splittable);
  EXPECT(copy.box().lower == (doubles{-1, -1}) && copy.box().upper == (doubles{1, 1}));
  EXPECT(copy.neuron_bounds().lower[0] <= -3 && copy.neuron_bounds().upper[1] >= 2);
  EXPECT(copy.output_bounds().upper[0] >= 4 && copy.output_bounds().lower[1] <= -1);
  const anser::bounds part = copy.within({0.5, 0.5}, {1, 1}, true);
  EXPECT(part.box().lower == (doubles{0.5, 0.5}) && part.neuron_bounds().lower[0] > -1e-9);
}

void computes() {
  const anser::bounds b = made();
  anser::bounds_query query = whole();
  for (const auto method : {anser::bounds_method::crown, anser::bounds_method::interval, anser::bounds_method::alpha}) {
    query.method = method;
    anser::bounds_wanted wanted;
    wanted.lower_functions = wanted.upper_functions = wanted.points = wanted.neurons = true;
    const auto found = b.compute(query, wanted);
    EXPECT(found.lower.size() == 2 && found.lower[0] <= 0 && found.upper[0] >= 4 - 1e-9 && found.upper[0] < 7);
    EXPECT(found.below.coefficients.size() == 4 && found.above.constants.size() == 2 && found.points.size() == 4);
    EXPECT(found.neuron_lower.size() == 2 && found.empty == std::vector<std::uint8_t>{0});
    const auto plain = b.compute(query);
    EXPECT(plain.lower == found.lower && plain.points.empty() && plain.neuron_lower.empty());
  }
  query.lower = {0.5, -1, -1, -1};
  query.upper = {1, 0, 1, 1};
  query.split_offsets = {0, 1, 2};
  query.split_neurons = {1, 1};
  query.split_phases = {-1, -1};
  const auto found = b.compute(query);
  EXPECT(found.empty == (std::vector<std::uint8_t>{1, 0}) && std::isinf(found.lower[0]) && found.upper[2] <= 1 + 1e-9);
}

void contracts() {
  const anser::bounds b = made();
  const auto left = b.contract(whole(), {100, -0.9});
  EXPECT(left.empty[0] == 0 && left.lower[0] > 0.599 && left.neuron_lower[0] > 0.599);
  EXPECT(b.contract(whole(), {-0.25, 0}, {1, 0}).empty[0] == 1);
}

void refuses() {
  const anser::network n = small();
  EXPECT(mentions(ERROR_OF(anser::bounds(n, {0, 0}, {1})), "upper"));
  EXPECT(mentions(ERROR_OF(anser::bounds(n, {0, 2}, {1, 1})), "index 1"));
  const anser::bounds b = made();
  anser::bounds_query query = whole();
  query.lower = {0};
  EXPECT(mentions(ERROR_OF(b.compute(query)), "query.lower"));
  query = whole();
  query.split_phases = {1};
  EXPECT(mentions(ERROR_OF(b.compute(query)), "query.split_phases"));
  query = whole();
  query.split_offsets = {0};
  EXPECT(mentions(ERROR_OF(b.compute(query)), "query.split_offsets"));
  query = whole();
  query.known_lower = query.known_upper = {0};
  EXPECT(mentions(ERROR_OF(b.compute(query)), "query.known_lower"));
  query = whole();
  query.upper = {2, 1};
  EXPECT(ERROR_OF(b.compute(query)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(mentions(ERROR_OF(b.contract(whole(), {1})), "right_sides"));
  EXPECT(mentions(ERROR_OF(b.contract(whole(), {1, 1}, {1})), "strict"));
}

void stops() {
  anser::interrupt token;
  anser::budget limits;
  limits.set_work_limit(0);
  const anser::network n = small();
  EXPECT(ERROR_OF(anser::bounds(n, {-1, -1}, {1, 1}, false, limits)).status() == ANSER_STATUS_STOPPED);
  const anser::bounds b = made();
  EXPECT(ERROR_OF(b.compute(whole(), {}, limits)).status() == ANSER_STATUS_STOPPED);
  EXPECT(ERROR_OF(b.contract(whole(), {1, 1}, {}, limits)).status() == ANSER_STATUS_STOPPED);
}

void shared() {
  const anser::bounds b = made();
  std::vector<anser::bounds_results> found(4);
  std::vector<std::thread> threads;
  for (auto &to : found) {
    threads.emplace_back([&b, &to] {
      for (int i = 0; i < 20; i++) {
        to = b.compute(whole());
      }
    });
  }
  for (auto &thread : threads) {
    thread.join();
  }
  for (const auto &one : found) {
    EXPECT(one.lower == found[0].lower && one.upper == found[0].upper);
  }
}

int bad = 0;
void run(const char *name, void (*test)()) {
  try {
    test();
    std::printf("ok bounds.cpp: %s\n", name);
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
  run("computes", computes);
  run("contracts", contracts);
  run("refuses", refuses);
  run("stops", stops);
  run("shared", shared);
  return bad == 0 ? 0 : 1;
}
