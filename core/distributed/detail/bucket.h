#pragma once

#include <future>
#include <memory>
#include <vector>

#include <rill/core/distributed/detail/ranks.h>
#include <rill/core/distributed/detail/sum_tree.h>
#include <rill/core/tensor.h>

namespace rill::distributed {

/// Numbers to be summed over items, such as the gradients of some parameters over micro-batches:
/// one row of memory for each item. Rows are added as a SumTree has it, first those of this rank,
/// then over all.
class Bucket {
 public:
  explicit Bucket(DType dtype) : dtype_(dtype) {}

  /// Before the first row. Returns the place of these numbers.
  int64_t reserve(int64_t numbers);
  int64_t numbers() const { return numbers_; }
  DType dtype() const { return dtype_; }

  /// Forgets what was there.
  void begin_step();
  /// The row of the item at hand, which is to be filled.
  const Tensor& row();
  /// Adds the row, of item `number`, to the sum of this rank.
  void close_row(int64_t number);
  /// Begins to sum over all ranks.
  void send(Ranks& ranks, int64_t items, int64_t bucket);
  /// The sum over all items, once it is there.
  Tensor receive();
  /// When its exchange began and ended; after `receive`.
  int64_t start() const { return start_; }
  int64_t end() const { return end_; }
  /// Where the sum was not received, its exchange is given up, and all others with it. The ranks
  /// must be there yet.
  void give_up();

 private:
  DType dtype_;
  int64_t numbers_ = 0;
  Tensor row_;
  std::vector<Tensor> rows_;  // what the tree adds up
  std::unique_ptr<SumTree> tree_;
  Tensor sum_;
  int64_t start_ = 0, end_ = 0;
  Ranks* ranks_ = nullptr;  // that it was sent to
  std::future<void> exchanged_;
};

}  // namespace rill::distributed
