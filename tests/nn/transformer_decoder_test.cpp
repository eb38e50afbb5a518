#include <gtest/gtest.h>

#include <cmath>

#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/init.h>
#include <rill/nn/positions/rotary_encoding.h>
#include <rill/nn/transformer_decoder.h>

#include "tests/nn/some_modules.h"
#include "tests/support/expect.h"
#include "tests/support/layer_case.h"

namespace rill::testing {
namespace {

using nn::TransformerDecoder;
using nn::TransformerDecoderLayer;

Tensor sequence(int64_t batch, int64_t length, int64_t width) {
  Generator generator(static_cast<uint64_t>(length));
  return randn({batch, length, width}, generator);
}

/// x with another vector at position i.
Tensor changed_at(const Tensor& x, int64_t i) {
  const Tensor changed = x.clone();
  changed.select(1, i).fill_(50);
  return changed;
}

void expect_same(const Tensor& a, const Tensor& b) {
  ASSERT_EQ(a.shape(), b.shape());
  expect_values(a, b.to_vector(), 1e-6);
}

void expect_other(const Tensor& a, const Tensor& b) { EXPECT_GT((a - b).abs().max().item(), 1e-3); }

TransformerDecoder decoder_without_dropout() {
  return TransformerDecoder(4, 2, 2, {.layer = {.dim_feedforward = 8, .dropout = 0}});
}

/// Pre-norm, dropout 0.5; all that the layer adds to zeros is added by what is set afterwards.
TransformerDecoderLayer silent_layer() {
  const TransformerDecoderLayer layer(4, 1,
                                      {.dim_feedforward = 64, .dropout = 0.5, .norm_first = true});
  for (const Tensor& parameter : layer.parameters()) nn::init::constant_(parameter, 0);
  return layer;
}

/// Makes attention give the mean of values that are 1.
void let_speak(const nn::MultiheadAttention& attention) {
  nn::init::constant_(attention.in_proj_bias, 1);
  nn::init::constant_(attention.out_proj.weight, 0.25);
}

/// A part gives the mean of 64 ones; its inner dropout leaves k/64 · 2 of them, and the one after
/// it doubles that or takes it away.
void expect_two_dropouts(const TransformerDecoderLayer& layer) {
  const Tensor tgt = zeros({1, 64, 4}), memory = zeros({1, 64, 4});
  int64_t kept = 0, thinned = 0;
  for (const double added : layer(tgt, memory).to_vector()) {
    EXPECT_EQ(added * 16, std::round(added * 16));  // in units of 2 · 2 / 64
    kept += added != 0;
    thinned += added != 0 && added != 2;
  }
  EXPECT_GT(kept, 70);  // half of 256
  EXPECT_LT(kept, 186);
  EXPECT_GT(thinned, kept / 2);  // k is 32 in a tenth of the cases
  layer.eval();
  expect_values(layer(tgt, memory), std::vector<double>(256, 1));
}

}  // namespace

TEST(TransformerDecoderLayer, HasPyTorchsDefaultsAndNames) {
  const TransformerDecoderLayer layer(8, 2);
  EXPECT_EQ(layer.linear1.weight.shape(), (Shape{2048, 8}));
  EXPECT_EQ(
      names_of(layer.named_parameters()),
      (std::vector<std::string>{
          "self_attn.in_proj_weight", "self_attn.in_proj_bias", "self_attn.out_proj.weight",
          "self_attn.out_proj.bias", "multihead_attn.in_proj_weight", "multihead_attn.in_proj_bias",
          "multihead_attn.out_proj.weight", "multihead_attn.out_proj.bias", "linear1.weight",
          "linear1.bias", "linear2.weight", "linear2.bias", "norm1.weight", "norm1.bias",
          "norm2.weight", "norm2.bias", "norm3.weight", "norm3.bias"}));
}

TEST(TransformerDecoderLayer, EveryPartIsDroppedInTrainingOnly) {
  const TransformerDecoderLayer layer(4, 2, {.dim_feedforward = 8, .dropout = 1});
  const Tensor x = sequence(1, 3, 4), memory = sequence(1, 5, 4);
  const Tensor alone = layer.norm3(layer.norm2(layer.norm1(x)));
  expect_values(layer(x, memory), alone.to_vector());
  layer.eval();
  expect_other(layer(x, memory), alone);
}

TEST(TransformerDecoderLayer, DropsWeightsOfSelfAttentionAndItsOutput) {
  const TransformerDecoderLayer layer = silent_layer();
  let_speak(layer.self_attn);
  expect_two_dropouts(layer);
}

TEST(TransformerDecoderLayer, DropsWeightsOfTheAttentionToMemoryAndItsOutput) {
  const TransformerDecoderLayer layer = silent_layer();
  let_speak(layer.multihead_attn);
  expect_two_dropouts(layer);
}

TEST(TransformerDecoderLayer, DropsHiddenNumbersOfTheFeedForwardPartAndItsOutput) {
  const TransformerDecoderLayer layer = silent_layer();
  nn::init::constant_(layer.linear1.bias, 1);
  nn::init::constant_(layer.linear2.weight, 1.0 / 64);
  expect_two_dropouts(layer);
}

TEST(TransformerDecoderLayer, EncodingActsInSelfAttentionOnly) {
  const auto decode = [](const nn::AnyEncoding& encoding, const Tensor& memory) {
    manual_seed(3);
    const TransformerDecoderLayer layer(8, 2,
                                        {.dim_feedforward = 8, .dropout = 0, .encoding = encoding});
    return layer(sequence(1, 3, 8), memory);
  };
  const Tensor memory = sequence(1, 5, 8);
  const Tensor shuffled = index_select(memory, 1, tensor({3, 0, 4, 2, 1}, int64));
  const Tensor turned = decode(nn::RotaryEncoding(), memory);
  expect_other(turned, decode({}, memory));
  expect_same(turned, decode(nn::RotaryEncoding(), shuffled));
}

TEST(TransformerDecoder, CausalTargetDoesNotSeeTheFuture) {
  const TransformerDecoder decoder = decoder_without_dropout();
  const Tensor tgt = sequence(1, 4, 4), memory = sequence(1, 3, 4);
  const auto first = [&](const Tensor& x, const nn::DecoderMasks& masks) {
    return decoder(x, memory, masks).narrow(1, 0, 3);
  };
  const Tensor later = changed_at(tgt, 3);
  expect_same(first(tgt, {.tgt_is_causal = true}), first(later, {.tgt_is_causal = true}));
  expect_other(first(tgt, {}), first(later, {}));
}

TEST(TransformerDecoder, CausalFlagsAreTheCausalMasks) {
  const TransformerDecoder decoder = decoder_without_dropout();
  const Tensor tgt = sequence(2, 3, 4), memory = sequence(2, 5, 4);
  const auto later = [](int64_t keys) { return gt(arange(keys), arange(3).unsqueeze(1)); };
  expect_same(decoder(tgt, memory, {.tgt_is_causal = true}),
              decoder(tgt, memory, {.tgt_mask = later(3)}));
  expect_same(decoder(tgt, memory, {.memory_is_causal = true}),
              decoder(tgt, memory, {.memory_mask = later(5)}));
}

TEST(TransformerDecoder, PaddedPositionsDoNotReachTheOthers) {
  const TransformerDecoder decoder = decoder_without_dropout();
  const Tensor tgt = sequence(1, 3, 4), memory = sequence(1, 5, 4);
  const nn::DecoderMasks masks{.tgt_key_padding_mask = tensor({{0, 0, 1}}, bool_),
                               .memory_key_padding_mask = tensor({{0, 0, 0, 0, 1}}, bool_)};
  const Tensor before = decoder(tgt, memory, masks).narrow(1, 0, 2);
  const Tensor after = decoder(changed_at(tgt, 2), changed_at(memory, 4), masks).narrow(1, 0, 2);
  expect_same(before, after);
}

TEST(TransformerDecoder, InitialisesEachLayerByItself) {
  const TransformerDecoder decoder = decoder_without_dropout();
  expect_other(decoder.layers[0].linear1.weight, decoder.layers[1].linear1.weight);
}

TEST(TransformerDecoder, TrainsItsParameters) {
  for (const bool norm_first : {false, true}) {
    const TransformerDecoder decoder(
        4, 2, 2,
        {.layer = {.dim_feedforward = 8, .dropout = 0.1, .norm_first = norm_first},
         .final_norm = true});
    const Tensor out = decoder(sequence(2, 3, 4), sequence(2, 5, 4), {.tgt_is_causal = true});
    expect_trains_exactly_its_parameters(decoder, (out * sequence(2, 3, 4)).sum());
  }
}

TEST(TransformerDecoder, ErrorsNameTheAttentionWhoseInputsDoNotFit) {
  const TransformerDecoder decoder = decoder_without_dropout();
  const Tensor tgt = ones({2, 3, 4}), memory = ones({2, 5, 4});
  expect_error<ShapeError>(
      [&] {
        decoder(ones({2, 3, 6}), memory);
      },
      {"layers.0.self_attn: ", "[2, 3, 6]"});
  expect_error<ShapeError>(
      [&] {
        decoder(tgt, ones({1, 5, 4}));
      },
      {"layers.0.multihead_attn: ", "[2, 3, 4]", "[1, 5, 4]"});
  expect_error<ShapeError>(
      [&] {
        decoder(tgt, memory, {.memory_mask = zeros({3, 3}, bool_)});
      },
      {"layers.0.multihead_attn: ", "[3, 5]", "[3, 3]"});
}

}  // namespace rill::testing
