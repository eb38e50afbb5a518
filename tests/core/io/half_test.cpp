#include <gtest/gtest.h>

#include <rill/core/io/detail/half.h>

#include <cmath>
#include <limits>

namespace rill::testing {
namespace {

using detail::BFloat16;
using detail::Float16;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The value that IEEE 754 gives a sign of 0, an exponent and a fraction.
double value_of(int half, int exponent_bits) {
  const int fraction_bits = 15 - exponent_bits, bias = (1 << (exponent_bits - 1)) - 1;
  const int exponent = half >> fraction_bits, fraction = half % (1 << fraction_bits);
  if (exponent == (1 << exponent_bits) - 1) return fraction ? std::nan("") : infinity;
  const int whole = exponent ? (1 << fraction_bits) + fraction : fraction;
  return std::ldexp(whole, std::max(exponent, 1) - bias - fraction_bits);
}

template <class HalfType>
void expect_widens_to_values(int exponent_bits) {
  for (int half = 0; half < 0x8000; ++half) {
    const double value = value_of(half, exponent_bits);
    const float positive = HalfType::widen(static_cast<uint16_t>(half));
    const float negative = HalfType::widen(static_cast<uint16_t>(half | 0x8000));
    if (std::isnan(value)) {
      ASSERT_TRUE(std::isnan(positive) && std::isnan(negative)) << half;
    } else {
      ASSERT_EQ(positive, value) << half;
      ASSERT_EQ(negative, -value) << half;
      ASSERT_TRUE(std::signbit(negative)) << half;
    }
  }
}

/// Of the numbers between two neighbours the middle goes to the even one, the others to the nearer.
/// Beyond the largest lies, for this purpose, what would be next.
template <class HalfType>
void expect_rounds_to_nearest(int exponent_bits) {
  const int largest = (((1 << exponent_bits) - 1) << (15 - exponent_bits)) - 1;
  for (int half = 0; half <= largest; ++half) {
    const double low = value_of(half, exponent_bits);
    const double high = half < largest ? value_of(half + 1, exponent_bits)
                                       : 2 * low - value_of(half - 1, exponent_bits);
    const double middle = low + (high - low) / 2;
    ASSERT_EQ(HalfType::round(low), half);
    ASSERT_EQ(HalfType::round(std::nextafter(middle, 0)), half);
    ASSERT_EQ(HalfType::round(middle), half % 2 ? half + 1 : half);
    ASSERT_EQ(HalfType::round(std::nextafter(middle, infinity)), half + 1);
    ASSERT_EQ(HalfType::round(-middle), (half % 2 ? half + 1 : half) | 0x8000);
  }
}

TEST(Half, WidensEveryValueExactly) {
  expect_widens_to_values<Float16>(5);
  expect_widens_to_values<BFloat16>(8);
}

TEST(Half, RoundsToTheNearestAndTiesToEven) {
  expect_rounds_to_nearest<Float16>(5);
  expect_rounds_to_nearest<BFloat16>(8);
}

TEST(Half, RoundsWhatIsTooLargeToInfinityAndWhatIsTooSmallToZero) {
  for (const double large : {65520.0, 1e5, 1e300, infinity}) {
    EXPECT_EQ(Float16::round(large), 0x7c00);
    EXPECT_EQ(Float16::round(-large), 0xfc00);
  }
  EXPECT_EQ(Float16::round(65519.99), 0x7bff);
  EXPECT_EQ(BFloat16::round(3.4e38), 0x7f80);
  EXPECT_EQ(BFloat16::round(1e300), 0x7f80);
  for (const double small : {0.0, 1e-10, 5e-324, 1e-300}) {
    EXPECT_EQ(Float16::round(small), 0);
    EXPECT_EQ(Float16::round(-small), 0x8000);
  }
  EXPECT_EQ(BFloat16::round(-5e-324), 0x8000);
}

TEST(Half, KeepsNaN) {
  const auto low_bit = std::bit_cast<double>(0x7ff0000000000001);  // its fraction is cut off
  for (const double nan : {std::nan(""), -std::nan(""), low_bit}) {
    EXPECT_TRUE(std::isnan(Float16::widen(Float16::round(nan))));
    EXPECT_TRUE(std::isnan(BFloat16::widen(BFloat16::round(nan))));
  }
}

}  // namespace
}  // namespace rill::testing
