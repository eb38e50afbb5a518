#pragma once

#include <cstdint>

namespace rill::detail {

/// The time of a clock that never goes back. It stands for <chrono> in headers, which costs every
/// program that includes one a tenth of a second to compile. (A shared library shows it to
/// rill::distributed, which stands beside it.)
#pragma GCC visibility push(default)
int64_t nanoseconds();
#pragma GCC visibility pop

}  // namespace rill::detail
