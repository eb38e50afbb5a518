#pragma once

#include <cstdint>

namespace rill::kernels {

/// How many threads a loop gets beside other programs.
///
/// A thread that shares its processor with another program is stopped for milliseconds at a time,
/// and the others wait for it at the end of the loop: fewer threads are faster then. Such a wait
/// takes one thread away for a while, for twice as long where it comes again soon. Times are in
/// nanoseconds, of a clock that the caller reads.
class Crowding {
 public:
  /// Whether all of `wanted` threads may run now. Another number than before begins anew.
  bool allows(int wanted);
  /// How many of the threads wanted last may run.
  int threads(int64_t now);
  /// A loop on several threads has ended: before the calling thread began to wait for the others,
  /// it worked for `worked` or less.
  void note(int64_t worked, int64_t waited, int64_t now);

 private:
  int wanted_ = 0;
  int allowed_ = 0;
  int64_t pause_ = 0;  // for how long the last thread was taken away
  int64_t next_ = 0;   // when one more is allowed
};

}  // namespace rill::kernels
