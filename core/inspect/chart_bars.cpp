#include <algorithm>

#include <rill/core/error.h>
#include <rill/core/inspect/detail/palette.h>
#include <rill/core/inspect/detail/vega.h>

namespace rill::inspect {
namespace {

using vega::Extent;
using vega::Json;

const char* const scales = R"json([
  {"name": "x", "type": "band", "range": "width", "padding": 0.25},
  {"name": "inner", "type": "band", "range": {"signal": "[0, bandwidth('x')]"}, "padding": 0.06}
])json";

/// Where there is a value: the bar, what is written above it, and the whisker with its two ends.
const char* const bar_marks = R"json([
  {"type": "rect", "from": {"data": "drawn"}, "encode": {"update": {
    "x": {"scale": "x", "field": "bar", "offset": {"scale": "inner", "field": "group"}},
    "width": {"scale": "inner", "band": 1},
    "y": {"scale": "y", "field": "value"}, "y2": {"scale": "y", "signal": "base"},
    "fill": {"scale": "color", "field": "group"}, "cornerRadius": {"value": 2}}}},
  {"type": "rule", "from": {"data": "whiskers"}, "style": "rill-whisker", "encode": {"update": {
    "x": {"scale": "x", "field": "bar", "offset": {"signal": "middle(datum)"
}
}
, "y" : {"scale" : "y", "field" : "low"}, "y2" : { "scale" : "y", "field" : "high" }
}
}
},
  {"type": "text", "from": {"data": "drawn"}, "style": "rill-label", "encode": {"update": {
    "x": {"scale": "x", "field": "bar", "offset": {"signal": "middle(datum)"}},
    "y": {"scale": "y", "signal": "max(datum.value, isValid(datum.high) ? datum.high : datum.value)"},
    "dy": {"value": -5}, "align": {"value": "center"}, "baseline": {"value": "bottom"},
    "fontSize": {"signal": "bandwidth('inner') < 34 ? 10 : 12"},
    "text": {"signal": "format(datum.value, abs(datum.value) >= 1000 ? ',.0f' : bandwidth('inner') < 34 ? '.3~r' : '.4~r')"}}}}
])json";

const char* const dot_mark = R"json({
  "type": "symbol", "from": {"data": "drawn"}, "encode": {"update": {
    "x": {"scale": "x", "field": "bar", "offset": {"signal": "middle(datum)"}},
    "y": {"scale": "y", "field": "value"}, "size": {"value": 90},
    "fill": {"scale": "color", "field": "group"}}}
})json";

const char* const whisker_end = R"json(
  {"type": "rule", "from": {"data": "whiskers"}, "style": "rill-whisker", "encode": {"update": {
    "x": {"scale": "x", "field": "bar", "offset": {"signal": "middle(datum) - 5"}},
    "x2": {"scale": "x", "field": "bar", "offset": {"signal": "middle(datum) + 5"}},
    "y": {"scale": "y"}}}}
)json";

/// The x of a bar's middle within its name's band.
const std::string middle = "(scale('inner', datum.group) + bandwidth('inner') / 2)";

bool shows_dots(const BarChart& chart) { return chart.dots || chart.y.log; }

Json parse_marks(const char* text) {
  std::string marks = text;
  const std::string call = "middle(datum)";
  for (size_t at = marks.find(call); at != std::string::npos; at = marks.find(call, at))
    marks.replace(at, call.size(), middle);
  return Json::parse(marks);
}

struct Names {
  std::vector<std::string> bars;
  std::vector<std::string> groups;
};

void add_name(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

Names names_of(const BarChart& chart) {
  Names names;
  for (const Bar& bar : chart.bars) {
    add_name(names.bars, bar.name);
    add_name(names.groups, bar.group);
  }
  return names;
}

void check(const BarChart& chart) {
  if (chart.bars.empty()) fail<ValueError>("the chart '", chart.title, "' has no bar");
  for (size_t i = 0; i < chart.bars.size(); ++i) {
    const Bar& bar = chart.bars[i];
    if (bar.low.has_value() != bar.high.has_value())
      fail<ValueError>("the bar '", bar.name, "' has one end of a whisker: give low and high");
    for (size_t j = 0; j < i; ++j)
      if (chart.bars[j].name == bar.name && chart.bars[j].group == bar.group)
        fail<ValueError>("two bars have the name '", bar.name, "' and the group '", bar.group, "'");
  }
  for (const Rule& rule : chart.rules)
    if (rule.vertical)
      fail<ValueError>("the rule '", rule.name, "' is vertical, but x has names, not numbers");
}

Json values_of(const BarChart& chart) {
  Json values = Json::array();
  for (const Bar& bar : chart.bars) {
    Json value = {
        {"bar", bar.name}, {"group", bar.group}, {"value", vega::number(bar.value, chart.y)}};
    if (bar.low) {
      value["low"] = vega::number(*bar.low, chart.y);
      value["high"] = vega::number(*bar.high, chart.y);
    }
    values.push_back(std::move(value));
  }
  return values;
}

Json data_of(const BarChart& chart) {
  Json data = Json::parse(R"json([
    {"name": "bars"},
    {"name": "drawn", "source": "bars", "transform": [
      {"type": "filter", "expr": "isValid(datum.value)"}]
},
    {"name": "whiskers", "source": "drawn", "transform": [
      {"type": "filter", "expr": "isValid(datum.low) && isValid(datum.high)"}]}
  ])json");
  data[0]["values"] = values_of(chart);
  return data;
}

Extent extent_of(const BarChart& chart) {
  Extent extent(chart.y);
  if (!shows_dots(chart)) extent.add(0);
  for (const Bar& bar : chart.bars) {
    extent.add(bar.value);
    if (bar.low) extent.add({*bar.low, *bar.high});
  }
  for (const Rule& rule : chart.rules) extent.add(rule.value);
  return extent;
}

/// Long names are written aslant.
Json name_axis(const BarChart& chart, const Names& names) {
  Json out = vega::axis("x", chart.x);
  out["ticks"] = false;
  out["labelPadding"] = 6;
  out["labelOverlap"] = false;
  size_t longest = 0;
  for (const std::string& name : names.bars) longest = std::max(longest, name.size());
  const double room = static_cast<double>(chart.width) / static_cast<double>(names.bars.size());
  if (static_cast<double>(longest) * 7 > room) {
    out["labelAngle"] = -35;
    out["labelAlign"] = "right";
  }
  return out;
}

Json tooltip_of(const BarChart& chart) {
  return vega::tooltip({{"bar", "datum.bar"}, {chart.y.title, "datum.value"}},
                       {{"group", "datum.group"}, {"low", "datum.low"}, {"high", "datum.high"}});
}

/// Bars of encodings have their colours, where none are needed for groups.
bool is_colored_by_name(const BarChart& chart) {
  return std::ranges::all_of(chart.bars, [](const Bar& bar) { return bar.group.empty(); }) &&
         std::ranges::any_of(chart.bars,
                             [](const Bar& bar) { return detail::is_encoding(bar.name); });
}

void add_bar_marks(Json& spec, const BarChart& chart) {
  Json marks = parse_marks(bar_marks);
  if (shows_dots(chart)) marks[0] = parse_marks(dot_mark);
  if (is_colored_by_name(chart)) marks[0]["encode"]["update"]["fill"]["field"] = "bar";
  marks[0]["encode"]["update"]["tooltip"] = tooltip_of(chart);
  if (!chart.show_values) marks.erase(2);
  for (Json& mark : marks) spec["marks"].push_back(std::move(mark));
  for (const char* field : {"low", "high"}) {
    Json end = parse_marks(whisker_end);
    end["encode"]["update"]["y"]["field"] = field;
    spec["marks"].push_back(std::move(end));
  }
}

}  // namespace

std::string BarChart::json() const {
  check(*this);
  const Names names = names_of(*this);
  const Extent extent = extent_of(*this);
  const Range shown = extent.range();
  Json spec = vega::begin(title, width, height);
  spec["signals"] =
      Json::array({{{"name", "base"}, {"value", std::clamp(0.0, shown.low, shown.high)}}});
  spec["data"] = data_of(*this);
  spec["scales"] = Json::parse(scales);
  spec["scales"][0]["domain"] = names.bars;
  spec["scales"][1]["domain"] = names.groups;
  spec["scales"].push_back(vega::scale("y", y, extent, true));
  if (shows_dots(*this)) spec["scales"].back()["padding"] = 24;
  spec["scales"].push_back(
      vega::color_scale(is_colored_by_name(*this) ? names.bars : names.groups));
  spec["axes"] = {name_axis(*this, names), vega::axis("y", y, &extent)};
  if (names.groups.size() > 1) {
    spec["legends"].push_back(vega::legend("fill", names.groups, "square"));
    spec["legends"][0]["offset"] = show_values ? 26 : 12;
  }
  add_bar_marks(spec, *this);
  vega::add_rules(spec, rules, x, y);
  vega::add_ends(spec, {}, rules, y);
  return vega::dump(spec);
}

}  // namespace rill::inspect
