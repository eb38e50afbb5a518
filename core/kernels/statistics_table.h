#pragma once

#include <cstdint>

namespace rill::kernels {

/// Of the finite elements among some; min and max are infinite where there are none.
struct Statistics {
  double sum, squares;
  double min, max;
  int64_t zeros, finite;
};

/// The kernels of one instruction set: statistics of n elements that lie side by side.
struct StatisticsTable {
  Statistics (*of_float)(const float* x, int64_t n);
  Statistics (*of_double)(const double* x, int64_t n);
};

}  // namespace rill::kernels
