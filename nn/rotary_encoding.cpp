#include <rill/nn/rotary_encoding.h>

namespace rill::nn {

RotaryEncoding::RotaryEncoding(RotaryOptions options) : options_(options) {}

Tensor RotaryEncoding::rotate(const Tensor& x, int64_t offset) const {
  return rotary(x, offset, options_);
}

}  // namespace rill::nn
