#pragma once

#include <functional>
#include <optional>

#include <rill/core/random.h>
#include <rill/nn/decoder.h>

namespace rill::nn {

struct SampleOptions {
  /// Below 1 favours the likely tokens, above 1 evens them out; 0 takes the likeliest.
  double temperature = 1;
  /// Draw among the k likeliest only (and what ties with the last of them).
  std::optional<int64_t> top_k = {};
  /// This thread's default unless given.
  GeneratorOption generator = {};
};

/// Token ids [batch] drawn from softmax(logits / temperature), logits [batch, vocab_size]. Throws
/// ValueError for NaN or +inf in the logits, for a row of -inf alone, for a temperature that is
/// negative, NaN or infinite, and for top_k below 1.
Tensor sample(const Tensor& logits, const SampleOptions& options = {});

/// `prompt` [batch, length] or [length] continued by `new_tokens` tokens, one at a time, each seen
/// by the next; the model sees at most its last block_size tokens. Up to block_size tokens in all,
/// a KeyValueCache spares what was computed before; beyond, each token costs a whole window.
/// Nothing is recorded for gradients; call `model.eval()` first, as for all evaluation. Throws
/// ShapeError for an empty prompt, ValueError for a negative count.
Tensor generate(const LanguageModel& model, const Tensor& prompt, int64_t new_tokens,
                const SampleOptions& options = {});
// clang-format off
Tensor generate(const LanguageModel&, const Tensor&, ...) = delete;  // (model, ids, n, {.temperature = 0.8, .top_k = 5, .generator = g}); greedy: {.temperature = 0}
// clang-format on

/// The same for one sequence [length], which ends earlier where `go_on`, called with each new token
/// as it comes, returns false.
Tensor generate(const LanguageModel& model, const Tensor& prompt, int64_t new_tokens,
                const SampleOptions& options, const std::function<bool(int64_t)>& go_on);

}  // namespace rill::nn
