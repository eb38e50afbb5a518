#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <vector>

#include <rill/core/inspect/chart.h>
#include <rill/nn/module.h>
#include <rill/nn/positions/encoding.h>

namespace rill::nn {

/// What every head looks at while `run` runs a model: a map for each head of each
/// MultiheadAttention, of the first sequence of its batch. Rows are queries, columns keys, a cell
/// is the weight, before dropout; it is empty where the query was not allowed to look. `tokens`
/// name queries and keys wherever there are as many of them, numbers elsewhere.
///
///   for (const inspect::HeatMap& map : attention_maps(model, ids, {"to", "be"}))
///     page.chart(map.title, map);
std::vector<inspect::HeatMap> attention_maps(const std::function<void()>& run,
                                             const std::vector<std::string>& tokens = {});
/// While `model` is called with `input`.
template <std::derived_from<Module> Model>
std::vector<inspect::HeatMap> attention_maps(const Model& model, const Tensor& input,
                                             const std::vector<std::string>& tokens = {}) {
  return attention_maps([&] { static_cast<void>(model(input)); }, tokens);
}

struct PositionMapsOptions {
  int64_t length = 16;
  int64_t d_model = 64;
  int64_t num_heads = 4;
};

/// How an encoding tells positions apart, a map for each place where it acts:
/// - on the input: what it adds to each position (rows), dimension by dimension;
/// - on queries and keys: the product of a head's vector of ones at one position with itself at
///   another, over its squared length;
/// - on the scores: what it adds for a query and a key, head by head.
/// Throws ValueError for a size below 1, and as the encoding where d_model or num_heads are not its
/// own.
std::vector<inspect::HeatMap> position_maps(const AnyEncoding& encoding,
                                            const PositionMapsOptions& options);

}  // namespace rill::nn
