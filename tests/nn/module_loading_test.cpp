#include <gtest/gtest.h>

#include <cmath>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>

#include "tests/nn/some_modules.h"
#include "tests/support/expect.h"

namespace rill::testing {
namespace {

using nn::Linear;

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
  const StateDict kept = live.clone();
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
  const StateDict before = net.state_dict().clone();
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

TEST(Module, LoadingThatIsNotStrictTakesWhatFits) {
  const Net net;
  const std::vector<double> bias = net.fc1.bias.to_vector();
  net.load_state_dict({{"scale", full({1}, 9)}, {"cache", zeros({4})}}, false);
  EXPECT_EQ(net.scale.item(), 9);
  EXPECT_EQ(net.fc1.bias.to_vector(), bias);
  net.load_state_dict({}, {.strict = false});
  expect_error<ValueError>([&] { net.load_state_dict({}, {}); }, {"missing"});
  expect_error<ValueError>(
      [&] {
        net.load_state_dict({{"scale", zeros({2})}}, false);
      },
      {"scale is [1], given [2]"});
}

TEST(Module, LoadingGivesTiedNamesOneValueOrRefuses) {
  const Tied tied;
  const StateDict before = tied.state_dict().clone();
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
  const Tensor value = tensor({{1.0, 2.0}, {3.0, 4.0}});
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
    const Tensor a = box.register_buffer("a", tensor({{0.0, 1.0}, {0.0, 1.0}}).to(dtype));
    const Tensor b = box.register_buffer("b", tensor({{1.0, 1.0}, {0.0, 0.0}}).to(dtype));
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

}  // namespace
}  // namespace rill::testing
