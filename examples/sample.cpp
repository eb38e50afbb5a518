// examples/sample.cpp: lets a language model that was trained before write, from its file.
// Next: tiny_transformer
#include <rill/core/error.h>
#include <rill/nn/language_model_file.h>

#include <cstdio>
#include <optional>
#include <stdexcept>

#include "support/command_line.h"
#include "support/sampling.h"

namespace {

struct Options {
  std::string model = "out/model.safetensors";
  std::optional<std::string> prompt;
  std::optional<int64_t> seed;
  examples::Sampling sampling;
};

void add_flags(CLI::App& app, Options& o) {
  using examples::add_number;
  app.add_option("--model", o.model, "The file that a training left")->capture_default_str();
  app.add_option("--prompt", o.prompt, "What a sample begins with")
      ->default_str("that of the training");
  add_number(app, "--num-samples", o.sampling.num_samples, 0, 100000, "Samples");
  add_number(app, "--max-new-tokens", o.sampling.max_new_tokens, 1, 1000000, "Length of a sample");
  add_number(app, "--temperature", o.sampling.temperature, 0, 1e300,
             "Below 1 writes likelier tokens; 0 the likeliest");
  add_number(app, "--top-k", o.sampling.top_k, 1, 1000000000,
             "Writes one of the k likeliest tokens");
  add_number(app, "--seed", o.seed, 0, 1'000'000'000'000'000, "Seed of the samples")
      ->default_str("that of the training");
}

/// Throws std::invalid_argument for a prompt that the model cannot continue.
examples::Sampling sampling_for(const rill::nn::SavedLanguageModel& saved, const Options& options) {
  examples::Sampling sampling = options.sampling;
  sampling.prompt = options.prompt.value_or(saved.notes.prompt);
  sampling.seed = options.seed.value_or(saved.notes.seed.value_or(sampling.seed));
  if (sampling.prompt.empty())
    throw std::invalid_argument("--prompt must be given, at least a character long");
  try {
    (void)saved.tokenizer.encode(sampling.prompt);
  } catch (const rill::ValueError& error) {
    throw std::invalid_argument(std::string("--prompt: ") + error.what());
  }
  return sampling;
}

/// At once, whether it ends within a character or not.
bool print(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
         std::fflush(stdout) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  examples::CommandLine line("sample", "A training by tiny_transformer leaves such a file.");
  add_flags(line.app(), options);
  return line.main(argc, argv, [&] {
    const rill::nn::SavedLanguageModel saved = rill::nn::load_language_model(options.model);
    examples::write_samples(saved.model, saved.tokenizer, sampling_for(saved, options), print);
  });
}
