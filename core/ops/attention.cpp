#include <rill/core/detail/detached.h>
#include <rill/core/detail/undo_draws.h>
#include <rill/core/fused.h>
#include <rill/core/kernels/attention.h>
#include <rill/core/observer.h>
#include <rill/core/ops.h>
#include <rill/core/ops/batch.h>
#include <rill/core/ops/copy.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/option.h>
#include <rill/core/random.h>
#include <rill/core/tensor/tensor_impl.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace rill {
namespace {

/// How weights come from scores: what AttentionOptions says, worked out.
struct Settings {
  double scale;
  bool causal;
  int64_t diagonal;
  double dropout;
  uint64_t seed, offset;
};

// ---- checks --------------------------------------------------------------------------------

[[noreturn]] void refuse_shapes(const Tensor& q, const Tensor& k, const Tensor& v,
                                const char* reason) {
  fail<ShapeError>("query ", q.shape(), ", key ", k.shape(), " and value ", v.shape(),
                   " do not fit: ", reason, "; wanted [..., L, E], [..., S, E] and [..., S, Ev]");
}

void check_operands(const Tensor& q, const Tensor& k, const Tensor& v) {
  if (q.dims() < 2 || k.dims() < 2 || v.dims() < 2)
    refuse_shapes(q, k, v, "each needs two dimensions");
  if (q.size(-1) != k.size(-1)) refuse_shapes(q, k, v, "query and key differ in width");
  if (k.size(-2) != v.size(-2)) refuse_shapes(q, k, v, "key and value differ in length");
  detail::want_floating("query", q);
  detail::want_same_dtype("query", q, "key", k);
  detail::want_same_dtype("query", q, "value", v);
}

void check_options(const Tensor& q, const Shape& scores, const AttentionOptions& options) {
  detail::want_share("dropout_p", options.dropout_p);
  if (options.scale) detail::want_finite("scale", *options.scale);
  if (!options.attn_mask.defined()) return;
  if (options.is_causal)
    fail<ValueError>("is_causal together with attn_mask: put the causal part into the mask");
  if (options.attn_mask.dtype() != bool_)
    detail::want_same_dtype("query", q, "mask", options.attn_mask);
  static_cast<void>(detail::broadcast_view(options.attn_mask, scores));
}

Shape scores_shape(const Tensor& q, const Tensor& k, const Tensor& v) {
  Shape shape = broadcast_shapes(detail::batch_sizes(q), detail::batch_sizes(k));
  shape = broadcast_shapes(shape, detail::batch_sizes(v));
  shape.push_back(q.size(-2));
  shape.push_back(k.size(-2));
  return shape;
}

// ---- what the kernel reads -----------------------------------------------------------------

/// x [..., M, N], its leading sizes broadcast to those of `scores`, as [batch, heads, M, N].
Tensor as_heads(const Tensor& x, const Shape& scores) {
  Shape sizes = scores;
  sizes[scores.dims() - 2] = x.size(-2);
  sizes[scores.dims() - 1] = x.size(-1);
  const Tensor full = x.shape() == sizes ? x : detail::broadcast_view(x, sizes);
  if (full.dims() == 4) return full;
  const NoGradGuard guard;
  const int lead = sizes.dims() - 2;
  const int64_t heads = lead >= 2 ? sizes[lead - 1] : 1;
  int64_t batch = 1;
  for (int d = 0; d < (lead >= 2 ? lead - 1 : lead); ++d) batch *= sizes[d];
  return full.reshape({batch, heads, x.size(-2), x.size(-1)});
}

/// `x` [batch, heads, M, N] itself where the elements of its rows are adjacent and no two rows
/// share one, else a copy.
Tensor with_whole_rows(const Tensor& x) {
  const bool are_whole = x.strides()[3] == 1 || x.size(3) <= 1;
  const bool are_apart = x.strides()[2] >= x.size(3) || x.size(2) <= 1;
  return are_whole && are_apart ? x : detail::row_major_copy(x);
}

template <class T, class Element = const T>
kernels::Rows<Element> rows_of(const Tensor& x) {
  return {x.data<T>(), x.strides()[0], x.strides()[1], x.strides()[2]};
}

/// The operands as the kernel takes them: views where it can read them as they lie.
struct Operands {
  Tensor q, k, v, mask;
  kernels::AttentionShape shape;

  Operands(const Tensor& query, const Tensor& key, const Tensor& value, const Tensor& given_mask) {
    const Shape scores = scores_shape(query, key, value);
    q = with_whole_rows(as_heads(query, scores));
    k = with_whole_rows(as_heads(key, scores));
    v = with_whole_rows(as_heads(value, scores));
    if (given_mask.defined()) mask = as_heads(detail::broadcast_view(given_mask, scores), scores);
    shape = {q.size(0), q.size(1), q.size(2), k.size(2), q.size(3), v.size(3)};
  }

  template <class T>
  kernels::Attention<T> options(const Settings& how) const {
    kernels::Attention<T> out;
    out.scale = static_cast<T>(how.scale);
    out.causal = how.causal;
    out.diagonal = how.diagonal;
    out.dropout = how.dropout;
    out.key = how.seed;
    out.offset = how.offset;
    if (!mask.defined()) return out;
    const Shape& strides = mask.strides();
    out.mask = {nullptr, nullptr, strides[0], strides[1], strides[2], strides[3]};
    if (mask.dtype() == bool_)
      out.mask.allowed = mask.data<bool>();
    else
      out.mask.added = mask.data<T>();
    return out;
  }
};

/// Uninitialised [batch, heads, rows, width] that lies in memory as [batch, rows, heads, width], so
/// that joining the heads again copies nothing.
Tensor empty_heads(int64_t batch, int64_t heads, int64_t rows, int64_t width, DType dtype) {
  const Tensor storage = Tensor::empty({batch, rows, heads, width}, dtype);
  return make_view(storage, {batch, heads, rows, width},
                   {rows * heads * width, width, heads * width, 1}, 0);
}

/// x [batch, heads, M, N] with the leading sizes of `scores`.
Tensor with_lead_of(const Tensor& x, const Shape& scores) {
  if (scores.dims() == 4) return x;
  Shape sizes = scores;
  sizes[scores.dims() - 2] = x.size(2);
  sizes[scores.dims() - 1] = x.size(3);
  const NoGradGuard guard;
  return x.reshape(sizes);
}

// ---- forward, backward, twin ---------------------------------------------------------------

struct Forward {
  Tensor out, lse;
};

Forward forward(const Tensor& query, const Tensor& key, const Tensor& value, const Tensor& mask,
                const Settings& how) {
  const Operands x(query, key, value, mask);
  const auto& [batch, heads, queries, keys, dim, width] = x.shape;
  const Tensor out = empty_heads(batch, heads, queries, width, query.dtype());
  const Tensor lse = Tensor::empty({batch, heads, queries}, float64);
  detail::for_floating(query.dtype(), [&]<class T>(T) {
    kernels::attention<T>(x.shape, rows_of<T>(x.q), rows_of<T>(x.k), rows_of<T>(x.v),
                          x.options<T>(how), rows_of<T, T>(out), lse.data<double>());
  });
  return {with_lead_of(out, scores_shape(query, key, value)), lse};
}

/// Writes the gradients of query, key and value, each [batch, heads, rows, width].
void write_gradients(const Operands& x, const Tensor& dout, const Tensor& out, const Tensor& lse,
                     const Settings& how, const std::array<Tensor, 3>& into) {
  Shape scores = dout.shape();
  scores[scores.dims() - 1] = x.k.size(2);
  const Tensor from = with_whole_rows(as_heads(dout, scores)), y = as_heads(out, scores);
  detail::for_floating(dout.dtype(), [&]<class T>(T) {
    kernels::attention_backward<T>(x.shape, rows_of<T>(x.q), rows_of<T>(x.k), rows_of<T>(x.v),
                                   x.options<T>(how), rows_of<T>(y), rows_of<T>(from),
                                   lse.data<double>(), rows_of<T, T>(into[0]),
                                   rows_of<T, T>(into[1]), rows_of<T, T>(into[2]));
  });
}

std::array<Tensor, 3> gradients(const Tensor& dout, const Tensor& query, const Tensor& key,
                                const Tensor& value, const Tensor& out, const Tensor& lse,
                                const Tensor& mask, const Settings& how) {
  const Operands x(query, key, value, mask);
  const Shape scores = scores_shape(query, key, value);
  const auto like = [](const Tensor& t) {
    return empty_heads(t.size(0), t.size(1), t.size(2), t.size(3), t.dtype());
  };
  const std::array<Tensor, 3> found = {like(x.q), like(x.k), like(x.v)};
  write_gradients(x, dout, out, lse, how, found);
  return {sum_to(with_lead_of(found[0], scores), query.shape()),
          sum_to(with_lead_of(found[1], scores), key.shape()),
          sum_to(with_lead_of(found[2], scores), value.shape())};
}

/// What dropout multiplies the weights with: 0, or 1 / (1 − p). The weights of queries of no width
/// are all alike, so that only the dropout shows.
Tensor dropout_factors(const Shape& scores, const Settings& how, DType dtype) {
  if (how.dropout == 1) return zeros(scores, dtype);
  Shape no_width = scores;
  no_width[scores.dims() - 1] = 0;
  Shape keys = no_width;
  keys[scores.dims() - 2] = scores.back();
  const Operands x(Tensor::empty(no_width, dtype), Tensor::empty(keys, dtype),
                   Tensor::empty(keys, dtype), {});
  const Tensor weights = Tensor::empty(scores, dtype);
  Settings alone = how;
  alone.causal = false;
  detail::for_floating(dtype, [&]<class T>(T) {
    kernels::attention_weights<T>(x.shape, rows_of<T>(x.q), rows_of<T>(x.k), x.options<T>(alone),
                                  weights.data<T>());
  });
  return where(gt(weights, 0), full({}, 1 / (1 - how.dropout), dtype), zeros({}, dtype));
}

/// Where no key may take part: [..., L, 1]. Softmax has nothing to give there.
Tensor hidden_rows(const Tensor& scores) {
  const NoGradGuard guard;
  return eq(max(detail::make_detached(scores), -1, true).values,
            -std::numeric_limits<double>::infinity());
}

/// The same of plain ops.
Tensor twin(const Tensor& query, const Tensor& key, const Tensor& value, const Tensor& mask,
            const Settings& how) {
  constexpr double minus_infinity = -std::numeric_limits<double>::infinity();
  Tensor scores = matmul(query * how.scale, key.T());
  if (how.causal) {
    const Tensor seen = tril(ones({query.size(-2), key.size(-2)}), how.diagonal);
    scores = masked_fill(scores, eq(seen, 0), minus_infinity);
  }
  if (mask.defined())
    scores = mask.dtype() == bool_ ? masked_fill(scores, logical_not(mask), minus_infinity)
                                   : scores + mask;
  if (key.size(-2) == 0) return matmul(scores, value);
  const Tensor hidden = hidden_rows(scores);
  Tensor weights = masked_fill(softmax(masked_fill(scores, hidden, 0), -1), hidden, 0);
  if (how.dropout > 0)
    weights = weights * dropout_factors(scores_shape(query, key, value), how, query.dtype());
  return matmul(weights, value);
}

/// Whether the weights are dropped at random.
bool draws(const AttentionOptions& options) {
  return options.dropout_p > 0 && options.dropout_p < 1;
}

/// A generator that is not drawn from is not asked for either: a thread's own would take a stream.
std::optional<detail::UndoDraws> undo_draws(const AttentionOptions& options) {
  if (!draws(options)) return std::nullopt;
  return std::optional<detail::UndoDraws>(std::in_place, options.generator.get());
}

Settings checked_settings(const Tensor& query, const Tensor& key, const Tensor& value,
                          const AttentionOptions& options) {
  check_operands(query, key, value);
  check_options(query, scores_shape(query, key, value), options);
  const bool bottom = options.alignment == CausalAlignment::bottom_right;
  const int64_t diagonal = bottom ? key.size(-2) - query.size(-2) : 0;
  const bool hides_keys = diagonal + 1 < key.size(-2);  // from the first query
  const double width = static_cast<double>(std::max<int64_t>(query.size(-1), 1));
  Settings how{options.scale.value_or(1 / std::sqrt(width)),
               options.is_causal && hides_keys,
               diagonal,
               options.dropout_p,
               0,
               0};
  if (!draws(options)) return how;
  Generator& generator = options.generator.get();
  const Operands x(query, key, value, {});
  how.seed = generator.seed();
  how.offset = generator.reserve(static_cast<uint64_t>(kernels::attention_dropout_blocks(x.shape)));
  return how;
}

/// A mask that learns wants the scores themselves; dropout of all has no random numbers.
bool needs_plain_ops(const Tensor& mask, const Settings& how) {
  return (mask.defined() && detail::wants_gradient(mask)) || how.dropout == 1;
}

// ---- query, key and value in one tensor -----------------------------------------------------

std::array<Tensor, 3> unpack(const Tensor& qkv) {
  return {qkv.select(0, 0), qkv.select(0, 1), qkv.select(0, 2)};
}

Tensor packed_twin(const Tensor& qkv, const Tensor& mask, const Settings& how) {
  const auto [query, key, value] = unpack(qkv);
  return twin(query, key, value, mask, how);
}

/// The gradient of qkv [3, ..., L, E]. It lies in memory as [batch, L, 3, heads, E], so that the
/// gradient of a projection to all three is a view of it.
Tensor packed_gradient(const Tensor& dout, const Tensor& qkv, const Tensor& out, const Tensor& lse,
                       const Tensor& mask, const Settings& how) {
  const UnobservedGuard unobserved;  // what is found is written last
  const auto [query, key, value] = unpack(qkv);
  const Operands x(query, key, value, mask);
  const int64_t batch = x.shape.batch, heads = x.shape.heads, length = x.shape.queries,
                width = x.shape.dim;
  const Tensor storage = Tensor::empty({batch, length, 3, heads, width}, qkv.dtype());
  const Tensor found = storage.permute({2, 0, 3, 1, 4});
  write_gradients(x, dout, out, lse, how, unpack(found));
  return found.reshape(qkv.shape());
}

}  // namespace

Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const AttentionOptions& options) {
  Op op("scaled_dot_product_attention");
  const auto undo = undo_draws(options);
  const Settings how = checked_settings(query, key, value, options);
  const Tensor& mask = options.attn_mask;
  op.reads(mask);
  if (needs_plain_ops(mask, how)) {
    op.reads(query, key, value);
    return op.done(twin(query, key, value, mask, how));
  }

  const auto [out, lse] = forward(query, key, value, mask, how);
  return op.record_fused(
      out,
      inputs(query, key, value)
          .with_formulas("dscores · key · scale, dscores = P ⊙ (dP − Σ P ⊙ dP), dP = dout · valueᵀ",
                         "dscoresᵀ · query · scale", "Pᵀ · dout, P = softmax(scores)"),
      keep(out, constant(lse), constant(mask), how),
      [](const Tensor& dout, const Wanted<3>&, const Tensor& query, const Tensor& key,
         const Tensor& value, const Tensor& out, const Tensor& lse, const Tensor& mask,
         const Settings& how) { return gradients(dout, query, key, value, out, lse, mask, how); },
      [](const Tensor& query, const Tensor& key, const Tensor& value, const Tensor&, const Tensor&,
         const Tensor& mask, const Settings& how) { return twin(query, key, value, mask, how); });
}

Tensor packed_attention(const Tensor& qkv, const AttentionOptions& options) {
  Op op("packed_attention");
  const auto undo = undo_draws(options);
  if (qkv.dims() < 3 || qkv.size(0) != 3)
    fail<ShapeError>("cannot take query, key and value from ", qkv.shape(),
                     ": wanted [3, ..., L, E]");
  const auto [query, key, value] = unpack(detail::make_detached(qkv));
  const Settings how = checked_settings(query, key, value, options);
  const Tensor& mask = options.attn_mask;
  op.reads(mask);
  if (needs_plain_ops(mask, how)) {
    op.reads(qkv);
    return op.done(packed_twin(qkv, mask, how));
  }

  const auto [out, lse] = forward(query, key, value, mask, how);
  return op.record_fused(
      out,
      inputs(qkv).with_formulas(
          "dscores · key, dscoresᵀ · query, each · scale, and Pᵀ · dout; dscores = P ⊙ (dP − Σ P ⊙ "
          "dP), dP = dout · valueᵀ"),
      keep(out, constant(lse), constant(mask), how),
      [](const Tensor& dout, const Wanted<1>&, const Tensor& qkv, const Tensor& out,
         const Tensor& lse, const Tensor& mask, const Settings& how) {
        return std::array{packed_gradient(dout, qkv, out, lse, mask, how)};
      },
      [](const Tensor& qkv, const Tensor&, const Tensor&, const Tensor& mask, const Settings& how) {
        return packed_twin(qkv, mask, how);
      });
}

}  // namespace rill
