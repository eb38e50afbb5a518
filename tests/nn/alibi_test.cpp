#include <gtest/gtest.h>

#include <rill/core/ops.h>
#include <rill/nn/positions/alibi.h>

#include "tests/support/expect.h"

namespace rill::testing {

TEST(ALiBi, SlopesAreThePapers) {
  const auto expect_slopes = [](int64_t heads, const std::vector<double>& expected) {
    const Tensor slopes = nn::alibi_slopes(heads, float64);
    EXPECT_EQ(slopes.shape(), Shape({heads}));
    expect_values(slopes, expected, 1e-10);
  };
  expect_slopes(1, {1.0 / 256});
  expect_slopes(4, {.25, .0625, .015625, .00390625});
  expect_slopes(6, {.25, .0625, .015625, .00390625, .5, .125});
  expect_slopes(8, {.5, .25, .125, .0625, .03125, .015625, .0078125, .00390625});
  expect_slopes(12, {.5, .25, .125, .0625, .03125, .015625, .0078125, .00390625, .7071067812,
                     .3535533906, .1767766953, .0883883476});
}

TEST(ALiBi, ScoresFallWithTheDistance) {
  const nn::ALiBi alibi(2);  // slopes 1/16, 1/256
  const Tensor bias = alibi.bias(3, 3) * 256.0;
  EXPECT_EQ(bias.shape(), (Shape{2, 3, 3}));
  expect_values(bias, {0, -16, -32, -16, 0, -16, -32, -16, 0, 0, -1, -2, -1, 0, -1, -2, -1, 0});
}

TEST(ALiBi, QueriesAreTheLastOfTheKeys) {
  const nn::ALiBi alibi(1);
  expect_values(alibi.bias(1, 4) * 256.0, {-3, -2, -1, 0});
  EXPECT_EQ(alibi.bias(0, 2).shape(), (Shape{1, 0, 2}));
}

TEST(ALiBi, HasNothingToTrainOrSave) {
  const nn::ALiBi alibi(4);
  EXPECT_TRUE(alibi.parameters().empty());
  EXPECT_TRUE(alibi.state_dict().empty());
}

TEST(ALiBi, WrongSizesAreNamed) {
  expect_error<ValueError>([] { nn::ALiBi(0); }, {"num_heads", "0"});
  expect_error<ShapeError>([] { nn::ALiBi(1).bias(3, 2); }, {"3 queries", "2 keys"});
}

}  // namespace rill::testing
