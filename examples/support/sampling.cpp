#include "sampling.h"

#include <rill/core/random.h>

namespace examples {
namespace {

/// Behind all that a training draws, a sample after the other.
rill::Generator generator_for(int64_t seed, int64_t index) {
  rill::Generator generator(static_cast<uint64_t>(seed));
  generator.set_offset((uint64_t{1} << 60) + (static_cast<uint64_t>(index) << 28));
  return generator;
}

}  // namespace

std::string sample(const rill::nn::LanguageModel& model, const rill::Tokenizer& tokenizer,
                   const Sampling& sampling, int64_t index, const TakesText& take) {
  rill::Generator generator = generator_for(sampling.seed, index);
  return generate_text(model, tokenizer, sampling.prompt,
                       {.max_new_tokens = sampling.max_new_tokens,
                        .temperature = sampling.temperature,
                        .top_k = sampling.top_k,
                        .generator = generator,
                        .on_text = take});
}

void write_samples(const rill::nn::LanguageModel& model, const rill::Tokenizer& tokenizer,
                   const Sampling& sampling, const TakesText& write) {
  constexpr std::string_view line = "---------------\n";
  bool goes_on = true;
  const auto put = [&](std::string_view text) { return goes_on = goes_on && write(text); };
  for (int64_t i = 0; i < sampling.num_samples && put(line) && put(sampling.prompt); ++i) {
    sample(model, tokenizer, sampling, i, put);
    put("\n");
  }
  if (sampling.num_samples > 0) put(line);
}

}  // namespace examples
