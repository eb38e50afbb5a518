#pragma once

#include "../support/teller.h"
#include "watch.h"

namespace learned_positions {

/// The cosines of the rows of one table.
struct Map {
  std::string name;
  rill::Tensor cosines;
};

/// Of the table as it was drawn, as it was trained, and of the sinusoids of the same size.
std::vector<Map> maps_of(const Watched& watched);

/// Position by position.
rill::inspect::HeatMap heat_map(const Map& map);
/// A line for each distance 1, 2, 4, ..., mean ± standard deviation over the pairs so far apart.
rill::inspect::Table distance_table(const std::vector<Map>& maps);
/// The mean cosine at every distance, with a band of one standard deviation.
rill::inspect::LineChart distance_chart(const std::vector<Map>& maps);
/// What the numbers show, a paragraph each.
std::vector<std::string> conclusions(const std::vector<Map>& maps, const Watched& watched);

/// All of it.
void tell(examples::Teller& teller, const Watched& watched);

}  // namespace learned_positions
