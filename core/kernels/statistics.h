#pragma once

#include <rill/core/kernels/statistics_table.h>

namespace rill::kernels {

/// Of n elements that lie side by side. T is float or double; sums of float are made in blocks, and
/// right to about 1e-6.
template <class T>
Statistics statistics(const T* x, int64_t n);

}  // namespace rill::kernels
