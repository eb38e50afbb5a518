#include "waves.h"

#include <rill/core/ops.h>
#include <rill/nn/positions/positional_encoding.h>
#include <spdlog/fmt/fmt.h>

#include <bit>
#include <cmath>
#include <numbers>

using rill::Tensor;
using rill::inspect::Table;

namespace walk_through {
namespace {

constexpr double two_pi = 2 * std::numbers::pi;

/// At most `most` numbers below `count` at even steps, and the last.
std::vector<int64_t> spread(int64_t count, int64_t most) {
  std::vector<int64_t> chosen;
  const int64_t step = (count + most - 2) / (most - 1);
  for (int64_t i = 0; i < count - 1; i += step) chosen.push_back(i);
  chosen.push_back(count - 1);
  return chosen;
}

/// [PE(pos, 0), PE(pos, 1), ...], also between whole positions.
std::vector<double> waves_at(double pos, int64_t d) {
  std::vector<double> values;
  for (int64_t k = 0; k < d; ++k) values.push_back(wave(pos, k, d));
  return values;
}

double distance_of(double p, double q, int64_t d) {
  return distance(rill::from_vector(waves_at(p, d)), rill::from_vector(waves_at(q, d)));
}

std::string short_number(double value) { return fmt::format("{:.4f}", value); }

/// How many hands make fewer turns than so many over the length: "28 of 64".
std::string hands_below(double turns, int64_t d, double base, int64_t length) {
  int64_t count = 0;
  for (int64_t i = 0; i < d / 2; ++i)
    count += static_cast<double>(length) < turns * wavelength(i, d, base);
  return fmt::format("{} of {}", count, d / 2);
}

std::string binary(int64_t p) { return fmt::format("{:05b}", p); }

}  // namespace

double wavelength(int64_t i, int64_t d, double base) {
  return two_pi * std::pow(base, 2.0 * static_cast<double>(i) / static_cast<double>(d));
}

Table wavelength_table(int64_t d, int64_t length) {
  Table out{.columns = {"hand i", "dimensions", "radians per position", "wavelength",
                        fmt::format("turns in {} positions", length)}};
  for (const int64_t i : spread(d / 2, 9)) {
    const double period = wavelength(i, d);
    out.rows.push_back({fmt::format("{}", i), fmt::format("{} and {}", 2 * i, 2 * i + 1),
                        fmt::format("{:.6f}", two_pi / period), short_number(period),
                        short_number(static_cast<double>(length) / period)});
  }
  return out;
}

std::string longest_wave(int64_t d) {
  return fmt::format(
      "From 2π = {:.4f} positions to {:.4f}. The next hand, which is not there any more, would "
      "have "
      "10000 · 2π = {:.4f}: the larger d, the nearer the slowest comes to that.",
      two_pi, wavelength(d / 2 - 1, d), wavelength(d / 2, d));
}

Table base_table(int64_t d, int64_t length) {
  Table out{.columns = {"base", "slowest wavelength", "hands slower than the text",
                        "hands that stand still", "neighbours apart"}};
  for (const double base : {10.0, 100.0, 1000.0, 10000.0, 100000.0, 1000000.0}) {
    const Tensor two = rill::nn::sinusoidal_table(2, d, {.base = base, .dtype = rill::float64});
    out.rows.push_back({fmt::format("{:.0f}", base),
                        fmt::format("{:.1f}", wavelength(d / 2 - 1, d, base)),
                        hands_below(1, d, base, length), hands_below(0.01, d, base, length),
                        short_number(distance(two[0], two[1]))});
  }
  return out;
}

Table step_table(int64_t d) {
  Table out{.columns = {"step", "binary digits", "distance in digits", "in sines and cosines"}};
  for (const int64_t p : {6, 7, 8, 15, 16}) {
    const int flipped = std::popcount(static_cast<uint64_t>(p ^ (p + 1)));
    out.rows.push_back(
        {fmt::format("{} to {}", p, p + 1), binary(p) + " to " + binary(p + 1),
         short_number(std::sqrt(flipped)),
         short_number(distance_of(static_cast<double>(p), static_cast<double>(p + 1), d))});
  }
  return out;
}

Table slope_table(int64_t d) {
  Table out{.columns = {"h", "|PE(7 + h) − PE(7)|", "divided by h"}};
  for (const double h : {1.0, 0.5, 0.1, 0.01, 0.001}) {
    const double moved = distance_of(7, 7 + h, d);
    out.rows.push_back(
        {fmt::format("{}", h), fmt::format("{:.6f}", moved), short_number(moved / h)});
  }
  return out;
}

rill::inspect::LineChart long_wave_chart(const Encoded& sentence) {
  constexpr int points = 240;
  constexpr double most_turns = 20;  // in about 600 pixels
  const int64_t d = sentence.encoding.size(1);
  const double end = wavelength(d / 2 - 1, d);
  rill::inspect::LineChart chart{.title = "The slow waves, over one turn of the slowest",
                                 .x = {.title = "position"},
                                 .y = {.title = "PE"}};
  for (int64_t k = 0; k < d; ++k) {
    if (end / wavelength(k / 2, d) > most_turns) continue;
    rill::inspect::Line line{.name = fmt::format("dimension {}", k)};
    for (int step = 0; step <= points; ++step) {
      line.x.push_back(end * step / points);
      line.y.push_back(wave(line.x.back(), k, d));
    }
    chart.lines.push_back(std::move(line));
  }
  chart.rules.push_back({"the sentence ends", static_cast<double>(sentence.words.size()), true});
  return chart;
}

}  // namespace walk_through
