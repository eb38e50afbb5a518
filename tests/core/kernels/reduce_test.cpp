#include <gtest/gtest.h>

#include <rill/core/kernels/reduce.h>
#include <tests/core/kernels/kernel_test.h>
#include <cmath>
#include <memory>
#include <tuple>

namespace rill::kernels {
namespace {

using Sizes = std::tuple<int64_t, int64_t, int64_t>;
const std::vector<Sizes> all_sizes = {{1, 7, 1},     {3, 5, 4},     {1, 100000, 1},
                                      {700, 65, 1},  {1, 768, 384}, {2, 9000, 3},
                                      {16, 64, 130}, {4, 0, 3},     {1, 5, 0}};

TEST(Sum, OfAnyDimAgreesWithTheDefinition) {
  at_every_simd_level([] {
    for (const auto& [outer, reduced, inner] : all_sizes) {
      const auto x = numbers(outer * reduced * inner, 1);
      std::vector<float> sums(static_cast<size_t>(outer * inner));
      sum(outer, reduced, inner, x.data(), sums.data());
      for (int64_t i = 0; i < outer * inner; ++i) {
        double total = 0;
        for (int64_t r = 0; r < reduced; ++r) {
          total += x[static_cast<size_t>((i / inner * reduced + r) * inner + i % inner)];
        }
        ASSERT_NEAR(sums[static_cast<size_t>(i)], total, 1e-6 * (1 + std::fabs(total)));
      }
    }
  });
}

TEST(Sum, OfAMillionTenthsIsAHundredThousand) {
  const std::vector<float> x(1000000, 0.1f);
  float total = 0;
  sum(1, 1000000, 1, x.data(), &total);
  EXPECT_EQ(total, 100000.0f);
  std::vector<float> running(x.size());
  cumsum(1, 1000000, 1, x.data(), running.data());
  EXPECT_EQ(running.back(), 100000.0f);
  std::vector<float> pair(2);
  sum(1, 500000, 2, x.data(), pair.data());
  EXPECT_EQ(pair, (std::vector<float>{50000.0f, 50000.0f}));
}

TEST(Sum, OfIntegersAndTruthValuesIsAnInteger) {
  const std::vector<int64_t> x = {int64_t{1} << 60, 1, -3, 4, 5, 6};
  std::vector<int64_t> out(2);
  sum(2, 3, 1, x.data(), out.data());
  EXPECT_EQ(out, (std::vector<int64_t>{(int64_t{1} << 60) - 2, 15}));
  const bool truths[] = {true, false, true, true, true, true};
  sum(1, 3, 2, truths, out.data());
  EXPECT_EQ(out, (std::vector<int64_t>{3, 2}));
  int64_t running[6];
  cumsum(1, 6, 1, truths, running);
  EXPECT_EQ(running[5], 5);
}

TEST(Sum, GivesTheSameBitsOnAnyNumberOfThreads) {
  for (const auto& [outer, reduced, inner] : all_sizes) {
    const int64_t o = outer, r = reduced, n = inner;
    const auto x = numbers(o * r * n, 5);
    expect_same_bits_on_any_threads([&] {
      std::vector<float> out(static_cast<size_t>(5 * o * n));
      sum(o, r, n, x.data(), out.data());
      int64_t at = o * n;
      for (const double p : {1.0, 2.0, 3.0, HUGE_VAL}) {
        norm(o, r, n, p, x.data(), out.data() + at);
        at += o * n;
      }
      return out;
    });
  }
}

TEST(Norm, OfAnyDimAgreesWithTheDefinition) {
  at_every_simd_level([] {
    for (const auto& [outer, reduced, inner] : all_sizes)
      for (const double p : {1.0, 2.0, 2.5}) {
        const auto x = numbers(outer * reduced * inner, 1);
        std::vector<float> out(static_cast<size_t>(outer * inner));
        norm(outer, reduced, inner, p, x.data(), out.data());
        for (int64_t i = 0; i < outer * inner; ++i) {
          double total = 0;
          for (int64_t r = 0; r < reduced; ++r) {
            const auto at = static_cast<size_t>((i / inner * reduced + r) * inner + i % inner);
            total += std::pow(std::fabs(static_cast<double>(x[at])), p);
          }
          const double expected = std::pow(total, 1 / p);
          ASSERT_NEAR(out[static_cast<size_t>(i)], expected, 1e-6 * (1 + expected));
        }
      }
  });
}

TEST(Norm, TakesNaNOverAll) {
  std::vector<float> x = numbers(50000, 3);
  x[40000] = -7;
  float out = 0;
  norm(1, 50000, 1, HUGE_VAL, x.data(), &out);
  EXPECT_EQ(out, 7.0f);
  x[123] = static_cast<float>(nan);
  for (const double p : {1.0, 2.0, 3.0, HUGE_VAL}) {
    norm(1, 50000, 1, p, x.data(), &out);
    EXPECT_TRUE(std::isnan(out)) << p;
    norm(1, 0, 1, p, x.data(), &out);
    EXPECT_EQ(out, 0.0f) << p;
  }
}

TEST(Max, TakesTheFirstOfTiesAndTheFirstNaN) {
  const auto n = static_cast<float>(nan);
  const std::vector<float> x = {1, 3, 3, 2, 5, n, 7, n, -1, -1, -2, -2};
  float values[3];
  int64_t indices[3];
  max(3, 4, 1, x.data(), values, indices);
  EXPECT_EQ(values[0], 3);
  EXPECT_EQ(indices[0], 1);
  EXPECT_TRUE(std::isnan(values[1]));
  EXPECT_EQ(indices[1], 1);
  EXPECT_EQ(indices[2], 0);
  min(3, 4, 1, x.data(), values, indices);
  EXPECT_EQ(indices[0], 0);
  EXPECT_EQ(indices[1], 1);
  EXPECT_EQ(indices[2], 2);
}

TEST(Max, AlongAMiddleDimAndWithoutOneOfItsOutputs) {
  const std::vector<int64_t> x = {1, 8, 5, 2, 3, 9};  // [1, 3, 2]
  std::vector<int64_t> values(2), indices(2);
  max(1, 3, 2, x.data(), values.data(), nullptr);
  EXPECT_EQ(values, (std::vector<int64_t>{5, 9}));
  max<int64_t>(1, 3, 2, x.data(), nullptr, indices.data());
  EXPECT_EQ(indices, (std::vector<int64_t>{1, 2}));
}

TEST(Max, OfALongRowOnAnyNumberOfThreadsTakesTheFirst) {
  std::vector<float> x = numbers(100000, 4);
  x[70000] = x[30001] = x[99999] = 2;
  for (int threads : {1, 4}) {
    const Threads restore(threads);
    int64_t index = -1;
    max<float>(1, 100000, 1, x.data(), nullptr, &index);
    EXPECT_EQ(index, 30001);
  }
}

TEST(Variance, StaysRightFarFromZeroAndDividesByTheCorrectedCount) {
  const std::vector<float> x = {10000.0f, 10000.001f, 9999.999f, 10000.0f};
  double mean = 0, square = 0;
  for (float value : x) mean += static_cast<double>(value) / 4;
  for (float value : x) square += std::pow(static_cast<double>(value) - mean, 2);
  float found_mean = 0, var = 0;
  variance(1, 4, 1, 1.0, x.data(), &found_mean, &var);
  EXPECT_NEAR(var, square / 3, 1e-6 * square);
  EXPECT_EQ(found_mean, static_cast<float>(mean));
  variance<float>(1, 1, 1, 1.0, x.data(), nullptr, &var);
  EXPECT_TRUE(std::isnan(var));
}

TEST(AnyAndAll, OfNothingAreFalseAndTrue) {
  const bool x[] = {true, false, false, false, true, true};
  bool out[3];
  any(3, 2, 1, x, out);
  EXPECT_TRUE(out[0] && !out[1] && out[2]);
  all(3, 2, 1, x, out);
  EXPECT_TRUE(!out[0] && !out[1] && out[2]);
  any(1, 0, 1, x, out);
  all(1, 0, 1, x, out + 1);
  EXPECT_TRUE(!out[0] && out[1]);
}

TEST(Logsumexp, IsFiniteForLargeNumbersAndMinusInfinityForNothing) {
  const std::vector<double> x = {1e4, 1e4, -inf, -inf, inf, 1, nan, 1};
  std::vector<double> out(4);
  logsumexp(4, 2, 1, x.data(), out.data());
  EXPECT_DOUBLE_EQ(out[0], 1e4 + std::log(2.0));
  EXPECT_EQ(out[1], -inf);
  EXPECT_EQ(out[2], inf);
  EXPECT_TRUE(std::isnan(out[3]));
  logsumexp(1, 0, 1, x.data(), out.data());
  EXPECT_EQ(out[0], -inf);
}

}  // namespace
}  // namespace rill::kernels
