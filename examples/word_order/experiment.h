#pragma once

#include <rill/nn/embedding.h>
#include <rill/nn/linear.h>
#include <rill/nn/positions/segment_embedding.h>
#include <rill/nn/transformer.h>

#include <string>
#include <vector>

namespace word_order {

/// How a model is told the order, and whether a word may look at the words after it.
enum class Way { none, segment, sinusoidal, learned, rotary, alibi, t5, causal };

/// In the order in which they are shown: "none", "segment only", ..., "none, causal".
const std::vector<Way>& ways();
std::string name_of(Way way);

/// The five words of "A and B are awesome.", and who is named first, A.
struct Sentences {
  rill::Tensor ids;    // [n, 5]
  rill::Tensor first;  // [n]
};
/// Both orders of each pair of 20 names; a pair is in one of the two alone.
struct Split {
  Sentences training, test;
};
Split split_pairs(uint64_t seed, int64_t test_pairs = 50);
/// "King".
const std::string& word(int64_t id);

/// A transformer of two layers over the words; the mean of what it gives is asked for the first
/// name.
class Reader final : public rill::nn::Layer<Reader> {
 public:
  explicit Reader(Way way);

  /// ids [n, 5], one output for each word: [n, 5, width].
  rill::Tensor read(const rill::Tensor& ids) const;
  /// Logits [n, names].
  rill::Tensor forward(const rill::Tensor& ids) const;

 private:
  const Way way_;

 public:
  const rill::nn::Embedding token;
  const rill::nn::SegmentEmbedding segment;
  const rill::nn::AnyEncoding position;
  const rill::nn::TransformerEncoder encoder;
  const rill::nn::Linear head;
};

struct Training {
  int64_t steps = 300;
  int64_t batch_size = 56;
  double lr = 5e-3;
};
/// A reader trained from this seed, then turned to float64 so that rounding hides nothing. A signal
/// ends its training early.
Reader train(Way way, const Sentences& sentences, uint64_t seed, const Training& training = {});

/// The share of sentences whose first name is told.
double accuracy(const Reader& reader, const Sentences& sentences);

/// What the reader gives for "A and B are awesome." against what it gives, word for word, for "B
/// and A are awesome.": the largest difference. 0 where it cannot tell order.
double order_gap(const Reader& reader, const rill::Tensor& ids);

}  // namespace word_order
