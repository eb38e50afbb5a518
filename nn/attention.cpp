#include <rill/nn/attention.h>

#include <cmath>
#include <limits>
#include <vector>

#include <rill/core/autograd.h>
#include <rill/core/error.h>
#include <rill/core/ops.h>
#include <rill/core/option.h>
#include <rill/nn/attention_watch.h>
#include <rill/nn/detail/attention_mask.h>
#include <rill/nn/init.h>

namespace rill::nn {
namespace {

Tensor xavier(int64_t out, int64_t in) { return init::xavier_uniform_(Tensor::empty({out, in})); }

int64_t checked_width(int64_t embed_dim, int64_t num_heads, bool batch_first) {
  rill::detail::want_at_least(1, "MultiheadAttention: embed_dim", embed_dim);
  rill::detail::want_at_least(1, "MultiheadAttention: num_heads", num_heads);
  if (embed_dim % num_heads != 0)
    fail<ValueError>("MultiheadAttention: embed_dim ", embed_dim, " is not divisible by num_heads ",
                     num_heads);
  if (!batch_first)
    fail<ValueError>(
        "MultiheadAttention: batch_first is false, but the batch comes first: give it ",
        "x.transpose(0, 1)");
  return embed_dim;
}

Linear with_zero_bias(const Linear& linear) {
  if (linear.bias.defined()) init::constant_(linear.bias, 0);
  return linear;
}

bool is_same(const Tensor& a, const Tensor& b) { return a.impl() == b.impl(); }

/// [batch, heads, L, head_dim] to [batch, L, heads · head_dim].
Tensor merge_heads(const Tensor& x) { return x.transpose(1, 2).flatten(2); }

/// softmax(q kᵀ / √head_dim + mask), stored; zeros in rows that may look at nothing.
Tensor attention_weights(const Tensor& q, const Tensor& k, const Tensor& mask) {
  const double scale = 1 / std::sqrt(static_cast<double>(q.size(-1)));
  const Tensor scores = matmul(q * scale, k.T());
  if (!mask.defined()) return softmax(scores, -1);
  const double ignored = -std::numeric_limits<double>::infinity();
  const Tensor added = additive(mask, q.dtype());
  const Tensor is_empty = eq(max(added.detach(), -1, true).values, ignored);
  const Tensor weights = softmax(masked_fill(scores + added, is_empty, 0), -1);
  return masked_fill(weights, is_empty, 0);
}

}  // namespace

struct MultiheadAttention::Projected {
  Tensor q, k, v;  // each [batch, heads, length, head_dim]
  /// All three, [3, batch, heads, length, head_dim]; undefined where they are not parts of one.
  Tensor qkv = {};
  KeyValue seen = {};  // what the cache will hold
};

MultiheadAttention::MultiheadAttention(int64_t embed_dim, int64_t num_heads,
                                       MultiheadAttentionOptions options)
    : embed_dim_(checked_width(embed_dim, num_heads, options.batch_first)),
      num_heads_(num_heads),
      kdim_(rill::detail::want_at_least(1, "MultiheadAttention: kdim",
                                        options.kdim.value_or(embed_dim))),
      vdim_(rill::detail::want_at_least(1, "MultiheadAttention: vdim",
                                        options.vdim.value_or(embed_dim))),
      dropout_p_(Dropout(options.dropout).p),
      encoding_(options.encoding),
      in_proj_weight(register_parameter("in_proj_weight",
                                        is_packed() ? xavier(3 * embed_dim, embed_dim) : Tensor())),
      q_proj_weight(register_parameter("q_proj_weight",
                                       is_packed() ? Tensor() : xavier(embed_dim, embed_dim))),
      k_proj_weight(
          register_parameter("k_proj_weight", is_packed() ? Tensor() : xavier(embed_dim, kdim_))),
      v_proj_weight(
          register_parameter("v_proj_weight", is_packed() ? Tensor() : xavier(embed_dim, vdim_))),
      in_proj_bias(
          register_parameter("in_proj_bias", options.bias ? zeros({3 * embed_dim}) : Tensor())),
      out_proj(register_module(
          "out_proj", with_zero_bias(Linear(embed_dim, embed_dim, {.bias = options.bias})))) {
  set_extra_repr({{"embed_dim", embed_dim}, {"num_heads", num_heads}});
}

AttentionOutput MultiheadAttention::forward(const Tensor& query, const Tensor& key,
                                            const Tensor& value,
                                            const AttendOptions& options) const {
  if (query.dims() == 2) return forward_unbatched(query, key, value, options);
  check(query, key, value);
  const Projected projected = placed(project(query, key, value), options.cache);
  if (const AttentionWatch* watch = AttentionWatch::innermost()) show(*watch, projected, options);
  const Tensor ignored = mask_for(projected, options);
  if (options.cache) *options.cache = projected.seen;  // nothing is refused from here on
  if (options.need_weights) return attend_with_weights(projected, ignored, options);

  const bool is_bool = ignored.defined() && ignored.dtype() == bool_;
  const AttentionOptions how = {
      .attn_mask = is_bool ? logical_not(ignored) : ignored,
      .dropout_p = is_training() ? dropout_p_ : 0,
      .is_causal = options.is_causal && !ignored.defined(),
      .alignment = options.cache ? CausalAlignment::bottom_right : CausalAlignment::top_left};
  const Tensor heads = projected.qkv.defined() ? packed_attention(projected.qkv, how)
                                               : scaled_dot_product_attention(
                                                     projected.q, projected.k, projected.v, how);
  return {.output = out_proj(merge_heads(heads)), .weights = {}};
}

/// Queries and keys told where they stand.
MultiheadAttention::Projected MultiheadAttention::turned(const Projected& projected,
                                                         int64_t offset) const {
  if (!encoding_.acts_on_attention()) return projected;
  if (projected.q.size(2) != projected.k.size(2))
    fail<ShapeError>("an encoding wants one sequence attending to itself, found queries of length ",
                     projected.q.size(2), " and keys of length ", projected.k.size(2));
  if (!encoding_.acts_on_heads()) return projected;
  if (projected.qkv.defined())
    if (const Tensor qkv = encoding_.rotate_packed(projected.qkv, offset); qkv.defined())
      return unpacked(qkv);
  return {.q = encoding_.rotate(projected.q, offset),
          .k = encoding_.rotate(projected.k, offset),
          .v = projected.v};
}

/// Queries and keys told where they stand, and keys and values joined to those seen before.
MultiheadAttention::Projected MultiheadAttention::placed(const Projected& projected,
                                                         const KeyValue* cache) const {
  Projected out = turned(projected, cache ? cache->length() : 0);
  if (!cache) return out;
  KeyValue all = *cache;
  all.append(out.k, out.v);
  return {.q = out.q, .k = all.key, .v = all.value, .qkv = {}, .seen = std::move(all)};
}

/// Everything that is added to the scores; undefined where that is nothing.
Tensor MultiheadAttention::mask_for(const Projected& projected,
                                    const AttendOptions& options) const {
  const int64_t queries = projected.q.size(2), keys = projected.k.size(2);
  return merge_masks(
      options, {projected.q.size(0), num_heads_, queries, keys, encoding_.bias(queries, keys)},
      projected.q.dtype());
}

void MultiheadAttention::show(const AttentionWatch& watch, const Projected& projected,
                              AttendOptions options) const {
  const NoGradGuard unrecorded;
  options.need_weights = true;  // so that the mask is drawn
  const Tensor mask = mask_for(projected, options);
  const Tensor weights = attention_weights(projected.q, projected.k, mask);
  watch.show(weights, allowed_by(mask, weights.shape()));
}

AttentionOutput MultiheadAttention::attend_with_weights(const Projected& projected,
                                                        const Tensor& ignored,
                                                        const AttendOptions& options) const {
  const Tensor weights =
      dropout(attention_weights(projected.q, projected.k, ignored), dropout_p_, is_training());
  return {.output = out_proj(merge_heads(matmul(weights, projected.v))),
          .weights = options.average_attn_weights ? weights.mean({1}) : weights};
}

AttentionOutput MultiheadAttention::forward_unbatched(const Tensor& query, const Tensor& key,
                                                      const Tensor& value,
                                                      const AttendOptions& options) const {
  const Tensor q = query.unsqueeze(0);
  const Tensor k = is_same(key, query) ? q : key.unsqueeze(0);
  const Tensor v = is_same(value, query) ? q : value.unsqueeze(0);
  AttendOptions batched = options;
  if (options.key_padding_mask.defined())
    batched.key_padding_mask = options.key_padding_mask.unsqueeze(0);
  const AttentionOutput out = forward(q, k, v, batched);
  return {.output = out.output.squeeze(0),
          .weights = out.weights.defined() ? out.weights.squeeze(0) : Tensor()};
}

MultiheadAttention::Projected MultiheadAttention::unpacked(const Tensor& qkv) {
  return {qkv.select(0, 0), qkv.select(0, 1), qkv.select(0, 2), qkv};
}

MultiheadAttention::Projected MultiheadAttention::project(const Tensor& query, const Tensor& key,
                                                          const Tensor& value) const {
  if (is_packed() && is_same(query, key) && is_same(query, value)) {
    const Tensor packed = linear(query, in_proj_weight, in_proj_bias);
    const Tensor qkv =
        packed.view({query.size(0), query.size(1), 3, num_heads_, embed_dim_ / num_heads_})
            .permute({2, 0, 3, 1, 4});
    return unpacked(qkv);
  }
  const auto third = [&](const Tensor& stacked, int64_t i) {
    return stacked.defined() ? stacked.narrow(0, i * embed_dim_, embed_dim_) : stacked;
  };
  const auto projected = [&](const Tensor& x, const Tensor& own_weight, int64_t i) {
    const Tensor weight = is_packed() ? third(in_proj_weight, i) : own_weight;
    return split_heads(linear(x, weight, third(in_proj_bias, i)));
  };
  return {projected(query, q_proj_weight, 0), projected(key, k_proj_weight, 1),
          projected(value, v_proj_weight, 2)};
}

/// [batch, L, E] to [batch, heads, L, head_dim], without a copy.
Tensor MultiheadAttention::split_heads(const Tensor& x) const {
  return x.view({x.size(0), x.size(1), num_heads_, embed_dim_ / num_heads_}).transpose(1, 2);
}

void MultiheadAttention::check(const Tensor& query, const Tensor& key, const Tensor& value) const {
  const auto fits = [&](const Tensor& x, int64_t width) {
    return x.dims() == 3 && x.size(0) == query.size(0) && x.size(2) == width;
  };
  if (fits(query, embed_dim_) && fits(key, kdim_) && fits(value, vdim_) &&
      key.size(1) == value.size(1))
    return;
  fail<ShapeError>("query must be [batch, L, ", embed_dim_, "], key [batch, S, ", kdim_,
                   "] and value [batch, S, ", vdim_, "], or all without batch, not ", query.shape(),
                   ", ", key.shape(), " and ", value.shape());
}

}  // namespace rill::nn
