#pragma once

#include <cstdint>

namespace rill::kernels {

// One step for a list of parameters, in one pass and one parallel region. T is float or double.
// Denormal numbers count as zero.

/// n contiguous elements.
template <class T>
struct Span {
  int64_t n;
  T* data;
};

/// One parameter of Adam, its gradient, its two moments, and the largest v so far (null unless
/// amsgrad); step counts from 1.
template <class T>
struct AdamSpan {
  int64_t n;
  T* param;
  const T* grad;
  T *m, *v, *vmax;
  int64_t step;
};

struct Adam {
  double lr = 1e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 0;
  bool decoupled = false;  // AdamW: decays the parameter, not through the gradient
};

/// Kingma & Ba 2015; decoupled: Loshchilov & Hutter 2019. m = β1 m + (1 - β1) g, v = β2 v +
/// (1 - β2) g², p -= lr · (m / (1 - β1ᵗ)) / (√(v / (1 - β2ᵗ)) + eps).
template <class T>
void adam(int64_t count, const AdamSpan<T>* params, const Adam& options);

/// One parameter of SGD, its gradient and its momentum buffer (null without momentum); `first` says
/// that the buffer is empty and becomes the gradient, undamped.
template <class T>
struct SgdSpan {
  int64_t n;
  T* param;
  const T* grad;
  T* buffer;
  bool first;
};

struct Sgd {
  double lr = 1e-3, momentum = 0, dampening = 0, weight_decay = 0;
  bool nesterov = false, maximize = false;
};

/// g += wd · p; buffer = momentum · buffer + (1 - dampening) · g; p -= lr · (nesterov ? g +
/// momentum · buffer : buffer).
template <class T>
void sgd(int64_t count, const SgdSpan<T>* params, const Sgd& options);

/// One parameter of RMSprop, its gradient, the means of its squares and of itself (null unless
/// centered), and its momentum buffer (null without momentum).
template <class T>
struct RmspropSpan {
  int64_t n;
  T* param;
  const T* grad;
  T *square_mean, *mean, *buffer;
};

struct Rmsprop {
  double lr = 0.01, alpha = 0.99, eps = 1e-8, weight_decay = 0, momentum = 0;
};

/// Tieleman & Hinton 2012. g += wd · p; v = α v + (1 - α) g²; centered: m = α m + (1 - α) g and
/// v - m² stands for v below, 0 where rounding makes it negative; d = g / (√v + eps); p -= lr · d,
/// or with momentum buffer = momentum · buffer + d and p -= lr · buffer.
template <class T>
void rmsprop(int64_t count, const RmspropSpan<T>* params, const Rmsprop& options);

/// Σ x² over all spans, in double.
template <class T>
double sum_of_squares(int64_t count, const Span<const T>* spans);

/// x *= factor in all spans.
template <class T>
void scale(int64_t count, const Span<T>* spans, double factor);

}  // namespace rill::kernels
