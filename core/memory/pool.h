#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace rill::detail {

/// Memory aligned to 64 bytes, from a pool that all threads share: it goes back there, and is
/// handed out again without asking the system.
class PoolBlock {
 public:
  PoolBlock() = default;
  /// Uninitialised. Throws OutOfMemoryError.
  explicit PoolBlock(size_t bytes);
  PoolBlock(PoolBlock&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(other.bytes_) {}
  PoolBlock& operator=(PoolBlock other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~PoolBlock() {
    if (data_) give_back();
  }

  void* data() const { return data_; }

 private:
  void give_back() noexcept;

  void* data_ = nullptr;
  size_t bytes_ = 0;  // may be more than was asked for
};

/// Bytes ready for reuse.
int64_t cached_pool_bytes() noexcept;
/// Gives them back to the system.
void release_pool() noexcept;

}  // namespace rill::detail
