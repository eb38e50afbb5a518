#pragma once

#include <rill/core/tensor.h>

#include <string>

namespace examples {

/// The numbers of a tensor without line breaks: "[[1., 2.], [3., 4.]]".
std::string one_line(const rill::Tensor& x);

}  // namespace examples
