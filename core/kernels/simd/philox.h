#pragma once

#include <cstdint>

// Philox 4x32-10 (Salmon et al. 2011) on 16 blocks at once.

namespace rill::kernels::RILL_SIMD_LEVEL {
namespace {

constexpr int philox_lanes = 16;

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

}  // namespace
}  // namespace rill::kernels::RILL_SIMD_LEVEL
