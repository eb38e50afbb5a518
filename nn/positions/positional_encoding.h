#pragma once

#include <rill/nn/dropout.h>
#include <rill/nn/layer.h>
#include <rill/nn/positions/first_look.h>

namespace rill::nn {

/// Which column holds which wave. With frequencies base^(−2i/d), i from 0 on:
enum class SinusoidalLayout {
  /// sin, cos, sin, cos, ...: "Attention Is All You Need".
  interleaved,
  /// All sines, then all cosines: Marian.
  halves,
  /// All sines, then all cosines, of frequencies base^(−i / (d/2 − 1)); an odd d ends in a column
  /// of 0: tensor2tensor and fairseq, the paper's own code.
  tensor2tensor
};

struct SinusoidalTableOptions {
  double base = 10000;
  SinusoidalLayout layout = SinusoidalLayout::interleaved;
  DType dtype = float32;
};

/// PE(pos, 2i) = sin(pos / base^(2i/d)), PE(pos, 2i+1) = cos(pos / base^(2i/d)): [length, d_model],
/// or the same waves in another layout. Angles are computed in double. An odd d drops the last
/// cosine. Throws ValueError unless base is finite and above 0, DTypeError unless dtype is
/// floating.
Tensor sinusoidal_table(int64_t length, int64_t d_model, SinusoidalTableOptions options = {});

struct PositionalEncodingOptions {
  double dropout = 0.1;
  int64_t max_len = 5000;
  double base = 10000;
  SinusoidalLayout layout = SinusoidalLayout::interleaved;
  /// Whether the table is saved with the model, which ties checkpoints to max_len.
  bool persistent = false;
  DType dtype = float32;
};

/// dropout(x + PE), the sinusoids of "Attention Is All You Need" (Vaswani et al. 2017,
/// section 3.5).
///
/// An encoding has |PE|² = d/2, an rms of 0.71. That goes with `Embedding` as it is by default,
/// N(0, 1), unscaled; embeddings of N(0, 0.02²) are multiplied by √d, as in the paper, which is the
/// model's business. Warns once where either drowns the other.
class PositionalEncoding final : public Layer<PositionalEncoding> {
 public:
  /// Throws as sinusoidal_table does, and ValueError for sizes below 1.
  explicit PositionalEncoding(int64_t d_model, PositionalEncodingOptions options = {});
  explicit PositionalEncoding(...) = delete;  // (d_model, {.dropout = 0.1, .max_len = 5000})

  /// x [batch, length, d] or [length, d], whose first position is `offset`. Throws ShapeError where
  /// offset + length > max_len.
  Tensor forward(const Tensor& x, int64_t offset = 0) const;

  const Tensor table;  // a buffer [max_len, d_model]

 private:
  const Dropout dropout_;
  const detail::FirstLook first_look_;
};

}  // namespace rill::nn
