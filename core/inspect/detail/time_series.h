#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace rill::inspect::detail {

/// A number for each step, in bounded memory: where there are too many points, neighbours become
/// one, and each stands for twice as many steps from then on.
class TimeSeries {
 public:
  static constexpr size_t most_points = 256;

  struct Point {
    float mean = 0, low = 0, high = 0;
    bool is_finite = true;  // of all that it stands for; mean, low and high are of the finite ones
  };

  void add(double value);
  /// The number of steps that each point stands for, but for the last.
  int64_t stride() const { return stride_; }
  const std::vector<Point>& points() const { return points_; }
  /// The first step that point i stands for, from 1 on.
  double step_of(size_t i) const {
    return static_cast<double>(static_cast<int64_t>(i) * stride_) + 1;
  }

 private:
  void halve();

  std::vector<Point> points_;
  int64_t stride_ = 1;
  int64_t in_last_ = 0;  // steps in the last point
};

}  // namespace rill::inspect::detail
