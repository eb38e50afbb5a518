#include <rill/nn/generate_text.h>

#include <rill/core/error.h>
#include <rill/nn/generate.h>

namespace rill::nn {

std::string generate_text(const LanguageModel& model, const Tokenizer& tokenizer,
                          std::string_view prompt, const GenerateTextOptions& options) {
  if (prompt.empty())
    fail<ValueError>("generate_text: the prompt is empty, and there is nothing to continue");
  const EvalGuard evaluating(model);
  std::string text(prompt);
  const auto go_on = [&](int64_t token) {
    const std::string piece = tokenizer.decode(token);
    text += piece;
    return !options.on_text || options.on_text(piece);
  };
  (void)generate(
      model, from_vector(tokenizer.encode(prompt)), options.max_new_tokens,
      {.temperature = options.temperature, .top_k = options.top_k, .generator = options.generator},
      go_on);
  return text;
}

}  // namespace rill::nn
