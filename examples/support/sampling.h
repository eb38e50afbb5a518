#pragma once

#include <rill/core/text/tokenizer.h>
#include <rill/nn/generate_text.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace examples {

/// How a language model is let write: nanoGPT's names and defaults.
struct Sampling {
  std::string prompt;
  int64_t num_samples = 10;
  int64_t max_new_tokens = 500;
  double temperature = 0.8;
  int64_t top_k = 200;
  int64_t seed = 1337;
};

/// Gets a text piece by piece, as it comes; false ends it.
using TakesText = std::function<bool(std::string_view)>;

/// The prompt and what follows it, which `take` gets too, in the index-th sample. It draws from a
/// stream of its own, so that it is the same however many there are.
std::string sample(const rill::nn::LanguageModel& model, const rill::Tokenizer& tokenizer,
                   const Sampling& sampling, int64_t index, const TakesText& take = {});

/// All samples, parted by lines, as they come.
void write_samples(const rill::nn::LanguageModel& model, const rill::Tokenizer& tokenizer,
                   const Sampling& sampling, const TakesText& write);

}  // namespace examples
