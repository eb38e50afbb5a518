#pragma once

#include <string>

#include <rill/core/error.h>

namespace rill::detail {

/// Tells a warning of the library on standard error; elsewhere in a program that has given spdlog a
/// logger named "rill".
void say_warning(const std::string& text);

/// The same of parts (text, numbers, shapes, dtypes), joined as `fail` does.
template <class... Parts>
void warn(const Parts&... parts) {
  std::string text;
  (append(text, parts), ...);
  say_warning(text);
}

}  // namespace rill::detail
