// Times the training step of a model: forward, backward, and clipping the norm to 1 with AdamW.
// Prints a line of JSON: medians in ms, losses before, after the steps that are not timed and at
// the end (in evaluation mode), memory and speed of sampling. tests/benchmarks/compare runs it
// beside step.py.
#include <rill/core/autograd.h>
#include <rill/core/threads.h>
#include <rill/optim/adamw.h>

#include <CLI/CLI.hpp>

#include <cmath>
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
  Timed timed{.model = "nano", .steps = 50};
  double seconds = 10;
  int warmup = 10;
  int samples = 3;
  std::string save = {};
  double started = 0;
};

double evaluate(const Task& task) {
  const NoGradGuard no_grad;
  task.model.eval();
  const double loss = task.loss().item();
  task.model.train();
  return loss;
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

nlohmann::json medians(const Times& times) {
  return {{"steps", times.step.size()},
          {"step_ms", median(times.step)},
          {"forward_ms", median(times.forward)},
          {"backward_ms", median(times.backward)},
          {"optimizer_ms", median(times.optimizer)}};
}

nlohmann::json memory(const Task& task, double at_start) {
  const double most = memory_mb("VmHWM");
  const TensorMemory tensors = measure_tensor_memory(task);
  return {{"rss_mb", most},
          {"rss_growth_mb", most - at_start},
          {"parameters_mb", tensors.parameters},
          {"gradients_mb", tensors.gradients},
          {"optimizer_mb", tensors.optimizer},
          {"kept_mb", tensors.kept}};
}

nlohmann::json measure(const Options& options, double started) {
  const double memory_at_start = memory_mb("VmRSS");
  const Recipe& recipe = find_recipe(options.timed.model);
  const Task task = make_task(recipe);
  if (!options.save.empty()) save_task(recipe, task, options.save);
  nlohmann::json result{{"engine", "rill"},
                        {"model", options.timed.model},
                        {"threads", num_threads()},
                        {"dropout", recipe.dropout},
                        {"gflop", static_cast<double>(flop_of_step(recipe)) / 1e9}};
  result["loss_before"] = evaluate(task);
  result["first_loss_s"] = now() - started;
  optim::AdamW optimizer(task.model.parameters(), optimizer_options);
  train(task, optimizer, options.warmup, HUGE_VAL);
  result["loss_after_warmup"] = evaluate(task);
  result.update(medians(train(task, optimizer, options.timed.steps, options.seconds)));
  result["loss_after"] = evaluate(task);
  result.update(memory(task, memory_at_start));
  result["tokens_per_s"] = sampling_speed(task, options.samples);
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  options.started = now();
  CLI::App app("Times a training step of a model of tests/benchmarks/recipes.h.");
  add_flags(app, options.timed);
  app.add_option("--seconds", options.seconds, "No step begins after so long")
      ->capture_default_str();
  app.add_option("--warmup", options.warmup, "Steps before them")->capture_default_str();
  app.add_option("--samples", options.samples, "Texts that are written")->capture_default_str();
  app.add_option("--save", options.save, "Write first weights and batch to this file");
  app.add_option("--started", options.started,
                 "When this program was started, in seconds of the monotonic clock");
  CLI11_PARSE(app, argc, argv);
  return run("step",
             [&] { std::printf("%s\n", measure(options, options.started).dump().c_str()); });
}
