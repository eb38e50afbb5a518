#include <rill/nn/transformer.h>

#include <rill/nn/init.h>

#include <limits>

namespace rill::nn {

Transformer::Transformer(int64_t d_model, int64_t nhead, int64_t num_encoder_layers,
                         int64_t num_decoder_layers, TransformerLayerOptions options)
    : encoder(
          register_module("encoder", TransformerEncoder(d_model, nhead, num_encoder_layers,
                                                        {.layer = options, .final_norm = true}))),
      decoder(
          register_module("decoder", TransformerDecoder(d_model, nhead, num_decoder_layers,
                                                        {.layer = options, .final_norm = true}))) {
  for (const auto& [name, tensor] : state_dict())
    if (tensor.dims() > 1) init::xavier_uniform_(tensor);
}

Tensor Transformer::forward(const Tensor& src, const Tensor& tgt,
                            const TransformerMasks& masks) const {
  const Tensor memory = encoder(src, {.mask = masks.src_mask,
                                      .src_key_padding_mask = masks.src_key_padding_mask,
                                      .is_causal = masks.src_is_causal});
  return decoder(tgt, memory,
                 {.tgt_mask = masks.tgt_mask,
                  .memory_mask = masks.memory_mask,
                  .tgt_key_padding_mask = masks.tgt_key_padding_mask,
                  .memory_key_padding_mask = masks.memory_key_padding_mask,
                  .tgt_is_causal = masks.tgt_is_causal,
                  .memory_is_causal = masks.memory_is_causal});
}

Tensor Transformer::generate_square_subsequent_mask(int64_t size) {
  return triu(full({size, size}, -std::numeric_limits<double>::infinity()), 1);
}

}  // namespace rill::nn
