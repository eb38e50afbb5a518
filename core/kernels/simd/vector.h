#pragma once

// A vector of floats as wide as the processor's, where a kernel cannot leave it to the compiler to
// make vectors of its loops. For the files of core/kernels/simd only.
#if (defined(__AVX2__) && defined(__FMA__)) || defined(__aarch64__)

#define RILL_HAS_VECTOR

#if defined(__aarch64__)
#include <arm_neon.h>
#else
#include <immintrin.h>
#endif

#include <cstdint>
#include <cstring>
#include <utility>

namespace rill::kernels::RILL_SIMD_LEVEL {

#if defined(__AVX512F__)
constexpr int lanes = 16, vector_registers = 32;
#elif defined(__AVX2__)
constexpr int lanes = 8, vector_registers = 16;
#else  // NEON
constexpr int lanes = 4, vector_registers = 32;
#endif

using Vector [[gnu::vector_size(lanes * sizeof(float))]] = float;

static inline Vector load(const float* x) {
  Vector v;
  std::memcpy(&v, x, sizeof v);
  return v;
}

/// v, loaded once for all its uses: for two or three g++ would load it anew each time.
template <int Uses>
static inline Vector loaded_once(Vector v) {
#if !defined(__aarch64__)
  if constexpr (Uses > 1) asm("" : "+v"(v));
#endif
  return v;
}

static inline void store(const Vector& v, float* x) { std::memcpy(x, &v, sizeof v); }

/// The first `count` elements, and 0 for the others, which are not read.
static inline Vector load_first(int64_t count, const float* x) {
  if (count == lanes) return load(x);
#if defined(__AVX512F__)
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), x);
#elif defined(__AVX2__)
  const __m256i number = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  const __m256i wanted = _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), number);
  return _mm256_maskload_ps(x, wanted);
#else
  Vector v{};
  std::memcpy(&v, x, static_cast<size_t>(count) * sizeof(float));
  return v;
#endif
}

static inline void store_first(int64_t count, const Vector& v, float* x) {
  if (count == lanes) return store(v, x);
  std::memcpy(x, &v, static_cast<size_t>(count) * sizeof(float));
}

static inline Vector fill(float x) { return x - Vector{}; }

/// a · b + c, rounded once. Compilers make no vectors of a loop of fma() where it is inside two
/// others.
static inline Vector fma(const Vector& a, const Vector& b, const Vector& c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_ps(a, b, c);
#elif defined(__AVX2__)
  return _mm256_fmadd_ps(a, b, c);
#else
  return vfmaq_f32(c, a, b);
#endif
}

// Lanes of a whose number has bit S change places with those of b whose number has not.
template <int S, size_t... J>
static inline void exchange(Vector& a, Vector& b, std::index_sequence<J...>) {
  const Vector low = __builtin_shufflevector(a, b, (J & S ? lanes + J - S : J)...);
  b = __builtin_shufflevector(a, b, (J & S ? lanes + J : J + S)...);
  a = low;
}

template <int S>
static inline void transpose_by(Vector (&x)[lanes]) {
  for (int i = 0; i < lanes; ++i) {
    if (!(i & S)) exchange<S>(x[i], x[i + S], std::make_index_sequence<lanes>());
  }
}

/// Lane j of x[i] changes places with lane i of x[j].
static inline void transpose(Vector (&x)[lanes]) {
  transpose_by<1>(x);
  transpose_by<2>(x);
  if constexpr (lanes >= 8) transpose_by<4>(x);
  if constexpr (lanes >= 16) transpose_by<8>(x);
}

template <int S>
static inline void fold(Vector (&x)[lanes]) {
  for (int i = 0; i < lanes; i += 2 * S) {
    exchange<S>(x[i], x[i + S], std::make_index_sequence<lanes>());
    x[i] += x[i + S];
  }
}

/// Lane i = the sum of all lanes of x[i], made pairwise. x is used up.
static inline Vector sum_of_each(Vector (&x)[lanes]) {
  fold<1>(x);
  fold<2>(x);
  if constexpr (lanes >= 8) fold<4>(x);
  if constexpr (lanes >= 16) fold<8>(x);
  return x[0];
}

}  // namespace rill::kernels::RILL_SIMD_LEVEL

#endif
