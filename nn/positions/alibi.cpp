#include <rill/nn/positions/alibi.h>

#include <bit>
#include <cmath>

#include <rill/core/ops.h>
#include <rill/core/option.h>
#include <rill/nn/detail/relative_positions.h>

namespace rill::nn {
namespace {

/// Every `step`-th of the slopes of `num_heads` heads, a power of 2.
void write_slopes(int64_t num_heads, int64_t step, int64_t count, double* slopes) {
  for (int64_t i = 0; i < count; ++i)
    slopes[i] = std::exp2(-8 * static_cast<double>(1 + i * step) / static_cast<double>(num_heads));
}

}  // namespace

Tensor alibi_slopes(int64_t num_heads, DType dtype) {
  rill::detail::want_at_least(1, "ALiBi: num_heads", num_heads);
  const Tensor slopes = Tensor::empty({num_heads}, float64);
  const auto power = static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(num_heads)));
  write_slopes(power, 1, power, slopes.data<double>());
  write_slopes(2 * power, 2, num_heads - power, slopes.data<double>() + power);
  return slopes.to(dtype);
}

ALiBi::ALiBi(int64_t num_heads, DType dtype)
    : slopes(register_buffer(
          "slopes", alibi_slopes(num_heads, rill::detail::want_floating("ALiBi: dtype", dtype)),
          false)) {
  set_extra_repr({{"", num_heads}});
}

Tensor ALiBi::bias(int64_t queries, int64_t keys) const {
  const Tensor distance = abs(relative_positions(queries, keys)).to(slopes.dtype());
  return slopes.view({-1, 1, 1}) * -distance;
}

}  // namespace rill::nn
