#pragma once

#include "model.h"

namespace masked_words {

struct Score {
  double loss = 0, accuracy = 0;
};

/// What is reached on `held_out` without looking at the sentence: by the words' shares in
/// `training`, and by always saying the most frequent of them.
Score unigram(const std::vector<Pair>& training, const std::vector<Pair>& held_out,
              int64_t vocab_size);

/// Over all the pairs, each hidden word shown as [MASK]. The same words are hidden each time.
Score evaluate(const MaskedWordModel& model, const std::vector<Pair>& pairs, double share);

/// The same where `table`, one of the model's, has its mean in each row and so tells nothing apart.
/// It is as it was afterwards.
Score evaluate_without(const rill::Tensor& table, const MaskedWordModel& model,
                       const std::vector<Pair>& pairs, double share);

struct TrainingOptions {
  int64_t batch_size = 16, max_iters = 3000;
  double learning_rate = 4e-3;
  /// Of the words, hidden. BERT hides 0.15; more of them teach more in a step.
  double share = 0.3;
};

/// Prints now and then how well the words hidden in some of `held_out` are guessed. A signal stops
/// it after a step.
void train(const MaskedWordModel& model, const std::vector<Pair>& training,
           const std::vector<Pair>& held_out, const TrainingOptions& options,
           rill::Generator& generator);

}  // namespace masked_words
