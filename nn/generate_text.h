#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <rill/core/random.h>
#include <rill/core/text/tokenizer.h>
#include <rill/nn/decoder.h>

namespace rill::nn {

struct GenerateTextOptions {
  int64_t max_new_tokens = 500;
  /// As SampleOptions has them.
  double temperature = 1;
  std::optional<int64_t> top_k = {};
  GeneratorOption generator = {};
  /// Called with the bytes of each token as it comes, which may end within a character; false ends
  /// the text.
  std::function<bool(std::string_view)> on_text = {};
};

/// `prompt` continued by the model, in evaluation mode meanwhile; otherwise as `generate` does.
/// Throws ValueError for an empty prompt, and for one with something that the tokenizer lacks.
std::string generate_text(const LanguageModel& model, const Tokenizer& tokenizer,
                          std::string_view prompt, const GenerateTextOptions& options = {});

}  // namespace rill::nn
