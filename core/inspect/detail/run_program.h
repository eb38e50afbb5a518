#pragma once

#include <string>
#include <vector>

namespace rill::inspect::detail {

/// Runs the program `command[0]`, looked for along PATH, with `input` for its standard input, and
/// returns what it writes to its standard output. Throws Error where it cannot be started, which
/// `advice` then explains, or ends with a failure.
std::string run_program(const std::vector<std::string>& command, const std::string& input,
                        const std::string& advice);

}  // namespace rill::inspect::detail
