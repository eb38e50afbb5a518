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
  /// The calling thread itself was stopped in such a loop. Twice within a moment counts as a wait.
  void note_stop(int64_t now);
  /// What a thread that runs is waited for at most.
  static constexpr int64_t patience = 500'000;

 private:
  void take_away(int64_t now);
  int wanted_ = 0;
  int allowed_ = 0;
  int64_t pause_ = 0;  // for how long the last thread was taken away
  int64_t next_ = 0;   // when one more is allowed
  int64_t last_stop_ = 0;
};

}  // namespace rill::kernels
