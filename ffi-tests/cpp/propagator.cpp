// Propagators in C++: hosts of the C ABI whose functions throw, and anser::propagator of anser.hpp.
//
// Prints `ok NAME` for every test that passes and `FAILED NAME: why` for one that does not; exits 1 then.
#include <anser.hpp>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
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

/** What is thrown: no std::exception. */
struct odd {
  std::string text = "an exception that is no std::exception, with text too long to be stored in place";
};

enum class at { nothing, assignment, level, backtrack, decide, propagate, reason, check, clause, fixed, learned };
constexpr at places[] = {at::assignment, at::level,  at::backtrack, at::decide, at::propagate,
                         at::reason,     at::check,  at::clause,    at::fixed,  at::learned};

/** Propagates 3 once 2 is true. */
struct host {
  at throws = at::nothing;
  int destroyed = 0;
  bool two = false, three = false;
  std::vector<std::int32_t> trail;
  std::vector<std::size_t> starts;
  std::int32_t why[2] = {3, -2};

  std::int32_t reach(at place) const {
    if (throws == place) {
      throw odd();
    }
    return 0;
  }
  void see() {
    two = three = false;
    for (const std::int32_t literal : trail) {
      two = two || literal == 2;
      three = three || literal == 3;
    }
  }
};
host &of(void *self) { return *static_cast<host *>(self); }

anser_propagator c_propagator(host &h) {
  anser_propagator p = ANSER_PROPAGATOR_INIT;
  p.user_data = &h;
  p.destroy = [](void *self) {
    of(self).destroyed++;
    throw odd(); // is ignored
  };
  p.notify_assignment = [](void *self, const std::int32_t *literals, std::size_t count) {
    of(self).trail.insert(of(self).trail.end(), literals, literals + count);
    of(self).see();
    return of(self).reach(at::assignment);
  };
  p.notify_new_level = [](void *self) {
    of(self).starts.push_back(of(self).trail.size());
    return of(self).reach(at::level);
  };
  p.notify_backtrack = [](void *self, std::size_t level) {
    of(self).trail.resize(of(self).starts[level]);
    of(self).starts.resize(level);
    of(self).see();
    return of(self).reach(at::backtrack);
  };
  p.decide = [](void *self, std::int32_t *literal) {
    const std::int32_t wanted[] = {1, 2, 4};
    for (const std::int32_t want : wanted) {
      bool open = true;
      for (const std::int32_t seen : of(self).trail) {
        open = open && std::abs(seen) != want;
      }
      if (open && *literal == 0) {
        *literal = want;
      }
    }
    return of(self).reach(at::decide);
  };
  p.propagate = [](void *self, std::int32_t *literal) {
    *literal = of(self).two && !of(self).three ? 3 : 0;
    return of(self).reach(at::propagate);
  };
  p.reason = [](void *self, std::int32_t, const std::int32_t **literals, std::size_t *count) {
    *literals = of(self).why;
    *count = 2;
    return of(self).reach(at::reason);
  };
  p.check_model = [](void *self, const std::int32_t *, std::size_t, std::int32_t *) {
    return of(self).reach(at::check);
  };
  p.next_clause = [](void *self, const std::int32_t **, std::size_t *, std::int32_t *) {
    return of(self).reach(at::clause);
  };
  p.fixed = [](void *self, std::int32_t) { return of(self).reach(at::fixed); };
  p.learned = [](void *self, const std::int32_t *, std::size_t) { return of(self).reach(at::learned); };
  p.max_learned = 100;
  return p;
}

/** Deciding 3, 4 and one more is a conflict; there is something to be fixed, and something to be learned. */
anser::formula hard() {
  anser::formula formula;
  formula.add_clause({1, 2, 3});
  for (const int a : {5, -5}) {
    for (const int b : {6, -6}) {
      formula.add_clause({-3, -4, a, b});
    }
  }
  formula.add_clause({7});
  formula.add_clause({-7, 8});
  std::uint64_t state = 1;
  const auto next = [&](std::uint64_t bound) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % bound;
  };
  for (int i = 0; i < 210; i++) {
    std::vector<std::int32_t> clause;
    for (int j = 0; j < 3; j++) {
      const std::int32_t variable = 9 + static_cast<std::int32_t>(next(50));
      clause.push_back(next(2) != 0 ? variable : -variable);
    }
    // One literal holds where odd variables are true and even ones false: so there is a model.
    clause[0] = clause[0] % 2 != 0 ? std::abs(clause[0]) : -std::abs(clause[0]);
    formula.add_clause(clause);
  }
  return formula;
}

const std::vector<std::int32_t> observed = {1, 2, 3, 4, 7, 8};

/** An exception ends the search with a status, whichever function it comes from, and reaches nobody. */
void a_host_in_c_may_throw_anywhere() {
  for (const at place : places) {
    const anser::formula formula = hard();
    anser_solver *solver = nullptr;
    EXPECT(anser_solver_new(formula.get(), &solver) == ANSER_STATUS_OK);
    host h;
    h.throws = place;
    const anser_propagator p = c_propagator(h);
    EXPECT(anser_solver_add_propagator(solver, &p, observed.data(), observed.size(), nullptr) == ANSER_STATUS_OK);
    anser_result result = ANSER_RESULT_SAT;
    if (anser_solver_solve(solver, nullptr, 0, nullptr, &result) != ANSER_STATUS_CALLBACK_FAILED) {
      throw failure{"place " + std::to_string(static_cast<int>(place)) + ": " + anser_last_error()};
    }
    EXPECT(std::string(anser_last_error()).find("threw an exception") != std::string::npos);
    EXPECT(result == ANSER_RESULT_SAT && h.destroyed == 0); // not written
    h.throws = at::nothing;
    const anser_status again = anser_solver_solve(solver, nullptr, 0, nullptr, &result);
    EXPECT(again == (place == at::reason ? ANSER_STATUS_INVALID_STATE : ANSER_STATUS_OK));
    anser_solver_free(solver);
    EXPECT(h.destroyed == 1);
  }
}

/** The same through anser.hpp: what was thrown comes out of solve(). */
void an_exception_passes_through() {
  for (const at place : places) {
    const auto h = std::make_shared<host>();
    h->throws = place;
    anser::propagator p;
    void *const self = h.get();
    const anser_propagator c = c_propagator(*h);
    p.notify_assignment = [=](const std::int32_t *l, std::size_t n) { c.notify_assignment(self, l, n); };
    p.notify_new_level = [=] { c.notify_new_level(self); };
    p.notify_backtrack = [=](std::size_t level) { c.notify_backtrack(self, level); };
    p.decide = [=] {
      std::int32_t literal = 0;
      c.decide(self, &literal);
      return literal;
    };
    p.propagate = [=] {
      std::int32_t literal = 0;
      c.propagate(self, &literal);
      return literal;
    };
    p.reason = [=](std::int32_t literal) {
      const std::int32_t *literals = nullptr;
      std::size_t count = 0;
      c.reason(self, literal, &literals, &count);
      return std::vector<std::int32_t>(literals, literals + count);
    };
    p.check_model = [h](const std::int32_t *, std::size_t) { return h->reach(at::check) == 0; };
    p.next_clause = [h]() -> std::optional<anser::external_clause> {
      h->reach(at::clause);
      return std::nullopt;
    };
    p.fixed = [=](std::int32_t literal) { c.fixed(self, literal); };
    p.learned = [=](const std::int32_t *l, std::size_t n) { c.learned(self, l, n); };
    p.max_learned = 100;

    anser::solver solver(hard());
    EXPECT(solver.add_propagator(p, observed) == 0);
    p = {};
    bool caught = false;
    try {
      solver.solve();
    } catch (const odd &e) {
      caught = e.text == odd().text;
    }
    if (!caught) {
      throw failure{"place " + std::to_string(static_cast<int>(place))};
    }
    h->throws = at::nothing;
    try {
      EXPECT(solver.solve() != anser::result::unknown);
      EXPECT(place != at::reason);
    } catch (const anser::error &e) {
      EXPECT(place == at::reason && e.status() == ANSER_STATUS_INVALID_STATE);
    }
    EXPECT(h.use_count() > 1);
    if (place == at::reason) {
      solver = anser::solver(hard());
    } else {
      solver.remove_propagator(0);
    }
    EXPECT(h.use_count() == 1);
  }
}

/** All models of a formula, by a propagator that refuses each one; two propagators side by side. */
void models_are_counted() {
  anser::formula formula;
  formula.add_clause({1, 2, 3});
  formula.add_clause({-1, -2});
  anser::solver solver(formula);
  struct state {
    std::vector<std::int32_t> blocking;
    int models = 0;
  };
  const auto counting = std::make_shared<state>();
  anser::propagator counter;
  counter.check_model = [counting](const std::int32_t *literals, std::size_t count) {
    counting->models++;
    counting->blocking.clear();
    for (std::size_t i = 0; i < count; i++) {
      counting->blocking.push_back(-literals[i]);
    }
    return false;
  };
  counter.next_clause = [counting]() -> std::optional<anser::external_clause> {
    if (counting->blocking.empty()) {
      return std::nullopt;
    }
    return anser::external_clause{std::exchange(counting->blocking, {}), false};
  };
  anser::propagator idle; // nothing at all
  EXPECT(solver.add_propagator(idle, {1}) == 0);
  EXPECT(solver.add_propagator(counter, {}) == 1);
  solver.observe(1, {3, 1, 2});
  EXPECT(solver.solve() == anser::result::unsat);
  EXPECT(counting->models == 5);
}

/** An empty clause says that there is no model. */
void an_empty_clause() {
  anser::formula formula;
  formula.add_clause({1});
  anser::solver solver(formula);
  anser::propagator p;
  p.next_clause = []() -> std::optional<anser::external_clause> { return anser::external_clause{}; };
  solver.add_propagator(p, {1});
  EXPECT(solver.solve() == anser::result::unsat);
}

/** What is refused is let go of. */
void refused() {
  const auto token = std::make_shared<int>(1);
  anser::solver solver((anser::formula()));
  anser::propagator p;
  p.fixed = [token](std::int32_t) {};
  bool threw = false;
  try {
    solver.add_propagator(p, {1});
  } catch (const anser::error &e) {
    threw = e.status() == ANSER_STATUS_INVALID_ARGUMENT;
  }
  p = {};
  EXPECT(threw && token.use_count() == 1);
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
  }
}

} // namespace

int main() {
  run("a host in C may throw anywhere", a_host_in_c_may_throw_anywhere);
  run("an exception passes through", an_exception_passes_through);
  run("models are counted", models_are_counted);
  run("an empty clause", an_empty_clause);
  run("what is refused is let go of", refused);
  return failed;
}
