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
class HookOf final : public Hook {
 public:
  explicit HookOf(Function function) : function_(std::move(function)) {}
  Tensor operator()(const Tensor& gradient) override {
    if constexpr (std::is_void_v<std::invoke_result_t<Function&, const Tensor&>>) {
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

template <HookFunction Function>
HookHandle Tensor::register_hook(Function hook) const {
  return add_hook(Ref<Hook>::adopt(new detail::HookOf<Function>(std::move(hook))));
}

}  // namespace rill
