#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include <rill/core/autograd.h>
#include <rill/core/detail/undo_draws.h>
#include <rill/core/kernels/philox.h>
#include <rill/core/ops.h>
#include <rill/core/ops/copy.h>
#include <rill/core/ops/kernel_call.h>

namespace rill {
namespace {

void check_shapes(const Tensor& weights, int64_t num_samples, bool replacement) {
  if (!is_floating(weights.dtype()))
    fail<DTypeError>("weights must be floating, found ", weights.dtype());
  if (weights.dims() != 1 && weights.dims() != 2)
    fail<ShapeError>("weights must be [C] or [N, C], found ", weights.shape());
  if (weights.shape().back() == 0) fail<ShapeError>("no classes in weights ", weights.shape());
  if (num_samples < 1) fail<ValueError>("num_samples must be 1 or more, found ", num_samples);
  if (!replacement && num_samples > weights.shape().back())
    fail<ValueError>("cannot draw ", num_samples, " of ", weights.shape().back(),
                     " classes without replacement");
}

/// Refuses weights of which nothing, or not enough, can be drawn.
void check_weights(std::span<const double> weights, int64_t line, int64_t num_samples,
                   bool replacement) {
  int64_t possible = 0;
  for (size_t c = 0; c < weights.size(); ++c) {
    if (!(weights[c] >= 0) || std::isinf(weights[c]))
      fail<ValueError>("weights must be finite and not negative, found ", weights[c], " for class ",
                       c, " in row ", line);
    possible += weights[c] > 0;
  }
  if (possible == 0) fail<ValueError>("the weights of row ", line, " sum to 0");
  if (!replacement && num_samples > possible)
    fail<ValueError>("cannot draw ", num_samples, " classes without replacement: only ", possible,
                     " weights of row ", line, " are above 0");
}

/// Each draw takes the class in whose stretch of the summed weights it falls.
void draw_with_replacement(std::span<const double> weights, std::span<const double> uniform,
                           int64_t* out) {
  std::vector<double> sums(weights.size());
  const double largest = *std::max_element(weights.begin(), weights.end());
  double sum = 0;
  for (size_t c = 0; c < weights.size(); ++c) sums[c] = sum += weights[c] / largest;
  const auto last = std::lower_bound(sums.begin(), sums.end(), sum);
  for (const double u : uniform) {
    const auto found = std::upper_bound(sums.begin(), last, u * sum);
    *out++ = found - sums.begin();
  }
}

/// The order in which clocks ring that run at the speed of each weight (Efraimidis & Spirakis
/// 2006, "Weighted random sampling with a reservoir").
void draw_without_replacement(std::span<const double> weights, std::span<const double> uniform,
                              std::span<int64_t> out) {
  std::vector<std::pair<double, int64_t>> rings(weights.size());
  for (size_t c = 0; c < weights.size(); ++c) {
    const double log_time = weights[c] > 0
                                ? std::log(-std::log1p(-uniform[c])) - std::log(weights[c])
                                : std::numeric_limits<double>::infinity();
    rings[c] = {log_time, static_cast<int64_t>(c)};
  }
  std::partial_sort(rings.begin(), rings.begin() + static_cast<int64_t>(out.size()), rings.end());
  for (size_t i = 0; i < out.size(); ++i) out[i] = rings[i].second;
}

Tensor draw_uniform(int64_t count, Generator& generator) {
  const Tensor out = Tensor::empty({count}, float64);
  const uint64_t blocks = static_cast<uint64_t>(kernels::blocks_for(count));
  kernels::uniform(float64, count, generator.seed(), generator.reserve(blocks), 0, 1,
                   out.data<double>());
  return out;
}

Tensor as_double(const Tensor& x) {
  const Tensor out = Tensor::empty(x.shape(), float64);
  detail::copy_in_order(x, out);
  return out;
}

}  // namespace

Tensor multinomial(const Tensor& weights, int64_t num_samples, bool replacement,
                   Generator& generator) {
  Op op("multinomial");
  const detail::UndoDraws undo(generator);
  op.reads(weights);
  check_shapes(weights, num_samples, replacement);
  const size_t classes = static_cast<size_t>(weights.shape().back());
  const size_t samples = static_cast<size_t>(num_samples);
  const size_t lines = static_cast<size_t>(weights.numel()) / classes;
  const Tensor in_order = as_double(weights);
  const std::span<const double> all(in_order.data<double>(), lines * classes);
  for (size_t n = 0; n < lines; ++n)
    check_weights(all.subspan(n * classes, classes), static_cast<int64_t>(n), num_samples,
                  replacement);
  Shape shape = weights.shape();
  shape[shape.dims() - 1] = num_samples;
  const Tensor out = Tensor::empty(shape, int64);
  const size_t draws = replacement ? samples : classes;
  const Tensor uniform = draw_uniform(static_cast<int64_t>(lines * draws), generator);
  for (size_t n = 0; n < lines; ++n) {
    const auto line = all.subspan(n * classes, classes);
    const auto drawn = std::span<const double>(uniform.data<double>() + n * draws, draws);
    int64_t* to = out.data<int64_t>() + n * samples;
    if (replacement)
      draw_with_replacement(line, drawn, to);
    else
      draw_without_replacement(line, drawn, {to, samples});
  }
  return op.done(out);
}

Tensor multinomial(const Tensor& weights, int64_t num_samples, bool replacement) {
  return multinomial(weights, num_samples, replacement, default_generator());
}

Tensor bernoulli(const Tensor& probabilities, Generator& generator) {
  Op op("bernoulli");
  const detail::UndoDraws undo(generator);
  op.reads(probabilities);
  detail::want_floating(probabilities);
  const Tensor p = as_double(probabilities);
  for (int64_t i = 0; i < p.numel(); ++i)
    if (const double share = p.data<double>()[i]; !(share >= 0 && share <= 1))
      fail<ValueError>("a probability must lie in [0, 1], found ", share, " at ",
                       detail::index_of(i, p.shape()));
  const Tensor drawn = draw_uniform(p.numel(), generator).view(p.shape());
  return op.done((drawn < p).to(probabilities.dtype()));
}

Tensor bernoulli(const Tensor& probabilities) {
  return bernoulli(probabilities, default_generator());
}

}  // namespace rill
