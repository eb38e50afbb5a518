#include <algorithm>

#include <rill/core/error.h>
#include <rill/core/inspect/detail/vega.h>

namespace rill::inspect {
namespace {

using vega::Extent;
using vega::Json;

/// Bands, lines and points, a group for each line; points that are not shown wait for the pointer.
const char* const line_marks = R"json([
  {"type": "group", "from": {"facet": {"name": "line", "data": "lines", "groupby": "line"}},
   "data": [{"name": "points", "source": "line", "transform": [
     {"type": "filter", "expr": "isValid(datum.x) && isValid(datum.y)"}]}],
   "marks": [
    {"type": "area", "from": {"data": "line"}, "encode": {"update": {
      "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "low"},
      "y2": {"scale": "y", "field": "high"}, "fill": {"scale": "color", "field": "line"},
      "fillOpacity": {"value": 0.2},
      "defined": {"signal": "isValid(datum.x) && isValid(datum.low) && isValid(datum.high)"
}
}
}
},
    {"type": "line", "from": {"data": "line"}, "encode": {"update": {
      "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"},
      "stroke": {"scale": "color", "field": "line"}, "strokeWidth": {"value": 2.2},
      "strokeDash": {"scale": "dash", "field": "line"},
      "defined": {"signal": "isValid(datum.x) && isValid(datum.y)"}}}},
    {"type": "symbol", "from": {"data": "points"}, "encode": {
      "update": {
        "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"},
        "fill": {"scale": "color", "field": "line"}, "size": {"value": 50},
        "opacity": {"signal": "datum.point ? 1 : 0"}}}}
  ]
}
])json";

const char* const whole_chart = R"json(
  {"update": {"width": {"signal": "width"}, "height": {"signal": "height"}}}
)json";

const char* const point_marks = R"json([
  {"type": "symbol", "from": {"data": "marks"}, "style": "rill-mark", "encode": {"update": {
    "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"}, "size": {"value": 70}}}},
  {"type": "text", "from": {"data": "marks"}, "style": "rill-label", "encode": {"update": {
    "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"}, "dy": {"value": -10},
    "align": {"signal": "scale('x', datum.x) < 30 ? 'left' : scale('x', datum.x) > width - 30 ? 'right' : 'center'"},
    "baseline": {"value": "bottom"}, "text": {"field": "label"}}}}
])json";

const char* const fill_of_line = R"json([
  {"test": "datum.line !== ''", "scale": "color", "field": "line"}, {"value": "#7f8794"}
])json";

void check_line(const Line& line, const std::vector<std::string>& before) {
  if (std::find(before.begin(), before.end(), line.name) != before.end())
    fail<ValueError>("two lines have the name '", line.name, "': give each its own");
  if (line.x.size() != line.y.size())
    fail<ShapeError>("the line '", line.name, "' has ", line.x.size(), " numbers x and ",
                     line.y.size(), " y: it needs as many of both");
  const bool has_band = !line.low.empty() || !line.high.empty();
  if (has_band && (line.low.size() != line.x.size() || line.high.size() != line.x.size()))
    fail<ShapeError>("the line '", line.name, "' has ", line.x.size(), " points, but its band ",
                     line.low.size(), " numbers low and ", line.high.size(), " high");
}

std::vector<std::string> names_of(const LineChart& chart) {
  if (chart.lines.empty()) fail<ValueError>("the chart '", chart.title, "' has no line");
  std::vector<std::string> names;
  for (const Line& line : chart.lines) {
    check_line(line, names);
    names.push_back(line.name);
  }
  for (const Mark& mark : chart.marks)
    if (!mark.line.empty() && std::find(names.begin(), names.end(), mark.line) == names.end())
      fail<ValueError>("the mark '", mark.label, "' is to stand on the line '", mark.line,
                       "', which is not in the chart");
  return names;
}

Json values_of(const LineChart& chart) {
  Json values = Json::array();
  for (const Line& line : chart.lines)
    for (size_t i = 0; i < line.x.size(); ++i) {
      Json value = {{"line", line.name},
                    {"x", vega::number(line.x[i], chart.x)},
                    {"y", vega::number(line.y[i], chart.y)}};
      if (!line.low.empty()) {
        value["low"] = vega::number(line.low[i], chart.y);
        value["high"] = vega::number(line.high[i], chart.y);
      }
      if (line.points || line.x.size() == 1) value["point"] = true;
      values.push_back(std::move(value));
    }
  return values;
}

Json values_of(const std::vector<Mark>& marks, const LineChart& chart) {
  Json values = Json::array();
  for (const Mark& mark : marks) {
    const Json x = vega::number(mark.x, chart.x);
    const Json y = vega::number(mark.y, chart.y);
    if (!x.is_null() && !y.is_null())
      values.push_back({{"x", x}, {"y", y}, {"label", mark.label}, {"line", mark.line}});
  }
  return values;
}

void add_extents(const LineChart& chart, Extent& x, Extent& y) {
  for (const Line& line : chart.lines) {
    x.add(line.x);
    for (const std::vector<double>* values : {&line.y, &line.low, &line.high}) y.add(*values);
  }
  for (const Mark& mark : chart.marks) {
    x.add(mark.x);
    y.add(mark.y);
  }
  for (const Rule& rule : chart.rules) (rule.vertical ? x : y).add(rule.value);
}

/// Tells 'step', 'loss' and the line under the pointer.
Json tooltip_of(const LineChart& chart) {
  return vega::tooltip({{chart.x.title, "datum.x"}, {chart.y.title, "datum.y"}},
                       {{"line", "datum.line"}, {"low", "datum.low"}, {"high", "datum.high"}});
}

void add_line_marks(Json& spec, const LineChart& chart) {
  Json group = Json::parse(line_marks)[0];
  const bool clip = chart.x.domain || chart.y.domain;
  if (clip) group["encode"] = Json::parse(whole_chart);
  for (const size_t drawn : {0, 1}) group["marks"][drawn]["clip"] = clip;
  group["marks"][2]["encode"]["update"]["tooltip"] = tooltip_of(chart);
  spec["marks"].push_back(std::move(group));
}

void add_point_marks(Json& spec, const LineChart& chart) {
  if (chart.marks.empty()) return;
  spec["data"].push_back({{"name", "marks"}, {"values", values_of(chart.marks, chart)}});
  Json marks = Json::parse(point_marks);
  const bool colored = std::any_of(chart.marks.begin(), chart.marks.end(),
                                   [](const Mark& mark) { return !mark.line.empty(); });
  marks[0]["encode"]["update"]["tooltip"] = vega::tooltip(
      {{"mark", "datum.label"}, {chart.x.title, "datum.x"}, {chart.y.title, "datum.y"}});
  if (colored) marks[0]["encode"]["update"]["fill"] = Json::parse(fill_of_line);
  for (Json& mark : marks) spec["marks"].push_back(std::move(mark));
}

/// The whole numbers on x where they are few: they make better ticks than round ones.
std::vector<double> few_places(const LineChart& chart, const Extent& x) {
  constexpr size_t most = 8;
  std::vector<double> places;
  for (const Line& line : chart.lines)
    for (const double value : line.x)
      if (!vega::number(value, chart.x).is_null() &&
          std::ranges::find(places, value) == places.end()) {
        places.push_back(value);
        if (places.size() > most) return {};
      }
  std::ranges::sort(places);
  return x.is_whole() ? places : std::vector<double>{};
}

/// Where the names of lines stand: beside their last points.
std::vector<vega::End> ends_of(const LineChart& chart) {
  std::vector<vega::End> ends;
  for (const Line& line : chart.lines)
    for (size_t i = line.x.size(); i-- > 0;)
      if (!vega::number(line.x[i], chart.x).is_null() &&
          !vega::number(line.y[i], chart.y).is_null()) {
        ends.push_back({line.name, line.x[i], line.y[i]});
        break;
      }
  return ends;
}

void add_names(Json& spec, const LineChart& chart, const std::vector<std::string>& names) {
  const bool named = names.size() > 1 || !names[0].empty();
  const bool at_ends = named && vega::have_room(names.size() + chart.rules.size(), chart.height);
  vega::add_ends(spec, at_ends ? ends_of(chart) : std::vector<vega::End>{}, chart.rules, chart.y);
  if (!named || at_ends) return;
  spec["legends"].push_back(vega::legend("stroke", names, "stroke"));
  spec["legends"][0]["strokeDash"] = "dash";
}

}  // namespace

std::string LineChart::json() const {
  const std::vector<std::string> names = names_of(*this);
  Extent x_extent(x);
  Extent y_extent(y);
  add_extents(*this, x_extent, y_extent);
  Json spec = vega::begin(title, width, height);
  spec["data"].push_back({{"name", "lines"}, {"values", values_of(*this)}});
  spec["scales"] = {vega::scale("x", x, x_extent, false), vega::scale("y", y, y_extent, true),
                    vega::color_scale(names), vega::dash_scale(names)};
  spec["axes"] = {vega::axis("x", x, &x_extent), vega::axis("y", y, &y_extent)};
  if (const auto places = few_places(*this, x_extent); places.size() > 1) {
    spec["axes"][0]["values"] = places;
    spec["axes"][0]["labelOverlap"] = "greedy";
  }
  vega::add_rules(spec, rules, x, y);
  add_line_marks(spec, *this);
  add_point_marks(spec, *this);
  add_names(spec, *this, names);
  return vega::dump(spec);
}

}  // namespace rill::inspect
