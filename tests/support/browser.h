#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace rill::testing {

/// Whether Chromium is installed and this program has no sanitizers, which would find nothing in
/// Chromium: the plain program writes the same pages. `GTEST_SKIP() << no_browser` where not.
bool has_browser();
inline constexpr const char* no_browser =
    "Chromium is not installed (Debian: apt-get install chromium), or sanitizers are at work";

struct BrowserOptions {
  bool dark = false;
  int width = 1200;  // that of a telephone too
};

/// Opens the page in headless Chromium without a network, waits until its charts are drawn, and
/// returns what a JavaScript expression then gives. The test fails where the page writes to the
/// console or asks for anything. Beside what the page has, the expression may use
///   drawn(id, type)  the items of one type of mark ("symbol", "rect", "text", ...) in the chart
///   `id` cells(id)        the texts of the table `id`, row by row, its head first
nlohmann::json evaluate_in_browser(const std::string& page, const std::string& expression,
                                   BrowserOptions options = {});

}  // namespace rill::testing
