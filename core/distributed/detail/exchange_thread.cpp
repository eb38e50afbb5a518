#include <rill/core/distributed/detail/exchange_thread.h>

#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include <rill/core/distributed/detail/short_turns.h>

namespace rill::distributed {
namespace {

struct Work {
  std::function<void()> work;
  std::promise<void> done;
};

/// What the work has goes before anybody hears that it is done.
void finish(Work& work) {
  try {
    std::exchange(work.work, nullptr)();
    work.done.set_value();
  } catch (...) {
    work.done.set_exception(std::current_exception());
  }
}

}  // namespace

struct ExchangeThread::State {
  std::mutex mutex;
  std::condition_variable has_news;
  std::deque<Work> works;  // the first is under way
  bool is_ending = false, has_ended = false;
  std::exception_ptr error;  // why it stays
};

ExchangeThread::ExchangeThread()
    : state_(std::make_shared<State>()), thread_([state = state_] { run(*state); }) {}

ExchangeThread::~ExchangeThread() {
  std::unique_lock lock(state_->mutex);
  state_->is_ending = true;
  state_->has_news.notify_all();
  state_->has_news.wait(lock, [this] { return state_->has_ended; });
  lock.unlock();
  if (state_->error)
    thread_.detach();
  else
    thread_.join();
}

std::future<void> ExchangeThread::post(std::function<void()> work) {
  Work next{std::move(work), {}};
  std::future<void> done = next.done.get_future();
  const std::lock_guard lock(state_->mutex);
  if (state_->error)
    next.done.set_exception(state_->error);
  else
    state_->works.push_back(std::move(next));
  state_->has_news.notify_all();
  return done;
}

void ExchangeThread::stay(const std::exception_ptr& error) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->error = error;
    for (Work& work : state_->works) work.done.set_exception(error);
    state_->has_ended = true;
    state_->has_news.notify_all();
  }
  for (;;) pause();
}

void ExchangeThread::run(State& state) {
  take_short_turns();
  std::unique_lock lock(state.mutex);
  for (;;) {
    state.has_news.wait(lock, [&] { return state.is_ending || !state.works.empty(); });
    if (state.works.empty()) break;
    Work& work = state.works.front();
    lock.unlock();
    finish(work);
    lock.lock();
    state.works.pop_front();
  }
  state.has_ended = true;
  state.has_news.notify_all();
}

}  // namespace rill::distributed
