#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/dropout.h>

#include "tests/support/expect.h"

namespace rill::testing {

TEST(Dropout, EvaluationReturnsTheInputItself) {
  const nn::Dropout dropout(0.5);
  dropout.eval();
  const Tensor x = ones({4});
  EXPECT_EQ(dropout(x).raw_data(), x.raw_data());
}

TEST(Dropout, ZerosAndScalesInTraining) {
  manual_seed(1);
  const std::vector<double> values = nn::Dropout(0.75)(ones({400})).to_vector();
  int kept = 0;
  for (const double value : values) {
    EXPECT_TRUE(value == 0 || value == 4) << value;
    kept += value == 4;
  }
  EXPECT_NEAR(kept, 100, 5 * std::sqrt(400 * 0.75 * 0.25));
}

TEST(Dropout, ForwardAndBackwardUseTheSameMask) {
  const Tensor x = ones({100}).requires_grad_();
  const Tensor y = nn::Dropout(0.5)(x);
  y.sum().backward();
  EXPECT_EQ(x.grad().to_vector(), y.to_vector());
}

TEST(Dropout, TwoCallsDrawDifferentMasksAndASeedRepeatsThem) {
  const nn::Dropout dropout(0.5);
  manual_seed(3);
  const std::vector<double> first = dropout(ones({64})).to_vector();
  EXPECT_NE(dropout(ones({64})).to_vector(), first);
  manual_seed(3);
  EXPECT_EQ(dropout(ones({64})).to_vector(), first);
}

TEST(Dropout, MeanOverManyDrawsIsTheInput) {
  // The mean of n draws of 0 or 1/(1-p) has a standard error of √(p / (1-p) / n) = 0.0065.
  manual_seed(4);
  EXPECT_NEAR(nn::Dropout(0.3)(ones({10000})).mean().item(), 1, 5 * 0.0065);
}

TEST(Dropout, CertainDropGivesZerosWhateverTheInput) {
  const Tensor x = full({2}, std::numeric_limits<double>::quiet_NaN()).requires_grad_();
  const Tensor y = nn::Dropout(1)(x);
  expect_values(y, {0, 0});
  y.sum().backward();
  expect_values(x.grad(), {0, 0});
}

TEST(Dropout, DrawsNothingWhereNothingIsToBeDrawn) {
  const uint64_t before = default_generator().offset();
  nn::Dropout(0)(ones({8}));
  nn::Dropout(1)(ones({8}));
  const nn::Dropout evaluated(0.5);
  evaluated.eval();
  evaluated(ones({8}));
  EXPECT_EQ(default_generator().offset(), before);
}

TEST(Dropout, ProbabilityOutsideItsRangeIsRefused) {
  expect_error<ValueError>([] { nn::Dropout(1.5); }, {"Dropout", "1.5"});
  EXPECT_THROW(nn::Dropout(-0.1), ValueError);
  EXPECT_THROW(nn::Dropout(std::nan("")), ValueError);
}

}  // namespace rill::testing
