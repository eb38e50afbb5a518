#include <rill/nn/init.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include <rill/core/autograd.h>
#include <rill/core/detail/undo_draws.h>
#include <rill/core/error.h>
#include <rill/core/ops.h>
#include <rill/core/option.h>

namespace rill::nn::init {
namespace {

using rill::detail::want_finite;
using rill::detail::want_not_nan;
using rill::detail::want_not_negative;

thread_local bool is_skipping = false;

struct Fans {
  double in;
  double out;
};

Fans fans_of(const Tensor& tensor) {
  if (tensor.dims() < 2)
    fail<ShapeError>("init: fan in and fan out need 2 dimensions or more, not ", tensor.shape());
  double receptive_field = 1;
  for (int dim = 2; dim < tensor.dims(); ++dim)
    receptive_field *= static_cast<double>(tensor.size(dim));
  return {static_cast<double>(tensor.size(1)) * receptive_field,
          static_cast<double>(tensor.size(0)) * receptive_field};
}

/// A tensor without elements has fans of 0; what it is filled with does not matter.
double at_least_one(double fan) { return std::max(fan, 1.0); }

double kaiming_std(const Tensor& tensor, const KaimingOptions& options) {
  const Fans fans = fans_of(tensor);
  const double fan = options.mode == Fan::in ? fans.in : fans.out;
  return calculate_gain(options.nonlinearity, options.a) / std::sqrt(at_least_one(fan));
}

const Tensor& write(const Tensor& tensor, const Tensor& values) {
  const NoGradGuard no_grad;
  return tensor.copy_(values);
}

/// P(low ≤ X ≤ high) for X ~ N(0, 1).
double normal_mass(double low, double high) {
  const auto below = [](double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; };
  return below(high) - below(low);
}

/// Draws from N(0, 1) that lie in [low, high]; what falls outside is dropped.
std::vector<double> by_rejection(double low, double high, int64_t tries, Generator& generator) {
  std::vector<double> kept = randn({tries}, generator, float64).to_vector();
  std::erase_if(kept, [&](double x) { return !(low <= x && x <= high); });
  return kept;
}

/// The same, for bounds far out: uniform proposals, accepted by their density relative to the
/// largest in [low, high]. Where it has fallen to e^-42 nothing is proposed any more.
std::vector<double> by_density(double low, double high, int64_t tries, Generator& generator) {
  const double mode = std::clamp(0.0, low, high), far = std::abs(mode);
  const double reach = 84 / (std::hypot(far, std::sqrt(84)) + far);
  const double from = std::max(low, mode - reach), to = std::min(high, mode + reach);
  const std::vector<double> places = rand({tries}, generator, float64).to_vector();
  const std::vector<double> chances = rand({tries}, generator, float64).to_vector();
  std::vector<double> kept;
  for (size_t i = 0; i < places.size(); ++i) {
    const double x = from + places[i] * (to - from);
    const double away = std::abs(x - mode);
    if (chances[i] < std::exp(-away * (far + away / 2))) kept.push_back(x);
  }
  return kept;
}

/// `count` draws from N(0, 1) conditioned on [low, high].
std::vector<double> truncated_normal(int64_t count, double low, double high, Generator& generator) {
  const auto propose = normal_mass(low, high) > 0.3 ? by_rejection : by_density;
  const auto wanted = static_cast<size_t>(count);
  std::vector<double> drawn;
  while (drawn.size() < wanted) {
    const int64_t tries = 2 * (count - static_cast<int64_t>(drawn.size())) + 64;
    const std::vector<double> more = propose(low, high, tries, generator);
    drawn.insert(drawn.end(), more.begin(), more.end());
  }
  drawn.resize(wanted);
  return drawn;
}

}  // namespace

SkipGuard::SkipGuard() : before_(std::exchange(is_skipping, true)) {}

SkipGuard::~SkipGuard() { is_skipping = before_; }

const Tensor& uniform_(const Tensor& tensor, double low, double high, Generator& generator) {
  want_finite("uniform_: low", low);
  want_finite("uniform_: high", high);
  if (low > high) fail<ValueError>("uniform_: low ", low, " is above high ", high);
  want_finite("uniform_: high - low", high - low);
  if (is_skipping) return tensor;
  const rill::detail::UndoDraws undo(generator);
  return write(tensor, rand(tensor.shape(), generator, tensor.dtype()) * (high - low) + low);
}

const Tensor& normal_(const Tensor& tensor, double mean, double std, Generator& generator) {
  want_finite("normal_: mean", mean);
  want_not_negative("normal_: std", std);
  if (is_skipping) return tensor;
  const rill::detail::UndoDraws undo(generator);
  return write(tensor, randn(tensor.shape(), generator, tensor.dtype()) * std + mean);
}

const Tensor& constant_(const Tensor& tensor, double value) {
  const NoGradGuard no_grad;
  return tensor.fill_(value);
}

const Tensor& trunc_normal_(const Tensor& tensor, double mean, double std, double low, double high,
                            Generator& generator) {
  want_finite("trunc_normal_: mean", mean);
  want_not_negative("trunc_normal_: std", std);
  want_not_nan("trunc_normal_: lower bound a", low);
  want_not_nan("trunc_normal_: upper bound b", high);
  if (low > high)
    fail<ValueError>("trunc_normal_: lower bound a, ", low, ", is above upper bound b, ", high);
  if (is_skipping) return tensor;
  const double nearest = std::clamp(mean, low, high);
  // So far out all draws lie within 1e-6 std of the nearest bound, which rounding would hide.
  if (std == 0 || std::abs(nearest - mean) / std > 1e8) return constant_(tensor, nearest);
  const rill::detail::UndoDraws undo(generator);
  std::vector<double> values =
      truncated_normal(tensor.numel(), (low - mean) / std, (high - mean) / std, generator);
  for (double& value : values) value = std::clamp(mean + std * value, low, high);
  return write(tensor, from_vector(values, tensor.shape()));
}

const Tensor& xavier_uniform_(const Tensor& tensor, double gain, Generator& generator) {
  want_not_negative("xavier_uniform_: gain", gain);
  const Fans fans = fans_of(tensor);
  const double bound = gain * std::sqrt(6 / at_least_one(fans.in + fans.out));
  return uniform_(tensor, -bound, bound, generator);
}

const Tensor& xavier_normal_(const Tensor& tensor, double gain, Generator& generator) {
  want_not_negative("xavier_normal_: gain", gain);
  const Fans fans = fans_of(tensor);
  return normal_(tensor, 0, gain * std::sqrt(2 / at_least_one(fans.in + fans.out)), generator);
}

const Tensor& kaiming_uniform_(const Tensor& tensor, KaimingOptions options, Generator& generator) {
  const double bound = std::numbers::sqrt3 * kaiming_std(tensor, options);
  return uniform_(tensor, -bound, bound, generator);
}

const Tensor& kaiming_normal_(const Tensor& tensor, KaimingOptions options, Generator& generator) {
  return normal_(tensor, 0, kaiming_std(tensor, options), generator);
}

std::span<const char* const> names_of(Fan) {
  static constexpr const char* names[] = {"fan_in", "fan_out"};
  return names;
}

std::span<const char* const> names_of(Nonlinearity) {
  static constexpr const char* names[] = {"linear", "sigmoid",    "tanh",
                                          "relu",   "leaky_relu", "selu"};
  return names;
}

double calculate_gain(Choice<Nonlinearity> nonlinearity, double slope) {
  want_finite("calculate_gain: slope", slope);
  switch (nonlinearity) {
    case Nonlinearity::linear:
    case Nonlinearity::sigmoid: return 1;
    case Nonlinearity::tanh: return 5.0 / 3;
    case Nonlinearity::relu: return std::numbers::sqrt2;
    case Nonlinearity::leaky_relu: return std::sqrt(2 / (1 + slope * slope));
    case Nonlinearity::selu: return 0.75;
  }
  return 1;
}

}  // namespace rill::nn::init
