#include "samples.h"

#include <rill/nn/generate.h>

#include <spdlog/fmt/fmt.h>

#include <algorithm>

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
  for (const std::string& text : sample_texts(model, corpus, options, options.num_samples))
    out += "---------------\n" + text + "\n";
  return out + "---------------\n";
}

}  // namespace

std::vector<int64_t> prompt_of(const Corpus& corpus, const Options& options) {
  if (options.prompt) return corpus.encode(*options.prompt);
  const bool has_lines = std::ranges::binary_search(corpus.vocabulary, '\n');
  return has_lines ? corpus.encode("\n") : std::vector<int64_t>{corpus.train.front()};
}

std::vector<std::string> sample_texts(const rill::nn::LanguageModel& model, const Corpus& corpus,
                                      const Options& options, int64_t count) {
  model.eval();
  const std::vector<int64_t> prompt = prompt_of(corpus, options);
  const auto length = static_cast<int64_t>(prompt.size());
  rill::Generator generator = generator_for(Draws::samples, options);
  const rill::Tensor ids = rill::nn::generate(
      model, rill::from_vector(prompt, {1, length}).expand({count, length}), options.max_new_tokens,
      {.temperature = options.temperature, .top_k = options.top_k, .generator = &generator});
  std::vector<std::string> texts;
  for (int64_t i = 0; i < count; ++i) texts.push_back(corpus.decode(ids[i].to_vector<int64_t>()));
  return texts;
}

std::vector<std::string> sample_words(const rill::nn::LanguageModel& model, const Corpus& corpus,
                                      const Options& options, int64_t count) {
  Options short_options = options;
  short_options.max_new_tokens = std::min<int64_t>(options.max_new_tokens, 32);
  std::vector<std::string> words;
  for (const std::string& text : sample_texts(model, corpus, short_options, count)) {
    const size_t begin = text.find_first_not_of('\n');
    const size_t end = begin == std::string::npos ? begin : text.find('\n', begin);
    if (end != std::string::npos) words.push_back(text.substr(begin, end - begin));
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
