// incremental: one solver, many questions: a timetable that changes.
//
// What it shows: anser.hpp; assumptions, and the core of those that cannot hold together; clauses and variables added
// between searches; names for variables; phases that keep a new timetable close to the old one; a budget with a
// deterministic limit; errors as exceptions.
//
//   c++ -std=c++17 incremental.cpp -o incremental $(pkg-config --cflags --libs anser)
//   ./incremental
//
// Exams are put into slots, so that no student has two at once. At first the question is how few slots will do: slots
// are closed by assumptions, which hold for one search only. Then wishes are assumptions, and the core says which of
// them quarrel. At last a new clash is found, a clause says so, and a new timetable is made that moves few exams.
//
// What it prints: the steps, each core and the timetables. It exits with 0, and with 1 after an error.
#include <anser.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace {

const std::vector<std::string> exams = {"algebra", "biology", "chemistry", "drama", "english", "french", "geometry"};
const std::vector<std::pair<std::size_t, std::size_t>> clashes = {{0, 1}, {0, 2}, {1, 2}, {2, 3}, {3, 4}, {4, 5},
                                                                  {5, 6}, {6, 0}, {1, 4}, {2, 5}, {0, 5}};
constexpr std::size_t most_slots = 5;

/** The formula, and which variable says what. */
struct timetable {
  anser::formula formula;
  std::vector<std::vector<std::int32_t>> at; // at[exam][slot]
  std::vector<std::int32_t> closed;          // closed[slot]

  timetable() {
    for (const std::string &exam : exams) {
      std::vector<std::int32_t> somewhere;
      for (std::size_t slot = 0; slot < most_slots; slot++) {
        somewhere.push_back(formula.new_var());
        formula.set_name(somewhere.back(), exam + " in slot " + std::to_string(slot + 1));
      }
      formula.add_clause(somewhere);
      at.push_back(somewhere);
    }
    for (std::size_t slot = 0; slot < most_slots; slot++) {
      closed.push_back(formula.new_var());
      formula.set_name(closed.back(), "slot " + std::to_string(slot + 1) + " is closed");
      for (const auto &exam : at) {
        formula.add_clause({-closed[slot], -exam[slot]});
      }
    }
    for (const auto &exam : at) { // never in two slots
      for (std::size_t s = 0; s < most_slots; s++) {
        for (std::size_t t = s + 1; t < most_slots; t++) {
          formula.add_clause({-exam[s], -exam[t]});
        }
      }
    }
    for (const auto &[one, other] : clashes) {
      add_clash(formula, one, other);
    }
  }

  /** Formulas and solvers take clauses in the same way. */
  template <class Target> void add_clash(Target &target, std::size_t one, std::size_t other) const {
    std::vector<std::int32_t> literals;
    std::vector<std::size_t> offsets = {0};
    for (std::size_t slot = 0; slot < most_slots; slot++) {
      literals.push_back(-at[one][slot]);
      literals.push_back(-at[other][slot]);
      offsets.push_back(literals.size());
    }
    target.add_clauses(literals, offsets);
  }

  /** The slot of each exam in the solver's model. */
  std::vector<std::size_t> slots(const anser::solver &solver) const {
    std::vector<std::size_t> of;
    for (const auto &exam : at) {
      std::size_t slot = 0;
      while (!solver.value(exam[slot])) {
        slot++;
      }
      of.push_back(slot);
    }
    return of;
  }

  void print_core(const std::vector<std::int32_t> &core) const {
    for (const std::int32_t literal : core) {
      std::cout << "    " << (literal < 0 ? "not: " : "") << formula.name(std::abs(literal)).value_or("?") << '\n';
    }
  }
};

void print(const std::vector<std::size_t> &slots) {
  for (std::size_t exam = 0; exam < exams.size(); exam++) {
    std::cout << "    " << exams[exam] << ": slot " << slots[exam] + 1 << '\n';
  }
}

/** Few slots: the most that can be closed, found by closing fewer and fewer. Answers how many stay open. */
std::size_t fewest_slots(const timetable &table, anser::solver &solver, const anser::budget &limits) {
  for (std::size_t open = 1; open <= most_slots; open++) {
    const std::vector<std::int32_t> close(table.closed.begin() + static_cast<std::ptrdiff_t>(open), table.closed.end());
    const anser::result answer = solver.solve(close, limits);
    if (answer == anser::result::sat) {
      std::cout << open << " slots will do:\n";
      print(table.slots(solver));
      return open;
    }
    if (answer == anser::result::unknown) {
      throw std::runtime_error(std::string("no answer: ") + anser::to_string(solver.stop_reason()));
    }
    std::cout << open << (open == 1 ? " slot is" : " slots are") << " too few, because of\n";
    table.print_core(solver.core());
  }
  throw std::runtime_error("there is no timetable at all");
}

void run() {
  anser::check_version(); // that the library at run time is the one that this was compiled for

  const timetable table;
  anser::solver solver(table.formula);
  solver.set_option("lucky", 0); // guesses that would pass over the phases below
  anser::budget limits;
  limits.set_seed(1).set_conflict_limit(100000); // deterministic, unlike a time limit

  const std::size_t open = fewest_slots(table, solver, limits);
  for (std::size_t slot = open; slot < most_slots; slot++) {
    solver.add_clause({table.closed[slot]}); // for good now
  }

  // Wishes: exams that teachers want early.
  std::vector<std::int32_t> wishes = {table.at[0][0], table.at[3][0], table.at[6][0], table.at[4][1]};
  while (solver.solve(wishes, limits) == anser::result::unsat) {
    std::cout << "these wishes quarrel:\n";
    const std::vector<std::int32_t> core = solver.core();
    table.print_core(core);
    if (core.empty()) {
      throw std::runtime_error("there is no timetable whatever is wished");
    }
    std::vector<std::int32_t> rest; // all but the last of them
    for (const std::int32_t wish : wishes) {
      if (wish != core.back()) {
        rest.push_back(wish);
      }
    }
    wishes = rest;
  }
  std::cout << "with " << wishes.size() << " of the wishes:\n";
  const std::vector<std::size_t> before = table.slots(solver);
  print(before);

  // Two exams of this timetable's first shared slot turn out to clash; the new one starts from the old one.
  for (std::size_t one = 0; one < exams.size(); one++) {
    for (std::size_t other = one + 1; other < exams.size(); other++) {
      if (before[one] == before[other]) {
        std::cout << exams[one] << " and " << exams[other] << " clash as well\n";
        std::vector<std::int32_t> as_before;
        for (std::size_t exam = 0; exam < exams.size(); exam++) {
          as_before.push_back(table.at[exam][before[exam]]);
        }
        solver.set_phases(as_before); // tried first where the search has a choice
        table.add_clash(solver, one, other);
        if (solver.solve(limits) != anser::result::sat) {
          std::cout << "then " << open << " slots are too few\n";
          return;
        }
        const std::vector<std::size_t> after = table.slots(solver);
        std::size_t moved = 0;
        for (std::size_t exam = 0; exam < exams.size(); exam++) {
          moved += before[exam] != after[exam] ? 1 : 0;
        }
        std::cout << "a timetable that moves " << moved << " of " << exams.size() << " exams:\n";
        print(after);
        std::cout << solver.get_statistic("solves") << " searches, " << solver.get_statistic("conflicts")
                  << " conflicts\n";
        return;
      }
    }
  }
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
