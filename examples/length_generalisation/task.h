#pragma once

#include <rill/core/random.h>
#include <rill/core/tensor.h>

#include <vector>

namespace length_generalisation {

// The model reads "prompt SEP answer" and is asked for the answer alone.
inline constexpr int64_t letters = 16;
inline constexpr int64_t separator = letters;

/// What the answer is: the prompt, or the prompt from its end.
enum class Task { copy, reverse };

struct Batch {
  rill::Tensor ids;  // [n, 2 longest]: prompt, SEP, answer without its last letter; then anything
  rill::Tensor targets;  // the next token where it is of the answer, else −100: skipped
};

/// A row for each of `lengths`. What stands behind an answer changes nothing: the model is causal.
Batch make_batch(Task task, const std::vector<int64_t>& lengths, rill::Generator& generator);

/// The share of rows without a mistake, logits [n, length, letters + 1]. Each letter is the
/// likeliest after the right ones before it: a row is without a mistake just where the model, left
/// alone, writes the answer.
double share_right(const rill::Tensor& logits, const rill::Tensor& targets);

}  // namespace length_generalisation
