#pragma once

#include <string>
#include <vector>

#include <rill/core/inspect/detail/gradient_history.h>
#include <rill/core/inspect/gradient_report.h>

namespace rill::inspect::detail {

/// The page of a GradientReport.
Page gradient_page(const std::string& title, const History& history,
                   const std::vector<GradientReport::Row>& rows,
                   const std::vector<std::string>& warnings);

}  // namespace rill::inspect::detail
