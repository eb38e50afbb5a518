#include <rill/core/inspect/detail/vega.h>

#include <algorithm>
#include <cmath>

#include <rill/core/error.h>

namespace rill::inspect::vega {
namespace {

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

/// Where names stand that want to be at `places` (in pixels, ascending): at least `gap` apart.
std::vector<double> move_apart(std::vector<double> places, double gap) {
  for (size_t i = 1; i < places.size(); ++i) {
    const double overlap = places[i - 1] + gap - places[i];
    if (overlap <= 0) continue;
    for (size_t j = 0; j < i; ++j) places[j] -= overlap / 2;
    places[i] += overlap / 2;
  }
  return places;
}

double pixel_of(double value, const Axis& axis, const Range& shown, int height) {
  const auto place = [&](double v) { return axis.log ? std::log(v) : v; };
  const double span = place(shown.high) - place(shown.low);
  return span > 0 ? height * (place(shown.high) - place(value)) / span : height / 2.0;
}

/// The rules along one direction that can be shown, the highest first.
std::vector<Rule> shown_rules(std::vector<Rule> rules, bool vertical, const Axis& axis) {
  std::erase_if(rules,
                [&](const Rule& r) { return r.vertical != vertical || !is_shown(r.value, axis); });
  std::stable_sort(rules.begin(), rules.end(),
                   [](const Rule& a, const Rule& b) { return a.value > b.value; });
  return rules;
}

Json horizontal_values(const std::vector<Rule>& rules, const Axis& y, const Range& shown,
                       int height) {
  std::vector<double> places;
  for (const Rule& rule : rules) places.push_back(pixel_of(rule.value, y, shown, height));
  const std::vector<double> moved = move_apart(places, 15);
  Json values = Json::array();
  for (size_t i = 0; i < rules.size(); ++i)
    values.push_back(
        {{"rule", rules[i].name}, {"value", rules[i].value}, {"shift", moved[i] - places[i]}});
  return values;
}

const char* const horizontal_marks = R"json([
  {"type": "rule", "from": {"data": "rules"}, "style": "rill-rule", "encode": {"update": {
    "x": {"value": 0}, "x2": {"signal": "width"}, "y": {"scale": "y", "field": "value"},
    "tooltip": {"signal": "datum.rule + ': ' + datum.value"}}}},
  {"type": "text", "from": {"data": "rules"}, "style": "rill-label", "encode": {"update": {
    "x": {"signal": "width + 6"}, "y": {"scale": "y", "field": "value", "offset": {"field": "shift"}},
    "baseline": {"value": "middle"}, "text": {"field": "rule"}}}}
])json";

const char* const vertical_marks = R"json([
  {"type": "rule", "from": {"data": "vertical_rules"}, "style": "rill-rule", "encode": {"update": {
    "y": {"value": 0}, "y2": {"signal": "height"}, "x": {"scale": "x", "field": "value"},
    "tooltip": {"signal": "datum.rule + ': ' + datum.value"}}}},
  {"type": "text", "from": {"data": "vertical_rules"}, "style": "rill-label", "encode": {"update": {
    "x": {"scale": "x", "field": "value", "offset": 5}, "y": {"value": 6},
    "baseline": {"value": "top"}, "text": {"field": "rule"}}}}
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
  Json range = "category";  // ten colours
  if (names.size() > 10)
    range = {{"scheme", "turbo"}, {"extent", {0.1, 0.9}}, {"count", names.size()}};
  return {{"name", "color"}, {"type", "ordinal"}, {"domain", names}, {"range", range}};
}

Json legend(const char* channel, const std::vector<std::string>& names, const char* symbol) {
  return {{channel, "color"},
          {"orient", "top"},
          {"direction", "horizontal"},
          {"columns", std::min<size_t>(names.size(), 6)},
          {"symbolType", symbol}};
}

void add_rules(Json& spec, const std::vector<Rule>& rules, const Axis& x, const Axis& y,
               const Range& shown, int height) {
  const std::vector<Rule> horizontal = shown_rules(rules, false, y);
  const std::vector<Rule> vertical = shown_rules(rules, true, x);
  if (!horizontal.empty()) {
    spec["data"].push_back(
        {{"name", "rules"}, {"values", horizontal_values(horizontal, y, shown, height)}});
    append(spec["marks"], horizontal_marks);
  }
  if (vertical.empty()) return;
  Json values = Json::array();
  for (const Rule& rule : vertical) values.push_back({{"rule", rule.name}, {"value", rule.value}});
  spec["data"].push_back({{"name", "vertical_rules"}, {"values", values}});
  append(spec["marks"], vertical_marks);
}

Json tooltip(const std::vector<std::pair<std::string, std::string>>& fields) {
  Json taken = Json::object();
  std::string signal;
  for (const auto& [name, value] : fields) {
    std::string key = name.empty() ? "value" : name;
    for (int i = 2; taken.contains(key); ++i) key = name + " (" + std::to_string(i) + ")";
    taken[key] = true;
    signal += (signal.empty() ? "" : ", ") + dump(key) + ": " + value;
  }
  return {{"signal", "{" + signal + "}"}};
}

std::string dump(const Json& spec) {
  return spec.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace rill::inspect::vega
