#pragma once

#include <cstdint>

namespace rill::kernels {

/// What a row with target y costs: (1 - ε) · w_y · (-log p_y) + (ε / C) · Σ_c w_c · (-log p_c),
/// p the softmax of its logits; 0 where y is ignore_index. T is float or double.
template <class T>
struct CrossEntropy {
  const T* weight = nullptr;  // w [classes]; null for ones
  int64_t ignore_index = -100;
  double label_smoothing = 0;  // ε
};

/// losses [rows], and for backward lse [rows], log Σ exp(logits), of logits [rows, classes] and
/// targets [rows], each ignore_index or in [0, classes).
template <class T>
void cross_entropy(int64_t rows, int64_t classes, const T* logits, const int64_t* targets,
                   const CrossEntropy<T>& options, T* losses, double* lse);

/// Σ w_y over the rows that are not ignored: what a mean divides by.
template <class T>
double cross_entropy_weight(int64_t rows, const int64_t* targets, const CrossEntropy<T>& options);

/// dlogits [rows, classes] = dlosses [rows] · (p · ((1 - ε) · w_y + (ε / C) · Σ w) -
/// (1 - ε) · w_y · [c = y] - (ε / C) · w_c); exactly 0 in ignored rows.
template <class T>
void cross_entropy_backward(int64_t rows, int64_t classes, const T* logits, const int64_t* targets,
                            const CrossEntropy<T>& options, const double* lse, const T* dlosses,
                            T* dlogits);

}  // namespace rill::kernels
