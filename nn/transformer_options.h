#pragma once

#include <optional>

#include <rill/nn/activation.h>
#include <rill/nn/layer_norm.h>
#include <rill/nn/positions/encoding.h>

namespace rill::nn {

/// Of an encoder or decoder layer.
struct TransformerLayerOptions {
  int64_t dim_feedforward = 2048;
  /// On the attention weights, after attention, inside and after the feed-forward part.
  double dropout = 0.1;
  Choice<Activation> activation = Activation::relu;
  double layer_norm_eps = 1e-5;
  /// As ever in rill: anything else throws ValueError.
  bool batch_first = true;
  /// Normalise before each part instead of after its sum.
  bool norm_first = false;
  bool bias = true;
  /// As MultiheadAttention takes it, for self-attention.
  AnyEncoding encoding = {};
};
using TransformerEncoderLayerOptions = TransformerLayerOptions;
using TransformerDecoderLayerOptions = TransformerLayerOptions;

/// Of a stack of such layers.
struct TransformerStackOptions {
  TransformerLayerOptions layer = {};
  /// A LayerNorm after the last layer, as pre-norm stacks want.
  bool final_norm = false;
};
/// What may follow the last layer of a stack.
struct StackNorm {
  std::optional<LayerNorm> norm = {};
};
using TransformerEncoderOptions = TransformerStackOptions;
using TransformerDecoderOptions = TransformerStackOptions;

}  // namespace rill::nn
