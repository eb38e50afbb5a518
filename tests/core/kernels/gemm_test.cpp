#include <gtest/gtest.h>

#include <rill/core/error.h>
#include <rill/core/kernels/gemm.h>
#include <rill/core/kernels/plain_gemm.h>
#include <cmath>
#include <cstdint>
#include <limits>
#include <tuple>
#include <vector>

#include "tests/core/kernels/products.h"
#include "tests/core/kernels/simd_levels.h"

namespace rill::kernels {
namespace {

const std::vector<Shape> shapes = {
    {1, 1, 1},       {3, 5, 2},     {16, 16, 16}, {1, 300, 64},  {300, 1, 64}, {193, 257, 33},
    {128, 128, 96},  {400, 65, 17}, {4, 31, 257}, {49, 145, 40}, {50, 48, 20}, {7, 9, 600},
    {20, 160, 300},  {4, 4, 4},     {4, 4, 5},    {65, 1, 1},    {1, 1, 65},   {3, 200, 0},
    {37, 1100, 270}, {2, 150, 270}, {3, 70, 31},  {1, 9, 300},   {90, 2, 40},  {70, 3, 300},
    {60, 4, 9},      {33, 5, 20},   {50, 7, 270}, {64, 6, 1}};

// What lies between the rows of c stays as it was.
template <class T>
void check_against_plain_loops(const Shape& shape, int form, double tolerance) {
  const bool trans_a = form & 1, trans_b = form & 2, with_bias = form & 4;
  const Case<T> fast(shape, trans_a, trans_b, with_bias);
  const Case<double> plain(shape, trans_a, trans_b, with_bias);
  multiply(fast.product);
  plain_gemm(plain.product);
  for (size_t i = 0; i < plain.c.size(); ++i)
    if (!(std::abs(fast.c[i] - plain.c[i]) <= tolerance))
      FAIL() << fast.c[i] << " and not " << plain.c[i] << " at " << i << " of " << fast.product.m
             << " " << fast.product.n << " " << fast.product.k << ", transposes " << trans_a
             << trans_b << ", bias " << with_bias;
}

TEST(Gemm, AgreesWithPlainLoopsForEveryTransposeLevelAndPaddedRows) {
  const Settings restore;
  for (const Shape& shape : shapes)
    for (int form = 0; form < 8; ++form) {
      check_against_plain_loops<double>(shape, form, 1e-12);
      for (const SimdLevel level : levels()) {
        set_simd_level(level);
        check_against_plain_loops<float>(shape, form, 2e-5);
      }
    }
}

// By hand: [1 2 3; 4 5 6] · [7 8; 9 10; 11 12].
TEST(PlainGemm, IsTheProductAsOnPaper) {
  const std::vector<double> a = {1, 2, 3, 4, 5, 6}, a_transposed = {1, 4, 2, 5, 3, 6};
  const std::vector<double> b = {7, 8, 9, 10, 11, 12}, b_transposed = {7, 9, 11, 8, 10, 12};
  for (const bool trans_a : {false, true})
    for (const bool trans_b : {false, true}) {
      std::vector<double> c(4, std::nan(""));  // beta 0: not read
      plain_gemm<double>({trans_a, trans_b, 2, 2, 3, 1, (trans_a ? a_transposed : a).data(),
                          trans_a ? 2 : 3, (trans_b ? b_transposed : b).data(), trans_b ? 3 : 2, 0,
                          c.data(), 2, nullptr});
      EXPECT_EQ(c, (std::vector<double>{58, 64, 139, 154})) << trans_a << trans_b;
    }
}

TEST(PlainGemm, ScalesAddsAndLeavesWhatLiesBetweenRows) {
  const std::vector<float> a = {1, 2, 99, 3, 4, 99}, b = {5, 99, 99, 99, 6}, bias = {1000};
  std::vector<float> c = {1, -1, 2, -2};
  plain_gemm<float>(
      {false, false, 2, 1, 2, 10, a.data(), 3, b.data(), 4, 3, c.data(), 2, bias.data()});
  EXPECT_EQ(c, (std::vector<float>{1173, -1, 1396, -2}));
}

// BLAS would round otherwise: it multiplies and adds in one step, several sums at a time.
TEST(PlainGemm, MakesTheSmallestProducts) {
  for (const Shape& shape :
       {Shape{1, 1, 64}, Shape{2, 1, 2}, Shape{1, 2, 32}, Shape{4, 4, 4}, Shape{3, 1, 21}}) {
    const Case<double> fast(shape, false, true, false), plain(shape, false, true, false);
    multiply(fast.product);
    plain_gemm(plain.product);
    EXPECT_EQ(fast.c, plain.c);
  }
}

void expect_the_same_bits_for_any_number_of_threads(const Shape& shape, bool trans_a,
                                                    bool trans_b) {
  Case<float> each(shape, trans_a, trans_b, true);
  const std::vector<float> before = each.c;
  std::vector<float> one;
  for (int threads = 1; threads <= 8; ++threads) {
    set_num_threads(threads);
    each.c = before;
    multiply(each.product);
    if (threads == 1) one = each.c;
    const auto [m, n, k] = shape;
    ASSERT_EQ(one, each.c) << threads << " threads, " << m << " " << n << " " << k << " " << trans_a
                           << trans_b;
  }
}

TEST(Gemm, GivesTheSameBitsForAnyNumberOfThreads) {
  const Settings restore;
  for (const SimdLevel level : levels()) {
    set_simd_level(level);
    for (const Shape& shape :
         {Shape{768, 384, 128}, Shape{512, 128, 768}, Shape{65, 128, 768}, Shape{129, 400, 50},
          Shape{1, 512, 2048}, Shape{3, 700, 300}, Shape{2000, 2, 300}, Shape{3000, 6, 90},
          Shape{200, 145, 300}, Shape{40, 500, 77}})
      for (int form = 0; form < 4; ++form)
        expect_the_same_bits_for_any_number_of_threads(shape, form & 1, form & 2);
  }
}

void expect_the_same_bits_of_a_tile_cut() {
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

// One after another, 100,000 times 0.1 are 9998.56.
void check_a_long_sum(int64_t m, int64_t n, bool trans_b) {
  const int64_t k = 100000;
  const std::vector<float> a(static_cast<size_t>(m * k), 0.1f), b(static_cast<size_t>(k * n), 1);
  std::vector<float> c(static_cast<size_t>(m * n));
  gemm<float>(false, trans_b, m, n, k, 1, a.data(), k, b.data(), trans_b ? k : n, 0, c.data(), n);
  for (const float sum : c)
    ASSERT_NEAR(sum, 10000, 0.1) << m << " x " << n << ", transposed " << trans_b;
}

TEST(Gemm, LosesNoDigitsOfALongSum) {
  const Settings restore;
  for (const SimdLevel level : levels()) {
    set_simd_level(level);
    for (const bool trans_b : {false, true})
      for (const int64_t m : {1, 4, 5})
        for (const int64_t n : {1, 5, 70}) check_a_long_sum(m, n, trans_b);
  }
}

// What lets each thread take any part of c. BLAS promises no such thing.
TEST(GemmTile, GivesTheSameBitsHoweverTheOutputIsCut) {
  const Settings restore;
  for (const SimdLevel level : levels_with_kernels()) {
    set_simd_level(level);
    expect_the_same_bits_of_a_tile_cut();
  }
}

// Of op(b) [300, 600]: all of it, the parts that end within a vector, within a panel and within a
// block of the sum, and products that do without packing.
template <class T>
void expect_the_same_from_a_shared_operand(bool trans_a, bool trans_b) {
  const int64_t rows = 300, columns = 600, ldb = (trans_b ? rows : columns) + 3;
  const auto b = Case<T>::filled((trans_b ? columns : rows) * ldb, 5);
  const SharedOperand<T> shared(trans_b, rows, columns, b.data(), ldb, true);
  for (const auto& [m, n, k] :
       {Shape{31, 600, 300}, Shape{61, 77, 300}, Shape{61, 64, 256}, Shape{7, 20, 257},
        Shape{32, 44, 64}, Shape{6, 8, 1}, Shape{4, 77, 300}, Shape{20, 7, 300}, Shape{20, 3, 300},
        Shape{9, 9, 0}, Shape{0, 9, 9}}) {
    const int64_t lda = (trans_a ? m : k) + 1;
    const auto a = Case<T>::filled((trans_a ? k : m) * lda, 4);
    const auto before = Case<T>::filled(m * n, 7);
    auto c = before, c_of_shared = before, threaded = before;
    gemm_on_this_thread<T>(trans_a, trans_b, m, n, k, T(0.3), a.data(), lda, b.data(), ldb, T(0.7),
                           c.data(), n);
    gemm_on_this_thread<T>(trans_a, m, n, k, T(0.3), a.data(), lda, shared, T(0.7),
                           c_of_shared.data(), n);
    EXPECT_EQ(c_of_shared, c) << m << " " << n << " " << k << " " << trans_a << trans_b;
    c = before;
    gemm<T>(trans_a, trans_b, m, n, k, T(0.3), a.data(), lda, b.data(), ldb, T(0.7), c.data(), n);
    gemm<T>(trans_a, m, n, k, T(0.3), a.data(), lda, shared, T(0.7), threaded.data(), n);
    EXPECT_EQ(threaded, c) << m << " " << n << " " << k << " " << trans_a << trans_b;
  }
}

TEST(SharedOperand, GivesTheBitsOfTheProductByItself) {
  const Settings restore;
  for (const SimdLevel level : levels()) {
    set_simd_level(level);
    for (int form = 0; form < 4; ++form) {
      expect_the_same_from_a_shared_operand<float>(form & 1, form & 2);
      expect_the_same_from_a_shared_operand<double>(form & 1, form & 2);
    }
  }
}

template <class T>
void expect_no_nan_of_the_output(const Shape& shape) {
  const auto [m, n, k] = shape;
  const auto a = Case<T>::filled(m * k, 6), b = Case<T>::filled(k * n, 7);
  std::vector<T> c(static_cast<size_t>(m * n), std::numeric_limits<T>::quiet_NaN());
  gemm<T>(false, false, m, n, k, 1, a.data(), k, b.data(), n, 0, c.data(), n);
  for (T value : c) ASSERT_FALSE(std::isnan(value)) << m << " " << n << " " << k;
}

TEST(Gemm, NeverReadsTheOutputWhereBetaIsZero) {
  const Settings restore;
  for (const SimdLevel level : levels()) {
    set_simd_level(level);
    for (const Shape& shape : shapes) {
      expect_no_nan_of_the_output<float>(shape);
      expect_no_nan_of_the_output<double>(shape);
    }
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

// With them a product can take 170 times as long.
TEST(Gemm, TakesDenormalNumbersForZero) {
  const Settings restore;
  for (const SimdLevel level : levels()) {
    set_simd_level(level);
    for (const auto& [m, n, k] : {Shape{1, 1, 2}, Shape{3, 40, 5}, Shape{20, 30, 7},
                                  Shape{70, 2, 7}, Shape{400, 400, 20}}) {
      const std::vector<float> a(static_cast<size_t>(m * k), 1e-39f);
      const std::vector<float> b(static_cast<size_t>(k * n), 1e30f);
      std::vector<float> c(static_cast<size_t>(m * n), 1);
      gemm<float>(false, false, m, n, k, 1, a.data(), k, b.data(), n, 0, c.data(), n);
      EXPECT_EQ(c, std::vector<float>(c.size(), 0)) << m << " " << n << " " << k;
    }
  }
}

TEST(Gemm, LetsNanAndInfinityThrough) {
  const Settings restore;
  for (const SimdLevel level : levels()) {
    set_simd_level(level);
    for (const auto& [m, n, k] : {Shape{2, 2, 2}, Shape{1, 43, 43}, Shape{43, 43, 43},
                                  Shape{43, 2, 43}, Shape{64, 64, 64}, Shape{1, 64, 64}}) {
      const std::vector<float> a(static_cast<size_t>(m * k), 0);
      std::vector<float> b(static_cast<size_t>(k * n), 0), c(static_cast<size_t>(m * n), 1);
      b[1] = std::numeric_limits<float>::infinity();  // 0 · inf in every row
      gemm<float>(false, false, m, n, k, 1, a.data(), k, b.data(), n, 0, c.data(), n);
      EXPECT_TRUE(std::isnan(c[1])) << m << " " << n << " " << k;
      EXPECT_EQ(c[0], 0) << m << " " << n << " " << k;
    }
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

void check_batches_against_one_at_a_time(int64_t m, int64_t n) {
  const int64_t batch = 5, k = 32;
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

TEST(GemmBatched, AgreesWithOneProductAtATime) {
  for (const int64_t m : {1, 3, 40})
    for (const int64_t n : {2, 6, 24}) check_batches_against_one_at_a_time(m, n);
}

TEST(GemmBatched, OfOneProductBeginsAtItsOffsets) {
  const std::vector<float> a = {9, 9, 2, 3}, b = {9, 5, 7};  // [2 3] · [5; 7]
  const int64_t offset_a = 2, offset_b = 1;
  float c = 0;
  gemm_batched<float>(1, false, false, 1, 1, 2, 1, a.data(), 2, &offset_a, b.data(), 1, &offset_b,
                      0, &c, 1, 1);
  EXPECT_EQ(c, 31);
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
