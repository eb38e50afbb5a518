#include "samples.h"

#include <rill/core/error.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <stdexcept>

#include "../support/progress.h"

namespace tiny_transformer {
namespace {

std::string shown_words(const rill::nn::LanguageModel& model, const Corpus& corpus,
                        const Options& options) {
  constexpr int64_t judged = 500;
  const std::vector<std::string> words =
      sample_words(model, corpus, options, std::max(judged, options.num_samples));
  const WordShares shares = word_shares(corpus, words);
  std::string out =
      "words that it wrote (* in no dictionary, + in the dictionary but never shown):\n";
  for (size_t i = 0; i < words.size() && i < static_cast<size_t>(options.num_samples); ++i)
    out += "  " + words[i] +
           (!corpus.words.contains(words[i])           ? " *"
            : corpus.training_words.contains(words[i]) ? ""
                                                       : " +") +
           "\n";
  return out + fmt::format(
                   "of {} words, {:.1f} % are in the dictionary ({:.1f} % were never shown to it) "
                   "and {:.1f} % are new\n",
                   words.size(), 100 * (shares.training + shares.held_out), 100 * shares.held_out,
                   100 * shares.invented);
}

std::string shown_texts(const rill::nn::LanguageModel& model, const Corpus& corpus,
                        const Options& options) {
  std::string out;
  examples::write_samples(model, corpus.tokenizer, sampling_of(corpus, options),
                          [&](std::string_view text) {
                            out += text;
                            return true;
                          });
  return out;
}

/// Empty where it has none.
std::string first_whole_word(const std::string& text) {
  const size_t begin = text.find_first_not_of('\n');
  const size_t end = begin == std::string::npos ? begin : text.find('\n', begin);
  return end == std::string::npos ? "" : text.substr(begin, end - begin);
}

}  // namespace

examples::Sampling sampling_of(const Corpus& corpus, const Options& options) {
  const std::string prompt = options.prompt.value_or(corpus.beginning);
  try {
    (void)corpus.tokenizer.encode(prompt);
  } catch (const rill::ValueError& error) {
    throw std::invalid_argument(std::string("--prompt: ") + error.what());
  }
  return {.prompt = prompt,
          .num_samples = options.num_samples,
          .max_new_tokens = options.max_new_tokens,
          .temperature = options.temperature,
          .top_k = options.top_k,
          .seed = options.seed};
}

std::vector<std::string> sample_words(const rill::nn::LanguageModel& model, const Corpus& corpus,
                                      const Options& options, int64_t count) {
  examples::Sampling sampling = sampling_of(corpus, options);
  sampling.max_new_tokens = std::min<int64_t>(options.max_new_tokens, 32);
  std::vector<std::string> words;
  examples::Progress progress("word", count);
  for (int64_t i = 0; i < count; ++i, progress.advance()) {
    std::string text = sampling.prompt;
    const auto take = [&](std::string_view piece) {
      text += piece;
      return first_whole_word(text).empty();
    };
    examples::sample(model, corpus.tokenizer, sampling, i, take);
    const std::string word = first_whole_word(text);
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

WordShares word_shares(const Corpus& corpus, const std::vector<std::string>& words) {
  double training = 0;
  double held_out = 0;
  for (const std::string& word : words) {
    if (corpus.training_words.contains(word))
      ++training;
    else if (corpus.words.contains(word))
      ++held_out;
  }
  const double all = std::max<double>(1, static_cast<double>(words.size()));
  return {training / all, held_out / all,
          (static_cast<double>(words.size()) - training - held_out) / all};
}

std::string shown_samples(const rill::nn::LanguageModel& model, const Corpus& corpus,
                          const Options& options) {
  if (options.num_samples == 0) return "";
  return corpus.words.empty() ? shown_texts(model, corpus, options)
                              : shown_words(model, corpus, options);
}

}  // namespace tiny_transformer
