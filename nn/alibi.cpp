#include <rill/nn/alibi.h>

#include <bit>
#include <cmath>

#include <rill/core/error.h>
#include <rill/core/ops.h>
#include <rill/nn/relative_positions.h>

namespace rill::nn {
namespace {

/// Every `step`-th of the slopes of `num_heads` heads, a power of 2.
void append_slopes(int64_t num_heads, int64_t step, int64_t count, std::vector<double>& slopes) {
  for (int64_t i = 0; i < count; ++i)
    slopes.push_back(
        std::exp2(-8 * static_cast<double>(1 + i * step) / static_cast<double>(num_heads)));
}

}  // namespace

std::vector<double> alibi_slopes(int64_t num_heads) {
  if (num_heads < 1) fail<ValueError>("ALiBi: num_heads must be 1 or more, not ", num_heads);
  const auto power = static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(num_heads)));
  std::vector<double> slopes;
  append_slopes(power, 1, power, slopes);
  append_slopes(2 * power, 2, num_heads - power, slopes);
  return slopes;
}

ALiBi::ALiBi(int64_t num_heads, DType dtype)
    : slopes(register_buffer("slopes", from_vector(alibi_slopes(num_heads)).to(dtype), false)) {}

Tensor ALiBi::bias(int64_t queries, int64_t keys) const {
  const Tensor distance = abs(relative_positions(queries, keys)).to(slopes.dtype());
  return slopes.view({-1, 1, 1}) * -distance;
}

}  // namespace rill::nn
