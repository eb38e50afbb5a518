#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>

#include "tests/support/expect.h"
#include "tests/support/leaf.h"

// Where numbers end: gradients that are infinite, sums beyond int64, diagonals beyond any matrix.

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_values;
using testing::inf;

constexpr int64_t last = std::numeric_limits<int64_t>::max();
constexpr int64_t first = std::numeric_limits<int64_t>::min();

Tensor whole(const std::vector<int64_t>& values) { return from_vector(values); }

using Function = std::function<Tensor(const Tensor&)>;

Tensor slope_of(const Function& function, const Tensor& numbers) {
  const Tensor x = numbers.clone().requires_grad_();
  return grad(function(x).sum(), x);
}

TEST(NotTaken, GetsZeroEvenFromAnInfiniteGradient) {
  const auto expect_second_alone = [](const Function& function, const Tensor& x) {
    EXPECT_EQ(slope_of(function, x).to_vector(), (std::vector<double>{0, inf}));
  };
  const Tensor low = tensor({-1, 0}, float64), high = tensor({1, 0}, float64);
  const Tensor zero = zeros({2}, float64);
  expect_second_alone([&](const Tensor& x) { return sqrt(maximum(x, zero)); }, low);
  expect_second_alone([&](const Tensor& x) { return sqrt(maximum(zero, x)); }, low);
  expect_second_alone([&](const Tensor& x) { return sqrt(minimum(x, zero)); }, high);
  expect_second_alone([](const Tensor& x) { return sqrt(max(x)); }, low);
  expect_second_alone([](const Tensor& x) { return sqrt(min(x)); }, high);
  expect_second_alone([](const Tensor& x) { return sqrt(max(x, 0).values); }, low);
  expect_second_alone([](const Tensor& x) { return sqrt(1 - norm(x, inf)); },
                      tensor({0.5, -1}, float64));
}

TEST(NotTaken, GetsZeroInSecondDerivatives) {
  const Tensor x = tensor({-1, 4}, float64).requires_grad_();
  const Tensor y = maximum(x, zeros({2}, float64)).pow(1.5).sum();
  const Tensor slope = grad(y, x, {.create_graph = true});
  expect_values(grad(slope.sum(), x), {0, 0.375});  // 3/4 · 4^(−½)
}

TEST(NotTaken, ExponentOfZeroGetsZeroEvenFromAnInfiniteGradient) {
  const Tensor zero = zeros({1}, float64);
  expect_values(slope_of([&](const Tensor& b) { return sqrt(pow(zero, b)); }, ones({1}, float64)),
                {0});
}

TEST(NotTaken, NormOfZerosGetsZeroEvenFromAnInfiniteGradient) {
  for (const double p : {1.5, 2.0, 3.0})
    expect_values(slope_of([p](const Tensor& x) { return sqrt(norm(x, p)); }, zeros({2}, float64)),
                  {0, 0});
}

TEST(PiecewiseConstantGradient, DifferentiatedOnceMoreGivesZeros) {
  const std::pair<const char*, Function> functions[] = {
      {"relu", [](const Tensor& x) { return relu(x); }},
      {"abs", [](const Tensor& x) { return abs(x); }},
      {"clamp", [](const Tensor& x) { return clamp(x, -1, 1); }},
      {"maximum", [](const Tensor& x) { return maximum(x, ones({3}, float64)); }},
      {"minimum", [](const Tensor& x) { return minimum(ones({3}, float64), x); }},
      {"max", [](const Tensor& x) { return max(x); }},
      {"min along a dim", [](const Tensor& x) { return min(x, 0).values; }},
      {"max of a scalar", [](const Tensor& x) { return max(x.select(0, 1), 0).values; }},
      {"norm 1", [](const Tensor& x) { return norm(x, 1); }},
      {"norm inf", [](const Tensor& x) { return norm(x, inf); }},
      {"sort", [](const Tensor& x) { return sort(x).values; }},
      {"topk", [](const Tensor& x) { return topk(x, 2).values; }}};
  for (const auto& [name, function] : functions) {
    SCOPED_TRACE(name);
    const Tensor x = tensor({-2, 0.5, 3}, float64).requires_grad_();
    const Tensor slope = grad(function(x).sum(), x, {.create_graph = true});
    expect_values(grad(slope.sum(), x), {0, 0, 0});
  }
}

TEST(PiecewiseConstantGradient, OfBothOperandsOfMaximumIsKnownToBoth) {
  const Tensor a = tensor({1, 2}, float64).requires_grad_();
  const Tensor b = tensor({2, 1}, float64).requires_grad_();
  const Tensor slope = grad(maximum(a, b).sum(), a, {.create_graph = true});
  expect_values(grad(slope.sum(), b), {0, 0});
}

TEST(Norm, NeitherOverflowsNorUnderflowsOnTheWay) {
  const auto expect_norm = [](double x, double p, DType dtype, double factor) {
    const Tensor pair = full({2}, x, dtype), column = full({2, 3}, x, dtype);
    const double expected = factor * pair.to_vector()[0];
    const double near = (dtype == float64 ? 1e-15 : 1e-7) * expected;
    expect_values(norm(pair, p), {expected}, near);
    expect_values(norm(column, p, {0}), {expected, expected, expected}, near);
  };
  for (const double x : {1e30, 1e-30, 1e-37}) {
    expect_norm(x, 2, float32, std::sqrt(2.0));
    expect_norm(x, 3, float32, std::cbrt(2.0));
    expect_norm(x, 1, float32, 2);
    expect_norm(x, inf, float32, 1);
  }
  for (const double x : {1e200, 1e-200, 1e300}) {
    expect_norm(x, 2, float64, std::sqrt(2.0));
    expect_norm(x, 3, float64, std::cbrt(2.0));
    expect_norm(x, 1, float64, 2);
  }
}

TEST(Norm, OfNumbersNearTheEndsHasTheSlopeOfOthers) {
  for (const double x : {1e30, 1.0, 1e-30})
    for (const double p : {2.0, 3.0}) {
      const Tensor slope =
          slope_of([p](const Tensor& x) { return norm(x, p); }, full({2}, x, float32));
      const double expected = std::pow(2, 1 / p - 1);
      expect_values(slope, {expected, expected}, 1e-6);
    }
}

TEST(Norm, OfInfinityIsInfiniteAndOfNaNIsNaN) {
  for (const double p : {1.0, 2.0, 3.0, inf}) {
    expect_values(isfinite(norm(tensor({1, inf}), p)), {0});
    EXPECT_FALSE(std::isnan(norm(tensor({1, inf}), p).item()));
    EXPECT_TRUE(std::isnan(norm(tensor({inf, NAN}), p).item()));
  }
}

TEST(Int64, SumsAndProductsWrapAround) {
  EXPECT_EQ(sum(whole({last, 1})).item<int64_t>(), first);
  EXPECT_EQ(cumsum(whole({last, 1}), 0).to_vector<int64_t>(), (std::vector{last, first}));
  EXPECT_EQ((whole({last}) + whole({1})).item<int64_t>(), first);
  EXPECT_EQ((whole({first}) - whole({1})).item<int64_t>(), last);
  EXPECT_EQ((whole({last}) * whole({2})).item<int64_t>(), -2);
  EXPECT_EQ(neg(whole({first})).item<int64_t>(), first);
  EXPECT_EQ(scatter_add(whole({last}), 0, whole({0}), whole({1})).item<int64_t>(), first);
  EXPECT_EQ(sum(whole({last}).expand({4})).item<int64_t>(), -4);
}

TEST(Int64, IsComparedWithWholeNumbersThatNoDoubleHolds) {
  constexpr int64_t odd = (int64_t{1} << 53) + 1;
  const Tensor x = whole({odd - 1, odd, odd + 1});
  expect_values(x == odd, {0, 1, 0});
  expect_values(x != odd, {1, 0, 1});
  expect_values(x < odd, {1, 0, 0});
  expect_values(x <= odd, {1, 1, 0});
  expect_values(x > odd, {0, 0, 1});
  expect_values(x >= odd, {0, 1, 1});
  expect_values(odd == x, {0, 1, 0});
  expect_values(odd != x, {1, 0, 1});
  expect_values(odd < x, {0, 0, 1});
  expect_values(odd <= x, {0, 1, 1});
  expect_values(odd > x, {1, 0, 0});
  expect_values(odd >= x, {1, 1, 0});
  expect_values(whole({last, first}) == last, {1, 0});
  expect_values(tensor({1.0, 2.5}) < 2, {1, 0});
  expect_values(tensor({true, false}) == 1, {1, 0});
}

TEST(Int64, IsCloseByItsDistanceThatNoDoubleHolds) {
  constexpr int64_t beyond = int64_t{1} << 53;
  EXPECT_FALSE(allclose(whole({beyond + 1}), whole({beyond}), 0, 0.5));
  EXPECT_TRUE(allclose(whole({beyond + 1}), whole({beyond}), 0, 1));
  EXPECT_FALSE(allclose(whole({beyond + 3}), whole({beyond}), 0, 2));
  EXPECT_FALSE(allclose(whole({last}), whole({last - 1}), 0, 0));
  EXPECT_FALSE(allclose(whole({first}), whole({last}), 0, 1e19));
  EXPECT_TRUE(allclose(whole({first}), whole({last}), 0, 2e19));
  EXPECT_TRUE(allclose(whole({100, 7}), whole({101, 7}), 0.01));
  EXPECT_FALSE(allclose(whole({100, 7}), whole({102, 7}), 0.01));
  EXPECT_TRUE(allclose(whole({5, 5}), whole({5}).view({})));
  EXPECT_FALSE(allclose(zeros({2}, bool_), ones({2}, bool_)));
}

TEST(Sum, OfAnExpandedMaskCountsItWithoutMakingIt) {
  const Tensor mask = ne(tensor({{1.0}, {0.0}, {1.0}}), 0);
  const int64_t many = int64_t{1} << 50;  // more bytes than any memory
  EXPECT_EQ(sum(mask.expand({3, many})).item<int64_t>(), 2 * many);
  EXPECT_EQ(sum(mask.expand({3, many}), {1}).to_vector<int64_t>(),
            (std::vector<int64_t>{many, 0, many}));
  EXPECT_EQ(sum(mask.expand({3, 5}), {0}, true).to_vector<int64_t>(),
            (std::vector<int64_t>{2, 2, 2, 2, 2}));
  EXPECT_EQ(sum(mask.expand({3, 0}), {1}).to_vector<int64_t>(), (std::vector<int64_t>{0, 0, 0}));
}

TEST(Counts, BeyondAllMemoryAreRefusedByNumber) {
  constexpr int64_t many = int64_t{1} << 62, too_many_bytes = int64_t{1} << 58;
  const Tensor x = ones({2, 3}), none = zeros({0, 3});
  const std::pair<std::function<void()>, const char*> impossible[] = {
      {[&] {
         (void)repeat(x, {many, 1});
       },
       "size 2 of dimension 0, 4611686018427387904 times"},
      {[&] {
         (void)repeat(x, {1, 1, many});
       },
       "size 3 of dimension 2"},
      {[&] {
         (void)repeat(none, {1, many});
       },
       "size 3 of dimension 1"},
      {[&] { (void)repeat_interleave(x, many, 0); }, "size 2 of dimension 0"},
      {[&] { (void)repeat_interleave(none, many, 1); }, "size 3 of dimension 1"},
      {[&] {
         (void)pad(none, {many, many});
       },
       "2^63 places along dimension 1"},
      {[&] {
         (void)pad(x, {first, 0});
       },
       "-9223372036854775808"},
      {[&] {
         (void)pad(x, {-2, -2});
       },
       "-2 and -2"},
      {[] { (void)arange(4e18); }, "[4000000000000000000]"},
      {[] { (void)linspace(0, 1, many); }, "4611686018427387904"},
      {[] { (void)eye(many); }, "4611686018427387904"},
      {[] { (void)full({many}, 1); }, "4611686018427387904"},
      {[] { (void)randperm(many); }, "4611686018427387904"},
      {[] { (void)randint(9, {many}); }, "4611686018427387904"},
      {[] { (void)one_hot(tensor({1}), many); }, "4611686018427387904"},
      {[] { (void)bincount(tensor({1}), many); }, "4611686018427387904"},
      {[] { (void)multinomial(ones({2}), many, true); }, "4611686018427387904"}};
  for (const auto& [call, part] : impossible) expect_error<ShapeError>(call, {part});
  const std::function<void()> too_large[] = {[&] {
                                               (void)repeat(x, {too_many_bytes, 1});
                                             },
                                             [&] { (void)repeat(ones({1}), {too_many_bytes}); },
                                             [&] { (void)repeat_interleave(x, too_many_bytes, 1); },
                                             [&] {
                                               (void)pad(x, {0, too_many_bytes});
                                             },
                                             [] { (void)arange(1e17); },
                                             [] { (void)linspace(0, 1, too_many_bytes); }};
  for (const auto& call : too_large) expect_error<OutOfMemoryError>(call, {"asked for", "bytes"});
}

TEST(Repeat, OfNothingHoldsNothingHoweverOften) {
  EXPECT_EQ(repeat(zeros({0}), {last}).shape(), Shape{0});
  EXPECT_EQ(repeat_interleave(zeros({2, 0}), last, 1).shape(), Shape({2, 0}));
  EXPECT_EQ(repeat(ones({2}), {0}).shape(), Shape{0});
}

TEST(Repeat, TakesAsManyDimensionsAsATensorHas) {
  const Shape eight{1, 1, 1, 1, 1, 1, 1, 2};
  expect_values(repeat_interleave(arange(2).view(eight), 2, 7), {0, 0, 1, 1});
  expect_values(repeat(arange(2).view(eight), {1, 1, 1, 1, 1, 1, 2, 2}), {0, 1, 0, 1, 0, 1, 0, 1});
}

TEST(Repeat, GivesNumbersOfItsOwn) {
  const Tensor x = tensor({1.0, 2.0});
  for (const Tensor& copy :
       {repeat(x, {1}), repeat(x, {1, 1}), repeat_interleave(x, 1, 0), repeat(ones({1}), {2})}) {
    copy.fill_(7);
    EXPECT_FALSE(copy.is_view());
  }
  expect_values(x, {1, 2});
}

TEST(Triangle, TakesAnyDiagonal) {
  const Tensor x = ones({2, 3});
  const std::vector<double> all(6, 1), none(6, 0);
  expect_values(tril(x, last), all);
  expect_values(tril(x, first), none);
  expect_values(triu(x, last), none);
  expect_values(triu(x, first), all);
}

TEST(Diagonal, BeyondTheMatrixIsEmpty) {
  const Tensor x = ones({2, 3});
  for (const int64_t offset : {first, int64_t{-2}, int64_t{3}, last})
    EXPECT_EQ(diagonal(x, offset).shape(), Shape{0}) << offset;
  expect_error<ShapeError>([] { diag(ones({2}), last); }, {"9223372036854775807"});
}

TEST(Rotary, AnOffsetThatLeavesNoRoomIsRefused) {
  expect_error<ValueError>([] { rotary(ones({2, 4}), last); }, {"offset 9223372036854775807"});
  EXPECT_EQ(rotary(ones({2, 4}), last - 2).numel(), 8);
}

TEST(Topk, OfNoneGivesNone) {
  const auto [values, indices] = topk(tensor({{1.0, 2.0}, {3.0, 4.0}}).requires_grad_(), 0);
  EXPECT_EQ(to_string(values.shape()), "[2, 0]");
  EXPECT_EQ(to_string(indices.shape()), "[2, 0]");
  const Tensor x = tensor({1.0, 2.0}).requires_grad_();
  topk(x, 0).values.sum().backward();
  expect_values(x.grad(), {0, 0});
}

TEST(Flatten, OfAScalarChecksItsDims) {
  expect_error<IndexError>([] { flatten(scalar(1), 5, 7); }, {"dimension 5"});
  EXPECT_EQ(to_string(flatten(scalar(1), 0, -1).shape()), "[1]");
}

TEST(Arange, IsWholeOnlyWhereAllItsNumbersAre) {
  EXPECT_EQ(arange(3).dtype(), int64);
  EXPECT_EQ(arange(-1, 3).dtype(), int64);
  const Tensor quarters = arange(0, 1, 0.25);
  EXPECT_EQ(quarters.dtype(), float32);
  expect_values(quarters, {0, 0.25, 0.5, 0.75});
  expect_values(arange(2.5), {0, 1, 2});
  EXPECT_EQ(arange(2.5).dtype(), float32);
  expect_values(arange(0, 2.5, 1, int64), {0, 1, 2});
  expect_error<ValueError>([] { arange(0, 1, 0.25, int64); }, {"int64", "0.25", "float32"});
}

TEST(Index, ThatIsAMaskIsNotToBeConverted) {
  const Tensor x = tensor({1.0, 2.0, 3.0}), mask = ne(tensor({1.0, 0.0, 1.0}), 0);
  const std::function<void()> calls[] = {[&] { index_select(x, 0, mask); },
                                         [&] { gather(x, 0, mask); },
                                         [&] { scatter_add(x, 0, mask, x); }};
  for (const auto& call : calls) {
    const std::string message = testing::message_of<DTypeError>(call);
    EXPECT_NE(message.find("mask"), std::string::npos) << message;
    EXPECT_EQ(message.find("to(int64)"), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace rill
