#include <ostream>

#include <rill/core/error.h>
#include <rill/nn/detail/module_state.h>
#include <rill/nn/module.h>
#include <rill/nn/setting.h>

// std::cout << module: the tree of modules with their settings, as PyTorch prints it.

namespace rill::nn {
namespace {

std::string text_of(double value) {
  std::string text;
  rill::detail::append(text, value);
  return text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text;
}

std::string text_of(const Shape& shape) {
  std::string text;
  for (const int64_t size : shape) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "(" + text + (shape.size() == 1 ? ",)" : ")");
}

template <class State>
size_t depth_below(const State& state, const State& top) {
  size_t depth = 0;
  for (const State* at = &state; at != &top; at = at->parent) ++depth;
  return depth;
}

std::string indent(size_t depth) { return std::string(2 * depth, ' '); }

/// "(fc): Linear(in_features=2)" at its place, on a line of its own; where it has children, its
/// bracket stays open.
template <class State>
void print_head(std::ostream& out, const State& state, size_t depth) {
  if (depth > 0) out << "\n" << indent(depth) << "(" << state.name << "): ";
  out << state.type << "(";
  if (!state.children.empty() && !state.extra_repr.empty()) out << "\n" << indent(depth + 1);
  out << state.extra_repr << (state.children.empty() ? ")" : "");
}

/// Closes brackets until `depth` of them are open.
void close(std::ostream& out, size_t& open, size_t depth) {
  while (open > depth) out << "\n" << indent(--open) << ")";
}

}  // namespace

Setting::Setting(const char* name, const char* value)
    : text(*name ? std::string(name) + "=" + value : value) {}
Setting::Setting(const char* name, int64_t value) : Setting(name, std::to_string(value).c_str()) {}
Setting::Setting(const char* name, double value) : Setting(name, text_of(value).c_str()) {}
Setting::Setting(const char* name, const Shape& value) : Setting(name, text_of(value).c_str()) {}

void Module::set_extra_repr(std::initializer_list<Setting> settings) {
  state_->extra_repr.clear();
  for (const Setting& setting : settings)
    state_->extra_repr += (state_->extra_repr.empty() ? "" : ", ") + setting.text;
}

std::ostream& operator<<(std::ostream& out, const Module& module) {
  size_t open = 0;
  const Module::State& top = *module.state_;
  for_each_module(top, [&](const Module::State& state) {
    const size_t depth = depth_below(state, top);
    close(out, open, depth);
    print_head(out, state, depth);
    if (!state.children.empty()) open = depth + 1;
  });
  close(out, open, 0);
  return out;
}

}  // namespace rill::nn
