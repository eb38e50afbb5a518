#pragma once

#include <concepts>
#include <string_view>

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
  /// With this as options.weight.
  explicit CrossEntropyLoss(const std::same_as<Tensor> auto& weight)
      : CrossEntropyLoss(CrossEntropyOptions{.weight = weight}) {}
  template <class...>
  explicit CrossEntropyLoss(...) = delete;  // {.weight = w, .ignore_index = 0, .reduction = "sum"}
  Tensor forward(const Tensor& logits, const Tensor& target) const;

 private:
  const CrossEntropyOptions options_;
};

/// (input − target)², shapes equal.
class MSELoss final : public Layer<MSELoss> {
 public:
  explicit MSELoss(Reduction reduction = Reduction::mean) : options_{reduction} {}
  explicit MSELoss(std::convertible_to<std::string_view> auto reduction) : options_{reduction} {}
  explicit MSELoss(const LossOptions& options) : options_(options) {}
  template <class...>
  explicit MSELoss(...) = delete;  // MSELoss("sum"), MSELoss({.reduction = "sum"})
  Tensor forward(const Tensor& input, const Tensor& target) const {
    return mse_loss(input, target, options_);
  }

 private:
  const LossOptions options_;
};

/// |input − target|, shapes equal.
class L1Loss final : public Layer<L1Loss> {
 public:
  explicit L1Loss(const LossOptions& options = {}) : options_(options) {}
  explicit L1Loss(std::convertible_to<Choice<Reduction>> auto reduction) : options_{reduction} {}
  template <class...>
  explicit L1Loss(...) = delete;  // L1Loss("sum"), L1Loss({.reduction = "sum"})
  Tensor forward(const Tensor& input, const Tensor& target) const {
    return l1_loss(input, target, options_);
  }

 private:
  const LossOptions options_;
};

/// r² / 2 where |r| ≤ delta, else delta (|r| − delta / 2), for r = input − target; shapes equal.
class HuberLoss final : public Layer<HuberLoss> {
 public:
  explicit HuberLoss(const HuberOptions& options = {}) : options_(options) {}
  explicit HuberLoss(std::convertible_to<Choice<Reduction>> auto reduction, double delta = 1)
      : options_{reduction, delta} {}
  template <class...>
  explicit HuberLoss(...) = delete;  // HuberLoss("sum", 2), HuberLoss({.delta = 2})
  Tensor forward(const Tensor& input, const Tensor& target) const {
    return huber_loss(input, target, options_);
  }

 private:
  const HuberOptions options_;
};

/// HuberLoss with delta = beta, divided by beta.
class SmoothL1Loss final : public Layer<SmoothL1Loss> {
 public:
  explicit SmoothL1Loss(const SmoothL1Options& options = {}) : options_(options) {}
  explicit SmoothL1Loss(std::convertible_to<Choice<Reduction>> auto reduction, double beta = 1)
      : options_{reduction, beta} {}
  template <class...>
  explicit SmoothL1Loss(...) = delete;  // SmoothL1Loss("sum", 2), SmoothL1Loss({.beta = 2})
  Tensor forward(const Tensor& input, const Tensor& target) const {
    return smooth_l1_loss(input, target, options_);
  }

 private:
  const SmoothL1Options options_;
};

/// t (log t − input) for input = log q, shapes equal; see rill::kl_div.
class KLDivLoss final : public Layer<KLDivLoss> {
 public:
  explicit KLDivLoss(const KlDivOptions& options = {}) : options_(options) {}
  explicit KLDivLoss(std::convertible_to<Choice<Reduction>> auto reduction, bool log_target = false)
      : options_{reduction, log_target} {}
  template <class...>
  explicit KLDivLoss(...) = delete;  // KLDivLoss("batchmean"), KLDivLoss({.log_target = true})
  Tensor forward(const Tensor& input, const Tensor& target) const {
    return kl_div(input, target, options_);
  }

 private:
  const KlDivOptions options_;
};

/// −log p of the target class, given the log p; see rill::nll_loss. A class weight is the buffer
/// "weight".
class NLLLoss final : public Layer<NLLLoss> {
 public:
  explicit NLLLoss(const NllOptions& options = {});
  /// With this as options.weight.
  explicit NLLLoss(const std::same_as<Tensor> auto& weight)
      : NLLLoss(NllOptions{.weight = weight}) {}
  template <class...>
  explicit NLLLoss(...) = delete;  // ({.weight = w, .reduction = "sum"})
  Tensor forward(const Tensor& log_probabilities, const Tensor& target) const {
    return nll_loss(log_probabilities, target, options_);
  }

 private:
  const NllOptions options_;
};

/// −(pos_weight · t log σ(z) + (1 − t) log(1 − σ(z))), shapes equal. Weights are the buffers
/// "weight" and "pos_weight".
class BCEWithLogitsLoss final : public Layer<BCEWithLogitsLoss> {
 public:
  explicit BCEWithLogitsLoss(const BinaryCrossEntropyOptions& options = {});
  /// With this as options.weight.
  explicit BCEWithLogitsLoss(const std::same_as<Tensor> auto& weight)
      : BCEWithLogitsLoss(BinaryCrossEntropyOptions{.weight = weight}) {}
  template <class...>
  explicit BCEWithLogitsLoss(...) = delete;  // ({.reduction = "sum", .pos_weight = full({1}, 2)})
  Tensor forward(const Tensor& logits, const Tensor& target) const;

 private:
  const BinaryCrossEntropyOptions options_;
};

}  // namespace rill::nn
