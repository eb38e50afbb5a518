#include <sstream>

#include <gtest/gtest.h>
#include <rill/rill.h>

#include "tests/support/expect.h"

// Names that were guessed by people who know PyTorch, beside those of names_test.cpp.

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_values;

template <class T>
std::string printed(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

TEST(FurtherNames, ShapesOfOthers) {
  const Tensor x = tensor({{1.0, 2.0}, {3.0, 4.0}}), flat = zeros(4);
  expect_values(tensor({5.0, 6.0}).expand_as(x), {5, 6, 5, 6});
  EXPECT_EQ(x.view_as(flat).shape(), Shape{4});
  expect_values(x.T().reshape_as(flat), {1, 3, 2, 4});
}

TEST(FurtherNames, NewTensorsHaveTheDtypeOfTheOld) {
  const Tensor x = ones({1}, float64);
  expect_values(x.new_zeros(1, 2), {0, 0});
  expect_values(x.new_ones(2), {1, 1});
  expect_values(x.new_full({2}, 7), {7, 7});
  EXPECT_EQ(x.new_empty({2, 3}).shape(), Shape({2, 3}));
  for (const Tensor& made : {x.new_zeros(1), x.new_ones(1), x.new_full({1}, 2), x.new_empty(1)})
    EXPECT_EQ(made.dtype(), float64);
}

TEST(FurtherNames, SpreadsComeWithTheirMean) {
  const Tensor x = tensor({{1.0, 3.0}, {2.0, 6.0}});
  const auto [variance, mean] = var_mean(x, 1);
  expect_values(variance, {2, 8});
  expect_values(mean, {2, 4});
  const auto [deviation, all] = std_mean(x, {}, 0);
  expect_values(all, {3});
  expect_values(deviation, x.std({}, 0).to_vector());
  EXPECT_EQ(var_mean(x, 0, 1, true).second.shape(), Shape({1, 2}));
}

TEST(FurtherNames, WrittenInPlace) {
  const Tensor x = tensor({1.0, 2.0, 3.0});
  const Tensor& same = x.lerp_(tensor({3.0, 2.0, 1.0}), 0.5);
  EXPECT_EQ(&same, &x);
  expect_values(x, {2, 2, 2});
  x.scatter_add_(0, tensor({2, 0, 2}), tensor({1.0, 2.0, 3.0}));
  expect_values(x, {4, 2, 6});
}

TEST(FurtherNames, NormsOfLinalg) {
  const Tensor x = tensor({{3.0, 4.0}, {6.0, 8.0}});
  expect_values(linalg::vector_norm(x, 2, 1), {5, 10}, 1e-6);
  expect_values(linalg::vector_norm(x, 1), {21});
  expect_values(linalg::norm(x), {x.norm().item()});
}

TEST(FurtherNames, MaximaOfNothingAndDimsThatDoNotMatchAreRefused) {
  expect_error<IndexError>([] { return amax(zeros({2, 0}), 1); }, {"amax", "[2, 0]"});
  expect_error<ShapeError>([] { return movedim(zeros({2, 3}), {0, 1}, 0); }, {"movedim", "2", "1"});
  expect_error<ShapeError>([] { return movedim(zeros({2, 3}), {0, 0}, {0, 1}); }, {"movedim"});
  expect_error<IndexError>([] { return movedim(zeros({2, 3}), 0, 2); }, {"movedim", "2"});
  expect_error<ShapeError>(
      [] {
        return take_along_dim(zeros({2, 3}), zeros({2}, int64), 0);
      },
      {"take_along_dim", "[2, 3]", "[2]"});
  expect_values(movedim(scalar(3), {}, {}), {3});
}

TEST(FurtherNames, AHandleRemovesItsHook) {
  const Tensor x = ones(1).requires_grad_();
  const auto handle = x.register_hook([](const Tensor& gradient) { return gradient * 10; });
  const auto kept = x.register_hook([](const Tensor& gradient) { return gradient + 1; });
  handle.remove();
  handle.remove();
  x.sum().backward();
  expect_values(x.grad(), {2});
  x.remove_hook(kept);
}

TEST(FurtherNames, StatesAreAskedByNameAndPrinted) {
  const StateDict state{{"weight", tensor({1.0})}, {"bias", tensor({2.0})}};
  expect_values(state.at("bias"), {2});
  EXPECT_EQ(state.at(1).name, "bias");
  expect_error<ValueError>([&] { return state.at("scale"); }, {"'scale'", "weight, bias"});
  EXPECT_EQ(printed(state), "weight: tensor([1.])\nbias: tensor([2.])");
}

TEST(FurtherNames, WhatHoldsTensorsPrints) {
  const Tensor x = tensor({{1.0, 2.0}, {3.0, 4.0}});
  EXPECT_EQ(printed(x.max(1)), "values = tensor([2., 4.])\nindices = tensor([1, 1])");
  EXPECT_EQ(printed(x.chunk(2)), "tensor([[1., 2.]])\ntensor([[3., 4.]])");
  const inspect::Table table{.columns = {"n"}, .rows = {{"1"}}};
  EXPECT_EQ(printed(table), table.text());
  const nn::Linear layer(2, 1);
  const inspect::GradientAudit audit(layer);
  EXPECT_EQ(printed(audit), audit.text());
  const nn::ModelSummary summary = nn::summary(layer, x);
  EXPECT_EQ(printed(summary), summary.text());
  const nn::ScaleReport report{.first_loss = 1, .even_loss = 1};
  EXPECT_EQ(printed(report), report.text());
}

TEST(FurtherNames, StringsStandForEnumerators) {
  const Tensor x = tensor({1.0, -2.0}), y = zeros(2);
  expect_values(mse_loss(x, y, "sum"), {5});
  expect_values(l1_loss(x, y, {.reduction = "none"}), {1, 2});
  expect_values(gelu(x, "tanh"), gelu(x, Gelu::tanh).to_vector());
  expect_values(gelu(x, {.approximate = "none"}), gelu(x).to_vector());
  EXPECT_EQ(Choice<Reduction>("batchmean"), Reduction::batchmean);
  EXPECT_EQ(Choice<Reduction>(std::string("mean")), Reduction::mean);
  expect_error<ValueError>([&] { return mse_loss(x, y, "summ"); },
                           {"\"summ\"", "mean, none, sum, batchmean"});
}

TEST(FurtherNames, AttentionTakesWhatPyTorchTakesInItsOrder) {
  const Tensor q = tensor({{1.0, 2.0}, {0.5, -1.0}}), mask = tensor({{1, 0}, {1, 1}}, bool_);
  const auto causal = scaled_dot_product_attention(q, q, q, {.is_causal = true}).to_vector();
  expect_values(scaled_dot_product_attention(q, q, q, mask), causal);
  expect_values(scaled_dot_product_attention(q, q, q, mask, 0.0), causal);
  expect_values(scaled_dot_product_attention(q, q, q, {}, 0.0, true), causal);
  expect_values(scaled_dot_product_attention(q, q, q, {.attn_mask = mask, .dropout_p = 0}), causal);
}

template <class T>
concept HasLinearAlgebra = requires(const T& x) {
  linalg::norm(x, 2);
};
template <class T>
concept FillsInPlaceByIndex = requires(const T& x) {
  x.index_fill_(0, x, 1);
};

TEST(FurtherNames, OthersAreAbsent) {
  static_assert(!HasLinearAlgebra<Tensor> && !FillsInPlaceByIndex<Tensor>);
}

}  // namespace
}  // namespace rill
