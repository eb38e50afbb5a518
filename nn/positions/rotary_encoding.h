#pragma once

#include <rill/core/ops.h>
#include <rill/nn/layer.h>

namespace rill::nn {

/// RoPE (Su et al. 2021, "RoFormer"): queries and keys are turned, pair of components by pair, by
/// an angle that grows with the position; see rill::rotary. Their dot products then depend on how
/// far apart two tokens stand, not on where. Nothing is trained, and no length is too long.
class RotaryEncoding final : public Layer<RotaryEncoding> {
 public:
  /// `options` as rill::rotary takes them; `dim` and head_dim must be even. Throws ValueError for
  /// options that no x fits.
  explicit RotaryEncoding(RotaryOptions options = {});
  template <class...>
  explicit RotaryEncoding(...) = delete;  // RotaryEncoding({.dim = 8, .base = 10000})

  /// x [batch, heads, length, head_dim], whose first position is `offset`.
  Tensor rotate(const Tensor& x, int64_t offset = 0) const;
  /// Queries and keys of qkv [3, batch, heads, length, head_dim] so, its values as they are.
  Tensor rotate_packed(const Tensor& qkv, int64_t offset = 0) const;

 private:
  const RotaryOptions options_;
};

}  // namespace rill::nn
