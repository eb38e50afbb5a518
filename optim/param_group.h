#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <rill/core/tensor.h>

namespace rill::optim {

class Optimizer;

/// A group of an optimizer, as `param_groups` gives it: its parameters, and its options to be read
/// and written, `group.lr *= 0.1`, `group["eps"] = 1e-6`. The learning rate, which all optimizers
/// have, is the number itself, and looked at by `step`. Whoever reads or writes another option, or
/// `["lr"]`, gets a ValueError where the optimizer has none of that name, and, with nothing
/// changed, for a value that its constructor would refuse, or that would need what earlier steps
/// have not kept (momentum, where there was none).
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
    const Option& operator=(std::array<double, 2>) const = delete;  // .beta1 = 0.9, .beta2 = 0.95
    const Option& operator+=(double term) const { return *this = *this + term; }
    const Option& operator-=(double term) const { return *this = *this - term; }
    const Option& operator*=(double factor) const { return *this = *this * factor; }
    const Option& operator/=(double divisor) const { return *this = *this / divisor; }

   private:
    Optimizer& optimizer_;
    size_t group_;
    std::string name_;
  };

  ParamGroup(Optimizer& optimizer, size_t group, std::vector<Tensor> parameters, double& rate);

  void options(...) const = delete;  // group.lr, group["eps"]
  /// By the name that `state_dict` saves it under; switches are 0 or 1.
  Option operator[](std::string name) const { return {optimizer_, group_, std::move(name)}; }

  std::vector<Tensor> params;
  double& lr;

 private:
  Optimizer& optimizer_;
  size_t group_;

 public:
  Option weight_decay = (*this)["weight_decay"], momentum = (*this)["momentum"],
         eps = (*this)["eps"], beta1 = (*this)["beta1"], beta2 = (*this)["beta2"],
         betas = (*this)["betas"], alpha = (*this)["alpha"], dampening = (*this)["dampening"],
         nesterov = (*this)["nesterov"], amsgrad = (*this)["amsgrad"],
         centered = (*this)["centered"];
};

/// The groups of an optimizer: `param_groups[0]`, and `param_groups()[0]`, which is the same.
class ParamGroups {
 public:
  ParamGroups& operator()() { return *this; }
  /// Throws IndexError where there is no such group.
  ParamGroup& operator[](size_t group);
  size_t size() const { return groups_.size(); }
  auto begin() { return groups_.begin(); }
  auto end() { return groups_.end(); }

 private:
  friend class Optimizer;
  std::vector<ParamGroup> groups_;
};

}  // namespace rill::optim
