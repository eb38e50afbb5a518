#include <rill/nn/detail/normalized_shape.h>

#include <algorithm>

#include <rill/core/error.h>

namespace rill::nn {

const Shape& normalized(const char* layer, const Shape& shape) {
  if (shape.dims() == 0 || *std::min_element(shape.begin(), shape.end()) < 1)
    fail<ShapeError>(layer, ": the normalized shape needs dimensions of size 1 or more, not ",
                     shape);
  return shape;
}

}  // namespace rill::nn
