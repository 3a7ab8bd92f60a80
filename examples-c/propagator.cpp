// A part of the search that the host writes itself: directed graphs without cycles.
//
// The question: services depend on each other in circles, so that none of them can be started first. What is the least
// number of dependencies that must be broken, so that an order to start them in is left? (A least feedback arc set.)
//
// A dependency is a variable: true where it is kept. That those that are kept form no cycle takes a clause for each cycle,
// of which there may be exponentially many. So the host says it, in a propagator. It is told which edges come and go;
//   - where an edge would close a cycle, it propagates that the edge is not there, and where the edge is there already,
//     that is a conflict;
//   - where it is asked why, it looks for the path that the edge would close and answers "not all of these edges": a
//     reason that is built when it is needed, and never where it is not.
// That is all. How many dependencies are broken is counted by clauses, and the search is told to try fewer and fewer.
//
// The answer is checked here: every model by sorting the services, and the least number by a second solver, which is given
// clauses alone (an order of the services, in which every kept dependency goes forward).
//
// c++ -std=c++17 propagator.cpp $(pkg-config --cflags --libs anser) && ./a.out
#include <anser.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <vector>

namespace {

using literal = std::int32_t;

struct edge {
  std::size_t from, to;
};

/** Edges, each of which is there where its variable is true, and never a cycle of them. */
class acyclic {
public:
  /** The variable of edge e is e + 1. */
  acyclic(std::size_t vertices, std::vector<edge> edges)
      : edges_(std::move(edges)), state_(edges_.size(), state::open), when_(edges_.size(), 0), out_(vertices),
        in_(vertices) {
    for (std::size_t e = 0; e < edges_.size(); e++) {
      out_[edges_[e].from].push_back(e);
      in_[edges_[e].to].push_back(e);
    }
  }

  /** The functions that the solver calls. They share this object, which lives as long as they do. */
  static anser::propagator functions(const std::shared_ptr<acyclic> &self) {
    anser::propagator functions;
    functions.notify_assignment = [self](const literal *l, std::size_t count) { self->assigned(l, count); };
    functions.notify_new_level = [self] { self->starts_.push_back(self->trail_.size()); };
    functions.notify_backtrack = [self](std::size_t level) { self->backtrack(level); };
    functions.propagate = [self] { return self->propagate(); };
    functions.reason = [self](literal propagated) { return self->reason(propagated); };
    return functions; // the rest stays empty, is not called, and costs nothing
  }

  std::size_t explained() const { return explained_; }

private:
  enum class state : std::uint8_t { open, present, absent };
  static constexpr std::size_t unreached = SIZE_MAX, source = SIZE_MAX - 1;

  std::vector<edge> edges_;
  std::vector<state> state_;        // of each edge
  std::vector<std::uint64_t> when_; // each became present or absent
  std::uint64_t clock_ = 0;
  std::vector<std::vector<std::size_t>> out_, in_; // edges of each vertex
  std::vector<std::size_t> trail_, starts_;        // edges that are not open, and where levels begin
  std::size_t next_ = 0;                           // the first on the trail that propagate() is not done with
  std::size_t explained_ = 0;

  void assigned(const literal *literals, std::size_t count) {
    for (std::size_t i = 0; i < count; i++) {
      const std::size_t e = static_cast<std::size_t>(std::abs(literals[i])) - 1;
      state_[e] = literals[i] > 0 ? state::present : state::absent;
      when_[e] = ++clock_;
      trail_.push_back(e);
    }
  }

  void backtrack(std::size_t level) {
    for (; trail_.size() > starts_[level]; trail_.pop_back()) {
      state_[trail_.back()] = state::open;
    }
    starts_.resize(level);
    next_ = std::min(next_, trail_.size());
  }

  /** The negation of an edge that would close a cycle through an edge that is new, or 0. */
  literal propagate() {
    for (; next_ < trail_.size(); next_++) {
      if (state_[trail_[next_]] != state::present) {
        continue;
      }
      const edge fresh = edges_[trail_[next_]];
      const std::vector<std::size_t> after = search(fresh.to, out_, &edge::to, clock_);
      const std::vector<std::size_t> before = search(fresh.from, in_, &edge::from, clock_);
      for (std::size_t e = 0; e < edges_.size(); e++) {
        if (state_[e] != state::absent && after[edges_[e].from] != unreached && before[edges_[e].to] != unreached) {
          return -static_cast<literal>(e + 1); // the solver asks again, and `next_` is still here
        }
      }
    }
    return 0;
  }

  /** Why an edge is absent: a path of edges leads from its end to its start, which were there before. */
  std::vector<literal> reason(literal propagated) {
    explained_++;
    const std::size_t e = static_cast<std::size_t>(-propagated) - 1;
    // Asked long after, the graph may have grown since; asked in a conflict, the edge itself is present.
    const std::uint64_t until = state_[e] == state::absent ? when_[e] : clock_;
    const std::vector<std::size_t> by = search(edges_[e].to, out_, &edge::to, until);
    std::vector<literal> clause = {propagated};
    for (std::size_t at = edges_[e].from; at != edges_[e].to; at = edges_[by[at]].from) {
      clause.push_back(-static_cast<literal>(by[at] + 1));
    }
    return clause;
  }

  /** By which edge each vertex is reached, breadth first along edges that were present at a time. */
  std::vector<std::size_t> search(std::size_t start, const std::vector<std::vector<std::size_t>> &along,
                                  std::size_t edge::*end, std::uint64_t until) const {
    std::vector<std::size_t> by(along.size(), unreached), queue = {start};
    by[start] = source;
    for (std::size_t i = 0; i < queue.size(); i++) {
      for (const std::size_t e : along[queue[i]]) {
        const std::size_t vertex = edges_[e].*end;
        if (state_[e] == state::present && when_[e] <= until && by[vertex] == unreached) {
          by[vertex] = e;
          queue.push_back(vertex);
        }
      }
    }
    return by;
  }
};

constexpr std::size_t services = 14, dependencies = 60;

/** Every service depends on a few others, the same ones in every run. */
std::vector<edge> the_dependencies() {
  std::vector<edge> edges;
  std::uint32_t random = 7;
  const auto below = [&](std::size_t bound) {
    random = random * 1664525u + 1013904223u;
    return static_cast<std::size_t>(random >> 16) % bound;
  };
  while (edges.size() < dependencies) {
    const edge made{below(services), below(services)};
    const auto same = [&](const edge &other) { return other.from == made.from && other.to == made.to; };
    if (made.from != made.to && std::none_of(edges.begin(), edges.end(), same)) {
      edges.push_back(made);
    }
  }
  return edges;
}

/**
 * Variable e + 1: dependency e is kept. Answers, for each number, a literal that says that more are broken (a sequential
 * counter: Sinz, CP 2005).
 */
std::vector<literal> count_broken(anser::formula &formula) {
  formula.ensure_vars(dependencies);
  std::vector<literal> at_least(dependencies); // at_least[k]: more than k of those so far are broken
  for (std::size_t e = 0; e < dependencies; e++) {
    const literal broken = -static_cast<literal>(e + 1);
    std::vector<literal> next(dependencies);
    for (std::size_t k = 0; k <= e; k++) {
      next[k] = formula.new_var();
      if (k < e) {
        formula.add_clause({-at_least[k], next[k]});
      }
      if (k == 0) {
        formula.add_clause({-broken, next[k]});
      } else {
        formula.add_clause({-at_least[k - 1], -broken, next[k]});
      }
    }
    at_least = next;
  }
  return at_least;
}

/** Clauses that say the same as the propagator: kept dependencies go forward in an order of the services. */
void add_order(anser::formula &formula, const std::vector<edge> &edges) {
  std::vector<std::vector<literal>> first(services, std::vector<literal>(services, 0)); // first[a][b]: a before b
  for (std::size_t a = 0; a < services; a++) {
    for (std::size_t b = a + 1; b < services; b++) {
      first[a][b] = formula.new_var();
      first[b][a] = -first[a][b];
    }
  }
  for (std::size_t a = 0; a < services; a++) {
    for (std::size_t b = 0; b < services; b++) {
      for (std::size_t c = 0; c < services; c++) {
        if (a != b && b != c && a != c) {
          formula.add_clause({-first[a][b], -first[b][c], first[a][c]});
        }
      }
    }
  }
  for (std::size_t e = 0; e < edges.size(); e++) {
    formula.add_clause({-static_cast<literal>(e + 1), first[edges[e].from][edges[e].to]});
  }
}

/** The services in an order in which all kept dependencies go forward, or fewer of them where there is none. */
std::vector<std::size_t> sorted(const std::vector<edge> &edges, const std::vector<bool> &kept) {
  std::vector<std::size_t> waiting(services, 0), order;
  for (std::size_t e = 0; e < edges.size(); e++) {
    waiting[edges[e].to] += kept[e] ? 1 : 0;
  }
  for (std::size_t s = 0; s < services; s++) {
    if (waiting[s] == 0) {
      order.push_back(s);
    }
  }
  for (std::size_t i = 0; i < order.size(); i++) {
    for (std::size_t e = 0; e < edges.size(); e++) {
      if (kept[e] && edges[e].from == order[i] && --waiting[edges[e].to] == 0) {
        order.push_back(edges[e].to);
      }
    }
  }
  return order;
}

/** Looks for models that break fewer and fewer dependencies; every one of them is checked. */
std::size_t least_broken(anser::solver &solver, const std::vector<literal> &more_than, const std::vector<edge> &edges,
                         std::vector<std::size_t> &order) {
  std::size_t best = dependencies;
  while (best > 0 && solver.solve({-more_than[best - 1]}) == anser::result::sat) {
    std::vector<bool> kept(dependencies);
    std::size_t broken = 0;
    for (std::size_t e = 0; e < dependencies; e++) {
      kept[e] = solver.value(static_cast<literal>(e + 1));
      broken += kept[e] ? 0 : 1;
    }
    order = sorted(edges, kept);
    if (broken >= best || order.size() != services) {
      throw std::runtime_error("a wrong model");
    }
    best = broken;
  }
  return best;
}

void run() {
  anser::check_version();
  const std::vector<edge> edges = the_dependencies();

  anser::formula formula;
  const std::vector<literal> more_than = count_broken(formula);
  anser::formula with_order = formula.clone();
  add_order(with_order, edges);

  anser::solver solver(formula);
  const auto graph = std::make_shared<acyclic>(services, edges);
  std::vector<literal> observed;
  for (std::size_t e = 0; e < dependencies; e++) {
    observed.push_back(static_cast<literal>(e + 1));
  }
  solver.add_propagator(acyclic::functions(graph), observed);

  std::vector<std::size_t> order;
  const std::size_t broken = least_broken(solver, more_than, edges, order);
  std::cout << "of " << dependencies << " dependencies between " << services << " services " << broken
            << " must be broken\nthen they start in the order";
  for (const std::size_t service : order) {
    std::cout << ' ' << service;
  }
  std::cout << "\nthe propagator found " << solver.get_statistic("external_propagations") << " literals and "
            << solver.get_statistic("external_conflicts") << " conflicts, and was asked for " << graph->explained()
            << " reasons\n";

  anser::solver second(with_order);
  std::vector<std::size_t> ignored;
  if (least_broken(second, more_than, edges, ignored) != broken) {
    throw std::runtime_error("clauses alone lead to another number");
  }
  std::cout << "clauses alone lead to the same number\n";
}

} // namespace

int main() {
  try {
    run();
    return 0;
  } catch (const anser::error &e) {
    std::cerr << e.status_name() << ": " << e.what() << '\n';
  } catch (const std::exception &e) {
    std::cerr << e.what() << '\n';
  }
  return 1;
}
