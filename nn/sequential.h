#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <rill/core/option.h>
#include <rill/nn/any_layer.h>
#include <rill/nn/layer.h>

namespace rill::nn {

/// A function as a layer. It has no parameters: a layer that it runs is not trained by this one.
class Function final : public Layer<Function> {
 public:
  /// Throws ValueError for an empty function.
  explicit Function(std::function<Tensor(const Tensor&)> function)
      : function_(std::move(function)) {
    if (!function_) fail<ValueError>("Function: the function is empty");
  }
  Tensor forward(const Tensor& x) const { return function_(x); }

 private:
  const std::function<Tensor(const Tensor&)> function_;
};

namespace detail {
template <class F>
concept IsFunction =
    !std::is_base_of_v<Module, F> && std::is_invocable_r_v<Tensor, const F&, const Tensor&>;
}  // namespace detail

/// Layers run one after the other, each on the output of the one before; registered as "0", "1",
/// ...: `Sequential{Linear(2, 16), Tanh(), Linear(16, 1)}`. In braces C++ makes them from left to
/// right; in parentheses it may draw their weights in another order.
///
/// A step may be a function too: `[](const Tensor& x) { return x.pow(2); }`.
class Sequential final : public Layer<Sequential> {
 public:
  using Step = AnyLayer<Tensor(const Tensor&)>;

  explicit Sequential(const std::vector<Step>& steps = {});
  template <class... Layers>
  requires(sizeof...(Layers) > 0 &&
           ((std::is_convertible_v<Layers, Step> || detail::IsFunction<Layers>)&&...) &&
           !(sizeof...(Layers) == 1 && (std::is_same_v<Layers, Sequential> &&
                                        ...))) explicit Sequential(const Layers&... layers)
      : Sequential(std::vector<Step>{step(layers)...}) {}

  struct NamedStep {
    template <class L>
    requires(std::is_convertible_v<L, Step> || detail::IsFunction<L>)
        NamedStep(std::string its_name, const L& layer)
        : name(std::move(its_name)), run(step(layer)) {}
    std::string name;
    Step run;
  };
  /// Registered by names of their own: `Sequential{{"fc", Linear(2, 16)}, {"act", Tanh()}}`.
  explicit Sequential(std::initializer_list<NamedStep> steps);

  Tensor forward(const Tensor& x) const;

  /// Adds a layer or a function at the end. Gives the same module, which outlives a temporary one.
  template <class Layer>
  Sequential append(const Layer& layer) {
    add(std::to_string(size()), step(layer));
    return *this;
  }
  template <class Layer>
  void push_back(const Layer& layer) {
    append(layer);
  }
  template <class Layer>
  void add_module(const std::string& name, const Layer& layer) {
    add(name, step(layer));
  }
  void register_module(...) = delete;  // append(layer), add_module(name, layer)

  int64_t size() const { return static_cast<int64_t>(steps_->size()); }
  /// Negative counts from the end. Throws IndexError.
  const Step& operator[](int64_t i) const {
    return (*steps_)[rill::detail::want_index("layer", i < 0 && i >= -size() ? i + size() : i,
                                              steps_->size())];
  }
  auto begin() const { return steps_->cbegin(); }
  auto end() const { return steps_->cend(); }

 private:
  static Step step(const Step& layer) { return layer; }
  template <detail::IsFunction F>
  static Step step(const F& function) {
    return Function(function);
  }

  void add(const std::string& name, const Step& step);

  std::shared_ptr<std::vector<Step>> steps_;  // one for all copies
};

}  // namespace rill::nn
