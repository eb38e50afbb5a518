#include <rill/core/autograd.h>
#include <rill/core/ops.h>

#include "tests/support/expect.h"

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_values;

Tensor count_to(const Shape& shape, DType dtype = float64) {
  return reshape(arange(0, static_cast<double>(shape.numel()), 1, dtype), shape);
}

TEST(View, SharesStorageAndVersion) {
  const Tensor x = count_to({2, 3});
  const Tensor seen = x.view({3, 2});
  EXPECT_TRUE(seen.is_view());
  EXPECT_EQ(seen.raw_data(), x.raw_data());
  seen.fill_(7);
  expect_values(x, {7, 7, 7, 7, 7, 7});
  EXPECT_EQ(x.version(), 1u);
}

TEST(View, StridesThatCannotExpressTheShapeSuggestReshape) {
  const Tensor x = count_to({2, 3}).T();
  expect_error<ShapeError>([&] { x.view({6}); }, {"view: ", "[3, 2]", "[6]", "use reshape"});
  expect_values(x.reshape({6}), {0, 3, 1, 4, 2, 5});
}

TEST(View, SplitsAndMergesDimensionsOfStridedTensors) {
  const Tensor x = count_to({4, 4});
  const Tensor columns = x.slice(1, 0, 4, 2);
  EXPECT_EQ(columns.view({8}).strides(), Shape({2}));
  expect_values(columns.view({8}), {0, 2, 4, 6, 8, 10, 12, 14});
  EXPECT_EQ(x.slice(0, 0, 4, 2).view({2, 2, 2}).strides(), Shape({8, 2, 1}));
  EXPECT_EQ(x.T().view({4, 2, 2}).strides(), Shape({1, 8, 4}));
}

TEST(View, MinusOneTakesWhatIsLeft) {
  const Tensor x = zeros({2, 3, 4});
  EXPECT_EQ(x.view({-1}).shape(), Shape({24}));
  EXPECT_EQ(x.view({4, -1}).shape(), Shape({4, 6}));
  EXPECT_EQ(zeros({0, 3}).view({-1}).shape(), Shape({0}));
  EXPECT_EQ(zeros({0, 3}).view({-1, 3}).shape(), Shape({0, 3}));
}

TEST(View, RefusesWhatIsAmbiguousOrDoesNotFit) {
  const Tensor x = zeros({2, 3});
  expect_error<ShapeError>([&] { x.view({-1, -1}); }, {"only one size may be -1", "[-1, -1]"});
  expect_error<ShapeError>([&] { x.view({-2, -3}); }, {"-2"});
  expect_error<ShapeError>([&] { x.view({4, 2}); }, {"[2, 3]", "6 elements", "[4, 2]"});
  expect_error<ShapeError>([&] { x.view({4, -1}); }, {"[2, 3]", "[4, -1]"});
  expect_error<ShapeError>([] { zeros({0, 3}).view({-1, 0}); }, {"ambiguous", "[-1, 0]"});
  const int64_t huge = int64_t{1} << 40;
  expect_error<ShapeError>([&] { x.view({huge, huge}); }, {"1099511627776"});
}

TEST(Reshape, CopiesOnlyWhereItMust) {
  const Tensor x = count_to({2, 3});
  EXPECT_EQ(x.reshape({6}).raw_data(), x.raw_data());
  const Tensor copied = x.T().reshape({6});
  EXPECT_NE(copied.raw_data(), x.raw_data());
  EXPECT_FALSE(copied.is_view());
}

TEST(Reshape, GradientFlowsThroughACopy) {
  const Tensor x = count_to({2, 3}).requires_grad_();
  x.T().reshape({6}).backward(tensor({1, 2, 3, 4, 5, 6}, float64));
  expect_values(x.grad(), {1, 3, 5, 2, 4, 6});
}

TEST(Views, GradientsFlowThroughAChainOfThem) {
  const Tensor x = count_to({2, 3, 4}).requires_grad_();
  const Tensor part = x.permute({2, 0, 1}).select(0, 1).unsqueeze(1).narrow(-1, 1, 2).flatten();
  expect_values(part, {5, 9, 17, 21});
  part.backward(tensor({1, 2, 3, 4}, float64));
  std::vector<double> expected(24);
  expected[5] = 1, expected[9] = 2, expected[17] = 3, expected[21] = 4;
  expect_values(x.grad(), expected);
}

TEST(Permute, RefusesRepeatedAndMissingDimensions) {
  const Tensor x = zeros({2, 3});
  expect_error<ShapeError>([&] { x.permute({0, -2}); }, {"permute: ", "twice"});
  expect_error<ShapeError>([&] { x.permute({0}); }, {"all 2 dimensions", "[0]"});
  expect_error<IndexError>([&] { x.permute({0, 2}); }, {"2"});
}

TEST(Transpose, DimensionOutOfRangeIsNamed) {
  expect_error<IndexError>([] { zeros({2, 3}).transpose(0, 2); }, {"transpose: ", "2"});
  EXPECT_EQ(scalar(1).transpose(0, -1).shape(), Shape());
}

TEST(Narrow, AcceptsANegativeStart) { expect_values(count_to({5}).narrow(0, -3, 2), {2, 3}); }

TEST(Narrow, RefusesWhatGoesBeyondTheSize) {
  const Tensor x = zeros({2, 3});
  EXPECT_EQ(x.narrow(1, 3, 0).shape(), Shape({2, 0}));
  expect_error<IndexError>([&] { x.narrow(1, 2, 2); },
                           {"narrow: ", "start 2", "length 2", "size 3"});
  expect_error<IndexError>([&] { x.narrow(1, 4, 0); }, {"start 4", "[2, 3]"});
  expect_error<IndexError>([&] { x.narrow(1, -4, 1); }, {"start -4"});
  expect_error<ShapeError>([&] { x.narrow(1, 0, -1); }, {"negative length -1"});
  expect_error<ShapeError>([] { scalar(1).narrow(0, 0, 1); }, {"without dimensions"});
}

TEST(Slice, ClampsAsPythonDoes) {
  const Tensor x = count_to({6});
  expect_values(x.slice(0, 1, 100, 2), {1, 3, 5});
  expect_values(x.slice(0, -2, 6), {4, 5});
  expect_values(x.slice(0, -100, -4), {0, 1});
  EXPECT_EQ(x.slice(0, 4, 2).shape(), Shape({0}));
  expect_error<ValueError>([&] { x.slice(0, 0, 6, 0); }, {"slice: ", "step", "0"});
  expect_error<ValueError>([&] { x.slice(0, 0, 6, -1); }, {"-1"});
}

TEST(Slice, StepsLargerThanTheRangeDoNotOverflow) {
  const Tensor x = count_to({2, 3});
  expect_values(x.slice(1, 2, 3, int64_t{1} << 62), {2, 5});
}

TEST(Select, NegativeCountsFromTheEnd) {
  const Tensor x = count_to({2, 3});
  expect_values(x[-1], {3, 4, 5});
  expect_values(x.select(-1, -3), {0, 3});
}

TEST(Select, OutOfRangeNamesIndexAndShape) {
  expect_error<IndexError>([] { zeros({2, 3}).select(1, 3); }, {"select: ", "index 3", "[2, 3]"});
  expect_error<IndexError>([] { zeros({2, 3}).select(0, -3); }, {"index -3"});
  expect_error<ShapeError>([] { scalar(1).select(0, 0); }, {"without dimensions"});
}

TEST(Squeeze, LeavesADimensionThatIsNotOneAlone) {
  EXPECT_EQ(zeros({2, 1}).squeeze(0).shape(), Shape({2, 1}));
  EXPECT_EQ(zeros({2, 1}).squeeze(1).shape(), Shape({2}));
  EXPECT_EQ(zeros({1, 2, 1}).squeeze().shape(), Shape({2}));
}

TEST(Unsqueeze, GoesNoFurtherThanBehindTheLast) {
  EXPECT_EQ(zeros({2, 3}).unsqueeze(-1).shape(), Shape({2, 3, 1}));
  expect_error<IndexError>([] { zeros({2, 3}).unsqueeze(3); }, {"unsqueeze: ", "3"});
  expect_error<ShapeError>([] { zeros({1, 1, 1, 1, 1, 1, 1, 1}).unsqueeze(0); }, {"at most 8"});
}

TEST(Expand, KeepsASizeWhereMinusOneStands) {
  const Tensor x = count_to({3, 1});
  EXPECT_EQ(x.expand({2, -1, 4}).shape(), Shape({2, 3, 4}));
  EXPECT_EQ(x.expand({2, -1, 4}).strides(), Shape({0, 1, 0}));
  EXPECT_EQ(zeros({1}).expand({0}).shape(), Shape({0}));
}

TEST(Expand, RefusesWhatDoesNotStretch) {
  const Tensor x = zeros({2, 3});
  expect_error<ShapeError>([&] { x.expand({-1, 2, 3}); }, {"new dimension needs its size"});
  expect_error<ShapeError>([&] { x.expand({4, 3}); }, {"expand: ", "[2, 3]", "[4, 3]"});
  expect_error<ShapeError>([&] { x.expand({3}); }, {"fewer dimensions"});
  expect_error<ShapeError>([&] { x.expand({-2, 3}); }, {"negative"});
}

TEST(Flatten, RefusesDimensionsInTheWrongOrder) {
  EXPECT_EQ(scalar(1).flatten().shape(), Shape({1}));
  expect_error<ShapeError>([] { zeros({2, 3}).flatten(1, 0); }, {"flatten: ", "start_dim 1"});
}

TEST(Split, ListMustSumToTheSize) {
  const Tensor x = zeros({5});
  expect_error<ShapeError>([&] { x.split(std::vector<int64_t>{2, 2}); }, {"leave 1 of size 5"});
  expect_error<ShapeError>([&] { x.split(std::vector<int64_t>{2, 4}); }, {"exceed size 5"});
  expect_error<ShapeError>([&] { x.split(std::vector<int64_t>{6, -1}); }, {"split: "});
}

TEST(Split, PartsOfSizeZeroAreForEmptyDimensionsOnly) {
  EXPECT_EQ(zeros({0}).split(0).size(), 1u);
  expect_error<ValueError>([] { zeros({3}).split(0); }, {"parts of size 0"});
  expect_error<ValueError>([] { zeros({3}).split(-1); }, {"parts of size -1"});
}

TEST(Chunk, MayGiveFewerThanAsked) {
  const std::vector<Tensor> parts = zeros({10}).chunk(7);
  EXPECT_EQ(parts.size(), 5u);
  EXPECT_EQ(parts.back().shape(), Shape({2}));
  EXPECT_EQ(zeros({0}).chunk(3).size(), 3u);
  expect_error<ValueError>([] { zeros({3}).chunk(0); }, {"chunk: ", "0"});
}

TEST(Chunk, PartsThatAreNotUsedGiveZeros) {
  const Tensor x = count_to({2, 6}).requires_grad_();
  const std::vector<Tensor> parts = x.chunk(3, -1);
  expect_values(grad((parts[0] * parts[2]).sum(), x), {4, 5, 0, 0, 0, 1, 10, 11, 0, 0, 6, 7});
  expect_values(grad(parts[1].sum(), x), {0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0});
}

TEST(Alias, IsOneStepFurtherInTheGraph) {
  const Tensor x = tensor({1.0, 2.0}).requires_grad_();
  const Tensor other = alias(x);
  EXPECT_EQ(other.raw_data(), x.raw_data());
  EXPECT_FALSE(other.is_leaf());
  expect_values(grad((other * other).sum(), other), {2, 4});
}

}  // namespace
}  // namespace rill
