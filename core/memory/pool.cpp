#include <rill/core/detail/spin_lock.h>
#include <rill/core/detail/system_memory.h>
#include <rill/core/memory/pool.h>

#include <algorithm>
#include <array>
#include <bit>
#include <mutex>
#include <new>

namespace rill::detail {
namespace {

/// A free block; says so in its own memory.
struct FreeBlock {
  FreeBlock* next;
  size_t bytes;
};

constexpr size_t steps = 8;  // size classes for each power of two
constexpr size_t classes = 64 * steps;

/// Block sizes grow by eighths of a power of two: at most 12.5 % of a block is wasted.
size_t class_of(size_t bytes) {
  const auto exponent = static_cast<size_t>(std::bit_width(bytes - 1)) - 1;
  const size_t step = size_t{1} << (exponent - 3);
  return exponent * steps + (bytes - 1 - (size_t{1} << exponent)) / step;
}
size_t block_bytes(size_t size_class) {
  const size_t exponent = size_class / steps;
  return (size_t{1} << exponent) + (size_class % steps + 1) * (size_t{1} << (exponent - 3));
}

void free_all(FreeBlock* blocks) noexcept {
  while (FreeBlock* block = blocks) {
    blocks = block->next;
    system_free(block, block->bytes);
  }
}

/// Free blocks by size class. What it holds, free or in use, stays below twice the most that was in
/// use at once: a program whose sizes recur, as a training's do, asks the system no more, and one
/// whose sizes vary gets blocks of up to twice the size, or unused ones go back.
class Pool {
 public:
  void* take(size_t& bytes) {
    const size_t size_class = class_of(bytes);
    FreeBlock* surplus = nullptr;
    {
      const std::lock_guard lock(lock_);
      if (FreeBlock* block = find(size_class)) {
        bytes = block->bytes;
        return block;
      }
      surplus = take_surplus(block_bytes(size_class));
    }
    free_all(surplus);
    return take_from_system(bytes, block_bytes(size_class));
  }

  void give_back(void* memory, size_t bytes) noexcept {
    const std::lock_guard lock(lock_);
    in_use_ -= bytes;
    put(new (memory) FreeBlock{nullptr, bytes});
  }

  void clear() noexcept {
    FreeBlock* blocks = nullptr;
    {
      const std::lock_guard lock(lock_);
      most_in_use_ = in_use_;
      blocks = take_free(cached_);
    }
    free_all(blocks);
  }

  size_t cached() noexcept {
    const std::lock_guard lock(lock_);
    return cached_;
  }

 private:
  /// Null where a block must come from the system.
  FreeBlock* find(size_t size_class) {
    const bool has_surplus = surplus_with(block_bytes(size_class)) > 0;
    const size_t last = has_surplus ? std::min(size_class + steps, classes - 1) : size_class;
    for (size_t i = size_class; i <= last; ++i)
      if (free_[i]) return use(pop(i));
    return nullptr;
  }

  FreeBlock* use(FreeBlock* block) {
    note_use(block->bytes);
    return block;
  }
  void note_use(size_t bytes) {
    in_use_ += bytes;
    most_in_use_ = std::max(most_in_use_, in_use_);
  }
  void put(FreeBlock* block) {
    FreeBlock*& first = free_[class_of(block->bytes)];
    block->next = first;
    first = block;
    cached_ += block->bytes;
  }
  FreeBlock* pop(size_t size_class) {
    FreeBlock* block = free_[size_class];
    free_[size_class] = block->next;
    cached_ -= block->bytes;
    return block;
  }

  /// By how much the pool would hold too much with a further block.
  size_t surplus_with(size_t bytes) const {
    const size_t held = in_use_ + cached_ + bytes;
    const size_t bound = 2 * std::max(most_in_use_, in_use_ + bytes);
    return held > bound ? held - bound : 0;
  }
  FreeBlock* take_surplus(size_t coming) { return take_free(surplus_with(coming)); }
  /// Free blocks of together at least `bytes`, or all, the largest first.
  FreeBlock* take_free(size_t bytes) {
    FreeBlock* taken = nullptr;
    size_t total = 0;
    for (size_t i = classes; i-- > 0 && total < bytes;)
      while (free_[i] && total < bytes) {
        FreeBlock* block = pop(i);
        total += block->bytes;
        block->next = taken;
        taken = block;
      }
    return taken;
  }

  void* take_from_system(size_t& bytes, size_t whole) {
    void* block = system_allocate(whole);
    if (!block) fail_for_memory(bytes);
    bytes = whole;
    const std::lock_guard lock(lock_);
    note_use(bytes);
    return block;
  }

  SpinLock lock_;
  std::array<FreeBlock*, classes> free_{};
  size_t cached_ = 0;
  size_t in_use_ = 0;
  size_t most_in_use_ = 0;
};

constinit Pool pool;  // outlives every tensor, static ones too: it needs no destructor

void* take(size_t& bytes) {
  if (!is_sanitized) return pool.take(bytes);
  if (void* block = system_allocate(bytes)) return block;
  fail_for_memory(bytes);
}

}  // namespace

PoolBlock::PoolBlock(size_t bytes) : bytes_(bytes) { data_ = take(bytes_); }

void PoolBlock::give_back() noexcept {
  if (is_sanitized)
    system_free(data_, bytes_);
  else
    pool.give_back(data_, bytes_);
}

int64_t cached_pool_bytes() noexcept { return static_cast<int64_t>(pool.cached()); }
void release_pool() noexcept { pool.clear(); }

}  // namespace rill::detail
