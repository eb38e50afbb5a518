// examples/word_order/main.cpp: which encodings let an encoder tell "A and B are awesome." from "B
// and A are awesome."?
#include <rill/core/threads.h>

#include <spdlog/fmt/fmt.h>

#include "../support/command_line.h"
#include "../support/teller.h"
#include "report.h"

using examples::Teller;
using namespace word_order;

namespace {

struct Flags {
  int64_t seeds = 10;
  Training training;
  std::string out_dir = "out/word_order";
};

void add_flags(CLI::App& app, Flags& flags) {
  app.add_option("--seeds", flags.seeds, "Runs of each encoding")->check(CLI::Range(1, 1000));
  app.add_option("--steps", flags.training.steps, "Steps a run")->check(CLI::Range(1, 1000000));
  app.add_option("--out-dir", flags.out_dir, "Folder for word_order.html");
}

/// A reader's outputs for "King and Queen ..." beside those for "Queen and King ...".
void show_permuted(Teller& teller, Way way, const Reader& reader) {
  const rill::Tensor ids = rill::tensor({0, 20, 1, 21, 22}, rill::int64);
  teller.heading("First number of each word's output, " + name_of(way), 3);
  teller.table("permuted_" + name_of(way), permuted_table(reader, ids));
}

Result measure(Way way, const Flags& flags, Teller& teller) {
  Result result{.way = way, .accuracies = {}, .gaps = {}};
  for (int64_t i = 0; i < flags.seeds; ++i) {
    const auto seed = static_cast<uint64_t>(i);
    const Split split = split_pairs(seed);
    const Reader reader = train(way, split.training, seed, flags.training);
    result.accuracies.push_back(accuracy(reader, split.test));
    result.gaps.push_back(order_gap(reader, split.test.ids));
    if (i == 0 && (way == Way::none || way == Way::sinusoidal)) show_permuted(teller, way, reader);
  }
  return result;
}

void run(const Flags& flags) {
  rill::set_num_threads(1);  // the model is too small for more
  Teller teller("Who is named first?", flags.out_dir);
  teller.text(
      "An encoder of two layers reads \"A and B are awesome.\" and names A. It is tested on pairs "
      "of the 20 names that it never saw together. Chance, for one who knows the two names, is "
      "50 %.");
  teller.heading("The outputs for both orders");
  teller.text(
      "The order gap is the largest difference between what a word gives in one sentence and "
      "what the same word gives in the other, after training, in float64.");
  std::vector<Result> results;
  for (const Way way : ways()) results.push_back(measure(way, flags, teller));
  teller.heading(fmt::format("Accuracy: {} runs each", flags.seeds));
  teller.table("accuracy", table_of(results));
  teller.chart("accuracy", chart_of(results));
  for (const std::string& text : explanations()) teller.text(text);
  teller.write("word_order.html");
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  examples::CommandLine line(
      "word_order",
      "Trains small encoders to say who is named first, with every encoding of positions and\n"
      "without. With its defaults it takes about a minute.");
  add_flags(line.app(), flags);
  return line.main(argc, argv, [&] { run(flags); });
}
