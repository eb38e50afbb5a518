// A matrix product, in three loops: each element of c is the sum over a row of a and a column of b.
// Products of a few numbers are made here. Larger ones are the same sums, faster: gemm.cpp shares
// them among threads, simd/gemm_tile.cpp lets one instruction make 8 or 16.
#include <rill/core/kernels/plain_gemm.h>

namespace rill::kernels {

template <class T>
void plain_gemm(const Product<T>& p) {
  for (int64_t i = 0; i < p.m; ++i)
    for (int64_t j = 0; j < p.n; ++j) {
      T sum = 0;
      for (int64_t l = 0; l < p.k; ++l) {
        const T a = p.trans_a ? p.a[l * p.lda + i] : p.a[i * p.lda + l];
        const T b = p.trans_b ? p.b[j * p.ldb + l] : p.b[l * p.ldb + j];
        sum += a * b;
      }
      T& c = p.c[i * p.ldc + j];
      c = p.alpha * sum + (p.beta == 0 ? 0 : p.beta * c) + (p.bias ? p.bias[j] : 0);
    }
}

template void plain_gemm<float>(const Product<float>&);
template void plain_gemm<double>(const Product<double>&);

}  // namespace rill::kernels
