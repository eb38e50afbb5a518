// How cost grows. Trains a decoder with one size varied and the others fixed, and prints for each
// of length T, width C, layers L and batch B the time of a step beside the GFLOP of its matrix
// products (recipes.h), and the exponents p of size^p that both follow. Then the most memory that
// attention holds, forward and backward, over T: linear, since a matrix of T x T is never kept.
// --help tells the flags; OMP_NUM_THREADS sets the threads.
#include <rill/core/autograd.h>
#include <rill/core/inspect/table.h>
#include <rill/core/memory/storage.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/core/threads.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "training/program.h"
#include "training/training.h"

namespace {

using namespace rill;
using namespace rill::benchmarks;

struct Axis {
  const char* name;
  int64_t Recipe::*size;
  std::vector<int64_t> values;
};

const std::vector<Axis> axes{
    {"T", &Recipe::length, {64, 128, 256, 512, 1024}},
    {"C", &Recipe::width, {64, 128, 256, 512}},
    {"L", &Recipe::layers, {1, 2, 4, 8}},
    {"B", &Recipe::batch, {1, 2, 4, 8, 16, 32}},
};
constexpr Recipe base{"", Kind::decoder, 128, 2, 4, 128, 8};
constexpr int64_t attention_heads = 4, attention_width = 32, attention_batch = 8;

/// The p for which c · size^p comes closest to `costs`: least squares of logarithms.
double exponent(const std::vector<int64_t>& sizes, const std::vector<double>& costs) {
  const auto n = static_cast<double>(sizes.size());
  double x = 0, y = 0, xx = 0, xy = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    const double size = std::log(static_cast<double>(sizes[i])), cost = std::log(costs[i]);
    x += size / n;
    y += cost / n;
    xx += size * size / n;
    xy += size * cost / n;
  }
  return (xy - x * y) / (xx - x * x);
}

/// What each step took, in ms.
std::vector<double> times_of_steps(const Recipe& recipe, double seconds) {
  constexpr int warmup = 2, most_steps = 100'000;
  const Task task = make_task(recipe);
  optim::AdamW optimizer(task.model.parameters(), optimizer_options);
  train(task, optimizer, warmup, HUGE_VAL);
  return train(task, optimizer, most_steps, seconds).step;
}

void print_growth_of_time(const Axis& axis, double seconds) {
  std::vector<double> medians, fastest, gflops;
  inspect::Table table{
      .columns = {axis.name, "fastest ms", "median ms", "growth", "GFLOP", "growth", "ms/GFLOP"}};
  for (const int64_t value : axis.values) {
    Recipe recipe = base;
    recipe.*axis.size = value;
    const std::vector<double> times = times_of_steps(recipe, seconds);
    fastest.push_back(*std::min_element(times.begin(), times.end()));
    medians.push_back(median(times));
    gflops.push_back(static_cast<double>(flop_of_step(recipe)) / 1e9);
    table.rows.push_back({std::to_string(value), inspect::format_number(fastest.back(), 2),
                          inspect::format_number(medians.back(), 2),
                          inspect::format_number(medians.back() / medians.front(), 2),
                          inspect::format_number(gflops.back(), 3),
                          inspect::format_number(gflops.back() / gflops.front(), 2),
                          inspect::format_number(medians.back() / gflops.back(), 2)});
  }
  std::printf("%sexponent of %s: %.2f in time (%.2f in the fastest steps'), %.2f in GFLOP\n\n",
              table.text().c_str(), axis.name, exponent(axis.values, medians),
              exponent(axis.values, fastest), exponent(axis.values, gflops));
  std::fflush(stdout);
}

void attend(int64_t length) {
  const Shape shape{attention_batch, attention_heads, length, attention_width};
  const Tensor q = randn(shape).requires_grad_(), k = randn(shape).requires_grad_(),
               v = randn(shape).requires_grad_(), dout = randn(shape);
  grad({scaled_dot_product_attention(q, k, v, {.is_causal = true})}, {q, k, v},
       {.grad_outputs = {dout}});
}

/// To run first: the peak of a process only rises.
void print_growth_of_attention_memory() {
  const std::vector<int64_t> lengths{256, 512, 1024, 2048, 4096};
  attend(64);  // starts threads, brings in code
  const double before = memory_mb("VmHWM");
  std::vector<double> peaks;
  inspect::Table table{.columns = {"T", "peak MB", "operands MB", "T x T MB"}};
  for (const int64_t length : lengths) {
    attend(length);
    empty_cache();
    peaks.push_back(memory_mb("VmHWM") - before);
    const double floats = 4e-6 * static_cast<double>(attention_batch * attention_heads * length);
    table.rows.push_back(
        {std::to_string(length), inspect::format_number(peaks.back(), 1),
         inspect::format_number(8 * floats * attention_width, 1),  // with gradients
         inspect::format_number(floats * static_cast<double>(length), 1)});
  }
  std::printf("attention, forward and backward\n%s", table.text().c_str());
  if (peaks.front() > 0)  // else there is no /proc to read
    std::printf("exponent of T: %.2f in memory\n\n", exponent(lengths, peaks));
}

}  // namespace

int main(int argc, char** argv) {
  double seconds = 2;
  CLI::App app("How the time of a training step and the memory of attention grow with sizes.");
  app.add_option("--seconds", seconds, "For each size")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return run("growth", [&] {
    print_growth_of_attention_memory();
    std::printf("training step: T %d, C %d, L %d, B %d but for what is varied; threads: %d\n",
                int{base.length}, int{base.width}, int{base.layers}, int{base.batch},
                num_threads());
    for (const Axis& axis : axes) print_growth_of_time(axis, seconds);
  });
}
