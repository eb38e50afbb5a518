#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <set>

#include <rill/core/inspect/detail/palette.h>

// Whether readers tell the colours of charts apart, those with other eyes among them: CIEDE2000
// (Sharma, Wu and Dalal, 2005) after what Machado, Oliveira and Fernandes (2009) give for eyes
// without one kind of cones.

namespace rill::inspect::detail {
namespace {

using Color = std::array<double, 3>;
using Matrix = std::array<Color, 3>;

constexpr Matrix everyone = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
constexpr Matrix protanopia = {{{0.152286, 1.052583, -0.204868},
                                {0.114503, 0.786281, 0.099216},
                                {-0.003882, -0.048116, 1.051998}}};
constexpr Matrix deuteranopia = {{{0.367322, 0.860646, -0.227968},
                                  {0.280085, 0.672501, 0.047413},
                                  {-0.011820, 0.042940, 0.968881}}};
constexpr Matrix tritanopia = {{{1.255528, -0.076749, -0.178779},
                                {-0.078411, 0.930809, 0.147602},
                                {0.004733, 0.691367, 0.303900}}};

Color times(const Matrix& m, const Color& c) {
  Color out;
  for (size_t i = 0; i < 3; ++i) out[i] = m[i][0] * c[0] + m[i][1] * c[1] + m[i][2] * c[2];
  return out;
}

Color linear(const std::string& hex) {
  Color out;
  for (size_t i = 0; i < 3; ++i) {
    const double c = std::strtol(hex.substr(1 + 2 * i, 2).c_str(), nullptr, 16) / 255.0;
    out[i] = c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  }
  return out;
}

/// L*, a*, b* under daylight (D65).
Color lab(Color rgb) {
  for (double& c : rgb) c = std::clamp(c, 0.0, 1.0);
  const Color xyz = times({{{0.4124564, 0.3575761, 0.1804375},
                            {0.2126729, 0.7151522, 0.0721750},
                            {0.0193339, 0.1191920, 0.9503041}}},
                          rgb);
  const auto f = [](double t) {
    return t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116;
  };
  const double x = f(xyz[0] / 0.95047), y = f(xyz[1]), z = f(xyz[2] / 1.08883);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

double radians(double degrees) { return degrees * std::numbers::pi / 180; }

double hue(double a, double b) {
  const double angle = std::atan2(b, a) * 180 / std::numbers::pi;
  return angle < 0 ? angle + 360 : angle;
}

double ciede2000(const Color& one, const Color& two) {
  const double mean_c = (std::hypot(one[1], one[2]) + std::hypot(two[1], two[2])) / 2;
  const auto share = [](double c) {
    return std::sqrt(std::pow(c, 7) / (std::pow(c, 7) + 6103515625));
  };
  const double g = 1 + 0.5 * (1 - share(mean_c));
  const double c1 = std::hypot(g * one[1], one[2]), c2 = std::hypot(g * two[1], two[2]);
  const double h1 = hue(g * one[1], one[2]), h2 = hue(g * two[1], two[2]);
  double turn = h2 - h1;
  if (turn > 180) turn -= 360;
  if (turn < -180) turn += 360;
  const double l = (one[0] + two[0]) / 2, c = (c1 + c2) / 2;
  double h = (h1 + h2) / 2;
  if (std::abs(h1 - h2) > 180) h += h1 + h2 < 360 ? 180 : -180;
  const double t = 1 - 0.17 * std::cos(radians(h - 30)) + 0.24 * std::cos(radians(2 * h)) +
                   0.32 * std::cos(radians(3 * h + 6)) - 0.20 * std::cos(radians(4 * h - 63));
  const double off = (l - 50) * (l - 50);
  const double dl = (two[0] - one[0]) / (1 + 0.015 * off / std::sqrt(20 + off));
  const double dc = (c2 - c1) / (1 + 0.045 * c);
  const double dh = 2 * std::sqrt(c1 * c2) * std::sin(radians(turn) / 2) / (1 + 0.015 * c * t);
  const double bend = 30 * std::exp(-std::pow((h - 275) / 25, 2));
  const double rotation = -std::sin(radians(2 * bend)) * 2 * share(c);
  return std::sqrt(dl * dl + dc * dc + dh * dh + rotation * dc * dh);
}

/// How far apart two colours are for the eyes that tell them apart least.
double least_distance(const char* one, const char* two) {
  double least = 1000;
  for (const Matrix& eyes : {everyone, protanopia, deuteranopia, tritanopia})
    least =
        std::min(least, ciede2000(lab(times(eyes, linear(one))), lab(times(eyes, linear(two)))));
  return least;
}

double luminance(const std::string& hex) {
  const Color c = linear(hex);
  return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
}

/// The names of the examples: encoding_league and length_generalisation, word_order,
/// learned_positions.
const std::vector<std::vector<std::string>> charts = {
    {"none", "sinusoidal", "sinusoidal_t2t", "learned", "rotary", "rotary_interleaved", "alibi",
     "t5"},
    {"none", "sinusoidal", "learned", "rotary", "alibi", "t5", "segment only", "none, causal"},
    {"as drawn", "trained", "sinusoidal"}};

TEST(Palette, TheDistanceIsThatOfThePaperThatDefinesIt) {
  EXPECT_NEAR(ciede2000({50, 2.6772, -79.7751}, {50, 0, -82.7485}), 2.0425, 1e-4);
  EXPECT_NEAR(ciede2000({50, 2.5, 0}, {73, 25, -18}), 27.1492, 1e-4);
  EXPECT_NEAR(ciede2000({60.2574, -34.0099, 36.2677}, {60.4626, -34.1751, 39.4387}), 1.2644, 1e-4);
  EXPECT_NEAR(ciede2000({22.7233, 20.0904, -46.6940}, {23.0331, 14.9730, -42.5619}), 2.0373, 1e-4);
  EXPECT_NEAR(ciede2000({2.0776, 0.0795, -1.1350}, {0.9033, -0.0636, -0.5514}), 0.9082, 1e-4);
}

TEST(Palette, AnyTwoColoursAreToldApartByAllEyes) {
  for (const Palette& palette : {light_palette, dark_palette})
    for (size_t i = 0; i < palette.size(); ++i)
      for (size_t j = 0; j < i; ++j)
        EXPECT_GE(least_distance(palette[i], palette[j]), 10) << palette[i] << " " << palette[j];
}

TEST(Palette, ColoursStandOutFromThePage) {
  for (const char* color : light_palette) EXPECT_GE(1.05 / (luminance(color) + 0.05), 3) << color;
  const double ground = luminance("#15181e") + 0.05;
  for (const char* color : dark_palette) EXPECT_GE((luminance(color) + 0.05) / ground, 3) << color;
}

TEST(Palette, LinesOfOneChartDifferInColourOrDash) {
  for (const std::vector<std::string>& names : charts) {
    const std::vector<Style> styles = styles_of(names);
    for (size_t i = 0; i < names.size(); ++i)
      for (size_t j = 0; j < i; ++j) EXPECT_FALSE(styles[i] == styles[j]) << names[i] << names[j];
  }
  std::set<std::pair<size_t, size_t>> found;
  std::vector<std::string> many;
  for (int i = 0; i < 32; ++i) many.push_back("line " + std::to_string(i));
  for (const Style style : styles_of(many)) found.emplace(style.color, style.dash);
  EXPECT_EQ(found.size(), 32u);
}

TEST(Palette, AnEncodingLooksTheSameOnEveryChart) {
  for (const std::vector<std::string>& names : charts) {
    const std::vector<Style> styles = styles_of(names);
    for (size_t i = 0; i < names.size(); ++i) {
      EXPECT_TRUE(is_encoding(names[i])) << names[i];
      EXPECT_EQ(styles[i], styles_of({names[i]})[0]) << names[i];
    }
  }
}

TEST(Palette, OtherLinesTakeTheColoursThatNoEncodingOfTheChartHas) {
  EXPECT_EQ(styles_of({"train", "validation"}), (std::vector<Style>{{0, 0}, {1, 0}}));
  const std::vector<Style> styles = styles_of({"own", "sinusoidal", "other"});
  EXPECT_EQ(styles[1].color, 0u);
  EXPECT_EQ(styles[0].color, 1u);
  EXPECT_EQ(styles[2].color, 2u);
}

}  // namespace
}  // namespace rill::inspect::detail
