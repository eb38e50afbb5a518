#include <gtest/gtest.h>

#include <rill/core/kernels/cross_entropy.h>
#include <tests/core/kernels/kernel_test.h>
#include <cmath>

namespace rill::kernels {
namespace {

template <class T>
std::vector<T> losses_of(int64_t rows, int64_t classes, const std::vector<T>& logits,
                         const std::vector<int64_t>& targets, const CrossEntropy<T>& options) {
  std::vector<T> losses(static_cast<size_t>(rows));
  std::vector<double> lse(static_cast<size_t>(rows));
  cross_entropy(rows, classes, logits.data(), targets.data(), options, losses.data(), lse.data());
  return losses;
}

template <class T>
std::vector<T> gradient_of(int64_t rows, int64_t classes, const std::vector<T>& logits,
                           const std::vector<int64_t>& targets, const CrossEntropy<T>& options,
                           const std::vector<T>& dlosses) {
  std::vector<T> losses(static_cast<size_t>(rows)), dlogits(logits.size());
  std::vector<double> lse(static_cast<size_t>(rows));
  cross_entropy(rows, classes, logits.data(), targets.data(), options, losses.data(), lse.data());
  cross_entropy_backward(rows, classes, logits.data(), targets.data(), options, lse.data(),
                         dlosses.data(), dlogits.data());
  return dlogits;
}

TEST(CrossEntropy, WithWeightsSmoothingAndAnIgnoredRowGivesPyTorchsNumbers) {
  const double weight[] = {0.5, 1, 3};
  const std::vector<double> logits = {1, 2, 0.5, 0.1, -1, 2, 0, 0, 0};
  const std::vector<int64_t> targets = {0, 2, -100};
  const CrossEntropy<double> options{.weight = weight, .label_smoothing = 0.1};
  const auto losses = losses_of(3, 3, logits, targets, options);
  expect_near(losses, std::vector<double>{0.895287937, 0.649752451, 0}, 1e-9);
  const double divisor = cross_entropy_weight(3, targets.data(), options);
  EXPECT_NEAR((losses[0] + losses[1]) / divisor, 0.441440111, 1e-9);
}

TEST(CrossEntropy, BackwardAgreesWithDifferences) {
  const double weight[] = {0.5, 1, 3, 2, 0.1};
  const auto logits = numbers<double>(20, 1, 3), dlosses = numbers<double>(4, 2);
  const std::vector<int64_t> targets = {4, 1, -1, 0};
  for (const CrossEntropy<double>& options :
       {CrossEntropy<double>{.ignore_index = -1},
        CrossEntropy<double>{.weight = weight, .ignore_index = -1, .label_smoothing = 0.2}}) {
    const auto gradient = gradient_of(4, 5, logits, targets, options, dlosses);
    for (size_t i = 0; i < logits.size(); ++i) {
      double difference = 0;
      for (double step : {1e-5, -1e-5}) {
        auto moved = logits;
        moved[i] += step;
        const auto losses = losses_of(4, 5, moved, targets, options);
        for (size_t r = 0; r < 4; ++r) difference += losses[r] * dlosses[r] / (2 * step);
      }
      ASSERT_NEAR(gradient[i], difference, 1e-9);
    }
  }
}

TEST(CrossEntropy, IsFiniteForLargeLogitsAndMinusInfinityOffTheTarget) {
  const auto low = -static_cast<float>(inf);
  const std::vector<float> logits = {1e4f, -1e4f, 0, low, 1, 2};
  const std::vector<int64_t> targets = {1, 1};
  const auto losses = losses_of<float>(2, 3, logits, targets, {});
  EXPECT_EQ(losses[0], 2e4f);
  EXPECT_NEAR(losses[1], 1.313261688, 1e-6);
  const auto gradient = gradient_of<float>(2, 3, logits, targets, {}, {1, 1});
  expect_near(gradient, std::vector<double>{1, -1, 0, 0, -0.731058579, 0.731058579}, 1e-6);
  EXPECT_EQ(losses_of<float>(2, 3, logits, targets, {.label_smoothing = 0.1})[1], -low);
}

TEST(CrossEntropy, GradientIsRightWhereLogitsAreLargeButClose) {
  const std::vector<float> logits = {10000.0f, 10001.0f, 9999.5f};
  const auto gradient = gradient_of<float>(1, 3, logits, {0}, {}, {1});
  expect_near(gradient, std::vector<double>{-0.768776209, 0.628532509, 0.140243699}, 1e-6);
}

TEST(CrossEntropy, ARowWithoutAFiniteMaximumIsNaN) {
  const auto low = -static_cast<float>(inf), n = static_cast<float>(nan);
  for (const std::vector<float>& row : {std::vector<float>{low, low}, {0, -low}, {n, 0}}) {
    EXPECT_TRUE(std::isnan(losses_of<float>(1, 2, row, {0}, {})[0]));
  }
}

TEST(CrossEntropy, AnIgnoredRowWithNaNCostsNothing) {
  const std::vector<float> logits = {static_cast<float>(nan), 1, 2, 3};
  EXPECT_EQ(losses_of<float>(2, 2, logits, {-100, 1}, {})[0], 0.0f);
  const auto gradient = gradient_of<float>(2, 2, logits, {-100, 1}, {}, {5, 1});
  EXPECT_EQ(gradient[0], 0.0f);
  EXPECT_EQ(gradient[1], 0.0f);
}

TEST(CrossEntropy, GivesTheSameBitsOnAnyNumberOfThreads) {
  const auto logits = numbers(768 * 65, 1, 4), dlosses = numbers(768, 2);
  std::vector<int64_t> targets(768);
  for (size_t i = 0; i < 768; ++i) targets[i] = static_cast<int64_t>(i * 7 % 65);
  expect_same_bits_on_any_threads([&] {
    auto all = losses_of<float>(768, 65, logits, targets, {});
    const auto gradient = gradient_of<float>(768, 65, logits, targets, {}, dlosses);
    all.insert(all.end(), gradient.begin(), gradient.end());
    return all;
  });
}

}  // namespace
}  // namespace rill::kernels
