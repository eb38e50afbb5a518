#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <set>

#include <rill/core/io/checkpoint_folder.h>
#include <rill/core/ops.h>

#include "tests/core/watched_calls.h"
#include "tests/support/expect.h"
#include "tests/support/own_folder.h"

namespace rill::testing {
namespace {

class CheckpointsInAFolder : public OwnFolder {
 protected:
  CheckpointFolder folder(int64_t keep = 2) const {
    return CheckpointFolder(folder_, {.keep = keep});
  }
  static Checkpoint at(int64_t step, std::optional<double> loss = {}) {
    return Checkpoint{.step = step, .loss = loss}.add("model", {{"weight", ones({4})}});
  }
  std::vector<std::string> names() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_)) names.insert(entry.path().filename());
    return {names.begin(), names.end()};
  }
  void damage(int64_t step) const {
    const std::string name = fs::path(folder().path_of(step)).filename();
    std::string bytes = text_of(name);
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
};

TEST_F(CheckpointsInAFolder, KeepsTheLastOnesAndTheBest) {
  const double losses[] = {3, 1, 2, 5, 4, 6};
  for (int64_t i = 0; i < 6; ++i) folder().save(at(100 * (i + 1), losses[i]));
  EXPECT_EQ(names(), (std::vector<std::string>{"checkpoint-000200.safetensors",
                                               "checkpoint-000500.safetensors",
                                               "checkpoint-000600.safetensors"}));
  EXPECT_EQ(folder().best_path(), path("checkpoint-000200.safetensors"));
  EXPECT_EQ(folder().load_newest()->step, 600);
  EXPECT_EQ(folder().load_best()->step, 200);
}

TEST_F(CheckpointsInAFolder, OfEqualLossesTheEarliestIsTheBestAndNanOrNoneIsNever) {
  folder(1).save(at(1, std::nan("")));
  folder(1).save(at(2));
  EXPECT_EQ(folder().best_path(), std::nullopt);
  EXPECT_FALSE(folder().load_best().has_value());
  for (int64_t step = 3; step < 6; ++step) folder(1).save(at(step, 2.5));
  folder(1).save(at(6, -INFINITY));
  EXPECT_EQ(folder().paths(), (std::vector<std::string>{folder().path_of(6)}));
  folder(1).save(at(7, 2.5));
  EXPECT_EQ(folder().best_path(), folder().path_of(6));
  folder(3).save(at(8, 2.5));
  EXPECT_EQ(folder().paths().size(), 3u);
}

TEST_F(CheckpointsInAFolder, SortsByTheNumberAlsoBeyondSixDigits) {
  for (const int64_t step : {0, 999999, 1000000, 20000000}) folder(9).save(at(step));
  EXPECT_EQ(folder().paths(),
            (std::vector<std::string>{
                path("checkpoint-000000.safetensors"), path("checkpoint-999999.safetensors"),
                path("checkpoint-1000000.safetensors"), path("checkpoint-20000000.safetensors")}));
  EXPECT_EQ(folder().load_newest()->step, 20000000);
}

TEST_F(CheckpointsInAFolder, ThoseOfLaterStepsGoOnceTheTrainingWasSetBack) {
  for (const int64_t step : {100, 200, 300, 400}) folder(9).save(at(step, 1.0 / double(step)));
  folder(9).save(at(250, 1));
  EXPECT_EQ(folder().paths(),
            (std::vector<std::string>{folder().path_of(100), folder().path_of(200),
                                      folder().path_of(250)}));
}

TEST_F(CheckpointsInAFolder, KeepOnlyRemovesAllOthersAndNothingElse) {
  for (const int64_t step : {100, 200, 300}) folder(9).save(at(step));
  for (const char* other :
       {"checkpoint-1.safetensors", "checkpoint-0000100.safetensors", "checkpoint-.safetensors",
        "checkpoint--00001.safetensors", "checkpoint-000100.safetensors.old",
        "xcheckpoint-000100.safetensors", "checkpoint-00010x.safetensors"})
    std::ofstream(folder_ / other) << "precious";
  folder().keep_only(200);
  EXPECT_EQ(folder().paths(), (std::vector<std::string>{folder().path_of(200)}));
  EXPECT_EQ(file_count(), 8);
}

TEST_F(CheckpointsInAFolder, WithoutAnyLoadsNothing) {
  EXPECT_FALSE(folder().load_newest());
  EXPECT_FALSE(CheckpointFolder(path("none")).load_newest());
  EXPECT_FALSE(fs::exists(folder_ / "none"));
  CheckpointFolder(path("some/deep")).save(at(5));
  EXPECT_EQ(CheckpointFolder(path("some/deep")).load_newest()->step, 5);
}

TEST_F(CheckpointsInAFolder, OfAFolderThatCannotBeReadAreNotTakenForNone) {
  folder().save(at(100));
  for (const auto& fault : {std::pair("opendir", EACCES), std::pair("readdir", EIO)}) {
    const int error = fault.second;
    const WatchedCalls watch([&](Call& each) {
      return each.name == fault.first ? std::optional<int>(error) : std::nullopt;
    });
    expect_error<Error>([&] { (void)folder().load_newest(); },
                        {"cannot read the folder " + folder_.string(), std::strerror(error)});
    EXPECT_THROW((void)folder().best_path(), Error);
    EXPECT_EQ(folder(1).save(at(200)), folder().path_of(200));
  }
  EXPECT_EQ(folder().paths().size(), 2u);
  std::ofstream(folder_ / "file") << "no folder";
  EXPECT_THROW((void)CheckpointFolder(path("file")).load_newest(), Error);
}

TEST_F(CheckpointsInAFolder, ADamagedNewestIsNamedAndTheOneBeforeOffered) {
  for (const int64_t step : {100, 200, 300, 400}) folder(9).save(at(step));
  damage(400);
  expect_error<Error>([&] { (void)folder().load_newest(); },
                      {folder().path_of(400) + ": its checksum is wrong",
                       folder().path_of(300) + " before it is whole"});
  damage(300);
  expect_error<Error>([&] { (void)folder().load_newest(); },
                      {folder().path_of(400) + ": its checksum is wrong",
                       folder().path_of(300) + ": its checksum is wrong",
                       folder().path_of(200) + " before it is whole"});
  damage(200);
  damage(100);
  expect_error<Error>([&] { (void)folder().load_newest(); },
                      {folder().path_of(100), "no other checkpoint is in"});
}

TEST_F(CheckpointsInAFolder, OneWhoseLossCannotBeReadStays) {
  folder(9).save(at(100, 1));
  std::ofstream(folder_ / "checkpoint-000050.safetensors") << "no file of tensors";
  folder(1).save(at(200, 2));
  EXPECT_EQ(folder().paths(), (std::vector<std::string>{folder().path_of(50), folder().path_of(100),
                                                        folder().path_of(200)}));
}

TEST_F(CheckpointsInAFolder, WhatCannotBeRemovedHindersNothing) {
  folder().save(at(100));
  {
    const WatchedCalls watch([](Call& call) {
      return call.name == "unlink" ? std::optional<int>(EACCES) : std::nullopt;
    });
    EXPECT_EQ(folder(1).save(at(200)), folder().path_of(200));
  }
  EXPECT_EQ(folder().paths().size(), 2u);
  folder(1).save(at(300));
  EXPECT_EQ(folder().paths().size(), 1u);
}

TEST_F(CheckpointsInAFolder, RefusesWhatCannotBe) {
  expect_error<ValueError>([&] { folder(0); }, {"keep must be 1 or more"});
  expect_error<ValueError>([] { CheckpointFolder(""); }, {"the path is empty"});
  expect_error<ValueError>([&] { folder().save(at(-1)); }, {"step must be 0 or more"});
  std::ofstream(folder_ / "file") << "no folder";
  expect_error<Error>([&] { CheckpointFolder(path("file")).save(at(1)); }, {path("file")});
}

}  // namespace
}  // namespace rill::testing
