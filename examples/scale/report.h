#pragma once

#include <rill/core/inspect/chart.h>
#include <rill/core/inspect/page.h>

#include "experiment.h"

namespace scale {

/// Scores of one setting, one for each seed.
struct Result {
  Setting setting;
  std::vector<Score> scores;

  /// The mean over the seeds, in percent.
  double percent(double Score::*share) const;
};

/// A short name, for files and charts.
std::string id_of(Together together);
/// From positions of a hundredth to a hundred times the size of the words.
std::vector<Setting> settings_of(Together together);

/// A place as its number, as its share of a text, and as sinusoids.
rill::inspect::Table numbers_table();
/// For each ratio, what word and place are in their sum.
rill::inspect::Table likeness_table();
/// What Embedding and encodings draw, and whether the layers would warn.
rill::inspect::Table drawn_table();
/// What the model costs behind its words.
rill::inspect::Table parameters_table();

rill::inspect::Table ratio_table(const std::vector<Result>& results);
rill::inspect::LineChart ratio_chart(const std::vector<Result>& results);
rill::inspect::Table dropout_table(const std::vector<Result>& results);
rill::inspect::BarChart dropout_chart(const std::vector<Result>& results);

}  // namespace scale
