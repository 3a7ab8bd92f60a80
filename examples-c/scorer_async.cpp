// A local search whose flips are chosen on a device, while the search goes through what came back before.
//
// There need be no device to run this: threads take its place. Where a CUDA host does something else, a line that begins with
// "CUDA:" says what; all else stays as it is. What it shows, of anser_scorer:
//   - two slots: of two halves of the walkers one is with the device, the other with the search ("ping-pong");
//   - submit, which takes notice and returns, and collect, which waits, but not for long;
//   - memory of the host's own for what goes there and back, at addresses that stay;
//   - assignments that are kept on the device: what was flipped is told, and a whole assignment only where a walker began anew;
//   - ANSER_SCORER_FLIPS: the device chooses, and a single number a walker comes back;
//   - drain, where a search ends while something is in flight, and release.
//
// The instance is random clauses of three literals with a model that is hidden in them. The same walkers are run with one slot
// and with two: as the device's answers do not depend on what else is in a batch, both have to be the same search.
//
// c++ -std=c++17 -pthread scorer_async.cpp $(pkg-config --cflags --libs anser) && ./a.out [WALKERS [SEED]]
//
// Prints how many flips it took and how long, with one slot and with two, and exits with 0, or with 1 after an error or where
// there is no model within a minute.
#include <anser.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace {

/** 64 bits that look random, of any 64 bits (splitmix64). */
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

// ---- The device -----------------------------------------------------------------------------------------------------

/**
 * Threads that take batches from a queue. Its public members are called by the search, on one thread; an exception from one of
 * them ends the search with an error.
 */
class device {
public:
  device(std::uint32_t num_slots, unsigned num_threads) : num_slots_(num_slots), num_threads_(num_threads) {}
  device(const device &) = delete;
  device &operator=(const device &) = delete;
  ~device() { release(); }

  void plan(anser_scorer_plan &plan) const {
    plan.num_slots = num_slots_;
    plan.output = ANSER_SCORER_FLIPS;
    plan.k = 1;
    plan.flags = ANSER_SCORER_DETERMINISTIC;
    plan.timeout_ns = 20'000'000'000; // a device that is lost answers never
  }

  /** Memory that the search fills and reads, one block a slot. */
  static void *alloc(std::size_t bytes, std::size_t align) noexcept {
    return std::aligned_alloc(align, (bytes + align - 1) / align * align); // CUDA: cudaHostAlloc, so that copies need not wait
  }
  static void dealloc(void *memory) noexcept { std::free(memory); } // CUDA: cudaFreeHost

  void prepare(const anser_graph &graph, const anser_scorer_plan &plan, const anser_batch *slots, std::uint32_t num_slots) {
    if (graph.kinds != nullptr) {
      throw std::invalid_argument("this device knows clauses only");
    }
    // CUDA: cudaMalloc, and cudaMemcpy to the device, as for the slots' values and scores below.
    num_vars_ = static_cast<std::size_t>(graph.num_vars);
    const anser_csr &clauses = graph.con_to_lit;
    const std::size_t ends = static_cast<std::size_t>(clauses.num_rows) + 1;
    if (clauses.offset_bits == 32) {
      const auto *const narrow = static_cast<const std::uint32_t *>(clauses.offsets);
      offsets_.assign(narrow, narrow + ends);
    } else {
      const auto *const wide = static_cast<const std::uint64_t *>(clauses.offsets);
      offsets_.assign(wide, wide + ends);
    }
    literals_.assign(clauses.columns, clauses.columns + clauses.nnz);
    slots_.resize(num_slots);
    for (std::uint32_t s = 0; s < num_slots; s++) {
      slots_[s].batch = &slots[s];
      slots_[s].values.resize(plan.walkers_per_slot * num_vars_);
      slots_[s].scores.resize(num_vars_);
    }
    // CUDA: a stream and an event a slot. What `submit` enqueues may be captured in a graph now: no address changes.
    for (unsigned t = 0; t < num_threads_; t++) {
      threads_.emplace_back([this] { work(); });
    }
  }

  void submit(const anser_batch &batch) {
    // CUDA: on the slot's stream, cudaMemcpyAsync of what there is to tell, kernels that update and choose, cudaMemcpyAsync
    // of out_index, cudaEventRecord; or cudaGraphLaunch, for which size, num_flips and num_reload go to memory of its own.
    {
      const std::lock_guard<std::mutex> locked(lock_);
      slots_[batch.slot].is_done = false;
      queue_.push_back(&slots_[batch.slot]);
    }
    more_.notify_one();
  }

  bool collect(const anser_batch &batch, std::chrono::nanoseconds timeout) {
    // CUDA: cudaEventQuery, until it says cudaSuccess or time is up.
    std::unique_lock<std::mutex> locked(lock_);
    return done_.wait_for(locked, timeout, [&] { return slots_[batch.slot].is_done; });
  }

  void drain() {
    // CUDA: cudaStreamSynchronize; where that fails, so does this, and the library does not free what the device may write to.
    std::unique_lock<std::mutex> locked(lock_);
    queue_.clear();
    done_.wait(locked, [this] { return num_busy_ == 0; });
  }

  void release() {
    {
      const std::lock_guard<std::mutex> locked(lock_);
      is_over_ = true;
    }
    more_.notify_all();
    for (std::thread &thread : threads_) {
      thread.join();
    }
    threads_.clear(); // CUDA: cudaStreamDestroy, cudaEventDestroy, cudaFree
  }

private:
  /** What the device has of a slot. */
  struct slot {
    const anser_batch *batch = nullptr;
    std::vector<std::uint8_t> values; // of all its walkers, one after the other
    std::vector<std::int32_t> scores; // room for one row
    bool is_done = false;
  };

  /** What a thread does. A slot is with one of them at most, for it comes back before it is submitted again. */
  void work() {
    std::unique_lock<std::mutex> locked(lock_);
    while (true) {
      more_.wait(locked, [this] { return is_over_ || !queue_.empty(); });
      if (is_over_) {
        return;
      }
      slot &next = *queue_.front();
      queue_.pop_front();
      num_busy_++;
      locked.unlock();
      update(next);
      for (std::uint32_t row = 0; row < next.batch->size; row++) {
        choose(next, row); // CUDA: rows are blocks of a kernel, clauses and variables threads of a block
      }
      locked.lock();
      num_busy_--;
      next.is_done = true;
      done_.notify_all();
    }
  }

  /** Brings assignments up to date, also of walkers that are not asked about. */
  void update(slot &in) const noexcept {
    const anser_batch &batch = *in.batch;
    for (std::uint64_t i = 0; i < batch.num_flips; i++) {
      in.values[batch.flips[i].walker * num_vars_ + batch.flips[i].var] ^= 1;
    }
    for (std::uint64_t i = 0; i < batch.num_reload; i++) {
      const std::uint32_t *const bits = batch.bits + batch.reload[i] * batch.bits_stride;
      std::uint8_t *const values = in.values.data() + batch.reload[i] * num_vars_;
      for (std::size_t v = 0; v < num_vars_; v++) {
        values[v] = bits[v / 32] >> v % 32 & 1;
      }
    }
  }

  /** The variable for one walker: how many clauses a flip makes true, less those that it makes false, is to be greatest. */
  void choose(slot &in, std::uint32_t row) const noexcept {
    const anser_batch &batch = *in.batch;
    const std::uint8_t *const values = in.values.data() + batch.walkers[row] * num_vars_;
    std::fill(in.scores.begin(), in.scores.end(), 0);
    for (std::size_t c = 0; c + 1 < offsets_.size(); c++) {
      std::uint32_t num_true = 0, last = 0;
      for (std::uint64_t e = offsets_[c]; e < offsets_[c + 1]; e++) {
        const std::uint32_t literal = literals_[e];
        if (values[literal / 2] != (literal & 1)) {
          num_true++;
          last = literal / 2;
        }
      }
      if (num_true == 1) {
        in.scores[last]--; // CUDA: atomicAdd; of integers the sum does not depend on the order
      }
      for (std::uint64_t e = offsets_[c]; num_true == 0 && e < offsets_[c + 1]; e++) {
        in.scores[literals_[e] / 2]++;
      }
    }
    // Of equal ones the one that the walker's key favours: a maximum of pairs is the same in whichever order they are looked at.
    std::pair<std::int32_t, std::uint64_t> most{INT32_MIN, 0};
    std::uint32_t best = 0;
    for (std::uint32_t v = 0; v < num_vars_; v++) {
      const std::pair<std::int32_t, std::uint64_t> here{in.scores[v], mix(batch.rng[row] ^ v)};
      if (here > most) {
        most = here;
        best = v;
      }
    }
    batch.out_index[row * (batch.out_index_stride / sizeof(std::uint32_t))] = best;
  }

  const std::uint32_t num_slots_;
  const unsigned num_threads_;
  // From prepare on, and never changed.
  std::size_t num_vars_ = 0;
  std::vector<std::uint64_t> offsets_;
  std::vector<std::uint32_t> literals_;
  std::vector<slot> slots_;
  std::vector<std::thread> threads_;
  // Shared with the threads.
  std::mutex lock_;
  std::condition_variable more_, done_;
  std::deque<slot *> queue_;
  unsigned num_busy_ = 0;
  bool is_over_ = false;
};

/** The functions of C. They share a device, which the search destroys. */
anser_scorer functions(std::unique_ptr<device> of) {
  anser_scorer made = ANSER_SCORER_INIT;
  made.user_data = of.release();
  made.destroy = [](void *self) { delete static_cast<device *>(self); };
  made.plan = [](void *self, anser_scorer_plan *plan) -> std::int32_t {
    static_cast<device *>(self)->plan(*plan);
    return 0;
  };
  made.alloc = [](void *, std::size_t bytes, std::size_t align, void **out) -> std::int32_t {
    *out = device::alloc(bytes, align);
    return *out == nullptr;
  };
  made.dealloc = [](void *, void *memory, std::size_t) { device::dealloc(memory); };
  made.prepare = [](void *self, const anser_graph *graph, const anser_scorer_plan *plan, const anser_batch *slots,
                    std::uint32_t num_slots) -> std::int32_t {
    static_cast<device *>(self)->prepare(*graph, *plan, slots, num_slots);
    return 0;
  };
  made.submit = [](void *self, const anser_batch *batch) -> std::int32_t {
    static_cast<device *>(self)->submit(*batch);
    return 0;
  };
  made.collect = [](void *self, const anser_batch *batch, std::uint64_t timeout_ns) -> std::int32_t {
    const bool is_done = static_cast<device *>(self)->collect(*batch, std::chrono::nanoseconds(timeout_ns));
    return is_done ? ANSER_SCORER_DONE : ANSER_SCORER_NOT_YET;
  };
  made.drain = [](void *self) -> std::int32_t {
    static_cast<device *>(self)->drain();
    return 0;
  };
  made.release = [](void *self) { static_cast<device *>(self)->release(); };
  return made; // CUDA: and error_text, with cudaGetErrorString
}

// ---- The search -----------------------------------------------------------------------------------------------------

/** Random clauses of three variables, each with one literal at least that is true in a hidden model. */
anser::formula make_formula(std::uint32_t num_vars, std::uint32_t num_clauses, std::uint64_t seed) {
  std::uint64_t state = mix(seed);
  const auto below = [&state](std::uint32_t end) { return static_cast<std::uint32_t>(mix(state++) % end); };
  std::vector<bool> hidden(num_vars);
  for (std::uint32_t v = 0; v < num_vars; v++) {
    hidden[v] = below(2) == 1;
  }
  anser::formula made;
  for (std::uint32_t c = 0; c < num_clauses;) {
    const std::uint32_t vars[] = {below(num_vars), below(num_vars), below(num_vars)};
    std::vector<std::int32_t> clause;
    bool is_true = false;
    for (const std::uint32_t v : vars) {
      const bool is_positive = below(2) == 1;
      is_true |= is_positive == hidden[v];
      clause.push_back(static_cast<std::int32_t>(v + 1) * (is_positive ? 1 : -1));
    }
    if (is_true && vars[0] != vars[1] && vars[0] != vars[2] && vars[1] != vars[2]) {
      made.add_clause(clause);
      c++;
    }
  }
  return made;
}

/** What a search came to. */
struct outcome {
  std::vector<std::int8_t> model; // empty where there was no time
  std::uint64_t flips = 0;
  double seconds = 0;
};

outcome search(const anser::formula &formula, std::size_t walkers, std::uint64_t seed, std::uint32_t num_slots) {
  using clock = std::chrono::steady_clock;
  anser_search_options options = ANSER_SEARCH_OPTIONS_INIT;
  options.walkers = walkers;
  options.seed = seed;
  const anser_scorer scorer = functions(std::make_unique<device>(num_slots, 2));
  const anser_scorer *const scorers[] = {&scorer};
  anser_search *raw = nullptr;
  // The scorer is the library's from here on, also where this fails.
  const anser_status status = anser_search_new_with_scorers(formula.get(), &options, scorers, 1, nullptr, &raw);
  if (status != ANSER_STATUS_OK) {
    throw anser::error::last(status);
  }
  anser::search running(raw);
  anser::budget limits;
  limits.set_time_limit(std::chrono::minutes(1));
  outcome found;
  const auto begin = clock::now();
  const bool has_model = running.run(limits) == anser::search_end::model;
  found.seconds = std::chrono::duration<double>(clock::now() - begin).count();
  found.flips = running.statistics().flips;
  if (has_model) {
    found.model = running.model();
  }
  return found;
}

bool number(const char *text, std::uint64_t most, std::uint64_t &out) {
  char *end = nullptr;
  errno = 0;
  out = std::strtoull(text, &end, 10);
  return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && out <= most;
}

} // namespace

int main(int argc, char **argv) try {
  anser::check_version();
  std::uint64_t walkers = 256, seed = 1;
  if (argc > 3 || (argc > 1 && (!number(argv[1], 1 << 20, walkers) || walkers == 0)) ||
      (argc > 2 && !number(argv[2], UINT64_MAX, seed))) {
    std::fprintf(stderr, "usage: scorer_async [WALKERS [SEED]]\n");
    return 1;
  }
  const anser::formula formula = make_formula(200, 800, seed);
  outcome found[2];
  for (std::uint32_t slots = 1; slots <= 2; slots++) {
    outcome &here = found[slots - 1];
    here = search(formula, static_cast<std::size_t>(walkers), seed, slots);
    std::printf("%u slot%s %llu flips in %.3f s\n", slots, slots == 1 ? ": " : "s:",
                static_cast<unsigned long long>(here.flips), here.seconds);
    if (here.model.empty()) {
      std::fprintf(stderr, "no model within a minute\n");
      return 1;
    }
    if (!formula.is_satisfied_by(here.model)) {
      std::fprintf(stderr, "wrong: the model is none\n");
      return 1;
    }
  }
  if (found[0].model != found[1].model || found[0].flips != found[1].flips) {
    std::fprintf(stderr, "wrong: the number of slots made a difference\n");
    return 1;
  }
  std::printf("1 slot and 2 slots: the same search\n");
  return 0;
} catch (const anser::error &e) {
  std::fprintf(stderr, "%s: %s\n", e.status_name(), e.what());
  return 1;
} catch (const std::exception &e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
