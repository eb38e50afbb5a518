#pragma once

#include <optional>

#include <rill/nn/layer.h>

namespace rill::nn {

struct EmbeddingOptions {
  /// A row for padding: zero at first and never trained. Negative counts from the end.
  std::optional<int64_t> padding_idx = {};
  /// Rows that are looked up and whose norm is larger are scaled down to it, in place.
  std::optional<double> max_norm = {};
  /// Of which norm: 1, 2, ... or infinity.
  double norm_type = 2;
  /// Divide a row's gradient by how often its id stands in the batch.
  bool scale_grad_by_freq = false;
  /// Of the normal distribution that the weight is drawn from.
  double std = 1;
};

/// A vector for each id: ids int64 of any shape S, output S + [embedding_dim]. The default N(0, 1)
/// goes with `PositionalEncoding`, and with `LearnedPositionalEncoding(d, {.std = 1})`; N(0, 0.02²)
/// with a learned one as it is, and, times √d, with sinusoids.
class Embedding final : public Layer<Embedding> {
 public:
  /// weight [num_embeddings, embedding_dim] from N(0, std²). Throws IndexError for a padding_idx
  /// that is out of range, ValueError for sizes below 1, a max_norm or std that is negative or not
  /// finite, and a norm_type that is not above 0.
  Embedding(int64_t num_embeddings, int64_t embedding_dim, EmbeddingOptions options = {});
  explicit Embedding(...) = delete;  // Embedding(n, d, {.padding_idx = 0}), from_pretrained(weight)
  /// Shares the memory of `weight` [num_embeddings, embedding_dim]; not trained where frozen.
  static Embedding from_pretrained(const Tensor& weight, bool freeze = true,
                                   EmbeddingOptions options = {});
  template <class...>
  static Embedding from_pretrained(const Tensor&, ...) = delete;  // from_pretrained(weight, false)

  /// Throws IndexError naming the id, its place and num_embeddings; DTypeError unless int64.
  Tensor forward(const Tensor& ids) const;

  int64_t num_embeddings() const { return weight.size(0); }
  int64_t embedding_dim() const { return weight.size(1); }

  const Tensor weight;

 private:
  Embedding(const Tensor& weight, bool trained, const EmbeddingOptions& options);
  void limit_norms(const Tensor& ids) const;

  const EmbeddingOptions options_;
  const int64_t padding_row_;  // -1 for none
};

}  // namespace rill::nn
