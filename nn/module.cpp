#include <rill/nn/module.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <set>

#include <rill/core/autograd.h>
#include <rill/core/error.h>
#include <rill/core/warn.h>
#include <rill/nn/module_state.h>

namespace rill::nn {
namespace {

/// Calls visit(state, "blocks.0.") for a module and all below, parents first.
template <class State, class Visit>
void for_each_module(State& state, const std::string& prefix, const Visit& visit) {
  visit(state, prefix);
  for (const auto& child : state.children)
    for_each_module(*child, prefix + child->name + ".", visit);
}

template <class State>
bool has_name(const State& state, const std::string& name) {
  const auto named = [&](const auto& entry) { return entry.name == name; };
  return std::ranges::any_of(state.parameters, named) ||
         std::ranges::any_of(state.buffers, named) ||
         std::ranges::any_of(state.children,
                             [&](const auto& child) { return child->name == name; });
}

template <class State>
void check_name(const State& state, const std::string& name) {
  if (name.empty() || name.find('.') != std::string::npos)
    fail<ValueError>(state.type, ": cannot register '", name,
                     "': a name is not empty and has no dot");
  if (has_name(state, name))
    fail<ValueError>(state.type, ": '", name, "' is registered already: choose another name");
}

void convert(const Tensor& tensor, DType dtype) {
  if (!is_floating(tensor.dtype()) || tensor.dtype() == dtype) return;
  const Tensor gradient = tensor.grad();
  tensor.swap_data(tensor.detach().to(dtype));
  if (gradient.defined()) tensor.set_grad(gradient.detach().to(dtype));
}

/// Each parameter of a module and of all below, once.
template <class State>
std::vector<NamedTensor> parameters_of(const State& top) {
  std::vector<NamedTensor> found;
  std::set<const TensorImpl*> seen;
  for_each_module(top, "", [&](const State& state, const std::string& prefix) {
    for (const auto& [name, tensor] : state.parameters)
      if (seen.insert(tensor.impl()).second) found.push_back({prefix + name, tensor});
  });
  return found;
}

/// Warns, once for a module, where it is to learn inside a model that does not list its parameters.
template <class State>
void warn_if_untrained(const State& inner, const Named& running) {
  const auto* outer = dynamic_cast<const State*>(&running);
  if (!outer || !is_grad_enabled() || inner.was_looked_for.exchange(true)) return;
  const std::string& holder = outer->type;
  while (outer->parent) outer = outer->parent;
  std::set<const TensorImpl*> listed;
  for (const NamedTensor& one : parameters_of(*outer)) listed.insert(one.tensor.impl());
  for (const NamedTensor& one : parameters_of(inner)) {
    if (!one.tensor.requires_grad() || listed.contains(one.tensor.impl())) continue;
    rill::detail::warn(holder, " runs a ", inner.type,
                       " that is no part of it: parameters() lacks its '", one.name,
                       "', so no optimizer trains it; make it by register_module(\"name\", ",
                       inner.type, "(...)), or call it under NoGradGuard");
    return;
  }
}

/// Collects what is wrong with a state dict, for one message.
class Complaints {
 public:
  void add(std::string& list, const std::string& entry) {
    list += (list.empty() ? "" : ", ") + entry;
  }
  bool any() const { return !(missing + unexpected + repeated + reshaped).empty(); }
  std::string text() const {
    return line("missing", missing) + line("unexpected", unexpected) +
           line("given twice", repeated) + line("of another shape", reshaped);
  }

  std::string missing, unexpected, repeated, reshaped;

 private:
  static std::string line(const std::string& title, const std::string& list) {
    return list.empty() ? "" : "\n  " + title + ": " + list;
  }
};

Complaints compare(const StateDict& own, const StateDict& given) {
  Complaints complaints;
  std::map<std::string, const Tensor*> by_name;
  for (const auto& [name, tensor] : given)
    if (!by_name.emplace(name, &tensor).second) complaints.add(complaints.repeated, name);
  for (const auto& [name, tensor] : own) {
    const auto found = by_name.extract(name);
    if (found.empty() || !found.mapped()->defined())
      complaints.add(complaints.missing, name);
    else if (found.mapped()->shape() != tensor.shape())
      complaints.add(complaints.reshaped, name + " is " + to_string(tensor.shape()) + ", given " +
                                              to_string(found.mapped()->shape()));
  }
  for (const auto& [name, tensor] : by_name) complaints.add(complaints.unexpected, name);
  return complaints;
}

}  // namespace

Module::Module(std::string type_name) : state_(std::make_shared<State>(std::move(type_name))) {}

Tensor Module::register_parameter(const std::string& name, const Tensor& tensor,
                                  bool requires_grad) {
  check_name(*state_, name);
  if (!tensor.defined()) return tensor;
  tensor.requires_grad_(requires_grad);
  state_->parameters.push_back({name, tensor});
  return tensor;
}

Tensor Module::register_buffer(const std::string& name, const Tensor& tensor, bool persistent) {
  check_name(*state_, name);
  if (!tensor.defined()) return tensor;
  state_->buffers.push_back({name, tensor, persistent});
  return tensor;
}

void Module::add_child(const std::string& name, const Module& module) {
  check_name(*state_, name);
  State& child = *module.state_;
  if (child.parent)
    fail<ValueError>(state_->type, ": cannot register '", name, "': this ", child.type,
                     " is registered already as '", child.name, "' of a ", child.parent->type,
                     "; a copy is the same module, so make another");
  for (const State* above = state_.get(); above; above = above->parent)
    if (above == &child)
      fail<ValueError>(state_->type, ": cannot register '", name, "': a module inside itself");
  child.parent = state_.get();
  child.name = name;
  state_->children.push_back(module.state_);
}

void Module::train(bool training) const {
  std::vector<State*> modules;  // all of them, before the first is changed
  for_each_module(*state_, "",
                  [&](State& state, const std::string&) { modules.push_back(&state); });
  for (State* module : modules) module->training = training;
}

bool Module::is_training() const { return state_->training; }

std::vector<NamedTensor> Module::named_parameters() const { return parameters_of(*state_); }

std::vector<Tensor> Module::parameters() const {
  std::vector<Tensor> found;
  for (const auto& [name, tensor] : named_parameters()) found.push_back(tensor);
  return found;
}

std::vector<NamedTensor> Module::named_buffers() const {
  std::vector<NamedTensor> found;
  for_each_module(*state_, "", [&](const State& state, const std::string& prefix) {
    for (const State::Buffer& buffer : state.buffers)
      found.push_back({prefix + buffer.name, buffer.tensor});
  });
  return found;
}

int64_t Module::parameter_count() const {
  int64_t count = 0;
  for (const Tensor& parameter : parameters()) count += parameter.numel();
  return count;
}

void Module::zero_grad() const {
  for (const Tensor& parameter : parameters()) parameter.set_grad({});
}

void Module::to(DType dtype) const {
  if (!is_floating(dtype))
    fail<DTypeError>(type_name(), ": parameters are floating: cannot convert them to ", dtype);
  for (const Tensor& parameter : parameters()) convert(parameter, dtype);
  for (const auto& [name, buffer] : named_buffers()) convert(buffer, dtype);
}

StateDict Module::state_dict() const {
  StateDict found;
  for_each_module(*state_, "", [&](const State& state, const std::string& prefix) {
    for (const auto& [name, tensor] : state.parameters)
      found.push_back({prefix + name, tensor.detach()});
    for (const State::Buffer& buffer : state.buffers)
      if (buffer.persistent) found.push_back({prefix + buffer.name, buffer.tensor.detach()});
  });
  return found;
}

void Module::load_state_dict(const StateDict& state) const {
  const StateDict own = state_dict();
  const Complaints complaints = compare(own, state);
  if (complaints.any())
    fail<ValueError>("load_state_dict: does not fit ", type_name(), ":", complaints.text());
  std::map<std::string, Tensor> by_name;
  for (const auto& [name, tensor] : state) by_name.emplace(name, tensor.detach());
  for (const auto& [name, tensor] : own) tensor.copy_(by_name.at(name));
}

std::string Module::path() const { return state_->path(); }
const std::string& Module::type_name() const { return state_->type; }

const Named& Module::scope() const {
  if (!state_->parent && Scope::current()) warn_if_untrained(*state_, *Scope::current());
  return *state_;
}

EvalGuard::EvalGuard(const Module& module) {
  const auto note = [&](Module::State& state, const std::string&) {
    modes_.emplace_back(std::shared_ptr<bool>(module.state_, &state.training), state.training);
  };
  for_each_module(*module.state_, "", note);
  module.eval();
}

EvalGuard::~EvalGuard() {
  for (const auto& [mode, was_training] : modes_) *mode = was_training;
}

std::ostream& operator<<(std::ostream& out, const Module& module) {
  return out << module.summary();
}

}  // namespace rill::nn
