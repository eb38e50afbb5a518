#include <rill/nn/init.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <rill/core/autograd.h>
#include <rill/core/error.h>
#include <rill/core/ops.h>
#include <rill/core/undo_draws.h>

namespace rill::nn::init {
namespace {

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

double kaiming_std(const Tensor& tensor, const KaimingOptions& options) {
  const Fans fans = fans_of(tensor);
  const double fan = options.mode == Fan::in ? fans.in : fans.out;
  return calculate_gain(options.nonlinearity, options.a) / std::sqrt(fan);
}

void check_std(const char* name, double std) {
  if (!(std >= 0)) fail<ValueError>(name, ": std must not be negative, found ", std);
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
  const double mode = std::clamp(0.0, low, high);
  const double reach = std::sqrt(mode * mode + 84);
  const double from = std::max(low, -reach);
  const double to = std::min(high, reach);
  const std::vector<double> places = rand({tries}, generator, float64).to_vector();
  const std::vector<double> chances = rand({tries}, generator, float64).to_vector();
  std::vector<double> kept;
  for (size_t i = 0; i < places.size(); ++i) {
    const double x = from + places[i] * (to - from);
    if (chances[i] < std::exp((mode * mode - x * x) / 2)) kept.push_back(x);
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

const Tensor& uniform_(const Tensor& tensor, double low, double high, Generator& generator) {
  if (!(low <= high)) fail<ValueError>("uniform_: low ", low, " is above high ", high);
  const rill::detail::UndoDraws undo(generator);
  return write(tensor, rand(tensor.shape(), generator, tensor.dtype()) * (high - low) + low);
}

const Tensor& normal_(const Tensor& tensor, double mean, double std, Generator& generator) {
  check_std("normal_", std);
  const rill::detail::UndoDraws undo(generator);
  return write(tensor, randn(tensor.shape(), generator, tensor.dtype()) * std + mean);
}

const Tensor& constant_(const Tensor& tensor, double value) {
  const NoGradGuard no_grad;
  return tensor.fill_(value);
}

const Tensor& trunc_normal_(const Tensor& tensor, double mean, double std, double low, double high,
                            Generator& generator) {
  check_std("trunc_normal_", std);
  const rill::detail::UndoDraws undo(generator);
  if (!(low <= high)) fail<ValueError>("trunc_normal_: low ", low, " is above high ", high);
  if (std == 0) return constant_(tensor, std::clamp(mean, low, high));
  std::vector<double> values =
      truncated_normal(tensor.numel(), (low - mean) / std, (high - mean) / std, generator);
  for (double& value : values) value = std::clamp(mean + std * value, low, high);
  return write(tensor, from_vector(values, tensor.shape()));
}

const Tensor& xavier_uniform_(const Tensor& tensor, double gain, Generator& generator) {
  const Fans fans = fans_of(tensor);
  const double bound = gain * std::sqrt(6 / (fans.in + fans.out));
  return uniform_(tensor, -bound, bound, generator);
}

const Tensor& xavier_normal_(const Tensor& tensor, double gain, Generator& generator) {
  const Fans fans = fans_of(tensor);
  return normal_(tensor, 0, gain * std::sqrt(2 / (fans.in + fans.out)), generator);
}

const Tensor& kaiming_uniform_(const Tensor& tensor, KaimingOptions options, Generator& generator) {
  const double bound = std::numbers::sqrt3 * kaiming_std(tensor, options);
  return uniform_(tensor, -bound, bound, generator);
}

const Tensor& kaiming_normal_(const Tensor& tensor, KaimingOptions options, Generator& generator) {
  return normal_(tensor, 0, kaiming_std(tensor, options), generator);
}

double calculate_gain(Nonlinearity nonlinearity, double slope) {
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
