#pragma once

#include <rill/core/random.h>
#include <rill/core/tensor.h>

#include <vector>

#include "text.h"

namespace masked_words {

/// [CLS] first [SEP] second [SEP]: ids, and the segment of each.
struct Pair {
  std::vector<int64_t> ids;
  std::vector<int64_t> segments;
};

/// The length of a pair that has room for two sentences of so many words.
int64_t length_for_sentences_of(int64_t words);

/// A pair of at most `length` tokens; each sentence is cut to half of them.
Pair pair_of(const std::vector<int64_t>& first, const std::vector<int64_t>& second, int64_t length);

/// How many of 100 words of the sentences are cut off.
double percent_cut(const std::vector<std::string>& sentences, int64_t length);

/// Neighbouring sentences, two by two, in an order drawn from `generator`.
std::vector<Pair> pairs_of(const std::vector<std::string>& sentences, const Vocabulary& vocabulary,
                           int64_t length, rill::Generator& generator);

/// Pairs side by side, filled up with [PAD], some of their words hidden.
struct Batch {
  rill::Tensor ids, segments;  // int64 [n, length]
  rill::Tensor is_padding;     // bool [n, length]
  rill::Tensor places;         // int64 [hidden]: rows of [n · length] whose word is hidden
  rill::Tensor targets;        // int64 [hidden]: the words that stood there
};

/// How a hidden word is shown (Devlin et al. 2018): as [MASK] always, or as [MASK] in 80 of 100
/// cases, as some other word in 10, as itself in 10, so that no word can be trusted.
enum class Show { mask, mixed };

/// Hides each known word with probability `share`, at least one in the batch.
Batch hide(const std::vector<Pair>& pairs, double share, Show show, int64_t vocab_size,
           rill::Generator& generator);

}  // namespace masked_words
