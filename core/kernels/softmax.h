#pragma once

#include <cstdint>

namespace rill::kernels {

// All arrays are [rows, cols]; T is float or double; an output may be the input it has the layout
// of. A row with NaN or +inf, or of -inf alone, gives NaN.

/// out = exp(x - max) / Σ exp(x - max).
template <class T>
void softmax(int64_t rows, int64_t cols, const T* x, T* out);

/// out = x - max - log Σ exp(x - max).
template <class T>
void log_softmax(int64_t rows, int64_t cols, const T* x, T* out);

/// dx = out · (dout - Σ dout · out).
template <class T>
void softmax_backward(int64_t rows, int64_t cols, const T* dout, const T* out, T* dx);

/// dx = dout - exp(out) · Σ dout.
template <class T>
void log_softmax_backward(int64_t rows, int64_t cols, const T* dout, const T* out, T* dx);

}  // namespace rill::kernels
