#include <rill/core/detail/system_memory.h>
#include <rill/core/error.h>
#include <rill/core/memory/storage.h>

#include <atomic>
#include <cstdlib>

namespace rill::detail {
namespace {

std::atomic<int64_t> taken{0};

void* ask_system(size_t bytes, size_t alignment) noexcept {
  void* block = nullptr;
  return posix_memalign(&block, alignment, bytes) == 0 ? block : nullptr;
}

}  // namespace

void* system_allocate(size_t bytes, size_t alignment) noexcept {
  void* block = ask_system(bytes, alignment);
  if (!block) {
    empty_cache();
    block = ask_system(bytes, alignment);
  }
  if (block) taken.fetch_add(static_cast<int64_t>(bytes), std::memory_order_relaxed);
  return block;
}

void system_free(void* block, size_t bytes) noexcept {
  taken.fetch_sub(static_cast<int64_t>(bytes), std::memory_order_relaxed);
  std::free(block);
}

int64_t system_bytes() noexcept { return taken.load(std::memory_order_relaxed); }

void fail_for_memory(size_t bytes) {
  fail<OutOfMemoryError>("out of memory: asked for ", bytes, " bytes");
}

}  // namespace rill::detail
