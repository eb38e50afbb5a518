#include <rill/core/autograd.h>
#include <rill/core/inspect/gradient_audit.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/activation.h>
#include <rill/nn/decoder.h>
#include <rill/nn/embedding.h>
#include <rill/nn/layer_norm.h>
#include <rill/nn/linear.h>
#include <rill/nn/module_list.h>
#include <rill/nn/sequential.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "tests/nn/audit_of.h"

namespace rill::nn {
namespace {

/// Two linear layers with something between them.
class Block final : public Layer<Block> {
 public:
  explicit Block(Step between) : between_(std::move(between)) {}
  Tensor forward(const Tensor& x) const { return fc2(between_(fc1(x))); }

  const Linear fc1 = register_module("fc1", Linear(6, 6));
  const Linear fc2 = register_module("fc2", Linear(6, 6));

 private:
  const Step between_;
};

/// Three blocks, of which the second is wrong.
class Net final : public Layer<Net> {
 public:
  explicit Net(const Step& between)
      : blocks(register_module("blocks", ModuleList<Block>(3, [&](int64_t i) {
                                 return Block(i == 1 ? between
                                                     : [](const Tensor& h) { return h.tanh(); });
                               }))) {}
  Tensor forward(const Tensor& x) const {
    Tensor h = x;
    for (const Block& block : blocks) h = block(h);
    return h;
  }
  const ModuleList<Block> blocks;
};

GradientAudit audit_between(const Step& between) {
  manual_seed(1);
  const Net net(between);
  const Tensor x = randn({32, 6});
  return audit_of(net, [&] { return net(x).pow(2).mean(); });
}

const std::vector<std::string> before_the_cut{"blocks.0.fc1.weight", "blocks.0.fc1.bias",
                                              "blocks.0.fc2.weight", "blocks.0.fc2.bias",
                                              "blocks.1.fc1.weight", "blocks.1.fc1.bias"};

TEST(GradientAudit, NamesADetachInABlock) {
  const GradientFinding found =
      only(audit_between([](const Tensor& h) { return h.tanh().detach(); }));

  EXPECT_EQ(found.fault, GradientFault::cut);
  EXPECT_EQ(found.op, "detach");
  EXPECT_EQ(found.module, "blocks.1");
  EXPECT_EQ(found.parameters, before_the_cut);
  expect_words(found, {"blocks.0.fc1.weight", "2 more", "`detach` in blocks.1 cuts the path",
                       "what `tanh` in blocks.1 gave", "Take the detach() out"});
}

/// A layer that runs under NoGradGuard.
class Unrecorded final : public Layer<Unrecorded> {
 public:
  Tensor forward(const Tensor& x) const {
    const Tensor h = fc1(x).tanh();
    const NoGradGuard no_grad;
    return fc2(h);
  }
  const Linear fc1 = register_module("fc1", Linear(3, 4));
  const Linear fc2 = register_module("fc2", Linear(4, 5));
};

TEST(GradientAudit, NamesTheFirstOpUnderANoGradGuard) {
  const Unrecorded body;
  const Linear head(5, 1);
  GradientAudit audit(body);
  {
    const ObserverGuard watching(audit);
    audit.expect(head.parameters());
    head(body(randn({2, 3}))).sum().backward();
  }

  const GradientFinding found = only(audit);
  EXPECT_EQ(found.fault, GradientFault::cut);
  EXPECT_EQ(found.op, "linear");
  EXPECT_EQ(found.module, "fc2");
  EXPECT_EQ(found.parameters.size(), 4U);
  expect_words(found, {"`linear` in fc2 ran under NoGradGuard", "End the guard before it"});
}

TEST(GradientAudit, NamesAnArgmaxInTheMiddle) {
  const GradientFinding found =
      only(audit_between([](const Tensor& h) { return one_hot(argmax(h, -1), 6).to(float32); }));

  EXPECT_EQ(found.fault, GradientFault::cut);
  EXPECT_EQ(found.op, "argmax");
  EXPECT_EQ(found.module, "blocks.1");
  EXPECT_EQ(found.parameters, before_the_cut);
  expect_words(found, {"`argmax` in blocks.1 cuts the path", "what `linear` in blocks.1.fc1 gave",
                       "softmax or sigmoid"});
}

TEST(GradientAudit, NamesAComparison) {
  const GradientFinding found =
      only(audit_between([](const Tensor& h) { return gt(h, 0).to(float32); }));

  EXPECT_EQ(found.op, "gt");
  EXPECT_EQ(found.parameters, before_the_cut);
}

TEST(GradientAudit, NamesWhereNumbersLeftTheGraph) {
  const GradientFinding found = only(
      audit_between([](const Tensor& h) { return from_vector(h.to_vector<float>(), h.shape()); }));

  EXPECT_EQ(found.fault, GradientFault::unused);
  EXPECT_EQ(found.op, "linear");
  EXPECT_EQ(found.module, "blocks.1.fc1");
  expect_words(found, {"the path ends with `linear` in blocks.1.fc1", "to_vector()"});
}

TEST(GradientAudit, NamesALayerThatIsRegisteredNowhere) {
  const Linear stranger(6, 6);
  const GradientFinding found = only(audit_between([&](const Tensor& h) { return stranger(h); }));

  EXPECT_EQ(found.fault, GradientFault::unregistered);
  EXPECT_EQ(found.module, "blocks.1.<Linear>");
  expect_words(found, {"blocks.1.<Linear> is a Linear that is registered nowhere", "[6, 6]", "[6]",
                       "register_module(\"name\", Linear(...))"});
}

TEST(GradientAudit, NamesATensorThatIsNoParameter) {
  const Tensor gain = ones({6}).requires_grad_();
  const GradientFinding found = only(audit_between([&](const Tensor& h) { return h * gain; }));

  EXPECT_EQ(found.fault, GradientFault::unregistered);
  EXPECT_EQ(found.op, "mul");
  EXPECT_EQ(found.module, "blocks.1");
  expect_words(found, {"register_parameter", "[6]"});
}

TEST(GradientAudit, NamesAParameterThatNothingReads) {
  const Net net([](const Tensor& h) { return h; });
  const Tensor x = randn({32, 6});
  const GradientFinding found = only(audit_of(
      net, [&] { return net.blocks[1].fc2(net.blocks[1].fc1(net.blocks[0](x))).pow(2).mean(); }));

  EXPECT_EQ(found.fault, GradientFault::unused);
  EXPECT_EQ(found.parameters.size(), 4U);
  expect_words(found, {"blocks.2.fc1.weight", "no op that ran has read them"});
}

TEST(GradientAudit, NamesAReluOfWhichAllUnitsAreDead) {
  const GradientFinding found =
      only(audit_between([](const Tensor& h) { return (h - 100).relu(); }));

  EXPECT_EQ(found.fault, GradientFault::zeros);
  EXPECT_EQ(found.op, "relu");
  EXPECT_EQ(found.module, "blocks.1");
  expect_words(found, {"gradients of 0 throughout", "`relu` in blocks.1 gives 0 for every input"});
}

TEST(GradientAudit, NamesAReluOfWhichMostUnitsAreDead) {
  const Tensor shift = tensor({-100.0, -100.0, -100.0, -100.0, 100.0, 100.0});
  const GradientFinding found =
      only(audit_between([&](const Tensor& h) { return (h + shift).relu(); }));

  EXPECT_EQ(found.fault, GradientFault::dead_units);
  EXPECT_EQ(found.op, "relu");
  EXPECT_EQ(found.module, "blocks.1");
  expect_words(found, {"4 of 6 units give 0 for all 32 inputs"});
}

class Words final : public Layer<Words> {
 public:
  Tensor forward(const Tensor& ids) const { return head(embedding(ids).mean(0)); }
  const Embedding embedding = register_module("embedding", Embedding(5, 4));
  const Linear head = register_module("head", Linear(4, 2));
};

TEST(GradientAudit, NotesRowsOfAnEmbeddingThatNoIndexUsed) {
  const Words words;
  const GradientAudit audit = audit_of(words, [&] {
    return words(tensor({0, 2, 2, 4})).pow(2).sum();
  });

  const GradientFinding found = only(audit);
  EXPECT_EQ(found.fault, GradientFault::unused_rows);
  EXPECT_EQ(found.module, "embedding");
  EXPECT_EQ(found.parameters, std::vector<std::string>{"embedding.weight"});
  expect_words(found, {"2 of 5 rows of embedding.weight got no gradient", ": 1, 3."});
  EXPECT_TRUE(audit.is_well());
  EXPECT_EQ(audit.text().substr(0, 31), "all 3 parameters have gradients");
}

/// An embedding whose weight is the head's too, which knows it by a detach.
class HalfTied final : public Layer<HalfTied> {
 public:
  Tensor forward(const Tensor& ids) const { return head(embedding(ids)); }
  const Embedding embedding = register_module("embedding", Embedding(4, 2));
  const Linear head = register_module("head", Linear(embedding.weight.detach()));
};

TEST(GradientAudit, NamesTheUseOfATiedWeightThatIsDetached) {
  const HalfTied model;
  model.head.requires_grad_(false);
  const Tensor ids = tensor({0, 1, 2, 3});
  const GradientFinding found =
      only(audit_of(model, [&] { return cross_entropy(model(ids), ids); }));

  EXPECT_EQ(found.fault, GradientFault::partly_cut);
  EXPECT_EQ(found.op, "detach");
  EXPECT_EQ(found.module, "head");
  EXPECT_EQ(found.parameters, std::vector<std::string>{"embedding.weight"});
  expect_words(found, {"embedding.weight is used more than once", "`linear` in head"});
}

TEST(GradientAudit, NamesADetachOfATiedWeightInForward) {
  const Words words;
  const Tensor ids = tensor({0, 1, 2, 3, 4});
  const GradientFinding found = only(audit_of(words, [&] {
    const Tensor scores = matmul(words.embedding(ids), words.embedding.weight.detach().T());
    return words(ids).sum() + cross_entropy(scores, ids);
  }));

  EXPECT_EQ(found.fault, GradientFault::partly_cut);
  EXPECT_EQ(found.op, "detach");
}

TEST(GradientAudit, NamesTheRowThatMadeTheFirstNaNOfBackward) {
  const GradientFinding found =
      audit_between([](const Tensor& h) { return (h * 0.0).abs().pow(0.5); }).findings().at(0);

  EXPECT_EQ(found.fault, GradientFault::not_finite);
  EXPECT_EQ(found.op, "pow");
  EXPECT_EQ(found.module, "blocks.1");
  expect_words(found, {"forward is finite, the first that is not is the gradient that `pow`"});
}

TEST(GradientAudit, SaysOfAHealthyPerceptronThatAllIsWell) {
  manual_seed(1);
  const Sequential net{Linear(2, 16), ReLU(), Linear(16, 16), Tanh(), Linear(16, 1)};
  const Tensor x = randn({64, 2});
  const GradientAudit audit = audit_of(net, [&] { return mse_loss(net(x), x.prod(1, true)); });

  EXPECT_EQ(audit.text(), "all 6 parameters have gradients");
  EXPECT_TRUE(audit.findings().empty());
}

TEST(GradientAudit, SaysOfAHealthyLanguageModelThatAllIsWell) {
  manual_seed(1);
  for (const Position position :
       {Position::learned, Position::sinusoidal, Position::rotary, Position::alibi, Position::t5}) {
    const LanguageModel model({.vocab_size = 20,
                               .block_size = 12,
                               .n_layer = 6,
                               .n_head = 2,
                               .n_embd = 16,
                               .dropout = 0.1,
                               .position = position});
    const Tensor ids = randint(0, 20, {4, 13});
    const GradientAudit audit =
        audit_of(model, [&] { return model.loss(ids.narrow(1, 0, 12), ids.narrow(1, 1, 12)); });

    const std::string text = audit.text();
    EXPECT_EQ(text.substr(0, text.find('\n')),
              "all " + std::to_string(model.parameters().size()) + " parameters have gradients");
    EXPECT_TRUE(audit.is_well());
    EXPECT_EQ(audit.findings().size(), position == Position::t5 ? 1U : 0U);  // distances of none
  }
}

TEST(GradientAudit, TakesFrozenLayersForFrozenOnPurpose) {
  const Net net([](const Tensor& h) { return h.tanh(); });
  net.blocks[0].requires_grad_(false);
  const Tensor x = randn({4, 6});
  const GradientAudit audit = audit_of(net, [&] { return net(x).pow(2).sum(); });

  EXPECT_EQ(audit.text(), "all 8 parameters that want gradients have them, 4 are frozen");
  EXPECT_TRUE(audit.findings().empty());
}

TEST(GradientAudit, ExpectsTheGradientsOfInputsThatItIsToldOf) {
  const Linear layer(3, 1);
  const Tensor x = ones({2, 3}).requires_grad_();
  GradientAudit audit(layer);
  audit.expect({x});
  const ObserverGuard watching(audit);
  layer(x).sum().backward();

  EXPECT_EQ(audit.text(), "all 2 parameters have gradients");
}

TEST(GradientAudit, TellsOfAGraphAloneWhoGotNone) {
  const Net net([](const Tensor& h) { return h.detach(); });
  const Tensor loss = net(ones({2, 6})).sum();
  loss.backward();

  const GradientFinding found = only(inspect::gradient_audit(loss, net));

  EXPECT_EQ(found.fault, GradientFault::unused);
  EXPECT_EQ(found.parameters, before_the_cut);
  expect_words(found, {"no path of the graph", "GradientAudit"});
}

TEST(GradientAudit, TellsOfAGraphAloneThatAllIsWell) {
  const Net net([](const Tensor& h) { return h.tanh(); });
  const Tensor loss = net(ones({2, 6})).sum();
  loss.backward();

  EXPECT_EQ(inspect::gradient_audit(loss, net).text(), "all 12 parameters have gradients");
}

}  // namespace
}  // namespace rill::nn
