#include <rill/nn/transformer_encoder.h>

#include <rill/core/ops.h>
#include <rill/nn/detail/transformer_parts.h>

namespace rill::nn {

TransformerEncoderLayer::TransformerEncoderLayer(int64_t d_model, int64_t nhead,
                                                 TransformerEncoderLayerOptions options)
    : self_attn(register_module("self_attn", detail::self_attention(d_model, nhead, options))),
      linear1(register_module("linear1",
                              detail::to_feedforward("TransformerEncoderLayer", d_model, options))),
      linear2(register_module("linear2", detail::from_feedforward(d_model, options))),
      norm1(register_module("norm1", detail::norm_of(d_model, options))),
      norm2(register_module("norm2", detail::norm_of(d_model, options))),
      dropout_(register_module("dropout", Dropout(options.dropout))),
      dropout1_(register_module("dropout1", Dropout(options.dropout))),
      dropout2_(register_module("dropout2", Dropout(options.dropout))),
      d_model_(d_model),
      nhead_(nhead),
      options_(options) {}

Tensor TransformerEncoderLayer::forward(const Tensor& src, const EncoderLayerMasks& masks) const {
  const Tensor x = detail::add_part(src, norm1, options_.norm_first,
                                    [&](const Tensor& part) { return attend(part, masks); });
  return detail::add_part(x, norm2, options_.norm_first,
                          [&](const Tensor& part) { return feed_forward(part); });
}

Tensor TransformerEncoderLayer::attend(const Tensor& x, const EncoderLayerMasks& masks) const {
  return dropout1_(self_attn(x, x, x,
                             {.key_padding_mask = masks.src_key_padding_mask,
                              .attn_mask = masks.src_mask,
                              .is_causal = masks.is_causal})
                       .output);
}

Tensor TransformerEncoderLayer::feed_forward(const Tensor& x) const {
  return dropout2_(linear2(dropout_(activate(linear1(x), options_.activation))));
}

TransformerEncoder::TransformerEncoder(int64_t d_model, int64_t nhead, int64_t num_layers,
                                       TransformerEncoderOptions options)
    : layers(register_module("layers", detail::stacked("TransformerEncoder", num_layers,
                                                       [&](int64_t) {
                                                         return TransformerEncoderLayer(
                                                             d_model, nhead, options.layer);
                                                       }))),
      norm(options.final_norm
               ? std::optional(register_module("norm", detail::norm_of(d_model, options.layer)))
               : std::nullopt) {}

TransformerEncoder::TransformerEncoder(const TransformerEncoderLayer& layer, int64_t num_layers,
                                       const std::optional<LayerNorm>& norm)
    : layers(register_module("layers", detail::stacked("TransformerEncoder", num_layers,
                                                       [&](int64_t) { return layer.another(); }))),
      norm(norm ? std::optional(register_module("norm", *norm)) : std::nullopt) {}

Tensor TransformerEncoder::forward(const Tensor& src, const EncoderMasks& masks) const {
  Tensor x = src;
  const EncoderLayerMasks each{masks.mask, masks.src_key_padding_mask, masks.is_causal};
  for (const TransformerEncoderLayer& layer : layers) x = layer(x, each);
  return norm ? (*norm)(x) : x;
}

}  // namespace rill::nn
