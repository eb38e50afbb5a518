#pragma once

#include <rill/core/inspect/page.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "baseline.h"
#include "metrics.h"

namespace tiny_transformer {

/// What a run came to.
struct Report {
  int64_t parameters = 0;
  Baselines baselines = {};
  std::vector<Metrics> metrics = {};
  std::vector<StepPoint> steps = {};
  double val_loss = 0;  // over the whole validation part
  std::string samples = "";
  std::vector<std::pair<std::string, std::string>> settings = {};
};

/// Its losses beside those of simple models, that of training at every step.
rill::inspect::LineChart loss_chart(const Report& report);

/// Charts of the losses ("loss"), the learning rate ("lr"), the norm of the gradient ("grad_norm")
/// and the speed ("tokens_per_s"), the samples, and a table of all settings ("settings").
rill::inspect::Page report_page(const Report& report);

}  // namespace tiny_transformer
