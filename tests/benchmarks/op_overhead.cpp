// What one op costs besides its arithmetic, at scalar size: record, backward and free together, and
// under NoGradGuard. A second thread is alive, as in any real program, so that no library takes its
// short cut for programs with one.
#include <benchmark/benchmark.h>
#include <rill/core/autograd.h>
#include <rill/core/ops.h>

#include <atomic>
#include <thread>

namespace {

using namespace rill;

class SecondThread {
 public:
  ~SecondThread() {
    stop_ = true;
    stop_.notify_all();
    thread_.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_{[this] { stop_.wait(false); }};
};

constexpr int64_t ops = 1000;

void record_backward_free(benchmark::State& state) {
  const SecondThread alive;
  const Tensor x = scalar(1.5).requires_grad_();
  for (auto _ : state) {
    Tensor y = x;
    for (int64_t i = 0; i < ops; ++i) y = neg(y);
    y.backward();
    x.set_grad({});
  }
  state.SetItemsProcessed(state.iterations() * ops);
}
BENCHMARK(record_backward_free);

void record_backward_free_of_products(benchmark::State& state) {
  const SecondThread alive;
  const Tensor x = scalar(1.5).requires_grad_();
  const Tensor factor = scalar(0.999);
  for (auto _ : state) {
    Tensor y = x;
    for (int64_t i = 0; i < ops; ++i) y = y * factor;
    y.backward();
    x.set_grad({});
  }
  state.SetItemsProcessed(state.iterations() * ops);
}
BENCHMARK(record_backward_free_of_products);

void without_recording(benchmark::State& state) {
  const SecondThread alive;
  const NoGradGuard no_grad;
  const Tensor x = scalar(1.5).requires_grad_();
  for (auto _ : state) {
    Tensor y = x;
    for (int64_t i = 0; i < ops; ++i) y = neg(y);
    benchmark::DoNotOptimize(y.raw_data());
  }
  state.SetItemsProcessed(state.iterations() * ops);
}
BENCHMARK(without_recording);

}  // namespace

BENCHMARK_MAIN();
