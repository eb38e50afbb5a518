#pragma once

#include <cstdint>
#include <cstring>

#if defined(__AVX2__) && !defined(__clang__)
#include <immintrin.h>
#endif

// Philox 4x32-10 (Salmon et al. 2011) on 16 blocks at once.

namespace rill::kernels::RILL_SIMD_LEVEL {
namespace {

constexpr int philox_lanes = 16;

#if defined(__AVX2__) && !defined(__clang__)

// What the loop below says, in vectors: of it g++ makes a third of the numbers in the same time,
// since it moves each of them between lanes of 32 and 64 bits. These stay in the lower half of 64
// bits, where their products have room; what is left in the upper half counts for nothing.
#if defined(__AVX512F__)
constexpr int philox_width = 8, philox_together = 2;
#else
constexpr int philox_width = 4, philox_together = 4;
#endif
using PhiloxNumbers [[gnu::vector_size(philox_width * sizeof(uint64_t))]] = uint64_t;
static_assert(philox_width * philox_together == philox_lanes);

inline PhiloxNumbers philox_product(PhiloxNumbers a, uint32_t b) {
#if defined(__AVX512F__)
  // All of them: _mm512_mul_epu32 is the same, but g++ 12 warns of an uninitialized value in it.
  return PhiloxNumbers(_mm512_maskz_mul_epu32(0xff, __m512i(a), _mm512_set1_epi64(b)));
#else
  return PhiloxNumbers(_mm256_mul_epu32(__m256i(a), _mm256_set1_epi64x(b)));
#endif
}

inline PhiloxNumbers philox_counters(uint64_t first) {
  PhiloxNumbers counters{};
  for (int i = 0; i < philox_width; ++i) counters[i] = first + static_cast<uint64_t>(i);
  return counters;
}

inline void philox_store(PhiloxNumbers from, uint32_t* out) {
  using Halves [[gnu::vector_size(philox_width * sizeof(uint32_t))]] = uint32_t;
  const Halves lower = __builtin_convertvector(from, Halves);
  std::memcpy(out, &lower, sizeof lower);
}

inline void philox_round(PhiloxNumbers (&c)[4], uint32_t key0, uint32_t key1) {
  const PhiloxNumbers first = philox_product(c[0], 0xD2511F53u);
  const PhiloxNumbers second = philox_product(c[2], 0xCD9E8D57u);
  c[0] = second >> 32 ^ c[1] ^ key0;
  c[1] = second;
  c[2] = first >> 32 ^ c[3] ^ key1;
  c[3] = first;
}

/// Blocks counter to counter + 15, each ten rounds: word j of block b at out[16 j + b].
inline void philox_words(uint64_t key, uint64_t counter, uint64_t counter_high, uint32_t* out) {
  // A round waits for its products: others are made meanwhile.
  PhiloxNumbers c[philox_together][4];
  const PhiloxNumbers first = philox_counters(counter), high = PhiloxNumbers{} + counter_high;
  for (int i = 0; i < philox_together; ++i) {
    c[i][0] = first + static_cast<uint64_t>(i * philox_width);
    c[i][1] = c[i][0] >> 32;
    c[i][2] = high;
    c[i][3] = high >> 32;
  }
  auto key0 = static_cast<uint32_t>(key), key1 = static_cast<uint32_t>(key >> 32);
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
#pragma GCC unroll 4
    for (auto& numbers : c) philox_round(numbers, key0, key1);
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  for (int i = 0; i < philox_together; ++i)
    for (int j = 0; j < 4; ++j) philox_store(c[i][j], out + philox_lanes * j + philox_width * i);
}

#else

/// Blocks counter to counter + 15, each ten rounds: word j of block b at out[16 j + b].
inline void philox_words(uint64_t key, uint64_t counter, uint64_t counter_high, uint32_t* out) {
#pragma omp simd
  for (int b = 0; b < philox_lanes; ++b) {
    const uint64_t own = counter + static_cast<uint64_t>(b);
    auto c0 = static_cast<uint32_t>(own), c1 = static_cast<uint32_t>(own >> 32);
    auto c2 = static_cast<uint32_t>(counter_high), c3 = static_cast<uint32_t>(counter_high >> 32);
    auto key0 = static_cast<uint32_t>(key), key1 = static_cast<uint32_t>(key >> 32);
#pragma GCC unroll 10
    for (int round = 0; round < 10; ++round) {
      const uint64_t first = uint64_t{0xD2511F53u} * c0, second = uint64_t{0xCD9E8D57u} * c2;
      c0 = static_cast<uint32_t>(second >> 32) ^ c1 ^ key0;
      c1 = static_cast<uint32_t>(second);
      c2 = static_cast<uint32_t>(first >> 32) ^ c3 ^ key1;
      c3 = static_cast<uint32_t>(first);
      key0 += 0x9E3779B9u;
      key1 += 0xBB67AE85u;
    }
    out[b] = c0;
    out[philox_lanes + b] = c1;
    out[2 * philox_lanes + b] = c2;
    out[3 * philox_lanes + b] = c3;
  }
}

#endif

}  // namespace
}  // namespace rill::kernels::RILL_SIMD_LEVEL
