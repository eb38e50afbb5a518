#pragma once

#include <cstdint>

namespace rill::testing {

/// Which allocations fail.
enum class Failing { the_nth_alone, the_nth_and_all_after };

/// While it lives, the n-th allocation of the program fails (counted from 1, of operator new and of
/// what rill asks the system for), and all after it where `failing` says so.
class FailingAllocation {
 public:
  FailingAllocation(int64_t n, Failing failing);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  /// Whether there were as many as n.
  bool has_failed() const;
};

/// How often rill asked the system for memory so far.
int64_t system_calls();

}  // namespace rill::testing
