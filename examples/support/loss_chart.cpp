#include "loss_chart.h"

#include <numeric>

namespace examples {

rill::inspect::LineChart loss_chart(const std::vector<double>& losses) {
  std::vector<double> steps(losses.size());
  std::iota(steps.begin(), steps.end(), 0.0);
  return {.title = "Loss",
          .x = {.title = "step"},
          .y = {.title = "loss", .unit = "nats"},
          .lines = {{.name = "loss", .x = steps, .y = losses}}};
}

}  // namespace examples
