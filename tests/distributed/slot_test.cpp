#include <rill/core/distributed/detail/slot.h>
#include <rill/core/ops.h>

#include <string>
#include <vector>

#include "tests/support/expect.h"

namespace rill::testing {
namespace {

using distributed::Bucket;
using distributed::Slot;
using distributed::slots_of;

/// Names by bucket: "c b | a".
std::string shown(const std::vector<Slot>& slots) {
  std::string text;
  for (size_t i = 0; i < slots.size(); ++i)
    text += (i == 0 ? "" : slots[i].bucket != slots[i - 1].bucket ? " | " : " ") + slots[i].name;
  return text;
}

std::string laid_out(const std::vector<NamedTensor>& parameters, int64_t bucket_bytes) {
  std::vector<Bucket> buckets;
  return shown(slots_of(parameters, bucket_bytes, buckets));
}

TEST(Slots, AreCutFromTheFirstParameterOnWhoseBucketComesLastAndIsFull) {
  const std::vector<NamedTensor> parameters{{"a", zeros({1})},
                                            {"b", zeros({3})},
                                            {"c", zeros({2})},
                                            {"d", zeros({9})},
                                            {"e", zeros({1})}};
  EXPECT_EQ(laid_out(parameters, 16), "e | d c | b a");
  EXPECT_EQ(laid_out(parameters, 17), "e | d | c b a");
  EXPECT_EQ(laid_out(parameters, 1), "e | d | c | b | a");
  EXPECT_EQ(laid_out(parameters, 1000), "e d c b a");
  EXPECT_EQ(laid_out({}, 16), "");
}

TEST(Slots, OfOtherDtypesAreInOtherBuckets) {
  EXPECT_EQ(laid_out({{"a", zeros({1})}, {"b", zeros({1}, float64)}, {"c", zeros({1})}}, 1000),
            "c | b | a");
}

TEST(Slots, OfATiedWeightAreOne) {
  const Tensor w = zeros({2});
  EXPECT_EQ(laid_out({{"w", w}, {"b", zeros({1})}, {"head", w}}, 1000), "b w");
}

TEST(Slots, StandSideBySideBehindOtherBucketsWithTheirCountsBehindThem) {
  std::vector<Bucket> buckets;
  buckets.emplace_back(float64);
  const std::vector<Slot> slots =
      slots_of({{"a", zeros({2, 3})}, {"b", zeros({2})}}, 1000, buckets);
  ASSERT_EQ(buckets.size(), 2U);
  EXPECT_EQ(buckets[1].numbers(), 2 + 6 + 2);
  const Tensor row = arange(10, float32);
  expect_values(slots[0].gradient_in(row), {0, 1});
  expect_values(slots[1].gradient_in(row), {2, 3, 4, 5, 6, 7});
  EXPECT_EQ(slots[1].gradient_in(row).shape(), (Shape{2, 3}));
  expect_values(slots[0].count_in(row), {8});
  expect_values(slots[1].count_in(row), {9});
}

}  // namespace
}  // namespace rill::testing
