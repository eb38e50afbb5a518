#include <rill/core/inspect/detail/step_record.h>

#include <algorithm>

#include <rill/core/autograd.h>

namespace rill::inspect::detail {
namespace {

/// The op's rows name inputs by their nodes.
bool has_row(const Tensor& out, const Tensor& input) {
  if (!out.requires_grad() || !input.requires_grad()) return false;
  const Node* from = input.grad_fn();
  return std::ranges::any_of(out.grad_fn()->inputs(),
                             [&](const Input& row) { return row.node.get() == from; });
}

std::string joined(const std::string& outer, const std::string& inner) {
  return outer.empty() || inner.empty() ? outer + inner : outer + "." + inner;
}

}  // namespace

std::string StepRecord::at(const StepOp& op) const {
  const std::string name = "`" + op.name + "`";
  if (op.call < 0) return name;
  const StepCall& call = calls[op.call];
  return name + " in " + (call.module.empty() ? "the forward of " + call.type : call.module);
}

void StepRecord::enter(const Named& module) {
  StepCall call{.module = module.path(), .type = module.type_name()};
  if (!running_calls.empty()) {
    const StepCall& outer = calls[running_calls.back()];
    const size_t guest = outer.module.rfind('>');
    const std::string top = guest == std::string::npos ? "" : outer.module.substr(0, guest + 1);
    call.is_guest = outer.is_guest || call.module.empty();
    if (outer.is_guest && !call.module.empty())
      call.module = joined(top, call.module);
    else if (call.is_guest)
      call.module = joined(outer.module, "<" + call.type + ">");
  }
  running_calls.push_back(static_cast<int64_t>(calls.size()));
  calls.push_back(std::move(call));
}

void StepRecord::note_place(const Tensor& tensor, int64_t value) {
  if (!tensor.requires_grad()) return;
  values[value].wants_gradient = true;
  values[value].is_leaf = tensor.is_leaf();
  value_of_node[tensor.grad_fn()->id()] = value;
}

/// Another parameter than `parameter` that lies in the same memory. Of two that both want a
/// gradient each may be a part of one table.
int64_t StepRecord::alias_of(const Tensor& tensor, int64_t parameter) const {
  for (size_t i = 0; i < parameters.size(); ++i) {
    const Tensor& other = parameters[i].tensor;
    if (static_cast<int64_t>(i) == parameter || !other.requires_grad()) continue;
    const bool is_same = tensor.requires_grad() ? tensor.is_leaf() && parameter >= 0 &&
                                                      tensor.raw_data() == other.raw_data() &&
                                                      tensor.numel() == other.numel()
                                                : true;
    if (is_same && tensor.impl()->storage.get() == other.impl()->storage.get())
      return static_cast<int64_t>(i);
  }
  return -1;
}

int64_t StepRecord::add_value(const Tensor& tensor) {
  const auto value = static_cast<int64_t>(values.size());
  StepValue made{.number = tensor.impl()->number, .shape = tensor.shape()};
  const auto parameter = parameter_of.find(made.number);
  if (parameter != parameter_of.end()) made.parameter = parameter->second;
  made.alias_of = alias_of(tensor, made.parameter);
  value_of_number[made.number] = value;
  values.push_back(std::move(made));
  return value;
}

/// The value of an input.
int64_t StepRecord::see(const Tensor& tensor) {
  const auto known = value_of_number.find(tensor.impl()->number);
  const bool is_new = known == value_of_number.end();
  const int64_t value = is_new ? add_value(tensor) : known->second;
  note_place(tensor, value);
  if (is_new) note_birth(tensor, -1, false, true);
  return value;
}

/// What an op has written in place is a new value, made of the one before too.
int64_t StepRecord::see_output(const Tensor& tensor, const Running& in,
                               std::vector<StepOp::Read>& inputs) {
  const auto known = value_of_number.find(tensor.impl()->number);
  if (known != value_of_number.end() && values[known->second].made_by >= in.first_op) {
    note_place(tensor, known->second);
    return known->second;
  }
  if (known != value_of_number.end()) inputs.push_back({known->second, tensor.requires_grad()});
  const int64_t value = add_value(tensor);
  values[value].made_by = static_cast<int64_t>(ops.size());
  values[value].alias_of = -1;
  note_place(tensor, value);
  return value;
}

void StepRecord::output(const char* name, const Tensor& out, std::span<const Tensor> inputs) {
  const Running& in = running.back();
  StepOp op{.name = name,
            .call = running_calls.empty() ? -1 : running_calls.back(),
            .is_recording = is_grad_enabled()};
  bool is_nan = false, is_finite = true;
  for (const Tensor& input : inputs) {
    if (!input.defined()) continue;
    const int64_t value = see(input);
    op.inputs.push_back({value, has_row(out, input)});
    is_nan = is_nan || values[value].has_nan;
    is_finite = is_finite && !values[value].has_nan && !values[value].has_infinity;
  }
  op.output = see_output(out, in, op.inputs);
  const uint64_t node = out.requires_grad() ? out.grad_fn()->id() : 0;
  op.is_own = node == 0 || node == in.node;
  if (op.is_own)
    for (auto i = static_cast<size_t>(in.first_op); i < ops.size(); ++i) ops[i].is_inside = true;
  const auto number = static_cast<int64_t>(ops.size());
  if (node != 0 && op.is_own) op_of_node[node] = number;
  const int64_t made = op.output;
  ops.push_back(std::move(op));
  if (values[made].made_by == number) note_birth(out, number, is_nan, is_finite);
}

void StepRecord::note_birth(const Tensor& tensor, int64_t op, bool input_is_nan,
                            bool input_is_finite) {
  const Health health = health_of(tensor);
  const int64_t value = value_of_number.at(tensor.impl()->number);
  values[value].has_nan = health.nans > 0;
  values[value].has_infinity = health.infinities > 0;
  values[value].is_zero = health.numel > 0 && health.is_zero();
  const bool is_nan = health.nans > 0 && !input_is_nan;
  if (is_nan || (health.infinities > 0 && input_is_finite))
    births.push_back({op, value, is_nan, box_of_not_finite(tensor)});
}

void StepRecord::flow(const Node& node, int row, const Tensor& incoming, const Tensor& outgoing) {
  const auto op = op_of_node.find(node.id());
  const auto to = value_of_node.find(node.inputs()[static_cast<size_t>(row)].node->id());
  if (op == op_of_node.end() || to == value_of_node.end()) return;
  const Health came = health_of(incoming);
  Flow flow{.to = to->second,
            .incoming = came.norm,
            .incoming_is_finite = came.is_finite(),
            .outgoing = health_of(outgoing)};
  StepOp& from = ops[op->second];
  if (from.name == "relu") flow.units = units_of(outgoing);
  if (!flow.outgoing.is_finite()) flow.not_finite = box_of_not_finite(outgoing);
  from.flows.push_back(std::move(flow));
}

void StepRecord::finish(const Node& node, const Tensor& gradient) {
  const auto value = value_of_node.find(node.id());
  if (value == value_of_node.end()) return;
  StepValue& at = values[value->second];
  at.gradient = health_of(gradient);
  if (at.parameter >= 0) at.zero_rows = zero_rows_of(gradient, 8);
}

/// Nodes in the order of their numbers are the ops in the order in which they were recorded.
void StepRecord::graph(const Tensor& loss) {
  is_from_graph = true;
  std::unordered_map<uint64_t, const Node*> nodes;
  std::vector<const Node*> waiting{loss.grad_fn()};
  while (!waiting.empty()) {
    const Node* node = waiting.back();
    waiting.pop_back();
    if (!node || !nodes.emplace(node->id(), node).second) continue;
    for (const Input& input : node->inputs()) waiting.push_back(input.node.get());
  }
  std::vector<const Node*> order;
  for (const auto& [id, node] : nodes) order.push_back(node);
  std::ranges::sort(order, {}, &Node::id);
  for (const Node* node : order) {
    StepOp op{.name = node->name()};
    for (const Input& input : node->inputs())
      if (input.node) op.inputs.push_back({value_of_node.at(input.node->id()), true});
    const bool is_known = value_of_node.contains(node->id());  // a parameter
    op.output = is_known ? value_of_node[node->id()] : static_cast<int64_t>(values.size());
    value_of_node[node->id()] = op.output;
    if (!is_known)
      values.push_back({.made_by = node->is_leaf() ? -1 : static_cast<int64_t>(ops.size()),
                        .shape = node->shape(),
                        .wants_gradient = true,
                        .is_leaf = node->is_leaf()});
    if (!node->is_leaf()) ops.push_back(std::move(op));
  }
  if (loss.grad_fn()) roots = {value_of_node.at(loss.grad_fn()->id())};
}

}  // namespace rill::inspect::detail
