#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <rill/core/refcount.h>

namespace rill {

/// The memory that a tensor and its views share, with the counters that tell whether it was
/// written to. Comes from a caching pool: a block given back is handed out again without asking
/// the system.
struct Storage {
  RefCount refs;
  void* data = nullptr;
  size_t bytes = 0;
  /// Goes up with every in-place write; kept inputs compare it in backward.
  std::atomic<uint32_t> version{0};
  /// Goes up with every in-place write that the graph recorded; makes older views stale.
  std::atomic<uint32_t> recorded_writes{0};

  /// Uninitialised memory, aligned to 64 bytes. Throws OutOfMemoryError, naming the bytes asked.
  static Ref<Storage> allocate(size_t bytes);
  static void destroy(Storage* storage) noexcept;
};

/// Bytes of tensors that are alive, on all threads.
int64_t live_tensor_bytes();

/// Bytes that the pool holds ready for reuse.
int64_t cached_bytes();

/// Gives the pool's unused memory back to the system.
void empty_cache();

}  // namespace rill
