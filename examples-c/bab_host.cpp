// A verifier of one's own: branch and bound over anser_bounds, with two threads, in some 250 lines.
//
// The question: does a network that answers one number stay above a threshold everywhere in the unit square? Boxes wait in a
// queue. A thread takes a batch of them, has all bounded in one call, and drops those whose lower bound is above the
// threshold, or that are empty. At the point where a box's linear bound is least it looks for a counterexample. What is left it splits:
// at the sign of a neuron that the bound suffers from most while there are such neurons, else across the input that the
// linear bound is steepest along. Anser bounds; which box is next, what is split and when to give up is decided here.
//
//   bab_host [THRESHOLD [SECONDS]]
//
// Prints "holds", "violated at ..." or "unknown", and exits with 0, 1 or 2.
#include "anser.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <iterator>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t inputs = 2;
constexpr std::size_t together = 16; // boxes in a call: large batches are faster a box, but a thread decides only once a batch
constexpr std::size_t deepest = 12;  // neurons are split so often, then inputs

// ---- The network ----------------------------------------------------------------------------------------------------

/** Two hidden layers of 12 neurons, with weights from a simple generator. Yours comes from anser::network::read_onnx. */
anser::network make_network() {
  anser::network n;
  std::uint32_t state = 12345;
  const auto number = [&](double size) {
    state = state * 1664525U + 1013904223U;
    return size * (2.0 * (state >> 8) / 16777216.0 - 1.0);
  };
  std::uint32_t x = n.add_input("x", {1, inputs});
  std::size_t before = inputs;
  for (const std::size_t wide : {std::size_t{12}, std::size_t{12}, std::size_t{1}}) {
    std::vector<double> weights(wide * before);
    std::vector<double> bias(wide);
    for (double &w : weights) {
      w = number(1.5 / std::sqrt(static_cast<double>(before)) * 1.5);
    }
    for (double &b : bias) {
      b = number(0.7);
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

// ---- The search -----------------------------------------------------------------------------------------------------

/** A box, the signs that were decided, and what is known of its neurons from the box that it was cut from. */
struct part {
  std::vector<double> lower;
  std::vector<double> upper;
  std::vector<std::uint32_t> neurons;
  std::vector<std::int8_t> phases;
  std::vector<double> known_lower;
  std::vector<double> known_upper;
};

class search {
public:
  search(const anser::network &network, double threshold, double seconds)
      : network_(network), bounds_(network, {-1, -1}, {1, 1}), threshold_(threshold) {
    budget_.set_interrupt(stop_);
    const anser::input_box root = bounds_.neuron_bounds();
    open_.push_back({{-1, -1}, {1, 1}, {}, {}, root.lower, root.upper});
    for (const anser::neuron_set &set : bounds_.neurons()) {
      for (std::size_t i = set.first; set.splittable && i < set.first + set.count; i++) {
        splittable_.push_back(static_cast<std::uint32_t>(i));
      }
    }
    deadline_ = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  }

  /** Runs the threads, and ends them where the time is up. */
  void run() {
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; i++) {
      threads.emplace_back([this] { work(); });
    }
    {
      std::unique_lock<std::mutex> lock(mutex_);
      const auto over = [this] { return finished_; };
      if (!changed_.wait_until(lock, std::chrono::time_point_cast<std::chrono::steady_clock::duration>(deadline_), over)) {
        timed_out_ = true;
        finished_ = true;
      }
    }
    changed_.notify_all();
    stop_.trigger(); // ends calls that are under way, on whichever thread
    for (std::thread &thread : threads) {
      thread.join();
    }
  }

  int report() const {
    std::printf("%llu boxes bounded in %llu calls, %llu empty, %llu splits of neurons, %llu of inputs\n", bounded_, calls_, empty_,
                neuron_splits_, input_splits_);
    if (!error_.empty()) {
      std::printf("error: %s\n", error_.c_str());
      return 2;
    }
    if (!witness_.empty()) {
      std::printf("violated at (%.6f, %.6f)\n", witness_[0], witness_[1]);
      return 1;
    }
    if (timed_out_) {
      std::printf("unknown: time is up, %zu boxes are open\n", open_.size());
      return 2;
    }
    std::printf("holds\n");
    return 0;
  }

private:
  void work() {
    std::vector<part> batch;
    try {
      for (batch = take(); !batch.empty(); batch = take()) {
        step(batch);
      }
    } catch (const anser::error &e) {
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        // What the token stopped is no error: another thread is done, or the time is up. Its boxes are open as before.
        if (e.status() != ANSER_STATUS_STOPPED) {
          error_ = e.what();
        }
        std::move(batch.begin(), batch.end(), std::back_inserter(open_));
      }
      finish();
    }
  }

  /** The next boxes; none where the search is over. */
  std::vector<part> take() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return finished_ || !open_.empty() || busy_ == 0; });
    // Here as well: the thread that waits for it may wake up late.
    if (!finished_ && std::chrono::steady_clock::now() >= deadline_) {
      timed_out_ = finished_ = true;
      changed_.notify_all();
    }
    std::vector<part> batch;
    if (finished_) {
      return batch;
    }
    if (open_.empty()) { // and nobody is at work: all is proved
      lock.unlock();
      finish();
      return batch;
    }
    // The youngest first, and no more than a fair share, so that the other thread has something to do.
    const std::size_t share = std::min(together, (open_.size() + 1) / 2);
    while (batch.size() < share) {
      batch.push_back(std::move(open_.back()));
      open_.pop_back();
    }
    busy_++;
    return batch;
  }

  void finish() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      finished_ = true;
    }
    stop_.trigger();
    changed_.notify_all();
  }

  void step(const std::vector<part> &batch) {
    anser::bounds_query query;
    query.split_offsets.push_back(0);
    for (const part &p : batch) {
      const auto append = [](auto &to, const auto &from) { to.insert(to.end(), from.begin(), from.end()); };
      append(query.lower, p.lower);
      append(query.upper, p.upper);
      append(query.split_neurons, p.neurons);
      append(query.split_phases, p.phases);
      append(query.known_lower, p.known_lower);
      append(query.known_upper, p.known_upper);
      query.split_offsets.push_back(query.split_neurons.size());
    }
    query.outputs = {1.0}; // one row: the output itself
    query.method = anser::bounds_method::alpha;
    query.iterations = 10;
    anser::bounds_wanted wanted;
    wanted.lower_functions = wanted.points = wanted.neurons = true;
    const anser::bounds_results found = bounds_.compute(query, wanted, budget_);
    const std::vector<double> there = network_.evaluate(found.points, batch.size());

    std::vector<part> left;
    std::uint64_t empty = 0;
    std::uint64_t of_neurons = 0;
    std::uint64_t of_inputs = 0;
    for (std::size_t i = 0; i < batch.size(); i++) {
      if (found.empty[i] != 0) {
        empty++;
        continue;
      }
      if (found.lower[i] > threshold_) {
        continue; // proved: bounds hold in real arithmetic
      }
      // A computed value may be off by rounding: what decides is yours to say. Here it must be below by a margin.
      if (there[i] < threshold_ - 1e-9) {
        const std::lock_guard<std::mutex> lock(mutex_);
        witness_.assign(found.points.begin() + static_cast<std::ptrdiff_t>(i * inputs),
                        found.points.begin() + static_cast<std::ptrdiff_t>((i + 1) * inputs));
        finished_ = true;
      }
      const std::size_t total = bounds_.num_neurons();
      const double *const lower = found.neuron_lower.data() + i * total;
      const double *const upper = found.neuron_upper.data() + i * total;
      part child = batch[i];
      child.known_lower.assign(lower, lower + total);
      child.known_upper.assign(upper, upper + total);
      // The neuron whose triangle (what a ReLU's relaxation leaves open) is largest.
      std::uint32_t neuron = 0;
      double worst = 0;
      for (const std::uint32_t candidate : splittable_) {
        const double l = lower[candidate];
        const double u = upper[candidate];
        const double area = l < 0 && u > 0 ? -l * u : 0;
        if (area > worst) {
          worst = area;
          neuron = candidate;
        }
      }
      if (worst > 0 && child.neurons.size() < deepest) {
        of_neurons++;
        child.neurons.push_back(neuron);
        child.phases.push_back(1);
        left.push_back(child);
        child.phases.back() = -1;
        left.push_back(std::move(child));
        continue;
      }
      // The input that the linear bound varies most along.
      std::size_t along = 0;
      double most = -1;
      for (std::size_t j = 0; j < inputs; j++) {
        const double varies = (std::abs(found.below.coefficients[i * inputs + j]) + 0.01) * (child.upper[j] - child.lower[j]);
        if (varies > most) {
          most = varies;
          along = j;
        }
      }
      of_inputs++;
      const double middle = child.lower[along] + (child.upper[along] - child.lower[along]) / 2;
      part other = child;
      child.upper[along] = middle;
      other.lower[along] = middle;
      left.push_back(std::move(child));
      left.push_back(std::move(other));
    }

    bool over = false;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      bounded_ += batch.size();
      calls_++;
      empty_ += empty;
      neuron_splits_ += of_neurons;
      input_splits_ += of_inputs;
      std::move(left.begin(), left.end(), std::back_inserter(open_));
      busy_--;
      over = finished_;
    }
    changed_.notify_all();
    if (over) {
      finish();
    }
  }

  const anser::network &network_;
  const anser::bounds bounds_; // const members may be called by all threads at once
  const double threshold_;
  anser::interrupt stop_;
  anser::budget budget_;
  std::vector<std::uint32_t> splittable_;
  std::chrono::time_point<std::chrono::steady_clock, std::chrono::duration<double>> deadline_;

  std::mutex mutex_; // guards what follows
  std::condition_variable changed_;
  std::deque<part> open_;
  std::size_t busy_ = 0;
  bool finished_ = false;
  bool timed_out_ = false;
  std::vector<double> witness_;
  std::string error_;
  unsigned long long bounded_ = 0;
  unsigned long long calls_ = 0;
  unsigned long long empty_ = 0;
  unsigned long long neuron_splits_ = 0;
  unsigned long long input_splits_ = 0;
};

/** A number; false where it is none. */
bool number(const char *text, double &to) {
  char *end = nullptr;
  to = std::strtod(text, &end);
  return end != text && *end == '\0' && std::isfinite(to);
}

} // namespace

int main(int argc, char **argv) {
  double threshold = -2.0;
  double seconds = 60.0;
  if (argc > 3 || (argc > 1 && !number(argv[1], threshold)) || (argc > 2 && (!number(argv[2], seconds) || seconds < 0))) {
    std::fprintf(stderr, "usage: bab_host [THRESHOLD [SECONDS]]\n");
    return 2;
  }
  try {
    const anser::network network = make_network();
    search s(network, threshold, seconds);
    s.run();
    return s.report();
  } catch (const anser::error &e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 2;
  }
}
