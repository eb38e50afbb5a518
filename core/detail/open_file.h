#pragma once

#include <sys/stat.h>

#include <string>
#include <string_view>

namespace rill::detail {

/// What the system says of an error: "No space left on device".
std::string reason_of(int error);
/// Throws Error: "cannot write PATH: " and the reason.
[[noreturn]] void refuse_to_write(const std::string& path, const std::string& reason);
[[noreturn]] void refuse_to_write(const std::string& path, int error);

/// An open file or folder, closed at the end. What fails throws Error with `name`, under which the
/// caller knows it. Signals interrupt nothing.
class OpenFile {
 public:
  /// `descriptor` is what `open` gave; where it is negative, errno says why.
  OpenFile(const std::string& name, int descriptor);
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int descriptor() const { return descriptor_; }
  struct stat status() const;
  /// All of them, in as many calls as the system wants.
  void write(std::string_view bytes);
  /// Those of `other`; the owner only as far as this process may set it.
  void take_owner_and_mode(const struct stat& other);
  bool cut_to(off_t size);
  /// Returns once the disk has what was written.
  void sync();
  /// What was written may be refused only here.
  void close();

 private:
  std::string name_;
  int descriptor_;
};

/// open, uninterrupted; negative where it fails.
int open_descriptor(const std::string& path, int flags, mode_t mode = 0);

}  // namespace rill::detail
