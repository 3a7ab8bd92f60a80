// architectures: search spaces of convolutional networks between two shapes, counted, drawn, and narrowed by constraints.
//
// What it shows: anser::arch_space; exactly uniform draws; a limit of parameters; the space as a formula with a constraint of the
// host's own, and its models as architectures.
//
//   c++ -std=c++17 architectures.cpp -o architectures $(pkg-config --cflags --libs anser)
//   ./architectures [SEED]
//
// Networks take 28 x 28 to 8 x 8 in one to three layers, as in the paper of Calhas, Manquinho and Lynce.
//
// What it prints: how many there are, five drawn at random, how many of them have few parameters, and how many have odd kernels
// only in their first layer. Every one is judged by the definition. It exits with 0, and with 1 after an error.
#include <anser.hpp>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

namespace {

void print(const anser::architecture &member) {
  for (const anser::arch_layer &layer : member) {
    std::cout << "  kernel " << layer.kernel[0] << "x" << layer.kernel[1] << " stride " << layer.stride[0] << "x"
              << layer.stride[1];
  }
  std::cout << "\n";
}

int run(std::uint64_t seed) {
  anser::arch_description description;
  description.input = {28, 28};
  description.output = {8, 8};
  description.min_layers = 1;
  description.max_layers = 3;
  anser::arch_space space(description);
  std::cout << "architectures: " << space.count() << "\n";

  anser::budget limits;
  limits.set_seed(seed);
  for (const anser::architecture &member : space.draw(5, limits)) {
    print(member);
    if (!space.contains(member)) {
      std::cerr << "a draw is no member\n";
      return 1;
    }
  }

  // With channels, parameters can be limited. Members are drawn by random parities then.
  anser::arch_description small = description;
  small.max_layers = 2;
  small.channels = {1, 8, 16};
  small.max_parameters = 4000;
  anser::arch_space few(small);
  std::cout << "of one or two layers with at most 4000 parameters: " << few.count() << "\n";
  for (const anser::architecture &member : few.draw(2, limits, anser::arch_method::unigen)) {
    print(member);
    if (!few.contains(member) || !space.contains(member)) {
      std::cerr << "a draw is no member\n";
      return 1;
    }
  }

  // What the space does not know is said of its formula: the lowest bits of the first layer's kernels are 1.
  anser::formula formula = few.to_formula();
  for (std::uint32_t dimension = 0; dimension < 2; dimension++) {
    formula.add_clause({few.kernel_bits(0, dimension).front()});
  }
  anser::enumerator models(formula);
  std::uint64_t odd = 0;
  while (models.next() == anser::enumeration::model) {
    const anser::architecture member = few.decode(models.model());
    if (member[0].kernel[0] % 2 == 0 || member[0].kernel[1] % 2 == 0) {
      std::cerr << "a kernel is even\n";
      return 1;
    }
    odd++;
  }
  std::cout << "of these with odd kernels in the first layer: " << odd << "\n";
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  try {
    return run(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1);
  } catch (const anser::error &e) {
    std::cerr << "architectures: " << e.what() << "\n";
    return 1;
  }
}
