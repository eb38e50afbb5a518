#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <rill/core/detail/quotes.h>
#include <rill/core/error.h>
#include <rill/core/memory/file_mapping.h>

namespace rill::detail {

/// Throws Error: "cannot read PATH: ...".
template <class... Parts>
[[noreturn]] void refuse_to_read(const std::string& path, const Parts&... parts) {
  fail<Error>("cannot read ", path, ": ", parts...);
}

/// A regular file, open for reading, and its bytes: mapped, so that the system ends the program
/// (SIGBUS) where somebody cuts the file meanwhile.
class ReadFile {
 public:
  /// Throws Error.
  explicit ReadFile(const std::string& path);
  ReadFile(ReadFile&& other) noexcept;
  ReadFile& operator=(ReadFile&&) = delete;
  ~ReadFile();

  const std::string& path() const { return path_; }
  std::string_view bytes() const { return {whole_.data(), whole_.bytes()}; }
  /// A part of it that can be written without changing the file. Has no data where the system
  /// refuses.
  FileMapping map(uint64_t offset, size_t bytes) const noexcept {
    return {descriptor_, offset, bytes, FileMapping::Access::write};
  }

 private:
  std::string path_;
  int descriptor_;
  FileMapping whole_;  // none of an empty file
};

}  // namespace rill::detail
