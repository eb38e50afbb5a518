// Random words and dropout, compiled once for each instruction set.
#include <rill/core/kernels/philox_table.h>
#include <rill/core/kernels/simd/philox.h>
#include <algorithm>

namespace rill::kernels::RILL_SIMD_LEVEL {
namespace {

template <class T>
void dropout(int64_t begin, int64_t end, uint64_t key, uint64_t offset, uint32_t threshold, T scale,
             const T* x, T* out) {
  constexpr int64_t group = PhiloxTable::group;
  uint32_t word[group];
  for (int64_t at = begin; at < end; at += group) {
    philox_words(key, offset + static_cast<uint64_t>(at / group * philox_lanes), 0, word);
    const int64_t n = std::min(group, end - at);
    const T* from = x + at;
    T* to = out + at;
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) to[i] = word[i] >= threshold ? from[i] * scale : T(0);
  }
}

}  // namespace

extern const PhiloxTable philox;
constinit const PhiloxTable philox = {&philox_words, &dropout<float>, &dropout<double>};

}  // namespace rill::kernels::RILL_SIMD_LEVEL
