// Another solver in the portfolio: SCIP, for mixed integer programs.
//
// The question, of any network and property: does an input have outputs that the property forbids? Anser's portfolio gives its
// procedures turns, and asks the host's own one in between about a box and halfspaces. The host
//   - encodes the network over that box as a mixed integer program, with anser::relu_encoder, and adds the halfspaces as rows;
//   - writes it as MPS, and has `python3 solve_mps.py FILE SECONDS COLUMN` solve it, a script that stands beside this file;
//   - hands back "none", the input, or that it does not know.
// A witness is checked by the library: one that SCIP's tolerances let pass is none. That there is none is taken on trust: what
// SCIP says is computed in floating point. The table at the end tells whose answers a verdict rests on.
//
//   host_procedure [OPTION...] [NETWORK.onnx PROPERTY.vnnlib]
//     --only-host       leaves out the library's own procedures
//     --time SECONDS    wall-clock limit, 60 at first
//     --python PROGRAM  a Python with PySCIPOpt (pip install pyscipopt); python3 at first
//     --script FILE     solve_mps.py, where it does not stand beside the program
//
// Without files it builds a network and asks it two questions. Prints the verdict, the witness and the table, and exits with
// 10 (sat), 20 (unsat), 0 (unknown, or its own two questions), or 1 after any error. Without SCIP, or where the network is not
// piecewise linear, it says so and goes on with the other procedures.
#include "anser.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

extern char **environ;

namespace {

namespace fs = std::filesystem;
using clock_type = std::chrono::steady_clock;

constexpr const char *name = "scip";
constexpr int no_pyscipopt = 3;     // what solve_mps.py exits with
constexpr double least_seconds = 2; // for SCIP; to start Python takes some tenths of one
constexpr double grace = 5;         // so much later it is killed
constexpr double margin = 1e-3;     // so far inside the halfspaces a witness is looked for

// ---- The other solver -----------------------------------------------------------------------------------------------

/** A folder that only this user may read, and that goes with all that is in it. */
class folder {
public:
  folder() {
    std::string made = (fs::temp_directory_path() / "anser-scip-XXXXXX").string();
    if (mkdtemp(made.data()) == nullptr) {
      throw std::system_error(errno, std::generic_category(), made);
    }
    path_ = made;
  }
  folder(const folder &) = delete;
  folder &operator=(const folder &) = delete;
  ~folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  std::string file(const char *called) const { return (path_ / called).string(); }

private:
  fs::path path_;
};

struct output {
  int exit = 0; // or 128 and the signal that ended it
  bool is_late = false;
  std::string text;
};

/** A child process whose standard output is read; what it writes to standard error is seen. Killed where it is left alone. */
class child {
public:
  explicit child(std::vector<std::string> command) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
      throw std::system_error(errno, std::generic_category(), "pipe2");
    }
    from_ = ends[0];
    std::vector<char *> arguments;
    for (std::string &argument : command) {
      arguments.push_back(argument.data());
    }
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t files;
    int failed = posix_spawn_file_actions_init(&files);
    if (failed == 0) {
      failed = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
      failed = failed != 0 ? failed : posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
      // No shell: whatever is in the names of files, it is one argument each.
      failed = failed != 0 ? failed : posix_spawnp(&id_, arguments[0], &files, nullptr, arguments.data(), environ);
      posix_spawn_file_actions_destroy(&files);
    }
    close(ends[1]);
    if (failed != 0) {
      close(from_);
      throw std::system_error(failed, std::generic_category(), command[0]);
    }
  }
  child(const child &) = delete;
  child &operator=(const child &) = delete;
  ~child() {
    if (id_ > 0) {
      kill(id_, SIGKILL);
      wait();
    }
    close(from_);
  }

  /** All that it prints until it ends, for so many seconds at most; then it is killed. */
  output read(double seconds) {
    output got;
    const auto end = clock_type::now() + std::chrono::duration<double>(seconds);
    char buffer[4096];
    while (true) {
      const double left = std::chrono::duration<double>(end - clock_type::now()).count();
      pollfd ready = {from_, POLLIN, 0};
      const int found = left <= 0 ? 0 : poll(&ready, 1, static_cast<int>(std::min(std::ceil(left * 1000), 1e6)));
      if (found < 0 && errno != EINTR) {
        throw std::system_error(errno, std::generic_category(), "poll");
      }
      if (left <= 0) {
        got.is_late = true;
        kill(id_, SIGKILL);
        break;
      }
      if (found <= 0) {
        continue;
      }
      const ssize_t count = ::read(from_, buffer, sizeof buffer);
      if (count < 0 && errno != EINTR) {
        throw std::system_error(errno, std::generic_category(), "read");
      }
      if (count == 0) {
        break;
      }
      got.text.append(buffer, count > 0 ? static_cast<std::size_t>(count) : 0);
    }
    const int status = wait();
    got.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return got;
  }

private:
  int wait() {
    int status = 0;
    while (waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    id_ = 0;
    return status;
  }

  pid_t id_ = 0;
  int from_ = -1;
};

/** What SCIP says of a program. */
struct solution {
  anser::result result = anser::result::unknown;
  std::map<std::string, double> values; // of all columns, where there is a solution
};

class scip {
public:
  scip(std::string python, std::string script) : python_(std::move(python)), script_(std::move(script)) {}

  /** Its version. Nothing, and why is printed, where it cannot be run. */
  std::optional<std::string> version() const {
    try {
      output got = child({python_, script_}).read(60);
      while (!got.text.empty() && got.text.back() == '\n') {
        got.text.pop_back();
      }
      if (got.exit == 0 && !got.text.empty()) {
        return got.text;
      }
      if (got.exit == no_pyscipopt) {
        std::printf("%s: no PySCIPOpt: pip install pyscipopt\n", name);
      } else {
        std::printf("%s: %s %s failed\n", name, python_.c_str(), script_.c_str());
      }
    } catch (const std::system_error &e) {
      std::printf("%s: %s\n", name, e.what());
    }
    return std::nullopt;
  }

  /** Solves a program within so many seconds; a solution has the column as great as it can be in that time. */
  solution solve(const anser::formula &program, double seconds, std::uint32_t greatest, const anser::budget &limits) const {
    const folder work;
    const std::string file = work.file("question.mps");
    program.write_text(anser::text_format::mps, file, limits);
    child solver({python_, script_, file, std::to_string(seconds), column(greatest)});
    const output got = solver.read(seconds + grace);
    if (got.is_late) {
      return {}; // SCIP looks at the clock only now and then
    }
    if (got.exit != 0) {
      throw std::runtime_error(std::string(name) + ": " + script_ + " exited with " + std::to_string(got.exit));
    }
    std::istringstream lines(got.text);
    std::string line;
    std::getline(lines, line);
    solution found;
    if (line == "infeasible") {
      found.result = anser::result::unsat;
    } else if (line == "feasible") {
      found.result = anser::result::sat;
      while (std::getline(lines, line)) {
        const std::size_t blank = line.find(' ');
        if (blank != std::string::npos) {
          found.values[line.substr(0, blank)] = std::strtod(line.c_str() + blank, nullptr);
        }
      }
    } else if (line != "unknown") {
      throw std::runtime_error(std::string(name) + ": " + script_ + " printed \"" + line + "\"");
    }
    return found;
  }

  /** What a formula's number is called in MPS. */
  static std::string column(std::uint32_t number) { return "n" + std::to_string(number); }

private:
  std::string python_, script_;
};

// ---- The procedure --------------------------------------------------------------------------------------------------

/** Answers the portfolio's questions about one network. */
class host {
public:
  /** Throws where the network is not piecewise linear. */
  host(const anser::network &network, scip solver, clock_type::time_point end)
      : encoder_(network), solver_(std::move(solver)), end_(end) {}

  anser::host_answer answer(const anser_question &question) const {
    // The first turns are shorter than Python takes to start. Beyond the limit of the whole run nobody waits.
    const double left = std::chrono::duration<double>(end_ - clock_type::now()).count();
    const double seconds = std::min(std::max(question.seconds, least_seconds), left);
    if (!(seconds > 0)) {
      return {};
    }
    try {
      return ask(question, seconds);
    } catch (const anser::error &e) {
      if (e.status() == ANSER_STATUS_STOPPED) {
        return {}; // time was up before there was a program
      }
      throw;
    }
  }

private:
  anser::host_answer ask(const anser_question &question, double seconds) const {
    const auto begin = clock_type::now();
    anser::budget limits;
    limits.set_time_limit(std::chrono::duration<double>(seconds));
    const std::vector<double> lower(question.lower, question.lower + question.num_inputs);
    const std::vector<double> upper(question.upper, question.upper + question.num_inputs);
    anser::formula program;
    const anser::relu_encoding encoding = encoder_.encode(program, lower, upper, limits);
    const std::vector<std::uint32_t> inputs = encoding.inputs().numbers;
    std::vector<std::uint32_t> numbers = inputs;
    const std::vector<std::uint32_t> outputs = encoding.outputs().numbers;
    numbers.insert(numbers.end(), outputs.begin(), outputs.end());
    // As far inside all halfspaces as can be, up to a margin, so that rounding does not take the witness away. None need be:
    // 0 is allowed, and where a bound is excluded, this allows a little too much, never too little.
    const std::uint32_t inside = program.new_real(0, margin);
    for (std::size_t row = 0; row < question.num_rows; row++) {
      program.add_linear(halfspace(question, row, numbers, inside));
    }
    const double rest = seconds - std::chrono::duration<double>(clock_type::now() - begin).count();
    const solution found = solver_.solve(program, std::max(rest, 0.1), inside, limits);
    anser::host_answer made;
    made.result = found.result;
    if (found.result == anser::result::sat) {
      for (std::size_t i = 0; i < inputs.size(); i++) {
        const auto value = found.values.find(scip::column(inputs[i]));
        if (value == found.values.end()) {
          throw std::runtime_error(std::string(name) + ": no value of " + scip::column(inputs[i]));
        }
        made.input.push_back(std::clamp(value->second, lower[i], upper[i]));
      }
    }
    return made;
  }

  /** sum(coefficient * variable) + weight * inside <= bound, over the numbers of inputs and outputs. */
  static anser::linear_row halfspace(const anser_question &question, std::size_t row,
                                     const std::vector<std::uint32_t> &numbers, std::uint32_t inside) {
    anser::linear_row made;
    double weight = 0;
    for (std::size_t i = question.row_offsets[row]; i < question.row_offsets[row + 1]; i++) {
      made.numbers.push_back(numbers[question.columns[i]]);
      made.coefficients.push_back(question.coefficients[i]);
      weight = std::max(weight, std::abs(question.coefficients[i]));
    }
    made.numbers.push_back(inside);
    made.coefficients.push_back(weight);
    made.relation = anser::relation::at_most;
    made.rhs = question.bounds[row];
    return made;
  }

  anser::relu_encoder encoder_;
  scip solver_;
  clock_type::time_point end_;
};

// ---- The questions --------------------------------------------------------------------------------------------------

constexpr std::size_t wide = 6;

/** How sum i of the inputs weighs input j: a matrix that can be inverted (1 below the diagonal gives it determinant 1). */
double mixed(std::size_t i, std::size_t j) { return i == j ? 1 : j < i ? (i % 2 == 0 ? 0.5 : -0.5) : 0; }

/**
 * Of 6 inputs, 6 sums, and how far each is from what it is at one point: the output is the sum of relu(1 - 2 * distance). At that
 * point it is 6, everywhere else less.
 */
anser::network make_network() {
  anser::network n;
  std::vector<double> first(2 * wide * wide), first_bias(2 * wide), second(wide * 2 * wide);
  for (std::size_t i = 0; i < wide; i++) {
    double there = 0;
    for (std::size_t j = 0; j < wide; j++) {
      const double point = (static_cast<double>(j) * 3 - 7) / 16;
      there += mixed(i, j) * point;
      first[i * wide + j] = mixed(i, j);
      first[(wide + i) * wide + j] = -mixed(i, j);
    }
    first_bias[i] = -there;
    first_bias[wide + i] = there;
    second[i * 2 * wide + i] = second[i * 2 * wide + wide + i] = -2;
  }
  const auto linear = [&n](std::uint32_t x, std::size_t rows, std::size_t columns, const std::vector<double> &weights,
                           const std::vector<double> &bias) {
    return n.add_layer(anser::layer_kind::linear,
                       {x, n.add_constant({rows, columns}, weights), n.add_constant({rows}, bias)});
  };
  const std::uint32_t x = n.add_input("x", {1, wide});
  const std::uint32_t apart = n.add_layer(anser::layer_kind::relu, {linear(x, 2 * wide, wide, first, first_bias)});
  const std::uint32_t near =
      n.add_layer(anser::layer_kind::relu, {linear(apart, wide, 2 * wide, second, std::vector<double>(wide, 1))});
  n.add_output(linear(near, 1, wide, std::vector<double>(wide, 1), {0}));
  return n;
}

/** Inputs between -1 and 1 with an output of so much or more. */
anser::property make_property(double least) {
  anser::property made(wide, 1);
  made.add_box(std::vector<double>(wide, -1), std::vector<double>(wide, 1));
  made.add_assertion({anser::halfspaces().add({{wide, -1}}, -least)});
  return made;
}

struct options {
  bool is_only_host = false;
  double seconds = 60;
  std::string python = "python3";
  std::string script;
  std::vector<std::string> files;
};

const char *to_string(anser::unknown_reason reason) {
  switch (reason) {
  case anser::unknown_reason::stopped: return "out of time";
  case anser::unknown_reason::rounding: return "what is left open is within rounding";
  case anser::unknown_reason::unbounded: return "an input has no bounds";
  default: return "not decided";
  }
}

const char *to_string(anser::slice_end end) {
  switch (end) {
  case anser::slice_end::sat: return "a witness";
  case anser::slice_end::unsat: return "nothing open";
  case anser::slice_end::exhausted: return "exhausted";
  case anser::slice_end::failed: return "failed";
  default: return "";
  }
}

void print(const anser::witness &found) {
  for (std::size_t i = 0; i < found.input.size(); i++) {
    std::printf("  x%zu = %.9g\n", i, static_cast<double>(found.input[i]));
  }
  for (std::size_t i = 0; i < found.output.size(); i++) {
    std::printf("  y%zu = %.9g\n", i, static_cast<double>(found.output[i]));
  }
}

/** Who did what. A question to a host counts as a subproblem. */
void print(const std::vector<anser::slice> &slices) {
  if (slices.empty()) {
    return;
  }
  std::printf("  round  %-18s %11s %7s %9s\n", "procedure", "subproblems", "closed", "seconds");
  for (const anser::slice &slice : slices) {
    std::printf("  %5u  %-18s %11llu %7llu %9.2f  %s%s%s\n", slice.round, slice.procedure.c_str(),
                static_cast<unsigned long long>(slice.bounded), static_cast<unsigned long long>(slice.closed), slice.seconds,
                to_string(slice.end), slice.why.empty() ? "" : ": ", slice.why.c_str());
  }
}

anser::result verify(const anser::network &network, const anser::property &property, const std::optional<scip> &solver,
                     const options &chosen) {
  const std::chrono::duration<double> seconds(chosen.seconds);
  const auto end = clock_type::now() + std::chrono::duration_cast<clock_type::duration>(seconds);
  anser::budget limits;
  limits.set_time_limit(seconds);
  anser::verifier_options options;
  options.procedure = anser::procedure::portfolio;
  if (chosen.is_only_host) {
    options.procedures = {anser::procedure::fuzz}; // of those that take turns none is called so, and none is left
  }
  anser::verifier verifier(network, property, options, limits);
  if (solver) {
    try {
      const auto asked = std::make_shared<host>(network, *solver, end);
      verifier.add_procedure(name, [asked](const anser_question &question) { return asked->answer(question); });
    } catch (const anser::error &e) {
      if (e.status() != ANSER_STATUS_UNSUPPORTED) {
        throw;
      }
      std::printf("%s: %s\n", name, e.what());
    }
  }
  const anser::result result = verifier.run(limits);
  switch (result) {
  case anser::result::optimum: // of solver::minimize() only
  case anser::result::sat:
    std::printf("sat\n");
    print(verifier.witness());
    break;
  case anser::result::unsat:
    std::printf("unsat\n");
    break;
  case anser::result::unknown:
    std::printf("unknown: %s\n", to_string(verifier.unknown_reason()));
    break;
  }
  print(verifier.slices());
  return result;
}

int usage() {
  std::fprintf(stderr, "usage: host_procedure [--only-host] [--time SECONDS] [--python PROGRAM] [--script FILE] "
                       "[NETWORK.onnx PROPERTY.vnnlib]\n");
  return 1;
}

} // namespace

int main(int argc, char **argv) try {
  anser::check_version();
  options chosen;
  chosen.script = (fs::path(argv[0]).parent_path() / "solve_mps.py").string();
  for (int i = 1; i < argc; i++) {
    const std::string argument = argv[i];
    const bool has_value = argument == "--time" || argument == "--python" || argument == "--script";
    if (has_value && i + 1 == argc) {
      return usage();
    }
    if (argument == "--only-host") {
      chosen.is_only_host = true;
    } else if (argument == "--time") {
      char *rest = nullptr;
      chosen.seconds = std::strtod(argv[++i], &rest);
      if (rest == argv[i] || *rest != '\0' || !(chosen.seconds >= 0 && chosen.seconds <= 1e6)) {
        return usage();
      }
    } else if (argument == "--python") {
      chosen.python = argv[++i];
    } else if (argument == "--script") {
      chosen.script = argv[++i];
    } else if (argument.compare(0, 2, "--") == 0) {
      return usage();
    } else {
      chosen.files.push_back(argument);
    }
  }
  if (!chosen.files.empty() && chosen.files.size() != 2) {
    return usage();
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0); // in order with what the script says
  std::optional<scip> solver(std::in_place, chosen.python, chosen.script);
  if (const std::optional<std::string> version = solver->version()) {
    std::printf("%s: %s\n", name, version->c_str());
  } else {
    solver.reset();
  }
  if (!chosen.files.empty()) {
    const anser::network network = anser::network::read_onnx(chosen.files[0]);
    return static_cast<int>(verify(network, anser::property::read_vnnlib(chosen.files[1]), solver, chosen));
  }
  const anser::network network = make_network();
  for (const double least : {5.9, 6.1}) {
    std::printf("an output of %g or more?\n", least);
    const anser::result result = verify(network, make_property(least), solver, chosen);
    if (result != anser::result::unknown && result != (least < 6 ? anser::result::sat : anser::result::unsat)) {
      std::fprintf(stderr, "wrong: 6 is the most that the network answers\n");
      return 1;
    }
  }
  return 0;
} catch (const anser::error &e) {
  std::fprintf(stderr, "%s: %s\n", e.status_name(), e.what());
  return 1;
} catch (const std::exception &e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
