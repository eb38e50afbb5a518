#include <rill/nn/rotary_encoding.h>

#include <cmath>

#include <rill/core/error.h>

namespace rill::nn {
namespace {

const RotaryOptions& checked(const RotaryOptions& options) {
  if (!(options.base > 0) || std::isinf(options.base))
    fail<ValueError>("RotaryEncoding: base must be positive and finite, found ", options.base);
  if (options.dim && (*options.dim < 0 || *options.dim % 2 != 0))
    fail<ValueError>("RotaryEncoding: components turn in pairs: dim must be even, found ",
                     *options.dim);
  return options;
}

}  // namespace

RotaryEncoding::RotaryEncoding(RotaryOptions options) : options_(checked(options)) {}

Tensor RotaryEncoding::rotate(const Tensor& x, int64_t offset) const {
  return rotary(x, offset, options_);
}

}  // namespace rill::nn
