#include <rill/core/inspect/chart.h>
#include <nlohmann/json.hpp>

namespace rill::inspect {
namespace {

using Json = nlohmann::json;

struct Palette {
  const char *background, *text, *label, *note, *grid, *axis, *rule;
  Json category, diverging;
};

Palette light() {
  return {.background = "#ffffff",
          .text = "#1f2430",
          .label = "#4a5263",
          .note = "#3b4353",
          .grid = "#e6e9ef",
          .axis = "#98a1b3",
          .rule = "#5b6475",
          .category = {"#2f6fc4", "#d9700f", "#1f9d63", "#c8334f", "#7a4fc7", "#8a5d3b", "#d1479b",
                       "#5f6b7a", "#9a8a10", "#128ea0"},
          .diverging = {"#1c4f9c", "#6fa3dd", "#f5f6f8", "#eba065", "#a8480a"}};
}

Palette dark() {
  return {.background = "#15181e",
          .text = "#e7eaf0",
          .label = "#a9b2c3",
          .note = "#c3cad7",
          .grid = "#2a303a",
          .axis = "#5a6475",
          .rule = "#98a3b5",
          .category = {"#6ba6f7", "#f5a04a", "#4fcf93", "#f27a8d", "#b398fa", "#cfa37c", "#f08cc8",
                       "#a4afbf", "#d4c446", "#4fcbdc"},
          .diverging = {"#8cc2ff", "#3a73b8", "#1e232c", "#b5672a", "#ffb77a"}};
}

Json axis(const Palette& p) {
  return {{"labelColor", p.label}, {"titleColor", p.text},   {"labelFontSize", 12},
          {"titleFontSize", 12},   {"titleFontWeight", 500}, {"titlePadding", 8},
          {"gridColor", p.grid},   {"domainColor", p.axis},  {"tickColor", p.axis}};
}

Json legend(const Palette& p) {
  return {{"labelColor", p.text}, {"titleColor", p.text},   {"labelFontSize", 12},
          {"titleFontSize", 12},  {"titleFontWeight", 500}, {"symbolStrokeWidth", 3},
          {"symbolSize", 120},    {"columnPadding", 18},    {"labelLimit", 300}};
}

Json styles(const Palette& p) {
  return {{"rill-rule", {{"stroke", p.rule}, {"strokeDash", {5, 4}}, {"strokeWidth", 1.3}}},
          {"rill-label", {{"fill", p.note}, {"fontSize", 12}}},
          {"rill-whisker", {{"stroke", p.text}, {"strokeWidth", 1.5}}},
          {"rill-mark", {{"fill", p.text}, {"stroke", p.background}, {"strokeWidth", 1.5}}}};
}

}  // namespace

std::string chart_theme(bool is_dark) {
  const Palette p = is_dark ? dark() : light();
  const Json theme = {{"background", p.background},
                      {"font", "system-ui, sans-serif"},
                      {"title",
                       {{"anchor", "start"},
                        {"fontSize", 15},
                        {"fontWeight", 600},
                        {"offset", 12},
                        {"color", p.text}}},
                      {"axis", axis(p)},
                      {"legend", legend(p)},
                      {"range",
                       {{"category", p.category},
                        {"heatmap", {{"scheme", "viridis"}}},
                        {"diverging", {{"scheme", p.diverging}}}}},
                      {"style", styles(p)}};
  return theme.dump();
}

}  // namespace rill::inspect
