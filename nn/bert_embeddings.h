#pragma once

#include <rill/nn/dropout.h>
#include <rill/nn/embedding.h>
#include <rill/nn/layer.h>
#include <rill/nn/layer_norm.h>
#include <rill/nn/positions/learned_positional_encoding.h>
#include <rill/nn/positions/segment_embedding.h>

namespace rill::nn {

struct BertEmbeddingsOptions {
  int64_t max_len = 512;
  int64_t num_segments = 2;
  double dropout = 0.1;
  double layer_norm_eps = 1e-12;
};

/// dropout(LayerNorm(token + position + segment)): the input of BERT (Devlin et al. 2018). What a
/// token is, where it stands and whose it is are three vectors of one width; their sum keeps all
/// three, since a model can learn to hold them in different directions.
class BertEmbeddings final : public Layer<BertEmbeddings> {
 public:
  /// All three tables from N(0, 0.02²).
  BertEmbeddings(int64_t num_embeddings, int64_t d_model, BertEmbeddingsOptions options = {});
  explicit BertEmbeddings(...) = delete;  // (num_embeddings, d_model, {.max_len = 512})

  /// ids int64 [batch, length] or [length] to [..., d_model]. segment_ids are like ids, or
  /// [length]; all of segment 0 unless given. Throws IndexError for an id out of its table,
  /// ShapeError where length > max_len.
  Tensor forward(const Tensor& ids, const Tensor& segment_ids = {}) const;

  const Embedding token;
  const LearnedPositionalEncoding position;
  const SegmentEmbedding segment;
  const LayerNorm norm;

 private:
  const Dropout dropout_;
};

}  // namespace rill::nn
