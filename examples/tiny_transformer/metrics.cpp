#include "metrics.h"

#include <rill/core/error.h>
#include <rill/core/file.h>
#include <rill/core/tensor.h>
#include <spdlog/fmt/fmt.h>

#include <charconv>
#include <cmath>

namespace tiny_transformer {
namespace {

constexpr const char* head = "step,train_loss,val_loss,lr,grad_norm,tokens_per_s\n";
constexpr int64_t column_count = 6;

/// Nothing for what is not known before the first step.
std::string cell(double value) { return std::isnan(value) ? "" : exact(value); }

std::string text_of(const Metrics& m) {
  return fmt::format("{},{},{},{},{},{}\n", m.step, exact(m.train_loss), exact(m.val_loss),
                     exact(m.lr), cell(m.grad_norm), cell(m.tokens_per_s));
}

}  // namespace

std::string exact(double value) {
  char text[32];
  const std::to_chars_result end = std::to_chars(text, text + sizeof text, value);
  return std::string(text, end.ptr);
}

void MetricsFile::write(const Metrics& m) {
  if (rows_.empty() && !path_.empty())
    rill::replace_file(path_, head + text_of(m));
  else if (!path_.empty())
    rill::append_to_file(path_, text_of(m));
  rows_.push_back(m);
}

void MetricsFile::write_all() const {
  if (path_.empty()) return;
  std::string text = head;
  for (const Metrics& row : rows_) text += text_of(row);
  rill::replace_file(path_, text);
}

rill::StateDict MetricsFile::state_dict() const {
  std::vector<double> numbers;
  for (const Metrics& m : rows_)
    numbers.insert(numbers.end(), {static_cast<double>(m.step), m.train_loss, m.val_loss, m.lr,
                                   m.grad_norm, m.tokens_per_s});
  return {{"rows", rill::from_vector(numbers, {static_cast<int64_t>(rows_.size()), column_count})},
          {"steps", steps_.state()}};
}

void MetricsFile::load_state_dict(const rill::StateDict& state) {
  const rill::Tensor rows = state["rows"];
  if (rows.dims() != 2 || rows.size(1) != column_count)
    rill::fail<rill::ShapeError>("the rows of metrics.csv have ", column_count, " columns, found ",
                                 rows.shape());
  if (state.contains("steps")) steps_.load_state(state["steps"]);
  const std::vector<double> numbers = rows.to_vector<double>();
  rows_.clear();
  for (size_t i = 0; i < numbers.size(); i += column_count)
    rows_.push_back({static_cast<int64_t>(numbers[i]), numbers[i + 1], numbers[i + 2],
                     numbers[i + 3], numbers[i + 4], numbers[i + 5]});
  write_all();
}

void MetricsFile::remove_last_row() {
  rows_.pop_back();
  write_all();
}

}  // namespace tiny_transformer
