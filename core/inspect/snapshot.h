#pragma once

#include <cstdint>
#include <vector>

#include <rill/core/tensor.h>

namespace rill::inspect {

/// What is kept of a tensor to be shown: shape, statistics, and its numbers where they are few.
struct Snapshot {
  Shape shape;
  DType dtype = float32;
  /// Row-major; empty where there are more of them than were asked for.
  std::vector<double> values;

  // Of the finite elements; 0 where there are none.
  double min = 0, max = 0, mean = 0;
  /// √ of the mean of the squares, in which few small elements do not hide a large one.
  double rms = 0;
  int64_t zeros = 0, not_finite = 0;
  /// How many elements fall into each of 16 equal parts of [min, max]; of many, of every so manyth.
  std::vector<int64_t> histogram;
  /// Where there are no values: means of the elements in a grid of at most 24 × 24 blocks, the last
  /// dimension from left to right and all others from top to bottom.
  std::vector<float> picture;
  int64_t picture_rows = 0, picture_columns = 0;

  Snapshot() = default;
  /// With the values of tensors of at most `whole_values` elements, or of one.
  Snapshot(const Tensor& tensor, int64_t whole_values);

  int64_t numel() const { return shape.numel(); }
};

}  // namespace rill::inspect
