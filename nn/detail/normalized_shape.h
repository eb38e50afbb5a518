#pragma once

#include <rill/core/shape.h>

namespace rill::nn {

/// The shape that a norm is made for. Throws ShapeError unless it has dimensions, each of size 1 or
/// more.
const Shape& normalized(const char* layer, const Shape& shape);

}  // namespace rill::nn
