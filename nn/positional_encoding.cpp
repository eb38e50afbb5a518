#include <rill/nn/positional_encoding.h>

#include <cmath>
#include <vector>

#include <rill/core/ops.h>
#include <rill/nn/position_range.h>

namespace rill::nn {

Tensor sinusoidal_table(int64_t length, int64_t d_model, double base, DType dtype) {
  check_sizes({length, d_model}, sizeof(double));
  std::vector<double> table;
  table.reserve(static_cast<size_t>(length * d_model));
  for (int64_t pos = 0; pos < length; ++pos)
    for (int64_t column = 0; column < d_model; ++column) {
      const auto pair = static_cast<double>(column - column % 2);  // 2i
      const double exponent = pair / static_cast<double>(d_model);
      const double angle = static_cast<double>(pos) / std::pow(base, exponent);
      table.push_back(column % 2 == 0 ? std::sin(angle) : std::cos(angle));
    }
  return from_vector(table, {length, d_model}).to(dtype);
}

PositionalEncoding::PositionalEncoding(int64_t d_model, PositionalEncodingOptions options)
    : table(register_buffer("table",
                            sinusoidal_table(options.max_len, d_model, options.base, options.dtype),
                            options.persistent)),
      dropout_(register_module("dropout", Dropout(options.dropout))) {}

Tensor PositionalEncoding::forward(const Tensor& x, int64_t offset) const {
  return dropout_(x + positions_of(table, x, offset));
}

}  // namespace rill::nn
