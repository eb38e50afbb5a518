#pragma once

// For the files of core/kernels/simd only.

namespace rill::kernels::RILL_SIMD_LEVEL {

// Compilers may not fuse products and sums by themselves here: each does it elsewhere, and where it
// unrolls a loop elsewhere again. What is hot enough asks for it.
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)

/// a · b + c, rounded once.
inline float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }

#else

/// a · b + c. Without an instruction for it, the product is rounded too: a function would be slow.
template <class T>
inline T fma(T a, T b, T c) {
  return a * b + c;
}

#endif

}  // namespace rill::kernels::RILL_SIMD_LEVEL
