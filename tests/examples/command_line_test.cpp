#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include <spdlog/spdlog.h>

#include "examples/support/command_line.h"
#include "examples/support/out_folder.h"
#include "run_program.h"

// What all examples have in common.

namespace rill::testing {
namespace {

/// Each example with flags, in a run of seconds that leaves its files in `folder`.
std::vector<std::string> small_runs(const std::string& folder) {
  const std::string text = temporary_folder() + "/text";
  std::string words;
  for (int i = 0; i < 200; ++i) words += i % 3 == 0 ? "the cat sat. " : "a dog ran.\n";
  write_file(text, words);
  const std::string to = " --out-dir '" + folder + "' ";
  const std::string size = " --n-layer 1 --n-head 2 --n-embd 16 ";
  return {
      "tiny_transformer --block-size 8 --batch-size 2 --max-iters 2 --warmup-iters 1 "
      "--eval-iters 1 --num-samples 1 --max-new-tokens 5 --text " +
          text + to + size,
      "encoding_league --positions none --seeds 1 --block-size 8 --max-iters 2 --text " + text +
          to + size,
      "learned_positions --block-size 8 --max-iters 2 --text " + text + to,
      "length_generalisation --positions none --steps 2 --batch-size 2 --examples 2" + to + size,
      "word_order --seeds 1 --steps 1" + to,
      "02_gradient" + to,
      "04_two_moons" + to,
      "walk_through --length 8 --dim 4" + to};
}

void expect_one_line(const std::string& errors) {
  EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), 1) << errors;
}

/// What is read from these flags, --whole from 0 to 100, --real from 0 to 1, --positions.
struct Flags {
  int64_t whole = 7;
  double real = 0.5;
  std::vector<nn::Position> positions;
};

int exit_code_of(std::vector<const char*> words, Flags& flags) {
  examples::CommandLine line("test", "");
  examples::add_number(line.app(), "--whole", flags.whole, 0, 100, "");
  examples::add_number(line.app(), "--real", flags.real, 0, 1, "");
  examples::add_positions(line.app(), flags.positions);
  words.insert(words.begin(), "test");
  spdlog::drop("test");
  ::testing::internal::CaptureStderr();
  const int code = line.main(static_cast<int>(words.size()), words.data(), [] {});
  const std::string errors = ::testing::internal::GetCapturedStderr();
  if (code != 0) expect_one_line(errors);
  return code;
}

}  // namespace

TEST(CommandLine, ReadsWholeNumbersInDecimal) {
  Flags flags;
  EXPECT_EQ(exit_code_of({}, flags), 0);
  EXPECT_EQ(flags.whole, 7);
  for (const auto& [text, value] : {std::pair{"010", 10}, {"08", 8}, {"0", 0}, {"100", 100}}) {
    EXPECT_EQ(exit_code_of({"--whole", text}, flags), 0) << text;
    EXPECT_EQ(flags.whole, value);
  }
  for (const char* text :
       {"1e1", "0x10", "101", "-1", "1.0", "1 ", "", "x", "99999999999999999999"})
    EXPECT_EQ(exit_code_of({"--whole", text}, flags), 2) << text;
}

TEST(CommandLine, ReadsNumbersWhole) {
  Flags flags;
  for (const auto& [text, value] :
       {std::pair{"1e-3", 0.001}, {"0", 0.0}, {"01", 1.0}, {".5", 0.5}}) {
    EXPECT_EQ(exit_code_of({"--real", text}, flags), 0) << text;
    EXPECT_EQ(flags.real, value);
  }
  for (const char* text : {"nan", "inf", "1.1", "-0.1", "0,5", "0.5x", "", "0x1"})
    EXPECT_EQ(exit_code_of({"--real", text}, flags), 2) << text;
}

TEST(CommandLine, TakesEncodingsByTheirNamesAlone) {
  Flags flags;
  EXPECT_EQ(exit_code_of({"--positions", "t5,none"}, flags), 0);
  EXPECT_EQ(flags.positions, (std::vector{nn::Position::t5, nn::Position::none}));
  for (const char* text : {"6", "t5,6", "sideways", "t5,t5", ""})
    EXPECT_EQ(exit_code_of({"--positions", text}, flags), 2) << text;
  const Outcome run = run_example("encoding_league --positions sideways");
  EXPECT_EQ(
      run.errors.rfind("encoding_league: --positions: 'sideways' is none of none, sinusoidal, ", 0),
      0u)
      << run.errors;
}

TEST(Examples, AFullDiskBehindStandardOutputIsAFailure) {
  const std::string folder = temporary_folder();
  std::vector<std::string> runs = small_runs(folder);
  runs.insert(runs.end(), {"00_backward", "01_tensor", "02_gradient --out-dir " + folder,
                           "05_own_op", "tiny_transformer --help"});
  for (const std::string& run : runs) {
    const Outcome full = run_example(run, "", ">/dev/full");
    EXPECT_EQ(full.exit_code, 1) << run;
    EXPECT_NE(full.errors.find("cannot write to standard output"), std::string::npos) << run;
  }
}

TEST(Examples, AFolderThatCannotBeWrittenToIsRefusedBeforeTheTraining) {
  for (const std::string& run : small_runs("/proc/self")) {  // not even root writes there
    const Outcome refused = run_example(run);
    EXPECT_EQ(refused.exit_code, 1) << run;
    expect_one_line(refused.errors);
    EXPECT_NE(refused.errors.find("/proc/self"), std::string::npos) << refused.errors;
    EXPECT_NE(refused.errors.find("--out-dir"), std::string::npos) << refused.errors;
  }
}

TEST(Examples, AFolderWithoutANameIsAWrongCall) {
  for (const std::string& run : small_runs("")) {
    const Outcome refused = run_example(run);
    EXPECT_EQ(refused.exit_code, 2) << run;
    EXPECT_EQ(refused.output, "");
    expect_one_line(refused.errors);
  }
}

TEST(Examples, ASecondRunInTheSameFolderIsRefused) {
  const std::string folder = temporary_folder();
  write_file(folder + "/metrics.csv", "the first run's");
  {
    const examples::OutFolder first(folder);
    for (const std::string& run : small_runs(folder)) {
      const Outcome refused = run_example(run);
      EXPECT_EQ(refused.exit_code, 1) << run;
      expect_one_line(refused.errors);
      EXPECT_NE(refused.errors.find("another run writes to"), std::string::npos) << refused.errors;
    }
    EXPECT_EQ(read_file(folder + "/metrics.csv"), "the first run's");
  }
  EXPECT_EQ(run_example(small_runs(folder)[0]).exit_code, 0);
  EXPECT_NE(read_file(folder + "/metrics.csv"), "the first run's");
}

// A run that was killed between would leave the file by which it tried whether it can write.
TEST(CommandLine, TryingToWriteMakesNoNameInTheFolder) {
#if defined(O_TMPFILE)
  const std::string folder = temporary_folder();
  const int nameless = open(folder.c_str(), O_TMPFILE | O_WRONLY, 0600);
  if (nameless < 0) GTEST_SKIP() << "this file system knows no files without a name";
  close(nameless);
  const auto before = std::filesystem::last_write_time(folder) - std::chrono::hours(1);
  std::filesystem::last_write_time(folder, before);
  const examples::OutFolder out(folder);
  EXPECT_TRUE(std::filesystem::last_write_time(folder) == before);
#else
  GTEST_SKIP() << "this system knows no files without a name";
#endif
}

}  // namespace rill::testing
