#include <rill/core/autograd.h>
#include <rill/core/inplace.h>
#include <rill/optim/optimizer.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace rill::optim {
namespace detail {

void check_option(const char* optimizer, const char* name, double value, double low, double high) {
  if (std::isfinite(value) && value >= low && value < high) return;
  if (std::isinf(high))
    fail<ValueError>(optimizer, ": ", name, " must be finite and at least ", low, ", found ",
                     value);
  fail<ValueError>(optimizer, ": ", name, " must be at least ", low, " and below ", high,
                   ", found ", value);
}

}  // namespace detail

void Optimizer::zero_grad() const {
  for (const ParameterState& state : states_) state.parameter.set_grad({});
}

std::vector<Tensor> Optimizer::parameters() const {
  std::vector<Tensor> all;
  for (const ParameterState& state : states_) all.push_back(state.parameter);
  return all;
}

void Optimizer::set_learning_rate(size_t group, double rate) {
  detail::check_option("set_learning_rate", "the rate", rate, 0, INFINITY);
  *learning_rates_.at(group) = rate;
}

void Optimizer::set_learning_rate(double rate) {
  for (size_t group = 0; group < group_count(); ++group) set_learning_rate(group, rate);
}

void Optimizer::add_parameter(const Tensor& parameter) {
  if (!parameter.defined() || !parameter.requires_grad() || !parameter.is_leaf())
    fail<ValueError>("an optimizer takes leaves that require a gradient; parameter ",
                     states_.size(), " is not one");
  if (!parameter.is_contiguous())
    fail<ValueError>("an optimizer takes row-major parameters; parameter ", states_.size(),
                     " of shape ", parameter.shape(), " has strides ", parameter.strides());
  for (const ParameterState& state : states_)
    if (state.parameter.impl() == parameter.impl())
      fail<ValueError>("parameter ", states_.size(), " of shape ", parameter.shape(),
                       " is in the optimizer already");
  states_.push_back({parameter, 0, std::vector<Tensor>(buffer_names_.size())});
}

void Optimizer::add_group(const std::vector<Tensor>& parameters, std::vector<NamedOption> options) {
  if (parameters.empty()) fail<ValueError>("an optimizer needs at least one parameter a group");
  for (const Tensor& parameter : parameters) add_parameter(parameter);
  group_ends_.push_back(states_.size());
  learning_rates_.push_back(options[0].second);
  options_.push_back(std::move(options));
}

template <class T>
std::vector<Optimizer::ParameterState*> Optimizer::with_gradient(size_t group) {
  std::vector<ParameterState*> found;
  for (size_t i = group == 0 ? 0 : group_ends_[group - 1]; i < group_ends_[group]; ++i)
    if (states_[i].parameter.dtype() == dtype_of<T> && states_[i].parameter.grad().defined())
      found.push_back(&states_[i]);
  return found;
}
template std::vector<Optimizer::ParameterState*> Optimizer::with_gradient<float>(size_t);
template std::vector<Optimizer::ParameterState*> Optimizer::with_gradient<double>(size_t);

Tensor Optimizer::buffer(ParameterState& state, size_t number) const {
  Tensor& buffer = state.buffers[number];
  if (!buffer.defined()) buffer = zeros_like(state.parameter);
  rill::detail::begin_write(buffer);
  return buffer;
}

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
  for (size_t group = 0; group < options_.size(); ++group)
    for (const auto& [name, value] : options_[group])
      dict.push_back(
          {"param_groups." + std::to_string(group) + "." + name, scalar(*value, float64)});
  return dict;
}

namespace {

/// The entries of a state dict, ticked off as they are asked for; collects what is wrong.
class Entries {
 public:
  explicit Entries(const StateDict& dict) {
    for (const NamedTensor& entry : dict) left_.emplace(entry.name, entry.tensor);
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
  Tensor like(const Tensor& parameter, const std::string& name) {
    const Tensor tensor = take(name);
    if (!tensor.defined()) return {};
    if (tensor.shape() == parameter.shape()) return tensor.detach().to(parameter.dtype()).clone();
    problems_ += "\n  " + name + ": shape " + to_string(tensor.shape()) + ", expected " +
                 to_string(parameter.shape());
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

}  // namespace

void Optimizer::load_state_dict(const StateDict& dict) {
  Entries entries(dict);
  std::vector<ParameterState> states = states_;
  for (size_t i = 0; i < states.size(); ++i) {
    const std::string prefix = "state." + std::to_string(i) + ".";
    states[i].step = static_cast<int64_t>(entries.number(prefix + "step"));
    for (size_t b = 0; b < buffer_names_.size(); ++b)
      states[i].buffers[b] = entries.like(states[i].parameter, prefix + buffer_names_[b]);
  }
  std::vector<double> values;
  for (size_t group = 0; group < options_.size(); ++group)
    for (const auto& [name, value] : options_[group])
      values.push_back(entries.number("param_groups." + std::to_string(group) + "." + name));
  entries.finish();
  states_ = std::move(states);
  size_t next = 0;
  for (const auto& options : options_)
    for (const auto& [name, value] : options) *value = values[next++];
}

}  // namespace rill::optim
