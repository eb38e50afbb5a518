#include <rill/nn/first_run.h>

#include <set>
#include <utility>

#include <rill/core/detail/warn.h>
#include <rill/core/node.h>
#include <rill/nn/detail/module_state.h>

namespace rill::nn {
namespace {

using Leaves = std::set<const Node*>;

/// The number of the node that is made next.
uint64_t next_node() { return scalar(0).requires_grad_().grad_fn()->id(); }

/// The leaves from before node `began` that what was recorded since leads to.
Leaves leaves_behind(const std::vector<Tensor>& outputs, uint64_t began) {
  Leaves leaves, seen;
  std::vector<const Node*> waiting;
  for (const Tensor& output : outputs) waiting.push_back(output.grad_fn());
  while (!waiting.empty()) {
    const Node* node = waiting.back();
    waiting.pop_back();
    if (!node || !seen.insert(node).second) continue;
    if (node->id() >= began)
      for (const Input& input : node->inputs()) waiting.push_back(input.node.get());
    else if (node->is_leaf())
      leaves.insert(node);
  }
  return leaves;
}

/// Takes those of the tensors out; returns the name of the first that was among them, or "".
std::string erase_all(Leaves& leaves, const std::vector<NamedTensor>& tensors) {
  std::string first;
  for (const auto& [name, tensor] : tensors)
    if (leaves.erase(tensor.grad_fn()) > 0 && first.empty()) first = name;
  return first;
}

template <class State>
Leaves leaves_of(const std::vector<std::shared_ptr<State>>& modules) {
  Leaves leaves;
  for (const auto& module : modules)
    for (const auto& [name, tensor] : module->all_parameters())
      if (tensor.requires_grad()) leaves.insert(tensor.grad_fn());
  return leaves;
}

void warn_of_layer(const std::string& holder, const std::string& layer, const std::string& entry) {
  rill::detail::warn(holder, " runs a ", layer, " that is no part of it: parameters() lacks its '",
                     entry, "', so no optimizer trains it; make it by register_module(\"name\", ",
                     layer, "(...)), or call it under NoGradGuard");
}

void warn_of_tensor(const std::string& holder, const Shape& shape) {
  rill::detail::warn(
      holder, " uses a tensor ", shape,
      " that requires a gradient and is no part of it: parameters() lacks it, so no "
      "optimizer trains it; make it by register_parameter(\"name\", ...), pass it to "
      "forward as an argument, or use it detached");
}

thread_local void* running = nullptr;  // the FirstRun of this thread, or null

}  // namespace

Module::FirstRun::FirstRun(const Module& model)
    : model_(model.state_),
      began_(next_node()),
      outer_(static_cast<FirstRun*>(std::exchange(running, this))) {}

Module::FirstRun::~FirstRun() { running = outer_; }

void Module::FirstRun::note_guest(const std::shared_ptr<State>& guest) {
  auto* const run = static_cast<FirstRun*>(running);
  if (run && guest != run->model_) run->guests_.push_back(guest);
}

void Module::FirstRun::look(const std::vector<Tensor>& outputs) const {
  if (model_->has_run.exchange(true)) return;
  Leaves untrained = sees_outputs_ ? leaves_behind(outputs, began_) : leaves_of(guests_);
  erase_all(untrained, model_->root().all_parameters());
  for (const Tensor& input : inputs_) untrained.erase(input.grad_fn());
  for (const std::shared_ptr<State>& guest : guests_) {
    const std::string entry = erase_all(untrained, guest->all_parameters());
    if (!entry.empty() && !guest->was_listed) warn_of_layer(model_->type, guest->type, entry);
  }
  if (!sees_inputs_) return;
  for (const Node* leaf : untrained) warn_of_tensor(model_->type, leaf->shape());
}

}  // namespace rill::nn
