#include <gtest/gtest.h>

#include <rill/core/ops.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <stdexcept>

#include <spdlog/fmt/fmt.h>

#include "../run_program.h"
#include "examples/tasks/grade.h"
#include "examples/tasks/tell.h"
#include "planted.h"
#include "stubs.h"
#include "test_paths.h"

// Whether the grader tells right from wrong, and which mistake it is.

namespace planted {

std::vector<Forms> all() {
  std::vector<Forms> all;
  for (const auto group : {gradients, products, losses, layers, encodings, rotations, looks, steps})
    for (Forms& forms : group()) all.push_back(std::move(forms));
  for (const Forms& more : later()) {
    const auto same = std::ranges::find(all, more.task, &Forms::task);
    same->wrong.insert(same->wrong.end(), more.wrong.begin(), more.wrong.end());
  }
  return all;
}

}  // namespace planted

namespace {

using tasks::all_tasks;
using tasks::grade;
using tasks::Kind;
using tasks::Task;
using tasks::Verdict;
using tasks::words_for;

const Task& task_of(const std::string& name) {
  const auto found = std::ranges::find(all_tasks(), name, &Task::name);
  if (found == all_tasks().end()) throw std::invalid_argument("there is no task " + name);
  return *found;
}

TEST(Grader, AcceptsThreeOtherRightFormsOfEachTask) {
  std::set<std::string> seen;
  for (const planted::Forms& forms : planted::all()) {
    const Task& task = task_of(forms.task);
    seen.insert(forms.task);
    EXPECT_GE(forms.right.size(), 3u) << forms.task;
    for (size_t i = 0; i < forms.right.size(); ++i) {
      const Verdict verdict = grade(task, forms.right[i]);
      EXPECT_TRUE(verdict.is_right) << "right form " << i << ": " << tell(task, verdict);
    }
  }
  EXPECT_EQ(seen.size(), all_tasks().size());
}

TEST(Grader, CallsNoPlantedMistakeRightAndNames95PercentOfThem) {
  int64_t planted = 0, named = 0;
  std::string missed;
  for (const planted::Forms& forms : planted::all()) {
    const Task& task = task_of(forms.task);
    EXPECT_GE(forms.wrong.size(), 5u) << forms.task;
    for (size_t i = 0; i < forms.wrong.size(); ++i, ++planted) {
      const Verdict verdict = grade(task, forms.wrong[i].function);
      EXPECT_FALSE(verdict.is_right) << forms.task << ": mistake " << i << " is called right";
      const bool is_named = verdict.finding.kind == forms.wrong[i].kind;
      named += is_named;
      if (!is_named)
        missed += fmt::format("{}, mistake {}, {}: named {}; {}\n", forms.task, i,
                              words_for(forms.wrong[i].kind), words_for(verdict.finding.kind),
                              verdict.finding.advice);
    }
  }
  RecordProperty("planted", std::to_string(planted));
  RecordProperty("named", std::to_string(named));
  EXPECT_GE(static_cast<double>(named), 0.95 * static_cast<double>(planted))
      << named << " of " << planted << " named rightly\n"
      << missed;
}

TEST(Grader, KnowsEachMistakeOfItsOwnTableFromTheOthers) {
  for (const Task& task : all_tasks())
    for (const tasks::Mistake& mistake : task.mistakes) {
      const Verdict verdict = grade(task, mistake.function);
      EXPECT_FALSE(verdict.is_right) << task.name << ": " << mistake.advice;
      EXPECT_EQ(words_for(verdict.finding.kind), words_for(mistake.kind))
          << task.name << ": " << mistake.advice << "\nnamed: " << verdict.finding.advice;
    }
}

TEST(Grader, IsNotHeldBackByAnErrorOfItsOwn) {
  for (const Task& task : all_tasks())
    for (const tasks::Observation& seen : observe_all(task, task.right)) {
      EXPECT_FALSE(seen.error) << task.name << ": " << *seen.error;
      EXPECT_FALSE(seen.changed) << task.name;
      for (const tasks::Part& part : seen.parts) EXPECT_TRUE(part.value.defined()) << task.name;
    }
}

TEST(Grader, FindsEachTaskNotDoneAsItBegins) {
  const std::vector<tasks::Function> stubs = planted::stubs();
  ASSERT_EQ(stubs.size(), all_tasks().size());
  for (size_t i = 0; i < stubs.size(); ++i) {
    const Verdict verdict = grade(all_tasks()[i], stubs[i]);
    EXPECT_EQ(verdict.finding.kind, Kind::not_done) << tell(all_tasks()[i], verdict);
  }
}

TEST(Grader, HasAFileForEachTask) {
  const std::filesystem::path folder = RILL_SOURCE_DIR "/examples/tasks/to_do";
  for (const Task& task : all_tasks())
    EXPECT_TRUE(std::filesystem::exists(folder / file_of(task))) << file_of(task);
  const std::filesystem::directory_iterator files(folder);
  EXPECT_EQ(std::distance(begin(files), end(files)), static_cast<int64_t>(all_tasks().size()));
  EXPECT_GE(all_tasks().size(), 20u);
}

TEST(Grader, ShowsTheSmallestCaseWithItsNumbersAsReadmeDoes) {
  const Task& task = task_of("softsign_row");
  const auto wrong = [](rill::Tensor dout, rill::Tensor x, rill::Tensor) {
    return dout / (1.0 + x.abs());
  };
  const std::string told = tell(task, grade(task, tasks::Function(wrong)));
  EXPECT_EQ(told,
            "03_softsign_row.cpp: not right yet, in case 1 of 4\n"
            "  dout           [1.]\n"
            "  x              [0.5000]\n"
            "  y              [0.3333]\n"
            "  gradient of x  [0.6667]\n"
            "  should be      [0.4444]\n"
            "It looks like: a square or a root; the slope has a square: 1 / (1 + |x|)².\n");
  const std::string readme = rill::testing::read_file(RILL_SOURCE_DIR "/README.md");
  EXPECT_NE(readme.find("```text\n" + told + "```"), std::string::npos);
  EXPECT_NE(readme.find(std::to_string(all_tasks().size()) + " functions to fill in"),
            std::string::npos);
}

TEST(Grader, TellsAnErrorAndAWrongNumberOfParameters) {
  const Task& task = task_of("tanh_row");
  const auto throws = [](rill::Tensor dout, rill::Tensor, rill::Tensor) {
    return rill::matmul(dout, rill::zeros({7}));
  };
  const std::string told = tell(task, grade(task, tasks::Function(throws)));
  EXPECT_NE(told.find("throws       matmul: cannot multiply [1] by [7]"), std::string::npos)
      << told;
  const auto two = [](rill::Tensor dout, rill::Tensor) { return dout; };
  EXPECT_NE(tell(task, grade(task, tasks::Function(two)))
                .find("it takes 2 parameters, where the task gives 3"),
            std::string::npos);
}

}  // namespace
