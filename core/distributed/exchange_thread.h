#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

namespace rill::distributed {

/// Does what is posted in its order, on one thread: the only one that calls MPI.
class ExchangeThread {
 public:
  ExchangeThread() : thread_([this] { run(); }) {}
  /// Does what was posted before it ends.
  ~ExchangeThread();
  ExchangeThread(const ExchangeThread&) = delete;
  ExchangeThread& operator=(const ExchangeThread&) = delete;

  std::future<void> post(std::function<void()> work);

 private:
  void run();
  std::mutex mutex_;
  std::condition_variable has_news_;
  std::deque<std::packaged_task<void()>> works_;
  bool is_ending_ = false;
  std::thread thread_;  // the last: it uses the others
};

}  // namespace rill::distributed
