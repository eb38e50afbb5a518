#pragma once

#include <cstddef>
#include <cstdint>

namespace rill::kernels {

/// The kernels of one instruction set. Blocks of random bits are made 16 at a time; word j of block
/// b stands at 16 j + b.
struct PhiloxTable {
  static constexpr int64_t group = 64;  // 32-bit words of 16 blocks

  /// The words of blocks counter to counter + 15.
  void (*words)(uint64_t key, uint64_t counter, uint64_t counter_high, uint32_t* out);

  /// Elements [begin, end) of a dropout, begin a multiple of `group`: x · scale where the element's
  /// word is at least `threshold`, else 0.
  void (*dropout_float)(int64_t begin, int64_t end, uint64_t key, uint64_t offset,
                        uint32_t threshold, float scale, const float* x, float* out);
  void (*dropout_double)(int64_t begin, int64_t end, uint64_t key, uint64_t offset,
                         uint32_t threshold, double scale, const double* x, double* out);
};

}  // namespace rill::kernels
