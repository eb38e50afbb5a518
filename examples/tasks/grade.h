#pragma once

#include <string>

#include "compare.h"

namespace tasks {

/// What a function is told about a task.
struct Verdict {
  bool is_right = false;
  Finding finding = {};
  size_t at = 0;    // the first case that is wrong
  size_t part = 0;  // and which of its parts
  Observation got = {}, expected = {};
};

/// Runs a function on all cases; where one is wrong, finds out which mistake it looks like: one
/// that gives the same numbers, else what the numbers themselves tell.
Verdict grade(const Task& task, const Function& function);

}  // namespace tasks
