#include <rill/optim/adamw.h>

namespace rill::optim {
namespace {

std::vector<ParameterGroup<AdamOptions>> as_adam(
    const std::vector<ParameterGroup<AdamWOptions>>& groups) {
  std::vector<ParameterGroup<AdamOptions>> out;
  for (const auto& [parameters, o] : groups)
    out.push_back({parameters,
                   {.lr = o.lr,
                    .betas = o.betas,
                    .eps = o.eps,
                    .weight_decay = o.weight_decay,
                    .amsgrad = o.amsgrad}});
  return out;
}

}  // namespace

AdamW::AdamW(const std::vector<ParameterGroup<AdamWOptions>>& groups)
    : Adam("AdamW", as_adam(groups), true) {}

}  // namespace rill::optim
