#pragma once

#include <cstdint>
#include <string>

#include <rill/core/tensor.h>

namespace rill::inspect::detail {

/// What tells a healthy tensor from another, in one pass.
struct Health {
  int64_t numel = 0, zeros = 0, nans = 0, infinities = 0;
  /// √ Σ x² of the finite elements.
  double norm = 0;

  bool is_zero() const { return zeros == numel; }
  bool is_finite() const { return nans == 0 && infinities == 0; }
};

/// Of a floating tensor; of any other the count alone.
Health health_of(const Tensor& tensor);

/// Over the last dimension: how many of its indices hold 0 in all of the rest, and how large the
/// rest is.
struct Units {
  int64_t count = 0, dead = 0, rows = 0;
};
Units units_of(const Tensor& tensor);

/// The numbers of the rows (along the first dimension) that hold 0 alone, at most `most` of them,
/// and how many there are.
struct ZeroRows {
  int64_t count = 0;
  std::string shown = {};
};
ZeroRows zero_rows_of(const Tensor& tensor, int64_t most);

/// Where the elements that are not finite lie, as a slice of Python's: "[:, 2, 64:96]".
std::string box_of_not_finite(const Tensor& tensor);

}  // namespace rill::inspect::detail
