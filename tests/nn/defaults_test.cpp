#include <rill/nn/activation.h>
#include <rill/nn/attention.h>
#include <rill/nn/bert_embeddings.h>
#include <rill/nn/decoder.h>
#include <rill/nn/embedding.h>
#include <rill/nn/generate.h>
#include <rill/nn/init.h>
#include <rill/nn/layer_norm.h>
#include <rill/nn/positions/check_encoding.h>
#include <rill/nn/positions/learned_positional_encoding.h>
#include <rill/nn/positions/positional_encoding.h>
#include <rill/nn/positions/relative_position_bias.h>
#include <rill/nn/positions/rotary_encoding.h>
#include <rill/nn/positions/segment_embedding.h>
#include <rill/nn/rms_norm.h>
#include <rill/nn/transformer.h>

#include "tests/support/expect.h"

// What is meant where nothing is said: by PyTorch 2.13's documentation, and for what PyTorch lacks
// by the papers and programs that the headers name.

namespace rill::nn {
namespace {

TEST(LayerDefaults, OfNormsAndEmbeddingsArePyTorchs) {
  EXPECT_EQ(LayerNormOptions{}.eps, 1e-5);
  EXPECT_TRUE(LayerNormOptions{}.elementwise_affine);
  EXPECT_TRUE(LayerNormOptions{}.bias);
  EXPECT_FALSE(RMSNormOptions{}.eps.has_value());
  EXPECT_TRUE(RMSNormOptions{}.elementwise_affine);
  EXPECT_FALSE(EmbeddingOptions{}.padding_idx.has_value());
  EXPECT_FALSE(EmbeddingOptions{}.max_norm.has_value());
  EXPECT_EQ(EmbeddingOptions{}.norm_type, 2);
  EXPECT_FALSE(EmbeddingOptions{}.scale_grad_by_freq);
  EXPECT_EQ(EmbeddingOptions{}.std, 1);
}

TEST(LayerDefaults, OfAttentionEncoderAndDecoderArePyTorchs) {
  EXPECT_EQ(MultiheadAttentionOptions{}.dropout, 0);
  EXPECT_TRUE(MultiheadAttentionOptions{}.bias);
  EXPECT_FALSE(AttendOptions{}.is_causal);
  EXPECT_TRUE(AttendOptions{}.average_attn_weights);
  const TransformerLayerOptions layer;
  EXPECT_EQ(layer.dim_feedforward, 2048);
  EXPECT_EQ(layer.dropout, 0.1);
  EXPECT_EQ(layer.activation, Activation::relu);
  EXPECT_EQ(layer.layer_norm_eps, 1e-5);
  EXPECT_FALSE(layer.norm_first);
  EXPECT_TRUE(layer.bias);
  EXPECT_FALSE(TransformerStackOptions{}.final_norm);
  EXPECT_FALSE(EncoderMasks{}.is_causal);
  EXPECT_FALSE(DecoderMasks{}.tgt_is_causal);
  EXPECT_FALSE(DecoderMasks{}.memory_is_causal);
}

TEST(LayerDefaults, OfTheTransformerArePyTorchs) {
  const Transformer model(8, 2);
  EXPECT_EQ(model.encoder.layers.size(), 6);
  EXPECT_EQ(model.decoder.layers.size(), 6);
  EXPECT_EQ(model.parameter_count(), 423584);  // as PyTorch counts them
  EXPECT_TRUE(model.encoder.norm.has_value());
  EXPECT_TRUE(model.decoder.norm.has_value());
}

TEST(LayerDefaults, OfPositionsAreThePapers) {
  EXPECT_EQ(SinusoidalTableOptions{}.base, 10000);
  EXPECT_EQ(SinusoidalTableOptions{}.layout, SinusoidalLayout::interleaved);
  EXPECT_EQ(PositionalEncodingOptions{}.dropout, 0.1);
  EXPECT_EQ(PositionalEncodingOptions{}.max_len, 5000);
  EXPECT_EQ(PositionalEncodingOptions{}.base, 10000);
  EXPECT_FALSE(PositionalEncodingOptions{}.persistent);
  EXPECT_EQ(LearnedPositionalEncodingOptions{}.max_len, 512);
  EXPECT_EQ(LearnedPositionalEncodingOptions{}.std, 0.02);
  EXPECT_EQ(LearnedPositionalEncodingOptions{}.dropout, 0.1);
  EXPECT_EQ(RelativePositionBiasOptions{}.num_buckets, 32);
  EXPECT_EQ(RelativePositionBiasOptions{}.max_distance, 128);
  EXPECT_TRUE(RelativePositionBiasOptions{}.bidirectional);
}

TEST(LayerDefaults, OfBertsEmbeddingsAreBerts) {
  EXPECT_EQ(BertEmbeddingsOptions{}.max_len, 512);
  EXPECT_EQ(BertEmbeddingsOptions{}.num_segments, 2);
  EXPECT_EQ(BertEmbeddingsOptions{}.dropout, 0.1);
  EXPECT_EQ(BertEmbeddingsOptions{}.layer_norm_eps, 1e-12);
  EXPECT_EQ(SegmentEmbedding(3).weight.size(0), 2);
}

TEST(LayerDefaults, OfTheLanguageModelAreASmallGpt2) {
  const LanguageModelOptions options;
  EXPECT_EQ(options.dropout, 0);
  EXPECT_TRUE(options.bias);
  EXPECT_EQ(options.position, Position::learned);
  EXPECT_TRUE(options.tie);
  EXPECT_EQ(options.gelu, Gelu::tanh);
  EXPECT_EQ(SampleOptions{}.temperature, 1);
  EXPECT_FALSE(SampleOptions{}.top_k.has_value());
}

TEST(LayerDefaults, OfKaimingAreALeakyReluOfSlope0OverTheInputs) {
  EXPECT_EQ(init::KaimingOptions{}.a, 0);
  EXPECT_EQ(init::KaimingOptions{}.mode, init::Fan::in);
  EXPECT_EQ(init::KaimingOptions{}.nonlinearity, init::Nonlinearity::leaky_relu);
}

TEST(LayerDefaults, OfTheEncodingCheckHoldEncodingsToEverything) {
  EXPECT_TRUE(CheckEncodingOptions{}.relative);
  EXPECT_TRUE(CheckEncodingOptions{}.keeps_norm);
}

TEST(LayerDefaults, OfRotationBeginAtPosition0WhichIsNotTurned) {
  const Tensor x = tensor({{{{1.0, 2.0, 3.0, 4.0}}}});
  testing::expect_values(RotaryEncoding().rotate(x), {1, 2, 3, 4});
}

TEST(Activations, AreTheFunctionsThatTheyAreNamedAfter) {
  const Tensor x = tensor({-1, 1}, float64);
  testing::expect_values(activate(x, Activation::relu), {0, 1});
  testing::expect_values(activate(x, Activation::silu),  // x / (1 + e^−x)
                         {-0.2689414213699951, 0.7310585786300049}, 1e-12);
  testing::expect_values(activate(x, Activation::gelu),  // x Φ(x)
                         {-0.15865525393145707, 0.8413447460685429}, 1e-12);
  testing::expect_values(activate(x, Activation::gelu_tanh),
                         {-0.15880800939172324, 0.8411919906082768}, 1e-12);
}

}  // namespace
}  // namespace rill::nn
