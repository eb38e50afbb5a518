#pragma once

#include <cfenv>

#if defined(__x86_64__) && defined(__GLIBC__)
#define RILL_HAS_UNUSUAL_FLOAT_STATE 1
#include <immintrin.h>

namespace rill::testing {

/// While it lives, this thread's floating-point state is as unlike the usual one as a program can
/// make it: it rounds upwards, flushes denormal numbers, and ends the program at an invalid
/// operation, a division by zero, an overflow or an underflow.
class UnusualFloatState {
 public:
  UnusualFloatState() {
    std::fegetenv(&saved_);
    std::feclearexcept(FE_ALL_EXCEPT);
    std::fesetround(FE_UPWARD);
    _mm_setcsr(_mm_getcsr() | _MM_FLUSH_ZERO_ON | 0x0040);
    feenableexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW | FE_UNDERFLOW);
  }
  ~UnusualFloatState() { std::fesetenv(&saved_); }
  UnusualFloatState(const UnusualFloatState&) = delete;
  UnusualFloatState& operator=(const UnusualFloatState&) = delete;

 private:
  std::fenv_t saved_;
};

}  // namespace rill::testing
#endif
