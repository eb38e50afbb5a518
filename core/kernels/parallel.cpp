#include <omp.h>
#include <pthread.h>
#include <sys/resource.h>

#include <rill/core/detail/clock.h>
#include <rill/core/kernels/crowding.h>
#include <rill/core/kernels/parallel.h>
#include <rill/core/threads.h>
#include <atomic>
#include <exception>
#include <utility>

namespace rill::kernels {

namespace {

bool runs_alone = false;

thread_local Crowding crowding;
thread_local int64_t last_end = 0;  // of a loop that this thread has shared

// The threads that ran loops are not in a child of this process, where the next loop would wait for
// them for ever.
void be_alone_after_fork() {
  [[maybe_unused]] static const int registered =
      pthread_atfork(nullptr, nullptr, [] { runs_alone = true; });
}

/// A loop that several threads share. An exception that left the region would end the process.
struct Loop {
  void (*body)(void* context, int64_t i);
  void* context;
  std::atomic<bool> failed = false;
  std::exception_ptr error = nullptr;

  void run(int64_t i) {
    if (failed.load(std::memory_order_relaxed)) return;
    try {
      body(context, i);
    } catch (...) {
      if (!failed.exchange(true)) error = std::current_exception();
    }
  }
};

/// Whether the system gave this thread's processor to another since this was last asked.
bool was_stopped() {
#if defined(RUSAGE_THREAD)
  thread_local int64_t before = 0;
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return std::exchange(before, usage.ru_nivcsw) != usage.ru_nivcsw;
#else
  return false;
#endif
}

/// Tells when the calling thread began to wait for the others.
int64_t run_on(int threads, Denormals denormals, int64_t count, Loop& loop) {
  int64_t waits_since = 0;
#pragma omp parallel num_threads(threads)
  {
    const FloatState state(denormals);
#pragma omp for schedule(static) nowait
    for (int64_t i = 0; i < count; ++i) loop.run(i);
    if (omp_get_thread_num() == 0) waits_since = detail::nanoseconds();
  }
  return waits_since;
}

}  // namespace

int threads_now() {
  const int wanted = num_threads();
  return crowding.allows(wanted) ? wanted : crowding.threads(detail::nanoseconds());
}

bool in_parallel() { return omp_in_parallel() != 0; }

void run_parallel(Denormals denormals, int64_t count, void (*body)(void* context, int64_t i),
                  void* context) {
  const int threads = static_cast<int>(std::min<int64_t>(count, threads_now()));
  if (threads <= 1 || in_parallel() || runs_alone) {
    const FloatState state(denormals);
    for (int64_t i = 0; i < count; ++i) body(context, i);
    return;
  }
  be_alone_after_fork();
  Loop loop{body, context};
  const int64_t waits_since = run_on(threads, denormals, count, loop);
  const int64_t end = detail::nanoseconds();
  crowding.note(waits_since - last_end, end - waits_since, end);
  if (waits_since - last_end >= Crowding::patience && was_stopped()) crowding.note_stop(end);
  last_end = end;
  if (loop.error) std::rethrow_exception(loop.error);
}

}  // namespace rill::kernels
