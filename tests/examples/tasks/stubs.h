#pragma once

#include <vector>

#include "examples/tasks/function.h"

namespace planted {

/// The functions that learners begin with, in the order of the tasks.
std::vector<tasks::Function> stubs();

}  // namespace planted
