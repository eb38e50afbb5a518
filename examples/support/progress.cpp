#include "progress.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <mutex>

#include "screen.h"

namespace examples {
namespace {

using Clock = std::chrono::steady_clock;

std::mutex mutex;
std::vector<Standing*> living;  // the outermost first
double share_at_start = 0;
Clock::time_point start, shown;

double share_of(const Standing& s) {
  return static_cast<double>(s.done) / static_cast<double>(std::max<int64_t>(s.count, 1));
}

/// Of the outermost, with what its parts have done.
double share_of_all() {
  double parts = 0;
  for (size_t i = 1; i < living.size(); ++i) parts += share_of(*living[i]);
  return share_of(*living[0]) + parts / static_cast<double>(std::max<int64_t>(living[0]->count, 1));
}

/// At the pace since the start.
std::optional<double> time_left(double share) {
  if (share <= share_at_start) return {};
  const double spent = std::chrono::duration<double>(Clock::now() - start).count();
  return spent * std::max(0.0, 1 - share) / (share - share_at_start);
}

/// At most ten lines a second.
void show(const Standing& latest, std::optional<double> loss) {
  Screen& screen = Screen::get();
  if (!screen.can_show() || Clock::now() - shown < std::chrono::milliseconds(100)) return;
  shown = Clock::now();
  std::vector<Standing> standings{*living[0]};
  if (&latest != living[0]) standings.push_back(latest);
  const double share = share_of_all();
  screen.show(progress_line(standings, share, loss, time_left(share), screen.width()));
}

std::string text_of(std::optional<double> seconds) {
  if (!seconds) return "-:--";
  const auto s = static_cast<int64_t>(std::min(*seconds, 3.6e6));
  return s < 3600 ? fmt::format("{}:{:02}", s / 60, s % 60)
                  : fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

std::string bar_of(double share, int64_t length) {
  const auto full = static_cast<size_t>(share * static_cast<double>(length));
  return "[" + std::string(full, '#') + std::string(static_cast<size_t>(length) - full, '.') + "] ";
}

/// The text behind a bar that fills what it leaves, of at most 30 columns.
std::string with_bar(double share, const std::string& text, int64_t width) {
  const int64_t room = width - columns_of(text) - 3;
  return room < 4 ? text : bar_of(share, std::min<int64_t>(room, 30)) + text;
}

}  // namespace

std::string progress_line(const std::vector<Standing>& standings, double share,
                          std::optional<double> loss, std::optional<double> seconds_left,
                          int64_t width) {
  const double within = std::clamp(share, 0.0, 1.0);
  std::string names, numbers;
  for (const Standing& s : standings) {
    numbers = fmt::format("{}/{}", s.done, s.count);
    names += fmt::format("{} {}  ", s.unit, numbers);
  }
  if (loss) names += fmt::format("loss {:.4f}  ", *loss);
  if (loss) numbers += fmt::format(" {:.4f}", *loss);
  const std::string time = text_of(seconds_left) + " left";
  if (columns_of(names + time) + 13 <= width) return with_bar(within, names + time, width);
  return with_bar(within, numbers + " " + time, width).substr(0, static_cast<size_t>(width));
}

Progress::Progress(const std::string& unit, int64_t count, int64_t done)
    : standing_{unit, done, count} {
  const std::lock_guard lock(mutex);
  living.push_back(&standing_);
  if (living.size() > 1) return;
  start = Clock::now();
  shown = {};
  share_at_start = share_of(standing_);
}

Progress::~Progress() {
  const std::lock_guard lock(mutex);
  if (living[0] == &standing_)
    Screen::get().clear();
  else
    ++living[0]->done;
  std::erase(living, &standing_);
}

void Progress::advance(std::optional<double> loss) {
  const std::lock_guard lock(mutex);
  ++standing_.done;
  show(standing_, loss);
}

}  // namespace examples
