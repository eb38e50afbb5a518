#pragma once

#include <rill/nn/layer.h>

namespace rill::nn {

/// The slope of each head, [num_heads]: 2^(−8h/H), h = 1 ... H, where H is a power of 2;
/// else those of the largest power of 2 below H, then the 1st, 3rd, 5th ... of twice that. Throws
/// ValueError unless num_heads ≥ 1.
Tensor alibi_slopes(int64_t num_heads, DType dtype = float32);

/// ALiBi, attention with linear biases (Press et al. 2021): a head's scores fall by its slope with
/// each step of distance, −m |i − j|. Nothing is trained, and no length is too long. (The paper is
/// about decoders, where j ≤ i.)
class ALiBi final : public Layer<ALiBi> {
 public:
  explicit ALiBi(int64_t num_heads, DType dtype = float32);
  explicit ALiBi(...) = delete;  // ALiBi(num_heads)

  /// [heads, queries, keys], where the queries are the last of the keys.
  Tensor bias(int64_t queries, int64_t keys) const;

  const Tensor slopes;  // a buffer [heads], not saved
};

}  // namespace rill::nn
