#pragma once

#include <rill/core/inspect/chart.h>

#include <vector>

namespace examples {

/// The loss of each step from 0 on, in nats.
rill::inspect::LineChart loss_chart(const std::vector<double>& losses);

}  // namespace examples
