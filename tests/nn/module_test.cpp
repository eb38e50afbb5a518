#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <optional>
#include <sstream>
#include <type_traits>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/nn/module_list.h>
#include <rill/nn/sequential.h>

#include "tests/nn/some_modules.h"
#include "tests/support/expect.h"

namespace rill::testing {
namespace {

using nn::Layer;
using nn::Linear;
using Names = std::vector<std::string>;

TEST(Module, ParametersAreNamedByTheirPathInOrderOfRegistration) {
  const Net net;
  EXPECT_EQ(names_of(net.named_parameters()),
            (Names{"scale", "fc1.weight", "fc1.bias", "fc2.weight"}));
  EXPECT_EQ(names_of(net.named_buffers()), (Names{"table", "cache"}));
  EXPECT_EQ(net.buffers().size(), 2u);
  EXPECT_EQ(net.parameter_count(), 1 + 6 + 3 + 3);
}

TEST(Module, StateDictHoldsParametersAndPersistentBuffers) {
  EXPECT_EQ(names_of(Net().state_dict()),
            (Names{"scale", "table", "fc1.weight", "fc1.bias", "fc2.weight"}));
}

TEST(Module, SharedParameterIsListedOnceButSavedUnderBothNames) {
  const Tied tied;
  EXPECT_EQ(names_of(tied.named_parameters()), (Names{"embedding.weight"}));
  EXPECT_EQ(tied.parameter_count(), 8);
  EXPECT_EQ(names_of(tied.state_dict()), (Names{"embedding.weight", "head.weight"}));
}

TEST(Module, GradientsOfBothUsesOfASharedParameterAreSummed) {
  const Tied tied;
  tied.load_state_dict({{"embedding.weight", ones({4, 2})}, {"head.weight", ones({4, 2})}});
  // y = Σ_j w_j · w_1 with every w = (1, 1): dy/dw_j = w_1, and w_1 gets Σ_j w_j = (4, 4) more.
  tied(tensor({1}, int64)).sum().backward();
  expect_values(tied.embedding.weight.grad(), {1, 1, 5, 5, 1, 1, 1, 1});
}

TEST(Module, CopyIsTheSameModule) {
  const Net net;
  const Net copy = net;
  copy.eval();
  copy.fc1.load_state_dict({{"weight", full({3, 2}, 7)}, {"bias", zeros({3})}});
  EXPECT_FALSE(net.is_training());
  EXPECT_EQ(net.fc1.weight[0][0].item(), 7);
  static_assert(!std::is_copy_assignable_v<Net>);
}

TEST(Module, MemberOutlivesReallocationOfAVectorOfModules) {
  std::vector<Linear> layers;
  for (int i = 0; i < 20; ++i) layers.push_back(Linear(1, 1));
  EXPECT_EQ(layers[0](ones({1})).item(), (layers[0].weight + layers[0].bias).item());
}

TEST(Module, TrainAndEvalReachEveryModuleBelow) {
  const Net net;
  EXPECT_TRUE(net.fc2.is_training());
  net.eval();
  EXPECT_FALSE(net.is_training() || net.fc1.is_training() || net.fc2.is_training());
  net.train();
  EXPECT_TRUE(net.is_training() && net.fc1.is_training() && net.fc2.is_training());
}

TEST(Module, EvalDoesNotStopGradients) {
  const Net net;
  net.eval();
  EXPECT_TRUE(net(ones({1, 2})).requires_grad());
}

TEST(Module, ZeroGradForgetsGradients) {
  const Net net;
  net(ones({1, 2})).sum().backward();
  ASSERT_TRUE(net.fc1.weight.grad().defined());
  net.zero_grad();
  EXPECT_FALSE(net.fc1.weight.grad().defined());
}

TEST(Module, IsFreedAsWhatItIs) { static_assert(std::has_virtual_destructor_v<nn::Module>); }

TEST(Module, ZeroGradFillsGradientsWithZerosWhereAsked) {
  const Net net;
  net(ones({1, 2})).sum().backward();
  net.zero_grad(false);
  EXPECT_FALSE(any(net.fc1.weight.grad()).item<bool>());
}

TEST(Module, NamedParametersAreFoundByTheirNames) {
  const Net net;
  EXPECT_EQ(net.named_parameters()["fc1.weight"].impl(), net.fc1.weight.impl());
}

TEST(Module, LoadStateDictTellsWhatDidNotMatch) {
  const Net net;
  StateDict state = net.state_dict();
  const std::string missing = state.back().name;
  state.back().name = "other";
  const auto [absent, unexpected] = net.load_state_dict(state, false);
  EXPECT_EQ(absent, std::vector{missing});
  EXPECT_EQ(unexpected, std::vector<std::string>{"other"});
}

TEST(Module, ToConvertsWhatTheLayersHold) {
  const Net net;
  const double before = net.fc1.weight[1][1].item();
  net.to(float64);
  EXPECT_EQ(net.fc1.weight.dtype(), float64);
  EXPECT_EQ(net.table.dtype(), float64);
  EXPECT_EQ(net.fc1.weight[1][1].item(), before);
  net(ones({1, 2}, float64)).sum().backward();
  EXPECT_EQ(net.fc1.weight.grad().dtype(), float64);
  expect_error<DTypeError>([&] { net.to(int64); }, {"Net", "int64"});
}

TEST(Module, ToKeepsHooksAndConvertsGradients) {
  const Net net;
  net.fc1.weight.register_hook([](const Tensor& gradient) { return gradient * 0.0; });
  net.fc1.weight.set_grad(ones_like(net.fc1.weight));
  net.to(float64);
  EXPECT_EQ(net.fc1.weight.grad().dtype(), float64);
  net(ones({1, 2}, float64)).sum().backward();
  EXPECT_EQ(net.fc1.weight.grad().sum().item(), static_cast<double>(net.fc1.weight.numel()));
}

TEST(Module, ToMakesAGraphRecordedBeforeRefuse) {
  const Net net;
  const Tensor loss = net(ones({1, 2})).sum();
  net.to(float64);
  expect_error<AutogradError>([&] { loss.backward(); }, {"Module::to", "record the graph again"});
}

TEST(Module, ToKeepsATiedWeightTiedAndAFrozenOneFrozen) {
  const Tied tied;
  tied.to(float64);
  EXPECT_EQ(tied.parameter_count(), 8);
  EXPECT_EQ(tied.head.weight.dtype(), float64);
  const auto frozen = nn::Embedding::from_pretrained(ones({2, 2}));
  frozen.to(float64);
  EXPECT_FALSE(frozen.weight.requires_grad());
}

TEST(Module, RefusesTheResultOfAnOpAsAParameterOrABuffer) {
  Box box;
  expect_error<ValueError>(
      [&] { box.register_parameter("scale", 0.02 * randn({4}).requires_grad_()); },
      {"Box", "'scale'", "mul", "(0.02 * randn({4})).requires_grad_()"});
  const Linear a(2, 2);
  expect_error<ValueError>([&] { Linear(a.weight.T()); }, {"'weight'", "detach()"});
  expect_error<ValueError>([&] { box.register_buffer("sum", a.weight.sum()); }, {"'sum'", "sum"});
  EXPECT_TRUE(box.state_dict().empty());
  box.register_parameter("scale", 0.02 * randn({4}));
  EXPECT_EQ(box.parameter_count(), 4);
}

TEST(Module, NamesAreUniqueNotEmptyAndWithoutDots) {
  Box box;
  box.register_parameter("x", ones({1}));
  expect_error<ValueError>([&] { box.register_buffer("x", ones({1})); }, {"Box", "'x'"});
  expect_error<ValueError>([&] { box.register_module("x", Linear(1, 1)); }, {"Box", "'x'"});
  expect_error<ValueError>([&] { box.register_parameter("", ones({1})); }, {"Box", "empty"});
  expect_error<ValueError>([&] { box.register_parameter("a.b", ones({1})); }, {"'a.b'", "dot"});
}

TEST(Module, ParameterOfIntegersIsRefused) {
  Box box;
  EXPECT_THROW(box.register_parameter("ids", zeros({2}, int64)), DTypeError);
  EXPECT_TRUE(box.parameters().empty());
}

TEST(Module, OptionThatWasLeftOutRegistersNothing) {
  Box box;
  EXPECT_FALSE(box.register_parameter("bias", Tensor()).defined());
  EXPECT_FALSE(box.register_buffer("mask", Tensor()).defined());
  EXPECT_TRUE(box.state_dict().empty());
}

TEST(Module, BufferThatDoesNotPersistIsNotSaved) {
  Box box;
  const Tensor mask = box.register_buffer("mask", ones({2}), {.persistent = false});
  box.register_buffer("table", ones({2}), false);
  EXPECT_EQ(box.named_buffers().size(), 2u);
  EXPECT_TRUE(box.state_dict().empty());
}

TEST(Module, RegisteringTheSameModuleTwiceThrows) {
  Box box, other;
  const Linear linear = box.register_module("first", Linear(1, 1));
  expect_error<ValueError>([&] { box.register_module("second", linear); },
                           {"'second'", "Linear", "'first'", "copy is the same module"});
  EXPECT_THROW(other.register_module("first", linear), ValueError);
}

TEST(Module, ModuleInsideItselfThrows) {
  Box outer, inner;
  outer.register_module("inner", inner);
  expect_error<ValueError>([&] { inner.register_module("outer", outer); }, {"inside itself"});
  Box alone;
  expect_error<ValueError>([&] { alone.register_module("me", alone); }, {"inside itself"});
}

TEST(Module, ChildThatOutlivesItsParentIsARootAgain) {
  std::optional<Net> net(std::in_place);
  const Linear kept = net->fc1;
  EXPECT_EQ(kept.path(), "fc1");
  net.reset();
  EXPECT_EQ(kept.path(), "");
  Box box;
  box.register_module("again", kept);
  EXPECT_EQ(kept.path(), "again");
}

TEST(Module, SummaryShowsTheTreeWithShapesAndCounts) {
  class Wide final : public Layer<Wide> {
   public:
    Wide() {
      register_module("body", nn::Sequential(Linear(1000, 2), nn::Sequential(Linear(2, 1))));
    }
    Tensor forward(const Tensor& x) const { return x; }
  };
  EXPECT_EQ(Wide().summary(),
            "Wide                                             2,005\n"
            "└─ body: Sequential                              2,005\n"
            "   ├─ 0: Linear      weight [2, 1000], bias [2]  2,002\n"
            "   └─ 1: Sequential                                  3\n"
            "      └─ 0: Linear   weight [1, 2], bias [1]         3\n");
  EXPECT_NE(Net().summary().find("scale [1], buffer table [2], buffer cache [4]"),
            std::string::npos);
}

TEST(Module, ManyThousandInsideEachOtherAreWalkedAndFreed) {
  // A walk or a destructor that calls itself at each level would overflow the stack.
  constexpr int depth = 100'000;
  auto outermost = std::make_unique<Box>();
  {
    std::vector<Box> boxes{*outermost};
    for (int i = 1; i < depth; ++i) {
      Box box;
      boxes.back().register_module("x", box);
      boxes.push_back(box);
    }
    boxes.back().register_parameter("w", ones({3}));
    outermost->eval();
    EXPECT_FALSE(boxes.back().is_training());
    outermost->to(float64);
    outermost->zero_grad();
    EXPECT_EQ(outermost->parameter_count(), 3);
    EXPECT_EQ(outermost->parameters().front().dtype(), float64);
    EXPECT_EQ(outermost->named_parameters().front().name.size(), 2u * (depth - 1) + 1);
    EXPECT_EQ(boxes.back().path().size(), 2u * (depth - 1) - 1);
  }
  outermost.reset();
}

TEST(Sequential, ManyInsideEachOtherAreMadeInTimeThatGrowsAsTheirNumber) {
  // Each level copies its layer once or twice: had a copy to copy all below, this would not end.
  nn::Sequential nested{Linear(1, 1)};
  std::vector<nn::Sequential> levels{nested};
  for (int i = 0; i < 1000; ++i)
    levels.push_back(nn::Sequential(std::vector<nn::Sequential::Step>{levels.back()}));
  EXPECT_EQ(levels.back().parameter_count(), 2);
  EXPECT_EQ(levels.back()(ones({1})).item(), levels.front()(ones({1})).item());
}

TEST(Module, SummaryCountsASharedParameterOnceInTheWhole) {
  const std::string summary = Tied().summary();
  EXPECT_EQ(summary.substr(0, summary.find('\n')).back(), '8');
}

}  // namespace
}  // namespace rill::testing
