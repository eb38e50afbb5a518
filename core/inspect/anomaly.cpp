#include <rill/core/inspect/anomaly.h>
#include <rill/core/ops/kernel_call.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include <rill/core/scope.h>

namespace rill {
namespace {

struct Anomaly {
  Shape index;
  double value;
};

int64_t offset_of(const Shape& index, const Shape& strides) {
  int64_t offset = 0;
  for (int dim = 0; dim < index.dims(); ++dim) offset += index[dim] * strides[dim];
  return offset;
}

enum class Sought { nan, infinity };

template <class T>
std::optional<Anomaly> find_in(const Tensor& x, Sought what) {
  const T* values = x.data<T>();
  const bool contiguous = x.is_contiguous();
  for (int64_t i = 0; i < x.numel(); ++i) {
    const double value =
        values[contiguous ? i : offset_of(detail::index_of(i, x.shape()), x.strides())];
    if (what == Sought::nan ? std::isnan(value) : std::isinf(value))
      return Anomaly{detail::index_of(i, x.shape()), value};
  }
  return {};
}

std::optional<Anomaly> find(const Tensor& x, Sought what) {
  if (!x.defined() || !is_floating(x.dtype())) return {};
  return x.dtype() == float64 ? find_in<double>(x, what) : find_in<float>(x, what);
}

/// What `out` holds that did not come in: an op may pass on an infinity that it was given, as ops
/// on masks do.
std::optional<Anomaly> born_in(const Tensor& out, std::span<const Tensor> inputs, bool infinities) {
  if (const auto nan = find(out, Sought::nan)) return nan;
  if (!infinities) return {};
  const auto infinity = find(out, Sought::infinity);
  const auto holds_one = [](const Tensor& x) { return find(x, Sought::infinity).has_value(); };
  if (infinity && std::ranges::any_of(inputs, holds_one)) return {};
  return infinity;
}

}  // namespace

AnomalyGuard::AnomalyGuard(AnomalyOptions options) : options_(options), attached_(*this) {}

void AnomalyGuard::on_output(const char*, const Tensor& out, std::span<const Tensor> inputs) {
  if (nodes_running_ > 0) return;  // on_gradient names the node
  if (const auto anomaly = born_in(out, inputs, options_.infinities))
    fail<Error>("the output ", out.shape(), " holds ", anomaly->value, " at ", anomaly->index,
                ", the first of this forward pass");
}

void AnomalyGuard::on_record(const Node& node) {
  if (std::string path = Scope::current_path(); !path.empty())
    module_of_.emplace(node.id(), std::move(path));
}

void AnomalyGuard::on_begin(const Node& node) {
  ++nodes_running_;
  module_of_.erase(module_of_.upper_bound(node.id()), module_of_.end());  // newer: done
}

void AnomalyGuard::on_end(const Node&) {
  if (nodes_running_ > 0) --nodes_running_;  // else it began before this guard
}

void AnomalyGuard::on_gradient(const Node& node, int row, const Tensor& incoming,
                               const Tensor& outgoing) {
  const auto anomaly = born_in(outgoing, {&incoming, 1}, options_.infinities);
  if (!anomaly) return;
  const auto module = module_of_.find(node.id());
  const std::string path = module == module_of_.end() ? "" : module->second + ": ";
  fail<Error>(path, node.name(), ": the gradient ", outgoing.shape(), " of input ", row, ", by \"",
              node.inputs()[static_cast<size_t>(row)].formula, "\", holds ", anomaly->value, " at ",
              anomaly->index, ", the first of this backward pass");
}

}  // namespace rill
