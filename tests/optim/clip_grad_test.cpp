#include <rill/core/ops.h>
#include <rill/optim/clip_grad.h>

#include <cmath>

#include "tests/support/expect.h"
#include "tests/support/reference.h"

namespace rill::optim {
namespace {

using testing::expect_error;
using testing::expect_values;
using testing::ReferenceCase;

/// Parameters whose gradients are the inputs of the case.
std::vector<Tensor> with_gradients(const ReferenceCase& c, DType dtype) {
  std::vector<Tensor> parameters;
  for (const testing::ReferenceTensor& input : c.inputs) {
    const Tensor gradient = testing::to_tensor(input, dtype);
    parameters.push_back(zeros_like(gradient).requires_grad_());
    parameters.back().set_grad(gradient);
  }
  return parameters;
}

void expect_like(const Tensor& actual, const testing::ReferenceTensor& expected, double tolerance) {
  const std::vector<double> values = actual.to_vector<double>();
  ASSERT_EQ(values.size(), expected.values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(expected.values[i]))
      EXPECT_TRUE(std::isnan(values[i])) << "at " << i << ": " << values[i];
    else if (std::isinf(expected.values[i]))
      EXPECT_EQ(values[i], expected.values[i]) << "at " << i;
    else
      EXPECT_NEAR(values[i], expected.values[i], tolerance) << "at " << i;
  }
}

double norm_type_of(const ReferenceCase& c) {
  try {
    return c.args.number("norm_type");
  } catch (const std::invalid_argument&) {
    return INFINITY;  // written as a word
  }
}

TEST(ClipGradNorm, IsPyTorchs) {
  for (const ReferenceCase& c : testing::reference_cases("optimizers.json", "clip_grad_norm_"))
    for (const DType dtype : {float32, float64}) {
      SCOPED_TRACE(c.label());
      const double tolerance = dtype == float32 ? 1e-6 : 1e-12;
      const std::vector<Tensor> parameters = with_gradients(c, dtype);
      const double norm =
          clip_grad_norm_(parameters, c.args.number("max_norm"), {.norm_type = norm_type_of(c)});
      ASSERT_EQ(c.outputs.size(), parameters.size() + 1);
      expect_like(scalar(norm, float64), c.outputs[0], tolerance * 10);
      for (size_t i = 0; i < parameters.size(); ++i)
        expect_like(parameters[i].grad(), c.outputs[i + 1], tolerance);
    }
}

TEST(ClipGradNorm, TakesTheNormByPositionAndOneParameter) {
  const Tensor p = zeros({2}).requires_grad_();
  const auto set = [&] { p.set_grad(tensor({3.0F, 4.0F})); };
  set();
  EXPECT_EQ(clip_grad_norm_({p}, 100, 1.0), 7);
  EXPECT_EQ(clip_grad_norm_({p}, 100, 1), 7);
  EXPECT_EQ(clip_grad_norm_(p, 100), 5);
  EXPECT_EQ(clip_grad_norm_(p, 2.5), 5);
  expect_values(p.grad(), {1.5, 2}, 1e-6);
  set();
  clip_grad_value_(p, 3.5);
  expect_values(p.grad(), {3, 3.5});
  p.set_grad(tensor({INFINITY, 0.0F}));
  expect_error<ValueError>([&] { clip_grad_norm_({p}, 1, 2, true); }, {"inf"});
}

TEST(ClipGradNorm, CanRefuseANormThatIsNotFinite) {
  const Tensor p = ones({2}).requires_grad_();
  p.set_grad(tensor({1.0, INFINITY}));
  expect_error<ValueError>([&] { clip_grad_norm_({p}, 1, {.error_if_nonfinite = true}); }, {"inf"});
  expect_values(p.grad()[0], {1});
}

TEST(ClipGradNorm, NeitherOverflowsNorUnderflowsOnTheWay) {
  struct Case {
    double gradient;
    DType dtype;
    double p;
  };
  for (const auto& [gradient, dtype, p] : {Case{1e200, float64, 2},
                                           {1e-200, float64, 2},
                                           {1e4, float32, 80},
                                           {1e-4, float32, 100},
                                           {1e200, float64, 3}}) {
    const Tensor parameter = zeros({1}, dtype).requires_grad_();
    parameter.set_grad(full({1}, gradient, dtype));
    const double norm = clip_grad_norm_({parameter}, gradient / 4, {.norm_type = p});
    EXPECT_NEAR(norm / gradient, 1, 1e-6) << p;
    const double factor = gradient / 4 / (gradient + 1e-6);
    EXPECT_NEAR(parameter.grad().item() / gradient, factor, 1e-6) << gradient << " " << p;
  }
}

TEST(ClipGradNorm, RefusesALimitThatIsNone) {
  expect_error<ValueError>([] { clip_grad_norm_({}, -1); }, {"max_norm", "-1"});
  expect_error<ValueError>([] { clip_grad_norm_({}, NAN); }, {"max_norm", "nan"});
}

TEST(ClipGradNorm, OfNoGradientsIsZero) {
  EXPECT_EQ(clip_grad_norm_({ones({2}).requires_grad_()}, 1), 0);
}

TEST(ClipGradValue, IsPyTorchs) {
  for (const ReferenceCase& c : testing::reference_cases("optimizers.json", "clip_grad_value_")) {
    SCOPED_TRACE(c.label());
    const std::vector<Tensor> parameters = with_gradients(c, float64);
    clip_grad_value_(parameters, c.args.number("clip_value"));
    for (size_t i = 0; i < parameters.size(); ++i)
      expect_like(parameters[i].grad(), c.outputs[i], 1e-15);
  }
}

// ---- what one pass over all would count and write twice --------------------------------------

TEST(ClipGradNorm, RefusesAParameterThatStandsTwiceInTheList) {
  const Tensor tied = zeros({2}).requires_grad_();
  const Tensor other = zeros({2}).requires_grad_();
  tied.set_grad(tensor({3.0, 4.0}));
  expect_error<ValueError>(
      [&] {
        clip_grad_norm_({tied, other, tied}, 1);
      },
      {"clip_grad_norm_", "parameter 2", "already", "parameter 0"});
  expect_error<ValueError>(
      [&] {
        clip_grad_norm_({tied, tied}, 1, {.norm_type = 1});
      },
      {"already"});
  expect_error<ValueError>(
      [&] {
        clip_grad_value_({tied, tied}, 1);
      },
      {"clip_grad_value_", "already"});
  expect_values(tied.grad(), {3, 4});
}

TEST(ClipGradNorm, RefusesGradientsThatShareMemory) {
  const Tensor a = zeros({2}).requires_grad_();
  const Tensor b = zeros({2}).requires_grad_();
  const Tensor both = tensor({3.0, 4.0, 5.0});
  a.set_grad(both.narrow(0, 0, 2));
  b.set_grad(both.narrow(0, 1, 2));
  expect_error<ValueError>(
      [&] {
        clip_grad_norm_({b, a}, 1);
      },
      {"gradients 0 and 1", "share memory", "clone()"});
  expect_values(both, {3, 4, 5});
}

TEST(ClipGradNorm, TakesGradientsThatAreNeighboursInOneTensor) {
  const Tensor a = zeros({1}).requires_grad_();
  const Tensor b = zeros({1}).requires_grad_();
  const Tensor both = tensor({3.0, 4.0});
  a.set_grad(both.narrow(0, 0, 1));
  b.set_grad(both.narrow(0, 1, 1));
  EXPECT_EQ(clip_grad_norm_({a, b}, 10), 5);
}

TEST(ClipGradValue, TakesAGradientThatIsOneNumberSeenManyTimes) {
  const Tensor p = zeros({3}).requires_grad_();
  p.set_grad(full({1}, 5).expand({3}));
  clip_grad_value_({p}, 2);
  expect_values(p.grad(), {2, 2, 2});
}

}  // namespace
}  // namespace rill::optim
