#include <rill/core/detail/spin_lock.h>
#include <rill/core/detail/system_memory.h>
#include <rill/core/memory/small_blocks.h>

#include <array>
#include <mutex>
#include <new>
#include <utility>

// Blocks are cut from slabs. Each thread keeps up to two batches of free blocks of each size, which
// it alone touches; a third is handed to the shared lists, from where threads that run out take it.

namespace rill {
namespace {

using detail::SpinLock;

constexpr size_t granule = detail::memory_alignment;
constexpr size_t classes = 16;  // blocks of 64, 128, ... 1024 bytes
constexpr uint32_t batch_size = 64;

constexpr size_t class_of(size_t bytes) { return (bytes - 1) / granule; }
constexpr size_t block_bytes(size_t size_class) { return (size_class + 1) * granule; }
constexpr bool is_small(size_t bytes) {
  return !detail::is_sanitized && bytes <= block_bytes(classes - 1);
}

/// A free block. The first of a batch tells of the batch.
struct Block {
  Block* next;        // of the same batch
  Block* next_batch;  // of a list of batches
  uint32_t count;     // of the blocks in the batch
};

/// Batches of blocks of one size.
class BatchList {
 public:
  void push(Block* batch) {
    batch->next_batch = first_;
    first_ = batch;
  }
  /// Null where there is none.
  Block* pop() {
    Block* batch = first_;
    if (batch) first_ = batch->next_batch;
    return batch;
  }
  /// Adds one block to the first batch where that is not full.
  void add(void* block) {
    if (!first_ || first_->count >= batch_size) return push(new (block) Block{nullptr, nullptr, 1});
    first_->next = new (block) Block{first_->next, nullptr, 0};
    ++first_->count;
  }
  void take_all(BatchList other) {
    while (Block* batch = other.pop()) push(batch);
  }
  int64_t count() const {
    int64_t count = 0;
    for (const Block* batch = first_; batch; batch = batch->next_batch) count += batch->count;
    return count;
  }
  template <class F>
  void for_each(F f) const {
    for (Block *batch = first_, *next_batch; batch; batch = next_batch) {
      next_batch = batch->next_batch;
      for (Block *block = batch, *next; block; block = next) {
        next = block->next;
        f(block);
      }
    }
  }

 private:
  Block* first_ = nullptr;
};
using Lists = std::array<BatchList, classes>;

/// Memory cut into blocks of one size, which lie behind this in it.
struct alignas(granule) Slab {
  static constexpr size_t alignment = 32 * 1024;
  static constexpr size_t bytes = alignment - granule;  // malloc's own words fit between two

  Slab* next;
  size_t capacity;
  size_t free_blocks;  // counted by release_small

  static Slab* of(void* block) {
    return reinterpret_cast<Slab*>(reinterpret_cast<uintptr_t>(block) & ~(alignment - 1));
  }
};

/// What all threads share.
struct Shared {
  SpinLock lock;
  Lists lists;
  Slab* slabs = nullptr;

  void add_slab(Slab* slab) {
    slab->next = slabs;
    slabs = slab;
  }
};
constinit Shared shared;

/// A thread's free blocks of one size: a batch that is taken from and given to, and a full one.
struct ThreadList {
  Block* first;
  uint32_t count;
  Block* spare;
};
struct ThreadLists {
  std::array<ThreadList, classes> lists;
  uint32_t limit;  // of a batch; 0 before the first use and once the thread has ended
  bool has_ended;
};
constinit thread_local ThreadLists mine{};

/// Gives all of this thread's free blocks to the shared lists.
void share_mine() noexcept {
  const std::lock_guard lock(shared.lock);
  for (size_t i = 0; i < classes; ++i) {
    auto [first, count, spare] = std::exchange(mine.lists[i], {});
    if (first) {
      first->count = count;
      shared.lists[i].push(first);
    }
    if (spare) shared.lists[i].push(spare);
  }
}

struct AtThreadEnd {
  ~AtThreadEnd() {
    share_mine();
    mine.limit = 0;
    mine.has_ended = true;
  }
};

/// Whether this thread may keep blocks: destructors of other thread-locals run after its end.
bool may_keep() noexcept {
  if (mine.has_ended) return false;
  static thread_local AtThreadEnd at_thread_end;
  (void)at_thread_end;
  mine.limit = batch_size;
  return true;
}

Slab* make_slab(size_t size_class, BatchList& blocks) {
  void* memory = detail::system_allocate(Slab::bytes, Slab::alignment);
  if (!memory) detail::fail_for_memory(block_bytes(size_class));
  const size_t size = block_bytes(size_class);
  auto* slab = new (memory) Slab{nullptr, (Slab::bytes - sizeof(Slab)) / size, 0};
  char* first = reinterpret_cast<char*>(slab + 1);
  for (size_t i = 0; i < slab->capacity; ++i) blocks.add(first + i * size);
  return slab;
}

Block* take_shared_batch(size_t size_class) {
  {
    const std::lock_guard lock(shared.lock);
    if (Block* batch = shared.lists[size_class].pop()) return batch;
  }
  BatchList blocks;
  Slab* slab = make_slab(size_class, blocks);
  Block* batch = blocks.pop();
  const std::lock_guard lock(shared.lock);
  shared.add_slab(slab);
  shared.lists[size_class].take_all(blocks);
  return batch;
}

void give_shared_batch(size_t size_class, Block* batch) noexcept {
  const std::lock_guard lock(shared.lock);
  shared.lists[size_class].push(batch);
}

void* allocate_alone(size_t bytes) {
  if (void* block = detail::system_allocate(bytes)) return block;
  detail::fail_for_memory(bytes);
}

/// Gets at least one block into this thread's list, which is empty.
void refill(size_t size_class) {
  ThreadList& list = mine.lists[size_class];
  Block* batch = list.spare ? std::exchange(list.spare, nullptr) : take_shared_batch(size_class);
  list.first = batch;
  list.count = batch->count;
  if (may_keep() || list.count == 1) return;
  Block* rest = std::exchange(batch->next, nullptr);
  rest->count = std::exchange(list.count, 1) - 1;
  give_shared_batch(size_class, rest);
}

/// Makes room in this thread's list, which has reached its limit.
void put_away(size_t size_class) noexcept {
  ThreadList& list = mine.lists[size_class];
  if (may_keep() && list.count < batch_size) return;
  list.first->count = std::exchange(list.count, 0);
  Block* batch = std::exchange(list.first, nullptr);
  if (!mine.has_ended) batch = std::exchange(list.spare, batch);
  if (batch) give_shared_batch(size_class, batch);
}

}  // namespace

void* allocate_small(size_t bytes) {
  if (!is_small(bytes)) return allocate_alone(bytes);
  ThreadList& list = mine.lists[class_of(bytes)];
  if (!list.first) refill(class_of(bytes));
  Block* block = list.first;
  list.first = block->next;
  --list.count;
  return block;
}

void free_small(void* block, size_t bytes) noexcept {
  if (!is_small(bytes)) return detail::system_free(block, bytes);
  ThreadList& list = mine.lists[class_of(bytes)];
  Block* freed = new (block) Block;
  freed->next = list.first;
  list.first = freed;
  if (++list.count >= mine.limit) put_away(class_of(bytes));
}

int64_t detail::cached_small_bytes() noexcept {
  int64_t bytes = 0;
  const std::lock_guard lock(shared.lock);
  for (size_t i = 0; i < classes; ++i) {
    const ThreadList& list = mine.lists[i];
    const int64_t count =
        shared.lists[i].count() + list.count + (list.spare ? list.spare->count : 0);
    bytes += count * static_cast<int64_t>(block_bytes(i));
  }
  return bytes;
}

namespace {

/// Those of the blocks that lie in slabs with blocks in use.
BatchList still_needed(const BatchList& blocks) noexcept {
  BatchList needed;
  blocks.for_each([&](Block* block) {
    const Slab* slab = Slab::of(block);
    if (slab->free_blocks < slab->capacity) needed.add(block);
  });
  return needed;
}

/// Frees the slabs without a block in use; the others are shared again.
void free_slabs(Slab* slabs) noexcept {
  while (Slab* slab = slabs) {
    slabs = slab->next;
    if (std::exchange(slab->free_blocks, 0) == slab->capacity) {
      detail::system_free(slab, Slab::bytes);
    } else {
      const std::lock_guard lock(shared.lock);
      shared.add_slab(slab);
    }
  }
}

}  // namespace

void detail::release_small() noexcept {
  static constinit std::mutex one_at_a_time;
  const std::lock_guard alone(one_at_a_time);
  share_mine();
  shared.lock.lock();
  Lists lists = std::exchange(shared.lists, {});
  Slab* slabs = std::exchange(shared.slabs, nullptr);
  shared.lock.unlock();

  for (const BatchList& list : lists)
    list.for_each([](Block* block) { ++Slab::of(block)->free_blocks; });
  for (BatchList& list : lists) list = still_needed(list);
  {
    const std::lock_guard lock(shared.lock);
    for (size_t i = 0; i < classes; ++i) shared.lists[i].take_all(lists[i]);
  }
  free_slabs(slabs);
}

}  // namespace rill
