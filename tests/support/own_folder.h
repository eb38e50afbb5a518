#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>

#include "tests/support/text_of.h"

namespace rill::testing {

namespace fs = std::filesystem;

/// A folder of its own for the test that is running.
class OwnFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    std::string name = std::string(test->test_suite_name()) + test->name();
    std::replace(name.begin(), name.end(), '/', '-');  // of tests with parameters
    folder_ = fs::path(::testing::TempDir()) / ("rill-" + std::to_string(getpid()) + "-" + name);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ / name; }
  std::string text_of(const std::string& name) const { return testing::text_of(folder_ / name); }
  std::ptrdiff_t file_count() const {
    return std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
  }

  fs::path folder_;
};

}  // namespace rill::testing
