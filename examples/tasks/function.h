#pragma once

#include <rill/core/tensor.h>

#include <cmath>
#include <functional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

// What a learner's file is compiled with: todo(), and the form in which the grader calls functions
// of any parameters.

namespace tasks {

/// What todo() throws.
struct NotDone final : std::logic_error {
  using std::logic_error::logic_error;
};

/// Stands in a function that is still to be written.
[[noreturn]] inline void todo() { throw NotDone("not done yet"); }

using Argument = std::variant<rill::Tensor, double, std::vector<rill::Tensor>>;
using Arguments = std::vector<Argument>;
using Tensors = std::vector<rill::Tensor>;

/// A function whose parameters are tensors, numbers and lists of tensors, and which gives a tensor,
/// a list of tensors or nothing. It may be called as Tensors(const Arguments&).
class Function {
 public:
  template <class Callable>
  requires(!std::is_same_v<Callable, Function>) Function(Callable callable)
      : Function(std::function{std::move(callable)}) {}
  template <class Result, class... Parameters>
  Function(std::function<Result(Parameters...)> typed)
      : call_([typed](const Arguments& arguments) {
          if (arguments.size() != sizeof...(Parameters))
            throw std::invalid_argument("it takes " + std::to_string(sizeof...(Parameters)) +
                                        " parameters, where the task gives " +
                                        std::to_string(arguments.size()));
          return call(typed, arguments, std::index_sequence_for<Parameters...>());
        }) {}

  Tensors operator()(const Arguments& arguments) const { return call_(arguments); }

 private:
  template <class Parameter>
  static auto as(const Argument& argument) {
    using Plain = std::remove_cvref_t<Parameter>;
    if constexpr (std::is_arithmetic_v<Plain>)
      return static_cast<Plain>(std::get<double>(argument));
    else
      return std::get<Plain>(argument);
  }

  template <class Result, class... Parameters, size_t... i>
  static Tensors call(const std::function<Result(Parameters...)>& typed, const Arguments& arguments,
                      std::index_sequence<i...>) {
    if constexpr (std::is_void_v<Result>) {
      typed(as<Parameters>(arguments[i])...);
      return {};
    } else {
      return {typed(as<Parameters>(arguments[i])...)};
    }
  }

  std::function<Tensors(const Arguments&)> call_;
};

}  // namespace tasks

using tasks::todo;
