#pragma once

#include <string>
#include <vector>

#include "../support/teller.h"

namespace segments {

/// What an encoder gets for each word of a question and its answer: a row out of each of three
/// tables.
struct Summed {
  std::vector<std::string> words = {};
  rill::Tensor token, position, segment;  // [words, width]

  rill::Tensor sum() const;
};

/// "who is king? the king is the lion", as BERT would read it; the tables are drawn at random.
Summed who_is_king();

/// The three and their sum, in the same colours.
std::vector<rill::inspect::HeatMap> heat_maps(const Summed& summed);
/// Words that stand there twice, and how far apart their two vectors are: by token alone, with the
/// position added, with both added.
rill::inspect::Table twice_table(const Summed& summed);
/// What the numbers show.
std::string conclusion(const Summed& summed);

/// All of it.
void tell(examples::Teller& teller, const Summed& summed);

}  // namespace segments
