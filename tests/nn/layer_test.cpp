#include <gtest/gtest.h>
#include "tests/support/expect.h"

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/nn/activation.h>
#include <rill/nn/embedding.h>
#include <rill/nn/linear.h>
#include <rill/nn/module_list.h>
#include <rill/nn/sequential.h>
#include <rill/nn/transformer.h>

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

struct ScaleOptions {
  double by = 1;
  double shift = 0;
};

/// Takes all kinds of arguments: options last, a counter that it changes, a list that it keeps.
class Counting final : public Layer<Counting> {
 public:
  Tensor forward(const Tensor& x, int64_t& calls, const ScaleOptions& options = {}) const {
    ++calls;
    return x * options.by + options.shift;
  }
};

class Keeping final : public Layer<Keeping> {
 public:
  std::vector<Tensor> forward(std::vector<Tensor> list, std::unique_ptr<Tensor> last) const {
    list.push_back(*last);
    return list;
  }
};

class Overloaded final : public Layer<Overloaded> {
 public:
  Tensor forward(const Tensor& x) const { return x; }
  Tensor forward(const Tensor& x, int64_t& calls) const { return x * static_cast<double>(++calls); }
  Tensor forward(const Tensor& x, const ScaleOptions& options) const { return x * options.by; }
};

class OfFive final : public Layer<OfFive> {
 public:
  Tensor forward(const Tensor& a, const Tensor& b, const Tensor& c, double d, double e) const {
    return a + b * c + d * e;
  }
};

/// A tensor of one's own.
struct Named : Tensor {
  Named(const Tensor& tensor, std::string its_name) : Tensor(tensor), name(std::move(its_name)) {}
  std::string name;
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

/// Has a trained tensor that it does not register.
class Hoarder final : public Layer<Hoarder> {
 public:
  Tensor forward(const Tensor& x) const { return x * held; }
  const Tensor held = ones({2}).requires_grad_();
};

/// Runs a layer that is another's, and returns what `use` makes of its output.
class Borrower final : public Layer<Borrower> {
 public:
  using Use = std::function<Tensor(const Tensor&)>;
  Borrower(const Linear& lent, Use use)
      : own(register_module("own", Linear(2, 1))), lent_(lent), use_(std::move(use)) {}
  Tensor forward(const Tensor& x) const { return own(x) + use_(lent_(x)); }
  const Linear own;

 private:
  const Linear lent_;
  const Use use_;
};

/// What goes to the log while `action` runs.
std::string warnings_of(const std::function<void()>& action) {
  ::testing::internal::CaptureStderr();
  action();
  return ::testing::internal::GetCapturedStderr();
}

}  // namespace

TEST(Layer, RefusesToRunWhereAClassDerivesFromIt) {
  struct Doubling : Layer<Doubling> {
    Tensor forward(const Tensor& x) const { return x * 2; }
  };
  struct Tripling : Doubling {
    Tensor forward(const Tensor& x) const { return x * 3; }
  };
  EXPECT_EQ(Doubling()(scalar(1)).item(), 2);
  testing::expect_error<Error>([] { Tripling()(scalar(1)); },
                               {"cannot call Tripling", "the forward of Doubling",
                                "derive Tripling from nn::Layer<Tripling>"});
  struct Copied : Layer<Doubling> {};  // of Doubling's first line
  testing::expect_error<Error>([] { Copied()(scalar(1)); }, {"it is an nn::Layer<Doubling>"});
}

TEST(Layer, MayBeCalledWhileItIsMade) {
  struct Ready : Layer<Ready> {
    Ready() : at_two((*this)(scalar(2)).item()) {}
    Tensor forward(const Tensor& x) const { return x + 1; }
    const double at_two;
  };
  const Ready ready{};
  EXPECT_EQ(ready.at_two, 3);
}

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

TEST(Layer, WarnsOnceOfATrainedTensorThatIsNotRegistered) {
  const Hoarder hoarder;
  const std::string warning = warnings_of([&] { hoarder(ones({1, 2})); });
  EXPECT_NE(warning.find("Hoarder uses a tensor [2] that requires a gradient"), std::string::npos)
      << warning;
  EXPECT_NE(warning.find("register_parameter"), std::string::npos);
  EXPECT_EQ(warnings_of([&] { hoarder(ones({1, 2})); }), "");
}

TEST(Layer, DoesNotWarnOfATensorThatForwardIsGivenOrMakes) {
  class Penalty final : public Layer<Penalty> {
   public:
    Tensor forward(const Tensor& x, const Tensor& weight) const {
      const Tensor point = x.detach().requires_grad_();
      const Tensor slope = grad((point * point).sum(), point, {.create_graph = true});
      return (slope * weight * x).sum();
    }
  };
  const Tensor x = ones({2}).requires_grad_();
  EXPECT_EQ(warnings_of([&] { Penalty()(x, ones({2}).requires_grad_()); }), "");
  EXPECT_EQ(warnings_of([&] { Penalty()(x * 2.0, Linear(2, 1)(ones({2}))); }), "");
}

TEST(Layer, WarnsOfAnothersLayerOnlyWhereBackwardReachesItAndNobodyTrainsIt) {
  const auto as_it_is = [](const Tensor& y) { return y; };
  const auto warning = [](const Borrower& model) {
    return warnings_of([&] { model(ones({1, 2})); });
  };
  EXPECT_NE(warning(Borrower(Linear(2, 1), as_it_is)).find("Borrower runs a Linear"),
            std::string::npos);
  const Linear teacher(2, 1);
  EXPECT_EQ(warning(Borrower(teacher, [](const Tensor& y) { return y.detach(); })), "");
  const Linear partner(2, 1);
  const std::vector<Tensor> trained_elsewhere = partner.parameters();
  EXPECT_EQ(warning(Borrower(partner, as_it_is)), "");
}

TEST(Layer, WarnsInTrainingThatFollowsAnEvaluation) {
  const Forgetful model;
  model.eval();
  EXPECT_EQ(warnings_of([&] { model(ones({1, 2})); }), "");
  model.train();
  EXPECT_NE(warnings_of([&] { model(ones({1, 2})); }), "");
}

template <class L, class... Args>
concept Runs = requires(const L& layer, Args... args) {
  layer(args...);
};

TEST(Layer, CanBeAskedWhetherItTakesAnArgument) {
  EXPECT_TRUE((Runs<Linear, Tensor>));
  EXPECT_FALSE((Runs<Linear, std::string>));
  EXPECT_FALSE((Runs<Linear, Tensor, Tensor>));
  EXPECT_FALSE((Runs<Linear>));
  EXPECT_TRUE((Runs<Scale, Tensor, double>));
  EXPECT_TRUE((Runs<Scale, Tensor>));
  EXPECT_FALSE((Runs<Scale, Tensor, std::string>));
  EXPECT_FALSE((Runs<Scale, Tensor, double, double>));
  EXPECT_TRUE((Runs<nn::MultiheadAttention, Tensor, Tensor, Tensor, nn::AttendOptions>));
  EXPECT_FALSE((Runs<nn::MultiheadAttention, Tensor, Tensor, Tensor, double>));
  EXPECT_FALSE((Runs<nn::MultiheadAttention, Tensor, Tensor>));
  using Step = nn::Sequential::Step;
  EXPECT_TRUE((std::is_convertible_v<Linear, Step>));
  EXPECT_FALSE((std::is_convertible_v<nn::ModuleList<Linear>, Step>));
  EXPECT_FALSE((std::is_constructible_v<nn::Sequential, Linear, nn::ModuleList<Linear>>));
  EXPECT_FALSE((std::is_constructible_v<nn::Sequential, Linear, double (*)(double)>));
}

TEST(Layer, IsReturnedByWhatChangesIt) {
  const Linear made = Linear(1, 2).to(float64).requires_grad_(false).eval();
  EXPECT_EQ(made.weight.dtype(), float64);
  EXPECT_FALSE(made.weight.requires_grad());
  EXPECT_FALSE(made.training());
  EXPECT_TRUE(made.train().training());
  EXPECT_EQ(&made.train(), &made);
  const Linear& kept = Linear(1, 2).to(float64);
  EXPECT_EQ(kept.weight.dtype(), float64);
  static_assert(std::is_same_v<decltype(Linear(1, 2).to(float64)), Linear>);
  static_assert(std::is_same_v<decltype(Linear(1, 2).requires_grad_()), Linear>);
  static_assert(std::is_same_v<decltype(Linear(1, 2).train()), Linear>);
  static_assert(std::is_same_v<decltype(Linear(1, 2).eval()), Linear>);
}

TEST(Layer, IsAlsoCalledAsAPointer) {
  const Linear layer(1, 2);
  expect_values(layer->forward(ones({1, 1})), layer(ones({1, 1})).to_vector());
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

TEST(Layer, TakesOptionsInBraces) {
  int64_t calls = 0;
  const Counting layer;
  EXPECT_EQ(layer(ones({1}), calls, {.by = 3, .shift = 1}).item(), 4);
  EXPECT_EQ(layer(ones({1}), calls, {}).item(), 1);
  const ScaleOptions options{.by = 2};
  EXPECT_EQ(layer(ones({1}), calls, options).item(), 2);
  EXPECT_EQ(layer(ones({1}), calls).item(), 1);
  EXPECT_EQ(calls, 4);
}

TEST(Layer, TakesOptionsInBracesAsOneOfTwoThreeOrFour) {
  const Tensor x = ones({1, 2, 4});
  const nn::TransformerEncoderLayer encoder(4, 2);
  const nn::TransformerDecoderLayer decoder(4, 2);
  const nn::MultiheadAttention attention(4, 2);
  EXPECT_EQ(encoder(x, {.is_causal = true}).shape(), x.shape());
  EXPECT_EQ(decoder(x, x, {.tgt_is_causal = true}).shape(), x.shape());
  EXPECT_TRUE(attention(x, x, x, {.need_weights = true}).weights.defined());
}

TEST(Layer, TakesValuesThatMoveAndTensorsOfOnesOwn) {
  const Named named(ones({1}), "one");
  int64_t calls = 0;
  EXPECT_EQ(Keeping()({named}, std::make_unique<Tensor>(named)).size(), 2);
  EXPECT_EQ(Counting()(named, calls, {.by = 5}).item(), 5);
  EXPECT_EQ(Scale(2)(named, 1).item(), 3);
  EXPECT_EQ(OfFive()(named, named * 2.0, ones({1}), 2, 3).item(), 9);
}

TEST(Layer, MayHaveSeveralForwards) {
  int64_t calls = 1;
  const Overloaded layer;
  EXPECT_EQ(layer(ones({1})).item(), 1);
  EXPECT_EQ(layer(ones({1}), calls).item(), 2);
  EXPECT_EQ(layer(ones({1}), ScaleOptions{.by = 7}).item(), 7);
}

TEST(Layer, EntersItsScopeWhereItsOptionsStandInBraces) {
  class Misfits final : public Layer<Misfits> {
   public:
    Misfits() : attention(register_module("attention", nn::MultiheadAttention(4, 2))) {}
    Tensor forward(const Tensor& x) const { return attention(x, x, x, {}).output; }
    const nn::MultiheadAttention attention;
  };
  const std::string message = message_of<ShapeError>([] { Misfits()(ones({1, 2, 3})); });
  EXPECT_EQ(message.rfind("attention: ", 0), 0u) << message;
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
  EXPECT_THROW(list[3], IndexError);
}

}  // namespace rill::testing
