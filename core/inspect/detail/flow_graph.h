#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <rill/core/inspect/trace.h>

namespace rill::inspect::detail {

/// What stands in a box of the graph: an op, a box inside, a value that came from outside the
/// trace, or a port by which a value enters or leaves the box.
struct FlowNode {
  enum class Kind { op, box, value, enters, leaves };
  Kind kind;
  int64_t index;  // of an op, a box or a value
  std::string label, note;
  int width = 0, height = 0;  // in pixels, while closed
};

/// Values that go the same way; their gradients come back along it.
struct FlowEdge {
  int from, to;  // nodes of the box
  std::vector<int64_t> values;
};

/// A call of a module, or an op made of others. Edges do not cross its border but by ports.
struct FlowBox {
  std::string id;  // "c3" for call 3, "o7" for op 7, "" for the whole
  std::string label, note;
  int64_t parent = -1;
  int depth = 0;
  std::vector<FlowNode> nodes;
  std::vector<FlowEdge> edges;
};

struct FlowGraph {
  std::vector<FlowBox> boxes;  // the whole is the first
  /// The op that stands for each op: itself, one that is made of it, or -1 where it is left out.
  std::vector<int64_t> shown_as;
  /// The value that stands for each: itself, or what a chain of views has begun with.
  std::vector<int64_t> drawn_as;
};

/// Whether an op only shows its input in another way: reshape, transpose, select.
bool is_bookkeeping(const std::string& op);

/// The forward graph of a trace by modules. Without `with_views` ops of bookkeeping are left out,
/// and their edges joined.
FlowGraph flow_graph(const Trace& trace, bool with_views);

}  // namespace rill::inspect::detail
