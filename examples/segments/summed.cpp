#include "summed.h"

#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <spdlog/fmt/fmt.h>

#include <utility>

namespace segments {
namespace {

using namespace rill;

constexpr int64_t width = 8;
constexpr int64_t length = 12;

using Places = std::pair<int64_t, int64_t>;

/// Where the same word stands.
std::vector<Places> twice(const Summed& summed) {
  std::vector<Places> found;
  const auto count = static_cast<int64_t>(summed.words.size());
  for (int64_t i = 0; i < count; ++i)
    for (int64_t j = i + 1; j < count; ++j)
      if (summed.words[i] == summed.words[j]) found.push_back({i, j});
  return found;
}

double distance(const Tensor& vectors, const Places& places) {
  return (vectors[places.first] - vectors[places.second]).pow(2).sum().sqrt().item();
}

/// At how many of the places where a word stands again it is the same vector again.
int64_t same(const Tensor& vectors, const std::vector<Places>& pairs) {
  int64_t count = 0;
  for (const Places& places : pairs) count += distance(vectors, places) < 1e-6;
  return count;
}

inspect::HeatMap heat_map(const std::string& title, const Tensor& vectors, double largest,
                          const std::vector<std::string>& words) {
  return {.title = title,
          .x = {.title = "dimension"},
          .value = {.title = "value", .domain = inspect::Range{-largest, largest}},
          .values = vectors,
          .colors = inspect::Colors::diverging,
          .row_names = words,
          .width = 112,
          .height = 216};
}

}  // namespace

Tensor Summed::sum() const { return token + position + segment; }

Summed who_is_king() {
  const std::vector<std::string> vocabulary{"[CLS]", "[SEP]", "who", "is",
                                            "king",  "?",     "the", "lion"};
  const Tensor ids = tensor({0, 2, 3, 4, 5, 1, 6, 4, 3, 6, 7, 1});
  const Tensor whose = tensor({0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1});
  Generator generator(1);
  const auto table = [&](int64_t rows) { return randn({rows, width}, generator); };
  const Tensor token = table(static_cast<int64_t>(vocabulary.size()));
  const Tensor position = table(length);
  const Tensor segment = table(2);
  Summed summed{.token = token[ids], .position = position, .segment = segment[whose]};
  for (const int64_t id : ids.to_vector<int64_t>()) summed.words.push_back(vocabulary[id]);
  return summed;
}

std::vector<inspect::HeatMap> heat_maps(const Summed& summed) {
  const double largest = summed.sum().abs().max().item();
  return {heat_map("token", summed.token, largest, summed.words),
          heat_map("position", summed.position, largest, summed.words),
          heat_map("segment", summed.segment, largest, summed.words),
          heat_map("sum", summed.sum(), largest, summed.words)};
}

inspect::Table twice_table(const Summed& summed) {
  inspect::Table table{
      .columns = {"word", "places", "token", "token + position", "token + position + segment"}};
  for (const Places& places : twice(summed))
    table.rows.push_back({summed.words[places.first],
                          fmt::format("{} and {}", places.first, places.second),
                          fmt::format("{:.4f}", distance(summed.token, places)),
                          fmt::format("{:.4f}", distance(summed.token + summed.position, places)),
                          fmt::format("{:.4f}", distance(summed.sum(), places))});
  return table;
}

std::string conclusion(const Summed& summed) {
  const std::vector<Places> pairs = twice(summed);
  return fmt::format(
      "{} words stand there twice. By token alone {} of them are the same vector at both places; "
      "with the segment {}, with the position {}, with both {}.",
      pairs.size(), same(summed.token, pairs), same(summed.token + summed.segment, pairs),
      same(summed.token + summed.position, pairs), same(summed.sum(), pairs));
}

void tell(examples::Teller& teller, const Summed& summed) {
  teller.heading("Token, position and segment, summed");
  teller.text(
      "A question and its answer, as an encoder reads them: [CLS] begins, [SEP] ends a sentence. "
      "Each word gets a row out of each of three tables, here drawn at random. Rows of one token "
      "are alike wherever it stands; each place has a row of its own; all words of a sentence "
      "share one.");
  for (const inspect::HeatMap& map : heat_maps(summed)) teller.chart(map.title, map);
  teller.text("How far apart the two vectors of a word are that stands there twice:");
  teller.table("twice", twice_table(summed));
  teller.text(conclusion(summed));
}

}  // namespace segments
