#include <regex>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>
#include <rill/rill.h>

#include "test_paths.h"
#include "tests/support/text_of.h"

// What README's tables "written otherwise than in Python" say to write, compiled and run. The last
// test holds that all of their code stands here.

namespace rill {
namespace {

using testing::text_of;

TEST(Table, OfTensors) {
  EXPECT_TRUE(zeros({2, 3}, {.dtype = float64, .requires_grad = true}).requires_grad());
  const DType types[] = {float32, float64, int64, bool_};
  EXPECT_EQ(ones(2, types[3]).dtype(), bool_);
  const Tensor x = randn({4, 3}), y = ones(3);
  const double v = 2;
  EXPECT_EQ(x.sum(1, true).shape(), Shape({4, 1}));
  EXPECT_TRUE(allclose(x.var(0, 0), (x - x.mean(0)).pow(2).mean(0)));
  EXPECT_EQ(x.var(1, 1, true).shape(), Shape({4, 1}));
  EXPECT_TRUE(equal(normalize(x, 2, 1), normalize(x, {.dim = 1})));
  x[0].copy_(y);
  EXPECT_TRUE(equal(x.slice(0, 1, 3), cat({x[1].unsqueeze(0), x[2].unsqueeze(0)})));
  EXPECT_EQ(x.select(1, 1).shape(), Shape({4}));
  const Tensor mask = x > 0;
  x.copy_(where(mask, y, x));
  x.masked_fill_(mask, v);
  EXPECT_EQ(x[mask].min().item(), 2);
  const Tensor a = arange(3), b = arange(3);
  EXPECT_EQ(equal(a, b), ((a == b).all().item<bool>()));
  const auto parts = x.chunk(3, -1);
  EXPECT_TRUE(equal(cat({parts[0], parts[1], parts[2]}, 1), x));
  Generator g(3);
  EXPECT_FALSE(equal(randn(3, g), randn(3, g)));
}

TEST(Table, OfOptions) {
  EXPECT_FALSE(nn::Linear(3, 4, {.bias = false}).bias.defined());
  const nn::TransformerEncoderLayer by_string(8, 2, {.activation = "gelu", .batch_first = true});
  const nn::TransformerEncoderLayer by_name(8, 2, {.activation = nn::Activation::gelu});
  const Tensor p = ones(3), target = zeros(3);
  EXPECT_EQ(mse_loss(p, target, {.reduction = "sum"}).item(),
            mse_loss(p, target, {.reduction = Reduction::sum}).item());
  const Tensor q = randn({1, 3, 8}), k = q, v = q, m = tril(ones({3, 3})) > 0;
  EXPECT_TRUE(allclose(scaled_dot_product_attention(q, k, v, {.attn_mask = m}),
                       scaled_dot_product_attention(q, k, v, {.is_causal = true})));
}

TEST(Table, OfLayers) {
  const Tensor x = randn({2, 3, 8}), m = !padding_mask({3, 2});
  EXPECT_TRUE(equal(softmax(x, 1), nn::functional::softmax(x, 1)));
  const nn::MultiheadAttention layer(8, 2), mha = layer;
  (void)layer(x, x, x, {.key_padding_mask = m});
  EXPECT_EQ(mha(x, x, x).output.shape(), x.shape());
  EXPECT_TRUE(mha(x, x, x, {.need_weights = true}).weights.defined());
  const nn::Sequential named = nn::Sequential{{"fc", nn::Linear(2, 4)}};
  const nn::Linear a(8, 8), b(8, 8);
  EXPECT_EQ((nn::ModuleList{a, b}.size()), 2);
  EXPECT_EQ((nn::ModuleList<nn::Linear>(3, [](int64_t) { return nn::Linear(4, 4); }).size()), 3);
  nn::Sequential net;
  net.append(nn::Linear(4, 4));
  EXPECT_EQ(net.parameter_count(), 20);
  for (const auto& [name, p] : net.named_parameters())
    EXPECT_EQ(p.dim(), name == "0.weight" ? 2 : 1);
  EXPECT_EQ(net.named_parameters()[1].name, "0.bias");
  EXPECT_EQ(net.named_parameters()[1].tensor.numel(), 4);
  EXPECT_TRUE(net.training());
  net.apply([](const nn::Module& m) { EXPECT_EQ(m.type_name() == "Linear", m.path() == "0"); });
  EXPECT_EQ(nn::summary(net, ones({1, 4})).parameters, 20);
}

TEST(Table, OfLayersByName) {
  nn::ModuleDict heads{{"a", nn::Linear(3, 2)}, {"b", nn::Linear(3, 4)}};
  const Tensor x = ones({1, 3});
  EXPECT_EQ(heads["a"](x).shape(), Shape({1, 2}));
  const nn::Embedding embed(10, 4);
  EXPECT_EQ(nn::Linear(embed.weight)(ones({1, 4})).shape(), Shape({1, 10}));
  const nn::Sequential net{nn::Linear(3, 2)};
  EXPECT_EQ(nn::summary(net, x).parameters, 8);
}

TEST(Table, OfOptimizers) {
  const nn::Linear net(2, 2);
  net(ones({1, 2})).sum().backward();
  EXPECT_GT(nn::utils::clip_grad_norm_(net.parameters(), 1.0), 0);
  EXPECT_GT(optim::clip_grad_norm_(net.parameters(), 1.0), 0);
  optim::AdamW optimizer(net.parameters(), {.betas = {0.9, 0.98}});
  const double r = 0.5;
  for (auto& g : optimizer.param_groups) g.lr = r;
  for (auto& g : optimizer.param_groups) g["eps"] = 1e-6;
  for (auto& g : optimizer.param_groups) EXPECT_EQ(g.lr, r);
  optimizer.set_learning_rate(r);
  const std::vector<Tensor> matrices{net.weight}, others{net.bias};
  optim::AdamW groups =
      optim::AdamW({{matrices, {.lr = 3e-4, .weight_decay = 0.1}}, {others, {.lr = 3e-4}}});
  EXPECT_EQ(groups.learning_rate(1), 3e-4);
  const auto step = optim::StepLR(optimizer, 10, 0.5);
  const auto then = optim::SequentialLR(
      optimizer, {optim::linear_schedule(0.1), optim::cosine_schedule(95)}, {5});
}

TEST(Table, OfData) {
  const Tensor x = ones({5, 2}), y = arange(5);
  constexpr uint64_t seed = 3;
  Generator g(seed);
  for (const auto& [rows, targets] : DataLoader({x, y}, {.batch_size = 32, .shuffle = true}))
    EXPECT_EQ(rows.size(0), targets.size(0));
  for (const auto& batch : DataLoader({x}, {.generator = g}))
    EXPECT_EQ(batch[0].shape(), Shape({1, 2}));
}

TEST(Table, OfModels) {
  const auto model = nn::LanguageModel({.vocab_size = 65,
                                        .block_size = 64,
                                        .n_layer = 4,
                                        .n_head = 4,
                                        .n_embd = 128,
                                        .dropout = 0.1});
  const Tensor ids = randint(0, 65, {1, 3});
  EXPECT_EQ(nn::generate(model, ids, 20).shape(), Shape({1, 23}));
  EXPECT_EQ(nn::generate(model, ids, 1, {.temperature = 0}).shape(), Shape({1, 4}));
  const auto rotary = nn::LanguageModel({.vocab_size = 65, .position = nn::Position::rotary});
  constexpr int64_t length = 3, d_model = 8, heads = 2, queries = 3, keys = 3;
  EXPECT_EQ(nn::sinusoidal_table(length, d_model).shape(), Shape({3, 8}));
  EXPECT_EQ(nn::ALiBi(heads).bias(queries, keys).shape(), Shape({2, 3, 3}));
  const Tensor q = randn({1, 2, 3, 4});
  EXPECT_TRUE(equal(nn::RotaryEncoding().rotate(q).select(2, 0), q.select(2, 0)));
}

TEST(Table, OfTransformers) {
  constexpr int64_t layers = 1;
  const nn::Transformer model = nn::Transformer(8, 2, layers, layers, {.dim_feedforward = 32});
  const Tensor src = randn({1, 4, 8}), tgt = randn({1, 3, 8});
  EXPECT_EQ(model(src, tgt, {.tgt_is_causal = true}).shape(), tgt.shape());
}

TEST(Table, OfGradients) {
  const Tensor x = randn({3}, {.dtype = float64, .requires_grad = true});
  const Tensor w = zeros({3}), y = x.pow(2).sum();
  nn::init::normal_(w, 0, 0.02);
  EXPECT_TRUE(grad(y, x, {.create_graph = true})[0].requires_grad());
  EXPECT_TRUE(allclose(grad(y, x)[0], 2 * x));
  const Tensor loss = x.sin().sum();
  loss.backward({.retain_graph = true});
  loss.backward();
  {
    const auto f = [](const Tensor& a, const Tensor& b) { return a * b; };
    const Tensor a = x, b = x * 1;
    EXPECT_TRUE(gradcheck(f, {a, b}));
  }
  const auto f = [](const Tensor& a) { return a * a; };
  EXPECT_TRUE(gradcheck(f, x));
  const NoGradGuard no_grad;
  EXPECT_FALSE((x * 2).requires_grad());
  static_assert(std::is_base_of_v<Observer, inspect::Trace>);
}

std::string without_spaces(const std::string& text) {
  return std::regex_replace(text, std::regex("\\s+"), "");
}

/// The code in backquotes of the tables' right columns.
std::vector<std::string> code_of_tables() {
  const std::string readme = text_of(RILL_SOURCE_DIR "/README.md");
  const size_t begin = readme.find("otherwise than in Python:"), end = readme.find("\n## ", begin);
  const std::string tables = readme.substr(begin, end - begin);
  const std::regex row("\n\\| [^\n]* \\| ([^\n]*) \\|(?=\n|$)"), code("`([^`]+)`");
  std::vector<std::string> found;
  for (std::sregex_iterator at(tables.begin(), tables.end(), row), last; at != last; ++at) {
    const std::string right = (*at)[1];
    for (std::sregex_iterator one(right.begin(), right.end(), code); one != last; ++one)
      found.push_back((*one)[1]);
  }
  return found;
}

TEST(Table, IsAllHere) {
  const std::string here =
      without_spaces(text_of(RILL_SOURCE_DIR "/tests/documents/table_test.cpp"));
  const std::vector<std::string> codes = code_of_tables();
  EXPECT_GE(codes.size(), 84u);
  for (const std::string& code : codes) {
    if (code.find("core/") == 0) continue;  // a link
    std::string part = without_spaces(code.substr(0, code.find("...")));
    while (!part.empty() && (part.back() == ';' || part.back() == ',')) part.pop_back();
    EXPECT_TRUE(here.find(part) != std::string::npos) << code << " stands in README alone";
  }
}

}  // namespace
}  // namespace rill
