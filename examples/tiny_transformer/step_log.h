#pragma once

#include <cstdint>
#include <vector>

#include <rill/core/state_dict.h>

namespace tiny_transformer {

/// What a step, or the mean of several that follow each other, came to.
struct StepPoint {
  int64_t step = 0;  // the first of them
  int64_t count = 1;
  double loss = 0;  // of its batch, in nats a token
  double lr = 0;
  double grad_norm = 0;  // before clipping
};

/// Every step of a training, or where these are many, means over as many steps each: at most
/// `most` points.
class StepLog {
 public:
  static constexpr size_t most = 1024;
  void add(int64_t step, double loss, double lr, double grad_norm);
  const std::vector<StepPoint>& points() const { return points_; }

  /// float64 [points, 5].
  [[nodiscard]] rill::Tensor state() const;
  void load_state(const rill::Tensor& state);

 private:
  void halve();
  std::vector<StepPoint> points_;
  int64_t width_ = 1;  // steps of a full point
};

}  // namespace tiny_transformer
