#include <rill/core/inspect/anomaly.h>

#include <gtest/gtest.h>

#include <limits>

#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/attention.h>
#include <rill/nn/decoder.h>
#include <rill/nn/generate.h>
#include <rill/nn/init.h>
#include <rill/nn/positions/alibi.h>
#include <rill/nn/positions/check_encoding.h>
#include <rill/nn/positions/position.h>
#include <rill/nn/positions/relative_position_bias.h>
#include <rill/nn/scale_report.h>

#include "tests/support/expect.h"

// An AnomalyGuard has nothing to say about models that are well, whatever they mask.

namespace rill::testing {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

nn::LanguageModel model_with(nn::Position position) {
  manual_seed(1);
  return nn::LanguageModel({.vocab_size = 11,
                            .block_size = 6,
                            .n_layer = 2,
                            .n_head = 2,
                            .n_embd = 8,
                            .position = position});
}

void train_a_step(const nn::LanguageModel& model) {
  const Tensor ids = randint(0, 11, {2, 6});
  cross_entropy(model(ids).view({12, 11}), ids.view({12})).backward();
}

/// Attends with these options, forwards and backwards, and with weights asked for too.
void attend(const nn::MultiheadAttention& attention, nn::AttendOptions options) {
  const Tensor x = randn({2, 3, 8}).requires_grad_();
  for (const bool need_weights : {false, true}) {
    options.need_weights = need_weights;
    attention(x, x, x, options).output.sum().backward();
  }
}

}  // namespace

TEST(AnomalyGuardOnModels, HasNothingAgainstAnyPosition) {
  for (const auto& [name, position] : nn::position_names()) {
    const nn::LanguageModel model = model_with(position);
    const AnomalyGuard guard;
    EXPECT_NO_THROW(train_a_step(model)) << name;
    model.eval();
    EXPECT_NO_THROW(static_cast<void>(generate(model, randint(0, 11, {1, 2}), 5, {.top_k = 3})));
  }
}

TEST(AnomalyGuardOnModels, HasNothingAgainstAnyMask) {
  manual_seed(2);
  const nn::MultiheadAttention attention(8, 2);
  const Tensor causal = triu(full({3, 3}, 1), 1).to(bool_);
  const Tensor padding = tensor({{0, 0, 1}, {0, 1, 1}}, bool_);
  const Tensor floating = masked_fill(zeros({3, 3}), causal, -inf);
  const AnomalyGuard guard;
  EXPECT_NO_THROW(attend(attention, {.is_causal = true}));
  EXPECT_NO_THROW(attend(attention, {.attn_mask = causal}));
  EXPECT_NO_THROW(attend(attention, {.attn_mask = floating}));
  EXPECT_NO_THROW(attend(attention, {.key_padding_mask = padding}));
  EXPECT_NO_THROW(attend(attention, {.key_padding_mask = padding, .attn_mask = floating}));
  EXPECT_NO_THROW(attend(attention, {.key_padding_mask = padding, .is_causal = true}));
  EXPECT_NO_THROW(attend(attention, {.key_padding_mask = ones({2, 3}, bool_)}));
}

TEST(AnomalyGuardOnModels, HasNothingAgainstAMaskThatLearns) {
  const Tensor q = randn({1, 3, 4}).requires_grad_();
  const Tensor bias = zeros({3, 3}).requires_grad_();
  const AnomalyGuard guard;
  const Tensor masked = masked_fill(bias, tensor({{0, 1, 1}, {0, 0, 1}, {1, 1, 1}}, bool_), -inf);
  EXPECT_NO_THROW(scaled_dot_product_attention(q, q, q, {.attn_mask = masked}).sum().backward());
}

TEST(AnomalyGuardOnModels, HasNothingAgainstReports) {
  const nn::LanguageModel model = model_with(nn::Position::alibi);
  const Tensor ids = randint(0, 11, {2, 6});
  const AnomalyGuard guard;
  EXPECT_NO_THROW(static_cast<void>(scale_report(model, ids, ids)));
  EXPECT_NO_THROW(check_encoding(nn::ALiBi(2)));
  EXPECT_NO_THROW(check_encoding(nn::RelativePositionBias(2)));
}

TEST(AnomalyGuardOnModels, NamesTheModuleWhereAWeightIsBroken) {
  const nn::LanguageModel model = model_with(nn::Position::alibi);
  for (const auto& [name, tensor] : model.named_parameters())
    if (name.ends_with("in_proj_bias"))
      nn::init::constant_(tensor, 10);
    else if (name.ends_with("attn.out_proj.weight"))
      nn::init::constant_(tensor, 3e38);
  const AnomalyGuard guard;
  expect_error<Error>([&] { train_a_step(model); }, {"attn.out_proj: linear: ", "inf"});
}

}  // namespace rill::testing
