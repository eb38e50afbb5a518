#include <rill/core/autograd.h>
#include <rill/core/ops.h>

#include "tests/support/expect.h"

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_values;

TEST(Clone, IsRowMajorWhateverTheStrides) {
  const Tensor x = tensor({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  const Tensor copied = x.T().clone();
  EXPECT_TRUE(copied.is_contiguous());
  EXPECT_FALSE(copied.is_view());
  expect_values(copied, {1, 4, 2, 5, 3, 6});
}

TEST(Clone, IsUntouchedByWritesToTheOriginal) {
  const Tensor x = tensor({1.0, 2.0});
  const Tensor copied = x.clone();
  x.fill_(5);
  expect_values(copied, {1, 2});
  EXPECT_EQ(copied.version(), 0u);
}

TEST(Contiguous, IsTheTensorItselfWhereItIsRowMajor) {
  const Tensor x = zeros({2, 3});
  EXPECT_EQ(x.contiguous().impl(), x.impl());
  const Tensor turned = x.T();
  EXPECT_NE(turned.contiguous().impl(), turned.impl());
  EXPECT_EQ(turned.contiguous().strides(), Shape({2, 1}));
}

TEST(To, SameDtypeIsTheTensorItself) {
  const Tensor x = zeros({2});
  EXPECT_EQ(x.to(float32).impl(), x.impl());
}

TEST(To, GradientComesBackInTheDtypeOfTheInput) {
  const Tensor x = tensor({1.0, 2.0}).requires_grad_();
  (x.to(float64) * tensor({3, 4}, float64)).sum().backward();
  EXPECT_EQ(x.grad().dtype(), float32);
  expect_values(x.grad(), {3, 4});
}

TEST(To, IntegersLeaveTheGraph) {
  const Tensor x = tensor({1.9, -1.9}).requires_grad_();
  const Tensor whole = x.to(int64);
  EXPECT_FALSE(whole.requires_grad());
  expect_values(whole, {1, -1});
}

}  // namespace
}  // namespace rill
