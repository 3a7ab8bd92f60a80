// A network inside a formula of one's own: is a score monotone?
//
// A small network rates applicants by some features between 0 and 1. Whoever has more of a feature, all else equal,
// should not be rated lower. That is a statement about two inputs, which no box of inputs says; so the network is
// encoded twice, and the rest is said by the host around it:
//
// - rows over the numbers of both copies: x1[k] <= x2[k], x1[i] = x2[i] for all others, f(x1) >= f(x2) + margin. Those
// of one feature hang on a literal, so that one solver is asked about all of them, by assumptions; - clauses and a
// cardinality constraint over the phases of neurons, for a counterexample that is easy to understand: the same neurons
// are on for both inputs, so that the network is linear between the two, and as few as can be; - smaller boxes, without
// encoding again: in which half of the feature's range does it happen?
//
// Whatever holds of the formula holds of the network in exact arithmetic: an answer is a proof, or a pair of inputs,
// told as exact fractions and replayed by evaluating the network.
//
//   embed_encoder [NETWORK.onnx [MARGIN [SECONDS]]]
//
// Without a network it builds one. Prints for each feature "monotone: proved", a counterexample, or "unknown"; exits
// with 0, or with 1 after any error. Formulas with reals need a library with Z3: without it it says so, and exits with
// 0.
#include "anser.hpp"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using anser::linear_row;
using anser::relation;

/** Three features, two hidden layers of 6 and 4, one score. All weights are sixteenths. */
anser::network make_network() {
  anser::network n;
  std::uint32_t state = 6;
  const auto number = [&](int least, int most) {
    state = state * 1664525U + 1013904223U;
    return (least + static_cast<int>((state >> 16) % static_cast<unsigned>(most - least + 1))) / 16.0;
  };
  std::uint32_t x = n.add_input("features", {1, 3});
  std::size_t before = 3;
  for (const std::size_t wide : {std::size_t{6}, std::size_t{4}, std::size_t{1}}) {
    std::vector<double> weights(wide * before);
    std::vector<double> bias(wide);
    for (std::size_t i = 0; i < weights.size(); i++) {
      // The first feature mostly speaks for an applicant; the others may do either.
      weights[i] = before == 3 && i % 3 == 0 ? number(8, 24) : number(before == 3 ? -24 : -4, 20);
    }
    for (double &b : bias) {
      b = number(-16, 4);
    }
    x = n.add_layer(anser::layer_kind::linear, {x, n.add_constant({wide, before}, weights), n.add_constant({wide}, bias)});
    if (wide != 1) {
      x = n.add_layer(anser::layer_kind::relu, {x});
    }
    before = wide;
  }
  n.add_output(x);
  return n;
}

/** first - second compares with a right-hand side, where the condition says so. */
linear_row difference(std::uint32_t first, std::uint32_t second, relation how, double rhs, anser::condition when = {}) {
  linear_row row;
  row.numbers = {first, second};
  row.coefficients = {1, -1};
  row.relation = how;
  row.rhs = rhs;
  row.condition = when;
  return row;
}

void print(const char *name, const std::vector<std::string> &values) {
  std::printf("  %s = (", name);
  for (std::size_t i = 0; i < values.size(); i++) {
    std::printf("%s%s", i == 0 ? "" : ", ", values[i].c_str());
  }
  std::printf(")\n");
}

/** The question, said once; asked of one feature after the other. */
class question {
public:
  question(const anser::network &score, double margin, double seconds)
      : score_(score), margin_(margin), inputs_(score.input_length()) {
    limits_.set_time_limit(std::chrono::duration<double>(seconds));
    anser::relu_options options;
    options.form = anser::relu_form::smt;
    const anser::relu_encoder encoder(score, options);
    const std::vector<double> zeros(inputs_, 0.0);
    const std::vector<double> ones(inputs_, 1.0);
    const anser::relu_encoding less = encoder.encode(formula_, zeros, ones);
    const anser::relu_encoding more = encoder.encode(formula_, zeros, ones);
    x1_ = less.inputs().numbers;
    x2_ = more.inputs().numbers;
    formula_.add_linear(difference(less.outputs().numbers[0], more.outputs().numbers[0], relation::at_least, margin));

    for (std::size_t k = 0; k < inputs_; k++) {
      // Under the literal, x2 has more of this feature, and all else is equal.
      const auto asked = static_cast<std::int32_t>(formula_.new_var());
      const auto when = anser::condition::implied_by(asked);
      for (std::size_t i = 0; i < inputs_; i++) {
        formula_.add_linear(difference(x1_[i], x2_[i], i == k ? relation::at_most : relation::equal, 0.0, when));
      }
      asked_.push_back(asked);
      // Under these, both inputs have less than half of it, or more.
      std::vector<double> half_up = ones;
      std::vector<double> half_down = zeros;
      half_up[k] = half_down[k] = 0.5;
      halves_.push_back({less.restrict_to(formula_, zeros, half_up), more.restrict_to(formula_, zeros, half_up)});
      halves_.push_back({less.restrict_to(formula_, half_down, ones), more.restrict_to(formula_, half_down, ones)});
    }

    // Under this literal, a neuron is on for both or off for both.
    same_ = static_cast<std::int32_t>(formula_.new_var());
    const auto of_first = less.neurons();
    const auto of_second = more.neurons();
    std::vector<std::int32_t> on; // also those that are always on, or never
    for (std::size_t i = 0; i < of_first.size(); i++) {
      formula_.add_clause({-same_, -of_first[i].phase, of_second[i].phase});
      formula_.add_clause({-same_, of_first[i].phase, -of_second[i].phase});
      on.push_back(of_first[i].phase);
    }
    // Under one literal each: so many are on, and no more.
    for (std::size_t most = 0; most <= on.size(); most++) {
      const auto few = static_cast<std::int32_t>(formula_.new_var());
      formula_.add_at_most(on, static_cast<std::int64_t>(most), anser::condition::implied_by(few));
      few_.push_back(few);
    }
  }

  /** Asks all of it. */
  void ask() {
    anser::solver solver(formula_);
    solver.set_backend(anser::backend::z3);
    for (std::size_t k = 0; k < inputs_; k++) {
      std::printf("feature %zu: ", k);
      switch (solver.solve({asked_[k]}, limits_)) {
      case anser::result::unsat:
        std::printf("monotone: proved\n");
        break;
      case anser::result::unknown:
        std::printf("unknown: %s\n", anser::to_string(solver.stop_reason()));
        break;
      case anser::result::optimum: // of minimize() only
      case anser::result::sat:
        std::printf("not monotone:\n");
        tell(solver);
        simplest(solver, k);
        halves(solver, k);
        break;
      }
    }
  }

private:
  /** The counterexample, exactly, and once more by evaluating the network. */
  void tell(const anser::solver &solver) const {
    print("x1", solver.exact_numbers(x1_));
    print("x2", solver.exact_numbers(x2_));
    const std::vector<double> all = solver.numbers();
    std::vector<double> pair;
    for (const auto *numbers : {&x1_, &x2_}) {
      for (const std::uint32_t number : *numbers) {
        pair.push_back(all[number]);
      }
    }
    const std::vector<double> scores = score_.evaluate(pair, 2);
    const double less = scores[0] - scores[1];
    std::printf("  replayed: f(x1) = %.9g, f(x2) = %.9g, %.9g less\n", scores[0], scores[1], less);
    // The doubles are the ones nearest to the fractions: what they change is far below this.
    if (!(less >= margin_ - 1e-6 * (1.0 + std::abs(scores[0])))) {
      std::fprintf(stderr, "wrong: the network does not say so\n");
      std::exit(1);
    }
  }

  /** A counterexample with the same neurons on for both inputs, and as few as can be. */
  void simplest(anser::solver &solver, std::size_t k) const {
    for (std::size_t most = 0; most < few_.size(); most++) {
      const anser::result found = solver.solve({asked_[k], same_, few_[most]}, limits_);
      if (found == anser::result::unsat) {
        continue;
      }
      if (found == anser::result::sat) {
        std::printf("  with the same %zu of %zu neurons on, and with no fewer:\n", most, few_.size() - 1);
        tell(solver);
      }
      return;
    }
  }

  /** In which half of the feature's range it happens. */
  void halves(anser::solver &solver, std::size_t k) const {
    for (std::size_t half = 0; half < 2; half++) {
      const auto &[first, second] = halves_[2 * k + half];
      const anser::result found = solver.solve({asked_[k], first, second}, limits_);
      std::printf("  %s: %s\n", half == 0 ? "both below 1/2" : "both above 1/2",
                  found == anser::result::unsat ? "monotone: proved"
                  : found == anser::result::sat ? "not monotone"
                                                : "unknown");
    }
  }

  struct both {
    std::int32_t first, second;
  };

  const anser::network &score_;
  double margin_;
  std::size_t inputs_;
  anser::budget limits_;
  anser::formula formula_;
  std::vector<std::uint32_t> x1_, x2_;
  std::vector<std::int32_t> asked_, few_;
  std::int32_t same_ = 0;
  std::vector<both> halves_;
};

bool has_reals() {
  anser::solver solver{anser::formula()};
  try {
    solver.set_backend(anser::backend::z3);
    return true;
  } catch (const anser::error &e) {
    if (e.status() != ANSER_STATUS_BACKEND_UNAVAILABLE) {
      throw;
    }
    return false;
  }
}

} // namespace

int main(int argc, char **argv) try {
  anser::check_version();
  const double margin = argc > 2 ? std::atof(argv[2]) : 1.0 / 64;
  const double seconds = argc > 3 ? std::atof(argv[3]) : 60;
  if (argc > 4 || !(margin > 0) || !(seconds >= 0)) {
    std::fprintf(stderr, "usage: embed_encoder [NETWORK.onnx [MARGIN [SECONDS]]]\n");
    return 1;
  }
  const anser::network score = argc > 1 ? anser::network::read_onnx(argv[1]) : make_network();
  if (score.output_length() != 1) {
    std::fprintf(stderr, "the network has %zu outputs, 1 is needed\n", score.output_length());
    return 1;
  }
  if (!has_reals()) {
    std::printf("skipped: the library was built without Z3\n");
    return 0;
  }
  question(score, margin, seconds).ask();
  return 0;
} catch (const anser::error &e) {
  std::fprintf(stderr, "%s: %s\n", e.status_name(), e.what());
  return 1;
} catch (const std::exception &e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
