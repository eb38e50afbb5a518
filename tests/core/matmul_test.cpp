#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>

#include <rill/core/autograd.h>
#include <rill/core/detail/system_memory.h>
#include <rill/core/kernels/plain_gemm.h>
#include <rill/core/memory/storage.h>
#include <rill/core/observer.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>

#include "tests/support/expect.h"
#include "tests/support/leaf.h"
#include "tests/support/twin.h"

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_kernel_equals_twin;
using testing::expect_values;
using testing::random_leaf;

// Numbers by PyTorch 2.13.
const std::vector<double> batch = {1, 2, 3, 4, 5, 6, 7, 8, -1, 0, 2, -3};  // [3, 2, 2]
const std::vector<double> weight = {1, -1, 2, 0.5, 3, -2};                 // [2, 3]
const std::vector<double> product = {2,  5,  -2, 5,  9, -2, 8,   13,  -2,
                                     11, 17, -2, -1, 1, -2, 0.5, -11, 10};
const std::vector<double> gradient_of_weight = {-16, 1, 18, -61, -44, -27};
const std::vector<double> gradient_of_batch = {-13, -13, -7, -8.5, -1, -4, 5, 0.5, 11, 5, 17, 9.5};

Tensor leaf(const std::vector<double>& values, const Shape& shape) {
  return from_vector(values, shape).requires_grad_();
}

Tensor cotangent() { return (arange(18) - 8).to(float64).view({3, 2, 3}); }

TEST(Matmul, OfABatchByAMatrixEqualsPyTorch) {
  const Tensor a = leaf(batch, {3, 2, 2}), w = leaf(weight, {2, 3});
  const Tensor out = matmul(a, w);
  out.backward(cotangent());
  expect_values(out, product);
  expect_values(w.grad(), gradient_of_weight);
  expect_values(a.grad(), gradient_of_batch);
}

TEST(Matmul, GradientOfBroadcastBatchSumsOverTheBatch) {
  const Tensor a = leaf(batch, {3, 2, 2}), w = leaf(weight, {1, 2, 3});
  matmul(a, w).backward(cotangent());
  EXPECT_EQ(w.grad().shape(), Shape({1, 2, 3}));
  expect_values(w.grad(), gradient_of_weight);
}

TEST(Matmul, ReadsPartOfAPackedProjection) {
  const Tensor packed = cat(
      {full({3, 2, 1}, 99, float64), from_vector(batch, {3, 2, 2}), full({3, 2, 4}, -99, float64)},
      -1);
  expect_values(matmul(packed.narrow(-1, 1, 2), from_vector(weight, {2, 3})), product);
}

TEST(Matmul, ReadsABatchOfSingleRowsThatLieApart) {
  const Tensor first_rows = from_vector(batch, {3, 2, 2}).narrow(1, 0, 1);
  expect_values(matmul(first_rows, from_vector(weight, {2, 3})), {2, 5, -2, 8, 13, -2, -1, 1, -2});
}

TEST(Matmul, ReadsTransposedBatches) {
  const Tensor a = from_vector(batch, {3, 2, 2}).T().contiguous().T();
  const Tensor w = from_vector(weight, {2, 3}).T().contiguous().T();
  ASSERT_FALSE(a.is_contiguous());
  ASSERT_FALSE(w.is_contiguous());
  expect_values(matmul(a, w), product);
}

TEST(Matmul, ReadsRowsThatAreNeitherAdjacentNorTransposed) {
  const Tensor wide = stack({from_vector(batch, {3, 2, 2}), zeros({3, 2, 2}, float64)}, -1);
  expect_values(matmul(wide.view({3, 2, 4}).slice(-1, 0, 4, 2), from_vector(weight, {2, 3})),
                product);
}

/// Matrices [rows, columns] that lie in memory in every way.
std::vector<Tensor> layouts(int64_t rows, int64_t columns, int64_t seed) {
  Generator generator(seed);
  const auto some = [&](int64_t m, int64_t n) { return randn({m, n}, generator).to(float64); };
  return {some(rows, columns),
          some(columns, rows).T(),
          some(rows, 2 * columns).slice(1, 0, 2 * columns, 2),
          some(rows + 2, columns + 3).slice(0, 1, rows + 1).slice(1, 2, columns + 2),
          some(3 * columns, 2 * rows).slice(0, 0, 3 * columns, 3).slice(1, 1, 2 * rows, 2).T(),
          some(1, columns).expand({rows, columns}),
          some(rows, 1).expand({rows, columns})};
}

Tensor plain_product(const Tensor& a, const Tensor& b) {
  const Tensor rows_of_a = a.contiguous(), rows_of_b = b.contiguous();
  const int64_t m = a.size(0), n = b.size(1), k = a.size(1);
  const Tensor out = zeros({m, n}, float64);
  kernels::plain_gemm<double>({false, false, m, n, k, 1, rows_of_a.data<double>(), k,
                               rows_of_b.data<double>(), n, 0, out.data<double>(), n, nullptr});
  return out;
}

TEST(Matmul, AgreesWithPlainLoopsInEveryLayout) {
  for (const auto& [m, n, k] : std::vector<std::array<int64_t, 3>>{
           {1, 1, 1}, {3, 2, 4}, {1, 40, 9}, {40, 1, 9}, {17, 33, 40}, {70, 65, 130}})
    for (const Tensor& a : layouts(m, k, 1))
      for (const Tensor& b : layouts(k, n, 2)) {
        const Tensor expected = plain_product(a, b);
        EXPECT_TRUE(allclose(matmul(a, b), expected, 1e-12, 1e-12)) << m << " " << n << " " << k;
        EXPECT_TRUE(
            allclose(matmul(a.to(float32), b.to(float32)).to(float64), expected, 1e-5, 1e-4))
            << m << " " << n << " " << k;
      }
}

TEST(Matmul, WithInnerSizeZeroGivesZeros) {
  expect_values(matmul(zeros({2, 0}), zeros({0, 3})), std::vector<double>(6, 0));
  expect_values(matmul(zeros({2, 2, 0}), zeros({0, 1})), std::vector<double>(4, 0));
}

TEST(Matmul, DropsTheDimensionOfVectors) {
  const Tensor v = tensor({1.0, 2.0}), m = tensor({{1.0, 2.0}, {3.0, 4.0}});
  EXPECT_EQ(matmul(v, v).item(), 5);
  EXPECT_EQ(matmul(v, v).shape(), Shape());
  expect_values(matmul(v, m), {7, 10});
  expect_values(matmul(m, v), {5, 11});
}

TEST(Matmul, CopiesNoMatrixThatLiesInRowsNorItsTranspose) {
  if (detail::is_sanitized) GTEST_SKIP() << "sanitizers want every block from the system";
  const Tensor a = ones({1024, 1024}), wide = ones({1024, 1100});
  const int64_t of_one = 4 << 20;
  for (const Tensor& x : {a, a.T(), wide.slice(1, 10, 1034)})
    for (const Tensor& y : {a, a.T(), wide.slice(1, 10, 1034)}) {
      empty_cache();
      const int64_t before = reserved_bytes();
      const Tensor out = matmul(x, y);
      EXPECT_LT(reserved_bytes() - before, of_one + of_one / 2)
          << to_string(x.strides()) << to_string(y.strides());
    }
}

TEST(Matmul, OfSizesThatDoNotFitShowsBothShapes) {
  expect_error<ShapeError>(
      [] {
        matmul(zeros({3, 4}), zeros({5, 2}));
      },
      {"matmul: cannot multiply [3, 4] by [5, 2]: inner sizes 4 and 5 differ"});
  expect_error<ShapeError>([] { matmul(zeros({3}), zeros({4, 5})); }, {"[3] by [4, 5]"});
  expect_error<ShapeError>([] { matmul(zeros({2, 3, 4}), zeros({5, 4, 3})); }, {"[2]", "[5]"});
}

TEST(Matmul, OfAScalarIsRefused) {
  expect_error<ShapeError>([] { matmul(scalar(2), zeros({2, 2})); }, {"matmul", "[]", "[2, 2]"});
  expect_error<ShapeError>([] { matmul(zeros({2, 2}), scalar(2)); }, {"matmul", "[]", "[2, 2]"});
}

TEST(Matmul, OfMixedOrIntegerElementsIsRefused) {
  expect_error<DTypeError>(
      [] {
        matmul(zeros({2, 2}), zeros({2, 2}, float64));
      },
      {"float32", "float64"});
  expect_error<DTypeError>([] { matmul(zeros({2, 2}, int64), zeros({2, 2}, int64)); }, {"int64"});
}

TEST(Matmul, SaysHowItsGradientsCome) {
  const Tensor out = matmul(leaf(batch, {6, 2}), leaf(weight, {2, 3}));
  EXPECT_NE(out.grad_fn()->explain().find("dout · bᵀ"), std::string::npos);
}

TEST(Linear, EqualsPyTorch) {
  const Tensor x = leaf(batch, {3, 2, 2}), w = leaf({1, 0.5, -1, 3, 2, -2}, {3, 2});
  const Tensor b = leaf({1, -2, 0.5}, {3});
  const Tensor out = linear(x, w, b);
  out.backward(cotangent());
  expect_values(out,
                {3, 3, -1.5, 6, 7, -1.5, 9, 11, -1.5, 12, 15, -1.5, 0, -1, -1.5, 1.5, -13, 10.5});
  expect_values(w.grad(), {-16, -61, 1, -44, 18, -27});
  expect_values(x.grad(), gradient_of_batch);
  expect_values(b.grad(), {-3, 3, 9});
}

TEST(Linear, IsOneOpOfThreeRows) {
  const Tensor out = linear(leaf(batch, {6, 2}), leaf(weight, {3, 2}), leaf({1, 2, 3}, {3}));
  EXPECT_STREQ(out.grad_fn()->name(), "linear");
  EXPECT_EQ(out.grad_fn()->inputs().size(), 3u);
}

TEST(Linear, GivesTheSameGradientsByItsKernelAndByItsRows) {
  const Tensor x = random_leaf({4, 75, 20}, 1), w = random_leaf({33, 20}, 2),
               b = random_leaf({33}, 3);
  expect_kernel_equals_twin([&] { return linear(x, w, b); }, {x, w, b});
  expect_kernel_equals_twin([&] { return linear(x, w); }, {x, w});
  const Tensor apart = random_leaf({20, 4, 75}, 4).permute({1, 2, 0});
  expect_kernel_equals_twin([&] { return linear(apart, w, b); }, {apart, w, b});
}

/// Counts the ops that begin.
struct Counter : Observer {
  std::map<std::string, int> ops;
  void on_begin(const char* op) override { ++ops[op]; }
};

TEST(Linear, TakesItsKernelWhereAllIsWantedAndNothingIsRecorded) {
  const Tensor x = random_leaf({4, 20}, 1), w = random_leaf({33, 20}, 2), b = random_leaf({33}, 3);
  for (const bool recorded : {false, true}) {
    const Tensor out = linear(x, w, b).sum();
    Counter counter;
    const ObserverGuard watching(counter);
    grad(out, {x, w, b}, {.create_graph = recorded});
    EXPECT_EQ(counter.ops["matmul"], recorded ? 2 : 0);
  }
}

TEST(Linear, RefusesToGoBackThroughAnInputThatHasBeenWrittenTo) {
  const Tensor x = random_leaf({4, 20}, 1), w = random_leaf({33, 20}, 2);
  const Tensor out = linear(x, w).sum();
  {
    const NoGradGuard unrecorded;
    x.fill_(1);
  }
  expect_error<AutogradError>([&] { out.backward(); }, {"linear"});
}

TEST(Linear, OfNoFeaturesOrNoInputsHasZeroGradients) {
  const auto leaf_of_ones = [](const Shape& shape) { return ones(shape).requires_grad_(); };
  for (const bool with_bias : {true, false}) {
    const Tensor x = leaf_of_ones({3, 2}), w = leaf_of_ones({0, 2}), b = leaf_of_ones({0});
    linear(x, w, with_bias ? b : Tensor()).sum().backward();
    expect_values(x.grad(), std::vector<double>(6, 0));
    const Tensor no_x = leaf_of_ones({3, 0}), no_w = leaf_of_ones({2, 0}), c = leaf_of_ones({2});
    const Tensor out = linear(no_x, no_w, with_bias ? c : Tensor());
    out.sum().backward();
    expect_values(out, std::vector<double>(6, with_bias ? 1 : 0));
    if (with_bias) expect_values(c.grad(), {3, 3});
  }
}

// Of its three rows only those that are wanted are worked out, and keep only what they need.
TEST(Linear, WithAFrozenPartGivesTheOtherGradients) {
  const Tensor x = random_leaf({300, 20}, 1), w = random_leaf({33, 20}, 2),
               b = random_leaf({33}, 3);
  const std::vector<Tensor> all = grad(linear(x, w, b).pow(2).sum(), {x, w, b});
  const std::vector<Tensor> of_weights = grad(linear(x.detach(), w, b).pow(2).sum(), {w, b});
  expect_values(of_weights[0], all[1].to_vector<double>(), 1e-12);
  expect_values(of_weights[1], all[2].to_vector<double>(), 1e-12);
  const Tensor input = x.detach().clone(), out = linear(input, w.detach(), b);
  input.fill_(0);  // no row keeps it
  expect_values(grad(out.sum(), b), std::vector<double>(33, 300), 1e-12);
}

TEST(Linear, OfSizesThatDoNotFitShowsThem) {
  expect_error<ShapeError>(
      [] {
        linear(zeros({2, 3}), zeros({5, 4}));
      },
      {"linear", "[5, 4]", "[2, 3]"});
  expect_error<ShapeError>([] { linear(scalar(1), zeros({5, 4})); }, {"[5, 4]", "[]"});
  expect_error<ShapeError>(
      [] {
        linear(zeros({2, 4}), zeros({5, 4}), zeros({4}));
      },
      {"bias", "[4]", "[5]"});
}

TEST(Linear, OfMixedElementsIsRefused) {
  expect_error<DTypeError>(
      [] {
        linear(zeros({2, 4}), zeros({5, 4}, float64));
      },
      {"input", "float32", "weight", "float64"});
  expect_error<DTypeError>(
      [] {
        linear(zeros({2, 4}), zeros({5, 4}), zeros({5}, float64));
      },
      {"bias", "float64"});
}

}  // namespace
}  // namespace rill
