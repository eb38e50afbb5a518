#include <rill/nn/embedding.h>

#include <set>

#include <rill/core/autograd.h>
#include <rill/core/error.h>
#include <rill/core/ops.h>
#include <rill/core/option.h>
#include <rill/nn/init.h>

namespace rill::nn {
namespace {

int64_t padding_row(const Tensor& weight, const EmbeddingOptions& options) {
  if (!options.padding_idx) return -1;
  const int64_t rows = weight.size(0);
  const int64_t row = *options.padding_idx;
  if (row < -rows || row >= rows)
    fail<IndexError>("Embedding: padding_idx ", row, " is not one of ", rows, " embeddings");
  return row < 0 ? row + rows : row;
}

Tensor checked(const Tensor& weight, const EmbeddingOptions& options) {
  if (weight.dims() != 2)
    fail<ShapeError>("Embedding: the weight must be [num_embeddings, embedding_dim], not ",
                     weight.shape());
  if (options.max_norm) rill::detail::want_not_negative("Embedding: max_norm", *options.max_norm);
  if (!(options.norm_type > 0))
    fail<ValueError>("Embedding: norm_type must be above 0 (1, 2, infinity, ...), found ",
                     options.norm_type);
  return weight;
}

Tensor table(int64_t num_embeddings, int64_t embedding_dim, double std) {
  rill::detail::want_at_least(1, "Embedding: num_embeddings", num_embeddings);
  rill::detail::want_at_least(1, "Embedding: embedding_dim", embedding_dim);
  rill::detail::want_not_negative("Embedding: std", std);
  return init::normal_(Tensor::empty({num_embeddings, embedding_dim}), 0, std);
}

}  // namespace

Embedding::Embedding(int64_t num_embeddings, int64_t embedding_dim, EmbeddingOptions options)
    : Embedding(table(num_embeddings, embedding_dim, options.std), true, options) {
  const NoGradGuard no_grad;
  if (padding_row_ >= 0) weight[padding_row_].zero_();
}

Embedding::Embedding(const Tensor& given, bool trained, const EmbeddingOptions& options)
    : weight(register_parameter("weight", checked(given, options), trained)),
      options_(options),
      padding_row_(padding_row(given, options)) {
  const int64_t rows = weight.size(0), width = weight.size(1);
  if (padding_row_ < 0)
    set_extra_repr({{"", rows}, {"", width}});
  else
    set_extra_repr({{"", rows}, {"", width}, {"padding_idx", padding_row_}});
}

Embedding Embedding::from_pretrained(const Tensor& weight, bool freeze, EmbeddingOptions options) {
  return Embedding(weight.detach(), !freeze, options);
}

Tensor Embedding::forward(const Tensor& ids) const {
  if (options_.max_norm) limit_norms(ids);
  return embedding(
      weight, ids,
      {.padding_idx = padding_row_, .scale_grad_by_freq = options_.scale_grad_by_freq});
}

void Embedding::limit_norms(const Tensor& ids) const {
  const NoGradGuard no_grad;
  static_cast<void>(embedding(weight, ids));  // refuses bad ids before anything is written
  const std::vector<int64_t> looked_up = ids.to_vector<int64_t>();
  for (const int64_t id : std::set<int64_t>(looked_up.begin(), looked_up.end())) {
    const Tensor row = weight[id];
    const double length = norm(row, options_.norm_type).item();
    if (length > *options_.max_norm) row.mul_(*options_.max_norm / (length + 1e-7));
  }
}

}  // namespace rill::nn
