#include <gtest/gtest.h>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/decoder.h>

#include "tests/support/expect.h"

namespace rill::testing {
namespace {

using nn::KeyValueCache;
using nn::LanguageModel;
using nn::Position;

LanguageModel model_with(Position position) {
  manual_seed(7);
  return LanguageModel({.vocab_size = 11,
                        .block_size = 12,
                        .n_layer = 2,
                        .n_head = 2,
                        .n_embd = 8,
                        .position = position});
}

// Far from the small numbers of the start, where float32 would lose digits.
LanguageModel with_large_weights(Position position) {
  const LanguageModel model = model_with(position);
  model.to(float64);
  const NoGradGuard no_grad;
  for (const Tensor& parameter : model.parameters()) parameter.copy_(parameter * 10.0);
  return model;
}

double largest_difference(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item(); }

void expect_pieces_give_the_whole(const LanguageModel& model, double tolerance) {
  const NoGradGuard no_grad;
  manual_seed(8);
  const Tensor ids = randint(0, 11, {3, 12});
  const Tensor whole = model(ids);
  KeyValueCache cache;
  int64_t at = 0;
  for (const int64_t length : {5, 1, 1, 3, 2}) {
    const Tensor logits = model(ids.narrow(1, at, length), cache);
    EXPECT_LT(largest_difference(logits, whole.narrow(1, at, length)), tolerance)
        << "tokens " << at << " to " << at + length;
    at += length;
    EXPECT_EQ(cache.length(), at);
  }
}

}  // namespace

TEST(KeyValueCache, PiecesGiveTheLogitsOfTheWhole) {
  for (const auto& [name, position] : nn::position_names()) {
    SCOPED_TRACE(name);
    expect_pieces_give_the_whole(model_with(position), 1e-5);
    expect_pieces_give_the_whole(with_large_weights(position), 1e-11);
  }
}

TEST(KeyValueCache, TakesASequenceWithoutABatch) {
  const LanguageModel model = model_with(Position::learned);
  const Tensor ids = tensor({1, 2, 3}, int64);
  KeyValueCache cache;
  model(ids.narrow(0, 0, 2), cache);
  const Tensor last = model(ids.narrow(0, 2, 1), cache);
  EXPECT_EQ(last.shape(), (Shape{1, 11}));
  EXPECT_LT(largest_difference(last[0], model(ids)[2]), 1e-5);
}

TEST(KeyValueCache, GradientsFlowThroughIt) {
  const LanguageModel model = with_large_weights(Position::rotary);
  const Tensor ids = tensor({{1, 2, 3, 4}}, int64);
  model(ids).select(1, 3).sum().backward();
  const Tensor whole = model.token_embedding.weight.grad().clone();
  model.zero_grad();
  KeyValueCache cache;
  model(ids.narrow(1, 0, 3), cache);
  model(ids.narrow(1, 3, 1), cache).sum().backward();
  EXPECT_LT(largest_difference(model.token_embedding.weight.grad(), whole), 1e-10);
}

TEST(KeyValueCache, TooManyTokensNameBothLengths) {
  const LanguageModel model = model_with(Position::alibi);
  KeyValueCache cache;
  model(zeros({1, 10}, int64), cache);
  expect_error<ShapeError>(
      [&] {
        model(zeros({1, 3}, int64), cache);
      },
      {"length 3", "10 tokens in the cache", "block_size 12"});
  EXPECT_EQ(cache.length(), 10);
}

TEST(KeyValueCache, AnotherBatchIsRefused) {
  const LanguageModel model = model_with(Position::none);
  KeyValueCache cache;
  model(zeros({2, 3}, int64), cache);
  EXPECT_THROW(model(zeros({1, 1}, int64), cache), ShapeError);
}

TEST(KeyValueCache, ARefusedCallLeavesItAsItWas) {
  manual_seed(9);
  const nn::MultiheadAttention attention(4, 2);
  const Tensor x = randn({1, 3, 4});
  nn::KeyValue cache;
  const nn::AttendOptions options{.is_causal = true, .cache = &cache};
  attention(x, x, x, options);
  nn::AttendOptions of_new_token_alone = options;
  of_new_token_alone.key_padding_mask = zeros({1, 3}, bool_);
  EXPECT_THROW(attention(x, x, x, of_new_token_alone), ShapeError);
  EXPECT_EQ(cache.length(), 3);
}

TEST(KeyValueCache, OfAnotherModelIsRefused) {
  const LanguageModel model = model_with(Position::none);
  const LanguageModel deeper(
      {.vocab_size = 11, .block_size = 12, .n_layer = 3, .n_head = 2, .n_embd = 8});
  KeyValueCache cache;
  model(zeros({1, 2}, int64), cache);
  expect_error<ValueError>([&] { deeper(zeros({1, 1}, int64), cache); }, {"another model", "3"});
}

namespace {

/// [1, 1, count, 1]: the numbers from `first` on.
Tensor tokens(double first, int64_t count) {
  return (arange(count).to(float32) + first).view({1, 1, count, 1});
}

void append(nn::KeyValue& cache, double first, int64_t count) {
  const NoGradGuard no_grad;
  cache.append(tokens(first, count), tokens(-first, count));
}

std::vector<double> keys_of(const nn::KeyValue& cache) { return cache.key.to_vector(); }

using Numbers = std::vector<double>;

}  // namespace

TEST(KeyValue, TokensAreAppendedInPlaceWhileThereIsRoom) {
  nn::KeyValue cache;
  append(cache, 0, 3);
  append(cache, 3, 1);
  const float* const place = cache.key.data<float>();
  append(cache, 4, 4);
  EXPECT_EQ(cache.key.data<float>(), place);
  append(cache, 8, 1);
  EXPECT_NE(cache.key.data<float>(), place);
  EXPECT_EQ(keys_of(cache), (Numbers{0, 1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(cache.value.to_vector(), (Numbers{0, 1, 2, -3, -4, -3, -2, -1, -8}));
}

TEST(KeyValue, CopiesGoTheirOwnWays) {
  nn::KeyValue cache;
  append(cache, 0, 2);
  append(cache, 2, 1);
  nn::KeyValue other = cache;
  append(other, 10, 1);
  append(cache, 20, 1);
  append(other, 11, 1);
  append(cache, 21, 1);
  EXPECT_EQ(keys_of(cache), (Numbers{0, 1, 2, 20, 21}));
  EXPECT_EQ(keys_of(other), (Numbers{0, 1, 2, 10, 11}));
}

TEST(KeyValue, WhatWasPutInItsPlaceIsAppendedTo) {
  nn::KeyValue cache;
  append(cache, 0, 2);
  append(cache, 2, 2);
  nn::KeyValue back = cache, window = cache;
  back.key = back.key.narrow(2, 0, 3);
  back.value = back.value.narrow(2, 0, 3);
  append(back, 9, 1);
  EXPECT_EQ(keys_of(back), (Numbers{0, 1, 2, 9}));
  window.key = cat({window.key.narrow(2, 2, 2), window.key.narrow(2, 0, 2)}, 2);
  append(window, 9, 1);
  EXPECT_EQ(keys_of(window), (Numbers{2, 3, 0, 1, 9}));
  append(cache, 4, 1);
  EXPECT_EQ(keys_of(cache), (Numbers{0, 1, 2, 3, 4}));
}

TEST(KeyValue, OneSequenceOfABatchGoesOnAlone) {
  const NoGradGuard no_grad;
  nn::KeyValue cache;
  const Tensor two = cat({tokens(0, 1), tokens(5, 1)}, 0);
  cache.append(two, two);
  cache.append(two, two);
  cache.key = cache.key.narrow(0, 0, 1);
  cache.value = cache.value.narrow(0, 0, 1);
  cache.append(tokens(9, 1), tokens(9, 1));
  EXPECT_EQ(cache.key.shape(), (Shape{1, 1, 3, 1}));
  EXPECT_EQ(keys_of(cache), (Numbers{0, 0, 9}));
}

TEST(KeyValue, KeysAndValuesOfTwoLengthsAreRefused) {
  const NoGradGuard no_grad;
  nn::KeyValue cache;
  expect_error<ShapeError>([&] { cache.append(tokens(0, 3), tokens(0, 1)); }, {"[1, 1, 3, 1]"});
  append(cache, 0, 2);
  EXPECT_THROW(cache.append(tokens(2, 3), tokens(2, 1)), ShapeError);
  cache.key = cache.key.narrow(2, 0, 1);
  EXPECT_THROW(cache.append(tokens(2, 1), tokens(2, 1)), ShapeError);
}

TEST(KeyValue, WhereGradientsAreRecordedNothingIsWrittenInPlace) {
  nn::KeyValue cache;
  append(cache, 0, 1);
  append(cache, 1, 1);
  const Tensor w = ones({1, 1, 1, 1}).requires_grad_();
  cache.append(w * 3.0, w * 4.0);
  (cache.key * cache.key).sum().backward();
  EXPECT_EQ(w.grad().item(), 18);
}

}  // namespace rill::testing
