#include "report.h"

#include <rill/core/ops.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>

using rill::Tensor;
using rill::inspect::Table;

namespace walk_through {
namespace {

std::string number(double value) { return fmt::format("{:.4f}", value); }

std::string wave_text(int64_t pos, int64_t dimension, int64_t d) {
  return fmt::format("{}({} / 10000^({}/{}))", dimension % 2 == 0 ? "sin" : "cos", pos,
                     dimension / 2 * 2, d);
}

double at(const Tensor& matrix, int64_t row, int64_t column) { return matrix[row][column].item(); }

// What a screen can show: a row of its own for each position, and a wave of 6 positions in 16
// pixels.
constexpr int64_t most_rows = 256;
constexpr int64_t most_columns = 128;
constexpr int64_t most_distance = 128;

Tensor first_rows(const Tensor& table) {
  return table.narrow(0, 0, std::min(table.size(0), most_rows));
}

/// All dimensions, or those of every second, third, ... hand.
std::vector<int64_t> columns_of(const Tensor& table) {
  const int64_t step = (table.size(1) + most_columns - 1) / most_columns;
  std::vector<int64_t> columns;
  for (int64_t k = 0; k < table.size(1); ++k)
    if (k / 2 % step == 0) columns.push_back(k);
  return columns;
}

/// Many values to 4 decimals, of which a page holds thrice as many in as many bytes.
Tensor rounded(const Tensor& values) {
  if (values.numel() < 4096) return values;
  return round(values.to(rill::float64) * 1e4) / 1e4;
}

std::string title_of(const Tensor& table) {
  const int64_t step = (table.size(1) + most_columns - 1) / most_columns;
  std::string title = fmt::format("{} positions × {} dimensions", table.size(0), table.size(1));
  if (table.size(0) > most_rows) title = fmt::format("The first {} of {}", most_rows, title);
  return step == 1 ? title : title + fmt::format(", 2 of every {}", 2 * step);
}

}  // namespace

Table sum_table(const Encoded& sentence) {
  Table out{
      .columns = {"word", "pos", "dimension", "i", "PE(pos, dimension)", "before", "PE", "after"}};
  const int64_t d = sentence.before.size(1);
  for (int64_t pos = 0; pos < sentence.before.size(0); ++pos)
    for (int64_t k = 0; k < d; ++k)
      out.rows.push_back(
          {sentence.words[static_cast<size_t>(pos)], fmt::format("{}", pos), fmt::format("{}", k),
           fmt::format("{}", k / 2), wave_text(pos, k, d), number(at(sentence.before, pos, k)),
           number(at(sentence.encoding, pos, k)), number(at(sentence.after, pos, k))});
  return out;
}

Table moved_table(const Encoded& first, const Encoded& second) {
  Table out{.columns = {"word", "pos in the first", "pos in the second", "distance before",
                        "distance after"}};
  for (size_t i = 0; i < first.words.size(); ++i) {
    const auto found = std::find(second.words.begin(), second.words.end(), first.words[i]);
    if (found == second.words.end()) continue;
    const auto p = static_cast<int64_t>(i);
    const int64_t q = found - second.words.begin();
    out.rows.push_back({first.words[i], fmt::format("{}", p), fmt::format("{}", q),
                        number(distance(first.before[p], second.before[q])),
                        number(distance(first.after[p], second.after[q]))});
  }
  return out;
}

Table dot_table(const Tensor& table) {
  Table out{.columns = {"distance", "dot product", "differs from place to place by"}};
  const std::vector<double> products = dot_products(table, 0);
  for (int64_t apart = 0; apart < table.size(0); apart = apart == 0 ? 1 : 2 * apart)
    out.rows.push_back({fmt::format("{}", apart), number(products[static_cast<size_t>(apart)]),
                        fmt::format("{:.1e}", unevenness(table, apart))});
  return out;
}

std::string verdict(const Checked& checked, const Tensor& table) {
  const bool bounded = checked.low >= -1 && checked.high <= 1;
  return fmt::format(
      "Checked: the {} values {} in [-1, 1] (from {:.4f} to {:.4f}); {} of the {} positions "
      "coincide. The least distance from position 0 is {:.4g}, at position {}.",
      table.numel(), bounded ? "all lie" : "do NOT all lie", checked.low, checked.high,
      checked.distinct ? "no two" : "SOME", table.size(0), checked.nearest, checked.nearest_at);
}

rill::inspect::LineChart wave_chart(const Encoded& sentence) {
  constexpr int steps = 120;
  constexpr double end = 6;
  const int64_t d = sentence.encoding.size(1);
  rill::inspect::LineChart chart{
      .title = "A wave for each dimension", .x = {.title = "position"}, .y = {.title = "PE"}};
  for (int64_t k = 0; k < d; ++k) {
    rill::inspect::Line line{.name = fmt::format("dimension {}", k)};
    for (int step = 0; step <= steps; ++step) {
      line.x.push_back(end * step / steps);
      line.y.push_back(wave(line.x.back(), k, d));
    }
    for (int64_t pos = 0; pos < sentence.encoding.size(0); ++pos)
      chart.marks.push_back({.x = static_cast<double>(pos),
                             .y = at(sentence.encoding, pos, k),
                             .label = "",
                             .line = line.name});
    chart.lines.push_back(std::move(line));
  }
  for (size_t pos = 0; pos < sentence.words.size(); ++pos)
    chart.rules.push_back({sentence.words[pos], static_cast<double>(pos), true});
  return chart;
}

rill::inspect::HeatMap heat_map(const Tensor& table) {
  const std::vector<int64_t> columns = columns_of(table);
  rill::inspect::HeatMap map{
      .title = title_of(table),
      .x = {.title = "dimension"},
      .y = {.title = "position"},
      .value = {.title = "PE", .domain = rill::inspect::Range{-1, 1}},
      .values = rounded(index_select(first_rows(table), 1, rill::from_vector(columns))),
      .colors = rill::inspect::Colors::diverging};
  for (int64_t pos = 0; pos < map.values.size(0); ++pos)
    map.row_names.push_back(fmt::format("{}", pos));
  if (columns.back() >= most_columns)
    for (const int64_t column : columns) map.column_names.push_back(fmt::format("{}", column));
  return map;
}

rill::inspect::LineChart dot_chart(const Tensor& table) {
  const bool is_whole = table.size(0) <= most_distance + 1;
  rill::inspect::LineChart chart{
      .title = "Dot product against distance" +
               (is_whole ? "" : fmt::format(", up to {} of {}", most_distance, table.size(0) - 1)),
      .x = {.title = "distance", .unit = "positions"},
      .y = {.title = "PE(p) · PE(p + distance)"}};
  for (const int64_t p : {int64_t{0}, table.size(0) / 2}) {
    rill::inspect::Line line{.name = fmt::format("seen from position {}", p)};
    const std::vector<double> products = dot_products(table, p);
    const int64_t end = std::min(table.size(0), p + most_distance + 1);
    for (int64_t q = std::max(int64_t{0}, p - most_distance); q < end; ++q) {
      line.x.push_back(static_cast<double>(q - p));
      line.y.push_back(products[static_cast<size_t>(q)]);
    }
    chart.lines.push_back(std::move(line));
  }
  return chart;
}

}  // namespace walk_through
