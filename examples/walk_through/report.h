#pragma once

#include <rill/core/inspect/page.h>

#include "walk.h"

namespace walk_through {

/// A line for each word and dimension: its wave with the numbers put in, before, PE, after.
rill::inspect::Table sum_table(const Encoded& sentence);
/// Where the words of `first` stand in `second`, and how far each is from itself there, before and
/// after.
rill::inspect::Table moved_table(const Encoded& first, const Encoded& second);
/// Dot products at distances 0, 1, 2, 4, ... and how much they differ from place to place.
rill::inspect::Table dot_table(const rill::Tensor& table);
/// "all 12800 values lie in [-1, 1] ...", or that it is not so.
std::string verdict(const Checked& checked, const rill::Tensor& table);

/// The wave of each dimension, with the positions of the sentence marked.
rill::inspect::LineChart wave_chart(const Encoded& sentence);
/// Position by dimension; of a large table the first 256 positions and at most 128 dimensions, as
/// its title says.
rill::inspect::HeatMap heat_map(const rill::Tensor& table);
/// PE(p) · PE(p + distance), seen from the first position and from the middle, up to a distance of
/// 128, as its title says where there are longer ones.
rill::inspect::LineChart dot_chart(const rill::Tensor& table);

}  // namespace walk_through
