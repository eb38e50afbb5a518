#pragma once

#include <cstdint>

namespace rill::kernels {

/// c [m, n] = alpha · op(a) [m, k] · op(b) [k, n] + beta · c + bias in every row, where op
/// transposes or not. Rows of a, b and c begin lda, ldb and ldc elements apart. With beta 0, c is
/// not read; bias may be null. Where panel_rows is not 0, b is what GemmTile::pack made of an op(b)
/// with so many rows and n columns or more.
template <class T>
struct Product {
  bool trans_a, trans_b;
  int64_t m, n, k;
  T alpha;
  const T* a;
  int64_t lda;
  const T* b;
  int64_t ldb;
  T beta;
  T* c;
  int64_t ldc;
  const T* bias;
  int64_t panel_rows = 0;
};

/// The product of float on the calling thread, with k > 0. How an element of c is summed depends on
/// k alone. Of b, gemm_depth rows and `columns` columns, a multiple of gemm_column_step, are packed
/// at a time: `room` has space for gemm_room(columns) elements and is aligned to 64 bytes.
/// `pack` lays out an op(b) [k, n] whole, for products that share it: `out` has space for k · n
/// elements, n rounded up to gemm_column_step. Both are null at levels where BLAS does as well.
struct GemmTile {
  void (*multiply)(const Product<float>& product, int64_t columns, float* room);
  void (*pack)(bool trans, int64_t k, int64_t n, const float* b, int64_t ldb, float* out);
};

inline constexpr int64_t gemm_depth = 256, gemm_column_step = 32;
constexpr int64_t gemm_room(int64_t columns) { return gemm_depth * columns + 9 * gemm_column_step; }

}  // namespace rill::kernels
