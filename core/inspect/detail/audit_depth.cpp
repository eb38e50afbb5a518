#include <rill/core/inspect/detail/audit_findings.h>

#include <algorithm>
#include <cmath>
#include <map>

#include <spdlog/fmt/fmt.h>

// Vanishing and exploding: the gradient |∂L/∂h| of what like layers give, from the first of them to
// the last. Gradients of weights may stay flat meanwhile and would mislead.

namespace rill::inspect::detail {
namespace {

constexpr double too_much = 1e3;     // between the first and the last
constexpr size_t fewest_layers = 4;  // that stand in a list
constexpr size_t fewest_ops = 8;     // of one name in one forward
constexpr double steady = 0.75;      // share of the steps that go in the same direction

/// One op of a layer, in all layers of a list, in the order in which they ran.
struct Ladder {
  std::vector<int64_t> ops;
  std::vector<double> norms;
  size_t fewest = fewest_layers;
};
using Ladders = std::map<std::string, Ladder>;

/// "blocks.*.0" and "blocks.2.*" for "blocks.2.0".
std::vector<std::string> patterns_of(const std::string& path) {
  std::vector<std::string> patterns;
  for (size_t begin = 0; begin < path.size();) {
    const size_t end = std::min(path.find('.', begin), path.size());
    const std::string part = path.substr(begin, end - begin);
    if (part.find_first_not_of("0123456789") == std::string::npos)
      patterns.push_back(path.substr(0, begin) + "*" + path.substr(end));
    begin = end + 1;
  }
  return patterns;
}

Ladders ladders_of(const StepRecord& record) {
  Ladders ladders;
  std::map<std::pair<int64_t, std::string>, int> seen;  // ops of a name in a call, so far
  const auto add = [&](const std::string& key, size_t op, double norm, size_t fewest) {
    Ladder& ladder = ladders[key];
    ladder.ops.push_back(static_cast<int64_t>(op));
    ladder.norms.push_back(norm);
    ladder.fewest = fewest;
  };
  for (size_t i = 0; i < record.ops.size(); ++i) {
    const StepOp& op = record.ops[i];
    const StepValue& value = record.values[op.output];
    if (op.is_inside || !op.is_own || !value.gradient) continue;
    const std::string name = "|" + op.name, module = record.module_of(op);
    const std::string place = name + "|" + std::to_string(seen[{op.call, op.name}]++);
    for (const std::string& pattern : patterns_of(module))
      add(pattern + place, i, value.gradient->norm, fewest_layers);
    add(module + place, i, value.gradient->norm, fewest_layers);  // a layer that runs many times
    add(module + name, i, value.gradient->norm, fewest_ops);
  }
  return ladders;
}

/// How many times larger the gradient of the first is than that of the last; 1 where it does not
/// go steadily.
double growth_of(const Ladder& ladder) {
  const std::vector<double>& norms = ladder.norms;
  if (norms.size() < ladder.fewest || norms.back() <= 0) return 1;
  const double growth = norms.front() / norms.back();
  size_t alike = 0;
  for (size_t i = 1; i < norms.size(); ++i)
    alike += growth < 1 ? norms[i - 1] < norms[i] : norms[i - 1] > norms[i];
  const bool is_steady =
      static_cast<double>(alike) >= steady * static_cast<double>(norms.size() - 1);
  return is_steady ? growth : 1;
}

/// The op whose rows changed the size of gradients most between two ops, in the given direction.
std::string blamed(const StepRecord& record, const Ladder& ladder, bool vanishes) {
  std::map<std::string, double> changes;
  for (int64_t i = ladder.ops.front() + 1; i <= ladder.ops.back(); ++i)
    for (const Flow& flow : record.ops[i].flows)
      if (!record.values[flow.to].is_leaf && flow.incoming > 0 && flow.outgoing.norm > 0)
        changes[record.ops[i].name] += std::log(flow.outgoing.norm / flow.incoming);
  if (changes.empty()) return "";
  const auto less = [](const auto& a, const auto& b) { return a.second < b.second; };
  return vanishes ? std::ranges::min_element(changes, less)->first
                  : std::ranges::max_element(changes, less)->first;
}

/// Parameters of the layer that ran `op` and of those inside it.
std::vector<std::string> parameters_of(const StepRecord& record, const std::string& module) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : record.parameters)
    if (!module.empty() && name.starts_with(module + ".")) names.push_back(name);
  return names;
}

GradientFinding finding_of(const StepRecord& record, const Ladder& ladder, double growth) {
  const bool vanishes = growth < 1;
  const StepOp& first = record.ops[ladder.ops.front()];
  const StepOp& last = record.ops[ladder.ops.back()];
  const std::string by = blamed(record, ladder, vanishes);
  const auto steps = static_cast<double>(ladder.norms.size() - 1);
  GradientFinding finding{.fault = vanishes ? GradientFault::vanishing : GradientFault::exploding,
                          .parameters = parameters_of(record, record.module_of(first)),
                          .op = by,
                          .module = record.module_of(first)};
  finding.text = fmt::format(
      "gradients {} on their way back: {} at {}, {} at {}, on average times {} from each of {} to "
      "the one before, most by `{}`. {}",
      vanishes ? "vanish" : "explode", shown(ladder.norms.back()), record.at(last),
      shown(ladder.norms.front()), record.at(first), shown(std::pow(growth, 1 / steps)),
      ladder.norms.size(), by,
      vanishes ? "Give the layers a residual connection, x + f(x); normalise what they are given; "
                 "take ReLU or GELU for sigmoid and tanh; or draw larger weights."
               : "Normalise what the layers are given (LayerNorm), draw smaller weights (of n "
                 "inputs: N(0, 1/n)), and clip the norm of gradients.");
  return finding;
}

/// That on which gradients shrink, or grow, most; of layers with names where there is one.
const Ladder* steepest(const StepRecord& record, const Ladders& ladders, bool down) {
  const Ladder* found = nullptr;
  std::pair<bool, double> most;
  for (const auto& [key, ladder] : ladders) {
    const double steepness = (down ? -1 : 1) * std::log(growth_of(ladder));
    if (steepness < std::log(too_much)) continue;
    const std::pair<bool, double> rank{!record.module_of(record.ops[ladder.ops.front()]).empty(),
                                       steepness};
    if (found && rank <= most) continue;
    most = rank;
    found = &ladder;
  }
  return found;
}

}  // namespace

void find_vanishing(const StepRecord& record, Findings& found) {
  const Ladders ladders = ladders_of(record);
  for (const bool down : {true, false})
    if (const Ladder* ladder = steepest(record, ladders, down))
      found.push_back(finding_of(record, *ladder, growth_of(*ladder)));
}

}  // namespace rill::inspect::detail
