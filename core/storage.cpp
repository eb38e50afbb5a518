#include <rill/core/error.h>
#include <rill/core/storage.h>

#include <array>
#include <bit>
#include <cstdlib>
#include <mutex>
#include <new>
#include <vector>

namespace rill {
namespace {

constexpr size_t alignment = 64;
constexpr size_t header_bytes = (sizeof(Storage) + alignment - 1) / alignment * alignment;
/// Tensors up to this size lie in one small block together with their Storage.
constexpr size_t inline_bytes = 1024 - header_bytes;

std::atomic<int64_t> live{0};

/// Block sizes grow by eighths of a power of two: at most 12.5 % of a block is wasted.
size_t class_of(size_t bytes) {
  const auto exponent = static_cast<size_t>(std::bit_width(bytes - 1)) - 1;
  const size_t step = size_t{1} << (exponent - 3);
  return exponent * 8 + (bytes - 1 - (size_t{1} << exponent)) / step;
}
size_t block_bytes(size_t size_class) {
  const size_t exponent = size_class / 8;
  return (size_t{1} << exponent) + (size_class % 8 + 1) * (size_t{1} << (exponent - 3));
}

/// Free blocks by size class. One lock guards all: a large tensor costs far more than it.
class Pool {
 public:
  void* allocate(size_t bytes) {
    const size_t size_class = class_of(bytes);
    if (!detail::is_sanitized) {
      const std::lock_guard lock(mutex_);
      std::vector<void*>& blocks = free_[size_class];
      if (!blocks.empty()) {
        void* block = blocks.back();
        blocks.pop_back();
        cached_ -= static_cast<int64_t>(block_bytes(size_class));
        return block;
      }
    }
    return from_system(detail::is_sanitized ? (bytes + alignment - 1) / alignment * alignment
                                            : block_bytes(size_class));
  }
  void give_back(void* block, size_t bytes) {
    if (detail::is_sanitized) return std::free(block);
    const size_t size_class = class_of(bytes);
    const std::lock_guard lock(mutex_);
    free_[size_class].push_back(block);
    cached_ += static_cast<int64_t>(block_bytes(size_class));
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    for (std::vector<void*>& blocks : free_) {
      for (void* block : blocks) std::free(block);
      blocks = {};
    }
    cached_ = 0;
  }
  int64_t cached() {
    const std::lock_guard lock(mutex_);
    return cached_;
  }

 private:
  /// Null where the system has none, even after the unused blocks were given back.
  void* from_system(size_t bytes) {
    if (void* block = std::aligned_alloc(alignment, bytes)) return block;
    clear();
    return std::aligned_alloc(alignment, bytes);
  }

  std::mutex mutex_;
  std::array<std::vector<void*>, 64 * 8> free_;
  int64_t cached_ = 0;
};

Pool& pool() {
  static Pool* instance = new Pool;  // outlives every tensor, static ones too
  return *instance;
}

}  // namespace

Ref<Storage> Storage::allocate(size_t bytes) {
  const bool is_inline = bytes <= inline_bytes;
  char* block = static_cast<char*>(allocate_small(is_inline ? header_bytes + bytes : header_bytes));
  auto* storage = new (block) Storage;
  storage->bytes = bytes;
  storage->data = is_inline ? block + header_bytes : pool().allocate(bytes);
  if (!storage->data) {
    free_small(block, header_bytes);
    fail<OutOfMemoryError>("out of memory: asked for ", bytes, " bytes");
  }
  live.fetch_add(static_cast<int64_t>(bytes), std::memory_order_relaxed);
  return Ref<Storage>::adopt(storage);
}

void Storage::destroy(Storage* storage) noexcept {
  const size_t bytes = storage->bytes;
  const bool is_inline = bytes <= inline_bytes;
  live.fetch_sub(static_cast<int64_t>(bytes), std::memory_order_relaxed);
  if (!is_inline) pool().give_back(storage->data, bytes);
  storage->~Storage();
  free_small(storage, is_inline ? header_bytes + bytes : header_bytes);
}

int64_t live_tensor_bytes() { return live.load(std::memory_order_relaxed); }
int64_t cached_bytes() { return pool().cached(); }
void empty_cache() { pool().clear(); }

}  // namespace rill
