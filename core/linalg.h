#pragma once

#include <rill/core/ops.h>

// What rill has of PyTorch's linear algebra.

namespace rill::linalg {

/// The p-norm `ord` of all elements, or along `dims`.
inline Tensor vector_norm(const Tensor& x, double ord = 2, const Shape& dims = {},
                          bool keepdim = false) {
  return rill::norm(x, ord, dims, keepdim);
}
/// √Σ x² of all elements, which is a matrix's Frobenius norm.
inline Tensor norm(const Tensor& x) { return rill::norm(x); }
using rill::matmul;

// clang-format off
Tensor norm(const Tensor&, double, ...) = delete;  // vector_norm(x, ord, dims)
Tensor cholesky(...) = delete;                     // rill has no linear algebra but matmul and norms
Tensor det(...) = delete;                          // rill has no linear algebra but matmul and norms
Tensor eigh(...) = delete;                         // rill has no linear algebra but matmul and norms
Tensor inv(...) = delete;                          // rill has no linear algebra but matmul and norms
Tensor matrix_norm(...) = delete;                  // norm(x), Frobenius's
Tensor qr(...) = delete;                           // rill has no linear algebra but matmul and norms
Tensor solve(...) = delete;                        // rill has no linear algebra but matmul and norms
Tensor svd(...) = delete;                          // rill has no linear algebra but matmul and norms
// clang-format on

}  // namespace rill::linalg
