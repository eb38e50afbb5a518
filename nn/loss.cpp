#include <rill/nn/loss.h>

#include <rill/core/option.h>

namespace rill::nn {

CrossEntropyLoss::CrossEntropyLoss(const CrossEntropyOptions& options) : options_(options) {
  rill::detail::want_share("CrossEntropyLoss: label_smoothing", options.label_smoothing);
  static_cast<void>(register_buffer("weight", options_.weight));
}

Tensor CrossEntropyLoss::forward(const Tensor& logits, const Tensor& target) const {
  return cross_entropy(logits, target, options_);
}

NLLLoss::NLLLoss(const NllOptions& options) : options_(options) {
  static_cast<void>(register_buffer("weight", options_.weight));
}

BCEWithLogitsLoss::BCEWithLogitsLoss(const BinaryCrossEntropyOptions& options) : options_(options) {
  static_cast<void>(register_buffer("weight", options_.weight));
  static_cast<void>(register_buffer("pos_weight", options_.pos_weight));
}

Tensor BCEWithLogitsLoss::forward(const Tensor& logits, const Tensor& target) const {
  return binary_cross_entropy_with_logits(logits, target, options_);
}

}  // namespace rill::nn
