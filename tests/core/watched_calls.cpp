#include "tests/core/watched_calls.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <type_traits>

namespace rill::testing {
namespace {

detail::SystemCalls real_calls;
WatchedCalls::Before watch_before;
WatchedCalls::After watch_after;

template <class Result>
Result failed(int error) {
  errno = error;
  if constexpr (std::is_pointer_v<Result>)
    return nullptr;
  else
    return -1;
}

template <class Result>
long number_of(Result result) {
  if constexpr (std::is_pointer_v<Result>)
    return result ? 0 : -1;
  else
    return static_cast<long>(result);
}

/// What is closed stays so, also where that is said to have failed.
bool happens_anyway(const Call& call) { return call.name == "close" || call.name == "closedir"; }

template <class Make>
auto watched(Call call, Make make) {
  using Result = decltype(make(call));
  const std::optional<int> error = watch_before ? watch_before(call) : std::nullopt;
  if (error && happens_anyway(call)) make(call);
  const Result result = error ? failed<Result>(*error) : make(call);
  const int reason = errno;
  if (watch_after) watch_after(call, number_of(result));
  errno = reason;
  return result;
}

void watch_names(detail::SystemCalls& calls) {
  calls.lstat = [](const char* path, struct stat* status) {
    return watched({.name = "lstat", .path = path},
                   [&](const Call&) { return real_calls.lstat(path, status); });
  };
  calls.readlink = [](const char* path, char* to, size_t size) {
    return watched({.name = "readlink", .path = path},
                   [&](const Call&) { return real_calls.readlink(path, to, size); });
  };
  calls.rename = [](const char* from, const char* to) {
    return watched({.name = "rename", .path = from, .to = to},
                   [&](const Call&) { return real_calls.rename(from, to); });
  };
  calls.unlink = [](const char* path) {
    return watched({.name = "unlink", .path = path},
                   [&](const Call&) { return real_calls.unlink(path); });
  };
  calls.opendir = [](const char* path) {
    return watched({.name = "opendir", .path = path},
                   [&](const Call&) { return real_calls.opendir(path); });
  };
  calls.readdir = [](DIR* folder) {
    return watched({.name = "readdir"}, [&](const Call&) { return real_calls.readdir(folder); });
  };
  calls.closedir = [](DIR* folder) {
    return watched({.name = "closedir"}, [&](const Call&) { return real_calls.closedir(folder); });
  };
}

void watch_descriptors(detail::SystemCalls& calls) {
  calls.open = [](const char* path, int flags, mode_t mode) {
    return watched({.name = "open", .path = path, .number = flags},
                   [&](const Call&) { return real_calls.open(path, flags, mode); });
  };
  calls.dup = [](int descriptor) {
    return watched({.name = "dup", .descriptor = descriptor},
                   [&](const Call&) { return real_calls.dup(descriptor); });
  };
  calls.flock = [](int descriptor, int operation) {
    return watched({.name = "flock", .descriptor = descriptor},
                   [&](const Call&) { return real_calls.flock(descriptor, operation); });
  };
  calls.fstat = [](int descriptor, struct stat* status) {
    return watched({.name = "fstat", .descriptor = descriptor},
                   [&](const Call&) { return real_calls.fstat(descriptor, status); });
  };
  calls.close = [](int descriptor) {
    return watched({.name = "close", .descriptor = descriptor},
                   [&](const Call&) { return real_calls.close(descriptor); });
  };
}

void watch_contents(detail::SystemCalls& calls) {
  calls.write = [](int descriptor, const void* bytes, size_t size) {
    return watched({.name = "write",
                    .descriptor = descriptor,
                    .bytes = {static_cast<const char*>(bytes), size}},
                   [&](const Call& call) {
                     return real_calls.write(descriptor, call.bytes.data(), call.bytes.size());
                   });
  };
  calls.fchown = [](int descriptor, uid_t owner, gid_t group) {
    return watched({.name = "fchown", .descriptor = descriptor},
                   [&](const Call&) { return real_calls.fchown(descriptor, owner, group); });
  };
  calls.fchmod = [](int descriptor, mode_t mode) {
    return watched({.name = "fchmod", .descriptor = descriptor, .number = static_cast<long>(mode)},
                   [&](const Call&) { return real_calls.fchmod(descriptor, mode); });
  };
  calls.ftruncate = [](int descriptor, off_t size) {
    return watched(
        {.name = "ftruncate", .descriptor = descriptor, .number = static_cast<long>(size)},
        [&](const Call&) { return real_calls.ftruncate(descriptor, size); });
  };
  calls.fsync = [](int descriptor) {
    return watched({.name = "fsync", .descriptor = descriptor}, [](const Call&) { return 0; });
  };
}

}  // namespace

WatchedCalls::WatchedCalls(Before before, After after) {
  real_calls = detail::system_calls;
  watch_before = std::move(before);
  watch_after = std::move(after);
  watch_names(detail::system_calls);
  watch_descriptors(detail::system_calls);
  watch_contents(detail::system_calls);
}

WatchedCalls::~WatchedCalls() {
  detail::system_calls = real_calls;
  watch_before = nullptr;
  watch_after = nullptr;
}

const detail::SystemCalls& WatchedCalls::real() { return real_calls; }

WatchedCalls::Before note_in(std::vector<std::string>& names) {
  return [&names](Call& call) {
    names.push_back(call.name);
    return std::optional<int>();
  };
}

WatchedCalls::Before fail_at(size_t wanted, int error) {
  return [wanted, error, count = size_t{0}](Call&) mutable {
    return count++ == wanted ? std::optional<int>(error) : std::nullopt;
  };
}

WatchedCalls::Before die_at(size_t wanted, size_t written) {
  return [wanted, written, count = size_t{0}](Call& call) mutable -> std::optional<int> {
    if (count++ != wanted) return {};
    const size_t bytes = std::min(written, call.bytes.size());
    if (call.name == "write" && bytes)
      if (WatchedCalls::real().write(call.descriptor, call.bytes.data(), bytes) < 0) _exit(1);
    kill(getpid(), SIGKILL);
    return {};
  };
}

bool is_killed_in(const std::function<void()>& function) {
  const pid_t child = fork();
  if (child == 0) {
    try {
      function();
    } catch (...) {
    }
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

}  // namespace rill::testing
