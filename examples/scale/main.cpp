// examples/scale/main.cpp: how large are positions to be beside the words that they are added to?
// Next: learned_positions
#include <rill/core/threads.h>

#include "../support/command_line.h"
#include "../support/progress.h"
#include "../support/stop_signal.h"
#include "../support/teller.h"
#include "report.h"

using examples::add_number;
using examples::Teller;
using namespace scale;

namespace {

struct Flags {
  int64_t seeds = 2, steps = 300;
  std::string out_dir = "out/scale";
};

void add_flags(CLI::App& app, Flags& flags) {
  add_number(app, "--seeds", flags.seeds, 1, 1000, "Runs of each setting");
  add_number(app, "--steps", flags.steps, 1, 1000000, "Steps a run");
  examples::add_out_dir(app, flags.out_dir, "Folder for scale.html");
}

/// The mean over the seeds, of the runs that there are before a signal.
std::vector<Result> measure_all(const std::vector<Setting>& settings, const Flags& flags,
                                double slips) {
  examples::Progress runs("run", static_cast<int64_t>(settings.size()) * flags.seeds);
  std::vector<Result> results;
  for (const Setting& setting : settings) {
    Result result{setting, {}};
    for (int64_t seed = 0; seed < flags.seeds; ++seed) {
      const Score score =
          measure(setting, static_cast<uint64_t>(seed), {.steps = flags.steps, .slips = slips});
      if (examples::stop_signal() != 0) return results;
      result.scores.push_back(score);
    }
    results.push_back(result);
  }
  return results;
}

void tell_sizes(Teller& teller) {
  teller.heading("What stands for a place");
  teller.table("numbers", numbers_table());
  teller.heading("What is left of the word");
  teller.table("likeness", likeness_table());
  teller.heading("What layers draw, d = 512");
  teller.table("drawn", drawn_table());
  teller.heading("Added, or side by side");
  teller.table("parameters", parameters_table());
}

/// False where a signal came.
bool tell_ratios(Teller& teller, const Flags& flags) {
  for (const Together together : {Together::sum, Together::beside}) {
    const std::vector<Result> results = measure_all(settings_of(together), flags, 0);
    if (examples::stop_signal() != 0) return false;
    teller.heading("Who is named first? Word and place " + name_of(together));
    teller.table(id_of(together), ratio_table(results));
    teller.chart(id_of(together), ratio_chart(results));
  }
  return true;
}

void tell_dropout(Teller& teller, const Flags& flags) {
  std::vector<Setting> settings;
  for (const double dropout : {0.0, 0.1, 0.3, 0.5}) settings.push_back({.dropout = dropout});
  const std::vector<Result> results = measure_all(settings, flags, 0.2);
  if (examples::stop_signal() != 0) return;
  teller.heading("Dropout on the sum, one answer in five taught wrongly");
  teller.table("dropout", dropout_table(results));
  teller.chart("dropout", dropout_chart(results));
}

void run(const Flags& flags) {
  const examples::StopSignals heeded;
  rill::set_num_threads(1);  // the model is too small for more
  Teller teller("How large?", flags.out_dir);
  teller.text(
      "A word and its place become one vector. Here the words have an rms of 1, and the places one "
      "from a hundredth to a hundred.");
  tell_sizes(teller);
  if (tell_ratios(teller, flags)) tell_dropout(teller, flags);
  if (examples::stop_signal() != 0) teller.text(examples::say_stopped("before the last table"));
  teller.write("scale.html");
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  examples::CommandLine line("scale", "With its defaults it takes about ten seconds.");
  add_flags(line.app(), flags);
  return line.main(argc, argv, [&] { run(flags); });
}
