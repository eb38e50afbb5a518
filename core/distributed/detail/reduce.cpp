#include <rill/core/distributed/detail/reduce.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include <rill/core/distributed/detail/mpi.h>
#include <rill/core/tensor.h>

namespace rill::distributed {
namespace {

using mpi::Bytes;

constexpr int64_t at_once = int64_t{1} << 22;  // numbers of a piece, for whose parts there is room

/// What there is for, or from, each other rank.
template <class BytesOf>
std::vector<Bytes> of_others(const Ranks& ranks, const BytesOf& bytes_of) {
  std::vector<Bytes> all;
  for (int r = 0; r < ranks.size(); ++r) all.push_back(r == ranks.rank() ? Bytes{} : bytes_of(r));
  return all;
}

/// A piece of the sum, cut into one slice a rank.
class Piece {
 public:
  Piece(Ranks& ranks, const SumTree& own, int64_t items, DType dtype, int64_t begin, int64_t end)
      : ranks_(ranks), own_(own), dtype_(dtype), begin_(begin), end_(end) {
    for (int r = 0; r < ranks.size(); ++r)
      parts_.push_back(
          parts_of(first_of(r, ranks.size(), items), first_of(r + 1, ranks.size(), items)));
    received_.resize(parts_.size());
  }

  void sum_into(void* sum) {
    for (size_t k = 0; k < most_parts(); ++k) exchange_parts(k);
    const Bytes own = slice(sum, ranks_.rank());
    const void* const added = add();
    if (own.count > 0 && added != own.data) std::memcpy(own.data, added, own.count);
    ranks_.exchange(of_others(ranks_, [&](int) { return own; }),
                    of_others(ranks_, [&](int r) { return slice(sum, r); }));
  }

 private:
  int64_t first(int rank) const { return begin_ + first_of(rank, ranks_.size(), end_ - begin_); }
  int64_t numbers(int rank) const { return first(rank + 1) - first(rank); }
  size_t bytes(int64_t numbers) const { return static_cast<size_t>(numbers) * size_of(dtype_); }
  /// Of `data`, that of a rank.
  Bytes slice(void* data, int rank) const {
    return {static_cast<char*>(data) + bytes(first(rank)), bytes(numbers(rank))};
  }
  size_t most_parts() const {
    size_t most = 0;
    for (const std::vector<Part>& parts : parts_) most = std::max(most, parts.size());
    return most;
  }
  const std::vector<Part>& parts(int rank) const { return parts_[static_cast<size_t>(rank)]; }
  std::vector<Tensor>& received(int rank) { return received_[static_cast<size_t>(rank)]; }

  /// Gets this rank's slice of each rank's part `k`, where it has so many, and gives them theirs.
  void exchange_parts(size_t k) {
    const auto own = [&](int r) {
      return k < own_.data().size() ? slice(own_.data()[k], r) : Bytes{};
    };
    const auto theirs = [&](int r) { return k < parts(r).size() ? new_memory(r) : Bytes{}; };
    ranks_.exchange(of_others(ranks_, own), of_others(ranks_, theirs));
  }
  Bytes new_memory(int rank) {
    const Tensor memory = Tensor::empty({numbers(ranks_.rank())}, dtype_);
    received(rank).push_back(memory);
    return {memory.raw_data(), bytes(memory.numel())};
  }
  /// The sum of this rank's slices, in the memory of the first.
  const void* add() {
    SumTree tree(dtype_, numbers(ranks_.rank()));
    for (int r = 0; r < ranks_.size(); ++r)
      for (size_t k = 0; k < parts(r).size(); ++k)
        tree.add(parts(r)[k],
                 r == ranks_.rank() ? slice(own_.data()[k], r).data : received(r)[k].raw_data());
    return tree.sum();
  }

  Ranks& ranks_;
  const SumTree& own_;
  DType dtype_;
  int64_t begin_, end_;
  std::vector<std::vector<Part>> parts_;       // by rank
  std::vector<std::vector<Tensor>> received_;  // this rank's slices of them
};

}  // namespace

void sum_over_ranks(Ranks& ranks, SumTree& own, int64_t items, DType dtype, int64_t numbers,
                    void* sum) {
  if (ranks.size() == 1) {
    const void* all = own.sum();
    if (all != sum) std::memcpy(sum, all, static_cast<size_t>(numbers) * size_of(dtype));
    return;
  }
  for (int64_t begin = 0; begin < numbers; begin += at_once)
    Piece(ranks, own, items, dtype, begin, std::min(begin + at_once, numbers))
        .sum_into(static_cast<char*>(sum));
}

}  // namespace rill::distributed
