#include <rill/core/distributed/detail/sum_tree.h>

#include <vector>

#include "tests/support/expect.h"

namespace rill::distributed {
namespace {

/// The sum in one array, by recursion: the largest power of two below `count` on the left.
float expected_sum(const std::vector<float>& items, size_t first, size_t count) {
  if (count == 1) return items[first];
  size_t left = 1;
  while (left * 2 < count) left *= 2;
  return expected_sum(items, first, left) + expected_sum(items, first + left, count - left);
}

std::vector<float> items_of(size_t count) {
  std::vector<float> items;
  for (size_t i = 0; i < count; ++i)
    items.push_back((i % 3 ? 1.0F : -1e4F) / static_cast<float>(i + 1));
  return items;
}

TEST(SumTree, AddsPairsAndPairsOfPairs) {
  for (size_t count = 1; count < 40; ++count) {
    std::vector<float> items = items_of(count);
    const float expected = expected_sum(items, 0, count);
    SumTree tree(float32, 1);
    for (size_t i = 0; i < count; ++i) tree.add({static_cast<int64_t>(i), 0}, &items[i]);
    EXPECT_EQ(*static_cast<float*>(tree.sum()), expected) << count;
  }
}

TEST(SumTree, GivesTheSameBitsHoweverItsItemsAreDealtOut) {
  for (int64_t count = 1; count < 20; ++count)
    for (int ranks = 1; ranks <= 7; ++ranks) {
      std::vector<float> items = items_of(static_cast<size_t>(count));
      const float expected = expected_sum(items, 0, items.size());
      SumTree all(float32, 1);
      for (int r = 0; r < ranks; ++r) {
        const int64_t first = first_of(r, ranks, count), end = first_of(r + 1, ranks, count);
        SumTree own(float32, 1);
        for (int64_t i = first; i < end; ++i) own.add({i, 0}, &items[static_cast<size_t>(i)]);
        ASSERT_EQ(own.parts(), parts_of(first, end));
        for (size_t k = 0; k < own.parts().size(); ++k) all.add(own.parts()[k], own.data()[k]);
      }
      EXPECT_EQ(*static_cast<float*>(all.sum()), expected) << count << " on " << ranks;
    }
}

TEST(SumTree, OfNothingIsNothing) {
  EXPECT_EQ(SumTree(float32, 1).sum(), nullptr);
  EXPECT_TRUE(parts_of(3, 3).empty());
}

}  // namespace
}  // namespace rill::distributed
