#pragma once

#include <string>

namespace rill::distributed {

/// Writes to standard error, and goes on after a second where nobody reads it, such as a full pipe:
/// for who has something else to do then.
void say(const std::string& text);

}  // namespace rill::distributed
