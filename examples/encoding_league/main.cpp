// examples/encoding_league/main.cpp: trains one small character model with every encoding of
// positions and compares them, also on texts longer than those of the training.
#include <rill/core/threads.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>

#include "../support/command_line.h"
#include "report.h"

using namespace encoding_league;
using rill::nn::Position;

namespace {

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
  tiny_transformer::Options& o = flags.options;
  app.add_option("--text", o.text, "Text to train on; the dictionary's words without it")
      ->check(CLI::ExistingFile);
  app.add_option("--out-dir", o.out_dir, "Folder for league.html and the metrics of each run");
  examples::add_positions(app, flags.positions);
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
  examples::check_even_heads(o.n_embd, o.n_head);
  if (o.threads > 0) rill::set_num_threads(static_cast<int>(o.threads));
  const tiny_transformer::Corpus corpus =
      load_corpus(o, lengths[std::size(lengths) - 1] * o.block_size);
  examples::Teller teller("The league of encodings", o.out_dir);
  teller.text(
      "The same character model, with the same batches, learned with each encoding of positions. " +
      settings_of(flags, corpus));
  tell(teller, play(flags, corpus), o.block_size);
  teller.write("league.html");
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  examples::CommandLine line(
      "encoding_league",
      "Trains the same small character model with every encoding of positions, and compares them.\n"
      "With its defaults (8 encodings, 2 seeds) it takes 1 to 2 minutes on 2 cores.");
  add_flags(line.app(), flags);
  return line.main(argc, argv, [&] {
    spread_over_run(flags.options);
    run(flags);
  });
}
