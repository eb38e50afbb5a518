#include <rill/core/autograd.h>
#include <rill/core/inplace.h>
#include <rill/core/inspect/detail/time_series.h>
#include <rill/core/inspect/gradient_report.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>

#include <cmath>
#include <limits>

#include "tests/support/expect.h"

namespace rill::inspect {
namespace {

Tensor parameter(const Tensor& values) { return values.clone().requires_grad_(); }

/// A step with the given gradient of w, after which w has moved by `update`.
std::vector<std::string> step(GradientReport& report, const Tensor& w, const Tensor& gradient,
                              const Tensor& update) {
  w.set_grad(gradient);
  const NoGradGuard no_grad;
  if (update.defined()) w.add_(update);
  return report.step(1);
}

TEST(GradientReport, TellsNormUpdateZerosAndSizes) {
  const Tensor w = parameter(tensor({6.0, 8.0, 0.0, 0.0}));
  GradientReport report({{"w", w}});

  step(report, w, tensor({3.0, 0.0, -4.0, 0.0}), tensor({-6.0, -8.0, 0.0, 5.0}));

  const GradientReport::Row row = report.rows()[0];
  EXPECT_EQ(row.name, "w");
  EXPECT_DOUBLE_EQ(row.norm, 5);
  EXPECT_DOUBLE_EQ(row.zeros, 0.5);
  EXPECT_DOUBLE_EQ(row.not_finite, 0);
  EXPECT_NEAR(row.update_ratio, std::sqrt(125.0) / 5, 1e-6);
  EXPECT_EQ(row.histogram[20], 1);  // 3, in [1, 4)
  EXPECT_EQ(row.histogram[21], 1);  // 4, in [4, 16)
}

TEST(GradientReport, EstimatesTheUpdateOfALargeParameterFromAFewElements) {
  manual_seed(1);
  const Tensor w = parameter(randn({300, 300}));
  GradientReport report({{"w", w}});

  step(report, w, randn({300, 300}), 0.001 * randn({300, 300}));

  EXPECT_NEAR(report.rows()[0].update_ratio, 0.001, 0.0001);
  EXPECT_NEAR(report.rows()[0].norm, 300, 3);
}

TEST(GradientReport, WarnsAtOnceOfNaN) {
  const Tensor w = parameter(ones({2}));
  GradientReport report({{"fc.weight", w}});
  const double nan = std::numeric_limits<double>::quiet_NaN();

  const auto warnings = step(report, w, tensor({nan, 1.0}), {});

  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].substr(0, 47), "step 1: fc.weight gets gradients that are NaN o");
  EXPECT_TRUE(step(report, w, tensor({nan, 1.0}), {}).empty()) << "warned twice";
  EXPECT_DOUBLE_EQ(report.rows()[0].not_finite, 0.5);
}

/// What a report on "layers.0" (with the given gradient) and "layers.1" (of ones) says in 25 steps.
std::vector<std::string> warnings_beside(const Tensor& gradient, bool moves = true) {
  const Tensor first = parameter(ones({4, 4})), last = parameter(ones({4, 4}));
  GradientReport report({{"layers.0", first}, {"layers.1", last}});
  for (int i = 0; i < 25; ++i) {
    last.set_grad(ones({4, 4}));
    const NoGradGuard no_grad;
    last.add_(0.01);
    step(report, first, gradient, moves ? 0.01 * ones({4, 4}) : Tensor());
  }
  return report.warnings();
}

void expect_only(const std::vector<std::string>& warnings, const std::string& words) {
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find(words), std::string::npos) << warnings[0];
}

TEST(GradientReport, WarnsOfAParameterThatGradientsNeverReach) {
  expect_only(warnings_beside({}), "step 3: layers.0 gets no gradient, 3 steps on end");
}

TEST(GradientReport, WarnsOfGradientsOfZero) {
  expect_only(warnings_beside(zeros({4, 4})), "step 3: layers.0 gets gradients of 0 alone");
}

TEST(GradientReport, WarnsOfGradientsThatVanish) {
  expect_only(warnings_beside(full({4, 4}, 1e-7)), "step 10: layers.0 gets gradients that vanish");
}

TEST(GradientReport, WarnsOfGradientsThatExplode) {
  expect_only(warnings_beside(full({4, 4}, 1e4)), "step 1: layers.0 gets gradients that explode");
}

TEST(GradientReport, WarnsOfAParameterThatTheOptimizerDoesNotMove) {
  expect_only(warnings_beside(ones({4, 4}), false),
              "step 20: layers.0 gets gradients, but no updates in 20 steps");
}

TEST(GradientReport, WarnsWhereTheNormJumps) {
  const Tensor w = parameter(1000.0 * ones({4}));
  GradientReport report({{"w", w}});
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(step(report, w, ones({4}), ones({4})).empty());

  const auto warnings = step(report, w, full({4}, 1000), ones({4}));

  expect_only(warnings, "step 31: the norm of all gradients, 2e+03, is 1e+03 times that");
}

TEST(GradientReport, SaysNothingOfHealthyGradientsOrFrozenParameters) {
  EXPECT_TRUE(warnings_beside(full({4, 4}, 0.01)).empty());
  const Tensor frozen = ones({2});
  GradientReport report({{"frozen", frozen}});
  for (int i = 0; i < 25; ++i) EXPECT_TRUE(report.step(1).empty());
}

TEST(GradientReport, APageOfManyParametersAndStepsIsSmall) {
  std::vector<NamedTensor> parameters;
  for (int i = 0; i < 200; ++i) {
    parameters.push_back({"layers." + std::to_string(i) + ".weight", parameter(ones({2, 2}))});
    parameters.back().tensor.set_grad(full({2, 2}, 1 + i % 7));
  }
  GradientReport report(parameters);
  for (int step = 0; step < 5000; ++step) report.step(1.0 / (1 + step));

  std::string html;
  try {
    html = report.page("Gradients").html();
  } catch (const Error& error) {
    GTEST_SKIP() << error.what();  // there is no Vega
  }
  EXPECT_LT(html.size(), 4'000'000U);
  EXPECT_NE(html.find("200 parameters over 5000 steps."), std::string::npos);
}

TEST(GradientReport, APageBeforeTheFirstStepHasNoCharts) {
  const GradientReport report({{"w", parameter(ones({2}))}});

  EXPECT_EQ(report.page("Gradients").html().find("data-chart"), std::string::npos);
}

TEST(TimeSeries, KeepsBoundedPointsWithTheLeastAndTheLargest) {
  detail::TimeSeries series;
  for (int i = 0; i < 5000; ++i) series.add(i == 1234 ? 100 : 1);

  EXPECT_LE(series.points().size(), 256U);
  EXPECT_EQ(series.stride(), 32);
  const size_t at = 1234 / 32;
  EXPECT_EQ(series.points()[at].high, 100);
  EXPECT_EQ(series.points()[at].low, 1);
  EXPECT_NEAR(series.points()[at].mean, 1 + 99.0 / 32, 1e-4);
  EXPECT_EQ(series.points()[at + 1].high, 1);
  EXPECT_EQ(series.step_of(at), static_cast<double>(at * 32 + 1));
}

TEST(TimeSeries, ShowsTheLastStepsThoughTheirPointIsNotFull) {
  detail::TimeSeries series;
  for (int i = 0; i < 300; ++i) series.add(i);

  EXPECT_EQ(series.points().back().high, 299);
  EXPECT_EQ(series.points().front().low, 0);
}

}  // namespace
}  // namespace rill::inspect
