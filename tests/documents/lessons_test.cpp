#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include "test_paths.h"
#include "tests/support/text_of.h"

// The lessons stand in an order, and each says what it is for.

namespace {

using rill::testing::text_of;

namespace fs = std::filesystem;

const std::string root = RILL_SOURCE_DIR "/";

int64_t count_of(const std::regex& pattern, const std::string& text) {
  return std::distance(std::sregex_iterator(text.begin(), text.end(), pattern), {});
}

/// The text from a heading to the next one.
std::string section_of(const std::string& text, const std::string& heading) {
  const size_t begin = text.find("\n## " + heading + "\n");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find("\n## ", begin + 1) - begin);
}

/// Those in README's table of lessons, in its order.
std::vector<std::string> lessons() {
  const std::string part = section_of(text_of(root + "README.md"), "Lessons");
  const std::regex row("\n\\| (?:[0-9]+ \\| )?\\[[^\\]]+\\]\\(([^)]+\\.md)\\)");
  std::vector<std::string> paths;
  for (std::sregex_iterator match(part.begin(), part.end(), row), end; match != end; ++match)
    paths.push_back((*match)[1]);
  return paths;
}

/// The lines up to the first heading behind the title.
std::string head_of(const std::string& lesson) {
  const std::string text = text_of(root + lesson);
  return text.substr(0, text.find("\n## "));
}

/// How `from` would link to `to`.
std::string link(const std::string& from, const std::string& to) {
  return "](" + fs::path(to).lexically_relative(fs::path(from).parent_path()).string() + ")";
}

/// The place of a heading in a page, as GitHub names it.
std::set<std::string> anchors_of(const std::string& path) {
  const std::string text = text_of(path);
  const std::regex heading("\n#+ ([^\n]+)");
  std::set<std::string> anchors;
  for (std::sregex_iterator match(text.begin(), text.end(), heading), end; match != end; ++match) {
    std::string anchor;
    for (const char c : (*match)[1].str()) {
      if (c == ' ') anchor += '-';
      if (std::isalnum(static_cast<unsigned char>(c)) || c == '-')
        anchor += static_cast<char>(std::tolower(c));
    }
    anchors.insert(anchor);
  }
  return anchors;
}

TEST(Lessons, AreAllInTheListOfReadme) {
  const std::vector<std::string> listed = lessons();
  std::set<std::string> there;
  for (const auto& file : fs::recursive_directory_iterator(root + "examples"))
    if (file.path().extension() == ".md")
      there.insert(fs::path(file.path()).lexically_relative(root).string());
  EXPECT_EQ(std::set<std::string>(listed.begin(), listed.end()), there);
}

TEST(Lessons, SayTheirPlaceTheirMinutesAndWhatTheyAreFor) {
  for (const std::string& lesson : lessons()) {
    const std::string head = head_of(lesson);
    EXPECT_TRUE(std::regex_search(head, std::regex("\n(Lesson [0-9] of 7|Beside the lessons), "
                                                   "[a-z-]+ minutes\\.")))
        << lesson << head;
    EXPECT_TRUE(std::regex_search(head, std::regex("At the end\\s+you can"))) << lesson;
    EXPECT_TRUE(std::regex_search(head, std::regex("You know"))) << lesson;
    EXPECT_NE(head.find("#words-of-the-field)"), std::string::npos) << lesson;
  }
}

TEST(Lessons, LinkToTheOneBeforeAndTheOneAfter) {
  const std::vector<std::string> all = lessons();
  ASSERT_GE(all.size(), 7u);
  for (size_t i = 0; i < 7; ++i) {
    const std::string head = head_of(all[i]);
    const auto has = [&](const std::string& text) { return head.find(text) != std::string::npos; };
    EXPECT_TRUE(has("Lesson " + std::to_string(i + 1) + " of 7")) << all[i];
    EXPECT_TRUE(i == 0 || has(link(all[i], all[i - 1]))) << all[i];
    EXPECT_TRUE(i == 6 || has(link(all[i], all[i + 1]))) << all[i];
  }
}

TEST(Lessons, HaveAnAnswerToEachExercise) {
  for (const std::string& lesson : lessons()) {
    const std::string part = section_of(text_of(root + lesson), "Exercises");
    const size_t fold = part.find("\n<details><summary>Answers</summary>\n");
    ASSERT_NE(fold, std::string::npos) << lesson;
    const std::regex numbered("\n[0-9]\\. ");
    EXPECT_GE(count_of(numbered, part.substr(0, fold)), 3) << lesson;
    EXPECT_EQ(count_of(numbered, part.substr(0, fold)), count_of(numbered, part.substr(fold)))
        << lesson;
    EXPECT_NE(part.find("\n</details>", fold), std::string::npos) << lesson;
  }
}

TEST(Lessons, LinkToHeadingsThatExist) {
  int64_t links = 0;
  for (const std::string& lesson : lessons()) {
    const std::string text = text_of(root + lesson);
    const fs::path folder = fs::path(root + lesson).parent_path();
    const std::regex anchor("\\]\\(([A-Za-z0-9_./]*)#([a-z0-9-]+)\\)");
    for (std::sregex_iterator match(text.begin(), text.end(), anchor), end; match != end; ++match) {
      const std::string file = (*match)[1];
      const std::string path = file.empty() ? root + lesson : (folder / file).string();
      EXPECT_TRUE(anchors_of(path).contains((*match)[2])) << lesson << ": " << match->str();
      ++links;
    }
  }
  EXPECT_GE(links, 7);
}

/// What the first group of a pattern matches in a text.
std::set<std::string> found_in(const std::string& text, const std::regex& pattern) {
  std::set<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match)
    found.insert((*match)[1]);
  return found;
}

std::set<std::string> all_tasks() {
  std::set<std::string> tasks;
  for (const auto& file : fs::directory_iterator(root + "examples/tasks/to_do"))
    tasks.insert(file.path().stem());
  return tasks;
}

TEST(Lessons, LinkToTheirCodeAndNameTheTasksThatExerciseThem) {
  const std::set<std::string> tasks = all_tasks();
  std::set<std::string> in_a_lesson;
  for (const std::string& lesson : lessons()) {
    const std::string part = section_of(text_of(root + lesson), "Its code and its tasks");
    const auto files = found_in(part, std::regex("\\]\\(([A-Za-z0-9_./]+\\.(?:cpp|h|js))\\)"));
    EXPECT_GE(files.size(), 2u) << lesson;
    for (const std::string& file : files)
      EXPECT_TRUE(fs::exists(fs::path(root + lesson).parent_path() / file)) << lesson << file;
    EXPECT_NE(part.find("`examples/run tasks`"), std::string::npos) << lesson;
    const std::set<std::string> named = found_in(part, std::regex("`([0-9]{2}_[a-z_]+)`"));
    EXPECT_GE(named.size(), 1u) << lesson;
    for (const std::string& task : named) EXPECT_TRUE(tasks.contains(task)) << lesson << task;
    in_a_lesson.insert(named.begin(), named.end());
  }
  EXPECT_EQ(in_a_lesson, tasks) << "each task has its lesson";
}

/// With four digits, as a tensor prints it.
std::string four_digits(double value) {
  char text[16];
  std::snprintf(text, sizeof text, "%7.4f", value);
  return text;
}

// cos(0.01) = 0.99995000042 is 1.0000, as lesson 2 shows it.
TEST(Lessons, BuildATableWhoseNumbersAreRoundedRightly) {
  const std::string text = text_of(root + "examples/walk_through/building_both.md");
  for (const int pos : {0, 1, 2, 3}) {
    const std::string row = "[" + four_digits(std::sin(pos)) + ", " + four_digits(std::cos(pos)) +
                            ", " + four_digits(std::sin(pos / 100.0)) + ", " +
                            four_digits(std::cos(pos / 100.0)) + "]";
    EXPECT_NE(text.find(row), std::string::npos) << row;
  }
}

}  // namespace
