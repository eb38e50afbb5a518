#include "league.h"

#include <algorithm>

#include "../support/out_folder.h"
#include "../support/statistics.h"
#include "../tiny_transformer/training.h"

namespace encoding_league {
namespace {

using tiny_transformer::Draws;
using tiny_transformer::Metrics;

std::vector<double> losses_at(const std::vector<Run>& runs, size_t i) {
  std::vector<double> losses;
  for (const Run& run : runs) losses.push_back(run.losses.at(i));
  return losses;
}

/// Nothing is measured before the first step.
double median_speed(const std::vector<Metrics>& rows) {
  std::vector<double> speeds;
  for (size_t i = 1; i < rows.size(); ++i) speeds.push_back(rows[i].tokens_per_s);
  if (speeds.empty()) return 0;
  const auto middle = speeds.begin() + static_cast<std::ptrdiff_t>(speeds.size() / 2);
  std::nth_element(speeds.begin(), middle, speeds.end());
  return *middle;
}

}  // namespace

double Entry::mean(size_t i) const { return examples::mean(losses_at(runs, i)); }

double Entry::spread(size_t i) const { return examples::deviation(losses_at(runs, i)); }

double Entry::tokens_per_s() const {
  std::vector<double> speeds;
  for (const Run& run : runs) speeds.push_back(run.tokens_per_s);
  return examples::mean(speeds);
}

std::optional<Run> compete(const tiny_transformer::Corpus& corpus,
                           const tiny_transformer::Options& options) {
  const examples::OutFolder folder(options.out_dir);
  tiny_transformer::MetricsFile metrics(folder.path("metrics.csv"));
  rill::default_generator() = generator_for(Draws::weights, options);
  const rill::nn::LanguageModel model(
      {.vocab_size = corpus.vocab_size(),
       .block_size = options.block_size * *std::max_element(std::begin(lengths), std::end(lengths)),
       .n_layer = options.n_layer,
       .n_head = options.n_head,
       .n_embd = options.n_embd,
       .position = options.position});
  rill::World world;
  if (!train(model, corpus, options, metrics, world)) return {};
  Run run{.losses = {},
          .tokens_per_s = median_speed(metrics.rows()),
          .parameters = model.parameter_count()};
  for (const int64_t times : lengths)
    run.losses.push_back(
        tiny_transformer::whole_loss(model, corpus.validation, times * options.block_size));
  return run;
}

}  // namespace encoding_league
