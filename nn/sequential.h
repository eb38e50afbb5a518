#pragma once

#include <vector>

#include <rill/core/option.h>
#include <rill/nn/layer.h>

namespace rill::nn {

/// Layers run one after the other, each on the output of the one before; registered as "0", "1",
/// ...: `Sequential{Linear(2, 16), Tanh(), Linear(16, 1)}`. In braces C++ makes them from left to
/// right; in parentheses it may draw their weights in another order.
class Sequential final : public Layer<Sequential> {
 public:
  using Step = AnyLayer<Tensor(const Tensor&)>;

  explicit Sequential(const std::vector<Step>& steps);
  template <class... Layers>
  requires(sizeof...(Layers) > 0 && (std::is_convertible_v<Layers, Step> && ...) &&
           !(sizeof...(Layers) == 1 && (std::is_same_v<Layers, Sequential> &&
                                        ...))) explicit Sequential(const Layers&... layers)
      : Sequential(std::vector<Step>{Step(layers)...}) {}

  Tensor forward(const Tensor& x) const;

  int64_t size() const { return static_cast<int64_t>(steps_.size()); }
  /// Throws IndexError unless i is in [0, size).
  const Step& operator[](int64_t i) const {
    return steps_[rill::detail::want_index("layer", i, steps_.size())];
  }

 private:
  std::vector<Step> steps_;
};

}  // namespace rill::nn
