#include <rill/core/detail/overlap.h>

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include <rill/core/tensor/tensor_impl.h>

// Element i of a and element j of b are one where offset_a + Σ i · stride_a = offset_b + Σ j ·
// stride_b: whole numbers within bounds, times the strides, have to sum to the distance of the
// offsets. Large strides come first: after them little is left to choose.

namespace rill::detail {
namespace {

/// From `low` to `high` steps of `stride`.
struct Steps {
  int64_t stride;
  int64_t low;
  int64_t high;
};

int64_t floor_divide(int64_t a, int64_t b) { return a / b - (a % b < 0); }
int64_t ceil_divide(int64_t a, int64_t b) { return -floor_divide(-a, b); }

bool can_sum_to(int64_t distance, std::span<const Steps> all) {
  int64_t divisor = 0, least = 0, most = 0;  // the sum lies in [least, most]
  for (const Steps& steps : all) {
    divisor = std::gcd(divisor, steps.stride);
    least += steps.low * steps.stride;
    most += steps.high * steps.stride;
  }
  if (divisor == 0) return distance == 0;
  if (distance % divisor != 0 || distance < least || distance > most) return false;
  const Steps& first = all.front();
  least -= first.low * first.stride;
  most -= first.high * first.stride;
  const int64_t from = std::max(first.low, ceil_divide(distance - most, first.stride));
  const int64_t to = std::min(first.high, floor_divide(distance - least, first.stride));
  for (int64_t count = from; count <= to; ++count)
    if (can_sum_to(distance - count * first.stride, all.subspan(1))) return true;
  return false;
}

/// The steps along each dimension of x that moves, forwards or backwards.
void append_steps(const Tensor& x, int64_t direction, std::vector<Steps>& all) {
  for (int d = 0; d < x.dims(); ++d) {
    const int64_t last = direction * (x.shape()[d] - 1);
    if (x.strides()[d] != 0 && last != 0)
      all.push_back({x.strides()[d], std::min<int64_t>(0, last), std::max<int64_t>(0, last)});
  }
}

/// Steps of one stride are taken together.
std::vector<Steps> joined(std::vector<Steps> all) {
  std::sort(all.begin(), all.end(),
            [](const Steps& a, const Steps& b) { return a.stride > b.stride; });
  std::vector<Steps> out;
  for (const Steps& steps : all)
    if (!out.empty() && out.back().stride == steps.stride) {
      out.back().low += steps.low;
      out.back().high += steps.high;
    } else {
      out.push_back(steps);
    }
  return out;
}

}  // namespace

bool is_same_memory(const Tensor& a, const Tensor& b) {
  return a.impl()->storage == b.impl()->storage && a.impl()->offset == b.impl()->offset &&
         a.shape() == b.shape() && a.strides() == b.strides() && a.dtype() == b.dtype();
}

bool overlaps_itself(const Tensor& x) {
  for (int d = 0; d < x.dims(); ++d)
    if (x.strides()[d] == 0 && x.shape()[d] > 1 && x.numel() > 0) return true;
  return false;
}

bool shares_an_element(const Tensor& a, const Tensor& b) {
  if (!(a.impl()->storage == b.impl()->storage) || a.numel() == 0 || b.numel() == 0) return false;
  std::vector<Steps> all;
  append_steps(a, 1, all);
  append_steps(b, -1, all);
  return can_sum_to(b.impl()->offset - a.impl()->offset, joined(std::move(all)));
}

}  // namespace rill::detail
