#include <gtest/gtest.h>

#include <rill/core/autograd.h>
#include <rill/core/memory/storage.h>
#include <rill/core/ops.h>

#include <new>

#include "tests/memory/failing_allocation.h"

// A backward for which memory ends, at each place where it may.

namespace rill {
namespace {

using testing::Failing;
using testing::FailingAllocation;

bool has_memory_for_backward(const Tensor& y) {
  try {
    y.backward({}, {.retain_graph = true});
  } catch (const OutOfMemoryError&) {
    return false;
  } catch (const std::bad_alloc&) {
    return false;
  }
  return true;
}

TEST(FailedBackward, ForWantOfMemoryLeavesAGraphThatCanBeWalked) {
  for (const Failing failing : {Failing::the_nth_alone, Failing::the_nth_and_all_after}) {
    const Tensor x = tensor({2}, float64).requires_grad_();
    const Tensor h = x * x;
    const Tensor y = (h * h + h).sum();  // x⁴ + x²
    int failures = 0;
    bool had_enough = false;
    for (int n = 1; !had_enough; ++n) {
      ASSERT_LT(n, 1000);
      x.set_grad({});
      empty_cache();  // so that rill asks the system again
      const FailingAllocation allocation(n, failing);
      failures += !has_memory_for_backward(y);
      had_enough = !allocation.has_failed();
    }
    EXPECT_GT(failures, 5);
    EXPECT_EQ(x.grad().item(), 36);
  }
}

}  // namespace
}  // namespace rill
