#include "report.h"

#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/positions/positional_encoding.h>
#include <rill/nn/scale_report.h>
#include <spdlog/fmt/fmt.h>

#include <array>
#include <cmath>

#include "../support/statistics.h"

using rill::Tensor;
namespace inspect = rill::inspect;
namespace nn = rill::nn;

namespace scale {
namespace {

constexpr double ratios[] = {0.01, 0.03, 0.1, 1, 10, 30, 100};

double rms(const Tensor& x) { return std::sqrt((x * x).mean().item()); }

/// What the layers say of a sum of these sizes.
std::string heard(double word, double place) {
  const nn::ScaleReport report{.parts = {{"word", word}, {"place", place}}};
  if (report.warnings().empty()) return "both";
  return word > place ? "words alone" : "places alone";
}

std::vector<std::string> drawn_row(const std::string& word, double word_std, double factor,
                                   const std::string& place, const Tensor& position) {
  rill::Generator generator(1);
  const double size = factor * rms(randn({1000, 512}, generator) * word_std);
  return {word,
          fmt::format("{:.2f}", size),
          place,
          fmt::format("{:.2f}", rms(position)),
          fmt::format("{:.2f}", rms(position) / size),
          heard(size, rms(position))};
}

/// A line of a chart over the ratios.
inspect::Line line_of(const std::string& name, const std::vector<Result>& results,
                      double Score::*share) {
  inspect::Line line{.name = name, .points = true};
  for (const Result& result : results) {
    line.x.push_back(result.setting.ratio);
    line.y.push_back(result.percent(share));
  }
  return line;
}

/// A row for each result: what was set, and two shares of it.
inspect::Table table_over(const std::vector<std::string>& columns,
                          const std::vector<Result>& results, double Setting::*setting,
                          const std::array<double Score::*, 2>& shares) {
  inspect::Table out{.columns = columns};
  for (const Result& result : results)
    out.rows.push_back({fmt::format("{}", result.setting.*setting),
                        fmt::format("{:.1f}", result.percent(shares[0])),
                        fmt::format("{:.1f}", result.percent(shares[1]))});
  return out;
}

}  // namespace

double Result::percent(double Score::*share) const {
  std::vector<double> shares;
  for (const Score& score : scores) shares.push_back(100 * (score.*share));
  return examples::mean(shares);
}

std::string id_of(Together together) { return together == Together::sum ? "added" : "beside"; }

std::vector<Setting> settings_of(Together together) {
  std::vector<Setting> settings;
  for (const double ratio : ratios) settings.push_back({.together = together, .ratio = ratio});
  return settings;
}

inspect::Table numbers_table() {
  inspect::Table out{.columns = {"place", "its number", "share of 1000", "rms of sinusoids"}};
  const Tensor table = nn::sinusoidal_table(1001, 512);
  for (const int64_t place : {1, 10, 100, 1000})
    out.rows.push_back({fmt::format("{}", place), fmt::format("{}", place),
                        fmt::format("{:.3f}", static_cast<double>(place) / 1000),
                        fmt::format("{:.2f}", rms(table[place]))});
  return out;
}

inspect::Table likeness_table() {
  inspect::Table out{.columns = {"places / words", "of the word %", "same word, other place",
                                 "other word, same place"}};
  for (const double ratio : ratios) {
    const Likeness likeness = scale::likeness(ratio);
    out.rows.push_back({fmt::format("{}", ratio), fmt::format("{:.2f}", 100 / (1 + ratio * ratio)),
                        fmt::format("{:.2f}", likeness.same_word),
                        fmt::format("{:.2f}", likeness.same_place)});
  }
  return out;
}

inspect::Table drawn_table() {
  rill::Generator generator(2);
  const Tensor drawn = randn({128, 512}, generator);
  const Tensor sinusoids = nn::sinusoidal_table(128, 512);
  const double factor = std::sqrt(512.0);
  return {.columns = {"words", "rms of words", "places", "rms of places", "ratio", "heard"},
          .rows = {drawn_row("N(0, 1)", 1, 1, "sinusoids", sinusoids),
                   drawn_row("std 0.02", 0.02, 1, "sinusoids", sinusoids),
                   drawn_row("std 0.02, times √d", 0.02, factor, "sinusoids", sinusoids),
                   drawn_row("N(0, 1)", 1, 1, "learned, std 0.02", drawn * 0.02),
                   drawn_row("N(0, 1)", 1, 1, "learned, std 1", drawn),
                   drawn_row("std 0.02", 0.02, 1, "learned, std 0.02", drawn * 0.02)}};
}

inspect::Table parameters_table() {
  inspect::Table out{.columns = {"word and place", "width", "parameters behind the words"}};
  for (const Together together : {Together::sum, Together::beside, Together::beside_wide})
    out.rows.push_back({name_of(together), together == Together::beside_wide ? "64" : "32",
                        fmt::format("{}", parameters_behind_words(together))});
  return out;
}

inspect::Table ratio_table(const std::vector<Result>& results) {
  return table_over({"places / words", "one of the two %", "the first %"}, results, &Setting::ratio,
                    {&Score::either, &Score::first});
}

inspect::LineChart ratio_chart(const std::vector<Result>& results) {
  return {.title = "Told in sentences never seen, word and place " +
                   name_of(results.front().setting.together),
          .x = {.title = "size of places / size of words", .log = true},
          .y = {.title = "told", .unit = "%", .domain = inspect::Range{0, 100}},
          .lines = {line_of("one of the two names", results, &Score::either),
                    line_of("the first of the two", results, &Score::first)},
          .rules = {{.name = "order unknown", .value = 50}}};
}

inspect::Table dropout_table(const std::vector<Result>& results) {
  return table_over({"dropout", "right where trained %", "right where never seen %"}, results,
                    &Setting::dropout, {&Score::trained, &Score::first});
}

inspect::BarChart dropout_chart(const std::vector<Result>& results) {
  inspect::BarChart chart{.title = "Right in sentences never seen, a fifth of the teaching wrong",
                          .x = {.title = "dropout"},
                          .y = {.title = "right", .unit = "%"}};
  for (const Result& result : results)
    chart.bars.push_back({.name = fmt::format("{}", result.setting.dropout),
                          .value = result.percent(&Score::first)});
  return chart;
}

}  // namespace scale
