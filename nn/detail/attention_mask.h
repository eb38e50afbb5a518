#pragma once

#include <rill/nn/attention.h>

namespace rill::nn {

/// The scores that masks must fit: their sizes, and what an encoding adds to them, [num_heads,
/// queries, keys] or undefined.
struct AttentionScores {
  int64_t batch, num_heads, queries, keys;
  Tensor bias;
};

/// key_padding_mask and attn_mask in one that broadcasts to [batch, num_heads, queries, keys]: bool
/// (true is ignored) where both are and there is no bias, else float. Undefined where there is
/// nothing: is_causal alone needs no mask, unless the weights are wanted. Throws ShapeError and
/// DTypeError for masks that do not fit.
Tensor merge_masks(const AttendOptions& options, const AttentionScores& scores, DType dtype);

/// Where a mask lets scores of this shape take part: bool, of their shape.
Tensor allowed_by(const Tensor& mask, const Shape& scores);

/// The mask as numbers to add to scores: −inf where a bool mask says ignored.
Tensor additive(const Tensor& mask, DType dtype);

}  // namespace rill::nn
