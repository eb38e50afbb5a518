#pragma once

#include <string>
#include <vector>

#include "../support/teller.h"

namespace own_encoding {

/// What a training made of a bias for each distance.
struct Findings {
  std::vector<double> losses;   // of each step
  rill::Tensor drawn, trained;  // [distances], what is added to a score
  rill::Tensor scores;          // [queries, keys], the same as a model gets it
  int64_t wanted = 0;           // the distance that the task asks for
};

/// Distance by distance, before and after.
rill::inspect::BarChart distance_chart(const Findings& findings);
/// Which word listens to which; words that come later are left out.
rill::inspect::HeatMap score_map(const Findings& findings);
/// What the numbers show.
std::string conclusion(const Findings& findings);

/// All of it.
void tell(examples::Teller& teller, const Findings& findings);

}  // namespace own_encoding
