#pragma once

#include <cstdint>

namespace rill::kernels {

/// Sizes of an attention: q [batch, heads, queries, dim], k [batch, heads, keys, dim],
/// v [batch, heads, keys, value_dim].
struct AttentionShape {
  int64_t batch, heads, queries, keys, dim, value_dim;
};

/// An operand of rows whose last dim is contiguous and which do not overlap, and how many elements
/// lie between neighbours in each other dim: views such as [batch, rows, heads, dim] are read as
/// they are, and batches and heads may be one and the same.
template <class T>
struct Rows {
  T* data = nullptr;
  int64_t batch = 0, head = 0, row = 0;
};

/// A mask over [batch, heads, queries, keys] with any strides, 0 where it is broadcast: `allowed`
/// (true takes part), or `added` to the scores, or neither.
template <class T>
struct AttentionMask {
  const bool* allowed = nullptr;
  const T* added = nullptr;
  int64_t batch = 0, head = 0, row = 0, col = 0;
};

/// How weights come from scores. T is float or double.
template <class T>
struct Attention {
  T scale = 1;
  AttentionMask<T> mask = {};
  bool causal = false;
  /// Query i sees the keys j <= i + diagonal: 0 aligns top-left, keys - queries bottom-right.
  int64_t diagonal = 0;
  /// Each weight is zeroed with this probability, else divided by 1 - dropout. The random number
  /// of a weight depends on key, offset and its index (batch, head, query, key) alone.
  double dropout = 0;
  uint64_t key = 0, offset = 0;
};

/// How many blocks of random numbers the dropout takes from `offset` on.
int64_t attention_dropout_blocks(const AttentionShape& shape);

/// out = dropout(softmax(q kᵀ · scale + mask)) v, like v with `queries` rows, and for backward lse
/// [batch, heads, queries], the log Σ exp of the scores (null if not wanted). Rows with nothing
/// allowed give zeros. NaN or inf in a key or value reaches every row, hidden or not; in a query
/// its own row. Never holds
/// more than 64 rows of scores of a head.
template <class T>
void attention(const AttentionShape& shape, Rows<const T> q, Rows<const T> k, Rows<const T> v,
               const Attention<T>& options, Rows<T> out, double* lse);

/// The weights themselves, after dropout: [batch, heads, queries, keys], contiguous.
template <class T>
void attention_weights(const AttentionShape& shape, Rows<const T> q, Rows<const T> k,
                       const Attention<T>& options, T* weights);

/// The gradients of q, k and v, which are written, not added to. Recomputes the weights from lse.
template <class T>
void attention_backward(const AttentionShape& shape, Rows<const T> q, Rows<const T> k,
                        Rows<const T> v, const Attention<T>& options, Rows<const T> out,
                        Rows<const T> dout, const double* lse, Rows<T> dq, Rows<T> dk, Rows<T> dv);

}  // namespace rill::kernels
