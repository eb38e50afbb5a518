#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <rill/core/tensor.h>

namespace rill::optim {

class Optimizer;

/// A group of an optimizer, as `param_groups` gives it: its parameters, and its options to be read
/// and written, `group.lr *= 0.1`, `group["eps"] = 1e-6`. Whoever reads or writes an option gets a
/// ValueError where the optimizer has none of that name, and, with nothing changed, for a value
/// that its constructor would refuse, or that would need what earlier steps have not kept
/// (momentum, where there was none).
class ParamGroup {
 public:
  class Option {
   public:
    Option(Optimizer& optimizer, size_t group, std::string name)
        : optimizer_(optimizer), group_(group), name_(std::move(name)) {}
    Option(const Option&) = default;
    operator double() const;
    const Option& operator=(double value) const;
    const Option& operator=(const Option& other) const { return *this = double(other); }
    const Option& operator*=(double factor) const { return *this = *this * factor; }
    const Option& operator/=(double divisor) const { return *this = *this / divisor; }

   private:
    Optimizer& optimizer_;
    size_t group_;
    std::string name_;
  };

  ParamGroup(Optimizer& optimizer, size_t group, std::vector<Tensor> parameters)
      : params(std::move(parameters)), optimizer_(optimizer), group_(group) {}

  /// By the name that `state_dict` saves it under; switches are 0 or 1.
  Option operator[](std::string name) const { return {optimizer_, group_, std::move(name)}; }

  std::vector<Tensor> params;

 private:
  Optimizer& optimizer_;
  size_t group_;

 public:
  Option lr = (*this)["lr"], weight_decay = (*this)["weight_decay"], momentum = (*this)["momentum"],
         eps = (*this)["eps"], beta1 = (*this)["beta1"], beta2 = (*this)["beta2"];
};

}  // namespace rill::optim
