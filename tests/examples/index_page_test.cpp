#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "examples/support/index_page.h"
#include "run_program.h"
#include "test_paths.h"

namespace examples {
namespace {

namespace fs = std::filesystem;
using rill::testing::read_file;
using rill::testing::temporary_folder;

void write_page(const std::string& path) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path) << "<p>page</p>";
}

TEST(IndexPage, LinksThePagesThatAreThereInTheOrderToLearnIn) {
  const std::string out = temporary_folder() + "/out";
  for (const char* page :
       {"/report.html", "/encoding_league/league.html", "/word_order/word_order.html"})
    write_page(out + page);
  write_index(out + "/word_order");
  const std::string html = read_file(out + "/index.html");
  const size_t first = html.find("href=\"word_order/word_order.html\"");
  const size_t second = html.find("href=\"encoding_league/league.html\"");
  EXPECT_NE(html.find("href=\"report.html\""), std::string::npos) << html;
  ASSERT_NE(second, std::string::npos) << html;
  EXPECT_LT(first, second);
  EXPECT_EQ(html.find("href=\"index.html\""), std::string::npos);
  EXPECT_NE(html.find("examples/run 02_gradient: "), std::string::npos) << "has no page yet";
}

TEST(IndexPage, NamesEveryLesson) {
  const std::string out = temporary_folder() + "/out";
  fs::create_directories(out);
  write_index(out);
  const std::string html = read_file(out + "/index.html");
  for (const auto& file : fs::recursive_directory_iterator(RILL_SOURCE_DIR "/examples"))
    if (file.path().extension() == ".md") {
      EXPECT_NE(html.find(file.path().filename().string()), std::string::npos) << file.path();
    }
  EXPECT_LT(html.find("why_position.md"), html.find("recap.md"));
}

TEST(IndexPage, ReplacesItselfAndNoFileOfOthers) {
  const std::string out = temporary_folder() + "/out";
  write_page(out + "/index.html");
  write_index(out);
  EXPECT_EQ(read_file(out + "/index.html"), "<p>page</p>");
  fs::remove(out + "/index.html");
  write_index(out);
  write_page(out + "/report.html");
  write_index(out);
  EXPECT_NE(read_file(out + "/index.html").find("href=\"report.html\""), std::string::npos);
}

TEST(IndexPage, IsNotWrittenWhereNoFolderIsNamedOut) {
  const std::string folder = temporary_folder();
  write_index(folder);
  EXPECT_FALSE(fs::exists(folder + "/index.html"));
}

TEST(IndexPage, PlainExamplesWriteIt) {
  const std::string folder = temporary_folder();
  const std::vector<std::string> pages{"02_gradient/gradient.html", "04_two_moons/two_moons.html",
                                       "07_own_encoding/own_encoding.html", "09_flow/flow.html"};
  for (const std::string& page : pages) {
    const std::string name = page.substr(0, page.find('/'));
    if (std::system("dot -V >/dev/null 2>&1") != 0 && (name == "02_gradient" || name == "09_flow"))
      continue;
    const rill::testing::Outcome run = rill::testing::run_example(name, "cd " + folder + " &&");
    ASSERT_EQ(run.exit_code, 0) << run.errors;
    const std::string index = read_file(folder + "/out/index.html");
    EXPECT_NE(index.find(name + ": " + fs::path(page).stem().string()), std::string::npos) << name;
    EXPECT_NE(index.find("href=\"" + page + "\""), std::string::npos) << name;
  }
}

TEST(IndexPage, AnExampleWritesIt) {
  const std::string out = temporary_folder() + "/out";
  const rill::testing::Outcome run = rill::testing::run_example(
      "learned_positions --max-iters 2 --out-dir " + out + "/learned_positions");
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_NE(
      read_file(out + "/index.html").find("href=\"learned_positions/learned_positions.html\""),
      std::string::npos);
}

}  // namespace
}  // namespace examples
