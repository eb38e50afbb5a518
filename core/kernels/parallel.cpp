#include <omp.h>
#include <pthread.h>

#include <rill/core/kernels/parallel.h>
#include <rill/core/threads.h>
#include <atomic>
#include <exception>

namespace rill::kernels {

namespace {

bool runs_alone = false;

// The threads that ran loops are not in a child of this process, where the next loop would wait for
// them for ever.
void be_alone_after_fork() {
  [[maybe_unused]] static const int registered =
      pthread_atfork(nullptr, nullptr, [] { runs_alone = true; });
}

}  // namespace

bool in_parallel() { return omp_in_parallel() != 0; }

void run_parallel(Denormals denormals, int64_t count, void (*body)(void* context, int64_t i),
                  void* context) {
  const int threads = static_cast<int>(std::min<int64_t>(count, num_threads()));
  if (threads <= 1 || in_parallel() || runs_alone) {
    const FloatState state(denormals);
    for (int64_t i = 0; i < count; ++i) body(context, i);
    return;
  }
  be_alone_after_fork();
  std::exception_ptr error;  // an exception that left the region would end the process
  std::atomic<bool> failed = false;
#pragma omp parallel num_threads(threads)
  {
    const FloatState state(denormals);
#pragma omp for schedule(static) nowait
    for (int64_t i = 0; i < count; ++i) {
      if (failed.load(std::memory_order_relaxed)) continue;
      try {
        body(context, i);
      } catch (...) {
        if (!failed.exchange(true)) error = std::current_exception();
      }
    }
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace rill::kernels
