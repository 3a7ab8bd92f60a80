// A host in C++ with exceptions of its own, and with an inline function and a template under the probe's names.
#include "host.h"

#include <stdexcept>

inline int shared_name() { return 2; }

template <class T> struct Table {
  virtual ~Table() = default;
  virtual T value() { return T(2); }
};

static int32_t throws(void *, const uint8_t *, size_t) { throw std::runtime_error("from the host"); }

int main() {
  int (*volatile inlined)() = shared_name;
  Table<int> *volatile table = new Table<int>;
  int bad = expect("the host's inline function", inlined(), 2) + expect("the host's template", table->value(), 2);
  delete table;
  // An exception of the host's, which the library has to catch.
  anser_sink sink = ANSER_SINK_INIT;
  sink.write = throws;
  bad += expect("a callback that throws", anser_pigeons(6, &sink), -ANSER_STATUS_CALLBACK_FAILED);
  try {
    bad += check_libraries();
    throw std::logic_error("mine");
  } catch (const std::logic_error &) {
    return bad != 0;
  }
}
