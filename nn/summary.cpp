#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <rill/nn/detail/module_state.h>
#include <rill/nn/detail/with_commas.h>
#include <rill/nn/module.h>

// Module::summary: the tree of modules in three columns, name and class, shapes, count.

namespace rill::nn {
namespace {

struct Line {
  std::string module;
  std::string shapes;
  std::string count;
};

/// How many characters a UTF-8 text shows.
size_t width(const std::string& text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char byte) { return (byte & 0xC0) != 0x80; }));
}

std::string spaces(size_t total, const std::string& text) {
  return std::string(total - width(text), ' ');
}

void append_shape(std::string& list, const std::string& name, const Tensor& tensor) {
  list += (list.empty() ? "" : ", ") + name + " " + to_string(tensor.shape());
}

template <class State>
std::string shapes_of(const State& state) {
  std::string list;
  for (const auto& [name, tensor] : state.parameters) append_shape(list, name, tensor);
  for (const auto& buffer : state.buffers)
    append_shape(list, "buffer " + buffer.name, buffer.tensor);
  return list;
}

/// Distinct parameters, and how many numbers they hold.
struct Distinct {
  std::set<const TensorImpl*> tensors;
  int64_t count = 0;

  void insert(const TensorImpl* tensor) {
    if (tensors.insert(tensor).second) count += tensor->numel;
  }
  void merge(Distinct&& other) {
    if (other.tensors.size() > tensors.size()) std::swap(*this, other);
    for (const TensorImpl* tensor : other.tensors) insert(tensor);
  }
};

/// For each module, the count of the numbers in its parameters and all below, each parameter once.
template <class State>
std::map<const State*, int64_t> counts_of(const State& top) {
  std::vector<const State*> parents_first;
  for_each_module(top, [&](const State& state) { parents_first.push_back(&state); });
  std::map<const State*, Distinct> open;
  std::map<const State*, int64_t> counts;
  for (auto state = parents_first.rbegin(); state != parents_first.rend(); ++state) {
    Distinct distinct = std::move(open[*state]);
    open.erase(*state);
    for (const auto& [name, tensor] : (*state)->parameters) distinct.insert(tensor.impl());
    counts[*state] = distinct.count;
    if (*state != &top) open[(*state)->parent].merge(std::move(distinct));
  }
  return counts;
}

/// A line for each module, parents first. A module's line begins with `head`, those of its children
/// with `indent` and a branch.
template <class State>
std::vector<Line> lines_of(const State& top) {
  struct Waiting {
    const State* state;
    std::string head, indent;
  };
  std::map<const State*, int64_t> counts = counts_of(top);
  std::vector<Line> lines;
  std::vector<Waiting> waiting{{&top, "", ""}};
  while (!waiting.empty()) {
    const auto [state, head, indent] = std::move(waiting.back());
    waiting.pop_back();
    const std::string name = state->parent ? state->name + ": " : "";
    lines.push_back(
        {head + name + state->type, shapes_of(*state), detail::with_commas(counts[state])});
    for (size_t i = state->children.size(); i-- > 0;) {
      const bool last = i + 1 == state->children.size();
      waiting.push_back({state->children[i].get(), indent + (last ? "└─ " : "├─ "),
                         indent + (last ? "   " : "│  ")});
    }
  }
  return lines;
}

}  // namespace

std::string Module::summary() const {
  const std::vector<Line> lines = lines_of(*state_);
  Line widest;
  const auto widen = [](std::string& to, const std::string& text) {
    if (width(text) > to.size()) to.assign(width(text), ' ');
  };
  for (const Line& line : lines) {
    widen(widest.module, line.module);
    widen(widest.shapes, line.shapes);
    widen(widest.count, line.count);
  }
  std::string text;
  for (const Line& line : lines)
    text += line.module + spaces(widest.module.size(), line.module) + "  " + line.shapes +
            spaces(widest.shapes.size(), line.shapes) + "  " +
            spaces(widest.count.size(), line.count) + line.count + "\n";
  return text;
}

}  // namespace rill::nn
