#pragma once

#include <cstdint>
#include <memory>
#include <tuple>
#include <type_traits>
#include <vector>

#include <rill/nn/module.h>

namespace rill::nn {

namespace detail {
/// Appends the tensors in a value: itself, or the elements of lists and tuples. False where it is
/// of a class that may hide some.
template <class T>
bool append_tensors(const T& value, std::vector<Tensor>& found) {
  if constexpr (std::is_same_v<T, Tensor>) {
    if (value.defined()) found.push_back(value);
    return true;
  } else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
    return true;
  } else if constexpr (requires { std::tuple_size<T>::value; }) {
    return std::apply(
        [&](const auto&... parts) { return (append_tensors(parts, found) & ... & true); }, value);
  } else if constexpr (std::is_same_v<T, std::vector<Tensor>>) {
    for (const Tensor& one : value) append_tensors(one, found);
    return true;
  } else {
    return false;
  }
}
}  // namespace detail

/// Looks at a model while it runs for the first time in training with gradients recorded: does
/// backward reach what its parameters() do not list, so that no optimizer moves it? Then a warning
/// says so, once. What is detached, what is passed to forward, and a layer whose own parameters()
/// somebody asked for, are as they should be.
class Module::FirstRun {
 public:
  explicit FirstRun(const Module& model);
  ~FirstRun();
  FirstRun(const FirstRun&) = delete;
  FirstRun& operator=(const FirstRun&) = delete;

  template <class T>
  void note_input(const T& input) {
    sees_inputs_ = detail::append_tensors(input, inputs_) && sees_inputs_;
  }
  /// Warns, where there is reason to.
  template <class T>
  void finish(const T& output) {
    std::vector<Tensor> outputs;
    sees_outputs_ = detail::append_tensors(output, outputs);
    look(outputs);
  }

  /// Tells the run of this thread, if there is one, of a module without a parent that runs in it.
  static void note_guest(const std::shared_ptr<State>& guest);

 private:
  void look(const std::vector<Tensor>& outputs) const;

  const std::shared_ptr<State> model_;
  const uint64_t began_;  // leaves made since are forward's own
  FirstRun* const outer_;
  std::vector<Tensor> inputs_;
  bool sees_inputs_ = true, sees_outputs_ = true;
  std::vector<std::shared_ptr<State>> guests_;
};

}  // namespace rill::nn
