#include <rill/core/inspect/detail/audit_findings.h>

#include <algorithm>

#include <spdlog/fmt/fmt.h>

// NaN and infinity: where the first of them was born.

namespace rill::inspect::detail {
namespace {

std::vector<std::string> parameters_without_number(const StepRecord& record) {
  std::vector<std::string> names;
  for (size_t i = 0; i < record.parameters.size(); ++i)
    if (const Health* gradient = gradient_of(record, static_cast<int64_t>(i));
        gradient && !gradient->is_finite())
      names.push_back(record.parameters[i].name);
  return names;
}

bool is_loss_finite(const StepRecord& record) {
  return std::ranges::none_of(record.roots, [&](int64_t root) {
    return record.values[root].has_nan || record.values[root].has_infinity;
  });
}

/// The first NaN of forward that reaches the loss, or else the first infinity that does.
const Birth* birth_in_forward(const StepRecord& record, bool is_nan) {
  const std::vector<bool> needed = needed_by_loss(record);
  const auto counts = [&](const Birth& birth) {
    return birth.is_nan == is_nan && needed[birth.value];
  };
  const auto found = std::ranges::find_if(record.births, counts);
  return found == record.births.end() ? nullptr : &*found;
}

/// The op whose row was the first of backward to make what is not finite of what is: of ops, the
/// last.
const StepOp* birth_in_backward(const StepRecord& record, const Flow*& by) {
  for (auto op = record.ops.rbegin(); op != record.ops.rend(); ++op)
    for (const Flow& flow : op->flows)
      if (flow.incoming_is_finite && !flow.outgoing.is_finite()) {
        by = &flow;
        return &*op;
      }
  return nullptr;
}

std::string source_of(const StepRecord& record, const Birth& birth) {
  const StepValue& value = record.values[birth.value];
  const char* const what = birth.is_nan ? "NaN" : "infinity";
  const std::string where =
      value.shape.dims() == 0 ? "" : " at " + birth.place + " of " + to_string(value.shape);
  if (birth.op >= 0)
    return fmt::format("the first {} of forward is made by {}{}", what,
                       record.at(record.ops[birth.op]), where);
  return fmt::format("{} holds {}{} before any op has run",
                     value.parameter >= 0 ? record.name_of(value) : "an input", what, where);
}

constexpr const char* remedy =
    ". Look there for a division by 0, the log or root of what is not above 0, exp of a large "
    "number, a row that a mask hides altogether; AnomalyGuard stops at it";

void set_place(const StepRecord& record, const StepOp& op, GradientFinding& finding) {
  finding.op = op.name;
  finding.module = record.module_of(op);
}

}  // namespace

void find_not_finite(const StepRecord& record, Findings& found) {
  GradientFinding finding{.fault = GradientFault::not_finite,
                          .parameters = parameters_without_number(record)};
  if (finding.parameters.empty() && is_loss_finite(record)) return;
  finding.text = finding.parameters.empty() ? "the loss is"
                 : finding.parameters.size() == 1
                     ? finding.parameters[0] + " gets a gradient that is"
                     : list_of(finding.parameters) + " get gradients that are";
  finding.text += " not finite: ";
  const Flow* by = nullptr;
  const Birth* birth = birth_in_forward(record, true);
  const StepOp* op = birth ? nullptr : birth_in_backward(record, by);
  if (!birth && !op) birth = birth_in_forward(record, false);
  if (birth) {
    finding.text += source_of(record, *birth) + remedy;
    if (birth->op >= 0) set_place(record, record.ops[birth->op], finding);
  } else if (op) {
    finding.text += fmt::format(
        "forward is finite, the first that is not is the gradient that {} "
        "gives, at {} of {}{}",
        record.at(*op), by->not_finite, to_string(record.values[by->to].shape), remedy);
    set_place(record, *op, finding);
  } else {
    finding.text += "run the step under a GradientAudit to be told where that began";
  }
  finding.text += ".";
  found.push_back(std::move(finding));
}

}  // namespace rill::inspect::detail
