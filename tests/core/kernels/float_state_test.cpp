#include <gtest/gtest.h>

#include <rill/core/kernels/elementwise.h>
#include <rill/core/kernels/float_state.h>
#include <rill/core/kernels/parallel.h>
#include <rill/core/kernels/reduce.h>
#include <rill/core/kernels/softmax.h>
#include <atomic>

#include "tests/core/kernels/kernel_test.h"
#include "tests/support/float_state.h"

namespace rill::kernels {
namespace {

constexpr float denormal = 1e-39f;

/// op of one float that the compiler does not know.
float apply(Unary op, float x) {
  const int64_t n = 1;
  unary(op, DType::float32, 1, &n, {&x, &n}, &x);
  return x;
}
float apply(Binary op, float a, float b) {
  const int64_t n = 1;
  binary(op, DType::float32, 1, &n, {&a, &n}, {&b, &n}, &a);
  return a;
}
bool apply(Compare op, float a, float b) {
  const int64_t n = 1;
  bool out;
  compare(op, DType::float32, 1, &n, {&a, &n}, {&b, &n}, &out);
  return out;
}

#if defined(__x86_64__) || defined(__aarch64__)
TEST(FloatState, HoldsWhileItLives) {
  volatile float least = 1.2e-38f;
  const FloatState kept(Denormals::are_kept);
  {
    const FloatState flush(Denormals::are_zero);
    EXPECT_EQ(least * 0.5f, 0.0f);
    {
      const FloatState inner(Denormals::are_kept);
      EXPECT_EQ(least * 0.5f, 0.6e-38f);
    }
    EXPECT_EQ(least * 0.5f, 0.0f);
  }
  EXPECT_EQ(least * 0.5f, 0.6e-38f);
}

TEST(Denormals, AreZeroInArithmetic) {
  at_every_simd_level([] {
    EXPECT_EQ(apply(Unary::exp, -100), 0);
    EXPECT_EQ(apply(Unary::log, denormal), -inf);
    EXPECT_EQ(apply(Unary::sqrt, denormal), 0);
    EXPECT_EQ(apply(Unary::sigmoid, -95), 0);
    EXPECT_EQ(apply(Unary::silu, -95), 0);
    EXPECT_EQ(apply(Binary::add, denormal, denormal), 0);
    EXPECT_EQ(apply(Binary::mul, denormal, 1e30f), 0);
    EXPECT_EQ(apply(Binary::mul, 1e-20f, 1e-20f), 0);
    EXPECT_EQ(apply(Binary::div, 1, denormal), inf);
    EXPECT_EQ(apply(Binary::pow, denormal, 0.5f), 0);
    EXPECT_EQ(apply(Binary::pow, -denormal, -3), -inf);
    double wide = 1e-309;
    const int64_t n = 1;
    unary(Unary::log, DType::float64, 1, &n, {&wide, &n}, &wide);
    EXPECT_EQ(wide, -inf);
    const float x[] = {0, -95};
    float out[2];
    softmax<float>(1, 2, x, out);
    EXPECT_EQ(out[1], 0);
    const float terms[] = {denormal, denormal};
    sum<float>(1, 2, 1, terms, out);
    EXPECT_EQ(out[0], 0);
  });
}
#endif

TEST(Denormals, AreKeptWhereNumbersAreMovedComparedOrSelected) {
  at_every_simd_level([] {
    EXPECT_EQ(apply(Unary::neg, denormal), -denormal);
    EXPECT_EQ(apply(Unary::abs, -denormal), denormal);
    EXPECT_EQ(apply(Unary::relu, denormal), denormal);
    EXPECT_EQ(apply(Unary::sign, -denormal), -1);
    EXPECT_EQ(apply(Binary::maximum, denormal, 0), denormal);
    EXPECT_EQ(apply(Binary::minimum, 0, -denormal), -denormal);
    EXPECT_EQ(apply(Binary::relu_grad, 3, denormal), 3);
    EXPECT_EQ(apply(Binary::share, denormal, 1), denormal);
    EXPECT_TRUE(apply(Compare::ne, denormal, 0));
    EXPECT_TRUE(apply(Compare::gt, denormal, 0));
    const std::vector<float> x = {0, denormal, 2 * denormal, -denormal};
    std::vector<float> out(4);
    clamp(DType::float32, 4, 0, static_cast<double>(denormal), x.data(), out.data());
    EXPECT_EQ(out, (std::vector<float>{0, denormal, denormal, 0}));
    float largest;
    int64_t index;
    max<float>(1, 4, 1, x.data(), &largest, &index);
    EXPECT_EQ(largest, 2 * denormal);
    EXPECT_EQ(index, 2);
    const int64_t n = 4, one = 1;
    std::vector<double> wide(4);
    copy(DType::float32, DType::float64, 1, &n, {x.data(), &one}, wide.data(), &one);
    EXPECT_EQ(wide, doubles(x));
  });
}

#if defined(RILL_HAS_UNUSUAL_FLOAT_STATE)
/// 1/3 as this thread rounds it, and 0 where it is flushed.
double third_and_denormal() {
  volatile double three = 3;
  volatile float least = 1.2e-38f;
  return 1 / three + static_cast<double>(least * 0.5f);
}

TEST(FloatState, IsTheSameOnEveryThreadWhateverTheCallersIs) {
  const double nearest = third_and_denormal();
  for (int threads : {1, 2, 4}) {
    const Threads restore(threads);
    std::vector<double> found(64, 0.0);
    double reduced = 0;
    {
      const testing::UnusualFloatState unusual;
      parallel_for(Denormals::are_kept, 64, 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) found[static_cast<size_t>(i)] = third_and_denormal();
      });
      reduced = parallel_reduce(
          Denormals::are_kept, int64_t{64}, 1, 0.0,
          [](int64_t, int64_t) { return third_and_denormal(); },
          [](double a, double b) { return a < b ? b : a; });
    }
    EXPECT_EQ(found, std::vector<double>(64, nearest)) << threads;
    EXPECT_EQ(reduced, nearest);
  }
}

TEST(FloatState, OfTheCallerIsRestoredAlsoAfterAnException) {
  for (int threads : {1, 4}) {
    const Threads restore(threads);
    const testing::UnusualFloatState unusual;
    const unsigned before = _mm_getcsr();
    EXPECT_THROW(parallel_for(1000, 1, [](int64_t, int64_t) { throw std::out_of_range("here"); }),
                 std::out_of_range);
    EXPECT_EQ(_mm_getcsr(), before);
    parallel_for(1000, 1, [](int64_t, int64_t) {});
    parallel_for(1, 1, [](int64_t, int64_t) {});
    EXPECT_EQ(_mm_getcsr(), before);
  }
}
#endif

}  // namespace
}  // namespace rill::kernels
