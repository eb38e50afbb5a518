#include <rill/core/kernels/statistics.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "tests/core/kernels/simd_levels.h"

namespace rill::kernels {
namespace {

template <class T>
class StatisticsOf : public ::testing::Test {};
using Floating = ::testing::Types<float, double>;
TYPED_TEST_SUITE(StatisticsOf, Floating);

/// Runs `check` with every instruction set.
template <class Check>
void at_every_level(Check check) {
  const Settings restore;
  for (const SimdLevel level : levels()) {
    SCOPED_TRACE(static_cast<int>(level));
    set_simd_level(level);
    check();
  }
}

TYPED_TEST(StatisticsOf, ManyElementsAreThoseOfASimpleLoop) {
  std::vector<TypeParam> x(100'003);  // several threads, blocks, and a rest
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<TypeParam>(std::sin(0.37 * i) - 0.25);
  x[77] = 0, x[50'000] = 0, x[99'999] = 9, x[3] = -8;
  double sum = 0, squares = 0;
  for (const TypeParam value : x) sum += value, squares += double(value) * value;
  at_every_level([&] {
    const Statistics found = statistics(x.data(), static_cast<int64_t>(x.size()));
    EXPECT_NEAR(found.sum, sum, 1e-6 * squares);
    EXPECT_NEAR(found.squares, squares, 1e-6 * squares);
    EXPECT_EQ(found.min, -8);
    EXPECT_EQ(found.max, 9);
    EXPECT_EQ(found.zeros, 2);
    EXPECT_EQ(found.finite, 100'003);
  });
}

TYPED_TEST(StatisticsOf, WhatIsNotFiniteIsCountedAndLeftOut) {
  constexpr TypeParam inf = std::numeric_limits<TypeParam>::infinity();
  const TypeParam nan = std::numeric_limits<TypeParam>::quiet_NaN();
  const std::vector<TypeParam> x = {
      1, nan, -inf, 3, inf, 0, std::numeric_limits<TypeParam>::denorm_min()};
  at_every_level([&] {
    const Statistics found = statistics(x.data(), 7);
    EXPECT_EQ(found.finite, 4);
    EXPECT_EQ(found.sum, 4);
    EXPECT_EQ(found.squares, 10);
    EXPECT_EQ(found.min, 0);
    EXPECT_EQ(found.max, 3);
    EXPECT_EQ(found.zeros, 1);  // a small number is none
  });
}

TYPED_TEST(StatisticsOf, NothingHasNoBounds) {
  at_every_level([&] {
    const Statistics found = statistics<TypeParam>(nullptr, 0);
    EXPECT_EQ(found.finite, 0);
    EXPECT_TRUE(std::isinf(found.min) && std::isinf(found.max));
  });
}

TEST(Statistics, SquaresBeyondFloatAreSummedInDouble) {
  const std::vector<float> x = {1e30f, -2e30f};
  at_every_level([&] { EXPECT_NEAR(statistics(x.data(), 2).squares, 5e60, 1e54); });
}

}  // namespace
}  // namespace rill::kernels
