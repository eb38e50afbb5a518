#include <rill/core/kernels/simd/optimizer_spans.h>
#include <rill/core/kernels/simd/sum.h>
#include <cmath>

namespace rill::kernels::RILL_SIMD_LEVEL {
namespace {

template <class T>
T root(T x) {
  if constexpr (sizeof(T) == sizeof(float)) {
    return __builtin_sqrtf(x);
  } else {
    return __builtin_sqrt(x);
  }
}

// Calls f(begin, end) for blocks of [0, n), and fetches the next block of p meanwhile, to write to:
// every core has read it since the last step, and would ask the others for one line at a time.
template <class T, class F>
void for_blocks(int64_t n, T* p, F f) {
  constexpr int64_t block = 512, line = 64 / sizeof(T);
  const auto fetch = [=](int64_t begin) {
    for (int64_t i = begin; i < begin + block && i < n; i += line) __builtin_prefetch(p + i, 1);
  };
  fetch(0);
  for (int64_t begin = 0; begin < n; begin += block) {
    const int64_t end = begin + block < n ? begin + block : n;
    fetch(end);
    f(begin, end);
  }
}

template <class T>
void adam(int64_t n, const AdamFactors<T>& factors, T* p, const T* g, T* m, T* v, T* vmax) {
  const AdamFactors<T> f = factors;
  const auto update = [=](int64_t i, T second_moment) {
    p[i] = p[i] * f.shrink - f.step_size * m[i] / (root(second_moment) / f.root_correction + f.eps);
  };
  const auto moments = [=](int64_t i) {
    const T grad = g[i] + f.decay * p[i];
    m[i] = (f.near_gradient ? grad : m[i]) + f.share * (grad - m[i]);
    v[i] = v[i] * f.beta2 + f.beta2_rest * grad * grad;
  };
  for_blocks(n, p, [=](int64_t begin, int64_t end) {
    if (vmax) {
#pragma omp simd
      for (int64_t i = begin; i < end; ++i) {
        moments(i);
        vmax[i] = vmax[i] > v[i] ? vmax[i] : v[i];
        update(i, vmax[i]);
      }
      return;
    }
#pragma omp simd
    for (int64_t i = begin; i < end; ++i) {
      moments(i);
      update(i, v[i]);
    }
  });
}

template <class T>
void sgd(int64_t n, const Sgd& options, bool first, T* p, const T* g, T* buffer) {
  const T lr = static_cast<T>(options.lr), decay = static_cast<T>(options.weight_decay);
  const T momentum = static_cast<T>(options.momentum), sign = options.maximize ? T(-1) : T(1);
  if (!buffer) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) p[i] -= lr * (sign * g[i] + decay * p[i]);
    return;
  }
  const T old = first ? T(0) : momentum;
  const T rest = first ? T(1) : static_cast<T>(1 - options.dampening);
  const T of_grad = options.nesterov ? T(1) : T(0), of_buffer = options.nesterov ? momentum : T(1);
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) {
    const T grad = sign * g[i] + decay * p[i];
    const T b = (first ? T(0) : old * buffer[i]) + rest * grad;
    buffer[i] = b;
    p[i] -= lr * (of_grad * grad + of_buffer * b);
  }
}

template <bool is_centered, bool has_momentum, class T>
void rmsprop_as(int64_t n, const RmspropFactors<T>& factors, T* p, const T* g, T* square_mean,
                T* mean, T* buffer) {
  const RmspropFactors<T> f = factors;
  for_blocks(n, p, [=](int64_t begin, int64_t end) {
#pragma omp simd
    for (int64_t i = begin; i < end; ++i) {
      const T grad = g[i] + f.decay * p[i];
      T spread = square_mean[i] = square_mean[i] * f.alpha + f.alpha_rest * grad * grad;
      if constexpr (is_centered) {
        mean[i] = (f.near_gradient ? grad : mean[i]) + f.share * (grad - mean[i]);
        spread -= mean[i] * mean[i];
        spread = spread < 0 ? T(0) : spread;
      }
      T move = grad / (root(spread) + f.eps);
      if constexpr (has_momentum) move = buffer[i] = f.momentum * buffer[i] + move;
      p[i] -= f.lr * move;
    }
  });
}

template <class T>
void rmsprop(int64_t n, const RmspropFactors<T>& factors, T* p, const T* g, T* square_mean, T* mean,
             T* buffer) {
  const auto run = mean ? (buffer ? rmsprop_as<true, true, T> : rmsprop_as<true, false, T>)
                        : (buffer ? rmsprop_as<false, true, T> : rmsprop_as<false, false, T>);
  run(n, factors, p, g, square_mean, mean, buffer);
}

template <class T>
double squares(int64_t n, const T* x) {
  return sum_over<double>(n, [=](int64_t i) {
    const double value = static_cast<double>(x[i]);
    return value * value;
  });
}

template <class T>
void scale(int64_t n, T factor, T* x) {
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) x[i] *= factor;
}

template <class T>
constexpr SpanFunctions<T> functions = {adam<T>, sgd<T>, rmsprop<T>, squares<T>, scale<T>};

}  // namespace

extern const SpanTable optimizer_spans;
const SpanTable optimizer_spans = {functions<float>, functions<double>};

}  // namespace rill::kernels::RILL_SIMD_LEVEL
