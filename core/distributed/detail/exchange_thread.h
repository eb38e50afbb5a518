#pragma once

#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <thread>

namespace rill::distributed {

/// Does what is posted in its order, on one thread: the only one that calls MPI.
class ExchangeThread {
 public:
  ExchangeThread();
  /// Does what was posted before it ends.
  ~ExchangeThread();
  ExchangeThread(const ExchangeThread&) = delete;
  ExchangeThread& operator=(const ExchangeThread&) = delete;

  std::future<void> post(std::function<void()> work);
  /// Within `post`, where the work cannot go on, but somebody else may still write to its memory:
  /// who waits for it, or for what follows, gets the error, and the thread stays where it is, with
  /// all that the work has, until the process ends.
  [[noreturn]] void stay(const std::exception_ptr& error);

 private:
  struct State;
  static void run(State& state);
  std::shared_ptr<State> state_;  // the thread's too, which may stay behind
  std::thread thread_;
};

}  // namespace rill::distributed
