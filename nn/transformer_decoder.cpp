#include <rill/nn/transformer_decoder.h>

#include <rill/core/ops.h>
#include <rill/nn/detail/transformer_parts.h>

namespace rill::nn {

TransformerDecoderLayer::TransformerDecoderLayer(int64_t d_model, int64_t nhead,
                                                 TransformerDecoderLayerOptions options)
    : self_attn(register_module("self_attn", detail::self_attention(d_model, nhead, options))),
      multihead_attn(
          register_module("multihead_attn", detail::cross_attention(d_model, nhead, options))),
      linear1(register_module("linear1",
                              detail::to_feedforward("TransformerDecoderLayer", d_model, options))),
      linear2(register_module("linear2", detail::from_feedforward(d_model, options))),
      norm1(register_module("norm1", detail::norm_of(d_model, options))),
      norm2(register_module("norm2", detail::norm_of(d_model, options))),
      norm3(register_module("norm3", detail::norm_of(d_model, options))),
      dropout_(register_module("dropout", Dropout(options.dropout))),
      dropout1_(register_module("dropout1", Dropout(options.dropout))),
      dropout2_(register_module("dropout2", Dropout(options.dropout))),
      dropout3_(register_module("dropout3", Dropout(options.dropout))),
      d_model_(d_model),
      nhead_(nhead),
      options_(options) {}

Tensor TransformerDecoderLayer::forward(const Tensor& tgt, const Tensor& memory,
                                        const DecoderMasks& masks) const {
  const Tensor told = detail::add_part(tgt, norm1, options_.norm_first,
                                       [&](const Tensor& x) { return attend(x, masks); });
  const Tensor asked = detail::add_part(told, norm2, options_.norm_first,
                                        [&](const Tensor& x) { return attend(x, memory, masks); });
  return detail::add_part(asked, norm3, options_.norm_first,
                          [&](const Tensor& x) { return feed_forward(x); });
}

Tensor TransformerDecoderLayer::attend(const Tensor& x, const DecoderMasks& masks) const {
  return dropout1_(self_attn(x, x, x,
                             {.key_padding_mask = masks.tgt_key_padding_mask,
                              .attn_mask = masks.tgt_mask,
                              .is_causal = masks.tgt_is_causal})
                       .output);
}

Tensor TransformerDecoderLayer::attend(const Tensor& x, const Tensor& memory,
                                       const DecoderMasks& masks) const {
  return dropout2_(multihead_attn(x, memory, memory,
                                  {.key_padding_mask = masks.memory_key_padding_mask,
                                   .attn_mask = masks.memory_mask,
                                   .is_causal = masks.memory_is_causal})
                       .output);
}

Tensor TransformerDecoderLayer::feed_forward(const Tensor& x) const {
  return dropout3_(linear2(dropout_(activate(linear1(x), options_.activation))));
}

TransformerDecoder::TransformerDecoder(int64_t d_model, int64_t nhead, int64_t num_layers,
                                       TransformerDecoderOptions options)
    : layers(register_module("layers", detail::stacked("TransformerDecoder", num_layers,
                                                       [&](int64_t) {
                                                         return TransformerDecoderLayer(
                                                             d_model, nhead, options.layer);
                                                       }))),
      norm(options.final_norm
               ? std::optional(register_module("norm", detail::norm_of(d_model, options.layer)))
               : std::nullopt) {}

TransformerDecoder::TransformerDecoder(const TransformerDecoderLayer& layer, int64_t num_layers,
                                       const std::optional<LayerNorm>& norm)
    : layers(register_module("layers", detail::stacked("TransformerDecoder", num_layers,
                                                       [&](int64_t) { return layer.another(); }))),
      norm(norm ? std::optional(register_module("norm", *norm)) : std::nullopt) {}

Tensor TransformerDecoder::forward(const Tensor& tgt, const Tensor& memory,
                                   const DecoderMasks& masks) const {
  Tensor x = tgt;
  for (const TransformerDecoderLayer& layer : layers) x = layer(x, memory, masks);
  return norm ? (*norm)(x) : x;
}

}  // namespace rill::nn
