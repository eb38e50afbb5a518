#include <rill/core/detail/system_memory.h>
#include <rill/core/memory/small_blocks.h>
#include <rill/core/memory/storage.h>

#include <new>

namespace rill {
namespace {

constexpr size_t header_bytes = (sizeof(Storage) + detail::memory_alignment - 1) /
                                detail::memory_alignment * detail::memory_alignment;
/// Tensors up to this size lie in one small block together with their Storage.
constexpr size_t inline_bytes = 1024 - header_bytes;

bool is_inline(size_t bytes) { return bytes <= inline_bytes; }
size_t small_bytes(size_t bytes) { return header_bytes + (is_inline(bytes) ? bytes : 0); }

std::atomic<int64_t> live{0};

}  // namespace

Ref<Storage> Storage::allocate(size_t bytes) {
  detail::PoolBlock block;
  if (!is_inline(bytes)) block = detail::PoolBlock(bytes);
  char* memory = static_cast<char*>(allocate_small(small_bytes(bytes)));
  void* data = is_inline(bytes) ? memory + header_bytes : block.data();
  live.fetch_add(static_cast<int64_t>(bytes), std::memory_order_relaxed);
  return Ref<Storage>::adopt(new (memory) Storage(data, bytes, std::move(block)));
}

void Storage::destroy(Storage* storage) noexcept {
  const size_t bytes = storage->bytes;
  live.fetch_sub(static_cast<int64_t>(bytes), std::memory_order_relaxed);
  storage->~Storage();
  free_small(storage, small_bytes(bytes));
}

int64_t live_tensor_bytes() { return live.load(std::memory_order_relaxed); }
int64_t reserved_bytes() { return detail::system_bytes(); }
int64_t cached_bytes() { return detail::cached_pool_bytes() + detail::cached_small_bytes(); }

void empty_cache() noexcept {
  detail::release_pool();
  detail::release_small();
}

}  // namespace rill
