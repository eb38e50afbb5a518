#include <rill/core/detail/system_calls.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdio>

namespace rill::detail {
namespace {

int open_file(const char* path, int flags, mode_t mode) { return ::open(path, flags, mode); }

int duplicate(int descriptor) { return ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0); }

int sync_to_disk(int descriptor) {
#ifdef F_FULLFSYNC  // on macOS fsync leaves what the disk itself has not written yet
  if (::fcntl(descriptor, F_FULLFSYNC) == 0) return 0;
  if (errno != ENOTSUP && errno != EINVAL && errno != ENOTTY) return -1;
#endif
  return ::fsync(descriptor);
}

}  // namespace

SystemCalls system_calls = {
    .lstat = ::lstat,
    .readlink = ::readlink,
    .open = open_file,
    .dup = duplicate,
    .flock = ::flock,
    .fstat = ::fstat,
    .write = ::write,
    .fchown = ::fchown,
    .fchmod = ::fchmod,
    .ftruncate = ::ftruncate,
    .fsync = sync_to_disk,
    .close = ::close,
    .rename = ::rename,
    .unlink = ::unlink,
    .opendir = ::opendir,
    .readdir = ::readdir,
    .closedir = ::closedir,
};

}  // namespace rill::detail
