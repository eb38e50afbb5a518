#include <rill/core/detail/overlap.h>

#include <gtest/gtest.h>

#include <random>
#include <set>

#include <rill/core/inplace.h>
#include <rill/core/ops.h>

#include "tests/support/expect.h"

namespace rill {
namespace {

/// The addresses of the elements of x, one by one.
std::set<const float*> places_of(const Tensor& x) {
  std::set<const float*> places;
  if (x.dims() == 0) return {x.data<float>()};
  for (int64_t i = 0; i < x.size(0); ++i) places.merge(places_of(x[i]));
  return places;
}

bool share(const std::set<const float*>& a, const std::set<const float*>& b) {
  for (const float* place : a)
    if (b.contains(place)) return true;
  return false;
}

/// A view of `storage` by a few slices, transposes and selections drawn at random.
Tensor some_view(const Tensor& storage, std::mt19937& random) {
  const auto draw = [&](int64_t below) { return static_cast<int64_t>(random() % below); };
  Tensor view = storage;
  for (int64_t steps = 1 + draw(4); steps > 0 && view.dims() > 0; --steps) {
    const int64_t dim = draw(view.dims()), size = view.size(dim);
    switch (draw(4)) {
      case 0: view = view.transpose(dim, draw(view.dims())); break;
      case 1: view = size > 0 ? view.select(dim, draw(size)) : view; break;
      default: view = view.slice(dim, draw(size + 1), draw(size + 1) + 2, 1 + draw(3));
    }
  }
  return view;
}

TEST(Overlap, IsWhatAddressesSay) {
  std::mt19937 random(1);
  int overlapping = 0;
  constexpr int rounds = 4000;
  for (int round = 0; round < rounds; ++round) {
    const Tensor storage = zeros({5, 4, 6});
    const Tensor a = some_view(storage, random), b = some_view(storage, random);
    const bool expected = share(places_of(a), places_of(b));
    ASSERT_EQ(detail::shares_an_element(a, b), expected)
        << to_string(a.shape()) << " by " << to_string(a.strides()) << ", " << to_string(b.shape())
        << " by " << to_string(b.strides());
    overlapping += expected;
  }
  EXPECT_GT(overlapping, rounds / 10);
  EXPECT_LT(overlapping, rounds * 9 / 10);
}

TEST(Overlap, OfStridesWithoutACommonDivisor) {
  const Tensor x = arange(0, 1000, 1, float32);
  // 3 i = 1 + 5 j has solutions from (2, 1) on; 6 i = 1 + 4 j has none.
  EXPECT_TRUE(detail::shares_an_element(x.slice(0, 0, 7, 3), x.slice(0, 1, 7, 5)));
  EXPECT_FALSE(detail::shares_an_element(x.slice(0, 0, 6, 3), x.slice(0, 1, 7, 5)));
  EXPECT_FALSE(detail::shares_an_element(x.slice(0, 0, 1000, 6), x.slice(0, 1, 1000, 4)));
}

TEST(Overlap, OfEmptyAndExpandedTensors) {
  const Tensor x = zeros({4});
  EXPECT_FALSE(detail::shares_an_element(x, x.narrow(0, 2, 0)));
  EXPECT_TRUE(detail::shares_an_element(x, x[3].expand({7, 7})));
  EXPECT_FALSE(detail::shares_an_element(x.narrow(0, 0, 3), x[3].expand({7, 7})));
  EXPECT_FALSE(detail::shares_an_element(x, zeros({4})));
}

TEST(Overlap, OfTwoColumnsIsNoneSoThatOneMayBeAddedToTheOther) {
  const Tensor x = tensor({{1.0, 2.0}, {3.0, 4.0}, {5.0, 6.0}});
  x.select(1, 0).add_(x.select(1, 1));
  testing::expect_values(x, {3, 2, 7, 4, 11, 6});
}

}  // namespace
}  // namespace rill
