#include <gtest/gtest.h>

#include <cmath>

#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/decoder.h>

#include "tests/support/expect.h"
#include "tests/support/layer_case.h"

namespace rill::testing {
namespace {

using nn::LanguageModel;
using nn::LanguageModelOptions;
using nn::Position;

LanguageModelOptions small() {
  return {.vocab_size = 11, .block_size = 6, .n_layer = 2, .n_head = 2, .n_embd = 8};
}

Tensor ids(std::initializer_list<NestedList> values) { return tensor(values, int64); }

double spread(const Tensor& x) { return std::sqrt(x.pow(2).mean().item()); }

}  // namespace

TEST(LanguageModel, StartsWithTheSpreadsOfGpt2) {
  manual_seed(1);
  const LanguageModel model(
      {.vocab_size = 200, .block_size = 50, .n_layer = 8, .n_head = 2, .n_embd = 64});
  const nn::DecoderBlock& block = model.blocks[3];
  EXPECT_NEAR(spread(model.token_embedding.weight), 0.02, 0.001);
  EXPECT_NEAR(spread(block.attn.in_proj_weight), 0.02, 0.001);
  EXPECT_NEAR(spread(block.linear1.weight), 0.02, 0.001);
  EXPECT_NEAR(spread(block.attn.out_proj.weight), 0.005, 0.0003);  // 0.02 / √(2 · 8)
  EXPECT_NEAR(spread(block.linear2.weight), 0.005, 0.0003);
  EXPECT_EQ(spread(block.linear1.bias), 0);
}

TEST(LanguageModel, FirstLossIsThatOfAUniformGuess) {
  manual_seed(2);
  for (const auto& [name, position] : nn::position_names()) {
    LanguageModelOptions options = small();
    options.position = position;
    const LanguageModel model(options);
    const double loss = model.loss(ids({{1, 2, 3}}), ids({{2, 3, 4}})).item();
    EXPECT_NEAR(loss, std::log(11.0), 0.1) << name;
  }
}

TEST(LanguageModel, ScalesTokenEmbeddingsBesideSinusoids) {
  // Without blocks acting (all weights 0) the stream is √d · token + PE.
  LanguageModelOptions options = small();
  options.position = Position::sinusoidal;
  options.n_embd = 4;
  options.tie = false;
  const LanguageModel model(options);
  StateDict state;
  for (const auto& [name, tensor] : model.state_dict())
    state.push_back({name, name == "norm.weight" ? ones(tensor.shape()) : zeros(tensor.shape())});
  for (auto& [name, value] : state) {
    if (name == "token_embedding.weight") value = full({11, 4}, 0.5);
    if (name == "head.weight") value = cat({eye(4), zeros({7, 4})});
  }
  model.load_state_dict(state);
  // Position 0: 2 · 0.5 + [0, 1, 0, 1] = [1, 2, 1, 2], which the norm makes [-1, 1, -1, 1].
  // Position 1: 1 + [.841471, .540302, .01, .99995]: mean 1.59793, std 0.37746.
  const Tensor logits = model(ids({0, 0})).narrow(1, 0, 4);
  expect_values(logits[0], {-1, 1, -1, 1}, 1e-4);
  expect_values(logits[1], {0.645179, -0.152668, -1.557528, 1.065017}, 1e-4);
}

TEST(LanguageModel, DropoutActsOnTheSumOfTokensAndPositions) {
  // With all dropped nothing is left to tell apart, neither tokens nor positions.
  for (const Position position : {Position::learned, Position::sinusoidal}) {
    LanguageModelOptions options = small();
    options.position = position;
    options.dropout = 1;
    expect_values(LanguageModel(options)(ids({1, 2, 3})), std::vector<double>(33, 0));
  }
}

TEST(LanguageModel, TiedHeadIsOneParameterUnderTwoNames) {
  const LanguageModel tied(small());
  EXPECT_EQ(tied.head.weight.impl(), tied.token_embedding.weight.impl());
  LanguageModelOptions options = small();
  options.tie = false;
  EXPECT_EQ(LanguageModel(options).parameter_count() - tied.parameter_count(), 11 * 8);
}

TEST(LanguageModel, EveryParameterTrains) {
  for (const auto& [name, position] : nn::position_names())
    for (const bool tie : {true, false}) {
      LanguageModelOptions options = small();
      options.position = position;
      options.tie = tie;
      options.dropout = 0.1;
      const LanguageModel model(options);
      const Tensor loss = model.loss(ids({{1, 2, 3, 4, 5, 6}}), ids({{2, 3, 4, 5, 6, 7}}));
      SCOPED_TRACE(name);
      expect_trains_exactly_its_parameters(model, loss);
    }
}

TEST(LanguageModel, WithoutBiasesHasNone) {
  LanguageModelOptions options = small();
  options.bias = false;
  for (const auto& [name, tensor] : LanguageModel(options).named_parameters())
    EXPECT_EQ(name.find("bias"), std::string::npos) << name;
}

TEST(LanguageModel, LaterTokensDoNotReachEarlierLogits) {
  const LanguageModel model(small());
  const Tensor before = model(ids({{1, 2, 3}}));
  const Tensor after = model(ids({{1, 2, 9}}));
  expect_values(after.narrow(1, 0, 2), before.narrow(1, 0, 2).to_vector(), 1e-6);
  EXPECT_EQ(before.shape(), (Shape{1, 3, 11}));
}

TEST(LanguageModel, TargetsOfMinusAHundredAreSkipped) {
  const LanguageModel model(small());
  const double one = model.loss(ids({{1, 2}}), ids({{3, -100}})).item();
  EXPECT_NEAR(one, model.loss(ids({{1}}), ids({{3}})).item(), 1e-5);
}

TEST(LanguageModel, LossRefusesTargetsOfAnotherShape) {
  const nn::LanguageModel model(
      {.vocab_size = 11, .block_size = 8, .n_layer = 1, .n_head = 1, .n_embd = 4});
  expect_error<ShapeError>(
      [&] {
        model.loss(ids({{1, 2, 3}, {4, 5, 6}}), ids({{1, 2}, {3, 4}, {5, 6}}));
      },
      {"[2, 3]", "[3, 2]"});
}

TEST(LanguageModel, TooLongASequenceNamesBothLengths) {
  for (const auto& [name, position] : nn::position_names()) {
    LanguageModelOptions options = small();
    options.position = position;
    expect_error<ShapeError>(
        [&] {
          LanguageModel{options}(zeros({1, 7}, int64));
        },
        {"length 7", "block_size 6"});
  }
}

TEST(LanguageModel, IdOutOfRangeNamesTheEmbedding) {
  expect_error<IndexError>(
      [] {
        LanguageModel{small()}(ids({{0, 11}}));
      },
      {"token_embedding", "11", "[0, 1]"});
}

TEST(LanguageModel, SizesThatMakeNoModelAreRefused) {
  LanguageModelOptions no_words = small();
  no_words.vocab_size = 0;
  expect_error<ValueError>([&] { LanguageModel{no_words}; }, {"vocab_size", "0"});
  LanguageModelOptions odd = small();
  odd.n_head = 3;
  expect_error<ValueError>([&] { LanguageModel{odd}; }, {"n_embd 8", "n_head 3"});
  LanguageModelOptions flat = small();
  flat.n_layer = 0;
  expect_error<ValueError>([&] { LanguageModel{flat}; }, {"n_layer"});
}

}  // namespace rill::testing
