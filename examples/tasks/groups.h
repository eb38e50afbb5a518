#pragma once

#include <vector>

#include "task.h"

// The tables of tasks: what is right, mistakes that are known, and the cases, the smallest first.

namespace tasks {

std::vector<Task> elementwise_rows();    // tanh, ReLU, softsign, mean
std::vector<Task> broadcast_rows();      // bias, scale, paths that join
std::vector<Task> product_rows();        // matrix product, embedding
std::vector<Task> probabilities();       // softmax, cross-entropy, temperature
std::vector<Task> norms();               // layer norm, RMS norm, dropout, straight through
std::vector<Task> positions();           // sinusoids, learned positions, segments
std::vector<Task> relative_positions();  // rotary, ALiBi
std::vector<Task> attention();           // mask, attention
std::vector<Task> optimizers();          // momentum, Adam, clipping

/// Numbers from -2.5 to 2.5 with one decimal, which `seed` chooses.
rill::Tensor some(const rill::Shape& shape, int seed);

}  // namespace tasks
