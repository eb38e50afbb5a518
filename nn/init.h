#pragma once

#include <rill/core/choice.h>
#include <rill/core/random.h>
#include <rill/core/tensor.h>

// Ways to fill a tensor before training: in place, outside the graph, returning the tensor. Each
// draws from the generator given, or from this thread's default. All throw ValueError for a number
// that is NaN or infinite (but for a constant, and for bounds that are to be none), and for a
// negative std or gain.

namespace rill::nn::init {

/// U(low, high). Throws ValueError where low > high.
const Tensor& uniform_(const Tensor& tensor, double low = 0, double high = 1,
                       Generator& generator = default_generator());
template <class...>
void uniform_(const Tensor&, ...) = delete;  // uniform_(w, -0.1, 0.1)
/// N(mean, std²).
const Tensor& normal_(const Tensor& tensor, double mean = 0, double std = 1,
                      Generator& generator = default_generator());
struct NormalOptions {
  double mean = 0, std = 1;
};
inline const Tensor& normal_(const Tensor& tensor, const NormalOptions& options,
                             Generator& generator = default_generator()) {
  return normal_(tensor, options.mean, options.std, generator);
}
const Tensor& constant_(const Tensor& tensor, double value);
inline const Tensor& zeros_(const Tensor& tensor) { return constant_(tensor, 0); }
inline const Tensor& ones_(const Tensor& tensor) { return constant_(tensor, 1); }
/// N(mean, std²) conditioned on [a, b]: absolute bounds, as PyTorch's, not multiples of std.
/// Throws ValueError where a > b.
const Tensor& trunc_normal_(const Tensor& tensor, double mean = 0, double std = 1, double a = -2,
                            double b = 2, Generator& generator = default_generator());
struct TruncNormalOptions {
  double mean = 0, std = 1, a = -2, b = 2;
};
inline const Tensor& trunc_normal_(const Tensor& tensor, const TruncNormalOptions& options,
                                   Generator& generator = default_generator()) {
  return trunc_normal_(tensor, options.mean, options.std, options.a, options.b, generator);
}

/// U(±a), a = gain · √(6 / (fan_in + fan_out)) (Glorot & Bengio 2010). Throws ShapeError under 2
/// dimensions. fan_in of a weight [out, in, ...] is in · (product of the rest).
const Tensor& xavier_uniform_(const Tensor& tensor, double gain = 1,
                              Generator& generator = default_generator());
/// N(0, σ²), σ = gain · √(2 / (fan_in + fan_out)).
const Tensor& xavier_normal_(const Tensor& tensor, double gain = 1,
                             Generator& generator = default_generator());
template <class...>
void xavier_uniform_(const Tensor&, ...) = delete;  // xavier_uniform_(w, calculate_gain("relu"))
template <class...>
void xavier_normal_(const Tensor&, ...) = delete;  // xavier_normal_(w, calculate_gain("relu"))

enum class Fan { in, out };
enum class Nonlinearity { linear, sigmoid, tanh, relu, leaky_relu, selu };
/// PyTorch's strings: "fan_in", "linear" and so on.
std::span<const char* const> names_of(Fan);
std::span<const char* const> names_of(Nonlinearity);

struct KaimingOptions {
  /// The negative slope of the leaky_relu that follows.
  double a = 0;
  Choice<Fan> mode = Fan::in;
  Choice<Nonlinearity> nonlinearity = Nonlinearity::leaky_relu;
};
/// U(±b), b = gain · √(3 / fan) (He et al. 2015). Throws ShapeError under 2 dimensions.
const Tensor& kaiming_uniform_(const Tensor& tensor, KaimingOptions options = {},
                               Generator& generator = default_generator());
/// N(0, σ²), σ = gain / √fan.
const Tensor& kaiming_normal_(const Tensor& tensor, KaimingOptions options = {},
                              Generator& generator = default_generator());

/// As PyTorch orders them: kaiming_uniform_(w, 0, "fan_out", "relu").
inline const Tensor& kaiming_uniform_(const Tensor& tensor, double a, Choice<Fan> mode = Fan::in,
                                      Choice<Nonlinearity> nonlinearity = Nonlinearity::leaky_relu,
                                      Generator& generator = default_generator()) {
  return kaiming_uniform_(tensor, KaimingOptions{a, mode, nonlinearity}, generator);
}
inline const Tensor& kaiming_normal_(const Tensor& tensor, double a, Choice<Fan> mode = Fan::in,
                                     Choice<Nonlinearity> nonlinearity = Nonlinearity::leaky_relu,
                                     Generator& generator = default_generator()) {
  return kaiming_normal_(tensor, KaimingOptions{a, mode, nonlinearity}, generator);
}
template <class...>
void kaiming_uniform_(const Tensor&, ...) = delete;  // {.mode = "fan_in", .nonlinearity = "relu"}
template <class...>
void kaiming_normal_(const Tensor&, ...) = delete;  // {.mode = "fan_out", .nonlinearity = "relu"}

/// How much a nonlinearity wants its input's spread raised: 1 for linear and sigmoid, 5/3 for tanh,
/// √2 for relu, √(2 / (1 + slope²)) for leaky_relu, 3/4 for selu.
double calculate_gain(Choice<Nonlinearity> nonlinearity, double slope = 0.01);

/// While it lives, this thread leaves as they are, and draws nothing for, tensors that would be
/// filled with random numbers: for a module whose weights are loaded next (PyTorch's skip_init).
/// Until then they may be anything.
class SkipGuard {
 public:
  [[nodiscard]] SkipGuard();
  ~SkipGuard();
  SkipGuard(const SkipGuard&) = delete;
  SkipGuard& operator=(const SkipGuard&) = delete;

 private:
  const bool before_;
};

}  // namespace rill::nn::init
