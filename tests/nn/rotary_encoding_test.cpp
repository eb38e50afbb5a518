#include <gtest/gtest.h>

#include <cmath>

#include <rill/core/gradcheck.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/attention.h>
#include <rill/nn/positions/rotary_encoding.h>

#include "tests/support/expect.h"

namespace rill::testing {
namespace {

const nn::RotaryEncoding halves;
const nn::RotaryEncoding interleaved({.pairs = RotaryPairs::interleaved});

Tensor at_position(const nn::RotaryEncoding& encoding, int64_t position) {
  return encoding.rotate(tensor({{1.0, 2.0, 3.0, 4.0}}, float64), position);
}

/// Without rotate_packed.
class OneByOne final : public nn::Layer<OneByOne> {
 public:
  Tensor rotate(const Tensor& x, int64_t offset) const { return rotary(x, offset); }
};

nn::MultiheadAttention attention_with(const nn::AnyEncoding& encoding) {
  manual_seed(5);
  return nn::MultiheadAttention(8, 2, {.encoding = encoding});
}

double product(const Tensor& a, const Tensor& b) { return (a * b).sum().item(); }

}  // namespace

TEST(RotaryEncoding, TurnsHalfSplitPairsAsGptNeoX) {
  expect_values(at_position(halves, 1), {-1.984110649, 1.959900667, 2.462377902, 4.019799668},
                1e-9);
  expect_values(at_position(halves, 3), {-1.413352521, 1.879118067, -2.828857482, 4.058191135},
                1e-9);
  expect_values(at_position(halves, 100), {2.381415796, -2.285279327, 2.080590976, 3.844151193},
                1e-9);
}

TEST(RotaryEncoding, TurnsInterleavedPairsAsRoFormer) {
  expect_values(at_position(interleaved, 1), {-1.142639664, 1.922075597, 2.959850668, 4.029799502},
                1e-9);
  expect_values(at_position(interleaved, 3), {-1.272232513, -1.838864985, 2.878668100, 4.088186636},
                1e-9);
  expect_values(at_position(interleaved, 100),
                {1.875050155, 1.218272103, -1.744977022, 4.685622178}, 1e-9);
}

TEST(RotaryEncoding, DotProductDependsOnTheDistanceAlone) {
  const Tensor q = tensor({{1.0, 2.0, 3.0, 4.0}}, float64);
  const Tensor k = tensor({{0.5, -1.0, 2.0, 0.25}}, float64);
  for (const int64_t start : {0, 7, 1000}) {
    EXPECT_NEAR(product(halves.rotate(q, start + 3), halves.rotate(k, start)), -7.228961507, 1e-8);
    EXPECT_NEAR(product(interleaved.rotate(q, start + 3), interleaved.rotate(k, start)),
                7.982131589, 1e-8);
  }
}

TEST(RotaryEncoding, KeepsTheLengthOfAVector) {
  manual_seed(1);
  const Tensor x = randn({2, 3, 5, 8}, float64);
  for (const auto* encoding : {&halves, &interleaved})
    expect_values(encoding->rotate(x, 11).pow(2).sum({-1}), x.pow(2).sum({-1}).to_vector(), 1e-12);
}

TEST(RotaryEncoding, RowsStandAtFollowingPositions) {
  const Tensor x = tensor({{1.0, 2.0, 3.0, 4.0}}, float64).expand({3, 4});
  const Tensor rows = halves.rotate(x, 1);
  for (int64_t i = 0; i < 3; ++i)
    expect_values(rows[i], at_position(halves, 1 + i).to_vector(), 1e-14);
}

TEST(RotaryEncoding, PartialTurnsLetTheRestThrough) {
  const nn::RotaryEncoding part({.dim = 2});
  expect_values(at_position(part, 1), {-1.142639664, 1.922075597, 3, 4}, 1e-9);
}

TEST(RotaryEncoding, FarAnglesAreComputedInDouble) {
  const Tensor x = tensor({{1.0, 2.0, 3.0, 4.0}}, float64);
  const Tensor exact = halves.rotate(x, 1'000'003);
  expect_values(halves.rotate(x.to(float32), 1'000'003), exact.to_vector(), 1e-6);
}

TEST(RotaryEncoding, ALongSequenceOnSeveralThreadsTurnsRowByRow) {
  manual_seed(8);
  const Tensor x = randn({2, 2, 1500, 16});
  for (const nn::RotaryEncoding& encoding : {halves, interleaved}) {
    const Tensor whole = encoding.rotate(x, 7);
    for (const int64_t at : {0, 749, 750, 1499}) {
      const Tensor row = encoding.rotate(x.narrow(2, at, 1).contiguous(), 7 + at);
      EXPECT_EQ(whole.narrow(2, at, 1).to_vector(), row.to_vector()) << at;
    }
  }
}

TEST(RotaryEncoding, AttentionIsTheSamePackedOrNot) {
  const nn::MultiheadAttention packed = attention_with(halves), apart = attention_with(OneByOne());
  manual_seed(6);
  const Tensor x = randn({2, 5, 8});
  std::vector<std::vector<double>> outputs;
  for (const nn::MultiheadAttention& attention : {packed, apart}) {
    const Tensor out = attention(x, x, x, {.is_causal = true}).output;
    out.pow(3).sum().backward();
    outputs.push_back(out.to_vector());
  }
  EXPECT_EQ(outputs[0], outputs[1]);
  expect_values(packed.in_proj_weight.grad(), apart.in_proj_weight.grad().to_vector(), 1e-5);
}

TEST(RotaryEncoding, OptionsThatNothingFitsAreRefusedAtOnce) {
  expect_error<ValueError>([] { nn::RotaryEncoding({.base = -1}); }, {"base", "-1"});
  expect_error<ValueError>([] { nn::RotaryEncoding({.base = std::nan("")}); }, {"base", "nan"});
  expect_error<ValueError>([] { nn::RotaryEncoding({.dim = 3}); }, {"even", "3"});
  expect_error<ValueError>([] { nn::RotaryEncoding({.dim = -2}); }, {"even", "-2"});
}

TEST(RotaryEncoding, WrongSizesAreNamed) {
  expect_error<ShapeError>([] { rotary(zeros({2, 3})); }, {"rotary", "even", "3"});
  expect_error<ShapeError>([] { rotary(zeros({2, 4}), 0, {.dim = 6}); }, {"width 4", "6"});
  expect_error<ShapeError>([] { rotary(zeros({4})); }, {"[..., length, width]", "[4]"});
  expect_error<ValueError>([] { rotary(zeros({2, 4}), -1); }, {"offset", "-1"});
  expect_error<ValueError>([] { rotary(zeros({2, 4}), 0, {.base = 0}); }, {"base", "0"});
  expect_error<DTypeError>([] { rotary(zeros({2, 4}, int64)); }, {"int64"});
  expect_error<ShapeError>(
      [] {
        packed_rotary(zeros({2, 1, 1, 2, 4}));
      },
      {"packed_rotary", "[3, batch, heads, length, width]", "[2, 1, 1, 2, 4]"});
}

}  // namespace rill::testing
