#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <sstream>

#include <rill/core/detail/system_memory.h>

#include "run_program.h"
#include "tests/support/browser.h"
#include "tiny_text.h"

namespace tiny_transformer {
namespace {

using rill::testing::Outcome;
using rill::testing::read_file;
using rill::testing::run_example;
using rill::testing::signal_example;
using rill::testing::small_run;
using rill::testing::some_text;
using rill::testing::temporary_folder;
using rill::testing::write_file;

/// The loss columns of metrics.csv.
std::string losses(const std::string& folder) {
  std::istringstream lines(read_file(folder + "/out/metrics.csv"));
  std::string columns;
  for (std::string line; std::getline(lines, line);) {
    const size_t end = line.find(',', line.find(',', line.find(',') + 1) + 1);
    columns += line.substr(0, end) + "\n";
  }
  return columns;
}

TEST(TinyTransformer, TrainsWritesAndSaysWhatItGained) {
  const std::string folder = temporary_folder();
  const Outcome run = run_example(small_run(folder));
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  const size_t baselines_at = run.output.find("bigram");
  const size_t loss_at = run.output.rfind("\nval_loss ");
  ASSERT_NE(baselines_at, std::string::npos);
  ASSERT_NE(loss_at, std::string::npos) << run.output;
  EXPECT_LT(baselines_at, loss_at);
  EXPECT_NE(run.output.find("gained over uniform"), std::string::npos);
  const double loss = std::stod(run.output.substr(loss_at + 10));
  EXPECT_GT(loss, 1);
  EXPECT_LT(loss, std::log(17));  // below uniform: it has learned something
  EXPECT_EQ(read_file(folder + "/out/metrics.csv").substr(0, 52),
            "step,train_loss,val_loss,lr,grad_norm,tokens_per_s\n0");
}

TEST(TinyTransformer, TellsNoGradientAndNoSpeedBeforeTheFirstStep) {
  const std::string folder = temporary_folder();
  const Outcome run = run_example(small_run(folder));

  const std::string csv = read_file(folder + "/out/metrics.csv");
  EXPECT_TRUE(std::regex_search(csv, std::regex("\n0,[^,]+,[^,]+,[^,]+,,\n"))) << csv;
  EXPECT_TRUE(std::regex_search(run.errors, std::regex("step +0  [^\n|]+\n"))) << run.errors;
  EXPECT_NE(run.errors.find("|grad|"), std::string::npos) << run.errors;
}

TEST(TinyTransformer, EachTokenizerTrainsAndTellsBitsAByteBeforeTheLoss) {
  if (rill::detail::is_sanitized) GTEST_SKIP() << "trainings take minutes under the sanitizers";
  const std::regex last(
      "nats a token\nval_bits_per_byte ([0-9]\\.[0-9]{4})\nval_loss ([0-9]\\.[0-9]{4})\n$");
  for (const char* tokenizer : {"bytes", "chars", "bpe --vocab-size 300"}) {
    const std::string folder = temporary_folder();
    const Outcome run =
        run_example(small_run(folder) + " --prompt 'the d' --tokenizer " + tokenizer);
    EXPECT_EQ(run.exit_code, 0) << run.errors;
    std::smatch found;
    ASSERT_TRUE(std::regex_search(run.output, found, last)) << run.output;
    const double bits = std::stod(found[1]), nats = std::stod(found[2]);
    if (tokenizer[0] != 'b' || tokenizer[1] != 'p')  // a letter is a byte, and a token
      EXPECT_NEAR(bits, nats / std::log(2), 2e-4) << tokenizer;
    else
      EXPECT_LT(bits, 0.8 * nats / std::log(2)) << tokenizer;
    EXPECT_NE(run.output.find("---------------\nthe d"), std::string::npos) << run.output;
  }
}

TEST(TinyTransformer, BytePairsContinueAPromptThatTheTextLacks) {
  const std::string flags = small_run(temporary_folder()) + " --prompt 'Qé!'";
  EXPECT_EQ(run_example(flags + " --tokenizer bpe").exit_code, 0);
  const Outcome refused = run_example(flags + " --tokenizer chars");
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.errors.find("--prompt: cannot encode 'Q' (U+0051)"), std::string::npos)
      << refused.errors;
}

TEST(TinyTransformer, TellsBeforeTheFirstStepWhetherPartsOfItsInputDrown) {
  const std::string flags = small_run(temporary_folder()) + " --position sinusoidal --n-embd 64";
  const Outcome scaled = run_example(flags);
  EXPECT_NE(scaled.output.find("rms of the position part of the input 0.7071"), std::string::npos);
  EXPECT_NE(scaled.output.find("entropy of blocks.0.attn"), std::string::npos) << scaled.output;
  EXPECT_EQ(scaled.errors.find("drowns"), std::string::npos) << scaled.errors;
  const Outcome naive = run_example(flags + " --embedding-scale 1");
  EXPECT_LT(naive.errors.find("drowns the token part"), naive.errors.find("step ")) << naive.errors;
}

TEST(TinyTransformer, WatchesTheGradientsOfEachParameter) {
  if (!rill::testing::has_browser()) GTEST_SKIP() << rill::testing::no_browser;
  const std::string folder = temporary_folder();
  const Outcome run = run_example(small_run(folder) + " --watch");
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_NE(run.errors.find("gradients.html shows how its gradients fared"), std::string::npos)
      << run.errors;
  EXPECT_EQ(run.errors.find("warning"), std::string::npos) << run.errors;
  const std::string page = read_file(folder + "/out/gradients.html");
  EXPECT_NE(page.find("over 20 steps. Nothing was to be warned of."), std::string::npos);
  for (const char* shown :
       {"blocks.0.attn.in_proj_weight", "blocks.0.attn, head 0", "What is added to each position"})
    EXPECT_NE(page.find(shown), std::string::npos) << shown;
  EXPECT_NE(run.output.find("gradients of the last step: all "), std::string::npos) << run.output;
  for (const char* step : {"first", "last"})
    EXPECT_NE(read_file(folder + "/out/flow_" + step + ".html").find("blocks.0.attn"),
              std::string::npos);
  const std::string plain = losses(folder);
  EXPECT_EQ(run_example(small_run(folder)).exit_code, 0);
  EXPECT_EQ(losses(folder), plain) << "watching has changed the training";
}

TEST(TinyTransformer, AReportThatCannotBeWrittenIsAFailureButDoesNotUndoTheTraining) {
  const std::string folder = temporary_folder();
  std::filesystem::create_directories(folder + "/out/report.html");
  const Outcome run = run_example(small_run(folder));
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.output.find("\nval_loss "), std::string::npos);
  EXPECT_NE(run.errors.find("/out/report.html: it is no regular file\n"), std::string::npos)
      << run.errors;
}

TEST(TinyTransformer, ARefusedRunLeavesWhatAnEarlierOneWrote) {
  for (const char* refused : {"--prompt Q", "--block-size 60000", "--num-samples x"}) {
    const std::string folder = temporary_folder();
    std::filesystem::create_directories(folder + "/out");
    write_file(folder + "/out/metrics.csv", "earlier");
    EXPECT_EQ(run_example(small_run(folder) + " " + refused).exit_code, 2) << refused;
    EXPECT_EQ(read_file(folder + "/out/metrics.csv"), "earlier") << refused;
  }
  const std::string folder = temporary_folder();
  std::filesystem::create_directories(folder + "/out");
  write_file(folder + "/out/metrics.csv", "earlier");
  // Found out where the model is made.
  EXPECT_EQ(run_example(small_run(folder), "OMP_NUM_THREADS=many").exit_code, 1);
  EXPECT_EQ(read_file(folder + "/out/metrics.csv"), "earlier");
}

TEST(TinyTransformer, ASecondSignalEndsItAtOnce) {
  const Outcome run = signal_example(small_run(temporary_folder()) +
                                         " --max-iters 1000000000 --lr-decay-iters 1000000000"
                                         " --eval-interval 1000000000 --max-new-tokens 1000000",
                                     {{"step     0", SIGINT}, {"stopped after step", SIGTERM}});
  EXPECT_EQ(run.exit_code, 128 + SIGTERM) << run.output;
  EXPECT_EQ(run.output.find("val_loss"), std::string::npos) << run.output;
}

TEST(TinyTransformer, ASignalEndsTheTrainingWithSamplesAndAReport) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const std::string folder = temporary_folder();
    const Outcome run = signal_example(small_run(folder) +
                                           " --max-iters 1000000000 --lr-decay-iters 1000000000"
                                           " --eval-interval 1000000000",
                                       {{"step     0", signal}});
    EXPECT_EQ(run.exit_code, 128 + signal) << run.output;
    std::smatch stopped;
    ASSERT_TRUE(std::regex_search(
        run.output, stopped, std::regex("SIG[A-Z]+: stopped after step ([0-9]+) of 1000000000")))
        << run.output;
    EXPECT_NE(run.output.find("\nval_loss "), std::string::npos) << run.output;
    const std::string step = stopped[1];
    const std::string csv = read_file(folder + "/out/metrics.csv");
    EXPECT_NE(csv.find('\n' + step + ','), std::string::npos) << csv;
    const std::string report = read_file(folder + "/out/report.html");
    EXPECT_NE(report.find("learned from " + step + " steps"), std::string::npos);
    EXPECT_NE(report.find("What it wrote"), std::string::npos);
  }
}

TEST(TinyTransformer, ATextWithoutALineFeedIsContinuedFromItsFirstByte) {
  const std::string folder = temporary_folder();
  std::string text = "x";
  for (int i = 0; i < 200; ++i) text += " and so on";
  const Outcome run = run_example(small_run(folder, text));
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_NE(run.output.find("---------------\nx"), std::string::npos) << run.output;
  EXPECT_EQ(run_example(small_run(folder, text) + " --prompt '\n'").exit_code, 2);
}

TEST(TinyTransformer, AFileGetsNoControlCodes) {
  const Outcome run = run_example(small_run(temporary_folder()));
  EXPECT_EQ(run.errors.find('\033'), std::string::npos);
  EXPECT_EQ(run.errors.find('\r'), std::string::npos);
  EXPECT_NE(run.errors.find("step    10"), std::string::npos) << run.errors;
}

TEST(TinyTransformer, TellsHowManyOfItsWordsAreNew) {
  if (!std::filesystem::exists("/usr/share/dict/words")) GTEST_SKIP() << "no dictionary";
  const Outcome run = run_example(
      "tiny_transformer --out-dir " + temporary_folder() +
      "/out --block-size 8 --n-layer 1 --n-head 1 --n-embd 8 --max-iters 5 --eval-iters 1");
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  const std::regex shares(
      "of [0-9]+ words, [0-9.]+ % are in the dictionary \\([0-9.]+ % were never "
      "shown to it\\) and [0-9.]+ % are new");
  EXPECT_TRUE(std::regex_search(run.output, shares)) << run.output;
}

TEST(TinyTransformer, LossesAreTheSameBitsForAnyNumberOfThreadsAndAnyRun) {
  if (rill::detail::is_sanitized) GTEST_SKIP() << "trainings take minutes under the sanitizers";
  std::string expected;
  for (const char* threads : {"1", "2", "3", "4", "8", "2"}) {
    const std::string folder = temporary_folder();
    const Outcome run = run_example(small_run(folder) + " --n-embd=64 --dropout 0.1",
                                    std::string("OMP_NUM_THREADS=") + threads);
    ASSERT_EQ(run.exit_code, 0) << run.errors;
    if (expected.empty()) expected = losses(folder);
    EXPECT_EQ(losses(folder), expected) << threads << " threads";
  }
  EXPECT_EQ(std::count(expected.begin(), expected.end(), '\n'), 4);
}

TEST(TinyTransformer, EachPositionTrains) {
  for (const char* position : {"sinusoidal", "learned", "none"}) {
    const Outcome run = run_example(small_run(temporary_folder()) + " --position " + position);
    EXPECT_EQ(run.exit_code, 0) << position << ": " << run.errors;
  }
}

TEST(TinyTransformer, UnderscoresAreAcceptedInFlagsAndTheLastOfTwoCounts) {
  const std::string folder = temporary_folder();
  const Outcome run =
      run_example(small_run(folder) + " --grad_clip=0.5 --max_iters 5 --eval_interval 5");
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_EQ(losses(folder).substr(losses(folder).find('\n') + 1, 2), "0,");
  EXPECT_NE(losses(folder).find("\n5,"), std::string::npos);
}

TEST(TinyTransformer, HelpNamesDefaults) {
  const Outcome run = run_example("tiny_transformer --help");
  EXPECT_EQ(run.exit_code, 0);
  for (const char* part : {"--batch-size", "12", "--position", "learned", "--top-k", "200"})
    EXPECT_NE(run.output.find(part), std::string::npos) << part;
}

TEST(TinyTransformer, AWrongCallIsOneLineExitTwoAndNothingWritten) {
  for (const char* flags : {"--nonsense",
                            "--max-iters 3x",
                            "--max-iters 99999999999",
                            "--max-iters",
                            "--n-head 3",
                            "--learning-rate nan",
                            "--learning-rate -1",
                            "--learning-rate inf",
                            "--beta2 1",
                            "--temperature -1",
                            "--temperature nan",
                            "--dropout 1.5",
                            "--position sideways",
                            "--text /no/such/file",
                            "--vocab-size 300",
                            "--tokenizer bpe --vocab-size 255",
                            "--tokenizer chars --vocab-size 300",
                            "--tokenizer words",
                            "--top-k 0",
                            "--prompt Q",
                            "--block-size 100000"}) {
    const std::string folder = temporary_folder();
    const Outcome run = run_example(small_run(folder) + " " + flags);
    EXPECT_EQ(run.exit_code, 2) << flags << ": " << run.errors;
    EXPECT_EQ(std::count(run.errors.begin(), run.errors.end(), '\n'), 1) << run.errors;
    EXPECT_FALSE(std::filesystem::exists(folder + "/out")) << flags;
  }
}

TEST(TinyTransformer, AnEmptyOrShortTextIsNamed) {
  const std::string folder = temporary_folder();
  const Outcome empty = run_example(small_run(folder, ""));
  EXPECT_EQ(empty.exit_code, 2);
  EXPECT_NE(empty.errors.find("0 tokens"), std::string::npos) << empty.errors;
  EXPECT_NE(empty.errors.find("16"), std::string::npos) << empty.errors;
  const Outcome shorter = run_example(small_run(folder, "abcdefghij"));
  EXPECT_EQ(shorter.exit_code, 2);
  EXPECT_NE(shorter.errors.find("16"), std::string::npos) << shorter.errors;
}

TEST(TinyTransformer, AnOutputFolderThatIsAFileFailsBeforeTheFirstStep) {
  const std::string folder = temporary_folder();
  write_file(folder + "/out", "a file");
  const Outcome run = run_example(small_run(folder));
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.errors.find("--out-dir"), std::string::npos) << run.errors;
  EXPECT_EQ(run.errors.find("step"), std::string::npos);
}

TEST(TinyTransformer, AnExplodingLossStopsAndSaysAtWhichStep) {
  const Outcome run = run_example(small_run(temporary_folder()) +
                                  " --learning-rate 1e30 --min-lr 1e30 --grad-clip 0");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.errors.find("step"), std::string::npos);
  EXPECT_NE(run.errors.find("the weights are as before this step"), std::string::npos)
      << run.errors;
}

TEST(TinyTransformer, AnExplodingLossCanBeSkipped) {
  const Outcome run = run_example(
      small_run(temporary_folder()) +
      " --learning-rate 1e30 --min-lr 1e30 --grad-clip 0 --on-nonfinite skip --num-samples 0");
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_NE(run.errors.find("skipped"), std::string::npos);
}

TEST(TinyTransformer, WrongThreadSettingsAreNamed) {
  for (const char* threads : {"0", "-1", "many"}) {
    const Outcome run =
        run_example(small_run(temporary_folder()), std::string("OMP_NUM_THREADS=") + threads);
    EXPECT_NE(run.exit_code, 0) << threads;
    EXPECT_NE(run.errors.find("OMP_NUM_THREADS"), std::string::npos) << run.errors;
  }
}

TEST(TinyTransformer, GoesOnWhenStandardOutputIsClosed) {
  const std::string folder = temporary_folder();
  const Outcome run = run_example(small_run(folder), {}, ">&- 2>&-");
  EXPECT_EQ(run.exit_code, 0);
  const std::string csv = read_file(folder + "/out/metrics.csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 4) << csv;
}

}  // namespace
}  // namespace tiny_transformer
