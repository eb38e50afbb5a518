// Times the training step of a model: forward, backward, and clipping the norm to 1 with AdamW.
// Prints a line of JSON: medians in ms, losses before, after the steps that are not timed and at
// the end (in evaluation mode), memory and speed of sampling. tests/benchmarks/compare runs it
// beside step.py.
#include <rill/core/autograd.h>
#include <rill/core/threads.h>
#include <rill/optim/adamw.h>
#include <rill/optim/clip_grad.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "task.h"

namespace {

using namespace rill;
using namespace rill::benchmarks;

struct Options {
  std::string model = "nano";
  int steps = 50;
  double seconds = 10;
  int warmup = 10;
  int samples = 3;
  std::string save = {};
  double started = 0;
};

/// Seconds of the clock that Python calls time.monotonic().
double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// A figure of this process in MB: "VmHWM", the most memory that it ever held, or "VmRSS", what it
/// holds now; 0 where there is no /proc. (getrusage counts also what the parent held at the fork.)
double memory_mb(const std::string& name) {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    if (word == name + ":" && status >> word) return std::stod(word) * 1024 / 1e6;
  }
  return 0;
}

double evaluate(const Task& task) {
  const NoGradGuard no_grad;
  task.model.eval();
  const double loss = task.loss().item();
  task.model.train();
  return loss;
}

/// What each step and its parts took, in ms.
struct Times {
  std::vector<double> step, forward, backward, optimizer;
};

/// So many steps, or as many as end within `seconds`.
Times train(const Task& task, optim::AdamW& optimizer, int steps, double seconds) {
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

/// New tokens a second, one at a time; null where the model writes none.
nlohmann::json sampling_speed(const Task& task, int samples) {
  if (!task.sample || samples == 0) return nullptr;
  task.model.eval();
  std::vector<double> speeds;
  for (int i = 0; i <= samples; ++i) {
    const double start = now();
    const auto tokens = static_cast<double>(task.sample());
    if (i > 0) speeds.push_back(tokens / (now() - start));
  }
  return median(speeds);
}

nlohmann::json measure(const Options& options, double started) {
  const double memory_at_start = memory_mb("VmRSS");
  const Recipe& recipe = find_recipe(options.model);
  const Task task = make_task(recipe);
  if (!options.save.empty()) save_task(recipe, task, options.save);
  const double loss_before = evaluate(task);
  const double first_loss = now() - started;
  optim::AdamW optimizer(task.model.parameters(), {.lr = 1e-3, .weight_decay = 0.1});
  train(task, optimizer, options.warmup, HUGE_VAL);
  const double loss_after_warmup = evaluate(task);
  const Times times = train(task, optimizer, options.steps, options.seconds);
  const double loss_after = evaluate(task);
  const double memory = memory_mb("VmHWM");
  return {{"engine", "rill"},
          {"model", options.model},
          {"threads", num_threads()},
          {"steps", times.step.size()},
          {"step_ms", median(times.step)},
          {"forward_ms", median(times.forward)},
          {"backward_ms", median(times.backward)},
          {"optimizer_ms", median(times.optimizer)},
          {"dropout", recipe.dropout},
          {"gflop", static_cast<double>(flop_of_step(recipe)) / 1e9},
          {"loss_before", loss_before},
          {"loss_after_warmup", loss_after_warmup},
          {"loss_after", loss_after},
          {"rss_mb", memory},
          {"rss_growth_mb", memory - memory_at_start},
          {"first_loss_s", first_loss},
          {"tokens_per_s", sampling_speed(task, options.samples)}};
}

}  // namespace

int main(int argc, char** argv) {
  Options options{.started = now()};
  CLI::App app("Times a training step of a model of tests/benchmarks/recipes.h.");
  std::vector<std::string> names;
  for (const Recipe& recipe : recipes) names.emplace_back(recipe.name);
  app.add_option("--model", options.model)->check(CLI::IsMember(names))->capture_default_str();
  app.add_option("--steps", options.steps, "Steps that are timed")->capture_default_str();
  app.add_option("--seconds", options.seconds, "No step begins after so long")
      ->capture_default_str();
  app.add_option("--warmup", options.warmup, "Steps before them")->capture_default_str();
  app.add_option("--samples", options.samples, "Texts that are written")->capture_default_str();
  app.add_option("--save", options.save, "Write first weights and batch to this file");
  app.add_option("--started", options.started,
                 "When this program was started, in seconds of the monotonic clock");
  CLI11_PARSE(app, argc, argv);
  try {
    std::printf("%s\n", measure(options, options.started).dump().c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "step: %s\n", error.what());
    return 1;
  }
}
