#include <rill/nn/positions/rotary_encoding.h>

#include <rill/core/error.h>
#include <rill/core/option.h>

namespace rill::nn {
namespace {

const RotaryOptions& checked(const RotaryOptions& options) {
  rill::detail::want_positive("RotaryEncoding: base", options.base);
  if (options.dim && (*options.dim < 0 || *options.dim % 2 != 0))
    fail<ValueError>("RotaryEncoding: components turn in pairs: dim must be even, found ",
                     *options.dim);
  return options;
}

}  // namespace

RotaryEncoding::RotaryEncoding(RotaryOptions options) : options_(checked(options)) {
  set_extra_repr({options.dim ? Setting("dim", *options.dim) : Setting("dim", "None"),
                  {"base", options.base}});
}

Tensor RotaryEncoding::rotate(const Tensor& x, int64_t offset) const {
  return rotary(x, offset, options_);
}

Tensor RotaryEncoding::rotate_packed(const Tensor& qkv, int64_t offset) const {
  return packed_rotary(qkv, offset, options_);
}

}  // namespace rill::nn
