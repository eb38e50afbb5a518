// examples/masked_words/main.cpp: BERT in small: words hidden in pairs of sentences, guessed from
// both sides.
// Next: tiny_transformer
#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <stdexcept>

#include "../support/command_line.h"
#include "../support/out_folder.h"
#include "../support/stop_signal.h"
#include "filling.h"
#include "model_file.h"
#include "training.h"

using examples::add_number;
using namespace masked_words;
using rill::Tensor;

namespace {

constexpr const char* usual_sentence =
    "And it came to [MASK] in those days, that the king of [MASK] went up to Jerusalem.";

struct Options {
  std::string text;
  std::optional<std::string> sentence;
  std::string out_dir = "out/masked_words";
  std::optional<std::string> model, fill;
  int64_t vocab_size = 4000, max_len = 64, n_layer = 2, n_head = 4, n_embd = 64;
  double dropout = 0;
  int64_t seed = 1;
  TrainingOptions training;
};

void add_flags(CLI::App& app, Options& o) {
  app.add_option("--text", o.text, "A text to learn from [the King James Bible]")
      ->check(CLI::ExistingFile);
  app.add_option("--sentence", o.sentence,
                 "What to fill in at the end, with [MASK] for a word; | parts two sentences")
      ->default_str(usual_sentence);
  examples::add_out_dir(app, o.out_dir, "Folder for model.safetensors");
  CLI::Option* model =
      app.add_option("--model", o.model, "Trains nothing, and takes the model of this file");
  CLI::Option* fill =
      app.add_option("--fill", o.fill, "What that model is to fill in, written as --sentence");
  model->needs(fill);
  fill->needs(model);
  add_number(app, "--vocab-size", o.vocab_size, 100, 1000000,
             "The most frequent words that it knows");
  add_number(app, "--max-len", o.max_len, 8, 4096, "Tokens of a pair");
  add_number(app, "--n-layer", o.n_layer, 1, 100, "Layers");
  add_number(app, "--n-head", o.n_head, 1, 100, "Heads");
  add_number(app, "--n-embd", o.n_embd, 1, 4096, "Width");
  add_number(app, "--dropout", o.dropout, 0, 1, "Dropout");
  add_number(app, "--share", o.training.share, 0.01, 1, "Share of the words that is hidden");
  add_number(app, "--learning-rate", o.training.learning_rate, 0, 1, "Learning rate");
  add_number(app, "--batch-size", o.training.batch_size, 1, 4096, "Pairs a step");
  add_number(app, "--max-iters", o.training.max_iters, 10, 10000000, "Steps");
  add_number(app, "--seed", o.seed, 0, int64_t{1} << 53, "Seed");
}

void check_room(const Options& options, const Vocabulary& vocabulary) {
  const int64_t needed = options.sentence ? length_for(*options.sentence, vocabulary) : 0;
  if (needed > options.max_len)
    throw CLI::ValidationError(
        "--sentence", fmt::format("some of its words would be cut off: it needs --max-len {} or "
                                  "more, not {}",
                                  needed, options.max_len));
}

/// Prints the five likeliest words for each [MASK] of `text`.
void show_guesses(const MaskedWordModel& model, const Vocabulary& vocabulary,
                  const std::string& text) {
  std::printf("\n  %s\n%s", text.c_str(), shown(guesses_for(model, vocabulary, text)).c_str());
}

/// A held-out pair with some words hidden, and what the model puts there.
void show_held_out(const MaskedWordModel& model, const Vocabulary& vocabulary, const Pair& pair,
                   const Options& options) {
  rill::Generator generator(static_cast<uint64_t>(options.seed));
  const Batch batch =
      hide({pair}, options.training.share, Show::mask, model.vocab_size(), generator);
  const std::vector<int64_t> shown = batch.ids.to_vector<int64_t>();
  std::printf("\n ");
  for (const int64_t id : shown) std::printf(" %s", vocabulary.word(id).c_str());
  const rill::NoGradGuard no_grad;
  const std::vector<int64_t> guesses = model(batch).argmax(1).to_vector<int64_t>();
  const std::vector<int64_t> targets = batch.targets.to_vector<int64_t>();
  std::printf("\n    guessed (was):");
  for (size_t i = 0; i < guesses.size(); ++i)
    std::printf(" %s (%s)", vocabulary.word(guesses[i]).c_str(),
                vocabulary.word(targets[i]).c_str());
  std::printf("\n");
}

/// The pairs of a text, parted in nine tenths to learn from and one to test on.
struct Split {
  std::vector<Pair> training, held_out;
};

Split split_of(const std::vector<std::string>& sentences, const Vocabulary& vocabulary,
               const Options& options, rill::Generator& generator) {
  std::vector<Pair> pairs = pairs_of(sentences, vocabulary, options.max_len, generator);
  if (pairs.size() < 20)
    throw std::invalid_argument("the text has " + std::to_string(sentences.size()) +
                                " sentences; 40 or more are needed");
  const auto cut = pairs.begin() + static_cast<int64_t>(pairs.size() * 9 / 10);
  return {{pairs.begin(), cut}, {cut, pairs.end()}};
}

MaskedWordModel model_of(const Options& options, int64_t vocab_size) {
  rill::manual_seed(static_cast<uint64_t>(options.seed));
  const MaskedWordModel model({.vocab_size = vocab_size,
                               .max_len = options.max_len,
                               .n_embd = options.n_embd,
                               .n_head = options.n_head,
                               .n_layer = options.n_layer,
                               .dropout = options.dropout});
  std::printf("a model of %lld parameters learns from %lld steps\n",
              static_cast<long long>(model.parameter_count()),
              static_cast<long long>(options.training.max_iters));
  std::fflush(stdout);
  return model;
}

/// Heeds signals from the line on that says how long it learns.
MaskedWordModel trained_model(const Options& options, const Vocabulary& vocabulary,
                              const Split& split, rill::Generator& generator) {
  const examples::StopSignals heeded;
  const MaskedWordModel model = model_of(options, vocabulary.size());
  train(model, split.training, split.held_out, options.training, generator);
  return model;
}

void save_and_say(const MaskedWordModel& model, const Vocabulary& vocabulary,
                  const std::string& path) {
  save_model(path, model, vocabulary);
  spdlog::info("{0} holds the model: examples/run masked_words --model {0} --fill '... [MASK] ...'",
               path);
}

/// What the trained model loses where it is not told the place of a word, or its sentence.
void show_parts(const MaskedWordModel& model, const std::vector<Pair>& held_out, double share) {
  const auto loss = [&](const Tensor& table) {
    return evaluate_without(table, model, held_out, share).loss;
  };
  std::printf("all positions alike: loss %.3f; all segments alike: loss %.3f\n",
              loss(model.embeddings.position.weight), loss(model.embeddings.segment.weight));
}

void show_some(const MaskedWordModel& model, const Vocabulary& vocabulary,
               const std::vector<Pair>& held_out, const Options& options) {
  model.eval();
  for (size_t i = 0; i < std::min<size_t>(3, held_out.size()); ++i)
    show_held_out(model, vocabulary, held_out[i], options);
  const std::string sentence = options.sentence.value_or(usual_sentence);
  if (length_for(sentence, vocabulary) <= options.max_len)
    show_guesses(model, vocabulary, sentence);
}

void run(const Options& options) {
  if (options.n_embd % options.n_head != 0)
    throw std::invalid_argument("--n-head must divide --n-embd");
  const std::vector<std::string> sentences =
      options.text.empty() ? bible_verses() : sentences_of_file(options.text);
  const Vocabulary vocabulary(sentences, options.vocab_size);
  check_room(options, vocabulary);
  rill::Generator generator(static_cast<uint64_t>(options.seed));
  const Split split = split_of(sentences, vocabulary, options, generator);
  const examples::OutFolder folder(options.out_dir);
  const auto& [training, held_out] = split;
  const Score simple = unigram(training, held_out, vocabulary.size());
  std::printf("%zu pairs of sentences to learn from, %zu held out; %lld words known\n",
              training.size(), held_out.size(), static_cast<long long>(vocabulary.size()));
  std::printf("%.1f %% of the words stand too far back in their sentence for --max-len %lld\n",
              percent_cut(sentences, options.max_len), static_cast<long long>(options.max_len));
  std::printf("without looking: loss %.3f (unigram), accuracy %.1f %% (always the most frequent)\n",
              simple.loss, 100 * simple.accuracy);
  const MaskedWordModel model = trained_model(options, vocabulary, split, generator);
  const Score score = evaluate(model, held_out, options.training.share);
  std::printf("all held out, %.0f %% hidden: loss %.3f, %.2f nats below the unigram model\n",
              100 * options.training.share, score.loss, simple.loss - score.loss);
  std::printf("accuracy %.1f %%; the most frequent word always: %.1f %%\n", 100 * score.accuracy,
              100 * simple.accuracy);
  show_parts(model, held_out, options.training.share);
  show_some(model, vocabulary, held_out, options);
  save_and_say(model, vocabulary, folder.path("model.safetensors"));
}

void check_fits(const std::string& text, const SavedModel& saved) {
  const int64_t needed = length_for(text, saved.vocabulary);
  const int64_t max_len = saved.model.options().max_len;
  if (text.find("[MASK]") == std::string::npos)
    throw CLI::ValidationError("--fill", "it has no [MASK]");
  if (needed > max_len)
    throw CLI::ValidationError(
        "--fill", fmt::format("it needs {} tokens, and the model sees {}", needed, max_len));
}

/// Prints the text with its gaps filled, and what else might stand there.
void fill(const std::string& path, const std::string& text) {
  const SavedModel saved = load_model(path);
  check_fits(text, saved);
  for (const std::string& word : saved.vocabulary.unknown_words(text))
    spdlog::warn("it never learned '{}', which is [UNK] to it, as all such words", word);
  const auto guesses = guesses_for(saved.model, saved.vocabulary, text);
  std::printf("%s\n%s", filled(text, guesses).c_str(), shown(guesses).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  examples::CommandLine line("masked_words", "With its defaults it takes about a minute.");
  add_flags(line.app(), options);
  return line.main(argc, argv,
                   [&] { options.model ? fill(*options.model, *options.fill) : run(options); });
}
