#include <rill/core/autograd.h>
#include <rill/core/inplace.h>
#include <rill/core/kernels/optimizer.h>
#include <rill/core/ops.h>
#include <rill/optim/clip_grad.h>
#include <rill/optim/detail/parameter_list.h>

#include <cmath>

namespace rill::optim {
namespace {

void want_defined(const std::vector<Tensor>& parameters) {
  for (size_t i = 0; i < parameters.size(); ++i)
    if (!parameters[i].defined())
      fail<ValueError>(detail::describe(i, parameters[i]), " has no gradient to clip");
}

/// The gradients that a step would use, each row-major (one that is not is replaced by a copy) and
/// in memory of its own.
std::vector<Tensor> gradients_of(const std::vector<Tensor>& parameters) {
  want_defined(parameters);
  detail::refuse_repeated(parameters);
  std::vector<Tensor> gradients;
  gradients.reserve(parameters.size());
  for (const Tensor& parameter : parameters) {
    if (!detail::is_moved(parameter)) continue;
    Tensor gradient = parameter.grad();
    if (!gradient.is_contiguous()) parameter.set_grad(gradient = gradient.contiguous());
    gradients.push_back(std::move(gradient));
  }
  detail::refuse_shared_memory("gradients", gradients);
  return gradients;
}

template <class T, class Element>
std::vector<kernels::Span<Element>> spans_of(const std::vector<Tensor>& gradients) {
  std::vector<kernels::Span<Element>> spans;
  spans.reserve(gradients.size());
  for (const Tensor& gradient : gradients)
    if (gradient.dtype() == dtype_of<T>)
      spans.push_back({gradient.numel(), gradient.template data<T>()});
  return spans;
}

template <class T>
double sum_of_squares(const std::vector<Tensor>& gradients) {
  const auto spans = spans_of<T, const T>(gradients);
  return kernels::sum_of_squares<T>(static_cast<int64_t>(spans.size()), spans.data());
}

/// Whether squares may have left the range of doubles before their sum came to this.
bool is_doubtful(double sum_of_squares) {
  return sum_of_squares < 1e-280 || std::isinf(sum_of_squares);
}

/// The norm of the gradients' norms.
double total_norm(const std::vector<Tensor>& gradients, double p) {
  if (p == 2) {
    const double squares = sum_of_squares<float>(gradients) + sum_of_squares<double>(gradients);
    if (!is_doubtful(squares)) return std::sqrt(squares);
  }
  std::vector<double> norms;
  for (const Tensor& gradient : gradients) norms.push_back(norm(gradient.to(float64), p).item());
  return norms.empty() ? 0 : norm(from_vector(norms), p).item();
}

template <class T>
void scale(const std::vector<kernels::Span<T>>& spans, double factor) {
  kernels::scale<T>(static_cast<int64_t>(spans.size()), spans.data(), factor);
}

}  // namespace

double clip_grad_norm_(const std::vector<Tensor>& parameters, double max_norm,
                       const ClipGradNormOptions& options) {
  const Op op("clip_grad_norm_");
  if (!(max_norm >= 0)) fail<ValueError>("max_norm must not be negative or NaN, found ", max_norm);
  if (!(options.norm_type > 0))
    fail<ValueError>("norm_type must be above 0, found ", options.norm_type);
  const NoGradGuard no_grad;
  const std::vector<Tensor> gradients = gradients_of(parameters);
  const double norm = total_norm(gradients, options.norm_type);
  if (options.error_if_nonfinite && !std::isfinite(norm))
    fail<ValueError>("the norm of the gradients is ", norm, "; gradients are left as they are");
  const double factor = max_norm / (norm + 1e-6);
  if (factor >= 1) return norm;
  const auto floats = spans_of<float, float>(gradients);
  const auto doubles = spans_of<double, double>(gradients);
  for (const Tensor& gradient : gradients) rill::detail::begin_write(gradient);
  scale(floats, factor);
  scale(doubles, factor);
  return norm;
}

void clip_grad_value_(const std::vector<Tensor>& parameters, double clip_value) {
  const Op op("clip_grad_value_");
  if (!(clip_value >= 0))
    fail<ValueError>("the bound must not be negative or NaN, found ", clip_value);
  const NoGradGuard no_grad;
  const std::vector<Tensor> gradients = gradients_of(parameters);
  std::vector<Tensor> clipped;  // all of them, before the first gradient is changed
  for (const Tensor& gradient : gradients)
    clipped.push_back(clamp(gradient, -clip_value, clip_value));
  for (size_t i = 0; i < gradients.size(); ++i) gradients[i].copy_(clipped[i]);
}

}  // namespace rill::optim
