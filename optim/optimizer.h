#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <rill/core/state_dict.h>
#include <rill/core/tensor.h>
#include <rill/optim/param_group.h>

namespace rill::optim {

/// Parameters that share their options, where those of one optimizer differ.
template <class Options>
struct ParameterGroup {
  std::vector<Tensor> parameters;
  Options options = {};
};

struct ZeroGradOptions {
  bool set_to_none = true;
};

namespace detail {
/// What may stand for a learning rate alone: no `{}`, and no switch.
template <class T>
concept Rate = std::is_arithmetic_v<T> && !std::same_as<T, bool>;
}  // namespace detail

/// What all optimizers share: groups of parameters, learning rates, saved state.
///
/// `step` moves each parameter that has a gradient. One without is skipped, its state too, and so
/// is a frozen one, which requires no gradient (even if it still has one; PyTorch would move it):
/// give all parameters of a model, and freeze or unfreeze any of them later by `requires_grad_`.
class Optimizer {
 public:
  virtual ~Optimizer();
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// Moves every parameter against its gradient. Throws ValueError where a parameter was given
  /// another shape or dtype since its state was made, or a group a learning rate that is negative,
  /// NaN or infinite; whatever throws, nothing has been changed then.
  void step();
  void step(const auto&) = delete;  // without a closure: loss.backward() before step()
  /// Forgets all gradients, or fills those that are there with zeros, outside any graph.
  void zero_grad(bool set_to_none = true) const;
  void zero_grad(ZeroGradOptions options) const { zero_grad(options.set_to_none); }
  std::vector<Tensor> parameters() const;

  size_t group_count() const { return group_ends_.size(); }
  /// Throws IndexError where there is no such group.
  double learning_rate(size_t group = 0) const;
  /// For one group. Throws IndexError where there is no such group, ValueError for a rate that is
  /// negative, NaN or infinite.
  void set_learning_rate(size_t group, double rate);
  /// For all groups.
  void set_learning_rate(double rate);
  // clang-format off
  void set_learning_rate(std::floating_point auto, auto) = delete;  // set_learning_rate(group, rate)
  void set_lr(...) = delete;           // set_learning_rate(rate)
  double lr(...) const = delete;       // learning_rate(), set_learning_rate(rate)
  double get_lr(...) const = delete;   // learning_rate()
  void options(...) const = delete;    // param_groups[0].lr, param_groups[0]["eps"]
  void defaults(...) const = delete;   // param_groups[0].lr, param_groups[0]["eps"]
  void state(...) const = delete;      // state_dict()["state.0.exp_avg"], of parameter 0; SGD: momentum_buffer
  void size(...) const = delete;       // group_count(), parameters().size()
  void add_param_group(...) = delete;  // all together: AdamW({{a, {.lr = 0.1}}, {b, {.lr = 0.2}}})
  void register_step_pre_hook(...) = delete;   // write it before optimizer.step()
  void register_step_post_hook(...) = delete;  // write it after optimizer.step()
  friend std::ostream& operator<<(std::ostream&, const Optimizer&) = delete;  // its state_dict()
  // clang-format on
  /// The groups in their order, `param_groups[0].lr = r`, `for (auto& group : param_groups())`. A
  /// copy of them refers to the optimizer, which must outlive it.
  ParamGroups param_groups;

  /// State of each parameter by its number ("state.0.exp_avg"), and of each group the numbers of
  /// its parameters (int64 "param_groups.0.params") and its options ("param_groups.0.lr", and
  /// "param_groups.0.initial_lr" once a scheduler was made); numbers and switches are float64
  /// without dimensions. A copy: later steps leave it.
  [[nodiscard]] StateDict state_dict() const;
  /// Takes up such a state, options included. Throws ValueError, with the optimizer unchanged, for
  /// an option that the constructor would refuse, and listing every entry that is missing,
  /// unexpected, given twice, of another shape or kind of number, of other groups, of another
  /// optimizer, or no count of steps.
  void load_state_dict(const StateDict& state);

 protected:
  /// What an optimizer remembers of one parameter; buffers are undefined until the first step.
  struct ParameterState {
    Tensor parameter;
    int64_t step = 0;
    std::vector<Tensor> buffers;
  };
  /// A parameter about to be moved.
  struct Update {
    ParameterState* state;
    int64_t step;                 // the number of the coming one, from 1
    Tensor gradient;              // row-major
    std::vector<Tensor> buffers;  // those that are needed; zeros at first

    template <class T>
    T* parameter_data() const {
      return state->parameter.data<T>();
    }
    /// Null where the buffer is not needed.
    template <class T>
    T* buffer_data(size_t number) const {
      return buffers[number].defined() ? buffers[number].data<T>() : nullptr;
    }
  };
  /// A number or a switch in a group's options, with its name. A switch that is const tells one
  /// optimizer from another of the same options: it is saved, and a state must have it alike.
  struct NamedOption {
    NamedOption(const char* what, double* its_number) : name(what), number(its_number) {}
    NamedOption(const char* what, bool* its_flag)
        : name(what), flag(its_flag), loaded_flag(its_flag) {}
    NamedOption(const char* what, const bool* its_flag) : name(what), flag(its_flag) {}

    bool is_fixed() const { return flag && !loaded_flag; }
    double value() const { return number ? *number : *flag; }
    void set(double value) const;

    const char* name;
    double* number = nullptr;     // null for a switch
    const bool* flag = nullptr;   // null for a number
    bool* loaded_flag = nullptr;  // the switch again, null where it is const
  };

  explicit Optimizer(std::vector<const char*> buffer_names);

  /// Adds a group. `options[0]` is its learning rate, "lr". Throws ValueError for an empty group, a
  /// parameter that is there already, shares memory with another, is the result of an op, holds no
  /// floating numbers, or is not row-major.
  void add_group(const std::vector<Tensor>& parameters, std::vector<NamedOption> options);
  /// To be called after the last group: throws ValueError where all parameters are frozen.
  void want_a_gradient() const;

 private:
  /// Updates of one group and dtype, and what carries them out.
  struct Batch {
    std::vector<Update> updates;
    std::function<void()> move;
  };

  /// Throws ValueError for an option of the group that is out of its range.
  virtual void check_options(size_t group) const = 0;
  /// Whether the options of the group make use of buffer `number`.
  virtual bool needs_buffer(size_t group, size_t number) const = 0;
  /// What moves the parameters, all of `dtype`, in one pass. All that can fail is done beforehand:
  /// what is returned allocates nothing.
  virtual std::function<void()> plan(size_t group, DType dtype,
                                     const std::vector<Update>& updates) = 0;

  friend class ParamGroup::Option;
  const NamedOption& want_option(size_t group, const std::string& name) const;
  void set_option(size_t group, const std::string& name, double value);

  friend class LRScheduler;
  friend class ReduceLROnPlateau;
  /// What a new scheduler scales: the rates that the groups had when their first one was made.
  std::vector<double> initial_rates() const;
  std::vector<double> learning_rates() const;
  /// Makes the caller the scheduler that sets the rates; returns its number.
  int64_t take_over(const std::vector<double>& initial_rates);
  bool is_set_by(int64_t scheduler) const { return scheduler == schedulers_; }

  void add_parameter(const Tensor& parameter);
  Batch prepare(size_t group, DType dtype);
  Update prepare(size_t group, ParameterState& state) const;
  static void take_up(Update& update);
  double& rate_of(size_t group) const;
  size_t group_begin(size_t group) const { return group == 0 ? 0 : group_ends_[group - 1]; }
  void append_group(size_t group, StateDict& dict) const;
  std::vector<double> option_values() const;
  void set_options(const std::vector<double>& values);
  void want_fit(const std::string& what, const std::vector<ParameterState>& states) const;

  std::vector<const char*> buffer_names_;
  std::vector<ParameterState> states_;
  std::vector<size_t> group_ends_;                    // in states_
  std::vector<std::optional<double>> initial_rates_;  // of groups that had a scheduler
  std::vector<std::vector<NamedOption>> options_;
  int64_t schedulers_ = 0;  // made so far; the last one sets the rates
};

}  // namespace rill::optim
