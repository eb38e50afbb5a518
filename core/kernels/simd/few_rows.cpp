// Few rows read each element of b once, together, so that b is taken as it lies.
#include <rill/core/kernels/simd/few_rows.h>
#include <rill/core/kernels/simd/vector.h>

#if defined(RILL_HAS_VECTOR)

namespace rill::kernels::RILL_SIMD_LEVEL {
namespace {

// With so many rows of a, how many rows or vectors of b at a time: as many as leave registers for
// all else, since a sum of few waits for its last addition.
constexpr int at_a_time[] = {0, 8, 4, vector_registers / 8, vector_registers / 8};

// Row i of c = alpha · sum + beta · c + bias, for `columns` elements from j on.
void put(const Product<float>& p, int i, int64_t j, int64_t columns, const Vector& sum) {
  float* c = p.c + i * p.ldc + j;
  const Vector bias = p.bias ? load_first(columns, p.bias + j) : Vector{};
  Vector out = fma(fill(p.alpha), sum, bias);
  if (p.beta != 0) out = fma(fill(p.beta), load_first(columns, c), out);
  store_first(columns, out, c);
}

// ---- where columns of op(b) are rows of b --------------------------------------------------

// sums[i][r] += the products of row i of a with row r of b from column l on, as far as one load
// goes: each lane its share of the sum.
template <int M, int R, class Load>
[[gnu::always_inline]] inline void add(const Product<float>& p, const float* b, int64_t l,
                                       const Load& load_some, Vector (&sums)[M][R]) {
  Vector a[M];
  for (int i = 0; i < M; ++i) a[i] = load_some(p.a + i * p.lda + l);
  for (int r = 0; r < R; ++r) {
    const Vector x = loaded_once<M>(load_some(b + r * p.ldb + l));
    for (int i = 0; i < M; ++i) sums[i][r] = fma(a[i], x, sums[i][r]);
  }
}

// out[i][r + s] = each lane's share of the sum for row i of a and row j + r + s of b, s < R.
template <int M, int R>
[[gnu::always_inline]] inline void multiply_rows(const Product<float>& p, int64_t j, int r,
                                                 Vector (&out)[M][lanes]) {
  const float* b = p.b + (j + r) * p.ldb;
  Vector sums[M][R];
  for (int i = 0; i < M; ++i)
    for (int s = 0; s < R; ++s) sums[i][s] = Vector{};
  int64_t l = 0;
  for (; l + lanes <= p.k; l += lanes) add(p, b, l, load, sums);
  const auto load_rest = [&](const float* x) { return load_first(p.k - l, x); };
  if (l < p.k) add(p, b, l, load_rest, sums);
  for (int i = 0; i < M; ++i)
    for (int s = 0; s < R; ++s) out[i][r + s] = sums[i][s];
}

template <int M>
constexpr int rows_at_a_time = at_a_time[M] < lanes ? at_a_time[M] : lanes;

template <int M>
void multiply_by_last_rows(const Product<float>& p, int64_t j) {
  Vector sums[M][lanes];
  for (int i = 0; i < M; ++i)
    for (int r = 0; r < lanes; ++r) sums[i][r] = Vector{};
  constexpr int R = rows_at_a_time<M>;
  int r = 0;
  for (; j + r + R <= p.n; r += R) multiply_rows<M, R>(p, j, r, sums);
  for (; j + r < p.n; ++r) multiply_rows<M, 1>(p, j, r, sums);
  for (int i = 0; i < M; ++i) put(p, i, j, p.n - j, sum_of_each(sums[i]));
}

template <int M>
void multiply_by_rows(const Product<float>& p) {
  constexpr int R = rows_at_a_time<M>;
  static_assert(lanes % R == 0);
  Vector sums[M][lanes];
  int64_t j = 0;
  for (; j + lanes <= p.n; j += lanes) {
#pragma GCC unroll 8  // else g++ passes the sums through memory
    for (int r = 0; r < lanes; r += R) multiply_rows<M, R>(p, j, r, sums);
    for (int i = 0; i < M; ++i) put(p, i, j, lanes, sum_of_each(sums[i]));
  }
  if (j < p.n) multiply_by_last_rows<M>(p, j);
}

// ---- where they are columns ----------------------------------------------------------------

// V vectors of c, from j on, with `columns` elements each.
template <int M, int V, class Load>
[[gnu::always_inline]] inline void multiply_columns(const Product<float>& p, int64_t j,
                                                    int64_t columns, const Load& load_some) {
  const int64_t row = p.trans_a ? 1 : p.lda, step = p.trans_a ? p.lda : 1;
  Vector sums[M][V];
  for (int i = 0; i < M; ++i)
    for (int v = 0; v < V; ++v) sums[i][v] = Vector{};
  const float *a = p.a, *b = p.b + j;
  for (int64_t l = 0; l < p.k; ++l, a += step, b += p.ldb) {
    Vector x[V];
    for (int v = 0; v < V; ++v) x[v] = loaded_once<M>(load_some(b + v * lanes));
    for (int i = 0; i < M; ++i)
      for (int v = 0; v < V; ++v) sums[i][v] = fma(fill(a[i * row]), x[v], sums[i][v]);
  }
  for (int i = 0; i < M; ++i)
    for (int v = 0; v < V; ++v) put(p, i, j + v * lanes, columns, sums[i][v]);
}

// The columns from j on, first V vectors at a time, then fewer.
template <int M, int V>
void multiply_by_columns(const Product<float>& p, int64_t j) {
  for (; j + V * lanes <= p.n; j += V * lanes) multiply_columns<M, V>(p, j, lanes, load);
  if constexpr (V > 1) {
    multiply_by_columns<M, V / 2>(p, j);
  } else if (j < p.n) {
    const auto load_rest = [&](const float* x) { return load_first(p.n - j, x); };
    multiply_columns<M, 1>(p, j, p.n - j, load_rest);
  }
}

// ---- any of them ---------------------------------------------------------------------------

template <int M>
void multiply_slice(const Product<float>& p) {
  if constexpr (M > 1) {
    if (p.m < M) return multiply_slice<M - 1>(p);
  }
  if (p.trans_b) return multiply_by_rows<M>(p);
  multiply_by_columns<M, at_a_time[M]>(p, 0);
}

// In slices of k: a long sum whose elements come one after another loses digits.
void multiply(const Product<float>& whole) {
  for (int64_t l = 0; l < whole.k; l += gemm_depth) {
    Product<float> p = whole;
    p.k = whole.k - l < gemm_depth ? whole.k - l : gemm_depth;
    p.a += p.trans_a ? l * p.lda : l;
    p.b += p.trans_b ? l : l * p.ldb;
    if (l > 0) {
      p.beta = 1;
      p.bias = nullptr;
    }
    multiply_slice<most_few_rows>(p);
  }
}

}  // namespace

extern const FewRows few_rows;
const FewRows few_rows = {multiply};

}  // namespace rill::kernels::RILL_SIMD_LEVEL

#else

namespace rill::kernels::RILL_SIMD_LEVEL {

extern const FewRows few_rows;
const FewRows few_rows = {nullptr};

}  // namespace rill::kernels::RILL_SIMD_LEVEL

#endif
