#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <rill/nn/module.h>

namespace rill::nn {

/// What all copies of a module share. Parents own children; a child that outlives its parent is a
/// root again.
struct Module::State final : Named {
  struct Buffer {
    std::string name;
    Tensor tensor;
    bool persistent;
  };

  explicit State(std::string type) : type(std::move(type)) {}
  ~State() {
    for (const auto& child : children) child->parent = nullptr;
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  std::string path() const override {
    if (!parent) return "";
    const std::string above = parent->path();
    return above.empty() ? name : above + "." + name;
  }

  std::string type;
  std::string name;
  const State* parent = nullptr;
  bool training = true;
  mutable std::atomic<bool> was_looked_for = false;  // by the warning of unregistered modules
  std::vector<NamedTensor> parameters;
  std::vector<Buffer> buffers;
  std::vector<std::shared_ptr<State>> children;
};

}  // namespace rill::nn
