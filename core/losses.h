#pragma once

#include <rill/core/ops.h>

// Losses: ops as those of ops.h, written out in core/ops/loss.cpp.

namespace rill {

/// The mean comes first: it is what {} stands for. `batchmean` is the sum divided by size(0), which
/// makes kl_div the divergence of a batch.
enum class Reduction { mean, none, sum, batchmean };
std::span<const char* const> names_of(Reduction);  // "mean", "none", "sum", "batchmean"
struct CrossEntropyOptions {
  Tensor weight = {};  // [C]
  int64_t ignore_index = -100;
  Choice<Reduction> reduction = Reduction::mean;
  double label_smoothing = 0;
};
/// −log softmax(logits) of the target class. Logits [N, C], [N, C, d...] or [C]; target int64 class
/// ids, shaped as logits without C, or probabilities like logits. The classes are dimension 1, as
/// in PyTorch: flatten logits [batch, length, V] to [batch · length, V], also where length = V,
/// which would pass for something else. The mean divides by the weights
/// of the kept targets; where all are ignored it is NaN. Throws IndexError for an id out of range.
Tensor cross_entropy(const Tensor& logits, const Tensor& target,
                     const CrossEntropyOptions& options = {});
struct NllOptions {
  Tensor weight = {};  // [C]
  int64_t ignore_index = -100;
  Choice<Reduction> reduction = Reduction::mean;
};
/// −log p of the target class, given the log p: cross_entropy without its log_softmax.
Tensor nll_loss(const Tensor& log_probabilities, const Tensor& target,
                const NllOptions& options = {});
/// (a − b)², shapes equal.
Tensor mse_loss(const Tensor& input, const Tensor& target,
                Choice<Reduction> reduction = Reduction::mean);
/// |a − b|, shapes equal.
Tensor l1_loss(const Tensor& input, const Tensor& target,
               Choice<Reduction> reduction = Reduction::mean);
struct HuberOptions {
  Choice<Reduction> reduction = Reduction::mean;
  double delta = 1;
};
/// r² / 2 where |r| ≤ delta, else delta (|r| − delta / 2), for r = a − b; shapes equal (Huber
/// 1964).
Tensor huber_loss(const Tensor& input, const Tensor& target, const HuberOptions& options = {});
/// huber_loss with delta = beta, divided by beta; l1_loss where beta is 0 (Girshick 2015).
Tensor smooth_l1_loss(const Tensor& input, const Tensor& target,
                      Choice<Reduction> reduction = Reduction::mean, double beta = 1);
struct KlDivOptions {
  Choice<Reduction> reduction = Reduction::mean;
  bool log_target = false;  // the target holds logarithms too
};
/// t (log t − input) for input = log q, shapes equal, and 0 where t = 0. The divergence of two
/// distributions is the sum of these: sum, and divide by the batch, for that of a batch.
Tensor kl_div(const Tensor& input, const Tensor& target, const KlDivOptions& options = {});
struct BinaryCrossEntropyOptions {
  Tensor weight = {};
  Choice<Reduction> reduction = Reduction::mean;
  Tensor pos_weight = {};
};
/// −(pos_weight · t log σ(z) + (1 − t) log(1 − σ(z))), stable; shapes equal.
Tensor binary_cross_entropy_with_logits(const Tensor& logits, const Tensor& target,
                                        const BinaryCrossEntropyOptions& options = {});

/// What mse_loss and l1_loss may be told in braces: `{.reduction =
/// Reduction::sum}`.
struct LossOptions {
  Choice<Reduction> reduction = Reduction::mean;
};
inline Tensor mse_loss(const Tensor& input, const Tensor& target, const LossOptions& options) {
  return mse_loss(input, target, options.reduction);
}
inline Tensor l1_loss(const Tensor& input, const Tensor& target, const LossOptions& options) {
  return l1_loss(input, target, options.reduction);
}
struct SmoothL1Options {
  Choice<Reduction> reduction = Reduction::mean;
  double beta = 1;
};
inline Tensor smooth_l1_loss(const Tensor& input, const Tensor& target,
                             const SmoothL1Options& options) {
  return smooth_l1_loss(input, target, options.reduction, options.beta);
}
inline Tensor huber_loss(const Tensor& input, const Tensor& target, Choice<Reduction> reduction,
                         double delta = 1) {
  return huber_loss(input, target, HuberOptions{reduction, delta});
}
inline Tensor kl_div(const Tensor& input, const Tensor& target, Choice<Reduction> reduction,
                     bool log_target = false) {
  return kl_div(input, target, KlDivOptions{reduction, log_target});
}

/// A class weight alone.
Tensor cross_entropy(const Tensor& logits, const Tensor& target,
                     const std::same_as<Tensor> auto& weight) {
  return cross_entropy(logits, target, CrossEntropyOptions{.weight = weight});
}
Tensor nll_loss(const Tensor& log_probabilities, const Tensor& target,
                const std::same_as<Tensor> auto& weight) {
  return nll_loss(log_probabilities, target, NllOptions{.weight = weight});
}
Tensor binary_cross_entropy_with_logits(const Tensor& logits, const Tensor& target,
                                        const std::same_as<Tensor> auto& weight) {
  return binary_cross_entropy_with_logits(logits, target,
                                          BinaryCrossEntropyOptions{.weight = weight});
}

// clang-format off
template <class...>
Tensor cross_entropy(const Tensor&, const Tensor&, ...) = delete;  // (logits, target, {.ignore_index = 0, .reduction = "sum"})
template <class...>
Tensor nll_loss(const Tensor&, const Tensor&, ...) = delete;  // (log_p, target, {.ignore_index = 0, .reduction = "sum"})
template <class...>
Tensor mse_loss(const Tensor&, const Tensor&, ...) = delete;  // mse_loss(input, target, "sum")
template <class...>
Tensor l1_loss(const Tensor&, const Tensor&, ...) = delete;  // l1_loss(input, target, "sum")
template <class...>
Tensor huber_loss(const Tensor&, const Tensor&, ...) = delete;  // huber_loss(input, target, {.delta = 2})
template <class...>
Tensor smooth_l1_loss(const Tensor&, const Tensor&, ...) = delete;  // smooth_l1_loss(input, target, {.beta = 2})
template <class...>
Tensor kl_div(const Tensor&, const Tensor&, ...) = delete;  // kl_div(input, target, {.log_target = true})
template <class...>
Tensor binary_cross_entropy_with_logits(const Tensor&, const Tensor&, ...) = delete;  // (logits, target, {.pos_weight = w})
// clang-format on

}  // namespace rill
