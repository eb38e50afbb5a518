#include "baseline.h"

#include <cmath>
#include <unordered_map>

namespace tiny_transformer {
namespace {

/// The mean of −ln p(token | the one before), p from counts of pairs raised by one.
double bigram_loss(const std::vector<int64_t>& train, const std::vector<int64_t>& validation,
                   size_t vocab_size) {
  std::unordered_map<size_t, double> pairs;  // of all that there could be, few occur
  std::vector<double> firsts(vocab_size, static_cast<double>(vocab_size));
  const auto pair_at = [&](const std::vector<int64_t>& tokens, size_t i) {
    return static_cast<size_t>(tokens[i]) * vocab_size + static_cast<size_t>(tokens[i + 1]);
  };
  for (size_t i = 0; i + 1 < train.size(); ++i) {
    ++pairs[pair_at(train, i)];
    ++firsts[static_cast<size_t>(train[i])];
  }
  double total = 0;
  for (size_t i = 0; i + 1 < validation.size(); ++i) {
    const auto found = pairs.find(pair_at(validation, i));
    const double count = found == pairs.end() ? 1 : found->second + 1;
    total -= std::log(count / firsts[static_cast<size_t>(validation[i])]);
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
