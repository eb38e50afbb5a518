#pragma once

#include <rill/core/inspect/page.h>

#include "experiment.h"

namespace word_order {

struct Result {
  Way way;
  std::vector<double> accuracies;  // on the test pairs, one for each seed
  std::vector<double> gaps;        // order_gap on the test sentences, one for each seed

  double mean() const;
  /// The standard deviation over the seeds, of a sample; 0 for one seed.
  double spread() const;
};

rill::inspect::Table table_of(const std::vector<Result>& results);
rill::inspect::BarChart chart_of(const std::vector<Result>& results);
/// What the reader gives for each word of a sentence and of the one with its names swapped: the
/// first numbers, to the last digit.
rill::inspect::Table permuted_table(const Reader& reader, const rill::Tensor& ids);
/// What the numbers show and why, a paragraph each.
std::vector<std::string> explanations(const std::vector<Result>& results);

}  // namespace word_order
