#include "watch.h"

#include <rill/nn/positions/learned_positional_encoding.h>

#include "../tiny_transformer/training.h"

namespace learned_positions {

Watched watch(const tiny_transformer::Corpus& corpus, const tiny_transformer::Options& options,
              tiny_transformer::MetricsFile& metrics) {
  rill::default_generator() = generator_for(tiny_transformer::Draws::weights, options);
  const rill::nn::LearnedPositionalEncoding positions(
      options.n_embd, {.dropout = 0, .max_len = options.block_size});
  const rill::nn::LanguageModel model({.vocab_size = corpus.vocab_size(),
                                       .block_size = options.block_size,
                                       .n_layer = options.n_layer,
                                       .n_head = options.n_head,
                                       .n_embd = options.n_embd,
                                       .encoding = positions});
  const rill::Tensor drawn = positions.weight.detach().clone();
  rill::World world;
  train(model, corpus, options, metrics, world);
  return {.drawn = drawn,
          .trained = positions.weight.detach(),
          .first_loss = metrics.rows().front().val_loss,
          .last_loss = metrics.rows().back().val_loss,
          .steps = metrics.rows().back().step};
}

}  // namespace learned_positions
