#include <rill/core/detail/open_file.h>

#include <fcntl.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include <rill/core/detail/system_calls.h>
#include <rill/core/error.h>

namespace rill::detail {

std::string reason_of(int error) { return std::generic_category().message(error); }

void refuse_to_write(const std::string& path, const std::string& reason) {
  fail<Error>("cannot write ", path, ": ", reason);
}

void refuse_to_write(const std::string& path, int error) {
  refuse_to_write(path, reason_of(error));
}

int open_descriptor(const std::string& path, int flags, mode_t mode) {
  return uninterrupted([&] { return system_calls.open(path.c_str(), flags | O_CLOEXEC, mode); });
}

OpenFile::OpenFile(const std::string& name, int descriptor) : name_(name), descriptor_(descriptor) {
  if (descriptor_ < 0) refuse_to_write(name_, errno);
}

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) system_calls.close(descriptor_);
}

struct stat OpenFile::status() const {
  struct stat status {};
  if (system_calls.fstat(descriptor_, &status) != 0) refuse_to_write(name_, errno);
  return status;
}

void OpenFile::write(std::string_view bytes) {
  constexpr size_t most = 1 << 30;  // macOS refuses 2 GB at once
  while (!bytes.empty()) {
    const ssize_t written = uninterrupted([&] {
      return system_calls.write(descriptor_, bytes.data(), std::min(bytes.size(), most));
    });
    if (written < 0) refuse_to_write(name_, errno);
    if (written == 0) refuse_to_write(name_, "the system takes no more of it");
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

void OpenFile::take_owner_and_mode(const struct stat& other) {
  constexpr mode_t bits = 07777;
  const auto chown = [&] { return system_calls.fchown(descriptor_, other.st_uid, other.st_gid); };
  const auto chmod = [&] { return system_calls.fchmod(descriptor_, other.st_mode & bits); };
  const struct stat own = status();
  if (own.st_uid != other.st_uid || own.st_gid != other.st_gid)
    if (uninterrupted(chown) != 0 && errno != EPERM) refuse_to_write(name_, errno);
  if ((own.st_mode & bits) != (other.st_mode & bits))  // some file systems have one mode for all
    if (uninterrupted(chmod) != 0) refuse_to_write(name_, errno);
}

bool OpenFile::cut_to(off_t size) {
  return uninterrupted([&] { return system_calls.ftruncate(descriptor_, size); }) == 0;
}

void OpenFile::sync() {
  if (uninterrupted([&] { return system_calls.fsync(descriptor_); }) != 0)
    refuse_to_write(name_, errno);
}

void OpenFile::close() {
  // After EINTR too it is closed: another call could close what another thread has opened since.
  if (system_calls.close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR)
    refuse_to_write(name_, errno);
}

}  // namespace rill::detail
