#include "report.h"

#include <rill/nn/positions/positional_encoding.h>
#include <spdlog/fmt/fmt.h>

#include <cmath>

#include "similarity.h"

namespace learned_positions {
namespace {

std::string mean_and_spread(const Similarity& similarity) {
  if (similarity.pairs < 2) return fmt::format("{:.2f}", similarity.mean);
  return fmt::format("{:.2f} ± {:.2f}", similarity.mean, similarity.spread);
}

/// The mean square of a table, under a root.
double rms(const rill::Tensor& table) {
  double squares = 0;
  for (const double value : table.to_vector<double>()) squares += value * value;
  return std::sqrt(squares / static_cast<double>(table.numel()));
}

/// Whether positions are the less alike the farther apart they are, or up to which distance.
std::string course_of(const rill::Tensor& cosines) {
  const int64_t farthest = cosines.size(0) - 1;
  int64_t distance = 1;
  while (distance < farthest &&
         similarity_at(cosines, distance + 1).mean < similarity_at(cosines, distance).mean)
    ++distance;
  if (distance == 1) return "";
  const double mean = similarity_at(cosines, distance).mean;
  const Similarity first = similarity_at(cosines, 1);
  if (first.mean - mean <= first.spread) return "";  // no more than chance
  if (distance == farthest)
    return fmt::format(" The farther apart, the less alike: {:.2f} at {}.", mean, distance);
  return fmt::format(
      " Up to {} apart, where it is {:.2f}, they are the less alike the farther apart they are; "
      "then no more.",
      distance, mean);
}

}  // namespace

std::vector<Map> maps_of(const Watched& watched) {
  const rill::Tensor sinusoids =
      rill::nn::sinusoidal_table(watched.drawn.size(0), watched.drawn.size(1));
  return {{"as drawn", cosines(watched.drawn)},
          {"trained", cosines(watched.trained)},
          {"sinusoidal", cosines(sinusoids)}};
}

rill::inspect::HeatMap heat_map(const Map& map) {
  return {.title = map.name,
          .x = {.title = "position"},
          .y = {.title = "position"},
          .value = {.title = "cosine", .domain = rill::inspect::Range{-1, 1}},
          .values = map.cosines,
          .colors = rill::inspect::Colors::diverging,
          .width = 192,
          .height = 192};
}

rill::inspect::Table distance_table(const std::vector<Map>& maps) {
  rill::inspect::Table table{.columns = {"distance"}};
  for (const Map& map : maps) table.columns.push_back(map.name);
  for (int64_t distance = 1; distance < maps.front().cosines.size(0); distance *= 2) {
    table.rows.push_back({fmt::format("{}", distance)});
    for (const Map& map : maps)
      table.rows.back().push_back(mean_and_spread(similarity_at(map.cosines, distance)));
  }
  return table;
}

rill::inspect::LineChart distance_chart(const std::vector<Map>& maps) {
  rill::inspect::LineChart chart{.title = "How alike two positions are",
                                 .x = {.title = "distance", .unit = "positions"},
                                 .y = {.title = "cosine", .domain = rill::inspect::Range{-1, 1}}};
  for (const Map& map : maps) {
    rill::inspect::Line line{.name = map.name};
    for (int64_t distance = 1; distance < map.cosines.size(0); ++distance) {
      const Similarity similarity = similarity_at(map.cosines, distance);
      line.x.push_back(static_cast<double>(distance));
      line.y.push_back(similarity.mean);
      const double spread = similarity.pairs < 2 ? std::nan("") : similarity.spread;
      line.low.push_back(similarity.mean - spread);
      line.high.push_back(similarity.mean + spread);
    }
    chart.lines.push_back(std::move(line));
  }
  return chart;
}

std::vector<std::string> conclusions(const std::vector<Map>& maps, const Watched& watched) {
  const int64_t half = maps.front().cosines.size(0) / 2;
  std::vector<std::string> said{
      fmt::format("The validation loss fell from {:.2f} to {:.2f} nats a token. The numbers in the "
                  "table have an rms of {:.3f}; they were drawn with {:.3f}.",
                  watched.first_loss, watched.last_loss, rms(watched.trained), rms(watched.drawn))};
  for (const Map& map : maps)
    said.push_back(
        fmt::format("{}: neighbours have a mean cosine of {:.2f}, positions {} apart {:.2f}.{}",
                    map.name, similarity_at(map.cosines, 1).mean, half,
                    similarity_at(map.cosines, half).mean, course_of(map.cosines)));
  return said;
}

void tell(examples::Teller& teller, const Watched& watched) {
  const std::vector<Map> maps = maps_of(watched);
  for (const Map& map : maps) teller.chart(map.name, heat_map(map));
  teller.heading("By distance");
  teller.text(
      "The mean cosine of all pairs of positions so far apart, ± their standard deviation where "
      "there are several: 0 where the distance alone decides.");
  teller.chart("distance", distance_chart(maps));
  teller.table("distance", distance_table(maps));
  for (const std::string& text : conclusions(maps, watched)) teller.text(text);
}

}  // namespace learned_positions
