#pragma once

#include <rill/nn/module.h>

namespace rill::nn::detail {

/// By how much the larger of two summands may exceed the other before it drowns it.
inline constexpr double drowning = 5;

/// √(mean x²) of the rows [..., width] that are not 0 throughout, as those of padding are.
double rms_of_rows(const Tensor& x);

/// Looks once, when a layer that adds positions first runs in training, whether its input drowns
/// the positions or drowns in them, and warns of it. Weights that were loaded are past that look.
class FirstLook {
 public:
  /// `remedy`: what makes the positions larger, "give it .std = ..."; "" where nothing does.
  explicit FirstLook(const char* remedy = "") : remedy_(remedy) {}
  void compare(const Module& layer, const Tensor& x, const Tensor& positions) const;

 private:
  const char* remedy_;
};

}  // namespace rill::nn::detail
