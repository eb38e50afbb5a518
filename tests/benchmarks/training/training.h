#pragma once

#include <string>
#include <vector>

#include <rill/optim/adamw.h>

#include "task.h"

namespace rill::benchmarks {

/// Seconds of the clock that Python calls time.monotonic().
double now();

inline constexpr optim::AdamWOptions optimizer_options{.lr = 1e-3, .weight_decay = 0.1};

/// 0 where there are no values.
double median(std::vector<double> values);

/// A figure of this process in MB: "VmHWM", the most memory that it ever held, or "VmRSS", what it
/// holds now; 0 where there is no /proc. (getrusage counts also what the parent held at the fork.)
double memory_mb(const std::string& name);

/// What each step and its parts took, in ms.
struct Times {
  std::vector<double> step, forward, backward, optimizer;
};

/// Forward, backward, and clipping the norm to 1 with the optimizer's step: so many times, or as
/// many as begin within `seconds`.
Times train(const Task& task, optim::Optimizer& optimizer, int steps, double seconds);

/// The tensors that a training must hold, in MB.
struct TensorMemory {
  double parameters = 0, gradients = 0, optimizer = 0;
  double kept = 0;  // by the graph of the loss until backward
};

/// Takes one step, with an optimizer of its own.
TensorMemory measure_tensor_memory(const Task& task);

}  // namespace rill::benchmarks
