#include <gtest/gtest.h>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>

#include "tests/support/expect.h"
#include "tests/support/twin.h"

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_kernel_equals_twin;
using testing::expect_values;

Tensor leaf(const Shape& shape, uint64_t seed) {
  Generator generator(seed);
  return randn(shape, generator, float64).requires_grad_();
}

TEST(LayerNorm, EqualsPyTorch) {
  const Tensor x = tensor({{1, 2, 4}, {0, -3, 5}}, float64);
  expect_values(layer_norm(x, {3}),
                {-1.0690415314502977, -0.26726038286257453, 1.3363019143128718,
                 -0.20203041614139475, -1.1111672887776713, 1.3131977049190664},
                1e-14);
}

TEST(LayerNorm, StaysRightAtALargeMeanAndASmallVariance) {
  const Tensor x = tensor({9999.9990234375, 10000.0009765625, 10000.0, 10000.001953125});
  expect_values(
      layer_norm(x, {4}),
      {-0.4378603796879228, 0.14595345989597427, -0.14595345989597427, 0.4378603796879228}, 1e-7);
}

TEST(LayerNorm, KernelEqualsTwin) {
  const Tensor x = leaf({3, 2, 4}, 1), weight = leaf({4}, 2), bias = leaf({4}, 3);
  expect_kernel_equals_twin([&] { return layer_norm(x, {4}, weight, bias); }, {x, weight, bias});
  expect_kernel_equals_twin([&] { return layer_norm(x, {4}, weight); }, {x, weight});
  expect_kernel_equals_twin([&] { return layer_norm(x, {4}, {}, bias); }, {x, bias});
  expect_kernel_equals_twin([&] { return layer_norm(x, {2, 4}); }, {x});
}

TEST(LayerNorm, KernelEqualsTwinOnViews) {
  const Tensor x = leaf({4, 6}, 1), weight = leaf({4, 2}, 2);
  expect_kernel_equals_twin(
      [&] { return layer_norm(x.T(), {4}, weight.select(1, 1), weight.select(1, 0)); },
      {x, weight});
}

TEST(LayerNorm, OfSizesThatDoNotFitShowsThem) {
  expect_error<ShapeError>([] { layer_norm(zeros({2, 3}), {4}); }, {"layer_norm", "[2, 3]", "[4]"});
  expect_error<ShapeError>([] { layer_norm(zeros({3}), {2, 3}); }, {"[3]", "[2, 3]"});
  expect_error<ShapeError>([] { layer_norm(zeros({3}), {}); }, {"[3]", "[]"});
  expect_error<ShapeError>(
      [] {
        layer_norm(zeros({2, 3}), {3}, zeros({2}));
      },
      {"weight", "[2]", "[3]"});
  expect_error<ShapeError>(
      [] {
        layer_norm(zeros({2, 3}), {3}, zeros({3}), zeros({1}));
      },
      {"bias", "[1]", "[3]"});
}

TEST(LayerNorm, OfMixedOrIntegerElementsIsRefused) {
  expect_error<DTypeError>([] { layer_norm(zeros({2, 3}, int64), {3}); }, {"int64"});
  expect_error<DTypeError>(
      [] {
        layer_norm(zeros({2, 3}), {3}, zeros({3}, float64));
      },
      {"input", "float32", "weight", "float64"});
}

TEST(RmsNorm, EqualsPyTorch) {
  const Tensor x = tensor({{1, 2, 4}, {0, -3, 5}}, float64);
  expect_values(rms_norm(x, {3}, {}, 1e-6),
                {0.3779644460117677, 0.7559288920235354, 1.5118577840470708, 0, -0.8911327493643277,
                 1.485221248940546},
                1e-14);
}

TEST(RmsNorm, TakesTheEpsilonOfItsElementsUnlessGivenOne) {
  // 1e-4 / √(1e-8 + eps), with eps 2⁻²³ and 2⁻⁵².
  expect_values(rms_norm(full({2}, 1e-4), {2}), {0.27819744, 0.27819744}, 1e-7);
  expect_values(rms_norm(full({2}, 1e-4, float64), {2}), {0.99999998889776981, 0.99999998889776981},
                1e-14);
}

TEST(RmsNorm, KernelEqualsTwin) {
  const Tensor x = leaf({3, 2, 4}, 1), weight = leaf({4}, 2);
  expect_kernel_equals_twin([&] { return rms_norm(x, {4}, weight, 1e-6); }, {x, weight});
  expect_kernel_equals_twin([&] { return rms_norm(x, {2, 4}); }, {x});
  expect_kernel_equals_twin([&] { return rms_norm(x.transpose(0, 2), {3}); }, {x});
}

TEST(RmsNorm, OfSizesThatDoNotFitShowsThem) {
  expect_error<ShapeError>([] { rms_norm(zeros({2, 3}), {4}); }, {"rms_norm", "[2, 3]", "[4]"});
  expect_error<ShapeError>(
      [] {
        rms_norm(zeros({2, 3}), {3}, zeros({2}));
      },
      {"weight", "[2]", "[3]"});
}

}  // namespace
}  // namespace rill
