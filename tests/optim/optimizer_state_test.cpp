#include <rill/core/ops.h>
#include <rill/optim/adam.h>
#include <rill/optim/adamw.h>
#include <rill/optim/rmsprop.h>
#include <rill/optim/sgd.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>

#include "tests/support/expect.h"

namespace rill::optim {
namespace {

using testing::expect_error;

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
    {"RMSprop",
     [](const std::vector<Tensor>& p) {
       return std::make_unique<RMSprop>(p, RMSpropOptions{.momentum = 0.5, .centered = true});
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

TEST(OptimizerState, OfRMSpropHoldsTheBuffersThatItsOptionsNeed) {
  const auto buffers = [](const RMSpropOptions& options) {
    const Tensor p = zeros({2}).requires_grad_();
    RMSprop optimizer({p}, options);
    descend(optimizer, p, 1);
    std::vector<std::string> names;
    for (const auto& [name, tensor] : optimizer.state_dict())
      if (name.starts_with("state.0.") && name != "state.0.step") names.push_back(name.substr(8));
    return names;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(buffers({}), Names{"square_avg"});
  EXPECT_EQ(buffers({.momentum = 0.5}), (Names{"square_avg", "momentum_buffer"}));
  EXPECT_EQ(buffers({.centered = true}), (Names{"square_avg", "grad_avg"}));
}

// ---- which parameters, which optimizer -------------------------------------------------------

TEST(OptimizerState, OfOtherGroupsIsRefused) {
  const auto leaf = [] { return ones({2}).requires_grad_(); };
  const SGD first({{{leaf()}, {.lr = 1}}, {{leaf(), leaf()}, {.lr = 2}}});
  SGD second({{{leaf(), leaf()}, {.lr = 3}}, {{leaf()}, {.lr = 4}}});
  expect_refused(
      second, first.state_dict(),
      {"param_groups.0.params", "tensor([0])", "tensor([0, 1])", "param_groups.1.params"});
}

TEST(OptimizerState, OfAdamDoesNotLoadIntoAdamWNorBack) {
  const Tensor p = ones({2}).requires_grad_();
  Adam adam({p}, {.lr = 0.5});
  AdamW adamw({p}, {.lr = 0.25});
  expect_refused(adamw, adam.state_dict(), {"decoupled_weight_decay", "here it is 1"});
  expect_refused(adam, adamw.state_dict(), {"decoupled_weight_decay", "here it is 0"});
}

TEST(OptimizerState, NamesTheParametersOfEachGroup) {
  const auto leaf = [] { return ones({2}).requires_grad_(); };
  const SGD optimizer({{{leaf()}}, {{leaf(), leaf()}}});
  std::vector<std::vector<int64_t>> found;
  for (const auto& [name, tensor] : optimizer.state_dict())
    if (name.ends_with(".params")) found.push_back(tensor.to_vector<int64_t>());
  EXPECT_EQ(found, (std::vector<std::vector<int64_t>>{{0}, {1, 2}}));
}

TEST(OptimizerState, WithBuffersThatAreNoFloatsIsRefused) {
  const Tensor p = ones({2}).requires_grad_();
  Adam adam({p});
  descend(adam, p, 1);
  for (const DType dtype : {int64, bool_}) {
    StateDict state = adam.state_dict();
    for (NamedTensor& entry : state)
      if (entry.name == "state.0.exp_avg") entry.tensor = ones({2}, dtype);
    expect_refused(adam, state, {"state.0.exp_avg", std::string(name_of(dtype)), "float32"});
  }
}

TEST(OptimizerState, WithAnInitialRateThatIsNoneIsRefused) {
  Adam adam({ones({2}).requires_grad_()});
  StateDict state = adam.state_dict();
  state.push_back({"param_groups.0.initial_lr", scalar(-1, float64)});
  expect_refused(adam, state, {"initial_lr", "-1"});
}

}  // namespace
}  // namespace rill::optim
