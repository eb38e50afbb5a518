#include <gtest/gtest.h>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/bert_embeddings.h>

#include "tests/support/expect.h"
#include "tests/support/layer_case.h"

namespace rill::testing {
namespace {

/// Tables of whole numbers, so that sums can be followed by hand.
nn::BertEmbeddings by_hand() {
  const nn::BertEmbeddings embeddings(3, 2, {.max_len = 4, .dropout = 0});
  embeddings.load_state_dict(
      {{"token.weight", tensor({{1.0, 0.0}, {0.0, 1.0}, {5.0, 5.0}})},
       {"position.weight", tensor({{0.0, 0.0}, {0.0, 2.0}, {3.0, 0.0}, {0.0, 0.0}})},
       {"segment.weight", tensor({{0.0, 0.0}, {0.0, 9.0}})},
       {"norm.weight", ones({2})},
       {"norm.bias", zeros({2})}});
  return embeddings;
}

}  // namespace

TEST(BertEmbeddings, NormaliseTheSumOfTokenPositionAndSegment) {
  // Sums: [1, 0], [0, 1 + 2], [5 + 3, 5], and with segment 1 at the end [8, 14]: two numbers
  // normalise to their signs.
  const Tensor ids = tensor({0, 1, 2}, int64);
  expect_values(by_hand()(ids), {1, -1, -1, 1, 1, -1}, 1e-6);
  expect_values(by_hand()(ids, tensor({0, 0, 1}, int64)), {1, -1, -1, 1, -1, 1}, 1e-6);
}

TEST(BertEmbeddings, EpsilonIsBerts) {
  // A row of differences as small as 1e-4 is still normalised: eps 1e-5 would make it ±0.016.
  const nn::BertEmbeddings embeddings(1, 2, {.dropout = 0});
  const NoGradGuard no_grad;
  embeddings.token.weight.copy_(tensor({{0.0, 1e-4}}));
  embeddings.position.weight.zero_();
  embeddings.segment.weight.zero_();
  expect_values(embeddings(zeros({1}, int64)), {-1, 1}, 1e-3);
}

TEST(BertEmbeddings, BeginSmall) {
  manual_seed(1);
  const nn::BertEmbeddings embeddings(500, 16);
  EXPECT_NEAR(embeddings.token.weight.pow(2).mean().item(), 4e-4, 2e-5);
}

TEST(BertEmbeddings, EveryParameterTrains) {
  const nn::BertEmbeddings embeddings(5, 4, {.max_len = 2});
  manual_seed(2);
  const Tensor out = embeddings(tensor({{0, 1}, {2, 3}}, int64), tensor({0, 1}, int64));
  expect_trains_exactly_its_parameters(embeddings, (out * randn({2, 2, 4})).sum());
}

TEST(BertEmbeddings, WrongIdsAreNamed) {
  expect_error<IndexError>([] { by_hand()(tensor({0, 3}, int64)); }, {"3"});
  expect_error<IndexError>([] { by_hand()(tensor({0}, int64), tensor({2}, int64)); }, {"2"});
  expect_error<ShapeError>([] { by_hand()(zeros({1, 5}, int64)); }, {"5", "4"});
}

}  // namespace rill::testing
