#include <rill/core/error.h>
#include <rill/core/ops.h>
#include <rill/core/tensor.h>

#include <algorithm>
#include <cmath>

namespace rill {
namespace {

/// Calls `f` with a value of the C++ type of `dtype`.
template <class F>
void with_type(DType dtype, F f) {
  switch (dtype) {
    case DType::float32: return f(float{});
    case DType::float64: return f(double{});
    case DType::int64: return f(int64_t{});
    case DType::bool_: return f(bool{});
  }
}

/// out[i] = value(i), computed in double.
template <class F>
Tensor generate(const Shape& shape, DType dtype, F value) {
  Tensor out = Tensor::empty(shape, dtype);
  with_type(dtype, [&](auto zero) {
    auto* data = out.data<decltype(zero)>();
    for (int64_t i = 0; i < out.numel(); ++i) data[i] = static_cast<decltype(zero)>(value(i));
  });
  return out;
}

/// The shape of nested lists; throws where one is ragged.
void measure(const NestedList& list, int depth, Shape& shape, bool is_first) {
  if (list.is_number()) {
    if (depth != shape.dims())
      fail<ShapeError>("tensor: a number stands where a list of ", shape[depth], " is expected");
    return;
  }
  const auto size = static_cast<int64_t>(list.items().size());
  if (depth == shape.dims()) {
    if (!is_first) fail<ShapeError>("tensor: a list stands where a number is expected");
    shape.push_back(size);
  } else if (shape[depth] != size) {
    fail<ShapeError>("tensor: lists at depth ", depth, " have ", shape[depth], " and ", size,
                     " items");
  }
  for (size_t i = 0; i < list.items().size(); ++i)
    measure(list.items()[i], depth + 1, shape, is_first && i == 0);
}

void collect(const NestedList& list, std::vector<double>& values) {
  if (list.is_number()) values.push_back(list.value());
  for (const NestedList& item : list.items()) collect(item, values);
}

}  // namespace

Tensor tensor(std::initializer_list<NestedList> values, DType dtype) {
  const NestedList list(values);
  Shape shape;
  measure(list, 0, shape, true);
  std::vector<double> numbers;
  collect(list, numbers);
  return generate(shape, dtype, [&](int64_t i) { return numbers[static_cast<size_t>(i)]; });
}

Tensor scalar(double value, DType dtype) { return full({}, value, dtype); }

template <class T>
Tensor from_vector(const std::vector<T>& values) {
  return from_vector(values, {static_cast<int64_t>(values.size())});
}

template <class T>
Tensor from_vector(const std::vector<T>& values, const Shape& shape) {
  Tensor out = Tensor::empty(shape, dtype_of<T>);
  if (out.numel() != static_cast<int64_t>(values.size()))
    fail<ShapeError>("from_vector: ", values.size(), " values do not fill shape ", shape);
  std::copy(values.begin(), values.end(), out.data<T>());
  return out;
}
template Tensor from_vector(const std::vector<float>&);
template Tensor from_vector(const std::vector<double>&);
template Tensor from_vector(const std::vector<int64_t>&);
template Tensor from_vector(const std::vector<bool>&);
template Tensor from_vector(const std::vector<float>&, const Shape&);
template Tensor from_vector(const std::vector<double>&, const Shape&);
template Tensor from_vector(const std::vector<int64_t>&, const Shape&);
template Tensor from_vector(const std::vector<bool>&, const Shape&);

Tensor full(const Shape& shape, double value, DType dtype) {
  Tensor out = Tensor::empty(shape, dtype);
  with_type(dtype, [&](auto zero) {
    auto* data = out.data<decltype(zero)>();
    std::fill(data, data + out.numel(), static_cast<decltype(zero)>(value));
  });
  return out;
}
Tensor zeros(const Shape& shape, DType dtype) { return full(shape, 0, dtype); }
Tensor ones(const Shape& shape, DType dtype) { return full(shape, 1, dtype); }
Tensor zeros_like(const Tensor& other) { return zeros(other.shape(), other.dtype()); }
Tensor ones_like(const Tensor& other) { return ones(other.shape(), other.dtype()); }

Tensor arange(double start, double end, double step, DType dtype) {
  if (step == 0 || !std::isfinite(start) || !std::isfinite(end) || !std::isfinite(step) ||
      (end - start) / step < 0)
    fail<ValueError>("arange: no numbers lead from ", start, " to ", end, " by steps of ", step);
  const auto count = static_cast<int64_t>(std::ceil((end - start) / step));
  return generate({count}, dtype, [&](int64_t i) { return start + static_cast<double>(i) * step; });
}

Tensor linspace(double start, double end, int64_t steps, DType dtype) {
  if (steps < 0) fail<ValueError>("linspace: steps must not be negative, found ", steps);
  const double step = steps > 1 ? (end - start) / static_cast<double>(steps - 1) : 0;
  return generate({steps}, dtype, [&](int64_t i) {
    return i < steps / 2 || steps == 1 ? start + step * static_cast<double>(i)
                                       : end - step * static_cast<double>(steps - 1 - i);
  });
}

Tensor eye(int64_t n, int64_t m, DType dtype) {
  const int64_t columns = m < 0 ? n : m;
  return generate({n, columns}, dtype,
                  [&](int64_t i) { return i / columns == i % columns ? 1.0 : 0.0; });
}

}  // namespace rill
