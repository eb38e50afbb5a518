#include <algorithm>
#include <cmath>

#include <rill/core/error.h>
#include <rill/core/inspect/detail/vega.h>

namespace rill::inspect {
namespace {

using vega::Extent;
using vega::Json;

/// The data come as one list a row.
const char* const heat_map = R"json({
  "data": [{"name": "cells", "transform": [
    {"type": "flatten", "fields": ["values"], "as": ["value"], "index": "column"}]}],
  "scales": [
    {"name": "x", "type": "band", "domain": {"signal": "sequence(columns)"}, "range": "width"},
    {"name": "y", "type": "band", "domain": {"signal": "sequence(rows)"}, "range": [0, {"signal": "height"}]},
    {"name": "color", "type": "linear", "clamp": true}],
  "marks": [
    {"type": "rect", "from": {"data": "cells"}, "encode": {"update": {
      "x": {"scale": "x", "field": "column"}, "width": {"scale": "x", "band": 1},
      "y": {"scale": "y", "field": "row"}, "height": {"scale": "y", "band": 1},
      "fill": [{"test": "!isValid(datum.value)", "value": "transparent"},
               {"scale": "color", "field": "value"}]}}}]
})json";

const char* const text_mark = R"json({
  "type": "text", "from": {"data": "cells"}, "interactive": false, "encode": {"update": {
    "x": {"scale": "x", "field": "column", "band": 0.5},
    "y": {"scale": "y", "field": "row", "band": 0.5},
    "align": {"value": "center"}, "baseline": {"value": "middle"},
    "text": {"signal": "isValid(datum.value) && bandwidth('x') >= 34 ? format(datum.value, abs(datum.value) < 1000 ? '.3~f' : ',.0f') : ''"},
    "fill": {"signal": "luminance(scale('color', datum.value)) > 0.25 ? '#10141c' : '#f4f6fa'"}}}
})json";

void check_names(const std::vector<std::string>& names, int64_t count, const char* what) {
  if (!names.empty() && static_cast<int64_t>(names.size()) != count)
    fail<ShapeError>("the heat map has ", count, " ", what, ", but ", names.size(),
                     " names for them");
}

void check(const HeatMap& map) {
  if (!map.values.defined() || map.values.dims() != 2 || map.values.numel() == 0)
    fail<ShapeError>("the heat map '", map.title, "' needs values [rows, columns], not ",
                     map.values.defined() ? to_string(map.values.shape()) : "an undefined tensor");
  check_names(map.row_names, map.values.size(0), "rows");
  check_names(map.column_names, map.values.size(1), "columns");
  for (const Axis* axis : {&map.x, &map.y, &map.value})
    if (axis->log)
      fail<ValueError>("the axis '", axis->title,
                       "' of a heat map cannot be logarithmic: give "
                       "the logarithm of the values");
  if (map.x.domain || map.y.domain)
    fail<ValueError>("the heat map '", map.title,
                     "' shows all its rows and columns: narrow `values` instead of a domain");
}

Range colored_range(const HeatMap& map, const std::vector<double>& values) {
  Extent extent(map.value);
  extent.add(values);
  const Range range = extent.range();
  if (map.value.domain || map.colors == Colors::sequential) return range;
  const double largest = std::max(std::abs(range.low), std::abs(range.high));
  return {-largest, largest};
}

/// The size nearest to `wanted` at which every cell has a whole number of pixels; beyond 2000 cells
/// they share them.
int size_of(int wanted, int64_t cells) {
  if (cells > 2000) return wanted;
  const auto count = static_cast<int>(cells);
  return count * std::max(1, static_cast<int>(std::lround(static_cast<double>(wanted) / count)));
}

/// An axis with names, or numbers, whose cells have `room` pixels each.
Json axis_of(const char* scale, const Axis& axis, const std::vector<std::string>& names,
             double room) {
  Json out = vega::axis(scale, axis);
  out["ticks"] = false;
  out["domain"] = false;
  if (names.empty()) return out;
  out["labelOverlap"] = room < 13;
  out["encode"] = {
      {"labels",
       {{"update", {{"text", {{"signal", std::string(scale) + "_names[datum.value]"}}}}}}}};
  size_t longest = 0;
  for (const std::string& name : names) longest = std::max(longest, name.size());
  if (scale == std::string("x") && static_cast<double>(longest) * 7 > room) {
    out["labelAngle"] = -45;
    out["labelAlign"] = "right";
  }
  return out;
}

Json names_or_numbers(const std::vector<std::string>& names, int64_t count) {
  if (!names.empty()) return names;
  Json numbers = Json::array();
  for (int64_t i = 0; i < count; ++i) numbers.push_back(std::to_string(i));
  return numbers;
}

Json signals_of(const HeatMap& map) {
  const int64_t rows = map.values.size(0);
  const int64_t columns = map.values.size(1);
  return {{{"name", "rows"}, {"value", rows}},
          {{"name", "columns"}, {"value", columns}},
          {{"name", "x_names"}, {"value", names_or_numbers(map.column_names, columns)}},
          {{"name", "y_names"}, {"value", names_or_numbers(map.row_names, rows)}}};
}

Json tooltip_of(const HeatMap& map) {
  return vega::tooltip({{map.y.title, "y_names[datum.row]"},
                        {map.x.title, "x_names[datum.column]"},
                        {map.value.title, "datum.value"}});
}

Json rows_of(const std::vector<double>& values, int64_t columns) {
  Json rows = Json::array();
  for (size_t i = 0; i < values.size(); ++i) {
    if (i % static_cast<size_t>(columns) == 0)
      rows.push_back({{"row", rows.size()}, {"values", Json::array()}});
    rows.back()["values"].push_back(vega::number(values[i]));
  }
  return rows;
}

Json color_legend(const HeatMap& map, int height) {
  return {{"fill", "color"},
          {"type", "gradient"},
          {"title", vega::title_of(map.value)},
          {"gradientLength", std::min(height, 200)}};
}

}  // namespace

std::string HeatMap::json() const {
  check(*this);
  const std::vector<double> numbers = values.to_vector<double>();
  const Range range = colored_range(*this, numbers);
  const int drawn_width = size_of(width, values.size(1));
  const int drawn_height = size_of(height, values.size(0));
  Json spec = vega::begin(title, drawn_width, drawn_height);
  spec.update(Json::parse(heat_map));
  // Cells keep whole pixels; many of them are quicker on a canvas.
  spec["usermeta"] = {{"cells", {values.size(0), values.size(1)}},
                      {"renderer", values.numel() > 4000 ? "canvas" : "svg"}};
  spec["signals"] = signals_of(*this);
  spec["data"][0]["values"] = rows_of(numbers, values.size(1));
  spec["scales"][2]["domain"] = {range.low, range.high};
  spec["scales"][2]["range"] = colors == Colors::diverging ? "diverging" : "heatmap";
  spec["marks"][0]["encode"]["update"]["tooltip"] = tooltip_of(*this);
  if (show_values) spec["marks"].push_back(Json::parse(text_mark));
  const double column_room = drawn_width / static_cast<double>(values.size(1));
  const double row_room = drawn_height / static_cast<double>(values.size(0));
  spec["axes"] = {axis_of("x", x, column_names, column_room), axis_of("y", y, row_names, row_room)};
  spec["legends"].push_back(color_legend(*this, drawn_height));
  return vega::dump(spec);
}

}  // namespace rill::inspect
