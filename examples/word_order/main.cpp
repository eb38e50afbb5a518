// examples/word_order/main.cpp: which encodings let an encoder tell "A and B are awesome." from "B
// and A are awesome."?
#include <rill/core/threads.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>

#include "report.h"

using namespace word_order;

namespace {

struct Flags {
  int64_t seeds = 10;
  Training training;
  std::string out_dir = "out/word_order";
};

std::optional<int> parse(int argc, char** argv, Flags& flags) {
  CLI::App app(
      "Trains small encoders to say who is named first, with every encoding of positions and\n"
      "without. With its defaults it takes about a minute.",
      "word_order");
  app.option_defaults()->always_capture_default();
  app.add_option("--seeds", flags.seeds, "Runs of each encoding")->check(CLI::Range(1, 1000));
  app.add_option("--steps", flags.training.steps, "Steps a run")->check(CLI::Range(1, 1000000));
  app.add_option("--out-dir", flags.out_dir, "Folder for word_order.html");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    return 0;
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "word_order: %s (--help lists all flags)\n", error.what());
    return 2;
  }
  return {};
}

/// A reader's outputs for "King and Queen ..." beside those for "Queen and King ...".
void show_permuted(rill::Page& page, Way way, const Reader& reader) {
  const rill::Tensor ids = rill::tensor({0, 20, 1, 21, 22}, rill::int64);
  const rill::Table table = permuted_table(reader, ids);
  const std::string title = "First number of each word's output, " + name_of(way);
  std::printf("%s\n\n%s\n", title.c_str(), table.text().c_str());
  page.heading(title, 3).table("permuted_" + name_of(way), table);
}

Result measure(Way way, const Flags& flags, rill::Page& page) {
  Result result{.way = way, .accuracies = {}, .gaps = {}};
  for (int64_t i = 0; i < flags.seeds; ++i) {
    const auto seed = static_cast<uint64_t>(i);
    const Split split = split_pairs(seed);
    const Reader reader = train(way, split.training, seed, flags.training);
    result.accuracies.push_back(accuracy(reader, split.test));
    result.gaps.push_back(order_gap(reader, split.test.ids));
    if (i == 0 && (way == Way::none || way == Way::sinusoidal)) show_permuted(page, way, reader);
  }
  return result;
}

void run(const Flags& flags) {
  rill::set_num_threads(1);  // the model is too small for more
  rill::Page page("Who is named first?");
  page.text(
      "An encoder of two layers reads \"A and B are awesome.\" and names A. It is tested on pairs "
      "of the 20 names that it never saw together. Chance, for one who knows the two names, is "
      "50 %.");
  page.heading("The outputs for both orders")
      .text(
          "The order gap is the largest difference between what a word gives in one sentence and "
          "what the same word gives in the other, after training, in float64.");
  std::vector<Result> results;
  for (const Way way : ways()) results.push_back(measure(way, flags, page));
  const rill::Table table = table_of(results);
  std::printf("%lld runs each; chance is 50 %%\n\n%s\n", static_cast<long long>(flags.seeds),
              table.text().c_str());
  page.heading("Accuracy").table("accuracy", table).chart("accuracy", chart_of(results));
  for (const std::string& text : explanations()) {
    std::printf("%s\n", text.c_str());
    page.text(text);
  }
  std::filesystem::create_directories(flags.out_dir);
  const std::string path = flags.out_dir + "/word_order.html";
  page.write(path);
  std::printf("\n%s shows this\n", path.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  try {
    if (const std::optional<int> code = parse(argc, argv, flags)) return *code;
    run(flags);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "word_order: %s\n", error.what());
    return 1;
  }
}
