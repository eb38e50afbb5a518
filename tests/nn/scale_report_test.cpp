#include <rill/nn/scale_report.h>

#include <gtest/gtest.h>

#include <cmath>

#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/attention_watch.h>
#include <rill/nn/init.h>

#include "tests/support/expect.h"

namespace rill::testing {
namespace {

using nn::AttentionWatch;
using nn::ScaleReport;

/// Sinusoids beside embeddings of N(0, 0.02²), which are multiplied by `scale`.
nn::LanguageModel model_with(nn::Position position, std::optional<double> scale = {}) {
  manual_seed(1);
  return nn::LanguageModel({.vocab_size = 1000,
                            .block_size = 125,
                            .n_layer = 2,
                            .n_head = 2,
                            .n_embd = 64,
                            .dropout = 0.5,
                            .position = position,
                            .embedding_scale = scale});
}

/// On each token once, followed by another: a tied head likes the token itself.
ScaleReport report_on(const nn::LanguageModel& model) {
  const Tensor ids = arange(1000);
  const Tensor next = cat({ids.narrow(0, 500, 500), ids.narrow(0, 0, 500)});
  return scale_report(model, ids.view({8, 125}), next.view({8, 125}));
}

void expect_one(const std::vector<std::string>& warnings, const std::vector<std::string>& parts) {
  ASSERT_EQ(warnings.size(), 1u);
  for (const std::string& part : parts)
    EXPECT_NE(warnings[0].find(part), std::string::npos) << part << " is not in: " << warnings[0];
}

}  // namespace

TEST(ScaleReport, WarnsOfEmbeddingsThatDrownInSinusoids) {
  const ScaleReport report = report_on(model_with(nn::Position::sinusoidal, 1));
  // √(1/2) against 0.02.
  expect_one(report.warnings(), {"position", "drowns the token part", "35 to 1", "Multiply", "√d"});
  ASSERT_EQ(report.parts.size(), 2u);
  EXPECT_NEAR(report.parts[0].rms, 0.02, 0.0002);
  EXPECT_NEAR(report.parts[1].rms, std::sqrt(0.5), 1e-6);
}

TEST(ScaleReport, DoesNotWarnWhereEmbeddingsAreScaledOrPositionsAsSmall) {
  const ScaleReport scaled = report_on(model_with(nn::Position::sinusoidal));
  EXPECT_TRUE(scaled.warnings().empty()) << scaled.warnings()[0];
  EXPECT_NEAR(scaled.parts[0].rms, 0.02 * std::sqrt(64), 0.002);
  EXPECT_TRUE(report_on(model_with(nn::Position::learned)).warnings().empty());
}

TEST(ScaleReport, FirstLossOfAnUntrainedModelIsNearLnV) {
  const ScaleReport report = report_on(model_with(nn::Position::learned));
  EXPECT_NEAR(report.even_loss, 6.907755279, 1e-9);
  EXPECT_NEAR(report.first_loss, report.even_loss, 0.1);
}

TEST(ScaleReport, WhatDoesNotActOnTheInputIsNoPartOfIt) {
  for (const auto position :
       {nn::Position::none, nn::Position::rotary, nn::Position::alibi, nn::Position::t5}) {
    const ScaleReport report = report_on(model_with(position));
    ASSERT_EQ(report.parts.size(), 1u);
    EXPECT_EQ(report.parts[0].name, "token");
    EXPECT_TRUE(report.warnings().empty()) << nn::name_of(position);
  }
}

TEST(ScaleReport, EvenAttentionHasTheMeanLogarithmOfWhatItSees) {
  const nn::LanguageModel model = model_with(nn::Position::none);
  nn::init::constant_(model.blocks[0].attn.in_proj_weight, 0);
  const ScaleReport report =
      scale_report(model, tensor({3, 1, 2, 0}, int64), tensor({1, 2, 0, 3}, int64));
  ASSERT_EQ(report.attention.size(), 2u);
  EXPECT_EQ(report.attention[0].path, "blocks.0.attn");
  EXPECT_EQ(report.attention[1].path, "blocks.1.attn");
  // (ln 1 + ln 2 + ln 3 + ln 4) / 4
  EXPECT_NEAR(report.attention[0].entropy, 0.7945134576, 1e-6);
  EXPECT_NEAR(report.attention[0].even, 0.7945134576, 1e-9);
}

TEST(ScaleReport, WarnsOfAttentionThatLooksAtFewTokens) {
  const nn::LanguageModel model = model_with(nn::Position::none);
  for (const double deviation : {5.0, 1000.0}) {  // with the latter, weights are exactly 0
    nn::init::normal_(model.blocks[1].attn.in_proj_weight, 0, deviation);
    const ScaleReport report = report_on(model);
    EXPECT_NEAR(report.attention[1].even, report.attention[0].even, 1e-12);
    EXPECT_EQ(report.text().find("-0.0"), std::string::npos) << report.text();
    expect_one(report.warnings(), {"blocks.1.attn", "few tokens", "queries and keys"});
  }
}

TEST(ScaleReport, WarnsOfAFirstLossAboveLnV) {
  // N(0, 1) embeddings and a tied head: each token predicts itself.
  const nn::LanguageModel model = model_with(nn::Position::none);
  nn::init::normal_(model.token_embedding.weight, 0, 1);
  const Tensor ids = arange(1000).view({8, 125});
  const ScaleReport report = scale_report(model, ids, zeros({8, 125}, int64));
  expect_one(report.warnings(), {"first loss", "ln V = 6.908", "smaller"});
}

TEST(ScaleReport, TakesPartsOfAnyModel) {
  const Tensor token = ones({2, 3}) * 0.5, position = ones({2, 3}) * -5, segment = zeros({2, 3});
  const ScaleReport report =
      nn::scale_report({{"token", token}, {"position", position}, {"segment", segment}}, 2,
                       [] { return full({}, 0.7); });
  EXPECT_EQ(report.attention.size(), 0u);
  const std::vector<std::string> warnings = report.warnings();
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_NE(warnings[0].find("10 to 1"), std::string::npos) << warnings[0];
  EXPECT_NE(warnings[1].find("segment part of the input is 0"), std::string::npos) << warnings[1];
  EXPECT_EQ(report.text(),
            "rms of the token part of the input 0.5000\n"
            "rms of the position part of the input 5.000\n"
            "rms of the segment part of the input 0.000\n"
            "first loss 0.7000, ln V 0.6931\n");
}

TEST(ScaleReport, WarnsWhereOnePartIsMoreThanFiveTimesAsLoud) {
  const auto warnings_at = [](double ratio) {
    return nn::scale_report({{"token", ones({2, 3})}, {"position", ones({2, 3}) * ratio}}, 2,
                            [] { return full({}, 0.7); })
        .warnings();
  };
  expect_one(warnings_at(5.5), {"position", "drowns the token part", "6 to 1"});
  EXPECT_TRUE(warnings_at(4.5).empty());
}

TEST(ScaleReport, OfNothingWarnsOfNothing) {
  EXPECT_TRUE(nn::ScaleReport().warnings().empty());
  EXPECT_EQ(nn::ScaleReport().text(), "first loss 0.000, ln V 0.000\n");
}

TEST(ScaleReport, WarnsOfAPartThatHoldsNaN) {
  const ScaleReport report = nn::scale_report(
      {{"token", ones({2, 3})}, {"position", full({2, 3}, NAN)}}, 2, [] { return full({}, 0.7); });
  expect_one(report.warnings(), {"position", "NaN"});
}

TEST(ScaleReport, LeavesRowsOfPaddingOut) {
  // Three of four rows are padding: with them the rms would be half of what it is.
  const Tensor token = cat({full({1, 2}, 3), zeros({3, 2})});
  const ScaleReport report = nn::scale_report({{"token", token}, {"position", ones({4, 2}) * 14}},
                                              2, [] { return full({}, 0.7); });
  EXPECT_NEAR(report.parts[0].rms, 3, 1e-6);
  EXPECT_TRUE(report.warnings().empty());
}

TEST(ScaleReport, LeavesModeAndRandomNumbersAsTheyWere) {
  const nn::LanguageModel model = model_with(nn::Position::learned);
  const uint64_t drawn = default_generator().offset();
  const ScaleReport report = report_on(model);
  EXPECT_TRUE(model.is_training());
  EXPECT_EQ(default_generator().offset(), drawn);
  model.eval();
  EXPECT_EQ(report_on(model).first_loss, report.first_loss);
  EXPECT_FALSE(model.is_training());
}

TEST(ScaleReport, GivesEachModuleItsOwnModeBack) {
  const nn::LanguageModel model = model_with(nn::Position::learned);
  model.train();
  model.blocks[0].eval();
  report_on(model);
  EXPECT_TRUE(model.is_training());
  EXPECT_FALSE(model.blocks[0].is_training());
  EXPECT_FALSE(model.blocks[0].attn.is_training());
  EXPECT_TRUE(model.blocks[1].is_training());
}

TEST(AttentionWatch, SeesTheWeightsThatAttentionReturns) {
  manual_seed(2);
  const Tensor x = randn({2, 5, 8});
  for (const bool is_causal : {false, true}) {
    const nn::MultiheadAttention attention(
        8, 2, {.encoding = nn::make_encoding(nn::Position::alibi, {.num_heads = 2})});
    std::vector<Tensor> seen;
    Tensor output;
    {
      const AttentionWatch watch(
          [&](const std::string&, const Tensor& weights, const Tensor& allowed) {
            seen.push_back(weights);
            EXPECT_EQ(allowed.to(int64).sum().item(), 2 * 2 * (is_causal ? 15 : 25));
          });
      output = attention(x, x, x, nn::AttendOptions{.is_causal = is_causal}).output;
    }
    const nn::AttentionOutput expected =
        attention(x, x, x,
                  nn::AttendOptions{
                      .need_weights = true, .average_attn_weights = false, .is_causal = is_causal});
    ASSERT_EQ(seen.size(), 1u);
    expect_values(seen[0], expected.weights.to_vector());
    expect_values(output, expected.output.to_vector(), 1e-5);
    EXPECT_FALSE(seen[0].requires_grad());
  }
}

TEST(AttentionWatch, TheInnermostOfNestedOnesSees) {
  const nn::MultiheadAttention attention(4, 1);
  const Tensor x = ones({1, 2, 4});
  int outer = 0, inner = 0;
  const AttentionWatch first([&](const std::string&, const Tensor&, const Tensor&) { ++outer; });
  {
    const AttentionWatch second([&](const std::string&, const Tensor&, const Tensor&) { ++inner; });
    attention(x, x, x);
  }
  attention(x, x, x);
  EXPECT_EQ(inner, 1);
  EXPECT_EQ(outer, 1);
}

}  // namespace rill::testing
