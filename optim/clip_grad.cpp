#include <rill/core/autograd.h>
#include <rill/core/inplace.h>
#include <rill/core/kernels/optimizer.h>
#include <rill/core/ops.h>
#include <rill/optim/clip_grad.h>

#include <algorithm>
#include <cmath>

namespace rill::optim {
namespace {

/// The gradients of dtype T, each row-major (a gradient that is not is replaced by a copy).
template <class T>
std::vector<kernels::Span<T>> gradient_spans(const std::vector<Tensor>& parameters) {
  std::vector<kernels::Span<T>> spans;
  for (const Tensor& parameter : parameters) {
    if (!parameter.grad().defined() || parameter.dtype() != dtype_of<T>) continue;
    if (!parameter.grad().is_contiguous()) parameter.set_grad(parameter.grad().contiguous());
    spans.push_back({parameter.numel(), parameter.grad().template data<T>()});
  }
  return spans;
}

template <class T>
double sum_of_squares(const std::vector<Tensor>& parameters) {
  std::vector<kernels::Span<const T>> spans;
  for (const auto& [n, data] : gradient_spans<T>(parameters)) spans.push_back({n, data});
  return kernels::sum_of_squares<T>(static_cast<int64_t>(spans.size()), spans.data());
}

double total_norm(const std::vector<Tensor>& parameters, double p) {
  if (p == 2)
    return std::sqrt(sum_of_squares<float>(parameters) + sum_of_squares<double>(parameters));
  double total = 0;
  for (const Tensor& parameter : parameters) {
    if (!parameter.grad().defined()) continue;
    const double one = norm(parameter.grad().to(float64), p).item();
    if (std::isnan(one)) return one;
    total = std::isinf(p) ? std::max(total, one) : total + std::pow(one, p);
  }
  return std::isinf(p) ? total : std::pow(total, 1 / p);
}

template <class T>
void scale(const std::vector<Tensor>& parameters, double factor) {
  const std::vector<kernels::Span<T>> spans = gradient_spans<T>(parameters);
  kernels::scale<T>(static_cast<int64_t>(spans.size()), spans.data(), factor);
}

void mark_written(const std::vector<Tensor>& parameters) {
  for (const Tensor& parameter : parameters)
    if (parameter.grad().defined()) rill::detail::begin_write(parameter.grad());
}

}  // namespace

double clip_grad_norm_(const std::vector<Tensor>& parameters, double max_norm,
                       const ClipGradNormOptions& options) {
  const Op op("clip_grad_norm_");
  if (!(max_norm >= 0)) fail<ValueError>("max_norm must not be negative or NaN, found ", max_norm);
  if (!(options.norm_type > 0))
    fail<ValueError>("norm_type must be above 0, found ", options.norm_type);
  const NoGradGuard no_grad;
  const double norm = total_norm(parameters, options.norm_type);
  if (options.error_if_nonfinite && !std::isfinite(norm))
    fail<ValueError>("the norm of the gradients is ", norm, "; gradients are left as they are");
  const double factor = max_norm / (norm + 1e-6);
  if (factor >= 1) return norm;
  mark_written(parameters);
  scale<float>(parameters, factor);
  scale<double>(parameters, factor);
  return norm;
}

void clip_grad_value_(const std::vector<Tensor>& parameters, double clip_value) {
  if (!(clip_value >= 0))
    fail<ValueError>("clip_grad_value_: the bound must not be negative or NaN, found ", clip_value);
  const NoGradGuard no_grad;
  for (const Tensor& parameter : parameters)
    if (parameter.grad().defined())
      parameter.grad().copy_(clamp(parameter.grad(), -clip_value, clip_value));
}

}  // namespace rill::optim
