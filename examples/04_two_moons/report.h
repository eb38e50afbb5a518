#pragma once

#include <vector>

#include "../support/teller.h"

namespace moons {

/// What a training found out.
struct Findings {
  std::vector<double> losses;  // of each step
  rill::Tensor plane;  // [rows, columns], the logits over x from -1.5 to 2.5, y from 1.5 down to -1
  rill::Tensor xy;     // [n, 2], points that it has not seen
  rill::Tensor label;  // [n, 1], 0 or 1
  rill::Tensor logits;  // [n, 1], what it says of them
};

/// How sure the network is, place by place, that it belongs to the second crescent.
rill::inspect::HeatMap plane_map(const Findings& findings);
/// The points, those that are told wrongly in a colour of their own.
rill::inspect::ScatterChart points_chart(const Findings& findings);
/// What the numbers show.
std::string conclusion(const Findings& findings);

/// All of it.
void tell(examples::Teller& teller, const Findings& findings);

}  // namespace moons
