// examples/masked_words/main.cpp: BERT in small: words hidden in pairs of sentences, guessed from
// both sides.
#include <rill/core/autograd.h>
#include <rill/core/error.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/optim/adamw.h>
#include <rill/optim/clip_grad.h>
#include <rill/optim/lr_scheduler.h>
#include <CLI/CLI.hpp>

#include <cmath>
#include <cstdio>
#include <stdexcept>

#include "model.h"

using namespace masked_words;
using rill::Tensor;

namespace {

struct Options {
  std::string text;
  std::string sentence = "And God said unto [MASK], Let my [MASK] go, that they may serve me.";
  int64_t vocab_size = 4000, max_len = 64, n_layer = 2, n_head = 4, n_embd = 128;
  double dropout = 0.1, learning_rate = 2e-3, share = 0.15;
  int64_t batch_size = 16, max_iters = 2000, seed = 1;
};

int parse(int argc, char** argv, Options& o) {
  CLI::App app("Hides words in pairs of sentences and learns to guess them.", "masked_words");
  app.option_defaults()->always_capture_default();
  app.add_option("--text", o.text, "A text to learn from [the King James Bible]");
  app.add_option("--sentence", o.sentence, "What to fill in at the end, with [MASK] for a word");
  app.add_option("--vocab-size", o.vocab_size, "The most frequent words that it knows")
      ->check(CLI::Range(100, 1000000));
  app.add_option("--max-len", o.max_len, "Tokens of a pair")->check(CLI::Range(8, 4096));
  app.add_option("--n-layer", o.n_layer, "Layers")->check(CLI::Range(1, 100));
  app.add_option("--n-head", o.n_head, "Heads")->check(CLI::Range(1, 100));
  app.add_option("--n-embd", o.n_embd, "Width")->check(CLI::Range(1, 4096));
  app.add_option("--dropout", o.dropout, "Dropout")->check(CLI::Range(0.0, 1.0));
  app.add_option("--learning-rate", o.learning_rate, "Learning rate")->check(CLI::Range(0.0, 1.0));
  app.add_option("--batch-size", o.batch_size, "Pairs a step")->check(CLI::Range(1, 4096));
  app.add_option("--max-iters", o.max_iters, "Steps")->check(CLI::Range(10, 10000000));
  app.add_option("--seed", o.seed, "Seed")->check(CLI::Range(int64_t{0}, int64_t{1} << 53));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return -1;
}

/// How often each word stands in the pairs, [PAD] and its like left out.
std::vector<double> counts_of(const std::vector<Pair>& pairs, int64_t vocab_size) {
  std::vector<double> counts(static_cast<size_t>(vocab_size), 0);
  for (const Pair& pair : pairs)
    for (const int64_t id : pair.ids)
      if (id >= special_count) ++counts[static_cast<size_t>(id)];
  return counts;
}

struct Score {
  double loss = 0, accuracy = 0;
};

/// What is reached without looking at the sentence: by the words' shares in `train`.
Score unigram(const std::vector<double>& train, const std::vector<double>& held_out) {
  double all = 0, tested = 0, loss = 0;
  for (const double count : train) all += count + 1;
  size_t first = 0;
  for (size_t i = 0; i < train.size(); ++i) {
    tested += held_out[i];
    loss -= held_out[i] * std::log((train[i] + 1) / all);
    if (train[i] > train[first]) first = i;
  }
  return {loss / tested, held_out[first] / tested};
}

std::vector<Pair> some_of(const std::vector<Pair>& pairs, int64_t count,
                          rill::Generator& generator) {
  std::vector<Pair> chosen;
  const auto all = static_cast<int64_t>(pairs.size());
  for (const int64_t i : rill::randint(0, all, {count}, generator).to_vector<int64_t>())
    chosen.push_back(pairs[static_cast<size_t>(i)]);
  return chosen;
}

/// Over all held-out pairs, each hidden word shown as [MASK].
Score evaluate(const MaskedWordModel& model, const std::vector<Pair>& pairs,
               const Options& options) {
  const rill::NoGradGuard no_grad;
  model.eval();
  rill::Generator generator(12345);  // the same words are hidden each time
  double loss = 0, right = 0, hidden = 0;
  for (size_t at = 0; at < pairs.size(); at += 64) {
    const std::vector<Pair> some(
        pairs.begin() + static_cast<int64_t>(at),
        pairs.begin() + static_cast<int64_t>(std::min(at + 64, pairs.size())));
    const Batch batch = hide(some, options.share, Show::mask, options.vocab_size, generator);
    const Tensor logits = model(batch);
    loss += cross_entropy(logits, batch.targets, {.reduction = rill::Reduction::sum}).item();
    right += eq(logits.argmax(1), batch.targets).sum().item();
    hidden += static_cast<double>(batch.targets.numel());
  }
  model.train();
  return {loss / hidden, right / hidden};
}

void train(const MaskedWordModel& model, const std::vector<Pair>& pairs,
           const std::vector<Pair>& held_out, const Options& options, rill::Generator& generator) {
  const std::vector<Tensor> parameters = model.parameters();
  rill::optim::AdamW optimizer(parameters, {.lr = options.learning_rate, .weight_decay = 0.01});
  rill::optim::WarmupCosineLR schedule(optimizer, options.max_iters / 20, options.max_iters, 0);
  const int64_t interval = std::max<int64_t>(options.max_iters / 5, 1);
  for (int64_t step = 1; step <= options.max_iters; ++step) {
    const Batch batch = hide(some_of(pairs, options.batch_size, generator), options.share,
                             Show::mixed, options.vocab_size, generator);
    optimizer.zero_grad();
    const Tensor loss = cross_entropy(model(batch), batch.targets);
    loss.backward();
    rill::optim::clip_grad_norm_(parameters, 1);
    optimizer.step();
    schedule.step();
    if (step % interval != 0) continue;
    const Score score = evaluate(model, held_out, options);
    std::printf("  step %5lld  held out: loss %.3f, accuracy %.1f %%\n",
                static_cast<long long>(step), score.loss, 100 * score.accuracy);
    std::fflush(stdout);
  }
}

/// Prints the five likeliest words for each [MASK] of `text`, which `|` parts in two sentences.
void fill_in(const MaskedWordModel& model, const Vocabulary& vocabulary, const std::string& text,
             int64_t max_len) {
  const rill::NoGradGuard no_grad;
  model.eval();
  const size_t bar = std::min(text.find('|'), text.size());
  const std::string second = bar < text.size() ? text.substr(bar + 1) : "";
  const Pair pair = pair_of(vocabulary.ids(text.substr(0, bar)), vocabulary.ids(second), max_len);
  std::vector<int64_t> places;
  for (size_t i = 0; i < pair.ids.size(); ++i)
    if (pair.ids[i] == mask) places.push_back(static_cast<int64_t>(i));
  std::printf("\n  %s\n", text.c_str());
  if (places.empty()) return;
  const auto length = static_cast<int64_t>(pair.ids.size());
  const Batch batch{rill::from_vector(pair.ids, {1, length}),
                    rill::from_vector(pair.segments, {1, length}),
                    rill::zeros({1, length}, rill::bool_),
                    rill::from_vector(places),
                    {}};
  const auto [shares, ids] = topk(softmax(model(batch), -1), 5);
  for (int64_t hole = 0; hole < shares.size(0); ++hole) {
    std::printf("   ");
    for (int64_t i = 0; i < 5; ++i)
      std::printf(" %s %.0f %%", vocabulary.word(ids[hole][i].item<int64_t>()).c_str(),
                  100 * shares[hole][i].item());
    std::printf("\n");
  }
}

/// A held-out pair with some words hidden, and what the model puts there.
void show_held_out(const MaskedWordModel& model, const Vocabulary& vocabulary, const Pair& pair,
                   const Options& options) {
  rill::Generator generator(static_cast<uint64_t>(options.seed));
  const Batch batch = hide({pair}, options.share, Show::mask, options.vocab_size, generator);
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

void run(const Options& options) {
  const std::vector<std::string> sentences =
      options.text.empty() ? bible_verses() : sentences_of_file(options.text);
  const Vocabulary vocabulary(sentences, options.vocab_size);
  Options actual = options;
  actual.vocab_size = vocabulary.size();
  rill::Generator generator(static_cast<uint64_t>(options.seed));
  std::vector<Pair> pairs = pairs_of(sentences, vocabulary, options.max_len, generator);
  if (pairs.size() < 20)
    throw std::invalid_argument("the text has " + std::to_string(sentences.size()) +
                                " sentences; 40 or more are needed");
  const auto cut = static_cast<int64_t>(pairs.size() * 9 / 10);
  const std::vector<Pair> held_out(pairs.begin() + cut, pairs.end());
  pairs.erase(pairs.begin() + cut, pairs.end());
  const Score simple =
      unigram(counts_of(pairs, actual.vocab_size), counts_of(held_out, actual.vocab_size));
  std::printf("%zu pairs of sentences to learn from, %zu held out; %lld words known\n",
              pairs.size(), held_out.size(), static_cast<long long>(actual.vocab_size));
  std::printf("without looking: loss %.3f (unigram), accuracy %.1f %% (always the most frequent)\n",
              simple.loss, 100 * simple.accuracy);
  rill::manual_seed(static_cast<uint64_t>(options.seed));
  const MaskedWordModel model({.vocab_size = actual.vocab_size,
                               .max_len = options.max_len,
                               .n_embd = options.n_embd,
                               .n_head = options.n_head,
                               .n_layer = options.n_layer,
                               .dropout = options.dropout});
  std::printf("a model of %lld parameters learns from %lld steps\n",
              static_cast<long long>(model.parameter_count()),
              static_cast<long long>(options.max_iters));
  std::fflush(stdout);
  train(model, pairs, held_out, actual, generator);
  const Score score = evaluate(model, held_out, actual);
  std::printf(
      "held out: loss %.3f, %.2f nats below the unigram model; accuracy %.1f %% against "
      "%.1f %%\n",
      score.loss, simple.loss - score.loss, 100 * score.accuracy, 100 * simple.accuracy);
  model.eval();
  for (size_t i = 0; i < 3; ++i) show_held_out(model, vocabulary, held_out[i], actual);
  fill_in(model, vocabulary, options.sentence, options.max_len);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (const int code = parse(argc, argv, options); code >= 0) return code;
  try {
    run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "masked_words: %s\n", error.what());
    return 1;
  }
}
