#include <rill/core/inspect/detail/flow_graph.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace rill::inspect::detail {
namespace {

using Kind = FlowNode::Kind;

/// How many characters of UTF-8.
int length_of(const std::string& text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string last_part(const std::string& path) { return path.substr(path.rfind('.') + 1); }

/// Sizes that fit the labels, in steps, so that blocks whose names differ a little are alike.
FlowNode sized(FlowNode node) {
  if (node.kind == Kind::enters || node.kind == Kind::leaves) {
    node.width = node.height = 12;
    return node;
  }
  const int letters = std::max(8 * length_of(node.label), 7 * length_of(node.note));
  node.width = std::max(72, (letters + 24 + 15) / 16 * 16);
  node.height = node.kind == Kind::box ? 46 : 40;
  return node;
}

/// Makes the graph of one trace.
class Builder {
 public:
  Builder(const Trace& trace, bool with_views) : trace_(trace), with_views_(with_views) {}

  FlowGraph build() {
    graph_.boxes.push_back({});
    choose_ops();
    choose_values();
    for (size_t op = 0; op < trace_.ops().size(); ++op)
      if (is_node(static_cast<int64_t>(op))) add_op(static_cast<int64_t>(op));
    return std::move(graph_);
  }

 private:
  const TracedOp& op_at(int64_t op) const { return trace_.ops()[op]; }
  bool is_node(int64_t op) const { return graph_.shown_as[op] == op; }

  /// An op that was recorded itself stands for those that ran inside it; one that was not is a box
  /// around them, or left out where it has but one.
  void choose_ops() {
    const auto& ops = trace_.ops();
    graph_.shown_as.assign(ops.size(), -1);
    children_.assign(ops.size(), 0);
    for (size_t i = ops.size(); i-- > 0;)
      if (ops[i].parent >= 0 && ops[i].output >= 0) ++children_[ops[i].parent];
    for (size_t i = 0; i < ops.size(); ++i) graph_.shown_as[i] = shown_as(static_cast<int64_t>(i));
  }

  int64_t shown_as(int64_t op) const {
    const int64_t parent = op_at(op).parent;
    if (parent >= 0 && graph_.shown_as[parent] >= 0) return graph_.shown_as[parent];
    if (op_at(op).output < 0) return -1;
    const bool is_made_of_others = op_at(op).rows.empty() && children_[op] > 0;
    return is_made_of_others || is_left_out(op) || gives_back_its_input(op) ? -1 : op;
  }

  /// As dropout does outside training.
  bool gives_back_its_input(int64_t op) const {
    return std::ranges::find(op_at(op).inputs, op_at(op).output) != op_at(op).inputs.end();
  }

  bool is_left_out(int64_t op) const {
    return !with_views_ && is_bookkeeping(op_at(op).name) && !op_at(op).inputs.empty() &&
           op_at(op).inputs[0] >= 0;
  }

  void choose_values() {
    const auto& values = trace_.values();
    for (size_t i = 0; i < values.size(); ++i) {
      const int64_t op = values[i].made_by, index = static_cast<int64_t>(i);
      const bool is_view = op >= 0 && graph_.shown_as[op] < 0 && is_left_out(op);
      const int64_t from = is_view ? op_at(op).inputs[0] : index;
      graph_.drawn_as.push_back(from < index ? graph_.drawn_as[from] : index);
    }
  }

  // ---- boxes ----

  int64_t box_of_call(int64_t call) {
    if (call < 0) return 0;
    const auto known = box_of_call_.find(call);
    if (known != box_of_call_.end()) return known->second;
    const TracedCall& traced = trace_.calls()[call];
    const int64_t parent = box_of_call(traced.parent);
    const std::string around = traced.parent < 0 ? "" : trace_.calls()[traced.parent].path;
    const bool is_below = !around.empty() && traced.path.starts_with(around + ".");
    std::string label = is_below ? traced.path.substr(around.size() + 1) : traced.path;
    if (label.empty()) label = traced.type;
    return box_of_call_[call] = add_box("c" + std::to_string(call), label,
                                        label == traced.type ? "" : traced.type, parent);
  }

  int64_t box_of(int64_t op) {
    const int64_t parent = op_at(op).parent;
    if (parent < 0) return box_of_call(op_at(op).call);
    if (children_[parent] < 2) return box_of(parent);
    const auto known = box_of_op_.find(parent);
    if (known != box_of_op_.end()) return known->second;
    const int64_t around = box_of(parent);
    return box_of_op_[parent] =
               add_box("o" + std::to_string(parent), op_at(parent).name, "made of ops", around);
  }

  int64_t add_box(const std::string& id, const std::string& label, const std::string& note,
                  int64_t parent) {
    const auto box = static_cast<int64_t>(graph_.boxes.size());
    graph_.boxes.push_back({id, label, note, parent, graph_.boxes[parent].depth + 1, {}, {}});
    node_of_box_[box] = add_node(parent, {Kind::box, box, label, note});
    return box;
  }

  int add_node(int64_t box, const FlowNode& node) {
    auto& nodes = graph_.boxes[box].nodes;
    nodes.push_back(sized(node));
    return static_cast<int>(nodes.size()) - 1;
  }

  // ---- nodes and edges ----

  void add_op(int64_t op) {
    const TracedOp& traced = op_at(op);
    const int64_t box = box_of(op);
    const std::string shape = rill::to_string(trace_.values()[traced.output].data.shape);
    node_of_op_[op] = add_node(box, {Kind::op, op, traced.name, shape});
    place_of_op_[op] = box;
    std::set<int64_t> drawn;
    for (const int64_t input : traced.inputs)
      if (input >= 0 && drawn.insert(graph_.drawn_as[input]).second)
        connect(graph_.drawn_as[input], box, node_of_op_[op]);
  }

  int64_t maker_of(int64_t value) const {
    const int64_t op = trace_.values()[value].made_by;
    return op < 0 ? -1 : graph_.shown_as[op];
  }

  /// Parameters stand beside each op that takes them; what else came from outside, in the whole.
  int64_t place_of(int64_t value, int64_t user_box) {
    const int64_t maker = maker_of(value);
    const auto place = place_of_op_.find(maker);
    if (place != place_of_op_.end()) return place->second;
    return trace_.values()[value].name.empty() ? 0 : user_box;
  }

  int node_of_value(int64_t value, int64_t box) {
    const auto maker = node_of_op_.find(maker_of(value));
    if (maker != node_of_op_.end()) return maker->second;
    const auto known = value_nodes_.find({box, value});
    if (known != value_nodes_.end()) return known->second;
    const TracedValue& traced = trace_.values()[value];
    const std::string label = traced.name.empty() ? "data" : last_part(traced.name);
    return value_nodes_[{box, value}] =
               add_node(box, {Kind::value, value, label, rill::to_string(traced.data.shape)});
  }

  int port(Kind kind, int64_t value, int64_t box) {
    const auto known = ports_.find({box, value, kind});
    if (known != ports_.end()) return known->second;
    return ports_[{box, value, kind}] = add_node(box, {kind, value, "", ""});
  }

  /// Draws the value from where it was made to node `to` of `to_box`: up to the box around both,
  /// and down.
  void connect(int64_t value, int64_t to_box, int to) {
    int64_t from_box = place_of(value, to_box);
    int from = node_of_value(value, from_box);
    while (from_box != to_box) {
      if (graph_.boxes[from_box].depth >= graph_.boxes[to_box].depth &&
          graph_.boxes[from_box].parent >= 0) {
        add_edge(from_box, from, port(Kind::leaves, value, from_box), value);
        from = node_of_box_[from_box];
        from_box = graph_.boxes[from_box].parent;
      } else {
        add_edge(to_box, port(Kind::enters, value, to_box), to, value);
        to = node_of_box_[to_box];
        to_box = graph_.boxes[to_box].parent;
      }
    }
    add_edge(to_box, from, to, value);
  }

  void add_edge(int64_t box, int from, int to, int64_t value) {
    if (from == to) return;
    auto& edges = graph_.boxes[box].edges;
    const auto [known, is_new] = edge_of_.try_emplace({box, from, to}, edges.size());
    if (is_new) edges.push_back({from, to, {}});
    auto& values = edges[known->second].values;
    if (std::ranges::find(values, value) == values.end()) values.push_back(value);
  }

  const Trace& trace_;
  const bool with_views_;
  FlowGraph graph_;
  std::vector<int> children_;  // of each op, those that ran inside it
  std::map<int64_t, int64_t> box_of_call_, box_of_op_, place_of_op_;
  std::map<int64_t, int> node_of_box_, node_of_op_;
  std::map<std::pair<int64_t, int64_t>, int> value_nodes_;   // by box and value
  std::map<std::tuple<int64_t, int64_t, Kind>, int> ports_;  // by box, value and kind
  std::map<std::tuple<int64_t, int, int>, size_t> edge_of_;  // by box and nodes
};

}  // namespace

bool is_bookkeeping(const std::string& op) {
  static const std::set<std::string> names = {
      "alias",   "chunk",   "clone",  "contiguous", "detach",    "diagonal",  "expand",
      "flatten", "movedim", "narrow", "permute",    "reshape",   "select",    "slice",
      "split",   "squeeze", "to",     "unbind",     "unsqueeze", "transpose", "view"};
  return names.contains(op);
}

FlowGraph flow_graph(const Trace& trace, bool with_views) {
  return Builder(trace, with_views).build();
}

}  // namespace rill::inspect::detail
