#include <gtest/gtest.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <random>
#include <set>
#include <sstream>

#include <rill/core/detail/system_memory.h>
#include <rill/core/ops.h>
#include <rill/core/threads.h>
#include <CLI/CLI.hpp>

#include "examples/tiny_transformer/resume.h"
#include "examples/tiny_transformer/training.h"
#include "run_program.h"
#include "tiny_text.h"

// What tiny_transformer saves, and how it goes on from that.

namespace tiny_transformer {
namespace {

namespace fs = std::filesystem;
using rill::Checkpoint;
using rill::CheckpointFolder;
using rill::Tensor;
using rill::testing::Outcome;
using rill::testing::read_file;
using rill::testing::run_example;
using rill::testing::signal_example;
using rill::testing::some_text;
using rill::testing::temporary_folder;
using rill::testing::write_file;

/// metrics.csv without its last column, which is a time.
std::string log_of(const std::string& folder) {
  std::istringstream lines(read_file(folder + "/metrics.csv"));
  std::string columns;
  for (std::string line; std::getline(lines, line);)
    columns += line.substr(0, line.rfind(',')) + "\n";
  return columns;
}

// ---- the parts ----------------------------------------------------------------------------------

struct SmallTraining {
  SmallTraining() {
    options.text = temporary_folder() + "/text";
    write_file(options.text, some_text());
    corpus = corpus_of_text(options.text);
    options.dropout = 0.1;
    options.batch_size = 4;
    options.block_size = options.n_embd = 16;
    options.n_layer = options.eval_iters = 1;
    options.n_head = 2;
    options.max_iters = options.lr_decay_iters = 200;
    options.warmup_iters = 10;
    options.eval_interval = 30;
  }

  /// As the program does it.
  void run(const Options& given) const {
    rill::default_generator() = generator_for(Draws::weights, given);
    const rill::nn::LanguageModel model({.vocab_size = corpus.vocab_size(),
                                         .block_size = given.block_size,
                                         .n_layer = given.n_layer,
                                         .n_head = given.n_head,
                                         .n_embd = given.n_embd,
                                         .dropout = given.dropout});
    const Checkpoints checkpoints = checkpoints_of(given, corpus);
    fs::create_directories(given.out_dir);
    MetricsFile metrics(given.out_dir + "/metrics.csv");
    rill::World world;
    train(model, corpus, given, metrics, world, checkpoints);
  }

  Options options;
  Corpus corpus;
};

std::string bytes_of(const Tensor& tensor) {
  const auto bytes = static_cast<size_t>(tensor.numel()) * rill::size_of(tensor.dtype());
  return {static_cast<const char*>(tensor.raw_data()), bytes};
}

/// But for the speeds, which are a time.
void expect_same_bits(const Checkpoint& a, const Checkpoint& b) {
  ASSERT_EQ(a.parts.size(), b.parts.size());
  for (const auto& [name, state] : a.parts) {
    if (name == "metrics") continue;
    ASSERT_EQ(state.size(), b[name].size()) << name;
    for (const auto& [key, tensor] : state)
      EXPECT_TRUE(key == "tokens_per_s" || bytes_of(tensor) == bytes_of(b[name][key]))
          << name << " " << key;
  }
  const auto rows = [](const Checkpoint& c) {
    return bytes_of(c["metrics"]["rows"].narrow(1, 0, 5).contiguous());
  };
  EXPECT_EQ(rows(a), rows(b));
  EXPECT_EQ(a.step, b.step);
  EXPECT_EQ(a.loss, b.loss);
}

TEST(Resume, AfterAnyStepWithAnyThreadsGivesTheBitsOfATrainingThatNeverStopped) {
  const SmallTraining training;
  Options whole = training.options;
  whole.out_dir = temporary_folder();
  whole.checkpoint_interval = 7;
  whole.keep_checkpoints = 100;
  training.run(whole);
  const CheckpointFolder all(whole.out_dir);
  ASSERT_EQ(all.paths().size(), 29u);  // after 7, 14, ... 196 steps, and 200
  std::mt19937 random(1);
  for (const int threads : {1, 2, 3, 4, 8}) {
    const int64_t k = 7 * (1 + static_cast<int64_t>(random() % 28));
    SCOPED_TRACE(std::to_string(threads) + " threads after step " + std::to_string(k));
    Options rest = training.options;
    rest.out_dir = temporary_folder();
    rest.checkpoint_interval = 1000;
    rest.resume = all.path_of(k);
    const int before = rill::num_threads();
    rill::set_num_threads(threads);
    training.run(rest);
    rill::set_num_threads(before);
    EXPECT_EQ(log_of(rest.out_dir), log_of(whole.out_dir));
    expect_same_bits(*CheckpointFolder(rest.out_dir).load_newest(), *all.load_newest());
  }
}

TEST(Resume, CheckpointsChangeNothing) {
  const SmallTraining training;
  Options with = training.options, without = training.options;
  with.out_dir = temporary_folder();
  without.out_dir = temporary_folder();
  without.checkpoint_interval = 0;
  training.run(with);
  training.run(without);
  EXPECT_EQ(log_of(with.out_dir), log_of(without.out_dir));
  EXPECT_TRUE(CheckpointFolder(without.out_dir).paths().empty());
  EXPECT_FALSE(CheckpointFolder(with.out_dir).paths().empty());
}

TEST(Resume, BeyondTheEndGivesTheBitsOfALongerTraining) {
  const SmallTraining training;
  Options whole = training.options, first = training.options;
  whole.out_dir = temporary_folder();
  first.out_dir = temporary_folder();
  first.max_iters = 100;  // its last row, at step 100, is none that the longer one writes
  training.run(whole);
  training.run(first);
  Options rest = training.options;
  rest.out_dir = first.out_dir;
  rest.resume = "";
  training.run(rest);
  EXPECT_EQ(log_of(rest.out_dir), log_of(whole.out_dir));
  expect_same_bits(*CheckpointFolder(rest.out_dir).load_newest(),
                   *CheckpointFolder(whole.out_dir).load_newest());
  training.run(rest);  // at its end already
  EXPECT_EQ(log_of(rest.out_dir), log_of(whole.out_dir));
}

TEST(Resume, KeepsTheLastCheckpointsAndTheBestAndNothingOfAnEarlierRun) {
  const SmallTraining training;
  Options options = training.options;
  options.out_dir = temporary_folder();
  options.eval_interval = 20;
  const CheckpointFolder folder(options.out_dir);
  folder.save(Checkpoint{.step = 5, .loss = 0});
  folder.save(Checkpoint{.step = 700, .loss = 0});
  options.learning_rate = options.min_lr = 0;  // so that all have the same loss
  training.run(options);
  EXPECT_EQ(folder.paths(), (std::vector<std::string>{folder.path_of(20), folder.path_of(180),
                                                      folder.path_of(200)}));
}

/// Trains until a learning rate of `too_large`, from step 10 on, makes the loss NaN.
std::string refusal_of_explosion(const SmallTraining& training, Options options, double too_large) {
  options.warmup_iters = options.lr_decay_iters = 10;
  options.min_lr = too_large;
  options.grad_clip = 0;
  try {
    training.run(options);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "none";
}

TEST(Resume, ALossThatIsNanNamesTheExamplesAndKeepsTheLastGoodCheckpoint) {
  const SmallTraining training;
  Options options = training.options;
  options.out_dir = temporary_folder();
  options.eval_interval = 5;
  const std::string refusal = refusal_of_explosion(training, options, 1e30);
  ASSERT_EQ(refusal.rfind("step 11: ", 0), 0u) << refusal;
  rill::Generator generator = generator_for(Draws::batches, options);
  const auto last = static_cast<int64_t>(training.corpus.train.size()) - options.block_size;
  std::vector<int64_t> starts;
  for (int step = 0; step <= 11; ++step)
    starts = rill::randint(0, last, {options.batch_size}, generator).to_vector<int64_t>();
  for (const int64_t start : starts) {
    std::string text = some_text().substr(static_cast<size_t>(start), 16);
    for (size_t at; (at = text.find('\n')) != std::string::npos;) text.replace(at, 1, "\\n");
    const std::string expected = '"' + text + "\" from token " + std::to_string(start);
    EXPECT_NE(refusal.find(expected), std::string::npos) << expected << "\n" << refusal;
  }
  const CheckpointFolder folder(options.out_dir);
  EXPECT_NE(refusal.find(folder.path_of(10) + " is the last checkpoint"), std::string::npos)
      << refusal;
  EXPECT_EQ(folder.load_newest()->step, 10);
}

TEST(Resume, WeightsThatAreNotFiniteAreNotSaved) {
  const SmallTraining training;
  Options options = training.options;
  options.out_dir = temporary_folder();
  options.checkpoint_interval = 1;
  EXPECT_EQ(refusal_of_explosion(training, options, 1e300).rfind("step 11: ", 0), 0u);
  const std::optional<Checkpoint> newest = CheckpointFolder(options.out_dir).load_newest();
  EXPECT_EQ(newest->step, 10);
  for (const auto& [name, tensor] : (*newest)["model"])
    EXPECT_TRUE(rill::isfinite(tensor).all().item<bool>()) << name;
}

TEST(Resume, EveryFlagChangesTheConfigurationOrMayDiffer) {
  Options options;
  CLI::App app;
  add_flags(app, options);
  const SmallTraining training;
  std::set<std::string> decided{"--out-dir",          "--threads",
                                "--max-iters",        "--eval-interval",
                                "--on-nonfinite",     "--checkpoint-interval",
                                "--keep-checkpoints", "--resume",
                                "--temperature",      "--top-k",
                                "--prompt",           "--num-samples",
                                "--max-new-tokens",   "--watch"};
  for (const auto& [field, value] : configuration_of(training.options, training.corpus))
    EXPECT_TRUE(decided.insert("--" + field).second) << field;
  for (const auto& [flag, value] : settings_of(app)) EXPECT_EQ(decided.erase(flag), 1u) << flag;
  EXPECT_TRUE(decided.empty()) << *decided.begin();
}

// ---- the program --------------------------------------------------------------------------------

/// A run of seconds at most on a text in `folder`; what is left is in `folder`/out.
std::string small_run(const std::string& folder) {
  write_file(folder + "/text", some_text());
  return "tiny_transformer --text " + folder + "/text --out-dir " + folder +
         "/out --block-size 16 --batch-size 4 --n-layer 1 --n-head 2 --n-embd 16 --dropout 0.1 "
         "--max-iters 600 --warmup-iters 2 --lr-decay-iters 600 --eval-interval 20 --eval-iters 1 "
         "--num-samples 1 --max-new-tokens 20";
}

std::string last_line_of(const std::string& text) {
  return text.substr(text.rfind('\n', text.size() - 2) + 1);
}

TEST(Resume, ARunThatWasKilledOrStoppedEndsAsOneThatWasNot) {
  if (rill::detail::is_sanitized) GTEST_SKIP() << "trainings take minutes under the sanitizers";
  const std::string untouched = temporary_folder();
  const Outcome whole = run_example(small_run(untouched));
  ASSERT_EQ(whole.exit_code, 0) << whole.errors;
  for (const int signal : {SIGKILL, SIGTERM, SIGINT}) {
    const std::string folder = temporary_folder();
    const Outcome first = signal_example(small_run(folder), {{"step    60  ", signal}});
    EXPECT_EQ(first.exit_code, 128 + signal) << first.output;
    const std::string advice = "--resume goes on from " + folder + "/out/checkpoint-";
    EXPECT_EQ(first.output.find(advice) == std::string::npos, signal == SIGKILL) << first.output;
    const Outcome second =
        signal_example(small_run(folder) + " --threads 3 --resume", {{"step   300  ", signal}});
    EXPECT_EQ(second.exit_code, 128 + signal) << second.output;
    const Outcome last = run_example(small_run(folder) + " --resume " + folder + "/out");
    EXPECT_EQ(last.exit_code, 0) << last.errors;
    EXPECT_EQ(last_line_of(last.output), last_line_of(whole.output));  // val_loss
    EXPECT_EQ(log_of(folder + "/out"), log_of(untouched + "/out"));
    expect_same_bits(*CheckpointFolder(folder + "/out").load_newest(),
                     *CheckpointFolder(untouched + "/out").load_newest());
  }
}

TEST(Resume, WhatCannotBeResumedIsOneLineThatSaysWhy) {
  const std::string folder = temporary_folder(), out = folder + "/out";
  const std::string run = small_run(folder) + " --max-iters 60";
  ASSERT_EQ(run_example(run).exit_code, 0);
  const std::string log = read_file(out + "/metrics.csv");
  const auto expect_refused = [&](const std::string& flags, int code,
                                  const std::vector<std::string>& parts) {
    const Outcome refused = run_example(run + " " + flags);
    EXPECT_EQ(refused.exit_code, code) << flags;
    EXPECT_EQ(std::count(refused.errors.begin(), refused.errors.end(), '\n'), 1) << refused.errors;
    for (const std::string& part : parts)
      EXPECT_NE(refused.errors.find(part), std::string::npos) << part << "\n" << refused.errors;
    EXPECT_EQ(read_file(out + "/metrics.csv"), log) << flags;
  };
  expect_refused("--resume --dropout 0.2 --n-head 1 --seed 7", 2,
                 {"dropout is 0.1, here 0.2", "n-head is 2, here 1", "seed is 1337, here 7"});
  expect_refused("--resume --max-iters 50", 2, {"60 steps were made", "--max-iters 50"});
  expect_refused("--resume /no/such/folder", 2, {"there is no folder or file /no/such/folder"});
  expect_refused("--resume " + folder, 2, {"the folder " + folder + " has no checkpoint"});
  expect_refused("--resume " + folder + "/text", 1, {"checksum is wrong"});
  write_file(folder + "/other", some_text() + "!");
  expect_refused("--resume --text " + folder + "/other", 2, {"its text is ", "vocab-size is "});

  const std::string newest = out + "/checkpoint-000060.safetensors";
  std::string bytes = read_file(newest);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
  write_file(newest, bytes);
  expect_refused("--resume", 1,
                 {newest + ": its checksum is wrong",
                  out + "/checkpoint-000040.safetensors before it is whole",
                  "--resume takes the path of a file too"});
  const Outcome offered = run_example(run + " --resume " + out + "/checkpoint-000040.safetensors");
  EXPECT_EQ(offered.exit_code, 0) << offered.errors;
  EXPECT_EQ(CheckpointFolder(out).load_newest()->step, 60);
}

TEST(Resume, ATextElsewhereWithOtherSamplesAndSettingsOfTheMachineMayGoOn) {
  const std::string folder = temporary_folder();
  ASSERT_EQ(run_example(small_run(folder) + " --max-iters 40").exit_code, 0);
  write_file(folder + "/moved", some_text());
  const Outcome run = run_example(
      small_run(folder) + " --max-iters 60 --text " + folder + "/moved --out-dir " + folder +
      "/new --threads 2 --eval-interval 30 --num-samples 2 --temperature 1 "
      "--on-nonfinite skip --keep-checkpoints 5 --resume " +
      folder + "/out");
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_NE(run.output.find("goes on after step 40"), std::string::npos) << run.output;
  EXPECT_EQ(CheckpointFolder(folder + "/new").load_newest()->step, 60);
}

}  // namespace
}  // namespace tiny_transformer
