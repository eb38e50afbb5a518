#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <rill/core/state_dict.h>

#include "step_log.h"

namespace tiny_transformer {

/// One evaluation.
struct Metrics {
  int64_t step = 0;
  double train_loss = 0;  // nats a token
  double val_loss = 0;
  double lr = 0;
  // Not a number before the first step.
  double grad_norm = std::nan("");  // before clipping, of the last step
  double tokens_per_s = std::nan("");
};

/// The shortest decimal that reads back as the same bits.
std::string exact(double value);

/// metrics.csv, a row an evaluation.
class MetricsFile {
 public:
  /// Without a path nothing is written: for ranks other than 0.
  explicit MetricsFile(std::string path) : path_(std::move(path)) {}
  /// The first row replaces what an earlier run wrote. Throws rill::Error where the row cannot be
  /// written, and then leaves nothing of it.
  void write(const Metrics& metrics);
  /// All that was written.
  const std::vector<Metrics>& rows() const { return rows_; }
  /// Whether the last row is of this step.
  bool ends_with(int64_t step) const { return !rows_.empty() && rows_.back().step == step; }

  /// Of every step, for charts; no part of the file.
  StepLog& steps() { return steps_; }
  const StepLog& steps() const { return steps_; }

  /// "rows", float64 [rows, columns], and "steps".
  [[nodiscard]] rill::StateDict state_dict() const;
  /// Takes up such rows, which replace those of the file. Throws rill::Error where they cannot be
  /// written, or are of another form. There may be no steps.
  void load_state_dict(const rill::StateDict& state);
  void remove_last_row();

 private:
  void write_all() const;
  std::string path_;
  std::vector<Metrics> rows_;
  StepLog steps_;
};

}  // namespace tiny_transformer
