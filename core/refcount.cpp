#include <rill/core/error.h>
#include <rill/core/refcount.h>

#include <array>
#include <cstdlib>
#include <mutex>
#include <new>
#include <vector>

namespace rill {
namespace {

constexpr size_t granule = 64;
constexpr size_t classes = 16;  // blocks of 64, 128, ... 1024 bytes
constexpr size_t slab_bytes = 32 * 1024;

void* system_allocate(size_t bytes) {
  const size_t rounded = (bytes + granule - 1) / granule * granule;
  if (void* block = std::aligned_alloc(granule, rounded)) return block;
  fail<OutOfMemoryError>("out of memory: asked for ", bytes, " bytes");
}

struct Block {
  Block* next;
};
using Lists = std::array<Block*, classes>;

/// Lists of threads that have ended, and all slabs: they are kept for the whole run.
struct Shared {
  std::mutex mutex;
  Lists lists{};
  std::vector<void*> slabs;
};
Shared& shared() {
  static Shared* instance = new Shared;  // outlives every thread
  return *instance;
}

constinit thread_local Lists lists{};
constinit thread_local bool thread_has_ended = false;

/// Gives this thread's lists to the shared ones when the thread ends.
struct Reaper {
  ~Reaper() {
    const std::lock_guard lock(shared().mutex);
    for (size_t i = 0; i < classes; ++i)
      while (Block* block = lists[i]) {
        lists[i] = block->next;
        block->next = shared().lists[i];
        shared().lists[i] = block;
      }
    thread_has_ended = true;
  }
};

void refill(size_t index) {
  static thread_local Reaper reaper;
  (void)reaper;
  const std::lock_guard lock(shared().mutex);
  if (Block* block = shared().lists[index]) {
    shared().lists[index] = nullptr;
    lists[index] = block;
    return;
  }
  char* slab = static_cast<char*>(system_allocate(slab_bytes));
  shared().slabs.push_back(slab);
  const size_t size = (index + 1) * granule;
  for (size_t at = 0; at + size <= slab_bytes; at += size) {
    Block* block = new (slab + at) Block{lists[index]};
    lists[index] = block;
  }
}

}  // namespace

void* allocate_small(size_t bytes) {
  if (detail::is_sanitized || bytes > classes * granule || thread_has_ended)
    return system_allocate(bytes);
  const size_t index = (bytes - 1) / granule;
  if (!lists[index]) refill(index);
  Block* block = lists[index];
  lists[index] = block->next;
  return block;
}

void free_small(void* block, size_t bytes) noexcept {
  if (detail::is_sanitized || bytes > classes * granule) return std::free(block);
  const size_t index = (bytes - 1) / granule;
  if (thread_has_ended) {
    const std::lock_guard lock(shared().mutex);
    shared().lists[index] = new (block) Block{shared().lists[index]};
    return;
  }
  lists[index] = new (block) Block{lists[index]};
}

}  // namespace rill
