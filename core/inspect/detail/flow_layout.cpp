#include <rill/core/inspect/detail/flow_layout.h>

#include <cmath>
#include <sstream>
#include <unordered_map>

#include <rill/core/error.h>
#include <rill/core/inspect/detail/run_program.h>

namespace rill::inspect::detail {
namespace {

constexpr double pixels_per_inch = 72;

std::string name_of(size_t node) { return "n" + std::to_string(node); }

std::string rank_of(const FlowBox& box, FlowNode::Kind kind, const std::string& rank) {
  std::string names;
  for (size_t i = 0; i < box.nodes.size(); ++i)
    if (box.nodes[i].kind == kind) names += name_of(i) + ";";
  return names.empty() ? "" : "{rank=" + rank + ";" + names + "}\n";
}

std::string inches(int pixels) { return std::to_string(pixels / pixels_per_inch); }

size_t number_of(const std::string& name) { return std::stoul(name.substr(1)); }

/// Reads one line of dot's plain output after another.
class PlainReader {
 public:
  explicit PlainReader(const std::string& text) : lines_(text) {}

  FlowLayout next() {
    FlowLayout layout;
    std::unordered_map<std::string, std::vector<FlowLayout::Place>> edges;
    for (std::string line, kind; std::getline(lines_, line);) {
      std::istringstream words(line);
      words >> kind;
      if (kind == "graph") read_size(words, layout);
      if (kind == "node") read_node(words, layout);
      if (kind == "edge") layout.edges.push_back(read_edge(words, layout.height));
      if (kind == "stop") return layout;
    }
    fail<Error>("Graphviz's program dot has given no layout; the flow page needs it");
  }

  /// Ends of the edges in the order in which they were read since the last call.
  std::vector<std::string> take_ends() { return std::exchange(ends_, {}); }

 private:
  static void read_size(std::istringstream& words, FlowLayout& layout) {
    double scale = 0;
    words >> scale >> layout.width >> layout.height;
    layout.width *= pixels_per_inch;
    layout.height *= pixels_per_inch;
  }
  static FlowLayout::Place read_place(std::istringstream& words, double height) {
    double x = 0, y = 0;
    words >> x >> y;
    return {std::round(x * pixels_per_inch), std::round(height - y * pixels_per_inch)};
  }
  static void read_node(std::istringstream& words, FlowLayout& layout) {
    std::string name;
    words >> name;
    const size_t node = number_of(name);
    if (layout.nodes.size() <= node) layout.nodes.resize(node + 1);
    layout.nodes[node] = read_place(words, layout.height);
  }
  std::vector<FlowLayout::Place> read_edge(std::istringstream& words, double height) {
    std::string from, to;
    size_t count = 0;
    words >> from >> to >> count;
    ends_.push_back(from + to);
    std::vector<FlowLayout::Place> points;
    for (size_t i = 0; i < count; ++i) points.push_back(read_place(words, height));
    return points;
  }

  std::istringstream lines_;
  std::vector<std::string> ends_;
};

/// The ends of the edges in the order of the graph's text.
std::vector<std::string> ends_of(const std::string& graph) {
  std::vector<std::string> ends;
  for (size_t at = graph.find("->"); at != std::string::npos; at = graph.find("->", at + 1)) {
    const size_t begin = graph.rfind('\n', at) + 1;
    ends.push_back(graph.substr(begin, at - begin) +
                   graph.substr(at + 2, graph.find(';', at) - at - 2));
  }
  return ends;
}

/// dot gives edges in an order of its own.
void put_in_order(FlowLayout& layout, const std::vector<std::string>& found,
                  const std::vector<std::string>& wanted) {
  std::unordered_map<std::string, size_t> place;
  for (size_t i = 0; i < found.size(); ++i) place[found[i]] = i;
  std::vector<std::vector<FlowLayout::Place>> edges;
  for (const std::string& ends : wanted) edges.push_back(layout.edges.at(place.at(ends)));
  layout.edges = std::move(edges);
}

}  // namespace

std::string dot_of(const FlowBox& box) {
  std::string text =
      "digraph {\nnodesep=0.3;ranksep=0.42;node[shape=box,fixedsize=true,label=\"\"];"
      "edge[arrowhead=none];\n";
  for (size_t i = 0; i < box.nodes.size(); ++i)
    text += name_of(i) + "[width=" + inches(box.nodes[i].width) +
            ",height=" + inches(box.nodes[i].height) + "];\n";
  text +=
      rank_of(box, FlowNode::Kind::enters, "source") + rank_of(box, FlowNode::Kind::leaves, "sink");
  for (const FlowEdge& edge : box.edges)
    text += name_of(edge.from) + "->" + name_of(edge.to) + ";\n";
  return text + "}\n";
}

std::vector<FlowLayout> lay_out(const std::vector<std::string>& graphs) {
  std::string all;
  for (const std::string& graph : graphs) all += graph;
  PlainReader reader(run_program({"dot", "-Tplain"}, all,
                                 "a flow page is laid out by Graphviz's program dot: install it "
                                 "(on Debian: apt-get install graphviz)"));
  std::vector<FlowLayout> layouts;
  for (const std::string& graph : graphs) {
    layouts.push_back(reader.next());
    put_in_order(layouts.back(), reader.take_ends(), ends_of(graph));
  }
  return layouts;
}

}  // namespace rill::inspect::detail
