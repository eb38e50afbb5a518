#include <rill/core/kernels/optimizer.h>
#include <rill/core/option.h>
#include <rill/optim/sgd.h>

namespace rill::optim {

SGD::SGD(std::vector<ParameterGroup<SGDOptions>> groups)
    : Optimizer({"momentum_buffer"}), groups_(std::move(groups)) {
  for (size_t group = 0; group < groups_.size(); ++group) {
    SGD::check_options(group);
    auto& [parameters, options] = groups_[group];
    add_group(parameters, {{"lr", &options.lr},
                           {"momentum", &options.momentum},
                           {"dampening", &options.dampening},
                           {"weight_decay", &options.weight_decay},
                           {"nesterov", &options.nesterov}});
  }
  want_a_gradient();
}

void SGD::check_options(size_t group) const {
  const SGDOptions& options = groups_[group].options;
  rill::detail::want_not_negative("SGD: lr", options.lr);
  rill::detail::want_not_negative("SGD: momentum", options.momentum);
  rill::detail::want_not_negative("SGD: weight_decay", options.weight_decay);
  rill::detail::want_finite("SGD: dampening", options.dampening);
  if (options.nesterov && (options.momentum <= 0 || options.dampening != 0))
    fail<ValueError>("SGD: nesterov needs a momentum above 0 and dampening 0, found momentum ",
                     options.momentum, " and dampening ", options.dampening);
}

bool SGD::needs_buffer(size_t group, size_t) const { return groups_[group].options.momentum != 0; }

template <class T>
std::function<void()> SGD::plan_as(const SGDOptions& options, const std::vector<Update>& updates) {
  std::vector<kernels::SgdSpan<T>> spans;
  spans.reserve(updates.size());
  for (const Update& update : updates)
    spans.push_back({update.gradient.numel(), update.parameter_data<T>(), update.gradient.data<T>(),
                     update.buffer_data<T>(0), update.step == 1});
  const kernels::Sgd how{.lr = options.lr,
                         .momentum = options.momentum,
                         .dampening = options.dampening,
                         .weight_decay = options.weight_decay,
                         .nesterov = options.nesterov};
  return [spans = std::move(spans), how] {
    kernels::sgd<T>(static_cast<int64_t>(spans.size()), spans.data(), how);
  };
}

std::function<void()> SGD::plan(size_t group, DType dtype, const std::vector<Update>& updates) {
  return dtype == float32 ? plan_as<float>(groups_[group].options, updates)
                          : plan_as<double>(groups_[group].options, updates);
}

}  // namespace rill::optim
