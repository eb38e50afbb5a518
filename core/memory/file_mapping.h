#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace rill::detail {

/// Bytes of an open file as memory of this process alone: what is written there never reaches the
/// file. They need neither begin nor end with a page, and stay when the file is closed.
class FileMapping {
 public:
  enum class Access { read, write };

  FileMapping() = default;
  /// `bytes`, at least one, from `offset` on. Has no data where the system refuses.
  FileMapping(int descriptor, uint64_t offset, size_t bytes, Access access) noexcept;
  FileMapping(FileMapping&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(other.bytes_) {}
  FileMapping& operator=(FileMapping other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~FileMapping() {
    if (data_) unmap();
  }

  char* data() const { return data_; }
  size_t bytes() const { return bytes_; }

 private:
  void unmap() noexcept;

  char* data_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace rill::detail
