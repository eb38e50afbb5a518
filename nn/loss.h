#pragma once

#include <rill/core/ops.h>
#include <rill/nn/layer.h>

// Losses as layers; the formulas and options stand with the functions in <rill/core/ops.h>.

namespace rill::nn {

using rill::Reduction;

/// −log p of the target class, from logits [N, C] or [N, C, d...]; see rill::cross_entropy. A class
/// weight is the buffer "weight".
class CrossEntropyLoss final : public Layer<CrossEntropyLoss> {
 public:
  /// Throws ValueError unless label_smoothing lies in [0, 1].
  explicit CrossEntropyLoss(const CrossEntropyOptions& options = {});
  Tensor forward(const Tensor& logits, const Tensor& target) const;

 private:
  const CrossEntropyOptions options_;
};

/// (input − target)², shapes equal.
class MSELoss final : public Layer<MSELoss> {
 public:
  explicit MSELoss(Reduction reduction = Reduction::mean) : reduction_(reduction) {}
  explicit MSELoss(const LossOptions& options) : reduction_(options.reduction) {}
  Tensor forward(const Tensor& input, const Tensor& target) const {
    return mse_loss(input, target, reduction_);
  }

 private:
  const Reduction reduction_;
};

/// −(pos_weight · t log σ(z) + (1 − t) log(1 − σ(z))), shapes equal. Weights are the buffers
/// "weight" and "pos_weight".
class BCEWithLogitsLoss final : public Layer<BCEWithLogitsLoss> {
 public:
  explicit BCEWithLogitsLoss(const BinaryCrossEntropyOptions& options = {});
  Tensor forward(const Tensor& logits, const Tensor& target) const;

 private:
  const BinaryCrossEntropyOptions options_;
};

}  // namespace rill::nn
