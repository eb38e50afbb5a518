#pragma once

#include <rill/nn/layer.h>

namespace rill::nn {

struct RelativePositionBiasOptions {
  int64_t num_buckets = 32;
  /// Distances from here on share the last bucket.
  int64_t max_distance = 128;
  /// Half of the buckets for keys to the right; else these count as distance 0, which suits
  /// causal attention.
  bool bidirectional = true;
};

/// T5's bucket of each relative position, key − query (int64, any shape): near distances have
/// buckets of their own, far ones share them, on a logarithmic scale.
Tensor relative_position_bucket(const Tensor& relative,
                                const RelativePositionBiasOptions& options = {});

/// T5's relative bias (Raffel et al. 2019): a trained number for each bucket of distance and each
/// head, added to the scores. T5 leaves the division of scores by √head_dim out; here it stays.
class RelativePositionBias final : public Layer<RelativePositionBias> {
 public:
  /// weight [num_buckets, num_heads] from N(0, 0.02²). Throws ValueError for sizes that leave no
  /// bucket to a distance.
  explicit RelativePositionBias(int64_t num_heads, RelativePositionBiasOptions options = {});
  explicit RelativePositionBias(...) = delete;  // (num_heads, {.bidirectional = true})

  /// [heads, queries, keys], where the queries are the last of the keys.
  Tensor bias(int64_t queries, int64_t keys) const;

  const Tensor weight;

 private:
  const RelativePositionBiasOptions options_;
};

}  // namespace rill::nn
