#pragma once

#include <string>
#include <vector>

#include <rill/core/inspect/detail/flow_graph.h>

namespace rill::inspect::detail {

/// Where the nodes of a box stand, in pixels, and how its edges run.
struct FlowLayout {
  double width = 0, height = 0;
  struct Place {
    double x, y;  // of the middle
  };
  std::vector<Place> nodes;
  /// Of each edge the points of a cubic spline, three for each piece after the first.
  std::vector<std::vector<Place>> edges;
};

/// The box as a graph in Graphviz's language. Boxes that look the same give the same text.
std::string dot_of(const FlowBox& box);

/// Lays out graphs that `dot_of` gave, by one run of Graphviz's program dot. Throws Error where it
/// is not installed, or fails.
std::vector<FlowLayout> lay_out(const std::vector<std::string>& graphs);

}  // namespace rill::inspect::detail
