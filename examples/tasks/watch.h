#pragma once

#include <string>

#include "workbook.h"

namespace tasks {

/// The task that a learner means by "3", "softsign_row" or "03_softsign_row". Throws
/// std::invalid_argument.
const Task& task_named(const std::string& name);

/// Says what a task is and which file to edit.
void introduce(const Workbook& workbook, const Task& task);

/// Looks at the files until all tasks are done, or a signal comes: what is saved is judged at once,
/// and once it is right the next task is introduced. Begins with `first`, or with the first that is
/// not done.
void watch(Workbook& workbook, const Task* first);

/// Judges each task's file once, or that of `only`. Returns how many of them are not right.
int64_t check(Workbook& workbook, const Task* only);

}  // namespace tasks
