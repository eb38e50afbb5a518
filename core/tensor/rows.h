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

inline RowIterator Tensor::begin() const { return {*this, 0}; }
inline RowIterator Tensor::end() const { return {*this, size(0)}; }

}  // namespace rill
