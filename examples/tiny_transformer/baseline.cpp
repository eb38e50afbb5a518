#include "baseline.h"

#include <cmath>

namespace tiny_transformer {
namespace {

/// The mean of −ln p(token | the one before), p from counts of pairs raised by one.
double bigram_loss(const std::vector<int64_t>& train, const std::vector<int64_t>& validation,
                   size_t vocab_size) {
  std::vector<double> pairs(vocab_size * vocab_size, 1);
  std::vector<double> firsts(vocab_size, static_cast<double>(vocab_size));
  for (size_t i = 1; i < train.size(); ++i) {
    const auto first = static_cast<size_t>(train[i - 1]);
    ++pairs[first * vocab_size + static_cast<size_t>(train[i])];
    ++firsts[first];
  }
  double total = 0;
  for (size_t i = 1; i < validation.size(); ++i) {
    const auto first = static_cast<size_t>(validation[i - 1]);
    total -=
        std::log(pairs[first * vocab_size + static_cast<size_t>(validation[i])] / firsts[first]);
  }
  return total / static_cast<double>(validation.size() - 1);
}

double unigram_loss(const std::vector<int64_t>& train, const std::vector<int64_t>& validation,
                    size_t vocab_size) {
  std::vector<double> counts(vocab_size, 1);
  for (const int64_t id : train) ++counts[static_cast<size_t>(id)];
  const double all = static_cast<double>(train.size() + vocab_size);
  double total = 0;
  for (size_t i = 1; i < validation.size(); ++i)
    total -= std::log(counts[static_cast<size_t>(validation[i])] / all);
  return total / static_cast<double>(validation.size() - 1);
}

}  // namespace

Baselines baselines(const std::vector<int64_t>& train, const std::vector<int64_t>& validation,
                    int64_t vocab_size) {
  const auto size = static_cast<size_t>(vocab_size);
  return {std::log(static_cast<double>(vocab_size)), unigram_loss(train, validation, size),
          bigram_loss(train, validation, size)};
}

}  // namespace tiny_transformer
