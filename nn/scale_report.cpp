#include <rill/nn/scale_report.h>

#include <algorithm>
#include <cmath>
#include <ostream>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/option.h>
#include <rill/nn/attention_watch.h>
#include <rill/nn/positions/first_look.h>
#include <spdlog/fmt/fmt.h>

namespace rill::nn {
namespace {

constexpr double opinionated = 1.25;
constexpr double narrow = 0.5;

/// "0.0200": four digits that count.
std::string shown(double value) { return fmt::format("{:#.4g}", value); }

std::string rounded(double value) { return fmt::format("{:.0f}", value); }

ScaleReport::Attention attention_of(const std::string& path, const Tensor& stored,
                                    const Tensor& allowed) {
  const Tensor weights = stored.to(float64);
  const Tensor logs = log(where(gt(weights, 0), weights, ones_like(weights)));
  const Tensor count = clamp(allowed.to(float64).sum({-1}), 1, {});
  return {path, 0 - (weights * logs).sum({-1}).mean().item(), log(count).mean().item()};
}

std::string drowned(const ScaleReport::Part& loud, const ScaleReport::Part& quiet) {
  const std::string ratio = rounded(loud.rms / quiet.rms);
  return "the " + loud.name + " part of the input (rms " + shown(loud.rms) + ") drowns the " +
         quiet.name + " part (rms " + shown(quiet.rms) + "), " + ratio +
         " to 1: the model can hardly hear it. Multiply the " + quiet.name + " part by up to " +
         ratio +
         ", or draw it that much larger. (Beside sinusoids, \"Attention Is All You Need\" "
         "multiplies token embeddings by √d.)";
}

void warn_of_parts(const std::vector<ScaleReport::Part>& parts, std::vector<std::string>& out) {
  if (parts.empty()) return;
  const auto quieter = [](const auto& a, const auto& b) { return a.rms < b.rms; };
  const ScaleReport::Part& loudest = *std::max_element(parts.begin(), parts.end(), quieter);
  for (const ScaleReport::Part& part : parts) {
    if (std::isnan(part.rms))
      out.push_back("the " + part.name + " part of the input holds NaN: no model can hear it.");
    else if (part.rms == 0)
      out.push_back("the " + part.name +
                    " part of the input is 0 throughout: it says nothing yet. Draw it from "
                    "N(0, 0.02²), or leave it out.");
    else if (loudest.rms > detail::drowning * part.rms)
      out.push_back(drowned(loudest, part));
  }
}

}  // namespace

std::vector<std::string> ScaleReport::warnings() const {
  std::vector<std::string> out;
  warn_of_parts(parts, out);
  if (!(first_loss <= opinionated * even_loss))
    out.push_back("the first loss is " + shown(first_loss) +
                  ", but guessing evenly costs ln V = " + shown(even_loss) +
                  ": the model begins with wrong opinions. Draw the head's weights smaller (where "
                  "it is tied, the embeddings, and multiply them instead).");
  for (const Attention& a : attention)
    if (!(a.entropy >= narrow * a.even))
      out.push_back(a.path + " begins by looking at few tokens: its entropy is " +
                    shown(a.entropy) + ", looking evenly has " + shown(a.even) +
                    ". Draw the weights of queries and keys smaller, or normalise its input.");
  return out;
}

std::ostream& operator<<(std::ostream& out, const ScaleReport& report) {
  return out << report.text();
}

std::string ScaleReport::text() const {
  std::string out;
  for (const Part& part : parts)
    out += "rms of the " + part.name + " part of the input " + shown(part.rms) + "\n";
  out += "first loss " + shown(first_loss) + ", ln V " + shown(even_loss) + "\n";
  for (const Attention& a : attention)
    out += "entropy of " + a.path + " " + shown(a.entropy) + ", looking evenly " + shown(a.even) +
           "\n";
  return out;
}

ScaleReport scale_report(const std::vector<InputPart>& parts, int64_t vocab_size,
                         const std::function<Tensor()>& loss) {
  rill::detail::want_at_least(1, "scale_report: vocab_size", vocab_size);
  const NoGradGuard unrecorded;
  ScaleReport report{.even_loss = std::log(static_cast<double>(vocab_size))};
  for (const auto& [name, values] : parts)
    report.parts.push_back({name, detail::rms_of_rows(values)});
  const AttentionWatch watch(
      [&](const std::string& path, const Tensor& weights, const Tensor& allowed) {
        report.attention.push_back(attention_of(path, weights, allowed));
      });
  report.first_loss = loss().item();
  return report;
}

ScaleReport scale_report(const LanguageModel& model, const Tensor& ids, const Tensor& targets) {
  const NoGradGuard unrecorded;
  const EvalGuard evaluating(model);
  const Tensor tokens = model.token_embedding(ids) * model.embedding_scale();
  std::vector<InputPart> parts{{"token", tokens}};
  if (model.positions.acts_on_input())
    parts.push_back({"position", model.positions(tokens) - tokens});
  return scale_report(parts, model.options().vocab_size, [&] { return model.loss(ids, targets); });
}

}  // namespace rill::nn
