#include <rill/core/inspect/detail/gradient_page.h>

#include <algorithm>
#include <cmath>

#include <spdlog/fmt/fmt.h>

namespace rill::inspect::detail {
namespace {

constexpr int64_t most_columns = 64;  // of a heat map over time
constexpr size_t most_rows = 200;
constexpr size_t most_lines = 5;

/// At most `most` of the numbers 0 ... count - 1, evenly spread, both ends among them.
std::vector<size_t> spread(size_t count, size_t most) {
  std::vector<size_t> chosen;
  for (size_t i = 0; i < std::min(count, most); ++i)
    chosen.push_back(count <= most ? i : i * (count - 1) / (most - 1));
  return chosen;
}

/// "blocks.0.attn" of "blocks.0.attn.in_proj_weight".
std::string layer_of(const std::string& name) {
  const size_t dot = name.rfind('.');
  return dot == std::string::npos ? name : name.substr(0, dot);
}

/// A module and the norm of the gradients of its own parameters, over time.
struct Layer {
  std::string name;
  std::vector<const TimeSeries*> norms;

  double at(size_t point, float TimeSeries::Point::*which) const {
    double squares = 0;
    for (const TimeSeries* one : norms)
      if (const double norm = one->points()[point].*which; std::isfinite(norm))
        squares += norm * norm;
    return std::sqrt(squares);
  }
};

std::vector<Layer> layers_of(const History& history) {
  std::vector<Layer> layers;
  for (const ParameterHistory& one : history.parameters) {
    if (!one.tensor.requires_grad()) continue;
    if (layers.empty() || layers.back().name != layer_of(one.name))
      layers.push_back({layer_of(one.name), {}});
    layers.back().norms.push_back(&one.norms);
  }
  return layers;
}

/// Three digits that count: more would only make the page larger.
double rounded(double value) {
  if (!std::isfinite(value) || value == 0) return value;
  const double unit = std::pow(10.0, std::floor(std::log10(std::abs(value))) - 3);
  return std::round(value / unit) * unit;
}

Line line_of(const std::string& name, const TimeSeries& series) {
  Line line{.name = name};
  for (size_t i = 0; i < series.points().size(); ++i) {
    const TimeSeries::Point& point = series.points()[i];
    line.x.push_back(series.step_of(i));
    line.y.push_back(rounded(point.mean));
    line.low.push_back(rounded(point.low));
    line.high.push_back(rounded(point.high));
  }
  return line;
}

LineChart norms_over_time(const History& history, const std::vector<Layer>& layers) {
  LineChart chart{
      .title = "Gradients over time", .x = {"step"}, .y = {.title = "norm", .log = true}};
  for (const size_t i : spread(layers.size(), most_lines)) {
    Line line{.name = fmt::format("{} {}", i, layers[i].name)};
    for (size_t point = 0; point < history.losses.points().size(); ++point) {
      line.x.push_back(history.losses.step_of(point));
      line.y.push_back(rounded(layers[i].at(point, &TimeSeries::Point::mean)));
      line.low.push_back(rounded(layers[i].at(point, &TimeSeries::Point::low)));
      line.high.push_back(rounded(layers[i].at(point, &TimeSeries::Point::high)));
    }
    chart.lines.push_back(std::move(line));
  }
  return chart;
}

LineChart norms_over_depth(const History& history, const std::vector<Layer>& layers) {
  LineChart chart{.title = "Gradients over depth",
                  .x = {"layer, from the input on"},
                  .y = {.title = "norm", .log = true}};
  for (const size_t point : spread(history.losses.points().size(), 4)) {
    Line line{.name = fmt::format("step {}", history.losses.step_of(point))};
    for (size_t i = 0; i < layers.size(); ++i) {
      line.x.push_back(static_cast<double>(i));
      line.y.push_back(rounded(layers[i].at(point, &TimeSeries::Point::mean)));
    }
    chart.lines.push_back(std::move(line));
  }
  return chart;
}

/// log10, in hundredths; NaN of 0.
double logarithm(double value) {
  return value > 0 ? std::round(100 * std::log10(value)) / 100 : std::nan("");
}

std::vector<const ParameterHistory*> shown_parameters(const History& history) {
  std::vector<const ParameterHistory*> shown;
  for (const size_t i : spread(history.parameters.size(), most_rows))
    shown.push_back(&history.parameters[i]);
  return shown;
}

int height_of(size_t rows) { return std::clamp(static_cast<int>(rows) * 10, 100, 1200); }

HeatMap over_time(const std::string& title, const char* value, const History& history,
                  const TimeSeries ParameterHistory::*series) {
  const std::vector<const ParameterHistory*> shown = shown_parameters(history);
  const std::vector<size_t> points = spread(history.losses.points().size(), most_columns);
  HeatMap map{.title = title, .x = {"step"}, .y = {"parameter"}, .value = {value}};
  std::vector<double> values;
  for (const ParameterHistory* one : shown) {
    map.row_names.push_back(one->name);
    for (const size_t point : points)
      values.push_back(logarithm((one->*series).points()[point].mean));
  }
  for (const size_t point : points)
    map.column_names.push_back(fmt::format("{}", history.losses.step_of(point)));
  map.values = from_vector(
      values, {static_cast<int64_t>(shown.size()), static_cast<int64_t>(points.size())});
  map.width = 560;
  map.height = height_of(shown.size());
  return map;
}

bool has_moved(const History& history) {
  const auto is_update = [](const TimeSeries::Point& point) { return point.high > 0; };
  return std::ranges::any_of(history.parameters, [&](const ParameterHistory& one) {
    return std::ranges::any_of(one.ratios.points(), is_update);
  });
}

HeatMap histograms(const History& history) {
  const std::vector<const ParameterHistory*> shown = shown_parameters(history);
  HeatMap map{.title = "Sizes of the elements of each gradient, in the last step",
              .x = {"log10 |g|"},
              .y = {"parameter"},
              .value = {"share"}};
  std::vector<double> values;
  for (const ParameterHistory* one : shown) {
    map.row_names.push_back(one->name);
    double all = 0;
    for (const int64_t count : one->histogram) all += static_cast<double>(count);
    for (const int64_t count : one->histogram)
      values.push_back(count == 0 ? std::nan("")
                                  : std::round(1000 * static_cast<double>(count) / all) / 1000);
  }
  for (size_t i = 0; i < bins; ++i) {
    const auto exponent = static_cast<double>(first_exponent + 2 * static_cast<int64_t>(i));
    map.column_names.push_back(fmt::format("{:.1f}", (exponent + 1) * std::log10(2.0)));
  }
  map.values =
      from_vector(values, {static_cast<int64_t>(shown.size()), static_cast<int64_t>(bins)});
  map.width = 560;
  map.height = height_of(shown.size());
  return map;
}

std::string percent(double share) { return format_number(100 * share, 1) + " %"; }

Table newest(const std::vector<GradientReport::Row>& rows) {
  Table table{.columns = {"parameter", "norm", "update / weight", "zeros", "not finite"}};
  for (const GradientReport::Row& row : rows)
    table.rows.push_back({row.name, fmt::format("{:.3g}", row.norm),
                          fmt::format("{:.2g}", row.update_ratio), percent(row.zeros),
                          percent(row.not_finite)});
  return table;
}

void add_layers(Page& page, const History& history) {
  const std::vector<Layer> layers = layers_of(history);
  if (layers.empty()) return;
  page.heading("By layer")
      .chart("over_time", norms_over_time(history, layers))
      .chart("over_depth", norms_over_depth(history, layers))
      .text(
          "A line that falls towards the input tells of gradients that vanish, one that rises of "
          "such that explode. Bands span the least and the largest of several steps.");
}

void add_parameters(Page& page, const History& history) {
  page.heading("By parameter")
      .chart("norms", over_time("log10 of the norm of each gradient", "log10 norm", history,
                                &ParameterHistory::norms));
  if (has_moved(history))
    page.chart("updates", over_time("log10 of update / weight", "log10 ratio", history,
                                    &ParameterHistory::ratios));
  page.text(
          "Empty: there was none, or 0. Updates of about a thousandth of the weights (-3) are "
          "usual.")
      .chart("histograms", histograms(history));
}

}  // namespace

Page gradient_page(const std::string& title, const History& history,
                   const std::vector<GradientReport::Row>& rows,
                   const std::vector<std::string>& warnings) {
  Page page(title);
  page.text(fmt::format("{} parameters over {} steps.{}", history.parameters.size(), history.steps,
                        warnings.empty() ? " Nothing was to be warned of." : ""));
  if (history.steps == 0 || history.parameters.empty()) return page;
  if (!warnings.empty()) page.heading("Warnings");
  for (const std::string& warning : warnings) page.text(warning);
  page.heading("Learning")
      .chart("loss", LineChart{.title = "Loss",
                               .x = {"step"},
                               .y = {"loss"},
                               .lines = {line_of("", history.losses)}});
  add_layers(page, history);
  add_parameters(page, history);
  return page.heading("The last step").table("last", newest(rows));
}

}  // namespace rill::inspect::detail
