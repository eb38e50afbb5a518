#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <sstream>

#include "examples/support/catalogue.h"
#include "examples/support/progress.h"
#include "examples/support/wrapper.h"
#include "run_program.h"
#include "terminal.h"
#include "test_paths.h"

// What examples look like in a terminal.

namespace {

using rill::testing::Outcome;
using rill::testing::run_example;
using rill::testing::run_in_terminal;
using rill::testing::Shown;
using rill::testing::shown_on_terminal;
using rill::testing::temporary_folder;
using rill::testing::write_file;

/// Every program that the build made of an example.
std::vector<std::string> all_examples() {
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(RILL_EXAMPLES_BINARY_DIR))
    names.push_back(file.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

std::string some_prose() {
  std::string text;
  for (int i = 0; i < 200; ++i)
    text += i % 4 == 0 ? "the quick brown fox jumps over the lazy dog and then it sleeps. " : "so ";
  return text;
}

/// Trainings of seconds, which leave their files in a folder of their own.
std::vector<std::string> trainings() {
  const std::string text = temporary_folder() + "/text";
  write_file(text, some_prose());
  const auto to = [] { return " --out-dir " + temporary_folder(); };
  return {
      "tiny_transformer --block-size 8 --batch-size 2 --n-layer 1 --n-head 2 --n-embd 16 "
      "--max-iters 9 --warmup-iters 1 --eval-iters 1 --num-samples 2 --text " +
          text + to(),
      "encoding_league --positions none,alibi --seeds 1 --n-layer 1 --n-head 2 --n-embd 16 "
      "--block-size 8 --max-iters 9 --text " +
          text + to(),
      "learned_positions --block-size 8 --max-iters 9 --text " + text + to(),
      "length_generalisation --positions none --steps 9 --batch-size 2 --examples 2" + to(),
      "masked_words --n-layer 1 --n-head 2 --n-embd 16 --max-iters 10 --text " + text + to(),
      "scale --seeds 1 --steps 2" + to(),
      "word_order --seeds 1 --steps 2" + to()};
}

/// Lines of progress: a bar, how many of how many, a loss, the time left.
bool is_progress(const std::string& line) {
  static const std::regex all(R"(\[[#.]+\] .*\d+/\d+ .*\d\.\d{4} .*[-\d]+:[-\d]+ left)");
  return std::regex_search(line, all);
}

void expect_fits(const std::string& run, const Outcome& outcome, int columns) {
  EXPECT_EQ(outcome.exit_code, 0) << run << ": " << outcome.output;
  EXPECT_EQ(shown_on_terminal(outcome.output, columns).broken, 0)
      << run << " in " << columns << " columns:\n"
      << outcome.output;
}

/// What stands between white space.
std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

/// What examples/run says where no terminal is.
std::string script_says(const std::string& flag) {
  const Outcome run = rill::testing::run_command(RILL_SOURCE_DIR "/examples/run " + flag);
  return run.errors + run.output;
}

TEST(Terminal, ATrainingKeepsOneLineOfProgressThatFits) {
  for (const std::string& run : trainings())
    for (const int columns : {80, 40}) {
      const Outcome outcome = run_in_terminal(run, columns);
      expect_fits(run, outcome, columns);
      const Shown shown = shown_on_terminal(outcome.output, columns);
      EXPECT_GT(std::ranges::count_if(shown.passing, is_progress), 0) << run << outcome.output;
      EXPECT_EQ(std::ranges::count_if(shown.lines, is_progress), 0) << "it scrolls: " << run;
    }
}

TEST(Terminal, ExamplesThatTakeLongShowHowFarTheyAre) {
  for (const std::string& run :
       {std::string("08_adder"), "segments --out-dir " + temporary_folder()})
    for (const int columns : {80, 40}) {
      const Outcome outcome = run_in_terminal(run, columns, " left\r\033[K[", "OMP_NUM_THREADS=1");
      const Shown shown = shown_on_terminal(outcome.output, columns);
      EXPECT_GT(std::ranges::count_if(shown.passing, is_progress), 0) << run << outcome.output;
      EXPECT_EQ(shown.broken, 0) << run << outcome.output;
    }
}

TEST(Terminal, ShortExamplesAndHelpFit) {
  std::vector<std::string> runs{"01_tensor",
                                "03_linear_regression",
                                "05_own_op",
                                "06_own_layer",
                                "02_gradient --out-dir " + temporary_folder(),
                                "04_two_moons --out-dir " + temporary_folder(),
                                "07_own_encoding --out-dir " + temporary_folder(),
                                "tasks --list --out-dir " + temporary_folder(),
                                "walk_through --dim 4 --length 8 --out-dir " + temporary_folder()};
  for (const std::string& name : all_examples()) runs.push_back(name + " --help");
  for (const std::string& run : runs)
    for (const int columns : {80, 40}) expect_fits(run, run_in_terminal(run, columns), columns);
}

TEST(Terminal, TheRunScriptFits) {
  const std::string script = RILL_SOURCE_DIR "/examples/run ";
  for (const char* flag : {"--list", "--help", "nonsense"})
    for (const int columns : {80, 40}) {
      const Outcome run = rill::testing::run_command_in_terminal(script + flag, columns);
      EXPECT_EQ(shown_on_terminal(run.output, columns).broken, 0) << run.output;
      EXPECT_EQ(words_of(run.output), words_of(script_says(flag))) << "a word is cut";
    }
}

TEST(Terminal, BreaksTextsBetweenWords) {
  const std::string run = trainings()[0];
  ASSERT_EQ(run_example(run).exit_code, 0);
  const std::string folder = run.substr(run.rfind(' ') + 1);
  const std::string sample = "sample --num-samples 2 --max-new-tokens 1 --prompt '" +
                             some_prose().substr(0, 300) + "' --model " + folder +
                             "/model.safetensors";
  const std::vector<std::string> in_file = words_of(run_example(sample).output);
  const Outcome outcome = run_in_terminal(sample, 80);
  std::string lines;
  for (const std::string& line : shown_on_terminal(outcome.output, 80).lines) lines += line + "\n";
  std::vector<std::string> on_screen = words_of(lines);
  EXPECT_GT(in_file.size(), 50u);
  ASSERT_GT(on_screen.size(), in_file.size());
  on_screen.resize(in_file.size());
  EXPECT_EQ(on_screen, in_file);
  expect_fits(sample, outcome, 80);
}

TEST(Terminal, IsAsWideAsColumnsSaysWhereItDoesNotSay) {
  const std::string run = "word_order --seeds 1 --steps 1 --out-dir " + temporary_folder();
  for (const auto& [settings, columns] : {std::pair{"COLUMNS=50", 50}, {"COLUMNS=", 80}}) {
    const Outcome outcome = run_in_terminal(run, 0, "", settings);
    expect_fits(run, outcome, columns);
    EXPECT_GT(shown_on_terminal(outcome.output, columns - 5).broken, 0) << outcome.output;
  }
}

TEST(Terminal, GetsNoCodesThatItDoesNotKnow) {
  const std::string run = "word_order --seeds 1 --steps 1 --out-dir " + temporary_folder();
  const Outcome dumb = run_in_terminal(run, 80, "", "TERM=dumb");
  expect_fits(run, dumb, 80);
  EXPECT_EQ(dumb.output.find('\033'), std::string::npos) << dumb.output;
}

TEST(Terminal, SaysAtTheEndWhereThePageIsAndWhatToTryNext) {
  const std::string folder = temporary_folder();
  const Outcome run = run_in_terminal("word_order --seeds 1 --steps 1 --out-dir " + folder, 200);
  const std::string end =
      folder +
      "/word_order.html shows this with charts\r\n\r\n"
      "its lesson: examples/word_order/why_position.md\r\nnext: examples/run walk_through: ";
  EXPECT_NE(run.output.find(end), std::string::npos) << run.output;
  const Outcome plain = run_in_terminal("05_own_op", 200);
  EXPECT_NE(plain.output.find("\nnext: examples/run 06_own_layer: a layer"), std::string::npos);
  EXPECT_EQ(run_example("05_own_op").errors, "");
}

TEST(Terminal, AWordWaitsForItsEndAndALineGoesOnWhereItBegan) {
  examples::Wrapper wrapper(12);
  EXPECT_EQ(wrapper.take("  one tw"), "  one");
  EXPECT_EQ(wrapper.take("o three"), " two");
  EXPECT_EQ(wrapper.take(" four\n"), "\n  three four\n");
  EXPECT_EQ(wrapper.take("--a  what it is\n"), "--a  what it\n     is\n");
  EXPECT_EQ(wrapper.take("a word-beyond-all-width\n"), "a\nword-beyond-\nall-width\n");
  EXPECT_EQ(wrapper.take("last"), "");
  EXPECT_EQ(wrapper.rest(), "last");
}

TEST(Terminal, CountsColumnsAndShowsNothingThatATerminalWouldObey) {
  EXPECT_EQ(examples::columns_of("Σ(x·w)²"), 7);
  EXPECT_EQ(examples::columns_of("漢字e\u0301"), 5);
  examples::Wrapper wrapper(4);
  EXPECT_EQ(wrapper.take("漢字漢\n"), "漢字\n漢\n");
  EXPECT_EQ(wrapper.take("\xe6\xbc"), "");
  EXPECT_EQ(wrapper.take("\xa2 \n"), "漢\n");  // one character in two parts
  EXPECT_EQ(wrapper.take("\033[K\n"), "?[K\n");
  EXPECT_EQ(wrapper.take("\xff\xc3\r\n"), "??\n");
  EXPECT_EQ(wrapper.take("\xc2\x9b"
                         "2\n"),
            "?2\n");
}

TEST(Terminal, ProgressFitsAnyWidth) {
  const std::vector<examples::Standing> standings{{"run", 3, 16}, {"step", 1200, 2000}};
  for (int64_t width = 1; width < 130; ++width)
    EXPECT_LE(
        examples::columns_of(examples::progress_line(standings, 0.225, 1.93451, 3725.0, width)),
        width);
  EXPECT_EQ(examples::progress_line(standings, 0.225, 1.93451, 80.0, 79),
            "[######......................] run 3/16  step 1200/2000  loss 1.9345  1:20 left");
  EXPECT_EQ(examples::progress_line(standings, 0.225, 1.93451, 80.0, 39),
            "[##........] 1200/2000 1.9345 1:20 left");
  EXPECT_EQ(examples::progress_line({{"step", 0, 5}}, 0, {}, {}, 39),
            "[.................] step 0/5  -:-- left");
}

TEST(Examples, EachTakesHelpAndRefusesAnythingElse) {
  const std::vector<std::string> names = all_examples();
  EXPECT_EQ(names.size(), examples::catalogue().size());
  for (const std::string& name : names) {
    const Outcome help = run_example(name + " --help");
    EXPECT_EQ(help.exit_code, 0) << name;
    EXPECT_EQ(help.errors, "") << name;
    EXPECT_NE(help.output.find(examples::entry_of(name).text.substr(1)), std::string::npos)
        << help.output;
    EXPECT_NE(help.output.find("all examples: examples/run --list"), std::string::npos) << name;
    for (const char* typo : {"--nonsense", "nonsense", "-x"}) {
      const Outcome refused = run_example(name + " " + typo);
      EXPECT_EQ(refused.exit_code, 2) << name << " " << typo;
      EXPECT_EQ(refused.output, "") << name << " " << typo;
      EXPECT_EQ(std::count(refused.errors.begin(), refused.errors.end(), '\n'), 1);
      EXPECT_NE(refused.errors.find(typo), std::string::npos) << refused.errors;
    }
  }
}

TEST(Examples, EachSaysWhatItIsAndWhichOneIsNext) {
  for (const examples::Entry& entry : examples::catalogue()) {
    EXPECT_NE(entry.text, "") << entry.name;
    EXPECT_NE(examples::entry_of(entry.next).text, "")
        << entry.name << ": its first comment ends with no line '// Next: EXAMPLE'";
    EXPECT_NE(entry.next, entry.name);
  }
}

}  // namespace
