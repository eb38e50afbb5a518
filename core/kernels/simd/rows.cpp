#include <rill/core/kernels/simd/math.h>
#include <rill/core/kernels/simd/rows.h>
#include <rill/core/kernels/simd/sum.h>
#include <cmath>
#include <limits>

namespace rill::kernels::RILL_SIMD_LEVEL {
namespace {

template <class T>
T max(int64_t n, const T* x) {
  T largest = -std::numeric_limits<T>::infinity();
#pragma omp simd reduction(max : largest)
  for (int64_t i = 0; i < n; ++i) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

template <class T>
T exp_sum(int64_t n, const T* x, T shift, T* out) {
  if (!out) return sum_over<T>(n, [=](int64_t i) { return exp_of_negative(x[i] - shift); });
  return sum_over<T>(n, [=](int64_t i) { return out[i] = exp_of_negative(x[i] - shift); });
}

template <class T>
void scale(int64_t n, T factor, T* x) {
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) x[i] *= factor;
}

template <class T>
void shift(int64_t n, const T* x, T by, T* out) {
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) out[i] = x[i] - by;
}

template <class T>
T dot(int64_t n, const T* a, const T* b) {
  return sum_over<T>(n, [=](int64_t i) { return a[i] * b[i]; });
}

template <class T>
void softmax_backward(int64_t n, const T* dout, const T* out, T* dx) {
  const T total = dot(n, dout, out);
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) dx[i] = out[i] * (dout[i] - total);
}

template <class T>
double sum(int64_t n, const T* x) {
  return sum_over<double>(n, [=](int64_t i) { return static_cast<double>(x[i]); });
}

template <class T>
void log_softmax_backward(int64_t n, const T* dout, const T* out, T* dx) {
  const T total = static_cast<T>(sum(n, dout));
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) dx[i] = dout[i] - exp_of_negative(out[i]) * total;
}

template <class T>
void scaled_exp(int64_t n, const T* x, SplitLse<T> lse, T factor, T* out) {
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) out[i] = factor * exp_of_negative((x[i] - lse.high) - lse.low);
}

template <class T>
double squares(int64_t n, const T* x, double mean) {
  return sum_over<double>(n, [=](int64_t i) {
    const double d = static_cast<double>(x[i]) - mean;
    return d * d;
  });
}

template <class T>
double absolutes(int64_t n, const T* x) {
  return sum_over<double>(n, [=](int64_t i) { return std::fabs(static_cast<double>(x[i])); });
}

// The mean as two numbers of type T: x - high is exact where x is near the mean.
template <class T>
struct Centre {
  T high, low;
  explicit Centre(double mean)
      : high(static_cast<T>(mean)), low(static_cast<T>(mean - static_cast<double>(high))) {}
  T operator()(T x) const { return (x - high) - low; }
};

template <class T>
void normalize(int64_t n, const T* x, double mean, double rstd, const T* weight, const T* bias,
               T* out) {
  const Centre<T> centred(mean);
  const T r = static_cast<T>(rstd);
  if (weight && bias) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = centred(x[i]) * r * weight[i] + bias[i];
  } else if (weight) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = centred(x[i]) * r * weight[i];
  } else if (bias) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = centred(x[i]) * r + bias[i];
  } else {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = centred(x[i]) * r;
  }
}

// dx = rstd · (g - mean_g - x̂ · mean_gx) for g = dout · weight, weight(i) 1 where there is none.
template <class T, class Weight>
void normalize_dx(int64_t n, bool centered, const T* dout, const T* x, Weight weight,
                  Centre<T> centred, T r, T* dx) {
  const auto g = [=](int64_t i) { return dout[i] * weight(i); };
  const T mean_g = centered ? sum_over<T>(n, g) / static_cast<T>(n) : T(0);
  const T mean_gx =
      sum_over<T>(n, [=](int64_t i) { return g(i) * (centred(x[i]) * r); }) / static_cast<T>(n);
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) {
    dx[i] = r * (g(i) - mean_g - centred(x[i]) * r * mean_gx);
  }
}

template <class T>
void add(int64_t n, const T* x, T* y) {
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) y[i] += x[i];
}

template <class T>
void accumulate(int64_t rows, int64_t stride, int64_t n, const T* x, double* y) {
  for (; rows >= 4; rows -= 4, x += 4 * stride) {
    const T *a = x, *b = a + stride, *c = b + stride, *d = c + stride;
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) {
      y[i] = y[i] + static_cast<double>(a[i]) + static_cast<double>(b[i]) +
             static_cast<double>(c[i]) + static_cast<double>(d[i]);
    }
  }
  for (; rows > 0; --rows, x += stride) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) y[i] += static_cast<double>(x[i]);
  }
}

template <class T>
void normalize_backward(int64_t n, bool centered, const T* dout, const T* x, const T* weight,
                        double mean, double rstd, T* dx, T* dweight, T* dbias) {
  const Centre<T> centred(mean);
  const T r = static_cast<T>(rstd);
  if (dweight) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) dweight[i] += dout[i] * (centred(x[i]) * r);
  }
  if (dbias) add(n, dout, dbias);
  if (!dx) return;
  if (weight) {
    normalize_dx(
        n, centered, dout, x, [weight](int64_t i) { return weight[i]; }, centred, r, dx);
  } else {
    normalize_dx(
        n, centered, dout, x, [](int64_t) { return T(1); }, centred, r, dx);
  }
}

template <class T>
constexpr RowFunctions<T> functions = {max<T>,
                                       exp_sum<T>,
                                       scale<T>,
                                       shift<T>,
                                       softmax_backward<T>,
                                       log_softmax_backward<T>,
                                       scaled_exp<T>,
                                       sum<T>,
                                       squares<T>,
                                       absolutes<T>,
                                       dot<T>,
                                       normalize<T>,
                                       normalize_backward<T>,
                                       add<T>,
                                       accumulate<T>};

}  // namespace

extern const RowTable row_functions_table;
const RowTable row_functions_table = {functions<float>, functions<double>};

}  // namespace rill::kernels::RILL_SIMD_LEVEL
