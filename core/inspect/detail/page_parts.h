#pragma once

#include <string>

namespace rill::inspect::detail {

// Made from the files of core/inspect/chart_page when rill is configured.
/// The style sheet of a page.
std::string page_style();
/// The scripts of a page, one after another: they draw each chart, anew when the mode or the width
/// changes, tell its numbers, and define `views` and `ready`.
std::string page_script();

/// Vega as one script that defines `vega`, made of files in `folder` such as Debian's libjs-vega
/// has. Throws Error where one is not there.
std::string vega_script(const std::string& folder);

}  // namespace rill::inspect::detail
