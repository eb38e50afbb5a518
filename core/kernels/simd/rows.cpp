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
auto squared_distance(const T* x, double mean) {
  return [=](int64_t i) {
    const double d = static_cast<double>(x[i]) - mean;
    return d * d;
  };
}

template <class T>
double squares(int64_t n, const T* x, double mean) {
  return sum_over<double>(n, squared_distance(x, mean));
}

template <class T>
double absolutes(int64_t n, const T* x) {
  return sum_over<double>(n, [=](int64_t i) { return std::fabs(static_cast<double>(x[i])); });
}

// x̂ = (x - mean) · rstd, with the mean as two numbers of type T: x - high is exact where x is near
// the mean.
template <class T>
struct Normalized {
  T high, low, rstd;
  Normalized() = default;
  Normalized(double mean, double rstd)
      : high(static_cast<T>(mean)),
        low(static_cast<T>(mean - static_cast<double>(high))),
        rstd(static_cast<T>(rstd)) {}
  T operator()(T x) const { return ((x - high) - low) * rstd; }
};

template <class T>
void moments(int64_t rows, int64_t n, bool centered, double eps, const T* x, double* mean,
             double* rstd) {
  LaneSums<double> sums[rows_at_once];  // of all rows, so that none waits for its own
  const double count = static_cast<double>(n);
  for (int64_t i = 0; i < rows && centered; ++i) {
    const T* row = x + i * n;
    sum_by_lane(
        n, [=](int64_t j) { return static_cast<double>(row[j]); }, sums[i]);
  }
  for (int64_t i = 0; i < rows; ++i) mean[i] = centered ? sum_of(sums[i]) / count : 0;
  for (int64_t i = 0; i < rows; ++i) sum_by_lane(n, squared_distance(x + i * n, mean[i]), sums[i]);
  for (int64_t i = 0; i < rows; ++i) rstd[i] = sum_of(sums[i]) / count + eps;
#pragma omp simd
  for (int64_t i = 0; i < rows; ++i) rstd[i] = 1 / __builtin_sqrt(rstd[i]);
}

template <class T>
void normalize(int64_t n, const T* x, double mean, double rstd, const T* weight, const T* bias,
               T* out) {
  const Normalized<T> x_hat(mean, rstd);
  if (weight && bias) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = x_hat(x[i]) * weight[i] + bias[i];
  } else if (weight) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = x_hat(x[i]) * weight[i];
  } else if (bias) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = x_hat(x[i]) + bias[i];
  } else {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = x_hat(x[i]);
  }
}

// dx = rstd · (g - mean_g - x̂ · mean_gx) for g = dout · weight, weight(i) 1 where there is none.
template <class T, class Weight>
void normalize_dx(int64_t rows, int64_t n, bool centered, const T* dout, const T* x, Weight weight,
                  const Normalized<T>* normalized, T* dx) {
  LaneSums<T> sums_g[rows_at_once], sums_gx[rows_at_once];
  for (int64_t i = 0; i < rows; ++i) {
    const Normalized<T> x_hat = normalized[i];
    const T *from = dout + i * n, *row = x + i * n;
    if (centered)
      sum_by_lane(
          n, [=](int64_t j) { return from[j] * weight(j); }, sums_g[i]);
    sum_by_lane(
        n, [=](int64_t j) { return from[j] * weight(j) * x_hat(row[j]); }, sums_gx[i]);
  }
  const T count = static_cast<T>(n);
  T mean_g[rows_at_once], mean_gx[rows_at_once];
  for (int64_t i = 0; i < rows; ++i) {
    mean_g[i] = centered ? sum_of(sums_g[i]) / count : T(0);
    mean_gx[i] = sum_of(sums_gx[i]) / count;
  }
  for (int64_t i = 0; i < rows; ++i) {
    const Normalized<T> x_hat = normalized[i];
    const T *from = dout + i * n, *row = x + i * n;
    T* out = dx + i * n;
#pragma omp simd
    for (int64_t j = 0; j < n; ++j)
      out[j] = x_hat.rstd * (from[j] * weight(j) - mean_g[i] - x_hat(row[j]) * mean_gx[i]);
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
void normalize_backward(int64_t rows, int64_t n, bool centered, const T* dout, const T* x,
                        const T* weight, const double* mean, const double* rstd, T* dx, T* dweight,
                        T* dbias) {
  Normalized<T> normalized[rows_at_once];
  for (int64_t i = 0; i < rows; ++i) {
    const Normalized<T> x_hat = normalized[i] = {mean ? mean[i] : 0, rstd[i]};
    const T *from = dout + i * n, *row = x + i * n;
    if (dweight) {
#pragma omp simd
      for (int64_t j = 0; j < n; ++j) dweight[j] += from[j] * x_hat(row[j]);
    }
    if (dbias) add(n, from, dbias);
  }
  if (!dx) return;
  if (weight) {
    normalize_dx(
        rows, n, centered, dout, x, [weight](int64_t j) { return weight[j]; }, normalized, dx);
  } else {
    normalize_dx(
        rows, n, centered, dout, x, [](int64_t) { return T(1); }, normalized, dx);
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
                                       moments<T>,
                                       normalize<T>,
                                       normalize_backward<T>,
                                       add<T>,
                                       accumulate<T>};

}  // namespace

extern const RowTable row_functions_table;
const RowTable row_functions_table = {functions<float>, functions<double>};

}  // namespace rill::kernels::RILL_SIMD_LEVEL
