#include <gtest/gtest.h>

#include <cmath>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>

#include "tests/support/expect.h"
#include "tests/support/leaf.h"
#include "tests/support/twin.h"

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_kernel_equals_twin;
using testing::expect_values;
using testing::inf;
using testing::random_leaf;

Tensor bools(const Tensor& x) { return ne(x, 0); }

Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v,
                 const AttentionOptions& options = {}) {
  return scaled_dot_product_attention(q, k, v, options);
}

// Two queries, three keys; the expected numbers are PyTorch 2.13's.
const Tensor& query() {
  static const Tensor q = tensor({{1, 0}, {0, 2}}, float64);
  return q;
}
const Tensor& key() {
  static const Tensor k = tensor({{1, 1}, {2, -1}, {0, 0.5}}, float64);
  return k;
}
const Tensor& value() {
  static const Tensor v = tensor({{1, 2}, {3, 4}, {5, 6}}, float64);
  return v;
}

TEST(Attention, EqualsPyTorch) {
  expect_values(attention(query(), key(), value()),
                {2.712067670604236, 3.7120676706042364, 2.3468114198917895, 3.3468114198917895},
                1e-14);
}

TEST(Attention, OfAFullyMaskedRowGivesZeros) {
  const Tensor mask = bools(tensor({{1.0, 0.0, 1.0}, {0.0, 0.0, 0.0}}));
  expect_values(attention(query(), key(), value(), {.attn_mask = mask}),
                {2.3209538026933725, 3.320953802693372, 0, 0}, 1e-14);
}

TEST(Attention, OfAFullyMaskedRowHasZeroGradient) {
  for (const Tensor& mask : {bools(tensor({{0.0, 0.0, 0.0}})), full({1, 3}, -inf, float64)}) {
    const Tensor q = random_leaf({1, 2}, 1), k = random_leaf({3, 2}, 2), v = random_leaf({3, 2}, 3);
    attention(q, k, v, {.attn_mask = mask}).sum().backward();
    for (const Tensor& x : {q, k, v})
      for (const double slope : x.grad().to_vector()) EXPECT_EQ(slope, 0);
  }
}

TEST(Attention, WithAFiniteMaskGivesTheMeanOfTheValues) {
  const Tensor mask = full({2, 3}, -1e9);
  expect_values(attention(zeros({2, 2}), ones({3, 2}), value().to(float32), {.attn_mask = mask}),
                {3, 4, 3, 4}, 1e-6);
}

TEST(Attention, AlignsTheCausalMaskAtTheTopLeftUnlessTold) {
  // Top-left: query 0 sees key 0 alone. Bottom-right: it sees keys 0 and 1, query 1 all.
  const Tensor top = attention(query(), key(), value(), {.is_causal = true});
  expect_values(top[0], {1, 2}, 1e-15);
  const Tensor bottom = attention(query(), key(), value(),
                                  {.is_causal = true, .alignment = CausalAlignment::bottom_right});
  expect_values(bottom,
                {2.3395230986533138, 3.3395230986533138, 2.3468114198917895, 3.3468114198917895},
                1e-14);
}

TEST(Attention, KernelEqualsTwin) {
  const Tensor q = random_leaf({2, 3, 4, 5}, 1), k = random_leaf({2, 3, 6, 5}, 2),
               v = random_leaf({2, 3, 6, 3}, 3);
  const std::vector<Tensor> all = {q, k, v};
  const Tensor allowed = bools(tensor(
      {{1, 0, 1, 1, 0, 1}, {0, 0, 0, 0, 0, 0}, {1, 1, 1, 1, 1, 1}, {0, 1, 0, 0, 0, 0}}, float32));
  const Tensor added = random_leaf({2, 1, 4, 6}, 4).detach();
  const std::vector<AttentionOptions> options = {
      {},
      {.attn_mask = allowed},
      {.attn_mask = added},
      {.is_causal = true},
      {.is_causal = true, .alignment = CausalAlignment::bottom_right},
      {.scale = 0.3}};
  for (const AttentionOptions& option : options)
    expect_kernel_equals_twin([&] { return attention(q, k, v, option); }, all);
}

TEST(Attention, KernelEqualsTwinWithDropout) {
  const Tensor q = random_leaf({2, 2, 4, 3}, 1), k = random_leaf({2, 2, 5, 3}, 2),
               v = random_leaf({2, 2, 5, 3}, 3);
  Generator generator(7);
  expect_kernel_equals_twin(
      [&] { return attention(q, k, v, {.dropout_p = 0.4, .generator = &generator}); }, {q, k, v});
}

TEST(Attention, KernelEqualsTwinWhereKeysAreSharedByABatch) {
  const Tensor q = random_leaf({2, 3, 4, 2}, 1), k = random_leaf({3, 5, 2}, 2),
               v = random_leaf({2, 1, 5, 2}, 3);
  expect_kernel_equals_twin([&] { return attention(q, k, v); }, {q, k, v});
}

TEST(Attention, TakesAnyNumberOfLeadingDimensions) {
  const Tensor q = random_leaf({2, 3, 2, 4, 2}, 1), k = random_leaf({2, 3, 2, 5, 2}, 2);
  const Tensor mask = bools(random_leaf({3, 1, 4, 5}, 3).detach().clamp(0, 9));
  expect_kernel_equals_twin([&] { return attention(q, k, k, {.attn_mask = mask}); }, {q, k});
  expect_kernel_equals_twin([&] { return attention(q[0][1], k[0][1], k[0][1]); }, {q, k});
  expect_kernel_equals_twin([&] { return attention(q[0][1][0], k[0][1][0], k[0][1][0]); }, {q, k});
}

/// Queries, keys and values of 2 heads of width 3 as views of a packed projection [2, 4, 18].
std::vector<Tensor> heads_of(const Tensor& packed) {
  std::vector<Tensor> heads;
  for (const Tensor& part : packed.chunk(3, -1))
    heads.push_back(part.view({2, 4, 2, 3}).transpose(1, 2));
  return heads;
}

TEST(Attention, OfViewsOfAPackedProjectionEqualsThatOfCopies) {
  const Tensor packed = random_leaf({2, 4, 18}, 1);
  const auto views = heads_of(packed);
  const Tensor out = attention(views[0], views[1], views[2], {.is_causal = true});
  const Tensor copied = attention(views[0].contiguous(), views[1].contiguous(),
                                  views[2].contiguous(), {.is_causal = true});
  EXPECT_EQ(out.to_vector(), copied.to_vector());
  const Tensor cotangent = random_leaf({2, 2, 4, 3}, 2).detach();
  const GradOptions options{.grad_outputs = {cotangent}, .retain_graph = true};
  EXPECT_EQ(grad(out, packed, options)[0].to_vector(),
            grad(copied, packed, options)[0].to_vector());
}

/// The same as one view [3, 2, 2, 4, 3].
Tensor stacked_heads_of(const Tensor& packed) {
  return packed.view({2, 4, 3, 2, 3}).permute({2, 0, 3, 1, 4});
}

TEST(PackedAttention, EqualsThatOfItsParts) {
  const Tensor packed = random_leaf({2, 4, 18}, 1);
  const auto parts = heads_of(packed);
  const Tensor mask = bools(random_leaf({4, 4}, 3).detach().clamp(0, 9));
  const Tensor cotangent = random_leaf({2, 2, 4, 3}, 2).detach();
  for (const AttentionOptions& how :
       {AttentionOptions{}, {.attn_mask = mask}, {.is_causal = true}}) {
    const Tensor out = packed_attention(stacked_heads_of(packed), how);
    const Tensor apart = attention(parts[0], parts[1], parts[2], how);
    EXPECT_EQ(out.to_vector(), apart.to_vector());
    const GradOptions options{.grad_outputs = {cotangent}, .retain_graph = true};
    EXPECT_EQ(grad(out, packed, options)[0].to_vector(),
              grad(apart, packed, options)[0].to_vector());
  }
}

TEST(PackedAttention, DrawsTheDropoutOfItsParts) {
  const Tensor packed = random_leaf({2, 4, 18}, 1);
  const auto parts = heads_of(packed);
  Generator one(7), other(7);
  const Tensor out =
      packed_attention(stacked_heads_of(packed), {.dropout_p = 0.4, .generator = &one});
  EXPECT_EQ(
      out.to_vector(),
      attention(parts[0], parts[1], parts[2], {.dropout_p = 0.4, .generator = &other}).to_vector());
  EXPECT_EQ(one.offset(), other.offset());
}

TEST(PackedAttention, KernelEqualsTwin) {
  const Tensor packed = random_leaf({2, 4, 18}, 1), qkv = random_leaf({3, 2, 1, 2, 4, 3}, 2);
  const Tensor mask = bools(random_leaf({4, 4}, 3).detach().clamp(0, 9));
  Generator generator(7);
  for (const AttentionOptions& how : {AttentionOptions{},
                                      {.attn_mask = mask},
                                      {.is_causal = true},
                                      {.dropout_p = 0.4, .generator = &generator},
                                      {.scale = 0.3}}) {
    expect_kernel_equals_twin([&] { return packed_attention(stacked_heads_of(packed), how); },
                              {packed});
    expect_kernel_equals_twin([&] { return packed_attention(qkv, how); }, {qkv});
  }
}

TEST(PackedAttention, WritesTheGradientOfAProjectionWithoutACopy) {
  const Tensor packed = random_leaf({2, 4, 18}, 1), qkv = stacked_heads_of(packed);
  Tensor gradient;
  qkv.register_hook([&](const Tensor& seen) {
    gradient = seen;
    return Tensor();
  });
  packed_attention(qkv).sum().backward();
  EXPECT_TRUE(gradient.permute({1, 3, 0, 2, 4}).is_contiguous());
}

TEST(PackedAttention, OfAMaskThatLearnsGivesItAGradient) {
  const Tensor qkv =
      stack({zeros({2, 2}, float64), zeros({2, 2}, float64), tensor({{0, 0}, {1, 0}}, float64)});
  const Tensor bias = zeros({2, 2}, float64).requires_grad_();
  packed_attention(qkv, {.attn_mask = bias}).sum().backward();
  expect_values(bias.grad(), {-0.25, 0.25, -0.25, 0.25}, 1e-15);
}

TEST(PackedAttention, OfOtherThanThreePartsIsRefused) {
  for (const Shape& shape : {Shape{2, 4, 3}, Shape{3, 4}})
    expect_error<ShapeError>([&] { packed_attention(zeros(shape)); },
                             {"packed_attention", to_string(shape), "[3, ..., L, E]"});
}

TEST(Attention, LeavesItsHeadsReadyToBeJoined) {
  const auto heads = heads_of(random_leaf({2, 4, 18}, 1));
  const Tensor out = attention(heads[0], heads[1], heads[2]);
  EXPECT_EQ(out.shape(), Shape({2, 2, 4, 3}));
  EXPECT_TRUE(out.transpose(1, 2).is_contiguous());
}

TEST(Attention, MaskThatRequiresAGradientGetsOne) {
  const Tensor q = random_leaf({2, 2}, 1), bias = zeros({2, 2}, float64).requires_grad_();
  const Tensor v = tensor({{0}, {1}}, float64);
  attention(zeros({2, 2}, float64), q, v, {.attn_mask = bias}).sum().backward();
  // Two equal scores: the weight of the second is σ(b₁ − b₀), with slope 1/4 at 0.
  expect_values(bias.grad(), {-0.25, 0.25, -0.25, 0.25}, 1e-15);
}

TEST(Attention, DropoutIsDrawnFromTheGenerator) {
  const auto call = [](uint64_t seed, Generator* generator = nullptr) {
    Generator own(seed);
    return attention(ones({8, 2}), ones({8, 2}), ones({8, 2}),
                     {.dropout_p = 0.5, .generator = generator ? generator : &own})
        .to_vector();
  };
  EXPECT_EQ(call(1), call(1));
  EXPECT_NE(call(1), call(2));
  Generator generator(1);
  const auto first = call(0, &generator);
  EXPECT_EQ(first, call(1));
  EXPECT_NE(call(0, &generator), first);
}

TEST(Attention, DropoutKeepsTheMean) {
  Generator generator(3);
  const Tensor out = attention(ones({64, 2}), ones({64, 2}), ones({64, 64}),
                               {.dropout_p = 0.25, .generator = &generator});
  // 4096 weights of 1/64, each kept with 3/4: the deviation of the mean is √(1/3 / 4096) = 0.009.
  EXPECT_NEAR(out.mean().item(), 1, 0.045);
}

TEST(Attention, WithDropoutOfAllOrNothingDrawsNoNumbers) {
  Generator generator(3);
  const Tensor q = random_leaf({2, 2}, 1);
  const Tensor none = attention(q, q, q, {.dropout_p = 1, .generator = &generator});
  expect_values(none, {0, 0, 0, 0});
  none.sum().backward();
  expect_values(q.grad(), {0, 0, 0, 0});
  attention(q, q, q, {.dropout_p = 0, .generator = &generator});
  EXPECT_EQ(generator.offset(), 0u);
}

TEST(Attention, NaNInAMaskedValueReachesTheOutput) {
  const Tensor v = tensor({{1}, {std::nan("")}});
  const Tensor out =
      attention(ones({1, 2}), ones({2, 2}), v, {.attn_mask = bools(tensor({{1.0, 0.0}}))});
  EXPECT_TRUE(std::isnan(out.item()));
}

TEST(Attention, BesideAnInfiniteKeyLaterOnesAreHiddenToo) {
  const Tensor k = tensor({{-inf}, {1}, {2}}), v = tensor({{1.0}, {2.0}, {3.0}});
  const Tensor out = attention(ones({3, 1}), k, v, {.is_causal = true});
  EXPECT_EQ(out[1].item(), 2) << "the second sees only itself: the first weighs nothing";
}

TEST(Attention, WithoutKeysGivesZeros) {
  expect_values(attention(ones({2, 3}), ones({0, 3}), ones({0, 1})), {0, 0});
}

TEST(Attention, RefusesAMaskBesideIsCausal) {
  expect_error<ValueError>(
      [] {
        attention(query(), key(), value(),
                  {.attn_mask = zeros({2, 3}, float64), .is_causal = true});
      },
      {"scaled_dot_product_attention", "is_causal", "mask"});
}

TEST(Attention, RefusesAProbabilityOutsideZeroToOne) {
  for (const double p : {-0.1, 1.5, std::nan("")})
    expect_error<ValueError>([&] { attention(query(), key(), value(), {.dropout_p = p}); },
                             {"dropout_p", "[0, 1]"});
}

TEST(Attention, OfSizesThatDoNotFitShowsThem) {
  const std::vector<std::vector<Shape>> misfits = {
      {{2, 3}, {4, 2}, {4, 2}}, {{2, 3}, {4, 3}, {5, 3}}, {{3}, {4, 3}, {4, 3}}};
  for (const auto& sizes : misfits)
    expect_error<ShapeError>([&] { attention(zeros(sizes[0]), zeros(sizes[1]), zeros(sizes[2])); },
                             {to_string(sizes[0]), to_string(sizes[1]), to_string(sizes[2])});
  expect_error<ShapeError>(
      [] {
        attention(zeros({2, 3, 4}), zeros({5, 3, 4}), zeros({5, 3, 4}));
      },
      {"[2]", "[5]"});
}

TEST(Attention, OfAMaskThatDoesNotFitShowsIt) {
  expect_error<ShapeError>(
      [] {
        attention(query(), key(), value(), {.attn_mask = zeros({3, 2}, float64)});
      },
      {"[3, 2]", "[2, 3]"});
  expect_error<ShapeError>(
      [] {
        attention(query(), key(), value(), {.attn_mask = zeros({5, 2, 3}, float64)});
      },
      {"[5, 2, 3]", "[2, 3]"});
  expect_error<DTypeError>(
      [] {
        attention(query(), key(), value(), {.attn_mask = zeros({2, 3}, int64)});
      },
      {"mask", "int64"});
}

TEST(Attention, OfMixedOrIntegerElementsIsRefused) {
  expect_error<DTypeError>([] { attention(query(), key().to(float32), value()); },
                           {"query", "float64", "key", "float32"});
  expect_error<DTypeError>([] { attention(query().to(int64), key().to(int64), value().to(int64)); },
                           {"int64"});
}

}  // namespace
}  // namespace rill
