#pragma once

#include <cstddef>
#include <iterator>

#include <rill/core/tensor.h>

namespace rill {

/// Goes over x[0], x[1], ...: `for (const Tensor& row : x)`.
class RowIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = Tensor;
  using difference_type = std::ptrdiff_t;
  using pointer = void;
  using reference = Tensor;

  RowIterator(const Tensor& tensor, int64_t row) : tensor_(tensor), row_(row) {}
  Tensor operator*() const { return tensor_[row_]; }
  RowIterator& operator++() {
    ++row_;
    return *this;
  }
  void operator++(int) { ++*this; }
  bool operator==(const RowIterator& other) const { return row_ == other.row_; }

 private:
  Tensor tensor_;
  int64_t row_;
};

inline RowIterator Tensor::begin() const { return {*this, 0}; }
inline RowIterator Tensor::end() const { return {*this, size(0)}; }

}  // namespace rill
