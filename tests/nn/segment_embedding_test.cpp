#include <gtest/gtest.h>

#include <rill/nn/positions/segment_embedding.h>

#include "tests/support/expect.h"

namespace rill::testing {
namespace {

Tensor ids(std::initializer_list<NestedList> values) { return tensor(values, int64); }

}  // namespace

TEST(SegmentEmbedding, AddsTheRowOfEachSegment) {
  const nn::SegmentEmbedding segments(2);
  segments.load_state_dict({{"weight", tensor({{1.0, 2.0}, {10.0, 20.0}})}});
  const Tensor x = zeros({2, 2, 2});
  expect_values(segments(x, ids({{0, 1}, {1, 1}})), {1, 2, 10, 20, 10, 20, 10, 20});
  expect_values(segments(x, ids({0, 1})), {1, 2, 10, 20, 1, 2, 10, 20});
  expect_values(segments(x[0], ids({1, 0})), {10, 20, 1, 2});
}

TEST(SegmentEmbedding, IdOutOfRangeNamesItsPlace) {
  const nn::SegmentEmbedding segments(2);
  expect_error<IndexError>([&] { segments(zeros({1, 2, 2}), ids({{0, 2}})); }, {"2", "[0, 1]"});
}

TEST(SegmentEmbedding, IdsThatDoNotFitTheTokensAreRefused) {
  const nn::SegmentEmbedding segments(2);
  expect_error<ShapeError>(
      [&] {
        segments(zeros({2, 3, 2}), ids({0, 1}));
      },
      {"[2, 3]", "[3]", "[2]"});
}

TEST(SegmentIds, SeparatorBelongsToTheSegmentThatItEnds) {
  const Tensor found = nn::segment_ids(ids({{5, 6, 9, 7, 9}, {9, 5, 5, 9, 9}}), 9, 3);
  EXPECT_EQ(found.dtype(), int64);
  expect_values(found, {0, 0, 0, 1, 1, 0, 1, 1, 1, 2});
}

TEST(SegmentIds, WhatFollowsTheLastSegmentStaysInIt) {
  expect_values(nn::segment_ids(ids({1, 9, 1, 9, 0, 0}), 9), {0, 0, 1, 1, 1, 1});
}

TEST(SegmentIds, WithoutASeparatorAllIsOneSegment) {
  expect_values(nn::segment_ids(ids({1, 2, 3}), 9), {0, 0, 0});
}

}  // namespace rill::testing
