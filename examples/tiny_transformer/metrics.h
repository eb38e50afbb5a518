#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace tiny_transformer {

/// One evaluation.
struct Metrics {
  int64_t step = 0;
  double train_loss = 0;  // nats a token
  double val_loss = 0;
  double lr = 0;
  double grad_norm = 0;  // before clipping, of the last step
  double tokens_per_s = 0;
};

/// The shortest decimal that reads back as the same bits.
std::string exact(double value);

/// DIR/metrics.csv, a row an evaluation.
class MetricsFile {
 public:
  /// Makes the folder where it is missing. Throws std::runtime_error where it cannot be written to.
  explicit MetricsFile(const std::string& dir);
  void write(const Metrics& metrics);
  /// All that was written.
  const std::vector<Metrics>& rows() const { return rows_; }

 private:
  std::string path_;
  std::ofstream file_;
  std::vector<Metrics> rows_;
};

}  // namespace tiny_transformer
