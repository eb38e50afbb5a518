#pragma once

#include <cstdint>
#include <vector>

namespace tiny_transformer {

/// What simple models score on the validation part, in nats a token. Counts come from the training
/// part, each raised by one (Laplace), so that nothing is impossible.
struct Baselines {
  double uniform;  // ln V
  double unigram;  // how often each token occurs
  double bigram;   // how often it follows the one before
};

Baselines baselines(const std::vector<int64_t>& train, const std::vector<int64_t>& validation,
                    int64_t vocab_size);

}  // namespace tiny_transformer
