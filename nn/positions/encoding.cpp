#include <rill/nn/positions/encoding.h>

#include <rill/core/error.h>

namespace rill::nn {
namespace {

void check_same_shape(const char* member, const Tensor& before, const Tensor& after) {
  if (after.shape() != before.shape())
    fail<ShapeError>(member, " must keep the shape ", before.shape(), ", but made ", after.shape());
}

}  // namespace

Tensor AnyEncoding::operator()(const Tensor& x, int64_t offset) const {
  if (!input_) return x;
  const Scope running(scope());
  const Tensor out = input_(x, offset);
  check_same_shape("an encoding's forward", x, out);
  return out;
}

Tensor AnyEncoding::rotate(const Tensor& x, int64_t offset) const {
  if (!heads_) return x;
  const Scope running(scope());
  const Tensor out = heads_(x, offset);
  check_same_shape("an encoding's rotate", x, out);
  return out;
}

Tensor AnyEncoding::rotate_packed(const Tensor& qkv, int64_t offset) const {
  if (!packed_heads_) return {};
  const Scope running(scope());
  const Tensor out = packed_heads_(qkv, offset);
  check_same_shape("an encoding's rotate_packed", qkv, out);
  return out;
}

Tensor AnyEncoding::bias(int64_t queries, int64_t keys) const {
  if (!scores_) return {};
  const Scope running(scope());
  const Tensor out = scores_(queries, keys);
  if (out.dims() != 3 || out.size(1) != queries || out.size(2) != keys)
    fail<ShapeError>("an encoding's bias must be [heads, queries, keys] [heads, ", queries, ", ",
                     keys, "], not ", out.shape());
  return out;
}

}  // namespace rill::nn
