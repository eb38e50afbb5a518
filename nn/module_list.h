#pragma once

#include <memory>
#include <string>
#include <vector>

#include <rill/core/option.h>
#include <rill/nn/module.h>

namespace rill::nn {

/// Modules of one type, registered as "0", "1", ...:
/// `ModuleList<Block>(n, [&](int64_t) { return Block(config); })`, or `append` for one after the
/// other.
template <class M>
class ModuleList final : public Module {
 public:
  /// Takes over the modules given; they must not be parts of another module.
  explicit ModuleList(const std::vector<M>& modules = {})
      : Module("ModuleList"), modules_(std::make_shared<std::vector<M>>()) {
    for (const M& module : modules) append(module);
  }
  /// make(0), ..., make(count - 1). Throws ValueError for a negative count.
  template <class Make>
  ModuleList(int64_t count, const Make& make) : ModuleList(made(count, make)) {}

  void append(const M& module) {
    modules_->push_back(register_module(std::to_string(modules_->size()), module));
  }
  void push_back(const M& module) { append(module); }

  int64_t size() const { return static_cast<int64_t>(modules_->size()); }
  /// Throws IndexError unless i is in [0, size).
  const M& operator[](int64_t i) const {
    return (*modules_)[rill::detail::want_index("module", i, modules_->size())];
  }
  auto begin() const { return modules_->cbegin(); }
  auto end() const { return modules_->cend(); }

 private:
  template <class Make>
  static std::vector<M> made(int64_t count, const Make& make) {
    std::vector<M> modules;
    rill::detail::want_at_least(0, "ModuleList: count", count);
    for (int64_t i = 0; i < count; ++i) modules.push_back(make(i));
    return modules;
  }

  std::shared_ptr<std::vector<M>> modules_;  // one for all copies
};

}  // namespace rill::nn
