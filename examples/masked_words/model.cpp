#include "model.h"

#include <rill/core/ops.h>
#include <rill/nn/init.h>

namespace masked_words {

using rill::Tensor;
namespace nn = rill::nn;

MaskedWordModel::MaskedWordModel(const ModelOptions& options)
    : options_(options),
      embeddings(register_module(
          "embeddings",
          nn::BertEmbeddings(options.vocab_size, options.n_embd,
                             {.max_len = options.max_len, .dropout = options.dropout}))),
      encoder(register_module(
          "encoder", nn::TransformerEncoder(options.n_embd, options.n_head, options.n_layer,
                                            {.layer = {.dim_feedforward = 4 * options.n_embd,
                                                       .dropout = options.dropout,
                                                       .activation = nn::Activation::gelu,
                                                       .norm_first = true},
                                             .final_norm = true}))),
      head(register_module("head", nn::Linear(embeddings.token.weight))) {
  nn::init::normal_(embeddings.token.weight, 0, 0.1);
  nn::init::normal_(embeddings.position.weight, 0, 0.2);
}

Tensor MaskedWordModel::forward(const Batch& batch) const {
  const Tensor x = embeddings(batch.ids, batch.segments);
  const Tensor seen = encoder(x, nn::EncoderMasks{.src_key_padding_mask = batch.is_padding});
  return head(index_select(seen.flatten(0, 1), 0, batch.places));
}

}  // namespace masked_words
