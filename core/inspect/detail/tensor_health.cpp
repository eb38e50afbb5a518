#include <rill/core/inspect/detail/tensor_health.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <rill/core/ops/copy.h>
#include <rill/core/ops/kernel_call.h>

namespace rill::inspect::detail {
namespace {

/// In row-major order, without an op that observers would see.
Tensor in_order(const Tensor& tensor) {
  return tensor.is_contiguous() ? tensor : rill::detail::row_major_copy(tensor);
}

/// Calls visit(i, value) for each element in row-major order.
template <class Visit>
void for_each(const Tensor& tensor, Visit visit) {
  const Tensor ordered = in_order(tensor);
  const auto all = [&](const auto* values) {
    for (int64_t i = 0; i < ordered.numel(); ++i) visit(i, static_cast<double>(values[i]));
  };
  if (tensor.dtype() == float32)
    all(ordered.data<float>());
  else if (tensor.dtype() == float64)
    all(ordered.data<double>());
}

std::string range_of(int64_t low, int64_t high, int64_t size) {
  if (low == 0 && high + 1 == size) return ":";
  if (low == high) return std::to_string(low);
  return std::to_string(low) + ":" + std::to_string(high + 1);
}

}  // namespace

Health health_of(const Tensor& tensor) {
  Health health{.numel = tensor.numel()};
  double squares = 0;
  for_each(tensor, [&](int64_t, double value) {
    health.zeros += value == 0;
    health.nans += std::isnan(value);
    health.infinities += std::isinf(value);
    if (std::isfinite(value)) squares += value * value;
  });
  health.norm = std::sqrt(squares);
  return health;
}

Units units_of(const Tensor& tensor) {
  if (tensor.dims() == 0 || tensor.numel() == 0) return {};
  const int64_t count = tensor.size(-1);
  std::vector<bool> lives(static_cast<size_t>(count));
  for_each(tensor, [&](int64_t i, double value) {
    if (value != 0) lives[static_cast<size_t>(i % count)] = true;
  });
  return {count, std::ranges::count(lives, false), tensor.numel() / count};
}

ZeroRows zero_rows_of(const Tensor& tensor, int64_t most) {
  if (tensor.dims() == 0 || tensor.numel() == 0) return {};
  const int64_t width = tensor.numel() / tensor.size(0);
  std::vector<bool> lives(static_cast<size_t>(tensor.size(0)));
  for_each(tensor, [&](int64_t i, double value) {
    if (value != 0) lives[static_cast<size_t>(i / width)] = true;
  });
  ZeroRows rows{.count = std::ranges::count(lives, false)};
  int64_t shown = 0;
  for (size_t i = 0; i < lives.size() && shown < most; ++i)
    if (!lives[i]) rows.shown += (shown++ > 0 ? ", " : "") + std::to_string(i);
  if (rows.count > most) rows.shown += " and so on";
  return rows;
}

std::string box_of_not_finite(const Tensor& tensor) {
  Shape low = tensor.shape(), high = Shape::filled(tensor.dims(), -1);
  for_each(tensor, [&](int64_t i, double value) {
    if (std::isfinite(value)) return;
    const Shape index = rill::detail::index_of(i, tensor.shape());
    for (int dim = 0; dim < index.dims(); ++dim) {
      low[dim] = std::min(low[dim], index[dim]);
      high[dim] = std::max(high[dim], index[dim]);
    }
  });
  std::string box;
  for (int dim = 0; dim < tensor.dims(); ++dim)
    box += (dim > 0 ? ", " : "") + range_of(low[dim], high[dim], tensor.shape()[dim]);
  return "[" + box + "]";
}

}  // namespace rill::inspect::detail
