#pragma once

#include <rill/core/tensor.h>

namespace rill {

/// Goes over x[0], x[1], ...: `for (const Tensor& row : x)`.
class RowIterator {
 public:
  RowIterator(const Tensor& tensor, int64_t row) : tensor_(tensor), row_(row) {}
  Tensor operator*() const { return tensor_[row_]; }
  RowIterator& operator++() {
    ++row_;
    return *this;
  }
  bool operator==(const RowIterator& other) const { return row_ == other.row_; }

 private:
  Tensor tensor_;
  int64_t row_;
};
/// Throw IndexError for a tensor without dimensions.
inline RowIterator begin(const Tensor& tensor) { return {tensor, 0}; }
inline RowIterator end(const Tensor& tensor) { return {tensor, tensor.size(0)}; }

}  // namespace rill
