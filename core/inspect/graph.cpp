#include <rill/core/inspect/graph.h>

#include <algorithm>
#include <unordered_map>

#include <rill/core/inspect/trace.h>
#include <rill/core/node.h>

// Where a graph to be drawn comes from: from what was recorded, or from a trace.

namespace rill::inspect {
namespace {

/// All nodes that lead to `last`, the oldest first.
std::vector<const Node*> nodes_before(const Node* last) {
  std::unordered_map<const Node*, bool> seen;
  std::vector<const Node*> order, waiting{last};
  while (!waiting.empty()) {
    const Node* node = waiting.back();
    waiting.pop_back();
    if (!node || !seen.emplace(node, true).second) continue;
    order.push_back(node);
    for (const Input& input : node->inputs()) waiting.push_back(input.node.get());
  }
  std::ranges::sort(order, {}, &Node::id);
  return order;
}

/// The op that stands for `op`: the outermost around it.
int64_t outermost(const Trace& trace, int64_t op) {
  while (op >= 0 && trace.ops()[op].parent >= 0) op = trace.ops()[op].parent;
  return op;
}

/// Numbers vertices as a trace's ops and values come to be needed.
class TraceReader {
 public:
  explicit TraceReader(const Trace& trace) : trace_(trace), op_at_(trace.ops().size(), -1) {
    for (size_t i = 0; i < trace.ops().size(); ++i)
      if (trace.ops()[i].parent < 0) read(static_cast<int64_t>(i));
  }
  Graph graph;

 private:
  void read(int64_t number) {
    const TracedOp& op = trace_.ops()[number];
    std::vector<Graph::Edge> edges;
    for (size_t i = 0; i < op.inputs.size(); ++i)
      if (op.inputs[i] >= 0)
        edges.push_back({source(op.inputs[i]), -1, formula_of(op, static_cast<int>(i))});
    const auto vertex = static_cast<int64_t>(graph.vertices.size());
    op_at_[number] = vertex;
    graph.vertices.push_back({op.name, op.output < 0 ? "" : shape_of(op.output), op.module});
    for (Graph::Edge& edge : edges) graph.edges.push_back({edge.from, vertex, edge.formula});
  }
  int64_t source(int64_t value) {
    const TracedValue& traced = trace_.values()[value];
    const int64_t op = outermost(trace_, traced.made_by);
    if (op >= 0 && op_at_[op] >= 0) return op_at_[op];
    const auto vertex = static_cast<int64_t>(graph.vertices.size());
    const auto [place, is_new] = leaves_.emplace(value, vertex);
    if (is_new)
      graph.vertices.push_back(
          {traced.name.empty() ? "input" : traced.name, shape_of(value), "", true});
    return place->second;
  }
  std::string shape_of(int64_t value) const { return to_string(trace_.values()[value].data.shape); }
  static std::string formula_of(const TracedOp& op, int input) {
    for (const TracedOp::Row& row : op.rows)
      if (row.input == input && row.is_wanted) return row.formula;
    return "";
  }

  const Trace& trace_;
  std::vector<int64_t> op_at_;  // vertices
  std::unordered_map<int64_t, int64_t> leaves_;
};

}  // namespace

Graph graph(const Tensor& loss, const std::vector<NamedTensor>& names) {
  std::unordered_map<const Node*, std::string> name_of;
  for (const auto& [name, tensor] : names) name_of.emplace(tensor.grad_fn(), name);
  std::unordered_map<const Node*, int64_t> places;
  Graph graph;
  for (const Node* node : nodes_before(loss.grad_fn())) {
    const auto vertex = static_cast<int64_t>(graph.vertices.size());
    const auto name = name_of.find(node);
    places[node] = vertex;
    graph.vertices.push_back({name == name_of.end() ? node->name() : name->second,
                              to_string(node->shape()), "", node->is_leaf()});
    for (const Input& input : node->inputs())
      if (input.node) graph.edges.push_back({places.at(input.node.get()), vertex, input.formula});
  }
  return graph;
}

Graph graph(const Trace& trace) { return TraceReader(trace).graph; }

}  // namespace rill::inspect
