#include <rill/nn/attention_mask.h>

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

Tensor spread_padding(const Tensor& mask, const AttentionSizes& sizes) {
  if (!mask.defined()) return mask;
  check_dtype("key_padding_mask", mask);
  if (mask.shape() != Shape{sizes.batch, sizes.keys})
    fail<ShapeError>("key_padding_mask must be [batch, keys] ", Shape{sizes.batch, sizes.keys},
                     ", not ", mask.shape());
  return mask.view({sizes.batch, 1, 1, sizes.keys});
}

Tensor spread_attn(const Tensor& mask, const AttentionSizes& sizes) {
  if (!mask.defined()) return mask;
  check_dtype("attn_mask", mask);
  const auto [batch, heads, queries, keys] = sizes;
  const Shape full{batch, heads, queries, keys};
  if (mask.shape() == Shape{queries, keys} || mask.shape() == full) return mask;
  if (mask.shape() == Shape{batch * heads, queries, keys}) return mask.reshape(full);
  fail<ShapeError>("attn_mask must be ", Shape{queries, keys}, ", ",
                   Shape{batch * heads, queries, keys}, " or ", full, ", not ", mask.shape());
}

/// True where key j > query i.
Tensor causal_mask(int64_t queries, int64_t keys) {
  return gt(arange(keys), arange(queries).unsqueeze(1));
}

/// One mask from two; either may be undefined.
Tensor either_ignored(const Tensor& a, const Tensor& b, DType dtype) {
  if (!a.defined()) return b;
  if (!b.defined()) return a;
  if (a.dtype() == bool_ && b.dtype() == bool_) return logical_or(a, b);
  return additive(a, dtype) + additive(b, dtype);
}

}  // namespace

Tensor merge_masks(const AttendOptions& options, const AttentionSizes& sizes, DType dtype) {
  if (options.attn_mask.defined() && options.is_causal)
    fail<ValueError>("attn_mask and is_causal together: put the causal part into the mask");
  const Tensor padding = spread_padding(options.key_padding_mask, sizes);
  if (options.is_causal && (padding.defined() || options.need_weights))
    return either_ignored(padding, causal_mask(sizes.queries, sizes.keys), dtype);
  return either_ignored(padding, spread_attn(options.attn_mask, sizes), dtype);
}

Tensor additive(const Tensor& mask, DType dtype) {
  if (is_floating(mask.dtype())) return mask;
  const double ignored = -std::numeric_limits<double>::infinity();
  return masked_fill(zeros(mask.shape(), dtype), mask, ignored);
}

}  // namespace rill::nn
