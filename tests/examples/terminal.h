#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rill::testing {

/// What a terminal shows in the end, and what it showed on the way.
struct Shown {
  std::vector<std::string> lines;
  /// Lines that were taken away or written over.
  std::vector<std::string> passing;
  /// How often a line was too long, so that the terminal itself had to break it.
  int64_t broken = 0;
};

/// What a terminal of so many columns makes of `output`: it knows \r, \n and "erase to the end of
/// the line", and takes each character for a column.
Shown shown_on_terminal(const std::string& output, int64_t columns);

}  // namespace rill::testing
