#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "examples/support/index_page.h"
#include "run_program.h"
#include "tests/support/page_in_browser.h"
#include "tiny_text.h"

// The pages that the examples write, on a telephone and on a screen, in light and dark.

namespace {

using nlohmann::json;
using rill::testing::run_example;
using rill::testing::temporary_folder;

/// A command of seconds, and the pages that it leaves in `folder`.
struct Run {
  std::string command;
  std::vector<std::string> pages;
};

std::vector<Run> runs(const std::string& folder) {
  const std::string text = temporary_folder() + "/text", to = " --out-dir " + folder;
  rill::testing::write_file(text, rill::testing::some_text());
  return {{"walk_through" + to, {"walk_through.html"}},
          {"walk_through --dim 2 --length 1000" + to, {"walk_through.html"}},
          {"word_order --seeds 2 --steps 2" + to, {"word_order.html"}},
          {"scale --seeds 1 --steps 2" + to, {"scale.html"}},
          {"gradients" + to, {"gradients.html"}},
          {"learned_positions --max-iters 9 --text " + text + to, {"learned_positions.html"}},
          {"length_generalisation --steps 2 --examples 2" + to, {"length_generalisation.html"}},
          {"encoding_league --max-iters 4 --block-size 8 --seeds 2 --text " + text + to,
           {"league.html"}},
          {rill::testing::small_run(temporary_folder()) + " --watch" + to,
           {"report.html", "gradients.html"}}};
}

/// On a telephone in one of the modes, on a screen in the other.
void expect_fits(const std::string& page, bool is_dark_on_telephone) {
  for (const int width : {390, 1400}) {
    const bool dark = (width == 390) == is_dark_on_telephone;
    const json seen = rill::testing::evaluate_in_browser(page, rill::testing::faults_of_layout,
                                                         {.dark = dark, .width = width});
    const std::string where = page + (dark ? ", dark, " : ", light, ") + std::to_string(width);
    EXPECT_EQ(seen["width"], width) << where;
    EXPECT_LE(seen["wide"].get<int>(), 0) << where;
    for (const char* fault : {"cut", "outside", "collide", "pale"})
      EXPECT_EQ(seen[fault], json::array()) << fault << " in " << where;
  }
}

TEST(Pages, OfExamplesFitATelephoneAndAScreenInLightAndDark) {
  if (!rill::testing::has_browser()) GTEST_SKIP() << rill::testing::no_browser;
  const std::string folder = temporary_folder() + "/out/one";
  bool dark = false;
  for (const auto& [command, pages] : runs(folder)) {
    const rill::testing::Outcome run = run_example(command);
    ASSERT_EQ(run.exit_code, 0) << command << run.errors;
    for (const std::string& page : pages) expect_fits(folder + "/" + page, dark = !dark);
  }
  for (const bool dark_on_telephone : {false, true})
    expect_fits(folder + "/../index.html", dark_on_telephone);
}

TEST(Pages, TheIndexFitsATelephoneWhereItNamesLessonsByTheirPaths) {
  if (!rill::testing::has_browser()) GTEST_SKIP() << rill::testing::no_browser;
  const std::string folder = temporary_folder();
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::create_directories(folder + "/out");
  std::filesystem::current_path(folder);  // where there are no lessons
  examples::write_index(folder + "/out");
  std::filesystem::current_path(before);
  expect_fits(folder + "/out/index.html", false);
}

}  // namespace
