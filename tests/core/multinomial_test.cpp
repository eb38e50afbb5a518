#include <cmath>
#include <limits>
#include <set>

#include <rill/core/ops.h>
#include <rill/core/random.h>

#include "tests/support/expect.h"

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_values;

TEST(Multinomial, DrawsClassesAsOftenAsTheirWeightsSay) {
  Generator generator(1);
  const auto drawn =
      multinomial(tensor({1.0, 0.0, 2.0, 5.0}), 100000, true, generator).to_vector<int64_t>();
  std::vector<double> counts(4);
  for (const int64_t c : drawn) ++counts[static_cast<size_t>(c)];
  const double share[] = {0.125, 0, 0.25, 0.625};
  // 5 standard deviations of a binomial count; a class of weight 0 must never appear.
  for (size_t c = 0; c < 4; ++c)
    EXPECT_NEAR(counts[c], 1e5 * share[c], 5 * std::sqrt(1e5 * share[c] * (1 - share[c]))) << c;
}

TEST(Multinomial, WithoutReplacementTheFirstDrawFollowsTheWeights) {
  Generator generator(2);
  const Tensor weights = tensor({1.0, 3.0}).expand({20000, 2});
  const Tensor drawn = multinomial(weights, 2, false, generator);
  EXPECT_EQ(drawn.shape(), Shape({20000, 2}));
  const auto first = drawn.select(1, 0).to_vector<double>();
  const auto second = drawn.select(1, 1).to_vector<double>();
  double ones = 0;
  for (size_t i = 0; i < first.size(); ++i) {
    ones += first[i];
    ASSERT_EQ(first[i] + second[i], 1);
  }
  EXPECT_NEAR(ones, 15000, 5 * std::sqrt(20000 * 0.75 * 0.25));
}

TEST(Multinomial, WithoutReplacementNoClassComesTwiceNorOneOfWeightZero) {
  Generator generator(3);
  for (int i = 0; i < 100; ++i) {
    const auto drawn =
        multinomial(tensor({1, 0, 1e-30, 4}), 3, false, generator).to_vector<int64_t>();
    EXPECT_EQ(std::set<int64_t>(drawn.begin(), drawn.end()), (std::set<int64_t>{0, 2, 3}));
  }
}

TEST(Multinomial, EachRowHasItsOwnWeights) {
  Generator generator(4);
  const Tensor drawn = multinomial(tensor({{0, 1}, {1, 0}}, float64), 3, true, generator);
  EXPECT_EQ(drawn.dtype(), int64);
  expect_values(drawn, {1, 1, 1, 0, 0, 0});
  EXPECT_EQ(multinomial(zeros({0, 3}), 2).shape(), Shape({0, 2}));
}

TEST(Multinomial, TheSameSeedDrawsTheSame) {
  Generator a(5), b(5);
  const Tensor weights = ones({100});
  const auto first = multinomial(weights, 50, true, a).to_vector<int64_t>();
  EXPECT_EQ(first, multinomial(weights, 50, true, b).to_vector<int64_t>());
  EXPECT_NE(first, multinomial(weights, 50, true, a).to_vector<int64_t>());
}

TEST(Multinomial, HugeWeightsDoNotOverflow) {
  Generator generator(6);
  const Tensor drawn = multinomial(full({3}, 1.5e308, float64), 30, true, generator);
  const auto values = drawn.to_vector<int64_t>();
  EXPECT_EQ(std::set<int64_t>(values.begin(), values.end()).size(), 3u);
}

TEST(Multinomial, RefusesWeightsThatAreNoWeights) {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double bad : {-1.0, inf, nan})
    expect_error<ValueError>(
        [&] {
          multinomial(tensor({{1, 1}, {bad, 1}}), 1);
        },
        {"multinomial: ", "class 0 in row 1"});
  expect_error<ValueError>([] { multinomial(zeros({2}), 1); }, {"sum to 0"});
  expect_error<ShapeError>([] { multinomial(zeros({0}), 1); }, {"no classes"});
  expect_error<ShapeError>([] { multinomial(scalar(1), 1); }, {"[]"});
  expect_error<ShapeError>([] { multinomial(ones({1, 1, 1}), 1); }, {"[1, 1, 1]"});
  expect_error<DTypeError>([] { multinomial(ones({2}, int64), 1); }, {"int64"});
}

TEST(Multinomial, RefusesMoreSamplesThanThereAreClasses) {
  expect_error<ValueError>([] { multinomial(ones({2}), 3); }, {"3", "2 classes"});
  expect_error<ValueError>([] { multinomial(tensor({1.0, 0.0}), 2); }, {"only 1"});
  expect_error<ValueError>([] { multinomial(ones({2}), 0, true); }, {"num_samples", "0"});
  EXPECT_EQ(multinomial(tensor({1.0, 0.0}), 2, true).shape(), Shape({2}));
}

}  // namespace
}  // namespace rill
