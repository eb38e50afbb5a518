#pragma once

#include <cstdint>

namespace rill::kernels {

// x, out, dout, dx are [rows, cols]; weight, bias, dweight, dbias [cols]; mean and rstd [rows].
// T is float or double. Statistics, and x - mean, are taken in double.

/// out = (x - mean) · rstd · weight + bias with rstd = 1 / √(var + eps), var over cols without
/// correction. weight, bias, mean and rstd may be null.
template <class T>
void layer_norm(int64_t rows, int64_t cols, double eps, const T* x, const T* weight, const T* bias,
                T* out, double* mean, double* rstd);

/// With x̂ = (x - mean) · rstd and g = dout · weight: dx = rstd · (g - mean(g) - x̂ · mean(g · x̂)),
/// dweight = Σ dout · x̂, dbias = Σ dout. weight may be null, and so may each output.
template <class T>
void layer_norm_backward(int64_t rows, int64_t cols, const T* dout, const T* x, const T* weight,
                         const double* mean, const double* rstd, T* dx, T* dweight, T* dbias);

/// out = x · rstd · weight with rstd = 1 / √(mean(x²) + eps). weight and rstd may be null.
template <class T>
void rms_norm(int64_t rows, int64_t cols, double eps, const T* x, const T* weight, T* out,
              double* rstd);

/// With x̂ = x · rstd and g = dout · weight: dx = rstd · (g - x̂ · mean(g · x̂)), dweight = Σ dout ·
/// x̂. weight may be null, and so may each output.
template <class T>
void rms_norm_backward(int64_t rows, int64_t cols, const T* dout, const T* x, const T* weight,
                       const double* rstd, T* dx, T* dweight);

}  // namespace rill::kernels
