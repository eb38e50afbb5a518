#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <rill/core/ops.h>
#include <rill/nn/layer.h>
#include <rill/nn/positions/check_encoding.h>

#include "tests/support/expect.h"

// What the tests of check_encoding share: faulty encodings are made from right ones.

namespace rill::testing {

/// Expects a refusal of this property, of which the message speaks.
inline void expect_refused(const nn::AnyEncoding& encoding, const std::string& property,
                           const nn::CheckEncodingOptions& options,
                           std::vector<std::string> parts = {}) {
  parts.push_back("check_encoding: " + encoding.type_name() + ": " + property + ": ");
  expect_error<nn::CheckEncodingError>([&] { check_encoding(encoding, options); }, parts);
}

/// Adds waves, as `wave(position, column)` has them, to what stands from `start(offset)` on.
template <class Fault>
class Waves : public nn::Layer<Fault> {
 public:
  Tensor forward(const Tensor& x, int64_t offset) const {
    std::vector<double> table;
    for (int64_t row = 0; row < x.size(-2); ++row)
      for (int64_t column = 0; column < x.size(-1); ++column)
        table.push_back(Fault::wave(static_cast<double>(Fault::start(offset) + row), column,
                                    static_cast<double>(x.size(-1))));
    return x + from_vector(table, {x.size(-2), x.size(-1)}).to(x.dtype());
  }
  static int64_t start(int64_t offset) { return offset; }
  static double wave(double pos, int64_t column, double d) {
    const double angle = pos / std::pow(10000, static_cast<double>(column - column % 2) / d);
    return column % 2 == 0 ? std::sin(angle) : std::cos(angle);
  }
};

}  // namespace rill::testing
