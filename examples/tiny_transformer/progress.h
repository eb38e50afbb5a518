#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "metrics.h"

namespace tiny_transformer {

/// Tells how training goes on standard error: on a terminal one line that is written over, and a
/// line an evaluation that stays; elsewhere the lines alone, without control codes.
class Progress {
 public:
  explicit Progress(int64_t steps);
  /// Before the first step, where that is not step 0.
  void begin_at(int64_t step) { first_ = step; }
  ~Progress();
  /// After every step; shows the first, then at most ten lines a second.
  void step(const Metrics& latest);
  void evaluation(const Metrics& metrics);
  /// Takes away the line that is written over.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  std::string time_left(int64_t step) const;

  int64_t steps_;
  int64_t first_ = 0;
  bool is_terminal_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point shown_ = {};
};

}  // namespace tiny_transformer
