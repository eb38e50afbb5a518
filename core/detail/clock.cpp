#include <rill/core/detail/clock.h>

#include <chrono>

namespace rill::detail {

int64_t nanoseconds() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace rill::detail
