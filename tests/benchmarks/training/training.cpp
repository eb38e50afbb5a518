#include "training.h"

#include <rill/core/memory/storage.h>
#include <rill/optim/clip_grad.h>

#include <algorithm>
#include <chrono>
#include <fstream>

namespace rill::benchmarks {
namespace {

double live_mb() { return static_cast<double>(live_tensor_bytes()) / 1e6; }

double mb_of(const Tensor& x) {
  return static_cast<double>(x.numel()) * static_cast<double>(size_of(x.dtype())) / 1e6;
}

}  // namespace

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double memory_mb(const std::string& name) {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    if (word == name + ":" && status >> word) return std::stod(word) * 1024 / 1e6;
  }
  return 0;
}

Times train(const Task& task, optim::Optimizer& optimizer, int steps, double seconds) {
  const std::vector<Tensor> parameters = task.model.parameters();
  const double deadline = now() + seconds;
  Times times;
  for (int step = 0; step < steps && now() < deadline; ++step) {
    const double start = now();
    const Tensor loss = task.loss();
    const double forward = now();
    loss.backward();
    const double backward = now();
    optim::clip_grad_norm_(parameters, 1);
    optimizer.step();
    optimizer.zero_grad();
    const double end = now();
    times.step.push_back(1e3 * (end - start));
    times.forward.push_back(1e3 * (forward - start));
    times.backward.push_back(1e3 * (backward - forward));
    times.optimizer.push_back(1e3 * (end - backward));
  }
  return times;
}

TensorMemory measure_tensor_memory(const Task& task) {
  optim::AdamW optimizer(task.model.parameters(), optimizer_options);
  TensorMemory memory;
  const double before = live_mb();
  const Tensor loss = task.loss();
  memory.kept = live_mb() - before;
  loss.backward();
  for (const Tensor& parameter : task.model.parameters()) {
    memory.parameters += mb_of(parameter);
    if (parameter.grad().defined()) memory.gradients += mb_of(parameter.grad());
  }
  const double without_state = live_mb();
  optimizer.step();
  memory.optimizer = live_mb() - without_state;
  optimizer.zero_grad();
  return memory;
}

}  // namespace rill::benchmarks
