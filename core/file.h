#pragma once

#include <string>
#include <string_view>

namespace rill {

/// Writes the file in one piece: it is there as a whole, or as it was before, also where the
/// machine stops meanwhile. It keeps its mode, and a link stays a link to it. Throws Error where
/// that fails.
void replace_file(const std::string& path, std::string_view bytes);

/// Adds `bytes` to the end of a file that is there: all of them, or none. Throws Error where that
/// fails.
void append_to_file(const std::string& path, std::string_view bytes);

}  // namespace rill
