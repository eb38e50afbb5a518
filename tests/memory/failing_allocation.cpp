#include "tests/memory/failing_allocation.h"

#include <malloc.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <new>

// This program's own operator new and posix_memalign, from which rill takes its memory.

namespace rill::testing {
namespace {

std::atomic<int64_t> until_failure{INT64_MAX};
std::atomic<bool> all_after{false};
std::atomic<int64_t> calls{0};

bool must_fail() {
  const int64_t left = until_failure.fetch_sub(1) - 1;
  return left == 0 || (left < 0 && all_after);
}

}  // namespace

FailingAllocation::FailingAllocation(int64_t n, Failing failing) {
  all_after = failing == Failing::the_nth_and_all_after;
  until_failure = n;
}
FailingAllocation::~FailingAllocation() { until_failure = INT64_MAX; }
bool FailingAllocation::has_failed() const { return until_failure <= 0; }

int64_t system_calls() { return calls; }

}  // namespace rill::testing

namespace {
void* allocate(size_t bytes, size_t alignment) {
  if (rill::testing::must_fail()) throw std::bad_alloc();
  if (void* block = memalign(alignment, bytes)) return block;
  throw std::bad_alloc();
}
}  // namespace

void* operator new(size_t bytes) { return allocate(bytes, __STDCPP_DEFAULT_NEW_ALIGNMENT__); }
void* operator new(size_t bytes, std::align_val_t alignment) {
  return allocate(bytes, static_cast<size_t>(alignment));
}
void* operator new(size_t bytes, const std::nothrow_t&) noexcept {
  return rill::testing::must_fail() ? nullptr : memalign(__STDCPP_DEFAULT_NEW_ALIGNMENT__, bytes);
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, size_t) noexcept { std::free(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { std::free(block); }
void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete(void* block, size_t, std::align_val_t) noexcept { std::free(block); }

extern "C" int posix_memalign(void** block, size_t alignment, size_t bytes) noexcept {
  rill::testing::calls.fetch_add(1);
  *block = rill::testing::must_fail() ? nullptr : memalign(alignment, bytes);
  return *block ? 0 : ENOMEM;
}
