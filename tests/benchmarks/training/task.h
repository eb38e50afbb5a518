#pragma once

#include <functional>
#include <string>

#include <rill/core/state_dict.h>
#include <rill/nn/module.h>

#include "../recipes.h"

namespace rill::benchmarks {

/// A recipe made ready: a model with its first weights and the one batch that it trains on.
struct Task {
  nn::Module model;
  StateDict batch;
  std::function<Tensor()> loss;
  /// Continues a token up to the model's length with a cache of keys and values; returns how many
  /// tokens were new. Empty unless the model is a decoder.
  std::function<int64_t()> sample;
};

/// The same each time: the seed is fixed. Throws std::invalid_argument for an unknown name.
Task make_task(const Recipe& recipe);
const Recipe& find_recipe(const std::string& name);

/// Writes what another engine needs to do the same work: a line of JSON with the recipe's sizes and
/// name, dtype and shape of each tensor of state_dict and batch, then their bytes in that order.
void save_task(const Recipe& recipe, const Task& task, const std::string& path);

}  // namespace rill::benchmarks
