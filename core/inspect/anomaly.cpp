#include <rill/core/inspect/anomaly.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>

#include <rill/core/scope.h>

namespace rill {
namespace {

struct Anomaly {
  Shape index;
  double value;
};

/// The index of the i-th element in row-major order.
Shape unravel(int64_t i, const Shape& sizes) {
  Shape index = sizes;
  for (int dim = sizes.dims() - 1; dim >= 0; --dim) {
    index[dim] = i % sizes[dim];
    i /= sizes[dim];
  }
  return index;
}

int64_t offset_of(const Shape& index, const Shape& strides) {
  int64_t offset = 0;
  for (int dim = 0; dim < index.dims(); ++dim) offset += index[dim] * strides[dim];
  return offset;
}

template <class T>
std::optional<Anomaly> find(const Tensor& x, bool infinities) {
  const T* values = x.data<T>();
  const bool contiguous = x.is_contiguous();
  for (int64_t i = 0; i < x.numel(); ++i) {
    const T value = values[contiguous ? i : offset_of(unravel(i, x.shape()), x.strides())];
    if (infinities ? !std::isfinite(value) : std::isnan(value))
      return Anomaly{unravel(i, x.shape()), static_cast<double>(value)};
  }
  return {};
}

std::optional<Anomaly> find(const Tensor& x, bool infinities) {
  if (!x.defined() || !is_floating(x.dtype())) return {};
  return x.dtype() == float64 ? find<double>(x, infinities) : find<float>(x, infinities);
}

/// Ops whose output holds nothing but values that they were given.
bool only_passes_on(std::string_view op) {
  static constexpr std::array moving = {
      "alias",   "cat",     "clone",     "contiguous", "copy_",        "embedding",   "expand",
      "fill_",   "flatten", "gather",    "narrow",     "index_select", "masked_fill", "permute",
      "reshape", "select",  "slice",     "squeeze",    "stack",        "to",          "transpose",
      "tril",    "triu",    "unsqueeze", "view",       "where"};
  return std::find(moving.begin(), moving.end(), op) != moving.end();
}

}  // namespace

AnomalyGuard::AnomalyGuard(AnomalyOptions options) : options_(options), attached_(*this) {}

void AnomalyGuard::on_output(const char* op, const Tensor& out) {
  if (nodes_running_ > 0) return;  // on_gradient names the node
  if (const auto anomaly = find(out, options_.infinities && !only_passes_on(op)))
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

void AnomalyGuard::on_end(const Node&) { --nodes_running_; }

void AnomalyGuard::on_gradient(const Node& node, int row, const Tensor&, const Tensor& outgoing) {
  const auto anomaly = find(outgoing, options_.infinities);
  if (!anomaly) return;
  const auto module = module_of_.find(node.id());
  const std::string path = module == module_of_.end() ? "" : module->second + ": ";
  nodes_running_ = 0;
  fail<Error>(path, node.name(), ": the gradient ", outgoing.shape(), " of input ", row, ", by \"",
              node.inputs()[static_cast<size_t>(row)].formula, "\", holds ", anomaly->value, " at ",
              anomaly->index, ", the first of this backward pass");
}

}  // namespace rill
