#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include <rill/core/file.h>

#include "tests/support/expect.h"
#include "tests/support/own_folder.h"

namespace rill::testing {
namespace {

namespace fs = std::filesystem;

using File = OwnFolder;

/// No file may grow beyond `bytes`, as on a disk that is full, for the lifetime of this.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    signal_ = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, signal_);
  }

 private:
  rlimit before_{};
  void (*signal_)(int) = nullptr;
};

mode_t mode_of(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(stat(path.c_str(), &status), 0);
  return status.st_mode & 07777;
}

TEST_F(File, IsWrittenAsAWholeAndLeavesNothingElse) {
  const std::string bytes("a\0b\r\n\xff", 6);
  replace_file(path("file"), bytes);
  EXPECT_EQ(text_of("file"), bytes);
  replace_file(path("file"), "second");
  EXPECT_EQ(text_of("file"), "second");
  EXPECT_EQ(file_count(), 1);
}

TEST_F(File, IsWrittenFromPiecesSmallAndLarge) {
  const std::string small = "ab", large(3 << 20, 'x'), odd((1 << 20) - 1, 'y');
  const std::vector<std::string_view> pieces{small, large, "", odd, small, large, large, odd, "z"};
  replace_file(path("file"), pieces);
  EXPECT_EQ(text_of("file"), small + large + odd + small + large + large + odd + "z");
  replace_file(path("file"), std::vector<std::string_view>{});
  EXPECT_EQ(text_of("file"), "");
}

TEST_F(File, ClosesWhatItOpenedAndNothingElse) {
  const auto open_files = [] {
    std::vector<int> open;
    for (int i = 0; i < 64; ++i)
      if (fcntl(i, F_GETFD) != -1) open.push_back(i);
    return open;
  };
  const std::vector<int> before = open_files();
  replace_file(path("file"), "bytes");
  EXPECT_EQ(open_files(), before);
}

TEST_F(File, KeepsItsMode) {
  for (const mode_t mode : {0600, 0640, 0666, 0755}) {
    replace_file(path("file"), "first");
    chmod(path("file").c_str(), mode);
    replace_file(path("file"), "second");
    EXPECT_EQ(mode_of(path("file")), mode);
    EXPECT_EQ(text_of("file"), "second");
  }
}

TEST_F(File, KeepsItsOwnerWhereThisProcessMayGiveFilesAway) {
  if (geteuid() != 0) GTEST_SKIP() << "only root may give files away";
  replace_file(path("file"), "first");
  ASSERT_EQ(chown(path("file").c_str(), 1234, 4321), 0);
  ASSERT_EQ(chmod(path("file").c_str(), 04640), 0);
  replace_file(path("file"), "second");
  struct stat status {};
  ASSERT_EQ(stat(path("file").c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, 1234u);
  EXPECT_EQ(status.st_gid, 4321u);
  EXPECT_EQ(mode_of(path("file")), 04640u);
}

TEST_F(File, ANewOneHasTheModeThatTheUmaskLeaves) {
  const mode_t before = umask(027);
  replace_file(path("file"), "text");
  umask(before);
  EXPECT_EQ(mode_of(path("file")), 0640u);
}

TEST_F(File, ALinkStaysALinkAlsoWhereItLedToNothing) {
  fs::create_directories(folder_ / "deep");
  fs::create_symlink("deep/second", folder_ / "first");
  fs::create_symlink("../file", folder_ / "deep/second");
  for (const char* text : {"made", "replaced"}) {
    replace_file(path("first"), text);
    EXPECT_TRUE(fs::is_symlink(folder_ / "first"));
    EXPECT_TRUE(fs::is_symlink(folder_ / "deep/second"));
    EXPECT_EQ(text_of("file"), text);
  }
}

TEST_F(File, LinksInACircleAreRefused) {
  fs::create_symlink("b", folder_ / "a");
  fs::create_symlink("a", folder_ / "b");
  expect_error<Error>([&] { replace_file(path("a"), "text"); }, {"cannot write", "/a", "links"});
}

TEST_F(File, NeverPassesThroughAFileThatSomebodyPutInItsWay) {
  replace_file(path("victim"), "precious");
  // What earlier versions called the file that is not yet whole.
  fs::create_symlink("victim", folder_ / ("file." + std::to_string(getpid()) + ".tmp"));
  replace_file(path("file"), "text");
  EXPECT_EQ(text_of("victim"), "precious");
  EXPECT_EQ(text_of("file"), "text");
}

TEST_F(File, AFullDiskIsAnErrorAndTheFileBeforeStays) {
  replace_file(path("file"), "first");
  {
    const FileSizeLimit full(1000);
    expect_error<Error>([&] { replace_file(path("file"), std::string(100000, 'x')); },
                        {"cannot write", "/file", "too large"});
  }
  EXPECT_EQ(text_of("file"), "first");
  EXPECT_EQ(file_count(), 1);
}

TEST_F(File, WhatCannotBeWrittenIsNamed) {
  expect_error<Error>([&] { replace_file(path("no/such/file"), "text"); },
                      {"cannot write", "no/such/file", "its folder", "no/such: No such file"});
  expect_error<Error>([&] { replace_file(folder_, "text"); }, {"no regular file"});
  expect_error<Error>([&] { replace_file("/dev/full", "text"); }, {"/dev/full", "no regular"});
  replace_file(path("file"), "text");
  expect_error<Error>([&] { replace_file(path("file/below"), "text"); }, {"Not a directory"});
  expect_error<Error>([&] { replace_file("", "text"); }, {"cannot write"});
  expect_error<Error>([&] { append_to_file(path("none"), "text"); }, {"/none", "No such file"});
  expect_error<Error>([&] { append_to_file("/dev/full", "text"); }, {"/dev/full", "No space"});
}

TEST_F(File, GrowsByAllOfWhatIsAddedOrByNothing) {
  replace_file(path("file"), "first\n");
  append_to_file(path("file"), "second\n");
  EXPECT_EQ(text_of("file"), "first\nsecond\n");
  {
    const FileSizeLimit full(16);  // 3 bytes more would do
    expect_error<Error>([&] { append_to_file(path("file"), "third\n"); }, {"/file", "too large"});
  }
  EXPECT_EQ(text_of("file"), "first\nsecond\n");
}

}  // namespace
}  // namespace rill::testing
