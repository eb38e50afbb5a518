#pragma once

#include <string>

namespace rill::inspect::detail {

// Made from the files of core/inspect/flow when rill is configured.
std::string flow_style();
std::string flow_body();
/// All of the page's scripts, one after another.
std::string flow_script();

/// A <script> that holds data, which no text in it can end.
std::string json_script(const std::string& id, const std::string& json);

}  // namespace rill::inspect::detail
