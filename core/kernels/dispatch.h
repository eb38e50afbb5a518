#pragma once

namespace rill::kernels {

/// The instruction sets that kernels are compiled for, each in a namespace of that name.
enum class SimdLevel { portable, avx2, avx512 };

/// The set in use: the best that this library was built with and this processor has, lowered by the
/// environment variable RILL_SIMD=portable|avx2. Throws ValueError where that names another.
SimdLevel simd_level();

/// The best that simd_level() could be on this machine.
SimdLevel best_simd_level();

/// Takes another set, to compare them. Throws ValueError above best_simd_level().
void set_simd_level(SimdLevel level);

}  // namespace rill::kernels

// A file of core/kernels/simd is compiled once for each set; it keeps everything it defines in
// namespace RILL_SIMD_LEVEL or in an unnamed one, and exports `const Table name` from the former.

#if defined(RILL_SIMD_HAS_AVX2)
#define RILL_SIMD_CASE_AVX2(name)        \
  case ::rill::kernels::SimdLevel::avx2: \
    return ::rill::kernels::avx2::name;
#else
#define RILL_SIMD_CASE_AVX2(name)
#endif
#if defined(RILL_SIMD_HAS_AVX512)
#define RILL_SIMD_CASE_AVX512(name)        \
  case ::rill::kernels::SimdLevel::avx512: \
    return ::rill::kernels::avx512::name;
#else
#define RILL_SIMD_CASE_AVX512(name)
#endif

/// Defines `const Table& pick_name()`, which returns the set in use. Stands in namespace
/// rill::kernels of a library source outside core/kernels/simd.
#define RILL_SIMD_PICK(Table, name)          \
  namespace portable {                       \
  extern const Table name;                   \
  }                                          \
  namespace avx2 {                           \
  extern const Table name;                   \
  }                                          \
  namespace avx512 {                         \
  extern const Table name;                   \
  }                                          \
  static const Table& pick_##name() {        \
    switch (::rill::kernels::simd_level()) { \
      RILL_SIMD_CASE_AVX512(name)            \
      RILL_SIMD_CASE_AVX2(name)              \
      default: return portable::name;        \
    }                                        \
  }
