#pragma once

#include <rill/core/kernels/dispatch.h>
#include <rill/core/threads.h>
#include <vector>

namespace rill::kernels {

/// Every instruction set that this machine has.
inline std::vector<SimdLevel> levels() {
  std::vector<SimdLevel> result;
  for (int i = 0; i <= static_cast<int>(best_simd_level()); ++i) {
    result.push_back(static_cast<SimdLevel>(i));
  }
  return result;
}

/// Restores the instruction set and the number of threads.
struct Settings {
  SimdLevel level = simd_level();
  int threads = num_threads();
  ~Settings() {
    set_simd_level(level);
    set_num_threads(threads);
  }
};

}  // namespace rill::kernels
