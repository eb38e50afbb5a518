#include <rill/core/kernels/cross_entropy.h>
#include <rill/core/kernels/parallel.h>
#include <rill/core/kernels/simd/rows.h>
#include <algorithm>
#include <cmath>

namespace rill::kernels {
namespace {

constexpr int64_t row_grain(int64_t classes) { return pieces_worth_threads(classes, 8192); }

template <class T>
double weight_of(const CrossEntropy<T>& options, int64_t c) {
  return options.weight ? static_cast<double>(options.weight[c]) : 1.0;
}

// Σ_c w_c · (-log p_c).
template <class T>
double smooth_loss(int64_t classes, const T* logits, const CrossEntropy<T>& options, double lse) {
  double total = 0;
  for (int64_t c = 0; c < classes; ++c) {
    total += weight_of(options, c) * (lse - static_cast<double>(logits[c]));
  }
  return total;
}

template <class T>
double loss_of(int64_t classes, const T* logits, int64_t target, const CrossEntropy<T>& options,
               double lse) {
  const double epsilon = options.label_smoothing;
  const double hard = weight_of(options, target) * (lse - static_cast<double>(logits[target]));
  if (epsilon == 0) return hard;
  return (1 - epsilon) * hard +
         epsilon / static_cast<double>(classes) * smooth_loss(classes, logits, options, lse);
}

// What each class takes from its gradient: (ε / C) · w_c, times the row's gradient.
template <class T>
void subtract_smoothing(int64_t classes, const CrossEntropy<T>& options, double factor, T* out) {
  for (int64_t c = 0; c < classes; ++c) out[c] -= static_cast<T>(factor * weight_of(options, c));
}

template <class T>
double sum_of_weights(int64_t classes, const CrossEntropy<T>& options) {
  double total = 0;
  for (int64_t c = 0; c < classes; ++c) total += weight_of(options, c);
  return total;
}

}  // namespace

template <class T>
void cross_entropy(int64_t rows, int64_t classes, const T* logits, const int64_t* targets,
                   const CrossEntropy<T>& options, T* losses, double* lse) {
  const RowFunctions<T>& f = row_functions<T>();
  parallel_for(rows, row_grain(classes), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const T* z = logits + row * classes;
      losses[row] = 0;
      lse[row] = 0;
      if (targets[row] == options.ignore_index) continue;
      const T largest = f.max(classes, z);
      const double total = static_cast<double>(f.exp_sum(classes, z, largest, nullptr));
      lse[row] = static_cast<double>(largest) + std::log(total);
      losses[row] = static_cast<T>(loss_of(classes, z, targets[row], options, lse[row]));
    }
  });
}

template <class T>
double cross_entropy_weight(int64_t rows, const int64_t* targets, const CrossEntropy<T>& options) {
  const FloatState state(Denormals::are_zero);
  double total = 0;
  for (int64_t row = 0; row < rows; ++row) {
    if (targets[row] != options.ignore_index) total += weight_of(options, targets[row]);
  }
  return total;
}

template <class T>
void cross_entropy_backward(int64_t rows, int64_t classes, const T* logits, const int64_t* targets,
                            const CrossEntropy<T>& options, const double* lse, const T* dlosses,
                            T* dlogits) {
  const FloatState state(Denormals::are_zero);
  const RowFunctions<T>& f = row_functions<T>();
  const double epsilon = options.label_smoothing;
  const double share = epsilon / static_cast<double>(classes);
  const double smooth = epsilon == 0 ? 0 : share * sum_of_weights(classes, options);
  parallel_for(rows, row_grain(classes), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      T* dz = dlogits + row * classes;
      if (targets[row] == options.ignore_index) {
        std::fill_n(dz, classes, T(0));
        continue;
      }
      const double d = static_cast<double>(dlosses[row]);
      const double hard = (1 - epsilon) * weight_of(options, targets[row]);
      f.scaled_exp(classes, logits + row * classes, SplitLse<T>(lse[row]),
                   static_cast<T>(d * (hard + smooth)), dz);
      dz[targets[row]] -= static_cast<T>(d * hard);
      if (epsilon != 0) subtract_smoothing(classes, options, d * share, dz);
    }
  });
}

#define RILL_INSTANTIATE(T)                                                                 \
  template void cross_entropy<T>(int64_t, int64_t, const T*, const int64_t*,                \
                                 const CrossEntropy<T>&, T*, double*);                      \
  template double cross_entropy_weight<T>(int64_t, const int64_t*, const CrossEntropy<T>&); \
  template void cross_entropy_backward<T>(int64_t, int64_t, const T*, const int64_t*,       \
                                          const CrossEntropy<T>&, const double*, const T*, T*);
RILL_INSTANTIATE(float)
RILL_INSTANTIATE(double)
#undef RILL_INSTANTIATE

}  // namespace rill::kernels
