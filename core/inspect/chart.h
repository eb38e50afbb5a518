#pragma once

#include <optional>
#include <string>
#include <vector>

#include <rill/core/tensor.h>

namespace rill::inspect {

// A chart is a value: fill in what it shows, put it on a Page, or take its json(), a specification
// for Vega (https://vega.github.io/vega/) that holds the data too, every number to the last bit.
//
// What is not a finite number (and on a logarithmic axis, what is not above zero) is null in the
// data and is not drawn: a line has a gap there, a bar or a cell is empty.

/// From `low` to `high`.
struct Range {
  double low = 0;
  double high = 1;
};

/// What one direction of a chart shows.
struct Axis {
  std::string title = "";
  std::string unit = "";  // is put in brackets behind the title
  bool log = false;
  std::optional<Range> domain = {};  // what the data span where it is not given
};

/// A line through the points (x, y), with a band from `low` to `high` where they are given.
struct Line {
  std::string name = "";  // beside its end; an encoding of positions has its own colour and dash
  std::vector<double> x = {};
  std::vector<double> y = {};
  std::vector<double> low = {};
  std::vector<double> high = {};
  bool points = false;  // show each point too
};

/// A dashed straight line to compare with: horizontal at y = value, or vertical at x = value.
struct Rule {
  std::string name = "";
  double value = 0;
  bool vertical = false;
};

/// A point to look at.
struct Mark {
  double x = 0;
  double y = 0;
  std::string label = "";
  std::string line = "";  // the name of the line whose colour it takes
};

/// LineChart chart{.title = "Loss", .x = {"step"}, .y = {"loss", "nats"}};
/// chart.lines.push_back({"train", steps, losses});
struct LineChart {
  std::string title = "";
  Axis x = {};
  Axis y = {};
  std::vector<Line> lines = {};
  std::vector<Rule> rules = {};
  std::vector<Mark> marks = {};
  int width = 640;
  int height = 300;

  /// Throws ShapeError where the sizes of a line differ, ValueError where there is no line, names
  /// of lines repeat, a mark names no line, or a domain is empty.
  std::string json() const;
};

struct Point {
  double x = 0;
  double y = 0;
  std::string label = "";
  std::string group = "";  // in the legend; each has its colour
};

/// ScatterChart{.title = "Words", .x = {"first"}, .y = {"second"}, .points = {{1, 2, "king"}}}
struct ScatterChart {
  std::string title = "";
  Axis x = {};
  Axis y = {};
  std::vector<Point> points = {};
  std::vector<Rule> rules = {};
  int width = 480;
  int height = 400;

  /// Throws ValueError where there is no point or a domain is empty.
  std::string json() const;
};

/// A bar from zero to `value`, with a whisker from `low` to `high` where they are given.
struct Bar {
  std::string name = "";
  double value = 0;
  std::optional<double> low = {};
  std::optional<double> high = {};
  std::string group = "";  // in the legend; bars of one name and several groups stand side by side
};

/// BarChart{.title = "Accuracy", .x = {"encoding"}, .y = {"accuracy", "%"},
///          .bars = {{"none", 50.2, 48.9, 51.1}, {"rotary", 99.7}}, .rules = {{"chance", 50}}}
struct BarChart {
  std::string title = "";
  Axis x = {};
  Axis y = {};
  std::vector<Bar> bars = {};
  std::vector<Rule> rules = {};
  bool show_values = true;  // write each value above its bar
  bool dots = false;        // points, on an axis that need not hold 0; so on a logarithmic one
  int width = 640;
  int height = 300;

  /// Throws ValueError where there is no bar, a name and group repeat, a whisker has one end, a
  /// rule is vertical, or a domain is empty.
  std::string json() const;
};

enum class Colors {
  sequential,  // from little to much
  diverging,   // from below zero over zero to above
};

/// HeatMap{.title = "PE", .x = {"dimension"}, .y = {"position"}, .values = encoding}
struct HeatMap {
  std::string title = "";
  Axis x = {};         // the columns
  Axis y = {};         // the rows, the first of them at the top
  Axis value = {};     // diverging colours span [-m, m] where no domain is given, m = max |value|
  Tensor values = {};  // [rows, columns]
  Colors colors = Colors::sequential;
  std::vector<std::string> row_names = {};  // 0, 1, 2, ... where there are none
  std::vector<std::string> column_names = {};
  bool show_values = false;  // write each value into its cell
  int width = 480;           // about: every cell has the same whole number of pixels
  int height = 360;

  /// Throws ShapeError where `values` is not a matrix with at least one element or the names do not
  /// fit it, ValueError where a domain is empty, an axis logarithmic, or x or y has a domain.
  std::string json() const;
};

/// Vega's configuration, as JSON, by which charts look well on a light or a dark page.
std::string chart_theme(bool dark);

}  // namespace rill::inspect
