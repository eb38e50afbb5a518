#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tasks {

/// How a program ended.
struct Ended {
  int code = 0;              // what it returned
  int signal = 0;            // or the signal that ended it
  std::string output;        // what it wrote; of much, beginning and end
  bool has_run_out() const;  // of its time
};

/// Runs a program with an empty standard input; `words` begin with its path. It is ended after
/// `cpu_seconds` of computing, or five times as long where it only waits.
Ended run_limited(const std::vector<std::string>& words, int64_t cpu_seconds);

}  // namespace tasks
