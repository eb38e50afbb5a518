#pragma once

#include <rill/nn/dropout.h>
#include <rill/nn/layer.h>

namespace rill::nn {

struct LearnedPositionalEncodingOptions {
  double dropout = 0.1;
};

/// dropout(x + W[offset : offset + length]): a trained vector for each position, as in BERT and
/// GPT-2.
class LearnedPositionalEncoding final : public Layer<LearnedPositionalEncoding> {
 public:
  /// weight [max_len, d_model] from N(0, 0.02²). Throws ValueError for sizes below 1.
  LearnedPositionalEncoding(int64_t max_len, int64_t d_model,
                            LearnedPositionalEncodingOptions options = {});

  /// x [batch, length, d] or [length, d], whose first position is `offset`. Throws ShapeError where
  /// offset + length > max_len.
  Tensor forward(const Tensor& x, int64_t offset = 0) const;

  const Tensor weight;

 private:
  const Dropout dropout_;
};

}  // namespace rill::nn
