#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include <rill/nn/module.h>

namespace rill::nn {

template <class Signature>
class AnyLayer;

/// Some layer with this signature, chosen at run time: `AnyLayer<Tensor(const Tensor&)>`. It is the
/// same module as the layer that it was made from.
template <class Result, class... Args>
class AnyLayer<Result(Args...)> : public Module {
 public:
  template <class Wrapped>
  requires(std::is_base_of_v<Module, Wrapped> && !std::is_same_v<Wrapped, AnyLayer> &&
           std::is_invocable_r_v<Result, const Wrapped&, Args...>) AnyLayer(const Wrapped& layer)
      : Module(layer),
        run_([layer = std::make_shared<const Wrapped>(layer)](Args... args) -> Result {
          return (*layer)(std::forward<Args>(args)...);
        }) {}

  AnyLayer(const AnyLayer&) = default;
  void operator=(const AnyLayer&) const = delete;  // append(layer), add_module(name, layer)

  Result operator()(Args... args) const { return run_(std::forward<Args>(args)...); }
  Result forward(Args... args) const { return run_(std::forward<Args>(args)...); }

  /// Those of the layer; undefined where it has none: `net[0].weight`.
  const Tensor weight = own_parameter("weight"), bias = own_parameter("bias");

 private:
  std::function<Result(Args...)> run_;
};

}  // namespace rill::nn
