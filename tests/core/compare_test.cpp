#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <rill/core/ops.h>

#include "tests/support/expect.h"

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_values;

TEST(Equal, WantsShapeDtypeAndEveryElement) {
  const Tensor x = tensor({1.0, 2.0});
  EXPECT_TRUE(equal(x, tensor({1.0, 2.0})));
  EXPECT_FALSE(equal(x, tensor({1.0, 3.0})));
  EXPECT_FALSE(equal(x, tensor({{1.0, 2.0}})));
  EXPECT_FALSE(equal(x, tensor({1, 2}, float64)));
  EXPECT_FALSE(equal(tensor({NAN}), tensor({NAN})));
  EXPECT_TRUE(equal(zeros({0}), zeros({0})));
}

TEST(AllClose, ComparesWithToleranceAndKnowsInfinitiesAndNan) {
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor x = tensor({1, 1000}, float64);
  EXPECT_TRUE(allclose(x, x + 1e-6));
  EXPECT_FALSE(allclose(x, x + 1e-4));
  EXPECT_TRUE(allclose(x, x + 1e-4, 0, 1e-3));
  EXPECT_TRUE(allclose(tensor({0.0}), tensor({1e-9})));
  EXPECT_TRUE(allclose(tensor({inf}), tensor({inf})));
  EXPECT_FALSE(allclose(tensor({inf}), tensor({-inf})));
  EXPECT_FALSE(allclose(tensor({inf}), tensor({1.0})));
  EXPECT_FALSE(allclose(tensor({1.0}), tensor({inf})));
  EXPECT_FALSE(allclose(tensor({NAN}), tensor({NAN})));
  EXPECT_TRUE(allclose(tensor({NAN}), tensor({NAN}), 0, 0, true));
  EXPECT_TRUE(allclose(arange(3), arange(3)));
  EXPECT_THROW(allclose(x, ones(2)), DTypeError);
}

TEST(IntegerDivision, ByZeroIsRefusedAndTheLeastNumberWraps) {
  const Tensor least = full(1, -0x1p63, int64);
  expect_error<ValueError>([] { floor_divide(arange(3), 0); }, {"floor_divide", "divided by 0"});
  expect_error<ValueError>([] { arange(3) % tensor({1, 0, 1}, int64); }, {"remainder"});
  expect_values(least % -1, {0});
  EXPECT_EQ(floor_divide(least, -1).item<int64_t>(), least.item<int64_t>());
}

}  // namespace
}  // namespace rill
