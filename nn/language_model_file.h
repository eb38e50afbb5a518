#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <rill/core/text/tokenizer.h>
#include <rill/nn/decoder.h>
#include <rill/nn/generate_text.h>
#include <rill/nn/save.h>

// A language model in one .safetensors file that needs nothing else: weights, the options that it
// was made with, and the tokenizer, so that it writes text wherever rill is:
//
//   const nn::SavedLanguageModel saved = nn::load_language_model("out/model.safetensors");
//   std::cout << saved.generate("To be", {.temperature = 0.8});
//
// The metadata of the file holds them as JSON: "rill.language_model" the options, under the names
// of LanguageModelOptions, and the version of this format; "rill.tokenizer" Tokenizer::to_json;
// "rill.notes" the LanguageModelNotes.

namespace rill::nn {

/// Where a model comes from, as far as somebody told.
struct LanguageModelNotes {
  /// What it learned from. What is no UTF-8 in it is written as U+FFFD.
  std::string text = {};
  std::optional<int64_t> seed = {};
  /// What it reached, in nats a token; one that is not finite is not kept.
  std::optional<double> loss = {};
  /// What its samples begin with.
  std::string prompt = {};
};

/// Writes the file, as `save` does. Throws ValueError where model and tokenizer have not the same
/// number of tokens, for a model with an encoding of one's own, which a file cannot describe, and
/// for notes of more than 1 MB.
void save_language_model(const std::string& path, const LanguageModel& model,
                         const Tokenizer& tokenizer, const LanguageModelNotes& notes = {});

struct SavedLanguageModel {
  LanguageModel model;
  Tokenizer tokenizer;
  LanguageModelNotes notes;

  /// generate_text with this model.
  std::string generate(std::string_view prompt, const GenerateTextOptions& options = {}) const;
};

/// What save_language_model wrote, in evaluation mode. Draws no random numbers. Throws Error,
/// naming the file, where it has no such model, a newer format, fields or tensors that are missing,
/// unknown or unfit, all in one message, and where its options could not be a model's or need more
/// memory than its tensors explain.
SavedLanguageModel load_language_model(const std::string& path);

}  // namespace rill::nn
