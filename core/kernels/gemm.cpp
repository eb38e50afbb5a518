// c [m, n] = alpha · op(a) [m, k] · op(b) [k, n] + beta · c + bias, for a batch of products. What
// it says is core/kernels/plain_gemm.cpp, which makes the smallest; this file is about speed.
//
// The threads share the tiles of c; k is never split, so that each element of c is one sum, made in
// one order, however many threads there are. OpenBLAS's results change with its number of threads
// and with the tile, so it is given one thread, and tiles that depend on the shapes alone. Those of
// rill's own kernels change nothing: each thread gets one.
#include <cblas.h>
#include <omp.h>
#include <unistd.h>

#include <rill/core/error.h>
#include <rill/core/kernels/dispatch.h>
#include <rill/core/kernels/flops.h>
#include <rill/core/kernels/gemm.h>
#include <rill/core/kernels/parallel.h>
#include <rill/core/kernels/plain_gemm.h>
#include <rill/core/kernels/scratch.h>
#include <rill/core/kernels/simd/few_rows.h>
#include <rill/core/kernels/simd/gemm_tile.h>
#include <rill/core/threads.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <type_traits>

namespace rill::kernels {

RILL_SIMD_PICK(GemmTile, gemm_tile)
RILL_SIMD_PICK(FewRows, few_rows)

bool gemm_can_be_cut() { return pick_gemm_tile().multiply != nullptr; }

namespace {

constexpr int64_t products_worth_blas = 64;  // a call of BLAS takes as long as about so many
constexpr double flops_worth_threads = 5e5;
constexpr int64_t tile_rows = 192, tile_columns = 256;  // the fastest of those tried

blasint size(int64_t n) { return static_cast<blasint>(n); }
CBLAS_TRANSPOSE transpose(bool yes) { return yes ? CblasTrans : CblasNoTrans; }

void blas_gemm(const Product<float>& p) {
  cblas_sgemm(CblasRowMajor, transpose(p.trans_a), transpose(p.trans_b), size(p.m), size(p.n),
              size(p.k), p.alpha, p.a, size(p.lda), p.b, size(p.ldb), p.beta, p.c, size(p.ldc));
}

void blas_gemm(const Product<double>& p) {
  cblas_dgemm(CblasRowMajor, transpose(p.trans_a), transpose(p.trans_b), size(p.m), size(p.n),
              size(p.k), p.alpha, p.a, size(p.lda), p.b, size(p.ldb), p.beta, p.c, size(p.ldc));
}

// OpenBLAS starts threads of its own where OpenMP allows more than one.
class OneBlasThread {
 public:
  OneBlasThread() : saved_(in_parallel() ? 1 : omp_get_max_threads()) {
    if (saved_ > 1) omp_set_num_threads(1);
  }
  ~OneBlasThread() {
    if (saved_ > 1) omp_set_num_threads(saved_);
  }
  OneBlasThread(const OneBlasThread&) = delete;
  OneBlasThread& operator=(const OneBlasThread&) = delete;

 private:
  int saved_;
};

// c = beta · c + bias.
template <class T>
void begin_output(const Product<T>& p) {
  for (int64_t i = 0; i < p.m; ++i) {
    T* c = p.c + i * p.ldc;
    for (int64_t j = 0; j < p.n; ++j)
      c[j] = (p.beta == 0 ? T(0) : p.beta * c[j]) + (p.bias ? p.bias[j] : T(0));
  }
}

// How many columns of b are packed at a time: half of the second-level cache holds them. Where they
// are many, more panels share what is fetched of a; where its size is not known, it has 256 KB.
int64_t columns_of_block() {
#if defined(_SC_LEVEL2_CACHE_SIZE)
  static const int64_t cache = sysconf(_SC_LEVEL2_CACHE_SIZE);
#else
  static const int64_t cache = 0;
#endif
  constexpr int64_t bytes_of_column = gemm_depth * sizeof(float);
  const int64_t columns = cache / 2 / bytes_of_column;
  return std::clamp<int64_t>(columns / gemm_column_step * gemm_column_step, 128, 512);
}

void multiply_by_tile(const Product<float>& p) {
  constexpr int64_t few = 128;
  if (p.n > few && columns_of_block() > few) {
    const int64_t columns = std::min(columns_of_block(), round_up(p.n, gemm_column_step));
    return pick_gemm_tile().multiply(p, columns, Scratch<float>(gemm_room(columns)).data());
  }
  alignas(64) float room[gemm_room(few)];  // 130 KB of the stack, which stay in the cache
  pick_gemm_tile().multiply(p, few, room);
}

// The kernel takes no product of two transposes: a, which has few rows, is turned before.
void multiply_few_rows(Product<float> p) {
  if (!p.trans_a || !p.trans_b) return pick_few_rows().multiply(p);
  const Scratch<float> rows(p.m * p.k);
  for (int64_t l = 0; l < p.k; ++l)
    for (int64_t i = 0; i < p.m; ++i) rows.data()[i * p.k + l] = p.a[l * p.lda + i];
  p.trans_a = false;
  p.a = rows.data();
  p.lda = p.k;
  pick_few_rows().multiply(p);
}

// op(b)ᵀ · op(a)ᵀ has few rows, and is turned afterwards: so beta and bias wait until then.
void multiply_few_columns(const Product<float>& p) {
  const Scratch<float> columns(p.n * p.m);
  multiply_few_rows({!p.trans_b, !p.trans_a, p.n, p.m, p.k, p.alpha, p.b, p.ldb, p.a, p.lda, 0,
                     columns.data(), p.m, nullptr});
  for (int64_t j = 0; j < p.n; ++j) {
    const float* sums = columns.data() + j * p.m;
    const float bias = p.bias ? p.bias[j] : 0;
    for (int64_t i = 0; i < p.m; ++i) {
      float& c = p.c[i * p.ldc + j];
      c = sums[i] + bias + (p.beta == 0 ? 0 : p.beta * c);
    }
  }
}

// What multiplies: rill's own kernels take float, plain loops the smallest of what is left, and
// where k is 0, with which BLAS would leave c alone.
enum class Way { few_rows, few_columns, tile, plain, blas };

template <class T>
bool has_kernels() {
  return std::is_same_v<T, float> && gemm_can_be_cut();
}

// Few columns are a smaller part of a vector of AVX-512, and for it alone OpenBLAS has kernels of
// small products.
bool blas_takes_few_columns() { return simd_level() == SimdLevel::avx512; }

template <class T>
bool worth_tile(int64_t columns) {
  return has_kernels<T>() && columns > (blas_takes_few_columns() ? 7 : most_few_rows);
}

template <class T>
Way way_of(const Product<T>& p) {
  if (p.k == 0) return Way::plain;
  if (has_kernels<T>() && p.m <= most_few_rows) return Way::few_rows;
  if (worth_tile<T>(p.n)) return Way::tile;
  if (has_kernels<T>() && !blas_takes_few_columns()) return Way::few_columns;
  const bool small = p.m * p.n <= products_worth_blas && p.m * p.n * p.k <= products_worth_blas;
  return small ? Way::plain : Way::blas;
}

template <class T>
void multiply(Product<T> p, Way way) {
  if constexpr (std::is_same_v<T, float>) {
    if (way == Way::few_rows) return multiply_few_rows(p);
    if (way == Way::few_columns) return multiply_few_columns(p);
    if (way == Way::tile) return multiply_by_tile(p);
  }
  if (way == Way::plain) return plain_gemm(p);
  if (p.bias) {
    begin_output(p);
    p.beta = 1;
  }
  const OneBlasThread one_blas_thread;
  blas_gemm(p);
}

// How c is cut: into `down` by `across` tiles of `rows` by `columns`, the last ones smaller.
struct Tiles {
  int64_t rows, columns, down, across;
};

Tiles tiles_of(int64_t m, int64_t n, int64_t rows, int64_t columns) {
  return {rows, columns, divide_up(m, rows), divide_up(n, columns)};
}

// For BLAS: about tile_rows by tile_columns; smaller where that gives too few to share and each is
// still worth a thread.
Tiles cut(int64_t batch, int64_t m, int64_t n, int64_t k) {
  constexpr double enough = 8;
  int64_t down = divide_up(m, tile_rows), across = divide_up(n, tile_columns);
  const auto tiles = [&] { return static_cast<double>(batch * down * across); };
  const double flops = 2.0 * static_cast<double>(batch * m) * static_cast<double>(n * k);
  while (tiles() < enough && flops / tiles() > 4 * flops_worth_threads) {
    ++(m / down >= n / across ? down : across);
  }
  return tiles_of(m, n, round_up(divide_up(m, down), 16), round_up(divide_up(n, across), 16));
}

// For rill's own kernels: one for each thread that is worth it, of those the most nearly square. A
// small batch that the threads cannot share evenly is cut until they can.
Tiles share(int64_t batch, int64_t m, int64_t n, int64_t k) {
  const double flops = 2.0 * static_cast<double>(batch * m) * static_cast<double>(n * k);
  const double worth = std::floor(flops / flops_worth_threads);
  if (worth < 2 || in_parallel()) return {m, n, 1, 1};
  const int64_t busy = static_cast<int64_t>(std::min<double>(worth, threads_now()));
  const int64_t parts = batch >= 8 * busy ? 1 : busy / std::gcd(busy, batch);
  Tiles best = {m, n, 1, 1};
  for (int64_t down = 1; down <= parts; ++down) {
    if (parts % down != 0) continue;
    const int64_t rows = divide_up(m, down), across = divide_up(n, parts / down);
    const int64_t columns = round_up(across, gemm_column_step);
    if (down == 1 || rows + columns < best.rows + best.columns)
      best = tiles_of(m, n, rows, columns);
  }
  return best;
}

template <class T>
Product<T> tile_of(Product<T> p, const Tiles& tiles, int64_t index) {
  const int64_t row = index / tiles.across * tiles.rows;
  const int64_t column = index % tiles.across * tiles.columns;
  p.m = std::min(tiles.rows, p.m - row);
  p.n = std::min(tiles.columns, p.n - column);
  p.a += p.trans_a ? row : row * p.lda;
  p.b += p.trans_b ? column * p.ldb : column;
  p.c += row * p.ldc + column;
  if (p.bias) p.bias += column;
  return p;
}

// A single row may lie at any distance from the next; BLAS wants one of at least its length.
int64_t row_distance(const char* name, int64_t rows, int64_t columns, int64_t ld) {
  if (rows <= 1) ld = columns;
  if (ld < columns) {
    fail<ValueError>("gemm: rows of ", name, " hold ", columns, " elements but begin ", ld,
                     " apart: make it contiguous");
  }
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  if (rows > most || ld > most) {
    fail<ValueError>("gemm: ", name, " is ", rows, " x ", columns, " with rows ", ld,
                     " elements apart, but BLAS counts to ", most, ": split the product");
  }
  return std::max<int64_t>(ld, 1);
}

template <class T>
void check(Product<T>& p) {
  p.lda = row_distance("a", p.trans_a ? p.k : p.m, p.trans_a ? p.m : p.k, p.lda);
  p.ldb = row_distance("b", p.trans_b ? p.n : p.k, p.trans_b ? p.k : p.n, p.ldb);
  p.ldc = row_distance("c", p.m, p.n, p.ldc);
}

template <class T>
void run_here(Product<T> p) {
  check(p);
  if (p.m <= 0 || p.n <= 0) return;
  flops += static_cast<uint64_t>(2 * p.m * p.n * p.k);
  multiply(p, way_of(p));
}

// begin(p, i) moves p to product i of the batch.
template <class T, class Begin>
void run(int64_t batch, Product<T> p, Begin begin) {
  check(p);
  if (batch <= 0 || p.m <= 0 || p.n <= 0) return;
  flops += static_cast<uint64_t>(2 * batch * p.m * p.n * p.k);
  const Way way = way_of(p);
  const bool own = way != Way::plain && way != Way::blas;
  const Tiles tiles = (own ? share : cut)(batch, p.m, p.n, p.k);
  const int64_t each = tiles.down * tiles.across;
  if (batch * each == 1) {  // the smallest products would take as long to look for their part
    const FloatState state(Denormals::are_zero);
    begin(p, 0);
    return multiply(p, way);
  }
  const int64_t rows = std::min(tiles.rows, p.m), columns = std::min(tiles.columns, p.n);
  const double flops =
      2.0 * static_cast<double>(rows * columns) * static_cast<double>(std::max<int64_t>(p.k, 1));
  const auto grain = static_cast<int64_t>(flops_worth_threads / flops);
  parallel_for(batch * each, std::max<int64_t>(grain, 1), [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      Product<T> product = p;
      begin(product, i / each);
      multiply(tile_of(product, tiles, i % each), way);
    }
  });
}

}  // namespace

template <class T>
void gemm(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, T alpha, const T* a,
          int64_t lda, const T* b, int64_t ldb, T beta, T* c, int64_t ldc, const T* bias) {
  run(1, Product<T>{trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, bias},
      [](Product<T>&, int64_t) {});
}

template <class T>
void gemm_on_this_thread(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, T alpha,
                         const T* a, int64_t lda, const T* b, int64_t ldb, T beta, T* c,
                         int64_t ldc) {
  run_here(Product<T>{trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, nullptr});
}

template <class T>
SharedOperand<T>::SharedOperand(bool trans_b, int64_t k, int64_t n, const T* b, int64_t ldb,
                                bool worth_packing)
    : trans(trans_b),
      data(b),
      ld(ldb),
      panel_rows(worth_packing && worth_tile<T>(n) ? k : 0),
      panels(panel_rows * round_up(n, gemm_column_step)) {
  if constexpr (std::is_same_v<T, float>) {
    if (panel_rows > 0) pick_gemm_tile().pack(trans, k, n, data, ld, panels.data());
  }
}

template <class T>
void gemm(bool trans_a, int64_t m, int64_t n, int64_t k, T alpha, const T* a, int64_t lda,
          const SharedOperand<T>& b, T beta, T* c, int64_t ldc) {
  gemm<T>(trans_a, b.trans, m, n, k, alpha, a, lda, b.data, b.ld, beta, c, ldc);
}

template <class T>
void gemm_on_this_thread(bool trans_a, int64_t m, int64_t n, int64_t k, T alpha, const T* a,
                         int64_t lda, const SharedOperand<T>& b, T beta, T* c, int64_t ldc) {
  Product<T> p{trans_a, b.trans, m, n, k, alpha, a, lda, b.data, b.ld, beta, c, ldc, nullptr};
  if (b.panel_rows > 0 && way_of(p) == Way::tile) {
    p.b = b.panels.data();
    p.panel_rows = b.panel_rows;
  }
  run_here(p);
}

template <class T>
void gemm_batched(int64_t batch, bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k,
                  T alpha, const T* a, int64_t lda, int64_t stride_a, const T* b, int64_t ldb,
                  int64_t stride_b, T beta, T* c, int64_t ldc, int64_t stride_c) {
  run(batch, Product<T>{trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, nullptr},
      [=](Product<T>& p, int64_t i) {
        p.a += i * stride_a;
        p.b += i * stride_b;
        p.c += i * stride_c;
      });
}

template <class T>
void gemm_batched(int64_t batch, bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k,
                  T alpha, const T* a, int64_t lda, const int64_t* offsets_a, const T* b,
                  int64_t ldb, const int64_t* offsets_b, T beta, T* c, int64_t ldc,
                  int64_t stride_c) {
  run(batch, Product<T>{trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, nullptr},
      [=](Product<T>& p, int64_t i) {
        p.a += offsets_a[i];
        p.b += offsets_b[i];
        p.c += i * stride_c;
      });
}

#define RILL_INSTANTIATE(T)                                                                        \
  template struct SharedOperand<T>;                                                                \
  template void gemm<T>(bool, int64_t, int64_t, int64_t, T, const T*, int64_t,                     \
                        const SharedOperand<T>&, T, T*, int64_t);                                  \
  template void gemm_on_this_thread<T>(bool, int64_t, int64_t, int64_t, T, const T*, int64_t,      \
                                       const SharedOperand<T>&, T, T*, int64_t);                   \
  template void gemm_on_this_thread<T>(bool, bool, int64_t, int64_t, int64_t, T, const T*,         \
                                       int64_t, const T*, int64_t, T, T*, int64_t);                \
  template void gemm<T>(bool, bool, int64_t, int64_t, int64_t, T, const T*, int64_t, const T*,     \
                        int64_t, T, T*, int64_t, const T*);                                        \
  template void gemm_batched<T>(int64_t, bool, bool, int64_t, int64_t, int64_t, T, const T*,       \
                                int64_t, int64_t, const T*, int64_t, int64_t, T, T*, int64_t,      \
                                int64_t);                                                          \
  template void gemm_batched<T>(int64_t, bool, bool, int64_t, int64_t, int64_t, T, const T*,       \
                                int64_t, const int64_t*, const T*, int64_t, const int64_t*, T, T*, \
                                int64_t, int64_t);
RILL_INSTANTIATE(float)
RILL_INSTANTIATE(double)
#undef RILL_INSTANTIATE

}  // namespace rill::kernels
