#pragma once

#include <rill/nn/transformer_decoder.h>
#include <rill/nn/transformer_encoder.h>

namespace rill::nn {

/// Who may look at whom, in src, in tgt and from tgt at memory, the encoder's output: masks as
/// MultiheadAttention takes them (true is ignored).
struct TransformerMasks {
  Tensor src_mask = {};
  Tensor tgt_mask = {};
  Tensor memory_mask = {};
  Tensor src_key_padding_mask = {};
  Tensor tgt_key_padding_mask = {};
  /// As a rule the same as src_key_padding_mask.
  Tensor memory_key_padding_mask = {};
  bool src_is_causal = false;
  bool tgt_is_causal = false;
  bool memory_is_causal = false;
};

/// The encoder and decoder of "Attention Is All You Need" (Vaswani et al. 2017), without embeddings
/// and head: decoder(tgt, encoder(src)). Both stacks end with a norm, and all matrices are Xavier
/// uniform, as PyTorch's.
///
/// Each token of tgt is to be guessed from those before it, so train with `{.tgt_is_causal =
/// true}`. To write token after token, run `encoder` once and `decoder` for each.
class Transformer final : public Layer<Transformer> {
 public:
  /// Throws ValueError as the layers do, and for numbers of layers below 1.
  explicit Transformer(int64_t d_model = 512, int64_t nhead = 8, int64_t num_encoder_layers = 6,
                       int64_t num_decoder_layers = 6, TransformerLayerOptions options = {});
  template <class...>
  explicit Transformer(...) = delete;  // Transformer(512, 8, 6, 6, {.dim_feedforward = 2048})

  /// src [batch, S, d_model] and tgt [batch, T, d_model] to [batch, T, d_model], or all without a
  /// batch.
  Tensor forward(const Tensor& src, const Tensor& tgt, const TransformerMasks& masks = {}) const;

  /// The tgt_mask of a decoder, which `.tgt_is_causal = true` has without a mask: [size, size], 0
  /// on and below the diagonal, −inf above it.
  static Tensor generate_square_subsequent_mask(int64_t size);

  const TransformerEncoder encoder;
  const TransformerDecoder decoder;
};

}  // namespace rill::nn
