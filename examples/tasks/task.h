#pragma once

#include <string>
#include <vector>

#include "function.h"

namespace tasks {

/// Kinds of mistakes, as a learner is told them.
enum class Kind {
  transposed,
  missing_sum,
  overwrites,
  input_for_output,
  factor,
  sign,
  axis,
  mask_side,
  mean_for_sum,
  sum_for_mean,
  detached,
  attached,
  overflow,
  off_by_one,
  exchanged,
  missing_part,
  wrong_place,
  wrong_power,
  shape,
  dtype,
  changes_input,
  throws,
  no_result,
  not_a_number,
  not_done,
  other,
};

/// What it looks like, in words: "transposed", "= for +=".
std::string words_for(Kind kind);

/// A wrong form of a task, known by what it gives.
struct Mistake {
  Kind kind;
  std::string advice;
  Function function;
};

/// One call. The smallest of a task comes first.
struct Case {
  Arguments arguments;
};

/// A function to fill in.
struct Task {
  std::string name;   // of the function
  std::string title;  // in a few words
  std::vector<std::string> parameters;
  std::vector<std::string> results;  // names of what it gives; one name for a list of any length
  Function right;
  std::vector<Mistake> mistakes;
  std::vector<Case> cases;
  /// Numbers of the parameters that it is to write to.
  std::vector<size_t> written = {};
  /// Whether gradients must flow through it, to all its floating tensors.
  bool flows = false;
};

/// All of them, in the order to learn in.
const std::vector<Task>& all_tasks();

/// "03_softsign_row.cpp".
std::string file_of(const Task& task);

}  // namespace tasks
