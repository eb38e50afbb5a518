#pragma once

#include <vector>

namespace examples {

/// Σ x / n; `values` are not empty.
double mean(const std::vector<double>& values);

/// The standard deviation of a sample, √(Σ (x − mean)² / (n − 1)); 0 for a single value.
double deviation(const std::vector<double>& values);

}  // namespace examples
