#pragma once

#include <string>

namespace rill::inspect::detail {

/// The style sheet of a page.
extern const char* const page_style;
/// The script of a page: draws each chart, anew when the mode or the width changes.
extern const char* const page_script;

/// Vega as one script that defines `vega`, made of files in `folder` such as Debian's libjs-vega
/// has. Throws Error where one is not there.
std::string vega_script(const std::string& folder);

}  // namespace rill::inspect::detail
