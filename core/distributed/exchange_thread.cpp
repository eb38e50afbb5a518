#include "exchange_thread.h"

#include <utility>

namespace rill::distributed {

ExchangeThread::~ExchangeThread() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  has_news_.notify_one();
  thread_.join();
}

std::future<void> ExchangeThread::post(std::function<void()> work) {
  std::packaged_task<void()> task(std::move(work));
  std::future<void> done = task.get_future();
  {
    const std::lock_guard lock(mutex_);
    works_.push_back(std::move(task));
  }
  has_news_.notify_one();
  return done;
}

void ExchangeThread::run() {
  for (;;) {
    std::unique_lock lock(mutex_);
    has_news_.wait(lock, [this] { return is_ending_ || !works_.empty(); });
    if (works_.empty()) return;
    std::packaged_task<void()> task = std::move(works_.front());
    works_.pop_front();
    lock.unlock();
    task();
  }
}

}  // namespace rill::distributed
