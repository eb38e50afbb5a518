#include <rill/nn/decoder.h>

#include <cmath>

#include <rill/core/error.h>
#include <rill/core/option.h>
#include <rill/nn/init.h>

namespace rill::nn {
namespace {

constexpr double gpt2_std = 0.02;

Linear gpt2_linear(int64_t in, int64_t out, bool bias, double std = gpt2_std) {
  const Linear linear(in, out, {.bias = bias});
  init::normal_(linear.weight, 0, std);
  if (bias) init::constant_(linear.bias, 0);
  return linear;
}

double residual_std(const LanguageModelOptions& options) {
  rill::detail::want_at_least(1, "DecoderBlock: n_layer", options.n_layer);
  return gpt2_std / std::sqrt(2 * static_cast<double>(options.n_layer));
}

MultiheadAttention gpt2_attention(const LanguageModelOptions& options,
                                  const AnyEncoding& encoding) {
  const MultiheadAttention attn(
      options.n_embd, options.n_head,
      {.dropout = options.dropout, .bias = options.bias, .encoding = encoding});
  init::normal_(attn.in_proj_weight, 0, gpt2_std);
  init::normal_(attn.out_proj.weight, 0, residual_std(options));
  return attn;
}

Embedding token_embeddings(const LanguageModelOptions& options) {
  const Embedding embedding(options.vocab_size, options.n_embd);
  init::normal_(embedding.weight, 0, gpt2_std);
  return embedding;
}

bool is_given(const AnyEncoding& encoding) {
  return encoding.acts_on_input() || encoding.acts_on_attention();
}

AnyEncoding encoding_of(const LanguageModelOptions& options) {
  if (is_given(options.encoding)) return options.encoding;
  return make_encoding(
      options.position,
      {.d_model = options.n_embd, .num_heads = options.n_head, .max_len = options.block_size});
}

double default_scale(const LanguageModelOptions& options) {
  const bool drowns = !is_given(options.encoding) && is_sinusoidal(options.position);
  return drowns ? std::sqrt(static_cast<double>(options.n_embd)) : 1;
}

void check_fits(const KeyValueCache& cache, int64_t n_layer) {
  bool fits = static_cast<int64_t>(cache.layers.size()) == n_layer;
  for (const KeyValue& layer : cache.layers) fits = fits && layer.length() == cache.length();
  if (!fits)
    fail<ValueError>("the cache was filled by another model: its ", cache.layers.size(),
                     " layers hold tokens, this model has ", n_layer,
                     " layers; make a new cache for each sequence");
}

LanguageModelOptions checked(const LanguageModelOptions& options) {
  rill::detail::want_at_least(1, "LanguageModel: vocab_size", options.vocab_size);
  rill::detail::want_at_least(1, "LanguageModel: block_size", options.block_size);
  rill::detail::want_at_least(1, "LanguageModel: n_layer", options.n_layer);
  rill::detail::want_at_least(1, "LanguageModel: n_head", options.n_head);
  rill::detail::want_at_least(1, "LanguageModel: n_embd", options.n_embd);
  if (options.embedding_scale)
    rill::detail::want_finite("LanguageModel: embedding_scale", *options.embedding_scale);
  if (options.n_embd % options.n_head != 0)
    fail<ValueError>("LanguageModel: n_embd ", options.n_embd, " is not divisible by n_head ",
                     options.n_head);
  const int64_t head_dim = options.n_embd / options.n_head;
  const bool turns =
      options.position == Position::rotary || options.position == Position::rotary_interleaved;
  if (turns && !is_given(options.encoding) && head_dim % 2 != 0)
    fail<ValueError>("LanguageModel: rotary positions turn pairs, but n_embd ", options.n_embd,
                     " / n_head ", options.n_head, " = ", head_dim, " is odd");
  return options;
}

}  // namespace

DecoderBlock::DecoderBlock(const LanguageModelOptions& options, const AnyEncoding& encoding)
    : norm1(register_module("norm1", LayerNorm(options.n_embd, {.bias = options.bias}))),
      attn(register_module("attn", gpt2_attention(options, encoding))),
      norm2(register_module("norm2", LayerNorm(options.n_embd, {.bias = options.bias}))),
      linear1(register_module("linear1",
                              gpt2_linear(options.n_embd, 4 * options.n_embd, options.bias))),
      linear2(register_module("linear2", gpt2_linear(4 * options.n_embd, options.n_embd,
                                                     options.bias, residual_std(options)))),
      attn_dropout_(register_module("attn_dropout", Dropout(options.dropout))),
      dropout_(register_module("dropout", Dropout(options.dropout))),
      gelu_(options.gelu) {}

Tensor DecoderBlock::forward(const Tensor& x, KeyValue* cache) const {
  const Tensor h = norm1(x);
  const AttendOptions how{.is_causal = true, .cache = cache};
  const Tensor y = x + attn_dropout_(attn(h, h, h, how).output);
  return y + dropout_(linear2(gelu(linear1(norm2(y)), gelu_)));
}

LanguageModel::LanguageModel(const LanguageModelOptions& options)
    : options_(checked(options)),
      embedding_scale_(options.embedding_scale.value_or(default_scale(options))),
      token_embedding(register_module("token_embedding", token_embeddings(options))),
      positions(register_module("positions", encoding_of(options))),
      blocks(register_module(
          "blocks",
          ModuleList<DecoderBlock>(options.n_layer,
                                   [&](int64_t) { return DecoderBlock(options, positions); }))),
      norm(register_module("norm", LayerNorm(options.n_embd, {.bias = options.bias}))),
      head(register_module("head", options.tie
                                       ? Linear(token_embedding.weight)
                                       : gpt2_linear(options.n_embd, options.vocab_size, false))),
      dropout_(register_module("dropout", Dropout(options.dropout))) {}

Tensor LanguageModel::forward(const Tensor& ids) const { return run(ids, nullptr); }

Tensor LanguageModel::forward(const Tensor& ids, KeyValueCache& cache) const {
  if (ids.dims() == 1) return forward(ids.unsqueeze(0), cache).squeeze(0);
  KeyValueCache extended = cache;  // so that a call that is refused leaves the cache as it was
  if (extended.layers.empty()) extended.layers.resize(static_cast<size_t>(blocks.size()));
  check_fits(extended, blocks.size());
  const Tensor logits = run(ids, &extended);
  cache = std::move(extended);
  return logits;
}

Tensor LanguageModel::run(const Tensor& ids, KeyValueCache* cache) const {
  Tensor x = embed(ids, cache ? cache->length() : 0);
  for (int64_t i = 0; i < blocks.size(); ++i)
    x = blocks[i](x, cache ? &cache->layers[static_cast<size_t>(i)] : nullptr);
  return head(norm(x));
}

Tensor LanguageModel::embed(const Tensor& ids, int64_t offset) const {
  if (ids.dims() != 1 && ids.dims() != 2)
    fail<ShapeError>("ids must be [batch, length] or [length], not ", ids.shape());
  if (offset + ids.size(-1) > options_.block_size)
    fail<ShapeError>("length ", ids.size(-1), offset > 0 ? " after " : "",
                     offset > 0 ? std::to_string(offset) + " tokens in the cache" : "",
                     " is over block_size ", options_.block_size,
                     ": shorten the input or make the model with a larger block_size");
  Tensor x = token_embedding(ids);
  if (embedding_scale_ != 1) x = x * embedding_scale_;
  return dropout_(positions(x, offset));
}

Tensor LanguageModel::loss(const Tensor& ids, const Tensor& targets) const {
  if (targets.shape() != ids.shape())
    fail<ShapeError>("targets must be shaped like ids ", ids.shape(), ", not ", targets.shape());
  const Tensor logits = (*this)(ids);
  return cross_entropy(logits.view({-1, options_.vocab_size}), targets.reshape({-1}));
}

}  // namespace rill::nn
