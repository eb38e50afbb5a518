#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include <rill/version.h>
#include "test_paths.h"

namespace {

std::string version_of_headers() {
  return std::to_string(RILL_VERSION_MAJOR) + "." + std::to_string(RILL_VERSION_MINOR) + "." +
         std::to_string(RILL_VERSION_PATCH);
}

/// That of "## 0.1.0 (unreleased)", the first heading of its kind.
std::string version_of_changelog() {
  std::ifstream file(RILL_SOURCE_DIR "/CHANGELOG.md");
  std::string line;
  while (std::getline(file, line))
    if (line.starts_with("## ")) return line.substr(3, line.find(' ', 3) - 3);
  return "";
}

TEST(Version, OfTheLibraryIsThatOfTheHeaders) { EXPECT_EQ(rill::version(), version_of_headers()); }

TEST(Version, IsTheNewestOfTheChangelog) { EXPECT_EQ(rill::version(), version_of_changelog()); }

}  // namespace
