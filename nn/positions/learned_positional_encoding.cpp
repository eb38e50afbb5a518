#include <rill/nn/positions/learned_positional_encoding.h>

#include <rill/core/ops.h>
#include <rill/core/option.h>
#include <rill/nn/detail/position_range.h>
#include <rill/nn/init.h>

namespace rill::nn {

namespace {

Tensor table(int64_t max_len, int64_t d_model) {
  rill::detail::want_at_least(1, "LearnedPositionalEncoding: max_len", max_len);
  rill::detail::want_at_least(1, "LearnedPositionalEncoding: d_model", d_model);
  return init::normal_(Tensor::empty({max_len, d_model}), 0, 0.02);
}

}  // namespace

LearnedPositionalEncoding::LearnedPositionalEncoding(int64_t max_len, int64_t d_model,
                                                     LearnedPositionalEncodingOptions options)
    : weight(register_parameter("weight", table(max_len, d_model))),
      dropout_(register_module("dropout", Dropout(options.dropout))) {}

Tensor LearnedPositionalEncoding::forward(const Tensor& x, int64_t offset) const {
  return dropout_(x + positions_of(weight, x, offset));
}

}  // namespace rill::nn
