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
static_assert(header_bytes == 64, "a small tensor has one cache line before its numbers");

bool is_inline(size_t bytes) { return bytes <= inline_bytes; }

/// Where the numbers of a small tensor lie.
void* behind(void* storage) { return static_cast<char*>(storage) + header_bytes; }

std::atomic<int64_t> live{0};

}  // namespace

Ref<Storage> Storage::allocate(size_t bytes) {
  detail::PoolBlock block;
  if (!is_inline(bytes)) block = detail::PoolBlock(bytes);
  void* memory = allocate_small(header_bytes + (is_inline(bytes) ? bytes : 0));
  void* data = is_inline(bytes) ? behind(memory) : block.data();
  live.fetch_add(static_cast<int64_t>(bytes), std::memory_order_relaxed);
  return Ref<Storage>::adopt(new (memory) Storage(data, bytes, std::move(block)));
}

Ref<Storage> Storage::over(detail::FileMapping&& mapping) {
  void* memory = allocate_small(header_bytes);
  live.fetch_add(static_cast<int64_t>(mapping.bytes()), std::memory_order_relaxed);
  return Ref<Storage>::adopt(new (memory) Storage(std::move(mapping)));
}

void Storage::destroy(Storage* storage) noexcept {
  const size_t behind_it = storage->data == behind(storage) ? storage->bytes : 0;
  live.fetch_sub(static_cast<int64_t>(storage->bytes), std::memory_order_relaxed);
  storage->~Storage();
  free_small(storage, header_bytes + behind_it);
}

int64_t live_tensor_bytes() { return live.load(std::memory_order_relaxed); }
int64_t reserved_bytes() { return detail::system_bytes(); }
int64_t cached_bytes() { return detail::cached_pool_bytes() + detail::cached_small_bytes(); }

void empty_cache() noexcept {
  detail::release_pool();
  detail::release_small();
}

}  // namespace rill
