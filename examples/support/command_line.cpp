#include "command_line.h"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <type_traits>

#include "catalogue.h"
#include "screen.h"
#include "stop_signal.h"

using rill::nn::Position;

namespace examples {
namespace {

/// What argv says, in the order that CLI11 wants: the last first.
std::vector<std::string> arguments_of(int argc, const char* const* argv) {
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  for (std::string& argument : arguments)
    if (argument.rfind("--", 0) == 0)
      std::replace(argument.begin(), std::find(argument.begin(), argument.end(), '='), '_', '-');
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

/// Training goes on when nobody listens any more: a closed descriptor becomes /dev/null (else the
/// next file opened would take its number), a broken pipe is an error like others.
void survive_closed_output() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor)
    if (fcntl(descriptor, F_GETFD) == -1 && open("/dev/null", O_RDWR) == -1) return;
  std::signal(SIGPIPE, SIG_IGN);
}

/// Reads all of `text` as a number from `low` to `high`.
template <class Number>
Number parsed(const std::string& flag, const std::string& text, Number low, Number high) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value >= low && value <= high)
    return value;
  const char* kind = std::is_integral_v<Number> ? "whole number" : "number";
  throw CLI::ValidationError(flag,
                             fmt::format("'{}' is not a {} from {} to {}", text, kind, low, high));
}

template <class Value, class Number>
CLI::Option* add_parsed(CLI::App& app, const std::string& flag, Value& value, Number low,
                        Number high, const std::string& description) {
  const auto take = [=, &value](const std::string& text) { value = parsed(flag, text, low, high); };
  return app.add_option_function<std::string>(flag, take, description);
}

/// Adds the encoding of this name, which must not be there yet.
void add_position(std::vector<Position>& positions, const std::string& name) {
  std::string known;
  for (const auto& [other, position] : rill::nn::position_names()) {
    known += (known.empty() ? "" : ", ") + other;
    if (other != name) continue;
    if (std::count(positions.begin(), positions.end(), position) > 0)
      throw CLI::ValidationError("--positions", name + " is named more than once");
    positions.push_back(position);
    return;
  }
  throw CLI::ValidationError("--positions", fmt::format("'{}' is none of {}", name, known));
}

std::string description_of(const std::string& program, const std::string& more) {
  std::string text = entry_of(program).text;
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] += 'A' - 'a';
  return more.empty() ? text : text + "\n" + more;
}

/// What is logged goes to standard error, in a file with the time.
void start_log(const std::string& program) {
  spdlog::set_default_logger(spdlog::stderr_color_mt(program));
  spdlog::set_pattern(terminal_width(STDERR_FILENO) > 0 ? "%v" : "%H:%M:%S %v");
}

int fail(const std::string& speaker, const std::string& message, int code) {
  std::fprintf(stderr, "%s: %s\n", speaker.c_str(), message.c_str());
  return code;
}

}  // namespace

CommandLine::CommandLine(const std::string& program, const std::string& more)
    : app_(description_of(program, more), program), speaker_(program) {
  app_.option_defaults()->always_capture_default()->multi_option_policy(
      CLI::MultiOptionPolicy::TakeLast);
  app_.footer(what_next(program));
}

std::optional<int> CommandLine::parse(int argc, const char* const* argv) {
  survive_closed_output();
  start_log(app_.get_name());
  bool is_to_run = false;
  const int code = guarded([&] {
    app_.parse(arguments_of(argc, argv));
    is_to_run = true;
    return 0;
  });
  return is_to_run ? std::optional<int>() : code;
}

int CommandLine::main(int argc, const char* const* argv, const std::function<void()>& run) {
  if (const std::optional<int> code = parse(argc, argv)) return *code;
  return guarded([&] {
    run();
    if (stop_signal() != 0) return 128 + stop_signal();
    say_next(app_.get_name());
    return 0;
  });
}

int CommandLine::guarded(const std::function<int()>& run) const {
  try {
    return run();
  } catch (const CLI::CallForHelp&) {
    std::fputs(app_.help().c_str(), stdout);
    return 0;
  } catch (const CLI::ParseError& error) {
    return fail(speaker_, error.what() + std::string(" (--help lists all flags)"), 2);
  } catch (const std::invalid_argument& error) {
    return fail(speaker_, error.what(), 2);
  } catch (const std::exception& error) {
    return fail(speaker_, error.what(), 1);
  }
}

void say_next(const std::string& program) {
  std::fflush(stdout);
  if (terminal_width(STDERR_FILENO) > 0) std::fprintf(stderr, "\n%s\n", what_next(program).c_str());
}

CLI::Option* add_number(CLI::App& app, const std::string& flag, int64_t& value, int64_t low,
                        int64_t high, const std::string& description) {
  return add_parsed(app, flag, value, low, high, description)
      ->type_name("INT")
      ->default_str(std::to_string(value));
}

CLI::Option* add_number(CLI::App& app, const std::string& flag, double& value, double low,
                        double high, const std::string& description) {
  return add_parsed(app, flag, value, low, high, description)
      ->type_name("FLOAT")
      ->default_str(fmt::format("{}", value));
}

CLI::Option* add_number(CLI::App& app, const std::string& flag, std::optional<int64_t>& value,
                        int64_t low, int64_t high, const std::string& description) {
  return add_parsed(app, flag, value, low, high, description)->type_name("INT");
}

CLI::Option* add_number(CLI::App& app, const std::string& flag, std::optional<double>& value,
                        double low, double high, const std::string& description) {
  return add_parsed(app, flag, value, low, high, description)->type_name("FLOAT");
}

void add_out_dir(CLI::App& app, std::string& folder, const std::string& description) {
  const auto is_named = [](const std::string& path) {
    return path.empty() ? std::string("it must not be empty; . is this folder") : std::string();
  };
  app.add_option("--out-dir", folder, description)->check(CLI::Validator(is_named, ""));
}

void add_positions(CLI::App& app, std::vector<Position>& positions) {
  for (const auto& [name, position] : rill::nn::position_names()) positions.push_back(position);
  const auto take = [&positions](const std::vector<std::string>& names) {
    positions.clear();
    for (const std::string& name : names) add_position(positions, name);
  };
  app.add_option_function<std::vector<std::string>>("--positions", take,
                                                    "Which encodings, with commas")
      ->delimiter(',')
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("none,sinusoidal,...")
      ->default_str("all");
}

void check_even_heads(int64_t n_embd, int64_t n_head) {
  if (n_embd % (2 * n_head) != 0)
    throw CLI::ValidationError(
        "--n-head", fmt::format("{} heads do not cut a width (--n-embd) of {} into even parts",
                                n_head, n_embd));
}

}  // namespace examples
