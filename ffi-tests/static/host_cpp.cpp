// A host in C++ with exceptions of its own, and with an inline function and a template under the probe's names.
#include "host.h"

#include <stdexcept>

inline int shared_name() { return 2; }

template <class T> struct Table {
  virtual ~Table() = default;
  virtual T value() { return T(2); }
};

int main() {
  int (*volatile inlined)() = shared_name;
  Table<int> *volatile table = new Table<int>;
  int bad = expect("the host's inline function", inlined(), 2) + expect("the host's template", table->value(), 2);
  delete table;
  try {
    bad += check_libraries();
    throw std::logic_error("mine");
  } catch (const std::logic_error &) {
    return bad != 0;
  }
}
