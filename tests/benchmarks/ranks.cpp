// Times training steps of a model on ranks, and what their exchange is made of. Rank 0 prints a
// line of JSON: medians in ms, of the step, of the wait in end_step and of the optimizer; of a
// small message there and back; of a sum of all gradients with nothing else going on.
// tests/benchmarks/ranks makes a table.
#include <rill/core/distributed/rank_trace.h>
#include <rill/core/observer.h>
#include <rill/core/threads.h>
#include <rill/optim/adamw.h>
#include <rill/optim/clip_grad.h>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "training/training.h"

namespace {

using namespace rill;
using namespace rill::benchmarks;

struct Options {
  std::string model = "baby";
  int micro_batches = 2;
  int steps = 10;
  std::string trace = {};
};

double time_of(const std::function<void()>& work) {
  const double start = now();
  work();
  return 1e3 * (now() - start);
}

template <class Work>
double median_of(int times, const Work& work) {
  std::vector<double> found;
  for (int i = 0; i < times; ++i) found.push_back(time_of(work));
  return median(found);
}

/// Of the recipe's batch cut into micro-batches; each trains on the same rows.
Recipe part_of(const Options& options) {
  Recipe recipe = find_recipe(options.model);
  recipe.batch /= options.micro_batches;
  return recipe;
}

nlohmann::json measure(World& world, const Options& options) {
  const Task task = make_task(part_of(options));
  const std::vector<Tensor> parameters = task.model.parameters();
  task.model.train();
  DataParallel parallel(world, task.model.named_parameters(), task.model.named_buffers());
  optim::AdamW optimizer(parameters, optimizer_options);
  std::optional<RankTrace> trace;
  std::optional<ObserverGuard> watching;
  std::vector<double> step, wait, update;
  const int warmup = 3;
  for (int i = 0; i < warmup + options.steps; ++i) {
    if (i == warmup && !options.trace.empty()) watching.emplace(trace.emplace(world).profiler());
    if (i == warmup) static_cast<void>(parallel.take_bars());
    const double start = now();
    parallel.begin_step(i, options.micro_batches, options.micro_batches);
    for (const MicroBatch& part : parallel.parts()) parallel.backward(part, task.loss());
    const double waiting = time_of([&] { static_cast<void>(parallel.end_step()); });
    const double updating = time_of([&] {
      optim::clip_grad_norm_(parameters, 1);
      optimizer.step();
    });
    if (i < warmup) continue;
    wait.push_back(waiting);
    update.push_back(updating);
    step.push_back(1e3 * (now() - start));
  }
  watching.reset();
  if (trace) trace->write(parallel.take_bars(), options.trace);
  int64_t numbers = 0;
  for (const Tensor& parameter : parameters) numbers += parameter.numel();
  const Tensor all = zeros({numbers});
  return {{"model", options.model},
          {"ranks", world.size()},
          {"threads", num_threads()},
          {"micro_batches", options.micro_batches},
          {"step_ms", median(step)},
          {"wait_ms", median(wait)},
          {"optimizer_ms", median(update)},
          {"gradient_mb", static_cast<double>(numbers) * 4 / 1e6},
          {"message_ms", median_of(200, [&] { world.barrier(); }) / 2},  // two, one after the other
          {"sum_ms", median_of(9, [&] { world.all_reduce(all); })}};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Times training steps of a model of tests/benchmarks/recipes.h on ranks.");
  app.add_option("--model", options.model)->capture_default_str();
  app.add_option("--micro-batches", options.micro_batches)->capture_default_str();
  app.add_option("--steps", options.steps)->capture_default_str();
  app.add_option("--trace", options.trace, "Write a trace of all ranks to this file");
  CLI11_PARSE(app, argc, argv);
  try {
    World world;
    world.run([&] {
      const nlohmann::json found = measure(world, options);
      if (world.rank() == 0) std::printf("%s\n", found.dump().c_str());
    });
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ranks: %s\n", error.what());
    return 1;
  }
}
