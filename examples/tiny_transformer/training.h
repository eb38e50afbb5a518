#pragma once

#include <optional>
#include <string>
#include <vector>

#include <rill/core/distributed/world.h>
#include <rill/core/inspect/gradient_report.h>
#include <rill/core/io/checkpoint_folder.h>
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

/// Where a training leaves checkpoints, and the one that it goes on from.
struct Checkpoints {
  /// None where there is none.
  std::optional<rill::CheckpointFolder> folder = {};
  /// What its numbers depend on, to be saved with each.
  rill::Metadata configuration = {};
  std::optional<rill::Checkpoint> from = {};
  std::string from_path = "";
  /// What is in the folder is of this training; else it goes with the first checkpoint.
  bool is_own_folder = false;
};

/// AdamW with warm-up and cosine decay on random blocks; writes metrics, shows progress. Returns
/// whether it came to its end: a signal stops it after a step. Every checkpoint has all that the
/// training needs to go on as if it had not stopped, to the bit; one is left at the end too.
/// `gradients`, where there is one, is fed each step, and what it warns of is logged. The ranks of
/// `world` train together, each on its part of every step's batches, and stop together.
///
/// Throws std::runtime_error where the loss or the gradient stops being finite (unless told to skip
/// such steps), naming the examples of that step; the weights are then those before it.
bool train(const rill::nn::LanguageModel& model, const Corpus& corpus, const Options& options,
           MetricsFile& metrics, rill::World& world, const Checkpoints& checkpoints = {},
           rill::inspect::GradientReport* gradients = nullptr);

}  // namespace tiny_transformer
