#include <gtest/gtest.h>

#include <rill/core/ops.h>
#include <rill/nn/positions/relative_position_bias.h>

#include "tests/support/expect.h"

namespace rill::testing {
namespace {

const std::vector<int64_t> relative{-130, -91, -90, -64, -63, -16, -15, -8,
                                    -1,   0,   1,   8,   12,  64,  130};

std::vector<int64_t> buckets(const std::vector<int64_t>& relative, bool bidirectional) {
  return nn::relative_position_bucket(from_vector(relative), {.bidirectional = bidirectional})
      .to_vector<int64_t>();
}

/// The distances at which the bucket of a key to the left changes.
std::vector<int64_t> thresholds(bool bidirectional) {
  std::vector<int64_t> found;
  int64_t before = 0;
  for (int64_t n = 1; n < 300; ++n) {
    const int64_t bucket = buckets({-n}, bidirectional)[0];
    if (bucket != before) found.push_back(n);
    before = bucket;
  }
  return found;
}

}  // namespace

TEST(RelativePositionBias, BucketsAreT5s) {
  EXPECT_EQ(buckets(relative, true),
            (std::vector<int64_t>{15, 15, 14, 14, 13, 10, 9, 8, 1, 0, 17, 24, 25, 30, 31}));
  EXPECT_EQ(buckets(relative, false),
            (std::vector<int64_t>{31, 29, 29, 26, 26, 16, 15, 8, 1, 0, 0, 0, 0, 0, 0}));
}

TEST(RelativePositionBias, BucketsChangeWhereT5sDo) {
  EXPECT_EQ(thresholds(true),
            (std::vector<int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91}));
  EXPECT_EQ(thresholds(false),
            (std::vector<int64_t>{1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16,
                                  19, 21, 24, 27, 31, 35, 40, 46, 52, 59, 67, 77, 87, 99, 113}));
}

TEST(RelativePositionBias, IsTheTableAtTheBucketOfEachPair) {
  const nn::RelativePositionBias encoding(2, {.num_buckets = 8, .max_distance = 16});
  const Tensor bias = encoding.bias(3, 3);
  EXPECT_EQ(bias.shape(), (Shape{2, 3, 3}));
  const auto weight = [&](int64_t bucket, int64_t head) {
    return encoding.weight[bucket][head].item();
  };
  // Keys to the right: buckets 4 and up; 2 is the first distance that is not alone.
  EXPECT_EQ(bias[1][0][0].item(), weight(0, 1));
  EXPECT_EQ(bias[1][0][1].item(), weight(5, 1));
  EXPECT_EQ(bias[1][0][2].item(), weight(6, 1));
  EXPECT_EQ(bias[0][2][0].item(), weight(2, 0));
}

TEST(RelativePositionBias, GradientOfABucketIsTheSumOverItsPairs) {
  const nn::RelativePositionBias encoding(1, {.bidirectional = false});
  encoding.bias(3, 3).sum().backward();
  // Bucket 0: three times the same place, three keys to the right; 1: two pairs; 2: one.
  const std::vector<double> grad = encoding.weight.grad().to_vector<double>();
  EXPECT_EQ(grad[0], 6);
  EXPECT_EQ(grad[1], 2);
  EXPECT_EQ(grad[2], 1);
  EXPECT_EQ(grad[3], 0);
}

TEST(RelativePositionBias, QueriesAreTheLastOfTheKeys) {
  const nn::RelativePositionBias encoding(2);
  expect_values(encoding.bias(1, 5), encoding.bias(5, 5).narrow(1, 4, 1).to_vector());
}

TEST(RelativePositionBias, WrongSizesAreNamed) {
  expect_error<ValueError>([] { nn::RelativePositionBias(0); }, {"num_heads", "0"});
  expect_error<ValueError>([] { nn::RelativePositionBias(1, {.num_buckets = 2}); },
                           {"2 buckets", "both sides"});
  expect_error<ValueError>([] { nn::RelativePositionBias(1, {.max_distance = 4}); },
                           {"max_distance 4"});
  expect_error<ShapeError>([] { nn::RelativePositionBias(1).bias(2, 1); }, {"2 queries", "1 key"});
}

}  // namespace rill::testing
