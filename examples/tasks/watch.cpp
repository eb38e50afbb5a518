#include "watch.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "../support/stop_signal.h"
#include "judge.h"

namespace tasks {
namespace {

using Clock = std::filesystem::file_time_type;

void say(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

/// When a file was written last; nothing where it is not there, as for a moment while some editors
/// save.
Clock time_of(const std::string& path) {
  std::error_code error;
  const Clock time = std::filesystem::last_write_time(path, error);
  return error ? Clock() : time;
}

const Task* first_open(const Workbook& workbook) {
  for (const Task& task : all_tasks())
    if (!workbook.is_done(task)) return &task;
  return nullptr;
}

bool judge_file(Workbook& workbook, const Task& task) {
  const std::string text = workbook.text(task);  // which may be another when it is judged
  const Judgement judgement = judge(task, workbook.path(task), workbook.folder());
  if (examples::stop_signal() != 0) return false;
  say(judgement.told);
  if (judgement.is_right) workbook.mark_done(task, text);
  return judgement.is_right;
}

/// Says what is next; nothing where all is done.
const Task* go_on(const Workbook& workbook) {
  const Task* const next = first_open(workbook);
  if (next)
    introduce(workbook, *next);
  else
    say(fmt::format("\nAll {} tasks are done.\n", all_tasks().size()));
  return next;
}

/// The files, and when each was looked at last.
class Files {
 public:
  explicit Files(const Workbook& workbook) : workbook_(workbook) {
    for (const Task& task : all_tasks()) seen_.push_back(time_of(workbook.path(task)));
  }

  /// A task whose file was saved since; nothing where there is none.
  const Task* saved() {
    for (size_t i = 0; i < seen_.size(); ++i) {
      const Task& task = all_tasks()[i];
      const Clock time = time_of(workbook_.path(task));
      if (time == Clock() || time == seen_[i] || workbook_.text(task).empty()) continue;
      seen_[i] = time;
      return &task;
    }
    return nullptr;
  }

  /// Makes files anew that have been away for two looks.
  void replace_removed() {
    std::vector<const Task*> away;
    for (const Task& task : all_tasks())
      if (is_away(task)) away.push_back(&task);
    if (away.empty()) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    for (const Task* task : away) {
      if (!is_away(*task)) continue;
      workbook_.restart(*task);
      say(fmt::format("{} is as it was in the beginning\n", file_of(*task)));
    }
  }

 private:
  bool is_away(const Task& task) const { return !std::filesystem::exists(workbook_.path(task)); }

  const Workbook& workbook_;
  std::vector<Clock> seen_;
};

}  // namespace

const Task& task_named(const std::string& name) {
  for (size_t i = 0; i < all_tasks().size(); ++i) {
    const Task& task = all_tasks()[i];
    const std::string file = file_of(task);
    if (name == task.name || name == std::to_string(i + 1) || name == file || name + ".cpp" == file)
      return task;
  }
  throw std::invalid_argument("there is no task '" + name + "'; --list names all");
}

void introduce(const Workbook& workbook, const Task& task) {
  const auto number = &task - all_tasks().data() + 1;
  say(fmt::format("\nTask {} of {}: {}. What to do stands in\n  {}\nFill in {} there, and save.\n",
                  number, all_tasks().size(), task.title, workbook.path(task), task.name));
}

void watch(Workbook& workbook, const Task* first) {
  const examples::StopSignals heeded;
  Files files(workbook);
  if (first)
    introduce(workbook, *first);
  else if (!go_on(workbook))
    return;
  say("Each file is looked at when it is saved; Ctrl-C ends this.\n");
  while (examples::stop_signal() == 0) {
    files.replace_removed();
    const Task* const saved = files.saved();
    if (saved) say("\n");
    if (saved && judge_file(workbook, *saved) && !go_on(workbook)) return;
    if (!saved) std::this_thread::sleep_for(std::chrono::milliseconds(300));
  }
}

int64_t check(Workbook& workbook, const Task* only) {
  const examples::StopSignals heeded;
  int64_t open = 0;
  for (const Task& task : all_tasks()) {
    if ((only && &task != only) || examples::stop_signal() != 0) continue;
    if (workbook.is_untouched(task)) say(file_of(task) + ": not done yet\n");
    if (workbook.is_untouched(task) || !judge_file(workbook, task)) ++open;
  }
  return open;
}

}  // namespace tasks
