#include <rill/nn/module.h>

#include <set>

#include <rill/core/autograd.h>
#include <rill/core/error.h>
#include <rill/nn/detail/module_state.h>
#include <rill/nn/first_run.h>

namespace rill::nn {
namespace {

template <class State>
void check_name(const State& state, const std::string& name) {
  if (name.empty() || name.find('.') != std::string::npos)
    fail<ValueError>(state.type, ": cannot register '", name,
                     "': a name is not empty and has no dot");
  if (state.names.contains(name))
    fail<ValueError>(state.type, ": '", name, "' is registered already: choose another name");
}

/// A tensor, and what it and its gradient are to be.
struct Conversion {
  Tensor tensor, data, gradient;

  Conversion(const Tensor& tensor, DType dtype)
      : tensor(tensor), data(tensor.detach().to(dtype)), gradient(tensor.grad()) {
    if (gradient.defined()) gradient = gradient.detach().to(dtype);
  }
};

/// `what` is to stand outside the graph; `remedy` makes it so.
template <class State>
void check_leaf(const State& state, const std::string& name, const Tensor& tensor, const char* what,
                const char* remedy) {
  if (!tensor.is_leaf())
    fail<ValueError>(state.type, ": cannot register '", name, "': a ", what,
                     " is not the result of an op, this is one of ", tensor.grad_fn()->name(), ": ",
                     remedy);
}

}  // namespace

Module::Module(std::shared_ptr<State> state) : state_(std::move(state)) {}

Module::Module(std::string type_name) : state_(std::make_shared<State>(std::move(type_name))) {}

Tensor Module::register_parameter(const std::string& name, const Tensor& tensor,
                                  bool requires_grad) {
  check_name(*state_, name);
  if (!tensor.defined()) return tensor;
  check_leaf(*state_, name, tensor, "parameter",
             "register x.detach() (of `0.02 * randn({4}).requires_grad_()` it is the product that "
             "must require the gradient: `(0.02 * randn({4})).requires_grad_()`)");
  tensor.requires_grad_(requires_grad);
  state_->parameters.push_back({name, tensor});
  state_->names.insert(name);
  return tensor;
}

Tensor Module::register_buffer(const std::string& name, const Tensor& tensor, bool persistent) {
  check_name(*state_, name);
  if (!tensor.defined()) return tensor;
  check_leaf(*state_, name, tensor, "buffer", "register x.detach()");
  state_->buffers.push_back({name, tensor, persistent});
  state_->names.insert(name);
  return tensor;
}

void Module::add_child(const std::string& name, const Module& module) {
  check_name(*state_, name);
  State& child = *module.state_;
  if (child.parent)
    fail<ValueError>(state_->type, ": cannot register '", name, "': this ", child.type,
                     " is registered already as '", child.name, "' of a ", child.parent->type,
                     "; a copy is the same module, so make another");
  if (&child == state_.get() || (!child.children.empty() && &child == &state_->root()))
    fail<ValueError>(state_->type, ": cannot register '", name, "': a module inside itself");
  child.name = name;
  state_->names.insert(name);
  state_->children.push_back(module.state_);
  child.parent = state_.get();  // last: one that did not get it would keep it when it is gone
}

void Module::train(bool training) const {
  std::vector<State*> modules;  // all of them, before the first is changed
  for_each_module(*state_, [&](State& state) { modules.push_back(&state); });
  for (State* module : modules) module->training = training;
}

bool Module::is_training() const { return state_->training; }

namespace {

std::vector<Tensor> tensors_of(const std::vector<NamedTensor>& named) {
  std::vector<Tensor> tensors;
  for (const NamedTensor& one : named) tensors.push_back(one.tensor);
  return tensors;
}

}  // namespace

StateDict Module::State::all_parameters() const {
  StateDict found;
  std::set<const TensorImpl*> seen;
  for_each_module(*this, [&](const State& state) {
    for (const auto& [name, tensor] : state.parameters)
      if (seen.insert(tensor.impl()).second)
        found.push_back({state.name_below(this, name), tensor});
  });
  return found;
}

StateDict Module::named_parameters() const {
  state_->was_listed = true;
  return state_->all_parameters();
}

Tensor Module::own_parameter(const std::string& name) const {
  for (const NamedTensor& parameter : state_->parameters)
    if (parameter.name == name) return parameter.tensor;
  return {};
}

std::vector<Tensor> Module::parameters() const { return tensors_of(named_parameters()); }

StateDict Module::named_buffers() const {
  StateDict found;
  for_each_module(*state_, [&](const State& state) {
    for (const State::Buffer& buffer : state.buffers)
      found.push_back({state.name_below(state_.get(), buffer.name), buffer.tensor});
  });
  return found;
}

std::vector<Tensor> Module::buffers() const { return tensors_of(named_buffers()); }

int64_t Module::parameter_count() const {
  int64_t count = 0;
  for (const auto& [name, tensor] : state_->all_parameters()) count += tensor.numel();
  return count;
}

void Module::requires_grad_(bool requires_grad) const {
  for (const auto& [name, tensor] : state_->all_parameters()) tensor.requires_grad_(requires_grad);
}

std::vector<Module> Module::children() const {
  std::vector<Module> found;
  for (const NamedModule& named : named_children()) found.push_back(named.module);
  return found;
}

std::vector<NamedModule> Module::named_children() const {
  std::vector<NamedModule> found;
  for (const std::shared_ptr<State>& child : state_->children)
    found.push_back({child->name, Module(child)});
  return found;
}

std::vector<NamedModule> Module::named_modules() const {
  std::vector<NamedModule> found;
  for_each_module(*state_, [&](State& state) {
    found.push_back({state.path_below(state_.get()), Module(state.shared_from_this())});
  });
  return found;
}

std::vector<Module> Module::modules() const {
  std::vector<Module> found;
  for (const NamedModule& named : named_modules()) found.push_back(named.module);
  return found;
}

std::vector<Module> Module::modules_children_first() const {
  std::vector<std::shared_ptr<State>> waiting{state_}, last_first;
  while (!waiting.empty()) {
    last_first.push_back(std::move(waiting.back()));
    waiting.pop_back();
    const auto& children = last_first.back()->children;
    waiting.insert(waiting.end(), children.begin(), children.end());
  }
  std::vector<Module> modules;
  for (auto at = last_first.rbegin(); at != last_first.rend(); ++at) modules.push_back(Module(*at));
  return modules;
}

void Module::zero_grad(bool set_to_none) const {
  for (const auto& [name, tensor] : state_->all_parameters()) {
    if (set_to_none)
      tensor.set_grad({});
    else if (tensor.grad().defined())
      tensor.set_grad(tensor.grad().detach().zero_());
  }
}

void Module::to(DType dtype) const {
  if (!is_floating(dtype))
    fail<DTypeError>(type_name(), ": parameters are floating: cannot convert them to ", dtype);
  std::vector<Conversion> conversions;  // all of them, before the first tensor is changed
  for (const auto& list : {state_->all_parameters(), named_buffers()})
    for (const auto& [name, tensor] : list)
      if (is_floating(tensor.dtype()) && tensor.dtype() != dtype)
        conversions.emplace_back(tensor, dtype);
  for (const Conversion& conversion : conversions) {
    conversion.tensor.swap_data(conversion.data);
    conversion.tensor.set_grad(conversion.gradient);
  }
}

StateDict Module::state_dict() const {
  StateDict found;
  for_each_module(*state_, [&](const State& state) {
    for (const auto& [name, tensor] : state.parameters)
      found.push_back({state.name_below(state_.get(), name), tensor.detach()});
    for (const State::Buffer& buffer : state.buffers)
      if (buffer.persistent)
        found.push_back({state.name_below(state_.get(), buffer.name), buffer.tensor.detach()});
  });
  return found;
}

std::string Module::path() const { return state_->path(); }
const std::string& Module::type_name() const { return state_->type; }

const Named& Module::scope() const {
  if (!state_->parent) FirstRun::note_guest(state_);
  return *state_;
}

bool Module::is_first_run() const {
  return !state_->has_run && state_->training && is_grad_enabled();
}

EvalGuard::EvalGuard(const Module& module) {
  for_each_module(*module.state_, [&](Module::State& state) {
    modes_.emplace_back(std::shared_ptr<bool>(module.state_, &state.training), state.training);
  });
  module.eval();
}

EvalGuard::~EvalGuard() {
  for (const auto& [mode, was_training] : modes_) *mode = was_training;
}

}  // namespace rill::nn
