#include "samples.h"

#include <rill/nn/generate.h>

#include <algorithm>

namespace tiny_transformer {

std::vector<std::string> sample_texts(const rill::nn::LanguageModel& model, const Corpus& corpus,
                                      const Options& options, int64_t count) {
  model.eval();
  const std::vector<int64_t> prompt = corpus.encode(options.prompt);
  const auto length = static_cast<int64_t>(prompt.size());
  rill::Generator generator(static_cast<uint64_t>(options.seed));
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

}  // namespace tiny_transformer
