#include <rill/core/distributed/micro_batch.h>

#include <rill/core/distributed/detail/sum_tree.h>

namespace rill {
namespace {

/// A stream of its own for each micro-batch of each step (the numbers scrambled as SplitMix64
/// does).
Generator stream_of(const Generator& base, int64_t step, int64_t number) {
  auto key = static_cast<uint64_t>(step) * 0x9e3779b97f4a7c15 + static_cast<uint64_t>(number) + 1;
  key = (key ^ (key >> 30)) * 0xbf58476d1ce4e5b9;
  key = (key ^ (key >> 27)) * 0x94d049bb133111eb;
  return Generator(base.seed() ^ key ^ (key >> 31));
}

}  // namespace

std::vector<MicroBatch> micro_batches_of(int rank, int size, int64_t count, int64_t rows) {
  std::vector<MicroBatch> parts;
  const int64_t end = distributed::first_of(rank + 1, size, count);
  for (int64_t i = distributed::first_of(rank, size, count); i < end; ++i) {
    const int64_t first = i * rows / count;
    const int64_t own = (i + 1) * rows / count - first;
    parts.push_back({i, first, own, static_cast<double>(own) / static_cast<double>(rows)});
  }
  return parts;
}

MicroBatchDraws::MicroBatchDraws(const MicroBatch& part, int64_t step)
    : before_(default_generator()) {
  default_generator() = stream_of(before_, step, part.number);
}

MicroBatchDraws::~MicroBatchDraws() { default_generator() = before_; }

}  // namespace rill
