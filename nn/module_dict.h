#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rill/core/error.h>
#include <rill/nn/any_layer.h>

namespace rill::nn {

/// Modules by their names, in the order in which they came, of any kind:
/// `ModuleDict heads{{"word", Linear(8, 3)}, {"letter", Linear(8, 9)}}`, called by
/// `heads["word"](x)`. `ModuleDict<Linear>` holds Linears, and gives them back as such.
template <class M = AnyLayer<Tensor(const Tensor&)>>
class ModuleDict final : public Module {
 public:
  using Item = std::pair<std::string, M>;

  /// Takes over the modules given; they must not be parts of another module. Throws as
  /// Module::register_module for their names.
  explicit ModuleDict(const std::vector<Item>& modules = {})
      : Module("ModuleDict"), items_(std::make_shared<std::vector<Item>>()) {
    for (const auto& [name, module] : modules) add_module(name, module);
  }
  explicit ModuleDict(std::initializer_list<Item> modules)
      : ModuleDict(std::vector<Item>(modules)) {}

  /// References to other modules last until then.
  void add_module(const std::string& name, const M& module) {
    items_->emplace_back(name, Module::register_module(name, module));
  }
  void insert(...) const = delete;           // add_module(name, module)
  void items(...) const = delete;            // for (const auto& [name, module] : heads)
  void register_module(...) const = delete;  // add_module(name, module)
  void update(...) const = delete;           // add_module(name, module), of each
  void values(...) const = delete;           // for (const auto& [name, module] : heads)

  int64_t size() const { return static_cast<int64_t>(items_->size()); }
  bool contains(std::string_view name) const { return find(name); }
  /// Throws ValueError, showing the names, where there is none of that name.
  const M& operator[](std::string_view name) const {
    if (const M* found = find(name)) return *found;
    std::string names;
    for (const Item& item : *items_) names += (names.empty() ? "" : ", ") + item.first;
    fail<ValueError>("ModuleDict: no module is named '", name, "'; it has ",
                     names.empty() ? "none" : names);
  }
  const M& operator[](int64_t) const = delete;  // by name: heads["word"]
  const M& at(std::string_view name) const { return (*this)[name]; }

  std::vector<std::string> keys() const {
    std::vector<std::string> names;
    for (const Item& item : *items_) names.push_back(item.first);
    return names;
  }
  /// Over pairs: `for (const auto& [name, head] : heads)`.
  auto begin() const { return items_->cbegin(); }
  auto end() const { return items_->cend(); }

 private:
  const M* find(std::string_view name) const {
    for (const Item& item : *items_)
      if (item.first == name) return &item.second;
    return nullptr;
  }

  std::shared_ptr<std::vector<Item>> items_;  // one for all copies
};

}  // namespace rill::nn
