// The C++ half of the probe: exceptions through frames with destructors, of an own class and of the library's; an
// inline function and a template that the hosts define too, differently, so that a COMDAT group that survived would be
// merged with theirs and show.
#include <stdexcept>
#include <string>
#include <vector>

struct Own : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline int shared_name() { return 1; }

template <class T> struct Table {
  virtual ~Table() = default;
  virtual T value() { return T(1); }
};

// No one defines it, and no one has to.
extern "C" void probe_absent() __attribute__((weak));

static std::string at_start = "made before main, longer than the small string";
static int destroyed = 0;

struct Counts {
  ~Counts() { destroyed++; }
};

__attribute__((noinline)) static void dive(int depth) {
  Counts counts;
  if (depth == 0) throw Own(at_start);
  dive(depth - 1);
}

extern "C" int probe_cpp_catches(int depth) {
  thread_local std::vector<int> kept;
  int (*volatile inlined)() = shared_name;
  Table<int> *volatile table = new Table<int>;
  const bool mine = inlined() == 1 && table->value() == 1;
  delete table;
  // Built before main, though nothing but the start-up table says so.
  if (at_start.size() < 16) return -4;
  if (!mine || probe_absent != nullptr) return -1;
  destroyed = 0;
  try {
    dive(depth - 1);
  } catch (const std::runtime_error &why) {
    if (dynamic_cast<const Own *>(&why) == nullptr || why.what() != at_start) return -2;
  }
  try {
    kept.push_back(1);
    return kept.at(kept.size());
  } catch (const std::out_of_range &) {
    return destroyed;
  } catch (...) {
    return -3;
  }
}
