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
  learning_rates_.push_back(std::get<double*>(options[0].value));
  options_.push_back(std::move(options));
}

void Optimizer::step() {
  const NoGradGuard no_grad;
  std::vector<Batch> batches;
  for (size_t group = 0; group < group_count(); ++group)
    for (const DType dtype : {float32, float64})
      if (Batch batch = prepare(group, dtype); !batch.updates.empty())
        batches.push_back(std::move(batch));
  for (Batch& batch : batches)  // from here on nothing is refused
    for (const Update& update : batch.updates) {
      rill::detail::begin_write(update.state->parameter);
      ++update.state->step;
      for (size_t b = 0; b < update.buffers.size(); ++b)
        if (update.buffers[b].defined()) update.state->buffers[b] = update.buffers[b];
    }
  const Op op("optimizer_step");
  for (const Batch& batch : batches) update(batch.group, batch.dtype, batch.updates);
}

/// The parameters of a group that have a gradient of `dtype`.
Optimizer::Batch Optimizer::prepare(size_t group, DType dtype) {
  Batch batch{group, dtype, {}};
  for (size_t i = group_begin(group); i < group_ends_[group]; ++i)
    if (states_[i].parameter.dtype() == dtype && states_[i].parameter.grad().defined())
      batch.updates.push_back(prepare(group, states_[i]));
  return batch;
}

Optimizer::Update Optimizer::prepare(size_t group, ParameterState& state) const {
  const Tensor& parameter = state.parameter;
  if (!parameter.is_contiguous())
    fail<ValueError>("step: a parameter of shape ", parameter.shape(), " has strides ",
                     parameter.strides(), " since it was changed; it must be row-major");
  Update update{&state, parameter.grad().contiguous(), std::vector<Tensor>(buffer_names_.size())};
  for (size_t b = 0; b < buffer_names_.size(); ++b) {
    if (!needs_buffer(group, b)) continue;
    const Tensor& old = state.buffers[b];
    if (old.defined() && (old.shape() != parameter.shape() || old.dtype() != parameter.dtype()))
      fail<ValueError>("step: a parameter is ", parameter.dtype(), " ", parameter.shape(),
                       ", but was ", old.dtype(), " ", old.shape(),
                       " when it was first stepped: make a new optimizer after such a change");
    update.buffers[b] = old.defined() ? old : zeros_like(parameter);
  }
  return update;
}

namespace {

double read(const std::variant<double*, bool*>& option) {
  return std::visit([](const auto* value) { return static_cast<double>(*value); }, option);
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
  for (size_t group = 0; group < options_.size(); ++group)
    for (const auto& [name, value] : options_[group])
      dict.push_back(
          {"param_groups." + std::to_string(group) + "." + name, scalar(read(value), float64)});
  return dict;
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
    problems_ += "\n  " + name + ": no count of steps: " + std::to_string(value);
    return 0;
  }
  double option(const std::string& name, bool is_switch) {
    const double value = number(name);
    if (is_switch && value != 0 && value != 1)
      problems_ += "\n  " + name + ": neither 0 nor 1: " + std::to_string(value);
    return value;
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

std::vector<double> Optimizer::option_values() const {
  std::vector<double> values;
  for (const auto& options : options_)
    for (const NamedOption& option : options) values.push_back(read(option.value));
  return values;
}

void Optimizer::set_options(const std::vector<double>& values) {
  auto next = values.begin();
  for (const auto& options : options_)
    for (const NamedOption& option : options) {
      const double value = *next++;
      std::visit([&](auto* place) { *place = static_cast<std::decay_t<decltype(*place)>>(value); },
                 option.value);
    }
}

/// Whether `states` go together with the options, which have been loaded.
void Optimizer::check_loaded(const std::vector<ParameterState>& states) const {
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
  if (!problems.empty())
    fail<ValueError>("load_state_dict: the state does not fit its options:", problems);
}

void Optimizer::load_state_dict(const StateDict& dict) {
  Entries entries(dict);
  std::vector<ParameterState> states = states_;
  for (size_t i = 0; i < states.size(); ++i) {
    const std::string prefix = "state." + std::to_string(i) + ".";
    states[i].step = entries.count(prefix + "step");
    for (size_t b = 0; b < buffer_names_.size(); ++b)
      states[i].buffers[b] = entries.like(states[i].parameter, prefix + buffer_names_[b]);
  }
  std::vector<double> values;
  for (size_t group = 0; group < options_.size(); ++group)
    for (const auto& [name, value] : options_[group])
      values.push_back(entries.option("param_groups." + std::to_string(group) + "." + name,
                                      std::holds_alternative<bool*>(value)));
  entries.finish();
  const std::vector<double> previous = option_values();
  set_options(values);
  try {
    check_loaded(states);
  } catch (...) {
    set_options(previous);
    throw;
  }
  states_ = std::move(states);
}

}  // namespace rill::optim
