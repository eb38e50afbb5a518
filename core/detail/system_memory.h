#pragma once

#include <cstddef>
#include <cstdint>

namespace rill::detail {

/// Under a sanitizer every block comes from the system, so that it can see each misuse.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool is_sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif
#else
inline constexpr bool is_sanitized = false;
#endif

inline constexpr size_t memory_alignment = 64;

/// `bytes` from the system. Where it has none, what rill caches is given back before it is asked
/// again; null where that does not help either.
void* system_allocate(size_t bytes, size_t alignment = memory_alignment) noexcept;
void system_free(void* block, size_t bytes) noexcept;
/// What was allocated and not freed.
int64_t system_bytes() noexcept;

/// Throws OutOfMemoryError.
[[noreturn]] void fail_for_memory(size_t bytes);

}  // namespace rill::detail
