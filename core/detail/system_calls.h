#pragma once

#include <dirent.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cerrno>
#include <cstddef>

namespace rill::detail {

/// The calls of the system by which files are written, as POSIX has them, each through a pointer:
/// tests put others in their place, to see what becomes of a file where one fails.
struct SystemCalls {
  int (*lstat)(const char* path, struct stat* status);
  ssize_t (*readlink)(const char* path, char* to, size_t size);
  int (*open)(const char* path, int flags, mode_t mode);
  int (*dup)(int descriptor);  // closed in programs that this one starts, as what `open` gives
  int (*flock)(int descriptor, int operation);
  int (*fstat)(int descriptor, struct stat* status);
  ssize_t (*write)(int descriptor, const void* bytes, size_t size);
  int (*fchown)(int descriptor, uid_t owner, gid_t group);
  int (*fchmod)(int descriptor, mode_t mode);
  int (*ftruncate)(int descriptor, off_t size);
  int (*fsync)(int descriptor);  // down to the disk, also on macOS
  int (*close)(int descriptor);
  int (*rename)(const char* from, const char* to);
  int (*unlink)(const char* path);
  DIR* (*opendir)(const char* path);
  dirent* (*readdir)(DIR* folder);
  int (*closedir)(DIR* folder);
};

extern SystemCalls system_calls;

/// What `call` gives once no signal interrupts it.
template <class Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

}  // namespace rill::detail
