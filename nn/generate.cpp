#include <rill/nn/generate.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <rill/core/autograd.h>
#include <rill/core/detail/undo_draws.h>
#include <rill/core/error.h>
#include <rill/core/ops.h>
#include <rill/core/option.h>

namespace rill::nn {
namespace {

void check(const SampleOptions& options) {
  rill::detail::want_not_negative("sample: temperature", options.temperature);
  if (options.top_k) rill::detail::want_at_least(1, "sample: top_k", *options.top_k);
}

/// Refuses logits of which softmax makes NaN.
void check(const Tensor& logits) {
  if (any(isnan(logits)).item<bool>())
    fail<ValueError>("sample: the logits hold NaN; an AnomalyGuard names the op that made it");
  const std::vector<double> largest = max(logits, -1).values.to_vector();
  for (size_t row = 0; row < largest.size(); ++row)
    if (std::isinf(largest[row]))
      fail<ValueError>("sample: the largest logit of row ", row, " is ", largest[row],
                       largest[row] < 0 ? ": no token is left to draw"
                                        : ": it must be finite to have a probability");
}

/// Logits [batch, V] with −inf below the k-th largest of each row.
Tensor keep_top(const Tensor& logits, int64_t k) {
  const Tensor largest = topk(logits, std::min(k, logits.size(-1))).values;
  const double never = -std::numeric_limits<double>::infinity();
  return masked_fill(logits, lt(logits, largest.narrow(-1, largest.size(-1) - 1, 1)), never);
}

/// The logits [batch, V] of the token after `ids`. The cache holds what was seen of them; once
/// they are over block_size, the window slides, every position changes, and nothing can be kept.
Tensor next_logits(const LanguageModel& model, const Tensor& ids, KeyValueCache& cache) {
  const int64_t length = ids.size(1), block_size = model.options().block_size;
  const bool fits = length <= block_size;
  const int64_t seen = fits ? cache.length() : length - block_size;
  const Tensor window = ids.narrow(1, seen, length - seen);
  const Tensor logits = fits ? model(window, cache) : model(window);
  return logits.select(1, -1);
}

/// `prompt` [batch, length] continued; `go_on` sees the new tokens [batch].
template <class GoOn>
Tensor continued(const LanguageModel& model, const Tensor& prompt, int64_t new_tokens,
                 const SampleOptions& options, const GoOn& go_on) {
  check(options);
  if (prompt.dims() != 2 || prompt.size(1) == 0)
    fail<ShapeError>("generate: the prompt must be [batch, length], at least one token long, not ",
                     prompt.shape());
  rill::detail::want_at_least(0, "generate: new_tokens", new_tokens);
  const NoGradGuard no_grad;
  const rill::detail::UndoDraws undo(options.generator.get());
  Tensor ids = prompt;
  KeyValueCache cache;
  for (int64_t i = 0; i < new_tokens; ++i) {
    const Tensor next = sample(next_logits(model, ids, cache), options);
    ids = cat({ids, next.unsqueeze(1)}, 1);
    if (!go_on(next)) break;
  }
  return ids;
}

}  // namespace

Tensor sample(const Tensor& logits, const SampleOptions& options) {
  check(options);
  const NoGradGuard no_grad;
  check(logits);
  constexpr double least = std::numeric_limits<double>::min();  // what is below divides as 0 does
  if (options.temperature < least) return argmax(logits, -1);
  // In double and with 0 as the largest, so that no temperature overflows.
  const Tensor precise = logits.to(float64);
  Tensor scaled = (precise - max(precise, -1, true).values) / options.temperature;
  if (options.top_k) scaled = keep_top(scaled, *options.top_k);
  Generator& generator = options.generator.get();
  const rill::detail::UndoDraws undo(generator);
  return multinomial(softmax(scaled, -1), 1, false, generator).squeeze(-1);
}

Tensor generate(const LanguageModel& model, const Tensor& prompt, int64_t new_tokens,
                const SampleOptions& options) {
  if (prompt.dims() == 1)
    return generate(model, prompt.unsqueeze(0), new_tokens, options).squeeze(0);
  return continued(model, prompt, new_tokens, options, [](const Tensor&) { return true; });
}

Tensor generate(const LanguageModel& model, const Tensor& prompt, int64_t new_tokens,
                const SampleOptions& options, const std::function<bool(int64_t)>& go_on) {
  if (prompt.dims() != 1)
    fail<ShapeError>("generate: a prompt of which each token is told must be [length], not ",
                     prompt.shape());
  return continued(model, prompt.unsqueeze(0), new_tokens, options,
                   [&](const Tensor& next) { return go_on(next.item<int64_t>()); })
      .squeeze(0);
}

}  // namespace rill::nn
