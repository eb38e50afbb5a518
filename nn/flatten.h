#pragma once

#include <rill/core/ops.h>
#include <rill/nn/layer.h>

namespace rill::nn {

struct FlattenOptions {
  int64_t start_dim = 1, end_dim = -1;
};

/// Dimensions start_dim to end_dim as one, the rest as they are: x [batch, a, b] to [batch, a · b]
/// unless told otherwise. Negative ones count from the end.
class Flatten final : public Layer<Flatten> {
 public:
  explicit Flatten(int64_t start_dim = 1, int64_t end_dim = -1)
      : start_dim_(start_dim), end_dim_(end_dim) {
    set_extra_repr({{"start_dim", start_dim}, {"end_dim", end_dim}});
  }
  explicit Flatten(const FlattenOptions& options) : Flatten(options.start_dim, options.end_dim) {}
  template <class...>
  explicit Flatten(...) = delete;  // Flatten(1), Flatten({.start_dim = 0, .end_dim = 1})
  /// Throws IndexError for a dimension that x lacks, ShapeError where start_dim comes after
  /// end_dim.
  Tensor forward(const Tensor& x) const { return flatten(x, start_dim_, end_dim_); }

 private:
  const int64_t start_dim_, end_dim_;
};

}  // namespace rill::nn
