#include <gtest/gtest.h>

#include <cmath>

#include <rill/core/ops.h>
#include <rill/nn/positions/positional_encoding.h>

#include "tests/support/expect.h"

namespace rill::testing {
namespace {

double at(const Tensor& table, int64_t position, int64_t column) {
  return table[position][column].item();
}

}  // namespace

TEST(PositionalEncoding, TableForFourColumnsIsThePapers) {
  expect_values(
      nn::sinusoidal_table(3, 4),
      {0, 1, 0, 1, .841471, .540302, .0099998, .99995, .909297, -.416147, .0199987, .9998}, 1e-6);
}

TEST(PositionalEncoding, TableForSixColumnsIsThePapers) {
  expect_values(nn::sinusoidal_table(2, 6, {.dtype = float64})[1],
                {.841470985, .540302306, .046399223, .998922976, .002154433, .999997679}, 1e-9);
}

TEST(PositionalEncoding, OddWidthDropsTheLastCosine) {
  // Exponents 0 and 2/3: 1 / 10000^(2/3) = 0.00215443.
  expect_values(nn::sinusoidal_table(2, 3, {.dtype = float64})[1],
                {.841470985, .540302306, .002154433}, 1e-9);
}

TEST(PositionalEncoding, LayoutsHoldTheWavesOfTheirReferences) {
  const auto row = [](nn::SinusoidalLayout layout, int64_t d) {
    return nn::sinusoidal_table(2, d, {.layout = layout, .dtype = float64})[1];
  };
  expect_values(row(nn::SinusoidalLayout::halves, 6),
                {.841470985, .046399223, .002154433, .540302306, .998922976, .999997679}, 1e-9);
  expect_values(row(nn::SinusoidalLayout::tensor2tensor, 6),
                {.841470985, .009999833, .0001, .540302306, .99995, .999999995}, 1e-9);
}

TEST(PositionalEncoding, LayoutsOfOddAndSmallWidths) {
  const auto row = [](nn::SinusoidalLayout layout, int64_t d) {
    return nn::sinusoidal_table(2, d, {.layout = layout, .dtype = float64})[1];
  };
  // Halves of 3: sines of exponents 0 and 2/3, the cosine of 0.
  expect_values(row(nn::SinusoidalLayout::halves, 3), {.841470985, .002154433, .540302306}, 1e-9);
  expect_values(row(nn::SinusoidalLayout::tensor2tensor, 2), {.841470985, .540302306}, 1e-9);
  expect_values(row(nn::SinusoidalLayout::tensor2tensor, 5),
                {.841470985, .0001, .540302306, .999999995, 0}, 1e-9);
  expect_values(row(nn::SinusoidalLayout::tensor2tensor, 1), {0});
}

TEST(PositionalEncoding, ShiftIsARotationOfEachPair) {
  const int64_t d = 8, shift = 17;
  const Tensor table = nn::sinusoidal_table(100, d, {.dtype = float64});
  for (int64_t pair = 0; pair < d; pair += 2) {
    const double angle =
        static_cast<double>(shift) / std::pow(10000, static_cast<double>(pair) / d);
    for (const int64_t pos : {0, 5, 82}) {
      const double sine = at(table, pos, pair), cosine = at(table, pos, pair + 1);
      EXPECT_NEAR(at(table, pos + shift, pair), sine * std::cos(angle) + cosine * std::sin(angle),
                  1e-12);
      EXPECT_NEAR(at(table, pos + shift, pair + 1),
                  cosine * std::cos(angle) - sine * std::sin(angle), 1e-12);
    }
  }
}

TEST(PositionalEncoding, SquaredLengthIsHalfTheWidth) {
  const Tensor lengths = nn::sinusoidal_table(50, 64, {.dtype = float64}).pow(2).sum({1});
  expect_values(lengths, std::vector<double>(50, 32.0), 1e-11);
}

TEST(PositionalEncoding, FloatTableIsTheDoubleOneRounded) {
  // Angles in float would be off by 1.7e-4 here.
  const Tensor exact = nn::sinusoidal_table(5000, 64, {.dtype = float64});
  const Tensor table = nn::PositionalEncoding(64).table;
  EXPECT_LE((table.to(float64) - exact).abs().max().item(), 6e-8);
}

TEST(PositionalEncoding, AddsTheRowsFromOffsetOn) {
  const nn::PositionalEncoding encoding(4, {.dropout = 0, .max_len = 3});
  const Tensor batch = zeros({2, 1, 4});
  expect_values(encoding(batch, 1),
                {.841471, .540302, .0099998, .99995, .841471, .540302, .0099998, .99995}, 1e-6);
  expect_values(encoding(zeros({1, 4})), {0, 1, 0, 1});
}

TEST(PositionalEncoding, DropoutActsOnTheSum) {
  const nn::PositionalEncoding encoding(4, {.dropout = 1});
  expect_values(encoding(ones({1, 4})), {0, 0, 0, 0});
  encoding.eval();
  expect_values(encoding(ones({1, 4})), {1, 2, 1, 2});
}

TEST(PositionalEncoding, TableIsABufferThatIsSavedOnlyWhenAsked) {
  const nn::PositionalEncoding encoding(4);
  EXPECT_TRUE(encoding.parameters().empty());
  EXPECT_FALSE(encoding.table.requires_grad());
  EXPECT_EQ(encoding.named_buffers().at(0).name, "table");
  EXPECT_TRUE(encoding.state_dict().empty());
  EXPECT_EQ(nn::PositionalEncoding(4, {.persistent = true}).state_dict().at(0).name, "table");
}

TEST(PositionalEncoding, BeyondTheTableNamesOffsetLengthAndMaxLen) {
  const nn::PositionalEncoding encoding(2, {.max_len = 8});
  expect_error<ShapeError>(
      [&] {
        encoding(zeros({1, 5, 2}), 4);
      },
      {"offset 4", "length 5", "max_len 8"});
  EXPECT_NO_THROW(encoding(zeros({1, 4, 2}), 4));
  EXPECT_THROW(encoding(zeros({1, 1, 2}), -1), ValueError);
}

TEST(PositionalEncoding, AnotherWidthIsRefused) {
  expect_error<ShapeError>(
      [] {
        nn::PositionalEncoding(4)(zeros({2, 3, 5}));
      },
      {"[batch, length, 4]", "[2, 3, 5]"});
}

}  // namespace rill::testing
