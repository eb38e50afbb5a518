#include <rill/core/autograd.h>
#include <rill/core/ops.h>

#include <cstdlib>
#include <new>

#include "tests/support/expect.h"

// A backward for which memory ends, at each place where it may.

namespace {

constinit thread_local int until_failure = -1;  // below 0: none fails

/// The n-th call of operator new from now, on this thread, throws.
struct FailingAllocation {
  explicit FailingAllocation(int n) { until_failure = n; }
  ~FailingAllocation() { until_failure = -1; }
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;
};

}  // namespace

[[gnu::noinline]] void* operator new(size_t bytes) {
  const bool fails = until_failure == 0;
  if (until_failure >= 0) --until_failure;
  void* block = fails ? nullptr : std::malloc(bytes);
  return block ? block : throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* block) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, size_t) noexcept { std::free(block); }

namespace rill {
namespace {

bool has_memory_for_backward(const Tensor& y) {
  try {
    y.backward({}, {.retain_graph = true});
  } catch (const std::bad_alloc&) {
    return false;
  }
  return true;
}

TEST(FailedBackward, ForWantOfMemoryLeavesAGraphThatCanBeWalked) {
  const Tensor x = tensor({2}, float64).requires_grad_();
  const Tensor h = x * x;
  const Tensor y = (h * h + h).sum();  // x⁴ + x²
  int failures = 0;
  for (bool done = false; !done && failures < 1000; failures += !done) {
    const FailingAllocation failing(failures);
    done = has_memory_for_backward(y);
  }
  EXPECT_GT(failures, 5);
  testing::expect_values(x.grad(), {36});
}

}  // namespace
}  // namespace rill
