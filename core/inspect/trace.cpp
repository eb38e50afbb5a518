#include <rill/core/inspect/trace.h>

#include <algorithm>
#include <unordered_map>

#include <rill/core/autograd.h>
#include <rill/core/detail/clock.h>
#include <rill/core/memory/storage.h>
#include <rill/core/scope.h>

// What a trace writes down while it watches.

namespace rill::inspect {
namespace {

double milliseconds_since(int64_t start) {
  return static_cast<double>(rill::detail::nanoseconds() - start) / 1e6;
}

const Storage* storage_of(const Tensor& tensor) { return tensor.impl()->storage.get(); }

uint64_t node_id_of(const Tensor& tensor) {
  const bool has_node = tensor.defined() && tensor.requires_grad();
  return has_node ? tensor.grad_fn()->id() : 0;
}

}  // namespace

struct Trace::Index {
  struct Seen {
    int64_t value;
    uint32_t version;
  };
  std::unordered_map<uint64_t, std::string> names;      // by the numbers of tensors
  std::unordered_map<uint64_t, Seen> seen;              // by the numbers of tensors
  std::unordered_map<uint64_t, int64_t> op_of_node;     // by the nodes' ids
  std::unordered_map<uint64_t, int64_t> value_of_node;  // by the nodes' ids
  std::unordered_map<int64_t, int64_t> keepers;         // by root: ops whose backward needs it
};

Trace::Trace(TraceOptions options) : options_(options), index_(std::make_unique<Index>()) {}
Trace::Trace(Trace&& other) noexcept = default;
Trace::~Trace() = default;

void Trace::name(const std::vector<NamedTensor>& tensors) {
  for (const auto& [name, tensor] : tensors) {
    const auto& [number, first_name] = *index_->names.emplace(tensor.impl()->number, name).first;
    if (const auto seen = index_->seen.find(number); seen != index_->seen.end())
      values_[seen->second.value].name = first_name;
  }
}

// ---- forward -------------------------------------------------------------------------------

void Trace::on_enter(const Named& module) {
  if (!is_forward()) return;
  const int64_t parent = running_calls_.empty() ? -1 : running_calls_.back();
  running_calls_.push_back(static_cast<int64_t>(calls_.size()));
  calls_.push_back({.path = module.path(),
                    .type = module.type_name(),
                    .parent = parent,
                    .first_op = static_cast<int64_t>(ops_.size())});
}

void Trace::on_leave(const Named&) {
  if (!is_forward() || running_calls_.empty()) return;  // it was entered before the trace watched
  calls_[running_calls_.back()].last_op = static_cast<int64_t>(ops_.size()) - 1;
  running_calls_.pop_back();
}

void Trace::on_begin(const char* op) {
  if (!is_forward()) return;
  const int64_t parent = running_.empty() ? -1 : running_.back().op;
  const int64_t call = running_calls_.empty() ? -1 : running_calls_.back();
  running_.push_back({add({.name = op,
                           .module = call < 0 ? Scope::current_path() : calls_[call].path,
                           .call = call,
                           .parent = parent}),
                      rill::detail::nanoseconds()});
}

int64_t Trace::add(TracedOp op) {
  ops_.push_back(std::move(op));
  hidden_.emplace_back();
  return static_cast<int64_t>(ops_.size()) - 1;
}

/// Of an op with several outputs each stands there by itself.
void Trace::begin_next_output() {
  const TracedOp& op = ops_[running_.back().op];
  if (op.output < 0) return;
  running_.back().op =
      add({.name = op.name, .module = op.module, .call = op.call, .parent = op.parent});
  running_.back().node = nullptr;
}

void Trace::on_end(const char*, const Tensor&) {
  if (!is_forward() || running_.empty()) return;
  ops_[running_.back().op].forward_ms = milliseconds_since(running_.back().start);
  running_.pop_back();
}

void Trace::on_record(const Node& node) {
  if (!is_forward() || running_.empty()) return;
  begin_next_output();
  running_.back().node = &node;
  index_->op_of_node[node.id()] = running_.back().op;
}

void Trace::on_output(const char*, const Tensor& out, std::span<const Tensor> inputs) {
  if (!is_forward() || running_.empty()) return;
  begin_next_output();
  const Running running = running_.back();
  TracedOp& op = ops_[running.op];
  note_inputs(op, out, inputs);
  op.output = output_of(out, running.op, inputs);
  if (!running.node || node_id_of(out) != running.node->id()) return;
  note_rows(op, *running.node, inputs);
  note_kept(running.op, *running.node, out, inputs);
  if (options_.keep_rows) hidden_[running.op].node = running.node->copy();
}

/// The value that `tensor` holds now, noted where it is new.
int64_t Trace::value_of(const Tensor& tensor, int64_t made_by) {
  const uint64_t number = tensor.impl()->number;
  const uint32_t version = tensor.version();
  const auto known = index_->seen.find(number);
  if (known != index_->seen.end() && known->second.version == version) {
    note_place(tensor, known->second.value);
    return known->second.value;
  }
  const auto value = static_cast<int64_t>(values_.size());
  index_->seen[number] = {value, version};
  const auto named = index_->names.find(number);
  values_.push_back({.made_by = made_by,
                     .name = named == index_->names.end() ? "" : named->second,
                     .data = Snapshot(tensor, options_.whole_values)});
  value_walk_.push_back(0);
  roots_.push_back(value);
  note_place(tensor, value);
  return value;
}

/// Which node's gradient is that of the value: a tensor may become a leaf after it was seen.
void Trace::note_place(const Tensor& tensor, int64_t value) {
  if (!tensor.requires_grad()) return;
  index_->value_of_node[tensor.grad_fn()->id()] = value;
  values_[value].is_leaf_with_gradient = tensor.is_leaf();
}

/// An in-place op is shown a copy of what it overwrites, which stands for the value before.
void Trace::note_inputs(TracedOp& op, const Tensor& out, std::span<const Tensor> inputs) {
  const auto before = index_->seen.find(out.impl()->number);
  const bool is_overwritten =
      before != index_->seen.end() && before->second.version != out.version();
  for (const Tensor& input : inputs) {
    const bool is_copy = is_overwritten && op.inputs.empty();
    op.inputs.push_back(!input.defined() ? -1
                        : is_copy        ? before->second.value
                                         : value_of(input, -1));
  }
}

/// Notes what `op` made: a view shows the memory of an input, and so does what was written in
/// place.
int64_t Trace::output_of(const Tensor& out, int64_t op, std::span<const Tensor> inputs) {
  const auto before = index_->seen.find(out.impl()->number);
  int64_t root = before == index_->seen.end() ? -1 : roots_[before->second.value];
  const int64_t value = value_of(out, op);
  for (size_t i = 0; i < inputs.size() && root < 0; ++i)
    if (inputs[i].defined() && storage_of(inputs[i]) == storage_of(out))
      root = roots_[ops_[op].inputs[i]];
  if (root >= 0) roots_[value] = root;
  return value;
}

/// Rows name their inputs by nodes; where two are the same tensor, the first row has the first.
void Trace::note_rows(TracedOp& op, const Node& node, std::span<const Tensor> inputs) {
  std::vector<bool> is_taken(inputs.size());
  for (const Input& row : node.inputs()) {
    TracedOp::Row noted{.formula = row.formula, .is_wanted = static_cast<bool>(row.node)};
    for (size_t i = 0; row.node && i < inputs.size() && noted.input < 0; ++i)
      if (!is_taken[i] && node_id_of(inputs[i]) == row.node->id()) {
        is_taken[i] = true;
        noted.input = static_cast<int>(i);
      }
    op.rows.push_back(noted);
  }
}

void Trace::note_kept(int64_t number, const Node& node, const Tensor& out,
                      std::span<const Tensor> inputs) {
  TracedOp& op = ops_[number];
  std::vector<const Storage*> seen;
  for (const Tensor& kept : node.kept()) {
    const Storage* storage = storage_of(kept);
    if (std::ranges::find(seen, storage) != seen.end()) continue;
    seen.push_back(storage);
    TracedOp::Kept noted{.bytes = static_cast<int64_t>(storage->bytes)};
    for (size_t i = 0; i < inputs.size() && noted.value < 0; ++i)
      if (inputs[i].defined() && storage_of(inputs[i]) == storage && !inputs[i].impl()->is_number)
        noted.value = op.inputs[i];
    if (noted.value < 0 && storage_of(out) == storage) noted.value = op.output;
    const int64_t root = noted.value < 0 ? -1 : roots_[noted.value];
    noted.is_new = root < 0 || (values_[root].made_by >= 0 && index_->keepers[root]++ == 0);
    hidden_[number].kept_roots.push_back(root);
    op.kept.push_back(noted);
  }
}

// ---- backward ------------------------------------------------------------------------------

void Trace::on_begin_walk() {
  if (walks_++ > 0) return;
  ++walk_;
  passing_ = {-1, 0};
}

void Trace::on_end_walk() {
  if (walks_ > 0) --walks_;
}

int64_t Trace::op_of(const Node& node) const {
  const auto found = index_->op_of_node.find(node.id());
  return walks_ != 1 || found == index_->op_of_node.end() ? -1 : found->second;
}

TracedValue* Trace::value_at(const Node& node) {
  const auto found = index_->value_of_node.find(node.id());
  return walks_ != 1 || found == index_->value_of_node.end() ? nullptr : &values_[found->second];
}

/// An earlier walk's over the same op.
void Trace::forget_pass(int64_t op) {
  const int64_t pass = ops_[op].pass;
  if (pass < 0) return;
  passes_.erase(passes_.begin() + pass);
  for (size_t i = static_cast<size_t>(pass); i < passes_.size(); ++i) --ops_[passes_[i]].pass;
}

void Trace::on_begin(const Node& node) {
  const int64_t op = op_of(node);
  if (op < 0) return;
  forget_pass(op);
  ops_[op].pass = static_cast<int64_t>(passes_.size());
  passes_.push_back(op);
  pass_start_ = rill::detail::nanoseconds();
}

void Trace::on_end(const Node& node) {
  if (const int64_t op = op_of(node); op >= 0)
    ops_[op].backward_ms = milliseconds_since(pass_start_);
}

void Trace::on_gradient(const Node& node, int row, const Tensor& incoming, const Tensor& outgoing) {
  const int64_t op = op_of(node);
  passing_ = {op, row};
  if (op < 0) return;
  if (static_cast<size_t>(row) < ops_[op].rows.size())
    ops_[op].rows[row].outgoing = Snapshot(outgoing, options_.whole_values);
  if (options_.keep_rows) hidden_[op].incoming = incoming;
  hidden_[op].inside.reset();
}

void Trace::on_accumulate(const Node& node, const Tensor& gradient) {
  TracedValue* value = value_at(node);
  if (!value) return;
  int64_t& last_walk = value_walk_[value - values_.data()];
  if (last_walk != walk_) {
    value->arrivals.clear();
    value->start.reset();
    last_walk = walk_;
  }
  if (passing_.op >= 0)
    value->arrivals.push_back(passing_);
  else
    value->start = Snapshot(gradient, options_.whole_values);
}

void Trace::on_finish(const Node& node, const Tensor& gradient) {
  if (TracedValue* value = value_at(node))
    value->gradient = Snapshot(gradient, options_.whole_values);
}

void Trace::on_release(const Node& node) {
  const int64_t op = op_of(node);
  if (op < 0) return;
  for (size_t i = 0; i < ops_[op].kept.size(); ++i) {
    const int64_t root = hidden_[op].kept_roots[i];
    if (root < 0 || (values_[root].made_by >= 0 && --index_->keepers[root] == 0))
      ops_[op].freed_bytes += ops_[op].kept[i].bytes;
  }
}

}  // namespace rill::inspect
