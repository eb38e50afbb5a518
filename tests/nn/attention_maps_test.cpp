#include <rill/nn/attention_maps.h>

#include <gtest/gtest.h>

#include <cmath>

#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/decoder.h>
#include <rill/nn/positions/learned_positional_encoding.h>
#include <rill/nn/positions/rotary_encoding.h>

#include "tests/support/expect.h"

namespace rill::testing {
namespace {

using inspect::HeatMap;
using Names = std::vector<std::string>;

Names titles_of(const std::vector<HeatMap>& maps) {
  Names titles;
  for (const HeatMap& map : maps) titles.push_back(map.title);
  return titles;
}

nn::LanguageModel small_model() {
  manual_seed(3);
  return nn::LanguageModel(
      {.vocab_size = 5, .block_size = 4, .n_layer = 2, .n_head = 2, .n_embd = 8});
}

}  // namespace

TEST(AttentionMaps, ThereIsOneForEachHeadOfEachLayer) {
  const nn::LanguageModel model = small_model();
  const auto maps = nn::attention_maps([&] { return model(tensor({{1, 2, 1}}, int64)); });
  EXPECT_EQ(titles_of(nn::attention_maps(model, tensor({{1, 2, 1}}, int64))), titles_of(maps));
  EXPECT_EQ(titles_of(maps), (Names{"blocks.0.attn, head 0", "blocks.0.attn, head 1",
                                    "blocks.1.attn, head 0", "blocks.1.attn, head 1"}));
}

TEST(AttentionMaps, RowsSumToOneAndAreEmptyBehindTheQuery) {
  const nn::LanguageModel model = small_model();
  for (const HeatMap& map : nn::attention_maps([&] { return model(tensor({{1, 2, 1}}, int64)); }))
    for (int64_t query = 0; query < 3; ++query) {
      double sum = 0;
      for (int64_t key = 0; key <= query; ++key) sum += map.values[query][key].item();
      EXPECT_NEAR(sum, 1, 1e-6);
      for (int64_t key = query + 1; key < 3; ++key)
        EXPECT_TRUE(std::isnan(map.values[query][key].item()));
    }
}

TEST(AttentionMaps, TheyShowWhatTheHeadsOfTheFirstSequenceReturn) {
  manual_seed(4);
  const nn::MultiheadAttention attention(8, 2);
  const Tensor x = randn({3, 4, 8});
  const auto maps = nn::attention_maps([&] { return attention(x, x, x); });
  const Tensor weights =
      attention(x, x, x, {.need_weights = true, .average_attn_weights = false}).weights;
  ASSERT_EQ(maps.size(), 2u);
  for (const int head : {0, 1})
    expect_values(maps[head].values, weights[0][head].to_vector(), 1e-6);
}

TEST(AttentionMaps, TokensAreNumberedSinceOneMayComeTwice) {
  const nn::LanguageModel model = small_model();
  const auto maps = nn::attention_maps(
      [&] {
        return model(tensor({{1, 2, 1}}, int64));
      },
      {"to", "be", "to"});
  EXPECT_EQ(maps[0].row_names, (Names{"0 to", "1 be", "2 to"}));
  EXPECT_EQ(maps[0].column_names, maps[0].row_names);
}

TEST(PositionMaps, ATableIsShownAsItIs) {
  const nn::LearnedPositionalEncoding encoding(6, {.max_len = 5});
  const auto maps = nn::position_maps(encoding, {.length = 5, .d_model = 6});
  ASSERT_EQ(maps.size(), 1u);
  expect_values(maps[0].values, encoding.named_parameters()[0].tensor.to_vector());
}

TEST(PositionMaps, OfRotationsTheDistanceAloneDecides) {
  const auto maps =
      nn::position_maps(nn::RotaryEncoding(), {.length = 6, .d_model = 8, .num_heads = 2});
  ASSERT_EQ(maps.size(), 1u);
  const Tensor& values = maps[0].values;
  // A head's vector of four ones turns by 1 and 0.01 a position; two turned apart by a have the
  // product 2 cos a.
  for (int64_t query = 0; query < 6; ++query)
    for (int64_t key = 0; key < 6; ++key) {
      const auto apart = static_cast<double>(query - key);
      EXPECT_NEAR(values[query][key].item(), (std::cos(apart) + std::cos(0.01 * apart)) / 2, 1e-6);
    }
}

TEST(PositionMaps, OfBiasesEachHeadHasItsOwn) {
  const auto encoding = nn::make_encoding(nn::Position::alibi, {.num_heads = 2});
  const auto maps = nn::position_maps(encoding, {.length = 3, .num_heads = 2});
  ASSERT_EQ(maps.size(), 2u);
  EXPECT_EQ(maps[0].values[2][0].item(), 2 * maps[0].values[1][0].item());
  EXPECT_NE(maps[0].values[1][0].item(), maps[1].values[1][0].item());
}

TEST(PositionMaps, RefuseSizesBelowOneByName) {
  const nn::RotaryEncoding encoding;
  expect_error<ValueError>([&] { return nn::position_maps(encoding, {.length = 0}); }, {"length"});
  expect_error<ValueError>([&] { return nn::position_maps(encoding, {.d_model = 0}); },
                           {"d_model"});
  expect_error<ValueError>([&] { return nn::position_maps(encoding, {.num_heads = 0}); },
                           {"num_heads"});
}

TEST(PositionMaps, WithoutAnEncodingThereIsNone) {
  EXPECT_TRUE(nn::position_maps(nn::AnyEncoding(), {}).empty());
}

}  // namespace rill::testing
