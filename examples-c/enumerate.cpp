// enumerate: all ways to draw a small picture that keeps some sums, one after the other.
//
// What it shows: anser::enumerator; parities and cardinality constraints; a projection, so that ways which differ in
// auxiliary variables only count once; a limit; a budget; a function that takes models as they are found.
//
//   c++ -std=c++17 enumerate.cpp -o enumerate $(pkg-config --cflags --libs anser)
//   ./enumerate [LIMIT]
//
// A picture has 4 rows of 4 pixels. Two pixels are black in every row and every column; the first diagonal and the upper
// half of the second together have an odd number of black ones; a variable for each row says whether its black pixels
// touch. The question is which patterns of corners and of rows that touch there are: 8 variables, over which the models
// are projected.
//
// What it prints: each pattern, and how many there are. Every one is checked against the program's own arithmetic, and
// their number against trying all 2^16 pictures. It exits with 0, and with 1 after an error.
#include <anser.hpp>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <set>
#include <string>
#include <vector>

namespace {

constexpr int side = 4;

std::int32_t pixel(int row, int column) { return row * side + column + 1; }
std::int32_t touches(int row) { return side * side + row + 1; }

/** The variables of a pattern: the four corners, then the rows that touch. */
std::vector<std::uint32_t> pattern_variables() {
  std::vector<std::uint32_t> all;
  for (const std::int32_t v : {pixel(0, 0), pixel(0, side - 1), pixel(side - 1, 0), pixel(side - 1, side - 1)}) {
    all.push_back(static_cast<std::uint32_t>(v));
  }
  for (int row = 0; row < side; row++) {
    all.push_back(static_cast<std::uint32_t>(touches(row)));
  }
  return all;
}

anser::formula pictures() {
  anser::formula formula;
  formula.ensure_vars(side * side + side);
  std::vector<std::int32_t> diagonals;
  for (int i = 0; i < side; i++) {
    std::vector<std::int32_t> row;
    std::vector<std::int32_t> column;
    for (int j = 0; j < side; j++) {
      row.push_back(pixel(i, j));
      column.push_back(pixel(j, i));
    }
    formula.add_exactly(row, 2);
    formula.add_exactly(column, 2);
    diagonals.push_back(pixel(i, i));
    if (i < side / 2) { // of the other diagonal the upper half, so that the parity is no consequence of the sums
      diagonals.push_back(pixel(i, side - 1 - i));
    }
    // Two neighbours are black where the row touches, and only there.
    std::vector<std::int32_t> pairs;
    for (int j = 0; j + 1 < side; j++) {
      const std::int32_t both = formula.new_var();
      formula.add_at_least({pixel(i, j), pixel(i, j + 1)}, 2, anser::condition::reified_by(both));
      pairs.push_back(both);
    }
    formula.add_at_least(pairs, 1, anser::condition::reified_by(touches(i)));
  }
  formula.add_xor(diagonals, true);
  return formula;
}

/** The same by arithmetic: bit v - 1 is pixel v. Answers whether the picture is one, and its pattern. */
bool is_right(unsigned picture, std::string &pattern) {
  const auto black = [&](int row, int column) { return (picture >> (pixel(row, column) - 1) & 1U) != 0; };
  int odd = 0;
  std::string rows;
  for (int i = 0; i < side; i++) {
    int row = 0;
    int column = 0;
    bool touch = false;
    for (int j = 0; j < side; j++) {
      row += black(i, j);
      column += black(j, i);
      touch = touch || (j > 0 && black(i, j - 1) && black(i, j));
    }
    if (row != 2 || column != 2) {
      return false;
    }
    odd += black(i, i) + (i < side / 2 ? black(i, side - 1 - i) : 0);
    rows += touch ? '=' : '-';
  }
  pattern.clear();
  for (const bool corner : {black(0, 0), black(0, side - 1), black(side - 1, 0), black(side - 1, side - 1)}) {
    pattern += corner ? '#' : '.';
  }
  pattern += " " + rows;
  return odd % 2 == 1;
}

} // namespace

int main(int argc, char **argv) try {
  anser::check_version();
  char *end = nullptr;
  const std::uint64_t limit = argc > 1 ? std::strtoull(argv[1], &end, 10) : UINT64_MAX;
  if (argc > 2 || (end != nullptr && *end != '\0')) {
    std::cerr << "usage: enumerate [LIMIT]\n";
    return 1;
  }

  std::set<std::string> wanted; // by trying all
  for (unsigned picture = 0; picture < 1U << side * side; picture++) {
    std::string pattern;
    if (is_right(picture, pattern)) {
      wanted.insert(pattern);
    }
  }

  anser::enumerator enumerator(pictures());
  enumerator.set_projection(pattern_variables());
  anser::budget budget;
  budget.set_time_limit(60.0);
  bool good = true;
  // Each model is handed over as it is found, with all variables, also those that are not projected on.
  const anser::enumeration how = enumerator.for_each(
      [&](const std::int8_t *values, std::size_t) {
        unsigned picture = 0;
        for (int v = 1; v <= side * side; v++) {
          picture |= values[v - 1] > 0 ? 1U << (v - 1) : 0U;
        }
        std::string pattern;
        const bool right = is_right(picture, pattern) && wanted.erase(pattern) == 1; // each once
        good = good && right;
        std::cout << pattern << (right ? "" : "  is wrong") << '\n';
        return true; // go on
      },
      limit, budget);

  std::cout << enumerator.num_models() << " patterns";
  switch (how) {
  case anser::enumeration::complete:
    good = good && wanted.empty();
    std::cout << (good ? ", as by trying all pictures\n" : ", which is wrong\n");
    break;
  case anser::enumeration::model: std::cout << ", and maybe more\n"; break;
  case anser::enumeration::unknown:
    std::cout << " until it ended by " << anser::to_string(enumerator.stop_reason()) << '\n';
    break;
  }
  return good ? 0 : 1;
} catch (const anser::error &e) {
  std::cerr << e.status_name() << ": " << e.what() << '\n';
  return 1;
}
