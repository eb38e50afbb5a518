#include "walk.h"

#include <rill/core/ops.h>
#include <rill/nn/positions/positional_encoding.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <sstream>
#include <stdexcept>

using rill::Tensor;

namespace walk_through {

std::vector<std::string> words_of(const std::string& sentence) {
  std::istringstream stream(sentence);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

Embedder::Embedder(std::vector<std::string> vocabulary, int64_t dim)
    : vocabulary_(std::move(vocabulary)),
      weight_(rill::randn({static_cast<int64_t>(vocabulary_.size()), dim}, rill::float64)) {}

Encoded Embedder::encode(const std::string& sentence) const {
  Encoded out{.words = words_of(sentence), .before = {}, .encoding = {}, .after = {}};
  std::vector<int64_t> ids;
  for (const std::string& word : out.words) {
    const auto at = std::find(vocabulary_.begin(), vocabulary_.end(), word);
    if (at == vocabulary_.end()) throw std::invalid_argument("no embedding for '" + word + "'");
    ids.push_back(at - vocabulary_.begin());
  }
  out.before = embedding(weight_, rill::from_vector(ids));
  out.encoding = rill::nn::sinusoidal_table(static_cast<int64_t>(ids.size()), weight_.size(1),
                                            {.dtype = rill::float64});
  out.after = out.before + out.encoding;
  return out;
}

double distance(const Tensor& a, const Tensor& b) { return norm(a - b).item(); }

double wave(double pos, int64_t dimension, int64_t d) {
  const double exponent = 2.0 * static_cast<double>(dimension / 2) / static_cast<double>(d);
  const double angle = pos / std::pow(10000, exponent);
  return dimension % 2 == 0 ? std::sin(angle) : std::cos(angle);
}

namespace {

bool all_distinct(const Tensor& table) {
  const auto d = static_cast<size_t>(table.size(1));
  const std::vector<double> values = table.to_vector();
  std::vector<size_t> rows(static_cast<size_t>(table.size(0)));
  std::iota(rows.begin(), rows.end(), size_t{0});
  const auto row = [&](size_t i) { return values.data() + i * d; };
  std::sort(rows.begin(), rows.end(), [&](size_t a, size_t b) {
    return std::lexicographical_compare(row(a), row(a) + d, row(b), row(b) + d);
  });
  return std::adjacent_find(rows.begin(), rows.end(), [&](size_t a, size_t b) {
           return std::equal(row(a), row(a) + d, row(b));
         }) == rows.end();
}

}  // namespace

Checked check(const Tensor& table) {
  Checked out{.low = table.min().item(),
              .high = table.max().item(),
              .distinct = all_distinct(table),
              .nearest = std::numeric_limits<double>::infinity()};
  const std::vector<double> distances = norm(table - table[0], 2, {1}).to_vector();
  const auto least = std::min_element(distances.begin() + 1, distances.end());
  out.nearest = *least;
  out.nearest_at = least - distances.begin();
  return out;
}

std::vector<double> dot_products(const Tensor& table, int64_t position) {
  return matmul(table, table[position]).to_vector();
}

double unevenness(const Tensor& table, int64_t distance) {
  const int64_t pairs = table.size(0) - distance;
  const Tensor products = (table.narrow(0, 0, pairs) * table.narrow(0, distance, pairs)).sum({1});
  return (products - products[0]).abs().max().item();
}

}  // namespace walk_through
