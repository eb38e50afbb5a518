#include <rill/core/error.h>
#include <rill/core/kernels/dispatch.h>
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string_view>

namespace rill::kernels {
namespace {

SimdLevel level_from_environment() {
  const char* text = std::getenv("RILL_SIMD");
  if (text == nullptr || std::string_view(text) == "avx512") return best_simd_level();
  if (std::string_view(text) == "portable") return SimdLevel::portable;
  if (std::string_view(text) == "avx2") return std::min(SimdLevel::avx2, best_simd_level());
  fail<ValueError>("RILL_SIMD is \"", text, "\", but must be portable, avx2 or avx512: unset it");
}

std::atomic<SimdLevel>& current_level() {
  static std::atomic<SimdLevel> level = level_from_environment();
  return level;
}

}  // namespace

SimdLevel best_simd_level() {
#if defined(RILL_SIMD_HAS_AVX512)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    return SimdLevel::avx512;
  }
#endif
#if defined(RILL_SIMD_HAS_AVX2)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return SimdLevel::avx2;
#endif
  return SimdLevel::portable;
}

SimdLevel simd_level() { return current_level().load(std::memory_order_relaxed); }

void set_simd_level(SimdLevel level) {
  if (level > best_simd_level()) {
    fail<ValueError>("set_simd_level: asked for level ", static_cast<int>(level),
                     ", but this machine has ", static_cast<int>(best_simd_level()));
  }
  current_level().store(level, std::memory_order_relaxed);
}

}  // namespace rill::kernels
