#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/optim/adam.h>
#include <rill/optim/adamw.h>
#include <rill/optim/rmsprop.h>
#include <rill/optim/sgd.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "tests/support/expect.h"
#include "tests/support/reference.h"

namespace rill::optim {
namespace {

using testing::expect_error;
using testing::expect_values;
using testing::ReferenceArgs;
using testing::ReferenceCase;
using testing::ReferenceStep;
using testing::ReferenceTensor;

// ---- 20 steps beside PyTorch ---------------------------------------------------------------

void set(const ReferenceArgs& args, SGDOptions& o) {
  o.lr = args.number("lr", o.lr);
  o.momentum = args.number("momentum", 0);
  o.dampening = args.number("dampening", 0);
  o.weight_decay = args.number("weight_decay", 0);
  o.nesterov = args.flag("nesterov");
}

void set(const ReferenceArgs& args, RMSpropOptions& o) {
  o.lr = args.number("lr", o.lr);
  o.alpha = args.number("alpha", o.alpha);
  o.eps = args.number("eps", o.eps);
  o.weight_decay = args.number("weight_decay", 0);
  o.momentum = args.number("momentum", 0);
  o.centered = args.flag("centered");
}

template <class AdamLike>
void set(const ReferenceArgs& args, AdamLike& o) {
  o.lr = args.number("lr", o.lr);
  o.betas[0] = args.number("beta1", o.betas[0]);
  o.betas[1] = args.number("beta2", o.betas[1]);
  o.eps = args.number("eps", o.eps);
  o.weight_decay = args.number("weight_decay", o.weight_decay);
  o.amsgrad = args.flag("amsgrad");
}

/// One group of all parameters, or one for each where the case gives rates by group.
template <class Options>
std::vector<ParameterGroup<Options>> groups_of(const ReferenceArgs& args,
                                               const std::vector<Tensor>& parameters) {
  Options options;
  set(args, options);
  if (!args.has("group_lr")) return {{parameters, options}};
  std::vector<ParameterGroup<Options>> groups;
  for (size_t i = 0; i < parameters.size(); ++i) {
    options.lr = args.numbers("group_lr")[i];
    options.weight_decay = args.numbers("group_weight_decay")[i];
    groups.push_back({{parameters[i]}, options});
  }
  return groups;
}

std::unique_ptr<Optimizer> make(const ReferenceCase& c, const std::vector<Tensor>& parameters) {
  if (c.op == "SGD") return std::make_unique<SGD>(groups_of<SGDOptions>(c.args, parameters));
  if (c.op == "Adam") return std::make_unique<Adam>(groups_of<AdamOptions>(c.args, parameters));
  if (c.op == "RMSprop")
    return std::make_unique<RMSprop>(groups_of<RMSpropOptions>(c.args, parameters));
  return std::make_unique<AdamW>(groups_of<AdamWOptions>(c.args, parameters));
}

std::vector<Tensor> parameters_of(const ReferenceCase& c, DType dtype) {
  std::vector<Tensor> parameters;
  for (const ReferenceTensor& p : c.parameters)
    parameters.push_back(testing::to_tensor(p.values, p.shape, dtype).requires_grad_());
  return parameters;
}

void set_gradients(const ReferenceStep& step, const std::vector<Tensor>& parameters) {
  for (size_t i = 0; i < parameters.size(); ++i) {
    const Tensor& p = parameters[i];
    const std::vector<int64_t> shape(p.shape().begin(), p.shape().end());
    p.set_grad(step.grads[i] ? testing::to_tensor(*step.grads[i], shape, p.dtype()) : Tensor());
  }
}

void expect_steps(const ReferenceCase& c, DType dtype, double tolerance) {
  SCOPED_TRACE(c.label());
  const std::vector<Tensor> parameters = parameters_of(c, dtype);
  const std::unique_ptr<Optimizer> optimizer = make(c, parameters);
  ASSERT_EQ(c.steps.size(), 20u);
  for (const ReferenceStep& step : c.steps) {
    set_gradients(step, parameters);
    optimizer->step();
    for (size_t i = 0; i < parameters.size(); ++i)
      expect_values(parameters[i], step.values[i], tolerance);
  }
}

TEST(Optimizers, StepAsPyTorchsInDoublePrecision) {
  for (const std::string op : {"SGD", "Adam", "AdamW", "RMSprop"})
    for (const ReferenceCase& c : testing::reference_cases("optimizers.json", op))
      expect_steps(c, float64, 1e-12);
}

TEST(Optimizers, StepAsPyTorchsInSinglePrecision) {
  for (const std::string op : {"SGD", "Adam", "AdamW", "RMSprop"})
    for (const ReferenceCase& c : testing::reference_cases("optimizers.json", op))
      expect_steps(c, float32, 1e-5);
}

// ---- what is refused, what is skipped ------------------------------------------------------

TEST(Optimizers, RefuseOptionsOutOfRange) {
  const std::vector<Tensor> p{ones({1}).requires_grad_()};
  expect_error<ValueError>([&] { SGD(p, {.lr = -1}); }, {"SGD", "lr", "-1"});
  expect_error<ValueError>([&] { SGD(p, {.lr = NAN}); }, {"lr", "nan"});
  expect_error<ValueError>([&] { Adam(p, {.lr = INFINITY}); }, {"Adam", "lr", "inf"});
  expect_error<ValueError>([&] { Adam(p, {.betas = {1, 0.999}}); }, {"beta1", "below 1"});
  expect_error<ValueError>([&] { AdamW(p, {.betas = {0.9, 1.5}}); }, {"AdamW", "beta2", "1.5"});
  expect_error<ValueError>([&] { AdamW(p, {.betas = {0.9, NAN}}); }, {"beta2"});
  expect_error<ValueError>([&] { AdamW(p, {.weight_decay = -0.1}); }, {"weight_decay"});
  expect_error<ValueError>([&] { Adam(p, {.eps = -1e-8}); }, {"eps"});
  expect_error<ValueError>([&] { Adam(p, {.eps = 0}); }, {"Adam", "eps", "above 0"});
  expect_error<ValueError>([&] { AdamW(p, {.eps = 1e-50}); }, {"AdamW", "eps", "float32"});
  expect_error<ValueError>([&] { SGD(p, {.nesterov = true}); }, {"nesterov", "momentum"});
  SGD sgd(p);
  expect_error<ValueError>([&] { sgd.set_learning_rate(NAN); }, {"rate", "nan"});
}

TEST(Optimizers, RefuseWhatIsNoTrainableLeaf) {
  const Tensor p = ones({2}).requires_grad_();
  expect_error<ValueError>([] { SGD(std::vector<Tensor>{}); }, {"at least one"});
  expect_error<ValueError>([] { SGD(std::vector<ParameterGroup<SGDOptions>>{}); },
                           {"at least one"});
  expect_error<ValueError>(
      [&] {
        SGD({p, p * 2.0});
      },
      {"parameter 1 (float32 [2])", "result of the op mul", "detach()"});
  expect_error<ValueError>([&] { SGD({p, Tensor()}); }, {"parameter 1 (undefined)"});
  expect_error<ValueError>(
      [&] {
        SGD({p, ones({3}, int64)});
      },
      {"parameter 1 (int64 [3])", "float32 and float64"});
  expect_error<ValueError>([&] { SGD({p, p}); }, {"already"});
  expect_error<ValueError>(
      [&] {
        SGD({{{p}}, {{ones({1}).requires_grad_(), p}}});
      },
      {"parameter 2", "already", "parameter 0"});
  const Tensor strided = ones({2, 3}).T().requires_grad_();
  expect_error<ValueError>([&] { SGD({strided}); },
                           {"parameter 0 (float32 [3, 2])", "strides", "row-major"});
}

TEST(Optimizers, RefuseTwoParametersInOneMemory) {
  const Tensor all = ones({4});
  const auto part = [&](int64_t start) {
    return all.narrow(0, start, 2).detach().requires_grad_();
  };
  expect_error<ValueError>(
      [&] {
        SGD({part(0), part(1)});
      },
      {"parameters 0 and 1", "share memory"});
  EXPECT_NO_THROW(SGD({part(2), part(0)}));
}

TEST(Optimizers, RefuseAGroupThatIsNotThere) {
  SGD optimizer({ones({1}).requires_grad_()});
  expect_error<IndexError>([&] { optimizer.learning_rate(7); }, {"group 7", "1"});
  expect_error<IndexError>([&] { optimizer.set_learning_rate(1, 0.5); }, {"group 1"});
}

/// What the buffer of that name holds after steps with the gradients 1000 and 1e-5.
float buffer_after_two_steps(Optimizer& optimizer, const std::string& name) {
  for (const double gradient : {1000.0, 1e-5}) {
    optimizer.parameters()[0].set_grad(full({1}, gradient));
    optimizer.step();
  }
  for (const auto& entry : optimizer.state_dict())
    if (entry.name == "state.0." + name) return entry.tensor.item<float>();
  return NAN;
}

TEST(Optimizers, WithoutAMemoryForGradientsKeepTheGradientItself) {
  for (const double share : {0.0, 0.25}) {
    const Tensor p = zeros({1}).requires_grad_(), q = zeros({1}).requires_grad_();
    Adam adam({p}, {.betas = {share, 0.999}});
    RMSprop rmsprop({q}, {.alpha = share, .centered = true});
    const auto expected = static_cast<float>((1 - share) * (share * 1000 + 1e-5));
    EXPECT_FLOAT_EQ(buffer_after_two_steps(adam, "exp_avg"), expected);
    EXPECT_FLOAT_EQ(buffer_after_two_steps(rmsprop, "grad_avg"), expected);
  }
}

TEST(Optimizers, SkipAParameterWithoutGradientAndItsState) {
  const Tensor used = ones({1}).requires_grad_();
  const Tensor unused = ones({1}).requires_grad_();
  AdamW optimizer({used, unused}, {.lr = 0.1, .weight_decay = 0.5});
  used.sum().backward();
  optimizer.step();
  expect_values(unused, {1});
  for (const NamedTensor& entry : optimizer.state_dict()) EXPECT_NE(entry.name, "state.1.exp_avg");
}

TEST(Optimizers, AZeroGradientStillDecays) {
  const Tensor p = ones({1}, float64).requires_grad_();
  AdamW optimizer({p}, {.lr = 0.1, .weight_decay = 0.5});
  p.set_grad(zeros({1}, float64));
  optimizer.step();
  expect_values(p, {0.95}, 1e-15);
}

TEST(Optimizers, AdamLeavesAParameterWithoutAnySlopeWhereItIs) {
  const Tensor p = ones({1}).requires_grad_();
  Adam optimizer({p}, {.eps = 1.2e-38});
  p.set_grad(zeros({1}));
  optimizer.step();
  expect_values(p, {1});
}

// A constant gradient has no variance: v - m^2 is what rounding leaves of 0, and often below it.
TEST(Optimizers, CenteredRMSpropStaysFiniteWhereGradientsDoNotVary) {
  for (const double alpha : {0.0, 0.5, 0.9}) {
    const Tensor p = zeros({64}).requires_grad_();
    RMSprop optimizer({p}, {.lr = 1e-9, .alpha = alpha, .centered = true});
    Generator generator(1);
    const Tensor gradient = randn({64}, generator);
    for (int step = 0; step < 300; ++step) {
      p.set_grad(gradient.clone());
      optimizer.step();
    }
    for (const double value : p.to_vector()) EXPECT_TRUE(std::isfinite(value)) << alpha;
  }
}

TEST(Optimizers, ZeroGradForgetsGradients) {
  const Tensor p = ones({1}).requires_grad_();
  SGD optimizer({p});
  p.sum().backward();
  optimizer.zero_grad();
  EXPECT_FALSE(p.grad().defined());
}

TEST(Optimizers, ZeroGradMayFillGradientsWithZeros) {
  const Tensor p = ones({1}).requires_grad_(), unused = ones({1}).requires_grad_();
  SGD optimizer({p, unused});
  p.sum().backward();
  optimizer.zero_grad(false);
  EXPECT_EQ(p.grad().item(), 0);
  EXPECT_FALSE(unused.grad().defined());
}

TEST(Optimizers, ZerosForGradientsBelongToNoGraph) {
  const Tensor p = ones({1}).requires_grad_();
  SGD optimizer({p});
  (p * p * p).sum().backward({}, {.create_graph = true});
  ASSERT_TRUE(p.grad().requires_grad());
  optimizer.zero_grad({.set_to_none = false});
  EXPECT_EQ(p.grad().item(), 0);
  EXPECT_FALSE(p.grad().requires_grad());
}

TEST(Optimizers, GiveTheirGroupsWhoseRatesMayBeSet) {
  const Tensor a = ones({1}).requires_grad_(), b = ones({2}).requires_grad_();
  SGD optimizer({{{a}, {.lr = 1}}, {{b}, {.lr = 2}}});
  for (const auto& group : optimizer.param_groups()) group.lr *= 0.5;
  EXPECT_EQ(optimizer.learning_rate(0), 0.5);
  EXPECT_EQ(optimizer.learning_rate(1), 1);
  optimizer.param_groups()[1].lr = 3;
  EXPECT_EQ(optimizer.param_groups()[1].lr, 3);
  EXPECT_EQ(optimizer.param_groups()[1].params[0].numel(), 2);
  expect_error<ValueError>([&] { optimizer.param_groups()[0]["lr"] = -1; }, {"-1"});
}

TEST(Optimizers, GiveTheRateOfAGroupAsANumber) {
  const Tensor p = ones({1}).requires_grad_();
  SGD optimizer({p}, {.lr = 0.5});
  auto rate = optimizer.param_groups[0].lr;
  rate *= 2;
  EXPECT_EQ(std::max(rate, optimizer.param_groups[0].lr), 1);
  EXPECT_EQ(optimizer.learning_rate(), 0.5);
}

TEST(Optimizers, StepWithNoRateThatIsNone) {
  const Tensor a = ones({1}).requires_grad_(), b = ones({1}).requires_grad_();
  SGD optimizer({{{a}, {.lr = 1}}, {{b}, {.lr = 1}}});
  for (const Tensor& p : {a, b}) p.set_grad(ones({1}));
  for (const double wrong : {-1.0, double(NAN), double(INFINITY)}) {
    optimizer.param_groups[1].lr = wrong;
    expect_error<ValueError>([&] { optimizer.step(); }, {"lr"});
    EXPECT_EQ(a.item(), 1);
  }
}

TEST(Optimizers, TakeTheOptionsOfAGroupWithTheNextStep) {
  const Tensor a = ones({1}).requires_grad_(), b = ones({1}).requires_grad_();
  SGD optimizer({{{a}, {.lr = 1}}, {{b}, {.lr = 1}}});
  optimizer.param_groups()[0].weight_decay = 0.5;
  optimizer.param_groups()[1]["momentum"] = 0.25;
  for (int i = 0; i < 2; ++i) {
    a.set_grad(zeros({1}));
    b.set_grad(ones({1}));
    optimizer.step();
  }
  EXPECT_EQ(a.item(), 0.25);   // 1 · (1 - 0.5)²
  EXPECT_EQ(b.item(), -1.25);  // 1 - 1 - (0.25 + 1)
  EXPECT_EQ(optimizer.param_groups()[1].momentum, 0.25);
  EXPECT_EQ(optimizer.param_groups()[1].weight_decay, 0);
  optimizer.param_groups()[1].lr = optimizer.param_groups()[0].weight_decay;
  EXPECT_EQ(optimizer.learning_rate(1), 0.5);
  optimizer.param_groups()[1].lr /= 2;
  EXPECT_EQ(optimizer.learning_rate(1), 0.25);
  optimizer.param_groups()[1]["nesterov"] = 1;
  EXPECT_EQ(optimizer.param_groups()[1]["nesterov"], 1);
}

TEST(Optimizers, RefuseOptionsThatTheyDoNotHave) {
  const Tensor p = ones({1}).requires_grad_();
  AdamW adamw({p});
  SGD sgd({p}, {.lr = 1});
  const auto group = [](Optimizer& optimizer) { return optimizer.param_groups()[0]; };
  expect_error<ValueError>([&] { group(adamw).momentum = 0.9; }, {"'momentum'", "lr, beta1"});
  expect_error<ValueError>([&] { (void)double(group(sgd)["betas"]); }, {"'betas'", "dampening"});
  expect_error<ValueError>([&] { group(adamw).eps = -1; }, {"eps", "-1"});
  EXPECT_EQ(group(adamw).eps, 1e-8);
  expect_error<ValueError>([&] { group(adamw)["amsgrad"] = 0.5; }, {"'amsgrad'", "0.5"});
  expect_error<ValueError>([&] { group(adamw)["decoupled_weight_decay"] = 0; }, {"fixed"});
  p.set_grad(ones({1}));
  sgd.step();
  expect_error<ValueError>([&] { group(sgd).momentum = 0.9; },
                           {"'momentum' to 0.9", "new optimizer", "momentum_buffer"});
  EXPECT_EQ(group(sgd).momentum, 0);
}

TEST(Optimizers, AStepMakesInputsKeptBeforeItStale) {
  const Tensor p = ones({1}).requires_grad_();
  SGD optimizer({p}, {.lr = 0.1});
  const Tensor loss = (p * p).sum();
  p.set_grad(ones({1}));
  optimizer.step();
  expect_error<AutogradError>([&] { loss.backward(); }, {"mul", "in place"});
}

TEST(Optimizers, AStepThatFailsHasChangedNothing) {
  const Tensor first = ones({2}).requires_grad_();
  const Tensor second = ones({2}).requires_grad_();
  const Tensor third = ones({2}).requires_grad_();
  Adam optimizer({first, second, third}, {.lr = 0.1});
  (first + second).sum().backward();
  optimizer.step();
  const std::vector<double> before = first.to_vector();
  const uint32_t version = first.version();
  second.swap_data(ones({3}));
  second.sum().backward();
  third.sum().backward();
  expect_error<ValueError>([&] { optimizer.step(); }, {"step: ", "[2]", "[3]", "new optimizer"});
  EXPECT_EQ(first.to_vector(), before);
  EXPECT_EQ(first.version(), version);
  expect_values(third, {1, 1});
  for (const NamedTensor& entry : optimizer.state_dict()) {
    if (entry.name == "state.0.step") {
      EXPECT_EQ(entry.tensor.item(), 1);
    }
    EXPECT_NE(entry.name, "state.2.exp_avg");
  }
}

TEST(Optimizers, TakeGradientsOfAnyLayout) {
  const Tensor p = zeros({2, 2}).requires_grad_();
  SGD optimizer({p}, {.lr = 1});
  p.set_grad(tensor({{1.0, 2.0}, {3.0, 4.0}}).T());
  optimizer.step();
  expect_values(p, {-1, -3, -2, -4});
}

TEST(Optimizers, AddToTheOptionsOfTheirGroups) {
  const Tensor p = ones({1}).requires_grad_();
  SGD optimizer({p}, {.lr = 1});
  for (auto& group : optimizer.param_groups) group.lr += 0.5;
  EXPECT_EQ(optimizer.learning_rate(), 1.5);
  optimizer.param_groups[0]["lr"] -= 0.25;
  EXPECT_EQ(optimizer.learning_rate(), 1.25);
  EXPECT_EQ(optimizer.param_groups.size(), 1);
  expect_error<IndexError>([&] { optimizer.param_groups[1].lr = 1; }, {"no parameter group 1"});
}

TEST(Optimizers, NameAllTheirOptionsInTheirGroups) {
  const Tensor p = ones({1}).requires_grad_();
  SGD sgd({p}, {.lr = 1, .momentum = 0.5});
  sgd.param_groups[0].nesterov = true;
  EXPECT_EQ(sgd.param_groups[0]["nesterov"], 1);
  EXPECT_EQ(sgd.param_groups[0].dampening, 0);
  EXPECT_EQ(Adam({p}, {.amsgrad = true}).param_groups[0].amsgrad, 1);
  RMSprop rmsprop({p}, {.alpha = 0.25, .centered = true});
  EXPECT_EQ(rmsprop.param_groups[0].alpha, 0.25);
  EXPECT_EQ(rmsprop.param_groups[0].centered, 1);
}

}  // namespace
}  // namespace rill::optim
