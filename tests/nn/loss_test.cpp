#include <gtest/gtest.h>

#include <type_traits>

#include <rill/nn/loss.h>

#include "tests/support/expect.h"

namespace rill::testing {

TEST(CrossEntropyLoss, GivesThePublishedNumbersWithWeightsIgnoredRowsAndSmoothing) {
  const Tensor logits = tensor({{1.0, 2.0, 0.5}, {0.1, -1.0, 2.0}, {0.0, 0.0, 0.0}}, float64);
  const Tensor target = tensor({0, 2, -100}, int64);
  const auto loss = [&](Reduction reduction) {
    return nn::CrossEntropyLoss({.weight = tensor({0.5, 1.0, 3.0}, float64),
                                 .reduction = reduction,
                                 .label_smoothing = 0.1})(logits, target);
  };
  expect_values(loss(Reduction::none), {.895287937, .649752451, 0}, 1e-9);
  expect_values(loss(Reduction::sum), {1.545040388}, 1e-9);
  expect_values(loss(Reduction::mean), {.441440111}, 1e-9);
}

TEST(CrossEntropyLoss, WeightIsABufferThatFollowsTo) {
  const nn::CrossEntropyLoss loss({.weight = ones({2})});
  EXPECT_TRUE(loss.parameters().empty());
  loss.to(float64);
  expect_values(loss(zeros({1, 2}, float64), tensor({1}, int64)), {0.6931471805599453}, 1e-12);
}

TEST(CrossEntropyLoss, SmoothingOutsideItsRangeIsRefused) {
  expect_error<ValueError>([] { nn::CrossEntropyLoss({.label_smoothing = 1.1}); },
                           {"label_smoothing", "1.1"});
}

TEST(MSELoss, TakesItsReductionAloneOrInBraces) {
  const Tensor x = tensor({1.0, 3.0}), y = zeros({2});
  expect_values(nn::MSELoss({.reduction = Reduction::sum})(x, y), {10});
  expect_values(nn::MSELoss(Reduction::none)(x, y), {1, 9});
  expect_values(nn::MSELoss({})(x, y), {5});
}

TEST(Losses, AreTheirFunctions) {
  const Tensor x = tensor({-2.0, -0.5}), y = tensor({0.5, 0.25});
  expect_values(nn::L1Loss({.reduction = "sum"})(x, y), {3.25});
  expect_values(nn::HuberLoss({.reduction = "none", .delta = 0.5})(x, y), {1.125, 0.25});
  expect_values(nn::SmoothL1Loss({.reduction = "none", .beta = 0.5})(x, y), {2.25, 0.5});
  expect_values(nn::KLDivLoss({.reduction = "batchmean"})(x, y),
                kl_div(x, y, {.reduction = Reduction::batchmean}).to_vector());
  expect_values(nn::MSELoss({.reduction = "sum"})(x, y), {6.8125});
}

TEST(Losses, TakeTheirReductionByPosition) {
  const Tensor x = tensor({-2.0, -0.5}), y = tensor({0.5, 0.25});
  expect_values(nn::MSELoss("sum")(x, y), {6.8125});
  expect_values(nn::L1Loss(Reduction::sum)(x, y), {3.25});
  expect_values(nn::HuberLoss("none", 0.5)(x, y), {1.125, 0.25});
  expect_values(nn::SmoothL1Loss("none", 0.5)(x, y), {2.25, 0.5});
  expect_values(nn::KLDivLoss("batchmean", true)(x, y),
                kl_div(x, y, "batchmean", true).to_vector());
  expect_values(huber_loss(x, y, "none", 0.5), {1.125, 0.25});
  static_assert(!std::is_constructible_v<nn::CrossEntropyLoss, const char*>);
  static_assert(!std::is_constructible_v<nn::HuberLoss, double>);
}

TEST(Losses, TakeAWeightAlone) {
  const Tensor x = tensor({{-1.0, -2.0}, {-3.0, -0.5}}), w = tensor({1.0, 3.0});
  const Tensor target = tensor({1, 0}), t = ones({2, 2});
  expect_values(nn::NLLLoss(w)(x, target), {2.25});
  expect_values(nll_loss(x, target, w), {2.25});
  expect_values(nn::CrossEntropyLoss(w)(x, target),
                cross_entropy(x, target, {.weight = w}).to_vector());
  expect_values(cross_entropy(x, target, w), cross_entropy(x, target, {.weight = w}).to_vector());
  expect_values(nn::BCEWithLogitsLoss(w)(x, t),
                binary_cross_entropy_with_logits(x, t, {.weight = w}).to_vector());
  expect_values(binary_cross_entropy_with_logits(x, t, w),
                binary_cross_entropy_with_logits(x, t, {.weight = w}).to_vector());
}

TEST(NLLLoss, WeightIsABufferThatFollowsTo) {
  const nn::NLLLoss loss({.weight = tensor({1.0, 3.0}), .reduction = "sum"});
  EXPECT_EQ(loss.state_dict()[0].name, "weight");
  loss.to(float64);
  expect_values(loss(tensor({{-1.0, -2.0}}, float64), tensor({1})), {6});
}

TEST(MSELoss, ShapesMustBeEqual) {
  expect_error<ShapeError>([] { nn::MSELoss()(ones({2, 1}), ones({2})); }, {"[2, 1]", "[2]"});
}

TEST(BCEWithLogitsLoss, PosWeightIsABufferThatFollowsTo) {
  const nn::BCEWithLogitsLoss loss({.pos_weight = full({1}, 2)});
  loss.to(float64);
  // -2 log σ(0) = 2 log 2.
  expect_values(loss(zeros({1}, float64), ones({1}, float64)), {1.3862943611198906}, 1e-12);
}

}  // namespace rill::testing
