#include <rill/core/autograd.h>
#include <rill/core/inspect/check_rows.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/decoder.h>
#include <rill/nn/linear.h>
#include <rill/nn/module_list.h>

#include <functional>

#include "tests/support/expect.h"

namespace rill::nn {
namespace {

/// x / (1 + |x|), with a row that lacks a square.
Tensor wrong_softsign(const Tensor& x) {
  Op op("wrong_softsign");
  Tensor out;
  {
    const NoGradGuard no_grad;
    out = x / (1.0 + abs(x));
  }
  return op.record(out,
                   row(x, "dout / (1 + |x|)", keep(x),
                       [](const Tensor& dout, const Tensor& x) { return dout / (1.0 + abs(x)); }));
}

class Block final : public Layer<Block> {
 public:
  explicit Block(bool is_wrong) : is_wrong_(is_wrong) {}
  Tensor forward(const Tensor& x) const {
    const Tensor h = linear(x);
    return x * h + (is_wrong_ ? wrong_softsign(h) : h.tanh()) + h * h;
  }
  const Linear linear = register_module("linear", Linear(4, 4));

 private:
  const bool is_wrong_;
};

class Net final : public Layer<Net> {
 public:
  explicit Net(int64_t wrong)
      : blocks(register_module(
            "blocks", ModuleList<Block>(3, [&](int64_t i) { return Block(i == wrong); }))) {}
  Tensor forward(const Tensor& x) const {
    Tensor h = x;
    for (const Block& block : blocks) h = block(h);
    return h;
  }
  const ModuleList<Block> blocks;
};

TEST(CheckRows, NamesTheOpTheFormulaAndTheModuleOfAWrongRow) {
  manual_seed(1);
  const Net net(1);
  net.to(float64);
  const Tensor x = randn({5, 4}, float64);

  const auto found = inspect::check_rows([&] { return net(x).sum(); });

  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].op, "wrong_softsign");
  EXPECT_EQ(found[0].module, "blocks.1");
  EXPECT_EQ(found[0].formula, "dout / (1 + |x|)");
  EXPECT_NE(found[0].text.find("`wrong_softsign` in blocks.1: its row"), std::string::npos);
}

TEST(CheckRows, FindsNothingWrongInALanguageModelAndLeavesItAsItWas) {
  manual_seed(1);
  const LanguageModel model(
      {.vocab_size = 7, .block_size = 5, .n_layer = 2, .n_head = 2, .n_embd = 8});
  model.to(float64);
  const Tensor ids = randint(0, 7, {2, 5});
  const double before = model.loss(ids, ids).item();

  EXPECT_TRUE(inspect::check_rows([&] { return model.loss(ids, ids); }).empty());
  EXPECT_EQ(model.loss(ids, ids).item(), before);
}

}  // namespace
}  // namespace rill::nn
