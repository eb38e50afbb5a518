#include "tests/core/lost_power.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <rill/core/error.h>
#include <rill/core/file.h>

#include "tests/support/own_folder.h"

namespace rill::testing {
namespace {

using detail::system_calls;

const DiskFile old_file{"what was there before", 0640};
const DiskFile new_file{"abcdefghij", 0640};

/// What was found where power was lost at each call of a save.
struct Found {
  size_t calls = 0, states = 0;
  size_t broken = 0;     // states with neither the old file nor the new one
  size_t forgotten = 0;  // states after the end without the new one
};

struct Circumstances {
  bool with_old = true;
  size_t bytes_at_once = 100;
  size_t failing_call = 1000;  // counted from 0
};

/// For a save by hand.
enum class Step { in_place, write, set_mode, sync, rename, sync_folder };

class LostPower : public OwnFolder {
 protected:
  /// Tries every state that may be found after each call of `save`, and at its end.
  template <class Save>
  Found lose_power_in(Save save, Circumstances given = {}) {
    const bool with_old = given.with_old;
    std::map<std::string, DiskFile> files;
    if (with_old) files["file"] = old_file;
    std::ofstream(folder_ / "file") << old_file.bytes;
    fs::permissions(folder_ / "file", fs::perms(old_file.mode));
    if (!with_old) fs::remove(folder_ / "file");

    SimulatedDisk disk(folder_, files);
    Found found;
    const auto look = [&](const std::optional<DiskFile>& file) {
      ++found.states;
      found.broken += !(is_new(file, with_old) || is_old(file, with_old));
    };
    {
      const auto interfere = [&](Call& call) -> std::optional<int> {
        call.bytes = call.bytes.substr(0, given.bytes_at_once);
        return found.calls == given.failing_call ? std::optional<int>(EIO) : std::nullopt;
      };
      const WatchedCalls watch(interfere, [&](const Call& call, long result) {
        ++found.calls;
        disk.see(call, result);
        disk.each_state("file", look);
      });
      save();
    }
    disk.each_state("file", [&](const auto& file) { found.forgotten += !is_new(file, with_old); });
    return found;
  }

  static bool is_old(const std::optional<DiskFile>& file, bool with_old) {
    return with_old ? file == old_file : !file;
  }
  /// The disk of a new file knows nothing of the umask.
  static bool is_new(const std::optional<DiskFile>& file, bool with_old) {
    return file && file->bytes == new_file.bytes && (!with_old || file->mode == new_file.mode);
  }

  /// A save by hand, in this order.
  void save_by(std::initializer_list<Step> steps) const {
    const std::string name = path(*steps.begin() == Step::in_place ? "file" : "new");
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    const int folder = system_calls.open(folder_.c_str(), O_RDONLY, 0);
    const int file = system_calls.open(name.c_str(), flags, 0600);
    for (const Step step : steps) {
      if (step == Step::write) write_new(file);
      if (step == Step::set_mode) system_calls.fchmod(file, static_cast<mode_t>(new_file.mode));
      if (step == Step::sync) system_calls.fsync(file);
      if (step == Step::rename) system_calls.rename(name.c_str(), path("file").c_str());
      if (step == Step::sync_folder) system_calls.fsync(folder);
    }
    system_calls.close(file);
    system_calls.close(folder);
  }

  static void write_new(int descriptor) {
    const auto half = new_file.bytes.size() / 2;
    system_calls.write(descriptor, new_file.bytes.data(), half);
    system_calls.write(descriptor, new_file.bytes.data() + half, half);
  }
};

TEST_F(LostPower, LeavesTheOldFileOrTheNewOneAndAfterTheSaveTheNewOne) {
  for (const bool with_old : {true, false})
    for (const size_t bytes_at_once : {1, 2, 5, 10}) {
      SCOPED_TRACE(std::to_string(bytes_at_once) + " bytes a write");
      const auto save = [&] { replace_file(path("file"), new_file.bytes); };
      const Found found =
          lose_power_in(save, {.with_old = with_old, .bytes_at_once = bytes_at_once});
      EXPECT_EQ(found.broken, 0u);
      EXPECT_EQ(found.forgotten, 0u);
      EXPECT_GE(found.calls, 18u);
      EXPECT_GE(found.states, 20u);
    }
}

TEST_F(LostPower, LeavesTheOldFileOrTheNewOneAlsoWhereACallFails) {
  const auto save = [&] {
    try {
      replace_file(path("file"), new_file.bytes);
    } catch (const Error&) {
    }
  };
  for (const bool with_old : {true, false}) {
    const size_t calls = lose_power_in(save, {.with_old = with_old, .bytes_at_once = 5}).calls;
    for (size_t i = 0; i < calls; ++i) {
      SCOPED_TRACE("call " + std::to_string(i) + " fails");
      const Circumstances given{.with_old = with_old, .bytes_at_once = 5, .failing_call = i};
      EXPECT_EQ(lose_power_in(save, given).broken, 0u);
    }
  }
}

// What would be wrong, and that the simulated disk tells.

TEST_F(LostPower, LeavesTheOldFileOrTheNewOneByHandToo) {
  using enum Step;
  const Found found = lose_power_in([&] { save_by({write, set_mode, sync, rename, sync_folder}); });
  EXPECT_EQ(found.broken, 0u);
  EXPECT_EQ(found.forgotten, 0u);
}

TEST_F(LostPower, BreaksAFileThatIsWrittenInPlace) {
  using enum Step;
  const Found found = lose_power_in([&] { save_by({in_place, write, sync}); });
  EXPECT_GT(found.broken, 0u);
  EXPECT_EQ(found.forgotten, 0u);
}

TEST_F(LostPower, BreaksAFileThatIsNotSynced) {
  using enum Step;
  const Found found = lose_power_in([&] { save_by({write, set_mode, rename, sync_folder}); });
  EXPECT_GT(found.broken, 0u);
  EXPECT_GT(found.forgotten, 0u);
}

TEST_F(LostPower, BreaksAFileThatIsRenamedBeforeItIsSynced) {
  using enum Step;
  const Found found = lose_power_in([&] { save_by({write, set_mode, rename, sync, sync_folder}); });
  EXPECT_GT(found.broken, 0u);
  EXPECT_EQ(found.forgotten, 0u);
}

TEST_F(LostPower, BreaksAFileWhoseModeIsSetAfterTheSync) {
  using enum Step;
  const Found found = lose_power_in([&] { save_by({write, sync, set_mode, rename, sync_folder}); });
  EXPECT_GT(found.broken, 0u);
}

TEST_F(LostPower, ForgetsAFileWhoseFolderIsNotSynced) {
  using enum Step;
  const Found found = lose_power_in([&] { save_by({write, set_mode, sync, rename}); });
  EXPECT_EQ(found.broken, 0u);
  EXPECT_GT(found.forgotten, 0u);
}

}  // namespace
}  // namespace rill::testing
