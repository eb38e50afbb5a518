#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <set>

#include <rill/core/error.h>
#include <rill/core/io/checkpoint_folder.h>
#include <rill/core/operators.h>

#include "tests/core/lost_power.h"
#include "tests/core/watched_calls.h"
#include "tests/support/own_folder.h"

namespace rill::testing {
namespace {

using Before = WatchedCalls::Before;

/// A folder that holds the checkpoint of step 1, and is to hold that of step 2 alone.
class CheckpointFaults : public OwnFolder {
 protected:
  void begin() {
    fs::remove_all(folder_);
    const WatchedCalls no_sync({});
    folder().save(at(1));
  }
  CheckpointFolder folder() const { return CheckpointFolder(folder_, {.keep = 1}); }
  void save() const { folder().save(at(2)); }
  static Checkpoint at(int64_t step) {
    return Checkpoint{.step = step}.add("model",
                                        {{"weight", ones({3}) * static_cast<double>(step)}});
  }

  /// 1 or 2; what holds something else, or nothing, fails.
  int64_t step_that_loads() const {
    const std::optional<Checkpoint> newest = folder().load_newest();
    if (!newest) return 0;
    EXPECT_EQ((*newest)["model"]["weight"].to_vector<float>(),
              std::vector<float>(3, static_cast<float>(newest->step)));
    return newest->step;
  }
  /// After another save only what that one wrote is there.
  void expect_next_save_cleans_up() const {
    const WatchedCalls no_sync({});
    folder().save(at(3));
    EXPECT_EQ(file_count(), 1);
    EXPECT_EQ(step_that_loads(), 3);
  }
  std::vector<std::string> calls_of_a_save() {
    begin();
    std::vector<std::string> calls;
    const WatchedCalls watch(note_in(calls));
    save();
    return calls;
  }
};

TEST_F(CheckpointFaults, ASaveRemovesTheOldOneOnceTheNewOneIsOnTheDisk) {
  const std::vector<std::string> calls = calls_of_a_save();
  EXPECT_EQ(step_that_loads(), 2);
  EXPECT_EQ(file_count(), 1);
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "unlink"), 1);
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "fsync"), 2);
  EXPECT_EQ(calls.back(), "unlink");
}

TEST_F(CheckpointFaults, AnErrorAtAnyCallLeavesTheOldOneOrTheNewOne) {
  const std::vector<std::string> calls = calls_of_a_save();
  for (size_t i = 0; i < calls.size(); ++i)
    for (const int error : {ENOSPC, EIO}) {
      SCOPED_TRACE(calls[i] + ", call " + std::to_string(i) + ", " + std::strerror(error));
      begin();
      bool failed = false;
      try {
        const WatchedCalls watch(fail_at(i, error));
        save();
      } catch (const Error&) {
        failed = true;
      }
      const int64_t step = step_that_loads();
      EXPECT_TRUE(step == 2 || (step == 1 && failed)) << step;
      EXPECT_TRUE(fs::exists(folder().path_of(1)) || !failed);
      expect_next_save_cleans_up();
    }
}

TEST_F(CheckpointFaults, ADeathAtAnyCallLeavesTheOldOneOrTheNewOne) {
  const std::vector<std::string> calls = calls_of_a_save();
  for (size_t i = 0; i < calls.size(); ++i)
    for (const size_t written : {0, 1, 100}) {
      if (written && calls[i] != "write") continue;
      SCOPED_TRACE(calls[i] + ", call " + std::to_string(i));
      begin();
      EXPECT_TRUE(is_killed_in([&] {
        const WatchedCalls watch(die_at(i, written));
        save();
      }));
      EXPECT_GE(step_that_loads(), 1);
      expect_next_save_cleans_up();
    }
}

TEST_F(CheckpointFaults, LostPowerAtAnyCallLeavesTheOldOneOrTheNewOne) {
  const std::string old_name = fs::path(folder().path_of(1)).filename();
  const std::string new_name = fs::path(folder().path_of(2)).filename();
  calls_of_a_save();
  const std::string new_bytes = text_of(new_name);
  for (const size_t bytes_at_once : {1000000, 300}) {
    begin();
    const std::string old_bytes = text_of(old_name);
    SimulatedDisk disk(folder_, {{old_name, {old_bytes, 0644}}});
    const auto survives = [&](const std::string& name, const std::string& bytes) {
      bool survives = true;
      disk.each_state(name, [&](const auto& file) { survives &= file && file->bytes == bytes; });
      return survives;
    };
    size_t calls = 0;
    {
      const auto shorten = [&](Call& call) {
        call.bytes = call.bytes.substr(0, bytes_at_once);
        return std::optional<int>();
      };
      const WatchedCalls watch(shorten, [&](const Call& call, long result) {
        ++calls;
        disk.see(call, result);
        EXPECT_TRUE(survives(old_name, old_bytes) || survives(new_name, new_bytes))
            << call.name << ", call " << calls;
      });
      save();
    }
    EXPECT_TRUE(survives(new_name, new_bytes));
    EXPECT_FALSE(survives(old_name, old_bytes));
  }
}

}  // namespace
}  // namespace rill::testing
