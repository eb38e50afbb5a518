#include <gtest/gtest.h>

#include <rill/core/error.h>
#include <rill/core/kernels/gemm.h>
#include <cmath>
#include <cstdint>
#include <limits>
#include <tuple>
#include <vector>

#include "tests/core/kernels/simd_levels.h"

namespace rill::kernels {
namespace {

std::vector<float> numbers(int64_t n, uint32_t seed) {
  std::vector<float> out(static_cast<size_t>(n));
  for (float& value : out) {
    seed = seed * 1664525u + 1013904223u;
    value = static_cast<float>(seed >> 8) / 8388608.0f - 1.0f;
  }
  return out;
}

double naive(bool ta, bool tb, int64_t k, const float* a, int64_t lda, const float* b, int64_t ldb,
             int64_t i, int64_t j) {
  double sum = 0;
  for (int64_t l = 0; l < k; ++l) {
    sum += static_cast<double>(ta ? a[l * lda + i] : a[i * lda + l]) *
           static_cast<double>(tb ? b[j * ldb + l] : b[l * ldb + j]);
  }
  return sum;
}

using Shape = std::tuple<int64_t, int64_t, int64_t>;
const std::vector<Shape> shapes = {{1, 1, 1},     {3, 5, 2},      {16, 16, 16},   {1, 300, 64},
                                   {300, 1, 64},  {193, 257, 33}, {128, 128, 96}, {400, 65, 17},
                                   {4, 31, 257},  {49, 145, 40},  {50, 48, 20},   {7, 9, 600},
                                   {20, 160, 300}};

// c = 0.5 · op(a) · op(b) + 2 · c + bias, and what lies between the rows of c stays as it was.
void check_against_the_definition(const Shape& shape, bool ta, bool tb, bool with_bias) {
  const auto [m, n, k] = shape;
  const int64_t lda = (ta ? m : k) + 3, ldb = (tb ? k : n) + 1, ldc = n + 2;
  const auto a = numbers((ta ? k : m) * lda, 1), b = numbers((tb ? n : k) * ldb, 2);
  const auto before = numbers(m * ldc, 3), bias = numbers(n, 4);
  auto c = before;
  gemm<float>(ta, tb, m, n, k, 0.5f, a.data(), lda, b.data(), ldb, 2.0f, c.data(), ldc,
              with_bias ? bias.data() : nullptr);
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < ldc; ++j) {
      const auto at = static_cast<size_t>(i * ldc + j);
      double expected = before[at];
      if (j < n)
        expected = 0.5 * naive(ta, tb, k, a.data(), lda, b.data(), ldb, i, j) + 2.0 * before[at] +
                   (with_bias ? bias[static_cast<size_t>(j)] : 0);
      ASSERT_NEAR(c[at], expected, 2e-5)
          << m << " " << n << " " << k << ", transposes " << ta << tb << ", bias " << with_bias
          << ", row " << i << ", column " << j;
    }
  }
}

TEST(Gemm, AgreesWithTheDefinitionForEveryTransposeLevelAndPaddedRows) {
  const Settings restore;
  for (const SimdLevel level : levels()) {
    set_simd_level(level);
    for (const Shape& shape : shapes)
      for (int form = 0; form < 8; ++form)
        check_against_the_definition(shape, form & 1, form & 2, form & 4);
  }
}

void expect_the_same_bits_for_any_number_of_threads(const Shape& shape) {
  const auto [m, n, k] = shape;
  const auto a = numbers(m * k, 4), b = numbers(k * n, 5), bias = numbers(n, 6);
  std::vector<float> one;
  for (int threads = 1; threads <= 8; ++threads) {
    set_num_threads(threads);
    auto c = numbers(m * n, 7);
    gemm<float>(true, false, m, n, k, 0.3f, a.data(), m, b.data(), n, 0.7f, c.data(), n,
                bias.data());
    if (threads == 1) one = c;
    ASSERT_EQ(one, c) << threads << " threads, " << m << " " << n << " " << k;
  }
}

TEST(Gemm, GivesTheSameBitsForAnyNumberOfThreads) {
  const Settings restore;
  for (const SimdLevel level : levels()) {
    set_simd_level(level);
    for (const Shape& shape :
         {Shape{768, 384, 128}, Shape{512, 128, 768}, Shape{65, 128, 768}, Shape{129, 400, 50},
          Shape{1, 512, 2048}, Shape{200, 145, 300}, Shape{40, 500, 77}})
      expect_the_same_bits_for_any_number_of_threads(shape);
  }
}

// What lets each thread take any part of c. BLAS promises no such thing.
TEST(GemmTile, GivesTheSameBitsHoweverTheOutputIsCut) {
  if (best_simd_level() == SimdLevel::portable) GTEST_SKIP() << "no AVX2 here: BLAS multiplies";
  const int64_t m = 61, n = 145, k = 300;
  const auto a = numbers(m * k, 4), b = numbers(k * n, 5), bias = numbers(n, 6);
  const auto before = numbers(m * n, 7);
  std::vector<float> whole = before, part = before;
  const auto multiply = [&](int64_t row, int64_t rows, int64_t column, int64_t columns, auto& c) {
    gemm<float>(false, false, rows, columns, k, 0.3f, a.data() + row * k, k, b.data() + column, n,
                0.7f, c.data() + row * n + column, n, bias.data() + column);
  };
  multiply(0, m, 0, n, whole);
  for (const auto& [row, rows] : {std::pair{0, 7}, std::pair{7, 13}, std::pair{20, 41}})
    for (const auto& [column, columns] : {std::pair{0, 48}, std::pair{48, 50}, std::pair{98, 47}})
      multiply(row, rows, column, columns, part);
  EXPECT_EQ(part, whole);
}

TEST(Gemm, NeverReadsTheOutputWhereBetaIsZero) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (int64_t size : {2, 43, 300}) {
    const auto a = numbers(size * size, 6);
    std::vector<float> c(static_cast<size_t>(size * size), nan);
    gemm<float>(false, false, size, size, size, 1, a.data(), size, a.data(), size, 0, c.data(),
                size);
    for (float value : c) ASSERT_FALSE(std::isnan(value));
  }
}

TEST(Gemm, OfAnEmptySumScalesTheOutput) {
  std::vector<float> c = {1, 2, 3, 4};
  gemm<float>(false, false, 2, 2, 0, 1, nullptr, 0, nullptr, 2, 3, c.data(), 2);
  EXPECT_EQ(c, (std::vector<float>{3, 6, 9, 12}));
  gemm<float>(false, false, 2, 2, 0, 1, nullptr, 0, nullptr, 2, 0, c.data(), 2);
  EXPECT_EQ(c, (std::vector<float>{0, 0, 0, 0}));
  const std::vector<float> bias = {5, 6};
  gemm<float>(false, false, 2, 2, 0, 1, nullptr, 0, nullptr, 2, 0, c.data(), 2, bias.data());
  EXPECT_EQ(c, (std::vector<float>{5, 6, 5, 6}));
}

TEST(Gemm, LetsNanAndInfinityThrough) {
  const float inf = std::numeric_limits<float>::infinity();
  for (int64_t size : {2, 43, 64}) {
    std::vector<float> a(static_cast<size_t>(size * size), 0), b = a, c = a;
    b[1] = inf;  // 0 · inf in every row
    gemm<float>(false, false, size, size, size, 1, a.data(), size, b.data(), size, 0, c.data(),
                size);
    EXPECT_TRUE(std::isnan(c[1]));
    EXPECT_EQ(c[0], 0);
  }
}

TEST(Gemm, RefusesSizesThatBlasCannotCount) {
  float x = 0;
  const int64_t huge = int64_t{1} << 31;
  EXPECT_THROW(gemm<float>(false, false, huge, 1, 1, 1, &x, 1, &x, 1, 0, &x, 1), ValueError);
  EXPECT_THROW(gemm<float>(false, false, 1, huge, 1, 1, &x, 1, &x, huge, 0, &x, huge), ValueError);
  EXPECT_THROW(gemm<float>(false, false, 1, 1, huge, 1, &x, huge, &x, 1, 0, &x, 1), ValueError);
}

TEST(Gemm, RefusesRowsThatOverlap) {
  const std::vector<float> a(4, 1.0f);
  std::vector<float> c(4);
  EXPECT_THROW(gemm<float>(false, false, 2, 2, 2, 1, a.data(), 0, a.data(), 2, 0, c.data(), 2),
               ValueError);
}

TEST(GemmBatched, AgreesWithOneProductAtATime) {
  const int64_t batch = 5, m = 40, n = 24, k = 32;
  const auto a = numbers(batch * m * k, 7), b = numbers(k * n, 8);
  std::vector<float> expected(static_cast<size_t>(batch * m * n)), c = expected, offset = expected;
  std::vector<int64_t> offsets_a, offsets_b(batch, 0);
  for (int64_t i = 0; i < batch; ++i) {
    gemm<float>(false, false, m, n, k, 1, a.data() + i * m * k, k, b.data(), n, 0,
                expected.data() + i * m * n, n);
    offsets_a.push_back(i * m * k);
  }
  gemm_batched<float>(batch, false, false, m, n, k, 1, a.data(), k, m * k, b.data(), n, 0, 0,
                      c.data(), n, m * n);
  gemm_batched<float>(batch, false, false, m, n, k, 1, a.data(), k, offsets_a.data(), b.data(), n,
                      offsets_b.data(), 0, offset.data(), n, m * n);
  for (size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(c[i], expected[i], 1e-5);
  EXPECT_EQ(c, offset);
}

TEST(GemmBatched, GivesTheSameBitsForAnyNumberOfThreads) {
  const int64_t batch = 48, m = 64, n = 32, k = 64;
  const auto a = numbers(batch * m * k, 9), b = numbers(batch * n * k, 10);
  std::vector<float> one(static_cast<size_t>(batch * m * n)), many = one;
  const Settings restore;
  for (int threads = 1; threads <= 8; ++threads) {
    set_num_threads(threads);
    auto& out = threads == 1 ? one : many;
    gemm_batched<float>(batch, false, true, m, n, k, 1, a.data(), k, m * k, b.data(), k, n * k, 0,
                        out.data(), n, m * n);
    if (threads > 1) {
      ASSERT_EQ(one, many) << threads << " threads";
    }
  }
}

}  // namespace
}  // namespace rill::kernels
