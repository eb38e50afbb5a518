#include <rill/core/inspect/detail/vega.h>

#include <algorithm>
#include <cmath>

#include <rill/core/error.h>
#include <rill/core/inspect/detail/palette.h>

namespace rill::inspect::vega {
namespace {

constexpr double least_gap = 15;  // between names, in pixels

bool is_shown(double value, const Axis& axis) {
  return std::isfinite(value) && (!axis.log || value > 0);
}

/// A range of some size, around it where it has none.
Range widened(const Range& range, const Axis& axis) {
  if (range.low < range.high) return range;
  if (axis.log) return {range.low / 2, range.high * 2};
  const double half = std::max(0.5, std::abs(range.low) * 0.1);
  return {range.low - half, range.high + half};
}

/// The rules along one direction that can be shown.
std::vector<Rule> shown_rules(std::vector<Rule> rules, bool vertical, const Axis& axis) {
  std::erase_if(rules,
                [&](const Rule& r) { return r.vertical != vertical || !is_shown(r.value, axis); });
  return rules;
}

const char* const horizontal_marks = R"json([
  {"type": "rule", "from": {"data": "rules"}, "style": "rill-rule", "encode": {"update": {
    "x": {"value": 0}, "x2": {"signal": "width"}, "y": {"scale": "y", "field": "value"}}}}
])json";

const char* const vertical_marks = R"json([
  {"type": "rule", "from": {"data": "vertical_rules"}, "style": "rill-rule", "encode": {"update": {
    "y": {"value": 0}, "y2": {"signal": "height"}, "x": {"scale": "x", "field": "value"}}}},
  {"type": "text", "from": {"data": "vertical_rules"}, "style": "rill-label", "encode": {"update": {
    "x": {"scale": "x", "field": "value", "offset": {"signal": "scale('x', datum.value) > width * 0.6 ? -5 : 5"}},
    "align": {"signal": "scale('x', datum.value) > width * 0.6 ? 'right' : 'left'"},
    "y": {"value": 6}, "baseline": {"value": "top"}, "text": {"field": "rule"}}}}
])json";

/// Names want to stand at `wanted`, from above down. Those that give way only downwards stand at
/// `down`, those that give way only upwards at `up`; halfway between the two the gaps are kept too.
const char* const places_of_ends = R"json([
  {"type": "formula", "as": "wanted", "expr": "clamp(scale('y', datum.y), 0, height)"},
  {"type": "collect", "sort": {"field": "wanted"}},
  {"type": "window", "ops": ["row_number"], "as": ["row"]},
  {"type": "formula", "as": "free", "expr": "datum.wanted - names_gap * datum.row"},
  {"type": "window", "ops": ["max"], "fields": ["free"], "as": ["down"], "frame": [null, 0]},
  {"type": "window", "ops": ["min"], "fields": ["free"], "as": ["up"], "frame": [0, null]},
  {"type": "formula", "as": "place", "expr": "min(height + names_gap * (datum.row - names_count), max(names_gap * (datum.row - 1), (datum.down + datum.up) / 2 + names_gap * datum.row))"}
])json";

/// A stroke like the line's, which leads from its end to its name.
const char* const marks_of_ends = R"json([
  {"type": "path", "from": {"data": "ends"}, "interactive": false, "encode": {"update": {
    "path": {"signal": "!names_at_ends || datum.rule ? '' : 'M' + (isValid(datum.x) ? scale('x', datum.x) : width) + ',' + datum.wanted + 'L' + (width + 6) + ',' + datum.place + 'h18'"},
    "stroke": {"scale": "color", "field": "name"}, "strokeDash": {"scale": "dash", "field": "name"},
    "strokeWidth": {"value": 1.5}}}},
  {"type": "text", "from": {"data": "ends"}, "style": "rill-label", "encode": {"update": {
    "x": {"signal": "width + (datum.rule ? 6 : 28)"}, "y": {"field": "place"},
    "baseline": {"value": "middle"}, "text": {"signal": "names_at_ends ? datum.name : ''"}}}}
])json";

void append(Json& list, const char* items) {
  for (Json& item : Json::parse(items)) list.push_back(std::move(item));
}

}  // namespace

Json number(double value, const Axis& axis) {
  return is_shown(value, axis) ? Json(value) : Json(nullptr);
}

std::string title_of(const Axis& axis) {
  return axis.unit.empty() ? axis.title : axis.title + " [" + axis.unit + "]";
}

void Extent::add(double value) {
  if (!is_shown(value, axis_)) return;
  whole_ = whole_ && value == std::floor(value);
  if (!range_) range_ = Range{value, value};
  range_->low = std::min(range_->low, value);
  range_->high = std::max(range_->high, value);
}

void Extent::add(const std::vector<double>& values) {
  for (const double value : values) add(value);
}

Range Extent::range() const {
  if (!axis_.domain) return widened(range_.value_or(axis_.log ? Range{1, 10} : Range{0, 1}), axis_);
  const Range domain = *axis_.domain;
  if (!is_shown(domain.low, axis_) || !is_shown(domain.high, axis_) || domain.low >= domain.high)
    fail<ValueError>(
        "the axis '", axis_.title, "' cannot span ", domain.low, " to ", domain.high,
        axis_.log ? ": a logarithmic domain needs 0 < low < high" : ": a domain needs low < high");
  return domain;
}

Json begin(const std::string& title, int width, int height) {
  return {{"$schema", "https://vega.github.io/schema/vega/v5.json"},
          {"description", title},
          {"title", title},
          {"width", width},
          {"height", height},
          {"padding", 8},
          {"config", Json::parse(chart_theme(false))},
          {"signals", Json::array()},
          {"data", Json::array()},
          {"scales", Json::array()},
          {"axes", Json::array()},
          {"legends", Json::array()},
          {"marks", Json::array()}};
}

Json scale(const char* name, const Axis& axis, const Extent& extent, bool nice) {
  const Range range = extent.range();
  return {{"name", name},
          {"type", axis.log ? "log" : "linear"},
          {"domain", {range.low, range.high}},
          {"range", name == std::string("x") ? "width" : "height"},
          {"nice", nice && !axis.domain},
          {"zero", false}};
}

Json axis(const char* scale, const Axis& axis, const Extent* extent) {
  const bool is_x = scale == std::string("x");
  Json out = {{"scale", scale},          {"orient", is_x ? "bottom" : "left"},
              {"title", title_of(axis)}, {"grid", extent != nullptr},
              {"labelOverlap", true},    {"labelSeparation", 4}};
  if (!extent) return out;
  if (is_x)
    out["tickCount"] = {{"signal", "max(2, floor(width / 80))"}};
  else
    out["tickCount"] = {{"signal", "max(2, floor(height / 45))"}};
  if (extent->is_whole() && !axis.log) out["tickMinStep"] = 1;
  return out;
}

Json color_scale(const std::vector<std::string>& names) {
  Json range = Json::array();
  for (const detail::Style& style : detail::styles_of(names))
    range.push_back({{"signal", "palette[" + std::to_string(style.color) + "]"}});
  return {{"name", "color"}, {"type", "ordinal"}, {"domain", names}, {"range", range}};
}

Json dash_scale(const std::vector<std::string>& names) {
  Json range = Json::array();
  for (const detail::Style& style : detail::styles_of(names))
    range.push_back(detail::dashes[style.dash]);
  return {{"name", "dash"}, {"type", "ordinal"}, {"domain", names}, {"range", range}};
}

Json legend(const char* channel, const std::vector<std::string>& names, const char* symbol) {
  return {{channel, "color"},
          {"orient", "top"},
          {"direction", "horizontal"},
          {"columns", std::min<size_t>(names.size(), 6)},
          {"symbolType", symbol}};
}

bool have_room(size_t names, int height) {
  return static_cast<double>(names) * least_gap <= height + least_gap;
}

void add_ends(Json& spec, const std::vector<End>& lines, const std::vector<Rule>& rules,
              const Axis& y) {
  Json values = Json::array();
  for (const End& end : lines) {
    values.push_back({{"name", end.name}, {"y", end.y}});
    if (end.x) values.back()["x"] = *end.x;
  }
  for (const Rule& rule : shown_rules(rules, false, y))
    values.push_back({{"name", rule.name}, {"y", rule.value}, {"rule", true}});
  if (values.empty()) return;
  const size_t count = values.size();
  const double room = spec["height"].get<double>() / std::max<double>(1, count - 1.0);
  for (const auto& [name, value] : {std::pair<const char*, Json>{"names_at_ends", true},
                                    {"names_gap", std::min(least_gap, room)},
                                    {"names_count", count}})
    spec["signals"].push_back({{"name", name}, {"value", value}});
  spec["data"].push_back(
      {{"name", "ends"}, {"values", values}, {"transform", Json::parse(places_of_ends)}});
  append(spec["marks"], marks_of_ends);
  if (lines.empty()) spec["marks"].erase(spec["marks"].size() - 2);
}

void add_rules(Json& spec, const std::vector<Rule>& rules, const Axis& x, const Axis& y) {
  const auto add = [&](const char* name, const std::vector<Rule>& shown, const char* marks) {
    if (shown.empty()) return;
    Json values = Json::array();
    for (const Rule& rule : shown) values.push_back({{"rule", rule.name}, {"value", rule.value}});
    spec["data"].push_back({{"name", name}, {"values", values}});
    const size_t first = spec["marks"].size();
    append(spec["marks"], marks);
    spec["marks"][first]["encode"]["update"]["tooltip"] =
        tooltip({{"rule", "datum.rule"}, {"at", "datum.value"}});
  };
  add("rules", shown_rules(rules, false, y), horizontal_marks);
  add("vertical_rules", shown_rules(rules, true, x), vertical_marks);
}

Json tooltip(const std::vector<Field>& fields, const std::vector<Field>& optional) {
  Json taken = Json::object();
  const auto item = [&](const Field& field) {
    const std::string name = field.first.empty() ? "value" : field.first;
    std::string key = name;
    for (int i = 2; taken.contains(key); ++i) key = name + " (" + std::to_string(i) + ")";
    taken[key] = true;
    return dump(key) + ": " + field.second;
  };
  std::string signal;
  for (const Field& field : fields) signal += (signal.empty() ? "" : ", ") + item(field);
  signal = "{" + signal + "}";
  for (const Field& field : optional)
    signal = "merge(" + signal + ", isValid(" + field.second + ") && " + field.second +
             " !== '' ? {" + item(field) + "} : {})";
  return {{"signal", signal}};
}

std::string dump(const Json& spec) {
  return spec.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace rill::inspect::vega
