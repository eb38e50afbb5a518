#include "metrics.h"

#include <rill/core/file.h>
#include <spdlog/fmt/fmt.h>

#include <charconv>

namespace tiny_transformer {

std::string exact(double value) {
  char text[32];
  const std::to_chars_result end = std::to_chars(text, text + sizeof text, value);
  return std::string(text, end.ptr);
}

void MetricsFile::write(const Metrics& m) {
  const std::string row =
      fmt::format("{},{},{},{},{},{}\n", m.step, exact(m.train_loss), exact(m.val_loss),
                  exact(m.lr), exact(m.grad_norm), exact(m.tokens_per_s));
  if (rows_.empty())
    rill::replace_file(path_, "step,train_loss,val_loss,lr,grad_norm,tokens_per_s\n" + row);
  else
    rill::append_to_file(path_, row);
  rows_.push_back(m);
}

}  // namespace tiny_transformer
