// examples/tasks/main.cpp: functions to fill in, from the gradient of tanh to attention and Adam;
// says which mistake it looks like.
// Next: 08_adder
#include <spdlog/fmt/fmt.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "../support/command_line.h"
#include "../support/out_folder.h"
#include "judge.h"
#include "watch.h"

using namespace tasks;

namespace {

struct Flags {
  std::string task;
  std::string out_dir = "out/tasks";
  bool is_list = false;
  bool is_check = false;
};

void add_flags(CLI::App& app, Flags& flags) {
  app.add_option("TASK", flags.task,
                 "The task to begin with, by number or name; without one, the "
                 "first that is not done");
  app.add_flag("--list", flags.is_list, "Name all tasks, and which are done");
  app.add_flag("--check", flags.is_check,
               "Look at all files once, or at that of TASK; 0 is returned where all are right");
  examples::add_out_dir(app, flags.out_dir, "Folder of the files to edit");
}

void list(const Workbook& workbook) {
  for (const Task& task : all_tasks())
    std::printf("%s  %-28s %s\n", workbook.is_done(task) ? "done" : "    ", file_of(task).c_str(),
                task.title.c_str());
}

void run(const Flags& flags) {
  const Task* const task = flags.task.empty() ? nullptr : &task_named(flags.task);
  if (flags.is_list) return list(Workbook(flags.out_dir));
  if (flags.is_check) {
    Workbook workbook(flags.out_dir);
    const int64_t open = check(workbook, task);
    if (open > 0) throw std::runtime_error(fmt::format("{} not done", open));
    return;
  }
  const examples::OutFolder held(flags.out_dir);
  Workbook workbook(flags.out_dir);
  watch(workbook, task);
}

}  // namespace

int main(int argc, char** argv) {
  // How the program calls itself, to run what it compiled, of which nothing is tidied up.
  if (argc == 4 && argv[1] == std::string("--grade")) std::_Exit(grade_compiled(argv[3], argv[2]));
  Flags flags;
  examples::CommandLine line("tasks",
                             "Edit the files that it makes, and save: each is looked at when it is "
                             "saved. A file that is removed begins anew.");
  add_flags(line.app(), flags);
  return line.main(argc, argv, [&] { run(flags); });
}
