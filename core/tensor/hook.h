#pragma once

#include <type_traits>
#include <utility>

#include <rill/core/memory/refcount.h>
#include <rill/core/tensor.h>

namespace rill {

/// A function that is shown a gradient, as a node keeps it.
class Hook {
 public:
  RefCount refs;
  static void destroy(Hook* hook) { delete hook; }
  virtual ~Hook() = default;
  /// Undefined where the gradient stays.
  virtual Tensor operator()(const Tensor& gradient) = 0;
};

namespace detail {

template <class Function>
constexpr bool is_hook() {
  if constexpr (requires(Function & hook, const Tensor& gradient) { hook(gradient); }) {
    using Result = decltype(std::declval<Function&>()(std::declval<const Tensor&>()));
    return std::is_convertible_v<Result, Tensor> || std::is_void_v<Result>;
  }
  return false;
}

template <class Function>
class HookOf final : public Hook {
 public:
  explicit HookOf(Function function) : function_(std::move(function)) {}
  Tensor operator()(const Tensor& gradient) override {
    if constexpr (std::is_void_v<decltype(function_(gradient))>) {
      function_(gradient);
      return {};
    } else {
      return function_(gradient);
    }
  }

 private:
  Function function_;
};

}  // namespace detail

template <class Function>
HookHandle Tensor::register_hook(Function hook) const {
  constexpr bool is_hook = detail::is_hook<Function>();
  static_assert(is_hook,
                "a hook takes a gradient, a const Tensor&, and returns a tensor or nothing");
  if constexpr (is_hook)
    return add_hook(Ref<Hook>::adopt(new detail::HookOf<Function>(std::move(hook))));
  else
    return {};
}

}  // namespace rill
