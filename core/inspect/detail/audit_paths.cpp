#include <rill/core/inspect/detail/audit_findings.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <rill/core/dtype.h>
#include <spdlog/fmt/fmt.h>

// Parameters that no gradient reaches: the forward pass is followed from the parameter to where its
// path ends.

namespace rill::inspect::detail {
namespace {

/// What let no gradient through; the first is the likeliest to be a mistake.
enum class Cause { detached, unrecorded, without_gradient, not_through_input, lost, unused };

struct Cut {
  Cause cause;
  int64_t op = -1;
  int64_t value = -1;  // what it read; -1 for the parameter itself
  auto operator<=>(const Cut&) const = default;
};

Cause cause_of(const StepOp& op, bool output_wants_gradient) {
  if (op.name == "detach") return Cause::detached;
  if (output_wants_gradient) return Cause::not_through_input;
  return op.is_recording ? Cause::without_gradient : Cause::unrecorded;
}

/// The way of one parameter forward.
class Way {
 public:
  Way(const StepRecord& record, const std::vector<bool>& needed, int64_t parameter)
      : record_(record), needed_(needed), carries_(record.values.size()) {
    for (size_t i = 0; i < record.values.size(); ++i)
      if (record.values[i].parameter == parameter) carries_[i] = true;
    for (size_t i = 0; i < record.ops.size(); ++i) pass(static_cast<int64_t>(i), parameter);
  }

  /// Where it was cut on its way to the loss, or ended.
  Cut end() const {
    if (cuts_.empty()) return last_ < 0 ? Cut{Cause::unused} : Cut{Cause::lost, last_};
    Cut cut = *std::ranges::min_element(cuts_);
    const bool is_same_for_all = cut.cause == Cause::unrecorded;
    if (is_same_for_all || record_.values[cut.value].made_by < 0) cut.value = -1;
    return cut;
  }
  /// A use of the parameter itself that is cut off.
  std::optional<Cut> cut_use(int64_t parameter) const {
    for (const Cut& cut : cuts_) {
      const StepValue& read = record_.values[cut.value];
      const bool is_cut_off = cut.cause == Cause::detached || cut.cause == Cause::unrecorded;
      if (is_cut_off && (read.parameter == parameter || read.alias_of == parameter)) return cut;
    }
    return {};
  }

 private:
  void pass(int64_t number, int64_t parameter) {
    const StepOp& op = record_.ops[number];
    const bool writes_parameter = record_.values[op.output].parameter >= 0;
    if (op.is_inside || !op.is_own || writes_parameter) return;
    const bool wants = record_.values[op.output].wants_gradient;
    for (const auto& [value, has_row] : op.inputs) {
      if (record_.values[value].alias_of == parameter && needed_[op.output])
        cuts_.push_back({Cause::detached, number, value});
      if (!carries_[value]) continue;
      last_ = number;
      if (has_row)
        carries_[op.output] = true;
      else if (needed_[op.output])
        cuts_.push_back({cause_of(op, wants), number, value});
    }
  }

  const StepRecord& record_;
  const std::vector<bool>& needed_;
  std::vector<bool> carries_;
  std::vector<Cut> cuts_;
  int64_t last_ = -1;
};

/// "what `relu` in blocks.1 gave"
std::string source_of(const StepRecord& record, int64_t value) {
  if (value < 0 || record.values[value].made_by < 0) return "the parameter itself";
  return "what " + record.at(record.ops[record.values[value].made_by]) + " gave";
}

std::string reason_of_unused(const StepRecord& record) {
  return record.is_from_graph
             ? "no path of the graph leads from the loss to them. What cut it off stands in no "
               "graph: run the step under a GradientAudit to be told"
             : "no op that ran has read them. Use them in forward, or take them out; a layer "
               "that is skipped on purpose may be frozen: requires_grad_(false)";
}

/// What the first {}, an op, did with the second, a tensor, and what to do.
const char* words_of(Cause cause, bool is_detach) {
  switch (cause) {
    case Cause::detached:
      return is_detach ? "{} cuts the path, of {}. Take the detach() out; what is not to learn may "
                         "be frozen: requires_grad_(false)"
                       : "{} reads a detach() of the parameter. Give it the parameter itself";
    case Cause::unrecorded:
      return "{} ran under NoGradGuard and recorded nothing. End the guard before it; what is not "
             "to learn may be frozen: requires_grad_(false)";
    case Cause::without_gradient:
      return "{} cuts the path: what it gives changes in steps, if at all, so that no gradient "
             "flows to {}. Let the loss depend on softmax or sigmoid of that, not on an index or "
             "a comparison";
    case Cause::not_through_input:
      return "{} takes {} as a mask, an index or a constant, through which no gradient flows. Let "
             "it come in as a factor or a summand";
    default:
      return "the path ends with {}: the loss depends on nothing that it gave. Use its result; "
             "numbers that were taken out by item(), to_vector() or data() are outside the graph";
  }
}

std::string reason(const StepRecord& record, const Cut& cut) {
  if (cut.cause == Cause::unused) return reason_of_unused(record);
  const StepOp& op = record.ops[cut.op];
  return fmt::format(fmt::runtime(words_of(cut.cause, op.name == "detach")), record.at(op),
                     source_of(record, cut.value));
}

GradientFault fault_of(Cause cause) {
  return cause == Cause::unused || cause == Cause::lost ? GradientFault::unused
                                                        : GradientFault::cut;
}

GradientFinding finding_of(const StepRecord& record, const Cut& cut,
                           std::vector<std::string> names) {
  GradientFinding finding{.fault = fault_of(cut.cause), .parameters = std::move(names)};
  if (cut.op >= 0) {
    const StepOp& op = record.ops[cut.op];
    finding.op = cut.cause == Cause::detached ? "detach" : op.name;
    finding.module = record.module_of(op);
  }
  finding.text = list_of(finding.parameters) + (finding.parameters.size() == 1 ? " gets" : " get") +
                 " no gradient: " + reason(record, cut) + ".";
  return finding;
}

GradientFinding partly_cut(const StepRecord& record, const Cut& cut, const std::string& name) {
  GradientFinding finding = finding_of(record, cut, {name});
  finding.fault = GradientFault::partly_cut;
  finding.text = name + " is used more than once, and one use adds nothing to its gradient: " +
                 reason(record, cut) + ".";
  return finding;
}

}  // namespace

void find_cut_paths(const StepRecord& record, Findings& found) {
  const std::vector<bool> needed = needed_by_loss(record);
  std::map<Cut, std::vector<std::string>> cut_at;
  for (size_t i = 0; i < record.parameters.size(); ++i) {
    const auto& [name, tensor] = record.parameters[i];
    if (!tensor.requires_grad()) continue;
    const auto parameter = static_cast<int64_t>(i);
    const Way way(record, needed, parameter);
    if (!gradient_of(record, parameter)) {
      cut_at[way.end()].push_back(name);
    } else if (const std::optional<Cut> use = way.cut_use(parameter)) {
      found.push_back(partly_cut(record, *use, name));
    }
  }
  for (auto& [cut, names] : cut_at) found.push_back(finding_of(record, cut, std::move(names)));
}

namespace {

/// Tensors that get gradients in a module and are no parameters.
struct Strangers {
  int64_t first_op;  // that read one
  std::vector<std::string> shapes;
};

bool is_stranger(const StepRecord& record, const StepValue& value) {
  return value.made_by < 0 && value.is_leaf && value.gradient && value.parameter < 0 &&
         !std::ranges::count(record.expected, value.number);
}

/// By the paths of modules.
std::map<std::string, Strangers> strangers_of(const StepRecord& record) {
  std::map<std::string, Strangers> strangers;
  std::set<int64_t> seen;
  for (size_t i = 0; i < record.ops.size(); ++i)
    for (const auto& [number, has_row] : record.ops[i].inputs) {
      if (!is_stranger(record, record.values[number]) || !seen.insert(number).second) continue;
      Strangers& found = strangers[record.module_of(record.ops[i])];
      if (found.shapes.empty()) found.first_op = static_cast<int64_t>(i);
      found.shapes.push_back(to_string(record.values[number].shape));
    }
  return strangers;
}

std::string text_of(const StepRecord& record, const std::string& module,
                    const Strangers& strangers) {
  const StepOp& op = record.ops[strangers.first_op];
  if (op.call >= 0 && record.calls[op.call].is_guest)
    return fmt::format(
        "{} is a {} that is registered nowhere: its parameters {} get gradients, but "
        "parameters() lacks them, so no optimizer moves them. Make it by "
        "register_module(\"name\", {}(...)).",
        module, record.calls[op.call].type, list_of(strangers.shapes), record.calls[op.call].type);
  return fmt::format(
      "{} uses tensors that get gradients and are no parameters, {}: no optimizer moves them. "
      "Make them by register_parameter(\"name\", ...), or, where they are inputs whose gradient "
      "you want, tell the audit: audit.expect({{x}}).",
      record.at(op), list_of(strangers.shapes));
}

}  // namespace

void find_unregistered(const StepRecord& record, Findings& found) {
  for (const auto& [module, strangers] : strangers_of(record))
    found.push_back({.fault = GradientFault::unregistered,
                     .op = record.ops[strangers.first_op].name,
                     .module = module,
                     .text = text_of(record, module, strangers)});
}

}  // namespace rill::inspect::detail
