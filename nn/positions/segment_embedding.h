#pragma once

#include <rill/nn/layer.h>

namespace rill::nn {

/// x + W[segment_ids]: tells whose token each is, as BERT's token types do (Devlin et al. 2018).
/// BERT's input is LayerNorm(token + position + segment), eps 1e-12, then dropout.
class SegmentEmbedding final : public Layer<SegmentEmbedding> {
 public:
  /// weight [num_segments, d_model] from N(0, 0.02²). Throws ValueError for sizes below 1.
  explicit SegmentEmbedding(int64_t d_model, int64_t num_segments = 2);
  explicit SegmentEmbedding(...) = delete;  // SegmentEmbedding(d_model, num_segments)

  /// x [batch, length, d] with segment_ids int64 [batch, length] or [length]; x [length, d] with
  /// [length]. Throws IndexError naming the id and its place unless in [0, num_segments).
  Tensor forward(const Tensor& x, const Tensor& segment_ids) const;

  const Tensor weight;
};

/// Segment ids of token ids [..., length]: how many separators stand before each token, so that a
/// separator still belongs to the segment that it ends. What follows the last segment's separator,
/// such as padding, stays in the last segment.
Tensor segment_ids(const Tensor& ids, int64_t separator, int64_t num_segments = 2);

}  // namespace rill::nn
