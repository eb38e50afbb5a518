#pragma once

#include <optional>

#include <rill/nn/attention.h>
#include <rill/nn/dropout.h>
#include <rill/nn/layer_norm.h>
#include <rill/nn/linear.h>
#include <rill/nn/module_list.h>
#include <rill/nn/transformer_options.h>

namespace rill::nn {

/// Who may look at whom, in tgt and from tgt at memory: masks as MultiheadAttention takes them
/// (true is ignored).
struct DecoderMasks {
  Tensor tgt_mask = {};
  Tensor memory_mask = {};
  Tensor tgt_key_padding_mask = {};
  Tensor memory_key_padding_mask = {};
  /// Position i of tgt sees j ≤ i of tgt, and of these what tgt_mask leaves.
  bool tgt_is_causal = false;
  /// Position i of tgt sees j ≤ i of memory, and of these what memory_mask leaves.
  bool memory_is_causal = false;
};

/// Self-attention of tgt, attention from tgt to memory, and a feed-forward part, each with a
/// residual sum and a norm (Vaswani et al. 2017): x = norm1(x + self_attention(x)), x = norm2(x +
/// attention(x, memory)), then norm3(x + feed_forward(x)); with norm_first x = x +
/// self_attention(norm1(x)) and so on.
///
/// Names and defaults as PyTorch's, but the batch always comes first: tgt [batch, T, d_model] and
/// memory [batch, S, d_model], or both without a batch. options.encoding acts in self-attention
/// alone.
class TransformerDecoderLayer final : public Layer<TransformerDecoderLayer> {
 public:
  /// Throws ValueError as TransformerEncoderLayer does.
  TransformerDecoderLayer(int64_t d_model, int64_t nhead,
                          TransformerDecoderLayerOptions options = {});
  explicit TransformerDecoderLayer(...) = delete;  // {.dim_feedforward = 32, .dropout = 0.1}

  /// As tgt. Throws ShapeError where tgt and memory do not fit.
  Tensor forward(const Tensor& tgt, const Tensor& memory, const DecoderMasks& masks = {}) const;

  const MultiheadAttention self_attn, multihead_attn;
  const Linear linear1, linear2;
  const LayerNorm norm1, norm2, norm3;

  /// A layer of the same sizes and options, initialised by itself.
  TransformerDecoderLayer another() const {
    return TransformerDecoderLayer(d_model_, nhead_, options_);
  }

 private:
  Tensor attend(const Tensor& x, const DecoderMasks& masks) const;
  Tensor attend(const Tensor& x, const Tensor& memory, const DecoderMasks& masks) const;
  Tensor feed_forward(const Tensor& x) const;

  const Dropout dropout_, dropout1_, dropout2_, dropout3_;
  const int64_t d_model_, nhead_;
  const TransformerLayerOptions options_;
};

/// A stack of decoder layers, all with the same memory: the output of an encoder. Each is
/// initialised by itself.
class TransformerDecoder final : public Layer<TransformerDecoder> {
 public:
  /// As a layer throws; ValueError for num_layers below 1.
  TransformerDecoder(int64_t d_model, int64_t nhead, int64_t num_layers,
                     TransformerDecoderOptions options = {});
  /// `num_layers` of layer.another(), and `norm` after them. Throws ValueError for num_layers
  /// below 1.
  TransformerDecoder(const TransformerDecoderLayer& layer, int64_t num_layers,
                     const std::optional<LayerNorm>& norm = {});
  TransformerDecoder(const TransformerDecoderLayer& layer, int64_t num_layers,
                     const StackNorm& options)
      : TransformerDecoder(layer, num_layers, options.norm) {}
  explicit TransformerDecoder(...) = delete;  // (layer, num_layers, {.norm = LayerNorm(d)})

  Tensor forward(const Tensor& tgt, const Tensor& memory, const DecoderMasks& masks = {}) const;

  const ModuleList<TransformerDecoderLayer> layers;
  const std::optional<LayerNorm> norm;
};

}  // namespace rill::nn
