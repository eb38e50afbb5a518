#include <rill/core/kernels/optimizer.h>
#include <rill/core/option.h>
#include <rill/optim/adam.h>

#include <limits>
#include <string>

namespace rill::optim {

Adam::Adam(const char* name, std::vector<ParameterGroup<AdamOptions>> groups, bool decoupled_decay)
    : Optimizer({"exp_avg", "exp_avg_sq", "max_exp_avg_sq"}),
      name_(name),
      groups_(std::move(groups)),
      decoupled_decay_(decoupled_decay) {
  for (size_t group = 0; group < groups_.size(); ++group) {
    Adam::check_options(group);
    auto& [parameters, options] = groups_[group];
    add_group(parameters, {{"lr", &options.lr},
                           {"beta1", &options.betas[0]},
                           {"beta2", &options.betas[1]},
                           {"eps", &options.eps},
                           {"weight_decay", &options.weight_decay},
                           {"decoupled_weight_decay", &decoupled_decay_},
                           {"amsgrad", &options.amsgrad}});
  }
  want_a_gradient();
}

void Adam::check_options(size_t group) const {
  const AdamOptions& options = groups_[group].options;
  const std::string name = std::string(name_) + ": ";
  rill::detail::want_not_negative(name + "lr", options.lr);
  rill::detail::want_share_below_one(name + "beta1", options.betas[0]);
  rill::detail::want_share_below_one(name + "beta2", options.betas[1]);
  rill::detail::want_positive(name + "eps", options.eps);
  rill::detail::want_not_negative(name + "weight_decay", options.weight_decay);
  if (options.eps < std::numeric_limits<float>::min())
    fail<ValueError>(name, "eps ", options.eps,
                     " is 0 in float32: a gradient of zeros would make 0 / 0");
}

bool Adam::needs_buffer(size_t group, size_t number) const {
  return number < 2 || groups_[group].options.amsgrad;
}

template <class T>
std::function<void()> Adam::plan_as(const AdamOptions& options,
                                    const std::vector<Update>& updates) {
  std::vector<kernels::AdamSpan<T>> spans;
  spans.reserve(updates.size());
  for (const Update& update : updates)
    spans.push_back({update.gradient.numel(), update.parameter_data<T>(), update.gradient.data<T>(),
                     update.buffer_data<T>(0), update.buffer_data<T>(1), update.buffer_data<T>(2),
                     update.step});
  const kernels::Adam how{.lr = options.lr,
                          .beta1 = options.betas[0],
                          .beta2 = options.betas[1],
                          .eps = options.eps,
                          .weight_decay = options.weight_decay,
                          .decoupled = decoupled_decay_};
  return [spans = std::move(spans), how] {
    kernels::adam<T>(static_cast<int64_t>(spans.size()), spans.data(), how);
  };
}

std::function<void()> Adam::plan(size_t group, DType dtype, const std::vector<Update>& updates) {
  return dtype == float32 ? plan_as<float>(groups_[group].options, updates)
                          : plan_as<double>(groups_[group].options, updates);
}

}  // namespace rill::optim
