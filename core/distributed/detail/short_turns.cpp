#include <rill/core/distributed/detail/short_turns.h>

#include <cstdint>

#ifdef __linux__
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace rill::distributed {

#ifdef __linux__

namespace {

/// What the system call takes, which the C library does not know.
struct Attributes {
  uint32_t size = sizeof(Attributes);
  uint32_t policy = SCHED_OTHER;
  uint64_t flags = 0;
  int32_t nice = 0;
  uint32_t priority = 0;
  uint64_t turn = 0;  // nanoseconds
  uint64_t deadline = 0, period = 0;
};

}  // namespace

void take_short_turns() {
  Attributes attributes;
  if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
  if (attributes.policy != SCHED_OTHER) return;  // somebody has decided otherwise
  attributes.turn = 100'000;
  static_cast<void>(syscall(SYS_sched_setattr, 0, &attributes, 0));
}

#else

void take_short_turns() {}

#endif

}  // namespace rill::distributed
