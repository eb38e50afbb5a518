#pragma once

#include <string>
#include <vector>

#include "examples/tasks/task.h"

// What learners write, right and wrong: none of it is the grader's own.

namespace planted {

using tasks::Kind;

/// A mistake, and what a teacher would call it.
struct Wrong {
  Kind kind;
  tasks::Function function;
};

/// What may be written for one task.
struct Forms {
  std::string task;
  std::vector<tasks::Function> right;
  std::vector<Wrong> wrong;
};

std::vector<Forms> gradients();
std::vector<Forms> products();
std::vector<Forms> losses();
std::vector<Forms> layers();
std::vector<Forms> encodings();
std::vector<Forms> rotations();
std::vector<Forms> looks();
std::vector<Forms> steps();
/// Further mistakes of the same tasks.
std::vector<Forms> later();

/// All of these.
std::vector<Forms> all();

}  // namespace planted
