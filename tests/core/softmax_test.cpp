#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>

#include "tests/support/expect.h"

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_values;

constexpr double inf = std::numeric_limits<double>::infinity();

TEST(Softmax, AlongAnotherDimThanTheLastEqualsPyTorch) {
  const Tensor x = tensor({{1, 2, 4}, {0, -3, 5}}, float64);
  const Tensor out = softmax(x, 0);
  EXPECT_TRUE(out.is_contiguous());
  expect_values(out,
                {0.7310585786300049, 0.9933071490757153, 0.2689414213699951, 0.2689414213699951,
                 0.006692850924284856, 0.7310585786300049},
                1e-15);
}

TEST(Softmax, OfLargeNumbersIsFinite) {
  const Tensor x = tensor({{1e4, -1e4, 0}});
  expect_values(softmax(x, -1), {1, 0, 0});
  expect_values(log_softmax(x, -1), {0, -2e4, -1e4});
}

TEST(Softmax, OfMaskedEntriesIsZeroThere) {
  expect_values(softmax(tensor({{0, -inf, 0}}), 1), {0.5, 0, 0.5});
}

TEST(Softmax, OfNothingButMinusInfinityIsNaN) {
  for (const double value : softmax(full({1, 3}, -inf), 1).to_vector())
    EXPECT_TRUE(std::isnan(value));
}

TEST(Softmax, OfAScalarIsOne) {
  EXPECT_EQ(softmax(scalar(3), -1).item(), 1);
  EXPECT_EQ(log_softmax(scalar(3), 0).item(), 0);
}

TEST(Softmax, RefusesIntegersAndDimsOutOfRange) {
  expect_error<DTypeError>([] { softmax(zeros({2}, int64), 0); }, {"softmax", "int64"});
  expect_error<DTypeError>([] { log_softmax(zeros({2}, bool_), 0); }, {"log_softmax", "bool"});
  expect_error<IndexError>([] { softmax(zeros({2, 3}), 2); }, {"2"});
  expect_error<IndexError>([] { log_softmax(zeros({2, 3}), -3); }, {"-3"});
}

TEST(Softmax, HasThirdDerivatives) {
  // y = σ(x₀ − x₁) for two entries, whose derivatives in x₀ at x₀ = x₁ are 1/4, 0 and −1/8.
  const Tensor x = zeros({2}, float64).requires_grad_();
  Tensor y = softmax(x, 0)[0];
  std::vector<double> derivatives;
  for (int order = 0; order < 3; ++order) {
    y = grad(y, x, {.create_graph = true})[0][0];
    derivatives.push_back(y.item());
  }
  EXPECT_NEAR(derivatives[0], 0.25, 1e-15);
  EXPECT_NEAR(derivatives[1], 0, 1e-15);
  EXPECT_NEAR(derivatives[2], -0.125, 1e-15);
}

}  // namespace
}  // namespace rill
