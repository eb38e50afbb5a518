#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include <rill/core/inspect/page.h>

#include "tests/support/browser.h"

namespace rill::testing {

/// What goes beyond the page or is cut, names along an axis that lie on each other, and those that
/// hardly stand out from the page.
inline constexpr const char* faults_of_layout = R"js((() => {
  const wide = document.documentElement.scrollWidth - innerWidth;
  const charts = [...document.querySelectorAll(".drawing")];
  const cut = charts.filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.parentElement.dataset.chart);
  const outside = [...document.querySelectorAll(".drawing text")].filter((e) => {
    const box = e.getBoundingClientRect(), around = e.closest(".drawing").getBoundingClientRect();
    return e.textContent && getComputedStyle(e).opacity !== "0" &&
        (box.left < around.left - 1 || box.right > around.right + 1 || box.top < around.top - 1 ||
         box.bottom > around.bottom + 1);
  }).map((e) => e.textContent);
  const collide = [];
  for (const axis of document.querySelectorAll(".role-axis-label")) {
    const shown = [...axis.querySelectorAll("text")].filter((e) => e.getAttribute("opacity") !== "0" &&
        e.style.opacity !== "0" && !/rotate/.test(e.getAttribute("transform") || ""));
    for (let i = 1; i < shown.length; ++i) {
      const [a, b] = [shown[i - 1], shown[i]].map((e) => e.getBoundingClientRect());
      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
          Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4)
        collide.push(shown[i - 1].textContent + " " + shown[i].textContent);
    }
  }
  const luminance = (color) => {
    const [r, g, b] = color.match(/[\d.]+/g).slice(0, 3).map((c) => c / 255).map(
        (c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const ground = luminance(getComputedStyle(document.body).backgroundColor);
  const pale = [...document.querySelectorAll("[class*=role-axis] text, [class*=role-legend] text")].filter((e) => {
    const ink = luminance(getComputedStyle(e).fill);
    return e.textContent && Math.max(ink, ground) / Math.min(ink, ground) < 3;
  }).map((e) => e.textContent);
  return {width: innerWidth, wide, cut, outside, collide, pale};
})())js";

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
