#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gradients {

/// What one of many layers does to h.
enum class Block {
  plain,     // relu(h·W)
  residual,  // h + relu(h·W)
  norm,      // relu(norm(h)·W)
  both,      // h + relu(norm(h)·W)
};
const std::vector<Block>& blocks();
/// "plain", "residual", "layer norm", "both".
std::string name_of(Block block);

/// Norms of gradients of one loss.
struct Flow {
  std::vector<double> activations;  // of what goes into layer 0, 1, ..., and of what the last gives
  std::vector<double> weights;      // of the weight of layer 0, 1, ...
};
/// Of `layers` layers of width 32, as nn::Linear draws them, and of a mean squared error.
Flow flow_through(Block block, int64_t layers, uint64_t seed = 1);

}  // namespace gradients
