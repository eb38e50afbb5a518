#pragma once

#include <cstdint>
#include <type_traits>

#include <rill/core/kernels/optimizer.h>

namespace rill::kernels {

/// Adam's numbers for one parameter, rounded to its type once.
template <class T>
struct AdamFactors {
  /// The new m is `share` of the way from the nearer of m and the gradient to the other, so that
  /// with β1 = 0 it is the gradient itself (PyTorch's lerp).
  bool near_gradient;
  T share;
  T beta2, beta2_rest, step_size, root_correction, eps, decay, shrink;
};

/// RMSprop's; `near_gradient` and `share` make the mean of gradients as they make Adam's m.
template <class T>
struct RmspropFactors {
  bool near_gradient;
  T share;
  T alpha, alpha_rest, lr, eps, decay, momentum;
};

/// What an optimizer does to n neighbouring elements.
template <class T>
struct SpanFunctions {
  void (*adam)(int64_t n, const AdamFactors<T>& factors, T* p, const T* g, T* m, T* v, T* vmax);
  void (*sgd)(int64_t n, const Sgd& options, bool first, T* p, const T* g, T* buffer);
  void (*rmsprop)(int64_t n, const RmspropFactors<T>& factors, T* p, const T* g, T* square_mean,
                  T* mean, T* buffer);
  double (*squares)(int64_t n, const T* x);
  void (*scale)(int64_t n, T factor, T* x);
};

/// The same for both types.
struct SpanTable {
  SpanFunctions<float> for_float;
  SpanFunctions<double> for_double;
  template <class T>
  const SpanFunctions<T>& of() const {
    if constexpr (std::is_same_v<T, float>) {
      return for_float;
    } else {
      return for_double;
    }
  }
};

}  // namespace rill::kernels
