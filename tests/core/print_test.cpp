#include <gtest/gtest.h>

#include <rill/core/ops.h>
#include <rill/core/tensor.h>

#include <cmath>
#include <sstream>

namespace rill {
namespace {

// The expected texts are what PyTorch 2.13 prints.

TEST(Print, WholeNumbersEndInAPoint) {
  EXPECT_EQ(tensor({{1.0, 2.0}, {3.0, 4.0}}).to_string(), "tensor([[1., 2.],\n        [3., 4.]])");
}

TEST(Print, FractionsHaveFourDecimalsAndOneWidth) {
  EXPECT_EQ(tensor({0.5, -1.25, 100.0}).to_string(), "tensor([  0.5000,  -1.2500, 100.0000])");
}

TEST(Print, WideRangesAreScientific) {
  EXPECT_EQ(tensor({1e-5, 1.0}).to_string(), "tensor([1.0000e-05, 1.0000e+00])");
  EXPECT_EQ(tensor({1.0, 2000.0}).to_string(), "tensor([1.0000e+00, 2.0000e+03])");
  EXPECT_EQ(tensor({1.0, 1000.0}).to_string(), "tensor([   1., 1000.])");
  EXPECT_EQ(tensor({1e-4, 0.05}, float64).to_string(), "tensor([0.0001, 0.0500], dtype=float64)");
}

TEST(Print, NumbersAboveAHundredMillionAreScientific) {
  EXPECT_EQ(tensor({1e8}, float64).to_string(), "tensor([100000000.], dtype=float64)");
  EXPECT_EQ(tensor({1e8 + 1}, float64).to_string(), "tensor([1.0000e+08], dtype=float64)");
  EXPECT_EQ(tensor({2.5e8, -1e8}, float64).to_string(),
            "tensor([ 2.5000e+08, -1.0000e+08], dtype=float64)");
}

TEST(Print, ScalarsHaveNoBrackets) {
  EXPECT_EQ(scalar(3.14).to_string(), "tensor(3.1400)");
  EXPECT_EQ(scalar(5, int64).to_string(), "tensor(5)");
}

TEST(Print, IntegersAndBoolsAreAligned) {
  EXPECT_EQ(tensor({1, -20, 300}, int64).to_string(), "tensor([  1, -20, 300])");
  EXPECT_EQ(tensor({1, 0}, bool_).to_string(), "tensor([ True, False])");
}

TEST(Print, EmptyTensorsTellTheirSize) {
  EXPECT_EQ(zeros({0, 3}).to_string(), "tensor([], size=(0, 3))");
  EXPECT_EQ(zeros({0}).to_string(), "tensor([])");
}

TEST(Print, NanAndInfinityDoNotChangeTheFormat) {
  EXPECT_EQ(tensor({NAN, INFINITY, 1.0}).to_string(), "tensor([nan, inf, 1.])");
  EXPECT_EQ(tensor({-INFINITY, 0.25}).to_string(), "tensor([  -inf, 0.2500])");
}

TEST(Print, PlanesAreSetApartByAnEmptyLine) {
  EXPECT_EQ(arange(0, 8, 1, float32).view({2, 2, 2}).to_string(),
            "tensor([[[0., 1.],\n         [2., 3.]],\n\n        [[4., 5.],\n         [6., 7.]]])");
}

TEST(Print, LongRowsBreakAtEightyCharacters) {
  EXPECT_EQ(arange(30).to_string(),
            "tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,\n"
            "        18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29])");
}

TEST(Print, LargeTensorsShowTheirEdges) {
  EXPECT_EQ(arange(2000).to_string(), "tensor([   0,    1,    2,  ..., 1997, 1998, 1999])");
  EXPECT_EQ(zeros({8, 200}).to_string(),
            "tensor([[0., 0., 0.,  ..., 0., 0., 0.],\n"
            "        [0., 0., 0.,  ..., 0., 0., 0.],\n"
            "        [0., 0., 0.,  ..., 0., 0., 0.],\n"
            "        ...,\n"
            "        [0., 0., 0.,  ..., 0., 0., 0.],\n"
            "        [0., 0., 0.,  ..., 0., 0., 0.],\n"
            "        [0., 0., 0.,  ..., 0., 0., 0.]])");
}

TEST(Print, AThousandElementsAreShownWhole) {
  EXPECT_EQ(zeros({1000}).to_string().find("..."), std::string::npos);
  EXPECT_NE(zeros({1001}).to_string().find("..."), std::string::npos);
}

TEST(Print, OfTheEdgesReadsNothingElse) {
  const int64_t many = int64_t{1} << 50;  // more than any memory holds
  EXPECT_EQ(ne(zeros({1}), 0).expand({many}).to_string(),
            "tensor([False, False, False,  ..., False, False, False])");
}

TEST(Print, ReadsViewsAsTheyLie) {
  const Tensor x = tensor({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  EXPECT_EQ(x.T().slice(0, 1, 3).to_string(), "tensor([[2., 5.],\n        [3., 6.]])");
  EXPECT_EQ(x.to(int64).select(1, 1).to_string(), "tensor([2, 5])");
}

TEST(Print, WholeNumbersAreExact) {
  const int64_t odd = (int64_t{1} << 53) + 1;
  EXPECT_EQ(tensor({odd, INT64_MIN, 7}, int64).to_string(),
            "tensor([    9007199254740993, -9223372036854775808,                    7])");
}

TEST(Print, TellsDtypeAndPlaceInTheGraph) {
  EXPECT_EQ(zeros({2}, float64).to_string(), "tensor([0., 0.], dtype=float64)");
  const Tensor leaf = ones({1}).requires_grad_();
  EXPECT_EQ(leaf.to_string(), "tensor([1.], requires_grad=True)");
  EXPECT_EQ((leaf * leaf).to_string(), "tensor([1.], grad_fn=<mul>)");
}

TEST(Print, StreamsTheSameText) {
  std::ostringstream out;
  out << tensor({1.0});
  EXPECT_EQ(out.str(), "tensor([1.])");
  EXPECT_EQ(Tensor().to_string(), "tensor(undefined)");
}

}  // namespace
}  // namespace rill
