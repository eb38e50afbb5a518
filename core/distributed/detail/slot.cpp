#include <rill/core/distributed/detail/slot.h>

#include <set>

#include <rill/core/ops.h>

namespace rill::distributed {
namespace {

using Group = std::vector<NamedTensor>;

int64_t bytes_of(const Tensor& tensor) {
  return tensor.numel() * static_cast<int64_t>(size_of(tensor.dtype()));
}

/// A tied weight is there once, whatever its names.
Group without_repetitions(const Group& parameters) {
  std::set<const TensorImpl*> seen;
  Group once;
  for (const NamedTensor& named : parameters)
    if (seen.insert(named.tensor.impl()).second) once.push_back(named);
  return once;
}

/// Neighbours of one dtype, cut from the first parameter on, whose gradient comes last: so the last
/// bucket is a full one, and has what comes just before the end of backward too.
std::vector<Group> groups_of(const Group& parameters, int64_t bucket_bytes) {
  std::vector<Group> groups;
  int64_t there = bucket_bytes;  // in the last group
  for (const NamedTensor& named : parameters) {
    const bool is_full = there >= bucket_bytes;
    if (is_full || groups.back()[0].tensor.dtype() != named.tensor.dtype()) {
      groups.emplace_back();
      there = 0;
    }
    groups.back().push_back(named);
    there += bytes_of(named.tensor);
  }
  return groups;
}

}  // namespace

Tensor Slot::gradient_in(const Tensor& row) const {
  return row.narrow(0, place, parameter.numel()).view(parameter.shape());
}

Tensor Slot::count_in(const Tensor& row) const { return row.narrow(0, count_place, 1); }

std::vector<Slot> slots_of(const std::vector<NamedTensor>& parameters, int64_t bucket_bytes,
                           std::vector<Bucket>& buckets) {
  std::vector<Slot> slots;
  const std::vector<Group> groups = groups_of(without_repetitions(parameters), bucket_bytes);
  for (auto group = groups.rbegin(); group != groups.rend(); ++group) {
    Bucket& bucket = buckets.emplace_back((*group)[0].tensor.dtype());
    for (auto named = group->rbegin(); named != group->rend(); ++named)
      slots.push_back(
          {named->name, named->tensor, buckets.size() - 1, bucket.reserve(named->tensor.numel())});
  }
  for (Slot& slot : slots) slot.count_place = buckets[slot.bucket].reserve(1);
  return slots;
}

}  // namespace rill::distributed
