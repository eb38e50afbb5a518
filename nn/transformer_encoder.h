#pragma once

#include <optional>

#include <rill/nn/attention.h>
#include <rill/nn/dropout.h>
#include <rill/nn/layer_norm.h>
#include <rill/nn/linear.h>
#include <rill/nn/module_list.h>
#include <rill/nn/transformer_options.h>

namespace rill::nn {

/// Who may look at whom, in a layer: masks as MultiheadAttention takes them (true is ignored).
struct EncoderLayerMasks {
  Tensor src_mask = {};
  Tensor src_key_padding_mask = {};
  bool is_causal = false;
};

/// The same of a stack of layers, which PyTorch names otherwise.
struct EncoderMasks {
  Tensor mask = {};
  Tensor src_key_padding_mask = {};
  bool is_causal = false;
};

/// Self-attention and a feed-forward part, each with a residual sum and a norm (Vaswani et al.
/// 2017): x = norm1(x + attention(x)), then norm2(x + feed_forward(x)); with norm_first x = x +
/// attention(norm1(x)), then x + feed_forward(norm2(x)).
///
/// Names and defaults as PyTorch's, but the batch always comes first: x [batch, length, d_model] or
/// [length, d_model].
class TransformerEncoderLayer final : public Layer<TransformerEncoderLayer> {
 public:
  /// Throws ValueError for sizes below 1, where nhead does not divide d_model, for a dropout
  /// outside [0, 1] and an eps that is negative or not finite.
  TransformerEncoderLayer(int64_t d_model, int64_t nhead,
                          TransformerEncoderLayerOptions options = {});
  explicit TransformerEncoderLayer(...) = delete;  // {.dim_feedforward = 32, .dropout = 0.1}

  Tensor forward(const Tensor& src, const EncoderLayerMasks& masks = {}) const;

  const MultiheadAttention self_attn;
  const Linear linear1, linear2;
  const LayerNorm norm1, norm2;

  /// A layer of the same sizes and options, initialised by itself.
  TransformerEncoderLayer another() const {
    return TransformerEncoderLayer(d_model_, nhead_, options_);
  }

 private:
  Tensor attend(const Tensor& x, const EncoderLayerMasks& masks) const;
  Tensor feed_forward(const Tensor& x) const;

  const Dropout dropout_, dropout1_, dropout2_;
  const int64_t d_model_, nhead_;
  const TransformerLayerOptions options_;
};

/// A stack of encoder layers. Each is initialised by itself (PyTorch copies one, so that all begin
/// alike).
class TransformerEncoder final : public Layer<TransformerEncoder> {
 public:
  /// As a layer throws; ValueError for num_layers below 1.
  TransformerEncoder(int64_t d_model, int64_t nhead, int64_t num_layers,
                     TransformerEncoderOptions options = {});
  /// `num_layers` of layer.another(), and `norm` after them. Throws ValueError for num_layers
  /// below 1.
  TransformerEncoder(const TransformerEncoderLayer& layer, int64_t num_layers,
                     const std::optional<LayerNorm>& norm = {});
  TransformerEncoder(const TransformerEncoderLayer& layer, int64_t num_layers,
                     const StackNorm& options)
      : TransformerEncoder(layer, num_layers, options.norm) {}
  explicit TransformerEncoder(...) = delete;  // (layer, num_layers, {.norm = LayerNorm(d)})

  Tensor forward(const Tensor& src, const EncoderMasks& masks = {}) const;

  const ModuleList<TransformerEncoderLayer> layers;
  const std::optional<LayerNorm> norm;
};

}  // namespace rill::nn
