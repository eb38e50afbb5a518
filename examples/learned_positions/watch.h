#pragma once

#include <rill/core/tensor.h>

#include "../tiny_transformer/corpus.h"
#include "../tiny_transformer/metrics.h"
#include "../tiny_transformer/options.h"

namespace learned_positions {

/// A table of positions [block_size, n_embd] as it was drawn and as training left it, and the
/// validation loss of its model at both times, in nats a token.
struct Watched {
  rill::Tensor drawn, trained;
  double first_loss = 0, last_loss = 0;
  int64_t steps = 0;  // fewer than asked for where a signal stopped the training
};

/// Trains a character model whose positions are learned.
Watched watch(const tiny_transformer::Corpus& corpus, const tiny_transformer::Options& options,
              tiny_transformer::MetricsFile& metrics);

}  // namespace learned_positions
