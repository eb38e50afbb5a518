#include <rill/core/gradcheck.h>

#include <gtest/gtest.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>

namespace rill {
namespace {

using Inputs = std::vector<Tensor>;

/// x², with a gradient that is right only where `slope` is 2.
template <int slope>
Tensor square(const Tensor& x) {
  Op op("square");
  NoGradGuard unrecorded;
  const Tensor out = x * x;
  GradModeGuard recorded(true);
  return op.record(out, row(x, "dout · 2x", keep(x), [](const Tensor& dout, const Tensor& x) {
                     return dout * x * double{slope};
                   }));
}

Tensor input() { return tensor({{0.5, -1.0}, {2.0, 0.25}}, float64).requires_grad_(); }

using Checker = bool (*)(const TensorFunction&, const Inputs&, const GradcheckOptions&);

std::string refusal(const TensorFunction& function, const Inputs& inputs,
                    Checker check = gradcheck) {
  try {
    check(function, inputs, {});
  } catch (const GradcheckError& error) {
    return error.what();
  }
  return "nothing was refused";
}

::testing::AssertionResult contains(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "\"" << part << "\" is not in \"" << text << "\"";
}

TEST(Gradcheck, TakesAFunctionOfTwoTensors) {
  const Tensor a = tensor({0.5, -1.5}, float64).requires_grad_();
  const Tensor b = tensor({2.0, 3.0}, float64).requires_grad_();
  const auto product = [](const Tensor& x, const Tensor& y) { return x * y; };
  EXPECT_TRUE(gradcheck(product, {a, b}));
  EXPECT_THROW(gradcheck(product, {a, b, a}), ValueError);
}

TEST(Gradcheck, AcceptsARightGradient) {
  EXPECT_TRUE(gradcheck([](const Inputs& x) { return square<2>(x[0]); }, {input()}));
}

TEST(Gradcheck, TakesBracesForAList) {
  bool is_list = false;
  gradcheck(
      [&](const auto& in) {
        is_list = std::is_same_v<decltype(in), const Inputs&>;
        return square<2>(in[0]);
      },
      {input()});
  EXPECT_TRUE(is_list);
}

TEST(Gradcheck, TakesAFunctionOfOneTensor) {
  const Tensor x = tensor({0.3, -0.7}, {.dtype = float64, .requires_grad = true});
  EXPECT_TRUE(gradcheck([](const Tensor& x) { return x.tanh(); }, x));
  EXPECT_TRUE(gradgradcheck([](const Tensor& x) { return x.tanh().sum(); }, x));
  EXPECT_THROW(gradcheck([](const Tensor& x) { return x * x.detach(); }, x), GradcheckError);
}

TEST(Gradcheck, RefusesAWrongGradient) {
  EXPECT_THROW(gradcheck([](const Inputs& x) { return square<3>(x[0]); }, {input()}),
               GradcheckError);
}

TEST(Gradcheck, ReturnsFalseWhereItIsToldNotToThrow) {
  EXPECT_FALSE(gradcheck([](const Inputs& x) { return square<3>(x[0]); }, {input()},
                         {.raise_exception = false}));
}

TEST(Gradcheck, NamesOpInputIndexBothNumbersAndTheFormula) {
  const std::string message =
      refusal([](const Inputs& x) { return square<3>(x[1]); }, {ones({2}, float64), input()});
  EXPECT_TRUE(contains(message, "square"));
  EXPECT_TRUE(contains(message, "input 1 at [0, 0]"));
  EXPECT_TRUE(contains(message, "is 1.5 by its formula"));
  EXPECT_TRUE(contains(message, "and 1 by differences") || contains(message, "and 0.99999"));
  EXPECT_TRUE(contains(message, "dout · 2x"));
}

TEST(Gradcheck, FindsAnErrorInTheLastElementAlone) {
  const auto wrong_last = [](const Inputs& x) {
    Op op("scaled");
    return op.record((x[0].detach() * 1.0), row(x[0], "dout", [](const Tensor& dout) {
                       const Tensor factors = tensor({{1, 1}, {1, 1.001}}, float64);
                       return dout * factors;
                     }));
  };
  EXPECT_TRUE(contains(refusal(wrong_last, {input()}), "at [1, 1]"));
}

TEST(Gradcheck, FindsAnOpThatIgnoresStrides) {
  const auto ignores_strides = [](const Inputs& x) {
    Op op("reads_storage");
    const Tensor seen =
        make_view(x[0], x[0].shape(), contiguous_strides(x[0].shape()), x[0].impl()->offset);
    return op.record(seen.clone(), row(x[0], "dout", [](const Tensor& dout) { return dout; }));
  };
  EXPECT_THROW(gradcheck(ignores_strides, {input()}), GradcheckError);
  EXPECT_TRUE(gradcheck(ignores_strides, {input()}, {.check_strided = false}));
}

TEST(Gradcheck, FindsAGradientThatDiffersFromOneBackwardToTheNext) {
  static double noise;
  noise = 0;
  const auto restless = [](const Inputs& x) {
    Op op("restless");
    return op.record(x[0].detach() * 1.0, row(x[0], "dout", [](const Tensor& dout) {
                       noise += 1e-12;
                       return dout * (1 + noise);
                     }));
  };
  EXPECT_TRUE(contains(refusal(restless, {input()}), "differs from one backward to the next"));
}

TEST(Gradcheck, FindsAGradientThatNeverReachesItsInput) {
  const auto cut = [](const Inputs& x) { return x[0].detach() * x[1]; };
  EXPECT_TRUE(contains(refusal(cut, {input(), input()}), "input 0"));
}

TEST(Gradcheck, SaysThatNoOpWasRecorded) {
  const std::string message =
      refusal([](const Inputs& x) { return x[0].detach() * 2.0; }, {input()});
  EXPECT_TRUE(contains(message, "no recorded op"));
  EXPECT_TRUE(contains(message, "is op.record(...) missing"));
}

TEST(Gradcheck, RefusesAFunctionThatIsNotDeterministic) {
  manual_seed(1);
  const auto noisy = [](const Inputs& x) { return x[0] * rand({2, 2}, float64); };
  const std::string message = refusal(noisy, {input()});
  EXPECT_TRUE(contains(message, "gradcheck: mul: output 0 at [0, 0] is "));
  EXPECT_TRUE(contains(message, "for the same input: the function is not deterministic"));
}

TEST(Gradcheck, RefusesAFunctionWhoseOutputsChangeTheirNumber) {
  int runs = 0;
  const TensorsFunction growing = [&](const Inputs& x) {
    return Inputs(static_cast<size_t>(++runs), square<2>(x[0]));
  };
  try {
    gradcheck(growing, {input()});
    FAIL() << "nothing was refused";
  } catch (const GradcheckError& error) {
    EXPECT_TRUE(contains(error.what(), "their number and shapes"));
  }
}

TEST(Gradcheck, ChecksEachOutput) {
  const TensorsFunction second_wrong = [](const Inputs& x) {
    return std::vector<Tensor>{square<2>(x[0]), square<3>(x[0])};
  };
  EXPECT_THROW(gradcheck(second_wrong, {input()}), GradcheckError);
}

TEST(Gradcheck, ChecksALeafThatTheFunctionReachesByCapture) {
  const Tensor w = input();
  EXPECT_TRUE(gradcheck([&](const Inputs& x) { return square<2>(w) * x[0]; }, {input(), w}));
  const std::string message =
      refusal([&](const Inputs& x) { return square<3>(w) * x[0]; }, {input(), w});
  EXPECT_TRUE(contains(message, "with respect to input 1 at [0, 0] is 0.75 by its formula"));
}

TEST(Gradcheck, FindsACapturedTensorThatTheGraphDoesNotReach) {
  const Tensor w = input();
  const auto cut = [&](const Inputs& x) { return w.detach() * x[0]; };
  EXPECT_TRUE(contains(refusal(cut, {input(), w}), "no graph leads there"));
  const Tensor result = w * 1.0;
  const auto holds_a_result = [&](const Inputs& x) { return result * x[0]; };
  EXPECT_TRUE(contains(refusal(holds_a_result, {input(), result}), "no graph leads there"));
}

TEST(Gradcheck, LeavesTheInputsAsTheyWere) {
  const Tensor x = input();
  const std::vector<double> before = x.to_vector();
  const void* data = x.raw_data();
  const Node* node = x.grad_fn();
  gradcheck([](const Inputs& in) { return square<2>(in[0]); }, {x});
  refusal([](const Inputs& in) { return square<3>(in[0]); }, {x});
  EXPECT_EQ(x.to_vector(), before);
  EXPECT_EQ(x.raw_data(), data);
  EXPECT_EQ(x.grad_fn(), node);
  EXPECT_TRUE(x.is_contiguous());
  EXPECT_EQ(x.version(), 0u);
}

TEST(Gradcheck, TakesAnInputWhoseElementsShareOnePlace) {
  const Tensor x = tensor({0.5}, float64).expand({2, 2}).detach().requires_grad_();
  EXPECT_TRUE(gradcheck([](const Inputs& in) { return square<2>(in[0]); }, {x}));
}

TEST(Gradcheck, CallsInputsByTheirNames) {
  try {
    gradcheck([](const Inputs& x) { return square<3>(x[0]); }, {input()},
              {.input_names = {"parameter 'weight'"}});
    FAIL() << "nothing was refused";
  } catch (const GradcheckError& error) {
    EXPECT_TRUE(contains(error.what(), "with respect to parameter 'weight' at [0, 0]"));
  }
}

TEST(Gradcheck, LeavesInputsThatNeedNoGradientAlone) {
  const Tensor ids = tensor({1, 0}, int64);
  EXPECT_TRUE(gradcheck([](const Inputs& x) { return x[0] * to(x[1], float64); }, {input(), ids}));
}

TEST(Gradcheck, AcceptsTensorsWithoutElementsAndWithoutDimensions) {
  const auto twice = [](const Inputs& x) { return x[0] * 2.0; };
  EXPECT_TRUE(gradcheck(twice, {zeros({0, 3}, float64).requires_grad_()}));
  EXPECT_TRUE(gradcheck(twice, {scalar(0.5, float64).requires_grad_()}));
}

TEST(Gradcheck, WantsFloat64) {
  const auto twice = [](const Inputs& x) { return x[0] * 2.0; };
  EXPECT_THROW(gradcheck(twice, {ones({2}).requires_grad_()}), DTypeError);
}

TEST(Gradcheck, WantsAnInputThatRequiresAGradient) {
  const auto twice = [](const Inputs& x) { return x[0] * 2.0; };
  EXPECT_THROW(gradcheck(twice, {ones({2}, float64)}), ValueError);
}

TEST(Gradcheck, LeavesGradOfTheInputsAlone) {
  const Tensor x = input();
  gradcheck([](const Inputs& inputs) { return square<2>(inputs[0]); }, {x});
  EXPECT_FALSE(x.grad().defined());
}

/// x³ whose gradient is right, but whose gradient of the gradient is not: 3x² is kept apart from
/// the graph.
Tensor cube_cut_short(const Tensor& x) {
  Op op("cube");
  NoGradGuard unrecorded;
  const Tensor out = x * x * x, slope = x * x * 3.0;
  GradModeGuard recorded(true);
  return op.record(out, row(x, "dout · 3x²", keep(constant(slope)),
                            [](const Tensor& dout, const Tensor& slope) { return dout * slope; }));
}

TEST(Gradgradcheck, AcceptsARightGradientOfTheGradient) {
  EXPECT_TRUE(gradgradcheck([](const Inputs& x) { return exp(x[0]) * x[1]; }, {input(), input()}));
}

TEST(Gradgradcheck, RefusesAGradientThatIsCutFromTheGraph) {
  const auto cube = [](const Inputs& x) { return cube_cut_short(x[0]); };
  EXPECT_TRUE(gradcheck(cube, {input()}));
  EXPECT_THROW(gradgradcheck(cube, {input()}), GradcheckError);
}

TEST(Gradgradcheck, NamesTheOpWhoseGradientIsWrongBeforeTheOpInsideIt) {
  const std::string message =
      refusal([](const Inputs& x) { return cube_cut_short(x[0]); }, {input()}, gradgradcheck);
  EXPECT_TRUE(contains(message, "gradgradcheck: in the gradient of cube: mul: "));
  EXPECT_TRUE(contains(message, "does a row of cube keep a constant(t)"));
}

TEST(Gradgradcheck, PassesOverOutputsThatWantNoGradient) {
  const TensorsFunction function = [](const Inputs& x) {
    return std::vector{ones({2}, float64), x[0] * x[0]};
  };
  EXPECT_TRUE(gradgradcheck(function, {input()}));
}

TEST(Gradgradcheck, AcceptsLinearFunctions) {
  EXPECT_TRUE(gradgradcheck([](const Inputs& x) { return x[0] * 3.0; }, {input()}));
}

TEST(Gradcheck, FindsAGradientThatIsWrongForStridedInputs) {
  const auto half_where_strided = [](const Inputs& in) {
    Op op("half_where_strided");
    return op.record((in[0] * 2.0).detach(),
                     row(in[0], "2 dout", keep(in[0]), [](const Tensor& dout, const Tensor& x) {
                       return x.is_contiguous() ? dout * 2.0 : dout;
                     }));
  };
  EXPECT_NE(refusal(half_where_strided, {input()}), "nothing was refused");
}

}  // namespace
}  // namespace rill
