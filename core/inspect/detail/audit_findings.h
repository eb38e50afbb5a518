#pragma once

#include <string>
#include <vector>

#include <rill/core/inspect/detail/step_record.h>

// What a record of a step tells about its gradients, a subject to a source.

namespace rill::inspect::detail {

using Findings = std::vector<GradientFinding>;

/// Parameters without a gradient, and tensors with one that are none (audit_paths.cpp).
void find_cut_paths(const StepRecord& record, Findings& found);
void find_unregistered(const StepRecord& record, Findings& found);
/// Gradients that are 0 (audit_zeros.cpp).
void find_zeros(const StepRecord& record, Findings& found);
/// Those that are not finite (audit_not_finite.cpp).
void find_not_finite(const StepRecord& record, Findings& found);
/// Those that shrink or grow from layer to layer (audit_depth.cpp).
void find_vanishing(const StepRecord& record, Findings& found);

/// All of them, notes last.
Findings audit_findings(const StepRecord& record);
/// "all 52 parameters have gradients"
std::string all_is_well(const StepRecord& record);

/// "a, b, c and 4 more"
std::string list_of(const std::vector<std::string>& names);
/// "3.7e-4": three digits that count.
std::string shown(double value);
/// Whether backward brought parameter `parameter` a gradient.
const Health* gradient_of(const StepRecord& record, int64_t parameter);
/// What flows a loss depends on: for each value, whether its numbers reach the loss.
std::vector<bool> needed_by_loss(const StepRecord& record);

}  // namespace rill::inspect::detail
