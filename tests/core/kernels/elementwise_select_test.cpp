#include <gtest/gtest.h>

#include <rill/core/kernels/elementwise.h>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "tests/core/kernels/kernel_test.h"
#include "tests/core/kernels/simd_levels.h"

// Comparing, choosing and clamping; adding in place; filling.

namespace rill::kernels {
namespace {

TEST(Compare, IsFalseWithNanButForNotEqual) {
  const Settings restore;
  const std::vector<float> a = {1, 2, 3, nan}, b = {2, 2, 2, nan};
  const int64_t n = 4, one = 1;
  const bool expected[6][4] = {{0, 1, 0, 0}, {1, 0, 1, 1}, {1, 0, 0, 0},
                               {1, 1, 0, 0}, {0, 0, 1, 0}, {0, 1, 1, 0}};
  for (SimdLevel level : levels()) {
    set_simd_level(level);
    for (int op = 0; op < 6; ++op) {
      bool out[4];
      compare(static_cast<Compare>(op), DType::float32, 1, &n, {a.data(), &one}, {b.data(), &one},
              out);
      for (int i = 0; i < 4; ++i) EXPECT_EQ(out[i], expected[op][i]) << op << " " << i;
    }
  }
}

TEST(Logical, CombinesBools) {
  const bool a[] = {false, false, true, true}, b[] = {false, true, false, true};
  const bool expected[3][4] = {{0, 0, 0, 1}, {0, 1, 1, 1}, {0, 1, 1, 0}};
  const int64_t n = 4, one = 1;
  for (int op = 0; op < 3; ++op) {
    bool out[4];
    logical(static_cast<Logical>(op), 1, &n, {a, &one}, {b, &one}, out);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(out[i], expected[op][i]);
  }
}

TEST(Where, TakesFromBroadcastInputs) {
  const Settings restore;
  const int64_t sizes[] = {3, 600}, row[] = {1, 0}, full[] = {600, 1}, none[] = {0, 0};
  const bool condition[] = {true, false, true};
  std::vector<float> a(1800), out(1800);
  for (size_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>(i);
  const float b = -1;
  for (SimdLevel level : levels()) {
    set_simd_level(level);
    where(DType::float32, 2, sizes, {condition, row}, {a.data(), full}, {&b, none}, out.data());
    for (size_t i = 0; i < out.size(); ++i) {
      ASSERT_EQ(out[i], condition[i / 600] ? static_cast<float>(i) : -1.0f);
    }
  }
}

TEST(Clamp, KeepsNanAndLetsTheUpperBoundWin) {
  const Settings restore;
  const std::vector<float> x = {-5, 0, 5, NAN, HUGE_VALF, -HUGE_VALF, 1, -1}, ones(8, 1.0f);
  std::vector<float> out(8);
  for (SimdLevel level : levels()) {
    set_simd_level(level);
    clamp(DType::float32, 8, -1, 1, x.data(), out.data());
    EXPECT_TRUE(std::isnan(out[3]));
    out[3] = 0;
    EXPECT_EQ(out, (std::vector<float>{-1, 0, 1, 0, 1, -1, 1, -1}));
    clamp(DType::float32, 3, 2, 1, x.data(), out.data());
    EXPECT_EQ(out[0], 1);
    clamp_grad(DType::float32, 8, -1, 1, ones.data(), x.data(), out.data());
    EXPECT_EQ(out, (std::vector<float>{0, 1, 0, 0, 0, 0, 1, 1}));
  }
  const int64_t whole[] = {-5, 0, 5};
  int64_t clamped[3];
  clamp(3, -1, int64_t{1} << 62, whole, clamped);
  EXPECT_EQ(clamped[0], -1);
  EXPECT_EQ(clamped[2], 5);
}

TEST(Clamp, OfManyElementsIsTheSameOnAnyThreads) {
  const std::vector<float> x = numbers(100'000, 1), dout = numbers(100'000, 2);
  const auto run = [&](auto kernel) {
    expect_same_bits_on_any_threads([&] {
      std::vector<float> out(x.size(), 9.0f);
      kernel(out);
      return out;
    });
  };
  run([&](std::vector<float>& out) {
    clamp(DType::float32, 100'000, -0.5, 0.5, x.data(), out.data());
    EXPECT_EQ(out.back(), std::clamp(x.back(), -0.5f, 0.5f));
  });
  run([&](std::vector<float>& out) {
    clamp_grad(DType::float32, 100'000, -0.5, 0.5, dout.data(), x.data(), out.data());
    EXPECT_EQ(out.back(), std::abs(x.back()) <= 0.5f ? dout.back() : 0);
  });
  expect_same_bits_on_any_threads([&] {
    std::vector<int64_t> whole(100'000, 3), out(100'000);
    clamp(100'000, -2, 2, whole.data(), out.data());
    EXPECT_EQ(out.back(), 2);
    return out;
  });
}

TEST(Axpy, OfManyElementsIsTheSameOnAnyThreads) {
  const std::vector<float> x = numbers(100'000, 1);
  expect_same_bits_on_any_threads([&] {
    std::vector<float> y(x.size(), 1.0f);
    axpy(DType::float32, 100'000, 2, x.data(), y.data());
    EXPECT_EQ(y.back(), 1 + 2 * x.back());
    return y;
  });
}

TEST(Axpy, AddsInPlace) {
  std::vector<double> x = {1, 2, 3}, y = {10, 20, 30};
  axpy(DType::float64, 3, -2, x.data(), y.data());
  EXPECT_EQ(y, (std::vector<double>{8, 16, 24}));
}

TEST(Fill, WritesEveryElement) {
  std::vector<int64_t> out(40000);
  const int64_t value = 7;
  fill(DType::int64, 40000, &value, out.data());
  for (int64_t v : out) ASSERT_EQ(v, 7);
}

}  // namespace
}  // namespace rill::kernels
