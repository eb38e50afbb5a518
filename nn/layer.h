#pragma once

#include <concepts>
#include <string>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include <rill/core/scope.h>
#include <rill/nn/first_run.h>
#include <rill/nn/module.h>

namespace rill::nn {

namespace detail {
/// "Linear" for rill::nn::Linear.
std::string type_name_of(const std::type_info& type);
[[noreturn]] void fail_derived(const std::type_info& derived, const std::type_info& layer);

/// A layer has a const member function `forward` that takes these arguments.
template <class L, class... Args>
concept HasForwardFor = requires(const L& layer, Args&&... args) {
  layer.forward(std::forward<Args>(args)...);
};
template <class L, class... Args>
concept HasForwardNotConstFor = requires(L& layer, Args&&... args) {
  layer.forward(std::forward<Args>(args)...);
};

template <class L, class Result, class... Parameters>
std::tuple<Parameters...> parameters_of(Result (L::*)(Parameters...) const);
/// What forward takes, where there is but one.
template <class L>
using ParametersOf = decltype(parameters_of(decltype (&L::forward)()));

/// A layer has one forward, with so many parameters that the call has an overload of its own.
template <class L, size_t count>
concept TakesExactly = count >= 2 && count <= 4 && std::tuple_size_v<ParametersOf<L>> == count;
template <class L, size_t count, size_t i>
requires TakesExactly<L, count>
using Parameter = std::tuple_element_t<i, ParametersOf<L>>;
}  // namespace detail

/// What every layer and model derives from: `struct Net : nn::Layer<Net>`, with a const member
/// `forward`. Calling the layer runs forward inside its scope, so that an error names where it
/// arose: "blocks.0.attn.out_proj: matmul: cannot multiply ...". A class that derives from a layer
/// in turn would run that one's forward: it throws Error when called (a virtual forward is no way
/// out), and `final` says so earlier.
///
/// Options may stand in braces, `attn(x, x, x, {.is_causal = true})`, where forward has 2 to 4
/// parameters and is not overloaded: by the overloads for so many, which know the types.
template <class Derived>
class Layer : public Module {
 public:
  template <class... Args>
  auto operator()(Args&&... args) const requires(detail::HasForwardFor<Derived, Args...> &&
                                                 !detail::TakesExactly<Derived, sizeof...(Args)>) {
    return run(std::forward<Args>(args)...);
  }
  template <class L = Derived>
  auto operator()(detail::Parameter<L, 2, 0> a, detail::Parameter<L, 2, 1> b) const {
    return run(std::forward<decltype(a)>(a), std::forward<decltype(b)>(b));
  }
  template <class L = Derived>
  auto operator()(detail::Parameter<L, 3, 0> a, detail::Parameter<L, 3, 1> b,
                  detail::Parameter<L, 3, 2> c) const {
    return run(std::forward<decltype(a)>(a), std::forward<decltype(b)>(b),
               std::forward<decltype(c)>(c));
  }
  template <class L = Derived>
  auto operator()(detail::Parameter<L, 4, 0> a, detail::Parameter<L, 4, 1> b,
                  detail::Parameter<L, 4, 2> c, detail::Parameter<L, 4, 3> d) const {
    return run(std::forward<decltype(a)>(a), std::forward<decltype(b)>(b),
               std::forward<decltype(c)>(c), std::forward<decltype(d)>(d));
  }
  // Wrong calls; the last one with braces.
  // clang-format off
  template <class... Args>
  requires(!detail::HasForwardFor<Derived, Args...> &&
           detail::HasForwardNotConstFor<Derived, Args...>)
  void operator()(Args&&...) const = delete;  // forward is to be const: Tensor forward(const Tensor& x) const
  template <class... Args>
  requires(!detail::HasForwardNotConstFor<Derived, Args...>)
  void operator()(Args&&...) const = delete;  // forward takes other arguments; options stand in braces, by name
  void operator()(...) const = delete;  // forward takes other arguments, or is overloaded
  // clang-format on

  /// As libtorch's modules are called, which are pointers: `layer->forward(x)`.
  const Derived* operator->() const { return &self(); }

  /// As Module's; return the layer, of a temporary a copy (the same module), which stays.
  const Derived& train(bool training = true) const& {
    Module::train(training);
    return self();
  }
  Derived train(bool training = true) const&& { return train(training); }
  const Derived& eval() const& { return train(false); }
  Derived eval() const&& { return train(false); }
  const Derived& requires_grad_(bool requires_grad = true) const& {
    Module::requires_grad_(requires_grad);
    return self();
  }
  Derived requires_grad_(bool requires_grad = true) const&& {
    return requires_grad_(requires_grad);
  }
  const Derived& to(DType dtype) const& {
    Module::to(dtype);
    return self();
  }
  Derived to(DType dtype) const&& { return to(dtype); }
  template <class = void>
  void to(...) const = delete;  // to(float64): all tensors are on the CPU

 protected:
  Layer() : Module(detail::type_name_of(typeid(Derived))) {
    static_assert(
        !requires { &Derived::extra_repr; },
        "what is printed is told by set_extra_repr({{\"width\", width}})");
  }

 private:
  const Derived& self() const { return static_cast<const Derived&>(*this); }

  template <class... Args>
  auto run(Args&&... args) const {
    if (typeid(*this) != typeid(Derived)) detail::fail_derived(typeid(*this), typeid(Derived));
    if (!Scope::current() && is_first_run()) return run_first(std::forward<Args>(args)...);
    const Scope running(scope());
    return self().forward(std::forward<Args>(args)...);
  }

  template <class... Args>
  auto run_first(Args&&... args) const {
    FirstRun looking(*this);
    (looking.note_input(args), ...);
    const Scope running(scope());
    if constexpr (std::is_void_v<decltype(self().forward(std::forward<Args>(args)...))>) {
      self().forward(std::forward<Args>(args)...);
    } else {
      auto output = self().forward(std::forward<Args>(args)...);
      looking.finish(output);
      return output;
    }
  }
};

}  // namespace rill::nn
