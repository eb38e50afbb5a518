#include <rill/core/autograd.h>
#include <rill/core/inplace.h>
#include <rill/core/kernels/optimizer.h>
#include <rill/optim/adam.h>

#include <cmath>

namespace rill::optim {

Adam::Adam(const char* name, std::vector<ParameterGroup<AdamOptions>> groups, bool decoupled_decay)
    : Optimizer({"exp_avg", "exp_avg_sq", "max_exp_avg_sq"}),
      groups_(std::move(groups)),
      decoupled_decay_(decoupled_decay) {
  for (auto& [parameters, options] : groups_) {
    detail::check_option(name, "lr", options.lr, 0, INFINITY);
    detail::check_option(name, "beta1", options.beta1, 0, 1);
    detail::check_option(name, "beta2", options.beta2, 0, 1);
    detail::check_option(name, "eps", options.eps, 0, INFINITY);
    detail::check_option(name, "weight_decay", options.weight_decay, 0, INFINITY);
    add_group(parameters, {{"lr", &options.lr},
                           {"beta1", &options.beta1},
                           {"beta2", &options.beta2},
                           {"eps", &options.eps},
                           {"weight_decay", &options.weight_decay}});
  }
}

template <class T>
void Adam::step_group(size_t group) {
  const AdamOptions& options = groups_[group].options;
  std::vector<kernels::AdamSpan<T>> spans;
  std::vector<Tensor> gradients;  // row-major, alive until the kernel has run
  for (ParameterState* state : with_gradient<T>(group)) {
    gradients.push_back(state->parameter.grad().contiguous());
    rill::detail::begin_write(state->parameter);
    spans.push_back({state->parameter.numel(), state->parameter.template data<T>(),
                     gradients.back().template data<T>(), buffer(*state, 0).template data<T>(),
                     buffer(*state, 1).template data<T>(),
                     options.amsgrad ? buffer(*state, 2).template data<T>() : nullptr,
                     ++state->step});
  }
  kernels::adam<T>(static_cast<int64_t>(spans.size()), spans.data(),
                   {.lr = options.lr,
                    .beta1 = options.beta1,
                    .beta2 = options.beta2,
                    .eps = options.eps,
                    .weight_decay = options.weight_decay,
                    .decoupled = decoupled_decay_});
}

void Adam::step() {
  const NoGradGuard no_grad;
  for (size_t group = 0; group < groups_.size(); ++group) {
    step_group<float>(group);
    step_group<double>(group);
  }
}

}  // namespace rill::optim
