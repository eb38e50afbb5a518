#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>

#include <rill/core/detail/system_memory.h>

#include "run_program.h"
#include "test_paths.h"
#include "tests/support/lesson.h"

// Each lesson says what the examples print and draw.

namespace {

namespace fs = std::filesystem;
using namespace rill::testing;

std::vector<std::string> lessons() {
  std::vector<std::string> paths;
  for (const auto& folder : fs::directory_iterator(RILL_SOURCE_DIR "/examples"))
    if (folder.is_directory())
      for (const auto& file : fs::directory_iterator(folder))
        if (file.path().extension() == ".md") paths.push_back(file.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// What an example's command left behind, which runs once for all tests.
struct Run {
  std::string folder, output;
};
const Run& run_once(const std::string& command) {
  static std::map<std::string, Run> runs;
  const auto [found, is_new] = runs.try_emplace(command);
  Run& run = found->second;
  if (is_new) {
    run.folder = temporary_folder();
    const Outcome outcome = run_example(command, "cd " + run.folder + " &&");
    EXPECT_EQ(outcome.exit_code, 0) << command << ": " << outcome.errors;
    run.output = outcome.output;
  }
  return run;
}

/// The chart drawn from the page that the command writes.
std::string drawing_of(const Drawn& drawn) {
  std::string page;
  for (const auto& file : fs::recursive_directory_iterator(run_once(drawn.command).folder))
    if (file.path().extension() == ".html" && file.path().filename() != "index.html")
      page = file.path();
  const Outcome outcome = run_command("node " RILL_SOURCE_DIR "/examples/pictures/draw.js " + page +
                                      " '" + drawn.chart + "'");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  return outcome.output;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

class LessonsOf : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (rill::detail::is_sanitized) GTEST_SKIP() << "trainings take minutes under the sanitizers";
  }
  const Lesson lesson_ = read_lesson(read_file(GetParam()));
};

TEST_P(LessonsOf, ShowWhatTheExamplesPrint) {
  EXPECT_FALSE(lesson_.printed.empty());
  for (const Printed& printed : lesson_.printed)
    EXPECT_EQ(missing_lines(printed, run_once(printed.command).output), "")
        << GetParam() << ":" << printed.line;
}

TEST_P(LessonsOf, SayNoNumberThatIsNotShown) {
  EXPECT_EQ(unprinted_numbers(lesson_), std::vector<std::string>{});
}

TEST_P(LessonsOf, ShowTheChartsThatTheExamplesDraw) {
  if (std::system("command -v node >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "node is not installed (Debian: apt-get install nodejs)";
  EXPECT_FALSE(lesson_.drawn.empty());
  for (const Drawn& drawn : lesson_.drawn) {
    const std::string path = fs::path(GetParam()).parent_path() / drawn.picture;
    const std::string shown = read_file(path);
    const std::string now = drawing_of(drawn);
    if (first_line(shown) != first_line(now))
      GTEST_SKIP() << path << " was drawn by another Vega than the one here";
    EXPECT_EQ(picture_difference(shown, now, drawn.within), "")
        << path << ": examples/pictures/run draws it anew";
  }
}

INSTANTIATE_TEST_SUITE_P(Lessons, LessonsOf, ::testing::ValuesIn(lessons()),
                         [](const auto& path) { return fs::path(path.param).stem().string(); });

}  // namespace
