#include <rill/nn/positions/first_look.h>

#include <cmath>

#include <rill/core/autograd.h>
#include <rill/core/detail/warn.h>
#include <rill/core/ops.h>
#include <spdlog/fmt/fmt.h>

namespace rill::nn::detail {
namespace {

void warn_of(const std::string& layer, double input, double positions) {
  const bool input_is_loud = input > positions;
  const double ratio = input_is_loud ? input / positions : positions / input;
  rill::detail::warn(fmt::format(
      "{}: its {} (rms {:.3g}) drowns the {} (rms {:.3g}), {:.0f} to 1: the model can hardly hear "
      "{}. "
      "{} (Said once.)",
      layer, input_is_loud ? "input" : "positions", std::max(input, positions),
      input_is_loud ? "positions" : "input", std::min(input, positions), ratio,
      input_is_loud ? "where a token stands" : "which token it is",
      input_is_loud
          ? "Draw the embeddings smaller, as in Embedding(n, d, {.std = 0.02}), or the "
            "positions larger."
          : "Draw the embeddings larger, as Embedding does by default, or multiply them by "
            "the root of their width."));
}

}  // namespace

double rms_of_rows(const Tensor& x) {
  const Tensor squares = x.to(float64).pow(2);
  const Tensor rows = x.dims() == 0 ? squares : squares.mean(-1);
  const double count = (rows != 0).sum().item();
  return count == 0 ? 0 : std::sqrt(rows.sum().item() / count);
}

void FirstLook::compare(const Module& layer, const Tensor& x, const Tensor& positions) const {
  if (!layer.is_training() || !is_grad_enabled() || taken_->test_and_set()) return;
  const NoGradGuard unrecorded;
  const double input = rms_of_rows(x), added = rms_of_rows(positions);
  if (input > 0 && added > 0 && (input > drowning * added || added > drowning * input))
    warn_of(layer.path().empty() ? layer.type_name() : layer.path(), input, added);
}

}  // namespace rill::nn::detail
