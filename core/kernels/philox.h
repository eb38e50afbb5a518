#pragma once

#include <rill/core/dtype.h>
#include <array>
#include <cstdint>

namespace rill::kernels {

// Random numbers as a pure function of (key, counter): Philox 4x32-10 of Salmon et al., "Parallel
// Random Numbers: As Easy as 1, 2, 3", 2011. A fill of n elements that begins at block `offset`
// consumes blocks [offset, offset + blocks_for(n)), and its element i depends on key, offset and i
// alone: never on n or on the number of threads.

/// 128 random bits for a key (the seed) and a counter.
std::array<uint32_t, 4> philox_block(uint64_t key, uint64_t counter, uint64_t counter_high = 0);

/// How far a fill of n elements, whatever its kind, moves the counter: 16·⌈n/32⌉.
constexpr int64_t blocks_for(int64_t n) { return (n + 31) / 32 * 16; }

/// out[i] uniform in [low, high), float32 (24 random bits) or float64 (53). low == high gives low.
void uniform(DType dtype, int64_t n, uint64_t key, uint64_t offset, double low, double high,
             void* out);

/// out[i] of the normal distribution, by Box and Muller in double. float32 or float64.
void normal(DType dtype, int64_t n, uint64_t key, uint64_t offset, double mean, double deviation,
            void* out);

/// out[i] = x[i] / (1 - p) with probability 1 - p, else 0 (whatever x[i] is, NaN too). float32 or
/// float64; out may be x. Backward is the same call on the gradient: the mask is never stored.
void dropout(DType dtype, int64_t n, uint64_t key, uint64_t offset, double p, const void* x,
             void* out);

/// out[i] uniform over the integers of [low, high), low < high; uneven by less than 2^-64 · range.
void random_integers(int64_t n, uint64_t key, uint64_t offset, int64_t low, int64_t high,
                     int64_t* out);

/// out[i] = 64 random bits.
void random_bits(int64_t n, uint64_t key, uint64_t offset, uint64_t* out);

}  // namespace rill::kernels
