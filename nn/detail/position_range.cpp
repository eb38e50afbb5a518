#include <rill/nn/detail/position_range.h>

#include <rill/core/error.h>

namespace rill::nn {

Tensor positions_of(const Tensor& table, const Tensor& x, int64_t offset) {
  const int64_t max_len = table.size(0);
  const int64_t d = table.size(1);
  if ((x.dims() != 2 && x.dims() != 3) || x.size(-1) != d)
    fail<ShapeError>("positions: x must be [batch, length, ", d, "] or [length, ", d, "], not ",
                     x.shape());
  const int64_t length = x.size(-2);
  if (offset < 0) fail<ValueError>("positions: offset must not be negative, found ", offset);
  if (offset > max_len - length)
    fail<ShapeError>("positions: offset ", offset, " + length ", length, " is over max_len ",
                     max_len, ": shorten the input or make the layer with a larger max_len");
  return table.narrow(0, offset, length);
}

}  // namespace rill::nn
