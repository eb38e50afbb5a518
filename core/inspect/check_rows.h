#pragma once

#include <functional>
#include <string>
#include <vector>

#include <rill/core/tensor.h>

namespace rill::inspect {

/// A row of an op that gives another gradient than differences of the op's output.
struct WrongRow {
  std::string op;
  std::string module;  // the path of the one that ran it
  std::string formula;
  /// Along a direction: what the row gave, and what the differences say.
  double given = 0, expected = 0;
  /// All of that in a sentence.
  std::string text = {};
};

/// Checks the rows of each op that `run` records, one by one, where it stands in a model and on the
/// numbers that come there: in further runs the input of an op is moved along a direction, just
/// before the op begins, and back again. `gradcheck` of a whole model says that a gradient is
/// wrong, this says in which op, which formula, which module:
///
///   model.to(float64);
///   for (const auto& wrong : inspect::check_rows([&] { return model(x); }))
///     std::cout << wrong.text << "\n";
///
/// `run` does the same each time (dropout off, or its generator made anew). Only what is float64 is
/// checked; not in-place ops, nor ops one of whose inputs was made by no op inside `run` or is no
/// leaf. It takes one run, and two for each input of the op that has most.
std::vector<WrongRow> check_rows(const std::function<Tensor()>& run);

}  // namespace rill::inspect
