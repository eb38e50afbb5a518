#include <gtest/gtest.h>

#include <rill/core/kernels/sort.h>
#include <rill/core/kernels/triangle.h>
#include <tests/core/kernels/kernel_test.h>
#include <cmath>

namespace rill::kernels {
namespace {

using Indices = std::vector<int64_t>;

TEST(Sort, KeepsTheOrderOfTiesAndPutsNaNLast) {
  const std::vector<double> x = {3, nan, 1, 3, -inf, 1, nan, inf};
  std::vector<double> values(8);
  Indices indices(8);
  sort(1, 8, false, x.data(), values.data(), indices.data());
  EXPECT_EQ(indices, (Indices{4, 2, 5, 0, 3, 7, 1, 6}));
  EXPECT_EQ(values[0], -inf);
  EXPECT_TRUE(std::isnan(values[7]));
  sort(1, 8, true, x.data(), values.data(), indices.data());
  EXPECT_EQ(indices, (Indices{1, 6, 7, 0, 3, 2, 5, 4}));
}

TEST(Sort, SortsEachRowByItself) {
  const std::vector<int64_t> x = {3, 1, 2, 9, 8, 7};
  std::vector<int64_t> values(6);
  Indices indices(6);
  sort(2, 3, false, x.data(), values.data(), indices.data());
  EXPECT_EQ(values, (std::vector<int64_t>{1, 2, 3, 7, 8, 9}));
  EXPECT_EQ(indices, (Indices{1, 2, 0, 2, 1, 0}));
}

TEST(Topk, IsTheHeadOfTheSortedRow) {
  auto x = numbers(40 * 100, 1, 5);
  for (float& value : x) value = std::round(value);
  x[250] = static_cast<float>(nan);
  for (bool largest : {true, false}) {
    std::vector<float> sorted(x.size()), top(40 * 7);
    Indices order(x.size()), indices(40 * 7);
    sort(40, 100, largest, x.data(), sorted.data(), order.data());
    topk(40, 100, 7, largest, x.data(), top.data(), indices.data());
    for (size_t i = 0; i < top.size(); ++i) {
      ASSERT_EQ(indices[i], order[i / 7 * 100 + i % 7]);
      ASSERT_TRUE(top[i] == sorted[i / 7 * 100 + i % 7] || std::isnan(top[i]));
    }
  }
}

TEST(Triangle, ReplacesWhatItCutsOffWithZeros) {
  const auto n = static_cast<float>(nan);
  const std::vector<float> x = {1, n, n, 2, 3, n, 1, n, n, 2, 3, n};  // [2, 2, 3]
  std::vector<float> out(12);
  tril(2, 2, 3, 0, x.data(), out.data());
  EXPECT_EQ(out, (std::vector<float>{1, 0, 0, 2, 3, 0, 1, 0, 0, 2, 3, 0}));
  const std::vector<int64_t> y = {1, 2, 3, 4, 5, 6};
  std::vector<int64_t> upper(6);
  triu(1, 2, 3, 1, y.data(), upper.data());
  EXPECT_EQ(upper, (std::vector<int64_t>{0, 2, 3, 0, 0, 6}));
  triu(1, 2, 3, -5, y.data(), upper.data());
  EXPECT_EQ(upper, y);
  tril(1, 2, 3, -1, y.data(), upper.data());
  EXPECT_EQ(upper, (std::vector<int64_t>{0, 0, 0, 4, 0, 0}));
}

}  // namespace
}  // namespace rill::kernels
