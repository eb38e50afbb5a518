#include "progress.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>

namespace tiny_transformer {

Progress::Progress(int64_t steps) : steps_(steps), is_terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() { clear(); }

void Progress::clear() {
  if (is_terminal_) std::fputs("\r\033[K", stderr);
}

std::string Progress::time_left(int64_t step) const {
  const double spent = std::chrono::duration<double>(Clock::now() - start_).count();
  const auto made = static_cast<double>(step - first_);
  const double left = made > 0 ? spent / made * static_cast<double>(steps_ - step) : 0;
  return fmt::format("{}:{:02}", static_cast<int64_t>(left) / 60, static_cast<int64_t>(left) % 60);
}

void Progress::step(const Metrics& m) {
  if (!is_terminal_ || Clock::now() - shown_ < std::chrono::milliseconds(100)) return;
  shown_ = Clock::now();
  const std::string line = fmt::format(
      "\r\033[Kstep {}/{}  train {:.4f}  val {:.4f}  lr {:.2e}  |grad| {:.3f}  {:.0f} tokens/s  {} "
      "left",
      m.step, steps_, m.train_loss, m.val_loss, m.lr, m.grad_norm, m.tokens_per_s,
      time_left(m.step));
  std::fputs(line.c_str(), stderr);
  std::fflush(stderr);
}

void Progress::evaluation(const Metrics& m) {
  clear();
  spdlog::info("step {:5}  train {:.4f}  val {:.4f}  lr {:.2e}  |grad| {:.3f}  {:.0f} tokens/s",
               m.step, m.train_loss, m.val_loss, m.lr, m.grad_norm, m.tokens_per_s);
}

}  // namespace tiny_transformer
