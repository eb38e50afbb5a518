#include <rill/core/inspect/detail/time_series.h>

#include <algorithm>

namespace rill::inspect::detail {
namespace {

/// Of `a` that stands for a number of steps and `b` that stands for `share` of both.
TimeSeries::Point merged(const TimeSeries::Point& a, const TimeSeries::Point& b, float share) {
  if (!std::isfinite(a.mean)) return {b.mean, b.low, b.high, false};
  if (!std::isfinite(b.mean)) return {a.mean, a.low, a.high, false};
  return {a.mean + share * (b.mean - a.mean), std::min(a.low, b.low), std::max(a.high, b.high),
          a.is_finite && b.is_finite};
}

}  // namespace

void TimeSeries::add(double value) {
  const auto number = static_cast<float>(value);
  const Point point{number, number, number, std::isfinite(number)};
  const bool begins = in_last_ == stride_ || points_.empty();
  if (begins && points_.size() == most_points) halve();
  if (begins) {
    points_.push_back(point);
    in_last_ = 1;
  } else {
    ++in_last_;
    points_.back() = merged(points_.back(), point, 1 / static_cast<float>(in_last_));
  }
}

void TimeSeries::halve() {
  for (size_t i = 0; i < points_.size() / 2; ++i)
    points_[i] = merged(points_[2 * i], points_[2 * i + 1], 0.5F);
  points_.resize(points_.size() / 2);
  stride_ *= 2;
  in_last_ = stride_;
}

}  // namespace rill::inspect::detail
