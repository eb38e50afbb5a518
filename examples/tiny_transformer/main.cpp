// examples/tiny_transformer/main.cpp: trains a small transformer, letter by letter, until it writes
// new words.
#include <fcntl.h>
#include <rill/core/random.h>
#include <rill/core/threads.h>
#include <rill/nn/scale_report.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdio>

#include "../support/command_line.h"
#include "baseline.h"
#include "corpus.h"
#include "metrics.h"
#include "options.h"
#include "report.h"
#include "samples.h"
#include "training.h"

using namespace tiny_transformer;

namespace {

/// Training goes on when nobody listens any more: a closed descriptor becomes /dev/null (else the
/// next file opened would take its number), a broken pipe is an error like others.
void survive_closed_output() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor)
    if (fcntl(descriptor, F_GETFD) == -1 && open("/dev/null", O_RDWR) == -1) return;
  std::signal(SIGPIPE, SIG_IGN);
}

void print_baselines(const Corpus& corpus, const Baselines& b) {
  std::printf("%zu tokens to train on, %zu to validate, vocabulary %lld\n", corpus.train.size(),
              corpus.validation.size(), static_cast<long long>(corpus.vocab_size()));
  std::printf("validation loss of simple models, in nats a token:\n");
  std::printf("  uniform  %.4f\n  unigram  %.4f\n  bigram   %.4f\n", b.uniform, b.unigram,
              b.bigram);
  std::fflush(stdout);
}

/// What it gained over simple models, and at last the loss.
void print_gains(double loss, const Baselines& b) {
  std::printf("\ngained over uniform %.4f, over unigram %.4f, over bigram %.4f nats a token\n",
              b.uniform - loss, b.unigram - loss, b.bigram - loss);
  std::printf("val_loss %s\n", exact(loss).c_str());
}

/// A report that cannot be written does not undo the training.
void write_report(const Report& report, const std::string& path) {
  try {
    report_page(report).write(path);
    spdlog::info("{} shows this run", path);
  } catch (const rill::Error& error) {
    spdlog::warn("there is no report: {}", error.what());
  }
}

/// Sizes at the start, on blocks from all over the training part, and what is wrong with them.
void print_scales(const rill::nn::LanguageModel& model, const Corpus& corpus) {
  constexpr int64_t count = 8;
  const int64_t block = model.options().block_size;
  const int64_t last = static_cast<int64_t>(corpus.train.size()) - block - 1;
  std::vector<int64_t> starts;
  for (int64_t i = 0; i < count; ++i) starts.push_back(last * i / (count - 1));
  const Batch batch = blocks_at(corpus.train, starts, block);
  const rill::nn::ScaleReport report = scale_report(model, batch.ids, batch.targets);
  std::printf("before the first step:\n%s", report.text().c_str());
  std::fflush(stdout);
  for (const std::string& warning : report.warnings()) spdlog::warn("{}", warning);
}

rill::nn::LanguageModel make_model(const Options& options, int64_t vocab_size) {
  rill::default_generator() = generator_for(Draws::weights, options);
  return rill::nn::LanguageModel({.vocab_size = vocab_size,
                                  .block_size = options.block_size,
                                  .n_layer = options.n_layer,
                                  .n_head = options.n_head,
                                  .n_embd = options.n_embd,
                                  .dropout = options.dropout,
                                  .position = options.position,
                                  .embedding_scale = options.embedding_scale});
}

void run(const Options& options, const Settings& settings) {
  const Corpus corpus = load_corpus(options, options.block_size);
  corpus.encode(options.prompt);  // refuses a prompt that it could not continue
  MetricsFile metrics(options.out_dir);
  const Baselines simple = baselines(corpus.train, corpus.validation, corpus.vocab_size());
  print_baselines(corpus, simple);
  const rill::nn::LanguageModel model = make_model(options, corpus.vocab_size());
  std::printf("a transformer of %lld parameters learns from %lld steps\n",
              static_cast<long long>(model.parameter_count()),
              static_cast<long long>(options.max_iters));
  print_scales(model, corpus);
  train(model, corpus, options, metrics);
  const double loss = whole_loss(model, corpus.validation);
  const std::string samples = shown_samples(model, corpus, options);
  if (!samples.empty()) std::printf("\n");
  std::fwrite(samples.data(), 1, samples.size(), stdout);
  print_gains(loss, simple);
  write_report({.parameters = model.parameter_count(),
                .baselines = simple,
                .metrics = metrics.rows(),
                .val_loss = loss,
                .samples = samples,
                .settings = settings},
               options.out_dir + "/report.html");
}

}  // namespace

int main(int argc, char** argv) {
  survive_closed_output();
  Options options;
  examples::CommandLine line("tiny_transformer",
                             "Trains a character-level transformer and lets it write.");
  add_flags(line.app(), options);
  return line.main(argc, argv, [&] {
    check_together(options);
    if (options.threads > 0) rill::set_num_threads(static_cast<int>(options.threads));
    run(options, settings_of(line.app()));
  });
}
