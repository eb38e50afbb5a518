#pragma once

#include <string>
#include <string_view>

namespace rill::detail {

/// A text from outside as an error may show it: in quotes, cut where it is long, with '?' for each
/// control character, which a terminal could take for a command, and each byte that is no UTF-8.
std::string in_quotes(std::string_view text);

}  // namespace rill::detail
