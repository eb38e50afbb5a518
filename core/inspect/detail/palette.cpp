#include <rill/core/inspect/detail/palette.h>

#include <algorithm>
#include <map>

namespace rill::inspect::detail {

const Palette light_palette = {"#265aaa", "#e97101", "#499f71", "#7c0021",
                               "#7951fd", "#865531", "#bd6099", "#2b4654"};
const Palette dark_palette = {"#1f90f9", "#fca625", "#08906f", "#f64f7b",
                              "#bcb0f9", "#a26e34", "#e9b5d1", "#fcfcf9"};

const std::array<std::vector<int>, 4> dashes = {std::vector<int>{}, {8, 4}, {2, 3}, {10, 3, 2, 3}};

namespace {

enum Color : size_t { blue, orange, green, red, violet, brown, pink, slate };
enum Dash : size_t { solid, dashed, dotted, dash_dotted };

/// By the names that the examples give them.
const std::map<std::string, Style>& encodings() {
  static const std::map<std::string, Style> styles = {{"none", {slate, dotted}},
                                                      {"none, causal", {slate, dash_dotted}},
                                                      {"sinusoidal", {blue, solid}},
                                                      {"sinusoidal_t2t", {blue, dashed}},
                                                      {"learned", {orange, solid}},
                                                      {"trained", {orange, solid}},
                                                      {"as drawn", {brown, dotted}},
                                                      {"rotary", {green, solid}},
                                                      {"rotary_interleaved", {green, dashed}},
                                                      {"alibi", {red, dashed}},
                                                      {"t5", {violet, dash_dotted}},
                                                      {"segment only", {pink, dotted}}};
  return styles;
}

/// Colour after colour, first without gaps, then dashed.
Style style_at(size_t i) {
  return {i % light_palette.size(), i / light_palette.size() % dashes.size()};
}

bool has_color(const std::vector<Style>& taken, Style style) {
  return std::ranges::find(taken, style.color, &Style::color) != taken.end();
}

/// The first style of a new colour, else the first new one.
Style free_style(const std::vector<Style>& taken) {
  constexpr size_t count = light_palette.size() * dashes.size();
  for (size_t i = 0; i < light_palette.size(); ++i)
    if (!has_color(taken, style_at(i))) return style_at(i);
  for (size_t i = 0; i < count; ++i)
    if (std::ranges::find(taken, style_at(i)) == taken.end()) return style_at(i);
  return style_at(taken.size());
}

}  // namespace

bool is_encoding(const std::string& name) { return encodings().contains(name); }

std::vector<Style> styles_of(const std::vector<std::string>& names) {
  std::vector<Style> taken;
  for (const std::string& name : names)
    if (is_encoding(name)) taken.push_back(encodings().at(name));
  std::vector<Style> styles;
  for (const std::string& name : names) {
    styles.push_back(is_encoding(name) ? encodings().at(name) : free_style(taken));
    if (!is_encoding(name)) taken.push_back(styles.back());
  }
  return styles;
}

}  // namespace rill::inspect::detail
