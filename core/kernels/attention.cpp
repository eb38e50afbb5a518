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
// Of them, how many have their factors of dropout held: softmax takes as many at once.
constexpr int64_t max_dropped_rows = 16;

// What random numbers are drawn for; 4 come in a block.
int64_t whole_draws(int64_t keys) { return round_up(keys, 64); }

// Rows of scores have whole vectors: what a loop leaves over is slow.
int64_t whole_vectors(int64_t n) { return round_up(n, 16); }

int64_t blocks_of_row(int64_t keys) { return whole_draws(keys) / 4; }

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
    for (int64_t i = begin; i < end; ++i) f(i / shape.heads, i % shape.heads);
  });
}

// What forward and backward share: the scores of one head, a block of query rows at a time.
template <class T>
class Head {
 public:
  Head(const AttentionShape& shape, const Attention<T>& options, Rows<const T> q, Rows<const T> k,
       Rows<const T> v, int64_t batch, int64_t head)
      : shape_(shape),
        options_(options),
        batch_(batch),
        head_(head),
        q_(matrix(q)),
        k_(matrix(k)),
        v_(matrix(v)),
        skips_(options.causal && rows_.finite(shape.keys, shape.dim, k_.data, k_.stride) &&
               rows_.finite(shape.keys, shape.value_dim, v_.data, v_.stride)),
        transposed_keys_(shared(true, shape.dim, k_)) {}

  template <class U>
  Matrix<U> matrix(Rows<U> x) const {
    return {x.data + batch_ * x.batch + head_ * x.head, x.row};
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

  // Keys that any row sees.
  int64_t seen() const { return shape_.queries > 0 ? width(shape_.queries) : 0; }

  // The masked scores of rows [begin, end), whole_vectors(width(end)) of them in each: what stands
  // behind length() is -inf.
  void scores(int64_t begin, int64_t end, T* s) const {
    const int64_t n = width(end), stride = whole_vectors(n);
    if (n == 0) return;
    multiply(false, end - begin, n, shape_.dim, options_.scale, q_.row(begin), q_.stride,
             transposed_keys_, 0, s, stride);
    if (options_.mask.allowed || options_.mask.added)
      for (int64_t i = begin; i < end; ++i) mask_row(i, s + (i - begin) * stride);
    fill_hidden(begin, end, -std::numeric_limits<T>::infinity(), s);
    if (options_.causal && !skips_)
      for (int64_t i = begin; i < end; ++i) hide_later(i, n, s + (i - begin) * stride);
  }

  // Writes `value` behind the scores that count in each of the rows [begin, end).
  void fill_hidden(int64_t begin, int64_t end, T value, T* s) const {
    const int64_t length = skips_ ? begin + 1 + options_.diagonal : shape_.keys;
    rows_.fill_behind(end - begin, whole_vectors(width(end)), length, skips_ ? 1 : 0, shape_.keys,
                      value, s);
  }

  // A head that is alone leaves the threads to its products.
  bool is_alone() const { return shape_.batch * shape_.heads == 1; }

  // The keys or values x [seen(), columns], or their transpose, as the products of all blocks share
  // them.
  SharedOperand<T> shared(bool trans, int64_t columns, const Matrix<const T>& x) const {
    const bool worth_packing = !is_alone() && shape_.queries > block();
    const int64_t rows = trans ? columns : seen(), cols = trans ? seen() : columns;
    return {trans, rows, cols, x.data, x.stride, worth_packing};
  }

  // c = alpha · op(a) · op(b) + beta · c, as gemm.
  template <class... Arguments>
  void multiply(const Arguments&... arguments) const {
    if (is_alone())
      gemm<T>(arguments...);
    else
      gemm_on_this_thread<T>(arguments...);
  }

  // How many of the scores of row i count.
  int64_t length(int64_t i) const { return skips_ ? visible(i) : shape_.keys; }

  // Calls f(first row, how many) for the rows [begin, end): all at once, but a few at a time where
  // each wants the factors of its dropout.
  template <class F>
  void for_rows(int64_t begin, int64_t end, F f) const {
    const int64_t step = options_.dropout == 0 ? end - begin : max_dropped_rows;
    for (int64_t i = begin; i < end; i += step) f(i, std::min(step, end - i));
  }

  // How many factors of dropout there must be room for.
  int64_t room_to_keep() const {
    return options_.dropout == 0 ? 0 : max_dropped_rows * whole_draws(shape_.keys);
  }

  // The factors [rows, n] of dropout from row i on, or null. Those that a row draws behind its end
  // the next writes over.
  const T* keep(int64_t i, int64_t rows, int64_t n, T* room) const {
    if (options_.dropout == 0) return nullptr;
    const int64_t blocks = blocks_of_row(shape_.keys);
    for (int64_t row = 0; row < rows; ++row) {
      const int64_t at = (row_number() + i + row) * blocks;
      rows_.keep(n, options_.key, options_.offset + static_cast<uint64_t>(at), options_.dropout,
                 room + row * n);
    }
    return room;
  }

  const AttentionRows<T>& rows() const { return rows_; }
  const AttentionShape& shape() const { return shape_; }
  T scale() const { return options_.scale; }
  const Matrix<const T>& q() const { return q_; }
  const Matrix<const T>& k() const { return k_; }
  const Matrix<const T>& v() const { return v_; }

 private:
  void mask_row(int64_t i, T* s) const {
    const AttentionMask<T>& m = options_.mask;
    const int64_t at = batch_ * m.batch + head_ * m.head + i * m.row;
    rows_.mask(length(i), m.allowed ? m.allowed + at : nullptr, m.added ? m.added + at : nullptr,
               m.col, s);
  }

  // By subtraction, so that NaN stays NaN.
  void hide_later(int64_t i, int64_t n, T* s) const {
    for (int64_t j = visible(i); j < n; ++j) s[j] -= std::numeric_limits<T>::infinity();
  }

  const AttentionShape& shape_;
  const Attention<T>& options_;
  const AttentionRows<T>& rows_ = pick_attention_rows().template of<T>();
  int64_t batch_, head_;
  Matrix<const T> q_, k_, v_;
  bool skips_;
  SharedOperand<T> transposed_keys_;
};

// Turns the scores of rows [begin, end) into weights that still want their row's factor `inverse`.
template <class T>
void weigh(const Head<T>& head, int64_t begin, int64_t end, T* s, T* keep, T* inverse,
           double* lse) {
  const int64_t n = whole_vectors(head.width(end));
  T largest[max_block];
  head.for_rows(begin, end, [&](int64_t i, int64_t rows) {
    const int64_t at = i - begin;
    head.rows().softmax(rows, n, head.keep(i, rows, n, keep), s + at * n, largest + at,
                        inverse + at);
  });
  head.rows().normalizers(end - begin, largest, inverse,
                          lse ? lse + head.row_number() + begin : nullptr);
}

template <class T>
void head_forward(const Head<T>& head, Matrix<T> out, double* lse) {
  const AttentionShape& shape = head.shape();
  const int64_t block = std::min(head.block(), shape.queries);
  const Scratch<T> room(head.room_to_keep() + block * whole_vectors(shape.keys));
  T* keep = room.data();
  T* s = keep + head.room_to_keep();
  T inverse[max_block];
  const SharedOperand<T> values = head.shared(false, shape.value_dim, head.v());
  for (int64_t begin = 0; begin < shape.queries; begin += block) {
    const int64_t end = std::min(shape.queries, begin + block), n = head.width(end);
    head.scores(begin, end, s);
    weigh(head, begin, end, s, keep, inverse, lse);
    head.multiply(false, end - begin, shape.value_dim, n, 1, s, whole_vectors(n), values, 0,
                  out.row(begin), out.stride);
    head.rows().scale(end - begin, shape.value_dim, inverse, out.row(begin), out.stride);
  }
}

template <class T>
void head_weights(const Head<T>& head, T* weights) {
  const int64_t queries = head.shape().queries, keys = head.shape().keys;
  const int64_t block = std::min(head.block(), queries);
  const Scratch<T> room(head.room_to_keep() + block * whole_vectors(keys));
  T* keep = room.data();
  T* s = keep + head.room_to_keep();
  T inverse[max_block];
  for (int64_t begin = 0; begin < queries; begin += block) {
    const int64_t end = std::min(queries, begin + block), n = head.width(end);
    head.scores(begin, end, s);
    weigh<T>(head, begin, end, s, keep, inverse, nullptr);
    head.rows().scale(end - begin, n, inverse, s, whole_vectors(n));
    for (int64_t i = begin; i < end; ++i) {
      const T* row = s + (i - begin) * whole_vectors(n);
      T* out = weights + (head.row_number() + i) * keys;
      std::fill(std::copy_n(row, head.length(i), out), out + keys, T(0));
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

// What every block of rows is multiplied with.
template <class T>
struct KeysAndValues {
  SharedOperand<T> keys, transposed_values;
};

// s: scores, which become the weights; dp: their gradients, which become those of the scores.
template <class T>
void block_gradients(const Head<T>& head, const HeadGradients<T>& g, int64_t begin, int64_t end,
                     T* s, T* dp, T* keep) {
  const int64_t stride = whole_vectors(head.width(end)), cols = head.shape().value_dim;
  const double* lse = g.lse + head.row_number();
  T delta[max_block];
  head.rows().dots(end - begin, cols, g.dout.row(begin), g.dout.stride, g.out.row(begin),
                   g.out.stride, delta);
  head.for_rows(begin, end, [&](int64_t i, int64_t rows) {
    const int64_t at = i - begin;
    head.rows().gradient(rows, stride, head.keep(i, rows, stride, keep), lse + i, delta + at,
                         s + at * stride, dp + at * stride);
  });
  for (T* x : {s, dp}) head.fill_hidden(begin, end, 0, x);  // NaN in a row that has one
}

// The last rows of all, which see the most keys, come first and begin the sums dk and dv.
template <class T>
void block_backward(const Head<T>& head, const HeadGradients<T>& g, const KeysAndValues<T>& shared,
                    int64_t begin, int64_t end, T* s, T* dp, T* keep) {
  const T add = end == head.shape().queries ? 0 : 1;
  const int64_t m = end - begin, n = head.width(end), stride = whole_vectors(n);
  const int64_t dim = head.shape().dim, value_dim = head.shape().value_dim;
  if (n == 0) return clear<T>({g.dq.row(begin), g.dq.stride}, m, dim);
  head.scores(begin, end, s);
  head.multiply(false, m, n, value_dim, 1, g.dout.row(begin), g.dout.stride,
                shared.transposed_values, 0, dp, stride);
  block_gradients(head, g, begin, end, s, dp, keep);
  head.multiply(true, false, n, value_dim, m, 1, s, stride, g.dout.row(begin), g.dout.stride, add,
                g.dv.data, g.dv.stride);
  head.multiply(true, false, n, dim, m, head.scale(), dp, stride, head.q().row(begin),
                head.q().stride, add, g.dk.data, g.dk.stride);
  head.multiply(false, m, dim, n, head.scale(), dp, stride, shared.keys, 0, g.dq.row(begin),
                g.dq.stride);
}

template <class T>
void head_backward(const Head<T>& head, const HeadGradients<T>& g) {
  const AttentionShape& shape = head.shape();
  const int64_t block = std::min(head.block(), shape.queries);
  const int64_t scores = block * whole_vectors(shape.keys);
  const Scratch<T> room(head.room_to_keep() + 2 * scores);
  T* keep = room.data();
  T* s = keep + head.room_to_keep();
  T* dp = s + scores;
  const int64_t seen = head.seen();
  clear<T>({g.dk.row(seen), g.dk.stride}, shape.keys - seen, shape.dim);
  clear<T>({g.dv.row(seen), g.dv.stride}, shape.keys - seen, shape.value_dim);
  const KeysAndValues<T> shared{head.shared(false, shape.dim, head.k()),
                                head.shared(true, shape.value_dim, head.v())};
  for (int64_t end = shape.queries, begin; end > 0; end = begin) {
    begin = (end - 1) / block * block;
    block_backward(head, g, shared, begin, end, s, dp, keep);
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
    head_forward(head, head.matrix(out), lse);
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
    head_backward<T>(head, {head.matrix(out), head.matrix(dout), lse, head.matrix(dq),
                            head.matrix(dk), head.matrix(dv)});
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
