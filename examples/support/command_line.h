#pragma once

#include <rill/nn/positions/position.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace examples {

/// The command line of an example: its flags, --help, and what main returns.
class CommandLine {
 public:
  /// `program` is the example's name. --help says what it does by its first comment, and then
  /// `more`, such as how long it takes.
  explicit CommandLine(const std::string& program, const std::string& more = "");

  /// Flags are added here. Of a flag given twice the later one counts.
  CLI::App& app() { return app_; }

  /// Reads the flags (--batch_size is --batch-size, as in nanoGPT), calls `run`, and returns what
  /// main should: 0 also after --help; 2 where the call was wrong (CLI::ParseError and
  /// std::invalid_argument, also from `run`) and 1 after any other exception, each told in one
  /// line; 130 or 143 where a signal stopped it. Logs go to standard error. `run` goes on where
  /// nobody reads its output. A terminal gets whole words, and at the end what to try next.
  int main(int argc, const char* const* argv, const std::function<void()>& run);

  /// Its errors are told as those of PROGRAM, `who`: for a process that is one of several.
  void speak_as(const std::string& who) { speaker_ = app_.get_name() + ", " + who; }

  /// Reads the flags alone, as main does. Returns what main should where the program is to end.
  std::optional<int> parse(int argc, const char* const* argv);

 private:
  int guarded(const std::function<int()>& run) const;

  CLI::App app_;
  std::string speaker_;  // of errors
};

/// Says on a terminal, behind all else, where an example's lesson is and what to try next.
void say_next(const std::string& program);

/// FLAG NUMBER, from `low` to `high`, in decimal: 010 is ten. `value` is the default.
CLI::Option* add_number(CLI::App& app, const std::string& flag, int64_t& value, int64_t low,
                        int64_t high, const std::string& description);
CLI::Option* add_number(CLI::App& app, const std::string& flag, double& value, double low,
                        double high, const std::string& description);
CLI::Option* add_number(CLI::App& app, const std::string& flag, std::optional<int64_t>& value,
                        int64_t low, int64_t high, const std::string& description);
CLI::Option* add_number(CLI::App& app, const std::string& flag, std::optional<double>& value,
                        double low, double high, const std::string& description);

/// --out-dir FOLDER, where `folder` is the default.
void add_out_dir(CLI::App& app, std::string& folder, const std::string& description);

/// FLAG NAME, where `names` gives each name its value; `value` is the default.
template <class Value>
void add_choice(CLI::App& app, const std::string& flag, Value& value,
                const std::vector<std::pair<std::string, Value>>& names,
                const std::string& description) {
  std::vector<std::string> known;
  std::string preset;
  for (const auto& [name, named] : names) {
    known.push_back(name);
    if (named == value) preset = name;
  }
  const auto take = [&value, names](const std::string& given) {
    for (const auto& [name, named] : names)
      if (name == given) value = named;
  };
  app.add_option_function<std::string>(flag, take, description)
      ->check(CLI::IsMember(known))
      ->default_str(preset);
}

/// --positions NAME,NAME: which encodings; all of them where it is not given.
void add_positions(CLI::App& app, std::vector<rill::nn::Position>& positions);

/// Throws CLI::ValidationError where `n_head` heads do not cut a width into even parts, which
/// rotary encodings turn in pairs.
void check_even_heads(int64_t n_embd, int64_t n_head);

}  // namespace examples
