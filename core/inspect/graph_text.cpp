#include <rill/core/inspect/graph.h>

#include <algorithm>
#include <numeric>

// A graph in the languages of Graphviz and of Mermaid.

namespace rill::inspect {
namespace {

std::string replaced(const std::string& text, char what, const std::string& by) {
  std::string out;
  for (const char c : text) c == what ? out += by : out += c;
  return out;
}

std::string dot_text(const std::string& text) {
  return "\"" + replaced(replaced(text, '\\', "\\\\"), '"', "\\\"") + "\"";
}

std::string mermaid_text(const std::string& text) {
  return "\"" + replaced(replaced(replaced(text, '"', "#quot;"), '<', "&lt;"), '>', "&gt;") + "\"";
}

std::vector<std::string> parts_of(const std::string& path) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin < path.size();) {
    const size_t end = std::min(path.find('.', begin), path.size());
    parts.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

/// Vertices in the order of their modules, so that those of one follow each other.
std::vector<int64_t> by_module(const Graph& graph) {
  std::vector<int64_t> order(graph.vertices.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](int64_t a, int64_t b) {
    return parts_of(graph.vertices[a].module) < parts_of(graph.vertices[b].module);
  });
  return order;
}

/// The lines of all vertices: `open(path, part, number)` before those of a module, `close` behind
/// them.
template <class Open, class Line>
std::string in_modules(const Graph& graph, const Open& open, const char* close, const Line& line) {
  std::vector<std::string> around;
  std::string text;
  int modules = 0;
  const auto leave_to = [&](size_t depth) {
    for (; around.size() > depth; around.pop_back())
      text += std::string(2 * around.size(), ' ') + close + "\n";
  };
  for (const int64_t vertex : by_module(graph)) {
    const std::vector<std::string> parts = parts_of(graph.vertices[vertex].module);
    const auto differs = std::ranges::mismatch(around, parts).in1;
    leave_to(static_cast<size_t>(differs - around.begin()));
    while (around.size() < parts.size()) {
      around.push_back(parts[around.size()]);
      text += std::string(2 * around.size(), ' ') + open(around.back(), modules++) + "\n";
    }
    text += std::string(2 * around.size() + 2, ' ') + line(vertex) + "\n";
  }
  leave_to(0);
  return text;
}

std::string label_of(const Graph::Vertex& vertex, const std::string& new_line) {
  return vertex.shape.empty() ? vertex.name : vertex.name + new_line + vertex.shape;
}

}  // namespace

std::string Graph::dot() const {
  std::string text = "digraph {\n  node [shape=box];\n";
  text += in_modules(
      *this,
      [](const std::string& part, int number) {
        return "subgraph cluster" + std::to_string(number) + " { label=" + dot_text(part) + ";";
      },
      "}",
      [&](int64_t i) {
        const std::string label = replaced(dot_text(label_of(vertices[i], "\n")), '\n', "\\n");
        return "n" + std::to_string(i) + " [label=" + label +
               (vertices[i].is_leaf ? ", shape=ellipse];" : "];");
      });
  for (const Edge& edge : edges)
    text += "  n" + std::to_string(edge.from) + " -> n" + std::to_string(edge.to) +
            (edge.formula.empty() ? ";\n" : " [label=" + dot_text(edge.formula) + "];\n");
  return text + "}\n";
}

std::string Graph::mermaid() const {
  std::string text = "flowchart TD\n";
  text += in_modules(
      *this,
      [](const std::string& part, int number) {
        return "subgraph m" + std::to_string(number) + " [" + mermaid_text(part) + "]";
      },
      "end",
      [&](int64_t i) {
        const std::string label = mermaid_text(label_of(vertices[i], " "));
        return "n" + std::to_string(i) +
               (vertices[i].is_leaf ? "([" + label + "])" : "[" + label + "]");
      });
  for (const Edge& edge : edges)
    text += "  n" + std::to_string(edge.from) + " -->" +
            (edge.formula.empty() ? "" : "|" + mermaid_text(edge.formula) + "|") + " n" +
            std::to_string(edge.to) + "\n";
  return text;
}

}  // namespace rill::inspect
