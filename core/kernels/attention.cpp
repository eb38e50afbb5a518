#include <rill/core/kernels/attention.h>
#include <rill/core/kernels/dispatch.h>
#include <rill/core/kernels/flops.h>
#include <rill/core/kernels/gemm.h>
#include <rill/core/kernels/parallel.h>
#include <rill/core/kernels/scratch.h>
#include <rill/core/kernels/simd/attention_rows.h>
#include <algorithm>
#include <limits>

namespace rill::kernels {

RILL_SIMD_PICK(AttentionTable, attention_rows)

namespace {

constexpr int64_t max_block = 64;  // rows of scores held at a time

int64_t blocks_of_row(int64_t keys) { return (keys + 63) / 64 * 16; }

// An operand of one head: a matrix whose rows lie `stride` apart.
template <class T>
struct Matrix {
  T* data;
  int64_t stride;
  T* row(int64_t i) const { return data + i * stride; }
};

// Calls f(batch, head) for every head, on several threads where they have enough to do.
template <class F>
void for_each_head(const AttentionShape& shape, F f) {
  const int64_t heads = shape.batch * shape.heads;
  const int64_t work = heads * shape.queries * shape.keys * (shape.dim + shape.value_dim);
  FlopsOfAll counted;
  parallel_for(heads, work < 131072 ? heads : 1, [&](int64_t begin, int64_t end) {
    const FlopsOfAll::Part part(counted);
    const FlushDenormals flush;
    for (int64_t i = begin; i < end; ++i) f(i / shape.heads, i % shape.heads);
  });
}

// What forward and backward share: the scores of one head, a block of query rows at a time.
template <class T>
class Head {
 public:
  Head(const AttentionShape& shape, const Attention<T>& options, Rows<const T> q, Rows<const T> k,
       Rows<const T> v, int64_t batch, int64_t head)
      : shape_(shape), options_(options), batch_(batch), head_(head) {
    q_ = matrix(q, shape.dim);
    k_ = matrix(k, shape.dim);
    v_ = matrix(v, shape.value_dim);
    skips_ = options.causal && finite(k_, shape.dim) && finite(v_, shape.value_dim);
  }

  template <class U>
  Matrix<U> matrix(Rows<U> x, int64_t cols) const {
    return {x.data + batch_ * x.batch + head_ * x.head, std::max(x.row, cols)};
  }

  // Small blocks skip more of the causal half.
  int64_t block() const { return skips_ && shape_.keys <= 256 ? 32 : max_block; }

  int64_t row_number() const { return (batch_ * shape_.heads + head_) * shape_.queries; }

  // Keys that row i sees.
  int64_t visible(int64_t i) const {
    if (!options_.causal) return shape_.keys;
    return std::clamp<int64_t>(i + 1 + options_.diagonal, 0, shape_.keys);
  }

  // Keys that a block of rows up to `end` has to look at.
  int64_t width(int64_t end) const { return skips_ ? visible(end - 1) : shape_.keys; }

  // The masked scores [end - begin, width] of rows [begin, end). In each row those behind length()
  // are hidden and left as they are.
  void scores(int64_t begin, int64_t end, T* s) const {
    const int64_t n = width(end);
    if (n == 0) return;
    gemm<T>(false, true, end - begin, n, shape_.dim, options_.scale, q_.row(begin), q_.stride,
            k_.data, k_.stride, 0, s, n);
    for (int64_t i = begin; i < end; ++i, s += n) mask_row(i, n, s);
  }

  // How many of the scores of row i count.
  int64_t length(int64_t i) const { return skips_ ? visible(i) : shape_.keys; }

  // The factors of dropout for row i, or null.
  const T* keep(int64_t i, int64_t n, T* room) const {
    if (options_.dropout == 0) return nullptr;
    const int64_t blocks = blocks_of_row(shape_.keys);
    const uint64_t first = options_.offset + static_cast<uint64_t>((row_number() + i) * blocks);
    rows_.keep(n, options_.key, first, options_.dropout, room);
    return room;
  }

  const AttentionRows<T>& rows() const { return rows_; }
  const AttentionShape& shape() const { return shape_; }
  T scale() const { return options_.scale; }
  const Matrix<const T>& q() const { return q_; }
  const Matrix<const T>& k() const { return k_; }
  const Matrix<const T>& v() const { return v_; }

 private:
  bool finite(const Matrix<const T>& x, int64_t cols) const {
    for (int64_t i = 0; i < shape_.keys; ++i) {
      if (!rows_.finite(cols, x.row(i))) return false;
    }
    return true;
  }

  void mask_row(int64_t i, int64_t n, T* s) const {
    const AttentionMask<T>& m = options_.mask;
    const int64_t at = batch_ * m.batch + head_ * m.head + i * m.row;
    rows_.mask(std::min(n, length(i)), m.allowed ? m.allowed + at : nullptr,
               m.added ? m.added + at : nullptr, m.col, s);
    if (skips_) return;
    for (int64_t j = visible(i); j < n; ++j) s[j] -= std::numeric_limits<T>::infinity();
  }

  const AttentionShape& shape_;
  const Attention<T>& options_;
  const AttentionRows<T>& rows_ = pick_attention_rows().template of<T>();
  int64_t batch_, head_;
  Matrix<const T> q_, k_, v_;
  bool skips_;
};

// Turns the scores of rows [begin, end) into weights that still want their row's factor `inverse`.
template <class T>
void weigh(const Head<T>& head, int64_t begin, int64_t end, T* s, T* keep, T* inverse,
           double* lse) {
  const int64_t n = head.width(end);
  for (int64_t i = begin; i < end; ++i, s += n, ++inverse) {
    const int64_t length = head.length(i);
    const double l = head.rows().softmax(length, head.keep(i, length, keep), s, inverse);
    std::fill(s + length, s + n, T(0));
    if (lse) lse[head.row_number() + i] = l;
  }
}

int64_t rounded(int64_t keys) { return (keys + 63) / 64 * 64; }

template <class T>
void head_forward(const Head<T>& head, Matrix<T> out, double* lse) {
  struct Room;
  const AttentionShape& shape = head.shape();
  const int64_t block = std::min(head.block(), shape.queries);
  T* keep = scratch<T, Room>((block + 1) * rounded(shape.keys));
  T* s = keep + rounded(shape.keys);
  T inverse[max_block];
  for (int64_t begin = 0; begin < shape.queries; begin += block) {
    const int64_t end = std::min(shape.queries, begin + block), n = head.width(end);
    head.scores(begin, end, s);
    weigh(head, begin, end, s, keep, inverse, lse);
    gemm<T>(false, false, end - begin, shape.value_dim, n, 1, s, std::max<int64_t>(n, 1),
            head.v().data, head.v().stride, 0, out.row(begin), out.stride);
    for (int64_t i = begin; i < end; ++i) {
      head.rows().scale(shape.value_dim, inverse[i - begin], out.row(i));
    }
  }
}

template <class T>
void head_weights(const Head<T>& head, T* weights) {
  struct Room;
  const int64_t queries = head.shape().queries, keys = head.shape().keys;
  const int64_t block = std::min(head.block(), queries);
  T* keep = scratch<T, Room>((block + 1) * rounded(keys));
  T* s = keep + rounded(keys);
  T inverse[max_block];
  for (int64_t begin = 0; begin < queries; begin += block) {
    const int64_t end = std::min(queries, begin + block), n = head.width(end);
    head.scores(begin, end, s);
    weigh<T>(head, begin, end, s, keep, inverse, nullptr);
    for (int64_t i = begin; i < end; ++i) {
      T* row = s + (i - begin) * n;
      T* out = weights + (head.row_number() + i) * keys;
      head.rows().scale(n, inverse[i - begin], row);
      std::fill(std::copy(row, row + n, out), out + keys, T(0));
    }
  }
}

template <class T>
void clear(Matrix<T> x, int64_t rows, int64_t cols) {
  for (int64_t i = 0; i < rows; ++i) std::fill_n(x.row(i), cols, T(0));
}

template <class T>
struct HeadGradients {
  Matrix<const T> out, dout;
  const double* lse;
  Matrix<T> dq, dk, dv;
};

// s: scores, which become the weights; dp: their gradients, which become those of the scores.
template <class T>
void block_gradients(const Head<T>& head, const HeadGradients<T>& g, int64_t begin, int64_t end,
                     T* s, T* dp, T* keep) {
  const int64_t n = head.width(end), cols = head.shape().value_dim;
  for (int64_t i = begin; i < end; ++i, s += n, dp += n) {
    const int64_t length = head.length(i);
    const T delta = head.rows().dot(cols, g.dout.row(i), g.out.row(i));
    head.rows().gradient(length, head.keep(i, length, keep), g.lse[head.row_number() + i], delta, s,
                         dp);
    std::fill(s + length, s + n, T(0));
    std::fill(dp + length, dp + n, T(0));
  }
}

template <class T>
void block_backward(const Head<T>& head, const HeadGradients<T>& g, int64_t begin, int64_t end,
                    T* s, T* dp, T* keep) {
  const int64_t m = end - begin, n = head.width(end);
  const int64_t dim = head.shape().dim, value_dim = head.shape().value_dim;
  if (n == 0) return clear<T>({g.dq.row(begin), g.dq.stride}, m, dim);
  head.scores(begin, end, s);
  gemm<T>(false, true, m, n, value_dim, 1, g.dout.row(begin), g.dout.stride, head.v().data,
          head.v().stride, 0, dp, n);
  block_gradients(head, g, begin, end, s, dp, keep);
  gemm<T>(true, false, n, value_dim, m, 1, s, n, g.dout.row(begin), g.dout.stride, 1, g.dv.data,
          g.dv.stride);
  gemm<T>(true, false, n, dim, m, head.scale(), dp, n, head.q().row(begin), head.q().stride, 1,
          g.dk.data, g.dk.stride);
  gemm<T>(false, false, m, dim, n, head.scale(), dp, n, head.k().data, head.k().stride, 0,
          g.dq.row(begin), g.dq.stride);
}

template <class T>
void head_backward(const Head<T>& head, const HeadGradients<T>& g) {
  struct Room;
  const AttentionShape& shape = head.shape();
  const int64_t block = std::min(head.block(), shape.queries), keys = rounded(shape.keys);
  T* keep = scratch<T, Room>((2 * block + 1) * keys);
  T* s = keep + keys;
  T* dp = s + block * keys;
  clear(g.dk, shape.keys, shape.dim);
  clear(g.dv, shape.keys, shape.value_dim);
  for (int64_t begin = 0; begin < shape.queries; begin += block) {
    block_backward(head, g, begin, std::min(shape.queries, begin + block), s, dp, keep);
  }
}

}  // namespace

int64_t attention_dropout_blocks(const AttentionShape& shape) {
  return shape.batch * shape.heads * shape.queries * blocks_of_row(shape.keys);
}

template <class T>
void attention(const AttentionShape& shape, Rows<const T> q, Rows<const T> k, Rows<const T> v,
               const Attention<T>& options, Rows<T> out, double* lse) {
  for_each_head(shape, [&](int64_t batch, int64_t h) {
    const Head<T> head(shape, options, q, k, v, batch, h);
    head_forward(head, head.matrix(out, shape.value_dim), lse);
  });
}

template <class T>
void attention_weights(const AttentionShape& shape, Rows<const T> q, Rows<const T> k,
                       const Attention<T>& options, T* weights) {
  for_each_head(shape, [&](int64_t batch, int64_t h) {
    AttentionShape keys_alone = shape;
    keys_alone.value_dim = 0;
    head_weights(Head<T>(keys_alone, options, q, k, k, batch, h), weights);
  });
}

template <class T>
void attention_backward(const AttentionShape& shape, Rows<const T> q, Rows<const T> k,
                        Rows<const T> v, const Attention<T>& options, Rows<const T> out,
                        Rows<const T> dout, const double* lse, Rows<T> dq, Rows<T> dk, Rows<T> dv) {
  for_each_head(shape, [&](int64_t batch, int64_t h) {
    const Head<T> head(shape, options, q, k, v, batch, h);
    head_backward<T>(head, {head.matrix(out, shape.value_dim), head.matrix(dout, shape.value_dim),
                            lse, head.matrix(dq, shape.dim), head.matrix(dk, shape.dim),
                            head.matrix(dv, shape.value_dim)});
  });
}

#define RILL_INSTANTIATE(T)                                                                      \
  template void attention<T>(const AttentionShape&, Rows<const T>, Rows<const T>, Rows<const T>, \
                             const Attention<T>&, Rows<T>, double*);                             \
  template void attention_weights<T>(const AttentionShape&, Rows<const T>, Rows<const T>,        \
                                     const Attention<T>&, T*);                                   \
  template void attention_backward<T>(const AttentionShape&, Rows<const T>, Rows<const T>,       \
                                      Rows<const T>, const Attention<T>&, Rows<const T>,         \
                                      Rows<const T>, const double*, Rows<T>, Rows<T>, Rows<T>);
RILL_INSTANTIATE(float)
RILL_INSTANTIATE(double)
#undef RILL_INSTANTIATE

}  // namespace rill::kernels
