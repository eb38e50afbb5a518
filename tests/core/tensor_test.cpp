#include <rill/core/ops.h>
#include <rill/core/tensor.h>

#include <cmath>

#include "tests/support/expect.h"

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_values;

TEST(Tensor, IsMadeFromNestedLists) {
  const Tensor x = tensor({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  EXPECT_EQ(x.shape(), Shape({2, 3}));
  EXPECT_EQ(x.dtype(), float32);
  expect_values(x, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(tensor({7.0}).shape(), Shape({1}));
}

TEST(Tensor, RefusesRaggedLists) {
  expect_error<ShapeError>([] { tensor({{1.0, 2.0}, {3.0}}); }, {"2 and 1"});
  expect_error<ShapeError>([] { tensor({{1.0, 2.0}, 3.0}); }, {"a number stands"});
  expect_error<ShapeError>([] { tensor({1.0, {2.0, 3.0}}); }, {"a list stands"});
}

TEST(Tensor, IsMadeFromVectors) {
  EXPECT_EQ(from_vector<int64_t>({1, 2, 3}).dtype(), int64);
  EXPECT_EQ(from_vector<double>({1, 2, 3, 4}, {2, 2}).shape(), Shape({2, 2}));
  expect_error<ShapeError>([] { from_vector<float>({1, 2, 3}, {2, 2}); }, {"3 values", "[2, 2]"});
}

TEST(Tensor, FactoriesFill) {
  expect_values(full({2}, 1.5), {1.5, 1.5});
  expect_values(arange(1, 2, 0.25, float64), {1, 1.25, 1.5, 1.75});
  expect_values(arange(5, 0, -2, int64), {5, 3, 1});
  expect_values(linspace(0, 1, 5, float64), {0, 0.25, 0.5, 0.75, 1});
  expect_values(linspace(1, 3, 5, float64), {1, 1.5, 2, 2.5, 3});
  expect_values(linspace(3, 9, 1), {3});
  expect_values(eye(2, 3), {1, 0, 0, 0, 1, 0});
  expect_error<ValueError>([] { arange(0, 1, -1); }, {"0", "1", "-1"});
  expect_error<ValueError>([] { arange(-INFINITY, 1); }, {"from -inf to 1"});
  expect_error<ValueError>([] { arange(0, INFINITY); }, {"from 0 to inf"});
  expect_error<ValueError>([] { arange(0, 1, INFINITY); }, {"steps of inf"});
}

TEST(Tensor, NegativeSizeIsRefusedWithTheValue) {
  expect_error<ShapeError>([] { zeros({2, -5}); }, {"-5"});
}

TEST(Tensor, OverflowingSizeIsRefusedBeforeAllocation) {
  expect_error<ShapeError>(
      [] {
        Tensor::empty({int64_t{1} << 40, int64_t{1} << 40});
      },
      {"1099511627776"});
}

TEST(Tensor, FailedAllocationNamesTheBytesAndLeavesRillUsable) {
  const int64_t before = live_tensor_bytes();
  expect_error<OutOfMemoryError>([] { Tensor::empty({int64_t{1} << 50}); }, {"4503599627370496"});
  EXPECT_EQ(live_tensor_bytes(), before);
  expect_values(ones({2}) + ones({2}), {2, 2});
}

TEST(Tensor, ItemNeedsExactlyOneElement) {
  EXPECT_EQ(scalar(2.5).item(), 2.5);
  EXPECT_EQ(tensor({{7}}, int64).item<int64_t>(), 7);
  expect_error<ShapeError>([] { ones({2}).item(); }, {"[2]"});
}

TEST(Tensor, DataChecksTheDtype) {
  expect_error<DTypeError>([] { ones({2}).data<double>(); }, {"float64", "float32"});
}

TEST(Tensor, UndefinedTensorSaysSo) {
  EXPECT_FALSE(Tensor().defined());
  expect_error<Error>([] { Tensor().shape(); }, {"undefined", "grad()", "until backward"});
}

TEST(Tensor, CopiesOfAHandleAreTheSameTensor) {
  const Tensor a = ones({2});
  const Tensor b = a;
  b.fill_(3);
  expect_values(a, {3, 3});
  EXPECT_EQ(a.impl(), b.impl());
}

TEST(Tensor, SwapDataChangesItUnderAllItsHandles) {
  const Tensor weight = ones({2}).requires_grad_();
  const Tensor same = weight;
  weight.swap_data(tensor({5, 6, 7}, float64));
  EXPECT_EQ(same.dtype(), float64);
  EXPECT_TRUE(same.requires_grad());
  same.sum().backward();
  expect_values(weight.grad(), {1, 1, 1});
}

TEST(Tensor, Int64NeverMeetsANumberBeyondItsRange) {
  const Tensor five = tensor({5}, int64);
  expect_error<DTypeError>([&] { five + 1e30; }, {"int64", "1e+30", "to(float32)"});
  expect_error<DTypeError>([&] { lt(five, INFINITY); }, {"int64", "inf"});
  EXPECT_EQ(clamp(five, 0, 1e19).item<int64_t>(), 5);
  EXPECT_EQ(clamp(five, -1e19, 3).item<int64_t>(), 3);
}

TEST(Tensor, Int64IsMadeOfWhatItCanHoldOnly) {
  const double inf = INFINITY;
  expect_error<ValueError>([&] { return full({2}, inf, int64); }, {"int64", "inf"});
  expect_error<ValueError>([] { return full({2}, NAN, int64); }, {"int64", "nan"});
  expect_error<ValueError>([] { return scalar(1e30, int64); }, {"int64", "1e+30"});
  expect_error<DTypeError>([] { zeros({2}, int64).fill_(-1e30); }, {"fill_: ", "-1e+30"});
  expect_error<ValueError>([] { return tensor({1e30}, int64); }, {"int64", "1e+30"});
  expect_error<ValueError>([] { return tensor({~uint64_t{0}}, int64); }, {"int64", "1.8"});
  expect_error<ValueError>([] { return linspace(0, 1e30, 3, int64); }, {"int64"});
  EXPECT_EQ(scalar(-0x1p63, int64).item<int64_t>(), INT64_MIN);
  EXPECT_EQ(scalar(-2.7, int64).item<int64_t>(), -2);
}

TEST(Tensor, ListsOfIntegersAreExact) {
  const int64_t odd = (int64_t{1} << 53) + 1;
  EXPECT_EQ(tensor({odd}, int64).item<int64_t>(), odd);
  EXPECT_EQ(tensor({{INT64_MIN}, {INT64_MAX}}, int64).to_vector<int64_t>(),
            (std::vector<int64_t>{INT64_MIN, INT64_MAX}));
  expect_values(tensor({true, 3u, 'a', 2.5}), {1, 3, 97, 2.5});
}

TEST(Tensor, ArangeRefusesMoreNumbersThanATensorCanHold) {
  expect_error<ValueError>([] { arange(0, 1e30); }, {"arange: ", "1e+30"});
  expect_error<ValueError>([] { arange(0, 1, 1e-300, float64); }, {"arange: ", "1e-300"});
}

TEST(Linspace, ComesToItsEndExactlyAndIsTheSameFromBothEnds) {
  const std::vector<double> x = linspace(-0.9, 0.9, 8, float64).to_vector();
  EXPECT_EQ(x.back(), 0.9);  // −0.9 + 7 · (1.8 / 7) is 0.9000000000000002
  for (size_t i = 0; i < x.size(); ++i) EXPECT_EQ(x[i], -x[x.size() - 1 - i]) << i;
}

}  // namespace
}  // namespace rill
