#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <rill/core/inspect/detail/time_series.h>
#include <rill/core/inspect/gradient_report.h>
#include <rill/core/tensor.h>

namespace rill::inspect::detail {

// The histogram: sizes from 4^-20 (about 10^-12) on, by factors of 4.
inline constexpr int64_t first_exponent = -40;  // of 2
inline constexpr size_t bins = 27;

/// One parameter over time.
struct ParameterHistory {
  std::string name;
  Tensor tensor;
  std::vector<float> sampled;  // elements of the parameter at the step before

  // The newest step.
  bool has_gradient = false;
  double norm = 0, weight_norm = 0 /* of what is sampled */, update_ratio = 0, zeros = 0,
         not_finite = 0;
  std::vector<int64_t> histogram = std::vector<int64_t>(bins);

  TimeSeries norms, ratios, zero_shares;

  // Steps on end, or since the beginning, for warnings.
  int64_t without = 0, zero = 0, tiny = 0, unmoved = 0;
  std::vector<std::string> warned;  // of which kinds

  ParameterHistory(std::string name, const Tensor& tensor);
  double rms() const { return norm / std::sqrt(static_cast<double>(tensor.numel())); }
  double whole_weight_norm() const {
    return weight_norm * std::sqrt(static_cast<double>(tensor.numel()) /
                                   static_cast<double>(std::max<size_t>(1, sampled.size())));
  }
  /// Takes in the newest step.
  void step();

 private:
  void look_at_gradient();
  void look_at_update();
};

/// Of a training.
struct History {
  std::vector<ParameterHistory> parameters;
  TimeSeries losses;
  int64_t steps = 0;
};

/// What of the newest step is to be warned of for the first time.
class GradientWarnings {
 public:
  std::vector<std::string> of(std::vector<ParameterHistory>& all, int64_t step);

 private:
  double usual_ = 0;  // the logarithm of the norm of all gradients, over the last steps
  int64_t steps_ = 0;
  bool has_warned_ = false;
};

}  // namespace rill::inspect::detail
