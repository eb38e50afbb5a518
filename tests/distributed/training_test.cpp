#include <rill/core/detail/system_memory.h>
#include <rill/core/io/checkpoint_folder.h>
#include <rill/core/ops.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include "ranks_paths.h"
#include "run_ranks.h"
#include "tests/support/expect.h"

// tiny_transformer on ranks.

namespace rill::testing {
namespace {

namespace fs = std::filesystem;

class Training : public ::testing::Test {
 protected:
  void SetUp() override {
    RILL_WANT_RANKS();
    if (!fs::exists(RILL_TINY_TRANSFORMER)) GTEST_SKIP() << "tiny_transformer was not built";
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    std::ofstream text(folder_ + "/text");
    for (int i = 0; i < 400; ++i) text << (i % 3 ? "a dog ran.\n" : "the cat sat. ");
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string out(const std::string& name) const { return folder_ + "/" + name; }
  std::string command(const std::string& name, const std::string& flags) const {
    return RILL_TINY_TRANSFORMER " --text " + folder_ + "/text --out-dir " + out(name) +
           " --block-size 8 --batch-size 2 --gradient-accumulation-steps 5 --n-layer 1 --n-head 2 "
           "--n-embd 16 --dropout 0.1 --warmup-iters 5 --lr-decay-iters 60 --eval-interval 20 "
           "--eval-iters 3 --num-samples 0 " +
           flags;
  }
  void train(int ranks, const std::string& name, const std::string& flags) const {
    const RanksOutcome outcome = run_on_ranks(ranks, command(name, flags));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.said;
  }

  /// metrics.csv without its last column, which is a time.
  std::string log_of(const std::string& name) const {
    std::ifstream lines(out(name) + "/metrics.csv");
    std::string log;
    for (std::string line; std::getline(lines, line);)
      log += line.substr(0, line.rfind(',')) + "\n";
    return log;
  }
  void expect_same(const std::string& a, const std::string& b) const {
    EXPECT_EQ(log_of(a), log_of(b));
    const auto x = CheckpointFolder(out(a)).load_newest();
    const auto y = CheckpointFolder(out(b)).load_newest();
    ASSERT_TRUE(x && y);
    EXPECT_EQ(x->step, y->step);
    for (const char* part : {"model", "optimizer", "scheduler", "batches", "dropout"})
      for (const NamedTensor& each : (*x)[part])
        EXPECT_TRUE(equal(each.tensor, (*y)[part][each.name])) << part << "." << each.name;
  }

  const std::string folder_ =
      ::testing::TempDir() + "rill-training-on-ranks-" + std::to_string(getpid());
};

// Under the sanitizers each of these trainings takes half a minute: one of a kind will do.
template <class T>
std::vector<T> tried(std::vector<T> all) {
  if (rill::detail::is_sanitized) all.resize(1);
  return all;
}

TEST_F(Training, GivesTheSameBitsOnAnyNumberOfRanks) {
  train(1, "one", "--max-iters 60");
  for (const int ranks : tried<int>({3, 2, 4})) {
    train(ranks, std::to_string(ranks), "--max-iters 60");
    expect_same("one", std::to_string(ranks));
  }
}

TEST_F(Training, GoesOnFrom2RanksOn3) {
  train(1, "one", "--max-iters 60");
  for (const auto& stop : tried<std::string>({"30", "40"})) {  // between evaluations, and at one
    train(2, "stopped" + stop, "--max-iters " + stop);
    train(3, "stopped" + stop, "--max-iters 60 --resume");
    expect_same("one", "stopped" + stop);
  }
}

TEST_F(Training, EachFieldThatRanksDoNotShareIsNamedAtTheStart) {
  const std::string other = "${OMPI_COMM_WORLD_RANK:-$PMI_RANK}";
  const std::string line =
      command("out", "--max-iters 60 --n-embd $((16 + 2 * " + other + ")) --seed " + other);
  const RanksOutcome outcome = run_on_ranks(2, "sh -c '" + line + "'");
  EXPECT_NE(outcome.exit_code, 0);
  for (const char* said :
       {"the ranks disagree on", "n-embd (16 on rank 0, 18 on rank 1)",
        "seed (0 on rank 0, 1 on rank 1)", "weights (", "tiny_transformer, rank "})
    EXPECT_NE(outcome.said.find(said), std::string::npos) << outcome.said;
  EXPECT_EQ(outcome.said.find("tiny_transformer: "), std::string::npos) << outcome.said;
}

/// One of two ranks gets SIGTERM; what both say, and their shells of how they ended.
std::string said_where_stopped(const std::string& rank, const std::string& command,
                               const std::string& log) {
  return run_on_ranks(2, "sh -c '" + command +
                             " & pid=$!; "
                             "if [ ${OMPI_COMM_WORLD_RANK:-$PMI_RANK} = " +
                             rank + " ]; then while ! [ -s " + log +
                             " ]; do sleep 0.1; done; kill -TERM $pid; fi; "
                             "wait $pid; echo a rank ended with $?.'")
      .said;
}

TEST_F(Training, StopsOnAllRanksWhereOneGetsASignalAndSaysWhich) {
  for (const auto& [rank, said] : {std::pair("0", "SIGTERM: stopped after step "),
                                   {"1", "SIGTERM on rank 1: stopped after"}}) {
    const std::string name = std::string("stopped") + rank;
    const std::string all = said_where_stopped(rank, command(name, "--max-iters 100000000"),
                                               out(name) + "/metrics.csv");
    EXPECT_NE(all.find(said), std::string::npos) << all;
    EXPECT_EQ(all.find("SIGTERM"), all.rfind("SIGTERM")) << all;
    const size_t ended = all.find("a rank ended with 143.");
    EXPECT_NE(ended, std::string::npos) << all;
    EXPECT_NE(all.find("a rank ended with 143.", ended + 1), std::string::npos) << all;
    EXPECT_TRUE(CheckpointFolder(out(name)).load_newest()) << all;
  }
}

TEST_F(Training, RefusesARankWithoutWork) {
  const RanksOutcome outcome = run_on_ranks(2, command("out", "--gradient-accumulation-steps 1"));
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_NE(outcome.said.find("give at least 2"), std::string::npos) << outcome.said;
}

}  // namespace
}  // namespace rill::testing
