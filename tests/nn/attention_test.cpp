#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <type_traits>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/attention.h>

#include "tests/support/expect.h"
#include "tests/support/layer_case.h"

namespace rill::testing {
namespace {

using nn::AttendOptions;
using nn::MultiheadAttention;

constexpr double infinity = std::numeric_limits<double>::infinity();

Tensor bools(std::initializer_list<NestedList> values) { return tensor(values, bool_); }

Tensor sequence(int64_t batch, int64_t length, int64_t width) {
  Generator generator(static_cast<uint64_t>(batch * 100 + length));
  return randn({batch, length, width}, generator);
}

void expect_same(const Tensor& a, const Tensor& b, double tolerance = 1e-6) {
  EXPECT_EQ(a.shape(), b.shape());
  expect_values(a, b.to_vector(), tolerance);
}

Tensor self(const MultiheadAttention& attention, const Tensor& x, const AttendOptions& options) {
  return attention(x, x, x, options).output;
}

}  // namespace

TEST(MultiheadAttention, StartsAsPyTorchDoes) {
  manual_seed(1);
  const MultiheadAttention attention(64, 4);
  EXPECT_EQ(attention.in_proj_weight.shape(), (Shape{192, 64}));
  const double packed_bound = std::sqrt(6.0 / (4 * 64));
  EXPECT_LE(attention.in_proj_weight.abs().max().item(), packed_bound);
  EXPECT_GT(attention.in_proj_weight.abs().max().item(), 0.99 * packed_bound);
  EXPECT_LE(attention.out_proj.weight.abs().max().item(), 1.0 / 8);
  EXPECT_EQ(attention.in_proj_bias.abs().max().item(), 0);
  EXPECT_EQ(attention.out_proj.bias.abs().max().item(), 0);
}

TEST(MultiheadAttention, WidthThatHeadsDoNotDivideIsRefused) {
  expect_error<ValueError>([] { MultiheadAttention(6, 4); }, {"embed_dim 6", "num_heads 4"});
  EXPECT_THROW(MultiheadAttention(4, 0), ValueError);
  EXPECT_THROW(MultiheadAttention(4, 2, {.dropout = 2}), ValueError);
}

TEST(MultiheadAttention, TheBatchIsToldToComeFirstOrNotAtAll) {
  EXPECT_EQ(MultiheadAttention(4, 2, {.batch_first = true}).num_heads(), 2);
  expect_error<ValueError>([] { MultiheadAttention(4, 2, {.batch_first = false}); },
                           {"batch_first is false"});
  static_assert(!std::is_constructible_v<MultiheadAttention, int, int, double>);
  static_assert(!std::is_convertible_v<nn::AttentionOutput, Tensor>);
}

TEST(MultiheadAttention, PackedProjectionEqualsThreeProjections) {
  const MultiheadAttention attention(4, 2);
  const Tensor x = sequence(2, 3, 4);
  const Tensor copy = x.clone();
  expect_same(attention(x, x, x).output, attention(x, copy, x.clone()).output);
}

TEST(MultiheadAttention, PackedProjectionHasTheGradientsOfThreeProjections) {
  const MultiheadAttention attention(6, 2);
  const Tensor x = sequence(2, 5, 6).requires_grad_(),
               padding = bools({{0, 0, 1, 0, 1}, {0, 1, 0, 0, 0}});
  for (const AttendOptions& options :
       {AttendOptions{}, {.key_padding_mask = padding}, {.is_causal = true}}) {
    const auto gradients = [&](const Tensor& key, const Tensor& value) {
      const Tensor out = attention(x, key, value, options).output;
      return grad((out * out).sum(), {x, attention.in_proj_weight, attention.in_proj_bias});
    };
    const auto packed = gradients(x, x), apart = gradients(alias(x), alias(x));
    for (size_t i = 0; i < packed.size(); ++i) expect_same(packed[i], apart[i], 1e-5);
  }
}

TEST(MultiheadAttention, WeightsDoNotChangeTheOutput) {
  const MultiheadAttention attention(4, 2);
  const Tensor x = sequence(2, 3, 4);
  const Tensor padding = bools({{0, 0, 1}, {0, 0, 0}});
  for (const bool is_causal : {false, true}) {
    const AttendOptions fast{.key_padding_mask = padding, .is_causal = is_causal};
    AttendOptions stored = fast;
    stored.need_weights = true;
    expect_same(self(attention, x, fast), self(attention, x, stored));
  }
}

TEST(MultiheadAttention, CausalLooksAtNothingLater) {
  const MultiheadAttention attention(4, 2);
  const Tensor x = sequence(1, 4, 4);
  const Tensor changed = x.clone();
  changed.select(1, 3).fill_(100);
  const Tensor before = self(attention, x, {.is_causal = true});
  const Tensor after = self(attention, changed, {.is_causal = true});
  expect_same(before.narrow(1, 0, 3), after.narrow(1, 0, 3));
}

TEST(MultiheadAttention, CausalAndPaddingTogetherAreBothObeyed) {
  const MultiheadAttention attention(2, 1);
  const Tensor x = sequence(1, 3, 2);
  const Tensor weights = attention(x, x, x,
                                   AttendOptions{.key_padding_mask = bools({{1, 0, 0}}),
                                                 .need_weights = true,
                                                 .is_causal = true})
                             .weights;
  for (const auto& [query, key] : {std::pair{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 2}, {2, 0}})
    EXPECT_EQ(weights[0][query][key].item(), 0) << query << " looks at " << key;
  EXPECT_NEAR(weights[0][1][1].item(), 1, 1e-6);
}

TEST(MultiheadAttention, FloatMasksAreAddedAndMayBeMixedWithBools) {
  const MultiheadAttention attention(4, 2);
  const Tensor x = sequence(2, 2, 4);
  const Tensor banned = bools({{0, 1}, {0, 0}});
  const Tensor padding = bools({{0, 0}, {1, 0}});
  const Tensor as_floats = tensor({{0.0, -infinity}, {0.0, 0.0}});
  const Tensor expected = self(attention, x, {.key_padding_mask = padding, .attn_mask = banned});
  expect_same(self(attention, x, {.key_padding_mask = padding, .attn_mask = as_floats}), expected);
}

TEST(MultiheadAttention, FullyPaddedSequenceGivesTheOutputBiasAndZeroGradient) {
  const MultiheadAttention attention(4, 2);
  for (const bool need_weights : {false, true}) {
    const Tensor x = sequence(1, 2, 4).requires_grad_();
    const Tensor out =
        self(attention, x, {.key_padding_mask = bools({{1, 1}}), .need_weights = need_weights});
    expect_values(out, std::vector<double>(8, 0.0));  // the biases start at 0
    out.sum().backward();
    expect_values(x.grad(), std::vector<double>(8, 0.0));
  }
}

TEST(MultiheadAttention, FiniteMaskOfMinusABillionGivesThePlainMean) {
  const MultiheadAttention attention(2, 1);
  const Tensor x = sequence(1, 4, 2);
  const Tensor weights =
      attention(x, x, x, AttendOptions{.need_weights = true, .attn_mask = full({4, 4}, -1e9)})
          .weights;
  expect_values(weights, std::vector<double>(16, 0.25), 1e-6);
}

TEST(MultiheadAttention, WorksWithoutABatch) {
  const MultiheadAttention attention(4, 2);
  const Tensor x = sequence(1, 3, 4);
  const Tensor padding = bools({0, 0, 1});
  const auto alone =
      attention(x[0], x[0], x[0], AttendOptions{.key_padding_mask = padding, .need_weights = true});
  const auto batched = attention(
      x, x, x, AttendOptions{.key_padding_mask = padding.unsqueeze(0), .need_weights = true});
  expect_same(alone.output, batched.output[0]);
  expect_same(alone.weights, batched.weights[0]);
}

TEST(MultiheadAttention, DropoutActsInTrainingOnly) {
  const MultiheadAttention attention(4, 2, {.dropout = 1});
  const Tensor x = sequence(1, 3, 4);
  for (const bool need_weights : {false, true})
    expect_values(self(attention, x, {.need_weights = need_weights}), std::vector<double>(12, 0.0));
  attention.eval();
  EXPECT_GT(self(attention, x, {}).abs().max().item(), 0);
}

TEST(MultiheadAttention, MaskTogetherWithCausalLeavesWhatBothLeave) {
  const MultiheadAttention attention(4, 2);
  const Tensor x = sequence(1, 3, 4);
  const Tensor future = triu(ones({3, 3}, bool_), 1), second = tensor({{0, 1, 0}}, bool_);
  for (const bool need_weights : {false, true}) {
    const auto with = [&](const Tensor& mask, bool is_causal) {
      return self(attention, x,
                  {.need_weights = need_weights, .attn_mask = mask, .is_causal = is_causal});
    };
    expect_values(with(future, true), with(future, false).to_vector(), 1e-6);
    expect_values(with(zeros({3, 3}), true), with({}, true).to_vector(), 1e-6);
    expect_values(with(second.expand({3, 3}), true), with(future | second, false).to_vector(),
                  1e-6);
  }
}

TEST(MultiheadAttention, MasksThatDoNotFitAreRefused) {
  const MultiheadAttention attention(2, 1);
  const Tensor x = sequence(2, 3, 2);
  expect_error<ShapeError>(
      [&] {
        self(attention, x, {.key_padding_mask = zeros({2, 4}, bool_)});
      },
      {"key_padding_mask", "[2, 3]", "[2, 4]"});
  expect_error<ShapeError>(
      [&] {
        self(attention, x, {.attn_mask = zeros({3, 4}, bool_)});
      },
      {"attn_mask", "[3, 3]", "[3, 4]"});
  expect_error<DTypeError>(
      [&] {
        self(attention, x, {.attn_mask = zeros({3, 3}, int64)});
      },
      {"attn_mask", "int64"});
}

TEST(MultiheadAttention, InputsThatDoNotFitShowAllShapes) {
  const MultiheadAttention attention(4, 2, {.kdim = 3});
  expect_error<ShapeError>(
      [&] {
        attention(ones({1, 2, 4}), ones({1, 5, 3}), ones({1, 6, 4}));
      },
      {"[1, 2, 4]", "[1, 5, 3]", "[1, 6, 4]"});
  EXPECT_THROW(attention(ones({1, 2, 4}), ones({1, 5, 4}), ones({1, 5, 4})), ShapeError);
}

TEST(MultiheadAttention, TrainsItsParameters) {
  const MultiheadAttention packed(4, 2);
  const Tensor x = sequence(2, 3, 4);
  expect_trains_exactly_its_parameters(packed, packed(x, x, x).output.pow(2).sum());
  const MultiheadAttention separate(4, 2, {.kdim = 3, .vdim = 2});
  const Tensor keys = sequence(2, 5, 3), values = sequence(2, 5, 2);
  expect_trains_exactly_its_parameters(separate, separate(x, keys, values).output.pow(2).sum());
}

}  // namespace rill::testing
