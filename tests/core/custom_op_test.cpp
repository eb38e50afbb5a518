#include <rill/core/autograd.h>
#include <rill/core/fused.h>
#include <rill/core/ops.h>

#include <algorithm>

#include "tests/support/expect.h"

// Ops as a user writes them, with the same `record` that the library uses; most are wrong on
// purpose.

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_values;

Tensor leaf(std::initializer_list<NestedList> values) {
  return tensor(values, float64).requires_grad_();
}

Tensor copy_of(const Tensor& x) {
  const NoGradGuard no_grad;
  return x.clone();
}

Tensor cube(const Tensor& x) {
  Op op("cube");
  Tensor out = copy_of(x);
  double* data = out.data<double>();
  std::transform(data, data + out.numel(), data, [](double v) { return v * v * v; });
  return op.record(out, row(x, "dout · 3x²", keep(x), [](const Tensor& dout, const Tensor& x) {
                     return dout * x * x * 3.0;
                   }));
}

TEST(CustomOp, GivesGradientsAndGradientsOfGradients) {
  const Tensor x = leaf({2});
  const Tensor first = grad(cube(x).sum(), x, {.create_graph = true});
  expect_values(first, {12});
  expect_values(grad(first.sum(), x), {12});
}

TEST(CustomOp, ExplainsItsRows) {
  EXPECT_EQ(cube(leaf({2})).grad_fn()->explain(), "cube\n  input 0: dout · 3x²");
}

Tensor misshapen(const Tensor& x) {
  Op op("misshapen");
  return op.record(copy_of(x), row(x, "wrong", [](const Tensor& dout) { return dout.sum(); }));
}

TEST(CustomOp, AGradientOfTheWrongShapeIsRefused) {
  expect_error<AutogradError>(
      [] {
        misshapen(leaf({1, 2})).sum().backward();
      },
      {"misshapen", "input 0", "[]", "[2]"});
}

Tensor mistyped(const Tensor& x) {
  Op op("mistyped");
  return op.record(copy_of(x),
                   row(x, "wrong", [](const Tensor& dout) { return dout.to(float32); }));
}

TEST(CustomOp, AGradientOfTheWrongDtypeIsRefused) {
  expect_error<AutogradError>(
      [] {
        mistyped(leaf({1, 2})).sum().backward();
      },
      {"mistyped", "input 0", "float32", "float64"});
}

Tensor missing(const Tensor& x) {
  Op op("missing");
  return op.record(copy_of(x), row(x, "wrong", [](const Tensor&) { return Tensor(); }));
}

TEST(CustomOp, AMissingGradientIsRefusedByName) {
  expect_error<AutogradError>(
      [] {
        missing(leaf({1, 2})).sum().backward();
      },
      {"missing", "input 0", "no gradient"});
}

Tensor keeps_a_stranger(const Tensor& x) {
  Op op("keeps_a_stranger");
  const Tensor stranger = copy_of(x) * 2.0;
  return op.record(copy_of(x), row(x, "dout · s", keep(stranger.detach()),
                                   [](const Tensor& dout, const Tensor& s) { return dout * s; }));
}

TEST(CustomOp, KeepingATensorOutsideTheGraphIsRefusedUnlessConstant) {
  expect_error<AutogradError>([] { keeps_a_stranger(leaf({1})); },
                              {"keeps_a_stranger: a row keeps a tensor", "constant(t)"});
}

TEST(CustomOp, IsNamedOnceWhereBackwardRunsInsideIt) {
  const std::string message = testing::message_of<AutogradError>([] {
    const Tensor x = leaf({1, 2});
    Op op("shrink");
    op.record(copy_of(x).sum(), row(x, "dout", [](const Tensor& dout) { return dout; })).backward();
  });
  EXPECT_EQ(message.find("shrink: the row of input 0"), 0u) << message;
  EXPECT_EQ(Op::current(), nullptr);
}

TEST(CustomOp, ARowsFunctionTakesDoutAndThenWhatIsKept) {
  const auto of_dout = [](const Tensor& dout) { return dout; };
  const auto of_both = [](const Tensor& dout, const Tensor& x) { return dout * x; };
  const auto of_shape = [](const Tensor& dout, const Shape& shape) { return sum_to(dout, shape); };
  using OfDout = decltype(of_dout);
  using OfBoth = decltype(of_both);
  using OfShape = decltype(of_shape);
  EXPECT_TRUE(detail::is_row_function<OfDout>);
  EXPECT_FALSE((detail::is_row_function<OfDout, Tensor>));
  EXPECT_TRUE((detail::is_row_function<OfBoth, Tensor>));
  EXPECT_TRUE((detail::is_row_function<OfBoth, Constant>));
  EXPECT_FALSE(detail::is_row_function<OfBoth>);
  EXPECT_TRUE((detail::is_row_function<OfShape, Shape>));
  EXPECT_FALSE((detail::is_row_function<OfShape, Tensor>));
}

Tensor scale_by_constant(const Tensor& x, const Tensor& factor) {
  Op op("scale_by_constant");
  return op.record(copy_of(x), row(x, "dout · factor", keep(constant(factor)),
                                   [](const Tensor& dout, const Tensor& s) { return dout * s; }));
}

TEST(CustomOp, AConstantIsKeptAndWatched) {
  const Tensor x = leaf({1});
  const Tensor factor = tensor({5}, float64);
  scale_by_constant(x, factor).sum().backward();
  expect_values(x.grad(), {5});
  const Tensor y = scale_by_constant(x, factor).sum();
  factor.add_(1);
  expect_error<AutogradError>([&] { y.backward(); }, {"scale_by_constant", "in place"});
}

Tensor throwing(const Tensor& x) {
  Op op("throwing");
  return op.record(copy_of(x), row(x, "none", [](const Tensor&) -> Tensor {
                     throw std::runtime_error("no gradient today");
                   }));
}

TEST(CustomOp, AnExceptionInARowPropagatesAndLeavesTheEngineUsable) {
  const Tensor x = leaf({2});
  const Tensor h = x * x;
  expect_error<std::runtime_error>([&] { throwing(h).sum().backward(); }, {"no gradient today"});
  EXPECT_TRUE(is_grad_enabled());
  (h * 3.0).sum().backward();
  expect_values(x.grad(), {12});
}

TEST(CustomOp, AnOpMustRecordANewTensor) {
  const Tensor x = leaf({2});
  const Tensor h = x * x;
  expect_error<AutogradError>(
      [&] {
        Op op("recorded_twice");
        op.record(h, row(x, "dout", [](const Tensor& dout) { return dout; }));
      },
      {"recorded_twice", "already"});
}

TEST(CustomOp, AnOpRecordsNoTensorThatWasThereBefore) {
  const Tensor x = tensor({2}, float64), w = leaf({3});
  const auto records_its_input = [](const Tensor& x, const Tensor& w) {
    Op op("records_its_input");
    return op.record(x, row(w, "dout", [](const Tensor& dout) { return dout; }));
  };
  expect_error<AutogradError>([&] { records_its_input(x, w); },
                              {"records_its_input", "before the op began", "clone()"});
  EXPECT_FALSE(x.requires_grad());
}

Tensor writes_to_dout(const Tensor& a, const Tensor& b) {
  Op op("writes_to_dout");
  return op.record(copy_of(a), row(a, "2 dout", [](const Tensor& dout) { return dout.mul_(2); }),
                   row(b, "dout", [](const Tensor& dout) { return dout; }));
}

TEST(CustomOp, ARowThatWritesToDoutIsRefusedByName) {
  const Tensor a = leaf({1}), b = leaf({2});
  expect_error<AutogradError>([&] { writes_to_dout(a, b).sum().backward(); },
                              {"writes_to_dout: ", "wrote in place"});
  EXPECT_FALSE(b.grad().defined());
}

TEST(CustomOp, AHookThatWritesToTheGradientIsRefused) {
  const Tensor a = leaf({1}), b = leaf({2});
  a.register_hook([](const Tensor& gradient) { return gradient.mul_(2); });
  expect_error<AutogradError>([&] { (a + b).backward(); }, {"a hook wrote in place"});
}

TEST(CustomOp, RowsWhoseInputNeedsNoGradientKeepNothing) {
  const Tensor x = leaf({2});
  Tensor big = zeros({1000}, float64);
  const int64_t before = live_tensor_bytes();
  const Tensor y = x * big.sum();
  big = Tensor();
  EXPECT_LT(live_tensor_bytes(), before);
  y.sum().backward();
  expect_values(x.grad(), {0});
}

// out = a·b, fused, with its twin.
Tensor fused_product(const Tensor& a, const Tensor& b, double scale) {
  Op op("fused_product");
  Tensor out;
  {
    const NoGradGuard no_grad;
    out = a * b * scale;
  }
  return op.record_fused(
      out, inputs(a, b), keep(scale),
      [](const Tensor& dout, const Wanted<2>& wanted, const Tensor& a, const Tensor& b,
         double scale) {
        std::array<Tensor, 2> gradients;
        if (wanted[0]) gradients[0] = dout * b * scale;
        if (wanted[1]) gradients[1] = dout * a * scale;
        return gradients;
      },
      [](const Tensor& a, const Tensor& b, double scale) { return a * b * scale; });
}

TEST(FusedOp, GivesGradientsByItsKernel) {
  const Tensor a = leaf({2});
  const Tensor b = leaf({5});
  fused_product(a, b, 3).sum().backward();
  expect_values(a.grad(), {15});
  expect_values(b.grad(), {6});
}

TEST(FusedOp, GivesGradientsOfGradientsByItsTwin) {
  const Tensor x = leaf({2});
  const Tensor h = x * x;
  const Tensor y = fused_product(h, x, 1).sum();  // x³
  const Tensor first = grad(y, x, {.create_graph = true});
  const Tensor second = grad(first.sum(), x, {.create_graph = true});
  expect_values(first, {12});
  expect_values(second, {12});
  expect_values(grad(second.sum(), x), {6});
}

TEST(FusedOp, ComputesOnlyWhatIsWanted) {
  const Tensor a = leaf({2});
  const Tensor b = tensor({5}, float64);
  fused_product(a, b, 3).sum().backward();
  expect_values(a.grad(), {15});
}

TEST(FusedOp, AnInputChangedInPlaceIsNamedWithBothVersions) {
  const Tensor h = leaf({1, 2}) * 1.0;
  const Tensor y = fused_product(h, h, 1).sum();
  h.detach().add_(1);
  expect_error<AutogradError>([&] { y.backward(); }, {"fused_product", "version 0", "at 1"});
}

TEST(FusedOp, AGradientThatIsLeftOutIsRefusedByName) {
  const auto forgets_the_second = [](const Tensor& a, const Tensor& b) {
    Op op("forgets_the_second");
    return op.record_fused(
        copy_of(a), inputs(a, b), keep(),
        [](const Tensor& dout, const Wanted<2>&, const Tensor&, const Tensor&) {
          return std::array<Tensor, 2>{dout, Tensor()};
        },
        [](const Tensor& a, const Tensor& b) { return a + b; });
  };
  expect_error<AutogradError>([&] { forgets_the_second(leaf({1}), leaf({2})).backward(); },
                              {"forgets_the_second: ", "input 1", "no gradient"});
}

TEST(FusedOp, KeepingAnIntermediateNeedsConstant) {
  const Tensor a = leaf({2});
  expect_error<AutogradError>(
      [&] {
        Op op("fused");
        op.record_fused(
            copy_of(a), inputs(a), keep(copy_of(a)),
            [](const Tensor& dout, const Wanted<1>&, const Tensor&, const Tensor&) {
              return std::array<Tensor, 1>{dout};
            },
            [](const Tensor& a, const Tensor&) { return a * 1.0; });
      },
      {"fused", "constant(t)"});
}

}  // namespace
}  // namespace rill
