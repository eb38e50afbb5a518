#pragma once

#include <string>
#include <vector>

#include <rill/core/inspect/detail/flow_layout.h>
#include <rill/core/inspect/flow_page.h>
#include <rill/core/inspect/trace.h>

namespace rill::inspect::detail {

/// What a flow page holds of a trace. The scripts that read it stand in core/inspect/flow.
struct FlowData {
  std::string json;
  /// To be laid out: boxes in the JSON name them by their place.
  std::vector<std::string> graphs;
};

FlowData flow_data(const Trace& trace, const FlowPageOptions& options);

std::string layouts_json(const std::vector<FlowLayout>& layouts);

}  // namespace rill::inspect::detail
