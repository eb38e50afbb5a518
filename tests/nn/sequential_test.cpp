#include <gtest/gtest.h>

#include <type_traits>

#include "tests/support/expect.h"

#include <rill/core/ops.h>
#include <rill/nn/activation.h>
#include <rill/nn/flatten.h>
#include <rill/nn/identity.h>
#include <rill/nn/linear.h>
#include <rill/nn/module_dict.h>
#include <rill/nn/module_list.h>
#include <rill/nn/sequential.h>

namespace rill::testing {

using nn::Linear;

TEST(Sequential, RunsItsLayersInOrder) {
  const auto times = [](double by) {
    return nn::Function([by](const Tensor& x) { return x * by; });
  };
  const nn::Sequential scales(times(2), nn::ReLU(), times(-3));
  expect_values(scales(tensor({1.0, -1.0})), {-6, 0});
  EXPECT_EQ(scales.size(), 3);
}

TEST(Sequential, GrowsAndItsCopiesWithIt) {
  nn::Sequential net;
  const nn::Sequential copy = net;
  net.push_back(Linear(2, 3));
  net.append([](const Tensor& x) { return x * 2; });
  EXPECT_EQ(copy.size(), 2);
  EXPECT_EQ(copy(ones({1, 2})).shape(), Shape({1, 3}));
  EXPECT_EQ(net.named_parameters()[1].name, "0.bias");
}

TEST(Sequential, IsALoopsRangeAndCountsFromItsEnd) {
  nn::Sequential net;
  net.append(Linear(2, 3)).append(nn::ReLU());
  Tensor x = tensor({{1.0, -2.0}});
  const Tensor whole = net(x);
  for (const auto& step : net) x = step.forward(x);
  expect_values(x, whole.to_vector());
  EXPECT_EQ(net[-2].weight.shape(), Shape({3, 2}));
  net.add_module("head", Linear(3, 1));
  EXPECT_EQ(net(ones({1, 2})).shape(), Shape({1, 1}));
  EXPECT_EQ(net.named_parameters().back().name, "head.bias");
  EXPECT_THROW(net[-4], IndexError);
}

TEST(LeakyReLU, IsFlatterBelowZero) {
  expect_values(nn::LeakyReLU(0.25)(tensor({-4.0, 2.0})), {-1, 2});
  expect_values(nn::LeakyReLU()(tensor({-4.0})), {-0.04}, 1e-7);
}

TEST(Sequential, TakesOpsByTheirNames) {
  const nn::Sequential net{Linear(1, 2), relu, rill::tanh, [](const Tensor& x) { return x * 2; }};
  const Tensor x = ones({1, 1});
  expect_values(net(x), (tanh(net[0](x).relu()) * 2).to_vector());
}

TEST(ModuleList, GrowsAndItsCopiesWithIt) {
  nn::ModuleList<Linear> layers;
  const nn::ModuleList<Linear> copy = layers;
  for (int64_t width = 1; width <= 3; ++width) layers.append(Linear(width, width + 1));
  EXPECT_EQ(copy.size(), 3);
  EXPECT_EQ(copy[2].weight.shape(), Shape({4, 3}));
  EXPECT_EQ(layers.named_parameters().back().name, "2.bias");
  EXPECT_THROW(layers.push_back(layers[0]), ValueError);
  EXPECT_EQ(layers.size(), 3);
}

TEST(Sequential, AppendedToOutlivesATemporary) {
  static_assert(!std::is_reference_v<decltype(nn::Sequential().append(Linear(2, 3)))>);
  static_assert(!std::is_reference_v<decltype(nn::ModuleList<Linear>().append(Linear(2, 3)))>);
  const auto& net = nn::Sequential().append(Linear(2, 3));
  const auto& layers = nn::ModuleList<Linear>().append(Linear(2, 3));
  EXPECT_EQ(net(ones({1, 2})).shape(), layers[0](ones({1, 2})).shape());
}

TEST(ModuleList, HoldsLayersOfAnyKindUnlessToldOfWhich) {
  nn::ModuleList layers;
  layers.append(Linear(2, 2)).append(nn::ReLU());
  Tensor x = ones({1, 2});
  for (const auto& layer : layers) x = layer(x);
  EXPECT_EQ(x.shape(), Shape({1, 2}));
  EXPECT_EQ(nn::ModuleList({Linear(1, 2), Linear(2, 3)})[-1].weight.shape(), Shape({3, 2}));
  EXPECT_EQ((nn::ModuleList{Linear(1, 2), Linear(2, 3), Linear(3, 4)}.size()), 3);
  const nn::ModuleList mixed{Linear(1, 2), nn::ReLU()};
  EXPECT_EQ(mixed[1](mixed[0](ones({1, 1}))).shape(), Shape({1, 2}));
  EXPECT_EQ((nn::ModuleList({Linear(1, 2), nn::ReLU()}).size()), 2);
  EXPECT_EQ(nn::ModuleList(2, [](int64_t i) { return Linear(1, i + 1); })[1].out_features(), 2);
}

TEST(ModuleDict, IsAskedByNameAndKeepsTheOrder) {
  nn::ModuleDict heads{{"word", Linear(2, 3)},
                       {"letter", nn::Sequential(Linear(2, 4), nn::ReLU())}};
  EXPECT_EQ(heads["word"](ones({1, 2})).shape(), Shape({1, 3}));
  EXPECT_EQ(heads.at("letter")(ones({1, 2})).shape(), Shape({1, 4}));
  EXPECT_EQ(heads.named_parameters().back().name, "letter.0.bias");
  const nn::ModuleDict copy = heads;
  heads.add_module("byte", nn::Identity());
  EXPECT_EQ(copy.size(), 3);
  EXPECT_EQ(copy.keys(), (std::vector<std::string>{"word", "letter", "byte"}));
  EXPECT_TRUE(heads.contains("byte"));
  std::string names;
  for (const auto& [name, head] : heads) names += name + to_string(head(ones({1, 2})).shape());
  EXPECT_EQ(names, "word[1, 3]letter[1, 4]byte[1, 2]");
}

TEST(ModuleDict, OfOneTypeGivesIt) {
  const nn::ModuleDict<Linear> heads{{"a", Linear(1, 2)}, {"b", Linear(1, 3)}};
  EXPECT_EQ(heads["b"].out_features(), 3);
  EXPECT_EQ(nn::ModuleDict().size(), 0);
  expect_error<ValueError>([] { (void)nn::ModuleDict()["a"]; }, {"'a'", "none"});
}

TEST(ModuleDict, RefusesNamesThatAreNotThereOrTaken) {
  nn::ModuleDict heads{{"word", Linear(1, 2)}, {"letter", Linear(1, 2)}};
  expect_error<ValueError>([&] { (void)heads["byte"]; }, {"'byte'", "word, letter"});
  expect_error<ValueError>([&] { heads.add_module("word", nn::ReLU()); }, {"word"});
  EXPECT_EQ(heads.size(), 2);
  EXPECT_THROW((nn::ModuleDict{{"a.b", nn::ReLU()}}), ValueError);
}

TEST(Sequential, NamesItsLayersByNumberAndNests) {
  const nn::Sequential outer(Linear(1, 2), nn::Sequential(nn::Tanh(), Linear(2, 1)));
  EXPECT_EQ(outer.named_parameters().back().name, "1.1.bias");
  const std::string message = message_of<ShapeError>([&] { outer(ones({1, 3})); });
  EXPECT_EQ(message.rfind("0: ", 0), 0u) << message;
}

TEST(Sequential, RegistersItsLayersByTheNamesThatTheyAreGiven) {
  const nn::Sequential net{{"fc", Linear(1, 2)}, {"twice", [](const Tensor& x) { return x * 2; }}};
  EXPECT_EQ(net.named_parameters().back().name, "fc.bias");
  EXPECT_EQ(net.named_children().back().name, "twice");
  const Tensor x = tensor({{3.0}});
  EXPECT_TRUE(equal(net(x), net[0](x) * 2));
  EXPECT_THROW((nn::Sequential{{"a", nn::Tanh()}, {"a", nn::Tanh()}}), ValueError);
}

TEST(Sequential, ShowsTheWeightsOfItsLayers) {
  const nn::Sequential net{Linear(3, 2, {.bias = false}), nn::Sequential(Linear(2, 1))};
  EXPECT_EQ(net[0].weight.raw_data(), net.parameters()[0].raw_data());
  EXPECT_FALSE(net[0].bias.defined());
  EXPECT_FALSE(net[1].weight.defined());
}

TEST(Sequential, TakesFunctionsAsSteps) {
  const double by = 3;
  const nn::Sequential net{Linear(2, 2), [by](const Tensor& x) { return x * by; }, relu,
                           nn::Function([](const Tensor& x) { return x + 1.0; })};
  EXPECT_EQ(net.size(), 4);
  EXPECT_EQ(net.parameters().size(), 2);
  const Tensor x = tensor({{1.0, -2.0}});
  expect_values(net(x), (relu(net[0](x) * 3.0) + 1.0).to_vector());
  const nn::Sequential square{[](const Tensor& x) { return x.pow(2); }};
  expect_values(square(x), {1, 4});
}

TEST(Sequential, NamesAFunctionByItsNumberInErrors) {
  const nn::Sequential net{nn::Tanh(), [](const Tensor& x) { return matmul(x, ones({3, 1})); }};
  const std::string message = message_of<ShapeError>([&] { net(ones({1, 2})); });
  EXPECT_EQ(message.rfind("1: matmul: ", 0), 0u) << message;
}

TEST(Sequential, WarnsOfALayerThatAFunctionRunsUntrained) {
  const Linear inside(2, 2);
  const nn::Sequential net{Linear(2, 2), [inside](const Tensor& x) { return inside(x); }};
  ::testing::internal::CaptureStderr();
  net(ones({1, 2}));
  const std::string warning = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(warning.find("Sequential runs a Linear"), std::string::npos) << warning;
}

TEST(Identity, IsItsInput) {
  const Tensor x = ones({2}).requires_grad_();
  nn::Identity()(x).sum().backward();
  expect_values(x.grad(), {1, 1});
  expect_values(nn::Identity(54, "of a layer")(x), {1, 1});
}

TEST(Activations, TakeTheirOptionsInBraces) {
  const Tensor x = tensor({{-4.0, 2.0}});
  expect_values(nn::LeakyReLU({.negative_slope = 0.25})(x), {-1, 2});
  expect_values(nn::Softplus({.beta = 2})(x), softplus(x, 2).to_vector());
  expect_values(nn::Softmax({.dim = 0})(x), {1, 1});
  expect_values(nn::LogSoftmax({.dim = 0})(x), {0, 0});
  static_assert(!std::is_constructible_v<nn::ReLU, bool>);
  static_assert(!std::is_default_constructible_v<nn::Softmax>);
}

TEST(Flatten, KeepsTheBatchUnlessToldOtherwise) {
  const Tensor x = ones({2, 3, 4, 5});
  EXPECT_EQ(nn::Flatten()(x).shape(), (Shape{2, 60}));
  EXPECT_EQ(nn::Flatten(0, 1)(x).shape(), (Shape{6, 4, 5}));
  EXPECT_EQ(nn::Flatten(2)(x).shape(), (Shape{2, 3, 20}));
  EXPECT_EQ(nn::Flatten({.start_dim = 0, .end_dim = 1})(x).shape(), (Shape{6, 4, 5}));
}

TEST(Flatten, RefusesDimensionsThatItsInputLacks) {
  EXPECT_THROW(nn::Flatten()(ones({2})), IndexError);
  const std::string message = message_of<ShapeError>([] {
    nn::Sequential{nn::Flatten(2, 1)}(ones({1, 2, 3}));
  });
  EXPECT_EQ(message.rfind("0: flatten: ", 0), 0u) << message;
}

}  // namespace rill::testing
