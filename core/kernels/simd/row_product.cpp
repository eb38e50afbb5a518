// One row reads each element of b once, so that b is taken as it lies.
#include <rill/core/kernels/simd/row_product.h>
#include <rill/core/kernels/simd/vector.h>

#if defined(RILL_HAS_VECTOR)

namespace rill::kernels::RILL_SIMD_LEVEL {
namespace {

// So many sums at a time, so that none waits for its last addition.
constexpr int several = 4;

// c = alpha · sum + beta · c + bias, for `columns` elements from j on.
void put(const Product<float>& p, int64_t j, int64_t columns, const Vector& sum) {
  const Vector bias = p.bias ? load_first(columns, p.bias + j) : Vector{};
  Vector c = fma(fill(p.alpha), sum, bias);
  if (p.beta != 0) c = fma(fill(p.beta), load_first(columns, p.c + j), c);
  store_first(columns, c, p.c + j);
}

// ---- where columns of op(b) are rows of b --------------------------------------------------

// sums[i] = the products of a with row j + i of b, each lane its share of the elements.
template <int R>
void multiply_rows(const Product<float>& p, int64_t j, Vector* sums) {
  const float* b = p.b + j * p.ldb;
  Vector part[R] = {};
  int64_t l = 0;
  for (; l + lanes <= p.k; l += lanes) {
    const Vector a = load(p.a + l);
    for (int i = 0; i < R; ++i) part[i] = fma(a, load(b + i * p.ldb + l), part[i]);
  }
  if (l < p.k) {
    const Vector a = load_first(p.k - l, p.a + l);
    for (int i = 0; i < R; ++i) part[i] = fma(a, load_first(p.k - l, b + i * p.ldb + l), part[i]);
  }
  for (int i = 0; i < R; ++i) sums[i] = part[i];
}

Vector sums_of_rows(const Product<float>& p, int64_t j) {
  Vector sums[lanes];
#pragma GCC unroll 8  // else g++ passes the sums through memory
  for (int i = 0; i < lanes; i += several) multiply_rows<several>(p, j + i, sums + i);
  return sum_of_each(sums);
}

Vector sums_of_last_rows(const Product<float>& p, int64_t j) {
  Vector sums[lanes];
  for (int i = 0; i < lanes; ++i) {
    sums[i] = Vector{};
    if (j + i < p.n) multiply_rows<1>(p, j + i, sums + i);
  }
  return sum_of_each(sums);
}

void multiply_by_rows(const Product<float>& p) {
  int64_t j = 0;
  for (; j + lanes <= p.n; j += lanes) put(p, j, lanes, sums_of_rows(p, j));
  if (j < p.n) put(p, j, p.n - j, sums_of_last_rows(p, j));
}

// ---- where they are columns ----------------------------------------------------------------

// V whole vectors of c, from j on.
template <int V>
void multiply_columns(const Product<float>& p, int64_t j) {
  Vector sums[V] = {};
  for (int64_t l = 0; l < p.k; ++l) {
    const float* b = p.b + l * p.ldb + j;
    for (int v = 0; v < V; ++v) sums[v] = fma(fill(p.a[l]), load(b + v * lanes), sums[v]);
  }
  for (int v = 0; v < V; ++v) put(p, j + v * lanes, lanes, sums[v]);
}

void multiply_last_columns(const Product<float>& p, int64_t j) {
  Vector sum{};
  for (int64_t l = 0; l < p.k; ++l)
    sum = fma(fill(p.a[l]), load_first(p.n - j, p.b + l * p.ldb + j), sum);
  put(p, j, p.n - j, sum);
}

void multiply_by_columns(const Product<float>& p) {
  int64_t j = 0;
  for (; j + several * lanes <= p.n; j += several * lanes) multiply_columns<several>(p, j);
  for (; j + 2 * lanes <= p.n; j += 2 * lanes) multiply_columns<2>(p, j);
  for (; j + lanes <= p.n; j += lanes) multiply_columns<1>(p, j);
  if (j < p.n) multiply_last_columns(p, j);
}

// In slices of k: a long sum whose elements come one after another loses digits.
void multiply(const Product<float>& whole) {
  for (int64_t l = 0; l < whole.k; l += gemm_depth) {
    Product<float> p = whole;
    p.k = whole.k - l < gemm_depth ? whole.k - l : gemm_depth;
    p.a += l;
    p.b += p.trans_b ? l : l * p.ldb;
    if (l > 0) {
      p.beta = 1;
      p.bias = nullptr;
    }
    (p.trans_b ? multiply_by_rows : multiply_by_columns)(p);
  }
}

}  // namespace

extern const RowProduct row_product;
const RowProduct row_product = {multiply};

}  // namespace rill::kernels::RILL_SIMD_LEVEL

#else

namespace rill::kernels::RILL_SIMD_LEVEL {

extern const RowProduct row_product;
const RowProduct row_product = {nullptr};

}  // namespace rill::kernels::RILL_SIMD_LEVEL

#endif
