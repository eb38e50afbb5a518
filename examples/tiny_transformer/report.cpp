#include "report.h"

#include <spdlog/fmt/fmt.h>

#include <cmath>

namespace tiny_transformer {
namespace {

/// One column of Metrics or of StepPoints, from row `first` on.
template <class Row>
rill::inspect::Line line_of(const std::string& name, const std::vector<Row>& rows,
                            double Row::*column, size_t first = 0) {
  rill::inspect::Line line{.name = name};
  for (size_t i = first; i < rows.size(); ++i) {
    line.x.push_back(static_cast<double>(rows[i].step));
    line.y.push_back(rows[i].*column);
  }
  return line;
}

rill::inspect::LineChart small_chart(const std::string& title, const rill::inspect::Axis& y,
                                     rill::inspect::Line line) {
  return {.title = title,
          .x = {"step"},
          .y = y,
          .lines = {std::move(line)},
          .width = 215,
          .height = 160};
}

std::string summary(const Report& report) {
  const double gain = report.baselines.bigram - report.val_loss;
  return fmt::format(
      "A transformer of {} parameters learned from {} steps. On the whole validation part its loss "
      "is {:.4f} nats a token, {:.4f} {} a model that knows how often each token follows the one "
      "before (bigram).",
      report.parameters, report.metrics.empty() ? 0 : report.metrics.back().step, report.val_loss,
      std::abs(gain), gain >= 0 ? "below" : "above");
}

rill::inspect::Table settings_table(const Report& report) {
  rill::inspect::Table table{.columns = {"flag", "value"}};
  for (const auto& [flag, value] : report.settings) table.rows.push_back({flag, value});
  return table;
}

}  // namespace

rill::inspect::LineChart loss_chart(const Report& report) {
  return {.title = "Loss",
          .x = {"step"},
          .y = {"loss", "nats a token"},
          .lines = {line_of("train", report.steps, &StepPoint::loss),
                    line_of("validation", report.metrics, &Metrics::val_loss)},
          .rules = {{"uniform", report.baselines.uniform},
                    {"unigram", report.baselines.unigram},
                    {"bigram", report.baselines.bigram}}};
}

rill::inspect::Page report_page(const Report& report) {
  const std::vector<Metrics>& rows = report.metrics;
  rill::inspect::Page page("tiny_transformer");
  page.text(summary(report))
      .heading("Learning")
      .chart("loss", loss_chart(report))
      .text(
          "Training: the loss of each step's own batch, in long runs means over several steps. "
          "Dashed: what simple models reach. "
          "Uniform knows nothing, unigram how often each token "
          "occurs, bigram how often it follows the one before.")
      .heading("Training")
      .chart("lr",
             small_chart("Learning rate", {"rate"}, line_of("", report.steps, &StepPoint::lr)))
      .chart("grad_norm", small_chart("Gradient", {"norm before clipping"},
                                      line_of("", report.steps, &StepPoint::grad_norm)))
      // Nothing is measured before the first step.
      .chart("tokens_per_s", small_chart("Speed", {"tokens a second"},
                                         line_of("", rows, &Metrics::tokens_per_s, 1)));
  if (!report.samples.empty()) page.heading("What it wrote").preformatted(report.samples);
  return page.heading("Settings").table("settings", settings_table(report));
}

}  // namespace tiny_transformer
