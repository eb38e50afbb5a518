#include <rill/core/shape.h>

#include <rill/core/ops.h>

#include "tests/support/expect.h"

namespace rill {
namespace {

using testing::expect_error;

TEST(Shape, CountsItsElements) {
  EXPECT_EQ(Shape({2, 3, 4}).numel(), 24);
  EXPECT_EQ(Shape({}).numel(), 1);
  EXPECT_EQ(Shape({2, 0}).numel(), 0);
}

TEST(Shape, InsertsAndErases) {
  Shape shape{2, 4};
  shape.insert(1, 3);
  EXPECT_EQ(shape, Shape({2, 3, 4}));
  shape.erase(0);
  EXPECT_EQ(shape, Shape({3, 4}));
}

TEST(Shape, CountsNegativeNumbersFromTheEnd) {
  Shape shape{2, 3, 4};
  EXPECT_EQ(shape[-1], 4);
  shape[-3] = 5;
  EXPECT_EQ(shape, Shape({5, 3, 4}));
  for (const int64_t beyond : {3, -4, 100000})
    expect_error<IndexError>([&] { return shape[beyond]; }, {"[5, 3, 4]", std::to_string(beyond)});
  expect_error<IndexError>([] { return Shape()[0]; }, {"[]"});
}

TEST(Shape, TakesVectorsOfAnyWholeNumbers) {
  EXPECT_EQ(Shape(std::vector<int>{2, 3}), Shape({2, 3}));
  EXPECT_EQ(zeros(std::vector<size_t>{2, 3}).shape(), Shape({2, 3}));
}

TEST(Shape, RefusesMoreThanEightDimensions) {
  expect_error<ShapeError>([] { Shape({1, 1, 1, 1, 1, 1, 1, 1, 1}); }, {"at most 8", "9"});
}

TEST(Shape, BroadcastsAsNumPyDoes) {
  EXPECT_EQ(broadcast_shapes({2, 1, 4}, {3, 1}), Shape({2, 3, 4}));
  EXPECT_EQ(broadcast_shapes({}, {5}), Shape({5}));
  EXPECT_EQ(broadcast_shapes({1}, {0}), Shape({0}));
  expect_error<ShapeError>([] { broadcast_shapes({2, 3}, {2, 4}); }, {"[2, 3]", "[2, 4]"});
}

TEST(Shape, BroadcastsNothingButOnesWhicheverSideIsShorter) {
  for (const int64_t size : {0, 2, 3})
    for (const Shape& other : {Shape{4}, Shape{5, 4}, Shape{4, 4}}) {
      const std::vector<std::string> both{std::to_string(size), "4", "differ"};
      expect_error<ShapeError>([&] { broadcast_shapes({size}, other); }, both);
      expect_error<ShapeError>([&] { broadcast_shapes(other, {size}); }, both);
    }
}

TEST(Shape, NegativeDimensionsCountFromTheEnd) {
  EXPECT_EQ(normalize_dim(-1, 3), 2);
  EXPECT_EQ(normalize_dim(0, 0), 0);
  EXPECT_EQ(normalize_dim(-1, 0), 0);
  expect_error<IndexError>([] { normalize_dim(3, 3); }, {"3", "-3 to 2"});
  expect_error<ShapeError>([] { normalize_dims({0, -2}, 2); }, {"twice"});
}

TEST(Shape, RefusesNegativeAndOverflowingSizes) {
  expect_error<ShapeError>([] { check_sizes({2, -3}, 4); }, {"-3", "[2, -3]"});
  expect_error<ShapeError>(
      [] {
        check_sizes({int64_t{1} << 40, int64_t{1} << 40}, 4);
      },
      {"[1099511627776, 1099511627776]"});
  expect_error<ShapeError>([] { check_sizes({int64_t{1} << 61}, 8); }, {"[2305843009213693952]"});
  EXPECT_NO_THROW(check_sizes({int64_t{1} << 40, int64_t{1} << 40, 0}, 4));
}

TEST(Shape, HoldsNothingWhereASizeIs0HoweverLargeTheOthersAre) {
  constexpr int64_t large = int64_t{1} << 40;
  for (const Shape& shape :
       {Shape{large, large, 0}, Shape{0, large, large}, Shape{large, 0, large}}) {
    EXPECT_EQ(shape.numel(), 0);
    const Tensor x = zeros(shape);
    EXPECT_EQ(x.numel(), 0);
    EXPECT_EQ((x + 1).sum().item(), 0);
  }
}

}  // namespace
}  // namespace rill
