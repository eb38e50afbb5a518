#pragma once

#include <optional>
#include <vector>

#include <rill/core/random.h>
#include <rill/nn/decoder.h>

#include "corpus.h"
#include "metrics.h"
#include "options.h"

namespace tiny_transformer {

/// Inputs [batch, block] and what follows each of them.
struct Batch {
  rill::Tensor ids;
  rill::Tensor targets;
};

/// Blocks that begin at `starts`.
Batch blocks_at(const std::vector<int64_t>& tokens, const std::vector<int64_t>& starts,
                int64_t block_size);

/// The mean loss over all non-overlapping blocks of `tokens`, in nats a token; a block has `length`
/// tokens, the model's block_size where none is given.
double whole_loss(const rill::nn::LanguageModel& model, const std::vector<int64_t>& tokens,
                  std::optional<int64_t> length = {});

/// AdamW with warm-up and cosine decay on random blocks; writes metrics, shows progress. Returns
/// whether it came to its end: a signal stops it after a step. Throws
/// std::runtime_error where the loss or the gradient stops being finite (unless told to skip such
/// steps); the weights are then those before that step.
bool train(const rill::nn::LanguageModel& model, const Corpus& corpus, const Options& options,
           MetricsFile& metrics);

}  // namespace tiny_transformer
