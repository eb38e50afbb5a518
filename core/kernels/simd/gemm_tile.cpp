// A block of b is packed, unless few rows read it, into panels of neighbouring columns that stay in
// the second-level cache. A few rows of a at a time are multiplied with one panel after the other,
// their part of c in registers (Goto and van de Geijn 2008, "Anatomy of high-performance matrix
// multiplication").
#include <rill/core/kernels/simd/gemm_tile.h>
#include <rill/core/kernels/simd/vector.h>

#if defined(RILL_HAS_VECTOR)

namespace rill::kernels::RILL_SIMD_LEVEL {
namespace {

// Of 32 registers 12 rows would leave some, but compilers then put sums into memory.
constexpr int most_rows = vector_registers == 32 ? 8 : 6;
// Of a panel: 2 · most_rows sums, a row of the panel and an element of a are in registers.
constexpr int panel = 2 * lanes;
// So many columns share a strip of a that is packed, or more.
constexpr int64_t columns_worth_packing = 8 * panel;

static_assert(gemm_room(0) >= (most_rows + 1) * panel);
static_assert(gemm_column_step % panel == 0);

// Element [i, l] is data[i * row + l * step].
struct Rows {
  const float* data;
  int64_t row, step;
};

// What becomes of a sum: c = alpha · sum + beta · c + bias, null for none.
struct Target {
  float alpha, beta;
  float* c;
  int64_t ldc;
  const float* bias;
};

template <int R, int V>
[[gnu::always_inline]] inline void put(const Vector (&sums)[R][V], const Target& to) {
  Vector bias[V] = {};
  if (to.bias) {
    for (int v = 0; v < V; ++v) bias[v] = load(to.bias + v * lanes);
  }
#pragma GCC unroll 8  // else g++ keeps the sums in memory on aarch64
  for (int i = 0; i < R; ++i) {
    for (int v = 0; v < V; ++v) {
      float* c = to.c + i * to.ldc + v * lanes;
      const Vector sum = fma(fill(to.alpha), sums[i][v], bias[v]);
      store(to.beta == 0 ? sum : fma(fill(to.beta), load(c), sum), c);
    }
  }
}

// R rows of a times V vectors of columns of b, whose rows begin ldb apart. c is fetched meanwhile.
template <int R, int V>
void multiply_rows(int64_t depth, const Rows& a, const float* b, int64_t ldb, const Target& to) {
  Vector sums[R][V];
  for (int i = 0; i < R; ++i) {
    for (int v = 0; v < V; ++v) {
      sums[i][v] = Vector{};
      __builtin_prefetch(to.c + i * to.ldc + v * lanes, 1);
    }
  }
  const float* x = a.data;
  for (int64_t l = 0; l < depth; ++l, x += a.step, b += ldb) {
    Vector columns[V];
    for (int v = 0; v < V; ++v) columns[v] = load(b + v * lanes);
    for (int i = 0; i < R; ++i) {
      for (int v = 0; v < V; ++v) sums[i][v] = fma(fill(x[i * a.row]), columns[v], sums[i][v]);
    }
  }
  put(sums, to);
}

// R columns of a, which lie side by side, beneath each other: out [depth, R]. As they lie, the
// lines of a column fall into few sets of the first-level cache, and each panel would fetch them
// again.
template <int R>
void pack_rows(int64_t depth, const Rows& a, float* out) {
  for (int64_t l = 0; l < depth; ++l)
    std::memcpy(out + l * R, a.data + l * a.step, R * sizeof(float));
}

using PackRows = void (*)(int64_t, const Rows&, float*);
using MultiplyRows = void (*)(int64_t, const Rows&, const float*, int64_t, const Target&);

// What there is for each number of rows.
struct ByRows {
  PackRows pack[most_rows];
  MultiplyRows narrow[most_rows], wide[most_rows];
};
template <int... I>
constexpr ByRows by_rows(std::integer_sequence<int, I...>) {
  return {{pack_rows<I + 1>...}, {multiply_rows<I + 1, 1>...}, {multiply_rows<I + 1, 2>...}};
}
constexpr ByRows of_rows = by_rows(std::make_integer_sequence<int, most_rows>());

int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
int64_t width_of(int64_t columns) { return columns > lanes ? panel : lanes; }

// ---- packing -------------------------------------------------------------------------------

// out [lanes, lanes], rows a panel apart, = the transpose of x, rows ldx apart.
void transpose_block(const float* x, int64_t ldx, float* out) {
  Vector rows[lanes];
  for (int i = 0; i < lanes; ++i) rows[i] = load(x + i * ldx);
  transpose(rows);
  for (int i = 0; i < lanes; ++i) store(rows[i], out + i * panel);
}

// out [depth, panel] = the first `columns` columns of x (transposed: rows), and 0 up to the end of
// a vector.
void pack_panel(bool trans, int64_t depth, int64_t columns, const float* x, int64_t ldx,
                float* out) {
  int64_t done = 0;  // columns, in whole vectors
  for (; done + lanes <= columns; done += lanes) {
    int64_t l = 0;
    if (trans) {
      for (; l + lanes <= depth; l += lanes)
        transpose_block(x + done * ldx + l, ldx, out + l * panel + done);
      for (; l < depth; ++l)
        for (int j = 0; j < lanes; ++j) out[l * panel + done + j] = x[(done + j) * ldx + l];
    } else {
      for (; l < depth; ++l) store(load(x + l * ldx + done), out + l * panel + done);
    }
  }
  if (done == width_of(columns)) return;
  for (int64_t l = 0; l < depth; ++l) {
    for (int64_t j = done; j < width_of(columns); ++j)
      out[l * panel + j] = j >= columns ? 0 : trans ? x[j * ldx + l] : x[l * ldx + j];
  }
}

// Whole panels of x [depth, ...], row by row: so memory is read as it comes.
void pack_whole_panels(int64_t panels, int64_t depth, const float* x, int64_t ldx, float* out) {
  for (int64_t l = 0; l < depth; ++l) {
    for (int64_t i = 0; i < panels; ++i) {
      const float* from = x + l * ldx + i * panel;
      float* to = out + (i * depth + l) * panel;
      for (int v = 0; v < 2; ++v) store(load(from + v * lanes), to + v * lanes);
    }
  }
}

// out: one panel of op(b) after the other; a vector that has no column is left alone.
void pack(bool trans, int64_t depth, int64_t columns, const float* b, int64_t ldb, float* out) {
  const int64_t whole = trans ? 0 : columns / panel;
  pack_whole_panels(whole, depth, b, ldb, out);
  for (int64_t j = whole * panel; j < columns; j += panel)
    pack_panel(trans, depth, smaller(panel, columns - j), b + j * (trans ? ldb : 1), ldb,
               out + j * depth);
}

// ---- a block of k and of the columns -------------------------------------------------------

// Where the columns of b are: the panel of column j begins at data + j * next, its rows `row`
// apart.
struct Panels {
  const float* data;
  int64_t next, row;
};

// `room` holds them where they must be packed.
Panels panels_of(const Product<float>& p, float* room) {
  if (p.panel_rows > 0) return {p.b, p.panel_rows, panel};
  // Packing pays where many rows read the columns, or vectors would read behind their end.
  if (!p.trans_b && p.n % lanes == 0 && p.m <= 4 * most_rows) return {p.b, 1, p.ldb};
  pack(p.trans_b, p.k, p.n, p.b, p.ldb, room);
  return {room, p.k, panel};
}

void copy(int64_t rows, int64_t columns, const float* from, int64_t from_row, float* to,
          int64_t to_row) {
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) to[i * to_row + j] = from[i * from_row + j];
}

// `rows` rows of op(a) times the panel of b that begins at column j. A panel wider than what c has
// left goes by way of `room`, so that each element is made alike.
void multiply_panel(const Product<float>& p, int64_t rows, const Rows& a, int64_t j,
                    const Panels& panels, float* c, float* room) {
  const int64_t columns = smaller(panel, p.n - j), width = width_of(columns);
  const MultiplyRows f = (width == panel ? of_rows.wide : of_rows.narrow)[rows - 1];
  const float* b = panels.data + j * panels.next;
  const float* bias = p.bias ? p.bias + j : nullptr;
  if (columns == width) return f(p.k, a, b, panels.row, {p.alpha, p.beta, c + j, p.ldc, bias});
  float* bias_room = room + most_rows * panel;
  if (bias) copy(1, columns, bias, 0, bias_room, 0);
  if (p.beta != 0) copy(rows, columns, c + j, p.ldc, room, width);
  f(p.k, a, b, panels.row, {p.alpha, p.beta, room, width, bias ? bias_room : nullptr});
  copy(rows, columns, room, width, c + j, p.ldc);
}

// Rows i to i + rows of op(a), packed into `strip` where that pays.
Rows strip_of(const Product<float>& p, int64_t i, int64_t rows, float* strip) {
  if (!p.trans_a) return {p.a + i * p.lda, p.lda, 1};
  const Rows lying{p.a + i, 1, p.lda};
  if (p.n < columns_worth_packing) return lying;
  of_rows.pack[rows - 1](p.k, lying, strip);
  return {strip, 1, rows};
}

void multiply_block(const Product<float>& p, float* packed, float* room) {
  const Panels panels = panels_of(p, packed);
  alignas(64) float strip[gemm_depth * most_rows];
  const int64_t strips = (p.m + most_rows - 1) / most_rows;
  for (int64_t s = 0; s < strips; ++s) {
    const int64_t i = p.m * s / strips, rows = p.m * (s + 1) / strips - i;
    const Rows a = strip_of(p, i, rows, strip);
    for (int64_t j = 0; j < p.n; j += panel)
      multiply_panel(p, rows, a, j, panels, p.c + i * p.ldc, room);
  }
}

// Where the block of b begins whose first element is op(b) [l, j].
int64_t first_of_b(const Product<float>& p, int64_t l, int64_t j) {
  if (p.panel_rows > 0) return j * p.panel_rows + l * panel;
  return p.trans_b ? j * p.ldb + l : l * p.ldb + j;
}

void multiply(const Product<float>& whole, int64_t columns, float* room) {
  for (int64_t l = 0; l < whole.k; l += gemm_depth) {
    for (int64_t j = 0; j < whole.n; j += columns) {
      Product<float> p = whole;
      p.k = smaller(gemm_depth, whole.k - l);
      p.n = smaller(columns, whole.n - j);
      p.a += p.trans_a ? l * p.lda : l;
      p.b += first_of_b(p, l, j);
      p.c += j;
      if (p.bias) p.bias = l == 0 ? p.bias + j : nullptr;
      if (l > 0) p.beta = 1;
      multiply_block(p, room, room + gemm_depth * columns);
    }
  }
}

}  // namespace

extern const GemmTile gemm_tile;
const GemmTile gemm_tile = {multiply, pack};

}  // namespace rill::kernels::RILL_SIMD_LEVEL

#else

namespace rill::kernels::RILL_SIMD_LEVEL {

extern const GemmTile gemm_tile;
const GemmTile gemm_tile = {nullptr, nullptr};

}  // namespace rill::kernels::RILL_SIMD_LEVEL

#endif
