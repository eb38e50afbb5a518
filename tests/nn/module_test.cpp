#include <memory>

#include <gtest/gtest.h>
#include "tests/support/expect.h"

#include <cmath>
#include <optional>
#include <sstream>
#include <type_traits>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/nn/embedding.h>
#include <rill/nn/linear.h>
#include <rill/nn/module_list.h>
#include <rill/nn/sequential.h>

namespace rill::testing {
namespace {

using nn::Layer;
using nn::Linear;

/// Two linears and two buffers, one of them saved.
class Net final : public Layer<Net> {
 public:
  Net()
      : fc1(register_module("fc1", Linear(2, 3))),
        fc2(register_module("fc2", Linear(3, 1, {.bias = false}))),
        scale(register_parameter("scale", ones({1}))),
        table(register_buffer("table", zeros({2}))),
        cache(register_buffer("cache", zeros({4}), false)) {}

  Tensor forward(const Tensor& x) const { return fc2(fc1(x).tanh()) * scale; }

  const Linear fc1, fc2;
  const Tensor scale, table, cache;
};

/// An embedding whose weight is the head's too.
class Tied final : public Layer<Tied> {
 public:
  Tied()
      : embedding(register_module("embedding", nn::Embedding(4, 2))),
        head(register_module("head", Linear(embedding.weight))) {}

  Tensor forward(const Tensor& ids) const { return head(embedding(ids)); }

  const nn::Embedding embedding;
  const Linear head;
};

/// Registers whatever it is told to.
class Box final : public Layer<Box> {
 public:
  Box() = default;
  using Module::register_buffer;
  using Module::register_module;
  using Module::register_parameter;
  Tensor forward(const Tensor& x) const { return x; }
};

std::vector<std::string> names_of(const std::vector<NamedTensor>& tensors) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  return names;
}

StateDict copy_of(const StateDict& state) {
  StateDict copies;
  for (const auto& [name, tensor] : state) copies.push_back({name, tensor.clone()});
  return copies;
}

using Names = std::vector<std::string>;

}  // namespace

TEST(Module, ParametersAreNamedByTheirPathInOrderOfRegistration) {
  const Net net;
  EXPECT_EQ(names_of(net.named_parameters()),
            (Names{"scale", "fc1.weight", "fc1.bias", "fc2.weight"}));
  EXPECT_EQ(names_of(net.named_buffers()), (Names{"table", "cache"}));
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

TEST(Module, LoadedStateGivesTheSameOutputs) {
  const Net source, target;
  const Tensor x = tensor({{0.5, -1.0}});
  target.load_state_dict(source.state_dict());
  EXPECT_EQ(target(x).item(), source(x).item());
  EXPECT_NE(target.fc1.weight.raw_data(), source.fc1.weight.raw_data());
  EXPECT_TRUE(target.fc1.weight.requires_grad());
}

TEST(Module, StateDictSharesMemoryUntilItIsCloned) {
  const Net net;
  const StateDict live = net.state_dict();
  const StateDict kept = copy_of(live);
  {
    const NoGradGuard no_grad;
    net.scale.fill_(5);
  }
  EXPECT_EQ(live[0].tensor.item(), 5);
  EXPECT_EQ(kept[0].tensor.item(), 1);
}

TEST(Module, LoadingConvertsTheDtype) {
  const Linear linear(1, 1, {.bias = false});
  linear.load_state_dict({{"weight", full({1, 1}, 0.25, float64)}});
  EXPECT_EQ(linear.weight.dtype(), float32);
  EXPECT_EQ(linear.weight.item(), 0.25);
}

TEST(Module, LoadErrorListsEveryNameThatIsWrongAndLeavesTheModelUnchanged) {
  const Net net;
  const StateDict before = copy_of(net.state_dict());
  const StateDict wrong{{"scale", full({1}, 9)},    {"fc1.weight", zeros({2, 3})},
                        {"fc2.weight", zeros({3})}, {"table", zeros({2})},
                        {"fc3.weight", zeros({1})}, {"cache", zeros({4})},
                        {"scale", zeros({1})}};
  expect_error<ValueError>(
      [&] { net.load_state_dict(wrong); },
      {"Net", "missing: fc1.bias", "unexpected: cache, fc3.weight", "given twice: scale",
       "fc1.weight is [3, 2], given [2, 3]", "fc2.weight is [1, 3], given [3]"});
  const StateDict after = net.state_dict();
  for (size_t i = 0; i < before.size(); ++i)
    EXPECT_EQ(after[i].tensor.to_vector(), before[i].tensor.to_vector()) << before[i].name;
}

TEST(Module, LoadingGivesTiedNamesOneValueOrRefuses) {
  const Tied tied;
  const StateDict before = copy_of(tied.state_dict());
  const StateDict untied{{"embedding.weight", ones({4, 2})}, {"head.weight", zeros({4, 2})}};
  expect_error<ValueError>([&] { tied.load_state_dict(untied); },
                           {"Tied", "'embedding.weight' and 'head.weight'", "different values"});
  EXPECT_EQ(tied.embedding.weight.to_vector(), before[0].tensor.to_vector());
  const Tensor value = tensor({{1, NAN}, {3, 4}, {5, 6}, {7, 8}});
  tied.load_state_dict({{"embedding.weight", value.to(float64)}, {"head.weight", value.clone()}});
  EXPECT_EQ(tied.head.weight[3][1].item(), 8);
}

TEST(Module, LoadingRefusesDifferentValuesForOverlappingTensors) {
  Box box;
  const Tensor table = box.register_buffer("table", zeros({2, 2}));
  box.register_buffer("turned", table.T());
  const Tensor value = tensor({{1, 2}, {3, 4}});
  expect_error<ValueError>(
      [&] {
        box.load_state_dict({{"table", value}, {"turned", value}});
      },
      {"'table' and 'turned'"});
  expect_values(table, {0, 0, 0, 0});
  box.load_state_dict({{"table", value}, {"turned", value.T()}});
  expect_values(table, {1, 2, 3, 4});
}

TEST(Module, LoadingTensorsOfItsOwnReadsThemAsTheyWere) {
  for (const DType dtype : {float32, float64, int64, bool_}) {
    Box box;
    const Tensor a = box.register_buffer("a", tensor({{0, 1}, {0, 1}}).to(dtype));
    const Tensor b = box.register_buffer("b", tensor({{1, 1}, {0, 0}}).to(dtype));
    box.load_state_dict({{"a", b}, {"b", a}});
    expect_values(a, {1, 1, 0, 0});
    expect_values(b, {0, 1, 0, 1});
    box.load_state_dict({{"a", a.T()}, {"b", a}});
    expect_values(a, {1, 0, 1, 0});
    expect_values(b, {1, 1, 0, 0});
  }
}

TEST(Module, LoadingRefusesNumbersOfAnotherKind) {
  Box box;
  const Tensor weight = box.register_parameter("weight", zeros({2}));
  const Tensor count = box.register_buffer("count", zeros({1}, int64));
  const Tensor mask = box.register_buffer("mask", zeros({1}, bool_));
  expect_error<ValueError>(
      [&] {
        box.load_state_dict(
            {{"weight", ones({2}, int64)}, {"count", full({1}, 1.5)}, {"mask", ones({1}, int64)}});
      },
      {"weight is float32, given int64", "count is int64, given float32",
       "mask is bool, given int64"});
  expect_values(weight, {0, 0});
}

TEST(Module, LoadingIntoATensorThatIsExpandedChangesNothing) {
  Box box;
  const Tensor first = box.register_buffer("first", zeros({1}));
  box.register_buffer("wide", zeros({1}).expand({3}));
  expect_error<ValueError>(
      [&] {
        box.load_state_dict({{"first", ones({1})}, {"wide", ones({3})}});
      },
      {"wide"});
  expect_values(first, {0});
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
  std::ostringstream out;
  out << Net();
  EXPECT_NE(out.str().find("scale [1], buffer table [2], buffer cache [4]"), std::string::npos);
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

}  // namespace rill::testing
