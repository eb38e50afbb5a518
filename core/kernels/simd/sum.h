#pragma once

// For the files of core/kernels/simd only.
#include <cstdint>

namespace rill::kernels::RILL_SIMD_LEVEL {

/// Σ term(i) for i in [0, n), as 16 sums of every sixteenth term that are added pairwise at the
/// end.
/// (`omp simd reduction(+)` ends with a chain of as many additions as a vector has elements, which
/// takes longer than a short row itself.)
template <class T, class Term>
T sum_over(int64_t n, Term term) {
  constexpr int lanes = 16;
  T sums[lanes] = {};
  const int64_t whole = n / lanes * lanes;
  for (int64_t i = 0; i < whole; i += lanes) {
    T terms[lanes];  // apart from the sums, so that these stay in registers
#pragma omp simd
    for (int v = 0; v < lanes; ++v) terms[v] = term(i + v);
#pragma omp simd
    for (int v = 0; v < lanes; ++v) sums[v] += terms[v];
  }
  for (int v = 0; v < lanes && whole + v < n; ++v) sums[v] += term(whole + v);
#pragma omp simd
  for (int v = 0; v < 8; ++v) sums[v] += sums[v + 8];
#pragma omp simd
  for (int v = 0; v < 4; ++v) sums[v] += sums[v + 4];
  return (sums[0] + sums[2]) + (sums[1] + sums[3]);
}

}  // namespace rill::kernels::RILL_SIMD_LEVEL
