#include <rill/core/inspect/detail/gradient_history.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include <rill/core/inspect/detail/audit_findings.h>
#include <spdlog/fmt/fmt.h>

// What a report warns of.

namespace rill::inspect::detail {
namespace {

constexpr int64_t patience = 3, longer_patience = 10, longest_patience = 20;  // steps
constexpr double tiny_share = 1e-6;                                           // of the largest rms
constexpr double jump = 100;            // against the steps before
constexpr double beyond_weight = 1000;  // times its own norm

/// Counts, for each parameter, the steps on end in which something held.
void count_steps(std::vector<ParameterHistory>& all) {
  double largest = 0;
  for (const ParameterHistory& one : all) largest = std::max(largest, one.rms());
  for (ParameterHistory& one : all) {
    const bool wants = one.tensor.requires_grad();
    const bool is_zero = one.has_gradient && one.zeros == 1;
    const bool is_tiny =
        one.has_gradient && !is_zero && one.not_finite == 0 && one.rms() < tiny_share * largest;
    const auto count = [](int64_t& steps, bool holds) { steps = holds ? steps + 1 : 0; };
    count(one.without, wants && !one.has_gradient);
    count(one.zero, wants && is_zero);
    count(one.tiny, wants && is_tiny);
    count(one.unmoved, wants && one.has_gradient && one.norm > 0 && one.update_ratio == 0);
  }
}

using Holds = std::function<bool(const ParameterHistory&)>;

/// The names of those that it holds for, for the first time.
std::vector<std::string> new_ones(std::vector<ParameterHistory>& all, const char* kind,
                                  const Holds& holds) {
  std::vector<std::string> names;
  for (ParameterHistory& one : all) {
    if (!holds(one) || std::ranges::count(one.warned, kind) > 0) continue;
    one.warned.emplace_back(kind);
    names.push_back(one.name);
  }
  return names;
}

struct Kind {
  const char* name;
  Holds holds;
  const char* text;  // after the names, with what to do
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all{
      {"not finite", [](const ParameterHistory& one) { return one.not_finite > 0; },
       "gradients that are NaN or infinite. AnomalyGuard stops where the first is made; a lower "
       "learning rate or clip_grad_norm_ may keep them away"},
      {"without", [](const ParameterHistory& one) { return one.without >= patience; },
       "no gradient, 3 steps on end. GradientAudit tells where their path is cut"},
      {"zero", [](const ParameterHistory& one) { return one.zero >= patience; },
       "gradients of 0 alone, 3 steps on end. GradientAudit tells which op gives none on"},
      {"vanishing", [](const ParameterHistory& one) { return one.tiny >= longer_patience; },
       "gradients that vanish: below a millionth of the largest, 10 steps on end. Residual "
       "connections, normalisation or larger weights let them through"},
      {"exploding",
       [](const ParameterHistory& one) {
         return one.tensor.dims() > 1 && one.weight_norm > 0 && one.tensor.numel() > 0 &&
                one.norm > beyond_weight * one.whole_weight_norm();
       },
       "gradients that explode: more than 1,000 times as long as the weights themselves. "
       "Normalise what the layers are given, draw smaller weights, clip the norm of gradients"},
      {"unmoved", [](const ParameterHistory& one) { return one.unmoved >= longest_patience; },
       "gradients, but no updates in 20 steps. See that the optimizer has them and that its "
       "learning "
       "rate is above 0"}};
  return all;
}

double norm_of_all(const std::vector<ParameterHistory>& all) {
  double squares = 0;
  for (const ParameterHistory& one : all) squares += one.norm * one.norm;
  return std::sqrt(squares);
}

}  // namespace

std::vector<std::string> GradientWarnings::of(std::vector<ParameterHistory>& all, int64_t step) {
  count_steps(all);
  std::vector<std::string> found;
  for (const Kind& kind : kinds())
    if (const auto names = new_ones(all, kind.name, kind.holds); !names.empty())
      found.push_back(fmt::format("step {}: {} {} {}.", step, list_of(names),
                                  names.size() == 1 ? "gets" : "get", kind.text));
  const double norm = norm_of_all(all);
  if (norm > 0) {
    const bool jumps = steps_ >= longest_patience && std::log(norm) > usual_ + std::log(jump);
    if (jumps && !std::exchange(has_warned_, true))
      found.push_back(
          fmt::format("step {}: the norm of all gradients, {}, is {} times that of the "
                      "steps before: they explode. Clip it (clip_grad_norm_), or take "
                      "a lower learning rate.",
                      step, shown(norm), shown(norm / std::exp(usual_))));
    usual_ += (std::log(norm) - usual_) / static_cast<double>(std::min<int64_t>(++steps_, 20));
  }
  return found;
}

}  // namespace rill::inspect::detail
