#pragma once

#include <string>
#include <vector>

namespace rill::testing {

/// What a program that has ended left behind.
struct Outcome {
  int exit_code;       // or 128 + the signal that ended it
  std::string output;  // standard output
  std::string errors;  // standard error
};

/// Runs an example, as in run_example("tiny_transformer --help"), through the shell; `settings` is
/// put before it, as in "OMP_NUM_THREADS=2", and `redirections` behind it, as in ">&-".
Outcome run_example(const std::string& command, const std::string& settings = "",
                    const std::string& redirections = "");

/// Runs an example in a terminal of so many columns and 24 lines, in which standard output and
/// error are one; 0 columns: it does not say how wide it is. Ends it once it has said `until`.
Outcome run_in_terminal(const std::string& command, int columns, const std::string& until = "",
                        const std::string& settings = "");

/// The same of a line of the shell.
Outcome run_command_in_terminal(const std::string& line, int columns,
                                const std::string& until = "");

/// A signal, sent to a program once it has said `after`.
struct Sending {
  std::string after;
  int signal;
};

/// Runs an example and sends it the signals, one after the other; `output` holds all that it says.
Outcome signal_example(const std::string& command, const std::vector<Sending>& sendings);

/// Runs a line of the shell.
Outcome run_command(const std::string& command, const std::string& redirections = "");

/// A fresh folder for this test, removed at the end of the process.
std::string temporary_folder();

std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& text);

}  // namespace rill::testing
