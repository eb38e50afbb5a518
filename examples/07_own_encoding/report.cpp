#include "report.h"

#include <rill/core/ops.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "../support/loss_chart.h"

namespace own_encoding {
namespace {

using namespace rill;

void add_bars(inspect::BarChart& chart, const std::string& group, const Tensor& biases) {
  const std::vector<double> values = biases.to_vector();
  for (size_t distance = 0; distance < values.size(); ++distance) {
    const bool is_last = distance + 1 == values.size();
    chart.bars.push_back({.name = std::to_string(distance) + (is_last ? " and more" : ""),
                          .value = values[distance],
                          .group = group});
  }
}

inspect::LineChart loss_chart(const Findings& findings) {
  inspect::LineChart chart = examples::loss_chart(findings.losses);
  chart.rules = {{"chance, ln 8", std::log(8.0)}};
  return chart;
}

}  // namespace

inspect::BarChart distance_chart(const Findings& findings) {
  inspect::BarChart chart{.title = "What is added to a score",
                          .x = {.title = "distance to the left"},
                          .y = {.title = "bias"},
                          .show_values = false};
  add_bars(chart, "as drawn", findings.drawn);
  add_bars(chart, "trained", findings.trained);
  return chart;
}

inspect::HeatMap score_map(const Findings& findings) {
  const int64_t queries = findings.scores.size(0), keys = findings.scores.size(1);
  const Tensor later = arange(keys) > arange(queries).unsqueeze(1);
  return {.title = "The same, word by word",
          .x = {.title = "who is heard"},
          .y = {.title = "who listens"},
          .value = {.title = "bias"},
          .values = findings.scores.masked_fill(later, std::nan("")),
          .colors = inspect::Colors::diverging,
          .width = 288,
          .height = 288};
}

std::string conclusion(const Findings& findings) {
  const auto most = argmax(findings.trained).item<int64_t>();
  const double bias = findings.trained[most].item();
  std::vector<double> others = findings.trained.to_vector();
  others.erase(others.begin() + most);
  const double next = *std::ranges::max_element(others);
  const char* found = most == findings.wanted ? "That is the distance that the task asks for."
                                              : "The task asks for another one.";
  return fmt::format(
      "The loss went from {:.4f} to {:.4f}. The largest bias, {:.2f}, is that of distance {}; the "
      "next one is {:.2f}, so that by the bias alone a word {} places before weighs at least "
      "{:.0f} times as much as any other. {}",
      findings.losses.front(), findings.losses.back(), bias, most, next, most,
      std::floor(std::exp(bias - next)), found);
}

void tell(examples::Teller& teller, const Findings& findings) {
  teller.heading("A bias for each distance");
  teller.chart("distances", distance_chart(findings));
  teller.chart("scores", score_map(findings));
  teller.chart("loss", loss_chart(findings));
  teller.text(conclusion(findings));
}

}  // namespace own_encoding
