#include "metrics.h"

#include <charconv>
#include <filesystem>
#include <stdexcept>

namespace tiny_transformer {

std::string exact(double value) {
  char text[32];
  const std::to_chars_result end = std::to_chars(text, text + sizeof text, value);
  return std::string(text, end.ptr);
}

MetricsFile::MetricsFile(const std::string& dir) : path_(dir + "/metrics.csv") {
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  file_.open(path_, std::ios::trunc);
  file_ << "step,train_loss,val_loss,lr,grad_norm,tokens_per_s" << std::endl;
  if (!file_) throw std::runtime_error("cannot write " + path_ + ": choose another --out-dir");
}

void MetricsFile::write(const Metrics& m) {
  rows_.push_back(m);
  file_ << m.step << ',' << exact(m.train_loss) << ',' << exact(m.val_loss) << ',' << exact(m.lr)
        << ',' << exact(m.grad_norm) << ',' << exact(m.tokens_per_s) << std::endl;
  if (!file_) throw std::runtime_error("cannot write to " + path_ + ": is the disk full?");
}

}  // namespace tiny_transformer
