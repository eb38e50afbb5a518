// examples/encoding_league/main.cpp: trains one small character model with every encoding of
// positions and compares them, also on texts longer than those of the training.
#include <rill/core/threads.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <map>
#include <optional>

#include "report.h"

using namespace encoding_league;
using rill::nn::Position;

namespace {

constexpr const char* word_list = "/usr/share/dict/words";

/// A model and a training that are small enough for all encodings.
tiny_transformer::Options small_training() {
  tiny_transformer::Options options;
  options.out_dir = "out/encoding_league";
  options.batch_size = 16;
  options.block_size = 32;
  options.n_layer = 2;
  options.n_embd = 64;
  options.max_iters = 2000;
  return options;
}

struct Flags {
  tiny_transformer::Options options = small_training();
  std::vector<Position> positions;
  int64_t seeds = 2;
};

void add_flags(CLI::App& app, Flags& flags) {
  const std::map<std::string, Position> known(rill::nn::position_names().begin(),
                                              rill::nn::position_names().end());
  tiny_transformer::Options& o = flags.options;
  app.add_option("--text", o.text, "Text to train on; the dictionary's words without it")
      ->check(CLI::ExistingFile);
  app.add_option("--out-dir", o.out_dir, "Folder for league.html and the metrics of each run");
  app.add_option("--positions", flags.positions, "Which encodings, with commas; all without it")
      ->delimiter(',')
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->transform(CLI::CheckedTransformer(known).description("none,sinusoidal,..."));
  app.add_option("--seeds", flags.seeds, "Runs of each encoding")->check(CLI::Range(1, 1000));
  app.add_option("--seed", o.seed, "The first seed")->check(CLI::Range(0, 1000000000));
  app.add_option("--max-iters", o.max_iters, "Steps a run")->check(CLI::Range(1, 1000000000));
  app.add_option("--batch-size", o.batch_size, "Blocks a step")->check(CLI::Range(1, 65536));
  app.add_option("--block-size", o.block_size, "Tokens of a block in training")
      ->check(CLI::Range(1, 16384));
  app.add_option("--n-layer", o.n_layer, "Blocks of the model")->check(CLI::Range(1, 1000));
  app.add_option("--n-head", o.n_head, "Attention heads a block")->check(CLI::Range(1, 1000));
  app.add_option("--n-embd", o.n_embd, "Width")->check(CLI::Range(1, 65536));
  app.add_option("--threads", o.threads, "Threads; 0 takes OpenMP's setting")
      ->check(CLI::Range(0, 1024));
}

void check_heads(const tiny_transformer::Options& o) {
  if (o.n_embd % (2 * o.n_head) != 0)
    throw CLI::ValidationError(
        "--n-head", fmt::format("{} heads do not cut a width (--n-embd) of {} into even parts",
                                o.n_head, o.n_embd));
}

/// What follows from the flags: the learning rate falls over the whole run.
void complete(Flags& flags) {
  tiny_transformer::Options& o = flags.options;
  o.lr_decay_iters = o.max_iters;
  o.warmup_iters = std::min<int64_t>(100, o.max_iters / 10);
  o.eval_interval = std::max<int64_t>(1, o.max_iters / 4);
  if (flags.positions.empty())
    for (const auto& [name, position] : rill::nn::position_names())
      flags.positions.push_back(position);
}

std::optional<int> parse(int argc, char** argv, Flags& flags) {
  CLI::App app(
      "Trains the same small character model with every encoding of positions, and compares them.\n"
      "With its defaults (8 encodings, 2 seeds) it takes about 5 minutes on 2 cores.",
      "encoding_league");
  app.option_defaults()->always_capture_default()->multi_option_policy(
      CLI::MultiOptionPolicy::TakeLast);
  add_flags(app, flags);
  try {
    app.parse(argc, argv);
    check_heads(flags.options);
    complete(flags);
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    return 0;
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "encoding_league: %s (--help lists all flags)\n", error.what());
    return 2;
  }
  return {};
}

tiny_transformer::Corpus load_corpus(const tiny_transformer::Options& options) {
  tiny_transformer::Corpus corpus =
      options.text.empty() ? tiny_transformer::corpus_of_words(
                                 word_list, generator_for(tiny_transformer::Draws::words, options))
                           : tiny_transformer::corpus_of_text(options.text);
  check_length(corpus, lengths[std::size(lengths) - 1] * options.block_size);
  return corpus;
}

std::vector<Entry> play(const Flags& flags, const tiny_transformer::Corpus& corpus) {
  std::vector<Entry> entries;
  for (const Position position : flags.positions) {
    entries.push_back({.position = position, .runs = {}});
    for (int64_t i = 0; i < flags.seeds; ++i) {
      tiny_transformer::Options options = flags.options;
      options.position = position;
      options.seed += i;
      options.out_dir += fmt::format("/{}-{}", rill::nn::name_of(position), options.seed);
      spdlog::info("{}, seed {}", rill::nn::name_of(position), options.seed);
      entries.back().runs.push_back(compete(corpus, options));
    }
  }
  return entries;
}

std::string settings_of(const Flags& flags, const tiny_transformer::Corpus& corpus) {
  const tiny_transformer::Options& o = flags.options;
  return fmt::format(
      "{} layers of width {}, {} heads; {} steps of {} blocks of {} tokens; {} seed{}; validated "
      "on {} tokens. Losses are in nats a token, ± the standard deviation over the seeds.",
      o.n_layer, o.n_embd, o.n_head, o.max_iters, o.batch_size, o.block_size, flags.seeds,
      flags.seeds == 1 ? "" : "s", corpus.validation.size());
}

void run(const Flags& flags) {
  const tiny_transformer::Options& o = flags.options;
  const tiny_transformer::Corpus corpus = load_corpus(o);
  const std::string settings = settings_of(flags, corpus);
  const std::vector<Entry> entries = play(flags, corpus);
  std::printf("%s\n\n%s\n", settings.c_str(), table_of(entries, o.block_size).text().c_str());
  for (const std::string& sentence : conclusions(entries, o.block_size))
    std::printf("%s\n", sentence.c_str());
  std::fflush(stdout);
  const std::string path = o.out_dir + "/league.html";
  page_of(entries, o.block_size, settings).write(path);
  spdlog::info("{} shows this", path);
}

}  // namespace

int main(int argc, char** argv) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("encoding_league"));
  spdlog::set_pattern("%H:%M:%S %v");
  Flags flags;
  try {
    if (const std::optional<int> code = parse(argc, argv, flags)) return *code;
    if (flags.options.threads > 0) rill::set_num_threads(static_cast<int>(flags.options.threads));
    run(flags);
    return 0;
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "encoding_league: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "encoding_league: %s\n", error.what());
    return 1;
  }
}
