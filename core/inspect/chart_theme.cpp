#include <rill/core/inspect/chart.h>
#include <rill/core/inspect/detail/palette.h>
#include <nlohmann/json.hpp>

namespace rill::inspect {
namespace {

using Json = nlohmann::json;

struct Theme {
  const char *background, *text, *label, *note, *grid, *axis, *rule;
  Json palette, diverging;
};

Theme light() {
  return {.background = "#ffffff",
          .text = "#1f2430",
          .label = "#4a5263",
          .note = "#3b4353",
          .grid = "#e6e9ef",
          .axis = "#98a1b3",
          .rule = "#5b6475",
          .palette = detail::light_palette,
          .diverging = {"#1c4f9c", "#6fa3dd", "#f5f6f8", "#eba065", "#a8480a"}};
}

Theme dark() {
  return {.background = "#15181e",
          .text = "#e7eaf0",
          .label = "#a9b2c3",
          .note = "#c3cad7",
          .grid = "#2a303a",
          .axis = "#5a6475",
          .rule = "#98a3b5",
          .palette = detail::dark_palette,
          .diverging = {"#8cc2ff", "#3a73b8", "#1e232c", "#b5672a", "#ffb77a"}};
}

Json axis(const Theme& p) {
  return {{"labelColor", p.label}, {"titleColor", p.text},   {"labelFontSize", 12},
          {"titleFontSize", 12},   {"titleFontWeight", 500}, {"titlePadding", 8},
          {"gridColor", p.grid},   {"domainColor", p.axis},  {"tickColor", p.axis}};
}

Json legend(const Theme& p) {
  return {{"labelColor", p.text}, {"titleColor", p.text},   {"labelFontSize", 12},
          {"titleFontSize", 12},  {"titleFontWeight", 500}, {"symbolStrokeWidth", 3},
          {"symbolSize", 120},    {"columnPadding", 18},    {"labelLimit", 300}};
}

Json styles(const Theme& p) {
  return {{"rill-rule", {{"stroke", p.rule}, {"strokeDash", {5, 4}}, {"strokeWidth", 1.3}}},
          {"rill-label", {{"fill", p.note}, {"fontSize", 12}}},
          {"rill-whisker", {{"stroke", p.text}, {"strokeWidth", 1.5}}},
          {"rill-mark", {{"fill", p.text}, {"stroke", p.background}, {"strokeWidth", 1.5}}}};
}

}  // namespace

std::string chart_theme(bool is_dark) {
  const Theme p = is_dark ? dark() : light();
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
                       {{"category", p.palette},
                        {"heatmap", {{"scheme", "viridis"}}},
                        {"diverging", {{"scheme", p.diverging}}}}},
                      {"signals", {{{"name", "palette"}, {"value", p.palette}}}},
                      {"style", styles(p)}};
  return theme.dump();
}

}  // namespace rill::inspect
