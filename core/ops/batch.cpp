#include <rill/core/ops/batch.h>

namespace rill::detail {

Shape batch_sizes(const Tensor& x) {
  return Shape(std::span(x.shape().data(), static_cast<size_t>(x.dims() - 2)));
}

std::vector<int64_t> batch_offsets(const Tensor& x, const Shape& batch) {
  const int missing = batch.dims() - (x.dims() - 2);
  std::vector<int64_t> offsets{0};
  for (int dim = 0; dim < batch.dims(); ++dim) {
    const bool is_stretched = dim < missing || x.shape()[dim - missing] == 1;
    const int64_t stride = is_stretched ? 0 : x.strides()[dim - missing];
    std::vector<int64_t> finer;
    finer.reserve(offsets.size() * static_cast<size_t>(batch[dim]));
    for (const int64_t offset : offsets)
      for (int64_t i = 0; i < batch[dim]; ++i) finer.push_back(offset + i * stride);
    offsets = std::move(finer);
  }
  return offsets;
}

bool is_one_matrix(const Tensor& x, int64_t distance) {
  int64_t expected = distance * x.size(-2);
  for (int dim = x.dims() - 3; dim >= 0; --dim) {
    if (x.shape()[dim] != 1 && x.strides()[dim] != expected) return false;
    expected *= x.shape()[dim];
  }
  return true;
}

Tensor as_matrix(const Tensor& x) {
  if (x.dims() == 2) return x;
  int64_t rows = 1;
  for (int dim = 0; dim + 1 < x.dims(); ++dim) rows *= x.shape()[dim];
  return x.reshape({rows, x.size(-1)});
}

}  // namespace rill::detail
