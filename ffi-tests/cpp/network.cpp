// Tests of anser.hpp: networks, properties and their disjuncts; moves, errors, callbacks that throw.
//
// Prints `ok NAME` for every test that passes and `FAILED NAME: why` for one that does not; exits 1 then.
#include "anser.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <unistd.h>
#include <vector>

namespace {

struct failure {
  std::string why;
};
void expect(bool holds, const char *what, int line) {
  if (!holds) {
    throw failure{std::string(what) + " (line " + std::to_string(line) + ")"};
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
#define ERROR_OF(...) error_of([&] { __VA_ARGS__; }, __LINE__)
bool mentions(const anser::error &e, const char *text) { return std::string(e.what()).find(text) != std::string::npos; }

using floats = std::vector<float>;
using doubles = std::vector<double>;
using kind = anser::layer_kind;

template <class T>
constexpr bool is_handle = std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T> &&
                           !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T>;
static_assert(is_handle<anser::network> && is_handle<anser::property> && is_handle<anser::disjuncts> &&
              is_handle<anser::verifier>);
static_assert(std::is_default_constructible_v<anser::network> && !std::is_default_constructible_v<anser::property>);
static_assert(!std::is_convertible_v<anser_network *, anser::network> &&
              !std::is_convertible_v<anser::property, anser::disjuncts>);

/** h = relu([x0 + x1 - 1, x0 - x1]), y = [h0 + 2 h1, -h0]. */
anser::network small() {
  anser::network n;
  const auto x = n.add_input("x", {1, 2});
  const auto w = n.add_constant({2, 2}, floats{1, 1, 1, -1}, "w");
  const auto b = n.add_constant({2}, doubles{-1, 0});
  const auto v = n.add_constant({2, 2}, floats{1, 2, -1, 0});
  const auto h = n.add_layer(kind::relu, {n.add_layer(kind::linear, {x, w, b})}, "h");
  n.add_output(n.add_layer(kind::linear, {h, v}));
  return n;
}

void building() {
  anser::network n = small();
  EXPECT(n.num_tensors() == 7 && n.num_layers() == 3 && n.num_parameters() == 10);
  EXPECT(n.input_length() == 2 && n.output_length() == 2);
  EXPECT(n.inputs() == std::vector<std::uint32_t>{0} && n.outputs() == std::vector<std::uint32_t>{6});
  EXPECT(n.find_tensor("h") == 5u && !n.find_tensor("nobody"));
  const anser::tensor_info w = n.tensor(1);
  EXPECT(w.name == "w" && w.shape == (std::vector<std::size_t>{2, 2}) && w.length == 4 && w.index == 0);
  EXPECT(w.source == anser::tensor_source::constant && w.type == anser::element_type::f32);
  const anser::tensor_info h = n.tensor(5);
  EXPECT(h.source == anser::tensor_source::layer && h.index == 1 && !h.type);
  EXPECT(n.constant(1) == (doubles{1, 1, 1, -1}) && n.constant(2) == (doubles{-1, 0}));
  EXPECT(n.view(1).strides[0] == 2 && static_cast<const float *>(n.view(1).elements)[3] == -1);
  const anser::layer relu = n.get_layer(1);
  EXPECT(relu.kind == kind::relu && relu.name == "h" && relu.output == 5 && relu.inputs == std::vector<std::uint32_t>{4});
  EXPECT(std::string(anser::to_string(relu.kind)) == "relu" && n.layer_nodes(1).empty());
  const std::uint16_t half[1] = {0x3C00};
  EXPECT(n.constant(n.add_constant({1}, anser::element_type::f16, half, 1)) == doubles{1});
  // All members of a layer go in and come back.
  anser::layer conv{kind::conv_transpose};
  conv.inputs = {n.add_input("image", {1, 2, 3, 3}), n.add_constant({2, 1, 2, 2}, floats(8, 1.0F))};
  conv.kernel = {2, 2};
  conv.strides = {2, 1};
  conv.dilations = {1, 1};
  conv.pads_begin = {0, 1};
  conv.pads_end = {1, 0};
  conv.output_padding = {1, 0};
  conv.groups = 2;
  conv.name = "c";
  const auto out = n.add_layer(conv);
  const anser::layer back = n.get_layer(n.num_layers() - 1);
  EXPECT(back.output == out && back.kernel == conv.kernel && back.strides == conv.strides &&
         back.dilations == conv.dilations && back.pads_begin == conv.pads_begin && back.pads_end == conv.pads_end &&
         back.output_padding == conv.output_padding && back.groups == 2 && back.name == "c" && back.starts.empty());
  anser::layer slice{kind::slice};
  slice.inputs = {0};
  slice.starts = {0, 1};
  slice.steps = {1, -1};
  slice.lengths = {1, 2};
  n.add_layer(slice);
  EXPECT(n.get_layer(n.num_layers() - 1).steps == slice.steps);
  slice.steps = {1};
  const anser::error odd = ERROR_OF(n.add_layer(slice));
  EXPECT(odd.status() == ANSER_STATUS_INVALID_ARGUMENT && mentions(odd, "steps"));
  anser::layer gather{kind::gather};
  gather.inputs = {0};
  gather.axis = 1;
  gather.indices = {1};
  EXPECT(n.tensor(n.add_layer(gather)).shape == std::vector<std::size_t>{1});
  const anser::error unknown = ERROR_OF(n.add_layer(kind::add, {0, 99}));
  EXPECT(unknown.index() == 1 && mentions(unknown, "anser_network_add_layer"));
  n.set_memory_limit(0);
  EXPECT(ERROR_OF(n.add_constant({1}, floats{1})).status() == ANSER_STATUS_OUT_OF_MEMORY);
  anser::network copy = n.clone();
  copy.add_output(0);
  EXPECT(copy.outputs().size() == 2 && n.outputs().size() == 1);
}

void evaluating() {
  const anser::network n = small();
  EXPECT(n.evaluate(doubles{2, 1}) == (doubles{4, -2}));
  EXPECT(n.evaluate(floats{2, 1, 0, 0}, 2) == (floats{4, -2, 0, 0}));
  EXPECT(n.evaluate(doubles{}, 0).empty());
  EXPECT(n.evaluate_tensors(doubles{2, 1, 3, 1}, {5, 0}, 2) == (doubles{2, 1, 3, 2, 2, 1, 3, 1}));
  EXPECT(n.evaluate_tensors(floats{2, 1}, {5}) == (floats{2, 1}));
  const anser::gradients<double> g = n.vjp(doubles{2, 1}, doubles{1, 0});
  EXPECT(g.inputs == (doubles{3, -1}) && g.outputs == (doubles{4, -2}));
  const anser::gradients<float> f = n.vjp(floats{2, 1}, floats{0, 1});
  EXPECT(f.inputs == (floats{-1, -1}) && f.outputs == (floats{4, -2}));
  const anser::error e = ERROR_OF(n.evaluate(doubles{1}));
  EXPECT(e.status() == ANSER_STATUS_INVALID_ARGUMENT && mentions(e, "inputs_length"));
  EXPECT(ERROR_OF(n.evaluate(doubles{1, 2}, SIZE_MAX)).status() == ANSER_STATUS_INVALID_ARGUMENT);
  anser::budget limits;
  anser::interrupt token;
  limits.set_interrupt(token);
  EXPECT(n.evaluate(doubles{2, 1}, 1, limits) == (doubles{4, -2}));
  token.trigger();
  EXPECT(ERROR_OF(n.evaluate(doubles{2, 1}, 1, limits)).stop() == anser::stop_reason::interrupted);
  EXPECT(ERROR_OF(n.vjp(floats{2, 1}, floats{2, 1}, 1, limits)).stop() == anser::stop_reason::interrupted);
  EXPECT(ERROR_OF(n.evaluate_tensors(floats{2, 1}, {0}, 1, limits)).stop() == anser::stop_reason::interrupted);
  // One network, several threads.
  std::vector<std::thread> threads;
  std::vector<doubles> answers(4);
  for (doubles &answer : answers) {
    threads.emplace_back([&n, &answer] { answer = n.evaluate(doubles{2, 1}); });
  }
  for (std::thread &t : threads) {
    t.join();
  }
  for (const doubles &answer : answers) {
    EXPECT(answer == (doubles{4, -2}));
  }
}

void progress_throws() {
  const anser::network n = small();
  anser::budget limits;
  limits.set_progress([](const anser::progress &p) -> std::int32_t {
    if (p.phase == anser::phase::evaluate) {
      throw std::out_of_range("enough");
    }
    return 0;
  }, 0.0);
  bool thrown = false;
  try {
    n.evaluate(doubles(600000, 0.5), 300000, limits);
  } catch (const std::out_of_range &) {
    thrown = true;
  }
  EXPECT(thrown && n.evaluate(doubles{2, 1}) == (doubles{4, -2}));
}

void onnx() {
  const anser::network n = small();
  const std::vector<std::uint8_t> bytes = n.to_onnx();
  anser::network_options options;
  options.keep_layers = true;
  options.dims = {{"batch", 1}};
  const anser::network back = anser::network::parse_onnx(bytes.data(), bytes.size(), options);
  EXPECT(back.evaluate(doubles{2, 1}) == (doubles{4, -2}) && back.num_layers() == 3);
  EXPECT(back.layer_nodes(1).size() == 1 && back.layer_nodes(1)[0].op == "Relu");
  std::vector<std::uint8_t> taken;
  n.write_onnx([&](const std::uint8_t *piece, std::size_t length) { taken.insert(taken.end(), piece, piece + length); });
  EXPECT(taken == bytes);
  bool thrown = false;
  try {
    n.write_onnx([](const std::uint8_t *, std::size_t) { throw std::range_error("full"); });
  } catch (const std::range_error &) {
    thrown = true;
  }
  EXPECT(thrown);
  const std::string path = "/tmp/anser-network-cpp-" + std::to_string(getpid()) + ".onnx.gz";
  n.write_onnx(path);
  EXPECT(anser::network::read_onnx(path).evaluate(floats{2, 1}) == (floats{4, -2}));
  std::remove(path.c_str());
  const anser::error e = ERROR_OF(anser::network::read_onnx(path));
  EXPECT(e.status() == ANSER_STATUS_IO && mentions(e, path.c_str()));
  EXPECT(ERROR_OF(anser::network::parse_onnx(nullptr, 0)).status() == ANSER_STATUS_PARSE);
  EXPECT(n.fuse().evaluate(doubles{2, 1}) == (doubles{4, -2}));
}

void properties() {
  anser::property p(2, 2);
  p.add_box({0, -1}, {1, 1});
  p.add_assertion({anser::halfspaces().add({{2, 1}, {3, -1}}, 0).add({{2, 1}}, 2, true),
                   anser::halfspaces().add({{3, 1}, {0, 0.5}}, -3)});
  EXPECT(p.num_inputs() == 2 && p.num_outputs() == 2 && p.num_assertions() == 2);
  EXPECT(p.check({0, 0}, {1, 1}) && !p.check({0, 0}, {2, 2}) && p.check({0, 0}, {5, -3}) && !p.check({2, 0}, {1, 1}));
  EXPECT(ERROR_OF(p.check({0}, {1, 1})).status() == ANSER_STATUS_INVALID_ARGUMENT);
  EXPECT(ERROR_OF(p.check({0, NAN}, {1, 1})).index() == 1);
  p.check_network(small());
  anser::property other(3, 2);
  EXPECT(mentions(ERROR_OF(other.check_network(small())), "3"));
  const std::string text = p.to_vnnlib();
  const anser::property back = anser::property::parse_vnnlib(text);
  EXPECT(back.check({0, 0}, {1, 1}) && !back.check({0, 0}, {2, 2}) && back.check({0, 0}, {5, -3}));
  std::string taken;
  p.write_vnnlib([&](const std::uint8_t *piece, std::size_t length) {
    taken.append(reinterpret_cast<const char *>(piece), length);
  });
  EXPECT(taken == text);
  const anser::error e = ERROR_OF(anser::property::parse_vnnlib("(declare-const X_0 Real)\n(nonsense)"));
  EXPECT(e.status() == ANSER_STATUS_PARSE && e.line() == 2 && e.column() > 0);
  const std::string path = "/tmp/anser-network-cpp-" + std::to_string(getpid()) + ".vnnlib.xz";
  p.write_vnnlib(path);
  EXPECT(anser::property::read_vnnlib(path).to_vnnlib() == text);
  std::remove(path.c_str());
  anser::halfspaces odd;
  odd.bounds = {1};
  EXPECT(ERROR_OF(p.add_assertion({odd})).status() == ANSER_STATUS_INVALID_ARGUMENT);
  anser::property copy = p.clone();
  copy.set_memory_limit(0);
  EXPECT(ERROR_OF(copy.add_box({0, 0}, {1, 1})).status() == ANSER_STATUS_OUT_OF_MEMORY);

  anser::disjuncts d(p);
  EXPECT(d.num_inputs() == 2 && d.num_outputs() == 2);
  EXPECT(ERROR_OF(d.num_rows()).status() == ANSER_STATUS_INVALID_STATE);
  EXPECT(d.next());
  EXPECT(d.box().lower == (doubles{0, -1}) && d.box().upper == (doubles{1, 1}));
  EXPECT(d.num_rows() == 2 && !d.rows_have_inputs() && d.is_exact() && d.rows().b.size() == 2);
  EXPECT(d.contains({0, 0}, {1, 1}) && !d.contains({0, 0}, {5, -3}));
  anser::budget limits;
  anser::interrupt token;
  token.trigger();
  limits.set_interrupt(token);
  EXPECT(ERROR_OF(d.next(limits)).stop() == anser::stop_reason::interrupted);
  EXPECT(d.next());
  EXPECT(d.rows_have_inputs() && d.rows().a == (doubles{0, 1}) && d.rows().b == doubles{-3} &&
         d.input_coefficients() == (doubles{0.5, 0}));
  anser::property again(2, 2);
  again.add_assertion({d.halfspaces()});
  EXPECT(again.check({0, 0}, {0, -3}) && !again.check({1, 0}, {0, -3}));
  EXPECT(!d.next() && d.statistics().produced == 2);
  anser::disjuncts_options one;
  one.limit = 1;
  one.lp = false;
  anser::disjuncts few(p, one);
  EXPECT(few.next());
  EXPECT(ERROR_OF(few.next()).status() == ANSER_STATUS_UNSUPPORTED);
}

void moves() {
  anser::network n = small();
  anser::network m = std::move(n);
  EXPECT(!n && m && m.num_layers() == 3); // NOLINT: what a moved-from handle does is what is tested
  EXPECT(ERROR_OF(n.num_layers()).status() == ANSER_STATUS_INVALID_STATE);
  EXPECT(ERROR_OF(n.evaluate(doubles{1, 1})).status() == ANSER_STATUS_INVALID_STATE);
  anser::property p(1, 1);
  anser::disjuncts d(p);
  p = anser::property(2, 2);
  EXPECT(p.num_inputs() == 2 && d.num_inputs() == 1);
  const anser::property gone = std::move(p);
  EXPECT(ERROR_OF(anser::disjuncts{p}).status() == ANSER_STATUS_INVALID_STATE);
  EXPECT(ERROR_OF(gone.check_network(n)).status() == ANSER_STATUS_INVALID_STATE);
  anser_network *raw = m.release();
  anser::network owner(raw);
  EXPECT(!m && owner.get() == raw);
}

void verifying() {
  const anser::network n = small();
  const auto ask = [](double least) {
    anser::property p(2, 2);
    p.add_box({-1, -1}, {1, 1});
    p.add_assertion({anser::halfspaces().add({{2, -1}}, -least)});
    return p;
  };
  const anser::property sat = ask(-1e6), unsat = ask(1e6);
  for (const auto how : {anser::procedure::automatic, anser::procedure::input_split, anser::procedure::relu_split}) {
    anser::verifier_options options;
    options.procedure = how;
    options.threads = 2;
    anser::verifier found(n, sat, options);
    EXPECT(ERROR_OF(found.witness()).status() == ANSER_STATUS_INVALID_STATE);
    EXPECT(found.run() == anser::result::sat && found.unknown_reason() == anser::unknown_reason::none);
    const anser::witness w = found.witness();
    EXPECT(w.input.size() == 2 && w.output.size() == 2 && std::fabs(w.input[0]) <= 1);
    anser::verifier none(n, unsat, options);
    EXPECT(none.run() == anser::result::unsat && none.statistic("open") == 0 && none.statistic("covered") == 1);
    EXPECT(mentions(ERROR_OF(none.statistic("luck")), "luck"));
  }
  anser::budget limits;
  limits.set_work_limit(0);
  anser::verifier slow(n, unsat);
  EXPECT(slow.run(limits) == anser::result::unknown && slow.stop_reason() == anser::stop_reason::work);
  EXPECT(slow.unknown_reason() == anser::unknown_reason::stopped);
  anser::verifier next = anser::verifier::read_frontier(n, unsat, slow.write_frontier());
  EXPECT(next.run() == anser::result::unsat);
  EXPECT(ERROR_OF(anser::verifier::read_frontier(n, sat, slow.write_frontier())).status() == ANSER_STATUS_INVALID_ARGUMENT);
  anser::verifier moved = std::move(next);
  EXPECT(ERROR_OF(next.run()).status() == ANSER_STATUS_INVALID_STATE);
}

/** Where random points are all that the library has, the host decides. */
void hosts() {
  const anser::network n = small();
  anser::property p(2, 2);
  p.add_box({-1, -1}, {1, 1});
  p.add_assertion({anser::halfspaces().add({{2, -1}}, -1e6)});
  anser::verifier_options options;
  options.procedure = anser::procedure::portfolio;
  options.procedures = {anser::procedure::fuzz};
  anser::verifier verifier(n, p, options);
  int asked = 0;
  const auto host = [&](const anser_question &question) -> anser::host_answer {
    EXPECT(question.num_inputs == 2 && question.bounds[0] == -1e6 && question.seconds > 0);
    switch (asked++) {
    case 0: throw std::runtime_error("not yet");
    case 1: return {anser::result::sat, {0}};
    case 2: return {anser::result::sat, {0, 0}};
    case 3: return {};
    default: return {anser::result::unsat, {}};
    }
  };
  verifier.add_procedure("mine", host);
  EXPECT(mentions(ERROR_OF(verifier.add_procedure("mine", nullptr)), "function"));
  EXPECT(mentions(ERROR_OF(verifier.add_procedure(std::string("a\0b", 3), host)), "NUL"));
  bool threw = false;
  try {
    static_cast<void>(verifier.run());
  } catch (const std::runtime_error &e) {
    threw = std::string(e.what()) == "not yet";
  }
  EXPECT(threw && asked == 1);
  EXPECT(mentions(ERROR_OF(verifier.run()), "input"));
  EXPECT(verifier.run() == anser::result::unsat && asked == 5);
  const std::vector<anser::slice> slices = verifier.slices();
  EXPECT(slices.back().procedure == "mine" && slices.back().closed == 1 && slices.back().end == anser::slice_end::paused);
  options.procedure = anser::procedure::automatic;
  anser::verifier other(n, p, options);
  EXPECT(ERROR_OF(other.add_procedure("mine", host)).status() == ANSER_STATUS_INVALID_STATE && other.slices().empty());
}

} // namespace

int main() {
  const struct {
    const char *name;
    void (*run)();
  } tests[] = {{"building", building}, {"evaluating", evaluating}, {"progress_throws", progress_throws},
               {"onnx", onnx},         {"properties", properties}, {"moves", moves},
               {"verifying", verifying}, {"hosts", hosts}};
  int failed = 0;
  for (const auto &test : tests) {
    try {
      test.run();
      std::printf("ok %s\n", test.name);
      continue;
    } catch (const failure &f) {
      std::printf("FAILED %s: %s\n", test.name, f.why.c_str());
    } catch (const std::exception &e) {
      std::printf("FAILED %s: it threw: %s\n", test.name, e.what());
    }
    failed++;
  }
  return failed == 0 ? 0 : 1;
}
