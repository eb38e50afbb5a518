// examples/encoding_league/main.cpp: trains one small character model with every encoding of
// positions and compares them, also on texts longer than those of the training.
// Next: length_generalisation
#include <rill/core/threads.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>

#include "../support/command_line.h"
#include "../support/progress.h"
#include "../support/stop_signal.h"
#include "report.h"

using namespace encoding_league;
using examples::add_number;
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
  examples::add_out_dir(app, o.out_dir, "Folder for league.html and the metrics of each run");
  examples::add_positions(app, flags.positions);
  add_number(app, "--seeds", flags.seeds, 1, 1000, "Runs of each encoding");
  add_number(app, "--seed", o.seed, 0, 1000000000, "The first seed");
  add_number(app, "--max-iters", o.max_iters, 1, 1000000000, "Steps a run");
  add_number(app, "--batch-size", o.batch_size, 1, 65536, "Blocks a step");
  add_number(app, "--block-size", o.block_size, 1, 16384, "Tokens of a block in training");
  add_number(app, "--n-layer", o.n_layer, 1, 1000, "Blocks of the model");
  add_number(app, "--n-head", o.n_head, 1, 1000, "Attention heads a block");
  add_number(app, "--n-embd", o.n_embd, 1, 65536, "Width");
  add_number(app, "--threads", o.threads, 0, 1024, "Threads; 0 takes OpenMP's setting");
}

/// One run of an encoding; nothing where a signal stopped it.
std::optional<Run> run_of(Position position, int64_t seed, const Flags& flags,
                          const tiny_transformer::Corpus& corpus) {
  tiny_transformer::Options options = flags.options;
  options.position = position;
  options.seed = seed;
  options.out_dir += fmt::format("/{}-{}", rill::nn::name_of(position), seed);
  spdlog::info("{}, seed {}", rill::nn::name_of(position), seed);
  return compete(corpus, options);
}

/// The entries that have a run. A signal ends it before its time.
std::vector<Entry> play(const Flags& flags, const tiny_transformer::Corpus& corpus) {
  const examples::StopSignals heeded;
  const examples::Progress runs("run", static_cast<int64_t>(flags.positions.size()) * flags.seeds);
  std::vector<Entry> entries;
  for (const Position position : flags.positions) {
    Entry entry{.position = position, .runs = {}};
    for (int64_t i = 0; i < flags.seeds && examples::stop_signal() == 0; ++i)
      if (const auto run = run_of(position, flags.options.seed + i, flags, corpus))
        entry.runs.push_back(*run);
    if (!entry.runs.empty()) entries.push_back(std::move(entry));
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

/// As in "after 3 of 16 runs".
std::string runs_of(const std::vector<Entry>& entries, const Flags& flags) {
  size_t made = 0;
  for (const Entry& entry : entries) made += entry.runs.size();
  return fmt::format("after {} of {} runs", made,
                     flags.positions.size() * static_cast<size_t>(flags.seeds));
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
  const std::vector<Entry> entries = play(flags, corpus);
  if (examples::stop_signal() != 0) teller.text(examples::say_stopped(runs_of(entries, flags)));
  if (entries.empty()) return;
  tell(teller, entries, o.block_size);
  teller.write("league.html");
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  examples::CommandLine line(
      "encoding_league",
      "With its defaults (8 encodings, 2 seeds) it takes 1 to 2 minutes on 2 cores.");
  add_flags(line.app(), flags);
  return line.main(argc, argv, [&] {
    spread_over_run(flags.options);
    run(flags);
  });
}
