#include <gtest/gtest.h>
#include "tests/support/expect.h"

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/nn/activation.h>
#include <rill/nn/embedding.h>
#include <rill/nn/linear.h>
#include <rill/nn/module_list.h>
#include <rill/nn/sequential.h>

namespace rill::testing {
namespace {

using nn::Layer;
using nn::Linear;

/// Fails at the second of its two linears, which expects another width.
class Misfit final : public Layer<Misfit> {
 public:
  Misfit()
      : in(register_module("in", Linear(2, 3))),
        out_proj(register_module("out_proj", Linear(4, 1))) {}
  Tensor forward(const Tensor& x) const { return out_proj(in(x)); }
  const Linear in, out_proj;
};

class Stack final : public Layer<Stack> {
 public:
  Stack()
      : blocks(register_module("blocks",
                               nn::ModuleList<Misfit>(2, [](int64_t) { return Misfit(); }))) {}
  Tensor forward(const Tensor& x) const { return blocks[1](x); }
  const nn::ModuleList<Misfit> blocks;
};

class Scale final : public Layer<Scale> {
 public:
  explicit Scale(double by) : by_(by) {}
  Tensor forward(const Tensor& x, double shift = 0) const { return x * by_ + shift; }

 private:
  const double by_;
};

/// Has a linear that it does not register.
class Forgetful final : public Layer<Forgetful> {
 public:
  Tensor forward(const Tensor& x) const { return linear(x); }
  const Linear linear{2, 1};
};

/// All that may run inside a layer: a choice at run time, a list, a weight that is shared.
class Thorough final : public Layer<Thorough> {
 public:
  Thorough()
      : embedding(register_module("embedding", nn::Embedding(4, 2))),
        chosen(register_module("chosen", nn::AnyLayer<Tensor(const Tensor&)>(Linear(2, 2)))),
        list(register_module("list", nn::Sequential{Linear(2, 2), nn::Tanh()})) {}
  Tensor forward(const Tensor& ids) const {
    return Linear(embedding.weight)(Scale(2)(list(chosen(embedding(ids)))));
  }
  const nn::Embedding embedding;
  const nn::AnyLayer<Tensor(const Tensor&)> chosen;
  const nn::Sequential list;
};

std::string warnings_of(const std::function<void()>& action) {
  ::testing::internal::CaptureStderr();
  action();
  return ::testing::internal::GetCapturedStderr();
}

}  // namespace

TEST(Layer, WarnsOnceOfALayerInsideThatIsNotRegistered) {
  const Forgetful forgetful;
  const std::string warning = warnings_of([&] { forgetful(ones({1, 2})); });
  EXPECT_NE(warning.find("Forgetful runs a Linear that is no part of it"), std::string::npos);
  EXPECT_NE(warning.find("'weight'"), std::string::npos);
  EXPECT_NE(warning.find("register_module"), std::string::npos);
  EXPECT_EQ(warnings_of([&] { forgetful(ones({1, 2})); }), "");
}

TEST(Layer, DoesNotWarnOfWhatTrainsOrIsNotToTrain) {
  EXPECT_EQ(warnings_of([] {
              Thorough()(tensor({0, 3}, int64));
              Linear(2, 1)(ones({1, 2}));
            }),
            "");
  EXPECT_EQ(warnings_of([] {
              const NoGradGuard no_grad;
              Forgetful()(ones({1, 2}));
            }),
            "");
  const Forgetful frozen;
  for (const Tensor& parameter : frozen.linear.parameters()) parameter.requires_grad_(false);
  EXPECT_EQ(warnings_of([&] { frozen(ones({1, 2})); }), "");
}

TEST(Layer, ErrorNamesThePathOfTheModuleInWhichItArose) {
  const std::string message = message_of<ShapeError>([] { Stack()(ones({1, 2})); });
  EXPECT_EQ(message.rfind("blocks.1.out_proj: ", 0), 0u) << message;
}

TEST(Layer, ErrorOfALayerOnItsOwnHasNoPath) {
  const std::string message = message_of<ShapeError>([] { Linear(2, 3)(ones({1, 5})); });
  EXPECT_NE(message.front(), ':') << message;
  EXPECT_EQ(message.find("out_proj"), std::string::npos);
}

TEST(Layer, PathEndsWithTheCallEvenIfItThrew) {
  EXPECT_THROW(Stack()(ones({1, 2})), ShapeError);
  EXPECT_EQ(Scope::current_path(), "");
}

TEST(Layer, ForwardsEveryArgument) {
  EXPECT_EQ(Scale(2)(ones({1}), 0.5).item(), 2.5);
  EXPECT_EQ(Scale(2)(ones({1})).item(), 2);
}

TEST(Layer, TypeNameIsThatOfTheClass) {
  EXPECT_EQ(Linear(1, 1).type_name(), "Linear");
  EXPECT_EQ(Scale(1).type_name(), "Scale");
}

TEST(AnyLayer, IsTheSameModuleAsTheLayer) {
  const Linear linear(2, 1);
  const nn::AnyLayer<Tensor(const Tensor&)> any = linear;
  EXPECT_EQ(any(ones({2})).item(), linear(ones({2})).item());
  EXPECT_EQ(any.parameters().at(0).impl(), linear.weight.impl());
  any.eval();
  EXPECT_FALSE(linear.is_training());
}

TEST(AnyLayer, ChoosesAtRunTime) {
  using Any = nn::AnyLayer<Tensor(const Tensor&)>;
  const auto choose = [](bool twice) -> Any {
    if (twice) return Scale(2);
    return nn::Tanh();
  };
  EXPECT_EQ(choose(true)(ones({1})).item(), 2);
  EXPECT_NEAR(choose(false)(ones({1})).item(), 0.7615941559, 1e-6);
}

TEST(ModuleList, RegistersItsModulesByNumber) {
  const nn::ModuleList<Linear> list(3, [](int64_t i) { return Linear(1, i + 1); });
  EXPECT_EQ(list.size(), 3);
  EXPECT_EQ(list[2].weight.shape(), (Shape{3, 1}));
  EXPECT_EQ(list.named_parameters().back().name, "2.bias");
  int64_t seen = 0;
  for (const Linear& linear : list) seen += linear.weight.numel();
  EXPECT_EQ(seen, 6);
  EXPECT_THROW(list[3], std::out_of_range);
}

TEST(Sequential, RunsItsLayersInOrder) {
  const nn::Sequential scales(Scale(2), nn::ReLU(), Scale(-3));
  expect_values(scales(tensor({1.0, -1.0})), {-6, 0});
  EXPECT_EQ(scales.size(), 3);
}

TEST(Sequential, NamesItsLayersByNumberAndNests) {
  const nn::Sequential outer(Linear(1, 2), nn::Sequential(nn::Tanh(), Linear(2, 1)));
  EXPECT_EQ(outer.named_parameters().back().name, "1.1.bias");
  const std::string message = message_of<ShapeError>([&] { outer(ones({1, 3})); });
  EXPECT_EQ(message.rfind("0: ", 0), 0u) << message;
}

}  // namespace rill::testing
