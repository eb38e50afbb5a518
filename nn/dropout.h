#pragma once

#include <rill/nn/layer.h>

namespace rill::nn {

struct DropoutOptions {
  double p = 0.5;
};

/// In training, each element zero with probability p, else divided by 1 − p, so that the mean stays
/// (Srivastava et al. 2014); in evaluation, the input itself.
class Dropout final : public Layer<Dropout> {
 public:
  /// Throws ValueError unless 0 ≤ p ≤ 1.
  explicit Dropout(double p = 0.5);
  explicit Dropout(DropoutOptions options) : Dropout(options.p) {}
  template <class...>
  explicit Dropout(...) = delete;  // Dropout(0.1), Dropout({.p = 0.1}): never in place

  Tensor forward(const Tensor& x) const;

  const double p;
};

}  // namespace rill::nn
