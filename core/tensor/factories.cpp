#include <rill/core/error.h>
#include <rill/core/kernels/elementwise.h>
#include <rill/core/kernels/float_state.h>
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

/// `value` as a T; throws where an integer cannot hold it.
template <class T>
T number_as(double value) {
  if constexpr (std::is_same_v<T, int64_t>)
    if (!(value >= -0x1p63 && value < 0x1p63))
      fail<ValueError>("int64 cannot hold ", value,
                       ": its range is ±9.2e18; use float32 or float64");
  return static_cast<T>(value);
}

/// `number` of a list as a T, exact where both are integers.
template <class T>
T number_as(const NestedList* number) {
  if constexpr (std::is_same_v<T, int64_t>)
    if (number->is_whole()) return number->whole();
  return number_as<T>(number->value());
}

/// out[i] = value(i).
template <class F>
Tensor generate(const Shape& shape, DType dtype, F value) {
  const kernels::FloatState state(kernels::Denormals::are_kept);
  Tensor out = Tensor::empty(shape, dtype);
  with_type(dtype, [&](auto zero) {
    auto* data = out.data<decltype(zero)>();
    for (int64_t i = 0; i < out.numel(); ++i) data[i] = number_as<decltype(zero)>(value(i));
  });
  return out;
}

bool is_whole(double value) { return value == std::trunc(value); }

/// What holds start, start + step, ...; throws where int64 is asked to and cannot.
DType dtype_of_range(double start, double end, double step, std::optional<DType> asked) {
  const bool whole = is_whole(start) && is_whole(step);
  if (asked == int64 && !whole)
    fail<ValueError>("arange: int64 cannot hold numbers from ", start, " by steps of ", step,
                     ": leave the dtype out, or use float32 or float64");
  return asked.value_or(whole && is_whole(end) ? int64 : float32);
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

void collect(const NestedList& list, std::vector<const NestedList*>& numbers) {
  if (list.is_number()) numbers.push_back(&list);
  for (const NestedList& item : list.items()) collect(item, numbers);
}

/// What C++ took the numbers for; float32 where there is none.
DType dtype_of_list(const std::vector<const NestedList*>& numbers) {
  const auto all = [&](auto is) {
    return !numbers.empty() && std::all_of(numbers.begin(), numbers.end(), is);
  };
  if (all([](const NestedList* number) { return number->is_bool(); })) return bool_;
  if (!all(
          [](const NestedList* number) { return number->is_whole() || number->is_beyond_int64(); }))
    return float32;
  for (const NestedList* number : numbers)
    if (number->is_beyond_int64())
      fail<ValueError>("tensor: int64 cannot hold ", static_cast<uint64_t>(number->whole()),
                       ": name the dtype that is to hold it, such as float64");
  return int64;
}

}  // namespace

Tensor tensor(std::initializer_list<NestedList> values, std::optional<DType> dtype) {
  return detail::tensor_of(NestedList(values), dtype);
}

Tensor detail::tensor_of(const NestedList& list, std::optional<DType> dtype) {
  Shape shape;
  measure(list, 0, shape, true);
  std::vector<const NestedList*> numbers;
  collect(list, numbers);
  return generate(shape, dtype ? *dtype : dtype_of_list(numbers),
                  [&](int64_t i) { return numbers[static_cast<size_t>(i)]; });
}

Tensor scalar(double value, DType dtype) { return full({}, value, dtype); }

namespace {
template <class T>
Tensor filled_with(const std::vector<T>& values, const Shape& shape) {
  Tensor out = Tensor::empty(shape, dtype_of<T>);
  if (out.numel() != static_cast<int64_t>(values.size()))
    fail<ShapeError>("from_vector: ", values.size(), " values do not fill shape ", shape);
  std::copy(values.begin(), values.end(), out.data<T>());
  return out;
}
}  // namespace

Tensor detail::stored(const std::vector<float>& values, const Shape& shape) {
  return filled_with(values, shape);
}
Tensor detail::stored(const std::vector<double>& values, const Shape& shape) {
  return filled_with(values, shape);
}
Tensor detail::stored(const std::vector<int64_t>& values, const Shape& shape) {
  return filled_with(values, shape);
}
Tensor detail::stored(const std::vector<bool>& values, const Shape& shape) {
  return filled_with(values, shape);
}

Tensor full(const Shape& shape, double value, DType dtype) {
  const kernels::FloatState state(kernels::Denormals::are_kept);
  Tensor out = Tensor::empty(shape, dtype);
  with_type(dtype, [&](auto zero) {
    const auto number = number_as<decltype(zero)>(value);
    kernels::fill(dtype, out.numel(), &number, out.raw_data());
  });
  return out;
}
Tensor empty(const Shape& shape, DType dtype) { return Tensor::empty(shape, dtype); }
Tensor zeros(const Shape& shape, DType dtype) { return full(shape, 0, dtype); }
Tensor ones(const Shape& shape, DType dtype) { return full(shape, 1, dtype); }
Tensor zeros_like(const Tensor& other) { return zeros(other.shape(), other.dtype()); }
Tensor ones_like(const Tensor& other) { return ones(other.shape(), other.dtype()); }
Tensor full_like(const Tensor& other, double value) {
  return full(other.shape(), value, other.dtype());
}

Tensor arange(double start, double end, double step, std::optional<DType> dtype) {
  if (step == 0 || !std::isfinite(start) || !std::isfinite(end) || !std::isfinite(step) ||
      (end - start) / step < 0)
    fail<ValueError>("arange: no numbers lead from ", start, " to ", end, " by steps of ", step);
  const double count = std::ceil((end - start) / step);
  if (!(count < 0x1p63))
    fail<ValueError>("arange: from ", start, " to ", end, " by steps of ", step, " there are ",
                     count, " numbers, more than a tensor can hold");
  return generate({static_cast<int64_t>(count)}, dtype_of_range(start, end, step, dtype),
                  [&](int64_t i) { return start + static_cast<double>(i) * step; });
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
