#include <algorithm>

#include <rill/core/error.h>
#include <rill/core/inspect/detail/vega.h>

namespace rill::inspect {
namespace {

using vega::Extent;
using vega::Json;

const char* const point_marks = R"json([
  {"type": "symbol", "from": {"data": "points"}, "encode": {"update": {
    "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"}, "size": {"value": 64},
    "fill": {"scale": "color", "field": "group"}, "fillOpacity": {"value": 0.85}}}},
  {"type": "text", "from": {"data": "points"}, "style": "rill-label", "encode": {"update": {
    "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"}, "dx": {"value": 7},
    "baseline": {"value": "middle"}, "text": {"field": "label"}}}}
])json";

std::vector<std::string> groups_of(const std::vector<Point>& points) {
  std::vector<std::string> groups;
  for (const Point& point : points)
    if (std::find(groups.begin(), groups.end(), point.group) == groups.end())
      groups.push_back(point.group);
  return groups;
}

Json values_of(const ScatterChart& chart) {
  Json values = Json::array();
  for (const Point& point : chart.points) {
    const Json x = vega::number(point.x, chart.x);
    const Json y = vega::number(point.y, chart.y);
    if (!x.is_null() && !y.is_null())
      values.push_back({{"x", x}, {"y", y}, {"label", point.label}, {"group", point.group}});
  }
  return values;
}

Json tooltip_of(const ScatterChart& chart) {
  return vega::tooltip({{chart.x.title, "datum.x"}, {chart.y.title, "datum.y"}},
                       {{"point", "datum.label"}, {"group", "datum.group"}});
}

}  // namespace

std::string ScatterChart::json() const {
  if (points.empty()) fail<ValueError>("the chart '", title, "' has no point");
  Extent x_extent(x);
  Extent y_extent(y);
  for (const Point& point : points) {
    x_extent.add(point.x);
    y_extent.add(point.y);
  }
  for (const Rule& rule : rules) (rule.vertical ? x_extent : y_extent).add(rule.value);
  const std::vector<std::string> groups = groups_of(points);
  Json spec = vega::begin(title, width, height);
  spec["data"].push_back({{"name", "points"}, {"values", values_of(*this)}});
  spec["scales"] = {vega::scale("x", x, x_extent, true), vega::scale("y", y, y_extent, true),
                    vega::color_scale(groups)};
  for (Json& scale : spec["scales"])
    if (scale["type"] != "ordinal" && scale["nice"]) scale["padding"] = 12;
  spec["axes"] = {vega::axis("x", x, &x_extent), vega::axis("y", y, &y_extent)};
  if (groups.size() > 1) spec["legends"].push_back(vega::legend("fill", groups, "circle"));
  vega::add_rules(spec, rules, x, y);
  vega::add_ends(spec, {}, rules, y);
  Json marks = Json::parse(point_marks);
  marks[0]["encode"]["update"]["tooltip"] = tooltip_of(*this);
  for (Json& mark : marks) spec["marks"].push_back(std::move(mark));
  return vega::dump(spec);
}

}  // namespace rill::inspect
