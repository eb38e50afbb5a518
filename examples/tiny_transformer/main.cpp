// examples/tiny_transformer/main.cpp: trains a small transformer on text until it writes new words.
// Next: sample
#include <fcntl.h>
#include <rill/core/distributed/world.h>
#include <rill/core/inspect/table.h>
#include <rill/core/random.h>
#include <rill/core/threads.h>
#include <rill/nn/language_model_file.h>
#include <rill/nn/scale_report.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <stdexcept>

#include "../support/command_line.h"
#include "../support/index_page.h"
#include "../support/out_folder.h"
#include "baseline.h"
#include "corpus.h"
#include "metrics.h"
#include "options.h"
#include "page_file.h"
#include "report.h"
#include "resume.h"
#include "samples.h"
#include "training.h"
#include "watched.h"

using namespace tiny_transformer;

namespace {

void print_baselines(const Corpus& corpus, const Baselines& b) {
  std::printf("%zu tokens to train on, %zu to validate, vocabulary %lld\n", corpus.train.size(),
              corpus.validation.size(), static_cast<long long>(corpus.vocab_size()));
  std::printf("validation loss of simple models, in nats a token:\n");
  std::printf("  uniform  %.4f\n  unigram  %.4f\n  bigram   %.4f\n", b.uniform, b.unigram,
              b.bigram);
  std::fflush(stdout);
}

/// What it gained over simple models, and at last the loss.
void print_gains(double loss, const Corpus& corpus, const Baselines& b) {
  std::printf("\ngained over uniform %.4f, over unigram %.4f, over bigram %.4f nats a token\n",
              b.uniform - loss, b.unigram - loss, b.bigram - loss);
  std::printf("val_bits_per_byte %.4f\nval_loss %.4f\n", corpus.bits_per_byte(loss), loss);
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

void save_model(const rill::nn::LanguageModel& model, const Corpus& corpus, const Options& options,
                double loss, const std::string& path) {
  rill::nn::save_language_model(path, model, corpus.tokenizer,
                                {.text = options.text.empty() ? word_list : options.text,
                                 .seed = options.seed,
                                 .loss = loss,
                                 .prompt = sampling_of(corpus, options).prompt});
  spdlog::info("{0} holds the model: examples/run sample --model {0} lets it write", path);
}

/// The flags with what came of those that leave it to rill.
Settings as_used(Settings settings, const Options& options, const Corpus& corpus,
                 const rill::nn::LanguageModel& model) {
  const std::map<std::string, std::string> used = {
      {"--text", options.text.empty() ? word_list : options.text},
      {"--threads", std::to_string(rill::num_threads())},
      {"--vocab-size", std::to_string(corpus.vocab_size())},
      {"--embedding-scale", rill::inspect::format_number(model.embedding_scale())},
      {"--checkpoint-interval",
       std::to_string(options.checkpoint_interval == at_evaluations ? options.eval_interval
                                                                    : options.checkpoint_interval)},
      {"--resume",
       options.resume ? options.resume->empty() ? options.out_dir : *options.resume : "no"}};
  for (auto& [flag, value] : settings)
    if (const auto found = used.find(flag); found != used.end()) value = found->second;
  return settings;
}

/// What it learned, in text, in numbers, in a file and on a page.
void show_result(const rill::nn::LanguageModel& model, const Corpus& corpus, const Options& options,
                 const examples::OutFolder& folder, Report report) {
  report.val_loss = whole_loss(model, corpus.validation);
  save_model(model, corpus, options, report.val_loss, folder.path("model.safetensors"));
  report.samples = shown_samples(model, corpus, options);
  if (!report.samples.empty()) std::printf("\n");
  std::fwrite(report.samples.data(), 1, report.samples.size(), stdout);
  print_gains(report.val_loss, corpus, report.baselines);
  std::fflush(stdout);
  write_page(report_page(report), folder.path("report.html"), "this run");
  examples::write_index(options.out_dir);
}

/// What ranks must have alike to train one model.
rill::World::Fields agreement(const Options& options, const Checkpoints& checkpoints,
                              const rill::nn::LanguageModel& model) {
  rill::World::Fields fields = rill::World::build();
  for (const auto& [name, value] : checkpoints.configuration) fields.emplace_back(name, value);
  for (const auto& [name, value] :
       {std::pair("max-iters", options.max_iters), {"eval-interval", options.eval_interval}})
    fields.emplace_back(name, std::to_string(value));
  fields.emplace_back("on-nonfinite", options.on_nonfinite == OnNonFinite::stop ? "stop" : "skip");
  fields.emplace_back("weights", rill::hash_of(model.parameters()));
  std::vector<rill::Tensor> saved;
  if (checkpoints.from)
    for (const auto& [name, state] : checkpoints.from->parts)
      for (const rill::NamedTensor& each : state) saved.push_back(each.tensor);
  fields.emplace_back("checkpoint", checkpoints.from
                                        ? fmt::format("of step {}, hash {}", checkpoints.from->step,
                                                      rill::hash_of(saved))
                                        : "none");
  return fields;
}

/// Rank 0 speaks for all; others only warn. Errors are told by each, by its number.
void speak_as(const rill::World& world, examples::CommandLine& line) {
  if (world.size() > 1) line.speak_as(fmt::format("rank {} of {}", world.rank(), world.size()));
  if (world.rank() == 0) return;
  spdlog::set_level(spdlog::level::warn);
  spdlog::set_pattern(fmt::format("rank {}: %v", world.rank()));
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere < 0 || dup2(nowhere, STDOUT_FILENO) < 0)
    throw std::runtime_error("cannot open /dev/null");
  close(nowhere);
}

void run_as_other_rank(const Options& options, rill::World& world) {
  const Corpus corpus = load_corpus(options, options.block_size);
  const rill::nn::LanguageModel model = make_model(options, corpus.vocab_size());
  Checkpoints checkpoints = checkpoints_of(options, corpus);
  world.want_same(agreement(options, checkpoints, model));
  checkpoints.folder.reset();
  MetricsFile metrics("");
  train(model, corpus, options, metrics, world, checkpoints);
}

void run(const Options& options, const Settings& settings, rill::World& world) {
  if (world.rank() != 0) return run_as_other_rank(options, world);
  const Corpus corpus = load_corpus(options, options.block_size);
  sampling_of(corpus, options);  // refuses a prompt that it could not continue
  const rill::nn::LanguageModel model = make_model(options, corpus.vocab_size());
  const Checkpoints checkpoints = checkpoints_of(options, corpus);
  world.want_same(agreement(options, checkpoints, model));
  const examples::OutFolder folder(options.out_dir);
  MetricsFile metrics(folder.path("metrics.csv"));
  const Baselines simple = baselines(corpus.train, corpus.validation, corpus.vocab_size());
  print_baselines(corpus, simple);
  std::printf("a transformer of %lld parameters learns from %lld steps\n",
              static_cast<long long>(model.parameter_count()),
              static_cast<long long>(options.max_iters));
  if (checkpoints.from)
    std::printf("goes on after step %lld\n", static_cast<long long>(checkpoints.from->step));
  else
    print_scales(model, corpus);
  if (options.watch)
    train_watched(model, corpus, options, metrics, world, checkpoints, folder);
  else
    train(model, corpus, options, metrics, world, checkpoints);
  show_result(model, corpus, options, folder,
              {.parameters = model.parameter_count(),
               .baselines = simple,
               .metrics = metrics.rows(),
               .steps = metrics.steps().points(),
               .settings = as_used(settings, options, corpus, model)});
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  examples::CommandLine line("tiny_transformer", "With its defaults it takes about a minute.");
  add_flags(line.app(), options);
  return line.main(argc, argv, [&] {
    rill::World world;
    speak_as(world, line);
    world.run([&] {
      check_together(options, world.size());
      if (options.threads > 0) rill::set_num_threads(static_cast<int>(options.threads));
      run(options, settings_of(line.app()), world);
    });
  });
}
