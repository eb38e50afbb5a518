#pragma once

#include <rill/core/detail/system_calls.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rill::testing {

/// A call of the system by which a file is written.
struct Call {
  std::string name;  // as in SystemCalls
  int descriptor = -1;
  std::string path = "", to = "";
  std::string_view bytes = {};  // of a write
  long number = 0;              // flags, mode or size
};

/// Watches the calls of all threads for its lifetime. Nothing is synced meanwhile: that no test can
/// see, and it takes long.
class WatchedCalls {
 public:
  /// Told of a call beforehand; it may shorten its bytes, or give an error in its place.
  using Before = std::function<std::optional<int>(Call&)>;
  /// Told of what a call gave, negative for an error.
  using After = std::function<void(const Call&, long result)>;

  explicit WatchedCalls(Before before, After after = {});
  ~WatchedCalls();
  WatchedCalls(const WatchedCalls&) = delete;
  WatchedCalls& operator=(const WatchedCalls&) = delete;

  /// The system's own.
  static const detail::SystemCalls& real();
};

/// Puts the name of each call into `names`.
WatchedCalls::Before note_in(std::vector<std::string>& names);

/// Stops the call `wanted`, counted from 0, with `error`.
WatchedCalls::Before fail_at(size_t wanted, int error);

/// Ends as with kill -9 before the call `wanted`, of a write after at most `written` bytes of it.
WatchedCalls::Before die_at(size_t wanted, size_t written);

/// Whether a child process that calls `function` was killed in it.
bool is_killed_in(const std::function<void()>& function);

}  // namespace rill::testing
