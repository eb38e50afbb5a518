#pragma once

#include <cstdint>

#include <rill/core/kernels/scratch.h>

namespace rill::kernels {

/// c [m, n] = alpha · op(a) [m, k] · op(b) [k, n] + beta · c + bias [n] (null: none) in every row,
/// row-major, T float or double.
/// op transposes where trans_a (a is stored [k, m]) or trans_b (b is stored [n, k]) says so; lda,
/// ldb, ldc are the distances between stored rows. With beta 0, c is written but never read; with
/// k 0 it becomes beta · c + bias. The result does not depend on the number of threads. Denormal
/// numbers count as zero. Throws ValueError where a size exceeds what BLAS can count (2^31 - 1).
template <class T>
void gemm(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, T alpha, const T* a,
          int64_t lda, const T* b, int64_t ldb, T beta, T* c, int64_t ldc, const T* bias = nullptr);

/// The same on the calling thread alone, without a bias: for products inside a loop over several
/// threads.
template <class T>
void gemm_on_this_thread(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, T alpha,
                         const T* a, int64_t lda, const T* b, int64_t ldb, T beta, T* c,
                         int64_t ldc);

/// op(b) of several products; b is read as long as this lives. Where `worth_packing`, all of it is
/// laid out at once as rill's own kernel of simd_level() reads it, which must stay the same; else
/// for each product anew, where that pays.
template <class T>
struct SharedOperand {
  /// Of op(b) [k, n]; ldb as for gemm.
  SharedOperand(bool trans_b, int64_t k, int64_t n, const T* b, int64_t ldb, bool worth_packing);

  bool trans;
  const T* data;
  int64_t ld;
  int64_t panel_rows;  ///< k, or 0 where it is not packed
  Scratch<T> panels;
};

/// gemm and gemm_on_this_thread with the first k rows and n columns of b. On several threads what
/// was laid out is not read.
template <class T>
void gemm(bool trans_a, int64_t m, int64_t n, int64_t k, T alpha, const T* a, int64_t lda,
          const SharedOperand<T>& b, T beta, T* c, int64_t ldc);
template <class T>
void gemm_on_this_thread(bool trans_a, int64_t m, int64_t n, int64_t k, T alpha, const T* a,
                         int64_t lda, const SharedOperand<T>& b, T beta, T* c, int64_t ldc);

/// Whether in float an element of c has the same bits when only a part of c is computed, of at
/// least 5 rows and 8 columns. BLAS, which multiplies double, promises no such thing.
bool gemm_can_be_cut();

/// `batch` such products: product i reads a + i · stride_a and b + i · stride_b and writes
/// c + i · stride_c. A stride of 0 shares an input among all products.
template <class T>
void gemm_batched(int64_t batch, bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k,
                  T alpha, const T* a, int64_t lda, int64_t stride_a, const T* b, int64_t ldb,
                  int64_t stride_b, T beta, T* c, int64_t ldc, int64_t stride_c);

/// The same where the inputs of product i begin at a + offsets_a[i] and b + offsets_b[i]: batches
/// that are broadcast or stepped in any way.
template <class T>
void gemm_batched(int64_t batch, bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k,
                  T alpha, const T* a, int64_t lda, const int64_t* offsets_a, const T* b,
                  int64_t ldb, const int64_t* offsets_b, T beta, T* c, int64_t ldc,
                  int64_t stride_c);

}  // namespace rill::kernels
