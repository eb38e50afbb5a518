#pragma once

#include <concepts>
#include <string_view>

#include <rill/core/ops.h>
#include <rill/core/option.h>
#include <rill/nn/layer.h>

// Element-wise functions as layers, for Sequential. In a forward of one's own the functions of
// <rill/core/ops.h> are shorter.

namespace rill::nn {

/// max(0, x).
class ReLU final : public Layer<ReLU> {
 public:
  ReLU() = default;
  template <class...>
  explicit ReLU(...) = delete;  // ReLU(), nothing is computed in place
  Tensor forward(const Tensor& x) const { return relu(x); }
};

struct LeakyReLUOptions {
  double negative_slope = 0.01;
};

/// x, and negative_slope · x below 0.
class LeakyReLU final : public Layer<LeakyReLU> {
 public:
  explicit LeakyReLU(double negative_slope = 0.01)
      : negative_slope_(rill::detail::want_finite("LeakyReLU: negative_slope", negative_slope)) {
    set_extra_repr({{"negative_slope", negative_slope}});
  }
  explicit LeakyReLU(const LeakyReLUOptions& options) : LeakyReLU(options.negative_slope) {}
  template <class...>
  explicit LeakyReLU(...) = delete;  // LeakyReLU(0.2), nothing is computed in place
  Tensor forward(const Tensor& x) const { return leaky_relu(x, negative_slope_); }

 private:
  const double negative_slope_;
};

/// x Φ(x), with the error function or by its tanh approximation (Hendrycks & Gimpel 2016).
class GELU final : public Layer<GELU> {
 public:
  explicit GELU(Gelu approximate = Gelu::exact) : approximate_(approximate) {
    set_extra_repr({{"approximate", approximate_ == Gelu::tanh ? "'tanh'" : "'none'"}});
  }
  explicit GELU(std::convertible_to<std::string_view> auto approximate)
      : GELU(Gelu{Choice<Gelu>(approximate)}) {}
  explicit GELU(const GeluOptions& options) : GELU(Gelu{options.approximate}) {}
  template <class...>
  explicit GELU(...) = delete;  // GELU(), GELU("tanh")
  Tensor forward(const Tensor& x) const { return gelu(x, approximate_); }

 private:
  const Gelu approximate_;
};

/// x σ(x).
class SiLU final : public Layer<SiLU> {
 public:
  SiLU() = default;
  template <class...>
  explicit SiLU(...) = delete;  // SiLU(), nothing is computed in place
  Tensor forward(const Tensor& x) const { return silu(x); }
};

class Tanh final : public Layer<Tanh> {
 public:
  Tanh() = default;
  template <class...>
  explicit Tanh(...) = delete;  // Tanh()
  Tensor forward(const Tensor& x) const { return tanh(x); }
};

/// σ(x) = 1 / (1 + e⁻ˣ).
class Sigmoid final : public Layer<Sigmoid> {
 public:
  Sigmoid() = default;
  template <class...>
  explicit Sigmoid(...) = delete;  // Sigmoid()
  Tensor forward(const Tensor& x) const { return sigmoid(x); }
};

struct SoftplusOptions {
  double beta = 1, threshold = 20;
};

/// log(1 + e^(beta x)) / beta, x itself where beta x > threshold.
class Softplus final : public Layer<Softplus> {
 public:
  /// Throws ValueError unless beta is finite and above 0, and threshold a number.
  explicit Softplus(double beta = 1, double threshold = 20)
      : beta_(rill::detail::want_positive("Softplus: beta", beta)),
        threshold_(rill::detail::want_not_nan("Softplus: threshold", threshold)) {
    set_extra_repr({{"beta", beta}, {"threshold", threshold}});
  }
  explicit Softplus(const SoftplusOptions& options) : Softplus(options.beta, options.threshold) {}
  template <class...>
  explicit Softplus(...) = delete;  // Softplus(2), Softplus({.beta = 2, .threshold = 20})
  Tensor forward(const Tensor& x) const { return softplus(x, beta_, threshold_); }

 private:
  const double beta_;
  const double threshold_;
};

struct SoftmaxOptions {
  int64_t dim;
};

/// exp(x) / Σ exp(x) along `dim`.
class Softmax final : public Layer<Softmax> {
 public:
  explicit Softmax(int64_t dim) : dim_(dim) { set_extra_repr({{"dim", dim}}); }
  explicit Softmax(const SoftmaxOptions& options) : Softmax(options.dim) {}
  explicit Softmax(...) = delete;  // Softmax(-1), Softmax({.dim = -1})
  Tensor forward(const Tensor& x) const { return softmax(x, dim_); }

 private:
  const int64_t dim_;
};

/// log of Softmax, without overflow.
class LogSoftmax final : public Layer<LogSoftmax> {
 public:
  explicit LogSoftmax(int64_t dim) : dim_(dim) { set_extra_repr({{"dim", dim}}); }
  explicit LogSoftmax(const SoftmaxOptions& options) : LogSoftmax(options.dim) {}
  explicit LogSoftmax(...) = delete;  // LogSoftmax(-1), LogSoftmax({.dim = -1})
  Tensor forward(const Tensor& x) const { return log_softmax(x, dim_); }

 private:
  const int64_t dim_;
};

/// The choice inside a transformer's feed-forward part.
enum class Activation { relu, gelu, gelu_tanh, silu };
std::span<const char* const> names_of(Activation);  // "relu", "gelu", "gelu_tanh", "silu"
Tensor activate(const Tensor& x, Activation activation);

}  // namespace rill::nn
