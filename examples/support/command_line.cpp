#include "command_line.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <map>
#include <set>
#include <stdexcept>

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

int fail(const std::string& program, const std::string& message, int code) {
  std::fprintf(stderr, "%s: %s\n", program.c_str(), message.c_str());
  return code;
}

}  // namespace

CommandLine::CommandLine(const std::string& program, const std::string& description)
    : app_(description, program) {
  app_.option_defaults()->always_capture_default()->multi_option_policy(
      CLI::MultiOptionPolicy::TakeLast);
}

int CommandLine::main(int argc, const char* const* argv, const std::function<void()>& run) {
  const std::string program = app_.get_name();
  spdlog::set_default_logger(spdlog::stderr_color_mt(program));
  spdlog::set_pattern("%H:%M:%S %v");
  try {
    app_.parse(arguments_of(argc, argv));
    run();
    return 0;
  } catch (const CLI::CallForHelp&) {
    std::fputs(app_.help().c_str(), stdout);
    return 0;
  } catch (const CLI::ParseError& error) {
    return fail(program, error.what() + std::string(" (--help lists all flags)"), 2);
  } catch (const std::invalid_argument& error) {
    return fail(program, error.what(), 2);
  } catch (const std::exception& error) {
    return fail(program, error.what(), 1);
  }
}

CLI::Validator between(double low, double high) {
  auto check = [=](const std::string& text) -> std::string {
    double value = 0;
    if (CLI::detail::lexical_cast(text, value) && value >= low && value <= high) return "";
    return fmt::format("{} is not a number from {:g} to {:g}", text, low, high);
  };
  return CLI::Validator(check, "");
}

void add_positions(CLI::App& app, std::vector<Position>& positions) {
  const std::map<std::string, Position> known(rill::nn::position_names().begin(),
                                              rill::nn::position_names().end());
  for (const auto& [name, position] : rill::nn::position_names()) positions.push_back(position);
  app.add_option("--positions", positions, "Which encodings, with commas")
      ->delimiter(',')
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->transform(CLI::CheckedTransformer(known).description("none,sinusoidal,..."))
      ->default_str("all");
  app.final_callback([&positions] {
    std::set<Position> seen;
    for (const Position position : positions)
      if (!seen.insert(position).second)
        throw CLI::ValidationError("--positions",
                                   rill::nn::name_of(position) + " is named more than once");
  });
}

void check_even_heads(int64_t n_embd, int64_t n_head) {
  if (n_embd % (2 * n_head) != 0)
    throw CLI::ValidationError(
        "--n-head", fmt::format("{} heads do not cut a width (--n-embd) of {} into even parts",
                                n_head, n_embd));
}

}  // namespace examples
