#include <rill/core/inspect/chart.h>

namespace rill {
namespace {

const char* const light = R"json({
  "background": "white",
  "font": "system-ui, sans-serif",
  "title": {"anchor": "start", "fontSize": 15, "fontWeight": 600, "offset": 12, "color": "#1f2430"},
  "axis": {"labelColor": "#4a5263", "titleColor": "#1f2430", "labelFontSize": 12, "titleFontSize": 12,
           "titleFontWeight": 500, "titlePadding": 8, "gridColor": "#e6e9ef", "domainColor": "#98a1b3",
           "tickColor": "#98a1b3"},
  "legend": {"labelColor": "#1f2430", "titleColor": "#1f2430", "labelFontSize": 12,
             "titleFontSize": 12, "titleFontWeight": 500, "symbolStrokeWidth": 3, "symbolSize": 120,
             "columnPadding": 18, "labelLimit": 300},
  "range": {
    "category": ["#2f6fc4", "#d9700f", "#1f9d63", "#c8334f", "#7a4fc7", "#8a5d3b", "#d1479b",
                 "#5f6b7a", "#9a8a10", "#128ea0"],
    "heatmap": {"scheme": "viridis"},
    "diverging": {"scheme": ["#1c4f9c", "#6fa3dd", "#f5f6f8", "#eba065", "#a8480a"]}},
  "style": {"rill-rule": {"stroke": "#5b6475", "strokeDash": [5, 4], "strokeWidth": 1.3},
            "rill-label": {"fill": "#3b4353", "fontSize": 12},
            "rill-whisker": {"stroke": "#1f2430", "strokeWidth": 1.5},
            "rill-mark": {"fill": "#1f2430", "stroke": "#ffffff", "strokeWidth": 1.5}}
})json";

const char* const dark = R"json({
  "background": "#15181e",
  "font": "system-ui, sans-serif",
  "title": {"anchor": "start", "fontSize": 15, "fontWeight": 600, "offset": 12, "color": "#e7eaf0"},
  "axis": {"labelColor": "#a9b2c3", "titleColor": "#e7eaf0", "labelFontSize": 12, "titleFontSize": 12,
           "titleFontWeight": 500, "titlePadding": 8, "gridColor": "#2a303a", "domainColor": "#5a6475",
           "tickColor": "#5a6475"},
  "legend": {"labelColor": "#e7eaf0", "titleColor": "#e7eaf0", "labelFontSize": 12,
             "titleFontSize": 12, "titleFontWeight": 500, "symbolStrokeWidth": 3, "symbolSize": 120,
             "columnPadding": 18, "labelLimit": 300},
  "range": {
    "category": ["#6ba6f7", "#f5a04a", "#4fcf93", "#f27a8d", "#b398fa", "#cfa37c", "#f08cc8",
                 "#a4afbf", "#d4c446", "#4fcbdc"],
    "heatmap": {"scheme": "viridis"},
    "diverging": {"scheme": ["#8cc2ff", "#3a73b8", "#1e232c", "#b5672a", "#ffb77a"]}},
  "style": {"rill-rule": {"stroke": "#98a3b5", "strokeDash": [5, 4], "strokeWidth": 1.3},
            "rill-label": {"fill": "#c3cad7", "fontSize": 12},
            "rill-whisker": {"stroke": "#e7eaf0", "strokeWidth": 1.5},
            "rill-mark": {"fill": "#e7eaf0", "stroke": "#15181e", "strokeWidth": 1.5}}
})json";

}  // namespace

std::string chart_theme(bool is_dark) { return is_dark ? dark : light; }

}  // namespace rill
