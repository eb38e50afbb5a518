#pragma once

#include <rill/nn/bert_embeddings.h>
#include <rill/nn/linear.h>
#include <rill/nn/transformer.h>

#include "pairs.h"

namespace masked_words {

struct ModelOptions {
  int64_t vocab_size = 0;
  int64_t max_len = 64;
  int64_t n_embd = 64;
  int64_t n_head = 4;
  int64_t n_layer = 2;
  double dropout = 0;
};

/// BERT in small: the sum of token, position and segment, an encoder that sees both sides of each
/// word, and the token embeddings again to say which word is hidden.
class MaskedWordModel final : public rill::nn::Layer<MaskedWordModel> {
 public:
  /// Tokens from N(0, 0.1²) and positions from N(0, 0.2²), which suit a narrow model that learns
  /// for a minute; BERT draws both from N(0, 0.02²). Until attention has found each word's
  /// neighbours it guesses by how frequent words are, and loud positions are found sooner.
  explicit MaskedWordModel(const ModelOptions& options);

  /// The logits [hidden, vocab_size] of the hidden words alone.
  rill::Tensor forward(const Batch& batch) const;
  int64_t vocab_size() const { return options_.vocab_size; }
  const ModelOptions& options() const { return options_; }

 private:
  const ModelOptions options_;

 public:
  const rill::nn::BertEmbeddings embeddings;
  const rill::nn::TransformerEncoder encoder;
  const rill::nn::Linear head;
};

}  // namespace masked_words
