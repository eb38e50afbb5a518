#pragma once

#include <rill/core/inspect/page.h>

#include "walk.h"

namespace walk_through {

/// After how many positions hand i is back: 2π · base^(2i/d).
double wavelength(int64_t i, int64_t d, double base = 10000);

/// Angle, wavelength and turns in `length` positions of at most 9 of the d/2 hands, the first and
/// the last among them.
rill::inspect::Table wavelength_table(int64_t d, int64_t length);
/// The longest wavelength, and where it leads as d grows.
std::string longest_wave(int64_t d);

/// What bases do in d dimensions over `length` positions: the slowest wave, how many hands turn
/// less than once and how many less than a hundredth, and how far neighbouring positions are apart.
rill::inspect::Table base_table(int64_t d, int64_t length);

/// How far neighbouring positions are from each other in binary digits and in sines and cosines.
rill::inspect::Table step_table(int64_t d);
/// |PE(p + h) − PE(p)| for ever smaller h, and in relation to h.
rill::inspect::Table slope_table(int64_t d);

/// The wave of each dimension of the sentence over one turn of the slowest hand; hands too quick to
/// be drawn there are left out.
rill::inspect::LineChart long_wave_chart(const Encoded& sentence);

}  // namespace walk_through
