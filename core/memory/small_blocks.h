#pragma once

#include <cstddef>
#include <cstdint>

namespace rill {

/// Small blocks (up to 1 KB) from free lists of this thread; larger ones from the system.
/// Graph nodes, tensor handles and scalars live here. A thread that frees more than it takes hands
/// blocks on, by the batch, to those that take more. Throws OutOfMemoryError.
void* allocate_small(size_t bytes);
void free_small(void* block, size_t bytes) noexcept;

namespace detail {
/// Bytes of small blocks ready for reuse, but for those in the lists of other threads.
int64_t cached_small_bytes() noexcept;
/// Gives slabs of small blocks all of which are counted by cached_small_bytes back to the system.
void release_small() noexcept;
}  // namespace detail

}  // namespace rill
