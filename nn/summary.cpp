#include <algorithm>

#include <rill/nn/module.h>
#include <rill/nn/module_state.h>

// Module::summary: the tree of modules in three columns, name and class, shapes, count.

namespace rill::nn {
namespace {

struct Line {
  std::string module;
  std::string shapes;
  std::string count;
};

/// 1234567 as "1,234,567".
std::string with_commas(int64_t number) {
  std::string text = std::to_string(number);
  for (auto at = static_cast<int64_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<size_t>(at), ",");
  return text;
}

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

/// The count of the numbers in the parameters of a subtree, each parameter once.
template <class State>
int64_t count_parameters(const State& state, std::vector<const TensorImpl*>& seen) {
  int64_t count = 0;
  for (const auto& [name, tensor] : state.parameters) {
    if (std::ranges::find(seen, tensor.impl()) != seen.end()) continue;
    seen.push_back(tensor.impl());
    count += tensor.numel();
  }
  for (const auto& child : state.children) count += count_parameters(*child, seen);
  return count;
}

template <class State>
void add_lines(const State& state, const std::string& head, const std::string& indent,
               std::vector<Line>& lines) {
  std::vector<const TensorImpl*> seen;
  const std::string name = state.parent ? state.name + ": " : "";
  lines.push_back(
      {head + name + state.type, shapes_of(state), with_commas(count_parameters(state, seen))});
  for (const auto& child : state.children) {
    const bool last = child == state.children.back();
    add_lines(*child, indent + (last ? "└─ " : "├─ "), indent + (last ? "   " : "│  "), lines);
  }
}

}  // namespace

std::string Module::summary() const {
  std::vector<Line> lines;
  add_lines(*state_, "", "", lines);
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
