#pragma once

#include <optional>
#include <string>
#include <vector>

#include "observe.h"

namespace tasks {

/// What a mistake looks like.
struct Finding {
  Kind kind;
  std::string advice;
};

/// One part of what a case gave, and what it should be.
struct Pair {
  Part got, expected;
  const Case* one;
};

/// What can be told from the numbers of any task: transposed, turned sign, a factor, a sum that is
/// missing. The pairs are one part of all cases, and differ somewhere.
Finding compare(const std::vector<Pair>& pairs);

}  // namespace tasks
