#pragma once

#include <rill/optim/optimizer.h>

namespace rill::optim {

struct SGDOptions {
  double lr = 1e-3;
  double momentum = 0;
  /// The share of the gradient that does not enter the momentum buffer.
  double dampening = 0;
  double weight_decay = 0;
  bool nesterov = false;
};

/// Stochastic gradient descent: g += weight_decay · p; b = momentum · b + (1 − dampening) · g (the
/// first b is g); p −= lr · b, or lr · (g + momentum · b) with Nesterov's look-ahead (Sutskever et
/// al. 2013). Throws ValueError for an option out of its range.
class SGD final : public Optimizer {
 public:
  explicit SGD(const std::vector<Tensor>& parameters, const SGDOptions& options = {})
      : SGD(std::vector<ParameterGroup<SGDOptions>>{{parameters, options}}) {}
  /// By position, as in PyTorch.
  SGD(const std::vector<Tensor>& parameters, detail::Rate auto rate, double momentum = 0,
      double dampening = 0, double weight_decay = 0, bool nesterov = false)
      : SGD(parameters,
            SGDOptions{static_cast<double>(rate), momentum, dampening, weight_decay, nesterov}) {}
  explicit SGD(std::vector<ParameterGroup<SGDOptions>> groups);
  explicit SGD(std::initializer_list<Tensor> parameters) : SGD(std::vector<Tensor>(parameters)) {}
  explicit SGD(std::initializer_list<ParameterGroup<SGDOptions>> groups)
      : SGD(std::vector<ParameterGroup<SGDOptions>>(groups)) {}
  // clang-format off
  template <class...> explicit SGD(...) = delete;  // SGD(net.parameters(), {.lr = 0.1, .momentum = 0.9}); groups, each with all of its own: SGD({{a, {.lr = 0.1}}, {b, {.lr = 0.2}}})
  // clang-format on

 private:
  void check_options(size_t group) const override;
  bool needs_buffer(size_t group, size_t number) const override;
  std::function<void()> plan(size_t group, DType dtype,
                             const std::vector<Update>& updates) override;
  template <class T>
  std::function<void()> plan_as(const SGDOptions& options, const std::vector<Update>& updates);
  std::vector<ParameterGroup<SGDOptions>> groups_;
};

}  // namespace rill::optim
