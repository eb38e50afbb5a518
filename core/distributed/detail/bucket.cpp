#include <rill/core/distributed/detail/bucket.h>

#include <algorithm>

#include <rill/core/detail/clock.h>
#include <rill/core/distributed/detail/reduce.h>

namespace rill::distributed {

int64_t Bucket::reserve(int64_t numbers) {
  const int64_t place = numbers_;
  numbers_ += numbers;
  return place;
}

void Bucket::begin_step() {
  row_ = sum_ = Tensor();
  rows_.clear();
  tree_ = std::make_unique<SumTree>(dtype_, numbers_);
}

const Tensor& Bucket::row() {
  if (!row_.defined()) row_ = Tensor::empty({numbers_}, dtype_);
  return row_;
}

void Bucket::close_row(int64_t number) {
  rows_.push_back(row());
  tree_->add({number, 0}, rows_.back().raw_data());
  row_ = Tensor();
  std::erase_if(rows_, [&](const Tensor& row) {
    return std::ranges::find(tree_->data(), row.raw_data()) == tree_->data().end();
  });
}

void Bucket::send(Ranks& ranks, int64_t items, int64_t bucket) {
  ranks_ = &ranks;
  sum_ = rows_.empty() ? Tensor::empty({numbers_}, dtype_) : rows_[0];
  exchanged_ = ranks.post(
      [this, &ranks, items, rows = rows_, sum = sum_] {  // these stay where it is given up
        static_cast<void>(rows);
        start_ = detail::nanoseconds();
        sum_over_ranks(ranks, *tree_, items, dtype_, numbers_, sum.raw_data());
        end_ = detail::nanoseconds();
      },
      bucket);
}

Tensor Bucket::receive() {
  exchanged_.get();
  rows_.clear();
  return sum_;
}

void Bucket::give_up() {
  if (!exchanged_.valid()) return;
  ranks_->give_up();
  exchanged_.wait();
}

}  // namespace rill::distributed
