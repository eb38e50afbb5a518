#include <gtest/gtest.h>

#include <cmath>

#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/init.h>
#include <rill/nn/transformer.h>
#include <rill/nn/transformer_encoder.h>

#include "tests/support/expect.h"
#include "tests/support/layer_case.h"

namespace rill::testing {
namespace {

using nn::TransformerEncoder;
using nn::TransformerEncoderLayer;

Tensor sequence(int64_t batch, int64_t length, int64_t width) {
  Generator generator(5);
  return randn({batch, length, width}, generator);
}

}  // namespace

TEST(TransformerEncoderLayer, HasPyTorchsDefaultsAndNames) {
  const TransformerEncoderLayer layer(8, 2);
  EXPECT_EQ(layer.linear1.weight.shape(), (Shape{2048, 8}));
  std::vector<std::string> names;
  for (const auto& [name, tensor] : layer.named_parameters()) names.push_back(name);
  EXPECT_EQ(names,
            (std::vector<std::string>{
                "self_attn.in_proj_weight", "self_attn.in_proj_bias", "self_attn.out_proj.weight",
                "self_attn.out_proj.bias", "linear1.weight", "linear1.bias", "linear2.weight",
                "linear2.bias", "norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias"}));
}

TEST(TransformerEncoderLayer, PostNormOutputIsNormalised) {
  const TransformerEncoderLayer layer(16, 2, {.dim_feedforward = 8, .dropout = 0});
  const Tensor out = layer(sequence(1, 2, 16));
  expect_values(out.mean({-1}), {0, 0}, 1e-5);
  expect_values(out.var({-1}, 0), {1, 1}, 1e-3);
}

TEST(TransformerEncoderLayer, EveryDropoutActsInTrainingOnly) {
  // With all dropped the residual stream alone is left: post-norm gives norm2(norm1(x)).
  const TransformerEncoderLayer layer(4, 2, {.dim_feedforward = 8, .dropout = 1});
  const Tensor x = sequence(1, 3, 4);
  expect_values(layer(x), layer.norm2(layer.norm1(x)).to_vector());
  layer.eval();
  EXPECT_NE(layer(x).to_vector(), layer.norm2(layer.norm1(x)).to_vector());
}

TEST(TransformerEncoderLayer, DropsHiddenNumbersOfTheFeedForwardPart) {
  // Attention gives 0 and all 64 hidden numbers are 1, so that the layer adds the mean of what the
  // inner dropout leaves of them, k/64 · 2, and the outer dropout doubles it or takes it away.
  const TransformerEncoderLayer layer(4, 1,
                                      {.dim_feedforward = 64, .dropout = 0.5, .norm_first = true});
  for (const Tensor& parameter : layer.parameters()) nn::init::constant_(parameter, 0);
  nn::init::constant_(layer.linear1.bias, 1);
  nn::init::constant_(layer.linear2.weight, 1.0 / 64);
  const Tensor x = zeros({1, 50, 4});
  int64_t kept = 0, thinned = 0;
  for (const double added : layer(x).to_vector()) {
    EXPECT_EQ(added * 16, std::round(added * 16));  // in units of 2 · 2 / 64
    kept += added != 0;
    thinned += added != 0 && added != 2;
  }
  EXPECT_GT(kept, 50);  // half of 200
  EXPECT_GT(thinned,
            kept / 2);  // 32 of 64, neither more nor less, are left in a tenth of the cases
  layer.eval();
  expect_values(layer(x), std::vector<double>(200, 1));
}

TEST(TransformerEncoderLayer, WorksWithoutABatch) {
  const TransformerEncoderLayer layer(4, 2, {.dim_feedforward = 8, .dropout = 0});
  const Tensor x = sequence(1, 3, 4);
  expect_values(layer(x[0]), layer(x).to_vector(), 1e-6);
}

TEST(TransformerEncoder, InitialisesEachLayerByItself) {
  const TransformerEncoder encoder(4, 2, 2, {.layer = {.dim_feedforward = 8}});
  EXPECT_NE(encoder.layers[0].linear1.weight.to_vector(),
            encoder.layers[1].linear1.weight.to_vector());
}

TEST(TransformerEncoder, PaddedPositionsDoNotReachTheOthers) {
  const TransformerEncoder encoder(4, 2, 2, {.layer = {.dim_feedforward = 8, .dropout = 0}});
  const Tensor x = sequence(1, 3, 4);
  const Tensor changed = x.clone();
  changed.select(1, 2).fill_(50);
  const nn::EncoderMasks masks{.src_key_padding_mask = tensor({{0, 0, 1}}, bool_)};
  expect_values(encoder(changed, masks).narrow(1, 0, 2),
                encoder(x, masks).narrow(1, 0, 2).to_vector(), 1e-6);
}

TEST(TransformerEncoder, TakesTheCausalMaskTogetherWithIsCausal) {
  const TransformerEncoder encoder(4, 2, 2, {.layer = {.dim_feedforward = 8, .dropout = 0}});
  const Tensor x = sequence(1, 3, 4);
  const Tensor mask = nn::Transformer::generate_square_subsequent_mask(3);
  const auto expected = encoder(x, nn::EncoderMasks{.is_causal = true}).to_vector();
  expect_values(encoder(x, {.mask = mask, .is_causal = true}), expected, 1e-6);
  expect_values(encoder(x, {.mask = mask}), expected, 1e-6);
}

TEST(TransformerEncoder, TrainsItsParameters) {
  for (const bool norm_first : {false, true}) {
    const TransformerEncoder encoder(4, 2, 2,
                                     {.layer = {.dim_feedforward = 8,
                                                .dropout = 0.1,
                                                .activation = nn::Activation::gelu_tanh,
                                                .norm_first = norm_first},
                                      .final_norm = true});
    const Tensor weights = sequence(2, 3, 4);
    expect_trains_exactly_its_parameters(encoder, (encoder(sequence(2, 3, 4)) * weights).sum());
  }
}

TEST(TransformerEncoder, ErrorNamesTheLayerInWhichItArose) {
  class Classifier final : public nn::Layer<Classifier> {
   public:
    Classifier() : encoder(register_module("encoder", TransformerEncoder(4, 2, 2))) {}
    Tensor forward(const Tensor& x) const {
      return encoder(x, nn::EncoderMasks{.mask = zeros({7, 7}, bool_)});
    }
    const TransformerEncoder encoder;
  };
  const std::string message = message_of<ShapeError>([] { Classifier()(ones({1, 3, 4})); });
  EXPECT_EQ(message.rfind("encoder.layers.0.self_attn: ", 0), 0u) << message;
}

}  // namespace rill::testing
