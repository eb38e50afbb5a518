#include <gtest/gtest.h>

#include <rill/core/ops.h>

#include "tests/support/expect.h"

namespace rill::testing {
namespace {

TEST(RepeatInterleave, MakesADimensionOfATensorThatHasNone) {
  const Tensor out = repeat_interleave(tensor(3.0), 2, 0);
  EXPECT_EQ(out.shape(), Shape{2});
  expect_values(out, {3, 3});
}

TEST(Pad, NamesBothSidesWhereTooMuchIsTaken) {
  expect_error<ShapeError>(
      [] {
        (void)pad(ones({2, 3}), {-5, 1});
      },
      {"cannot add -5 and 1 places to dimension 1 of [2, 3]"});
}

}  // namespace
}  // namespace rill::testing
