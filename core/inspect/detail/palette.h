#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace rill::inspect::detail {

/// Any two of them are told apart, also by those who see no red, no green or no blue.
using Palette = std::array<const char*, 8>;
extern const Palette light_palette;
extern const Palette dark_palette;

/// The lengths of strokes and gaps, as SVG has them; the first is a line without gaps.
extern const std::array<std::vector<int>, 4> dashes;

/// A colour of the palette and one of the dashes.
struct Style {
  size_t color = 0;
  size_t dash = 0;
  bool operator==(const Style&) const = default;
};

/// Whether the name is that of a way to tell positions, which looks the same on every chart.
bool is_encoding(const std::string& name);

/// A style for each name: its own where it is that of an encoding, else the first one that no other
/// has. They differ as long as there are enough.
std::vector<Style> styles_of(const std::vector<std::string>& names);

}  // namespace rill::inspect::detail
