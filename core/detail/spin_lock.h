#pragma once

#include <atomic>
#include <thread>

namespace rill::detail {

/// For std::lock_guard, around a few instructions: no thread is put to sleep for so short a time.
class SpinLock {
 public:
  void lock() noexcept {
    for (int tries = 1; flag_.test_and_set(std::memory_order_acquire); ++tries)
      if (tries % 64 == 0) std::this_thread::yield();
  }
  void unlock() noexcept { flag_.clear(std::memory_order_release); }

 private:
  std::atomic_flag flag_;
};

}  // namespace rill::detail
