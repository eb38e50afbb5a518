#include <rill/nn/detail/transformer_parts.h>

namespace rill::nn::detail {

MultiheadAttention self_attention(int64_t d_model, int64_t nhead,
                                  const TransformerLayerOptions& options) {
  return MultiheadAttention(d_model, nhead,
                            {.dropout = options.dropout,
                             .bias = options.bias,
                             .batch_first = options.batch_first,
                             .encoding = options.encoding});
}

MultiheadAttention cross_attention(int64_t d_model, int64_t nhead,
                                   TransformerLayerOptions options) {
  options.encoding = {};
  return self_attention(d_model, nhead, options);
}

Linear to_feedforward(const std::string& layer, int64_t d_model,
                      const TransformerLayerOptions& options) {
  rill::detail::want_at_least(1, layer + ": dim_feedforward", options.dim_feedforward);
  return Linear(d_model, options.dim_feedforward, {.bias = options.bias});
}

Linear from_feedforward(int64_t d_model, const TransformerLayerOptions& options) {
  return Linear(options.dim_feedforward, d_model, {.bias = options.bias});
}

LayerNorm norm_of(int64_t d_model, const TransformerLayerOptions& options) {
  return LayerNorm(d_model, {.eps = options.layer_norm_eps, .bias = options.bias});
}

}  // namespace rill::nn::detail
