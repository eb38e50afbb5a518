// How a tensor of the reference files comes to lie in memory.
#include <algorithm>
#include <limits>
#include <stdexcept>

#include "tests/support/reference.h"

namespace rill::testing {
namespace {

using Numbers = std::vector<double>;
using Sizes = std::vector<int64_t>;

template <class T>
void fill(const Numbers& values, T* data) {
  std::transform(values.begin(), values.end(), data,
                 [](double value) { return static_cast<T>(value); });
}

int64_t count(const Sizes& shape, size_t from) {
  int64_t out = 1;
  for (size_t i = from; i < shape.size(); ++i) out *= shape[i];
  return out;
}

void need_dims(const ReferenceTensor& tensor, size_t dims) {
  if (tensor.shape.size() < dims)
    throw std::invalid_argument("the layout '" + tensor.layout + "' needs more dimensions");
}

Tensor transposed(const ReferenceTensor& tensor, DType dtype) {
  need_dims(tensor, 2);
  Sizes shape = tensor.shape;
  std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
  const int64_t rows = shape.back();
  const int64_t columns = shape[shape.size() - 2];
  Numbers values(tensor.values.size());
  for (int64_t i = 0; i < static_cast<int64_t>(values.size()); ++i) {
    const int64_t matrix = i / (rows * columns), row = i / columns % rows, column = i % columns;
    values[static_cast<size_t>((matrix * columns + column) * rows + row)] =
        tensor.values[static_cast<size_t>(i)];
  }
  return to_tensor(values, shape, dtype).transpose(-2, -1);
}

/// The odd columns of a tensor whose other columns would be noticed in any result.
Tensor sliced(const ReferenceTensor& tensor, DType dtype) {
  need_dims(tensor, 1);
  Sizes shape = tensor.shape;
  const int64_t width = shape.back();
  shape.back() = 2 * width + 1;
  const double poison = is_floating(dtype) ? std::numeric_limits<double>::quiet_NaN() : 1 << 30;
  Numbers values(static_cast<size_t>(count(shape, 0)), poison);
  for (int64_t i = 0; i < static_cast<int64_t>(tensor.values.size()); ++i)
    values[static_cast<size_t>(i / width * shape.back() + 2 * (i % width) + 1)] =
        tensor.values[static_cast<size_t>(i)];
  return to_tensor(values, shape, dtype).slice(-1, 1, shape.back(), 2);
}

Tensor expanded(const ReferenceTensor& tensor, DType dtype) {
  need_dims(tensor, 1);
  Sizes shape = tensor.shape;
  shape[0] = 1;
  const Numbers row(tensor.values.begin(), tensor.values.begin() + count(shape, 1));
  return to_tensor(row, shape, dtype).expand(tensor.shape);
}

Tensor laid_out(const ReferenceTensor& tensor, DType dtype) {
  if (tensor.layout == "contiguous") return to_tensor(tensor.values, tensor.shape, dtype);
  if (tensor.layout == "transposed") return transposed(tensor, dtype);
  if (tensor.layout == "sliced") return sliced(tensor, dtype);
  if (tensor.layout == "expanded") return expanded(tensor, dtype);
  throw std::invalid_argument("'" + tensor.layout + "' is not a layout");
}

}  // namespace

Tensor to_tensor(const Numbers& values, const Sizes& shape, DType dtype) {
  Tensor out = Tensor::empty(shape, dtype);
  if (out.numel() != static_cast<int64_t>(values.size()))
    throw std::invalid_argument("the values do not fill the shape");
  switch (dtype) {
    case DType::float32: fill(values, out.data<float>()); break;
    case DType::float64: fill(values, out.data<double>()); break;
    case DType::int64: fill(values, out.data<int64_t>()); break;
    case DType::bool_: fill(values, out.data<bool>()); break;
  }
  return out;
}

Tensor to_tensor(const ReferenceTensor& reference, DType floating) {
  const Tensor out = laid_out(reference, is_floating(reference.dtype) ? floating : reference.dtype);
  return reference.requires_grad ? out.requires_grad_() : out;
}

Tensor cotangent_of(const ReferenceCase& reference, size_t index, const Tensor& output) {
  return to_tensor(reference.cotangents.at(index).value(), reference.outputs.at(index).shape,
                   output.dtype());
}

}  // namespace rill::testing
