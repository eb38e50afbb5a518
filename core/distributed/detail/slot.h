#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <rill/core/distributed/detail/bucket.h>
#include <rill/core/state_dict.h>
#include <rill/core/tensor.h>

namespace rill::distributed {

/// A parameter, and where its gradient is.
struct Slot {
  std::string name;
  Tensor parameter;
  size_t bucket;
  int64_t place;            // in the rows of the bucket
  int64_t count_place = 0;  // of the number of micro-batches that gave it one
  std::optional<HookHandle> hook = {};
  bool has_arrived = false;                // from the micro-batch at hand
  std::vector<int64_t> missing_from = {};  // micro-batches of this rank, in the step

  /// Parts of a row of the bucket.
  Tensor gradient_in(const Tensor& row) const;
  Tensor count_in(const Tensor& row) const;
};

/// A slot for each parameter, and buckets for them, appended to `buckets`: both in the order in
/// which gradients are expected. A bucket has so many bytes or more; the first may have less.
std::vector<Slot> slots_of(const std::vector<NamedTensor>& parameters, int64_t bucket_bytes,
                           std::vector<Bucket>& buckets);

}  // namespace rill::distributed
