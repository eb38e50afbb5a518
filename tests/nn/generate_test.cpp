#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include <rill/core/node.h>
#include <rill/core/observer.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/generate.h>
#include <rill/nn/init.h>

#include "tests/support/expect.h"

namespace rill::testing {
namespace {

using nn::generate;
using nn::sample;
using nn::SampleOptions;

/// How often each of the classes of `logits` [V] is drawn in `draws` draws.
std::vector<double> shares(const Tensor& logits, double temperature, std::optional<int64_t> top_k) {
  constexpr int64_t draws = 4000;
  Generator generator(1);
  const Tensor batch = logits.unsqueeze(0).expand({draws, logits.size(0)});
  const Tensor drawn =
      sample(batch, {.temperature = temperature, .top_k = top_k, .generator = &generator});
  std::vector<double> found(static_cast<size_t>(logits.size(0)));
  for (const int64_t id : drawn.to_vector<int64_t>())
    found[static_cast<size_t>(id)] += 1.0 / static_cast<double>(draws);
  return found;
}

void expect_shares(const std::vector<double>& found, const std::vector<double>& expected) {
  for (size_t i = 0; i < expected.size(); ++i)  // five standard errors of a share of 4000 draws
    EXPECT_NEAR(found[i], expected[i], 5 * std::sqrt(expected[i] * (1 - expected[i]) / 4000)) << i;
}

nn::LanguageModel small_model() {
  manual_seed(1);
  const nn::LanguageModel model(
      {.vocab_size = 7, .block_size = 4, .n_layer = 1, .n_head = 1, .n_embd = 8});
  model.eval();
  return model;
}

}  // namespace

TEST(Sample, DrawsFromTheSoftmax) {
  // logits log 1, log 2, log 5: shares 1/8, 2/8, 5/8.
  expect_shares(shares(tensor({1.0, 2.0, 5.0}).log(), 1, {}), {0.125, 0.25, 0.625});
}

TEST(Sample, TemperatureEvensOutOrSharpens) {
  // p^(1/2) of 1, 4, 9 is 1, 2, 3; p² of 1, 2, 3 is 1, 4, 9.
  expect_shares(shares(tensor({1.0, 4.0, 9.0}).log(), 2, {}), {1 / 6.0, 2 / 6.0, 3 / 6.0});
  expect_shares(shares(tensor({1.0, 2.0, 3.0}).log(), 0.5, {}), {1 / 14.0, 4 / 14.0, 9 / 14.0});
}

TEST(Sample, TopKDrawsAmongTheLikeliestOnly) {
  expect_shares(shares(tensor({1.0, 2.0, 5.0, 3.0}).log(), 1, 2), {0, 0, 5 / 8.0, 3 / 8.0});
}

TEST(Sample, TopKAboveTheVocabularyIsAllOfIt) {
  expect_shares(shares(tensor({1.0, 3.0}).log(), 1, 50), {0.25, 0.75});
}

TEST(Sample, TemperatureZeroTakesTheLikeliestAndDrawsNothing) {
  Generator generator(1);
  const Tensor logits = tensor({{0.0, 3.0, 1.0}, {2.0, 0.0, 1.0}});
  expect_values(sample(logits, {.temperature = 0, .generator = &generator}), {1, 0});
  EXPECT_EQ(generator.offset(), 0u);
}

TEST(Sample, TinyTemperatureDoesNotOverflow) {
  for (const double temperature : {1e-30, 1e-300, 5e-324})
    expect_values(sample(tensor({{1.0, 90.0, 2.0}}), {.temperature = temperature}), {1});
}

TEST(Sample, LogitsWithoutProbabilitiesAreRefused) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double temperature : {0.0, 1.0}) {
    const SampleOptions options{.temperature = temperature};
    expect_error<ValueError>(
        [&] {
          return sample(tensor({{0.0, 1.0}, {infinity, 1.0}}), options);
        },
        {"sample: ", "row 1", " inf"});
    expect_error<ValueError>(
        [&] {
          return sample(tensor({{0.0, -infinity}, {-infinity, -infinity}}), options);
        },
        {"sample: ", "row 1", "-inf", "no token"});
    expect_values(sample(tensor({{-infinity, 1.0}}), options), {1});
  }
}

TEST(Sample, BadOptionsAreRefused) {
  const Tensor logits = zeros({1, 2});
  const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
  for (const double temperature : {nan, -1.0, infinity})
    expect_error<ValueError>([&] { sample(logits, {.temperature = temperature}); },
                             {"temperature"});
  expect_error<ValueError>([&] { sample(logits, {.top_k = 0}); }, {"top_k", "0"});
  expect_error<ValueError>([&] { sample(logits, {.top_k = -3}); }, {"top_k", "-3"});
}

TEST(Sample, NaNIsRefusedAtAnyTemperature) {
  const Tensor logits = tensor({{1.0, std::nan("")}, {2.0, 3.0}});
  for (const double temperature : {0.0, 1.0})
    expect_error<ValueError>([&] { nn::sample(logits, {.temperature = temperature}); }, {"NaN"});
}

TEST(Generate, ContinuesThePromptAndRepeatsWithItsSeed) {
  const nn::LanguageModel model = small_model();
  const Tensor prompt = tensor({{1, 2}, {3, 4}}, int64);
  Generator one(5), other(5);
  const Tensor first = generate(model, prompt, 9, {.generator = &one});
  EXPECT_EQ(first.shape(), (Shape{2, 11}));
  EXPECT_EQ(first.narrow(1, 0, 2).to_vector(), prompt.to_vector());
  EXPECT_EQ(generate(model, prompt, 9, {.generator = &other}).to_vector(), first.to_vector());
}

TEST(Generate, GreedyTokenIsTheLikeliestGivenTheLastBlock) {
  const nn::LanguageModel model = small_model();
  const Tensor ids = generate(model, tensor({1, 2, 3}, int64), 4, {.temperature = 0});
  ASSERT_EQ(ids.shape(), (Shape{7}));
  for (int64_t at = 3; at < 7; ++at) {
    const int64_t seen = std::min<int64_t>(at, 4);
    const Tensor logits = model(ids.narrow(0, at - seen, seen));
    EXPECT_EQ(ids[at].item<int64_t>(), argmax(logits[seen - 1]).item<int64_t>());
  }
}

TEST(Generate, TheWindowThatSlidesIsAWholeBlock) {
  const nn::LanguageModel model = small_model();
  for (const Tensor& parameter : model.parameters()) nn::init::normal_(parameter);
  const auto likeliest = [&](const Tensor& window) {
    return argmax(model(window).select(0, -1)).item<int64_t>();
  };
  const Tensor ids = generate(model, tensor({1, 2, 3, 4}, int64), 40, {.temperature = 0});
  int64_t told_apart = 0;
  for (int64_t at = 4; at < ids.size(0); ++at) {
    const int64_t right = likeliest(ids.narrow(0, at - 4, 4));
    EXPECT_EQ(ids[at].item<int64_t>(), right) << at;
    told_apart += likeliest(ids.narrow(0, at - 3, 3)) != right;
  }
  EXPECT_GT(told_apart, 0);  // the oldest token of the block decides something
}

TEST(Generate, RecordsNothing) {
  struct Recorder final : Observer {
    void on_record(const Node&) override { ++recorded; }
    int recorded = 0;
  };
  const nn::LanguageModel model = small_model();
  Recorder recorder;
  const ObserverGuard watching(recorder);
  generate(model, tensor({1}, int64), 3);
  EXPECT_EQ(recorder.recorded, 0);
  model(tensor({1}, int64));
  EXPECT_GT(recorder.recorded, 0);
}

TEST(Generate, ANegativeCountIsRefused) {
  expect_error<ValueError>([] { generate(small_model(), tensor({1}, int64), -5); },
                           {"new_tokens", "-5"});
}

TEST(Generate, NoNewTokensAreThePromptItself) {
  expect_values(generate(small_model(), tensor({2, 1}, int64), 0), {2, 1});
}

TEST(Generate, EmptyPromptIsRefused) {
  expect_error<ShapeError>(
      [] {
        generate(small_model(), zeros({1, 0}, int64), 1);
      },
      {"prompt", "[1, 0]"});
}

TEST(Generate, BadOptionsAreRefusedBeforeTheModelRuns) {
  EXPECT_THROW(generate(small_model(), zeros({1, 1}, int64), 0, {.temperature = -1}), ValueError);
}

}  // namespace rill::testing
