#include <rill/nn/positions/positional_encoding.h>

#include <algorithm>
#include <cmath>

#include <rill/core/ops.h>
#include <rill/core/option.h>
#include <rill/nn/detail/position_range.h>

namespace rill::nn {

namespace {

/// One column of the table: a wave over the positions.
struct Wave {
  double exponent;  // its frequency is base^(−exponent)
  enum { sine, cosine, zero } kind;
};

Wave wave_of(int64_t column, int64_t d_model, SinusoidalLayout layout) {
  const auto d = static_cast<double>(d_model);
  if (layout == SinusoidalLayout::interleaved)
    return {static_cast<double>(column - column % 2) / d,
            column % 2 == 0 ? Wave::sine : Wave::cosine};
  const bool is_paper = layout == SinusoidalLayout::halves;
  const int64_t sines = is_paper ? (d_model + 1) / 2 : d_model / 2;
  if (!is_paper && column == 2 * sines) return {0, Wave::zero};
  const auto i = static_cast<double>(column % std::max<int64_t>(sines, 1));
  const double exponent =
      is_paper ? 2 * i / d : i / static_cast<double>(std::max<int64_t>(sines - 1, 1));
  return {exponent, column < sines ? Wave::sine : Wave::cosine};
}

double height(const Wave& wave, double pos, double base) {
  const double angle = pos / std::pow(base, wave.exponent);
  return wave.kind == Wave::zero ? 0 : wave.kind == Wave::sine ? std::sin(angle) : std::cos(angle);
}

}  // namespace

Tensor sinusoidal_table(int64_t length, int64_t d_model, SinusoidalTableOptions options) {
  rill::detail::want_positive("sinusoids: base", options.base);
  rill::detail::want_floating("sinusoids: dtype", options.dtype);
  const Tensor table = Tensor::empty({length, d_model}, float64);
  double* place = table.data<double>();
  for (int64_t pos = 0; pos < length; ++pos)
    for (int64_t column = 0; column < d_model; ++column)
      *place++ =
          height(wave_of(column, d_model, options.layout), static_cast<double>(pos), options.base);
  return table.to(options.dtype);
}

PositionalEncoding::PositionalEncoding(int64_t d_model, PositionalEncodingOptions options)
    : table(register_buffer(
          "table",
          sinusoidal_table(
              rill::detail::want_at_least(1, "PositionalEncoding: max_len", options.max_len),
              rill::detail::want_at_least(1, "PositionalEncoding: d_model", d_model),
              {.base = options.base, .layout = options.layout, .dtype = options.dtype}),
          options.persistent)),
      dropout_(register_module("dropout", Dropout(options.dropout))) {
  set_extra_repr({{"", d_model}, {"max_len", options.max_len}, {"base", options.base}});
}

Tensor PositionalEncoding::forward(const Tensor& x, int64_t offset) const {
  const Tensor positions = positions_of(table, x, offset);
  first_look_.compare(*this, x, positions);
  return dropout_(x + positions);
}

}  // namespace rill::nn
