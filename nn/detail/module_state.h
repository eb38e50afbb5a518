#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <rill/nn/module.h>

namespace rill::nn {

/// What all copies of a module share. Parents own children; a child that outlives its parent is a
/// root again.
struct Module::State final : Named, std::enable_shared_from_this<Module::State> {
  struct Buffer {
    std::string name;
    Tensor tensor;
    bool persistent;
  };

  explicit State(std::string type) : type(std::move(type)) {}
  /// Without recursion, as modules may stand inside each other thousands deep, and without memory.
  ~State() {
    std::shared_ptr<State> orphans;
    for (abandon(orphans); orphans;) {
      const std::shared_ptr<State> orphan = std::move(orphans);
      orphans = std::move(orphan->next_orphan);
      orphan->abandon(orphans);
    }
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  std::string path() const override { return path_below(nullptr); }
  const std::string& type_name() const override { return type; }
  /// The path as `top` sees it, which is this or stands above.
  std::string path_below(const State* top) const {
    std::vector<const State*> line;
    for (const State* at = this; at != top && at->parent; at = at->parent) line.push_back(at);
    std::string path;
    for (; !line.empty(); line.pop_back()) path += (path.empty() ? "" : ".") + line.back()->name;
    return path;
  }
  /// The name of one of its own entries as `top` sees it.
  std::string name_below(const State* top, const std::string& entry) const {
    const std::string path = path_below(top);
    return path.empty() ? entry : path + "." + entry;
  }

  /// Makes the children roots, and puts those that nobody else holds before `orphans`.
  void abandon(std::shared_ptr<State>& orphans) {
    for (std::shared_ptr<State>& child : std::exchange(children, {})) {
      child->parent = nullptr;
      if (child.use_count() > 1) continue;
      child->next_orphan = std::move(orphans);
      orphans = std::move(child);
    }
  }

  /// The outermost module around this one.
  const State& root() const {
    const State* at = this;
    while (at->parent) at = at->parent;
    return *at;
  }

  /// Each parameter of this module and all below, once.
  StateDict all_parameters() const;

  std::string type;
  std::string extra_repr;
  std::string name;
  const State* parent = nullptr;
  bool training = true;
  mutable std::atomic<bool> has_run = false;        // with gradients recorded, in training
  mutable std::atomic<bool> was_listed = false;     // its parameters were asked for: it is trained
  mutable std::atomic<bool> was_looked_at = false;  // by FirstLook, or took up what was trained
  std::set<std::string> names;                      // of all that is registered
  std::vector<NamedTensor> parameters;
  std::vector<Buffer> buffers;
  std::vector<std::shared_ptr<State>> children;
  std::shared_ptr<State> next_orphan;  // while a tree of modules is freed
};

/// Calls visit(state) for a module and all below, parents first, children in their order.
template <class State, class Visit>
void for_each_module(State& top, const Visit& visit) {
  std::vector<State*> waiting{&top};
  while (!waiting.empty()) {
    State& state = *waiting.back();
    waiting.pop_back();
    visit(state);
    for (auto child = state.children.rbegin(); child != state.children.rend(); ++child)
      waiting.push_back(child->get());
  }
}

}  // namespace rill::nn
