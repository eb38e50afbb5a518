#pragma once

#include <string>

#include "task.h"

namespace tasks {

/// What became of a learner's file.
struct Judgement {
  bool is_right = false;
  std::string told;  // lines to read
};

/// Compiles a file and grades its function, in a process of its own, which may crash or not come to
/// an end. `folder` takes what the compiler makes, for as long as it takes.
Judgement judge(const Task& task, const std::string& file, const std::string& folder);

/// What that process does: takes in what was compiled, grades it, and prints. Returns what main
/// should.
int grade_compiled(const std::string& task, const std::string& library);

}  // namespace tasks
