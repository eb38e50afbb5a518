#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <set>
#include <thread>

#include <rill/core/error.h>
#include <rill/core/file.h>

#include "tests/core/watched_calls.h"
#include "tests/support/expect.h"
#include "tests/support/own_folder.h"

namespace rill::testing {
namespace {

constexpr int no_call = -1;

/// Three writes: small pieces gathered, a large one, small ones again.
const std::string old_text = "what was there before";
const std::string large(1 << 20, 'x');
const std::vector<std::string_view> pieces{"ab", "cd", large, "ef"};
const std::string new_text = "abcd" + large + "ef";

class FileFaults : public OwnFolder {
 protected:
  void begin(bool with_old) {
    fs::remove(folder_ / "file");
    if (!with_old) return;
    std::ofstream(folder_ / "file") << old_text;
    fs::permissions(folder_ / "file", fs::perms(0640));
  }
  void save() { replace_file(path("file"), pieces); }

  std::set<std::string> names() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_)) names.insert(entry.path().filename());
    return names;
  }
  bool is_old(bool with_old) const {
    return with_old ? text_of("file") == old_text : !fs::exists(folder_ / "file");
  }
  bool is_new() const {
    std::error_code none;
    if (fs::file_size(folder_ / "file", none) != new_text.size()) return false;
    std::string bytes(new_text.size(), '\0');
    std::ifstream(folder_ / "file").read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return bytes == new_text;
  }
  void expect_mode(bool with_old) const {
    if (!with_old) return;
    EXPECT_EQ(fs::status(folder_ / "file").permissions(), fs::perms(0640));
  }

  /// The names of the calls that a save makes.
  std::vector<std::string> calls_of_a_save(bool with_old) {
    begin(with_old);
    std::vector<std::string> calls;
    const WatchedCalls watch(note_in(calls));
    save();
    return calls;
  }
};

std::vector<int> open_descriptors() {
  std::vector<int> open;
  for (int i = 0; i < 64; ++i)
    if (fcntl(i, F_GETFD) != -1) open.push_back(i);
  return open;
}

TEST_F(FileFaults, AnErrorAtAnyCallLeavesTheOldFileAndNothingElse) {
  for (const bool with_old : {false, true}) {
    const std::vector<std::string> calls = calls_of_a_save(with_old);
    const std::vector<int> open_before = open_descriptors();
    const auto rename = std::find(calls.begin(), calls.end(), "rename") - calls.begin();
    for (size_t i = 0; i < calls.size(); ++i)
      for (const int error : {ENOSPC, EIO}) {
        SCOPED_TRACE(calls[i] + ", call " + std::to_string(i) + ", " + std::strerror(error));
        begin(with_old);
        bool failed = false;
        try {
          const WatchedCalls watch(fail_at(i, error));
          save();
        } catch (const Error&) {
          failed = true;
        }
        const bool is_late = static_cast<std::ptrdiff_t>(i) > rename;
        EXPECT_TRUE(failed && !is_late ? is_old(with_old) : is_new());
        EXPECT_EQ(names().size(), fs::exists(folder_ / "file") ? 1u : 0u);
        EXPECT_EQ(open_descriptors(), open_before);
        expect_mode(with_old);
      }
  }
}

TEST_F(FileFaults, WhatTheSaveNeedsIsNamedWithTheReasonWhereItFails) {
  const std::set<std::string> may_fail{"flock", "opendir", "readdir", "closedir"};
  const std::vector<std::string> calls = calls_of_a_save(true);
  const auto last = std::find(calls.rbegin(), calls.rend(), "fsync") - calls.rbegin();
  const auto rename = std::find(calls.begin(), calls.end(), "rename");
  EXPECT_NE(std::find(calls.begin(), rename, "close"), rename) << "closing comes too late to fail";
  for (size_t i = 0; i + static_cast<size_t>(last) < calls.size(); ++i) {
    if (may_fail.contains(calls[i]) || (calls[i] == "lstat" && i > 0)) continue;
    SCOPED_TRACE(calls[i] + ", call " + std::to_string(i));
    begin(true);
    const WatchedCalls watch(fail_at(i, EIO));
    expect_error<Error>([&] { save(); }, {"cannot write " + path("file"), "Input/output error"});
  }
}

TEST_F(FileFaults, AFolderThatTakesNoFileIsNamed) {
  begin(true);
  const WatchedCalls watch([](Call& call) {
    const bool creates = call.name == "open" && call.number & O_CREAT;
    return creates ? std::optional<int>(EROFS) : std::nullopt;
  });
  expect_error<Error>([&] { save(); },
                      {"cannot write " + path("file"),
                       "no file can be begun in " + folder_.string(), "Read-only file system"});
  EXPECT_TRUE(is_old(true));
}

TEST_F(FileFaults, SignalsInterruptNothing) {
  const std::set<std::string> never_interrupted{"lstat", "fstat", "readlink"};
  const std::vector<std::string> calls = calls_of_a_save(true);
  for (size_t i = 0; i < calls.size(); ++i) {
    if (never_interrupted.contains(calls[i])) continue;
    SCOPED_TRACE(calls[i] + ", call " + std::to_string(i));
    begin(true);
    const WatchedCalls watch(fail_at(i, EINTR));
    EXPECT_NO_THROW(save());
    EXPECT_TRUE(is_new());
    EXPECT_EQ(names(), std::set<std::string>{"file"});
  }
}

TEST_F(FileFaults, AShortWriteIsGoneOnWith) {
  for (const int wanted : {0, 1, 2})
    for (const size_t most : {1, 2, 3, 70000, (1 << 20) - 1}) {
      SCOPED_TRACE(std::to_string(most) + " bytes of write " + std::to_string(wanted));
      begin(true);
      int writes = 0;
      const WatchedCalls watch([&](Call& call) {
        if (call.name == "write" && writes++ == wanted) call.bytes = call.bytes.substr(0, most);
        return std::optional<int>();
      });
      save();
      EXPECT_TRUE(is_new());
    }
}

TEST_F(FileFaults, ADiskThatFillsUpBetweenTwoWritesLeavesTheOldFile) {
  begin(true);
  size_t room = large.size() / 2;
  const WatchedCalls watch([&](Call& call) -> std::optional<int> {
    if (call.name != "write") return {};
    call.bytes = call.bytes.substr(0, room);
    room -= call.bytes.size();
    return call.bytes.empty() ? std::optional<int>(ENOSPC) : std::nullopt;
  });
  expect_error<Error>([&] { save(); }, {"/file", "No space left on device"});
  EXPECT_TRUE(is_old(true));
  EXPECT_EQ(names(), std::set<std::string>{"file"});
}

TEST_F(FileFaults, AProcessKilledAtAnyCallLeavesTheOldFileOrTheNewOneAndTheNextSaveCleansUp) {
  for (const bool with_old : {false, true}) {
    const std::vector<std::string> calls = calls_of_a_save(with_old);
    for (size_t i = 0; i < calls.size(); ++i)
      for (const size_t written : {0, 1, 3}) {
        if (written && calls[i] != "write") continue;
        SCOPED_TRACE(calls[i] + ", call " + std::to_string(i));
        begin(with_old);
        EXPECT_TRUE(is_killed_in([&] {
          const WatchedCalls watch(die_at(i, written));
          save();
        }));
        EXPECT_TRUE(is_old(with_old) || is_new());
        expect_mode(with_old);
        EXPECT_LE(names().size(), 2u);
        const WatchedCalls no_sync({});
        replace_file(path("other"), "saved next");
        fs::remove(folder_ / "other");
        EXPECT_EQ(names().size(), fs::exists(folder_ / "file") ? 1u : 0u);
      }
  }
}

TEST_F(FileFaults, WhatCannotBeRemovedAfterAnErrorGoesWithTheNextSave) {
  begin(true);
  {
    const WatchedCalls watch([](Call& call) {
      return call.name == "fchmod" || call.name == "unlink" ? std::optional<int>(EIO)
                                                            : std::nullopt;
    });
    expect_error<Error>([&] { save(); }, {"/file", "Input/output error"});
  }
  EXPECT_TRUE(is_old(true));
  EXPECT_EQ(names().size(), 2u);
  save();
  EXPECT_EQ(names(), std::set<std::string>{"file"});
}

TEST_F(FileFaults, AFolderThatCannotBeSyncedIsReportedUnlessTheSystemNeverCan) {
  const auto fail_second_sync = [](int error) {
    return [error, count = 0](Call& call) mutable {
      return call.name == "fsync" && count++ == 1 ? std::optional<int>(error) : std::nullopt;
    };
  };
  for (const int error : {EINVAL, ENOTSUP, ENOSYS}) {
    begin(true);
    const WatchedCalls watch(fail_second_sync(error));
    EXPECT_NO_THROW(save());
    EXPECT_TRUE(is_new());
  }
  begin(true);
  const WatchedCalls watch(fail_second_sync(EIO));
  expect_error<Error>([&] { save(); }, {"cannot write", "/file", "it is there", "its folder",
                                        folder_.string(), "Input/output error"});
  EXPECT_TRUE(is_new());
}

TEST_F(FileFaults, AFolderThatMayNotBeReadCanBeWrittenInto) {
  begin(true);
  const WatchedCalls watch([this](Call& call) {
    const bool reads = call.name == "open" || call.name == "opendir";
    return reads && call.path == folder_ ? std::optional<int>(EACCES) : std::nullopt;
  });
  save();
  EXPECT_TRUE(is_new());
}

TEST_F(FileFaults, WhatOneProcessWritesNobodyTakesForStray) {
  const size_t calls = calls_of_a_save(true).size();
  for (size_t i = 0; i < calls; ++i) {
    SCOPED_TRACE("before call " + std::to_string(i));
    begin(true);
    size_t count = 0;
    const WatchedCalls watch([&](Call&) -> std::optional<int> {
      if (count++ == i) remove_stray_files(folder_);
      return {};
    });
    save();
    EXPECT_TRUE(is_new());
    EXPECT_EQ(names(), std::set<std::string>{"file"});
  }
}

TEST_F(FileFaults, StrayFilesAreRemovedAndNothingThatOnlyLooksLikeThem) {
  const std::string name = ".rill-0123456789abcdef.tmp";
  for (const char* other : {".rill-0123456789abcdef", ".rill-0123456789ABCDEF.tmp", "file",
                            ".rill-0123456789abcde.tmp", ".rill-.tmp", "rill-0123456789abcdef.tmp"})
    std::ofstream(folder_ / other) << "precious";
  fs::create_directory(folder_ / ".rill-0000000000000001.tmp");
  fs::create_symlink("file", folder_ / ".rill-0000000000000002.tmp");
  ASSERT_EQ(mkfifo(path(".rill-0000000000000003.tmp").c_str(), 0600), 0);
  const std::set<std::string> others = names();
  std::ofstream(folder_ / name) << "half of someth";
  EXPECT_EQ(remove_stray_files(folder_), 1);
  EXPECT_EQ(names(), others);
  EXPECT_EQ(remove_stray_files(folder_ / "none"), 0);
}

TEST_F(FileFaults, WithoutLocksEverythingIsSavedAndNothingTakenForStray) {
  begin(true);
  std::ofstream(folder_ / ".rill-0123456789abcdef.tmp") << "who knows";
  const WatchedCalls watch(
      [](Call& call) { return call.name == "flock" ? std::optional<int>(ENOTSUP) : std::nullopt; });
  save();
  EXPECT_TRUE(is_new());
  EXPECT_EQ(names().size(), 2u);
}

TEST_F(FileFaults, ThoseWhoWriteOneFileAtOnceEachWriteAllOfIt) {
  constexpr int writers = 3, rounds = 60;
  const WatchedCalls no_sync({});
  replace_file(path("file"), std::string(10000, 'a'));
  std::atomic<int> running{writers}, broken{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < writers; ++i)
    threads.emplace_back([&, i] {
      for (int round = 0; round < rounds; ++round)
        replace_file(path("file"), std::string(10000, static_cast<char>('a' + i)));
      --running;
    });
  while (running > 0) {
    const std::string text = text_of("file");
    broken += text.size() != 10000 || text.find_first_not_of(text[0]) != text.npos;
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(broken, 0);
  EXPECT_EQ(names(), std::set<std::string>{"file"});
}

TEST_F(FileFaults, WhatIsAddedIsThereOrNotOrTheErrorSaysOtherwise) {
  std::vector<std::string> calls;
  for (int wanted = no_call; wanted < static_cast<int>(calls.size()); ++wanted)
    for (const int error : {ENOSPC, EINTR}) {
      begin(true);
      int count = 0;
      const WatchedCalls watch([&](Call& call) -> std::optional<int> {
        if (wanted == no_call && error == ENOSPC) calls.push_back(call.name);
        if (count++ == wanted) return error;
        if (call.name == "write") call.bytes = call.bytes.substr(0, 2);
        return {};
      });
      try {
        append_to_file(path("file"), "added");
        EXPECT_EQ(text_of("file"), old_text + "added");
      } catch (const Error& thrown) {
        const bool is_last = calls[static_cast<size_t>(wanted)] == "close";
        EXPECT_EQ(text_of("file"), is_last ? old_text + "added" : old_text) << thrown.what();
      }
    }
  EXPECT_EQ(calls.size(), 6u);  // open, fstat, three writes, close
}

TEST_F(FileFaults, WhatCouldNotBeTakenBackIsSaid) {
  begin(true);
  int writes = 0;
  const WatchedCalls watch([&](Call& call) -> std::optional<int> {
    if (call.name == "ftruncate" || (call.name == "write" && writes++ == 1)) return EIO;
    call.bytes = call.bytes.substr(0, 2);
    return {};
  });
  expect_error<Error>([&] { append_to_file(path("file"), "added"); },
                      {"/file", "Input/output error", "could not be taken back"});
}

}  // namespace
}  // namespace rill::testing
