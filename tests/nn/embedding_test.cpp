#include <gtest/gtest.h>

#include <cmath>

#include <rill/core/autograd.h>
#include <rill/core/random.h>
#include <rill/nn/embedding.h>
#include <rill/nn/functional.h>

#include "tests/support/expect.h"

namespace rill::testing {
namespace {

Tensor ids(std::initializer_list<NestedList> values) { return tensor(values, int64); }

}  // namespace

TEST(Embedding, StartsStandardNormal) {
  manual_seed(1);
  const Tensor weight = nn::Embedding(200, 50).weight;
  EXPECT_NEAR(weight.mean().item(), 0, 0.05);
  EXPECT_NEAR(weight.var({0, 1}).item(), 1, 0.08);
}

TEST(Embedding, ConstructorZeroesThePaddingRowButFromPretrainedDoesNot) {
  const nn::Embedding fresh(4, 2, {.padding_idx = -1});
  EXPECT_EQ(fresh.num_embeddings(), 4);
  EXPECT_EQ(fresh.embedding_dim(), 2);
  expect_values(fresh.weight[3], {0, 0});
  const auto given = nn::Embedding::from_pretrained(ones({4, 2}), false, {.padding_idx = 1});
  expect_values(given.weight[1], {1, 1});
  expect_values(given(ids({1})), {1, 1});
}

TEST(Embedding, PaddingRowGetsNoGradientWhateverItsValue) {
  const auto embedding = nn::Embedding::from_pretrained(ones({3, 2}), false, {.padding_idx = -1});
  embedding(ids({2, 0, 2})).sum().backward();
  expect_values(embedding.weight.grad(), {1, 1, 0, 0, 0, 0});
}

TEST(Embedding, PaddingIndexOutOfRangeIsRefused) {
  expect_error<IndexError>([] { nn::Embedding(3, 2, {.padding_idx = 3}); }, {"3"});
  expect_error<IndexError>([] { nn::Embedding(3, 2, {.padding_idx = -4}); }, {"-4", "3"});
}

TEST(Embedding, IdOutOfRangeNamesTheIdItsPlaceAndTheBound) {
  const nn::Embedding embedding(5, 2);
  expect_error<IndexError>([&] { embedding(ids({{0, 1}, {2, 5}})); }, {"5", "[1, 1]"});
  EXPECT_THROW(embedding(ids({-1})), IndexError);
}

TEST(Embedding, FloatIdsAreRefused) { EXPECT_THROW(nn::Embedding(5, 2)(ones({2})), DTypeError); }

TEST(Embedding, FrozenUnlessAskedOtherwiseAndSharesMemory) {
  const Tensor weight = zeros({2, 2});
  const auto frozen = nn::Embedding::from_pretrained(weight);
  EXPECT_FALSE(frozen.weight.requires_grad());
  EXPECT_TRUE(nn::Embedding::from_pretrained(weight, false).weight.requires_grad());
  weight.fill_(2);
  expect_values(frozen(ids({0})), {2, 2});
  EXPECT_THROW(nn::Embedding::from_pretrained(zeros({2})), ShapeError);
}

TEST(Embedding, MaxNormScalesLookedUpRowsOnceInPlace) {
  // Norms 5, 10 and 0.5; row 1 is not looked up.
  const auto embedding = nn::Embedding::from_pretrained(
      tensor({{3.0, 4.0}, {6.0, 8.0}, {0.3, 0.4}}), false, {.max_norm = 1});
  const uint32_t before = embedding.weight.version();
  expect_values(embedding(ids({0, 0, 2})), {0.6, 0.8, 0.6, 0.8, 0.3, 0.4}, 1e-6);
  expect_values(embedding.weight, {0.6, 0.8, 6, 8, 0.3, 0.4}, 1e-6);
  EXPECT_GT(embedding.weight.version(), before);
  EXPECT_TRUE(embedding.weight.is_leaf());
}

TEST(Embedding, BadIdLeavesRowsUnscaled) {
  const auto embedding =
      nn::Embedding::from_pretrained(tensor({{3.0, 4.0}}), false, {.max_norm = 1});
  EXPECT_THROW(embedding(ids({0, 1})), IndexError);
  expect_values(embedding.weight, {3, 4});
}

TEST(Embedding, MaxNormMustNotBeNegative) {
  expect_error<ValueError>([] { nn::Embedding(2, 2, {.max_norm = -1}); }, {"max_norm", "-1"});
  EXPECT_THROW(nn::Embedding(2, 2, {.max_norm = std::nan("")}), ValueError);
}

TEST(Functional, EmbeddingTakesTheIdsFirstAsPyTorchsDoes) {
  const Tensor weight = tensor({{1.0, 2.0}, {3.0, 4.0}});
  expect_values(nn::functional::embedding(ids({1, 0}), weight), {3, 4, 1, 2});
}

}  // namespace rill::testing
