#pragma once

#include <optional>

#include <rill/nn/attention_watch.h>
#include <rill/nn/dropout.h>
#include <rill/nn/key_value_cache.h>
#include <rill/nn/layer.h>
#include <rill/nn/linear.h>
#include <rill/nn/positions/encoding.h>

namespace rill::nn {

struct MultiheadAttentionOptions {
  /// On the attention weights, in training.
  double dropout = 0;
  bool bias = true;
  /// Widths of key and value; embed_dim unless given.
  std::optional<int64_t> kdim = {};
  std::optional<int64_t> vdim = {};
  /// As ever in rill: anything else throws ValueError.
  bool batch_first = true;
  /// Turns queries and keys or adds to their scores; what it does to the input is the model's
  /// business, and so is registering it: one encoding may serve many layers. Such an attention is
  /// of one sequence to itself.
  AnyEncoding encoding = {};
};

/// Who may look at whom, and whether to tell who did. In masks, true means "ignored" and floats are
/// added to the scores, as PyTorch's MultiheadAttention has it (rill::scaled_dot_product_attention
/// takes true as "takes part").
struct AttendOptions {
  /// bool or float [batch, S] (or [S]).
  Tensor key_padding_mask = {};
  /// Return the weights too: slower, since L × S scores are stored.
  bool need_weights = false;
  /// bool or float [L, S], [batch · num_heads, L, S] or [batch, num_heads, L, S].
  Tensor attn_mask = {};
  /// The weights as their mean over the heads, else per head.
  bool average_attn_weights = true;
  /// Position i sees j ≤ i, and of these what attn_mask leaves.
  bool is_causal = false;
  /// What came before query, key and value in their sequence: attended to as well, so that S counts
  /// it too, and extended by them.
  KeyValue* cache = nullptr;
};

struct AttentionOutput {
  Tensor output;  // [batch, L, embed_dim]
  /// [batch, L, S] or [batch, num_heads, L, S], after dropout; undefined unless asked for.
  Tensor weights;

  operator Tensor() const = delete;           // .output
  Tensor operator[](int64_t) const = delete;  // .output or .weights
};

/// softmax(q kᵀ / √head_dim) v in `num_heads` slices of the width, each with projections of its own
/// (Vaswani et al. 2017). A row that may look at nothing gives zeros.
///
/// Parameters as PyTorch's: in_proj_weight [3E, E] (q, k, v stacked; Xavier uniform over the packed
/// matrix), in_proj_bias [3E] (zeros), out_proj (Linear, bias zeros). Where key or value have a
/// width of their own: q_proj_weight, k_proj_weight and v_proj_weight instead of the packed one.
class MultiheadAttention final : public Layer<MultiheadAttention> {
 public:
  /// Throws ValueError where num_heads does not divide embed_dim.
  MultiheadAttention(int64_t embed_dim, int64_t num_heads, MultiheadAttentionOptions options = {});
  explicit MultiheadAttention(...) = delete;  // (dim, heads, {.dropout = 0.1, .bias = false})

  /// query [batch, L, E], key [batch, S, kdim], value [batch, S, vdim], or all without a batch.
  AttentionOutput forward(const Tensor& query, const Tensor& key, const Tensor& value,
                          const AttendOptions& options = {}) const;

  int64_t embed_dim() const { return embed_dim_; }
  int64_t num_heads() const { return num_heads_; }

 private:
  struct Projected;
  bool is_packed() const { return kdim_ == embed_dim_ && vdim_ == embed_dim_; }
  Tensor mask_for(const Projected& projected, const AttendOptions& options) const;
  static Projected unpacked(const Tensor& qkv);
  Projected turned(const Projected& projected, int64_t offset) const;
  Projected placed(const Projected& projected, const KeyValue* cache) const;
  Projected project(const Tensor& query, const Tensor& key, const Tensor& value) const;
  Tensor split_heads(const Tensor& x) const;
  void show(const AttentionWatch& watch, const Projected& projected, AttendOptions options) const;
  AttentionOutput attend_with_weights(const Projected& projected, const Tensor& ignored,
                                      const AttendOptions& options) const;
  AttentionOutput forward_unbatched(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const AttendOptions& options) const;
  void check(const Tensor& query, const Tensor& key, const Tensor& value) const;

  const int64_t embed_dim_, num_heads_, kdim_, vdim_;
  const double dropout_p_;
  const AnyEncoding encoding_;

 public:
  const Tensor in_proj_weight, q_proj_weight, k_proj_weight, v_proj_weight, in_proj_bias;
  const Linear out_proj;
};

}  // namespace rill::nn
