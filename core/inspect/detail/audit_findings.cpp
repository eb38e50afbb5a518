#include <rill/core/inspect/detail/audit_findings.h>

#include <algorithm>

#include <spdlog/fmt/fmt.h>

namespace rill::inspect::detail {

std::string list_of(const std::vector<std::string>& names) {
  constexpr size_t most = 4;
  std::string list;
  const size_t shown = names.size() <= most + 1 ? names.size() : most;
  for (size_t i = 0; i < shown; ++i)
    list += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  if (shown < names.size()) list += fmt::format(" and {} more", names.size() - shown);
  return list;
}

std::string shown(double value) { return fmt::format("{:.3g}", value); }

const Health* gradient_of(const StepRecord& record, int64_t parameter) {
  for (const StepValue& value : record.values)
    if (value.parameter == parameter && value.gradient) return &*value.gradient;
  return nullptr;
}

std::vector<bool> needed_by_loss(const StepRecord& record) {
  std::vector<bool> needed(record.values.size());
  for (const int64_t root : record.roots) needed[root] = true;
  if (record.roots.empty() && !record.ops.empty()) needed[record.ops.back().output] = true;
  for (auto op = record.ops.rbegin(); op != record.ops.rend(); ++op)
    if (needed[op->output])
      for (const StepOp::Read& read : op->inputs) needed[read.value] = true;
  return needed;
}

Findings audit_findings(const StepRecord& record) {
  Findings found;
  find_not_finite(record, found);
  find_cut_paths(record, found);
  find_unregistered(record, found);
  find_zeros(record, found);
  find_vanishing(record, found);
  std::stable_partition(found.begin(), found.end(),
                        [](const GradientFinding& one) { return !one.is_note; });
  return found;
}

std::string all_is_well(const StepRecord& record) {
  const auto wants = [](const NamedTensor& named) { return named.tensor.requires_grad(); };
  const auto all = static_cast<int64_t>(record.parameters.size());
  const int64_t wanted = std::ranges::count_if(record.parameters, wants);
  if (wanted == all) return fmt::format("all {} parameters have gradients", all);
  return fmt::format("all {} parameters that want gradients have them, {} are frozen", wanted,
                     all - wanted);
}

}  // namespace rill::inspect::detail
