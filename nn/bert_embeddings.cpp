#include <rill/nn/bert_embeddings.h>

#include <rill/core/ops.h>
#include <rill/nn/init.h>

namespace rill::nn {
namespace {

Embedding small_embedding(int64_t num_embeddings, int64_t d_model) {
  const Embedding embedding(num_embeddings, d_model);
  init::normal_(embedding.weight, 0, 0.02);
  return embedding;
}

}  // namespace

BertEmbeddings::BertEmbeddings(int64_t num_embeddings, int64_t d_model,
                               BertEmbeddingsOptions options)
    : token(register_module("token", small_embedding(num_embeddings, d_model))),
      position(register_module(
          "position",
          LearnedPositionalEncoding(d_model, {.dropout = 0, .max_len = options.max_len}))),
      segment(register_module("segment", SegmentEmbedding(d_model, options.num_segments))),
      norm(register_module("norm", LayerNorm(d_model, {.eps = options.layer_norm_eps}))),
      dropout_(register_module("dropout", Dropout(options.dropout))) {}

Tensor BertEmbeddings::forward(const Tensor& ids, const Tensor& segment_ids) const {
  const Tensor segments = segment_ids.defined() ? segment_ids : zeros(ids.shape(), int64);
  return dropout_(norm(segment(position(token(ids)), segments)));
}

}  // namespace rill::nn
