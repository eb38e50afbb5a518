#include <rill/nn/detail/attention_mask.h>

#include <limits>

#include <rill/core/error.h>
#include <rill/core/ops.h>

namespace rill::nn {
namespace {

void check_dtype(const char* name, const Tensor& mask) {
  if (mask.dtype() != bool_ && !is_floating(mask.dtype()))
    fail<DTypeError>(name,
                     " must be bool (true is ignored) or floating (added to the scores), not ",
                     mask.dtype());
}

Tensor spread_padding(const Tensor& mask, const AttentionScores& scores) {
  if (!mask.defined()) return mask;
  check_dtype("key_padding_mask", mask);
  if (mask.shape() != Shape{scores.batch, scores.keys})
    fail<ShapeError>("key_padding_mask must be [batch, keys] ", Shape{scores.batch, scores.keys},
                     ", not ", mask.shape());
  return mask.view({scores.batch, 1, 1, scores.keys});
}

Tensor spread_attn(const Tensor& mask, const AttentionScores& scores) {
  if (!mask.defined()) return mask;
  check_dtype("attn_mask", mask);
  const auto& [batch, heads, queries, keys, bias] = scores;
  const Shape full{batch, heads, queries, keys};
  if (mask.shape() == Shape{queries, keys} || mask.shape() == full) return mask;
  if (mask.shape() == Shape{batch * heads, queries, keys}) return mask.reshape(full);
  fail<ShapeError>("attn_mask must be ", Shape{queries, keys}, ", ",
                   Shape{batch * heads, queries, keys}, " or ", full, ", not ", mask.shape());
}

/// True where key j > query i; with a cache, the queries are the last of the keys.
Tensor causal_mask(const AttendOptions& options, const AttentionScores& scores) {
  const Tensor rows =
      options.cache ? arange(scores.keys - scores.queries, scores.keys) : arange(scores.queries);
  return gt(arange(scores.keys), rows.unsqueeze(1));
}

/// One mask from two; either may be undefined.
Tensor either_ignored(const Tensor& a, const Tensor& b, DType dtype) {
  if (!a.defined()) return b;
  if (!b.defined()) return a;
  if (a.dtype() == bool_ && b.dtype() == bool_) return logical_or(a, b);
  return additive(a, dtype) + additive(b, dtype);
}

void check_bias(const AttentionScores& scores) {
  const Tensor& bias = scores.bias;
  if (!bias.defined()) return;
  if (!is_floating(bias.dtype()))
    fail<DTypeError>("an encoding's bias must be floating, not ", bias.dtype());
  if (bias.size(0) != scores.num_heads)
    fail<ShapeError>("the encoding is for ", bias.size(0), " heads, this attention has ",
                     scores.num_heads);
}

}  // namespace

Tensor merge_masks(const AttendOptions& options, const AttentionScores& scores, DType dtype) {
  check_bias(scores);
  const Tensor padding = spread_padding(options.key_padding_mask, scores);
  const Tensor attn = spread_attn(options.attn_mask, scores);
  const bool is_drawn =
      padding.defined() || attn.defined() || scores.bias.defined() || options.need_weights;
  const Tensor causal = options.is_causal && is_drawn ? causal_mask(options, scores) : Tensor();
  const Tensor ignored = either_ignored(either_ignored(padding, attn, dtype), causal, dtype);
  return either_ignored(ignored, scores.bias, dtype);
}

Tensor additive(const Tensor& mask, DType dtype) {
  if (is_floating(mask.dtype())) return mask;
  const double ignored = -std::numeric_limits<double>::infinity();
  return masked_fill(zeros(mask.shape(), dtype), mask, ignored);
}

Tensor allowed_by(const Tensor& mask, const Shape& scores) {
  if (!mask.defined()) return ones({1}, bool_).expand(scores);
  const double never = -std::numeric_limits<double>::infinity();
  return (mask.dtype() == bool_ ? logical_not(mask) : gt(mask, never)).expand(scores);
}

}  // namespace rill::nn
