#pragma once

#include <concepts>
#include <vector>

#include <rill/core/tensor.h>

namespace rill::optim {

struct ClipGradNormOptions {
  /// 1, 2, ... or infinity.
  double norm_type = 2;
  /// Throw instead of going on with a norm that is NaN or infinite.
  bool error_if_nonfinite = false;
};

/// Scales all gradients in place by max_norm / (norm + 1e-6) where that is below 1, norm being that
/// of all gradients taken as one vector. Those of frozen parameters, which no step uses, do not
/// count and stay. Returns the norm before clipping; a norm of NaN makes all gradients NaN. Throws
/// ValueError for a max_norm that is negative or NaN, for a parameter that is undefined or stands
/// in the list twice, and for gradients that share memory.
double clip_grad_norm_(const std::vector<Tensor>& parameters, double max_norm,
                       const ClipGradNormOptions& options = {});
/// By position, as in PyTorch.
double clip_grad_norm_(const std::vector<Tensor>& parameters, double max_norm,
                       std::convertible_to<double> auto norm_type,
                       bool error_if_nonfinite = false) {
  return clip_grad_norm_(parameters, max_norm, {double(norm_type), error_if_nonfinite});
}
/// Of one parameter.
double clip_grad_norm_(const std::same_as<Tensor> auto& parameter, double max_norm,
                       const ClipGradNormOptions& options = {}) {
  return clip_grad_norm_(std::vector<Tensor>{parameter}, max_norm, options);
}
double clip_grad_norm_(...) = delete;  // (net.parameters(), 1.0, {.norm_type = 2 or INFINITY})

/// Holds each element of all gradients within ±clip_value, in place. Throws ValueError for a
/// clip_value that is negative or NaN, and for lists as above.
void clip_grad_value_(const std::vector<Tensor>& parameters, double clip_value);
void clip_grad_value_(const std::same_as<Tensor> auto& parameter, double clip_value) {
  clip_grad_value_(std::vector<Tensor>{parameter}, clip_value);
}
void clip_grad_value_(...) = delete;  // clip_grad_value_(net.parameters(), 0.5)

}  // namespace rill::optim

/// As PyTorch calls them.
namespace rill::nn::utils {
using optim::clip_grad_norm_;
using optim::clip_grad_value_;
}  // namespace rill::nn::utils
