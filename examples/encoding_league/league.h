#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <rill/nn/positions/position.h>

#include "../tiny_transformer/corpus.h"
#include "../tiny_transformer/options.h"

namespace encoding_league {

/// Multiples of the training length at which a model is tested.
inline constexpr int64_t lengths[] = {1, 2, 4};

/// What one model came to.
struct Run {
  std::vector<double> losses;  // on the whole validation part, at each of `lengths`; nats a token
  double tokens_per_s = 0;     // in training, the median over the intervals between evaluations
  int64_t parameters = 0;
};

/// All runs of one encoding, one for each seed.
struct Entry {
  rill::nn::Position position = rill::nn::Position::none;
  std::vector<Run> runs;

  /// Of the losses at lengths[i] over the seeds; `spread` is the standard deviation (n − 1), 0 for
  /// one seed.
  double mean(size_t i) const;
  double spread(size_t i) const;
  double tokens_per_s() const;
};

/// Trains a model that can see 4 × options.block_size tokens on blocks of options.block_size, and
/// tests it on longer ones. Writes metrics.csv to options.out_dir. Nothing where a signal stopped
/// the training.
std::optional<Run> compete(const tiny_transformer::Corpus& corpus,
                           const tiny_transformer::Options& options);

}  // namespace encoding_league
