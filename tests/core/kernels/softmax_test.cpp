#include <gtest/gtest.h>

#include <rill/core/kernels/softmax.h>
#include <tests/core/kernels/kernel_test.h>
#include <algorithm>
#include <cmath>

namespace rill::kernels {
namespace {

template <class T>
std::vector<double> naive_log_softmax(int64_t rows, int64_t cols, const std::vector<T>& x) {
  std::vector<double> out = doubles(x);
  for (int64_t r = 0; r < rows; ++r) {
    double* row = out.data() + r * cols;
    const double largest = *std::max_element(row, row + cols);
    double total = 0;
    for (int64_t j = 0; j < cols; ++j) total += std::exp(row[j] - largest);
    for (int64_t j = 0; j < cols; ++j) row[j] -= largest + std::log(total);
  }
  return out;
}

template <class T>
void check(double tolerance) {
  for (int64_t cols : {1, 3, 16, 65, 1000}) {
    const int64_t rows = 20;
    const auto x = numbers<T>(rows * cols, 1, 30);
    std::vector<T> out(x.size());
    const auto logs = naive_log_softmax(rows, cols, x);
    log_softmax(rows, cols, x.data(), out.data());
    expect_near(out, logs, tolerance);
    softmax(rows, cols, x.data(), out.data());
    for (size_t i = 0; i < out.size(); ++i) {
      ASSERT_NEAR(out[i], std::exp(logs[i]), 10 * tolerance * std::exp(logs[i]) + 1e-38);
    }
  }
}

TEST(Softmax, AgreesWithTheDefinitionAtEveryInstructionSet) {
  at_every_simd_level([] {
    check<float>(4e-7);
    check<double>(1e-14);
  });
}

TEST(Softmax, OfRowsWithoutAFiniteMaximumIsNaN) {
  for (const std::vector<double>& row :
       {std::vector<double>{-inf, -inf, -inf}, {1, inf, 2}, {1, nan, 2}}) {
    std::vector<double> out(3);
    softmax(1, 3, row.data(), out.data());
    for (double value : out) EXPECT_TRUE(std::isnan(value));
    log_softmax(1, 3, row.data(), out.data());
    for (double value : out) EXPECT_TRUE(std::isnan(value));
  }
}

TEST(Softmax, TakesLargeLogitsAndMasksOfMinusInfinity) {
  std::vector<float> x = {1e4f, -1e4f, -static_cast<float>(inf)}, out(3);
  softmax(1, 3, x.data(), out.data());
  EXPECT_EQ(out, (std::vector<float>{1, 0, 0}));
  log_softmax(1, 3, x.data(), out.data());
  EXPECT_EQ(out[0], 0.0f);
  EXPECT_EQ(out[1], -2e4f);
}

TEST(Softmax, BackwardAgreesWithDifferences) {
  const int64_t rows = 3, cols = 7;
  const auto x = numbers<double>(rows * cols, 2, 3), dout = numbers<double>(rows * cols, 3);
  for (auto [forward, backward] : {std::pair{&softmax<double>, &softmax_backward<double>},
                                   {&log_softmax<double>, &log_softmax_backward<double>}}) {
    std::vector<double> out(x.size()), dx(x.size());
    forward(rows, cols, x.data(), out.data());
    backward(rows, cols, dout.data(), out.data(), dx.data());
    for (size_t i = 0; i < x.size(); ++i) {
      double difference = 0;
      for (double step : {1e-5, -1e-5}) {
        auto moved = x;
        moved[i] += step;
        forward(rows, cols, moved.data(), out.data());
        for (size_t j = 0; j < x.size(); ++j) difference += out[j] * dout[j] / (2 * step);
      }
      ASSERT_NEAR(dx[i], difference, 1e-9);
    }
  }
}

TEST(Softmax, GivesTheSameBitsOnAnyNumberOfThreads) {
  const auto x = numbers(300 * 65, 4, 5);
  expect_same_bits_on_any_threads([&] {
    std::vector<float> out(x.size());
    softmax(300, 65, x.data(), out.data());
    softmax_backward(300, 65, x.data(), out.data(), out.data());
    return out;
  });
}

}  // namespace
}  // namespace rill::kernels
