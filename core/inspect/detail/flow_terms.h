#pragma once

#include <nlohmann/json.hpp>

#include <rill/core/inspect/flow_page.h>
#include <rill/core/inspect/trace.h>

namespace rill::inspect::detail {

// For sources only: it includes all of nlohmann-json.

/// The terms of all or some elements of what a row gave out, as flow pages hold them.
nlohmann::ordered_json terms_json(const Trace& trace, int64_t op, int row,
                                  const FlowPageOptions& options);

/// The numbers' bytes, little-endian, in base64: as float32 where `is_float32`, else as float64.
std::string packed_numbers(const std::vector<double>& numbers, bool is_float32);

}  // namespace rill::inspect::detail
