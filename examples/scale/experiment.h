#pragma once

#include <rill/nn/dropout.h>
#include <rill/nn/embedding.h>
#include <rill/nn/linear.h>
#include <rill/nn/transformer.h>

#include <string>
#include <vector>

#include "../word_order/experiment.h"

namespace scale {

/// How word and place become one vector.
enum class Together {
  sum,          // 32 numbers each, added
  beside,       // 16 numbers each, side by side
  beside_wide,  // 32 numbers each, side by side, in a model that is twice as wide
};
/// "added, 32", ...
std::string name_of(Together together);

struct Setting {
  Together together = Together::sum;
  double ratio = 1;    // the rms of the positions; that of the embeddings is 1
  double dropout = 0;  // on what goes into the encoder
};

/// Sinusoids [length, width] with this rms.
rill::Tensor positions_of(int64_t length, int64_t width, double rms);

/// The model of word_order over words and places of chosen sizes.
class Reader final : public rill::nn::Layer<Reader> {
 public:
  explicit Reader(const Setting& setting);

  /// ids [n, 5] to logits [n, names].
  rill::Tensor forward(const rill::Tensor& ids) const;

 private:
  const Together together_;

 public:
  const rill::nn::Embedding token;
  const rill::Tensor position;  // a buffer [5, width]
  const rill::nn::Dropout dropout;
  const rill::nn::TransformerEncoder encoder;
  const rill::nn::Linear head;
};

/// In sentences that were not trained, how often the first name is told, and how often one of the
/// two; in those that were, how often the first.
struct Score {
  double first = 0, either = 0, trained = 0;
};

struct Training {
  int64_t steps = 300;
  int64_t test_pairs = 50;  // of 190
  double slips = 0;         // the share of the sentences whose second name is taught for the first
};
/// Trains a reader from this seed. A signal ends it early.
Score measure(const Setting& setting, uint64_t seed, const Training& training = {});

/// Parameters of the model but for its table of words.
int64_t parameters_behind_words(Together together);

/// Mean cosines of sums of words from N(0, 1) and places of `ratio` times their size: of a word
/// with itself at another place, and with another word at its own place.
struct Likeness {
  double same_word = 0, same_place = 0;
};
Likeness likeness(double ratio);

}  // namespace scale
