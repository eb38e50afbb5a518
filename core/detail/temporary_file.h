#pragma once

#include <optional>
#include <string>

#include <rill/core/detail/open_file.h>

namespace rill::detail {

/// A new file of a name that nobody can foretell (`.rill-` and 16 hexadecimal digits, `.tmp`),
/// beside the one that it is to replace; removed at the end unless it has.
///
/// It is locked as long as its name is there, and the lock goes with the process. So whoever gets
/// the lock of such a file knows that nobody will finish it: see remove_stray_files.
class TemporaryFile {
 public:
  /// Throws Error with `name`, under which the caller knows the file.
  TemporaryFile(const std::string& name, const std::string& folder, mode_t mode);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  OpenFile& file() { return *file_; }
  /// When what was written is on the disk, becomes `target`.
  void replace(const std::string& target);

 private:
  explicit TemporaryFile(const std::string& name) : name_(name) {}
  bool create(const std::string& folder, mode_t mode);

  std::string name_, path_;
  std::optional<OpenFile> lock_, file_;
};

}  // namespace rill::detail
