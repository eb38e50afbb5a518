#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace examples {

/// How many of its units a work has done, as 300 of 2000 steps.
struct Standing {
  std::string unit;
  int64_t done = 0;
  int64_t count = 0;
};

/// A bar, `standings` from the outermost in, a loss where there is one, and the time left, in at
/// most `width` columns. `share` of it all is done.
std::string progress_line(const std::vector<Standing>& standings, double share,
                          std::optional<double> loss, std::optional<double> seconds_left,
                          int64_t width);

/// Shows on a terminal how far a work has come, in one line that is written over and goes when this
/// ends. Where standard error is a pipe or a file it shows nothing.
///
///   Progress progress("step", 2000);
///   for (...) { ...; progress.advance(loss.item()); }
///
/// One that is made while another lives is a unit of that other one: the steps of a run among runs,
/// also on several threads.
class Progress {
 public:
  /// `done` are done before it begins.
  Progress(const std::string& unit, int64_t count, int64_t done = 0);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// One more is done.
  void advance(std::optional<double> loss = {});

 private:
  Standing standing_;
};

}  // namespace examples
