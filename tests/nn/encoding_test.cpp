#include <gtest/gtest.h>

#include <algorithm>

#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/attention.h>
#include <rill/nn/decoder.h>
#include <rill/nn/layer.h>
#include <rill/nn/positions/alibi.h>
#include <rill/nn/positions/position.h>
#include <rill/nn/positions/rotary_encoding.h>
#include <rill/nn/transformer.h>

#include "tests/support/expect.h"

namespace rill::testing {
namespace {

/// Adds `step` times the position to the first component.
class Ramp final : public nn::Layer<Ramp> {
 public:
  explicit Ramp(double step) : step(register_parameter("step", tensor({step}))) {}
  Tensor forward(const Tensor& x, int64_t offset) const {
    const Tensor places = arange(offset, offset + x.size(-2), 1, x.dtype()).unsqueeze(-1);
    const Tensor first = eq(arange(x.size(-1)), 0).to(x.dtype());
    return x + places * step * first;
  }
  const Tensor step;
};

/// Says that it adds to scores, but makes the wrong shape.
class Crooked final : public nn::Layer<Crooked> {
 public:
  Tensor bias(int64_t queries, int64_t) const { return zeros({queries}); }
  Tensor rotate(const Tensor& x, int64_t) const { return x.narrow(-1, 0, 1); }
  Tensor rotate_packed(const Tensor& qkv, int64_t) const { return qkv[0]; }
};

nn::MultiheadAttention attention_with(nn::Position position) {
  manual_seed(3);
  return nn::MultiheadAttention(
      8, 2,
      {.encoding = nn::make_encoding(position, {.d_model = 8, .num_heads = 2, .max_len = 16})});
}

/// The rows of x in the order 2, 0, 1, 3.
Tensor permuted(const Tensor& x) { return index_select(x, 1, tensor({2, 0, 1, 3}, int64)); }

double largest_difference(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item(); }

}  // namespace

TEST(AnyEncoding, ActsWhereItsMembersSay) {
  const nn::AnyEncoding ramp{Ramp(0.5)};
  EXPECT_TRUE(ramp.acts_on_input());
  EXPECT_FALSE(ramp.acts_on_heads() || ramp.acts_on_scores());
  expect_values(ramp(ones({2, 1}), 3), {2.5, 3});
  expect_values(ramp.rotate(ones({1, 1}), 3), {1});
  EXPECT_FALSE(ramp.bias(1, 1).defined() || ramp.rotate_packed(ones({3, 1, 1, 1, 1})).defined());
  EXPECT_EQ(ramp.parameters().size(), 1u);
}

TEST(AnyEncoding, RefusesAnEncodingThatMakesTheWrongShape) {
  const nn::AnyEncoding crooked{Crooked()};
  expect_error<ShapeError>([&] { crooked.bias(2, 3); }, {"[heads, 2, 3]", "[2]"});
  expect_error<ShapeError>(
      [&] {
        crooked.rotate(zeros({1, 1, 2, 4}));
      },
      {"[1, 1, 2, 4]", "rotate"});
  expect_error<ShapeError>(
      [&] {
        crooked.rotate_packed(zeros({3, 1, 1, 2, 4}));
      },
      {"[3, 1, 1, 2, 4]", "rotate_packed"});
}

TEST(AnyEncoding, EveryPositionIsNamedOnce) {
  for (const auto& [name, position] : nn::position_names()) EXPECT_EQ(nn::name_of(position), name);
  expect_error<ValueError>([] { nn::name_of(static_cast<nn::Position>(99)); }, {"99"});
  expect_error<ValueError>([] { nn::make_encoding(static_cast<nn::Position>(99), {}); }, {"99"});
}

TEST(AttentionWithEncoding, TellsOrderApartInsideAttention) {
  manual_seed(4);
  const Tensor x = randn({1, 4, 8});
  for (const nn::Position position :
       {nn::Position::none, nn::Position::rotary, nn::Position::rotary_interleaved,
        nn::Position::alibi, nn::Position::t5}) {
    const nn::MultiheadAttention attention = attention_with(position);
    const Tensor y = permuted(x);
    const double difference =
        largest_difference(permuted(attention(x, x, x).output), attention(y, y, y).output);
    if (position == nn::Position::none)
      EXPECT_LT(difference, 1e-6);
    else
      EXPECT_GT(difference, 1e-4) << nn::name_of(position);
  }
}

TEST(AttentionWithEncoding, WeightsAskedForGiveTheSameOutput) {
  manual_seed(5);
  const Tensor x = randn({2, 4, 8});
  for (const nn::Position position :
       {nn::Position::rotary, nn::Position::alibi, nn::Position::t5}) {
    const nn::MultiheadAttention attention = attention_with(position);
    const Tensor fused = attention(x, x, x, nn::AttendOptions{.is_causal = true}).output;
    const nn::AttentionOutput stored =
        attention(x, x, x, nn::AttendOptions{.need_weights = true, .is_causal = true});
    EXPECT_LT(largest_difference(fused, stored.output), 1e-5) << nn::name_of(position);
    EXPECT_EQ(stored.weights[0][0][1].item(), 0);
  }
}

TEST(AttentionWithEncoding, AttendsWithinOneSequence) {
  const nn::MultiheadAttention attention = attention_with(nn::Position::rotary);
  expect_error<ShapeError>(
      [&] {
        attention(zeros({1, 2, 8}), zeros({1, 3, 8}), zeros({1, 3, 8}));
      },
      {"one sequence", "2", "3"});
}

TEST(AttentionWithEncoding, RefusesABiasForOtherHeads) {
  const nn::MultiheadAttention attention(8, 4, {.encoding = nn::ALiBi(1)});
  const Tensor x = zeros({1, 3, 8});
  expect_error<ShapeError>([&] { attention(x, x, x); }, {"1 heads", "4"});
}

TEST(AttentionWithEncoding, OptionsCanBeAssigned) {
  nn::TransformerEncoderLayerOptions options{.dim_feedforward = 8, .dropout = 0};
  options.encoding = nn::RotaryEncoding();
  const nn::TransformerEncoderLayerOptions copy = options;
  options = {};
  EXPECT_FALSE(options.encoding.acts_on_heads());
  manual_seed(6);
  const nn::TransformerEncoderLayer layer(8, 2, copy);
  const Tensor x = randn({1, 4, 8});
  EXPECT_GT(largest_difference(permuted(layer(x)), layer(permuted(x))), 1e-4);
}

TEST(LanguageModel, TakesAnEncodingOfOnesOwnInPlaceOfPosition) {
  nn::LanguageModelOptions options{
      .vocab_size = 5, .block_size = 4, .n_layer = 1, .n_head = 2, .n_embd = 8};
  options.encoding = Ramp(0.5);
  const nn::LanguageModel model(options);
  EXPECT_EQ(model.positions.type_name(), "Ramp");
  const std::vector<NamedTensor> parameters = model.named_parameters();
  EXPECT_TRUE(std::any_of(parameters.begin(), parameters.end(),
                          [](const NamedTensor& one) { return one.name == "positions.step"; }));
  // Told apart by the ramp alone: the same token at two places.
  const Tensor logits = model(tensor({2, 2}, int64));
  EXPECT_GT(largest_difference(logits[0], logits[1]), 1e-4);
}

TEST(LanguageModel, RotaryWantsAnEvenWidthOfHeads) {
  expect_error<ValueError>(
      [] {
        nn::LanguageModel(
            {.vocab_size = 5, .n_head = 2, .n_embd = 6, .position = nn::Position::rotary});
      },
      {"rotary", "3 is odd"});
}

}  // namespace rill::testing
