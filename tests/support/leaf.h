#pragma once

#include <limits>

#include <rill/core/random.h>
#include <rill/core/tensor.h>

namespace rill::testing {

inline constexpr double inf = std::numeric_limits<double>::infinity();

/// Normal numbers in double precision that require a gradient, the same for the same seed.
inline Tensor random_leaf(const Shape& shape, uint64_t seed) {
  Generator generator(seed);
  return randn(shape, generator, float64).requires_grad_();
}

}  // namespace rill::testing
