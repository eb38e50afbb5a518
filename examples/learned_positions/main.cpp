// examples/learned_positions/main.cpp: what training makes of a learned table of positions, beside
// the sinusoids.
// Next: segments
#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "../support/command_line.h"
#include "report.h"

using examples::add_number;
using namespace learned_positions;

namespace {

tiny_transformer::Options small_training() {
  tiny_transformer::Options options;
  options.out_dir = "out/learned_positions";
  options.batch_size = 16;
  options.block_size = 32;
  options.n_layer = 1;
  options.n_embd = 32;
  options.learning_rate = 3e-3;
  options.max_iters = 1000;
  return options;
}

void declare_flags(CLI::App& app, tiny_transformer::Options& o) {
  app.add_option("--text", o.text, "Text to train on; the dictionary's words without it")
      ->check(CLI::ExistingFile);
  examples::add_out_dir(app, o.out_dir, "Folder for learned_positions.html and metrics.csv");
  add_number(app, "--seed", o.seed, 0, 1000000000, "Seed of all that is drawn");
  add_number(app, "--max-iters", o.max_iters, 1, 1000000000, "Steps");
  add_number(app, "--block-size", o.block_size, 2, 1024,
             "Positions, each of which is trained in each step");
}

void run(const tiny_transformer::Options& options) {
  const tiny_transformer::Corpus corpus = load_corpus(options, options.block_size);
  examples::Teller teller("A learned table of positions, watched", options.out_dir);
  tiny_transformer::MetricsFile metrics(teller.folder().path("metrics.csv"));
  const Watched watched = watch(corpus, options, metrics);
  teller.text(
      "A character model learns a vector for each of its positions. How alike are the vectors of "
      "two positions? Their cosine is 1 where they point the same way, 0 where they are at right "
      "angles, −1 where they are opposed.");
  if (watched.steps < options.max_iters)
    teller.text(fmt::format("Stopped after step {} of {}.", watched.steps, options.max_iters));
  tell(teller, watched);
  teller.write("learned_positions.html");
}

}  // namespace

int main(int argc, char** argv) {
  tiny_transformer::Options options = small_training();
  examples::CommandLine line("learned_positions", "With its defaults it takes a few seconds.");
  declare_flags(line.app(), options);
  return line.main(argc, argv, [&] {
    spread_over_run(options);
    run(options);
  });
}
