#include <rill/core/kernels/crowding.h>

#include <algorithm>
#include <utility>

namespace rill::kernels {
namespace {

constexpr int64_t millisecond = 1'000'000;
constexpr int64_t shortest_pause = 8 * millisecond, longest_pause = 512 * millisecond;
constexpr int64_t moment = 20 * millisecond;

}  // namespace

bool Crowding::allows(int wanted) {
  if (wanted != wanted_) *this = {}, wanted_ = allowed_ = wanted;
  return allowed_ == wanted_;
}

int Crowding::threads(int64_t now) {
  if (allowed_ < wanted_ && now >= next_) {
    ++allowed_;
    next_ = now + shortest_pause;
  }
  return allowed_;
}

void Crowding::note(int64_t worked, int64_t waited, int64_t now) {
  if (waited >= patience + worked) take_away(now);
}

void Crowding::note_stop(int64_t now) {
  if (now - std::exchange(last_stop_, now) < moment) take_away(now);
}

void Crowding::take_away(int64_t now) {
  const bool soon = now < next_ + 4 * pause_;
  pause_ = soon ? std::clamp(2 * pause_, shortest_pause, longest_pause) : shortest_pause;
  allowed_ = std::max(1, allowed_ - 1);
  next_ = now + pause_;
}

}  // namespace rill::kernels
