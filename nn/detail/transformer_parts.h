#pragma once

#include <optional>
#include <string>
#include <type_traits>

#include <rill/core/option.h>
#include <rill/nn/attention.h>
#include <rill/nn/layer_norm.h>
#include <rill/nn/module_list.h>
#include <rill/nn/transformer_options.h>

// What encoder and decoder layers, and stacks of them, have in common.

namespace rill::nn::detail {

MultiheadAttention self_attention(int64_t d_model, int64_t nhead,
                                  const TransformerLayerOptions& options);
/// Attention of one sequence to another: options.encoding is left out.
MultiheadAttention cross_attention(int64_t d_model, int64_t nhead, TransformerLayerOptions options);
/// Throws ValueError, naming `layer`, for a dim_feedforward below 1.
Linear to_feedforward(const std::string& layer, int64_t d_model,
                      const TransformerLayerOptions& options);
Linear from_feedforward(int64_t d_model, const TransformerLayerOptions& options);
LayerNorm norm_of(int64_t d_model, const TransformerLayerOptions& options);

/// A part with its residual sum: norm(x + part(x)), or with norm_first x + part(norm(x)).
template <class Part>
Tensor add_part(const Tensor& x, const LayerNorm& norm, bool norm_first, const Part& part) {
  return norm_first ? x + part(norm(x)) : norm(x + part(x));
}

/// `num_layers` layers, each from `make(i)`. Throws ValueError, naming `stack`, for fewer than 1.
template <class Make>
auto stacked(const std::string& stack, int64_t num_layers, const Make& make) {
  rill::detail::want_at_least(1, stack + ": num_layers", num_layers);
  return ModuleList<std::invoke_result_t<Make, int64_t>>(num_layers, make);
}

}  // namespace rill::nn::detail
