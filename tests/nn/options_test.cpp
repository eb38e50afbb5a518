#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <rill/core/ops.h>
#include <rill/nn/activation.h>
#include <rill/nn/bert_embeddings.h>
#include <rill/nn/generate.h>
#include <rill/nn/init.h>
#include <rill/nn/loss.h>
#include <rill/nn/positions/alibi.h>
#include <rill/nn/positions/check_encoding.h>
#include <rill/nn/positions/relative_position_bias.h>
#include <rill/nn/positions/rotary_encoding.h>
#include <rill/nn/rms_norm.h>
#include <rill/nn/scale_report.h>
#include <rill/nn/sequential.h>
#include <rill/nn/transformer.h>
#include "tests/support/expect.h"

// Every number among the options of a layer, an initialiser or an op: what cannot be right is
// refused by name, at once; what can is taken.

namespace rill::testing {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

template <class Number>
struct Option {
  std::string name;  // stands in the error
  std::function<void(Number)> use;
  std::vector<Number> wrong, right;
};

template <class Number>
void expect_checked(const std::vector<Option<Number>>& options) {
  for (size_t i = 0; i < options.size(); ++i) {
    const Option<Number>& option = options[i];
    SCOPED_TRACE(option.name + ", entry " + std::to_string(i));
    for (const Number value : option.wrong) {
      SCOPED_TRACE(value);
      expect_error<Error>([&] { option.use(value); }, {option.name});
    }
    for (const Number value : option.right) EXPECT_NO_THROW(option.use(value)) << value;
  }
}

const std::vector<double> not_finite{nan, inf, -inf};
const std::vector<double> not_shares{nan, inf, -0.1, 1.1};
const std::vector<double> not_eps{nan, inf, -1, -1e-300};
const std::vector<double> not_positive{nan, inf, -inf, 0, -10000};

nn::LanguageModelOptions small_model() {
  return {.vocab_size = 3, .block_size = 2, .n_layer = 1, .n_head = 1, .n_embd = 2};
}

Tensor values(const Shape& shape) { return ones(shape); }

TEST(Options, OfDropoutAndTheSizesOfALinearLayer) {
  EXPECT_EQ(nn::Dropout({.p = 0.25}).p, 0.25);
  EXPECT_EQ(nn::Linear(3, 4).in_features(), 3);
  EXPECT_EQ(nn::Linear(3, 4).out_features(), 4);
}

TEST(Options, OfLayersAreCheckedByTheConstructor) {
  using namespace nn;
  expect_checked<double>({
      {"LayerNorm: eps", [](double v) { LayerNorm(4, {.eps = v}); }, not_eps, {0, 1e-12}},
      {"LeakyReLU: negative_slope", [](double v) { LeakyReLU{v}; }, not_finite, {0, -0.1}},
      {"RMSNorm: eps", [](double v) { RMSNorm(4, {.eps = v}); }, not_eps, {0, 1e-12}},
      {"eps", [](double v) { BertEmbeddings(2, 2, {.layer_norm_eps = v}); }, not_eps, {1e-12}},
      {"eps",
       [](double v) { TransformerEncoderLayer(2, 1, {.layer_norm_eps = v}); },
       not_eps,
       {1e-5}},
      {"Embedding: std", [](double v) { Embedding(2, 2, {.std = v}); }, not_eps, {0, 1}},
      {"LearnedPositionalEncoding: std",
       [](double v) { LearnedPositionalEncoding(2, {.std = v}); },
       not_eps,
       {0, 1}},
      {"eps",
       [](double v) { TransformerDecoderLayer(2, 1, {.layer_norm_eps = v}); },
       not_eps,
       {1e-5}},
      {"Dropout: p", [](double v) { Dropout{v}; }, not_shares, {0, 0.5, 1}},
      {"Dropout: p",
       [](double v) { MultiheadAttention(2, 1, {.dropout = v}); },
       not_shares,
       {0, 1}},
      {"Dropout: p", [](double v) { BertEmbeddings(2, 2, {.dropout = v}); }, not_shares, {0.1}},
      {"Dropout: p", [](double v) { PositionalEncoding(2, {.dropout = v}); }, not_shares, {0.1}},
      {"Dropout: p",
       [](double v) { LearnedPositionalEncoding(2, {.dropout = v}); },
       not_shares,
       {0.1}},
      {"Dropout: p",
       [](double v) { TransformerEncoderLayer(2, 1, {.dropout = v}); },
       not_shares,
       {0.1}},
      {"Dropout: p",
       [](double v) { TransformerDecoderLayer(2, 1, {.dropout = v}); },
       not_shares,
       {0.1}},
      {"Dropout: p",
       [](double v) {
         LanguageModelOptions options = small_model();
         options.dropout = v;
         LanguageModel{options};
       },
       not_shares,
       {0.1}},
      {"embedding_scale",
       [](double v) {
         LanguageModelOptions options = small_model();
         options.embedding_scale = v;
         LanguageModel{options};
       },
       not_finite,
       {1, 8.5}},
      {"Softplus: beta", [](double v) { Softplus{v}; }, not_positive, {0.5, 2}},
      {"Softplus: threshold", [](double v) { Softplus(1, v); }, {nan}, {20, inf}},
      {"base", [](double v) { PositionalEncoding(4, {.base = v}); }, not_positive, {100}},
      {"base", [](double v) { sinusoidal_table(2, 4, {.base = v}); }, not_positive, {100}},
      {"base", [](double v) { RotaryEncoding({.base = v}); }, not_positive, {100}},
      {"max_norm", [](double v) { Embedding(2, 2, {.max_norm = v}); }, {nan, inf, -1}, {0, 1}},
      {"norm_type", [](double v) { Embedding(2, 2, {.norm_type = v}); }, {nan, 0, -1}, {1, inf}},
      {"label_smoothing",
       [](double v) { CrossEntropyLoss({.label_smoothing = v}); },
       not_shares,
       {0, 0.1, 1}},
  });
}

TEST(Options, OfSizesAreCheckedByTheConstructor) {
  using namespace nn;
  const auto model = [](int64_t LanguageModelOptions::*size) {
    return [size](int64_t v) {
      LanguageModelOptions options = small_model();
      options.*size = v;
      LanguageModel{options};
    };
  };
  const std::vector<int64_t> none{0, -1, std::numeric_limits<int64_t>::min()};
  expect_checked<int64_t>({
      {"num_embeddings", [](int64_t v) { Embedding(v, 2); }, none, {1}},
      {"embedding_dim", [](int64_t v) { Embedding(2, v); }, none, {1}},
      {"max_len", [](int64_t v) { LearnedPositionalEncoding(2, {.max_len = v}); }, none, {1}},
      {"d_model", [](int64_t v) { LearnedPositionalEncoding{v}; }, none, {1}},
      {"max_len", [](int64_t v) { PositionalEncoding(2, {.max_len = v}); }, none, {1}},
      {"d_model", [](int64_t v) { PositionalEncoding{v}; }, none, {1}},
      {"num_segments", [](int64_t v) { SegmentEmbedding(4, v); }, none, {1}},
      {"d_model", [](int64_t v) { SegmentEmbedding(v, 2); }, none, {1}},
      {"num_segments", [](int64_t v) { segment_ids(zeros({2}, int64), 1, v); }, none, {1}},
      {"max_len", [](int64_t v) { BertEmbeddings(2, 2, {.max_len = v}); }, none, {1}},
      {"num_segments", [](int64_t v) { BertEmbeddings(2, 2, {.num_segments = v}); }, none, {1}},
      {"LayerNorm", [](int64_t v) { LayerNorm(v, {.elementwise_affine = false}); }, none, {1}},
      {"RMSNorm", [](int64_t v) { RMSNorm(v, {.elementwise_affine = false}); }, none, {1}},
      {"embed_dim", [](int64_t v) { MultiheadAttention(v, 1); }, none, {1}},
      {"num_heads", [](int64_t v) { MultiheadAttention(4, v); }, {0, -1, 3}, {1, 4}},
      {"kdim", [](int64_t v) { MultiheadAttention(4, 1, {.kdim = v}); }, none, {1}},
      {"vdim", [](int64_t v) { MultiheadAttention(4, 1, {.vdim = v}); }, none, {1}},
      {"TransformerEncoderLayer: dim_feedforward",
       [](int64_t v) { TransformerEncoderLayer(2, 1, {.dim_feedforward = v}); },
       none,
       {1}},
      {"TransformerDecoderLayer: dim_feedforward",
       [](int64_t v) { TransformerDecoderLayer(2, 1, {.dim_feedforward = v}); },
       none,
       {1}},
      {"TransformerEncoder: num_layers", [](int64_t v) { TransformerEncoder(2, 1, v); }, none, {1}},
      {"TransformerDecoder: num_layers", [](int64_t v) { TransformerDecoder(2, 1, v); }, none, {1}},
      {"num_heads", [](int64_t v) { TransformerDecoderLayer(4, v); }, {0, -1, 3}, {1, 4}},
      {"TransformerEncoder: num_layers", [](int64_t v) { Transformer(2, 1, v, 1); }, none, {1}},
      {"TransformerDecoder: num_layers", [](int64_t v) { Transformer(2, 1, 1, v); }, none, {1}},
      {"n_layer",
       [](int64_t v) {
         LanguageModelOptions options = small_model();
         options.n_layer = v;
         DecoderBlock{options};
       },
       none,
       {1}},
      {"vocab_size", model(&LanguageModelOptions::vocab_size), none, {1}},
      {"block_size", model(&LanguageModelOptions::block_size), none, {1}},
      {"n_layer", model(&LanguageModelOptions::n_layer), none, {1}},
      {"n_head", model(&LanguageModelOptions::n_head), none, {1}},
      {"n_embd", model(&LanguageModelOptions::n_embd), none, {1}},
      {"num_heads", [](int64_t v) { ALiBi{v}; }, none, {1, 12}},
      {"num_heads", [](int64_t v) { RelativePositionBias{v}; }, none, {1}},
      {"buckets",
       [](int64_t v) { RelativePositionBias(1, {.num_buckets = v}); },
       {0, -1, 3},
       {4, 32}},
      {"max_distance",
       [](int64_t v) { RelativePositionBias(1, {.max_distance = v}); },
       none,
       {128}},
      {"dim", [](int64_t v) { RotaryEncoding({.dim = v}); }, {-2, 3}, {0, 2}},
      {"count",
       [](int64_t v) { ModuleList<Tanh>(v, [](int64_t) { return Tanh(); }); },
       {-1},
       {0, 1}},
      {"top_k",
       [](int64_t v) {
         sample(ones({1, 3}), {.top_k = v});
       },
       none,
       {1, 9}},
      {"new_tokens",
       [](int64_t v) { generate(LanguageModel(small_model()), zeros({1}, int64), v); },
       {-1},
       {0, 1}},
      {"vocab_size", [](int64_t v) { scale_report({}, v, [] { return ones({}); }); }, none, {1}},
      {"length", [](int64_t v) { check_encoding(ALiBi(2), {.length = v}); }, {0, -1, 3}, {4}},
      {"num_heads", [](int64_t v) { check_encoding(ALiBi(2), {.num_heads = v}); }, none, {2}},
  });
}

TEST(Options, OfASizeThatLinearCannotHaveAreRefused) {
  EXPECT_THROW(nn::Linear(-1, 2), ShapeError);
  EXPECT_THROW(nn::Linear(2, -1), ShapeError);
  EXPECT_THROW(nn::Linear(ones({3})), ShapeError);
}

TEST(Options, OfTablesAreOfFloats) {
  EXPECT_THROW(nn::ALiBi(2, int64), DTypeError);
  EXPECT_THROW(nn::PositionalEncoding(2, {.dtype = bool_}), DTypeError);
}

TEST(Options, OfInitialisersAreChecked) {
  using namespace nn::init;
  const Tensor w = Tensor::empty({2, 3});
  expect_checked<double>({
      {"uniform_: low", [&](double v) { uniform_(w, v, 1); }, {nan, inf, -inf, 2}, {-1, 1}},
      {"uniform_: ", [&](double v) { uniform_(w, 0, v); }, {nan, inf, -1}, {0, 1}},
      {"high - low", [&](double v) { uniform_(w, -1e308, v); }, {1e308}, {0}},
      {"normal_: mean", [&](double v) { normal_(w, v, 1); }, not_finite, {-3, 3}},
      {"normal_: std", [&](double v) { normal_(w, 0, v); }, {nan, inf, -1}, {0, 3}},
      {"trunc_normal_: mean", [&](double v) { trunc_normal_(w, v); }, not_finite, {1e300, -1e9}},
      {"trunc_normal_: std",
       [&](double v) { trunc_normal_(w, 5, v); },
       {nan, inf, -1},
       {0, 1e-320}},
      {"trunc_normal_: low", [&](double v) { trunc_normal_(w, 0, 1, v, 2); }, {nan, 3}, {-inf, 2}},
      {"trunc_normal_: ", [&](double v) { trunc_normal_(w, 0, 1, -2, v); }, {nan, -3}, {inf, -2}},
      {"gain", [&](double v) { xavier_uniform_(w, v); }, {nan, inf, -1}, {0, 2}},
      {"gain", [&](double v) { xavier_normal_(w, v); }, {nan, inf, -1}, {0, 2}},
      {"slope", [&](double v) { kaiming_uniform_(w, {.a = v}); }, not_finite, {0, 2}},
      {"slope", [&](double v) { kaiming_normal_(w, {.a = v}); }, not_finite, {0, 2}},
      {"slope",
       [](double v) { calculate_gain(Nonlinearity::leaky_relu, v); },
       not_finite,
       {-0.1, 0.1}},
  });
}

TEST(Options, OfOpsAreChecked) {
  const Tensor x = values({2, 4}), heads = values({1, 2, 4}), packed = values({3, 1, 2, 4});
  const Tensor target = zeros({2}, int64);
  expect_checked<double>({
      {"beta", [&](double v) { softplus(x, v); }, not_positive, {0.5}},
      {"threshold", [&](double v) { softplus(x, 1, v); }, {nan}, {inf, 20}},
      {"eps", [&](double v) { layer_norm(x, {4}, {}, {}, v); }, not_eps, {0, 1e-5}},
      {"eps", [&](double v) { rms_norm(x, {4}, {}, v); }, not_eps, {0, 1e-5}},
      {"p must", [&](double v) { dropout(x, v); }, not_shares, {0, 1}},
      {"correction", [&](double v) { var(x, {}, v); }, not_finite, {0, 1, 100}},
      {"dropout_p",
       [&](double v) { scaled_dot_product_attention(heads, heads, heads, {.dropout_p = v}); },
       not_shares,
       {0, 0.5}},
      {"scale",
       [&](double v) { scaled_dot_product_attention(heads, heads, heads, {.scale = v}); },
       not_finite,
       {0, 0.5}},
      {"dropout_p",
       [&](double v) { packed_attention(packed, {.dropout_p = v}); },
       not_shares,
       {0, 0.5}},
      {"scale", [&](double v) { packed_attention(packed, {.scale = v}); }, not_finite, {0.5}},
      {"base", [&](double v) { rotary(x, 0, {.base = v}); }, not_positive, {100}},
      {"label_smoothing",
       [&](double v) { cross_entropy(x, target, {.label_smoothing = v}); },
       not_shares,
       {0, 1}},
      {"p is", [&](double v) { norm(x, v); }, {nan, 0, -1}, {1, 2, inf}},
      {"bound", [&](double v) { clamp(x, v, {}); }, {nan}, {-inf, 0}},
      {"temperature",
       [](double v) {
         nn::sample(ones({1, 3}), {.temperature = v});
       },
       {nan, inf, -1},
       {0, 1}},
  });
}

TEST(Options, OfPlacesInListsAreRefusedByRillsOwnError) {
  const nn::Sequential layers{nn::Tanh(), nn::ReLU()};
  const nn::ModuleList<nn::Tanh> list(2, [](int64_t) { return nn::Tanh(); });
  for (const int64_t i : {int64_t{-3}, int64_t{2}, std::numeric_limits<int64_t>::max()}) {
    expect_error<IndexError>([&] { layers[i]; }, {"layer " + std::to_string(i), "2"});
    expect_error<IndexError>([&] { list[i]; }, {"module " + std::to_string(i), "2"});
  }
}

TEST(RelativePositionBucket, OfTheFarthestPositionsIsTheLast) {
  const Tensor far = from_vector<int64_t>(
      {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()});
  EXPECT_EQ(nn::relative_position_bucket(far).to_vector<int64_t>(), (std::vector<int64_t>{15, 31}));
  EXPECT_EQ(nn::relative_position_bucket(far, {.bidirectional = false}).to_vector<int64_t>(),
            (std::vector<int64_t>{31, 0}));
}

TEST(TruncNormal, OfBoundsFarFromTheMeanEndsAtTheNearest) {
  const Tensor w = Tensor::empty({100}, float64);
  nn::init::trunc_normal_(w, 0, 1, 1e200, 2e200);
  for (const double value : w.to_vector()) EXPECT_EQ(value, 1e200);
  nn::init::trunc_normal_(w, -1e10, 1, -2, 2);
  for (const double value : w.to_vector()) EXPECT_NEAR(value, -2, 1e-6);
}

TEST(ALiBi, OfMoreThanMemoryHoldsIsRefused) {
  constexpr int64_t most = std::numeric_limits<int64_t>::max();
  EXPECT_THROW(nn::ALiBi{most}, Error);
  EXPECT_THROW(nn::ALiBi(1).bias(most, most), Error);
  EXPECT_THROW(nn::ALiBi(1).bias(1, most), Error);
}

}  // namespace
}  // namespace rill::testing
