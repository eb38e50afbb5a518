// Philox 4x32-10 on 16 blocks at once, compiled once for each instruction set.
#include <rill/core/kernels/philox_table.h>
#include <algorithm>

namespace rill::kernels::RILL_SIMD_LEVEL {
namespace {

constexpr int lanes = 16;

/// Ten rounds on 16 blocks, word j of block b at c[j][b].
inline void rounds(uint64_t key, uint32_t (&c)[4][lanes]) {
  auto key0 = static_cast<uint32_t>(key), key1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
#pragma omp simd
    for (int b = 0; b < lanes; ++b) {
      const uint64_t first = uint64_t{0xD2511F53u} * c[0][b];
      const uint64_t second = uint64_t{0xCD9E8D57u} * c[2][b];
      c[0][b] = static_cast<uint32_t>(second >> 32) ^ c[1][b] ^ key0;
      c[1][b] = static_cast<uint32_t>(second);
      c[2][b] = static_cast<uint32_t>(first >> 32) ^ c[3][b] ^ key1;
      c[3][b] = static_cast<uint32_t>(first);
    }
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
}

inline void make(uint64_t key, uint64_t counter, uint64_t counter_high, uint32_t (&c)[4][lanes]) {
  for (int b = 0; b < lanes; ++b) {
    const uint64_t own = counter + static_cast<uint64_t>(b);
    c[0][b] = static_cast<uint32_t>(own);
    c[1][b] = static_cast<uint32_t>(own >> 32);
    c[2][b] = static_cast<uint32_t>(counter_high);
    c[3][b] = static_cast<uint32_t>(counter_high >> 32);
  }
  rounds(key, c);
}

void words(uint64_t key, uint64_t counter, uint64_t counter_high, uint32_t* out) {
  uint32_t c[4][lanes];
  make(key, counter, counter_high, c);
  std::copy(&c[0][0], &c[0][0] + PhiloxTable::group, out);
}

template <class T>
void dropout(int64_t begin, int64_t end, uint64_t key, uint64_t offset, uint32_t threshold, T scale,
             const T* x, T* out) {
  constexpr int64_t group = PhiloxTable::group;
  uint32_t c[4][lanes];
  for (int64_t at = begin; at < end; at += group) {
    make(key, offset + static_cast<uint64_t>(at / group * lanes), 0, c);
    const uint32_t* word = &c[0][0];
    const int64_t n = std::min(group, end - at);
    const T* from = x + at;
    T* to = out + at;
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) to[i] = word[i] >= threshold ? from[i] * scale : T(0);
  }
}

}  // namespace

extern const PhiloxTable philox;
constinit const PhiloxTable philox = {&words, &dropout<float>, &dropout<double>};

}  // namespace rill::kernels::RILL_SIMD_LEVEL
