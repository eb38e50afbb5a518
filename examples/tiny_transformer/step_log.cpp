#include "step_log.h"

#include <rill/core/error.h>
#include <rill/core/tensor.h>

namespace tiny_transformer {
namespace {

constexpr int64_t columns = 5;

StepPoint joined(const StepPoint& a, const StepPoint& b) {
  const auto all = static_cast<double>(a.count + b.count);
  const auto mean = [&](double StepPoint::*field) {
    return (a.*field * static_cast<double>(a.count) + b.*field * static_cast<double>(b.count)) /
           all;
  };
  return {a.step, a.count + b.count, mean(&StepPoint::loss), mean(&StepPoint::lr),
          mean(&StepPoint::grad_norm)};
}

}  // namespace

void StepLog::add(int64_t step, double loss, double lr, double grad_norm) {
  const StepPoint point{step, 1, loss, lr, grad_norm};
  if (!points_.empty() && points_.back().count < width_)
    points_.back() = joined(points_.back(), point);
  else
    points_.push_back(point);
  if (points_.size() > most) halve();
}

void StepLog::halve() {
  std::vector<StepPoint> pairs;
  for (size_t i = 0; i < points_.size(); i += 2)
    pairs.push_back(i + 1 < points_.size() ? joined(points_[i], points_[i + 1]) : points_[i]);
  points_ = std::move(pairs);
  width_ *= 2;
}

rill::Tensor StepLog::state() const {
  std::vector<double> numbers;
  for (const StepPoint& p : points_)
    numbers.insert(numbers.end(), {static_cast<double>(p.step), static_cast<double>(p.count),
                                   p.loss, p.lr, p.grad_norm});
  return rill::from_vector(numbers, {static_cast<int64_t>(points_.size()), columns});
}

void StepLog::load_state(const rill::Tensor& state) {
  if (state.dims() != 2 || state.size(1) != columns)
    rill::fail<rill::ShapeError>("the steps of a training have ", columns, " columns, found ",
                                 state.shape());
  const std::vector<double> numbers = state.to_vector<double>();
  points_.clear();
  for (size_t i = 0; i < numbers.size(); i += columns)
    points_.push_back({static_cast<int64_t>(numbers[i]), static_cast<int64_t>(numbers[i + 1]),
                       numbers[i + 2], numbers[i + 3], numbers[i + 4]});
  width_ = points_.empty() ? 1 : points_.front().count;
}

}  // namespace tiny_transformer
