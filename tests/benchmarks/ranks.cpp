// Times training steps of a model on ranks, and what their exchange is made of. Rank 0 prints a
// line of JSON: medians in ms, of the step, of the exchanges beside it, and of the optimizer; of
// the step's waits for the last bucket and for all others, on the rank that waits most; of a small
// message one way; of a sum of all gradients in one, with nothing else going on.
// tests/benchmarks/scaling.py makes a table.
#include <rill/core/distributed/detail/ranks.h>
#include <rill/core/distributed/rank_trace.h>
#include <rill/core/observer.h>
#include <rill/core/threads.h>
#include <rill/optim/adamw.h>
#include <rill/optim/clip_grad.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "training/program.h"
#include "training/training.h"

namespace {

using namespace rill;
using namespace rill::benchmarks;

struct Options {
  Timed timed{.model = "baby", .steps = 10};
  int micro_batches = 2;
  int64_t bucket_bytes = DataParallelOptions{}.bucket_bytes;
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
  Recipe recipe = find_recipe(options.timed.model);
  recipe.batch /= options.micro_batches;
  return recipe;
}

/// What the steps took, in ms.
struct StepTimes {
  std::vector<double> step, optimizer, wait_for_last, wait_for_others, exchange;
};

bool is_of_later_bucket(const ExchangeBar& a, const ExchangeBar& b) { return a.bucket < b.bucket; }

/// The last bucket is that of the highest number.
double last_bucket_mb(const std::vector<ExchangeBar>& bars) {
  return static_cast<double>(std::ranges::max_element(bars, is_of_later_bucket)->bytes) / 1e6;
}

void add_bars(const std::vector<ExchangeBar>& bars, StepTimes& times) {
  const int64_t last = std::ranges::max_element(bars, is_of_later_bucket)->bucket;
  double exchange = 0, wait_for_last = 0, wait_for_others = 0;
  for (const ExchangeBar& bar : bars) {
    double& total = !bar.is_wait ? exchange : bar.bucket == last ? wait_for_last : wait_for_others;
    total += static_cast<double>(bar.end - bar.start) / 1e6;
  }
  times.exchange.push_back(exchange);
  times.wait_for_last.push_back(wait_for_last);
  times.wait_for_others.push_back(wait_for_others);
}

class Training {
 public:
  Training(World& world, const Options& options)
      : options_(options),
        task_(make_task(part_of(options))),
        parameters_(task_.model.parameters()),
        parallel_(world, task_.model.named_parameters(), task_.model.named_buffers(),
                  {.bucket_bytes = options.bucket_bytes, .keeps_bars = true}),
        optimizer_(parameters_, optimizer_options) {
    task_.model.train();
  }

  void step(StepTimes& times) {
    const double start = now();
    parallel_.begin_step(steps_++, options_.micro_batches, options_.micro_batches);
    for (const MicroBatch& part : parallel_.parts()) parallel_.backward(part, task_.loss());
    static_cast<void>(parallel_.end_step());
    times.optimizer.push_back(time_of([&] {
      optim::clip_grad_norm_(parameters_, 1);
      optimizer_.step();
    }));
    times.step.push_back(1e3 * (now() - start));
    bars_ = parallel_.take_bars();
    add_bars(bars_, times);
  }
  /// Of the latest step.
  const std::vector<ExchangeBar>& bars() const { return bars_; }
  int64_t numbers() const {
    int64_t count = 0;
    for (const Tensor& parameter : parameters_) count += parameter.numel();
    return count;
  }

 private:
  const Options& options_;
  Task task_;
  std::vector<Tensor> parameters_;
  DataParallel parallel_;
  optim::AdamW optimizer_;
  int64_t steps_ = 0;
  std::vector<ExchangeBar> bars_;
};

StepTimes time_steps(World& world, const Options& options, Training& training) {
  StepTimes unheeded, times;
  for (int i = 0; i < 3; ++i) training.step(unheeded);
  if (options.trace.empty()) {
    for (int i = 0; i < options.timed.steps; ++i) training.step(times);
    return times;
  }
  RankTrace trace(world);
  std::vector<ExchangeBar> bars;
  {
    const ObserverGuard watching(trace.profiler());
    for (int i = 0; i < options.timed.steps; ++i) {
      training.step(times);
      bars.insert(bars.end(), training.bars().begin(), training.bars().end());
    }
  }
  trace.write(bars, options.trace);
  return times;
}

/// From rank 0 to rank 1 or back.
double time_of_message(World& world) {
  constexpr int times = 400;
  std::vector<distributed::mpi::Bytes> some(static_cast<size_t>(world.size())), none = some;
  int64_t number = 0;
  if (world.rank() < 2 && world.size() > 1) some[1 - world.rank()] = {&number, sizeof number};
  distributed::Ranks& ranks = distributed::ranks_of(world);
  std::future<void> done = ranks.post([&] {
    for (int i = 0; i < times; ++i) {
      const bool sends = i % 2 == world.rank();
      ranks.exchange(sends ? some : none, sends ? none : some);
    }
  });
  return time_of([&] { done.get(); }) / times;
}

/// That of the rank which has most.
double largest(World& world, double mine) {
  double most = mine;
  for (const std::string& text : world.gather(std::to_string(mine)))
    most = std::max(most, std::stod(text));
  return most;
}

nlohmann::json measure(World& world, const Options& options) {
  Training training(world, options);
  const StepTimes times = time_steps(world, options, training);
  const Tensor all = zeros({training.numbers()});
  return {{"model", options.timed.model},
          {"ranks", world.size()},
          {"threads", num_threads()},
          {"micro_batches", options.micro_batches},
          {"step_ms", median(times.step)},
          {"optimizer_ms", median(times.optimizer)},
          {"exchange_ms", median(times.exchange)},
          {"wait_for_last_ms", largest(world, median(times.wait_for_last))},
          {"wait_for_others_ms", largest(world, median(times.wait_for_others))},
          {"gradient_mb", static_cast<double>(training.numbers()) * 4 / 1e6},
          {"last_bucket_mb", last_bucket_mb(training.bars())},
          {"message_ms", time_of_message(world)},
          {"sum_ms", median_of(9, [&] { world.all_reduce(all); })}};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Times training steps of a model of tests/benchmarks/recipes.h on ranks.");
  add_flags(app, options.timed);
  app.add_option("--micro-batches", options.micro_batches)->capture_default_str();
  app.add_option("--bucket-bytes", options.bucket_bytes)->capture_default_str();
  app.add_option("--trace", options.trace, "Write a trace of all ranks to this file");
  CLI11_PARSE(app, argc, argv);
  return run("ranks", [&] {
    World world;
    world.run([&] {
      const nlohmann::json found = measure(world, options);
      if (world.rank() == 0) std::printf("%s\n", found.dump().c_str());
    });
  });
}
