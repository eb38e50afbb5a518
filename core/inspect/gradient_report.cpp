#include <rill/core/inspect/gradient_report.h>

#include <algorithm>
#include <cmath>

#include <rill/core/inspect/detail/gradient_history.h>
#include <rill/core/inspect/detail/gradient_page.h>

namespace rill::inspect {

struct GradientReport::State {
  detail::History history;
  detail::GradientWarnings judge;
  std::vector<std::string> warnings;
};

GradientReport::GradientReport(const std::vector<NamedTensor>& parameters)
    : state_(std::make_unique<State>()) {
  for (const auto& [name, tensor] : parameters)
    state_->history.parameters.emplace_back(name, tensor);
}

GradientReport::~GradientReport() = default;
GradientReport::GradientReport(GradientReport&&) noexcept = default;

std::vector<std::string> GradientReport::step(double loss) {
  detail::History& history = state_->history;
  ++history.steps;
  history.losses.add(loss);
  for (detail::ParameterHistory& parameter : history.parameters) parameter.step();
  const std::vector<std::string> found = state_->judge.of(history.parameters, history.steps);
  state_->warnings.insert(state_->warnings.end(), found.begin(), found.end());
  return found;
}

const std::vector<std::string>& GradientReport::warnings() const { return state_->warnings; }

int64_t GradientReport::steps() const { return state_->history.steps; }

std::vector<GradientReport::Row> GradientReport::rows() const {
  std::vector<Row> rows;
  for (const detail::ParameterHistory& one : state_->history.parameters)
    rows.push_back(
        {one.name, one.norm, one.update_ratio, one.zeros, one.not_finite, one.histogram});
  return rows;
}

Page GradientReport::page(const std::string& title) const {
  return detail::gradient_page(title, state_->history, rows(), state_->warnings);
}

}  // namespace rill::inspect
