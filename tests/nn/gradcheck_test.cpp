#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/attention.h>
#include <rill/nn/embedding.h>
#include <rill/nn/gradcheck.h>
#include <rill/nn/layer_norm.h>
#include <rill/nn/linear.h>

#include "tests/support/expect.h"

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_values;

/// x · w, with a gradient of w that is right only where `slope` is 1.
template <int slope>
Tensor scaled(const Tensor& x, const Tensor& w) {
  Op op("scaled");
  Tensor out;
  {
    const NoGradGuard no_grad;
    out = x * w;
  }
  return op.record(
      out,
      row(x, "dout · w", keep(w), [](const Tensor& dout, const Tensor& w) { return dout * w; }),
      row(w, "dout · x, summed", keep(x), [](const Tensor& dout, const Tensor& x) {
        return sum_to(dout * x * double{slope}, {x.size(-1)});
      }));
}

template <int slope>
struct Scale final : nn::Layer<Scale<slope>> {
  Tensor forward(const Tensor& x) const { return scaled<slope>(x, weight); }
  const Tensor weight = this->register_parameter("weight", tensor({2.0, 3.0}));
};

Tensor x() { return tensor({{0.5, -1}, {2, 0.25}}).requires_grad_(); }

TEST(NnGradcheck, AcceptsALayerWhoseGradientsAreRight) {
  const Scale<1> layer;
  EXPECT_TRUE(nn::gradcheck(layer, x()));
  EXPECT_TRUE(nn::gradgradcheck(layer, x()));
}

TEST(NnGradcheck, RefusesAWrongGradientOfAParameterByItsName) {
  const Scale<2> layer;
  expect_error<GradcheckError>([&] { nn::gradcheck(layer, x()); },
                               {"scaled", "parameter 'weight' at [0]", "dout · x, summed"});
  EXPECT_FALSE(nn::gradcheck(layer, x(), {.raise_exception = false}));
}

/// x · w, whose gradient of w is cut from the graph.
struct CutShort final : nn::Layer<CutShort> {
  Tensor forward(const Tensor& x) const {
    Op op("cut_short");
    return op.record((x * weight).detach(),
                     row(weight, "dout · x, summed", keep(constant(x)),
                         [](const Tensor& dout, const Tensor& x) { return sum(dout * x, {0}); }));
  }
  const Tensor weight = register_parameter("weight", tensor({2.0, 3.0}));
};

TEST(NnGradgradcheck, RefusesAGradientThatIsCutFromTheGraph) {
  const CutShort layer;
  EXPECT_TRUE(nn::gradcheck(layer, x().detach()));
  expect_error<GradcheckError>([&] { nn::gradgradcheck(layer, x()); }, {"cut_short"});
}

TEST(NnGradcheck, CallsInputsByTheNamesThatTheyAreGiven) {
  const Scale<2> layer;
  expect_error<GradcheckError>([&] { nn::gradcheck(layer, x(), {.input_names = {"x"}}); },
                               {"parameter 'weight' at [0]"});
}

/// Two parts that hold one buffer.
struct Sharing final : nn::Layer<Sharing> {
  struct Part final : nn::Layer<Part> {
    explicit Part(const Tensor& table) { register_buffer("table", table); }
    Tensor forward(const Tensor& x) const { return x; }
  };
  explicit Sharing(const Tensor& table)
      : first(register_module("first", Part(table))),
        second(register_module("second", Part(table))) {}
  Tensor forward(const Tensor& x) const { return second(first(x)); }
  const Part first, second;
};

TEST(NnGradcheck, GivesASharedBufferBackAsItWas) {
  const Tensor table = tensor({2.0, 3.0});
  const Sharing layer(table);
  nn::gradcheck(layer, x());
  EXPECT_EQ(table.dtype(), float32);
  expect_values(table, {2, 3});
}

TEST(NnGradcheck, PassesOverAFrozenParameter) {
  const Scale<2> layer;
  layer.weight.requires_grad_(false);
  EXPECT_TRUE(nn::gradcheck(layer, x()));
}

TEST(NnGradcheck, GivesTheLayerBackAsItWas) {
  const Scale<1> layer;
  layer.weight.set_grad(tensor({7.0, 8.0}));
  const Tensor before = layer(x()).sum();
  nn::gradcheck(layer, x());
  EXPECT_EQ(layer.weight.dtype(), float32);
  EXPECT_TRUE(layer.is_training());
  expect_values(layer.weight, {2, 3});
  before.backward();  // over a graph that was recorded before
  expect_values(layer.weight.grad(), {7 + 2.5, 8 - 0.75});
}

TEST(NnGradcheck, AcceptsLayersOfRill) {
  manual_seed(1);
  EXPECT_TRUE(nn::gradcheck(nn::Linear(2, 3), x()));
  EXPECT_TRUE(nn::gradcheck(nn::LayerNorm(Shape{2}), x()));
  EXPECT_TRUE(nn::gradcheck(nn::Embedding(4, 2), tensor({1, 3, 1}, int64)));
  const nn::MultiheadAttention attention(2, 1);
  const auto run = [&](const std::vector<Tensor>& in) {
    return attention(in[0], in[0], in[0]).output;
  };
  EXPECT_TRUE(nn::gradcheck(attention, run, {x()}));
}

}  // namespace
}  // namespace rill
