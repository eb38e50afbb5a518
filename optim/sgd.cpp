#include <rill/core/autograd.h>
#include <rill/core/inplace.h>
#include <rill/core/kernels/optimizer.h>
#include <rill/optim/sgd.h>

#include <cmath>

namespace rill::optim {

SGD::SGD(std::vector<ParameterGroup<SGDOptions>> groups)
    : Optimizer({"momentum_buffer"}), groups_(std::move(groups)) {
  for (auto& [parameters, options] : groups_) {
    detail::check_option("SGD", "lr", options.lr, 0, INFINITY);
    detail::check_option("SGD", "momentum", options.momentum, 0, INFINITY);
    detail::check_option("SGD", "weight_decay", options.weight_decay, 0, INFINITY);
    detail::check_option("SGD", "dampening", options.dampening, -INFINITY, INFINITY);
    if (options.nesterov && (options.momentum <= 0 || options.dampening != 0))
      fail<ValueError>("SGD: nesterov needs a momentum above 0 and dampening 0, found momentum ",
                       options.momentum, " and dampening ", options.dampening);
    add_group(parameters, {{"lr", &options.lr},
                           {"momentum", &options.momentum},
                           {"dampening", &options.dampening},
                           {"weight_decay", &options.weight_decay}});
  }
}

template <class T>
void SGD::step_group(size_t group) {
  const SGDOptions& options = groups_[group].options;
  std::vector<kernels::SgdSpan<T>> spans;
  std::vector<Tensor> gradients;  // row-major, alive until the kernel has run
  for (ParameterState* state : with_gradient<T>(group)) {
    gradients.push_back(state->parameter.grad().contiguous());
    const bool has_buffer = options.momentum != 0;
    const bool is_first = has_buffer && !state->buffers[0].defined();
    rill::detail::begin_write(state->parameter);
    spans.push_back({state->parameter.numel(), state->parameter.template data<T>(),
                     gradients.back().template data<T>(),
                     has_buffer ? buffer(*state, 0).template data<T>() : nullptr, is_first});
    ++state->step;
  }
  kernels::sgd<T>(static_cast<int64_t>(spans.size()), spans.data(),
                  {.lr = options.lr,
                   .momentum = options.momentum,
                   .dampening = options.dampening,
                   .weight_decay = options.weight_decay,
                   .nesterov = options.nesterov});
}

void SGD::step() {
  const NoGradGuard no_grad;
  for (size_t group = 0; group < groups_.size(); ++group) {
    step_group<float>(group);
    step_group<double>(group);
  }
}

}  // namespace rill::optim
