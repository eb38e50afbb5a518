#include <rill/core/kernels/optimizer.h>
#include <rill/core/option.h>
#include <rill/optim/rmsprop.h>

#include <limits>

namespace rill::optim {
namespace {

constexpr size_t square_avg = 0, grad_avg = 1, momentum_buffer = 2;

}  // namespace

RMSprop::RMSprop(std::vector<ParameterGroup<RMSpropOptions>> groups)
    : Optimizer({"square_avg", "grad_avg", "momentum_buffer"}), groups_(std::move(groups)) {
  for (size_t group = 0; group < groups_.size(); ++group) {
    RMSprop::check_options(group);
    auto& [parameters, options] = groups_[group];
    add_group(parameters, {{"lr", &options.lr},
                           {"alpha", &options.alpha},
                           {"eps", &options.eps},
                           {"weight_decay", &options.weight_decay},
                           {"momentum", &options.momentum},
                           {"centered", &options.centered}});
  }
  want_a_gradient();
}

void RMSprop::check_options(size_t group) const {
  const RMSpropOptions& options = groups_[group].options;
  rill::detail::want_not_negative("RMSprop: lr", options.lr);
  rill::detail::want_share_below_one("RMSprop: alpha", options.alpha);
  rill::detail::want_positive("RMSprop: eps", options.eps);
  rill::detail::want_not_negative("RMSprop: weight_decay", options.weight_decay);
  rill::detail::want_not_negative("RMSprop: momentum", options.momentum);
  if (options.eps < std::numeric_limits<float>::min())
    fail<ValueError>("RMSprop: eps ", options.eps,
                     " is 0 in float32: a gradient of zeros would make 0 / 0");
}

bool RMSprop::needs_buffer(size_t group, size_t number) const {
  const RMSpropOptions& options = groups_[group].options;
  if (number == grad_avg) return options.centered;
  return number == square_avg || options.momentum != 0;
}

template <class T>
std::function<void()> RMSprop::plan_as(const RMSpropOptions& options,
                                       const std::vector<Update>& updates) {
  std::vector<kernels::RmspropSpan<T>> spans;
  spans.reserve(updates.size());
  for (const Update& update : updates)
    spans.push_back({update.gradient.numel(), update.parameter_data<T>(), update.gradient.data<T>(),
                     update.buffer_data<T>(square_avg), update.buffer_data<T>(grad_avg),
                     update.buffer_data<T>(momentum_buffer)});
  const kernels::Rmsprop how{.lr = options.lr,
                             .alpha = options.alpha,
                             .eps = options.eps,
                             .weight_decay = options.weight_decay,
                             .momentum = options.momentum};
  return [spans = std::move(spans), how] {
    kernels::rmsprop<T>(static_cast<int64_t>(spans.size()), spans.data(), how);
  };
}

std::function<void()> RMSprop::plan(size_t group, DType dtype, const std::vector<Update>& updates) {
  return dtype == float32 ? plan_as<float>(groups_[group].options, updates)
                          : plan_as<double>(groups_[group].options, updates);
}

}  // namespace rill::optim
