#include <rill/core/inspect/detail/audit_findings.h>

#include <algorithm>
#include <map>
#include <set>

#include <spdlog/fmt/fmt.h>

// Gradients that came and are 0: throughout, for most units of a ReLU, or for rows of a table.

namespace rill::inspect::detail {
namespace {

constexpr double most_units = 0.5;   // dead ones, beyond which a ReLU is named
constexpr int64_t enough_rows = 16;  // to tell a dead unit from one that rests

bool is_parameter_zero(const StepRecord& record, size_t parameter) {
  const Health* gradient = gradient_of(record, static_cast<int64_t>(parameter));
  return gradient && gradient->numel > 0 && gradient->is_zero();
}

/// Whether gradients of `from` add to that of `to`, by the rows that ran.
std::vector<bool> leads_to(const StepRecord& record, size_t parameter) {
  std::vector<bool> leads(record.values.size());
  for (size_t i = 0; i < record.values.size(); ++i)
    leads[i] = record.values[i].parameter == static_cast<int64_t>(parameter);
  for (const StepOp& op : record.ops)
    for (const Flow& flow : op.flows)
      if (leads[flow.to]) leads[op.output] = true;
  return leads;
}

/// An op gives zeros because it was given some: the first of these ops.
const StepOp* origin_of_zeros(const StepRecord& record, const StepOp* op, int64_t but) {
  const auto is_zero = [&](const StepOp::Read& read) {
    const StepValue& value = record.values[read.value];
    return read.value != but && value.is_zero && value.made_by >= 0 &&
           &record.ops[value.made_by] < op;
  };
  for (;;) {
    const auto zero = std::ranges::find_if(op->inputs, is_zero);
    if (zero == op->inputs.end()) return op;
    op = &record.ops[record.values[zero->value].made_by];
  }
}

/// The op that was given a gradient and gave none on, nearest to the parameter; or the one that
/// made the zeros by which that multiplied it.
const StepOp* zero_at(const StepRecord& record, size_t parameter) {
  const std::vector<bool> leads = leads_to(record, parameter);
  for (const StepOp& op : record.ops)
    for (const Flow& flow : op.flows)
      if (leads[flow.to] && flow.incoming > 0 && flow.outgoing.is_zero())
        return origin_of_zeros(record, &op, flow.to);
  return nullptr;
}

std::string reason(const StepRecord& record, const StepOp* op) {
  if (!op)
    return "no op made it so: the loss has a gradient of 0 at its very beginning, or what watched "
           "saw only the graph. Look at the loss";
  const std::string at = record.at(*op);
  if (op->name == "relu")
    return at +
           " gives 0 for every input, so that it is dead: no gradient passes. Draw the weights "
           "before it anew, with a bias of 0, take a lower learning rate, or LeakyReLU or GELU";
  if (op->name == "sigmoid" || op->name == "tanh" || op->name == "softmax")
    return at +
           " is saturated: it is so flat where its inputs lie that the gradient is 0 there. Draw "
           "the weights before it smaller, or normalise what comes in";
  return at +
         " was given a gradient and passed on none: what it multiplies the gradient by is 0 (an "
         "input, a weight, a mask). That is so in the first step where a layer begins at 0 on "
         "purpose; else look at what it was given";
}

void find_dead_units(const StepRecord& record, Findings& found) {
  for (const StepOp& op : record.ops)
    for (const Flow& flow : op.flows) {
      const auto& [count, dead, rows] = flow.units;
      const bool is_noted = dead < count && rows >= enough_rows && flow.incoming > 0 &&
                            static_cast<double>(dead) > most_units * static_cast<double>(count);
      if (!is_noted) continue;
      found.push_back({.fault = GradientFault::dead_units,
                       .op = op.name,
                       .module = record.module_of(op),
                       .text = fmt::format(
                           "{}: {} of {} units give 0 for all {} inputs, so no gradient passes and "
                           "they do not learn. Draw the weights before it anew, with a bias of 0, "
                           "take a lower learning rate, or LeakyReLU or GELU.",
                           record.at(op), dead, count, rows)});
    }
}

/// Rows of the tables that `embedding` reads by ids.
void find_unused_rows(const StepRecord& record, Findings& found) {
  std::set<int64_t> noted;
  for (const StepOp& op : record.ops)
    for (const Flow& flow : op.flows) {
      const StepValue& table = record.values[flow.to];
      const bool is_table = op.name == "embedding" && table.parameter >= 0 && table.gradient;
      if (!is_table || table.gradient->is_zero() || table.zero_rows.count == 0) continue;
      if (!noted.insert(table.parameter).second) continue;
      const std::string& name = record.name_of(table);
      found.push_back(
          {.fault = GradientFault::unused_rows,
           .parameters = {name},
           .op = op.name,
           .module = record.module_of(op),
           .text = fmt::format("{} of {} rows of {} got no gradient, since {} read none "
                               "of them in this step: {}.",
                               table.zero_rows.count, table.shape[0], name, record.at(op),
                               table.zero_rows.shown),
           .is_note = true});
    }
}

}  // namespace

void find_zeros(const StepRecord& record, Findings& found) {
  std::map<const StepOp*, std::vector<std::string>> zero;
  for (size_t i = 0; i < record.parameters.size(); ++i)
    if (record.parameters[i].tensor.requires_grad() && is_parameter_zero(record, i))
      zero[zero_at(record, i)].push_back(record.parameters[i].name);
  for (const auto& [op, names] : zero)
    found.push_back({.fault = GradientFault::zeros,
                     .parameters = names,
                     .op = op ? op->name : "",
                     .module = op ? record.module_of(*op) : "",
                     .text = list_of(names) +
                             (names.size() == 1 ? " gets a gradient of 0" : " get gradients of 0") +
                             " throughout: " + reason(record, op) + "."});
  find_dead_units(record, found);
  find_unused_rows(record, found);
}

}  // namespace rill::inspect::detail
