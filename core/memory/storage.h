#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <rill/core/memory/file_mapping.h>
#include <rill/core/memory/pool.h>
#include <rill/core/memory/refcount.h>

namespace rill {

/// The memory that a tensor and its views share, with the counters that tell whether it was
/// written to.
struct Storage {
  RefCount refs;
  void* const data;
  const size_t bytes;
  /// Goes up with every in-place write; kept inputs compare it in backward.
  std::atomic<uint32_t> version{0};
  /// Goes up with every in-place write that the graph recorded; makes older views stale.
  std::atomic<uint32_t> recorded_writes{0};

  /// Uninitialised memory, aligned to 64 bytes. Throws OutOfMemoryError, naming the bytes asked.
  static Ref<Storage> allocate(size_t bytes);
  /// The memory of a mapping that can be written, for as long as the storage lives.
  static Ref<Storage> over(detail::FileMapping&& mapping);
  static void destroy(Storage* storage) noexcept;

 private:
  Storage(void* memory, size_t size, detail::PoolBlock&& block)
      : data(memory), bytes(size), block_(std::move(block)) {}
  explicit Storage(detail::FileMapping&& mapping)
      : data(mapping.data()), bytes(mapping.bytes()), mapping_(std::move(mapping)) {}

  // Where `data` lies: in one of these, or behind this storage where the tensor is small.
  detail::PoolBlock block_;
  detail::FileMapping mapping_;
};

/// Bytes of tensors that are alive, on all threads; those in mapped files too.
int64_t live_tensor_bytes();

/// Bytes that rill has taken from the system for tensors, the graph and the scratch memory of
/// kernels, in use or not; mapped files are not among them. What is not in use is kept for what
/// comes next: of large blocks, used and unused together, at most twice what was in use at once.
int64_t reserved_bytes();

/// Those of them that are ready for reuse. Each other thread that runs may have 1 MB more, of
/// small blocks in lists that it alone touches.
int64_t cached_bytes();

/// Gives them back to the system; of small blocks, which are cut from slabs of 32 KB, the slabs
/// that none is in use of.
void empty_cache() noexcept;

}  // namespace rill
