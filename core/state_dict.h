#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rill/core/tensor.h>

namespace rill {

/// A tensor and the name it goes by, as in "blocks.0.attn.out_proj.weight".
struct NamedTensor {
  std::string name;
  Tensor tensor;

  static void first(...) = delete;   // .name
  static void second(...) = delete;  // .tensor
  static void key(...) = delete;     // .name
  static void value(...) = delete;   // .tensor
};

/// Named tensors, in order: what a module or an optimizer saves and loads.
class StateDict final : public std::vector<NamedTensor> {
 public:
  using std::vector<NamedTensor>::vector;
  StateDict(std::vector<NamedTensor> tensors) : std::vector<NamedTensor>(std::move(tensors)) {}
  using std::vector<NamedTensor>::operator[];

  bool contains(std::string_view name) const;
  /// The tensor of that name: `state["fc.weight"]`. Throws ValueError, showing the names, where
  /// there is none.
  Tensor operator[](std::string_view name) const;
  using std::vector<NamedTensor>::at;
  Tensor at(std::string_view name) const { return (*this)[name]; }
  using std::vector<NamedTensor>::emplace;
  template <class = void>
  void emplace(...) = delete;  // push_back({name, tensor})
  using std::vector<NamedTensor>::insert;
  template <class = void>
  void insert(...) = delete;        // push_back({name, tensor})
  void count(...) const = delete;   // contains(name)
  void find(...) const = delete;    // state[name], where contains(name)
  void get(...) const = delete;     // state[name]
  void items(...) const = delete;   // for (const auto& [name, tensor] : state)
  void keys(...) const = delete;    // for (const auto& [name, tensor] : state)
  void pop(...) const = delete;     // std::erase_if(state, [](const auto& t) { ... t.name ... })
  void update(...) const = delete;  // push_back({name, tensor}), of each
  void values(...) const = delete;  // for (const auto& [name, tensor] : state)
  /// The same names with values of their own, which stay as they are now.
  StateDict clone() const;
};

}  // namespace rill
