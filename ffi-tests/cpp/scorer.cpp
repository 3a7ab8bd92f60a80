// Scorers in C++: anser::scorer and what anser::search has for it. Every form of answer is the same search; what a
// scorer throws comes out of the call as it was thrown; every scorer is let go of once, whatever happens.
//
// Prints `ok NAME` for every test that passes and `FAILED NAME: why` for one that does not; exits 1 then.
#include <anser.hpp>

#include <algorithm>
#include <atomic>
#include <climits>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace {

struct failure {
  std::string why;
};

void expect(bool holds, const char *what, int line) {
  if (!holds) {
    throw failure{std::string(what) + " (line " + std::to_string(line) + "; last error: " + anser_last_error() + ")"};
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
#define ERROR_OF(...) error_of([&] { static_cast<void>(__VA_ARGS__); }, __LINE__)

bool mentions(const anser::error &e, const char *text) { return std::string(e.what()).find(text) != std::string::npos; }

/** Where a scorer throws. */
enum class at {
  nowhere, asynchronous, allocates, plan, allocate, prepare, submit, collect, drain, release, deallocate
};

/** What is thrown: no std::exception. It says where. */
struct odd {
  at place;
  std::string text = "an exception that is no std::exception, with text too long to be stored in place";
};

/** The place that `body` threw an odd one at; at::nowhere where it threw none. */
template <class Body> at place_of(Body &&body) {
  try {
    body();
  } catch (const odd &e) {
    return e.text == odd{at::nowhere}.text ? e.place : at::nowhere;
  }
  return at::nowhere;
}
#define PLACE_OF(...) place_of([&] { static_cast<void>(__VA_ARGS__); })

/** What a test sees of a scorer, which may be gone already. */
struct record {
  std::vector<at> throws; // all places that do
  int after = 0;          // calls of these that go well before
  int live = 0, destroyed = 0, allocated = 0;
  int plans = 0, prepared = 0, submits = 0, collects = 0, drains = 0, releases = 0;
  std::function<void(const anser_batch &)> spoil; // called after an answer

  void reach(at place) {
    if (std::find(throws.begin(), throws.end(), place) != throws.end() && after-- <= 0) {
      throw odd{place};
    }
  }
};

/** Form of the answers. */
struct form {
  anser::scorer_output output = anser::scorer_output::scores;
  anser::bit_order order = anser::bit_order::walker_major;
  std::uint32_t flags = 0, k = 0, slots = 0, per_slot = 0;
  bool own_memory = false;
  std::uint64_t timeout_ns = 0;
};

/** Scores are how many clauses more hold after a flip. It keeps a copy of all assignments, but with FULL_BITS. */
class host : public anser::scorer {
public:
  host(record &seen, form as) : seen_(&seen), as_(as) { seen_->live++; }
  ~host() override {
    seen_->live--;
    seen_->destroyed++;
  }

  bool is_asynchronous() const override {
    seen_->reach(at::asynchronous);
    return false;
  }
  bool allocates() const override {
    seen_->reach(at::allocates);
    return as_.own_memory;
  }
  void plan(anser_scorer_plan &proposed) override {
    seen_->plans++;
    EXPECT(proposed.struct_size == sizeof proposed && proposed.output == ANSER_SCORER_SCORES);
    seen_->reach(at::plan);
    proposed.output = static_cast<std::int32_t>(as_.output);
    proposed.bit_order = static_cast<std::int32_t>(as_.order);
    proposed.flags = as_.flags;
    proposed.k = as_.k != 0 ? as_.k : proposed.k;
    proposed.num_slots = as_.slots != 0 ? as_.slots : proposed.num_slots;
    proposed.walkers_per_slot = as_.per_slot != 0 ? as_.per_slot : proposed.walkers_per_slot;
    proposed.timeout_ns = as_.timeout_ns;
  }
  void *allocate(std::size_t bytes, std::size_t align) override {
    seen_->reach(at::allocate);
    seen_->allocated++;
    void *const memory = std::aligned_alloc(align, (bytes + align - 1) / align * align);
    EXPECT(memory != nullptr);
    std::memset(memory, 0xAB, bytes);
    return memory;
  }
  void deallocate(void *memory, std::size_t bytes) override {
    seen_->allocated--;
    std::memset(memory, 0xCD, bytes);
    std::free(memory);
    seen_->reach(at::deallocate);
  }
  void prepare(const anser_graph &graph, const anser_scorer_plan &settled, const anser_batch *slots,
               std::uint32_t num_slots) override {
    seen_->prepared++;
    graph_ = &graph;
    slots_ = slots;
    EXPECT(num_slots == settled.num_slots && graph.kinds == nullptr && graph.con_to_lit.offset_bits == 32);
    k_ = settled.k;
    values_.assign(num_slots, std::vector<assignment>(settled.walkers_per_slot, assignment(graph.num_vars)));
    seen_->reach(at::prepare);
  }
  void submit(const anser_batch &batch) override {
    seen_->submits++;
    EXPECT(&batch == &slots_[batch.slot] && batch.size > 0 && batch.num_flips <= batch.max_flips);
    EXPECT(batch.counts[0] == batch.size && batch.counts[1] == batch.num_reload);
    EXPECT(batch.counts[2] == batch.num_retired && batch.counts[3] == batch.num_flips);
    seen_->reach(at::submit);
    answer(batch);
  }
  void drain() override {
    seen_->drains++;
    if (!seen_->throws.empty() && seen_->throws.back() == at::drain) { // what is lost would seem to be leaked
      keep(graph_, slots_);
    }
    seen_->reach(at::drain);
  }
  void release() override {
    seen_->releases++;
    seen_->reach(at::release);
  }

protected:
  void answer(const anser_batch &batch) {
    take_over(batch);
    for (std::uint32_t row = batch.size; row-- > 0;) {
      answer_row(batch, row);
    }
    if (seen_->spoil) {
      seen_->spoil(batch);
    }
  }
  record &seen() { return *seen_; }
  const form &as() const { return as_; }

private:
  using assignment = std::vector<bool>;

  static void keep(const anser_graph *graph, const anser_batch *slots) {
    static std::vector<const void *> *const kept = new std::vector<const void *>;
    kept->push_back(graph);
    kept->push_back(slots);
  }

  const std::uint32_t *clause(std::uint64_t c) const {
    return graph_->con_to_lit.columns + static_cast<const std::uint32_t *>(graph_->con_to_lit.offsets)[c];
  }
  bool holds(const assignment &values, std::uint64_t c) const {
    return std::any_of(clause(c), clause(c + 1),
                       [&](std::uint32_t literal) { return values[literal / 2] != ((literal & 1) != 0); });
  }
  std::uint64_t violated(const assignment &values) const {
    std::uint64_t all = 0;
    for (std::uint64_t c = 0; c < graph_->num_constraints; c++) {
      all += holds(values, c) ? 0 : 1;
    }
    return all;
  }
  int held(const assignment &values, std::uint32_t v) const {
    const std::uint32_t *const offsets = static_cast<const std::uint32_t *>(graph_->lit_to_con.offsets);
    int all = 0;
    for (std::uint32_t e = offsets[2 * v]; e < offsets[2 * v + 2]; e++) {
      all += holds(values, graph_->lit_to_con.columns[e]) ? 1 : 0;
    }
    return all;
  }
  int gain(assignment &values, std::uint32_t v) const {
    const int before = held(values, v);
    values[v].flip();
    const int after = held(values, v);
    values[v].flip();
    return after - before;
  }
  std::vector<float> gains(assignment &values) const {
    std::vector<float> all;
    for (std::uint32_t v = 0; v < graph_->num_vars; v++) {
      all.push_back(static_cast<float>(gain(values, v)));
    }
    return all;
  }

  void take_over(const anser_batch &b) {
    const bool by_walker = as_.order == anser::bit_order::walker_major;
    const auto bit = [&](std::uint32_t walker, std::uint32_t v) {
      const std::uint64_t row = by_walker ? walker : v;
      const std::uint32_t column = by_walker ? v : walker;
      return (b.bits[row * b.bits_stride + column / 32] >> (column % 32) & 1) != 0;
    };
    std::vector<assignment> &values = values_[b.slot];
    const auto take = [&](std::uint32_t walker) {
      for (std::uint32_t v = 0; v < graph_->num_vars; v++) {
        values[walker][v] = bit(walker, v);
      }
    };
    if ((as_.flags & anser::scorer_flag::full_bits) != 0) {
      std::for_each(b.walkers, b.walkers + b.size, take);
    } else {
      std::for_each(b.flips, b.flips + b.num_flips, [&](const anser_flip &f) { values[f.walker][f.var].flip(); });
      std::for_each(b.reload, b.reload + b.num_reload, take);
    }
    for (std::uint32_t row = 0; row < b.size; row++) {
      EXPECT(b.num_unsat[row] == violated(values[b.walkers[row]]) && b.num_unsat[row] > 0);
    }
  }

  void answer_row(const anser_batch &b, std::uint32_t row) {
    assignment &values = values_[b.slot][b.walkers[row]];
    float *const out = reinterpret_cast<float *>(static_cast<char *>(b.out) + row * b.out_stride);
    std::uint32_t *const index = reinterpret_cast<std::uint32_t *>(reinterpret_cast<char *>(b.out_index) +
                                                                   row * b.out_index_stride);
    const std::vector<float> all = gains(values);
    const auto best = static_cast<std::uint32_t>(std::max_element(all.begin(), all.end()) - all.begin());
    switch (as_.output) {
    case anser::scorer_output::scores: std::copy(all.begin(), all.end(), out); return;
    case anser::scorer_output::topk:
      index[0] = best;
      out[0] = all[best];
      if (k_ > 1) {
        index[1] = UINT32_MAX;
      }
      return;
    case anser::scorer_output::flips: break;
    }
    std::uint32_t made = 0;
    assignment now = values;
    while (made < b.limits[row] && (made == 0 || violated(now) > 0)) {
      const std::vector<float> then = gains(now);
      index[made] = static_cast<std::uint32_t>(std::max_element(then.begin(), then.end()) - then.begin());
      now[index[made++]].flip();
    }
    if (made < k_) {
      index[made] = UINT32_MAX;
    }
    if ((as_.flags & anser::scorer_flag::keeps_flips) != 0) {
      values = now;
    }
  }

  record *seen_;
  form as_;
  const anser_graph *graph_ = nullptr;
  const anser_batch *slots_ = nullptr;
  std::uint32_t k_ = 0;
  std::vector<std::vector<assignment>> values_;
};

/** The same on a thread of its own, as a device would. */
class device : public host {
public:
  device(record &seen, form as) : host(seen, as), worker_([this] { work(); }) {}
  ~device() override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ends_ = true;
      changed_.notify_all();
    }
    worker_.join();
  }

  bool is_asynchronous() const override { return true; }
  void submit(const anser_batch &batch) override {
    seen().submits++;
    seen().reach(at::submit);
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting_.push_back(&batch);
    changed_.notify_all();
  }
  bool collect(const anser_batch &batch, std::chrono::nanoseconds timeout) override {
    seen().collects++;
    EXPECT(timeout > std::chrono::nanoseconds(0) && timeout <= std::chrono::seconds(1));
    seen().reach(at::collect);
    std::unique_lock<std::mutex> lock(mutex_);
    const auto is_there = [&] { return std::find(done_.begin(), done_.end(), &batch) != done_.end(); };
    if (!changed_.wait_for(lock, timeout, is_there)) {
      return false;
    }
    done_.erase(std::find(done_.begin(), done_.end(), &batch));
    if (wrong_) {
      std::rethrow_exception(wrong_);
    }
    return true;
  }
  void drain() override {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      waiting_.clear();
      changed_.wait(lock, [&] { return !busy_; });
      done_.clear();
    }
    host::drain();
  }

private:
  void work() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return ends_ || !waiting_.empty(); });
      if (ends_) {
        return;
      }
      const anser_batch *const batch = waiting_.back(); // in no order
      waiting_.pop_back();
      busy_ = true;
      lock.unlock();
      std::exception_ptr wrong;
      try {
        answer(*batch);
      } catch (...) {
        wrong = std::current_exception();
      }
      lock.lock();
      busy_ = false;
      wrong_ = wrong ? wrong : wrong_;
      done_.push_back(batch);
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<const anser_batch *> waiting_, done_;
  std::exception_ptr wrong_;
  bool ends_ = false, busy_ = false;
  std::thread worker_; // begins last
};

/** Random clauses of three literals: with 120 of 20 variables there is no model. */
anser::formula random_formula(std::uint32_t vars, int clauses, std::uint64_t seed = 8) {
  anser::formula formula;
  formula.ensure_vars(vars);
  std::uint64_t state = seed;
  const auto next = [&](std::uint32_t bound) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::uint32_t>(state >> 33) % bound;
  };
  for (int i = 0; i < clauses; i++) {
    std::vector<std::int32_t> clause;
    while (clause.size() < 3) {
      const auto variable = static_cast<std::int32_t>(next(vars)) + 1;
      if (std::none_of(clause.begin(), clause.end(), [&](std::int32_t l) { return std::abs(l) == variable; })) {
        clause.push_back(next(2) != 0 ? variable : -variable);
      }
    }
    formula.add_clause(clause);
  }
  return formula;
}

anser::search_options some_walkers() {
  anser::search_options options;
  options.walkers = 7;
  options.flips = 30;
  options.tries = 2;
  options.seed = 3;
  return options;
}

/** What a search came to. */
struct outcome {
  std::vector<std::uint64_t> counts;
  std::vector<std::int8_t> best;
  bool operator==(const outcome &other) const { return counts == other.counts && best == other.best; }
};
outcome outcome_of(anser::search &s) {
  const anser::search_statistics all = s.statistics();
  const anser::best_assignment best = s.best();
  return {{all.tries, all.flips, all.walk, all.undo, all.upwards, all.sideways, all.downwards, best.violated},
          best.values};
}

/** A whole search, with so many scorers of a form. */
template <class Host>
outcome searched(form as, std::size_t scorers, double temperature, const anser::formula &formula) {
  std::vector<record> seen(scorers);
  std::vector<std::unique_ptr<anser::scorer>> hosts;
  for (record &r : seen) {
    hosts.push_back(std::make_unique<Host>(r, as));
  }
  anser::search_options options = some_walkers();
  options.temperature = temperature;
  std::optional<anser::search> s(std::in_place, formula, options, std::move(hosts));
  EXPECT(s->run() == anser::search_end::over && s->num_walkers() == 7);
  const outcome came = outcome_of(*s);
  s.reset();
  for (const record &r : seen) {
    EXPECT(r.plans == 1 && r.prepared == 1 && r.submits > 0 && r.drains >= 1 && r.releases == 1);
    EXPECT(r.live == 0 && r.destroyed == 1 && r.allocated == 0);
  }
  return came;
}

// ---------------------------------------------------------------------------------------------------------- tests

static_assert(!std::is_copy_constructible_v<host> && std::is_abstract_v<anser::scorer> &&
              std::has_virtual_destructor_v<anser::scorer>);
static_assert(anser::scorer_flag::deterministic == 1 && anser::scorer_flag::full_bits == 2 &&
              anser::scorer_flag::keeps_flips == 4);

void a_synchronous_scorer() {
  const anser::formula formula = random_formula(60, 200);
  record seen;
  anser::search_options options;
  options.walkers = 4;
  form as;
  as.per_slot = 3;
  anser::search s(formula, options, std::make_unique<host>(seen, as));
  EXPECT(seen.live == 1 && seen.prepared == 1 && s.num_walkers() == 3);
  const anser_scorer_plan plan = s.scorer_plan(0);
  EXPECT(plan.struct_size == sizeof plan && plan.num_vars == 60 && plan.num_constraints == 200 && plan.nnz == 600);
  EXPECT(plan.num_walkers == 3 && plan.walkers_per_slot == 3 && plan.num_slots == 1 && plan.walk == 0.5);
  EXPECT(ERROR_OF(s.scorer_plan(1)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(ERROR_OF(s.callback_code()).status() == ANSER_STATUS_INVALID_STATE);
  EXPECT(s.run() == anser::search_end::model && formula.is_satisfied_by(s.model()));
  anser::search moved = std::move(s);
  EXPECT(ERROR_OF(s.num_walkers()).status() == ANSER_STATUS_INVALID_STATE);
  EXPECT(ERROR_OF(s.scorer_plan(0)).status() == ANSER_STATUS_INVALID_STATE);
  EXPECT(ERROR_OF(s.callback_code()).status() == ANSER_STATUS_INVALID_STATE);
  EXPECT(moved.step(3) == anser::search_end::model && seen.live == 1);
  moved = anser::search(formula);
  EXPECT(seen.destroyed == 1 && seen.releases == 1 && moved.num_walkers() == 1);
  EXPECT(ERROR_OF(moved.scorer_plan(0)).status() == ANSER_STATUS_INVALID_ARGUMENT);
}

void all_forms_are_one_search() {
  const anser::formula formula = random_formula(20, 120);
  const outcome wanted = searched<host>({}, 1, 0, formula);
  form as;
  as.own_memory = true;
  as.order = anser::bit_order::var_major;
  as.flags = anser::scorer_flag::full_bits | anser::scorer_flag::deterministic;
  EXPECT(searched<host>(as, 1, 0, formula) == wanted);
  EXPECT(searched<device>(as, 1, 0, formula) == wanted);
  as = {};
  as.output = anser::scorer_output::topk;
  as.k = 4;
  EXPECT(searched<host>(as, 1, 0, formula) == wanted);
  as.output = anser::scorer_output::flips;
  as.k = 1;
  EXPECT(searched<host>(as, 1, 0, formula) == wanted);
  as.flags = anser::scorer_flag::keeps_flips;
  EXPECT(searched<host>(as, 2, 0, formula) == wanted);
  as = {};
  for (as.slots = 1; as.slots <= 3; as.slots++) {
    EXPECT(searched<device>(as, as.slots, 0, formula) == wanted);
  }
  // Steps of the host's own are another search, which depends on the form as little.
  as = {};
  as.output = anser::scorer_output::flips;
  as.k = 5;
  const outcome five = searched<host>(as, 1, 0, formula);
  EXPECT(!(five == wanted));
  as.flags = anser::scorer_flag::keeps_flips;
  EXPECT(searched<device>(as, 3, 0, formula) == five);
}

void temperature() {
  const anser::formula formula = random_formula(20, 120);
  const outcome cold = searched<host>({}, 1, 0, formula), warm = searched<host>({}, 1, 1.5, formula);
  EXPECT(!(cold == warm) && searched<device>({}, 2, 1.5, formula) == warm);
  // At random the search goes upwards more often than by the best score.
  const outcome hot = searched<host>({}, 1, 1e9, formula);
  EXPECT(hot.counts[4] > warm.counts[4] && warm.counts[4] > cold.counts[4]);
  anser::search_options options;
  for (const double bad : {-1.0, std::nan(""), static_cast<double>(INFINITY)}) {
    record seen;
    options.temperature = bad;
    EXPECT(ERROR_OF(anser::search(formula, options, std::make_unique<host>(seen, form()))).status() ==
           ANSER_STATUS_INVALID_ARGUMENT);
    EXPECT(seen.destroyed == 1 && seen.plans == 0);
  }
  options.temperature = 1; // of no use without a scorer
  EXPECT(ERROR_OF(anser::search(formula, options)).status() == ANSER_STATUS_INVALID_ARGUMENT);
}

/** An exception from making a search comes out of the constructor, and all is undone. */
void exceptions_while_made() {
  const anser::formula formula = random_formula(20, 120);
  for (const at place : {at::asynchronous, at::allocates, at::plan, at::allocate, at::prepare}) {
    for (const std::size_t thrower : {std::size_t{0}, std::size_t{1}}) {
      record seen[3];
      seen[thrower].throws = {place};
      form as;
      as.own_memory = true;
      std::vector<std::unique_ptr<anser::scorer>> hosts;
      for (record &r : seen) {
        hosts.push_back(std::make_unique<host>(r, as));
      }
      EXPECT(PLACE_OF(anser::search(formula, some_walkers(), std::move(hosts))) == place);
      for (const record &r : seen) {
        EXPECT(r.live == 0 && r.destroyed == 1 && r.allocated == 0);
        EXPECT(r.releases == r.prepared && r.drains == r.prepared);
      }
      EXPECT(seen[thrower].prepared == (place == at::prepare ? 1 : 0) && seen[2].plans == 0);
      EXPECT(seen[0].prepared == (thrower == 1 && place >= at::plan ? 1 : 0) || place == at::prepare);
    }
  }
}

/** A search whose scorer threw can be looked at and destroyed. */
void unusable(anser::search &s) {
  EXPECT(s.callback_code() == INT32_MIN);
  EXPECT(ERROR_OF(s.run()).status() == ANSER_STATUS_INVALID_STATE);
  EXPECT(ERROR_OF(s.step(3)).status() == ANSER_STATUS_INVALID_STATE);
  EXPECT(s.statistics().tries >= 1 && s.best().values.size() == 20);
}

/** An exception from a search that runs comes out of run() or step(). */
template <class Host> void exceptions_while_run(at place) {
  const anser::formula formula = random_formula(20, 120);
  for (const int after : {0, 1, 5}) {
    record seen;
    seen.throws = {place};
    seen.after = after;
    form as;
    as.own_memory = after == 1;
    {
      anser::search s(formula, some_walkers(), std::make_unique<Host>(seen, as));
      EXPECT((after == 1 ? PLACE_OF(s.step(40)) : PLACE_OF(s.run())) == place);
      EXPECT((place == at::submit ? seen.submits : seen.collects) == after + 1 && seen.drains == 1);
      unusable(s);
      EXPECT(seen.live == 1 && seen.releases == 0);
    }
    EXPECT(seen.live == 0 && seen.destroyed == 1 && seen.releases == 1 && seen.drains == 2 && seen.allocated == 0);
  }
}

/** A device that never answers. */
class silent : public device {
public:
  using device::device;
  bool collect(const anser_batch &, std::chrono::nanoseconds) override {
    seen().reach(at::collect);
    return false;
  }
};

void exceptions_of_drain() {
  const anser::formula formula = random_formula(20, 120);
  anser::budget limits;
  limits.set_time_limit(0.02);
  record seen;
  seen.throws = {at::drain};
  {
    anser::search s(formula, some_walkers(), std::make_unique<silent>(seen, form()));
    EXPECT(PLACE_OF(s.run(limits)) == at::drain && seen.drains == 1);
    unusable(s);
  } // it throws again, which goes nowhere
  EXPECT(seen.drains == 2 && seen.releases == 1 && seen.destroyed == 1);
  // Another exception was first.
  record both;
  both.throws = {at::collect, at::drain};
  {
    anser::search s(formula, some_walkers(), std::make_unique<silent>(both, form()));
    EXPECT(PLACE_OF(s.run()) == at::collect && both.drains == 1);
    unusable(s);
  }
  EXPECT(both.drains == 2 && both.destroyed == 1);
  // A timeout was first, but that is no exception.
  form as;
  as.timeout_ns = 1000000;
  for (const bool is_lost : {false, true}) {
    record late;
    if (is_lost) {
      late.throws = {at::drain};
    }
    anser::search s(formula, some_walkers(), std::make_unique<silent>(late, as));
    if (is_lost) {
      EXPECT(PLACE_OF(s.run()) == at::drain);
    } else {
      const anser::error e = ERROR_OF(s.run());
      EXPECT(e.status() == ANSER_STATUS_CALLBACK_FAILED && mentions(e, "no answer for slot 0 within 0.001 s"));
    }
    EXPECT(s.callback_code() == 0 && late.drains == 1);
  }
}

/** What is thrown when nobody can be told goes nowhere. */
void exceptions_that_go_nowhere() {
  const anser::formula formula = random_formula(20, 120);
  form as, nine;
  as.own_memory = true;
  nine.slots = 9; // cannot be
  for (const at place : {at::release, at::deallocate}) {
    record seen;
    seen.throws = {place};
    EXPECT(anser::search(formula, some_walkers(), std::make_unique<device>(seen, as)).run() == anser::search_end::over);
    EXPECT(seen.destroyed == 1 && seen.releases == 1 && seen.allocated == 0);
    // Nor while a search is undone: what was wrong is told.
    record first, second;
    first.throws = {place};
    std::vector<std::unique_ptr<anser::scorer>> hosts;
    hosts.push_back(std::make_unique<host>(first, as));
    hosts.push_back(std::make_unique<host>(second, nine));
    const anser::error e = ERROR_OF(anser::search(formula, some_walkers(), std::move(hosts)));
    EXPECT(e.status() == ANSER_STATUS_CALLBACK_FAILED && mentions(e, "num_slots = 9"));
    EXPECT(first.destroyed == 1 && first.releases == 1 && first.allocated == 0 && second.destroyed == 1);
    record again;
    again.throws = {at::prepare, place};
    EXPECT(PLACE_OF(anser::search(formula, some_walkers(), std::make_unique<host>(again, as))) == at::prepare);
    EXPECT(again.destroyed == 1 && again.releases == 1 && again.allocated == 0);
  }
  record lost, other;
  lost.throws = {at::drain};
  std::vector<std::unique_ptr<anser::scorer>> hosts;
  hosts.push_back(std::make_unique<host>(lost, form()));
  hosts.push_back(std::make_unique<host>(other, nine));
  EXPECT(mentions(ERROR_OF(anser::search(formula, some_walkers(), std::move(hosts))), "num_slots = 9"));
  EXPECT(lost.drains == 1 && lost.destroyed == 1 && other.destroyed == 1);
  // A search that ends amid another call throws nothing into that.
  record inner;
  std::optional<anser::search> ends(std::in_place, formula, some_walkers(), std::make_unique<host>(inner, form()));
  EXPECT(ends->run() == anser::search_end::over && inner.drains == 0);
  inner.throws = {at::drain};
  anser::budget limits;
  limits.set_progress(
      [&](const anser::progress &) {
        ends.reset();
        return 0;
      },
      0.0);
  anser::search outer(formula, some_walkers());
  EXPECT(outer.run(limits) == anser::search_end::over && !ends && inner.drains == 1 && inner.destroyed == 1);
}

/** Without a call of the header around it an exception ends in the library. */
void under_c_calls() {
  const anser::formula formula = random_formula(20, 120);
  record seen;
  seen.throws = {at::submit};
  anser::search s(formula, some_walkers(), std::make_unique<host>(seen, form()));
  anser_search_end end = ANSER_SEARCH_END_MODEL;
  EXPECT(anser_search_run(s.get(), nullptr, &end) == ANSER_STATUS_CALLBACK_FAILED && end == ANSER_SEARCH_END_MODEL);
  EXPECT(std::string(anser_last_error()).find("submit threw an exception") != std::string::npos);
  EXPECT(s.callback_code() == INT32_MIN && seen.drains == 1);
  seen.throws = {at::release, at::drain};
  anser_search_free(s.release());
  EXPECT(seen.drains == 2 && seen.releases == 1 && seen.destroyed == 1);
}

/** Answers that are none are errors of the library. */
void answers_that_are_none() {
  const anser::formula formula = random_formula(20, 120);
  const auto refused = [&](form as, std::function<void(const anser_batch &)> spoil, const char *text) {
    record seen;
    seen.spoil = std::move(spoil);
    anser::search s(formula, some_walkers(), std::make_unique<host>(seen, as));
    const anser::error e = ERROR_OF(s.run());
    EXPECT(e.status() == ANSER_STATUS_CALLBACK_FAILED && mentions(e, text) && mentions(e, "scorer 0"));
    EXPECT(s.callback_code() == 0 && ERROR_OF(s.run()).status() == ANSER_STATUS_INVALID_STATE);
  };
  const auto scores = [](float value) {
    return [value](const anser_batch &b) { static_cast<float *>(b.out)[4] = value; };
  };
  refused({}, scores(std::numeric_limits<float>::quiet_NaN()), "score of variable 4");
  refused({}, scores(std::numeric_limits<float>::infinity()), "is inf");
  form as;
  as.output = anser::scorer_output::topk;
  as.k = 3;
  refused(as, [](const anser_batch &b) { b.out_index[0] = 20; }, "variable 20");
  as.output = anser::scorer_output::flips;
  refused(as, [](const anser_batch &b) { b.out_index[0] = 1000; }, "variable 1000");
  // Plans that cannot be, and memory that is none.
  record seen;
  as.k = 0;
  as.flags = 8;
  const anser::error e = ERROR_OF(anser::search(formula, some_walkers(), std::make_unique<host>(seen, as)));
  EXPECT(e.status() == ANSER_STATUS_CALLBACK_FAILED && mentions(e, "flags 8") && seen.destroyed == 1);
  class forgetful : public anser::scorer {
  public:
    bool allocates() const override { return true; }
    void submit(const anser_batch &) override {}
  };
  const anser::error none = ERROR_OF(anser::search(formula, some_walkers(), std::make_unique<forgetful>()));
  EXPECT(none.status() == ANSER_STATUS_CALLBACK_FAILED && mentions(none, "alloc"));
}

/** The least that a scorer is: every variable is as good. */
class level : public anser::scorer {
public:
  void submit(const anser_batch &b) override {
    for (std::uint32_t row = 0; row < b.size; row++) {
      std::memset(static_cast<char *>(b.out) + row * b.out_stride, 0, b.out_stride);
    }
  }
};

void defaults() {
  anser::search_options options = some_walkers();
  options.temperature = 1;
  anser::search s(random_formula(20, 40), options, std::make_unique<level>());
  EXPECT(s.run() != anser::search_end::unknown && s.scorer_plan(0).output == ANSER_SCORER_SCORES);
  class at_once : public level { // asynchronous, but the answer is always there
    bool is_asynchronous() const override { return true; }
  };
  anser::search t(random_formula(20, 40), options, std::make_unique<at_once>());
  EXPECT(t.run() != anser::search_end::unknown && t.scorer_plan(0).num_slots == 2);
  EXPECT(outcome_of(s) == outcome_of(t));
}

void refused() {
  const anser::formula formula = random_formula(20, 120);
  const anser::search_options options = some_walkers();
  EXPECT(ERROR_OF(anser::search(formula, options, std::unique_ptr<host>())).status() == ANSER_STATUS_NULL_ARGUMENT);
  const auto several = [](record &seen, std::size_t count) {
    std::vector<std::unique_ptr<anser::scorer>> hosts;
    while (hosts.size() < count) {
      hosts.push_back(std::make_unique<host>(seen, form()));
    }
    return hosts;
  };
  const auto error = [&](std::vector<std::unique_ptr<anser::scorer>> hosts) {
    return ERROR_OF(anser::search(formula, options, std::move(hosts)));
  };
  record seen;
  std::vector<std::unique_ptr<anser::scorer>> hole = several(seen, 3);
  hole[1] = nullptr;
  const anser::error empty = error(std::move(hole));
  EXPECT(empty.status() == ANSER_STATUS_NULL_ARGUMENT && mentions(empty, "scorer 1 is empty") && seen.destroyed == 3);
  const anser::error many = error(several(seen, 65)); // the library takes none of these over
  EXPECT(many.status() == ANSER_STATUS_INVALID_ARGUMENT && mentions(many, "64") && seen.destroyed == 68);
  EXPECT(error({}).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(error(several(seen, 8)).status() == ANSER_STATUS_INVALID_ARGUMENT); // there are 7 walkers
  EXPECT(seen.destroyed == 76 && seen.live == 0 && seen.plans == 0);

  anser::formula moved = formula.clone();
  const anser::formula there = std::move(moved);
  EXPECT(ERROR_OF(anser::search(moved, options, std::make_unique<host>(seen, form()))).status() ==
         ANSER_STATUS_INVALID_STATE);
  anser::budget limits;
  anser::interrupt token;
  token.trigger();
  limits.set_interrupt(token);
  EXPECT(ERROR_OF(anser::search(formula, options, std::make_unique<host>(seen, form()), limits)).stop() ==
         anser::stop_reason::interrupted);
  limits.clear_interrupt().set_memory_limit(1000);
  EXPECT(ERROR_OF(anser::search(formula, options, several(seen, 2), limits)).status() == ANSER_STATUS_OUT_OF_MEMORY);
  const anser::budget gone = std::move(limits);
  EXPECT(ERROR_OF(anser::search(formula, options, std::make_unique<host>(seen, form()), limits)).status() ==
         ANSER_STATUS_INVALID_STATE);
  EXPECT(seen.live == 0 && seen.destroyed == 81);
}

/** A progress function ends the call, and what a device was asked is given up: the search goes on as if nothing was. */
void stopped_and_gone_on() {
  const anser::formula formula = random_formula(20, 120);
  const outcome wanted = searched<host>({}, 1, 0, formula);
  record seen;
  anser::search s(formula, some_walkers(), std::make_unique<device>(seen, form()));
  int reports = 0;
  anser::budget limits;
  limits.set_progress(
      [&](const anser::progress &) -> std::int32_t {
        if (++reports % 3 == 0) {
          throw odd{at::collect};
        }
        return reports % 4 == 0 ? 17 : 0;
      },
      0.0);
  int stops = 0;
  for (bool over = false; !over && stops < 1000;) {
    try {
      over = s.run(limits) == anser::search_end::over;
      EXPECT(over || s.callback_code() == 17);
    } catch (const odd &) {
      EXPECT(s.callback_code() == INT32_MIN);
      stops++;
    }
  }
  EXPECT(outcome_of(s) == wanted && stops > 3 && seen.drains > 3);
}

void from_inside() {
  const anser::formula formula = random_formula(20, 120);
  record seen;
  std::optional<anser::search> s;
  seen.spoil = [&](const anser_batch &) { s->step(1); };
  s.emplace(formula, some_walkers(), std::make_unique<host>(seen, form()));
  EXPECT(ERROR_OF(s->run()).status() == ANSER_STATUS_INVALID_STATE && s->callback_code() == INT32_MIN);
  // Other searches can be made and run inside.
  record outer, inner;
  outer.spoil = [&](const anser_batch &) {
    inner.throws = {at::submit};
    anser::search other(formula, some_walkers(), std::make_unique<host>(inner, form()));
    EXPECT(PLACE_OF(other.run()) == at::submit);
  };
  s.emplace(formula, some_walkers(), std::make_unique<host>(outer, form()));
  EXPECT(seen.destroyed == 1 && s->step(10) == anser::search_end::over);
  EXPECT(inner.destroyed > 1 && inner.live == 0);
  // Destroyed from inside, it goes when the call returns.
  record last;
  last.spoil = [&](const anser_batch &) { s.reset(); };
  s.emplace(formula, some_walkers(), std::make_unique<host>(last, form()));
  EXPECT(s->run() == anser::search_end::over && !s && last.destroyed == 1 && last.releases == 1);
}

int failed = 0;
void run(const char *name, const std::function<void()> &test) {
  try {
    test();
    std::printf("ok %s\n", name);
  } catch (const failure &f) {
    std::printf("FAILED %s: %s\n", name, f.why.c_str());
    failed = 1;
  } catch (const std::exception &e) {
    std::printf("FAILED %s: %s\n", name, e.what());
    failed = 1;
  } catch (const odd &e) {
    std::printf("FAILED %s: it threw at place %d\n", name, static_cast<int>(e.place));
    failed = 1;
  }
  std::fflush(stdout);
}

} // namespace

int main() {
  run("a synchronous scorer", a_synchronous_scorer);
  run("all forms are one search", all_forms_are_one_search);
  run("temperature", temperature);
  run("exceptions while a search is made", exceptions_while_made);
  run("exceptions of submit", [] { exceptions_while_run<host>(at::submit); });
  run("exceptions of an asynchronous submit", [] { exceptions_while_run<device>(at::submit); });
  run("exceptions of collect", [] { exceptions_while_run<device>(at::collect); });
  run("exceptions of drain", exceptions_of_drain);
  run("exceptions that go nowhere", exceptions_that_go_nowhere);
  run("under calls of C", under_c_calls);
  run("answers that are none", answers_that_are_none);
  run("defaults", defaults);
  run("refused", refused);
  run("stopped and gone on", stopped_and_gone_on);
  run("from inside", from_inside);
  return failed;
}
