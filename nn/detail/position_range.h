#pragma once

#include <rill/core/tensor.h>

namespace rill::nn {

/// Rows offset ... offset + length - 1 of a table of positions [max_len, d], for x [batch, length,
/// d] or [length, d]. Throws ShapeError where x does not fit or the table is too short, naming
/// both.
Tensor positions_of(const Tensor& table, const Tensor& x, int64_t offset);

}  // namespace rill::nn
