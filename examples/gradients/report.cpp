#include "report.h"

#include <spdlog/fmt/fmt.h>

#include "../support/one_line.h"

namespace inspect = rill::inspect;

namespace gradients {
namespace {

using Part = std::vector<double> Flow::*;

double share_of_last(const std::vector<double>& norms, size_t layer) {
  return norms[layer] / norms.back();
}

/// 0, 6, 12, ..., and the last.
std::vector<size_t> every_sixth(size_t count) {
  std::vector<size_t> layers;
  for (size_t layer = 0; layer + 1 < count; layer += 6) layers.push_back(layer);
  layers.push_back(count - 1);
  return layers;
}

inspect::Table table(const Flows& flows, Part part) {
  inspect::Table out{.columns = {"layer"}};
  for (const Block block : blocks()) out.columns.push_back(name_of(block));
  for (const size_t layer : every_sixth((flows.front().*part).size())) {
    out.rows.push_back({fmt::format("{}", layer)});
    for (const Flow& flow : flows)
      out.rows.back().push_back(fmt::format("{:.1e}", share_of_last(flow.*part, layer)));
  }
  return out;
}

inspect::LineChart chart(const Flows& flows, Part part, const std::string& what) {
  inspect::LineChart out{.title = "Gradient of the " + what + ", as a part of the last",
                         .x = {.title = "layer"},
                         .y = {.title = "gradient, last = 1", .log = true}};
  for (size_t i = 0; i < flows.size(); ++i) {
    inspect::Line line{.name = name_of(blocks()[i])};
    for (size_t layer = 0; layer < (flows[i].*part).size(); ++layer) {
      line.x.push_back(static_cast<double>(layer));
      line.y.push_back(share_of_last(flows[i].*part, layer));
    }
    out.lines.push_back(line);
  }
  return out;
}

}  // namespace

inspect::Table table_of(const Case& example) {
  return {.columns = {"way", "gradient"},
          .rows = {{"by hand", examples::one_line(example.by_hand)},
                   {"by rill", examples::one_line(example.by_rill)},
                   {"by a nudge", examples::one_line(example.nudged)},
                   {"wrong", examples::one_line(example.wrong)}}};
}

inspect::Table activations_table(const Flows& flows) { return table(flows, &Flow::activations); }

inspect::LineChart activations_chart(const Flows& flows) {
  return chart(flows, &Flow::activations, "activations");
}

inspect::Table weights_table(const Flows& flows) { return table(flows, &Flow::weights); }

inspect::LineChart weights_chart(const Flows& flows) {
  return chart(flows, &Flow::weights, "weights");
}

}  // namespace gradients
