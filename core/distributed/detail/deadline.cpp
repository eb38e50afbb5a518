#include <rill/core/distributed/detail/deadline.h>

#include <unistd.h>

#include <utility>

#include <rill/core/distributed/detail/say.h>

namespace rill::distributed {

Deadline::Deadline(std::chrono::milliseconds time, std::string why)
    : thread_([this, time, text = "rill: " + std::move(why) + "\n"] {
        std::unique_lock lock(mutex_);
        if (met_.wait_for(lock, time, [this] { return is_met_; })) return;
        say(text);
        _exit(1);
      }) {}

Deadline::~Deadline() {
  {
    const std::lock_guard lock(mutex_);
    is_met_ = true;
  }
  met_.notify_one();
  thread_.join();
}

}  // namespace rill::distributed
