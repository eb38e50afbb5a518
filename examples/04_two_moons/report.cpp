#include "report.h"

#include <rill/core/ops.h>
#include <spdlog/fmt/fmt.h>

#include <cmath>

#include "../support/loss_chart.h"

namespace moons {
namespace {

using namespace rill;

/// "-1.5" for the first of `count` places from `first` to `last`, and so on.
std::vector<std::string> places(double first, double last, int64_t count) {
  std::vector<std::string> names;
  for (int64_t i = 0; i < count; ++i) {
    const double place = first + (last - first) * static_cast<double>(i) / (count - 1);
    names.push_back(fmt::format("{:.1f}", std::abs(place) < 0.05 ? 0 : place));
  }
  return names;
}

bool is_wrong(double label, double logit) { return (logit > 0) != (label > 0); }

inspect::Point point_of(double x, double y, double label, double logit) {
  const std::string crescent = label > 0 ? "second crescent" : "first crescent";
  if (is_wrong(label, logit)) return {x, y, "wrong", crescent + ", told wrongly"};
  return {x, y, "", crescent};
}

/// Of the points, how many are told wrongly; and of these, how many with more than 90 % certainty.
struct Mistakes {
  int64_t all = 0, sure = 0;
};

Mistakes mistakes_of(const Findings& findings) {
  const std::vector<double> label = findings.label.to_vector(),
                            logits = findings.logits.to_vector();
  Mistakes mistakes;
  for (size_t i = 0; i < label.size(); ++i) {
    const bool wrong = is_wrong(label[i], logits[i]);
    mistakes.all += wrong;
    mistakes.sure += wrong && std::abs(logits[i]) > std::log(9.0);
  }
  return mistakes;
}

inspect::LineChart loss_chart(const Findings& findings) {
  inspect::LineChart chart = examples::loss_chart(findings.losses);
  chart.y.log = true;
  return chart;
}

}  // namespace

inspect::HeatMap plane_map(const Findings& findings) {
  return {.title = "What the network takes each place for",
          .x = {.title = "x"},
          .y = {.title = "y"},
          .value = {.title = "second crescent", .domain = inspect::Range{0, 1}},
          .values = sigmoid(findings.plane),
          .row_names = places(1.5, -1, findings.plane.size(0)),
          .column_names = places(-1.5, 2.5, findings.plane.size(1)),
          .width = 448,
          .height = 280};
}

inspect::ScatterChart points_chart(const Findings& findings) {
  inspect::ScatterChart chart{.title = "Points that it has not seen",
                              .x = {.title = "x", .domain = inspect::Range{-1.5, 2.5}},
                              .y = {.title = "y", .domain = inspect::Range{-1, 1.5}},
                              .width = 448,
                              .height = 280};
  const std::vector<double> xy = findings.xy.to_vector(), label = findings.label.to_vector(),
                            logits = findings.logits.to_vector();
  for (size_t i = 0; i < label.size(); ++i)
    chart.points.push_back(point_of(xy[2 * i], xy[2 * i + 1], label[i], logits[i]));
  return chart;
}

std::string conclusion(const Findings& findings) {
  const Mistakes mistakes = mistakes_of(findings);
  std::string said = fmt::format(
      "The loss went from {:.4f} to {:.4f}. Of {} points that it has not seen {} are "
      "told wrongly",
      findings.losses.front(), findings.losses.back(), findings.label.numel(), mistakes.all);
  if (mistakes.all == 0) return said + ".";
  return said + fmt::format(", {} of them with more than 90 % certainty.", mistakes.sure);
}

void tell(examples::Teller& teller, const Findings& findings) {
  teller.heading("The border");
  teller.chart("plane", plane_map(findings));
  teller.chart("points", points_chart(findings));
  teller.chart("loss", loss_chart(findings));
  teller.text(conclusion(findings));
}

}  // namespace moons
