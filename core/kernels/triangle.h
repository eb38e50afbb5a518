#pragma once

#include <cstdint>

namespace rill::kernels {

/// out = x [batch, m, n] where j - i <= diagonal, else 0. T: float, double, int64_t, bool.
template <class T>
void tril(int64_t batch, int64_t m, int64_t n, int64_t diagonal, const T* x, T* out);

/// out = x [batch, m, n] where j - i >= diagonal, else 0.
template <class T>
void triu(int64_t batch, int64_t m, int64_t n, int64_t diagonal, const T* x, T* out);

}  // namespace rill::kernels
