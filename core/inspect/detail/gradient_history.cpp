#include <rill/core/inspect/detail/gradient_history.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include <rill/core/kernels/statistics.h>
#include <rill/core/ops/copy.h>

namespace rill::inspect::detail {
namespace {

constexpr int64_t run = 16;  // elements in a cache line
constexpr int64_t most_runs = 32;

Tensor in_order(const Tensor& tensor) {
  return tensor.is_contiguous() ? tensor : rill::detail::row_major_copy(tensor);
}

/// Runs of elements from all over a tensor; all of a small one.
void sample(const Tensor& tensor, std::vector<float>& out) {
  const Tensor ordered = in_order(tensor);
  const int64_t n = tensor.numel();
  out.clear();
  const auto take = [&](const auto* values) {
    if (n <= run * most_runs) return static_cast<void>(out.insert(out.end(), values, values + n));
    for (int64_t i = 0; i < most_runs; ++i) {
      const auto* first = values + (n - run) / (most_runs - 1) * i;
      out.insert(out.end(), first, first + run);
    }
  };
  if (tensor.dtype() == float64)
    take(ordered.data<double>());
  else
    take(ordered.data<float>());
}

/// Which factor of 4 the size of `value` falls into; 0 itself into none.
int64_t bin_of(float value) {
  const auto exponent = static_cast<int64_t>((std::bit_cast<uint32_t>(value) >> 23) & 0xff) - 127;
  return std::clamp<int64_t>((exponent - first_exponent) / 2, 0, static_cast<int64_t>(bins) - 1);
}

double norm_of(const std::vector<float>& values) {
  double squares = 0;
  for (const float value : values) squares += static_cast<double>(value) * value;
  return std::sqrt(squares);
}

kernels::Statistics statistics_of(const Tensor& ordered) {
  return ordered.dtype() == float64 ? kernels::statistics(ordered.data<double>(), ordered.numel())
                                    : kernels::statistics(ordered.data<float>(), ordered.numel());
}

}  // namespace

ParameterHistory::ParameterHistory(std::string name, const Tensor& tensor)
    : name(std::move(name)), tensor(tensor) {
  sample(tensor, sampled);
}

void ParameterHistory::look_at_gradient() {
  const Tensor gradient = tensor.grad();
  has_gradient = gradient.defined() && gradient.numel() > 0;
  norm = zeros = not_finite = 0;
  std::ranges::fill(histogram, 0);
  if (!has_gradient) return;
  const Tensor ordered = in_order(gradient);
  const kernels::Statistics found = statistics_of(ordered);
  const auto n = static_cast<double>(ordered.numel());
  norm = std::sqrt(found.squares);
  zeros = static_cast<double>(found.zeros) / n;
  not_finite = 1 - static_cast<double>(found.finite) / n;
  thread_local std::vector<float> values;
  sample(ordered, values);
  for (const float value : values)
    if (value != 0) ++histogram[static_cast<size_t>(bin_of(value))];
}

void ParameterHistory::look_at_update() {
  thread_local std::vector<float> values, before;
  std::swap(before, sampled);
  sample(tensor, values);
  sampled = values;
  weight_norm = norm_of(sampled);
  for (size_t i = 0; i < before.size(); ++i) before[i] -= values[i];
  const double change = norm_of(before);
  update_ratio = change == 0 ? 0 : change / weight_norm;
}

void ParameterHistory::step() {
  look_at_gradient();
  look_at_update();
  const double missing = std::nan("");
  norms.add(has_gradient ? norm : missing);
  ratios.add(update_ratio);
  zero_shares.add(has_gradient ? zeros : missing);
}

}  // namespace rill::inspect::detail
