#pragma once

#include <string>

#include "grade.h"

namespace tasks {

/// What a learner reads: the smallest case that is wrong, with its numbers, and which mistake it
/// looks like.
std::string tell(const Task& task, const Verdict& verdict);

}  // namespace tasks
