#include <rill/core/autograd.h>
#include <rill/core/inplace.h>
#include <rill/core/option.h>
#include <rill/optim/detail/parameter_list.h>
#include <rill/optim/optimizer.h>

namespace rill::optim {

Optimizer::Optimizer(std::vector<const char*> buffer_names)
    : buffer_names_(std::move(buffer_names)) {}

Optimizer::~Optimizer() = default;

void Optimizer::zero_grad(bool set_to_none) const {
  for (const auto& [parameter, step, buffers] : states_) {
    if (set_to_none)
      parameter.set_grad({});
    else if (parameter.grad().defined())
      parameter.set_grad(parameter.grad().detach().zero_());
  }
}

std::vector<Tensor> Optimizer::parameters() const {
  std::vector<Tensor> all;
  for (const ParameterState& state : states_) all.push_back(state.parameter);
  return all;
}

double& Optimizer::rate_of(size_t group) const {
  const auto number = static_cast<int64_t>(group);
  return *options_[rill::detail::want_index("parameter group", number, group_count())][0].number;
}

double Optimizer::learning_rate(size_t group) const { return rate_of(group); }

void Optimizer::set_learning_rate(size_t group, double rate) {
  rate_of(group) = rill::detail::want_not_negative("set_learning_rate: the rate", rate);
}

void Optimizer::set_learning_rate(double rate) {
  for (size_t group = 0; group < group_count(); ++group) set_learning_rate(group, rate);
}

void Optimizer::add_parameter(const Tensor& parameter) {
  detail::want_parameter(states_.size(), parameter);
  states_.push_back({parameter, 0, std::vector<Tensor>(buffer_names_.size())});
}

void Optimizer::add_group(const std::vector<Tensor>& parameters, std::vector<NamedOption> options) {
  if (parameters.empty()) fail<ValueError>("an optimizer needs at least one parameter a group");
  if (options.empty() || !options[0].number || options[0].name != std::string("lr"))
    fail<ValueError>("the first option of an optimizer's group must be its learning rate, \"lr\"");
  for (const Tensor& parameter : parameters) add_parameter(parameter);
  const std::vector<Tensor> all = this->parameters();
  detail::refuse_repeated(all);
  detail::refuse_shared_memory("parameters", all);
  group_ends_.push_back(states_.size());
  initial_rates_.emplace_back();
  options_.push_back(std::move(options));
  param_groups.groups_.push_back(
      {*this, group_count() - 1, parameters, rate_of(group_count() - 1)});
}

void Optimizer::want_a_gradient() const { detail::want_a_gradient(parameters()); }

std::vector<double> Optimizer::learning_rates() const {
  std::vector<double> rates;
  for (size_t group = 0; group < group_count(); ++group) rates.push_back(rate_of(group));
  return rates;
}

std::vector<double> Optimizer::initial_rates() const {
  std::vector<double> rates = learning_rates();
  for (size_t group = 0; group < group_count(); ++group)
    rates[group] = initial_rates_[group].value_or(rates[group]);
  return rates;
}

int64_t Optimizer::take_over(const std::vector<double>& initial_rates) {
  initial_rates_.assign(initial_rates.begin(), initial_rates.end());
  return ++schedulers_;
}

void Optimizer::step() {
  const NoGradGuard no_grad;
  for (const double rate : learning_rates()) rill::detail::want_not_negative("step: lr", rate);
  std::vector<Batch> batches;
  for (size_t group = 0; group < group_count(); ++group)
    for (const DType dtype : {float32, float64})
      if (Batch batch = prepare(group, dtype); !batch.updates.empty())
        batches.push_back(std::move(batch));
  const Op op("optimizer_step");
  for (Batch& batch : batches)  // from here on nothing is refused or allocated
    for (Update& update : batch.updates) take_up(update);
  for (const Batch& batch : batches) batch.move();
}

/// The parameters of a group that are to be moved and have a gradient of `dtype`.
Optimizer::Batch Optimizer::prepare(size_t group, DType dtype) {
  Batch batch;
  batch.updates.reserve(group_ends_[group] - group_begin(group));
  for (size_t i = group_begin(group); i < group_ends_[group]; ++i)
    if (states_[i].parameter.dtype() == dtype && detail::is_moved(states_[i].parameter))
      batch.updates.push_back(prepare(group, states_[i]));
  if (!batch.updates.empty()) batch.move = plan(group, dtype, batch.updates);
  return batch;
}

void Optimizer::take_up(Update& update) {
  rill::detail::begin_write(update.state->parameter);
  update.state->step = update.step;
  for (size_t b = 0; b < update.buffers.size(); ++b)
    if (update.buffers[b].defined()) update.state->buffers[b] = std::move(update.buffers[b]);
}

Optimizer::Update Optimizer::prepare(size_t group, ParameterState& state) const {
  const Tensor& parameter = state.parameter;
  if (!parameter.is_contiguous())
    fail<ValueError>("step: a parameter of shape ", parameter.shape(), " has strides ",
                     parameter.strides(), " since it was changed; it must be row-major");
  Update update{&state, state.step + 1, parameter.grad().contiguous(),
                std::vector<Tensor>(buffer_names_.size())};
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

}  // namespace rill::optim
