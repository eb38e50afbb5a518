#include <rill/core/inspect/snapshot.h>

#include <algorithm>
#include <cmath>

#include <rill/core/kernels/parallel.h>
#include <rill/core/kernels/statistics.h>
#include <rill/core/ops/kernel_call.h>

namespace rill::inspect {
namespace {

constexpr int64_t most_blocks = 24;          // along each side of a picture
constexpr int64_t most_of_histogram = 4096;  // elements

template <class T>
kernels::Statistics statistics_of(const T* x, int64_t n) {
  if constexpr (std::is_floating_point_v<T>) return kernels::statistics(x, n);
  const std::vector<double> converted(x, x + n);
  return kernels::statistics(converted.data(), n);
}

template <class T>
void take_statistics(Snapshot& into, const T* x, int64_t n) {
  const kernels::Statistics found = statistics_of(x, n);
  into.not_finite = n - found.finite;
  into.zeros = found.zeros;
  if (found.finite == 0) return;
  into.min = found.min;
  into.max = found.max;
  into.mean = found.sum / static_cast<double>(found.finite);
  into.rms = std::sqrt(found.squares / static_cast<double>(found.finite));
}

template <class T>
void take_histogram(Snapshot& into, const T* x, int64_t n) {
  into.histogram.assign(16, 0);
  const double width = into.max - into.min;
  const int64_t stride = std::max<int64_t>(1, n / most_of_histogram);
  for (int64_t i = 0; i < n; i += stride) {
    const double value = static_cast<double>(x[i]);
    if (!std::isfinite(value)) continue;
    const double place = width > 0 ? (value - into.min) / width * 16 : 0;
    ++into.histogram[static_cast<size_t>(std::min(place, 15.0))];
  }
}

/// Where block `i` of `blocks` begins in `size` elements.
int64_t begin_of(int64_t i, int64_t blocks, int64_t size) { return i * size / blocks; }

/// The mean of a block of a matrix with `columns` columns.
template <class T>
float mean_of(const T* x, int64_t columns, int64_t top, int64_t bottom, int64_t left,
              int64_t right) {
  double sum = 0;
  for (int64_t row = top; row < bottom; ++row)
    for (int64_t column = left; column < right; ++column)
      sum += static_cast<double>(x[row * columns + column]);
  return static_cast<float>(sum / static_cast<double>((bottom - top) * (right - left)));
}

template <class T>
void take_picture(Snapshot& into, const T* x) {
  const int64_t columns = into.shape.dims() > 0 ? into.shape.back() : 1;
  const int64_t rows = into.numel() / columns;
  const int64_t across = std::min(columns, most_blocks), down = std::min(rows, most_blocks);
  into.picture_columns = across;
  into.picture_rows = down;
  into.picture.resize(static_cast<size_t>(across * down));
  kernels::parallel_for(kernels::Denormals::are_kept, down, 4, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r)
      for (int64_t c = 0; c < across; ++c)
        into.picture[static_cast<size_t>(r * across + c)] =
            mean_of(x, columns, begin_of(r, down, rows), begin_of(r + 1, down, rows),
                    begin_of(c, across, columns), begin_of(c + 1, across, columns));
  });
}

template <class T>
void take(Snapshot& into, const T* x, int64_t whole_values) {
  const int64_t n = into.numel();
  take_statistics(into, x, n);
  take_histogram(into, x, n);
  if (n <= std::max<int64_t>(1, whole_values))
    into.values.assign(x, x + n);
  else
    take_picture(into, x);
}

}  // namespace

Snapshot::Snapshot(const Tensor& tensor, int64_t whole_values)
    : shape(tensor.shape()), dtype(tensor.dtype()) {
  if (numel() == 0) return;
  const Tensor rows = rill::detail::packed(tensor);
  if (dtype == float32) take(*this, rows.data<float>(), whole_values);
  if (dtype == float64) take(*this, rows.data<double>(), whole_values);
  if (dtype == int64) take(*this, rows.data<int64_t>(), whole_values);
  if (dtype == bool_) take(*this, rows.data<bool>(), whole_values);
}

}  // namespace rill::inspect
