#include <rill/core/autograd.h>
#include <rill/core/option.h>
#include <rill/optim/optimizer.h>

#include <cmath>
#include <map>

// What an optimizer saves and takes up again: everything is checked, and copied, before anything is
// changed.

namespace rill::optim {
namespace {

std::string group_prefix(size_t group) { return "param_groups." + std::to_string(group) + "."; }

/// The numbers of the parameters from `begin` to `end`.
Tensor numbers(size_t begin, size_t end) {
  return arange(static_cast<double>(begin), static_cast<double>(end));
}

}  // namespace

StateDict Optimizer::state_dict() const {
  StateDict dict;
  for (size_t i = 0; i < states_.size(); ++i) {
    const std::string prefix = "state." + std::to_string(i) + ".";
    const ParameterState& state = states_[i];
    dict.push_back({prefix + "step", scalar(static_cast<double>(state.step), float64)});
    for (size_t b = 0; b < buffer_names_.size(); ++b)
      if (state.buffers[b].defined())
        dict.push_back({prefix + buffer_names_[b], state.buffers[b].clone()});
  }
  for (size_t group = 0; group < options_.size(); ++group) append_group(group, dict);
  return dict;
}

void Optimizer::append_group(size_t group, StateDict& dict) const {
  const std::string prefix = group_prefix(group);
  dict.push_back({prefix + "params", numbers(group_begin(group), group_ends_[group])});
  if (initial_rates_[group])
    dict.push_back({prefix + "initial_lr", scalar(*initial_rates_[group], float64)});
  for (const NamedOption& option : options_[group])
    dict.push_back({prefix + option.name, scalar(option.value(), float64)});
}

namespace {

/// The entries of a state dict, ticked off as they are asked for; collects what is wrong.
class Entries {
 public:
  explicit Entries(const StateDict& dict) {
    for (const NamedTensor& entry : dict)
      if (!left_.emplace(entry.name, entry.tensor).second)
        problems_ += "\n  given twice: " + entry.name;
  }
  /// Undefined where there is none.
  Tensor take(const std::string& name) {
    const auto found = left_.find(name);
    if (found == left_.end()) return {};
    Tensor tensor = found->second;
    left_.erase(found);
    return tensor;
  }
  double number(const std::string& name) {
    const Tensor tensor = take(name);
    if (!tensor.defined() || tensor.numel() != 1) {
      problems_ += "\n  missing or not one number: " + name;
      return 0;
    }
    return tensor.item();
  }
  int64_t count(const std::string& name) {
    const double value = number(name);
    if (value >= 0 && value <= 0x1p53 && value == std::trunc(value))
      return static_cast<int64_t>(value);
    rill::detail::append(problems_ += "\n  " + name + ": no count of steps: ", value);
    return 0;
  }
  template <class Option>
  double option(const std::string& name, const Option& own) {
    const double value = number(name);
    if (own.flag && value != 0 && value != 1)
      rill::detail::append(problems_ += "\n  " + name + ": neither 0 nor 1: ", value);
    else if (own.is_fixed() && value != own.value())
      problems_ += "\n  " + name + ": " + (value != 0 ? "1, here it is 0" : "0, here it is 1");
    return value;
  }
  std::optional<double> optional_number(const std::string& name) {
    if (!left_.contains(name)) return {};
    return number(name);
  }
  /// The numbers of a group's parameters.
  void expect(const std::string& name, const Tensor& own) {
    const Tensor given = take(name);
    if (!given.defined())
      problems_ += "\n  missing: " + name;
    else if (given.to_vector<double>() != own.to_vector<double>())
      problems_ +=
          "\n  " + name + ": the groups differ: " + given.to_string() + ", here " + own.to_string();
  }
  Tensor like(const Tensor& parameter, const std::string& name) {
    const Tensor tensor = take(name);
    if (!tensor.defined()) return {};
    if (tensor.shape() != parameter.shape())
      problems_ += "\n  " + name + ": shape " + to_string(tensor.shape()) + ", expected " +
                   to_string(parameter.shape());
    else if (!is_floating(tensor.dtype()))
      problems_ += "\n  " + name + ": " + std::string(name_of(tensor.dtype())) + ", expected " +
                   std::string(name_of(parameter.dtype()));
    else
      return tensor.detach().to(parameter.dtype()).clone();
    return {};
  }
  void finish() const {
    std::string all = problems_;
    for (const auto& [name, tensor] : left_) all += "\n  unexpected: " + name;
    if (!all.empty()) fail<ValueError>("load_state_dict: the state is of another optimizer:", all);
  }

 private:
  std::map<std::string, Tensor> left_;
  std::string problems_;
};

/// Steps and buffers of each parameter.
template <class Names, class States>
void take_states(Entries& entries, const Names& buffer_names, States& states) {
  for (size_t i = 0; i < states.size(); ++i) {
    const std::string prefix = "state." + std::to_string(i) + ".";
    states[i].step = entries.count(prefix + "step");
    for (size_t b = 0; b < buffer_names.size(); ++b)
      states[i].buffers[b] = entries.like(states[i].parameter, prefix + buffer_names[b]);
  }
}

}  // namespace

void Optimizer::NamedOption::set(double value) const {
  if (number) *number = value;
  if (loaded_flag) *loaded_flag = value != 0;
}

std::vector<double> Optimizer::option_values() const {
  std::vector<double> values;
  for (const auto& options : options_)
    for (const NamedOption& option : options) values.push_back(option.value());
  return values;
}

void Optimizer::set_options(const std::vector<double>& values) {
  auto next = values.begin();
  for (const auto& options : options_)
    for (const NamedOption& option : options) option.set(*next++);
}

/// The options, as they have been set, are in range and go together with `states`.
void Optimizer::want_fit(const std::string& what, const std::vector<ParameterState>& states) const {
  std::string problems;
  for (size_t group = 0; group < group_count(); ++group) {
    check_options(group);
    for (size_t i = group_begin(group); i < group_ends_[group]; ++i)
      for (size_t b = 0; b < buffer_names_.size(); ++b) {
        const bool is_there = states[i].buffers[b].defined();
        if (states[i].step == 0 ? is_there : needs_buffer(group, b) && !is_there)
          problems += std::string(is_there ? "\n  unexpected" : "\n  missing") + " at step " +
                      std::to_string(states[i].step) + ": state." + std::to_string(i) + "." +
                      buffer_names_[b];
      }
  }
  if (!problems.empty()) fail<ValueError>(what, problems);
}

void Optimizer::load_state_dict(const StateDict& dict) {
  Entries entries(dict);
  std::vector<ParameterState> states = states_;
  take_states(entries, buffer_names_, states);
  std::vector<double> values;
  std::vector<std::optional<double>> initial_rates;
  for (size_t group = 0; group < options_.size(); ++group) {
    const std::string prefix = group_prefix(group);
    entries.expect(prefix + "params", numbers(group_begin(group), group_ends_[group]));
    initial_rates.push_back(entries.optional_number(prefix + "initial_lr"));
    for (const NamedOption& option : options_[group])
      values.push_back(entries.option(prefix + option.name, option));
  }
  entries.finish();
  for (const std::optional<double>& rate : initial_rates)
    if (rate) rill::detail::want_not_negative("load_state_dict: initial_lr", *rate);
  const std::vector<double> previous = option_values();
  set_options(values);
  try {
    want_fit("load_state_dict: the state does not fit its options:", states);
  } catch (...) {
    set_options(previous);
    throw;
  }
  states_ = std::move(states);
  initial_rates_ = std::move(initial_rates);
}

}  // namespace rill::optim
