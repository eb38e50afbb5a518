#include "tests/support/layouts.h"

#include <limits>
#include <numeric>

#include <rill/core/ops.h>

namespace rill::testing {
namespace {

constexpr int most_dims = 5;

/// The first place of each dimension that `is_expanded` names, stretched to its size.
Tensor expanded(const Tensor& x, const std::function<bool(int)>& is_expanded) {
  Shape one = x.shape();
  for (int d = 0; d < x.dims(); ++d)
    if (is_expanded(d)) one[d] = 1;
  if (one == x.shape()) return {};
  Shape strides = contiguous_strides(x.shape());
  for (int d = 0; d < x.dims(); ++d)
    if (is_expanded(d)) strides[d] = 0;
  return make_view(x.clone(), x.shape(), strides, 0);
}

Layout expanded_along(int dim) {
  return {"expanded along " + std::to_string(dim),
          [dim](const Tensor& x) { return expanded(x, [dim](int d) { return d == dim; }); }};
}

/// Rows that begin inside of one another.
Tensor overlapping(const Tensor& x) {
  if (x.dims() < 2 || x.numel() < 2) return {};
  return make_view(x.clone(), x.shape(), Shape::filled(x.dims(), 1), 0);
}

/// x with its dimensions in memory in another order: dimension d stands at order[d].
Tensor permuted(const Tensor& x, const Shape& order) {
  Shape back = order;
  for (int d = 0; d < order.dims(); ++d) back[order[d]] = d;
  return x.permute(order).clone().permute(back);
}

Shape dims_in_order(int count) {
  Shape order;
  for (int d = 0; d < count; ++d) order.push_back(d);
  return order;
}

Tensor swapped(const Tensor& x, int a, int b) {
  if (std::min(a, b) < 0 || std::max(a, b) >= x.dims()) return {};
  Shape order = dims_in_order(x.dims());
  std::swap(order[a], order[b]);
  return permuted(x, order);
}

Tensor reversed(const Tensor& x) {
  if (x.dims() < 2) return {};
  Shape order;
  for (int d = x.dims() - 1; d >= 0; --d) order.push_back(d);
  return permuted(x, order);
}

/// Every other place along each of the dims [first, last), in the midst of poison.
Tensor sliced(const Tensor& x, int first, int last) {
  if (first < 0 || first >= last) return {};
  const double poison = is_floating(x.dtype()) ? std::numeric_limits<double>::quiet_NaN()
                        : x.dtype() == int64   ? 1 << 30
                                               : 1;
  Shape sizes = x.shape();
  for (int d = first; d < last; ++d) sizes[d] = 2 * sizes[d] + 1;
  Tensor part = full(sizes, poison, x.dtype());
  for (int d = first; d < last; ++d) part = part.slice(d, 1, sizes[d], 2);
  part.copy_(x);
  return part;
}

/// x with this stride wherever a size is 1.
Tensor with_idle_stride(const Tensor& x, int64_t stride) {
  Shape strides = contiguous_strides(x.shape());
  bool has_one = false;
  for (int d = 0; d < x.dims(); ++d) {
    if (x.shape()[d] != 1) continue;
    strides[d] = stride;
    has_one = true;
  }
  return has_one ? make_view(x.clone(), x.shape(), strides, 0) : Tensor();
}

std::vector<Layout> make_layouts() {
  std::vector<Layout> all;
  for (int dim = 0; dim < most_dims; ++dim) all.push_back(expanded_along(dim));
  all.push_back({"expanded along all",
                 [](const Tensor& x) { return expanded(x, [](int) { return true; }); }});
  all.push_back({"overlapping", overlapping});
  all.push_back({"first two dims swapped", [](const Tensor& x) { return swapped(x, 0, 1); }});
  all.push_back({"last two dims swapped",
                 [](const Tensor& x) { return swapped(x, x.dims() - 2, x.dims() - 1); }});
  all.push_back({"dims reversed", reversed});
  all.push_back(
      {"columns sliced", [](const Tensor& x) { return sliced(x, x.dims() - 1, x.dims()); }});
  all.push_back({"all dims sliced", [](const Tensor& x) { return sliced(x, 0, x.dims()); }});
  all.push_back(
      {"stride 0 where the size is 1", [](const Tensor& x) { return with_idle_stride(x, 0); }});
  all.push_back({"stride 12345 where the size is 1",
                 [](const Tensor& x) { return with_idle_stride(x, 12345); }});
  return all;
}

}  // namespace

const std::vector<Layout>& layouts() {
  static const std::vector<Layout> all = make_layouts();
  return all;
}

}  // namespace rill::testing
