#include <rill/core/file.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <random>
#include <utility>

#include <rill/core/error.h>

namespace rill {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& path, const std::string& reason) {
  fail<Error>("cannot write ", path, ": ", reason);
}

[[noreturn]] void refuse(const std::string& path, int error) {
  refuse(path, std::generic_category().message(error));
}

/// An open file; its name in errors is that which the caller gave.
class OpenFile {
 public:
  OpenFile(const std::string& name, int descriptor) : name_(name), descriptor_(descriptor) {
    if (descriptor_ < 0) refuse(name_, errno);
  }
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  off_t size() const {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) refuse(name_, errno);
    return status.st_size;
  }
  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written >= 0)
        bytes.remove_prefix(static_cast<size_t>(written));
      else if (errno != EINTR)
        refuse(name_, errno);
    }
  }
  void set_mode(mode_t mode) {
    if (::fchmod(descriptor_, mode) != 0) refuse(name_, errno);
  }
  bool cut_to(off_t size) { return ::ftruncate(descriptor_, size) == 0; }
  void reach_the_disk() {
    if (::fsync(descriptor_) != 0) refuse(name_, errno);
  }
  /// What was written may be refused only here.
  void close() {
    if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) refuse(name_, errno);
  }

 private:
  std::string name_;
  int descriptor_;
};

/// Where `path` leads when its links are followed, the last of which may lead to nothing.
fs::path followed(const std::string& path) {
  constexpr int most_links = 40;
  fs::path target = path;
  std::error_code error;
  for (int links = 0; fs::is_symlink(target, error); ++links) {
    if (links == most_links) refuse(path, ELOOP);
    target = target.parent_path() / fs::read_symlink(target, error);
  }
  return target;
}

/// A name for a file beside `target` that nobody can foretell.
fs::path name_beside(const fs::path& target) {
  std::random_device draw;
  return target.parent_path() / (".rill-" + std::to_string(draw()) + std::to_string(draw()));
}

/// A new file beside the one that it will replace; removed unless it did.
class Replacement {
 public:
  Replacement(const std::string& name, const fs::path& target, mode_t mode)
      : name_(name),
        target_(target),
        path_(name_beside(target)),
        file(name, ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)) {}
  ~Replacement() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  void take_the_place() {
    file.reach_the_disk();
    file.close();
    if (::rename(path_.c_str(), target_.c_str()) != 0) refuse(name_, errno);
    path_.clear();
  }

 private:
  std::string name_;
  fs::path target_, path_;

 public:
  OpenFile file;
};

/// Where this is left out, a machine that stops may forget the renaming. Not every system can.
void keep_names_of(const fs::path& folder) {
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

void replace_file(const std::string& path, std::string_view bytes) {
  const fs::path target = followed(path);
  struct stat before {};
  const bool exists = ::stat(target.c_str(), &before) == 0;
  if (exists && !S_ISREG(before.st_mode)) refuse(path, "it is no regular file");
  const mode_t mode = exists ? before.st_mode & 07777 : 0666;
  Replacement replacement(path, target, mode);
  if (exists) replacement.file.set_mode(mode);
  replacement.file.write(bytes);
  replacement.take_the_place();
  keep_names_of(target.parent_path());
}

void append_to_file(const std::string& path, std::string_view bytes) {
  OpenFile file(path, ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  const off_t before = file.size();
  try {
    file.write(bytes);
  } catch (...) {
    file.cut_to(before);
    throw;
  }
  file.close();
}

}  // namespace rill
