#include <rill/nn/decoder.h>

#include <cmath>

#include <rill/core/error.h>
#include <rill/nn/init.h>
#include <rill/nn/learned_positional_encoding.h>
#include <rill/nn/positional_encoding.h>

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
  return gpt2_std / std::sqrt(2 * static_cast<double>(options.n_layer));
}

MultiheadAttention gpt2_attention(const LanguageModelOptions& options) {
  const MultiheadAttention attn(options.n_embd, options.n_head,
                                {.dropout = options.dropout, .bias = options.bias});
  init::normal_(attn.in_proj_weight, 0, gpt2_std);
  init::normal_(attn.out_proj.weight, 0, residual_std(options));
  return attn;
}

Embedding token_embeddings(const LanguageModelOptions& options) {
  const Embedding embedding(options.vocab_size, options.n_embd);
  init::normal_(embedding.weight, 0, gpt2_std);
  return embedding;
}

AnyLayer<Tensor(const Tensor&)> position_layer(const LanguageModelOptions& options) {
  const double dropout = options.dropout;
  switch (options.position) {
    case Position::sinusoidal:
      return PositionalEncoding(options.n_embd,
                                {.dropout = dropout, .max_len = options.block_size});
    case Position::learned:
      return LearnedPositionalEncoding(options.block_size, options.n_embd, {.dropout = dropout});
    case Position::none: break;
  }
  return Dropout(dropout);
}

LanguageModelOptions checked(const LanguageModelOptions& options) {
  const auto at_least_one = [](const char* name, int64_t value) {
    if (value < 1) fail<ValueError>("LanguageModel: ", name, " must be 1 or more, not ", value);
  };
  at_least_one("vocab_size", options.vocab_size);
  at_least_one("block_size", options.block_size);
  at_least_one("n_layer", options.n_layer);
  at_least_one("n_head", options.n_head);
  at_least_one("n_embd", options.n_embd);
  if (options.n_embd % options.n_head != 0)
    fail<ValueError>("LanguageModel: n_embd ", options.n_embd, " is not divisible by n_head ",
                     options.n_head);
  return options;
}

}  // namespace

DecoderBlock::DecoderBlock(const LanguageModelOptions& options)
    : norm1(register_module("norm1", LayerNorm(options.n_embd, {.bias = options.bias}))),
      attn(register_module("attn", gpt2_attention(options))),
      norm2(register_module("norm2", LayerNorm(options.n_embd, {.bias = options.bias}))),
      linear1(register_module("linear1",
                              gpt2_linear(options.n_embd, 4 * options.n_embd, options.bias))),
      linear2(register_module("linear2", gpt2_linear(4 * options.n_embd, options.n_embd,
                                                     options.bias, residual_std(options)))),
      attn_dropout_(register_module("attn_dropout", Dropout(options.dropout))),
      dropout_(register_module("dropout", Dropout(options.dropout))),
      gelu_(options.gelu) {}

Tensor DecoderBlock::forward(const Tensor& x) const {
  const Tensor h = norm1(x);
  const Tensor y = x + attn_dropout_(attn(h, h, h, AttendOptions{.is_causal = true}).output);
  return y + dropout_(linear2(gelu(linear1(norm2(y)), gelu_)));
}

LanguageModel::LanguageModel(const LanguageModelOptions& options)
    : options_(checked(options)),
      token_embedding(register_module("token_embedding", token_embeddings(options))),
      positions(register_module(options.position == Position::none ? "dropout" : "positions",
                                position_layer(options))),
      blocks(register_module(
          "blocks", ModuleList<DecoderBlock>(options.n_layer,
                                             [&](int64_t) { return DecoderBlock(options); }))),
      norm(register_module("norm", LayerNorm(options.n_embd, {.bias = options.bias}))),
      head(register_module("head", options.tie
                                       ? Linear(token_embedding.weight)
                                       : gpt2_linear(options.n_embd, options.vocab_size, false))) {}

Tensor LanguageModel::forward(const Tensor& ids) const {
  Tensor x = embed(ids);
  for (const DecoderBlock& block : blocks) x = block(x);
  return head(norm(x));
}

Tensor LanguageModel::embed(const Tensor& ids) const {
  if (ids.dims() != 1 && ids.dims() != 2)
    fail<ShapeError>("ids must be [batch, length] or [length], not ", ids.shape());
  if (ids.size(-1) > options_.block_size)
    fail<ShapeError>("length ", ids.size(-1), " is over block_size ", options_.block_size);
  const Tensor tokens = token_embedding(ids);
  const bool sinusoidal = options_.position == Position::sinusoidal;
  return positions(sinusoidal ? tokens * std::sqrt(static_cast<double>(options_.n_embd)) : tokens);
}

Tensor LanguageModel::loss(const Tensor& ids, const Tensor& targets) const {
  const Tensor logits = (*this)(ids);
  return cross_entropy(logits.view({-1, options_.vocab_size}), targets.reshape({-1}));
}

}  // namespace rill::nn
