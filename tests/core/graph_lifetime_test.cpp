#include <pthread.h>

#include <rill/core/autograd.h>
#include <rill/core/detail/system_memory.h>
#include <rill/core/ops.h>

#include <functional>
#include <thread>

#include "tests/support/expect.h"

// Graphs of any depth are walked and freed without recursion, and nothing leaks.

namespace rill {
namespace {

using testing::expect_values;

constexpr int64_t depth = detail::is_sanitized ? 100'000 : 1'000'000;

/// Runs `body` on a thread with a stack of 512 KB.
void on_small_stack(std::function<void()> body) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, 512 * 1024), 0);
  pthread_t thread;
  auto run = [](void* argument) -> void* {
    (*static_cast<std::function<void()>*>(argument))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, run, &body), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

Tensor chain(const Tensor& x) {
  Tensor y = x;
  for (int64_t i = 0; i < depth; ++i) y = neg(y);
  return y;
}

/// Expects that `body`, on a small stack, leaves as many nodes and bytes as it found.
void expect_all_freed(std::function<void()> body) {
  const int64_t nodes = live_nodes();
  const int64_t bytes = live_tensor_bytes();
  on_small_stack(std::move(body));
  EXPECT_EQ(live_nodes(), nodes);
  EXPECT_EQ(live_tensor_bytes(), bytes);
}

TEST(DeepGraph, RunsBackwardAndIsFreed) {
  expect_all_freed([] {
    const Tensor x = scalar(2).requires_grad_();
    chain(x).backward();
    expect_values(x.grad(), {1});
  });
}

TEST(DeepGraph, IsFreedWithoutBackward) {
  expect_all_freed([] { chain(scalar(2).requires_grad_()); });
}

TEST(DeepGraph, IsFreedWhenTheHandleIsAssignedOver) {
  expect_all_freed([] {
    Tensor y = chain(scalar(2).requires_grad_());
    y = Tensor();
  });
}

TEST(DeepGraph, IsFreedAfterARetainedBackward) {
  expect_all_freed([] {
    const Tensor x = scalar(2).requires_grad_();
    const Tensor y = chain(x);
    y.backward({}, {.retain_graph = true});
    y.backward();
    expect_values(x.grad(), {2});
  });
}

TEST(DeepGraph, IsFreedWhenOnlyAKeptTensorHoldsIt) {
  expect_all_freed([] {
    const Tensor w = scalar(3).requires_grad_();
    Tensor y = w * chain(scalar(2).requires_grad_());
    y = Tensor();
  });
}

TEST(DeepGraph, IsFreedWhenAGradientHoldsIt) {
  expect_all_freed([] {
    const Tensor x = scalar(2).requires_grad_();
    chain(x * x).backward({}, {.create_graph = true});
    EXPECT_TRUE(x.grad().requires_grad());
  });
}

TEST(DeepGraph, IsFreedOnAnotherThread) {
  Tensor y = chain(scalar(2).requires_grad_());
  on_small_stack([&] { y = Tensor(); });
  EXPECT_FALSE(y.defined());
}

TEST(DeepGraph, IsFreedWhenABackwardFails) {
  expect_all_freed([] {
    const Tensor x = scalar(2).requires_grad_();
    const Tensor h = x * 1.0;
    h.register_hook([](const Tensor&) -> Tensor { throw std::runtime_error("stop"); });
    EXPECT_THROW(chain(h).backward(), std::runtime_error);
  });
}

TEST(DeepGraph, GradAsksThroughIt) {
  expect_all_freed([] {
    const Tensor x = scalar(2).requires_grad_();
    const Tensor h = x * 1.0;
    expect_values(grad(chain(h), h), {1});
  });
}

TEST(DeepGraph, AChainOfGradsOfGradsIsFreed) {
  expect_all_freed([] {
    Tensor newest = scalar(1);
    for (int64_t i = 0; i < depth; ++i) {
      const Tensor next = scalar(1);
      next.set_grad(newest);
      newest = next;
    }
  });
}

TEST(WideGraph, AFanInOfAHundredThousandAddsUp) {
  expect_all_freed([] {
    const Tensor x = scalar(1, float64).requires_grad_();
    const Tensor h = x * 1.0;
    Tensor total = h;
    for (int i = 1; i < 100'000; ++i) total = total + h;
    total.backward();
    expect_values(x.grad(), {100'000});
  });
}

TEST(WideGraph, AConcatenationOfManyIsFreed) {
  expect_all_freed([] {
    const Tensor x = ones({1}).requires_grad_();
    cat(std::vector<Tensor>(100'000, x)).sum().backward();
    expect_values(x.grad(), {100'000});
  });
}

TEST(Leaks, AnOpThatKeepsItsOutputHoldsNoCycle) {
  const int64_t before = live_nodes();
  {
    const Tensor x = scalar(1).requires_grad_();
    const Tensor y = exp(tanh(sigmoid(x)));
  }
  EXPECT_EQ(live_nodes(), before);
}

TEST(Leaks, AGraphStoredInAGradientHoldsNoCycle) {
  const int64_t before = live_nodes();
  {
    const Tensor x = scalar(1).requires_grad_();
    const Tensor h = x * x;
    h.retain_grad();
    (h * h * x).backward({}, {.create_graph = true});
    EXPECT_TRUE(x.grad().requires_grad());
    EXPECT_TRUE(h.grad().requires_grad());
  }
  EXPECT_EQ(live_nodes(), before);
}

TEST(Leaks, ATensorIsNotMadeItsOwnGradient) {
  const Tensor a = scalar(1), b = scalar(2);
  testing::expect_error<AutogradError>([&] { a.set_grad(a); }, {"set_grad", "clone()"});
  a.set_grad(b);
  testing::expect_error<AutogradError>([&] { b.set_grad(a); }, {"set_grad", "clone()"});
  b.set_grad(a.clone());
  EXPECT_EQ(b.grad().item(), 1);
}

TEST(Leaks, ALeafThatIsDroppedWhileAnotherThreadDepositsIsFreedOnce) {
  // Shows what it is there for under the thread and address sanitizers.
  expect_all_freed([] {
    for (int i = 0; i < 2000; ++i) {
      Tensor x = scalar(2).requires_grad_();
      x.set_grad(scalar(1));
      const Tensor y = x * x;
      std::thread other([y] { y.backward(); });
      x = Tensor();
      other.join();
    }
  });
}

TEST(Leaks, AHookOnAnIntermediateIsDroppedAfterBackward) {
  const int64_t before = live_nodes();
  {
    const Tensor x = scalar(1).requires_grad_();
    const Tensor h = x * x;
    h.register_hook([h](const Tensor&) { return Tensor(); });
    h.backward();
  }
  EXPECT_EQ(live_nodes(), before);
}

TEST(Leaks, BackwardFreesWhatRowsKeptWhileHandlesLive) {
  const Tensor x = ones({1000}).requires_grad_();
  const int64_t before = live_tensor_bytes();
  const Tensor y = exp(x * 2.0).sum();
  y.backward();
  x.set_grad({});
  EXPECT_LE(live_tensor_bytes() - before, 64);
}

TEST(GraphLifetime, NodesAreCountedWhileTheGraphIsHeld) {
  const Tensor x = tensor({1.0, 2.0}).requires_grad_();
  const int64_t before = live_nodes();
  const Tensor y = x * x, z = y * x;
  EXPECT_GE(live_nodes(), before + 2);
}

}  // namespace
}  // namespace rill
