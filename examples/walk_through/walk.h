#pragma once

#include <rill/core/tensor.h>

#include <string>
#include <vector>

namespace walk_through {

/// A sentence cut at its spaces.
std::vector<std::string> words_of(const std::string& sentence);

/// What a sentence [length, d] is before and after the positions are added, and what is added.
struct Encoded {
  std::vector<std::string> words;
  rill::Tensor before, encoding, after;
};

/// The words as rows of random embeddings N(0, 1), a row for each word known. Throws
/// std::invalid_argument for a word that is not known.
class Embedder {
 public:
  Embedder(std::vector<std::string> vocabulary, int64_t dim);
  Encoded encode(const std::string& sentence) const;

 private:
  const std::vector<std::string> vocabulary_;
  const rill::Tensor weight_;
};

/// |a − b|.
double distance(const rill::Tensor& a, const rill::Tensor& b);

/// PE(pos, dimension) = sin or cos (pos / 10000^(2i/d)) with i = dimension / 2, also between whole
/// positions.
double wave(double pos, int64_t dimension, int64_t d);

/// What must hold of a table of encodings [length, d].
struct Checked {
  double low = 0, high = 0;  // of its values
  bool distinct = false;     // no two rows are equal
  double nearest = 0;        // the least |PE(p) − PE(0)|, p > 0,
  int64_t nearest_at = 0;    // and that p
};
Checked check(const rill::Tensor& table);

/// The dot products of one position's encoding with those of all positions.
std::vector<double> dot_products(const rill::Tensor& table, int64_t position);

/// How far PE(p) · PE(p + distance) is from PE(0) · PE(distance) at most, over all p.
double unevenness(const rill::Tensor& table, int64_t distance);

}  // namespace walk_through
