#include <rill/nn/positions/learned_positional_encoding.h>

#include <rill/core/ops.h>
#include <rill/core/option.h>
#include <rill/nn/detail/position_range.h>
#include <rill/nn/init.h>

namespace rill::nn {

namespace {

Tensor table(int64_t d_model, const LearnedPositionalEncodingOptions& options) {
  rill::detail::want_at_least(1, "LearnedPositionalEncoding: max_len", options.max_len);
  rill::detail::want_at_least(1, "LearnedPositionalEncoding: d_model", d_model);
  rill::detail::want_not_negative("LearnedPositionalEncoding: std", options.std);
  return init::normal_(Tensor::empty({options.max_len, d_model}), 0, options.std);
}

}  // namespace

LearnedPositionalEncoding::LearnedPositionalEncoding(int64_t d_model,
                                                     LearnedPositionalEncodingOptions options)
    : weight(register_parameter("weight", table(d_model, options))),
      dropout_(register_module("dropout", Dropout(options.dropout))),
      first_look_("Draw the positions as large, LearnedPositionalEncoding(d, {{.std = {:.2g}}}).") {
  set_extra_repr({{"", d_model}, {"max_len", options.max_len}});
}

Tensor LearnedPositionalEncoding::forward(const Tensor& x, int64_t offset) const {
  const Tensor positions = positions_of(weight, x, offset);
  first_look_.compare(*this, x, positions);
  return dropout_(x + positions);
}

}  // namespace rill::nn
