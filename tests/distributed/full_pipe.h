#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

namespace rill::testing {

/// Standard error becomes a pipe that is full, and which nobody reads. Who waits for it for ever is
/// ended after 15 s.
inline void block_standard_error() {
  alarm(15);
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  fcntl(ends[1], F_SETFL, O_NONBLOCK);
  while (write(ends[1], "", 1) == 1) continue;
  fcntl(ends[1], F_SETFL, 0);
  dup2(ends[1], STDERR_FILENO);
}

}  // namespace rill::testing
