#include <gtest/gtest.h>

#include <rill/core/ops.h>
#include <rill/nn/activation.h>
#include <rill/nn/sequential.h>
#include <rill/optim/sgd.h>

#include "tests/nn/some_modules.h"
#include "tests/support/expect.h"

// A module as a tree: its children, all below, and what is done to each.

namespace rill::testing {
namespace {

using Names = std::vector<std::string>;

/// Members that are registered where they are declared.
class InClass final : public nn::Layer<InClass> {
 public:
  Tensor forward(const Tensor& x) const { return outer(inner(x)) + shift; }

  const Net inner = register_module("inner", Net());
  const nn::Linear outer = register_module("outer", nn::Linear(1, 2));
  const Tensor shift = register_parameter("shift", zeros(2));
};

TEST(ModuleTree, ChildrenHaveTheirNames) {
  const nn::Sequential net{nn::Sequential{nn::Tanh(), nn::ReLU()}, nn::ReLU()};
  const std::vector<nn::NamedModule> children = net.named_children();
  ASSERT_EQ(children.size(), 2u);
  EXPECT_EQ(children[0].name, "0");
  EXPECT_EQ(children[0].module.children().size(), 2u);
  EXPECT_EQ(children[1].name, "1");
  EXPECT_EQ(children[1].module.type_name(), "ReLU");
}

TEST(ModuleTree, MembersMayBeRegisteredWhereTheyAreDeclared) {
  const InClass net;
  EXPECT_EQ(names_of(net.named_parameters()),
            (Names{"shift", "inner.scale", "inner.fc1.weight", "inner.fc1.bias", "inner.fc2.weight",
                   "outer.weight", "outer.bias"}));
  EXPECT_EQ(net(ones(3, 2)).shape(), Shape({3, 2}));
}

TEST(ModuleTree, ChildrenAreHandlesOfTheSameModules) {
  const InClass net;
  const std::vector<nn::Module> children = net.children();
  ASSERT_EQ(children.size(), 2u);
  EXPECT_EQ(children[0].type_name(), "Net");
  children[0].eval();
  EXPECT_FALSE(net.inner.fc1.is_training());
  EXPECT_TRUE(net.outer.is_training());
  EXPECT_TRUE(net.outer.children().empty());
}

TEST(ModuleTree, NamedModulesAreAllWithTheirPathsParentsFirst) {
  const InClass net;
  Names names, types;
  for (const auto& [name, module] : net.named_modules()) {
    names.push_back(name);
    types.push_back(module.type_name());
  }
  EXPECT_EQ(names, (Names{"", "inner", "inner.fc1", "inner.fc2", "outer"}));
  EXPECT_EQ(types, (Names{"InClass", "Net", "Linear", "Linear", "Linear"}));
  EXPECT_EQ(net.inner.named_modules()[1].name, "fc1");
  EXPECT_EQ(net.modules().size(), 5U);
  EXPECT_EQ(net.modules()[2].type_name(), "Linear");
}

TEST(ModuleTree, ApplyVisitsWhatIsBelowBeforeItself) {
  const InClass net;
  Names visited;
  net.apply([&](const nn::Module& module) {
    visited.push_back(module.path());
    if (module.type_name() == "Linear") module.state_dict()["weight"].fill_(0.5);
  });
  EXPECT_EQ(visited, (Names{"inner.fc1", "inner.fc2", "inner", "outer", ""}));
  Names again;
  net.apply([&](nn::Module& module) { again.push_back(module.path()); });
  EXPECT_EQ(again, visited);
  expect_values(net.outer.weight, {0.5, 0.5});
}

TEST(ModuleTree, RequiresGradFreezesAllBelowAndSetsThemFree) {
  const InClass net;
  net.inner.requires_grad_(false);
  net(ones(1, 2)).sum().backward();
  EXPECT_FALSE(net.inner.fc1.weight.grad().defined());
  EXPECT_TRUE(net.outer.weight.grad().defined());
  net.requires_grad_();
  net(ones(1, 2)).sum().backward();
  EXPECT_TRUE(net.inner.fc1.weight.grad().defined());
}

TEST(ModuleTree, OfFrozenPartsAnOptimizerMovesTheOthers) {
  const InClass net;
  net.inner.requires_grad_(false);
  const StateDict before = net.state_dict().clone();
  optim::SGD optimizer(net.parameters(), {.lr = 0.1});
  net(ones(1, 2)).sum().backward();
  optimizer.step();
  for (const auto& [name, tensor] : net.state_dict())
    EXPECT_EQ(equal(tensor, before[name]), name.starts_with("inner.")) << name;
}

}  // namespace
}  // namespace rill::testing
