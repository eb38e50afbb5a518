#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>

#include <rill/core/detail/system_memory.h>

#include "../run_program.h"
#include "test_paths.h"

// examples/tasks from the outside: what it says of a file that a learner saves.

namespace {

using rill::testing::Outcome;
using rill::testing::read_file;
using rill::testing::run_example;
using rill::testing::temporary_folder;
using rill::testing::write_file;

/// A file of the first task with this body.
std::string tanh_file(const std::string& body) {
  return "#include <rill/core/ops.h>\nusing namespace rill;\n"
         "Tensor tanh_row(const Tensor& dout, const Tensor& x, const Tensor& y) {\n" +
         body + "\n}\n";
}

Outcome check(const std::string& folder, const std::string& text) {
  write_file(folder + "/01_tanh_row.cpp", text);
  return run_example("tasks tanh_row --check --out-dir " + folder);
}

TEST(Tasks, SaysOfAFileWhatIsWrongWithIt) {
  const std::string folder = temporary_folder();
  for (const auto& [body, said] :
       {std::pair{"return dout * (1.0 - x * x);", "It looks like: input for output; the slope is"},
        {"while (dout.numel() > 0) {}\nreturn y;", "it did not come to an end in 2 seconds"},
        {"std::abort();", "it crashed, by signal 6"},
        {"return Tensor();", "It looks like: no result; return a tensor that holds something"},
        {"std::exit(7); return y;", "it ended the whole program, with 7"},
        {"return dout.tanhh();", "no member named"},
        {"dout + x;", "it does not compile"},
        {"Tensor missing(); return missing();", "it uses what is not defined"},
        {"for (int i = 0; i < 20000; ++i) std::puts(\"many words\");\nreturn x;",
         "It looks like: "},
        {"std::printf(\"here I am\"); return y;", "It printed:\n  here I am"}}) {
    const Outcome run = check(folder, tanh_file(body));
    EXPECT_EQ(run.exit_code, 1) << body;
    EXPECT_NE(run.output.find(said), std::string::npos) << body << ": " << run.output;
    EXPECT_EQ(run.output.find("right, in"), std::string::npos) << body;
  }
  const Outcome right = check(folder, tanh_file("return dout * (1.0 - y * y);"));
  EXPECT_EQ(right.exit_code, 0) << right.output << right.errors;
  EXPECT_EQ(right.output, "01_tanh_row.cpp: right, in 4 cases\n");
  const Outcome talkative =
      check(folder, tanh_file("for (int i = 0; i < 20000; ++i) std::puts(\"many words\");\n"
                              "return dout * (1.0 - y * y);"));
  EXPECT_EQ(talkative.exit_code, 0) << talkative.output.substr(0, 2000);
  EXPECT_EQ(check(folder, "int nothing;\n").output,
            "01_tanh_row.cpp: it does not compile\n"
            "  it must have the function tanh_row, once, with the parameters that it had\n");
}

TEST(Tasks, SaysOfAFunctionThatCrashesWhyThatMayBe) {
  if (rill::detail::is_sanitized) GTEST_SKIP() << "sanitizers end a program before it crashes";
  const Outcome run =
      check(temporary_folder(), tanh_file("return *static_cast<Tensor*>(nullptr);"));
  EXPECT_NE(run.output.find("it crashed: it reads beside an array"), std::string::npos);
}

TEST(Tasks, LeavesNothingBesideTheFiles) {
  const std::string folder = temporary_folder();
  check(folder, tanh_file("return dout * (1.0 - y * y);"));
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const std::string name = file.path().filename();
    EXPECT_TRUE(name == ".done" || name.ends_with(".cpp")) << name;
  }
}

TEST(Tasks, ListsThemAndKnowsWhichAreDone) {
  const std::string folder = temporary_folder();
  check(folder, tanh_file("return dout * (1.0 - y * y);"));
  const std::string list = run_example("tasks --list --out-dir " + folder).output;
  EXPECT_EQ(list.find("done  01_tanh_row.cpp"), 0u) << list;
  EXPECT_NE(list.find("\n      02_relu_row.cpp              the gradient of ReLU\n"),
            std::string::npos);
  write_file(folder + "/01_tanh_row.cpp", tanh_file("return dout;"));
  EXPECT_EQ(run_example("tasks --list --out-dir " + folder).output.find("done"), std::string::npos);
}

TEST(Tasks, AreNotDoneInTheBeginning) {
  const Outcome run = run_example("tasks --check --out-dir " + temporary_folder());
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.output.find("01_tanh_row.cpp: not done yet\n02_relu_row.cpp: not done yet\n"), 0u);
}

/// The program as it runs on, in a folder.
class Watching {
 public:
  explicit Watching(const std::string& folder) {
    const std::string line = "echo $$; exec timeout 240 " RILL_EXAMPLES_BINARY_DIR
                             "/tasks --out-dir " +
                             folder + " </dev/null 2>&1";
    output_ = popen(line.c_str(), "r");
    pid_ = static_cast<pid_t>(std::stoi(read_to("\n")));
  }
  ~Watching() {
    kill(pid_, SIGINT);
    pclose(output_);
  }

  /// What it says up to this text, or to its end.
  std::string read_to(const std::string& text) {
    std::string said;
    for (int c = 0; !said.ends_with(text) && (c = std::fgetc(output_)) != EOF;)
      said += static_cast<char>(c);
    return said;
  }

 private:
  FILE* output_;
  pid_t pid_;
};

TEST(Tasks, AreLookedAtWhenTheyAreSavedAndGoOn) {
  const std::string folder = temporary_folder(), file = folder + "/01_tanh_row.cpp";
  Watching watching(folder);
  const std::string begin = watching.read_to("Ctrl-C ends this.\n");
  EXPECT_NE(begin.find("Task 1 of "), std::string::npos) << begin;
  EXPECT_NE(begin.find(file), std::string::npos) << begin;
  write_file(file, tanh_file("return dout * (1.0 - x * x);"));
  const std::string wrong = watching.read_to("not of x.\n");
  EXPECT_NE(wrong.find("should be      [0.7864]\nIt looks like: input for output"),
            std::string::npos)
      << wrong;
  write_file(file, tanh_file("return dout * (1.0 - y * y);"));
  const std::string right = watching.read_to("and save.\n");
  EXPECT_NE(right.find("right, in 4 cases\n\nTask 2 of "), std::string::npos) << right;
  std::filesystem::remove(file);
  watching.read_to("01_tanh_row.cpp is as it was in the beginning\n");
  EXPECT_EQ(read_file(file), read_file(RILL_SOURCE_DIR "/examples/tasks/to_do/01_tanh_row.cpp"));
}

TEST(Tasks, AreChosenByNumberAndName) {
  const std::string folder = temporary_folder();
  for (const char* name : {"3", "softsign_row", "03_softsign_row", "03_softsign_row.cpp"})
    EXPECT_EQ(run_example(std::string("tasks --check ") + name + " --out-dir " + folder).output,
              "03_softsign_row.cpp: not done yet\n");
  EXPECT_EQ(run_example("tasks nonsense --out-dir " + folder).exit_code, 2);
}

}  // namespace
