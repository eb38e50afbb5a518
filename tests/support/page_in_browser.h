#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include <rill/core/inspect/page.h>

#include "tests/support/browser.h"

namespace rill::testing {

/// Pages as Chromium shows them; skipped where there is none.
class PageInBrowser : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_browser()) GTEST_SKIP() << no_browser;
    path_ = ::testing::TempDir() + "rill-page-" + std::to_string(getpid()) + ".html";
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  nlohmann::json evaluate(const inspect::Page& page, const std::string& expression,
                          BrowserOptions options = {}) const {
    page.write(path_);
    return evaluate_in_browser(path_, expression, options);
  }

  std::string path_;
};

}  // namespace rill::testing
