#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <rill/core/state_dict.h>
#include <rill/core/tensor.h>

namespace rill::optim {

/// Parameters that share their options, where those of one optimizer differ.
template <class Options>
struct ParameterGroup {
  std::vector<Tensor> parameters;
  Options options = {};
};

/// What all optimizers share: groups of parameters, learning rates, saved state.
///
/// `step` changes each parameter that has a gradient; one without is skipped, its state too.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// Moves every parameter against its gradient.
  virtual void step() = 0;
  /// Forgets all gradients.
  void zero_grad() const;
  std::vector<Tensor> parameters() const;

  size_t group_count() const { return group_ends_.size(); }
  double learning_rate(size_t group = 0) const { return *learning_rates_.at(group); }
  /// For one group. Throws ValueError for a rate that is negative, NaN or infinite.
  void set_learning_rate(size_t group, double rate);
  /// For all groups.
  void set_learning_rate(double rate);

  /// State of each parameter by its number ("state.0.exp_avg") and options of each group
  /// ("param_groups.0.lr"); numbers are float64 without dimensions. A copy: later steps leave it.
  StateDict state_dict() const;
  /// Takes up such a state. Throws ValueError, with the optimizer unchanged, listing every entry
  /// that is missing, unexpected or of another shape.
  void load_state_dict(const StateDict& state);

 protected:
  /// What an optimizer remembers of one parameter; buffers are undefined until the first step.
  struct ParameterState {
    Tensor parameter;
    int64_t step = 0;
    std::vector<Tensor> buffers;
  };
  /// A number in a group's options, with its name.
  using NamedOption = std::pair<const char*, double*>;

  explicit Optimizer(std::vector<const char*> buffer_names)
      : buffer_names_(std::move(buffer_names)) {}

  /// Adds a group. `options[0]` is its learning rate. Throws ValueError for an empty group, a
  /// parameter that is there already, is not a leaf that requires a gradient, or is not row-major.
  void add_group(const std::vector<Tensor>& parameters, std::vector<NamedOption> options);
  /// The states of a group's parameters that have a gradient of dtype T.
  template <class T>
  std::vector<ParameterState*> with_gradient(size_t group);
  /// Zeros like the parameter where the state has no buffer `number` yet; marked as written to.
  Tensor buffer(ParameterState& state, size_t number) const;

 private:
  void add_parameter(const Tensor& parameter);

  std::vector<const char*> buffer_names_;
  std::vector<ParameterState> states_;
  std::vector<size_t> group_ends_;  // in states_
  std::vector<double*> learning_rates_;
  std::vector<std::vector<NamedOption>> options_;
};

namespace detail {
/// Throws ValueError unless `value` is finite and low <= value < high.
void check_option(const char* optimizer, const char* name, double value, double low, double high);
}  // namespace detail

}  // namespace rill::optim
