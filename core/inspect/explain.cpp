#include <rill/core/inspect/explain.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <rill/core/autograd.h>
#include <rill/core/inspect/detail/tensor_health.h>
#include <spdlog/fmt/fmt.h>

namespace rill::inspect {
namespace {

constexpr size_t most_side_by_side = 8;  // ops of a part that is shown op by op

/// "|g| 3.14", or the value of one element.
std::string size_of_gradient(const Tensor& gradient) {
  return gradient.numel() == 1 ? fmt::format("{:.6g}", gradient.item())
                               : fmt::format("|g| {:.4g}", detail::health_of(gradient).norm);
}

/// " = 2 × 0.5" for one element: what came in, and by what the op multiplied it.
std::string product_of(const Tensor& incoming, const Tensor& outgoing) {
  if (incoming.numel() != 1 || outgoing.numel() != 1 || incoming.item() == 0) return "";
  return fmt::format(" = {:.6g} × {:.6g}", incoming.item(), outgoing.item() / incoming.item());
}

/// How large gradients were in one walk.
class Sizes final : public Observer {
 public:
  void on_gradient(const Node& node, int row, const Tensor& incoming,
                   const Tensor& outgoing) override {
    rows_[{node.id(), row}] = {size_of_gradient(outgoing), product_of(incoming, outgoing)};
  }
  void on_finish(const Node& node, const Tensor& gradient) override {
    sums_[node.id()] = size_of_gradient(gradient);
  }
  std::string of(const Node& node) const { return sums_.at(node.id()); }
  std::string of(const Node& node, size_t row) const { return at(node, row).size; }
  std::string product(const Node& node, size_t row) const { return at(node, row).product; }

 private:
  struct Row {
    std::string size, product;
  };
  const Row& at(const Node& node, size_t row) const {
    return rows_.at({node.id(), static_cast<int>(row)});
  }

  std::map<std::pair<uint64_t, int>, Row> rows_;
  std::unordered_map<uint64_t, std::string> sums_;
};

/// The ops that lead from the loss to the parameter, the newest first, the parameter's node last.
std::vector<const Node*> way_between(const Node* loss, const Node* parameter) {
  std::vector<const Node*> order, waiting{loss};
  std::unordered_set<const Node*> seen{parameter};
  while (!waiting.empty()) {
    const Node* node = waiting.back();
    waiting.pop_back();
    if (!node || !seen.insert(node).second) continue;
    order.push_back(node);
    for (const Input& input : node->inputs()) waiting.push_back(input.node.get());
  }
  std::ranges::sort(order, {}, &Node::id);
  std::unordered_set<const Node*> leads{parameter};
  std::vector<const Node*> way{parameter};
  for (const Node* node : order)
    if (std::ranges::any_of(node->inputs(),
                            [&](const Input& input) { return leads.contains(input.node.get()); })) {
      leads.insert(node);
      way.push_back(node);
    }
  return {way.rbegin(), way.rend()};
}

/// The way as numbers: 0 is the loss.
class Way {
 public:
  struct Edge {
    size_t from, to, row;
  };

  Way(const Tensor& loss, const Tensor& parameter)
      : nodes_(way_between(loss.grad_fn(), parameter.grad_fn())) {
    std::unordered_map<const Node*, size_t> places;
    for (size_t i = 0; i < nodes_.size(); ++i) places[nodes_[i]] = i;
    for (size_t from = 0; from < nodes_.size(); ++from)
      for (size_t row = 0; row < nodes_[from]->inputs().size(); ++row)
        if (const auto to = places.find(nodes_[from]->inputs()[row].node.get()); to != places.end())
          edges_.push_back({from, to->second, row});
  }

  const Node& node(size_t i) const { return *nodes_[i]; }
  size_t size() const { return nodes_.size(); }
  const std::vector<Edge>& edges() const { return edges_; }

  /// How many paths there are.
  double paths() const {
    std::vector<double> to(size());
    to[0] = 1;
    for (const Edge& edge : edges_) to[edge.to] += to[edge.from];
    return to.back();
  }
  /// The nodes that every path passes, the loss and the parameter among them.
  std::vector<size_t> gates() const {
    std::vector<size_t> gates;
    size_t farthest = 0, edge = 0;
    for (size_t i = 0; i < size(); ++i) {
      if (farthest <= i) gates.push_back(i);
      for (; edge < edges_.size() && edges_[edge].from == i; ++edge)
        farthest = std::max(farthest, edges_[edge].to);
    }
    return gates;
  }

 private:
  std::vector<const Node*> nodes_;
  std::vector<Edge> edges_;
};

/// "mul [2, 3]", of a scalar "mul".
std::string label_of(const std::string& name, const Shape& shape) {
  return shape.empty() ? name : name + " " + to_string(shape);
}

/// "matmul × 2, add, softmax"
std::string names_between(const Way& way, size_t from, size_t to) {
  std::map<std::string, int> counts;
  for (size_t i = from + 1; i < to; ++i) ++counts[way.node(i).name()];
  std::string list;
  for (const auto& [name, count] : counts)
    list += (list.empty() ? "" : ", ") + name + (count > 1 ? fmt::format(" × {}", count) : "");
  return list;
}

class Explanation {
 public:
  Explanation(const Way& way, const Sizes& sizes, std::string end)
      : way_(way), sizes_(sizes), end_(std::move(end)) {}

  /// A part for each gate: its lines lead to the next.
  std::vector<std::string> parts() {
    const std::vector<size_t> gates = way_.gates();
    std::vector<std::string> parts;
    for (size_t i = 0; i + 1 < gates.size(); ++i) parts.push_back(part(gates[i], gates[i + 1]));
    return parts;
  }

 private:
  std::string part(size_t from, size_t to) {
    const std::vector<Way::Edge> arriving = edges_to(from, to);
    const bool is_folded = to - from - 1 > most_side_by_side;
    std::string text;
    for (size_t i = from; i < (is_folded ? from + 1 : to); ++i) text += op_lines(i, i > from);
    if (is_folded)
      text += fmt::format("    {} ops side by side: {}\n", to - from - 1,
                          names_between(way_, from, to));
    return arriving.size() > 1 ? text + sum_line(arriving, to) : text;
  }

  /// Those that arrive at `to`: edges stand in the order of where they begin.
  std::vector<Way::Edge> edges_to(size_t from, size_t to) const {
    std::vector<Way::Edge> found;
    auto edge = std::ranges::lower_bound(way_.edges(), from, {}, &Way::Edge::from);
    for (; edge != way_.edges().end() && edge->from < to; ++edge)
      if (edge->to == to) found.push_back(*edge);
    return found;
  }

  std::string op_lines(size_t at, bool is_inner) const {
    const Node& node = way_.node(at);
    std::string text;
    auto edge = std::ranges::lower_bound(way_.edges(), at, {}, &Way::Edge::from);
    for (; edge != way_.edges().end() && edge->from == at; ++edge) {
      const std::string formula = node.inputs()[edge->row].formula;
      text += fmt::format("{}{}: {}{}  →  {}, to {}\n", is_inner ? "    " : "  ",
                          label_of(node.name(), node.shape()), formula,
                          formula == "dout" ? "" : sizes_.product(node, edge->row),
                          sizes_.of(node, edge->row), name_of(edge->to));
    }
    return text;
  }

  std::string name_of(size_t at) const {
    return at + 1 == way_.size() ? end_ : way_.node(at).name();
  }

  std::string sum_line(const std::vector<Way::Edge>& arriving, size_t to) const {
    constexpr size_t most = 4;
    std::string text = "  + ";
    for (size_t i = 0; i < std::min(arriving.size(), most); ++i)
      text += (i > 0 ? " + " : "") + sizes_.of(way_.node(arriving[i].from), arriving[i].row);
    if (arriving.size() > most) text += fmt::format(" + {} more", arriving.size() - most);
    return text + fmt::format("  =  {}: {} summands join at {}\n", sizes_.of(way_.node(to)),
                              arriving.size(), name_of(to));
  }

  const Way& way_;
  const Sizes& sizes_;
  const std::string end_;  // what the parameter is called
};

int64_t lines_in(const std::string& text) { return std::ranges::count(text, '\n'); }

/// Parts from both ends, as many as fit.
std::string fitted(const std::vector<std::string>& parts, int64_t lines) {
  std::string head, tail;
  size_t first = 0, last = parts.size();
  const auto fits = [&](const std::string& part) {
    return lines_in(head) + lines_in(tail) + lines_in(part) < lines;
  };
  while (first < last) {
    const bool from_front = lines_in(head) <= lines_in(tail);
    const std::string& part = from_front ? parts[first] : parts[last - 1];
    if (!fits(part)) break;
    if (from_front)
      head += parts[first++];
    else
      tail = parts[--last] + tail;
  }
  const std::string middle =
      first < last ? fmt::format("  ... {} more steps of that kind ...\n", last - first) : "";
  return head + middle + tail;
}

/// Walks once from `loss` to `parameter`, unseen by others.
Sizes sizes_between(const Tensor& loss, const Tensor& parameter) {
  Sizes sizes;
  const UnobservedGuard by_others;
  const ObserverGuard watching(sizes);
  try {
    static_cast<void>(grad(loss, {parameter}, {.retain_graph = true}));
  } catch (const AutogradError& error) {
    fail<AutogradError>(
        "explain runs a backward of its own (ask before loss.backward(), which frees the graph): ",
        error.what());
  }
  return sizes;
}

}  // namespace

std::string explain(const Tensor& loss, const Tensor& parameter, const ExplainOptions& options) {
  const Sizes sizes = sizes_between(loss, parameter);
  const Way way(loss, parameter);
  const Node& end = way.node(way.size() - 1);
  std::string text = fmt::format(
      "how the gradient of the loss comes to {}: over {} ops, on {} {}\n"
      "(dout is the gradient of what the op gave, out, a and b are its first and second input; "
      "behind the arrow stands the gradient of the input)\n\n",
      label_of(options.name, parameter.shape()), way.size() - 1, fmt::format("{:.4g}", way.paths()),
      way.paths() == 1 ? "path" : "paths");
  text += fmt::format("  the gradient of the loss by itself is {}\n", sizes.of(way.node(0)));
  text += fitted(Explanation(way, sizes, options.name).parts(), options.lines);
  return text + fmt::format("  {} gets {}\n", options.name, sizes.of(end));
}

}  // namespace rill::inspect
