#pragma once

#include <rill/nn/dropout.h>
#include <rill/nn/layer.h>
#include <rill/nn/positions/first_look.h>

namespace rill::nn {

struct LearnedPositionalEncodingOptions {
  double dropout = 0.1;
  int64_t max_len = 512;
  /// Of the normal distribution that the weight is drawn from.
  double std = 0.02;
};

/// dropout(x + W[offset : offset + length]): a trained vector for each position, as in BERT and
/// GPT-2. Beside `Embedding` as it is by default, N(0, 1), give `.std = 1`; the default of 0.02
/// goes with `Embedding(n, d, {.std = 0.02})`. Warns once where either drowns the other.
class LearnedPositionalEncoding final : public Layer<LearnedPositionalEncoding> {
 public:
  /// weight [max_len, d_model] from N(0, std²). Throws ValueError for sizes below 1, and a std that
  /// is negative or not finite.
  explicit LearnedPositionalEncoding(int64_t d_model,
                                     LearnedPositionalEncodingOptions options = {});
  explicit LearnedPositionalEncoding(...) = delete;  // (d_model, {.dropout = 0.1, .max_len = 9})

  /// x [batch, length, d] or [length, d], whose first position is `offset`. Throws ShapeError where
  /// offset + length > max_len.
  Tensor forward(const Tensor& x, int64_t offset = 0) const;

  const Tensor weight;

 private:
  const Dropout dropout_;
  const detail::FirstLook first_look_;
};

}  // namespace rill::nn
