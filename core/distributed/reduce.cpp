#include "reduce.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "mpi.h"

namespace rill::distributed {
namespace {

using mpi::Bytes;

constexpr int64_t at_once = int64_t{1}
                            << 22;  // numbers of a piece, whose copies must fit in memory

/// A piece of the sum, cut into one slice a rank.
class Piece {
 public:
  Piece(World& world, const SumTree& own, int64_t items, DType dtype, int64_t begin, int64_t end)
      : world_(world), own_(own), items_(items), dtype_(dtype), begin_(begin), end_(end) {}

  void sum_into(char* sum) {
    collect();
    if (const void* slice = add()) std::memcpy(at(sum, world_.rank()), slice, bytes(world_.rank()));
    std::vector<Bytes> to, from;
    for (int r = 0; r < world_.size(); ++r) {
      const bool is_own = r == world_.rank();
      to.push_back(is_own ? Bytes{} : Bytes{at(sum, world_.rank()), bytes(world_.rank())});
      from.push_back(is_own ? Bytes{} : Bytes{at(sum, r), bytes(r)});
    }
    world_.exchange(to, from);
  }

 private:
  int64_t first(int rank) const { return begin_ + first_of(rank, world_.size(), end_ - begin_); }
  char* at(void* data, int rank) const {
    return static_cast<char*>(data) + first(rank) * static_cast<int64_t>(size_of(dtype_));
  }
  size_t bytes(int rank) const {
    return static_cast<size_t>(first(rank + 1) - first(rank)) * size_of(dtype_);
  }
  std::vector<Part> parts_of_rank(int rank) const {
    return parts_of(first_of(rank, world_.size(), items_),
                    first_of(rank + 1, world_.size(), items_));
  }
  std::unique_ptr<char[]> memory(size_t count) const {
    return std::make_unique_for_overwrite<char[]>(count);
  }

  /// Sends each rank its slice of the own parts, and gets this rank's slice of all parts.
  void collect() {
    const size_t own_bytes = bytes(world_.rank());
    for (int r = 0; r < world_.size(); ++r) {
      const size_t parts = parts_of_rank(r).size();
      sent_.push_back(packed(r));
      received_.push_back(r == world_.rank() ? packed(r) : memory(parts * own_bytes));
    }
    std::vector<Bytes> to, from;
    for (int r = 0; r < world_.size(); ++r) {
      const size_t there = r == world_.rank() ? 0 : 1;
      const auto at = static_cast<size_t>(r);
      to.push_back({sent_[at].get(), there * own_.data().size() * bytes(r)});
      from.push_back({received_[at].get(), there * parts_of_rank(r).size() * own_bytes});
    }
    world_.exchange(to, from);
  }
  std::unique_ptr<char[]> packed(int rank) const {
    auto out = memory(own_.data().size() * bytes(rank));
    for (size_t k = 0; k < own_.data().size(); ++k)
      std::memcpy(out.get() + k * bytes(rank), at(own_.data()[k], rank), bytes(rank));
    return out;
  }
  /// The sum of what was received, in that memory.
  const void* add() {
    SumTree tree(dtype_, first(world_.rank() + 1) - first(world_.rank()));
    for (int r = 0; r < world_.size(); ++r) {
      char* data = received_[static_cast<size_t>(r)].get();
      for (const Part& part : parts_of_rank(r)) {
        tree.add(part, data);
        data += bytes(world_.rank());
      }
    }
    return tree.sum();
  }

  World& world_;
  const SumTree& own_;
  int64_t items_;
  DType dtype_;
  int64_t begin_, end_;
  std::vector<std::unique_ptr<char[]>> sent_, received_;  // by rank
};

}  // namespace

void sum_over_ranks(World& world, SumTree& own, int64_t items, DType dtype, int64_t numbers,
                    void* sum) {
  if (world.size() == 1) {
    const void* all = own.sum();
    if (all != sum) std::memcpy(sum, all, static_cast<size_t>(numbers) * size_of(dtype));
    return;
  }
  for (int64_t begin = 0; begin < numbers; begin += at_once)
    Piece(world, own, items, dtype, begin, std::min(begin + at_once, numbers))
        .sum_into(static_cast<char*>(sum));
}

}  // namespace rill::distributed
