#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/optim/adam.h>
#include <rill/optim/adamw.h>
#include <rill/optim/sgd.h>

#include <algorithm>
#include <cmath>
#include <functional>
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

template <class AdamLike>
void set(const ReferenceArgs& args, AdamLike& o) {
  o.lr = args.number("lr", o.lr);
  o.beta1 = args.number("beta1", o.beta1);
  o.beta2 = args.number("beta2", o.beta2);
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
  for (const std::string op : {"SGD", "Adam", "AdamW"})
    for (const ReferenceCase& c : testing::reference_cases("optimizers.json", op))
      expect_steps(c, float64, 1e-12);
}

TEST(Optimizers, StepAsPyTorchsInSinglePrecision) {
  for (const std::string op : {"SGD", "Adam", "AdamW"})
    for (const ReferenceCase& c : testing::reference_cases("optimizers.json", op))
      expect_steps(c, float32, 1e-5);
}

// ---- saving and restoring ------------------------------------------------------------------

using MakeOptimizer = std::function<std::unique_ptr<Optimizer>(const std::vector<Tensor>&)>;

const std::vector<std::pair<const char*, MakeOptimizer>> with_state = {
    {"SGD",
     [](const std::vector<Tensor>& p) {
       return std::make_unique<SGD>(p, SGDOptions{.lr = 0.1, .momentum = 0.9});
     }},
    {"Adam",
     [](const std::vector<Tensor>& p) {
       return std::make_unique<Adam>(p, AdamOptions{.lr = 0.1, .amsgrad = true});
     }},
    {"AdamW",
     [](const std::vector<Tensor>& p) {
       return std::make_unique<AdamW>(p, AdamWOptions{.lr = 0.1});
     }},
};

/// Steps down the bowl Σ (p − 1)⁴.
void descend(Optimizer& optimizer, const Tensor& p, int steps) {
  for (int i = 0; i < steps; ++i) {
    optimizer.zero_grad();
    pow(p - 1.0, 4).sum().backward();
    optimizer.step();
  }
}

TEST(OptimizerState, ARestoredOptimizerGoesOnToTheSameBits) {
  for (const auto& [name, make] : with_state) {
    SCOPED_TRACE(name);
    const Tensor p = tensor({2.0, -0.5}).requires_grad_();
    const std::unique_ptr<Optimizer> first = make({p});
    descend(*first, p, 5);
    const StateDict saved = first->state_dict();
    const Tensor q = p.detach().clone().requires_grad_();
    descend(*first, p, 5);

    const std::unique_ptr<Optimizer> second = make({q});
    second->load_state_dict(saved);
    descend(*second, q, 5);
    EXPECT_EQ(q.to_vector<float>(), p.to_vector<float>());
  }
}

TEST(OptimizerState, RestoresLearningRates) {
  const Tensor p = ones({2}).requires_grad_();
  Adam first({p}, {.lr = 0.5});
  Adam second({p}, {.lr = 0.1});
  second.load_state_dict(first.state_dict());
  EXPECT_EQ(second.learning_rate(), 0.5);
}

TEST(OptimizerState, OfAnotherOptimizerIsRefusedWithAllThatIsWrong) {
  const Tensor p = ones({2}).requires_grad_();
  const Tensor q = ones({3}).requires_grad_();
  Adam adam({p}, {.lr = 0.1});
  descend(adam, p, 1);
  SGD sgd({q}, {.lr = 0.7, .momentum = 0.9});
  expect_error<ValueError>([&] { sgd.load_state_dict(adam.state_dict()); },
                           {"missing", "param_groups.0.momentum", "unexpected", "state.0.exp_avg",
                            "param_groups.0.beta1"});
  EXPECT_EQ(sgd.learning_rate(), 0.7);
  Adam wider({q});
  expect_error<ValueError>([&] { wider.load_state_dict(adam.state_dict()); },
                           {"state.0.exp_avg", "[2]", "[3]"});
}

/// `state` with the number called `name` replaced.
StateDict with_number(StateDict state, const std::string& name, double value) {
  for (NamedTensor& entry : state)
    if (entry.name == name) entry.tensor = scalar(value, float64);
  return state;
}

StateDict without(StateDict state, const std::string& name) {
  std::erase_if(state, [&](const NamedTensor& entry) { return entry.name == name; });
  return state;
}

/// Expects `state` to be refused, with `optimizer` left as it was.
void expect_refused(Optimizer& optimizer, const StateDict& state,
                    const std::vector<std::string>& parts) {
  const StateDict before = optimizer.state_dict();
  expect_error<ValueError>([&] { optimizer.load_state_dict(state); }, parts);
  const StateDict after = optimizer.state_dict();
  ASSERT_EQ(after.size(), before.size());
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(after[i].name, before[i].name);
    EXPECT_EQ(after[i].tensor.to_vector(), before[i].tensor.to_vector()) << before[i].name;
  }
}

TEST(OptimizerState, WithOptionsThatTheConstructorRefusesIsRefused) {
  const Tensor p = ones({2}).requires_grad_();
  Adam adam({p}, {.lr = 0.25});
  descend(adam, p, 2);
  const StateDict good = adam.state_dict();
  descend(adam, p, 1);
  expect_refused(adam, with_number(good, "param_groups.0.lr", NAN), {"lr", "nan"});
  expect_refused(adam, with_number(good, "param_groups.0.beta1", 1), {"beta1", "below 1"});
  expect_refused(adam, with_number(good, "param_groups.0.eps", -1), {"eps", "-1"});
  expect_refused(adam, with_number(good, "param_groups.0.amsgrad", 0.5), {"amsgrad", "0.5"});
  SGD sgd({p}, {.lr = 0.1, .momentum = 0.9, .nesterov = true});
  expect_refused(sgd, with_number(sgd.state_dict(), "param_groups.0.momentum", 0), {"nesterov"});
}

TEST(OptimizerState, WithAStepThatIsNoCountIsRefused) {
  const Tensor p = ones({2}).requires_grad_();
  Adam adam({p});
  descend(adam, p, 2);
  const StateDict good = adam.state_dict();
  for (const double step : {-1.0, 1.5, double{NAN}, double{INFINITY}, 1e30})
    expect_refused(adam, with_number(good, "state.0.step", step), {"state.0.step", "no count"});
}

TEST(OptimizerState, WhereStepAndBuffersDisagreeIsRefused) {
  const Tensor p = ones({2}).requires_grad_();
  Adam adam({p}, {.amsgrad = true});
  descend(adam, p, 2);
  const StateDict good = adam.state_dict();
  for (const std::string name : {"exp_avg", "exp_avg_sq", "max_exp_avg_sq"})
    expect_refused(adam, without(good, "state.0." + name), {"missing at step 2", name});
  expect_refused(adam, with_number(good, "state.0.step", 0), {"unexpected at step 0", "exp_avg"});
  SGD sgd({p}, {.momentum = 0.9});
  descend(sgd, p, 1);
  expect_refused(sgd, without(sgd.state_dict(), "state.0.momentum_buffer"), {"momentum_buffer"});
}

TEST(OptimizerState, WithAnEntryTwiceIsRefused) {
  Adam adam({ones({2}).requires_grad_()});
  StateDict twice = adam.state_dict();
  twice.push_back({"param_groups.0.lr", scalar(0.5, float64)});
  expect_refused(adam, twice, {"given twice", "param_groups.0.lr"});
}

TEST(OptimizerState, RestoresSwitches) {
  const Tensor p = ones({2}).requires_grad_();
  Adam with({p}, {.amsgrad = true});
  descend(with, p, 1);
  Adam restored({p});
  restored.load_state_dict(with.state_dict());
  descend(restored, p, 1);
  std::vector<std::string> names;
  for (const NamedTensor& entry : restored.state_dict()) names.push_back(entry.name);
  EXPECT_EQ(std::count(names.begin(), names.end(), "state.0.max_exp_avg_sq"), 1);
  const SGD nesterov({p}, {.momentum = 0.9, .nesterov = true});
  SGD plain({p}, {.momentum = 0.9});
  plain.load_state_dict(nesterov.state_dict());
  EXPECT_EQ(plain.state_dict().back().name, "param_groups.0.nesterov");
  EXPECT_EQ(plain.state_dict().back().tensor.item(), 1);
}

// ---- what is refused, what is skipped ------------------------------------------------------

TEST(Optimizers, RefuseOptionsOutOfRange) {
  const std::vector<Tensor> p{ones({1}).requires_grad_()};
  expect_error<ValueError>([&] { SGD(p, {.lr = -1}); }, {"SGD", "lr", "-1"});
  expect_error<ValueError>([&] { SGD(p, {.lr = NAN}); }, {"lr", "nan"});
  expect_error<ValueError>([&] { Adam(p, {.lr = INFINITY}); }, {"Adam", "lr", "inf"});
  expect_error<ValueError>([&] { Adam(p, {.beta1 = 1}); }, {"beta1", "below 1"});
  expect_error<ValueError>([&] { AdamW(p, {.beta2 = 1.5}); }, {"AdamW", "beta2", "1.5"});
  expect_error<ValueError>([&] { AdamW(p, {.beta2 = NAN}); }, {"beta2"});
  expect_error<ValueError>([&] { AdamW(p, {.weight_decay = -0.1}); }, {"weight_decay"});
  expect_error<ValueError>([&] { Adam(p, {.eps = -1e-8}); }, {"eps"});
  expect_error<ValueError>([&] { SGD(p, {.nesterov = true}); }, {"nesterov", "momentum"});
  SGD sgd(p);
  expect_error<ValueError>([&] { sgd.set_learning_rate(NAN); }, {"rate", "nan"});
}

TEST(Optimizers, RefuseWhatIsNoTrainableLeaf) {
  const Tensor p = ones({2}).requires_grad_();
  expect_error<ValueError>([] { SGD(std::vector<Tensor>{}); }, {"at least one"});
  expect_error<ValueError>([] { SGD({ones({2})}); }, {"leaves", "require a gradient"});
  expect_error<ValueError>([&] { SGD({p * 2.0}); }, {"leaves"});
  expect_error<ValueError>([&] { SGD({p, p}); }, {"already"});
  const Tensor strided = ones({2, 3}).T().requires_grad_();
  expect_error<ValueError>([&] { SGD({strided}); }, {"row-major", "[3, 2]"});
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

TEST(Optimizers, ZeroGradForgetsGradients) {
  const Tensor p = ones({1}).requires_grad_();
  SGD optimizer({p});
  p.sum().backward();
  optimizer.zero_grad();
  EXPECT_FALSE(p.grad().defined());
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
  p.set_grad(tensor({{1, 2}, {3, 4}}).T());
  optimizer.step();
  expect_values(p, {-1, -3, -2, -4});
}

}  // namespace
}  // namespace rill::optim
