#include <omp.h>

#include <rill/core/kernels/parallel.h>
#include <rill/core/threads.h>
#include <atomic>
#include <exception>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace rill::kernels {

bool in_parallel() { return omp_in_parallel() != 0; }

void run_parallel(int64_t count, void (*body)(void* context, int64_t i), void* context) {
  const int threads = static_cast<int>(std::min<int64_t>(count, num_threads()));
  if (threads <= 1 || in_parallel()) {
    for (int64_t i = 0; i < count; ++i) body(context, i);
    return;
  }
  std::exception_ptr error;  // an exception that left the region would end the process
  std::atomic<bool> failed = false;
#pragma omp parallel for num_threads(threads) schedule(static)
  for (int64_t i = 0; i < count; ++i) {
    if (failed.load(std::memory_order_relaxed)) continue;
    try {
      body(context, i);
    } catch (...) {
      if (!failed.exchange(true)) error = std::current_exception();
    }
  }
  if (error) std::rethrow_exception(error);
}

#if defined(__SSE__)
FlushDenormals::FlushDenormals() : saved_(_mm_getcsr()) {
  constexpr unsigned flush_to_zero = 0x8000, denormals_are_zero = 0x0040;
  const unsigned wanted = saved_ | flush_to_zero | denormals_are_zero;
  if (wanted != saved_) _mm_setcsr(wanted);
}
FlushDenormals::~FlushDenormals() {
  if (_mm_getcsr() != saved_) _mm_setcsr(saved_);
}
#else
FlushDenormals::FlushDenormals() = default;
FlushDenormals::~FlushDenormals() = default;
#endif

}  // namespace rill::kernels
