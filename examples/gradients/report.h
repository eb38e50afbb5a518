#pragma once

#include <rill/core/inspect/chart.h>
#include <rill/core/inspect/page.h>

#include "cases.h"
#include "depth.h"

namespace gradients {

/// The gradient in its four versions, a row each.
rill::inspect::Table table_of(const Case& example);

/// Flows of the same depth, one for each of blocks().
using Flows = std::vector<Flow>;

/// Every sixth layer; the gradient of the activations as a part of that behind the last layer.
rill::inspect::Table activations_table(const Flows& flows);
rill::inspect::LineChart activations_chart(const Flows& flows);
/// Every sixth layer; the gradient of the weights as a part of that of the last layer.
rill::inspect::Table weights_table(const Flows& flows);
rill::inspect::LineChart weights_chart(const Flows& flows);

}  // namespace gradients
