#pragma once

#include <concepts>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include <rill/core/option.h>
#include <rill/nn/any_layer.h>

namespace rill::nn {

/// Modules of one type, registered as "0", "1", ...:
/// `ModuleList<Block>(n, [&](int64_t) { return Block(config); })`, or `append` for one after the
/// other.
///
/// `ModuleList layers;` is of layers of any kind.
template <class M = AnyLayer<Tensor(const Tensor&)>>
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

  explicit ModuleList(std::initializer_list<M> modules) : ModuleList(std::vector<M>(modules)) {}

  /// Gives the same list, which outlives a temporary one.
  ModuleList append(const M& module) {
    modules_->push_back(Module::register_module(std::to_string(modules_->size()), module));
    return *this;
  }
  void push_back(const M& module) { append(module); }
  void register_module(...) = delete;  // append(module)

  int64_t size() const { return static_cast<int64_t>(modules_->size()); }
  /// Negative counts from the end. Throws IndexError.
  const M& operator[](int64_t i) const {
    return (*modules_)[rill::detail::want_index("module", i < 0 && i >= -size() ? i + size() : i,
                                                modules_->size())];
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

template <class Make>
ModuleList(int64_t, const Make& make) -> ModuleList<decltype(make(int64_t{}))>;
// clang-format off
template <std::derived_from<Module> First, std::derived_from<Module>... Rest>
requires(!(std::same_as<First, Rest> && ...))
ModuleList(First, Rest...) -> ModuleList<>;
// clang-format on

}  // namespace rill::nn
