// examples/word_order/main.cpp: which encodings let an encoder tell "A and B are awesome." from "B
// and A are awesome."?
// Next: walk_through
#include <rill/core/threads.h>

#include <spdlog/fmt/fmt.h>

#include "../support/command_line.h"
#include "../support/progress.h"
#include "../support/stop_signal.h"
#include "../support/teller.h"
#include "report.h"

using examples::add_number;
using examples::stop_signal;
using examples::Teller;
using namespace word_order;

namespace {

struct Flags {
  int64_t seeds = 10;
  Training training;
  std::string out_dir = "out/word_order";
};

void add_flags(CLI::App& app, Flags& flags) {
  add_number(app, "--seeds", flags.seeds, 1, 1000, "Runs of each encoding");
  add_number(app, "--steps", flags.training.steps, 1, 1000000, "Steps a run");
  examples::add_out_dir(app, flags.out_dir, "Folder for word_order.html");
}

/// A reader's outputs for "King and Queen ..." beside those for "Queen and King ...".
void show_permuted(Teller& teller, Way way, const Reader& reader) {
  const rill::Tensor ids = rill::tensor({0, 20, 1, 21, 22}, rill::int64);
  teller.heading("First number of each word's output, " + name_of(way), 3);
  teller.table("permuted_" + name_of(way), permuted_table(reader, ids));
}

/// As many runs as there are before a signal.
Result measure(Way way, const Flags& flags, Teller& teller) {
  Result result{.way = way, .accuracies = {}, .gaps = {}};
  for (int64_t i = 0; i < flags.seeds; ++i) {
    const auto seed = static_cast<uint64_t>(i);
    const Split split = split_pairs(seed);
    const Reader reader = train(way, split.training, seed, flags.training);
    if (stop_signal() != 0) break;
    result.accuracies.push_back(accuracy(reader, split.test));
    result.gaps.push_back(order_gap(reader, split.test.ids));
    if (i == 0 && (way == Way::none || way == Way::sinusoidal)) show_permuted(teller, way, reader);
  }
  return result;
}

/// As in "after 3 of 80 runs".
std::string runs_of(const std::vector<Result>& results, const Flags& flags) {
  size_t made = 0;
  for (const Result& result : results) made += result.accuracies.size();
  return fmt::format("after {} of {} runs", made, ways().size() * static_cast<size_t>(flags.seeds));
}

/// The ways that have a run. A signal ends it before its time.
std::vector<Result> measure_all(const Flags& flags, Teller& teller) {
  const examples::StopSignals heeded;
  const examples::Progress runs("run", static_cast<int64_t>(ways().size()) * flags.seeds);
  std::vector<Result> results;
  for (const Way way : ways())
    if (Result result = measure(way, flags, teller); !result.accuracies.empty())
      results.push_back(std::move(result));
  return results;
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
  const std::vector<Result> results = measure_all(flags, teller);
  const bool was_stopped = stop_signal() != 0;
  if (was_stopped) teller.text(examples::say_stopped(runs_of(results, flags)));
  if (results.empty()) return;
  teller.heading(was_stopped ? "Accuracy"
                             : fmt::format("Accuracy: {} run{} each", flags.seeds,
                                           flags.seeds == 1 ? "" : "s"));
  teller.table("accuracy", table_of(results));
  teller.chart("accuracy", chart_of(results));
  for (const std::string& text : explanations(results)) teller.text(text);
  teller.write("word_order.html");
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  examples::CommandLine line("word_order", "With its defaults it takes about a minute.");
  add_flags(line.app(), flags);
  return line.main(argc, argv, [&] { run(flags); });
}
