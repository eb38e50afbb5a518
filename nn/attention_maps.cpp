#include <rill/nn/attention_maps.h>

#include <limits>

#include <rill/core/grad_mode.h>
#include <rill/core/ops.h>
#include <rill/core/option.h>
#include <rill/nn/attention_watch.h>

namespace rill::nn {
namespace {

using inspect::HeatMap;

std::vector<std::string> names_for(int64_t count, const std::vector<std::string>& tokens) {
  if (static_cast<int64_t>(tokens.size()) != count) return {};
  std::vector<std::string> names;
  for (const std::string& token : tokens)
    names.push_back(std::to_string(names.size()) + " " + token);
  return names;
}

/// Of one head, [queries, keys].
HeatMap map_of_head(const std::string& title, const Tensor& weights, const Tensor& allowed,
                    const std::vector<std::string>& tokens) {
  constexpr double nowhere = std::numeric_limits<double>::quiet_NaN();
  return {.title = title,
          .x = {"key"},
          .y = {"query"},
          .value = {.title = "weight", .domain = inspect::Range{0, 1}},
          .values = masked_fill(weights, logical_not(allowed), nowhere),
          .row_names = names_for(weights.size(0), tokens),
          .column_names = names_for(weights.size(1), tokens),
          .width = 220,
          .height = 220};
}

HeatMap map_of_pairs(const std::string& title, const char* value, const Tensor& values) {
  return {.title = title,
          .x = {"position of the key"},
          .y = {"position of the query"},
          .value = {value},
          .values = values,
          .colors = inspect::Colors::diverging,
          .width = 300,
          .height = 300};
}

HeatMap map_of_input(const AnyEncoding& encoding, const PositionMapsOptions& options) {
  return {.title = "What is added to each position",
          .x = {"dimension"},
          .y = {"position"},
          .value = {"added"},
          .values = encoding(zeros({options.length, options.d_model})),
          .colors = inspect::Colors::diverging,
          .width = 560,
          .height = 240};
}

HeatMap map_of_heads(const AnyEncoding& encoding, const PositionMapsOptions& options) {
  const int64_t width = options.d_model / options.num_heads;
  const Tensor turned = encoding.rotate(ones({1, 1, options.length, width}))[0][0];
  return map_of_pairs("One vector at two positions", "product",
                      matmul(turned, transpose(turned, 0, 1)) / static_cast<double>(width));
}

}  // namespace

std::vector<HeatMap> attention_maps(const std::function<void()>& run,
                                    const std::vector<std::string>& tokens) {
  const NoGradGuard unrecorded;
  std::vector<HeatMap> maps;
  const AttentionWatch watch(
      [&](const std::string& path, const Tensor& weights, const Tensor& allowed) {
        for (int64_t head = 0; head < weights.size(1); ++head)
          maps.push_back(map_of_head(path + ", head " + std::to_string(head), weights[0][head],
                                     allowed[0][head], tokens));
      });
  run();
  return maps;
}

std::vector<HeatMap> position_maps(const AnyEncoding& encoding,
                                   const PositionMapsOptions& options) {
  rill::detail::want_at_least(1, "position_maps: length", options.length);
  rill::detail::want_at_least(1, "position_maps: d_model", options.d_model);
  rill::detail::want_at_least(1, "position_maps: num_heads", options.num_heads);
  const NoGradGuard unrecorded;
  const EvalGuard evaluating(encoding);
  std::vector<HeatMap> maps;
  if (encoding.acts_on_input()) maps.push_back(map_of_input(encoding, options));
  if (encoding.acts_on_heads()) maps.push_back(map_of_heads(encoding, options));
  if (!encoding.acts_on_scores()) return maps;
  const Tensor bias = encoding.bias(options.length, options.length);
  for (int64_t head = 0; head < bias.size(0); ++head)
    maps.push_back(
        map_of_pairs("Added to the scores of head " + std::to_string(head), "added", bias[head]));
  return maps;
}

}  // namespace rill::nn
