#pragma once

#include <cstdint>

namespace rill::kernels {

// T is float, double, int64_t or bool. NaN counts as larger than all else. Ties keep their order.

/// values and indices [rows, cols]: each row of x in ascending or descending order.
template <class T>
void sort(int64_t rows, int64_t cols, bool descending, const T* x, T* values, int64_t* indices);

/// values and indices [rows, k], k <= cols: the k largest (or smallest) of each row, best first.
template <class T>
void topk(int64_t rows, int64_t cols, int64_t k, bool largest, const T* x, T* values,
          int64_t* indices);

}  // namespace rill::kernels
