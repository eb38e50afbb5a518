#include <gtest/gtest.h>

#include <rill/core/random.h>
#include <rill/nn/positions/learned_positional_encoding.h>

#include "tests/support/expect.h"

namespace rill::testing {

TEST(LearnedPositionalEncoding, StartsNormalWithTheSpreadOfGpt) {
  manual_seed(1);
  const nn::LearnedPositionalEncoding encoding(50, {.max_len = 200});
  EXPECT_NEAR(encoding.weight.var({0, 1}).item(), 0.0004, 0.00004);
}

TEST(LearnedPositionalEncoding, GradientSumsOverTheBatchAndIsZeroBeyondTheSequence) {
  const nn::LearnedPositionalEncoding encoding(2, {.dropout = 0, .max_len = 4});
  encoding(zeros({3, 2, 2}), 1).sum().backward();
  expect_values(encoding.weight.grad(), {0, 0, 3, 3, 3, 3, 0, 0});
}

TEST(LearnedPositionalEncoding, TooLongNamesBothLengthsAndNeverWrapsAround) {
  const nn::LearnedPositionalEncoding encoding(2, {.max_len = 4});
  expect_error<ShapeError>([&] { encoding(zeros({1, 5, 2})); }, {"length 5", "max_len 4"});
  expect_error<ShapeError>([&] { encoding(zeros({1, 2, 2}), 3); }, {"offset 3", "max_len 4"});
}

TEST(LearnedPositionalEncoding, IsSavedAndTrained) {
  const nn::LearnedPositionalEncoding encoding(2, {.max_len = 4});
  EXPECT_EQ(encoding.state_dict().at(0).name, "weight");
  EXPECT_EQ(encoding.parameter_count(), 8);
}

}  // namespace rill::testing
