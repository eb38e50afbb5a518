#pragma once

#include <functional>
#include <string>

#include <rill/core/guard_list.h>
#include <rill/core/tensor.h>

namespace rill::nn {

/// While it lives, each MultiheadAttention that runs on this thread shows its weights [batch,
/// num_heads, L, S], before dropout and unrecorded, with its path in the model ("blocks.0.attn")
/// and where it was allowed to look, bool of the same shape. That stores L × S scores which it
/// otherwise does not. Watches nest: the innermost sees.
class AttentionWatch {
 public:
  using See =
      std::function<void(const std::string& path, const Tensor& weights, const Tensor& allowed)>;

  [[nodiscard]] explicit AttentionWatch(See see);
  ~AttentionWatch();
  AttentionWatch(const AttentionWatch&) = delete;
  AttentionWatch& operator=(const AttentionWatch&) = delete;

  void show(const Tensor& weights, const Tensor& allowed) const;
  /// The innermost watch of this thread, or null.
  static const AttentionWatch* innermost() { return innermost_; }

 private:
  static constinit thread_local AttentionWatch* innermost_;
  const See see_;
  AttentionWatch* outer_;
};

}  // namespace rill::nn
