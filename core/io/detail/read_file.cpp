#include <rill/core/io/detail/read_file.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include <rill/core/detail/open_file.h>

namespace rill::detail {
namespace {

[[noreturn]] void refuse_with_errno(const std::string& path) {
  refuse_to_read(path, reason_of(errno));
}

/// Not waiting for the other end of what is a pipe.
int open_to_read(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) refuse_with_errno(path);
  return descriptor;
}

FileMapping whole_of(int descriptor, const std::string& path) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) refuse_with_errno(path);
  if (!S_ISREG(status.st_mode)) refuse_to_read(path, "it is no regular file");
  if (status.st_size == 0) return {};
  FileMapping whole(descriptor, 0, static_cast<size_t>(status.st_size), FileMapping::Access::read);
  if (!whole.data()) refuse_with_errno(path);
  return whole;
}

}  // namespace

ReadFile::ReadFile(const std::string& path) : path_(path), descriptor_(open_to_read(path)) {
  try {
    whole_ = whole_of(descriptor_, path_);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

ReadFile::ReadFile(ReadFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      whole_(std::move(other.whole_)) {}

ReadFile::~ReadFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace rill::detail
