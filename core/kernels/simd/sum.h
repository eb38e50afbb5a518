#pragma once

// For the files of core/kernels/simd only.
#include <cstdint>

namespace rill::kernels::RILL_SIMD_LEVEL {

/// 16 sums, each of every sixteenth term but for the last, incomplete sixteen, which go to the
/// first.
template <class T>
struct LaneSums {
  static constexpr int lanes = 16;
  T lane[lanes];
};

/// A function of its own, so that what it needs does not crowd the loop over whole vectors.
template <class T, class Term>
[[gnu::noinline]] T sum_in_order(int64_t begin, int64_t end, Term term) {
  T sum = 0;
  for (int64_t i = begin; i < end; ++i) sum += term(i);
  return sum;
}

/// out = the sums of term(i) for i in [0, n). Loops over lanes say all, since g++ clears and copies
/// an array as a whole by slow string instructions.
template <class T, class Term>
void sum_by_lane(int64_t n, Term term, LaneSums<T>& out) {
  constexpr int lanes = LaneSums<T>::lanes;
  T sums[lanes];
#pragma omp simd
  for (int v = 0; v < lanes; ++v) sums[v] = 0;
  const int64_t whole = n / lanes * lanes;
  for (int64_t i = 0; i < whole; i += lanes) {
    T terms[lanes];  // apart from the sums, so that these stay in registers
#pragma omp simd
    for (int v = 0; v < lanes; ++v) terms[v] = term(i + v);
#pragma omp simd
    for (int v = 0; v < lanes; ++v) sums[v] += terms[v];
  }
  if (whole < n) sums[0] += sum_in_order<T>(whole, n, term);
#pragma omp simd
  for (int v = 0; v < lanes; ++v) out.lane[v] = sums[v];
}

/// Their sum, pairwise. (`omp simd reduction(+)` ends with a chain of as many additions as a vector
/// has elements, which takes longer than a short row itself.)
template <class T>
T sum_of(const LaneSums<T>& sums) {
  T eight[8], four[4];
#pragma omp simd
  for (int v = 0; v < 8; ++v) eight[v] = sums.lane[v] + sums.lane[v + 8];
#pragma omp simd
  for (int v = 0; v < 4; ++v) four[v] = eight[v] + eight[v + 4];
  return (four[0] + four[2]) + (four[1] + four[3]);
}

/// Σ term(i) for i in [0, n).
template <class T, class Term>
T sum_over(int64_t n, Term term) {
  LaneSums<T> sums;
  sum_by_lane(n, term, sums);
  return sum_of(sums);
}

}  // namespace rill::kernels::RILL_SIMD_LEVEL
