#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace rill::distributed {

/// How far this rank is: written by who computes and who exchanges, read by the watchdog.
struct Whereabouts {
  static constexpr int64_t nowhere = -1;
  std::atomic<int64_t> step = nowhere;
  std::atomic<int64_t> bucket = nowhere;  // whose exchange runs, or waits for other ranks

  /// "step 17, bucket 3", "step 17" between exchanges, "the start" before the first step.
  std::string text() const {
    if (step == nowhere) return "the start";
    const std::string at = "step " + std::to_string(step);
    return bucket == nowhere ? at : at + ", bucket " + std::to_string(bucket);
  }
};

}  // namespace rill::distributed
