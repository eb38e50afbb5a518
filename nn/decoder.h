#pragma once

#include <optional>

#include <rill/core/ops.h>
#include <rill/nn/attention.h>
#include <rill/nn/dropout.h>
#include <rill/nn/embedding.h>
#include <rill/nn/key_value_cache.h>
#include <rill/nn/layer_norm.h>
#include <rill/nn/linear.h>
#include <rill/nn/module_list.h>
#include <rill/nn/positions/position.h>

namespace rill::nn {

struct LanguageModelOptions {
  int64_t vocab_size = 0;
  /// The longest sequence that the model can see.
  int64_t block_size = 64;
  int64_t n_layer = 4;
  int64_t n_head = 4;
  int64_t n_embd = 128;
  double dropout = 0;
  /// Biases in Linear and LayerNorm.
  bool bias = true;
  Position position = Position::learned;
  /// An encoding of one's own, in place of `position`.
  AnyEncoding encoding = {};
  /// What token embeddings are multiplied by: unless given, √n_embd with the sinusoids of
  /// `position`, else 1. For sinusoids of one's own in `encoding`, give it.
  std::optional<double> embedding_scale = {};
  /// One weight for the token embedding and the head.
  bool tie = true;
  Gelu gelu = Gelu::tanh;
};

/// One pre-norm block of GPT-2 (Radford et al. 2019), x [batch, length, n_embd]:
/// x = x + attn(norm1(x)), causal; then x + linear2(gelu(linear1(norm2(x)))).
///
/// Weights from N(0, 0.02²), those that write to the residual stream (attn.out_proj, linear2) from
/// N(0, (0.02 / √(2 n_layer))²), biases 0.
///
/// Of positions a block knows what `encoding` says; options.position and options.encoding are the
/// whole model's.
class DecoderBlock final : public Layer<DecoderBlock> {
 public:
  explicit DecoderBlock(const LanguageModelOptions& options, const AnyEncoding& encoding = {});
  explicit DecoderBlock(...) = delete;  // DecoderBlock({.n_head = 4, .n_embd = 128}, encoding)

  /// x [batch, length, n_embd]; where there is a cache, x follows what is in it.
  Tensor forward(const Tensor& x, KeyValue* cache = nullptr) const;

  const LayerNorm norm1;
  const MultiheadAttention attn;
  const LayerNorm norm2;
  const Linear linear1, linear2;

 private:
  const Dropout attn_dropout_, dropout_;
  const Gelu gelu_;
};

/// A decoder-only language model: embedding of tokens and positions, blocks, a final norm, and a
/// head that scores each token as the next one.
///
/// Token embeddings come from N(0, 0.02²), like GPT-2's. With sinusoidal positions they are
/// multiplied by √d, as in "Attention Is All You Need": the sinusoids have an rms of 0.7 and would
/// drown them. (tensor2tensor also draws them larger, from N(0, 1/d). With a tied head that makes
/// the first loss twice ln V, since each token predicts itself, and the model ends worse.)
class LanguageModel final : public Layer<LanguageModel> {
 public:
  /// Throws ValueError for sizes below 1, a dropout outside [0, 1], an embedding_scale that is not
  /// finite, where n_head does not divide n_embd, or where rotary positions would turn heads of odd
  /// width.
  explicit LanguageModel(const LanguageModelOptions& options);
  // clang-format off
  explicit LanguageModel(...) = delete;  // ({.vocab_size = v, .block_size = 64, .n_layer = 4, .n_head = 4, .n_embd = 128, .position = nn::Position::rotary})
  // clang-format on

  /// ids int64 [batch, length] or [length] to logits [batch, length, vocab_size]. Throws ShapeError
  /// where length > block_size.
  Tensor forward(const Tensor& ids) const;
  /// The logits of ids that follow the tokens in `cache`, which is extended by them: the same as
  /// the last rows of the logits of all. The batch is that of the tokens before. Throws ShapeError
  /// where they would be over block_size together.
  Tensor forward(const Tensor& ids, KeyValueCache& cache) const;
  /// The mean cross entropy of `targets`, shaped like ids, under the model's logits; targets of
  /// -100 are skipped.
  Tensor loss(const Tensor& ids, const Tensor& targets) const;

  Tensor generate(...) const = delete;  // nn::generate(model, prompt, new_tokens)

  const LanguageModelOptions& options() const { return options_; }
  /// What token embeddings are multiplied by.
  double embedding_scale() const { return embedding_scale_; }

 private:
  Tensor embed(const Tensor& ids, int64_t offset) const;
  Tensor run(const Tensor& ids, KeyValueCache* cache) const;

  const LanguageModelOptions options_;
  const double embedding_scale_;

 public:
  const Embedding token_embedding;
  const AnyEncoding positions;
  const ModuleList<DecoderBlock> blocks;
  const LayerNorm norm;
  const Linear head;

 private:
  const Dropout dropout_;
};

}  // namespace rill::nn
