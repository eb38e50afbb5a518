#include <rill/core/distributed/detail/sum_tree.h>

#include <algorithm>
#include <bit>

namespace rill::distributed {
namespace {

template <class T>
void add_numbers(void* to, const void* what, int64_t count) {
  T* const sum = static_cast<T*>(to);
  const T* const more = static_cast<const T*>(what);
  for (int64_t i = 0; i < count; ++i) sum[i] += more[i];
}

}  // namespace

std::vector<Part> parts_of(int64_t first, int64_t end) {
  std::vector<Part> parts;
  while (first < end) {
    const int fits = static_cast<int>(std::bit_width(static_cast<uint64_t>(end - first))) - 1;
    const int aligned = first == 0 ? fits : std::countr_zero(static_cast<uint64_t>(first));
    parts.push_back({first, std::min(fits, aligned)});
    first += int64_t{1} << parts.back().level;
  }
  return parts;
}

bool SumTree::has_pair() const {
  if (parts_.size() < 2) return false;
  const Part& left = parts_[parts_.size() - 2];
  const Part& right = parts_.back();
  return left.level == right.level && ((left.first >> left.level) & 1) == 0 &&
         left.first + (int64_t{1} << left.level) == right.first;
}

void SumTree::add_last() {
  void* const to = data_[data_.size() - 2];
  if (dtype_ == float32)
    add_numbers<float>(to, data_.back(), numbers_);
  else
    add_numbers<double>(to, data_.back(), numbers_);
  data_.pop_back();
  parts_.pop_back();
}

void SumTree::add(Part part, void* data) {
  parts_.push_back(part);
  data_.push_back(data);
  for (; has_pair(); ++parts_.back().level) add_last();
}

void* SumTree::sum() {
  while (data_.size() > 1) add_last();
  return data_.empty() ? nullptr : data_[0];
}

}  // namespace rill::distributed
