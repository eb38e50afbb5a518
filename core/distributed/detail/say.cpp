#include <rill/core/distributed/detail/say.h>

#include <unistd.h>

#include <chrono>
#include <future>
#include <system_error>
#include <thread>
#include <utility>

namespace rill::distributed {

/// The thread stays behind where it is stuck; its text is its own. Where there can be no thread,
/// the text is lost.
void say(const std::string& text) try {
  std::promise<void> promise;
  const std::future<void> is_said = promise.get_future();
  std::thread([text, promise = std::move(promise)]() mutable {
    static_cast<void>(!write(STDERR_FILENO, text.data(), text.size()));
    promise.set_value();
  }).detach();
  is_said.wait_for(std::chrono::seconds(1));
} catch (const std::system_error&) {
}

}  // namespace rill::distributed
