#include <rill/nn/positions/first_look.h>

#include <cmath>

#include <rill/core/autograd.h>
#include <rill/core/detail/warn.h>
#include <rill/core/observer.h>
#include <rill/core/ops.h>
#include <rill/nn/detail/module_state.h>
#include <spdlog/fmt/fmt.h>

namespace rill::nn::detail {
namespace {

void warn_of(const std::string& layer, double input, double positions, const char* remedy) {
  if (input > positions)
    rill::detail::warn(fmt::format(
        "{}: its input (rms {:.3g}) drowns the positions (rms {:.3g}), {:.0f} to 1: the model can "
        "hardly hear where a token stands. {} the input smaller, where it comes from an Embedding "
        "by {{.std = 0.02}}. (Said once of each layer.)",
        layer, input, positions, input / positions,
        *remedy ? fmt::format(fmt::runtime(remedy), input) + " Or make" : "Make"));
  else
    rill::detail::warn(fmt::format(
        "{}: its positions (rms {:.3g}) drown the input (rms {:.3g}), {:.0f} to 1: the model can "
        "hardly hear which token it is. Make the input larger: an Embedding as it is by default, "
        "or multiplied by the root of its width. (Said once of each layer.)",
        layer, positions, input, positions / input));
}

}  // namespace

double rms_of_rows(const Tensor& x) {
  if (x.dims() == 0) return x.abs().item();
  const Tensor lengths = norm(x, 2, -1).to(float64);
  const double count = (lengths != 0).sum().item() * static_cast<double>(x.size(-1));
  return count == 0 ? 0 : std::sqrt(lengths.square().sum().item() / count);
}

void FirstLook::compare(const Module& layer, const Tensor& x, const Tensor& positions) const {
  if (!layer.is_training() || !is_grad_enabled()) return;
  if (layer.state_->was_looked_at.exchange(true)) return;
  const UnobservedGuard unobserved;
  const NoGradGuard unrecorded;
  const double input = rms_of_rows(x), added = rms_of_rows(positions);
  if (input > 0 && added > 0 && (input > drowning * added || added > drowning * input))
    warn_of(layer.path().empty() ? layer.type_name() : layer.path(), input, added, remedy_);
}

}  // namespace rill::nn::detail
