#include <rill/core/inspect/snapshot.h>

#include <cmath>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>
#include <rill/core/ops.h>

namespace rill::inspect {
namespace {

TEST(Snapshot, HoldsNumbersAndStatistics) {
  const Snapshot shot(tensor({{3.0, 0.0}, {-4.0, 1.0}}), 4);
  EXPECT_EQ(shot.shape, Shape({2, 2}));
  EXPECT_EQ(shot.values, (std::vector<double>{3, 0, -4, 1}));
  EXPECT_EQ(shot.min, -4);
  EXPECT_EQ(shot.max, 3);
  EXPECT_EQ(shot.mean, 0);
  EXPECT_NEAR(shot.rms, std::sqrt(26.0 / 4), 1e-6);
  EXPECT_EQ(shot.zeros, 1);
  EXPECT_TRUE(shot.picture.empty());
}

TEST(Snapshot, OfAViewIsInItsOwnOrder) {
  const Snapshot shot(tensor({{1.0, 2.0}, {3.0, 4.0}}).T(), 4);
  EXPECT_EQ(shot.values, (std::vector<double>{1, 3, 2, 4}));
}

TEST(Snapshot, CountsElementsByTheirPlaceBetweenLeastAndLargest) {
  const Snapshot shot(linspace(0, 16, 17), 0);
  EXPECT_EQ(std::accumulate(shot.histogram.begin(), shot.histogram.end(), int64_t{0}), 17);
  EXPECT_EQ(shot.histogram.front(), 1);
  EXPECT_EQ(shot.histogram.back(), 2);  // 15 and the largest
}

TEST(Snapshot, OfManyElementsIsAPictureOfMeans) {
  const Tensor x = cat({zeros(30, 48), ones(18, 48)}, 0);
  const Snapshot shot(x, 100);
  EXPECT_TRUE(shot.values.empty());
  EXPECT_EQ(shot.picture_rows, 24);
  EXPECT_EQ(shot.picture_columns, 24);
  ASSERT_EQ(shot.picture.size(), 24u * 24);
  EXPECT_EQ(shot.picture[0], 0);
  EXPECT_EQ(shot.picture[15 * 24], 1);  // rows 30 and 31
  EXPECT_EQ(shot.picture.back(), 1);
}

TEST(Snapshot, OfWholeNumbersMasksNothingAndOneNumber) {
  EXPECT_EQ(Snapshot(tensor({7, -9}), 2).min, -9);
  EXPECT_EQ(Snapshot(tensor({true, false}), 2).values, (std::vector<double>{1, 0}));
  EXPECT_EQ(Snapshot(zeros(0, 3), 2).numel(), 0);
  EXPECT_EQ(Snapshot(tensor(2.5), 0).values, std::vector<double>{2.5});
}

TEST(Snapshot, OfWhatIsNoNumberHasNoBounds) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Snapshot shot(from_vector(std::vector<float>{nan, nan}), 2);
  EXPECT_EQ(shot.not_finite, 2);
  EXPECT_EQ(shot.min, 0);
  EXPECT_EQ(shot.rms, 0);
}

}  // namespace
}  // namespace rill::inspect
