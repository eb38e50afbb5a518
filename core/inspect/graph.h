#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <rill/core/state_dict.h>

namespace rill::inspect {

class Trace;

/// A graph of ops, to be drawn: each op once, with edges from what it was given.
struct Graph {
  struct Vertex {
    std::string name;         // the op's, or of a parameter
    std::string shape;        // of what it gave
    std::string module = {};  // path of the module that ran it
    bool is_leaf = false;
  };
  struct Edge {
    int64_t from, to;          // vertices
    std::string formula = {};  // of the gradient that goes back
  };
  std::vector<Vertex> vertices = {};
  std::vector<Edge> edges = {};

  /// For Graphviz: `dot -Tsvg`. Modules are clusters.
  std::string dot() const;
  /// For Mermaid, which many readers of Markdown draw. Modules are subgraphs.
  std::string mermaid() const;
};

/// What was recorded on the way to `loss`, before or after backward. `names` are those of leaves:
/// `model.named_parameters()`.
Graph graph(const Tensor& loss, const std::vector<NamedTensor>& names = {});
/// What a trace has seen, with the modules that ran the ops, inputs that want no gradient, and ops
/// that recorded none.
Graph graph(const Trace& trace);

}  // namespace rill::inspect
