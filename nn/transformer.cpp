#include <rill/nn/transformer.h>

#include <rill/core/ops.h>
#include <rill/core/option.h>

namespace rill::nn {
namespace {

LayerNorm norm_like(int64_t d_model, const TransformerEncoderLayerOptions& options) {
  return LayerNorm(d_model, {.eps = options.layer_norm_eps, .bias = options.bias});
}

}  // namespace

TransformerEncoderLayer::TransformerEncoderLayer(int64_t d_model, int64_t nhead,
                                                 TransformerEncoderLayerOptions options)
    : self_attn(register_module("self_attn", MultiheadAttention(d_model, nhead,
                                                                {.dropout = options.dropout,
                                                                 .bias = options.bias,
                                                                 .encoding = options.encoding}))),
      linear1(register_module("linear1", Linear(d_model,
                                                rill::detail::want_at_least(
                                                    1, "TransformerEncoderLayer: dim_feedforward",
                                                    options.dim_feedforward),
                                                {.bias = options.bias}))),
      linear2(register_module("linear2",
                              Linear(options.dim_feedforward, d_model, {.bias = options.bias}))),
      norm1(register_module("norm1", norm_like(d_model, options))),
      norm2(register_module("norm2", norm_like(d_model, options))),
      dropout_(register_module("dropout", Dropout(options.dropout))),
      dropout1_(register_module("dropout1", Dropout(options.dropout))),
      dropout2_(register_module("dropout2", Dropout(options.dropout))),
      activation_(options.activation),
      norm_first_(options.norm_first) {}

Tensor TransformerEncoderLayer::forward(const Tensor& src, const EncoderMasks& masks) const {
  if (norm_first_) {
    const Tensor x = src + attend(norm1(src), masks);
    return x + feed_forward(norm2(x));
  }
  const Tensor x = norm1(src + attend(src, masks));
  return norm2(x + feed_forward(x));
}

Tensor TransformerEncoderLayer::attend(const Tensor& x, const EncoderMasks& masks) const {
  const AttendOptions options{.key_padding_mask = masks.src_key_padding_mask,
                              .attn_mask = masks.src_mask,
                              .is_causal = masks.is_causal};
  return dropout1_(self_attn(x, x, x, options).output);
}

Tensor TransformerEncoderLayer::feed_forward(const Tensor& x) const {
  return dropout2_(linear2(dropout_(activate(linear1(x), activation_))));
}

TransformerEncoder::TransformerEncoder(int64_t d_model, int64_t nhead, int64_t num_layers,
                                       TransformerEncoderOptions options)
    : layers(register_module(
          "layers",
          ModuleList<TransformerEncoderLayer>(
              rill::detail::want_at_least(1, "TransformerEncoder: num_layers", num_layers),
              [&](int64_t) { return TransformerEncoderLayer(d_model, nhead, options.layer); }))),
      norm(options.final_norm
               ? std::optional(register_module("norm", norm_like(d_model, options.layer)))
               : std::nullopt) {}

Tensor TransformerEncoder::forward(const Tensor& src, const EncoderMasks& masks) const {
  Tensor x = src;
  for (const TransformerEncoderLayer& layer : layers) x = layer(x, masks);
  return norm ? (*norm)(x) : x;
}

}  // namespace rill::nn
