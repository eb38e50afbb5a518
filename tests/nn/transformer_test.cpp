#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <type_traits>

#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/init.h>
#include <rill/nn/positions/relative_position_bias.h>
#include <rill/nn/transformer.h>

#include "tests/support/expect.h"
#include "tests/support/layer_case.h"

namespace rill::testing {
namespace {

using nn::Transformer;

Tensor sequence(int64_t batch, int64_t length, int64_t width) {
  Generator generator(static_cast<uint64_t>(length));
  return randn({batch, length, width}, generator);
}

Transformer small_transformer() {
  return Transformer(4, 2, 1, 2, {.dim_feedforward = 8, .dropout = 0});
}

}  // namespace

TEST(Transformer, MakesTheMaskThatCausalStandsFor) {
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor mask = Transformer::generate_square_subsequent_mask(3);
  EXPECT_EQ(mask.to_vector(), (std::vector<double>{0, -inf, -inf, 0, 0, -inf, 0, 0, 0}));
  const Transformer model = small_transformer();
  const Tensor src = sequence(2, 5, 4), tgt = sequence(2, 3, 4);
  EXPECT_TRUE(
      allclose(model(src, tgt, {.tgt_mask = mask}), model(src, tgt, {.tgt_is_causal = true})));
}

TEST(TransformerEncoderLayer, TakesItsOptionsInPyTorchsOrder) {
  const nn::TransformerEncoderLayer layer(4, 2, {8, 0.0, "gelu", 1e-3, true, true, false});
  EXPECT_EQ(layer.norm1.eps(), 1e-3);
  EXPECT_FALSE(layer.linear1.bias.defined());
  EXPECT_THROW(nn::TransformerDecoderLayer(4, 2, {.batch_first = false}), ValueError);
  EXPECT_THROW(Transformer(4, 2, 1, 1, {.batch_first = false}), ValueError);
  static_assert(!std::is_constructible_v<nn::TransformerEncoderLayer, int, int, int>);
  static_assert(!std::is_constructible_v<Transformer, int, int, int, int, int>);
}

TEST(Transformer, HasPyTorchsNames) {
  const StateDict state = small_transformer().state_dict();
  EXPECT_EQ(state.size(), 12u + 2 * 18 + 2 * 2);
  EXPECT_EQ(state.front().name, "encoder.layers.0.self_attn.in_proj_weight");
  EXPECT_EQ(state[12].name, "encoder.norm.weight");
  EXPECT_EQ(state[18].name, "decoder.layers.0.multihead_attn.in_proj_weight");
  EXPECT_EQ(state.back().name, "decoder.norm.bias");
}

TEST(Transformer, StartsWithMatricesOfXavierAndBiasesAsTheLayersHaveThem) {
  manual_seed(1);
  const Transformer model(64, 2, 1, 1, {.dim_feedforward = 32});
  for (const auto& [name, tensor] : model.named_parameters()) {
    if (tensor.dims() < 2) continue;
    const double bound = std::sqrt(6.0 / static_cast<double>(tensor.size(0) + tensor.size(1)));
    EXPECT_LE(tensor.abs().max().item(), bound) << name;
    EXPECT_GT(tensor.abs().max().item(), 0.99 * bound) << name;
  }
  const auto& layer = model.decoder.layers[0];
  EXPECT_EQ(layer.multihead_attn.out_proj.bias.abs().max().item(), 0);
  EXPECT_GT(layer.linear1.bias.abs().max().item(), 0);
  EXPECT_EQ(layer.norm3.weight.to_vector(), std::vector<double>(64, 1));
}

TEST(Transformer, LeavesAnEncodingAsItWas) {
  const nn::RelativePositionBias bias(2);
  nn::init::constant_(bias.weight, 3);
  const Transformer model(4, 2, 1, 1, {.dim_feedforward = 8, .dropout = 0, .encoding = bias});
  EXPECT_EQ(bias.weight.to_vector(), std::vector<double>(bias.weight.numel(), 3));
}

TEST(Transformer, IsItsDecoderOnWhatItsEncoderGives) {
  const Transformer model = small_transformer();
  const Tensor src = sequence(2, 5, 4), tgt = sequence(2, 3, 4);
  expect_values(model(src, tgt, {.tgt_is_causal = true}),
                model.decoder(tgt, model.encoder(src), {.tgt_is_causal = true}).to_vector());
}

TEST(Transformer, CausalFlagsAreTheCausalMasks) {
  const Transformer model = small_transformer();
  const Tensor src = sequence(1, 5, 4), tgt = sequence(1, 3, 4);
  const auto later = [](int64_t queries, int64_t keys) {
    return gt(arange(keys), arange(queries).unsqueeze(1));
  };
  expect_values(
      model(src, tgt, {.src_is_causal = true, .tgt_is_causal = true, .memory_is_causal = true}),
      model(src, tgt,
            {.src_mask = later(5, 5), .tgt_mask = later(3, 3), .memory_mask = later(3, 5)})
          .to_vector(),
      1e-6);
}

TEST(Transformer, TrainsItsParameters) {
  const Transformer model(4, 2, 2, 2, {.dim_feedforward = 8, .norm_first = true});
  const Tensor out = model(sequence(2, 5, 4), sequence(2, 3, 4), {.tgt_is_causal = true});
  expect_trains_exactly_its_parameters(model, (out * sequence(2, 3, 4)).sum());
}

TEST(Transformer, ErrorNamesThePartInWhichItArose) {
  const Transformer model = small_transformer();
  expect_error<ShapeError>(
      [&] {
        model(ones({1, 5, 3}), ones({1, 3, 4}));
      },
      {"encoder.layers.0.self_attn: ", "[1, 5, 3]"});
  expect_error<ShapeError>(
      [&] {
        model(ones({2, 5, 4}), ones({1, 3, 4}));
      },
      {"decoder.layers.0.multihead_attn: ", "[2, 5, 4]"});
}

TEST(TransformerEncoder, OfALayerStacksOthersLikeIt) {
  const nn::TransformerEncoderLayer layer(8, 2, {.dim_feedforward = 16, .norm_first = true});
  const nn::TransformerEncoder encoder(layer, 3, {.norm = nn::LayerNorm(8)});
  const nn::TransformerEncoder same(
      8, 2, 3, {.layer = {.dim_feedforward = 16, .norm_first = true}, .final_norm = true});
  EXPECT_EQ(encoder.summary(), same.summary());
  same.load_state_dict(encoder.state_dict());
  encoder.eval(), same.eval();
  const Tensor x = randn({1, 4, 8});
  EXPECT_TRUE(equal(encoder(x), same(x)));
  EXPECT_FALSE(equal(encoder.layers[0].linear1.weight, encoder.layers[1].linear1.weight));
  EXPECT_THROW(nn::TransformerEncoder(layer, 0), ValueError);
}

TEST(TransformerDecoder, OfALayerStacksOthersLikeIt) {
  const nn::TransformerDecoderLayer layer(8, 2, {.dim_feedforward = 16});
  const nn::TransformerDecoder decoder(layer, 2), same(8, 2, 2, {.layer = {.dim_feedforward = 16}});
  EXPECT_EQ(decoder.summary(), same.summary());
}

}  // namespace rill::testing
